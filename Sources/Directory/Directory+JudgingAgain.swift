// SPDX-License-Identifier: EUPL-1.2

public import Database
import JSON
import OCI
import Registry
public import Time

extension Directory {
    /// Kind of the job that has images judged again because something was said of them here; its subject is the key of an entry, or
    /// the address of a source.
    public static let judgeAgainJob = "judge-again"

    /// Has the images judged again whose publisher says that they come from a source, in the transaction of the fact that they rest on.
    ///
    /// - Parameter source: the address, in the form of ``SourceAddress``.
    public static func judgeAgain(imagesOf source: String, at now: Timestamp, in t: Transaction) throws {
        try JobQueue.enqueue(t, kind: judgeAgainJob, subject: source, priority: .feed, now: now)
    }

    /// Has what an entry is about judged again; only images are.
    static func judgeAgain(entry key: String, at now: Timestamp, in t: Transaction) throws {
        guard key.hasPrefix(DirectoryEntry.key(.image, "")) else { return }
        try JobQueue.enqueue(t, kind: judgeAgainJob, subject: key, priority: .feed, now: now)
    }
}

extension DirectoryIndexer {
    /// Repositories that one step looks at.
    private static let stepOfRepositories = 50

    /// The handlers that a node's job runner needs for this room.
    public var jobs: [String: JobRunner.Handler] {
        [Directory.judgeAgainJob: { job in try await judgeAgain(job) }]
    }

    /// Queues the images that a job names.
    func judgeAgain(_ job: Job) async throws {
        let prefix = DirectoryEntry.key(.image, "")
        guard !job.subject.hasPrefix(prefix) else {
            guard let name = try? RepositoryName(parsing: String(job.subject.dropFirst(prefix.utf8.count))) else {
                throw JobFailure("\"\(job.subject.excerpt(120))\" names no image", isRetryable: false)
            }
            return try await registry.reassessImages(in: name)
        }
        // An image that was pushed just now is among them.
        try await catchUp()
        var after: Int64 = 0
        while true {
            let start = after
            let page = try await database.read { t in
                try t.query(
                    DirectorySchema.bySource,
                    [.text(job.subject), .integer(start), .integer(Self.stepOfRepositories)]
                ).map { try DirectoryEntry($0) }
            }
            for entry in page where entry.kind == .image {
                try await registry.reassessImages(in: RepositoryName(parsing: entry.name))
            }
            guard page.count == Self.stepOfRepositories, let last = page.last else { return }
            after = last.id
            try Task.checkCancellation()
        }
    }
}
