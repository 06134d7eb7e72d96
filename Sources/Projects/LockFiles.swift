// SPDX-License-Identifier: EUPL-1.2

import JSON
import ProjectCriteria
import SBOM

/// Lock files of the common ecosystems, as components with what they pin and what they pin without a hash.
///
/// Bytes are a stranger's: what cannot be read is a problem of the file, never dropped.
enum LockFiles {
    /// Largest lock file that is read.
    static let sizeLimit = 32 << 20
    /// Most components of one lock file.
    private static let componentLimit = 50_000

    /// Reads a lock file; nil where the name is none.
    static func read(path: String, _ bytes: [UInt8]) -> ProjectLockFile? {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        guard let (ecosystem, parse) = parsers[name] else { return nil }
        var file = ProjectLockFile(path: path, ecosystem: ecosystem)
        guard bytes.count <= sizeLimit else {
            file.problem = "it has \(bytes.count) bytes; at most \(sizeLimit) are read"
            return file
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            file.problem = "it is no UTF-8 text"
            return file
        }
        do {
            let pins = try parse(text)
            // A requirements.txt without an exact version is a list of wishes and pins nothing.
            if pins.isEmpty, name == "requirements.txt" { return nil }
            guard pins.count <= componentLimit else { throw LockFileError("more than \(componentLimit) entries") }
            var seen: Set<String> = []
            for pin in pins where seen.insert(pin.name + "\u{0}" + pin.version).inserted {
                file.components.append(component(pin, ecosystem, path))
                if !pin.hasHash { file.withoutHash.append(pin.name) }
            }
        } catch {
            file.problem = "\(error)"
        }
        return file
    }

    /// Names a lock file.
    static func isOne(_ path: String) -> Bool {
        parsers[path.split(separator: "/").last.map(String.init) ?? path] != nil
    }

    /// One thing that is pinned.
    struct Pin {
        var name: String
        var version: String
        var hasHash: Bool
    }

    private static func component(_ pin: Pin, _ ecosystem: String, _ path: String) -> Component {
        var namespace: String?
        var name = pin.name
        if let slash = name.lastIndex(of: "/") {
            namespace = String(name[..<slash])
            name = String(name[name.index(after: slash)...])
        }
        let purl = PackageURL(type: ecosystem, namespace: namespace, name: name, version: pin.version)
        return Component(ecosystem: ecosystem, name: pin.name, version: pin.version, purl: purl, paths: [path])
    }

    private static let parsers: [String: (String, @Sendable (String) throws -> [Pin])] = [
        "package-lock.json": ("npm", npm), "npm-shrinkwrap.json": ("npm", npm), "yarn.lock": ("npm", yarn),
        "pnpm-lock.yaml": ("npm", pnpm), "poetry.lock": ("pypi", tomlPython), "uv.lock": ("pypi", tomlPython),
        "pdm.lock": ("pypi", tomlPython), "Pipfile.lock": ("pypi", pipfile), "requirements.txt": ("pypi", requirements),
        "go.sum": ("golang", goSum), "Cargo.lock": ("cargo", cargo), "composer.lock": ("composer", composer),
        "Gemfile.lock": ("gem", gemfile), "Package.resolved": ("swift", swift),
    ]

    // MARK: - JSON

    private static func root(_ text: String) throws -> JSONFields {
        try JSONFields(
            try JSONValue(parsing: Array(text.utf8), limits: JSONLimits(bytes: sizeLimit, takesLastMember: true))
        )
    }

    private static func npm(_ text: String) throws -> [Pin] {
        let root = try root(text)
        if let packages = try root.optionalObject("packages") {
            var pins: [Pin] = []
            for (path, value) in packages.members.sorted(by: { $0.key < $1.key }) {
                guard let range = path.ranges(of: "node_modules/").last else { continue }
                let entry = try JSONFields(value, path: "$.packages")
                // A link leads to another folder of the same repository.
                if try entry.optionalBool("link") == true { continue }
                guard let version = try entry.optionalString("version") else { continue }
                let name = try entry.optionalString("name") ?? String(path[range.upperBound...])
                let isBundled = try entry.optionalBool("inBundle") == true
                pins.append(Pin(name: name, version: version, hasHash: entry.has("integrity") || isBundled))
            }
            return pins
        }
        guard let dependencies = try root.optionalObject("dependencies") else {
            guard root.has("lockfileVersion") else { throw LockFileError("it has neither packages nor dependencies") }
            return []
        }
        var pins: [Pin] = []
        var open = [dependencies]
        while let next = open.popLast(), pins.count <= componentLimit {
            for (name, value) in next.members.sorted(by: { $0.key < $1.key }) {
                let entry = try JSONFields(value, path: "$.dependencies")
                if let version = try entry.optionalString("version") {
                    let isBundled = try entry.optionalBool("bundled") == true
                    pins.append(Pin(name: name, version: version, hasHash: entry.has("integrity") || isBundled))
                }
                if let inner = try entry.optionalObject("dependencies") { open.append(inner) }
            }
        }
        return pins
    }

