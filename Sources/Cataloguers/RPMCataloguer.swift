// SPDX-License-Identifier: EUPL-1.2

/// Package databases of rpm: noticed, and said to be unread, so that an image with one never counts as fully listed.
public enum RPMCataloguer: Cataloguer {
    /// Its name, in problems and in the keys of caches.
    public static let name = "rpm"
    /// Counts up with every change of what it finds.
    public static let version = 1

    /// Who reads this file; nil when it is of no interest.
    public static func scanner(for file: CandidateFile) -> (any FileScanner)? {
        guard file.size > 0, let form = databases[String(file.name)] else { return nil }
        guard directories.contains(where: { file.path.hasSuffix($0 + file.name) }) else { return nil }
        return Unread(form)
    }

    /// Lets the bytes pass: that the file is there is all that is said.
    private final class Unread: FileScanner {
        private let form: String

        init(_ form: String) { self.form = form }

        func data(_ bytes: UnsafeRawBufferPointer, at offset: Int64) {}

        func end() -> Catalogued {
            Catalogued(problems: [
                "this version does not read \(form) databases of rpm; the packages in it are not listed"
            ])
        }
    }

    private static let databases = [
        "rpmdb.sqlite": "SQLite", "Packages.db": "NDB", "Packages": "Berkeley DB",
        "container-manifest-2": "Mariner's distroless",
    ]
    private static let directories = ["lib/rpm/", "lib/sysimage/rpm/", "share/rpm/", "lib/rpmmanifest/"]
}
