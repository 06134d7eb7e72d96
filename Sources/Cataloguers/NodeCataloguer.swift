// SPDX-License-Identifier: EUPL-1.2

import JSON
import SBOM

/// Packages of Node.js, from the `package.json` at the root of each.
///
/// Source: npm documentation, "package.json".
public enum NodeCataloguer: Cataloguer {
    /// Its name, in problems and in the keys of caches.
    public static let name = "node"
    /// Counts up with every change of what it finds.
    public static let version = 2

    /// Who reads this file; nil when it is of no interest.
    public static func scanner(for file: CandidateFile) -> (any FileScanner)? {
        guard file.name == "package.json", isPackageRoot(file.path) else { return nil }
        return WholeFileScanner(file, limit: 4 << 20, parse: catalogued)
    }

    /// Whether a `package.json` here describes a package: directly in `node_modules/x` or `node_modules/@scope/x`, or outside of all
    /// `node_modules`, where it is an application or a package that a distribution installs elsewhere.
    ///
    /// Deeper inside a package lie settings of single folders and fixtures of tests, which name what is not installed.
    static func isPackageRoot(_ path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard let modules = parts.lastIndex(of: "node_modules") else { return true }
        let inside = parts[(modules + 1)...].dropLast()
        guard let first = inside.first else { return false }
        return first.hasPrefix("@") ? inside.count == 2 : inside.count == 1
    }

    private static func catalogued(_ bytes: [UInt8]) -> Catalogued {
        do {
            // npm reads past a byte order mark.
            let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
            let fields = try JSONFields(try JSONValue(parsing: text, limits: JSONLimits(takesLastMember: true)))
            // A project that is not published needs neither; it is no package then.
            guard let name = try fields.optionalString("name"), let version = try fields.optionalString("version"),
                !name.isEmpty, !version.isEmpty
            else { return Catalogued() }
            guard let name = PackageText.identity(name), let version = PackageText.identity(version),
                let purl = purl(name, version)
            else { return Catalogued(problems: ["its name or version is no text that a package can have"]) }
            let component = Component(
                ecosystem: "npm",
                name: name,
                version: version,
                purl: purl,
                supplier: person(fields.members["author"]),
                licenses: licenses(fields)
            )
            return Catalogued(components: [component])
        } catch {
            return Catalogued(problems: ["\(error)"])
        }
    }

    /// The purl; a scope is the namespace.
    static func purl(_ name: String, _ version: String) -> PackageURL? {
        guard let slash = name.utf8.firstIndex(of: 0x2F) else {
            return PackageURL(type: "npm", name: name, version: version)
        }
        let rest = String(name[name.utf8.index(after: slash)...])
        return PackageURL(type: "npm", namespace: String(name[..<slash]), name: rest, version: version)
    }

    /// `license` as a text, an object or a list of them, else the obsolete `licenses`.
    private static func licenses(_ fields: JSONFields) -> [String] {
        for key in ["license", "licenses"] {
            guard let value = fields.members[key] else { continue }
            let found = (value.arrayValue ?? [value]).prefix(20).compactMap { entry in
                (entry.stringValue ?? entry["type"]?.stringValue).flatMap { PackageText.prose($0.utf8) }
            }
            if !found.isEmpty { return found }
        }
        return []
    }

    /// `Name <address> (site)`, or an object with these.
    private static func person(_ value: JSONValue?) -> String? {
        guard let value else { return nil }
        if let text = value.stringValue { return PackageText.prose(text.utf8) }
        guard let name = value["name"]?.stringValue else { return nil }
        let address = value["email"]?.stringValue.map { " <\($0)>" } ?? ""
        return PackageText.prose((name + address).utf8)
    }
}