    private static func pipfile(_ text: String) throws -> [Pin] {
        let root = try root(text)
        var pins: [Pin] = []
        for section in ["default", "develop"] {
            for (name, value) in try root.optionalObject(section)?.members.sorted(by: { $0.key < $1.key }) ?? [] {
                let entry = try JSONFields(value, path: "$.\(section)")
                guard let version = try entry.optionalString("version") else { continue }
                let hashes = try entry.optionalStrings("hashes") ?? []
                pins.append(Pin(name: name, version: String(version.drop { $0 == "=" }), hasHash: !hashes.isEmpty))
            }
        }
        return pins
    }

    private static func composer(_ text: String) throws -> [Pin] {
        let root = try root(text)
        var pins: [Pin] = []
        for section in ["packages", "packages-dev"] {
            for entry in try root.optionalObjects(section) ?? [] {
                let sum = try entry.optionalObject("dist")?.optionalString("shasum") ?? ""
                // Composer pins the commit where the host has no checksum of the archive.
                let commit = try entry.optionalObject("source")?.optionalString("reference") ?? ""
                let version = try entry.string("version")
                pins.append(
                    Pin(
                        name: try entry.string("name"),
                        version: version.hasPrefix("v") ? String(version.dropFirst()) : version,
                        hasHash: !sum.isEmpty || commit.utf8.count >= 40
                    )
                )
            }
        }
        return pins
    }

    private static func swift(_ text: String) throws -> [Pin] {
        let root = try root(text)
        let entries = try root.optionalObjects("pins") ?? root.optionalObject("object")?.optionalObjects("pins")
        guard let entries else { throw LockFileError("it has no pins") }
        return try entries.map { entry in
            let state = try entry.object("state")
            let address = try entry.optionalString("location") ?? entry.optionalString("repositoryURL") ?? ""
            var name = address.firstRange(of: "://").map { String(address[$0.upperBound...]) } ?? address
            if name.hasSuffix(".git") { name = String(name.dropLast(4)) }
            if name.isEmpty { name = try entry.optionalString("identity") ?? "" }
            let revision = try state.optionalString("revision") ?? ""
            return Pin(
                name: name,
                version: try state.optionalString("version") ?? revision,
                hasHash: revision.utf8.count >= 40
            )
        }
    }

    // MARK: - Lines

    /// `[[package]]` tables of TOML: their `name` and `version`, and whether a line of theirs satisfies `isHash`.
    private static func tables(_ text: String, isHash: (Substring) -> Bool) -> [Pin] {
        var pins: [Pin] = []
        var current: Pin?
        for line in text.split(separator: "\n") {
            if line.hasPrefix("[[package]]") {
                if let pin = current { pins.append(pin) }
                current = Pin(name: "", version: "", hasHash: false)
            } else if line.hasPrefix("["), !line.hasPrefix("[package."), !line.hasPrefix("[[package.") {
                if let pin = current { pins.append(pin) }
                current = nil
            } else if current != nil {
                if line.hasPrefix("name = ") { current?.name = quoted(line) }
                if line.hasPrefix("version = ") { current?.version = quoted(line) }
                if isHash(line) { current?.hasHash = true }
            }
        }
        if let pin = current { pins.append(pin) }
        return pins.filter { !$0.name.isEmpty && !$0.version.isEmpty }
    }

    private static func quoted(_ line: Substring) -> String {
        String(line.drop { $0 != "\"" }.dropFirst().prefix { $0 != "\"" })
    }

    private static func tomlPython(_ text: String) throws -> [Pin] {
        // The project itself and packages of a working copy have no file to hash.
        let local = text.split(separator: "[[package]]").dropFirst().filter {
            $0.contains("source = { virtual") || $0.contains("source = { editable")
                || $0.contains("type = \"directory\"")
        }
        let names = Set(
            local.compactMap { part in part.split(separator: "\n").first { $0.hasPrefix("name = ") }.map(quoted) }
        )
        // Older files of poetry list hashes by name at the end.
        let listed = text.firstRange(of: "[metadata.files]").map { text[$0.upperBound...] }
        return tables(text) { $0.contains("sha256:") }.filter { !names.contains($0.name) }.map { pin in
            var pin = pin
            if !pin.hasHash, let listed, listed.contains("\n\(pin.name) = [\n    {file") { pin.hasHash = true }
            return pin
        }
    }

