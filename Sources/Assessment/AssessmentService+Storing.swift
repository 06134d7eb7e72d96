// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Audit
import Criteria
import Database
import JSON
import OCI
import Registry
import SBOM
import Time
import Vulnerabilities

extension AssessmentService {
    /// Writes one assessment: verdict, components, findings, the next clock job and the audit event.
    ///
    /// - Parameters:
    ///   - parts: the outcome's components as the index keeps them: making them takes longer than writing them, and nobody else writes meanwhile.
    ///   - document: digest of the verdict's bytes, which are kept already.
    ///   - news: of the outcome, see ``Outcome/newsDigest``.
    func store(
        _ outcome: Outcome,
        _ parts: [IndexedPart],
        of digest: Digest,
        document: Digest,
        news: [UInt8],
        _ attempt: Attempt,
        in transaction: Transaction
    ) throws {
        typealias SQL = AssessmentSchema
        let verdict = outcome.verdict
        let now = attempt.context.now
        let key: [SQLValue] = [.text(attempt.repository.text)] + digest.columns
        let before = try transaction.first(SQL.image, key)
        let known = try before?.bytes(1)
        var components = try rows(of: parts, attempt, in: transaction)
        var chains = outcome.chains
        if outcome.failure != nil, let before {
            // It could not be looked at this time: that what it has is gone nobody knows.
            components = Set(components).union(try before.components(2)).sorted()
            let known = Set(chains)
            chains += try before.chains(3).filter { !known.contains($0) }
        }
        let row = try transaction.first(
            SQL.putImage,
            key + [
                .integer(verdict.level.rank), .blob(document.bytes), .time(now),
                .optional(verdict.validUntil), .text(verdict.catalogueVersion), .text(verdict.stage.rawValue),
                .blob(rules.bytes), .optional(attempt.context.snapshot), .optional(outcome.evidenceDigest?.bytes),
                .blob(news), .optional(outcome.failure), .blob(RowList.encode(components)),
                .blob(LayerChain.encode(chains)), .time(now),
            ]
        )
        guard let image = try row?.int64(0) else {
            throw JobFailure("the database did not say where it put the verdict", isRetryable: true)
        }
        // What could not be looked at is no news for the gate: an analyser that fails switches nobody off, and lets nobody in.
        if outcome.failure == nil {
            try Registry.setStanding(
                transaction,
                of: digest,
                in: attempt.repository,
                level: verdict.level.rank,
                exploited: Self.exploited(in: outcome.findings),
                at: now
            )
        }
        try link(
            image,
            components: (try before?.components(2) ?? [], components),
            chains: (try before?.chains(3) ?? [], chains),
            in: transaction
        )
        // What could not be looked at this time is as it was known.
        if outcome.failure == nil { try FileIndex.link(outcome.files, to: image, in: transaction) }
        // What could not be looked at this time may be asked for as before.
        try ImageSources.link(outcome.sources, to: image, keepsOld: outcome.failure != nil, in: transaction)
        let subject = attempt.job.subject
        if let validUntil = verdict.validUntil {
            try JobQueue.enqueue(
                transaction,
                kind: Self.kind(after: attempt.job),
                subject: subject,
                priority: .clock,
                runAfter: validUntil,
                now: now
            )
        }
        try catchUp(with: attempt, outcome.sources, in: transaction)
        // Also without news: words that change no status may have come, and whoever signs finds out at once that nothing is to be done.
        if settings.attests() { try Self.attest(subject, at: now, in: transaction) }
        guard known != news else { return }
        try AuditLog.append(
            transaction,
            actor: "kontor",
            action: "image.assessed",
            subject: subject,
            detail: [
                "level": .string(verdict.level.rawValue), "stage": .string(verdict.stage.rawValue),
                "catalogue": .string(verdict.catalogueVersion),
                "snapshot": attempt.context.snapshot.map { .string($0) } ?? .null,
                "evidence": outcome.evidenceDigest.map { .string($0.description) } ?? .null,
                "failure": outcome.failure.map { .string($0) } ?? .null,
            ],
            at: now
        )
    }

