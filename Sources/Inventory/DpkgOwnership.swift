// SPDX-License-Identifier: EUPL-1.2

/// Tells which package a file belongs to.
///
/// dpkg lists paths as the package has them, `/bin/su`; on the disk the file is `usr/bin/su` because `bin` is a link. So every listed
/// path is resolved in the file system, and the node that it leads to is owned.
struct DpkgOwnership {
    /// Owner of a node: index into the installed packages.
    private(set) var owners: [Int32: Int32] = [:]

    /// - Parameter only: paths that are asked for; nil asks for all. More may be told.
    init(_ tree: FileTree, _ installed: [DpkgCatalogue.Installed], only: [String]? = nil) {
        guard !installed.isEmpty else { return }
        var byName: [String: Int32] = [:]
        for (index, entry) in installed.enumerated().reversed() {
            byName[entry.package.name] = Int32(index)
            byName[entry.package.name + ":" + entry.package.architecture] = Int32(index)
            if entry.path.hasPrefix(DpkgCatalogue.statusDirectory) {
                byName[String(entry.path.dropFirst(DpkgCatalogue.statusDirectory.count + 1))] = Int32(index)
            }
        }
        let diversions = Self.diversions(tree)
        // A file that is diverted is listed under another name.
        let wanted = only.map { paths in Set((paths + diversions.keys).map { Self.lastPart(Array($0.utf8)[...]) }) }
        var resolver = PathResolver(tree)
        for directory in [DpkgCatalogue.info, DpkgCatalogue.statusDirectory] {
            guard let node = try? tree.node(at: directory), tree.kind(node) == .directory else { continue }
            for (entry, child) in tree.nodes[Int(node)].children {
                let name = entry.text
                guard let dot = name.lastIndex(of: "."), let owner = byName[String(name[..<dot])] else { continue }
                let ending = name[name.index(after: dot)...]
                // Maintainer scripts are executable and in no list: they belong to the package whose name they bear.
                if directory == DpkgCatalogue.info { owners[child] = owner }
                guard ending == "list" || ending == "md5sums", let contents = tree.inode(child).contents else {
                    continue
                }
                // The list has every file that the sums have.
                if ending == "md5sums", let list = tree.nodes[Int(node)].children[FileName(name[..<dot] + ".list")],
                    tree.inode(list).contents != nil
                {
                    continue
                }
                let package = installed[Int(owner)].package.name
                // Line by line: a list of 64 MiB may have 30 million lines.
                var start = contents.startIndex
                while start < contents.endIndex {
                    let end = contents[start...].firstIndex(of: 10) ?? contents.endIndex
                    let line = contents[start..<end]
                    start = end + 1
                    var path = line
                    if ending == "md5sums" {
                        guard let space = line.firstIndex(of: 32) else { continue }
                        path = line[space...].drop { $0 == 32 || $0 == 42 }
                    }
                    if let wanted, !wanted.contains(Self.lastPart(path)) { continue }
                    var text = String(decoding: path.drop { $0 == 47 }, as: UTF8.self)
                    if let diversion = diversions[text], diversion.package != package { text = diversion.target }
                    guard let file = resolver.node(at: text), tree.kind(file) != .directory else { continue }
                    if owners[file] == nil || ending == "list" { owners[file] = owner }
                }
            }
        }
    }

    private static func lastPart(_ path: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        path.lastIndex(of: 47).map { path[($0 + 1)...] } ?? path
    }

    /// Paths that dpkg installs under another name, except for the package that asked for it.
    private static func diversions(_ tree: FileTree) -> [String: (target: String, package: String)] {
        guard let node = try? tree.node(at: "var/lib/dpkg/diversions"), let contents = tree.inode(node).contents
        else { return [:] }
        let lines = contents.prefix(1 << 20).split(separator: 10).map { String(decoding: $0, as: UTF8.self) }
        var diversions: [String: (target: String, package: String)] = [:]
        for index in stride(from: 0, to: lines.count - 2, by: 3) {
            let from = String(lines[index].drop { $0 == "/" })
            diversions[from] = (String(lines[index + 1].drop { $0 == "/" }), lines[index + 2])
        }
        return diversions
    }
}
