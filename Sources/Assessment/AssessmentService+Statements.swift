// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Criteria
public import Database
public import OCI
import Registry
import SBOM
public import Time
import Vulnerabilities

extension AssessmentService {
    /// Kind of the job that queues the images whose findings a document's words are about; its subject is the row of the document.
    public static let statementsJob = "statements"

    /// Queues, in the transaction that takes a document in or ends it, the work that follows.
    public static func announce(
        _ transaction: Transaction,
        document: Int64,
        at now: Timestamp
    ) throws {
        try JobQueue.enqueue(
            transaction,
            kind: statementsJob,
            subject: String(document),
            priority: .feed,
            now: now
        )
    }

    /// Queues the images that a document's words are about.
    func requeue(_ job: Job) async throws {
        guard let document = Int64(job.subject) else { throw JobFailure("no document", isRetryable: false) }
        let (names, place) = try await database.read {
            (
                try Statements.names(ofDocument: document, in: $0), try Statements.place(ofDocument: document, in: $0)
            )
        }
        // A team's word about its own images must not have all images of the node judged anew.
        try await queueImages(withFindings: names) { place?.includes($0) ?? true }
    }

    /// Findings with everybody's words laid over them, and when the next of those words ends by itself.
    func stated(
        _ findings: [Finding],
        in components: [Component],
        _ digests: [Digest],
        _ chains: [LayerChain],
        _ attempt: Attempt
    ) async throws -> (findings: [Finding], end: Timestamp?) {
        guard !findings.isEmpty else { return (findings, nil) }
        return try await database.read { transaction in
            let overlay = try StatementOverlay(about: Set(findings.flatMap(\.names)), in: transaction)
            guard !overlay.isEmpty else { return (findings, nil) }
            let subject = StatementOverlay.Subject(
                repository: attempt.repository,
                digests: digests,
                bases: try overlay.bases(under: chains, of: digests, in: transaction)
            )
            let found = Dictionary(
                components.map { (FindingKey($0), $0) },
                uniquingKeysWith: { first, _ in first }
            )
            var rows: [FindingKey: Int64] = [:]
            let stated = try findings.map { finding in
                let key = FindingKey(finding)
                guard let component = found[key] else { return finding }
                if rows[key] == nil {
                    let arguments: [SQLValue] = [.blob(IndexedComponent(component).key)]
                    rows[key] = try transaction.first(ReverseIndexSchema.findComponent, arguments)?.int64(0)
                }
                return overlay.applied(
                    to: finding,
                    in: component,
                    row: rows[key],
                    of: subject,
                    at: attempt.context.now
                )
            }
            return (stated, overlay.nextEnd(in: attempt.repository, after: attempt.context.now))
        }
    }

    /// Most images below one that are told.
    private static let maximumBases = 50

    /// Images that one stands on, the nearest first, bounded: each repository that holds one, once.
    ///
    /// An index stands on several stacks and has none: what its platforms stand on is asked for each.
    public func bases(of digest: Digest, in repository: RepositoryName) async throws -> [StatementOverlay.Base] {
        let key = digest.columns
        return try await database.read { transaction in
            guard let row = try transaction.first(AssessmentSchema.image, [.text(repository.text)] + key) else {
                return []
            }
            let chains = try row.chains(3)
            guard chains.count(where: \.isTop) <= 1 else { return [] }
            let found = try StatementOverlay.images(under: chains, in: transaction) { other, _ in other != digest }
            return Array(found.prefix(Self.maximumBases))
        }
    }
}
