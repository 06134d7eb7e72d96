// SPDX-License-Identifier: EUPL-1.2

internal import Attestations
internal import Criteria
internal import JSON
internal import Keys
internal import OCI
internal import Policies
internal import SBOM
internal import Time

/// Whom to believe about one repository: the keys of its namespace's policy, and the node's own.
struct TrustedSigners {
    private let policy: TrustPolicy
    /// Who is behind a key, by its fingerprint.
    private let signers: [String: EvidenceSigner]
    /// Whether what the node signs as a release counts.
    private let countsNode: Bool

    /// - Parameters:
    ///   - rules: the policy; nil where none is in force, then only what this node signed is recognised.
    ///   - node: keys of the node.
    ///   - repository: whose images are looked at.
    ///   - otherNames: other names of the same repository, with registry.
    init(rules: TrustRules?, node: [KeyRecord], repository: RepositoryName, otherNames: [String] = []) {
        var policy =
            rules?.policy(for: repository.text, verifiesInclusion: LogInclusion.verifies)
            ?? TrustPolicy(logRequirement: .none, verifiesInclusion: LogInclusion.verifies)
        var signers: [String: EvidenceSigner] = [:]
        for (publisher, key) in rules?.keys ?? [] {
            signers[key.material.fingerprint] = EvidenceSigner(
                name: key.name,
                fingerprint: key.material.fingerprint,
                publisher: EvidencePublisher(name: publisher.name, contact: publisher.contact)
            )
        }
        for (publisher, rule) in rules?.certificates ?? [] {
            signers[rule.fingerprint] = EvidenceSigner(
                name: rule.name,
                fingerprint: rule.fingerprint,
                publisher: EvidencePublisher(name: publisher.name, contact: publisher.contact)
            )
        }
        let own = rules?.publishers.first(where: \.countsNode)
        let publisher = own.map { EvidencePublisher(name: $0.name, contact: $0.contact) }
        for record in node {
            for (key, fingerprint) in NodeKey.all(of: record) {
                // A namespace may list a key of the node as somebody else's; the node's own word on its keys goes before.
                policy.keys.removeAll { $0.key.fingerprint.description == fingerprint }
                policy.openPGPKeys.removeAll { $0.key.fingerprintText == fingerprint }
                signers[fingerprint] = EvidenceSigner(
                    name: "\(record.role.rawValue) \(record.id)",
                    fingerprint: fingerprint,
                    publisher: record.role == .release || record.role == .openPGP ? publisher : nil,
                    isNode: true
                )
                switch key {
                case .key(let key): policy.keys.append(key)
                case .openPGP(let key): policy.openPGPKeys.append(key)
                case .log(let log):
                    policy.logs.removeAll { $0.key == log.key }
                    policy.logs.append(log)
                }
            }
        }
        for index in policy.keys.indices { policy.keys[index].terms.aliases += otherNames }
        for index in policy.authorities.indices { policy.authorities[index].terms.aliases += otherNames }
        for index in policy.openPGPKeys.indices { policy.openPGPKeys[index].terms.aliases += otherNames }
        self.policy = policy
        self.signers = signers
        countsNode = rules == nil || own != nil
    }

    /// What is to be thought of everything that was found, as evidence for a verdict.
    ///
    /// - Parameter reports: of ``reports(on:about:at:)``.
    func judged(_ found: [FoundEvidence], _ reports: [EvidenceReport]) -> SignedEvidence {
        var signed = SignedEvidence()
        for (evidence, report) in zip(found, reports) {
            let proof = proof(report)
            let content = Content(evidence.evidence)
            if content.isStatement {
                signed.statements.append(
                    FoundStatement(
                        predicateType: content.statement?.predicateType.excerpt(200) ?? "?",
                        payload: Digest.sha256(content.payload).description,
                        form: evidence.form,
                        proof: proof,
                        statedAt: report.isAccepted ? content.statedAt : nil
                    )
                )
            } else {
                signed.signatures.append(
                    FoundSignature(form: evidence.form, source: evidence.source.description, proof: counted(proof))
                )
            }
        }
        return signed
    }

    /// The reports behind ``judged(_:_:)``, in the order of what was found.
    func reports(
        on found: [FoundEvidence],
        about subject: VerificationSubject,
        at now: Timestamp
    ) -> [EvidenceReport] {
        Verification(policy: policy, now: now).report(on: found.map(\.evidence), about: subject).items
    }

    /// Who is behind a report; nil when no trusted key signed.
    ///
    /// Somebody whom a certificate names is told with that name.
    func signer(of report: EvidenceReport) -> EvidenceSigner? {
        guard var signer = report.fingerprint.flatMap({ signers[$0] }) else { return nil }
        if let identity = report.identity { signer.name += ", \(identity)" }
        return signer
    }

