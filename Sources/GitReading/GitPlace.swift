// SPDX-License-Identifier: EUPL-1.2

/// Where the parts of a repository on disk lie, found by reading and never by asking git.
struct Place {
    /// Directory with the head of this working tree.
    let own: String
    /// Directory with references and objects, which linked working trees share.
    let common: String
    /// Absolute path of the objects.
    let objects: String
    /// `sha1` or `sha256`.
    let objectFormat: String
    /// The list of cut commits; nil for a complete repository.
    let shallow: String?
    /// Address of the remote `origin`, without a user and a password.
    let origin: String?

    init(_ path: String) throws(GitError) {
        func fail(_ reason: String) -> GitError { .noRepository(path: path, reason: reason) }
        guard GitFiles.isDirectory(path) else { throw fail("it is no directory") }
        guard path.hasPrefix("/") else { throw fail("the path is not absolute") }
        var own = path
        if GitFiles.isDirectory(path + "/.git") {
            own = path + "/.git"
        } else if let pointer = GitFiles.text(path + "/.git", limit: 4096) {
            guard pointer.hasPrefix("gitdir: ") else { throw fail(".git names no directory") }
            let named = Self.line(String(pointer.dropFirst(8)))
            own = named.hasPrefix("/") ? named : path + "/" + named
        }
        guard GitFiles.text(own + "/HEAD", limit: 4096) != nil else { throw fail("there is no .git/HEAD") }
        var common = own
        if let named = GitFiles.text(own + "/commondir", limit: 4096).map(Self.line) {
            common = named.hasPrefix("/") ? named : own + "/" + named
        }
        let objects = common + "/objects"
        guard GitFiles.isDirectory(objects) else { throw fail("there is no directory objects") }
        // The path becomes a line of a file that git reads.
        guard objects.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }), !objects.contains("\"") else {
            throw fail("the path has a quotation mark or a control character")
        }
        let settings = Self.settings(GitFiles.text(common + "/config") ?? "")
        if let storage = settings["extensions.refstorage"], storage != "files" {
            throw fail("it stores references as \(storage.prefix(32)), which is not read")
        }
        let format = settings["extensions.objectformat"] ?? "sha1"
        guard format == "sha1" || format == "sha256" else { throw fail("it uses the hash \(format.prefix(32))") }
        self.own = own
        self.common = common
        self.objects = objects
        objectFormat = format
        shallow = GitFiles.text(common + "/shallow", limit: 16 << 20).flatMap { text in
            let lines = text.split(separator: "\n").filter(References.isID)
            return lines.isEmpty ? nil : lines.joined(separator: "\n") + "\n"
        }
        origin = settings["remote.origin.url"].flatMap(GitAddress.shown)
    }

    private static func line(_ text: String) -> String {
        String(text.prefix { $0 != "\n" && $0 != "\r" && $0 != "\r\n" })
    }

    /// The few settings that are needed, `section.key` in lower case; the last of several counts.
    ///
    /// Not git's grammar but its common part: a value in an unusual form is not found, and then counts as not set.
    static func settings(_ text: String) -> [String: String] {
        var section = ""
        var found: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let line = line.drop { $0 == " " || $0 == "\t" }
            if line.hasPrefix("[") {
                let name = line.dropFirst().prefix { $0 != "]" }
                section = name.lowercased().replacing(" \"", with: ".").replacing("\"", with: "")
            } else if let equals = line.firstIndex(of: "=") {
                let key = line[..<equals].filter { $0 != " " && $0 != "\t" }.lowercased()
                let value = line[line.index(after: equals)...].drop { $0 == " " || $0 == "\t" }
                let end = value.lastIndex { $0 != " " && $0 != "\t" && $0 != "\r" }
                found["\(section).\(key)"] = end.map { String(value[...$0]) } ?? ""
            }
        }
        return found
    }
}

/// The references of a repository, read from its files.
struct References {
    /// `refs/heads/main` and the like → object id.
    private(set) var all: [String: String] = [:]
    /// Branch of the head; nil for a detached head.
    private(set) var branch: String?
    /// Object id of the head; nil when there is none yet.
    private(set) var head: String?

