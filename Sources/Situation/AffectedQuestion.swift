// SPDX-License-Identifier: EUPL-1.2

import Advisories
public import OCI
public import SBOM

/// What somebody wants to know the affected images of.
public enum AffectedQuestion: Sendable, Hashable {
    /// A vulnerability by any of its names: a CVE, a GHSA, an advisory of a distribution or of the node's operator.
    case vulnerability(String)
    /// A package, in a range of versions.
    case package(PackageRange)
    /// An image by its digest.
    case image(Digest)
    /// All images that stand on an image's layers.
    case base(Digest)
    /// A file by the SHA-256 of its bytes, in any layer.
    case file(Digest)
    /// A file by its path, without the leading slash, in any layer.
    case path(String)

    /// Longest question, in bytes.
    public static let maximumLength = 1024

    /// Reads a question.
    ///
    /// `CVE-2021-44228` · `GHSA-jfh8-c2jp-5v3q` · `pkg:maven/org.apache.logging.log4j/log4j-core@<2.15` · `sha256:…` · `base:sha256:…` ·
    /// `file:sha256:…` · `path:/usr/bin/xz`. A digest that is no image's is taken for a file's, see ``Situation``.
    public init(parsing text: String) throws(AffectedQuestionError) {
        // Of a path every space counts.
        if text.hasPrefix("path:") {
            self = .path(try Self.path(String(text.dropFirst("path:".count))))
            return
        }
        let text = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard !text.isEmpty else { throw .empty }
        guard text.utf8.count <= Self.maximumLength else { throw .tooLong }
        if text.hasPrefix("pkg:") {
            self = .package(try PackageRange(parsing: text))
        } else if text.hasPrefix("base:") {
            self = .base(try Self.digest(String(text.dropFirst("base:".count))))
        } else if text.hasPrefix("file:") {
            self = .file(try Self.fileDigest(String(text.dropFirst("file:".count))))
        } else if text.hasPrefix("sha256:") || text.hasPrefix("sha512:") {
            self = .image(try Self.digest(text))
        } else {
            guard text.utf8.allSatisfy({ Self.isLetterOfNames($0) }), text.utf8.contains(where: { $0 == 0x2D }) else {
                throw .unknown(text)
            }
            self = .vulnerability(Self.canonical(text))
        }
    }

    /// The question as it is asked.
    public var text: String {
        switch self {
        case .vulnerability(let name): name
        case .package(let range): range.text
        case .image(let digest): digest.description
        case .base(let digest): "base:" + digest.description
        case .file(let digest): "file:" + digest.description
        case .path(let path): "path:/" + path
        }
    }

    /// Files are hashed by SHA-256 alone; the digits may stand by themselves, as `sha256sum` writes them.
    private static func fileDigest(_ text: String) throws(AffectedQuestionError) -> Digest {
        let digest = try digest(text.contains(":") ? text : "sha256:" + text.lowercased())
        guard digest.algorithm == .sha256 else { throw .digest(text, "files are known by their SHA-256") }
        return digest
    }

    /// The path as manifests have it: `.` and empty parts gone, `..` applied by name.
    private static func path(_ text: String) throws(AffectedQuestionError) -> String {
        guard text.utf8.count <= maximumLength else { throw .tooLong }
        guard text.utf8.first == 0x2F else { throw .path(text, "it begins with /") }
        guard !text.utf8.contains(0) else { throw .path(text, "no path holds a NUL") }
        guard !text.utf8.contains(0x2A) else { throw .path(text, "it is one exact path, without *") }
        var parts: [String] = []
        for part in text.utf8.split(separator: 0x2F).map({ String(Substring($0)) }) where part != "." {
            guard part != ".." else {
                _ = parts.popLast()
                continue
            }
            parts.append(part)
        }
        guard !parts.isEmpty, text.utf8.last != 0x2F else { throw .path(text, "it names no file") }
        return parts.joined(separator: "/")
    }

    private static func digest(_ text: String) throws(AffectedQuestionError) -> Digest {
        do { return try Digest(parsing: text) } catch { throw .digest(text, "\(error)") }
    }

    /// Names as feeds write them: `cve-2021-44228` and `ghsa-JFH8-…` mean the same as their canonical forms.
    private static func canonical(_ name: String) -> String {
        let upper = name.uppercased()
        if upper.hasPrefix("CVE-") { return upper }
        if upper.hasPrefix("GHSA-") { return "GHSA-" + name.dropFirst("GHSA-".count).lowercased() }
        return name
    }

    private static func isLetterOfNames(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x3A, 0x5F: true
        default: false
        }
    }
}

