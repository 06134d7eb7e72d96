// SPDX-License-Identifier: EUPL-1.2

import SBOM

/// Tells which package of the operating system a file belongs to.
struct FileOwnership {
    /// Purl of the owner, by node.
    private var owners: [Int32: String] = [:]

    /// - Parameters:
    ///   - dpkg: what dpkg's file lists say, as indices into `packages`.
    ///   - packages: the components of dpkg's packages.
    ///   - owned: what other package databases list.
    init(_ tree: FileTree, dpkg: DpkgOwnership, packages: [Component], owned: [(path: String, purl: String)]) {
        // Written once for each package, not for each of its thousands of files.
        let purls = packages.map { $0.purl?.description }
        owners.reserveCapacity(dpkg.owners.count)
        for (node, index) in dpkg.owners { owners[node] = purls[Int(index)] }
        guard !owned.isEmpty else { return }
        var resolver = PathResolver(tree)
        for entry in owned {
            guard let node = resolver.node(at: entry.path), tree.kind(node) != .directory, owners[node] == nil else {
                continue
            }
            owners[node] = entry.purl
        }
    }

    /// Lets components own the programs that they are: a Go binary proves its own origin, whoever copied it there.
    mutating func claim(_ components: [Component], in tree: FileTree) {
        for component in components {
            guard let purl = component.purl?.description else { continue }
            for path in component.paths {
                guard let node = try? tree.node(at: path, followingLast: false), owners[node] == nil else { continue }
                owners[node] = purl
            }
        }
    }

    /// The purl of the package that owns a node.
    func owner(of node: Int32) -> String? { owners[node] }

    /// The purl of the one package that brought a component: the owner of each file that says that the component is there.
    ///
    /// A file inside an archive (`app.jar!/lib/x.jar`) belongs to whom the archive belongs.
    func owner(of component: Component, in tree: FileTree) -> String? {
        var common: String?
        for path in component.paths {
            let file = path.firstRange(of: "!/").map { String(path[..<$0.lowerBound]) } ?? path
            guard let node = try? tree.node(at: file, followingLast: false), let owner = owners[node] else {
                return nil
            }
            guard common == nil || common == owner else { return nil }
            common = owner
        }
        return common
    }
}
