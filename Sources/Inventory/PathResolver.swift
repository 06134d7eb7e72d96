// SPDX-License-Identifier: EUPL-1.2

/// Resolves many paths of a package's file list, keeping what it learned about their directories.
struct PathResolver {
    let tree: FileTree
    private var directories: [FileName: Int32?] = [:]

    init(_ tree: FileTree) { self.tree = tree }

    /// The node at a path, whose last part is not followed.
    mutating func node(at path: String) -> Int32? {
        guard let slash = path.utf8.lastIndex(of: 47) else { return try? tree.node(at: path, followingLast: false) }
        let prefix = FileName(String(path[..<slash]))
        let name = String(path[path.utf8.index(after: slash)...])
        let directory: Int32?
        if let known = directories[prefix] {
            directory = known
        } else {
            directory = (try? tree.node(at: prefix.text)).flatMap { tree.kind($0) == .directory ? $0 : nil }
            directories[prefix] = directory
        }
        return directory.flatMap { tree.nodes[Int($0)].children[FileName(name)] }
    }
}