    /// What the statements that count say.
    func reading(
        of found: [FoundEvidence],
        _ reports: [EvidenceReport],
        about digest: Digest,
        _ rules: TrustRules
    ) -> SupplierReading {
        var reading = SupplierReading(subject: digest, rules: rules)
        for (evidence, report) in zip(found, reports) {
            guard report.isAccepted, let statement = report.statement, let signer = signer(of: report) else { continue }
            reading.read(
                statement,
                by: signer,
                payload: .sha256(Content(evidence.evidence).payload),
                loggedAt: report.loggedAt
            )
        }
        reading.finish()
        return reading
    }

    private func proof(_ report: EvidenceReport) -> SignatureProof {
        SignatureProof(
            signer: signer(of: report),
            isAccepted: report.isAccepted,
            problems: report.checks.compactMap { $0.outcome.problem },
            provenAt: report.loggedAt,
            provenBy: report.loggedBy,
            changesAt: report.changesAt
        )
    }

    /// The same, where a release of the node counts for nobody.
    private func counted(_ proof: SignatureProof) -> SignatureProof {
        guard proof.signer?.isNode == true, proof.isAccepted, !countsNode else { return proof }
        var refused = proof
        refused.isAccepted = false
        refused.problems = [
            LocalizedText(
                de: "dieser Knoten hat signiert, und die Vertrauensregel zählt das für keine Stelle (node: true)",
                en: "this node signed it, and the trust policy counts that for no publisher (node: true)"
            )
        ]
        return refused
    }
}

/// What evidence carries, whoever signed it.
private struct Content {
    /// Nil for what cannot be read, and for signatures without a statement.
    let statement: Attestations.Statement?
    /// What was signed, byte by byte; empty for signatures.
    let payload: [UInt8]
    /// Whether it speaks about an image in another way than by signing it.
    let isStatement: Bool

    init(_ evidence: Attestations.Evidence) {
        var envelope: DSSEEnvelope?
        var isAttestation = false
        switch evidence {
        case .envelope(let bytes, _, _):
            envelope = try? DSSEEnvelope(parsing: bytes)
            isAttestation = true
        case .bundle(let bytes):
            if case .envelope(let content)? = (try? SigstoreBundle(parsing: bytes))?.content { envelope = content }
        case .simpleSigning, .openPGP: break
        }
        statement = envelope.flatMap { try? Attestations.Statement(parsing: $0.payload) }
        payload = envelope?.payload ?? []
        isStatement = statement.map { $0.predicateType != PredicateType.cosignSignature } ?? isAttestation
    }

    /// When a statement says that it was made.
    var statedAt: Timestamp? {
        guard let statement, statement.predicateType == PredicateType.verificationSummary else { return nil }
        return (try? VerificationSummary(predicate: statement.predicate))?.timeVerified
    }
}

/// A key of the node as those who verify need it.
private enum NodeKey {
    case key(TrustedKey)
    case openPGP(TrustedOpenPGPKey)
    case log(TrustedLog)

    static func all(of record: KeyRecord) -> [(NodeKey, fingerprint: String)] {
        // What a retired key signed stays good: its private half is kept like that of the one that signs now.
        let terms = KeyTerms(
            name: "\(record.role.rawValue) \(record.id)",
            claims: claims(of: record.role),
            validFrom: min(record.created, record.signsFrom),
            revokedFrom: record.revokedFrom
        )
        switch record.role {
        case .openPGP:
            guard let point = record.rawEd25519,
                let key = try? OpenPGPPublicKey(ed25519: point, created: record.created)
            else { return [] }
            return [(.openPGP(TrustedOpenPGPKey(key, terms)), key.fingerprintText)]
        case .logTimestamps:
            guard record.revokedFrom == nil, let key = try? PublicKey(spki: record.publicKey) else { return [] }
            let log = TrustedLog(key: key, name: "log of this node", validFrom: record.signsFrom, validUntil: nil)
            return [(.log(log), key.fingerprint.description)]
        case .logNotes, .feeds: return []
        case .release, .provenance, .verdict, .scan, .vex, .audit:
            guard let key = try? PublicKey(spki: record.publicKey) else { return [] }
            return [(.key(TrustedKey(key, terms)), key.fingerprint.description)]
        }
    }

    private static func claims(of role: KeyRole) -> Set<Claim> {
        switch role {
        case .release, .openPGP: [.imageSignature]
        case .provenance: [.predicate(PredicateType.provenance)]
        case .verdict:
            [
                .predicate(PredicateType.verificationSummary), .predicate(PredicateType.simpleVerificationResult),
                .predicate(PredicateType.testResult),
            ]
        case .scan:
            [
                .predicate(PredicateType.cycloneDX), .predicate(PredicateType.spdx),
                .predicate(PredicateType.vulnerabilities),
            ]
        case .vex: [.predicate(PredicateType.openVEX)]
        case .audit, .feeds, .logNotes, .logTimestamps: []
        }
    }
}
