// SPDX-License-Identifier: EUPL-1.2

/// Where webhooks go: an https URL in one form, without anything that two programs could read in two ways.
///
/// Its path and query often hold a secret of the receiver; ``description`` leaves both out, ``text`` does not.
public struct WebhookURL: Sendable, Hashable, CustomStringConvertible {
    /// Most bytes of a URL.
    public static let maximumBytes = 2048

    /// A name that is looked up when something is sent, or an address.
    public enum Host: Sendable, Hashable {
        /// In small letters.
        case name(String)
        /// An address of IPv4 or IPv6.
        case address(IPAddress)
    }

    /// Whether it is https.
    public let isEncrypted: Bool
    /// A name or an address.
    public let host: Host
    /// The port that stands in it, or the usual one.
    public let port: Int
    /// Path and query; begins with a slash.
    public let target: String

    /// Reads a URL, and refuses one to which the rules let nothing go whatever its name leads to.
    ///
    /// For the moment of registration. Where a name leads is looked at each time when something is sent.
    ///
    /// - Throws: ``WebhookError/url(_:)`` or ``WebhookError/destination(_:reason:)``.
    ///
    /// Source: RFC 3986, read narrowly.
    public init(parsing text: String, under rules: WebhookRules = .standard) throws(WebhookError) {
        guard text.utf8.count <= Self.maximumBytes else { throw .url("longer than \(Self.maximumBytes) bytes") }
        let bytes = Array(text.utf8)
        for (offset, byte) in bytes.enumerated() where !(0x21..<0x7F).contains(byte) {
            throw .url(
                byte >= 0x80
                    ? "byte \(offset + 1) is not ASCII; write a name in its A-form (xn--…) and a path with %…"
                    : "byte \(offset + 1) is a space or a control character"
            )
        }
        guard let scheme = ["https", "http"].first(where: { text.lowercased().hasPrefix($0 + "://") }) else {
            throw .url("it must begin with https://")
        }
        isEncrypted = scheme == "https"
        let start = scheme.utf8.count + 3
        let end = bytes[start...].firstIndex { [0x2F, 0x3F, 0x23, 0x5C].contains($0) } ?? bytes.endIndex
        let authority = bytes[start..<end]
        guard !authority.contains(0x40) else {
            throw .url(
                "name and password in a URL are read differently by different programs; leave out all up to the @"
            )
        }
        let (host, digits) = try Self.split(authority)
        self.host = try Self.host(host)
        port = try digits.map(Self.port) ?? (isEncrypted ? 443 : 80)
        target = try Self.target(bytes[end...])
        try rules.check(self)
    }

    /// The whole URL in one form.
    public var text: String { origin + target }

    /// Scheme, host and port: what a log may hold.
    public var description: String { origin }

    private var origin: String { (isEncrypted ? "https://" : "http://") + authority }

    /// What stands in the Host field: with the port where it is not the usual one.
    var authority: String {
        let name =
            switch host {
            case .name(let name): name
            case .address(let address): address.isIPv4 ? "\(address)" : "[\(address)]"
            }
        return port == (isEncrypted ? 443 : 80) ? name : "\(name):\(port)"
    }

    private static func split(
        _ authority: ArraySlice<UInt8>
    ) throws(WebhookError) -> (host: ArraySlice<UInt8>, port: ArraySlice<UInt8>?) {
        guard authority.first == 0x5B else {
            guard let colon = authority.firstIndex(of: 0x3A) else { return (authority, nil) }
            return (authority[..<colon], authority[(colon + 1)...])
        }
        guard let end = authority.firstIndex(of: 0x5D) else { throw .url("a bracket of the host is not closed") }
        let rest = authority[(end + 1)...]
        guard rest.isEmpty || rest.first == 0x3A else { throw .url("behind the bracket only a port may stand") }
        return (authority[...end], rest.isEmpty ? nil : rest.dropFirst())
    }

    private static func host(_ bytes: ArraySlice<UInt8>) throws(WebhookError) -> Host {
        let text = String(decoding: bytes, as: UTF8.self).lowercased()
        if bytes.first == 0x5B {
            guard text.contains(":"), let address = IPAddress(parsing: String(text.dropFirst().dropLast())) else {
                throw .url("in the brackets there is no IPv6 address")
            }
            return .address(address)
        }
        if let address = IPAddress(parsing: text) { return .address(address) }
        return .name(try name(text))
    }

    /// A host name in small letters: letters, digits and inner hyphens between dots.
    static func name(_ text: String) throws(WebhookError) -> String {
        guard (1...253).contains(text.utf8.count) else { throw .url("the host has not 1 to 253 bytes") }
        let labels = text.utf8.split(separator: 0x2E, omittingEmptySubsequences: false)
        for label in labels {
            guard (1...63).contains(label.count), label.first != 0x2D, label.last != 0x2D,
                label.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2D })
            else {
                throw .url(
                    "the host is not made of labels of letters, digits and inner hyphens, without a dot at its end"
                )
            }
        }
        // `127.1`, `0x7f.1`, `2130706433`: old libraries take these for addresses, and a guard that reads names does
        // not.
        if let last = labels.last, last.allSatisfy({ (0x30...0x39).contains($0) }) || last.starts(with: [0x30, 0x78]) {
            throw .url("the host ends in a number and is no address of four decimal numbers")
        }
        return text
    }

    private static func port(_ digits: ArraySlice<UInt8>) throws(WebhookError) -> Int {
        guard (1...5).contains(digits.count), digits.first != 0x30, digits.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int(String(decoding: digits, as: UTF8.self)), number <= 65_535
        else { throw .url("the port is not a number from 1 to 65535") }
        return number
    }

    /// Path and query, as they are: they stand in the first line of the request, where no other byte may.
    private static func target(_ bytes: ArraySlice<UInt8>) throws(WebhookError) -> String {
        if let hash = bytes.firstIndex(of: 0x23) {
            throw .url("byte \(hash + 1) begins a fragment, which is never sent; leave it out")
        }
        for (index, byte) in zip(bytes.indices, bytes) {
            let isEscape = byte == 0x25
            if isEscape {
                guard index + 2 < bytes.endIndex, bytes[index + 1].isHexDigit, bytes[index + 2].isHexDigit else {
                    throw .url("byte \(index + 1) is a % without two hexadecimal digits")
                }
            }
            let isAlphanumeric =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            guard isEscape || isAlphanumeric || "-._~!$&'()*+,;=:@/?".utf8.contains(byte) else {
                throw .url("byte \(index + 1) may not stand in a path or a query; write it with %…")
            }
        }
        let text = String(decoding: bytes, as: UTF8.self)
        return text.hasPrefix("/") ? text : "/" + text
    }
}
