// SPDX-License-Identifier: EUPL-1.2

import Glibc

extension GitRepository {
    /// Packs that a kept copy may have; beyond, it is fetched anew whole: each fetch adds one.
    static let keptPacks = 50

    /// Brings a kept copy of the repository at an `https://` address up to date and opens it; makes it where there is none.
    ///
    /// The same rules as for ``copy(of:temporaryDirectory:plainHTTP:address:limits:)``. The directory stays, with our own configuration and
    /// nothing but objects and references; one that a crash left behind half done, or that has grown beyond its limit, is made anew once.
    ///
    /// - Parameters:
    ///   - directory: of this repository alone; its parent exists.
    ///   - plainHTTP: also take `http://`, for tests and closed networks.
    ///   - address: an IP address to use for the host, where somebody has looked it up and judged it before.
    /// - Throws: ``GitError``; the copy stays as it was when the repository cannot be reached.
    public static func update(
        _ directory: String,
        from url: String,
        plainHTTP: Bool = false,
        address: String? = nil,
        limits: GitLimits = .standard
    ) throws(GitError) -> GitRepository {
        let target = try GitAddress(url, plainHTTP: plainHTTP)
        let program = try GitProgram(limits: limits)
        let source = Source(target: target, program: program, plainHTTP: plainHTTP, address: address)
        let head = try source.head()
        let isKnown = GitFiles.text(directory + "/kontor-format", limit: 64) == head.objectFormat + "\n"
        let packs = GitFiles.entries(directory + "/objects/pack", limit: 10_000).count { $0.name.hasSuffix(".pack") }
        if isKnown, packs <= keptPacks {
            do throws(GitError) { return try source.fetch(into: directory, head) } catch {
                switch error {
                // A lock or half a pack of a process that ended in the middle, or what is not needed any more.
                case .failed, .limit, .unreadable: break
                default: throw error
                }
            }
        }
        GitFiles.removeTree(directory)
        do throws(GitError) {
            try GitFiles.makeDirectory(directory)
            try prepare(directory, objectFormat: head.objectFormat)
            return try source.fetch(into: directory, head)
        } catch {
            GitFiles.removeTree(directory)
            throw error
        }
    }

    /// Removes a kept copy.
    public static func forget(_ directory: String) { GitFiles.removeTree(directory) }

    /// Bytes of a kept copy on disk.
    public static func size(of directory: String) -> Int64 { GitFiles.size(directory) }

    private static func prepare(_ directory: String, objectFormat: String) throws(GitError) {
        try GitFiles.write(configuration(objectFormat: objectFormat), to: directory + "/config")
        for name in ["/refs", "/objects", "/objects/info", "/objects/pack"] {
            try GitFiles.makeDirectory(directory + name)
        }
        try GitFiles.write("ref: refs/heads/none\n", to: directory + "/HEAD")
        try GitFiles.write(objectFormat + "\n", to: directory + "/kontor-format")
    }

    /// Settings under which git speaks to a host that nobody trusts.
    static func settings(_ target: GitAddress, address: String?) -> [String] {
        let settings = [
            "http.followRedirects=false", "http.lowSpeedLimit=1000", "http.lowSpeedTime=30", "credential.helper=",
            "core.hooksPath=/dev/null", "transfer.unpackLimit=1", "http.proxy=", "submodule.recurse=false",
            "init.templateDir=", "transfer.bundleURI=false", "gc.auto=0", "maintenance.auto=false",
        ]
        let pinned = address.map { address in
            let place = address.contains(":") ? "[\(address)]" : address
            return "http.curloptResolve=\(target.host):\(target.port):\(place)"
        }
        return (settings + (pinned.map { [$0] } ?? [])).flatMap { ["-c", $0] }
    }
}

/// A repository at an address, as far as it is asked.
private struct Source {
    /// What a repository's `HEAD` stands for.
    struct Head {
        /// What the file `HEAD` holds.
        var text = "ref: refs/heads/none"
        /// `sha1` or `sha256`.
        var objectFormat = "sha1"
    }

    let target: GitAddress
    let program: GitProgram
    let plainHTTP: Bool
    let address: String?

    private var protocols: String { plainHTTP ? "https:http" : "https" }

    /// Asks what the default branch is.
    func head() throws(GitError) -> Head {
        var bytes: [UInt8] = []
        try program.run(
            GitRepository.settings(target, address: address) + [
                "ls-remote", "--quiet", "--symref", "--", target.text, "HEAD",
            ],
            in: nil,
            what: target.text,
            protocols: protocols
        ) { (piece) throws(GitError) in
            guard bytes.count + piece.count <= 1 << 16 else {
                throw GitError.limit(what: target.text, limit: "64 KiB of heads")
            }
            bytes += piece
            return true
        }
        var head = Head()
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: "\t", maxSplits: 1)
            guard parts.count == 2, parts[1] == "HEAD" else { continue }
            if parts[0].hasPrefix("ref: ") {
                let name = parts[0].dropFirst(5)
                if References.isName(name), name.hasPrefix("refs/heads/") { head.text = "ref: \(name)" }
            } else if References.isID(parts[0]) {
                if parts[0].utf8.count == 64 { head.objectFormat = "sha256" }
                if head.text == "ref: refs/heads/none" { head.text = String(parts[0]) }
            }
        }
        return head
    }

    func fetch(into directory: String, _ head: Head) throws(GitError) -> GitRepository {
        let limit = program.limits.copy
        try program.run(
            GitRepository.settings(target, address: address) + [
                "fetch", "--quiet", "--prune", "--force", "--no-tags", "--no-write-fetch-head",
                "--no-recurse-submodules",
                "--update-head-ok", "--", target.text, "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*",
            ],
            in: directory,
            what: target.text,
            protocols: protocols,
            isTooMuch: { GitFiles.size(directory) > limit },
            piece: { (_) throws(GitError) in true }
        )
        guard GitFiles.size(directory) <= limit else {
            throw .limit(what: target.text, limit: "\(limit) bytes on disk")
        }
        unlink(directory + "/HEAD")
        try GitFiles.write(head.text + "\n", to: directory + "/HEAD")
        return try GitRepository(kept: directory, origin: target.text, program: program)
    }
}
