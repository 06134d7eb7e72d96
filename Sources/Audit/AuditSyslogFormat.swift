// SPDX-License-Identifier: EUPL-1.2

internal import JSON
internal import Time

/// Audit events as syslog messages of RFC 5424; a pure function of the event and of who sends it.
///
/// `<PRI>1 TIMESTAMP HOSTNAME kontor PROCID ACTION [kontor@32473 id="…" actor="…" subject="…" hash="…"] BOM text`
///
/// - Facility 13 (log audit), not 10 (security/authorization): most events are pushes, deletions and verdicts, and a
///   receiver that sorts by facility keeps them apart from sign-ins of the operating system, which have other
///   retention.
/// - Severity: 4 (warning) for what was refused, 5 (notice) for what takes away or concerns an account, else 6.
/// - 32473 is the enterprise number for examples (RFC 5612): Kontor has none of its own.
/// - An erased actor is left out, so that it cannot be taken for an account of that name.
/// - At most ``maximumBytes``, which every receiver must take whole (RFC 5425, 4.3.1). What does not fit ends with `…`;
///   the hash still names the whole event.
///
/// Source: RFC 5424, section 6.
public struct AuditSyslogFormat: Sendable, Hashable {
    /// Bytes of the longest message.
    public static let maximumBytes = 2_048
    private static let facility = 13
    private static let actorBytes = 256
    private static let subjectBytes = 768

    private let hostname: String
    private let processID: String

    /// A format.
    ///
    /// - Parameters:
    ///   - hostname: of this node; what RFC 5424 has no place for is replaced.
    ///   - processID: of this process; nil for none.
    public init(hostname: String, processID: Int32? = nil) {
        self.hostname = Self.token(hostname, limit: 255)
        self.processID = processID.map { "\($0)" } ?? "-"
    }

    /// One message, without the length that a transport puts in front.
    public func message(_ event: AuditEvent) -> [UInt8] {
        let priority = Self.facility * 8 + Self.severity(ofAction: event.action)
        var output: [UInt8] = []
        output.reserveCapacity(512)
        func add(_ text: String) { output.append(contentsOf: text.utf8) }
        add("<\(priority)>1 \(Self.timestamp(event.at)) \(hostname) kontor \(processID) ")
        add(Self.token(event.action, limit: 32))
        add(" [kontor@32473 id=\"\(event.id)\"")
        if let actor = event.actor {
            add(" actor=\"")
            Self.append(actor, to: &output, limit: Self.actorBytes, escaping: true)
            add("\"")
        }
        add(" subject=\"")
        Self.append(event.subject, to: &output, limit: Self.subjectBytes, escaping: true)
        add("\" hash=\"")
        add(String(event.hashHex.prefix(128)))
        add("\"] ")
        // Says that what follows is UTF-8 (RFC 5424, 6.4).
        output.append(contentsOf: [0xef, 0xbb, 0xbf])
        let detail = event.detail.map { $0 == .object([:]) ? "" : " " + $0.text(.compact) } ?? ""
        // Each part is bounded before they are joined: they may be long, and only the beginning is used.
        let words = [event.actor ?? "(erased)", event.action, event.subject]
        let text = words.map { String($0.unicodeScalars.prefix(Self.maximumBytes)) }.joined(separator: " ")
        Self.append(text + detail, to: &output, limit: Self.maximumBytes - output.count, escaping: false)
        return output
    }

    /// 4 for what was refused, 5 for what takes away or concerns an account, 6 for everything else.
    static func severity(ofAction action: String) -> Int {
        let verb = action.split(separator: ".").last.map { $0.lowercased() } ?? ""
        if verb.hasSuffix("failed") || verb.hasSuffix("refused") || verb.hasSuffix("denied") { return 4 }
        let takesAway = ["delete", "remove", "revoke", "disable", "erase"].contains { verb.hasPrefix($0) }
        return takesAway || action.hasPrefix("accounts.") ? 5 : 6
    }

    /// RFC 5424 has no form for a year outside 0000 to 9999: such an instant is left out ("-").
    private static func timestamp(_ at: Timestamp) -> String {
        (0...9999).contains(at.date.year) ? at.rfc3339 : "-"
    }

    /// A header field: printable ASCII without spaces, "-" when nothing is left.
    private static func token(_ text: String, limit: Int) -> String {
        var token = ""
        for scalar in text.unicodeScalars.prefix(limit) {
            token.unicodeScalars.append((0x21..<0x7f).contains(scalar.value) ? scalar : "_")
        }
        return token.isEmpty ? "-" : token
    }

    /// Appends text, whole characters only, within a limit in bytes.
    ///
    /// Control characters become U+FFFD: a line end would forge a second entry in the receiver's file, NUL ends the text
    /// for many of them, and an escape sequence works on the terminal of who reads it. So do format characters, which
    /// turn the direction of what is shown.
    private static func append(_ text: String, to output: inout [UInt8], limit: Int, escaping: Bool) {
        let cut = Array("…".utf8)
        let start = output.count
        /// How far what is certain reaches: there is still room for the sign of a cut.
        var certain = start
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x22, 0x5c, 0x5d:
                if escaping { output.append(0x5c) }
                output.append(UInt8(scalar.value))
            case 0x20..<0x7f: output.append(UInt8(scalar.value))
            default: output.append(contentsOf: String(isShown(scalar) ? Character(scalar) : "\u{fffd}").utf8)
            }
            guard output.count - start <= limit else {
                output.removeSubrange(certain...)
                if limit >= cut.count { output.append(contentsOf: cut) }
                return
            }
            if output.count - start <= limit - cut.count { certain = output.count }
        }
    }

    private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}
