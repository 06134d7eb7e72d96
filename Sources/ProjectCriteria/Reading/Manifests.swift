// SPDX-License-Identifier: EUPL-1.2

/// Files in which projects name dependencies, and the lock files that belong to them.
enum Manifests {
    /// What one ecosystem's files are called.
    struct Ecosystem {
        let name: String
        let manifests: Set<String>
        let locks: Set<String>
    }

    static let ecosystems: [Ecosystem] = [
        Ecosystem(
            name: "npm",
            manifests: ["package.json"],
            locks: ["package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml"]
        ),
        Ecosystem(
            name: "pypi",
            manifests: ["pyproject.toml", "Pipfile", "setup.py", "requirements.txt"],
            locks: ["poetry.lock", "Pipfile.lock", "uv.lock", "pdm.lock", "requirements.txt"]
        ),
        Ecosystem(name: "golang", manifests: ["go.mod"], locks: ["go.sum"]),
        Ecosystem(name: "cargo", manifests: ["Cargo.toml"], locks: ["Cargo.lock"]),
        Ecosystem(name: "composer", manifests: ["composer.json"], locks: ["composer.lock"]),
        Ecosystem(name: "gem", manifests: ["Gemfile"], locks: ["Gemfile.lock"]),
        Ecosystem(name: "swift", manifests: ["Package.swift"], locks: ["Package.resolved"]),
    ]

    /// Names of all lock files.
    static let locks = Set(ecosystems.flatMap(\.locks))

    /// Manifests whose ecosystem has no lock file with hashes that is read here.
    static let withoutLock: Set<String> = ["pom.xml", "build.gradle", "build.gradle.kts"]

    /// A path below a folder for tests and samples: what it names is not installed with the project.
    static func isSample(_ path: String) -> Bool {
        path.split(separator: "/").dropLast().contains { part in
            [
                "test", "tests", "testdata", "fixtures", "fixture", "example", "examples", "samples", "node_modules",
                "vendor",
            ].contains(part.lowercased())
        }
    }

    /// Manifests for which no lock file lies beside them or in a folder above.
    static func unlocked(_ files: [ProjectFile], names: (ProjectFile) -> Bool) -> [String] {
        let paths = Set(files.map(\.path))
        return files.filter { file in
            guard file.kind == .regular, !isSample(file.path), names(file) else { return false }
            guard let ecosystem = ecosystems.first(where: { $0.manifests.contains(String(file.name)) }) else {
                return false
            }
            var folder = file.path.split(separator: "/").dropLast()[...]
            while true {
                for lock in ecosystem.locks {
                    if paths.contains((folder + [Substring(lock)]).joined(separator: "/")) { return false }
                }
                guard !folder.isEmpty else { return true }
                folder = folder.dropLast()
            }
        }
        .map(\.path)
    }
}
