// SPDX-License-Identifier: EUPL-1.2

import SBOM

/// What Go (1.18 or later) writes into a program about how it was built.
struct GoBuildInfo {
    /// What became of the bytes.
    enum Outcome {
        /// They are whole.
        case found(GoBuildInfo)
        /// More are needed.
        case incomplete
        /// They can never be read; why.
        case malformed(String)
    }

    /// As written: `go1.22.3`.
    var goVersion: String
    /// Lines of the module text.
    var lines: [String]

    /// Reads the information at the start of `bytes`: 32 bytes of header, then two strings with their lengths.
    static func parse(_ bytes: [UInt8]) -> Outcome {
        var at = 32
        var texts: [[UInt8]] = []
        for _ in 0..<2 {
            var length = 0
            var shift = 0
            while true {
                guard at < bytes.count else { return .incomplete }
                guard shift <= 28 else { return .malformed("the Go build information has no sensible length") }
                let byte = bytes[at]
                at += 1
                length |= Int(byte & 0x7F) << shift
                shift += 7
                if byte & 0x80 == 0 { break }
            }
            guard length <= 4 << 20 else { return .malformed("the Go build information claims \(length) bytes") }
            guard length <= bytes.count - at else { return .incomplete }
            texts.append(Array(bytes[at..<at + length]))
            at += length
        }
        guard texts[0].starts(with: "go".utf8) || texts[0].starts(with: "devel".utf8) else {
            return .malformed("the Go build information names no version of Go")
        }
        var modules = texts[1]
        if modules.count >= 33, modules[modules.count - 17] == 0x0A {
            modules = Array(modules[16..<modules.count - 16])
        } else if !modules.isEmpty {
            return .malformed("the module list in the Go build information is not marked as one")
        }
        let lines = modules.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
        return .found(GoBuildInfo(goVersion: String(decoding: texts[0], as: UTF8.self), lines: lines))
    }

    /// The main module, the modules in it with replacements applied, and the standard library.
    var catalogued: Catalogued {
        var main: (path: String, version: String)?
        var package = ""
        var modules: [(path: String, version: String)] = []
        var settings: [String: String] = [:]
        var lastIsMain = false
        for line in lines {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map { String($0) }
            guard fields.count >= 2 else { continue }
            let module = (path: fields[1], version: fields.count > 2 ? fields[2] : "")
            switch fields[0] {
            case "path": package = fields[1]
            case "mod":
                main = module
                lastIsMain = true
            case "dep":
                modules.append(module)
                lastIsMain = false
            case "=>":
                if lastIsMain { main = module } else if !modules.isEmpty { modules[modules.count - 1] = module }
            case "build":
                if let equals = fields[1].firstIndex(of: "=") {
                    settings[String(fields[1][..<equals])] = String(fields[1][fields[1].index(after: equals)...])
                }
            default: break
            }
        }
        var components: [Component] = []
        if let main, !main.path.isEmpty {
            let known = main.version != "(devel)" && !main.version.isEmpty
            components.append(Self.component(main.path, known ? main.version : Self.develVersion(settings)))
        } else if main == nil, package.contains(".") {
            // Built without modules, as distributions do: only the import path of the program is known.
            components.append(Self.component(package, Self.develVersion(settings)))
        }
        components += modules.filter { !$0.path.isEmpty }.map {
            Self.component($0.path, $0.version == "(devel)" ? "" : $0.version)
        }
        let release = goVersion.drop { !$0.isNumber }.prefix { $0 != " " && $0 != ":" && $0 != "-" }
        // `1.22.3-X:exp` without the dash's experiments; `devel` builds keep what they say.
        components.append(Self.component("stdlib", goVersion.hasPrefix("go") ? Self.cleaned(release) : goVersion))
        return Catalogued(components: components)
    }

    private static func cleaned(_ release: Substring) -> String {
        release.hasSuffix("X") ? String(release.dropLast()) : String(release)
    }

    private static func component(_ path: String, _ version: String) -> Component {
        let parts = path.split(separator: "/").map { String($0) }
        let purl: PackageURL? =
            parts.count < 3
            ? PackageURL(
                type: "golang",
                namespace: parts.count == 2 ? parts[0] : nil,
                name: parts.last ?? path,
                version: version.isEmpty ? nil : version
            )
            : PackageURL(
                type: "golang",
                namespace: parts[0] + "/" + parts[1],
                name: parts[2],
                version: version.isEmpty ? nil : version,
                subpath: parts.count > 3 ? parts[3...].joined(separator: "/") : nil
            )
        return Component(ecosystem: "golang", name: path, version: version, purl: purl)
    }

    /// The version that `-ldflags "-X …version=…"` sets, else a pseudo-version of the commit, else nothing: `(devel)` is none.
    private static func develVersion(_ settings: [String: String]) -> String {
        for word in (settings["-ldflags"] ?? "").split(whereSeparator: { " '\"".contains($0) }) {
            guard let equals = word.firstIndex(of: "=") else { continue }
            let key = word[..<equals].lowercased()
            let value = word[word.index(after: equals)...]
            guard key.hasSuffix("version") || key.hasSuffix(".ver") || key.hasSuffix(".tag") else { continue }
            let digits = value.hasPrefix("v") ? value.dropFirst() : value
            guard digits.first?.isNumber == true, digits.split(separator: ".").count >= 3 else { continue }
            // Modules are versioned with a leading v, which many builds leave out of what they show.
            return "v" + digits
        }
        guard let revision = settings["vcs.revision"], let time = settings["vcs.time"], revision.count >= 12 else {
            return ""
        }
        let stamp = time.filter { $0.isNumber }.prefix(14)
        return stamp.count == 14 ? "v0.0.0-\(stamp)-\(revision.prefix(12))" : ""
    }
}