    init(_ place: Place, limit: Int) throws(GitError) {
        for line in (GitFiles.text(place.common + "/packed-refs", limit: 64 << 20) ?? "").split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, Self.isID(parts[0]), Self.isName(parts[1]) else { continue }
            guard all.count < limit else { throw .limit(what: place.common, limit: "\(limit) references") }
            all[String(parts[1])] = String(parts[0])
        }
        // A loose reference is newer than a packed one.
        var folders = ["refs"]
        while let folder = folders.popLast() {
            let isDeep = folder.split(separator: "/").count > 12
            for entry in GitFiles.entries(place.common + "/" + folder, limit: limit) {
                let name = folder + "/" + entry.name
                if entry.isDirectory {
                    if !isDeep { folders.append(name) }
                } else if let text = GitFiles.text(place.common + "/" + name, limit: 4096) {
                    let id = text.prefix { !$0.isWhitespace }
                    guard Self.isID(id), Self.isName(Substring(name)) else { continue }
                    guard all.count < limit else { throw .limit(what: place.common, limit: "\(limit) references") }
                    all[name] = String(id)
                }
            }
        }
        // Remote-tracking branches are not the project's own; what they reach is read with the others.
        let text = GitFiles.text(place.own + "/HEAD", limit: 4096) ?? ""
        let line = text.prefix { !$0.isNewline }
        if line.hasPrefix("ref: ") {
            let name = String(line.dropFirst(5))
            branch = name.hasPrefix("refs/heads/") ? String(name.dropFirst(11)) : nil
            head = all[name]
        } else if Self.isID(line) {
            head = String(line)
        }
    }

    static func isID(_ text: Substring) -> Bool {
        (text.utf8.count == 40 || text.utf8.count == 64)
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    static func isName(_ text: Substring) -> Bool {
        text.hasPrefix("refs/") && text.utf8.count < 1024 && !text.contains("..") && !text.contains("//")
            && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && !Array("~^:?*[\\".utf8).contains($0) }
    }
}

/// An address that a repository is copied from.
struct GitAddress {
    let text: String
    let host: String
    let port: Int

    init(_ text: String, plainHTTP: Bool) throws(GitError) {
        func fail(_ reason: String) -> GitError { .address(Self.shown(text) ?? "this address", reason: reason) }
        guard text.utf8.count <= 2048, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x5C && $0 != 0x22 })
        else {
            throw fail("it has characters that no address has")
        }
        let isSecure = text.hasPrefix("https://")
        guard isSecure || (plainHTTP && text.hasPrefix("http://")) else {
            throw fail("only https:// is read from; clone it yourself and name the directory")
        }
        let rest = text.dropFirst(isSecure ? 8 : 7)
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard !authority.contains("@") else { throw fail("it holds a user or a password; leave them out") }
        guard !rest.contains("?"), !rest.contains("#"), rest.utf8.count > authority.utf8.count + 1 else {
            throw fail("expected https://HOST/PATH")
        }
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        guard let name = parts.first, !name.isEmpty, parts.count <= 2, !name.hasPrefix("-"), !name.contains("[") else {
            throw fail("expected https://HOST/PATH")
        }
        guard let port = parts.count == 2 ? Int(parts[1]) : isSecure ? 443 : 80, (1...65_535).contains(port) else {
            throw fail("the port is none")
        }
        self.text = text
        host = String(name)
        self.port = port
    }

    /// The web address that stands for a remote: without a user and a password, `git@host:path` as https; nil for paths.
    static func shown(_ remote: String) -> String? {
        guard remote.utf8.count <= 2048, remote.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        if let scheme = remote.firstRange(of: "://") {
            let name = remote[..<scheme.lowerBound]
            guard name == "https" || name == "http" || name == "ssh" else { return nil }
            let rest = remote[scheme.upperBound...]
            let authority = rest.prefix { $0 != "/" }
            let host = authority.split(separator: "@").last ?? authority
            let plain = name == "ssh" ? host.prefix { $0 != ":" } : host
            return "\(name == "ssh" ? "https" : name)://\(plain)\(rest.dropFirst(authority.count))"
        }
        guard let colon = remote.firstIndex(of: ":"), !remote.hasPrefix("/"), !remote.hasPrefix(".") else { return nil }
        let host = remote[..<colon].split(separator: "@").last ?? remote[..<colon]
        guard host.contains("."), !host.contains("/") else { return nil }
        return "https://\(host)/\(remote[remote.index(after: colon)...])"
    }
}
