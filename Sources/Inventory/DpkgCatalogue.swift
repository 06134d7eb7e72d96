// SPDX-License-Identifier: EUPL-1.2

/// Reads dpkg's databases out of the file system: `status`, and `status.d` of images built without dpkg.
struct DpkgCatalogue {
    /// A package and the file that names it.
    struct Installed {
        var package: DpkgPackage
        /// Path of the file, for evidence.
        var path: String
        /// Index of the layer in which this name and version first appeared.
        var layer: Int
    }

    /// What one database file says.
    private struct Parsed {
        var packages: [DpkgPackage]
        var problems: [String]
    }

    static let status = "var/lib/dpkg/status"
    static let statusDirectory = "var/lib/dpkg/status.d"
    static let info = "var/lib/dpkg/info"

    private var firstLayer: [DpkgPackage.Key: Int] = [:]
    private var parsed: [Int32: Parsed] = [:]

    /// Notes which packages a layer brought; to be called after every layer, from the base on.
    mutating func note(_ tree: FileTree, layer: Int) {
        for file in files(tree) where tree.inode(file.node).layer == Int32(layer) {
            for package in parse(tree, file.node).packages where firstLayer[package.key] == nil {
                firstLayer[package.key] = layer
            }
        }
    }

    /// The packages of the final view.
    mutating func installed(_ tree: FileTree, _ problems: inout ProblemLog) -> [Installed] {
        var installed: [Installed] = []
        var seen: Set<DpkgPackage.Key> = []
        let files = files(tree)
        for file in files {
            let layer = Int(tree.inode(file.node).layer)
            let parsed = parse(tree, file.node)
            for problem in parsed.problems {
                problems.add(file.path, layer: layer, problem, affectsComponents: true)
            }
            for package in parsed.packages where seen.insert(package.key).inserted {
                installed.append(
                    Installed(package: package, path: file.path, layer: firstLayer[package.key] ?? layer)
                )
            }
        }
        reportMissing(tree, files.isEmpty, &problems)
        return installed
    }

    // MARK: - Files

    /// The database files of the view as it is now; links are followed inside the root.
    private func files(_ tree: FileTree) -> [(path: String, node: Int32)] {
        var files: [(path: String, node: Int32)] = []
        if let node = try? tree.node(at: Self.status), tree.kind(node) != .directory {
            files.append((Self.status, node))
        }
        guard let directory = try? tree.node(at: Self.statusDirectory), tree.kind(directory) == .directory else {
            return files
        }
        // File names are cut by some builders (`libssl1` for `libssl1.1`): only the field inside counts.
        for name in tree.nodes[Int(directory)].children.keys.map(\.text).sorted()
        where !name.hasSuffix(".md5sums") && !name.hasSuffix(".list") {
            let path = Self.statusDirectory + "/" + name
            if let node = try? tree.node(at: path), tree.kind(node) != .directory { files.append((path, node)) }
        }
        return files
    }

    private mutating func parse(_ tree: FileTree, _ node: Int32) -> Parsed {
        let inode = tree.nodes[Int(node)].inode
        if let parsed = parsed[inode] { return parsed }
        var result = Parsed(packages: [], problems: [])
        if tree.kind(node) != .file {
            result.problems.append("it is no regular file, so its packages are not known")
        } else if let contents = tree.inode(node).contents {
            let broken = DebianControl.read(contents, wanted: DpkgPackage.fields) { stanza in
                switch DpkgPackage.read(stanza) {
                case .installed(let package): result.packages.append(package)
                case .notInstalled: break
                case .broken(let reason): result.problems.append("line \(stanza.line): \(reason)")
                }
            }
            result.problems += broken.map { "line \($0.line): \($0.reason)" }
        } else {
            result.problems.append(
                "its contents were not kept (\(tree.inode(node).size) bytes: too large, or it is reached by a link under another name)"
            )
        }
        parsed[inode] = result
        return result
    }

    /// File lists without a database: somebody removed it to hide what is installed, or to save space.
    private func reportMissing(_ tree: FileTree, _ hasNoDatabase: Bool, _ problems: inout ProblemLog) {
        for path in [Self.status, Self.statusDirectory] {
            do throws(PathProblem) {
                _ = try tree.node(at: path)
            } catch {
                guard error != .missing else { continue }
                problems.add(
                    path,
                    layer: nil,
                    "the package database cannot be reached: \(error.reason)",
                    affectsComponents: true
                )
            }
        }
        guard hasNoDatabase, let info = try? tree.node(at: Self.info), tree.kind(info) == .directory else { return }
        let lists = tree.nodes[Int(info)].children.keys.filter { $0.text.hasSuffix(".list") }.count
        guard lists > 0 else { return }
        problems.add(
            Self.status,
            layer: nil,
            "the package database is gone, but the file lists of \(lists) packages are there",
            affectsComponents: true
        )
    }
}