    /// Vulnerabilities that affect and are known to be exploited, by their best known names.
    private static func exploited(in findings: [Finding]) -> [String] {
        let names = findings.filter { $0.kev != nil && $0.status.isAffected }.map { finding in
            finding.names.first { $0.hasPrefix("CVE-") } ?? finding.id
        }
        return Set(names).sorted()
    }

    /// Removes what is stored about an image that is gone.
    func forget(_ repository: RepositoryName, _ digest: Digest, in transaction: Transaction) throws {
        let key: [SQLValue] = [.text(repository.text)] + digest.columns
        guard let row = try transaction.first(AssessmentSchema.image, key) else { return }
        let image = try row.int64(0)
        try link(
            image,
            components: (try row.components(2), []),
            chains: (try row.chains(3), []),
            in: transaction
        )
        try FileIndex.link(ImageFiles(), to: image, in: transaction)
        try ImageSources.link([], to: image, keepsOld: false, in: transaction)
        try Statements.attest([], of: digest, in: repository, at: clock.now(), in: transaction) {
            try Self.announce($0, document: $1, at: $2)
        }
        try transaction.execute(AssessmentSchema.deleteImage, [.integer(image)])
        let subject = Registry.assessmentSubject(repository, digest)
        if settings.attests() { try Self.attest(subject, at: clock.now(), in: transaction) }
    }

    /// The rows of an image's components, in order; with what was found in those that are new under these advisories.
    private func rows(
        of parts: [IndexedPart],
        _ attempt: Attempt,
        in transaction: Transaction
    ) throws -> [Int64] {
        let tag = Self.tag(attempt.context.snapshot, attempt.own)
        let isSuperseded = try isSuperseded(attempt, in: transaction)
        var rows: [Int64] = []
        for part in parts {
            let row = try transaction.first(ReverseIndexSchema.findComponent, [.blob(part.component.key)])
            let found =
                try row?.int64(0)
                ?? transaction.first(ReverseIndexSchema.putComponent, part.component.columns)?.int64(0)
            guard let number = found else { continue }
            rows.append(number)
            if let row, let matched = try row.optionalText(1) {
                // Another image brought the same package under the same advisories. Of what another package brought only its own image
                // knows how it is matched.
                if matched == tag, !part.isOwned { continue }
                // What was matched with newer advisories stays; this image is looked at again.
                if isSuperseded { continue }
            }
            try Self.put(part.findings, of: number, tag: tag, at: attempt.context.now, in: transaction)
        }
        return Set(rows).sorted()
    }

    /// Writes what was found in a component, and leaves alone what was known and is the same.
    static func put(
        _ findings: [Finding],
        of component: Int64,
        tag: String,
        at now: Timestamp,
        in transaction: Transaction
    ) throws {
        typealias SQL = ReverseIndexSchema
        var known: [String: String] = [:]
        for row in try transaction.query(SQL.findingsOfComponent, [.integer(component)]) {
            known[try row.text(0)] = try row.text(1)
        }
        var written = Set<String>()
        for finding in findings where written.insert(finding.id).inserted {
            let record = finding.json.text()
            let old = known.removeValue(forKey: finding.id)
            guard old != record else { continue }
            try transaction.execute(
                SQL.putFinding,
                [.integer(component), .text(finding.id), .text(record), .time(now)]
            )
            let names = Set(finding.names)
            let before = try Set(old.map { try Finding(record: $0).names } ?? [])
            for name in names.subtracting(before).sorted() {
                try transaction.execute(SQL.nameFinding, [.text(name), .integer(component), .text(finding.id)])
            }
            for name in before.subtracting(names).sorted() {
                try transaction.execute(SQL.unnameFinding, [.text(name), .integer(component), .text(finding.id)])
            }
        }
        for (identifier, record) in known.sorted(by: { $0.key < $1.key }) {
            for name in Set(try Finding(record: record).names).sorted() {
                try transaction.execute(SQL.unnameFinding, [.text(name), .integer(component), .text(identifier)])
            }
            try transaction.execute(SQL.deleteFinding, [.integer(component), .text(identifier)])
        }
        try transaction.execute(SQL.setComponentSnapshot, [.text(tag), .integer(component)])
    }

