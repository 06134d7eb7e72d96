// SPDX-License-Identifier: EUPL-1.2

internal import Attestations
internal import MerkleLog
internal import OCI
internal import Time

/// Judges what was found beside an image by the node's keys, then by those of publishers.
struct EvidenceJudge {
    let demands: TrustDemands
    /// Registry and repository that signatures must name, and the tag.
    let subject: (Digest) -> VerificationSubject

    /// Times before which no computer signed: publishers' keys come without any.
    private static let always = Timestamp(seconds: 0)

    func judge(_ found: AttachedPieces, about digest: Digest) -> [JudgedPiece] {
        let types = found.predicateTypes
        let subject = subject(digest)
        return found.pieces.map { piece in
            switch piece.content {
            case .failure(let error): Self.unread(piece, error)
            case .success(let evidence): judge(evidence, piece, types, subject)
            }
        }
    }

    private static func unread(_ piece: AttachedPiece, _ error: AttachmentError) -> JudgedPiece {
        let outcome: TrustOutcome = if case .unread = error { .undecided } else { .failed }
        return JudgedPiece(
            form: piece.form,
            place: piece.place,
            outcome: outcome,
            checks: [],
            problem: error.description,
            claim: nil,
            signer: nil,
            isPublisher: false,
            loggedAt: nil,
            provenIndex: nil,
            namesTag: false,
            isFailedSummary: false
        )
    }

    private func judge(
        _ evidence: Evidence,
        _ piece: AttachedPiece,
        _ types: Set<String>,
        _ subject: VerificationSubject
    ) -> JudgedPiece {
        var answers = [(report: EvidenceReport, publisher: String?)]()
        if let policy = nodePolicy(piece.form, types) {
            answers.append((report(evidence, policy, subject), nil))
        }
        for publisher in demands.publishers {
            answers.append((report(evidence, publisherPolicy(publisher, types), subject), publisher.name))
        }
        // The first whose key made it; where nobody's did, the node's answer says so.
        // Of signers by certificate the one whose signature it is says why it does not count.
        let answer =
            answers.first { $0.report.signer != nil }
            ?? answers.first { $0.report.checks.contains { $0.name == .signature && $0.outcome == .passed } }
            ?? answers.first
        guard let answer else { return Self.unread(piece, .unread("no key was given")) }
        let report = answer.report
        // cosign signs names without a tag: such a signature is about the digest and leaves the tag open.
        let leavesTagOpen =
            answer.publisher != nil && report.failures == [.wrongTag(nil)]
            && report.checks.allSatisfy { $0.outcome == .passed || $0.name == .tag }
        let isAccepted = report.isAccepted || leavesTagOpen
        let isUnknown = !isAccepted && report.failures.isEmpty
        let isProven = report.checks.contains { $0.name == .inclusion && $0.outcome == .passed }
        return JudgedPiece(
            form: piece.form,
            place: piece.place,
            outcome: isAccepted ? .passed : isUnknown ? .undecided : .failed,
            checks: report.checks,
            problem: nil,
            claim: report.claim,
            signer: report.signer,
            isPublisher: answer.publisher != nil,
            loggedAt: report.loggedAt,
            provenIndex: isProven ? Self.index(evidence) : nil,
            namesTag: !leavesTagOpen,
            isFailedSummary: Self.isFailedSummary(report.statement)
        )
    }

    private func report(_ evidence: Evidence, _ policy: TrustPolicy, _ subject: VerificationSubject) -> EvidenceReport {
        let report = Verification(policy: policy, now: demands.now).report(on: [evidence], about: subject)
        return report.items[0]
    }

    private func nodePolicy(_ form: AttachedForm, _ types: Set<String>) -> TrustPolicy? {
        guard let root = demands.root else { return nil }
        let requirement: TrustPolicy.LogRequirement
        switch (form, demands.log) {
        // No log knows OpenPGP messages; that the image is logged is a demand of its own.
        case (.openPGP, _), (_, .none): requirement = .none
        // Only bundles bring proofs.
        case (.bundle, .inclusion): requirement = .inclusion
        case (_, .inclusion), (_, .promise): requirement = .promise
        }
        return TrustPolicy(
            keys: root.trustedKeys(types),
            openPGPKeys: root.trustedOpenPGPKeys,
            logs: root.trustedLogs,
            logRequirement: requirement,
            // A statement is bound to the image by its digest; names of other forms than references are left to their readers.
            requiresSubjectName: false,
            verifiesInclusion: { entry, _ in root.proves(entry) }
        )
    }

    private func publisherPolicy(_ publisher: PublisherKey, _ types: Set<String>) -> TrustPolicy {
        let claims = Set(types.map { Claim.predicate($0) }).union([.imageSignature])
        let terms = KeyTerms(name: publisher.name, claims: claims, validFrom: Self.always)
        switch publisher.material {
        case .plain(let key):
            return TrustPolicy(keys: [TrustedKey(key, terms)], logRequirement: .none, requiresSubjectName: false)
        case .certificates(let certificates):
            return certificates.policy(terms, nodeLogs: demands.root?.trustedLogs ?? [])
        case .openPGP(let keys):
            return TrustPolicy(openPGPKeys: keys.map { TrustedOpenPGPKey($0, terms) }, logRequirement: .none)
        }
    }

    private static func index(_ evidence: Evidence) -> Int64? {
        guard case .bundle(let bytes) = evidence else { return nil }
        return (try? SigstoreBundle(parsing: bytes))?.logEntries.first?.inclusionProof?.logIndex
    }

    private static func isFailedSummary(_ statement: Attestations.Statement?) -> Bool {
        guard let statement, statement.predicateType == PredicateType.verificationSummary else { return false }
        return (try? VerificationSummary(predicate: statement.predicate))?.isPassed != true
    }
}
