// SPDX-License-Identifier: EUPL-1.2

import Criteria
import Glibc

/// Why a path does not lead anywhere.
enum PathProblem: Error, Equatable {
    case missing
    case notADirectory
    case linkLoop
    case leavesRoot
    case tooDeep

    /// In English words.
    var reason: String {
        switch self {
        case .missing: "it is not there"
        case .notADirectory: "a part of its path is no directory"
        case .linkLoop: "its symbolic links do not end"
        case .leavesRoot: "it leads out of the root"
        case .tooDeep: "it lies too deep"
        }
    }
}

/// The file system that a runtime would show, built member by member and layer by layer.
///
/// Paths of members are resolved as a runtime resolves them when it unpacks: symbolic links in the directory part are followed inside
/// the root, the last part is not; what is missing of the directory part is made; `..` stops at the root.
///
/// Source: OCI image-spec v1.1 layer.md, "Applying Changesets"; containerd `archive/tar.go`.
struct FileTree {
    /// What a node is.
    enum Kind: UInt8 { case file, directory, symbolicLink, device, other }

    /// What hard links share.
    struct Inode {
        var kind: Kind
        var mode: UInt32
        var userID: UInt32
        var groupID: UInt32
        var size: Int64
        var layer: Int32
        var hasCapabilities: Bool { !capabilities.isEmpty }
        var links: Int32 = 1
        /// Value of the attribute; empty where there is none.
        var capabilities: [UInt8] = []
        /// Of a regular file's bytes; nil until they were all seen.
        var sha256: FileHash?
        /// Contents of a file that is wanted later; nil when it was not kept.
        var contents: [UInt8]?
    }

    /// A name in a directory.
    struct Node {
        var name: String
        var parent: Int32
        var inode: Int32
        var depth: Int32
        /// Bytes of its path: short links can lead to names that no path could have.
        var pathBytes: Int32
        /// Layer that the name last came with.
        var layer: Int32
        var target: String?
        var children: [FileName: Int32] = [:]
    }

    /// Bytes of a path, as Linux has it.
    private static let pathBytes: Int32 = 4096
    /// Links that are followed on the way to one name, as Linux has it.
    private static let linkHops = 40
    /// Parts of paths that are walked on the way to one name, links' targets included.
    private static let steps = 8192

    static let root: Int32 = 0

    let maximumDepth: Int
    private(set) var nodes: [Node]
    private(set) var inodes: [Inode]
    /// Bytes of regular files that a later member removed or replaced.
    private(set) var hiddenBytes: Int64 = 0
    /// Bytes of contents that are kept now.
    private(set) var keptBytes = 0

    init(maximumDepth: Int) {
        self.maximumDepth = maximumDepth
        nodes = [Node(name: "", parent: 0, inode: 0, depth: 0, pathBytes: 0, layer: 0)]
        inodes = [
            Inode(kind: .directory, mode: 0o755, userID: 0, groupID: 0, size: 0, layer: 0)
        ]
    }

    // MARK: - Paths

    /// The parts of a member's path; `.` and empty parts are gone, `..` is applied by name.
    static func parts(of path: String) throws(PathProblem) -> [String] {
        var parts: [String] = []
        var start = path.utf8.startIndex
        while start < path.utf8.endIndex {
            let end = path.utf8[start...].firstIndex(of: UInt8(ascii: "/")) ?? path.utf8.endIndex
            let part = path[start..<end]
            start = end < path.utf8.endIndex ? path.utf8.index(after: end) : end
            guard part.utf8.first == UInt8(ascii: ".") else {
                if !part.isEmpty { parts.append(String(part)) }
                continue
            }
            if part == "." { continue }
            if part == ".." {
                guard parts.popLast() != nil else { throw .leavesRoot }
            } else {
                parts.append(String(part))
            }
        }
        return parts
    }

    /// The path of a node, without a leading slash.
    func path(of node: Int32) -> String {
        var names: [String] = []
        var current = node
        while current != Self.root {
            names.append(nodes[Int(current)].name)
            current = nodes[Int(current)].parent
        }
        return names.reversed().joined(separator: "/")
    }

    /// The node at `path`, links followed.
    ///
    /// - Parameter followingLast: also follow the last part when it is a symbolic link.
    func node(at path: String, followingLast: Bool = true) throws(PathProblem) -> Int32 {
        var walk = Walk(path)
        while let part = walk.next() {
            try walk.bounded()
            if part == ".." {
                walk.current = nodes[Int(walk.current)].parent
                continue
            }
            guard kind(walk.current) == .directory else { throw .notADirectory }
            guard let child = nodes[Int(walk.current)].children[FileName(part)] else { throw .missing }
            if let target = nodes[Int(child)].target, followingLast || !walk.isAtEnd {
                try walk.follow(target)
            } else {
                walk.current = child
            }
        }
        return walk.current
    }

