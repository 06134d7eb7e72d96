// SPDX-License-Identifier: EUPL-1.2

import JSON
public import OCI
public import Time

/// Something that was found beside an image and may speak about it.
public enum Evidence: Sendable, Hashable {
    /// A layer of a `.sig` manifest: the payload, and the annotations with signature and log entry.
    case simpleSigning(payload: [UInt8], signature: String, log: String?, material: SignerMaterial? = nil)
    /// A layer of an `.att` manifest: the envelope, and the annotation with the log entry.
    case envelope([UInt8], log: String?, material: SignerMaterial? = nil)
    /// A Sigstore bundle.
    case bundle([UInt8])
    /// An OpenPGP message around a simple-signing payload.
    case openPGP([UInt8])
}

extension AttachedManifest {
    /// A layer of the manifest as evidence; nil when the bytes are not the layer's.
    public func evidence(_ layer: Descriptor, blob: [UInt8]) -> Evidence? {
        guard layer.size == blob.count, layer.digest == .hash(blob, by: layer.digest.algorithm) else { return nil }
        let log = layer.annotations[Self.logAnnotation]
        let material = SignerMaterial(annotations: layer.annotations)
        let signature = layer.annotations[Self.signatureAnnotation] ?? ""
        return kind == .attestations
            ? .envelope(blob, log: log, material: material)
            : .simpleSigning(payload: blob, signature: signature, log: log, material: material)
    }
}

/// Looks at evidence by a policy, at a time: a pure function of the three.
///
/// Fails closed: what cannot be read, is not understood, or cannot be found out, is not accepted.
public struct Verification: Sendable {
    /// Whom to believe what.
    public let policy: TrustPolicy
    /// What time it is.
    public let now: Timestamp
    // Clocks of a log and of this machine differ.
    static let clockSkew = Duration.seconds(300)

    /// Makes a verification.
    public init(policy: TrustPolicy, now: Timestamp) {
        self.policy = policy
        self.now = now
    }

    /// What is to be thought of evidence about an image, piece by piece.
    public func report(on evidence: [Evidence], about subject: VerificationSubject) -> VerificationReport {
        let items = evidence.prefix(AttestationLimits.evidence).enumerated().map {
            report($0.element, index: $0.offset, about: subject)
        }
        return VerificationReport(items: items, skipped: max(0, evidence.count - AttestationLimits.evidence))
    }

    private func report(_ evidence: Evidence, index: Int, about subject: VerificationSubject) -> EvidenceReport {
        var report = EvidenceReport(index: index)
        do {
            switch evidence {
            case .simpleSigning(let payload, let signature, let log, let material):
                try simpleSigning(payload, signature, log, material, subject, &report)
            case .envelope(let bytes, let log, let material):
                let content = try DSSEEnvelope(parsing: bytes)
                try envelope(content, try entries(log), material.map { .annotations($0) }, subject, &report)
            case .bundle(let bytes):
                let bundle = try SigstoreBundle(parsing: bytes)
                guard case .envelope(let content) = bundle.content else {
                    throw AttestationError.value(
                        path: "$",
                        reason: "is the signature of a file, not a statement about an image"
                    )
                }
                try envelope(content, bundle.logEntries, bundle.certified.map { .bundle($0) }, subject, &report)
            case .openPGP(let bytes): try openPGP(bytes, subject, &report)
            }
        } catch let error as OpenPGPError {
            if case .notAssessed(let what) = error {
                report.note(.format, notAssessed: what)
            } else {
                report.note(.format, .malformed(error.description))
            }
        } catch {
            report.note(.format, .malformed("\(error)".excerpt(300)))
        }
        return report
    }

    /// What is to be thought of a bundle beside a file.
    public func report(onFile file: [UInt8], bundle bytes: [UInt8]) -> EvidenceReport {
        var report = EvidenceReport(index: 0)
        do throws(AttestationError) {
            let bundle = try SigstoreBundle(parsing: bytes)
            guard case .message(let digest, let signature) = bundle.content else {
                throw .value(path: "$", reason: "is a statement, not the signature of a file")
            }
            report.note(.format, nil)
            let made = MadeSignatures(signatures: [signature], signed: file, payload: file, entries: bundle.logEntries)
            guard let terms = try signer(made, bundle.certified.map { .bundle($0) }, &report) else { return report }
            report.claim = .file
            report.note(.keyScope, terms.claims.contains(.file) ? nil : .claimNotAllowed(.file))
            report.note(.digest, digest == .sha256(file) ? nil : .wrongDigest)
        } catch {
            report.note(.format, .malformed(error.description.excerpt(300)))
        }
        return report
    }

    // MARK: - Kinds of evidence

