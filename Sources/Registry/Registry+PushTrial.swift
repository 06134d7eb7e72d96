// SPDX-License-Identifier: EUPL-1.2

public import Accounts
import Database
public import OCI
public import Policies
public import Time

extension Registry {
    /// Entries of one answer of a trial; the counts go on beyond them.
    public static let listedTrials = 1_000
    /// Manifests and pushes after which an answer ends with the repository.
    private static let triedAtOnce = 20_000

    /// What a policy would refuse of what is there if it were pushed now, and of what was pushed lately if it had held then: a rule on pushes
    /// is tried before it is set.
    ///
    /// What the node attached itself is no push of anybody, and is left out; so is what is gone without ever having had a tag, for nothing
    /// tells that it was there.
    ///
    /// - Parameters:
    ///   - policy: to try; the one in force when nil.
    ///   - since: how far back pushes are looked at.
    ///   - after: repository after which a page begins.
    ///   - limit: repositories that are looked at.
    /// - Throws: ``RegistryError/policyUnknown(_:cause:)`` when the one in force is to be tried and cannot be read.
    /// - Complexity: O(manifests and pushes of these repositories), and of each image one search for its base where rules ask for that.
    public func tryPushes(
        _ policy: ContentPolicy?,
        of namespace: Namespace,
        since: Timestamp,
        after: RepositoryName? = nil,
        limit: Int = 50
    ) async throws -> PushTrialPage {
        let limit = min(max(limit, 1), 1_000)
        let now = clock.now()
        return try await database.read { t in
            let revision = try PolicyStore.revision(t, of: namespace.id)
            var rules = policy ?? ContentPolicy()
            if policy == nil {
                do { rules = try PolicyStore.current(t, of: namespace.id).policy } catch let error as PolicyUnreadable {
                    throw RegistryError.policyUnknown(PolicyRefusal(error), cause: error)
                }
            }
            let trial = Trial(
                policy: rules,
                revision: policy == nil ? revision : revision + 1,
                since: since,
                now: now,
                t: t
            )
            var page = PushTrialPage()
            let (repositories, next) = try Self.repositories(t, of: namespace.name, after: after?.text, limit: limit)
            page.next = next
            for (id, name) in repositories {
                try trial.run(on: try RepositoryName(parsing: name), id, into: &page)
                guard page.present.looked + page.pushed.looked < Self.triedAtOnce else {
                    if name != repositories.last?.name { page.next = name }
                    break
                }
            }
            return page
        }
    }
}

/// One policy, tried on one repository after another.
private struct Trial {
    let policy: ContentPolicy
    let revision: Int64
    let since: Timestamp
    let now: Timestamp
    let t: Transaction

    /// Tags of one manifest that are looked at.
    private static let tags: Int64 = 1_000
    private static let page = 1_000
    /// By whom the node pushes what it says itself.
    private static let node = "kontor"

    /// A row of what was, or is, pushed.
    private struct Subject {
        let repository: RepositoryName
        let repositoryID: Int64
        /// Nil when it is gone.
        let manifestID: Int64?
        let digest: Digest
        let kind: ManifestKind?
        let type: String?
        let releasedAt: Timestamp?
        let by: String
        let tags: [Tag]
    }

    func run(on repository: RepositoryName, _ id: Int64, into page: inout PushTrialPage) throws {
        var isTagged: Set<Digest> = []
        try each(SQL.tagsSetSince, id, from: since) { row in
            let (at, manifest) = (try row.time(0), try row.optionalInt64(10))
            let subject = try subject(row, repository, id, manifest, tags: [try Tag(parsing: try row.text(9))])
            if try row.optionalTime(11) == at { isTagged.insert(subject.digest) }
            guard !isOwn(subject) else { return }
            try note(subject, at: at, into: &page)
        }
        try each(SQL.manifestsToTry, id, from: Timestamp(microseconds: 0)) { row in
            let (at, manifest) = (try row.time(0), try row.int64(1))
            let names = try t.query(SQL.tagNamesOfManifest, [.integer(manifest), .integer(Self.tags)])
            let subject = try subject(
                row,
                repository,
                id,
                manifest,
                tags: names.map { try Tag(parsing: try $0.text(0)) }
            )
            guard !isOwn(subject) else { return }
            try note(subject, at: nil, into: &page)
            // A push without a tag; one with a tag was looked at by the history.
            guard at >= since, !isTagged.contains(subject.digest) else { return }
            try note(self.subject(row, repository, id, manifest, tags: []), at: at, into: &page)
        }
    }

