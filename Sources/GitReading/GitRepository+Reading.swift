// SPDX-License-Identifier: EUPL-1.2

/// One commit.
public struct GitCommit: Sendable, Hashable {
    /// Seconds since 1970 at which it was committed.
    public var committedAt: Int64
    /// The author's address in lower case.
    public var authorAddress: String
    /// The author's name.
    public var authorName: String
    /// First line of the message.
    public var subject: String
}

/// One tag.
public struct GitTag: Sendable, Hashable {
    /// Name without `refs/tags/`.
    public var name: String
    /// Seconds since 1970: of the tag object, or of the commit where there is none.
    public var createdAt: Int64
    /// First line of the signature, such as `-----BEGIN SSH SIGNATURE-----`; nil where there is none.
    public var signature: String?
}

/// One entry of a commit's tree.
public struct GitTreeEntry: Sendable, Hashable {
    /// Path from the root.
    public var path: String
    /// Mode as git writes it: `100644`, `100755`, `120000` (link), `160000` (submodule).
    public var mode: String
    /// Object id.
    public var id: String
    /// Bytes; 0 for a submodule.
    public var size: Int64
}

extension GitRepository {
    /// Commits that the head reaches, newest first.
    ///
    /// - Parameter since: seconds since 1970; older commits are left out, and nothing is looked for behind them.
    public func commits(since: Int64) throws(GitError) -> [GitCommit] {
        guard let head else { return [] }
        var commits: [GitCommit] = []
        let format = "--format=%ct%x00%ae%x00%an%x00%s%x00"
        // git takes only numbers of nine digits and more for seconds.
        let start = since >= 100_000_000 ? ["--since=\(since)"] : []
        try records(
            ["log", "-z", "--no-show-signature", "--no-mailmap", "--no-notes"] + start + [format, head, "--"],
            fields: 4,
            separatorAfter: true,
            what: "history"
        ) { (fields) throws(GitError) in
            guard let at = Int64(fields[0]) else { throw GitError.unreadable(what: "history") }
            guard commits.count < self.program.limits.entries else {
                throw GitError.limit(what: "history", limit: "\(self.program.limits.entries) commits")
            }
            commits.append(
                GitCommit(
                    committedAt: at,
                    authorAddress: fields[1].lowercased(),
                    authorName: String(fields[2].prefix(200)),
                    subject: String(fields[3].prefix(500))
                )
            )
        }
        return commits
    }

    /// Ids of the newest commits that the head reaches, itself the first.
    public func revisions(limit: Int) throws(GitError) -> [String] {
        guard let head else { return [] }
        var ids: [String] = []
        // Without a format each line is an id, and nothing else.
        try lines(["rev-list", "--max-count=\(max(0, limit))", head, "--"], what: "history") {
            (line) throws(GitError) in
            guard References.isID(line[...]), ids.count < limit else { throw GitError.unreadable(what: "history") }
            ids.append(line)
        }
        return ids
    }

    /// All tags.
    public func tags() throws(GitError) -> [GitTag] {
        var tags: [GitTag] = []
        let format = "--format=%(refname:strip=2)%00%(creatordate:unix)%00%(contents:signature)%00%00"
        try records(["for-each-ref", format, "refs/tags"], fields: 4, separatorAfter: true, what: "tags") {
            (fields) throws(GitError) in
            guard tags.count < self.program.limits.entries else {
                throw GitError.limit(what: "tags", limit: "\(self.program.limits.entries)")
            }
            // A tag of a tree or a file has no date and stands for no version.
            guard let at = Int64(fields[1]) else { return }
            let signature = fields[2].split(separator: "\n").first.map(String.init)
            tags.append(GitTag(name: String(fields[0].prefix(250)), createdAt: at, signature: signature))
        }
        return tags
    }

    /// The files of the head's commit.
    public func tree() throws(GitError) -> [GitTreeEntry] {
        guard let head else { return [] }
        var entries: [GitTreeEntry] = []
        try records(
            ["ls-tree", "-r", "-z", "--long", "--full-tree", head],
            fields: 1,
            separatorAfter: false,
            what: "files"
        ) {
            (fields) throws(GitError) in
            guard let tab = fields[0].firstIndex(of: "\t") else { throw GitError.unreadable(what: "files") }
            let parts = fields[0][..<tab].split(separator: " ")
            guard parts.count == 4 else { throw GitError.unreadable(what: "files") }
            guard entries.count < self.program.limits.entries else {
                throw GitError.limit(what: "files", limit: "\(self.program.limits.entries)")
            }
            let path = fields[0][fields[0].index(after: tab)...]
            entries.append(
                GitTreeEntry(
                    path: String(path),
                    mode: String(parts[0]),
                    id: String(parts[2]),
                    size: Int64(parts[3]) ?? 0
                )
            )
        }
        return entries
    }

