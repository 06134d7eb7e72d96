// SPDX-License-Identifier: EUPL-1.2

public import Database
public import OCI
import Registry
public import Time
import Vulnerabilities

/// A verdict with what tells news from a confirmation.
public struct VerdictBasis: Sendable {
    /// The verdict.
    public let stored: StoredVerdict
    /// Digest over level, results and affected findings; dates and texts are none.
    public let news: Digest
    /// Changes with every word of anybody that comes or goes, about whatever image.
    public let words: String
}

/// What it takes to have signed what a verdict says, by a room above.
extension AssessmentService {
    /// Kind of the job that a verdict queues in its own transaction, and the end of an image too; its subject is `repository@digest`.
    public static let attestationJob = "attest"

    /// Queues the job that signs what is said about an image.
    public static func attest(_ subject: String, at now: Timestamp, in transaction: Transaction) throws(DatabaseError) {
        try JobQueue.enqueue(transaction, kind: attestationJob, subject: subject, priority: .feed, now: now)
    }

    /// The verdict of an image with what it takes to tell whether it is news; nil while there is none.
    ///
    /// Queues nothing.
    public func basis(of digest: Digest, in repository: RepositoryName) async throws -> VerdictBasis? {
        let key: [SQLValue] = [.text(repository.text)] + digest.columns
        return try await database.read { t in
            guard let row = try t.first(AssessmentSchema.verdict, key), let stored = try stored(row),
                let image = try t.first(AssessmentSchema.image, key)
            else { return nil }
            return VerdictBasis(
                stored: stored,
                news: try Digest(algorithm: .sha256, bytes: try image.bytes(1)),
                words: try Statements.generation(in: t)
            )
        }
    }

    /// What tells news from a confirmation, without the verdict; nil while there is none.
    public func news(of digest: Digest, in repository: RepositoryName) async throws -> Digest? {
        let key: [SQLValue] = [.text(repository.text)] + digest.columns
        return try await database.lookUp { t in
            try t.first(AssessmentSchema.image, key).map { try Digest(algorithm: .sha256, bytes: try $0.bytes(1)) }
        }
    }

    /// Assessed images in the order of their rows, for whoever looks at each of them once.
    ///
    /// - Parameters:
    ///   - after: position of the last one of the page before.
    ///   - limit: images of a page, at most 1 000.
    public func assessedImages(
        after: Int64,
        limit: Int
    ) async throws -> [(position: Int64, repository: RepositoryName, digest: Digest)] {
        try await database.read { t in
            try t.query(AssessmentSchema.imagesAfter, [.integer(after), .integer(min(max(limit, 1), 1_000))])
                .compactMap { row in
                    let position = try row.int64(0)
                    guard let image = try t.first(AssessmentSchema.subjectOfImage, [.integer(position)]),
                        let digest = try image.optionalDigest(1)
                    else {
                        return nil
                    }
                    return (position, try RepositoryName(parsing: try image.text(0)), digest)
                }
        }
    }
}