    private func simpleSigning(
        _ payload: [UInt8],
        _ text: String,
        _ log: String?,
        _ material: SignerMaterial?,
        _ subject: VerificationSubject,
        _ report: inout EvidenceReport
    ) throws(AttestationError) {
        guard text.utf8.count <= 1024, let signature = Base64.decoded(text) else {
            throw .base64(path: AttachedManifest.signatureAnnotation)
        }
        let claim = try SimpleSigning(parsing: payload, as: .cosign)
        let made = MadeSignatures(
            signatures: [signature],
            signed: payload,
            payload: payload,
            entries: try entries(log)
        )
        report.note(.format, nil)
        guard let terms = try signer(made, material.map { .annotations($0) }, &report) else { return }
        image(claim, terms, subject, &report)
    }

    private func openPGP(_ bytes: [UInt8], _ subject: VerificationSubject, _ report: inout EvidenceReport) throws {
        let message = try OpenPGPMessage(parsing: bytes)
        let claim = try SimpleSigning(parsing: message.content, as: .openPGP)
        report.note(.format, nil)
        guard let signer = policy.openPGPKeys.first(where: { message.isSigned(by: $0.key) }) else {
            return report.note(.signature, .noTrustedKey)
        }
        report.note(.signature, nil)
        report.signed(signer.terms, fingerprint: signer.key.fingerprintText)
        report.changes(at: [signer.key.expires, message.expires], after: now)
        if policy.logRequirement != .none { report.note(.log, .notLogged) }
        validity(signer.terms, &report)
        if signer.key.isRevoked {
            report.note(.keyValidity, .revoked(from: nil))
        } else if let end = signer.key.expires, end <= now {
            report.note(.keyValidity, .expired(at: end))
        }
        if message.created > now + Self.clockSkew {
            report.note(.expiry, .notYetValid(from: message.created))
        } else {
            report.note(.expiry, message.expires.flatMap { $0 <= now ? .expired(at: $0) : nil })
        }
        image(claim, signer.terms, subject, &report)
    }

    private func envelope(
        _ envelope: DSSEEnvelope,
        _ entries: [BundleLogEntry],
        _ material: SignerSource?,
        _ subject: VerificationSubject,
        _ report: inout EvidenceReport
    ) throws(AttestationError) {
        guard envelope.payloadType == DSSEEnvelope.statementType else {
            throw .value(path: "$.payloadType", reason: "is not \(DSSEEnvelope.statementType)")
        }
        let statement = try Statement(parsing: envelope.payload)
        var summary: VerificationSummary?
        if statement.predicateType == PredicateType.verificationSummary {
            summary = try VerificationSummary(predicate: statement.predicate)
        }
        report.note(.format, nil)
        let made = MadeSignatures(
            signatures: envelope.signatures.map(\.bytes),
            signed: envelope.bytesToSign,
            payload: envelope.payload,
            entries: entries
        )
        guard let terms = try signer(made, material, &report) else { return }
        report.statement = statement
        let claim: Claim =
            statement.predicateType == PredicateType.cosignSignature
            ? .imageSignature : .predicate(statement.predicateType)
        report.claim = claim
        scope(claim, terms, subject, &report)
        // The same content can have several names: one of this repository is enough.
        let named = statement.subjects.filter { $0.isContent(subject.digest) }
        let own = named.first { content in
            repository(content.name ?? "").map { terms.allows($0, for: subject.repository) } ?? false
        }
        guard let name = own ?? named.first
        else {
            return report.note(.digest, .wrongDigest)
        }
        report.note(.digest, nil)
        if let summary {
            place(summary.resourceURI, subject, terms, requiresName: true, requiresTag: false, &report)
            report.changes(at: [summary.validUntil], after: now)
            if let end = summary.validUntil { report.note(.expiry, end <= now ? .expired(at: end) : nil) }
        } else {
            place(
                name.name ?? "",
                subject,
                terms,
                requiresName: policy.requiresSubjectName || claim == .imageSignature,
                requiresTag: claim == .imageSignature,
                &report
            )
        }
    }

    // MARK: - Checks

    /// On what terms a signer is believed that made one of some signatures; nil when nobody is.
    ///
    /// Hints at keys are not looked at, because anybody can write them. A certificate is looked at where no trusted key signed.
    private func signer(
        _ made: MadeSignatures,
        _ source: SignerSource?,
        _ report: inout EvidenceReport
    ) throws(AttestationError) -> KeyTerms? {
        for signature in made.signatures {
            guard let key = policy.keys.first(where: { $0.key.isValidSignature(signature, for: made.signed) }) else {
                continue
            }
            report.note(.signature, nil)
            report.signed(key.terms, fingerprint: key.key.fingerprint.description)
            logged(made, signature: signature, by: .key(key.key), &report)
            validity(key.terms, &report)
            return key.terms
        }
        guard let source, !policy.authorities.isEmpty else {
            report.note(.signature, .noTrustedKey)
            return nil
        }
        return certified(try source.certified(), made, &report)
    }

