// SPDX-License-Identifier: EUPL-1.2

/// One installed package as dpkg's database has it.
struct DpkgPackage: Hashable {
    /// What tells packages apart; a package may be installed for several architectures.
    struct Key: Hashable {
        var name: String
        var version: String
        var architecture: String
    }

    var name: String
    var version: String
    var architecture: String
    /// Name in `Source:`; nil without the field.
    var declaredSource: String?
    /// Version in `Source:`; nil without one.
    var declaredSourceVersion: String?
    var maintainer: String?
    /// `Pre-Depends` and `Depends`, as written.
    var depends: [String]
    var provides: String?

    var key: Key { Key(name: name, version: version, architecture: architecture) }

    /// Fields that are read.
    static let fields: Set<String> = [
        "package", "status", "version", "architecture", "source", "maintainer", "depends", "pre-depends", "provides",
    ]

    /// What a stanza says.
    enum Reading: Equatable {
        case installed(DpkgPackage)
        /// Removed; perhaps its configuration files are still there.
        case notInstalled
        case broken(String)
    }

    /// Reads a stanza of `status` or of a file in `status.d`, which has no `Status`.
    static func read(_ stanza: DebianControl.Stanza) -> Reading {
        if let status = stanza["status"] {
            let words = status.split(separator: " ")
            guard words.count == 3 else {
                return .broken(
                    "package \"\(bounded(stanza["package"] ?? ""))\" has Status \"\(bounded(status))\" instead of three words"
                )
            }
            // Every other state has its files on the disk, wholly or in part.
            if words[2] == "not-installed" || words[2] == "config-files" { return .notInstalled }
        }
        guard let name = stanza["package"], !name.isEmpty else { return .broken("a stanza without Package") }
        guard let version = stanza["version"], !version.isEmpty else {
            return .broken("package \"\(bounded(name))\" has no Version")
        }
        guard name.utf8.count <= 256, version.utf8.count <= 512 else {
            return .broken("package \"\(bounded(name))\" has a name or version of unlikely length")
        }
        var source: String?
        var sourceVersion: String?
        if let field = stanza["source"], !field.isEmpty {
            let open = field.firstIndex(of: "(") ?? field.endIndex
            source = String(field[..<open].split(separator: " ").first ?? "")
            if open < field.endIndex {
                let inner = field[field.index(after: open)...].prefix { $0 != ")" }
                sourceVersion = String(inner).trimmed
            }
            if source?.isEmpty ?? true { source = nil }
        }
        let architecture = stanza["architecture"] ?? ""
        // No version matches a name with a NUL in it, and no database finds one: such a package would be there and never judged.
        guard ![name, version, architecture, source ?? "", sourceVersion ?? ""].contains(where: \.hasControlCharacter)
        else {
            return .broken("package \"\(bounded(name))\" has a control character in a name, version or architecture")
        }
        return .installed(
            DpkgPackage(
                name: name,
                version: version,
                architecture: architecture,
                declaredSource: source,
                declaredSourceVersion: sourceVersion.flatMap { $0.isEmpty ? nil : $0 },
                maintainer: stanza["maintainer"].map { String($0.prefix(512)) },
                depends: [stanza["pre-depends"], stanza["depends"]].compactMap { $0 },
                provides: stanza["provides"]
            )
        )
    }

    /// Names in a relation field: one array per comma, in it the alternatives.
    static func alternatives(_ field: String) -> [[String]] {
        field.split(separator: ",").map { clause in
            clause.split(separator: "|").compactMap { alternative in
                let name = alternative.drop { $0.isWhitespace }
                    .prefix { !$0.isWhitespace && $0 != "(" && $0 != "[" && $0 != ":" && $0 != "<" }
                return name.isEmpty ? nil : String(name)
            }
        }
    }

    private static func bounded(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.prefix(100).map { $0.value < 0x20 ? "?" : $0 }))
    }
}

extension String {
    /// Whether a character of it is no text.
    var hasControlCharacter: Bool { utf8.contains { $0 < 0x20 || $0 == 0x7f } }

    /// Without white space at both ends.
    var trimmed: String {
        guard let start = firstIndex(where: { !$0.isWhitespace }), let end = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(self[start...end])
    }
}