/// Why a question is none.
public enum AffectedQuestionError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Nothing was asked.
    case empty
    /// It is longer than ``AffectedQuestion/maximumLength``.
    case tooLong
    /// It has none of the known forms.
    case unknown(String)
    /// A digest is none.
    case digest(String, String)
    /// A package URL is none.
    case package(String, String)
    /// A range of versions is none.
    case range(String, String)
    /// A path is none.
    case path(String, String)

    /// What, where, why, what next.
    public var description: String {
        switch self {
        case .empty:
            "ask for a vulnerability (CVE-2021-44228), a package (pkg:maven/org.apache.logging.log4j/log4j-core@<2.15), an image (sha256:…), a base image (base:sha256:…) or a file (file:sha256:…, path:/usr/bin/xz)"
        case .tooLong: "a question has at most \(AffectedQuestion.maximumLength) bytes"
        case .unknown(let text):
            "\"\(Self.excerpt(text))\" is no vulnerability's name, no package URL and no digest; ask for CVE-2021-44228, pkg:TYPE/NAME@<VERSION, sha256:…, base:sha256:…, file:sha256:… or path:/…"
        case .digest(let text, let reason): "\"\(Self.excerpt(text))\" is no digest: \(reason)"
        case .package(let text, let reason): "\"\(Self.excerpt(text))\" is no package URL: \(reason)"
        case .range(let text, let reason):
            "\"\(Self.excerpt(text))\" is no range of versions: \(reason); write @1.2.3, @<2.15, or @>=2.0,<2.15"
        case .path(let text, let reason):
            "\"\(Self.excerpt(text))\" is no path of a file: \(reason); write path:/usr/bin/xz"
        }
    }

    private static func excerpt(_ text: String) -> String {
        String(text.unicodeScalars.prefix(120).map { $0.value < 0x20 || $0.value == 0x7F ? "?" : Character($0) })
    }
}

/// A package and which of its versions are meant.
public struct PackageRange: Sendable, Hashable {
    /// A bound on versions.
    public struct Bound: Sendable, Hashable {
        /// How a version relates to the bound.
        public enum Relation: String, Sendable, Hashable, CaseIterable {
            /// Earlier.
            case less = "<"
            /// Earlier or the same.
            case lessOrEqual = "<="
            /// Later.
            case greater = ">"
            /// Later or the same.
            case greaterOrEqual = ">="
            /// The same.
            case equal = "="
        }

        /// The relation.
        public let relation: Relation
        /// The version that is compared with.
        public let version: String
    }

    /// The package, with qualifiers where they narrow it; its version is in the bounds.
    public let package: PackageURL
    /// All of these hold; none means every version.
    public let bounds: [Bound]
    /// As it was asked.
    public let text: String

    /// Reads a package URL whose version may be a range: `pkg:deb/debian/openssl@>=3.0.0,<3.0.11-1?arch=amd64`.
    public init(parsing text: String) throws(AffectedQuestionError) {
        self.text = text
        // The version begins at the last `@` of the path: an `@` of a name or a version is written %40.
        let path = text.prefix { $0 != "?" && $0 != "#" }
        let rest = text.dropFirst(path.count)
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        var name = String(path)
        var wanted: [Bound] = []
        if let at = path[slash...].lastIndex(of: "@") {
            name = String(path[..<at])
            wanted = try Self.bounds(String(path[path.index(after: at)...]))
        }
        do { package = try PackageURL(parsing: name + rest) } catch { throw .package(text, error.description) }
        bounds = wanted
    }

    private static func bounds(_ text: String) throws(AffectedQuestionError) -> [Bound] {
        var bounds: [Bound] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let part = String(part.drop { $0 == " " })
            // The longer ones first: `<=` begins with `<`.
            let relation = [Bound.Relation.lessOrEqual, .greaterOrEqual, .less, .greater, .equal]
                .first { part.hasPrefix($0.rawValue) }
            let version = part.dropFirst(relation?.rawValue.count ?? 0).drop { $0 == " " }
            guard let bytes = PercentEncoding.decode(version.utf8),
                let decoded = String(validating: bytes, as: UTF8.self), !decoded.isEmpty
            else { throw .range(text, "a bound has no version") }
            bounds.append(Bound(relation: relation ?? .equal, version: decoded))
            guard bounds.count <= 4 else { throw .range(text, "at most four bounds are compared") }
        }
        return bounds
    }

    /// Whether a component is meant.
    ///
    /// - Returns: nil where its version cannot be compared.
    public func includes(_ component: Component) -> Bool? {
        // Qualifiers of the question narrow it; the package's own may be more.
        let qualifiers = component.purl?.qualifiers ?? [:]
        guard package.qualifiers.allSatisfy({ qualifiers[$0.key] == $0.value }) else { return false }
        guard !bounds.isEmpty else { return true }
        let scheme = VersionScheme(purlType: package.type)
        for bound in bounds {
            if bound.relation == .equal, component.version == bound.version { continue }
            guard let scheme, let order = try? scheme.order(component.version, bound.version) else { return nil }
            let holds =
                switch bound.relation {
                case .less: order < 0
                case .lessOrEqual: order <= 0
                case .greater: order > 0
                case .greaterOrEqual: order >= 0
                case .equal: order == 0
                }
            guard holds else { return false }
        }
        return true
    }
}
