// SPDX-License-Identifier: EUPL-1.2

import Database
import OCI
import Policies
import Time

/// The policy of a namespace as it is in the transaction of what it decides, and what it counts.
///
/// Asked inside the transaction, so that no revision comes between the answer and the fact. What cannot be read or counted refuses: a
/// quota that is not known to hold is none.
struct NamespaceRules {
    /// Nil outside of namespaces, where nothing is ruled.
    let namespaceID: Int64?
    private let inForce: PolicyInForce

    /// Parents of a manifest that are looked at; behind more of them, the manifest stays.
    private static let parentLimit = 1000

    /// Reads the policy.
    ///
    /// - Parameter isOwn: whether the node itself says something about what is there: that counts, and nothing is ruled.
    /// - Throws: ``RegistryError/policyUnknown(_:cause:)`` when there is one that cannot be read.
    init(_ t: Transaction, of namespaceID: Int64?, isOwn: Bool = false) throws {
        self.namespaceID = namespaceID
        guard let namespaceID, !isOwn else {
            inForce = PolicyInForce(revision: 0, policy: ContentPolicy())
            return
        }
        do {
            inForce = try PolicyStore.current(t, of: namespaceID)
        } catch let error as PolicyUnreadable {
            throw RegistryError.policyUnknown(PolicyRefusal(error), cause: error)
        }
    }

    // MARK: Tags

    /// Whether a tag may be set to a manifest.
    func checkSetting(
        _ tag: Tag,
        to digest: Digest,
        in repository: RepositoryName,
        _ repositoryID: Int64,
        _ t: Transaction
    ) throws {
        guard inForce.policy.isImmutable(tag, in: repository) else { return }
        let key: [SQLValue] = [.integer(repositoryID), .text(tag.text)]
        let current = try t.first(SQL.tagDigest, key)?.digest(0)
        var past = TagPast.never
        // Who deletes and pushes again must not get round the rule.
        if current == nil, let event = try t.first(SQL.lastTagEvent, key) { past = .last(try event.digest(0)) }
        try check(.set(digest), of: tag, in: repository, current: current, past: past)
    }

    /// Whether a tag may go.
    func checkDeletion(of tag: Tag, naming digest: Digest, in repository: RepositoryName) throws {
        try check(.delete, of: tag, in: repository, current: digest, past: .never)
    }

    /// Whether a manifest may go with every tag on it: one that is immutable refuses the whole, and so does one that is on an index which
    /// leads to it.
    func checkDeletion(
        of digest: Digest,
        _ manifestID: Int64,
        in repository: RepositoryName,
        _ repositoryID: Int64,
        _ t: Transaction
    ) throws {
        guard !inForce.policy.immutableTags.isEmpty else { return }
        try checkTags(of: manifestID, digest, in: repository, .delete, t)
        var seen: Set<Int64> = [manifestID]
        var next = [digest]
        while let child = next.popLast() {
            let rows = try t.query(
                SQL.parents,
                child.columns + [.integer(repositoryID), .integer(Self.parentLimit)]
            )
            for row in rows where seen.insert(try row.int64(2)).inserted {
                let parent = try row.digest(0)
                try checkTags(of: try row.int64(2), parent, in: repository, .takeApart(digest), t)
                next.append(parent)
            }
            // Whoever pushes makes as many indexes as they like: nothing may hide behind them, nor hold the writer for long.
            guard seen.count <= Self.parentLimit, rows.count < Self.parentLimit else {
                throw RegistryError.manifestInUse(digest, repository)
            }
        }
    }

    private func checkTags(
        of manifestID: Int64,
        _ digest: Digest,
        in repository: RepositoryName,
        _ change: TagChange,
        _ t: Transaction
    ) throws {
        // All of them: the one beyond a bound could be the one that must not go.
        try t.forEach(SQL.tagNamesOfManifest, [.integer(manifestID), .integer(Int64.max)]) { row in
            let tag = try Tag(parsing: try row.text(0))
            try check(change, of: tag, in: repository, current: digest, past: .never)
        }
    }

    private func check(
        _ change: TagChange,
        of tag: Tag,
        in repository: RepositoryName,
        current: Digest?,
        past: TagPast
    ) throws {
        let decision = inForce.policy.tagChange(
            change,
            of: tag,
            in: repository,
            current: current,
            past: past,
            revision: inForce.revision
        )
        if case .refused(let refusal) = decision { throw RegistryError.refusedByPolicy(refusal) }
    }

    // MARK: Pushes

    /// Whether anything is asked of what is pushed.
    var watchesPushes: Bool { !inForce.policy.push.isEmpty }

