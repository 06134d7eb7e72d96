// SPDX-License-Identifier: EUPL-1.2

import Assessment
public import Database
import JSON
import OCI
import Registry
public import Time

extension Directory {
    /// Kind of the job that has images judged again because something was said of them here; its subject is the key of an entry, or
    /// the address of a source.
    public static let judgeAgainJob = "judge-again"

    /// How long images wait to be judged again, in seconds: whoever says much has them judged once.
    ///
    /// A busy branch has news with every commit, and anybody who may speak for an organisation may say and take back that it uses a thing.
    public static let judgeAgainDelay: Int64 = 600

    /// Has the images judged again whose judgement asked for what is known of a source, in the transaction of the fact that they rest on.
    ///
    /// - Parameters:
    ///   - source: the address, in the form of ``SourceAddress``.
    ///   - isUrgent: whether something may not be told any more; all else waits for more of its kind.
    public static func judgeAgain(
        imagesOf source: String,
        isUrgent: Bool,
        at now: Timestamp,
        in t: Transaction
    ) throws {
        try queue(source, isUrgent: isUrgent, at: now, in: t)
    }

    /// Has what an entry is about judged again after a while; only images are.
    static func judgeAgain(entry key: String, at now: Timestamp, in t: Transaction) throws {
        guard key.hasPrefix(DirectoryEntry.key(.image, "")) else { return }
        try queue(key, isUrgent: false, at: now, in: t)
    }

    private static func queue(_ subject: String, isUrgent: Bool, at now: Timestamp, in t: Transaction) throws {
        try JobQueue.enqueue(
            t,
            kind: judgeAgainJob,
            subject: subject,
            priority: .feed,
            runAfter: isUrgent ? nil : now + .seconds(judgeAgainDelay),
            now: now
        )
    }
}

extension DirectoryIndexer {
    /// Uses that one transaction looks at.
    private static let stepOfUses = 500

    /// The handlers that a node's job runner needs for this room.
    public var jobs: [String: JobRunner.Handler] {
        [Directory.judgeAgainJob: { job in try await judgeAgain(job) }]
    }

    /// Has the images judged again that an organisation uses: of which kind it is decides whether that counts.
    func judgeAgain(usedBy organisation: String) async throws {
        let now = directory.clock.now()
        var after: Int64 = 0
        while true {
            let start = after
            let last = try await database.write { t -> Int64? in
                guard let id = try t.first(DirectorySchema.organisationByName, [.text(organisation)])?.int64(0) else {
                    return nil
                }
                let uses = try t.query(
                    DirectorySchema.usesBy,
                    [.integer(id), .integer(start), .integer(Self.stepOfUses)]
                ).map { try DirectoryUse($0) }
                for use in uses { try Directory.judgeAgain(entry: use.subject, at: now, in: t) }
                return uses.count == Self.stepOfUses ? uses.last?.id : nil
            }
            guard let last else { return }
            after = last
            try Task.checkCancellation()
        }
    }

    /// Queues the images that a job names.
    func judgeAgain(_ job: Job) async throws {
        let prefix = DirectoryEntry.key(.image, "")
        guard job.subject.hasPrefix(prefix) else {
            // Which images rest on a source their judgements know: what an entry says is one image's label.
            try await assessment.queueImages(builtFrom: job.subject)
            registry.wake()
            return
        }
        guard let name = try? RepositoryName(parsing: String(job.subject.dropFirst(prefix.utf8.count))) else {
            throw JobFailure("\"\(job.subject.excerpt(120))\" names no image", isRetryable: false)
        }
        try await registry.reassessImages(in: name)
    }
}
