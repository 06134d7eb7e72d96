// SPDX-License-Identifier: EUPL-1.2

/// Which names of certificates are meant: one name, or names of one form.
///
/// Written as `email:release@example.org`, `uri:https://forge.example/group/project` or `dns:build.example.org`. A `*` stands for one or more
/// characters other than `/`, `@`, `?`, `#` and blanks, so that it stays inside one part of a name; everything else is the character itself,
/// and the whole name must fit. Matching costs the length of the name times that of the pattern, both bounded.
public struct IdentityPattern: Sendable, Hashable, CustomStringConvertible {
    /// What kind of name is meant.
    public let kind: CertificateName.Kind
    private let pattern: [UInt8]

    /// Longest pattern, in bytes.
    public static let maximumBytes = 512
    /// Most places that vary.
    public static let maximumWildcards = 8

    /// Reads a pattern; nil for a text that is none.
    public init?(_ text: String) {
        guard let colon = text.firstIndex(of: ":"), let kind = CertificateName.Kind(rawValue: String(text[..<colon]))
        else { return nil }
        let pattern = Array(text[text.index(after: colon)...].utf8)
        let stars = pattern.count { $0 == Self.star }
        guard (1...Self.maximumBytes).contains(pattern.count), stars <= Self.maximumWildcards,
            pattern.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), pattern.contains(where: { $0 != Self.star }),
            !zip(pattern, pattern.dropFirst()).contains(where: { $0 == Self.star && $1 == Self.star })
        else { return nil }
        // Without a host that is written out anybody could bring the rest.
        guard kind != .uri || Self.hasHost(pattern) else { return nil }
        self.kind = kind
        self.pattern = pattern
    }

    private static let star: UInt8 = 0x2A

    /// Whether a URI has its scheme and all of its host written out.
    private static func hasHost(_ pattern: [UInt8]) -> Bool {
        guard let fixed = pattern.firstIndex(of: star) else { return true }
        let text = String(decoding: pattern[..<fixed], as: UTF8.self)
        guard let scheme = text.firstRange(of: "://") else { return text.contains(":") }
        return text[scheme.upperBound...].contains("/") && !text[scheme.upperBound...].hasPrefix("/")
    }

    /// Whether a name fits, from its first character to its last.
    public func matches(_ name: CertificateName) -> Bool {
        guard name.kind == kind else { return false }
        let text = Array(name.text.utf8)
        guard text.count <= CertificateLimits.nameBytes else { return false }
        // fits[i]: the pattern so far fits the first i characters.
        var fits = [Bool](repeating: false, count: text.count + 1)
        fits[0] = true
        for unit in pattern {
            var next = [Bool](repeating: false, count: text.count + 1)
            for index in text.indices {
                let isFit =
                    unit == Self.star
                    ? (fits[index] || next[index]) && Self.varies(text[index]) : fits[index] && text[index] == unit
                if isFit { next[index + 1] = true }
            }
            fits = next
        }
        return fits[text.count]
    }

    private static func varies(_ unit: UInt8) -> Bool {
        unit > 0x20 && unit < 0x7F && !Array("/@?#".utf8).contains(unit)
    }

    /// The kind, a colon, and the pattern.
    public var description: String { "\(kind.rawValue):\(String(decoding: pattern, as: UTF8.self))" }
}
