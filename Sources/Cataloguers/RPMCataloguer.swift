// SPDX-License-Identifier: EUPL-1.2

public import SBOM

/// Packages of rpm, from its databases; those in a format that is not read are a problem, so that no image with one counts as fully listed.
public enum RPMCataloguer: Cataloguer {
    /// Its name, in problems and in the keys of caches.
    public static let name = "rpm"
    /// Counts up with every change of what it finds.
    public static let version = 2

    /// Bytes of a database that are read at most; the largest distributions, fully installed, have some two hundred MiB.
    private static let limit = 256 << 20

    /// Who reads this file; nil when it is of no interest.
    public static func scanner(for file: CandidateFile) -> (any FileScanner)? {
        let directory = file.path.dropLast(file.name.count)
        // SQLite keeps changes beside the database until it writes them back: packages may be in there and nowhere else.
        if file.name == "rpmdb.sqlite-wal", file.size > 0, own.contains(String(directory)) {
            return Unread(
                "changes of rpm's database that were not written back (its -wal file is not empty) are not read"
            )
        }
        guard file.size > 0, let form = forms[String(file.name)] else { return nil }
        guard directories.contains(where: { directory.hasSuffix($0) }) else { return nil }
        guard own.contains(String(directory)) || form == .berkeley || form == .manifest else {
            return Unread("it is not the image's own database of rpm; the packages in it are not listed")
        }
        switch form {
        case .sqlite: return WholeFileScanner(file, limit: limit) { RPMDatabase.sqlite($0) }
        case .ndb: return WholeFileScanner(file, limit: limit) { RPMDatabase.ndb($0) }
        case .berkeley, .manifest:
            return Unread(
                "this version does not read \(form.rawValue) databases of rpm; the packages in it are not listed"
            )
        }
    }

    /// Gives each package its purl, which names the distribution.
    public static func settle(_ files: [ScannedFile], distribution: Distribution?) -> [Component] {
        files.flatMap { file in
            var file = file
            for index in file.found.components.indices {
                let upstream = file.found.marks.indices.contains(index) ? file.found.marks[index] : ""
                complete(&file.found.components[index], upstream: upstream, distribution: distribution)
            }
            return flattened([file])
        }
    }

    /// Adds what only the image knows: the distribution is the namespace and a qualifier of the purl.
    private static func complete(_ component: inout Component, upstream: String, distribution: Distribution?) {
        component.distribution = distribution
        var version = component.version[...]
        var qualifiers = ["upstream": upstream]
        // A colon is in no version and no release.
        if let colon = version.firstIndex(of: ":") {
            qualifiers["epoch"] = String(version[..<colon])
            version = version[version.index(after: colon)...]
        }
        qualifiers["arch"] = component.architecture
        qualifiers["distro"] = distribution?.purlQualifier
        component.purl = PackageURL(
            type: "rpm",
            namespace: distribution.map { namespaces[$0.id] ?? $0.id },
            name: component.name,
            version: String(version),
            qualifiers: qualifiers
        )
    }

    /// Lets the bytes pass: that the file is there is all that is said.
    private final class Unread: FileScanner {
        private let problem: String

        init(_ problem: String) { self.problem = problem }

        func data(_ bytes: UnsafeRawBufferPointer, at offset: Int64) {}

        func end() -> Catalogued { Catalogued(problems: [problem]) }
    }

    private enum Form: String {
        case sqlite = "SQLite"
        case ndb = "NDB"
        case berkeley = "Berkeley DB"
        case manifest = "Mariner's distroless"
    }

    private static let forms: [String: Form] = [
        "rpmdb.sqlite": .sqlite, "Packages.db": .ndb, "Packages": .berkeley, "container-manifest-2": .manifest,
    ]
    private static let directories = ["lib/rpm/", "lib/sysimage/rpm/", "share/rpm/", "lib/rpmmanifest/"]
    /// Where the image's own database is; in a tree that lies elsewhere in the image, ownership would name wrong files.
    private static let own: Set = [
        "var/lib/rpm/", "usr/lib/sysimage/rpm/", "lib/sysimage/rpm/", "usr/share/rpm/",
    ]
    /// Namespaces of purls that are not the distribution's `ID`.
    private static let namespaces: [String: String] = ["rhel": "redhat"]
}