    private static func cargo(_ text: String) throws -> [Pin] {
        // Members of the workspace have no source and come from this repository.
        let remote = text.split(separator: "[[package]]").dropFirst().filter { $0.contains("\nsource = ") }
        return remote.flatMap { part in
            tables("[[package]]" + part) {
                $0.hasPrefix("checksum = ") || $0.hasPrefix("source = \"git+") && $0.contains("#")
            }
        }
    }

    private static func goSum(_ text: String) throws -> [Pin] {
        var pins: [Pin] = []
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: " ")
            guard parts.count == 3 else { throw LockFileError("a line has \(parts.count) words instead of 3") }
            // The hash of a go.mod alone says that somebody asked, not that the module is used.
            guard !parts[1].hasSuffix("/go.mod") else { continue }
            pins.append(Pin(name: String(parts[0]), version: String(parts[1]), hasHash: parts[2].hasPrefix("h1:")))
        }
        return pins
    }

    private static func requirements(_ text: String) throws -> [Pin] {
        let joined = text.replacing("\r\n", with: "\n").replacing("\\\n", with: " ")
        var pins: [Pin] = []
        for line in joined.split(separator: "\n") {
            let line = line.drop { $0 == " " }
            guard let match = line.prefixMatch(of: /([A-Za-z0-9][A-Za-z0-9._\-]*)(\[[^\]]*\])?\s*==\s*([^\s;#*]+)/)
            else { continue }
            pins.append(
                Pin(
                    name: match.output.1.lowercased(),
                    version: String(match.output.3),
                    hasHash: line.contains("--hash=")
                )
            )
        }
        return pins
    }

    private static func yarn(_ text: String) throws -> [Pin] {
        var pins: [Pin] = []
        var current: Pin?
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            if !line.hasPrefix(" ") {
                if let pin = current, !pin.version.isEmpty { pins.append(pin) }
                let key = line.drop { $0 == "\"" }.prefix { $0 != "," && $0 != "\"" && $0 != ":" }
                let at = key.dropFirst().firstIndex(of: "@")
                current = at.map { Pin(name: String(key[..<$0]), version: "", hasHash: false) }
                // What stands behind `workspace:` is this repository.
                if line.contains("@workspace:") || line.hasPrefix("__metadata") { current = nil }
            } else if line.hasPrefix("  version") {
                current?.version = line.dropFirst(9).filter { $0 != "\"" && $0 != " " && $0 != ":" }
            } else if line.hasPrefix("  integrity") || line.hasPrefix("  checksum") {
                current?.hasHash = true
            }
        }
        if let pin = current, !pin.version.isEmpty { pins.append(pin) }
        return pins
    }

    private static func pnpm(_ text: String) throws -> [Pin] {
        guard let start = text.firstRange(of: "\npackages:\n") else { return [] }
        var pins: [Pin] = []
        for line in text[start.upperBound...].split(separator: "\n") {
            guard line.hasPrefix(" ") else { break }
            if line.hasPrefix("  "), !line.hasPrefix("   ") {
                let key =
                    line.filter { $0 != " " && $0 != "'" && $0 != "\"" }.prefix { $0 != "(" }.split(separator: ":")
                    .first ?? ""
                let plain = key.drop { $0 == "/" }
                guard let at = plain.dropFirst().lastIndex(of: "@") else { continue }
                let version = plain[plain.index(after: at)...]
                pins.append(Pin(name: String(plain[..<at]), version: String(version), hasHash: false))
            } else if line.contains("integrity:"), !pins.isEmpty {
                pins[pins.count - 1].hasHash = true
            }
        }
        return pins
    }

    private static func gemfile(_ text: String) throws -> [Pin] {
        var sums: Set<String> = []
        var pins: [Pin] = []
        var section = ""
        for line in text.split(separator: "\n") {
            if !line.hasPrefix(" ") {
                section = String(line)
                continue
            }
            guard let match = line.wholeMatch(of: /( {2}| {4})([A-Za-z0-9._\-]+) \(([^)]+)\)( sha256=.+)?/) else {
                continue
            }
            if section == "CHECKSUMS", match.output.4 != nil { sums.insert(String(match.output.2)) }
            if section == "GEM", match.output.1.count == 4 {
                pins.append(Pin(name: String(match.output.2), version: String(match.output.3), hasHash: false))
            }
        }
        return pins.map { Pin(name: $0.name, version: $0.version, hasHash: sums.contains($0.name)) }
    }
}

/// Why a lock file cannot be read.
struct LockFileError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