    private func each(
        _ statement: Statement,
        _ repository: Int64,
        from start: Timestamp,
        _ body: (Row) throws -> Void
    ) throws {
        var last: (SQLValue, SQLValue) = (.time(start), .integer(-1))
        while true {
            let values = [.integer(repository), last.0, last.1, .integer(Self.page)]
            let rows = try t.query(statement, values)
            for row in rows { try body(row) }
            guard rows.count == Self.page, let end = rows.last else { return }
            last = (.time(try end.time(0)), .integer(try end.int64(1)))
        }
    }

    private func subject(
        _ row: Row,
        _ repository: RepositoryName,
        _ repositoryID: Int64,
        _ manifestID: Int64?,
        tags: [Tag]
    ) throws -> Subject {
        Subject(
            repository: repository,
            repositoryID: repositoryID,
            manifestID: manifestID,
            digest: try row.digest(2),
            kind: manifestID == nil ? nil : try row.manifestKind(4),
            type: try row.optionalText(6) ?? row.optionalText(5),
            releasedAt: try row.optionalTime(7),
            by: try row.text(8),
            tags: tags
        )
    }

    /// What the node says about images by itself, which no rule is asked about; its releases are.
    private func isOwn(_ subject: Subject) -> Bool {
        guard subject.by == Self.node, subject.kind == .artefact || subject.kind == nil else { return false }
        return !subject.tags.contains { !$0.text.hasSuffix(".att") }
    }

    private func note(_ subject: Subject, at: Timestamp?, into page: inout PushTrialPage) throws {
        let outcome = try outcome(subject, pushedAt: at)
        if at == nil { page.present.count(outcome) } else { page.pushed.count(outcome) }
        guard outcome != .allowed else { return }
        guard page.found.count < Registry.listedTrials else {
            page.isCut = true
            return
        }
        page.found.append(
            PushTrial(
                repository: subject.repository,
                digest: subject.digest,
                tags: subject.tags.map(\.text),
                push: at.map { PushTrial.Push(at: $0, by: subject.by) },
                outcome: outcome
            )
        )
    }

    private func outcome(_ subject: Subject, pushedAt: Timestamp?) throws -> PushTrial.Outcome {
        var facts = PushFacts(
            repository: subject.repository.text,
            tags: subject.tags,
            type: subject.type ?? "",
            isImage: subject.kind.map { $0 != .artefact } ?? true,
            // A release counts that was there when the tag was set.
            isReleased: subject.releasedAt.map { released in pushedAt.map { released <= $0 } ?? true } ?? false
        )
        for instant in policy.pushInstants(from: now) {
            guard let manifest = subject.manifestID, subject.kind != nil else {
                guard policy.watches(facts, at: instant) else { continue }
                return .unknown(.gone)
            }
            let bases = policy.allowedBases(facts, at: instant)
            if !bases.isEmpty {
                guard let document = try document(manifest) else { return .unknown(.unreadable) }
                facts.bases = try BaseSearch(allowed: bases, repositoryID: subject.repositoryID, t)
                    .facts(of: document, subject.digest)
            }
            if case .refused(let refusal) = policy.push(facts, at: instant, revision: revision) {
                return instant == now ? .refused(refusal) : .announced(refusal, from: instant)
            }
        }
        return .allowed
    }

    private func document(_ manifest: Int64) throws -> ManifestDocument? {
        guard let row = try t.first(SQL.contentOfManifest, [.integer(manifest)]) else { return nil }
        return try? ManifestDocument(parsing: try row.bytes(0), contentType: try row.text(1))
    }
}
