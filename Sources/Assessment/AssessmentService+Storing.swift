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
    /// Writes one assessment: verdict, SBOM, components, findings, the next clock job and the audit event.
    func store(_ outcome: Outcome, of digest: Digest, _ attempt: Attempt, in transaction: Transaction) throws {
        typealias SQL = AssessmentSchema
        let verdict = outcome.verdict
        let now = attempt.context.now
        let key: [SQLValue] = [.text(attempt.repository.text)] + digest.columns
        let known = try transaction.first(SQL.image, key)?.bytes(1)
        let news = outcome.newsDigest.bytes
        let row = try transaction.first(
            SQL.putImage,
            key + [
                .integer(verdict.level.rank), .blob(verdict.json.bytes()), .optional(outcome.sbom), .time(now),
                .optional(verdict.validUntil), .text(verdict.catalogueVersion), .text(verdict.stage.rawValue),
                .blob(rules.bytes), .optional(attempt.context.snapshot), .optional(outcome.evidenceDigest?.bytes),
                .blob(news), .optional(outcome.failure),
            ]
        )
        guard let image = try row?.int64(0) else {
            throw JobFailure("the database did not say where it put the verdict", isRetryable: true)
        }
        try link(outcome, to: image, snapshot: attempt.context.snapshot, in: transaction)
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
        try catchUp(with: attempt, in: transaction)
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

    /// Removes what is stored about an image that is gone.
    func forget(_ repository: RepositoryName, _ digest: Digest, in transaction: Transaction) throws {
        let key: [SQLValue] = [.text(repository.text)] + digest.columns
        guard let image = try transaction.first(AssessmentSchema.image, key)?.int64(0) else { return }
        try transaction.execute(AssessmentSchema.unlinkComponents, [.integer(image)])
        try transaction.execute(AssessmentSchema.deleteImage, [.integer(image)])
    }

    private func link(
        _ outcome: Outcome,
        to image: Int64,
        snapshot: String?,
        in transaction: Transaction
    ) throws {
        typealias SQL = AssessmentSchema
        var findings: [FindingKey: [Finding]] = [:]
        for finding in outcome.verdict.findings { findings[FindingKey(finding), default: []].append(finding) }
        try transaction.execute(SQL.unlinkComponents, [.integer(image)])
        for component in outcome.components {
            let columns = component.columns
            let row = try transaction.first(SQL.findComponent, columns)
            let found = try row?.int64(0) ?? transaction.first(SQL.putComponent, columns)?.int64(0)
            guard let number = found else { continue }
            try transaction.execute(SQL.linkComponent, [.integer(image), .integer(number)])
            // Another image brought the same package under the same advisories: its rows are the ones to be written.
            if let row, let matched = try row.optionalText(1), matched == snapshot { continue }
            try transaction.execute(SQL.deleteFindings, [.integer(number)])
            var written = Set<String>()
            for finding in findings[FindingKey(component)] ?? [] where written.insert(finding.id).inserted {
                try transaction.execute(
                    SQL.putFinding,
                    [.integer(number), .text(finding.id), .text(finding.json.text())]
                )
            }
            try transaction.execute(SQL.setComponentSnapshot, [.optional(snapshot), .integer(number)])
        }
    }

    /// The kind under which a job queues the image again in the transaction that ends the job itself.
    ///
    /// Jobs coalesce on kind and subject, so under its own kind the new one would end together with it.
    private static func kind(after job: Job) -> String {
        job.kind == assessJob ? reassessJob : assessJob
    }

    /// Queues the image again when advisories were switched while it was being assessed.
    ///
    /// The switch looked for the images that it touches before this one's components were rows; whichever of the two
    /// transactions comes second sees the other.
    private func catchUp(with attempt: Attempt, in transaction: Transaction) throws {
        guard let latest = try transaction.first(AssessmentSchema.latestSwitch)?.text(0) else { return }
        guard latest != attempt.context.snapshot else { return }
        if let used = attempt.context.snapshot {
            // Not reported yet: it is newer than all that were, and its own switch comes after this.
            guard try transaction.first(AssessmentSchema.knownSwitch, [.text(used)]) != nil else { return }
        }
        try JobQueue.enqueue(
            transaction,
            kind: Self.kind(after: attempt.job),
            subject: attempt.job.subject,
            priority: .feed,
            now: attempt.context.now
        )
    }
}

/// What ties a finding to the component that it is about.
private struct FindingKey: Hashable {
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

extension Component {
    /// The columns that make a component one, in the order of the unique key.
    ///
    /// Release and source name are those under which its advisories are filed: a switch of advisories finds the images by them.
    var columns: [SQLValue] {
        var release = distribution?.releaseName ?? distribution?.versionID ?? ""
        var filed = sourceName ?? name
        // Whether the owner is the distribution's own is not known here: one image too many is better than one too few.
        let owner = ownedBy.map { Set([$0]) } ?? []
        if case .package(let key) = Coverage.place(of: self, foreign: owner) {
            (release, filed) = (key.release.release, key.name)
        }
        return [
            .text(ecosystem), .text(release), .text(filed), .text(name), .text(version),
            .text(sourceVersion ?? version),
            .text(architecture ?? ""), .text(distribution?.id ?? ""), .text(purl?.description ?? ""),
        ]
    }
}