    /// The directory of those parts, links followed, missing directories made for `layer`.
    mutating func directory(at parts: ArraySlice<String>, layer: Int32) throws(PathProblem) -> Int32 {
        var walk = Walk(parts)
        while let part = walk.next() {
            try walk.bounded()
            if part == ".." {
                walk.current = nodes[Int(walk.current)].parent
                continue
            }
            guard let child = nodes[Int(walk.current)].children[FileName(part)] else {
                let made = Inode(
                    kind: .directory,
                    mode: 0o755,
                    userID: 0,
                    groupID: 0,
                    size: 0,
                    layer: layer
                )
                walk.current = try insert(part, made, into: walk.current, target: nil)
                continue
            }
            if let target = nodes[Int(child)].target {
                try walk.follow(target)
            } else {
                guard kind(child) == .directory else { throw .notADirectory }
                walk.current = child
            }
        }
        return walk.current
    }

    /// Where a walk over parts is, and what is still before it.
    private struct Walk {
        var current = FileTree.root
        private var stack: [String]
        private var hops = 0
        private var steps = 0

        init(_ parts: some BidirectionalCollection<String>) { stack = parts.reversed() }

        init(_ path: String) {
            stack = []
            push(path)
        }

        var isAtEnd: Bool { stack.isEmpty }

        mutating func next() -> String? { stack.popLast() }

        mutating func bounded() throws(PathProblem) {
            steps += 1
            if steps > FileTree.steps { throw .linkLoop }
        }

        mutating func follow(_ target: String) throws(PathProblem) {
            hops += 1
            guard hops <= FileTree.linkHops else { throw .linkLoop }
            if target.utf8.first == UInt8(ascii: "/") { current = FileTree.root }
            push(target)
        }

        private mutating func push(_ path: String) {
            for part in path.utf8.split(separator: UInt8(ascii: "/")).reversed() where !part.elementsEqual(".".utf8) {
                stack.append(String(Substring(part)))
            }
        }
    }

    // MARK: - Members

    func kind(_ node: Int32) -> Kind { inodes[Int(nodes[Int(node)].inode)].kind }

    func inode(_ node: Int32) -> Inode { inodes[Int(nodes[Int(node)].inode)] }

    /// Puts a member in its place: the last one wins, only a directory over a directory keeps what is inside.
    @discardableResult
    mutating func add(_ parts: [String], _ inode: Inode, target: String? = nil) throws(PathProblem) -> Int32 {
        guard let name = parts.last else {
            if inode.kind == .directory { inodes[0] = inode }
            return Self.root
        }
        let parent = try directory(at: parts.dropLast(), layer: inode.layer)
        if let existing = nodes[Int(parent)].children[FileName(name)] {
            if inode.kind == .directory, kind(existing) == .directory {
                inodes[Int(nodes[Int(existing)].inode)] = inode
                nodes[Int(existing)].layer = inode.layer
                return existing
            }
            remove(existing)
        }
        return try insert(name, inode, into: parent, target: target)
    }

    /// Makes one more name for the file at `target`.
    ///
    /// - Returns: the name's node; nil where it is that file already.
    mutating func link(_ parts: [String], to target: [String], layer: Int32) throws(PathProblem) -> Int32? {
        guard let name = parts.last, let last = target.last else { throw .notADirectory }
        let source = try node(at: target.dropLast().joined(separator: "/"))
        guard let linked = nodes[Int(source)].children[FileName(last)] else { throw .missing }
        guard kind(linked) != .directory else { throw .notADirectory }
        let parent = try directory(at: parts.dropLast(), layer: layer)
        let inode = nodes[Int(linked)].inode
        let link = nodes[Int(linked)].target
        if let existing = nodes[Int(parent)].children[FileName(name)] {
            if nodes[Int(existing)].inode == inode { return nil }
            remove(existing)
        }
        let pathBytes = try length(of: name, in: parent)
        inodes[Int(inode)].links += 1
        let node = Node(
            name: name,
            parent: parent,
            inode: inode,
            depth: nodes[Int(parent)].depth + 1,
            pathBytes: pathBytes,
            layer: layer,
            target: link
        )
        nodes.append(node)
        nodes[Int(parent)].children[FileName(name)] = Int32(nodes.count - 1)
        return Int32(nodes.count - 1)
    }

    /// Notes the hash of a file's bytes.
    mutating func note(_ hash: FileHash, of node: Int32) { inodes[Int(nodes[Int(node)].inode)].sha256 = hash }

    /// Whether the final view shows a name; a directory that goes takes all that is in it along.
    func isVisible(_ node: Int32) -> Bool {
        nodes[Int(nodes[Int(node)].parent)].children[FileName(nodes[Int(node)].name)] == node
    }

