// SPDX-License-Identifier: EUPL-1.2

import Glibc

/// A repository that is read and never obeyed.
///
/// What is opened is a directory of our own with a configuration of our own; of a repository on disk it borrows the objects and copies
/// the references, and of an address it takes a bare copy. So no setting, hook, filter or submodule of the repository is ever looked at,
/// nothing is checked out, and nothing is written to it. The directory goes when the last reference goes.
public final class GitRepository: Sendable {
    /// Branch that was looked at; nil for a detached head.
    public let branch: String?
    /// Object id of its commit; nil when there is none yet.
    public let head: String?
    /// Only the last commits are there.
    public let isShallow: Bool
    /// Address that the repository names as its origin, without a user and a password; nil when it names none that can be shown.
    public let origin: String?
    let directory: String
    let program: GitProgram
    /// The directory of our own in which everything lies, and which goes with it; nil for one that is kept.
    private let root: String?

    private init(
        directory: String,
        root: String?,
        program: GitProgram,
        references: References,
        isShallow: Bool,
        origin: String?
    ) {
        self.directory = directory
        self.root = root
        self.program = program
        branch = references.branch
        head = references.head
        self.isShallow = isShallow
        self.origin = origin
    }

    deinit { if let root { GitFiles.removeTree(root) } }

    /// Opens a copy that is kept.
    convenience init(kept directory: String, origin: String, program: GitProgram) throws(GitError) {
        self.init(
            directory: directory,
            root: nil,
            program: program,
            references: try References(try Place(directory), limit: program.limits.entries),
            isShallow: false,
            origin: origin
        )
    }

    // MARK: - A directory

    /// Opens the repository at a path: a working tree, a linked working tree or a bare repository.
    ///
    /// - Parameter temporaryDirectory: where the directory of our own is made.
    public static func open(
        _ path: String,
        temporaryDirectory: String,
        limits: GitLimits = .standard
    ) throws(GitError) -> GitRepository {
        let program = try GitProgram(limits: limits)
        let place = try Place(path)
        let references = try References(place, limit: limits.entries)
        let directory = try make(temporaryDirectory)
        do throws(GitError) {
            try prepare(directory, place, references)
        } catch {
            GitFiles.removeTree(directory)
            throw error
        }
        return GitRepository(
            directory: directory,
            root: directory,
            program: program,
            references: references,
            isShallow: place.shallow != nil,
            origin: place.origin
        )
    }

    private static func prepare(_ directory: String, _ place: Place, _ references: References) throws(GitError) {
        try GitFiles.write(configuration(objectFormat: place.objectFormat), to: directory + "/config")
        try GitFiles.makeDirectory(directory + "/refs")
        try GitFiles.makeDirectory(directory + "/objects")
        try GitFiles.makeDirectory(directory + "/objects/info")
        try GitFiles.write(place.objects + "\n", to: directory + "/objects/info/alternates")
        let packed = references.all.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)\n" }.joined()
        try GitFiles.write("# pack-refs with: sorted \n" + packed, to: directory + "/packed-refs")
        let head = references.head ?? "ref: refs/heads/none"
        try GitFiles.write(head + "\n", to: directory + "/HEAD")
        if let shallow = place.shallow { try GitFiles.write(shallow, to: directory + "/shallow") }
    }

    static func configuration(objectFormat: String) -> String {
        let isPlain = objectFormat == "sha1"
        return "[core]\n\trepositoryformatversion = \(isPlain ? 0 : 1)\n\tbare = true\n\thooksPath = /dev/null\n"
            + (isPlain ? "" : "[extensions]\n\tobjectFormat = \(objectFormat)\n")
    }

    /// A new directory that only we can read.
    private static func make(_ parent: String) throws(GitError) -> String {
        var template = Array((parent + "/kontor-git-XXXXXX").utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer -> String? in
            guard let base = buffer.baseAddress, mkdtemp(base) != nil else { return nil }
            return String(cString: base)
        }
        guard let made else { throw .temporary(path: parent, reason: String(cString: strerror(errno))) }
        return made
    }

    // MARK: - An address

    /// Copies the repository at an `https://` address into a directory of our own and opens it.
    ///
    /// Redirects are not followed, nobody is asked for a password, submodules and large files stay where they are.
    ///
    /// - Parameters:
    ///   - plainHTTP: also take `http://`, for tests and closed networks.
    ///   - address: an IP address to use for the host, where somebody has looked it up and judged it before.
    public static func copy(
        of url: String,
        temporaryDirectory: String,
        plainHTTP: Bool = false,
        address: String? = nil,
        limits: GitLimits = .standard
    ) throws(GitError) -> GitRepository {
        let target = try GitAddress(url, plainHTTP: plainHTTP)
        let program = try GitProgram(limits: limits)
        let directory = try make(temporaryDirectory)
        let copy = directory + "/copy"
        let settings = settings(target, address: address)
        do throws(GitError) {
            try program.run(
                settings + ["clone", "--quiet", "--bare", "--no-local", "--template=", "--", target.text, copy],
                in: nil,
                what: target.text,
                protocols: plainHTTP ? "https:http" : "https",
                isTooMuch: { GitFiles.size(directory) > limits.copy },
                piece: { (_) throws(GitError) in true }
            )
            let references = try References(try Place(copy), limit: limits.entries)
            return GitRepository(
                directory: copy,
                root: directory,
                program: program,
                references: references,
                isShallow: false,
                origin: target.text
            )
        } catch {
            GitFiles.removeTree(directory)
            throw error
        }
    }
}
