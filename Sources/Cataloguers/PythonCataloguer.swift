// SPDX-License-Identifier: EUPL-1.2

import JSON
public import SBOM

/// Installed Python distributions: wheels (`*.dist-info`) and eggs (`*.egg-info`, a directory or a file; `EGG-INFO`).
///
/// A distribution that was installed out of a version control system has no release of the index behind its version: its purl carries
/// `vcs_url`, and a matcher must leave such a component out. Source: PyPA specifications, "Core metadata", "Recording the Direct URL Origin".
public enum PythonCataloguer: Cataloguer {
    /// Its name, in problems and in the keys of caches.
    public static let name = "python"
    /// Counts up with every change of what it finds.
    public static let version = 1

    /// Who reads this file; nil when it is of no interest.
    public static func scanner(for file: CandidateFile) -> (any FileScanner)? {
        switch file.name {
        case "METADATA":
            return hasParent(file.path, endingWith: "dist-info") ? PythonMetadata().scanner() : nil
        case "PKG-INFO":
            return hasParent(file.path, endingWith: "egg-info") ? PythonMetadata().scanner() : nil
        case "direct_url.json":
            guard hasParent(file.path, endingWith: "-info") else { return nil }
            return WholeFileScanner(file, limit: 64 << 10, parse: origin)
        case let name where name.hasSuffix(".egg-info"):
            return PythonMetadata().scanner()
        default: return nil
        }
    }

    /// Marks the distributions whose `direct_url.json` names a version control system.
    public static func settle(_ files: [ScannedFile], distribution: Distribution?) -> [Component] {
        var origins: [String: String] = [:]
        for file in files where file.found.components.isEmpty {
            for mark in file.found.marks where mark.hasPrefix(originMark) {
                origins[PackageText.directory(of: file.path)] = String(mark.dropFirst(originMark.count))
            }
        }
        return flattened(
            files.map { file in
                guard let origin = origins[PackageText.directory(of: file.path)] else { return file }
                var file = file
                for index in file.found.components.indices {
                    let component = file.found.components[index]
                    file.found.components[index].purl = purl(component.name, component.version, origin: origin)
                }
                return file
            }
        )
    }

    /// The purl of a distribution; its name is the normalised one (PEP 503), which is what feeds use.
    static func purl(_ name: String, _ version: String, origin: String? = nil) -> PackageURL? {
        PackageURL(
            type: "pypi",
            name: normalised(name),
            version: version,
            qualifiers: origin.map { ["vcs_url": $0] } ?? [:]
        )
    }

    /// Lower case, every run of `-`, `_` and `.` one `-`.
    static func normalised(_ name: String) -> String {
        var result: [UInt8] = []
        for byte in name.lowercased().utf8 {
            let isSeparator = byte == 0x2D || byte == 0x5F || byte == 0x2E
            if !isSeparator { result.append(byte) } else if result.last != 0x2D { result.append(0x2D) }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static let originMark = "vcs_url="

    private static func hasParent(_ path: String, endingWith suffix: String) -> Bool {
        PackageText.directory(of: path).lowercased().hasSuffix(suffix)
    }

    /// `git+https://…@commit`, as purls write it; nothing for archives and directories, which name no revision.
    private static func origin(_ bytes: [UInt8]) -> Catalogued {
        do {
            let fields = try JSONFields(try JSONValue(parsing: bytes))
            guard let control = try fields.optionalObject("vcs_info") else { return Catalogued() }
            let system = try control.string("vcs")
            let url = withoutCredentials(try fields.string("url"))
            let commit = try control.optionalString("commit_id").map { "@\($0)" } ?? ""
            return Catalogued(marks: ["\(originMark)\(system)+\(url)\(commit)"])
        } catch {
            return Catalogued(problems: ["\(error)"])
        }
    }

    /// An inventory is read by more people than the file it was made from.
    private static func withoutCredentials(_ url: String) -> String {
        let bytes = Array(url.utf8)
        guard let scheme = url.firstRange(of: "://") else { return url }
        let start = url.utf8.distance(from: url.utf8.startIndex, to: scheme.upperBound)
        let authority = bytes[start...].prefix { $0 != 0x2F && $0 != 0x3F && $0 != 0x23 }
        guard let at = authority.lastIndex(of: 0x40) else { return url }
        return String(decoding: bytes[..<start] + bytes[(at + 1)...], as: UTF8.self)
    }
}
