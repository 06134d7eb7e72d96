// SPDX-License-Identifier: EUPL-1.2

import Criteria
public import GitReading
import Inventory
public import ProjectCriteria
import SBOM
public import Time

/// Reads a repository into evidence: objects only, nothing is checked out and nothing is run.
public struct ProjectReader: Sendable {
    /// How much is read.
    public struct Limits: Sendable, Hashable {
        /// Bytes of all files of a commit together.
        public var bytes: Int64 = 1 << 30
        /// Bytes of all files of earlier commits together.
        public var pastBytes: Int64 = 4 << 30
        /// Bytes of one file; a larger one is listed and not read.
        public var file: Int64 = 16 << 20
        /// Bytes of a text that checks read.
        public var document: Int64 = 1 << 20
        /// Bytes of all such texts together.
        public var documents: Int64 = 64 << 20
        /// Commits whose ids are listed.
        public var revisions = 1_000

        /// The usual limits.
        public init() {}
    }

    /// How much is read.
    public var limits = Limits()
    /// Also look for secrets in earlier commits.
    public var readsHistory = true

    /// A reader with the usual limits.
    public init() {}

    /// Reads everything but what a forge says.
    ///
    /// Blocks: call it from a thread of its own.
    ///
    /// - Parameters:
    ///   - name: the project as it was named.
    ///   - url: its address, where one is known.
    ///   - now: commits are listed of the year before.
    public func evidence(of repository: GitRepository, name: String, url: String?, now: Timestamp) -> ProjectEvidence {
        var evidence = ProjectEvidence(
            name: name,
            url: url,
            commit: repository.head,
            branch: repository.branch,
            // What was built from a commit that is not listed is not known to lie on the branch: nothing worse.
            revisions: (try? repository.revisions(limit: limits.revisions)) ?? [],
            history: history(of: repository, now: now),
            tags: tags(of: repository)
        )
        let entries: [GitTreeEntry]
        do { entries = try repository.tree() } catch {
            evidence.filesCut = .seen("\(error)")
            evidence.documentsCut = .seen("\(error)")
            evidence.pastSecrets = .unknown(.seen("\(error)"))
            return evidence
        }
        readFiles(entries, repository, &evidence)
        evidence.pastSecrets = pastSecrets(entries, repository)
        return evidence
    }

    // MARK: - History

    private func history(of repository: GitRepository, now: Timestamp) -> Known<[ProjectCommit]> {
        guard !repository.isShallow else {
            return .unknown(
                LocalizedText(
                    de: "die Kopie enthält nur die letzten Commits",
                    en: "the copy holds only the last commits"
                )
            )
        }
        let seconds = now.microseconds / 1_000_000
        let commits: [GitCommit]
        do { commits = try repository.commits(since: seconds - 366 * 86_400) } catch {
            return .unknown(.seen("\(error)"))
        }
        var numbers: [String: Int] = [:]
        return .known(
            commits.map { commit in
                let number = numbers[commit.authorAddress] ?? numbers.count
                numbers[commit.authorAddress] = number
                let isBot = Self.isBot(commit)
                return ProjectCommit(
                    at: Timestamp(seconds: commit.committedAt),
                    author: number,
                    isBot: isBot,
                    isUpdate: isBot && Self.isUpdate(commit.subject)
                )
            }
        )
    }

    static func isBot(_ commit: GitCommit) -> Bool {
        let name = commit.authorName.lowercased()
        let address = commit.authorAddress
        return name.hasSuffix("[bot]") || address.contains("[bot]") || name.contains("renovate")
            || name.contains("dependabot")
            || address.hasPrefix("renovate") || address.contains("_bot_") || name == "weblate"
            || name == "hosted weblate"
    }

    /// The words that Renovate and Dependabot begin with.
    static func isUpdate(_ subject: String) -> Bool {
        let subject = subject.lowercased()
        return subject.contains("update dependency") || subject.contains("update ") || subject.contains("bump ")
            || subject.contains("deps")
    }

    private func tags(of repository: GitRepository) -> Known<[ProjectTag]> {
        let tags: [GitTag]
        do { tags = try repository.tags() } catch { return .unknown(.seen("\(error)")) }
        if repository.isShallow, tags.isEmpty {
            return .unknown(
                LocalizedText(de: "die Kopie enthält keine Tags", en: "the copy holds no tags")
            )
        }
        return .known(
            tags.map { tag in
                let signature: ProjectTag.Signature?
                switch tag.signature {
                case nil: signature = nil
                case let text? where text.contains("SSH SIGNATURE"): signature = .ssh
                case let text? where text.contains("PGP"): signature = .openPGP
                case let text? where text.contains("SIGNED MESSAGE"): signature = .x509
                default: signature = nil
                }
                return ProjectTag(name: tag.name, at: Timestamp(seconds: tag.createdAt), signature: signature)
            }
        )
    }

    // MARK: - Files