    /// Writes what changed of an image's place in the index: a verdict that is only confirmed moves nothing.
    private func link(
        _ image: Int64,
        components: (before: [Int64], after: [Int64]),
        chains: (before: [LayerChain], after: [LayerChain]),
        in transaction: Transaction
    ) throws {
        typealias SQL = ReverseIndexSchema
        let (old, new) = (Set(components.before), Set(components.after))
        for component in components.before where !new.contains(component) {
            try transaction.execute(SQL.unlinkImage, [.integer(component), .integer(image)])
        }
        for component in components.after where !old.contains(component) {
            try transaction.execute(SQL.linkImage, [.integer(component), .integer(image)])
        }
        let (lower, upper) = (Set(chains.before), Set(chains.after))
        for chain in chains.before where !upper.contains(chain) {
            try transaction.execute(SQL.unlinkChain, chain.columns + [.integer(image)])
        }
        for chain in chains.after where !lower.contains(chain) {
            try transaction.execute(SQL.linkChain, chain.columns + [.integer(image)])
        }
    }

    /// The kind under which a job queues the image again in the transaction that ends the job itself.
    ///
    /// Jobs coalesce on kind and subject, so under its own kind the new one would end together with it.
    private static func kind(after job: Job) -> String {
        job.kind == assessJob ? reassessJob : assessJob
    }

    /// Whether something was said or switched while an image was being assessed.
    private func isSuperseded(_ attempt: Attempt, in transaction: Transaction) throws -> Bool {
        if try OwnAdvisories.generation(in: transaction) != attempt.own.generation { return true }
        if try Statements.generation(in: transaction) != attempt.statements { return true }
        return try Self.isSwitched(since: attempt.context.snapshot, in: transaction)
    }

    /// Whether the advisories were switched to others than some that were used.
    static func isSwitched(since snapshot: String?, in transaction: Transaction) throws -> Bool {
        guard let latest = try transaction.first(AssessmentSchema.latestSwitch)?.text(0) else { return false }
        guard latest != snapshot else { return false }
        guard let used = snapshot else { return true }
        // Not reported yet: it is newer than all that were, and its own switch comes after this.
        return try transaction.first(AssessmentSchema.knownSwitch, [.text(used)]) != nil
    }

    /// Queues the image again when advisories were switched, or something was said of its sources, while it was being assessed.
    ///
    /// The switch looked for the images that it touches before this one's components were rows; whichever of the two
    /// transactions comes second sees the other.
    private func catchUp(with attempt: Attempt, _ sources: Set<String>, in transaction: Transaction) throws {
        guard
            try isSuperseded(attempt, in: transaction)
                || ImageSources.isNews(of: sources, since: attempt.sourceNews, in: transaction)
        else { return }
        try JobQueue.enqueue(
            transaction,
            kind: Self.kind(after: attempt.job),
            subject: attempt.job.subject,
            priority: .feed,
            now: attempt.context.now
        )
    }
}

/// A component of an outcome as the index keeps it, with what was found in it.
struct IndexedPart: Sendable {
    let component: IndexedComponent
    /// Whether another package brought it.
    let isOwned: Bool
    let findings: [Finding]

    static func all(of outcome: Outcome) -> [IndexedPart] {
        all(of: outcome.components, findings: outcome.findings)
    }

    static func all(of components: [Component], findings all: [Finding]) -> [IndexedPart] {
        var findings: [FindingKey: [Finding]] = [:]
        for finding in all { findings[FindingKey(finding), default: []].append(finding) }
        let foreign = Coverage.foreign(in: components)
        return components.map { component in
            // A stranger's package may have the name, the version and the purl of a distribution's.
            let isMatched =
                if case .package = Coverage.place(of: component, foreign: foreign) { true } else { false }
            return IndexedPart(
                component: IndexedComponent(component),
                isOwned: component.ownedBy != nil,
                findings: isMatched && !findings.isEmpty ? findings[FindingKey(component)] ?? [] : []
            )
        }
    }
}

/// What ties a finding to the component that it is about.
struct FindingKey: Hashable {
    let name: String
    let version: String
    let purl: String

    init(_ finding: Finding) {
        name = finding.componentName
        version = finding.componentVersion
        purl = finding.componentPURL ?? ""
    }

    init(_ component: Component) {
        name = component.name
        version = component.version
        purl = component.purl?.description ?? ""
    }
}
