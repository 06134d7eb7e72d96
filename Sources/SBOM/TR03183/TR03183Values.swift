// SPDX-License-Identifier: EUPL-1.2

/// What a value must look like.
enum TR03183Values {
    /// An `http` or `https` URL with a host.
    static func isWebAddress(_ text: String) -> Bool {
        guard text.hasPrefix("https://") || text.hasPrefix("http://"), isPrintable(text) else { return false }
        let host = text.drop { $0 != "/" }.dropFirst(2)
        return host.utf8.first.map { $0 != 0x2F && $0 != 0x3F && $0 != 0x23 } ?? false
    }

    /// A scheme, a colon and something after it (RFC 3986, 3).
    static func isURI(_ text: String) -> Bool {
        guard let colon = text.utf8.firstIndex(of: 0x3A), isPrintable(text) else { return false }
        let scheme = text.utf8[..<colon]
        guard let first = scheme.first, (0x41...0x5A).contains(first & 0xDF) else { return false }
        let isScheme = scheme.allSatisfy {
            (0x41...0x5A).contains($0 & 0xDF) || (0x30...0x39).contains($0) || $0 == 0x2B || $0 == 0x2D || $0 == 0x2E
        }
        return isScheme && text.utf8.index(after: colon) < text.utf8.endIndex
    }

    /// `urn:uuid:` and a UUID, as CycloneDX's schema demands.
    static func isSerialNumber(_ text: String) -> Bool {
        guard text.hasPrefix("urn:uuid:") else { return false }
        let groups = text.utf8.dropFirst(9).split(separator: 0x2D, omittingEmptySubsequences: false)
        return groups.map(\.count) == [8, 4, 4, 4, 12] && groups.allSatisfy { $0.allSatisfy(isHexadecimal) }
    }

    static func isSHA512(_ text: String) -> Bool { text.utf8.count == 128 && text.utf8.allSatisfy(isHexadecimal) }

    /// A value that says that there is none.
    static func isPlaceholder(_ text: String) -> Bool {
        ["", "unknown", "noassertion", "none", "n/a", "unspecified"].contains(text.lowercased())
    }

    /// An SPDX expression, whose references name the entity that keeps them: `LicenseRef-scancode-…` (6.1).
    static func isLicence(_ text: String) -> Bool {
        guard let expression = try? SPDXExpression(parsing: text) else { return false }
        return expression.identifiers.allSatisfy { identifier in
            guard let reference = identifier.split(separator: ":").last, reference.hasPrefix("LicenseRef-") else {
                return true
            }
            let parts = reference.dropFirst("LicenseRef-".count).split(
                separator: "-",
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            return parts.count == 2 && parts.allSatisfy { !$0.isEmpty }
        }
    }

    private static func isPrintable(_ text: String) -> Bool {
        text.utf8.count <= 8192 && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte & 0xDF)
    }
}