    /// Whether a manifest may be there, and under tags that it is about to get.
    func checkPush(
        _ document: ManifestDocument,
        _ digest: Digest,
        _ manifestID: Int64,
        isImage: Bool,
        type: String,
        tags: [Tag],
        to repository: RepositoryName,
        _ repositoryID: Int64,
        at now: Timestamp,
        _ t: Transaction
    ) throws {
        var facts = PushFacts(repository: repository.text, tags: tags, type: type, isImage: isImage)
        if inForce.policy.asksForRelease(facts, at: now) {
            facts.isReleased = try t.first(SQL.releaseOfManifest, [.integer(manifestID)])?.optionalTime(0) != nil
        }
        let bases = inForce.policy.allowedBases(facts, at: now)
        if !bases.isEmpty {
            facts.bases = try BaseSearch(allowed: bases, repositoryID: repositoryID, t).facts(of: document, digest)
        }
        if case .refused(let refusal) = inForce.policy.push(facts, at: now, revision: inForce.revision) {
            throw RegistryError.refusedByPolicy(refusal)
        }
    }

    // MARK: Uploads

    /// Whether anything has to be written about an upload in one request, which is else no row.
    var watchesUploads: Bool { inForce.policy.quotaBytes != nil || inForce.policy.openUploads != nil }

    /// Whether one more upload may begin.
    func checkStart(_ t: Transaction) throws {
        guard let namespaceID else { return }
        if let limit = inForce.policy.openUploads {
            let open = try t.query(SQL.uploadsOfNamespace, [.integer(namespaceID), .integer(limit)]).count
            if case .refused(let refusal) = inForce.policy.uploadStart(open: open, revision: inForce.revision) {
                throw RegistryError.refusedByPolicy(refusal)
            }
        }
        // Before the client sends anything: without a count it would be in vain.
        if inForce.policy.quotaBytes != nil { _ = try grant(0, upTo: 0, t) }
    }

    /// Promises bytes of the quota, as many as may be up to a number that is wanted.
    ///
    /// - Parameters:
    ///   - needed: at least so many.
    ///   - wanted: where there is plenty; else a quarter of the rest, so that uploads side by side do not take it from one another.
    /// - Returns: the bytes that are reserved now; nil when nothing is counted here.
    func grant(_ needed: Int64, upTo wanted: Int64, _ t: Transaction) throws -> Int64? {
        guard let namespaceID else { return nil }
        let limit = inForce.policy.quotaBytes
        return try counting {
            let ledger = try NamespaceUsage.ledger(t, of: namespaceID, limit: limit)
            var bytes = needed
            if let limit, let ledger, needed > 0 {
                bytes = max(needed, min(wanted, (limit - ledger.used - ledger.reserved) / 4))
            }
            // Also for nothing: it throws when there is a limit and no count.
            return try NamespaceUsage.reserve(t, of: namespaceID, bytes: bytes, limit: limit) == nil ? nil : bytes
        }
    }

    /// Whether bytes are counted here, or would have to be.
    func isCounted(_ t: Transaction) throws -> Bool {
        guard let namespaceID else { return false }
        return try inForce.policy.quotaBytes != nil || NamespaceCount.isKept(t, of: namespaceID)
    }

    // MARK: Content

    /// Counts a blob that a repository links from now on, and ends the reservation of the upload that brought it.
    ///
    /// - Parameter isNew: whether the repository did not link it before.
    func settle(blob: Int64, isNew: Bool, reserved: Int64, _ t: Transaction) throws {
        guard let namespaceID, try isCounted(t) else { return }
        var bytes: Int64 = 0
        if isNew, try NamespaceCount.link(t, blob, in: namespaceID) {
            guard let row = try t.first(SQL.sizeOfBlob, [.integer(blob)]) else { throw DamagedRow(what: "blob") }
            bytes = try row.int64(0)
        }
        try settle(reserved: reserved, used: bytes, t)
    }

    /// Counts a manifest that is new in its repository.
    func settle(manifest bytes: Int, _ t: Transaction) throws {
        guard try isCounted(t) else { return }
        try settle(reserved: 0, used: Int64(bytes), t)
    }

    private func settle(reserved: Int64, used: Int64, _ t: Transaction) throws {
        guard let namespaceID else { return }
        _ = try counting {
            try NamespaceUsage.settle(
                t,
                of: namespaceID,
                reserved: reserved,
                used: used,
                limit: inForce.policy.quotaBytes
            )
        }
    }

    private func counting<T>(_ body: () throws -> T) throws -> T {
        do { return try body() } catch let refusal as QuotaRefusal {
            let reason = PolicyRefusal(refusal, revision: inForce.revision)
            switch refusal.kind {
            case .exceeded: throw RegistryError.refusedByPolicy(reason)
            case .negativeAmount, .usageUnknown: throw RegistryError.policyUnknown(reason, cause: refusal)
            }
        }
    }
}
