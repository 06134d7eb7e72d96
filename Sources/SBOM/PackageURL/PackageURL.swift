// SPDX-License-Identifier: EUPL-1.2

/// A package URL (purl): the name of a package that every tool understands.
///
/// Always held in canonical form, so that two purls of one package are equal and have one text: type and qualifier keys in lower
/// case, names in lower case where the type demands it, qualifiers sorted, empty values gone. Written as syft writes it: `+` as `%2B`,
/// `@` inside a part as `%40`, `:` and `~` plain.
///
/// Source: package-url/purl-spec, PURL-SPECIFICATION and PURL-TYPES.
public struct PackageURL: Sendable, Hashable {
    /// Bytes of text that are read at most.
    public static let maximumLength = 4096

    /// The ecosystem: `deb`, `pypi`, `oci`.
    public let type: String
    /// Segments joined by `/`: `debian`; nil where there is none.
    public let namespace: String?
    /// The package's name.
    public let name: String
    /// The package's version, not encoded.
    public let version: String?
    /// Further facts, not encoded: `arch`, `distro`, `upstream`.
    public let qualifiers: [String: String]
    /// A path inside the package, without slashes at its ends.
    public let subpath: String?

    /// Makes a purl from parts that are not encoded; nil where type, name or a qualifier's key cannot be one.
    public init?(
        type: String,
        namespace: String? = nil,
        name: String,
        version: String? = nil,
        qualifiers: [String: String] = [:],
        subpath: String? = nil
    ) {
        let type = type.lowercased()
        guard Self.isType(type), !name.isEmpty else { return nil }
        var canonical: [String: String] = [:]
        for (key, value) in qualifiers where !value.isEmpty {
            let key = key.lowercased()
            guard Self.isQualifierKey(key), canonical.updateValue(value, forKey: key) == nil else { return nil }
        }
        self.init(
            canonicalType: type,
            namespace: Self.segments(of: namespace ?? ""),
            name: name,
            version: version,
            qualifiers: canonical,
            subpath: Self.segments(of: subpath ?? "").filter { $0 != "." && $0 != ".." }
        )
    }

    /// Applies the rules of the type to parts that are known to be sound.
    init(
        canonicalType type: String,
        namespace: [String],
        name: String,
        version: String?,
        qualifiers: [String: String],
        subpath: [String]
    ) {
        let rule = PackageURLTypeRule(type)
        let joined = namespace.joined(separator: "/")
        self.type = type
        self.namespace = joined.isEmpty ? nil : rule.lowercasesNamespace ? joined.lowercased() : joined
        var name = rule.lowercasesName ? name.lowercased() : name
        if rule.replacesUnderscore { name = String(decoding: name.utf8.map { $0 == 0x5F ? 0x2D : $0 }, as: UTF8.self) }
        self.name = name
        self.version = version.flatMap { $0.isEmpty ? nil : $0 }
        self.qualifiers = qualifiers
        self.subpath = subpath.isEmpty ? nil : subpath.joined(separator: "/")
    }

    /// Its text without version, qualifiers and subpath: what all versions of a package share.
    public var package: String {
        PackageURL(
            canonicalType: type,
            namespace: Self.segments(of: namespace ?? ""),
            name: name,
            version: nil,
            qualifiers: [:],
            subpath: []
        ).description
    }

    /// The same package without qualifiers and subpath.
    public var withoutQualifiers: PackageURL {
        PackageURL(
            canonicalType: type,
            namespace: Self.segments(of: namespace ?? ""),
            name: name,
            version: version,
            qualifiers: [:],
            subpath: []
        )
    }

    /// Split by scalars: a combining mark after a slash makes both one `Character`, which no split by characters would see.
    private static func segments(of text: String) -> [String] {
        text.unicodeScalars.split(separator: "/").map { String($0) }
    }

    static func isType(_ text: String) -> Bool {
        guard let first = text.utf8.first, (0x61...0x7A).contains(first) else { return false }
        return text.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2B || $0 == 0x2D || $0 == 0x2E
        }
    }

    static func isQualifierKey(_ text: String) -> Bool {
        guard let first = text.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return text.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2E || $0 == 0x5F
        }
    }
}

/// What a package type demands of its names.
private struct PackageURLTypeRule {
    let lowercasesNamespace: Bool
    let lowercasesName: Bool
    let replacesUnderscore: Bool

    init(_ type: String) {
        switch type {
        case "alpm", "apk", "bitbucket", "bitnami", "composer", "deb", "gitea", "github", "golang", "hex", "npm":
            (lowercasesNamespace, lowercasesName) = (true, true)
        case "luarocks", "oci", "pub", "pypi": (lowercasesNamespace, lowercasesName) = (false, true)
        case "qpkg", "rpm": (lowercasesNamespace, lowercasesName) = (true, false)
        default: (lowercasesNamespace, lowercasesName) = (false, false)
        }
        replacesUnderscore = type == "pypi"
    }
}

extension PackageURL: CustomStringConvertible {
    /// The canonical text.
    public var description: String {
        var text = "pkg:\(type)/"
        if let namespace {
            for segment in Self.segments(of: namespace) {
                text.appendPercentEncoded(segment)
                text += "/"
            }
        }
        text.appendPercentEncoded(name)
        if let version {
            text += "@"
            text.appendPercentEncoded(version)
        }
        var separator = "?"
        for (key, value) in qualifiers.sorted(by: { $0.key < $1.key }) {
            text += "\(separator)\(key)="
            text.appendPercentEncoded(value)
            separator = "&"
        }
        if let subpath {
            text += "#"
            var first = true
            for segment in Self.segments(of: subpath) {
                if !first { text += "/" }
                text.appendPercentEncoded(segment)
                first = false
            }
        }
        return text
    }
}

extension PackageURL: Comparable {
    /// Orders by text.
    public static func < (left: PackageURL, right: PackageURL) -> Bool { left.description < right.description }
}

extension String {
    /// Appends a part with everything encoded but letters, digits and `-._~:`.
    fileprivate mutating func appendPercentEncoded(_ part: String) {
        // Nearly all parts: nothing to encode.
        guard !part.utf8.allSatisfy(Self.isPlain) else {
            append(part)
            return
        }
        let digits: [Character] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "A", "B", "C", "D", "E", "F"]
        for byte in part.utf8 {
            if Self.isPlain(byte) {
                unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                append("%")
                append(digits[Int(byte >> 4)])
                append(digits[Int(byte & 15)])
            }
        }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x3A, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: true
        default: false
        }
    }
}