    private func readFiles(_ entries: [GitTreeEntry], _ repository: GitRepository, _ evidence: inout ProjectEvidence) {
        var files = entries.map { entry in
            let kind: ProjectFile.Kind =
                switch entry.mode {
                case "120000": .link
                case "160000": .submodule
                default: .regular
                }
            return ProjectFile(path: entry.path, kind: kind, size: entry.size)
        }
        var wanted: [Int] = []
        var total: Int64 = 0
        var skipped: [String] = []
        for (index, entry) in entries.enumerated() where files[index].kind == .regular {
            if entry.size > limits.file || total + entry.size > limits.bytes {
                skipped.append(entry.path)
            } else {
                total += entry.size
                wanted.append(index)
            }
        }
        let scanner = SecretScanner()
        var documents: [String: String] = [:]
        var documentBytes: Int64 = 0
        var locks: [ProjectLockFile] = []
        var problem: LocalizedText?
        var unread: [String] = []
        do {
            let missing = try repository.read(wanted.map { entries[$0].id }) { place, bytes in
                let index = wanted[place]
                let path = entries[index].path
                scan(bytes, path, scanner)
                look(at: bytes, &files[index])
                if ProjectDocuments.isRead(path) {
                    if Int64(bytes.count) <= limits.document, documentBytes + Int64(bytes.count) <= limits.documents {
                        documentBytes += Int64(bytes.count)
                        documents[path] = String(decoding: bytes, as: UTF8.self)
                    } else {
                        unread.append(path)
                    }
                }
                if let lock = LockFiles.read(path: path, bytes) { locks.append(lock) }
                return true
            }
            skipped += missing.map { entries[wanted[$0]].path }
        } catch {
            problem = .seen("\(error)")
            evidence.documentsCut = problem
        }
        unread += skipped.filter { ProjectDocuments.isRead($0) || LockFiles.isOne($0) }
        if !unread.isEmpty { evidence.documentsCut = Self.skipped(unread) }
        if !skipped.isEmpty { problem = Self.skipped(skipped) }
        evidence.files = files
        evidence.filesCut = problem
        evidence.documents = documents
        evidence.lockFiles = locks.sorted { $0.path < $1.path }
        evidence.secrets = secrets(scanner)
    }

    private static func skipped(_ paths: [String]) -> LocalizedText {
        let first = paths.first.map { $0.prefix(200) } ?? ""
        return LocalizedText(
            de: "zu groß oder nicht vorhanden: \(first) und \(paths.count - 1) weitere",
            en: "too large or missing: \(first) and \(paths.count - 1) more"
        )
    }

    private func look(at bytes: [UInt8], _ file: inout ProjectFile) {
        if FileForm.isLargeFilePointer(bytes) {
            file.kind = .largeFilePointer
            return
        }
        file.binary = FileForm.binary(bytes)
        let header = FileForm.header(bytes)
        file.licences = header.licences
        file.hasCopyright = header.hasCopyright
    }

    private func scan(_ bytes: [UInt8], _ path: String, _ scanner: SecretScanner) {
        scanner.begin(path: path, layer: nil, size: Int64(bytes.count))
        bytes.withUnsafeBytes { scanner.data($0, at: 0) }
        scanner.end()
    }

    private func secrets(_ scanner: SecretScanner) -> [ProjectSecret] {
        scanner.hits.filter { $0.confidence == .high }.map { hit in
            ProjectSecret(rule: hit.rule, path: hit.subject, excerpt: hit.excerpt)
        }
    }

    private func pastSecrets(_ entries: [GitTreeEntry], _ repository: GitRepository) -> Known<[ProjectSecret]> {
        guard readsHistory else {
            return .unknown(LocalizedText(de: "nicht verlangt", en: "not asked for"))
        }
        guard !repository.isShallow else {
            return .unknown(
                LocalizedText(
                    de: "die Kopie enthält nur die letzten Commits",
                    en: "the copy holds only the last commits"
                )
            )
        }
        let scanner = SecretScanner()
        var total: Int64 = 0
        do {
            let present = Set(entries.map(\.id))
            var seen: Set<String> = []
            let past = try repository.everyFile().filter { !present.contains($0.id) && seen.insert($0.id).inserted }
            var isCut = false
            try repository.read(past.map(\.id)) { index, bytes in
                total += Int64(bytes.count)
                guard total <= limits.pastBytes else {
                    isCut = true
                    return false
                }
                scan(bytes, past[index].path, scanner)
                return true
            }
            if isCut { return .unknown(.seen("more than \(limits.pastBytes) bytes")) }
        } catch {
            return .unknown(.seen("\(error)"))
        }
        // A secret that is still there is told with the current state.
        return .known(secrets(scanner))
    }
}

extension LocalizedText {
    /// Words of a program, the same in both languages.
    static func seen(_ text: String) -> LocalizedText { LocalizedText(de: text, en: text) }
}