    /// Ids and paths of the files that any branch or tag reaches.
    public func everyFile() throws(GitError) -> [(id: String, path: String)] {
        var found: [(id: String, path: String)] = []
        let limit = program.limits.entries
        var line: [UInt8] = []
        func take() throws(GitError) {
            defer { line.removeAll(keepingCapacity: true) }
            guard let space = line.firstIndex(of: 0x20) else { return }
            let id = String(decoding: line[..<space], as: UTF8.self)
            guard References.isID(id[...]) else { return }
            guard found.count < limit else { throw GitError.limit(what: "history", limit: "\(limit) files") }
            found.append((id, String(decoding: line[(space + 1)...], as: UTF8.self)))
        }
        try program.run(
            ["rev-list", "--objects", "--filter=object:type=blob", "--filter-provided-objects", "--all"],
            in: directory,
            what: "history"
        ) { (piece) throws(GitError) in
            for byte in piece {
                if byte == 0x0A { try take() } else if line.count < 65_536 { line.append(byte) }
            }
            return true
        }
        return found
    }

    /// Reads files by their object ids, each in one piece, in the order in which they are named.
    ///
    /// - Parameter body: gets the index and the bytes; false ends the reading.
    /// - Returns: indices of files that are missing, or no files.
    @discardableResult
    public func read(
        _ ids: [String],
        _ body: (Int, [UInt8]) -> Bool
    ) throws(GitError) -> [Int] {
        var missing: [Int] = []
        var index = 0
        var header: [UInt8] = []
        var contents: [UInt8] = []
        var left = -1
        for id in ids where !References.isID(id[...]) { throw .unreadable(what: id) }
        let limit = program.limits.file
        let input = Array(ids.joined(separator: "\n").utf8) + [0x0A]
        guard !ids.isEmpty else { return [] }
        try program.run(["cat-file", "--batch"], in: directory, what: "files", input: input) {
            (piece) throws(GitError) in
            var rest = piece[...]
            while let first = rest.first {
                if left < 0 {
                    rest = rest.dropFirst()
                    if first != 0x0A {
                        header.append(first)
                        guard header.count < 256 else { throw GitError.unreadable(what: "files") }
                        continue
                    }
                    let parts = String(decoding: header, as: UTF8.self).split(separator: " ")
                    header.removeAll(keepingCapacity: true)
                    if parts.count == 3, let size = Int(parts[2]), size >= 0 {
                        guard Int64(size) <= limit else {
                            throw GitError.limit(what: "a file", limit: "\(limit) bytes")
                        }
                        left = size + 1
                        contents.removeAll(keepingCapacity: true)
                        if parts[1] != "blob" { missing.append(index) }
                    } else {
                        missing.append(index)
                        index += 1
                    }
                    continue
                }
                let taken = rest.prefix(left)
                contents.append(contentsOf: taken)
                left -= taken.count
                rest = rest.dropFirst(taken.count)
                if left == 0 {
                    // Behind each file stands one newline.
                    contents.removeLast()
                    left = -1
                    let isWanted = missing.last != index
                    if isWanted, !body(index, contents) { return false }
                    index += 1
                }
            }
            return true
        }
        return missing
    }

    /// Takes what git prints apart at the ends of lines.
    private func lines(
        _ arguments: [String],
        what: String,
        _ body: (String) throws(GitError) -> Void
    ) throws(GitError) {
        var line: [UInt8] = []
        try program.run(arguments, in: directory, what: what) { (piece) throws(GitError) in
            for byte in piece {
                guard byte == 0x0A else {
                    guard line.count < 4_096 else { throw GitError.limit(what: what, limit: "4096 bytes in one line") }
                    line.append(byte)
                    continue
                }
                try body(String(decoding: line, as: UTF8.self))
                line.removeAll(keepingCapacity: true)
            }
            return true
        }
    }

    /// Takes what git prints apart at zero bytes.
    ///
    /// - Parameter separatorAfter: a newline or a zero follows each record and is left out.
    private func records(
        _ arguments: [String],
        fields count: Int,
        separatorAfter: Bool,
        what: String,
        _ body: ([String]) throws(GitError) -> Void
    ) throws(GitError) {
        var fields: [String] = []
        var field: [UInt8] = []
        var isBetween = false
        try program.run(arguments, in: directory, what: what) { (piece) throws(GitError) in
            for byte in piece {
                if isBetween {
                    isBetween = false
                    if separatorAfter, byte == 0 || byte == 0x0A { continue }
                }
                guard byte == 0 else {
                    guard field.count < 1 << 20 else { throw GitError.limit(what: what, limit: "one MiB in one entry") }
                    field.append(byte)
                    continue
                }
                fields.append(String(decoding: field, as: UTF8.self))
                field.removeAll(keepingCapacity: true)
                if fields.count == count {
                    try body(fields)
                    fields.removeAll(keepingCapacity: true)
                    isBetween = true
                }
            }
            return true
        }
    }
}
