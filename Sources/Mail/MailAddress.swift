// SPDX-License-Identifier: EUPL-1.2

/// Where mail goes: `local@domain` in ASCII, without display name, quotes, routes or address literals.
///
/// Narrower than RFC 5321 (4.1.2) on purpose: what is left out is what old relays and shells read as more than a name.
public struct MailAddress: Sendable, Hashable, CustomStringConvertible {
    /// What stands before the `@`; its case is kept, because only its own server knows whether it matters.
    public let local: String
    /// What stands after it, in small letters, in IDNA A-form where it is not ASCII by itself.
    public let domain: String

    /// `local@domain`.
    public var description: String { local + "@" + domain }

    /// Reads an address.
    ///
    /// - Throws: ``MailError/address(_:reason:)``.
    ///
    /// Source: RFC 5321, 4.1.2 (`Dot-string`) and 4.5.3.1 (lengths); RFC 1123, 2.1.
    public init(parsing text: String) throws(MailError) {
        let shown = MailText.shown(text, 100)
        func wrong(_ reason: String) -> MailError { .address(shown, reason: reason) }
        guard text.utf8.count <= 254 else { throw wrong("longer than 254 bytes") }
        for (offset, byte) in text.utf8.enumerated() where !(0x21..<0x7F).contains(byte) {
            if byte >= 0x80 {
                throw wrong("byte \(offset + 1) is not ASCII; write the domain in its A-form (xn--…)")
            }
            throw wrong("byte \(offset + 1) is a space or a control character")
        }
        let parts = text.utf8.split(separator: 0x40, omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw wrong("there must be exactly one @") }
        try Self.check(local: parts[0], wrong)
        try Self.check(domain: parts[1], wrong)
        local = String(decoding: parts[0], as: UTF8.self)
        domain = String(decoding: parts[1], as: UTF8.self).lowercased()
    }

    private static func check(local: Substring.UTF8View, _ wrong: (String) -> MailError) throws(MailError) {
        guard (1...64).contains(local.count) else { throw wrong("1 to 64 bytes stand before the @") }
        guard local.first != 0x2E, local.last != 0x2E, !hasDoubleDot(local) else {
            throw wrong("before the @ a dot stands at an end or beside another")
        }
        // `%` and `!` are routes to relays of old, `|` and a grave accent programs to mail servers of old.
        for byte in local where !isAlphanumeric(byte) && !".#$&'*+-/=?^_{}~".utf8.contains(byte) {
            throw wrong("\(String(UnicodeScalar(byte))) is not allowed before the @")
        }
    }

    private static func check(domain: Substring.UTF8View, _ wrong: (String) -> MailError) throws(MailError) {
        guard (1...253).contains(domain.count) else { throw wrong("1 to 253 bytes stand after the @") }
        let labels = domain.split(separator: 0x2E, omittingEmptySubsequences: false)
        for label in labels {
            guard (1...63).contains(label.count) else { throw wrong("each label of the domain has 1 to 63 bytes") }
            guard label.first != 0x2D, label.last != 0x2D,
                label.allSatisfy({ isAlphanumeric($0) || $0 == 0x2D })
            else {
                throw wrong("a label of the domain is not made of letters, digits and inner hyphens")
            }
        }
        // An address of a machine would pass by the rules that a domain has for its mail.
        if let last = labels.last, last.allSatisfy({ (0x30...0x39).contains($0) }) {
            throw wrong("the domain is no name; an address of a machine is not allowed")
        }
    }

    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    static func hasDoubleDot(_ text: some Sequence<UInt8>) -> Bool {
        var wasDot = false
        for byte in text {
            if byte == 0x2E, wasDot { return true }
            wasDot = byte == 0x2E
        }
        return false
    }
}
