// SPDX-License-Identifier: EUPL-1.2

public import Accounts
internal import Assessment
internal import Attestations
internal import Audit
internal import Database
internal import JSON
public import OCI
internal import Registry
public import Time
internal import Transparency

/// What people found who looked at an image, as it is to be signed.
public struct AuditReport: Sendable, Hashable {
    /// Who answers for it: an office or a role, not a person.
    public var auditor: String
    /// What was looked at and how, in words.
    public var scope: String
    /// Whether the auditors let it pass.
    public var isPassed: Bool
    /// When it was finished.
    public var finished: Timestamp
    /// Until when it holds.
    public var validUntil: Timestamp
    /// SHA-256 of the report.
    public var report: Digest
    /// Where the report can be read; nil where it is not public.
    public var reportURI: String?

    /// Makes a report.
    public init(
        auditor: String,
        scope: String,
        isPassed: Bool,
        finished: Timestamp,
        validUntil: Timestamp,
        report: Digest,
        reportURI: String? = nil
    ) {
        self.auditor = auditor
        self.scope = scope
        self.isPassed = isPassed
        self.finished = finished
        self.validUntil = validUntil
        self.report = report
        self.reportURI = reportURI
    }

    /// Characters of the longest name of an auditor.
    public static let longestAuditor = 200
    /// Characters of the longest scope, and of the longest address of a report.
    public static let longestScope = 2_000

    /// Why it cannot be signed; nil when it can.
    func fault(at now: Timestamp, names: Set<String>) -> String? {
        for (name, text, longest) in [
            ("auditor", auditor, Self.longestAuditor), ("scope", scope, Self.longestScope),
            ("report.uri", reportURI ?? "-", Self.longestScope),
        ] {
            guard (1...longest).contains(text.count), !text.unicodeScalars.allSatisfy(\.properties.isWhitespace) else {
                return "\(name) needs 1 to \(longest) characters"
            }
            guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
                return "\(name) has control characters; write it in one line"
            }
            if let finding = PersonalDataLinter(accountNames: names).finding(in: Array(text.utf8)) {
                return
                    "\(name) goes out to everybody who gets the image, and \(finding); name the office, not the person"
            }
        }
        if let reportURI {
            guard reportURI.hasPrefix("https://") || reportURI.hasPrefix("http://"),
                reportURI.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
            else { return "report.uri is no address that begins with https://" }
        }
        if finished > now { return "it is said to be finished at \(finished.rfc3339), which is still to come" }
        if validUntil <= now { return "it would hold until \(validUntil.rfc3339), which is over" }
        return nil
    }

    /// Tells audits of one image apart: a newer one by the same office about the same replaces the older one.
    var slot: [UInt8] { Digest.sha256(Array("\(auditor)\n\(scope)".utf8)).bytes }
}

extension Attesting {
    /// Audits of one image that are kept.
    static let maximumAudits = 32

    /// Signs what people found who looked at an image: queues it, and gives the row that tells how far it is.
    ///
    /// - Throws: ``AttestingError``.
    public func audit(
        _ repository: RepositoryName,
        _ digest: Digest,
        _ report: AuditReport,
        by account: Account
    ) async throws -> ImageAttestation {
        guard let access = try await accounts.access(of: account, to: repository), access.rights.contains(.pull) else {
            throw AttestingError.unknown("there is no repository \"\(repository)\" that you may see")
        }
        guard access.rights.contains(.overwrite) else {
            if let freeze = access.namespace?.freeze {
                throw AttestingError.denied("the namespace is frozen since \(freeze.at.rfc3339); nothing is attested")
            }
            throw Self.denied(repository)
        }
        guard let summary = try await registry.manifestSummary(repository, digest) else {
            throw AttestingError.unknown("\(repository)@\(digest) is not in this registry; push it first")
        }
        guard summary.kind != .artefact else {
            throw AttestingError.refused("\(digest) is no image; images are audited")
        }
        guard summary.takedown == nil else {
            throw AttestingError.refused(
                "\(repository)@\(digest) was taken down for legal reasons; nothing is attested"
            )
        }
        guard digest.algorithm == .sha256 else { throw AttestingError.refused(Self.otherDigest) }
        let names = try await accounts.namesOfPeople()
        let now = clock.now()
        if let fault = report.fault(at: now, names: names) { throw AttestingError.invalid(fault) }
        guard log != nil, let address = address() else {
            throw AttestingError.unavailable(
                log == nil ? Self.nobodySigns : "the node does not know its own name yet; set --public-url"
            )
        }
        let image = StatedImage(
            repository: repository,
            digest: digest,
            authority: address.authority,
            address: address.url,
            version: version
        )
        let draft = Self.draft(report, of: image)
        let isLogged = access.namespace.map(\.isPublic) ?? accounts.allowsOutside
        let row = try await database.write { [accounts] t in
            // As things are in the transaction that writes it down.
            guard try accounts.access(t, of: account, to: repository, at: now)?.rights.contains(.overwrite) == true
            else { throw Self.denied(repository) }
            let audits = try Self.rows(repository, digest, t).filter { $0.kind == .audit }
            guard
                audits.contains(where: { $0.slot == draft.slot }) || Set(audits.map(\.slot)).count < Self.maximumAudits
            else {
                throw AttestingError.refused("the image has \(Self.maximumAudits) audits, and no more are kept")
            }
            let row = try Self.write(
                draft,
                about: repository,
                digest,
                isLogged: isLogged,
                by: account.name,
                at: now,
                t
            )
            let subject = Registry.assessmentSubject(repository, digest)
            try AuditLog.append(
                t,
                actor: account.name,
                action: "attestation.audit",
                subject: subject,
                detail: [
                    "auditor": .string(report.auditor), "scope": .string(report.scope),
                    "passed": .bool(report.isPassed), "report": .string(report.report.description),
                    "validUntil": .string(report.validUntil.rfc3339), "attestation": .integer(row.id),
                ],
                at: now
            )
            try AssessmentService.attest(subject, at: now, in: t)
            return row
        }
        whenQueued()
        return row
    }

    static func draft(_ report: AuditReport, of image: StatedImage) -> StatementDraft {
        let predicate = HumanAudit(
            auditor: report.auditor,
            scope: report.scope,
            isPassed: report.isPassed,
            finished: report.finished,
            validUntil: report.validUntil,
            report: ResourceDescriptor(uri: report.reportURI, report.report)
        ).predicate
        let type = PredicateType.humanAudit(below: image.address)
        let payload = image.statement(type, predicate)
        return StatementDraft(
            kind: .audit,
            slot: report.slot,
            basis: .sha256(payload),
            predicateType: type,
            payload: payload,
            validUntil: report.validUntil
        )
    }

    private static func denied(_ repository: RepositoryName) -> AttestingError {
        .denied("only maintainers of the namespace of \"\(repository)\" and operators may attest an audit")
    }
}