    private func image(
        _ claim: SimpleSigning,
        _ terms: KeyTerms,
        _ subject: VerificationSubject,
        _ report: inout EvidenceReport
    ) {
        report.claim = .imageSignature
        scope(.imageSignature, terms, subject, &report)
        report.note(.digest, claim.digest == subject.digest ? nil : .wrongDigest)
        place(claim.dockerReference, subject, terms, requiresName: true, requiresTag: true, &report)
    }

    private func scope(
        _ claim: Claim,
        _ terms: KeyTerms,
        _ subject: VerificationSubject,
        _ report: inout EvidenceReport
    ) {
        guard terms.claims.contains(claim) else { return report.note(.keyScope, .claimNotAllowed(claim)) }
        report.note(.keyScope, terms.covers(subject.repository) ? nil : .outOfScope)
    }

    /// Registry and repository of an image's name; nil when it names none.
    private func repository(_ name: String) -> String? {
        guard let reference = try? Reference(parsing: name) else { return nil }
        return reference.registry.map { $0 + "/" + reference.repository.text }
    }

    /// Whether a name is that of the repository and, where one was asked for, of the tag.
    private func place(
        _ name: String,
        _ subject: VerificationSubject,
        _ terms: KeyTerms,
        requiresName: Bool,
        requiresTag: Bool,
        _ report: inout EvidenceReport
    ) {
        guard let reference = try? Reference(parsing: name), let repository = repository(name) else {
            return report.note(.repository, requiresName ? .wrongRepository(name.excerpt(128)) : nil)
        }
        let isAllowed = terms.allows(repository, for: subject.repository)
        report.note(.repository, isAllowed ? nil : .wrongRepository(repository.excerpt(128)))
        if let digest = reference.digest, digest != subject.digest { report.note(.digest, .wrongDigest) }
        guard let tag = subject.tag, requiresTag || reference.tag != nil else { return }
        report.note(.tag, reference.tag == tag ? nil : .wrongTag(reference.tag?.text))
    }

    /// Whether the key counted when a trusted log saw the signature; without a log only the present is certain.
    func validity(_ terms: KeyTerms, _ report: inout EvidenceReport) {
        let proven = report.provenAt ?? report.loggedAt
        let time = proven ?? now
        if proven == nil {
            report.changes(at: [terms.validFrom, terms.validUntil, terms.revokedFrom], after: now)
        }
        if let revoked = terms.revokedFrom, time >= revoked {
            return report.note(.keyValidity, .revoked(from: revoked))
        }
        if time < terms.validFrom { return report.note(.keyValidity, .notYetValid(from: terms.validFrom)) }
        if let end = terms.validUntil, time >= end { return report.note(.keyValidity, .expired(at: end)) }
        report.note(.keyValidity, nil)
    }

    private func entries(_ annotation: String?) throws(AttestationError) -> [BundleLogEntry] {
        guard let annotation else { return [] }
        let promised = try SignedEntryTimestamp(annotation: annotation)
        return [BundleLogEntry(entry: promised.entry, kind: "", promise: promised.signature, inclusionProof: nil)]
    }

    /// Whether a trusted log saw this signature, and when.
    func logged(
        _ made: MadeSignatures,
        signature: [UInt8],
        by verifier: LogVerifier,
        _ report: inout EvidenceReport
    ) {
        var failure: VerificationFailure = made.entries.isEmpty ? .notLogged : .wrongLog
        for entry in made.entries {
            guard let log = policy.logs.first(where: { $0.key.fingerprint.bytes == entry.entry.logID }) else {
                continue
            }
            let time = Timestamp(seconds: entry.entry.integratedTime)
            guard let promise = entry.promise, entry.entry.isPromised(by: log.key, promise), time >= log.validFrom,
                log.validUntil.map({ time < $0 }) ?? true, time <= now + Self.clockSkew
            else {
                failure = .invalidLogEntry
                continue
            }
            guard let body = try? LogBody(parsing: entry.entry.body),
                body.isAbout(signed: made.signed, payload: made.payload, signature: signature, by: verifier)
            else {
                failure = .foreignLogEntry
                continue
            }
            report.loggedAt = time
            report.loggedBy = log.name
            report.note(.log, nil)
            if policy.logRequirement == .inclusion { inclusion(entry, log, &report) }
            return
        }
        // Where no log is asked for, an entry of one that is not trusted says nothing; a false one of a trusted log is an attempt.
        if policy.logRequirement != .none || (failure != .notLogged && failure != .wrongLog) {
            report.note(.log, failure)
        }
    }

    private func inclusion(_ entry: BundleLogEntry, _ log: TrustedLog, _ report: inout EvidenceReport) {
        guard let verifies = policy.verifiesInclusion else {
            return report.note(.inclusion, notAssessed: "nothing here can hash the tree of a log")
        }
        guard entry.inclusionProof != nil else { return report.note(.inclusion, .notLogged) }
        report.note(.inclusion, verifies(entry, log) ? nil : .invalidInclusion)
    }
}