    /// Keeps the contents of a node for later.
    mutating func keep(_ contents: [UInt8], for node: Int32) {
        let index = Int(nodes[Int(node)].inode)
        keptBytes += contents.count - (inodes[index].contents?.count ?? 0)
        inodes[index].contents = contents
    }

    private mutating func insert(
        _ name: String,
        _ inode: Inode,
        into parent: Int32,
        target: String?
    ) throws(PathProblem) -> Int32 {
        let depth = nodes[Int(parent)].depth + 1
        guard depth <= maximumDepth else { throw .tooDeep }
        let pathBytes = try length(of: name, in: parent)
        inodes.append(inode)
        nodes.append(
            Node(
                name: name,
                parent: parent,
                inode: Int32(inodes.count - 1),
                depth: depth,
                pathBytes: pathBytes,
                layer: inode.layer,
                target: target
            )
        )
        let index = Int32(nodes.count - 1)
        nodes[Int(parent)].children[FileName(name)] = index
        return index
    }

    private func length(of name: String, in parent: Int32) throws(PathProblem) -> Int32 {
        let bytes = nodes[Int(parent)].pathBytes + 1 + Int32(clamping: name.utf8.count)
        guard bytes <= Self.pathBytes else { throw .tooDeep }
        return bytes
    }

    // MARK: - Removal

    /// Removes a name and all below it.
    private mutating func remove(_ node: Int32) {
        detach(node)
        var open = [node]
        while let next = open.popLast() {
            open.append(contentsOf: nodes[Int(next)].children.values)
            nodes[Int(next)].children = [:]
            release(next)
        }
    }

    /// The whiteout of one name: removes what the layers below `layer` put there.
    mutating func whiteout(_ name: String, in directory: Int32, layer: Int32) {
        guard let node = nodes[Int(directory)].children[FileName(name)] else { return }
        removeLower([node], layer)
    }

    /// The opaque whiteout: removes everything in the directory that the layers below `layer` put there.
    mutating func opaque(_ directory: Int32, layer: Int32) {
        removeLower(Array(nodes[Int(directory)].children.values), layer)
    }

    /// Removes nodes of layers below, children first; what this layer brought stays, whatever the order of its members.
    private mutating func removeLower(_ start: [Int32], _ layer: Int32) {
        var order: [Int32] = []
        var open = start
        while let next = open.popLast() {
            order.append(next)
            open.append(contentsOf: nodes[Int(next)].children.values)
        }
        for node in order.reversed() where nodes[Int(node)].layer < layer && nodes[Int(node)].children.isEmpty {
            detach(node)
            release(node)
        }
    }

    private mutating func detach(_ node: Int32) {
        nodes[Int(nodes[Int(node)].parent)].children[FileName(nodes[Int(node)].name)] = nil
    }

    private mutating func release(_ node: Int32) {
        let index = Int(nodes[Int(node)].inode)
        inodes[index].links -= 1
        guard inodes[index].links == 0 else { return }
        if inodes[index].kind == .file { hiddenBytes += inodes[index].size }
        keptBytes -= inodes[index].contents?.count ?? 0
        inodes[index].contents = nil
    }

    // MARK: - View

    /// Calls `body` for every name of the final view but the root, with its path.
    ///
    /// Directory by directory, in the order of names.
    func visit(_ body: (_ node: Int32, _ path: String) -> Void) {
        func push(_ directory: Int32, _ prefix: String, _ open: inout [(Int32, String)]) {
            let children = nodes[Int(directory)].children.sorted { $0.key.text > $1.key.text }
            for (name, child) in children {
                open.append((child, prefix.isEmpty ? name.text : prefix + "/" + name.text))
            }
        }
        var open: [(Int32, String)] = []
        push(Self.root, "", &open)
        while let (node, path) = open.popLast() {
            body(node, path)
            if kind(node) == .directory { push(node, path, &open) }
        }
    }
}

/// A name in a directory, compared byte by byte.
///
/// Swift takes two texts for equal that differ in how an accent is encoded; a file system does not, and one file must not hide another.
struct FileName: Hashable {
    let text: String

    init(_ text: String) { self.text = text }

    static func == (left: FileName, right: FileName) -> Bool {
        let (left, right) = (left.text.utf8, right.text.utf8)
        guard left.count == right.count else { return false }
        let isSame = left.withContiguousStorageIfAvailable { left in
            right.withContiguousStorageIfAvailable { right in
                guard let first = left.baseAddress, let second = right.baseAddress else { return left.isEmpty }
                return memcmp(first, second, left.count) == 0
            }
        }
        return isSame.flatMap { $0 } ?? left.elementsEqual(right)
    }

    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
