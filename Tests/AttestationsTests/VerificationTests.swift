// SPDX-License-Identifier: EUPL-1.2

import Attestations
import JSON
import OCI
import Testing
import Time

@Suite("Verification")
struct VerificationTests {
    let signer: Signer
    let log: TestLog
    let pgp: OpenPGPPublicKey
    let pgpSigner: Signer

    init() throws {
        signer = try Signer.p256()
        log = try TestLog()
        pgpSigner = try Signer.ed25519()
        pgp = try OpenPGPTests.key(pgpSigner).key
    }

    private func terms(_ change: (inout KeyTerms) -> Void = { _ in }) -> KeyTerms {
        var terms = KeyTerms(
            name: "release",
            claims: [
                .imageSignature, .predicate(PredicateType.provenance), .predicate(PredicateType.verificationSummary),
                .file,
            ],
            scopes: ["registry.example/gov"],
            validFrom: Sample.time - .seconds(1000)
        )
        change(&terms)
        return terms
    }

    private func policy(
        _ requirement: TrustPolicy.LogRequirement = .none,
        _ change: (inout KeyTerms) -> Void = { _ in }
    ) -> TrustPolicy {
        TrustPolicy(
            keys: [TrustedKey(signer.key, terms(change))],
            openPGPKeys: [TrustedOpenPGPKey(pgp, terms(change))],
            logs: [TrustedLog(key: log.signer.key, name: "log", validFrom: Sample.time - .seconds(1000))],
            logRequirement: requirement
        )
    }

    private func report(
        _ evidence: Evidence,
        _ policy: TrustPolicy,
        tag: String? = "1.0",
        now: Timestamp = Sample.time + .seconds(10)
    ) throws -> EvidenceReport {
        let report = Verification(policy: policy, now: now).report(on: [evidence], about: try Sample.subject(tag: tag))
        return try #require(report.items.first)
    }

    private func signature(
        _ reference: String = Sample.repository + ":1.0",
        digest: Digest = Sample.digest,
        by other: Signer? = nil,
        logged: Bool = true
    ) throws -> Evidence {
        let payload = SimpleSigning(.cosign, digest: digest, dockerReference: reference).bytes
        let signer = other ?? signer
        let signature = try signer.sign(payload)
        let body = LogBody.hashedRekord(payload: payload, signature: signature, key: signer.key)
        return .simpleSigning(
            payload: payload,
            signature: Base64.encoded(signature),
            log: logged ? try log.promise(body, at: Sample.time).annotation : nil
        )
    }

    private func message(_ reference: String = Sample.repository + ":1.0", digest: Digest = Sample.digest) throws
        -> Evidence
    {
        let payload = SimpleSigning(.openPGP, digest: digest, dockerReference: reference).bytes
        let signing = try OpenPGPSigning(key: pgp, at: Sample.time)
        return .openPGP(try signing.message(payload, signature: try pgpSigner.sign(signing.bytesToSign(payload))))
    }

    private func bundle(_ statement: Statement = Sample.provenance(), logged: Bool = true) throws -> SigstoreBundle {
        let envelope = try signer.envelope(statement)
        let body = LogBody.dsse(envelope, signers: [.init(signature: envelope.signatures[0].bytes, key: signer.key)])
        return SigstoreBundle(
            .envelope(envelope),
            hint: signer.key.hint,
            logEntries: logged ? [try log.proven(body, at: Sample.time)] : []
        )
    }

    @Test("each form passes, and says who signed what and when a log saw it")
    func passes() throws {
        let simple = try report(signature(), policy(.promise))
        #expect(
            simple.isAccepted && simple.claim == .imageSignature && simple.signer == "release"
                && simple.loggedAt == Sample.time
        )
        let bundled = try report(.bundle(bundle().bytes), policy(.promise))
        #expect(bundled.isAccepted && bundled.claim == .predicate(PredicateType.provenance), "\(bundled)")
        #expect(bundled.statement == Sample.provenance())
        let envelope = try signer.envelope(Sample.provenance())
        let body = LogBody.dsse(envelope, signers: [.init(signature: envelope.signatures[0].bytes, key: signer.key)])
        let attached = try report(
            .envelope(envelope.bytes, log: log.promise(body, at: Sample.time).annotation),
            policy(.promise)
        )
        #expect(attached.isAccepted && attached.loggedAt == Sample.time)
        #expect(try report(message(), policy()).isAccepted)
        #expect(try report(signature(logged: false), policy()).isAccepted)
        #expect(try report(signature(), policy(), tag: nil).isAccepted)
        let all = Verification(policy: policy(.promise), now: Sample.time).report(
            on: [try signature(), try message()],
            about: try Sample.subject()
        )
        #expect(all.accepted(.imageSignature).map(\.index) == [0])
    }

    @Test("what is about other content, another place or another tag fails with just that check")
    func wrongSubject() throws {
        #expect(try report(signature(digest: Sample.other), policy(.promise)).failures == [.wrongDigest])
        #expect(
            try report(signature("registry.example/gov/other:1.0"), policy()).failures == [
                .wrongRepository("registry.example/gov/other")
            ]
        )
        #expect(
            try report(signature("elsewhere.example/gov/app:1.0"), policy()).failures == [
                .wrongRepository("elsewhere.example/gov/app")
            ]
        )
        #expect(try report(signature(Sample.repository + ":2.0"), policy()).failures == [.wrongTag("2.0")])
        #expect(try report(signature(Sample.repository), policy()).failures == [.wrongTag(nil)])
        #expect(try report(signature("app"), policy()).failures == [.wrongRepository("app")])
        #expect(try report(message(digest: Sample.other), policy()).failures == [.wrongDigest])
        #expect(try report(message(Sample.repository + ":2.0"), policy()).failures == [.wrongTag("2.0")])
        #expect(
            try report(.bundle(bundle(Sample.provenance(of: Sample.other)).bytes), policy()).failures == [.wrongDigest]
        )
        #expect(
            try report(.bundle(bundle(Sample.provenance(name: "registry.example/gov/b")).bytes), policy()).failures
                == [.wrongRepository("registry.example/gov/b")]
        )
        let two = Statement(
            subjects: ["registry.example/gov/b", Sample.repository].map { ResourceDescriptor(name: $0, Sample.digest) },
            predicateType: PredicateType.provenance,
            predicate: Sample.provenance().predicate
        )
        #expect(try report(.bundle(bundle(two).bytes), policy()).isAccepted)
        let unnamed = try bundle(Sample.provenance(name: "pkg:oci/app")).bytes
        #expect(try report(.bundle(unnamed), policy()).failures == [.wrongRepository("pkg:oci/app")])
        var lenient = policy()
        lenient.requiresSubjectName = false
        #expect(try report(.bundle(unnamed), lenient).isAccepted)
    }

    @Test("keys count within their time, their scope and for what they may say")
    func keyTerms() throws {
        let past = Sample.time - .seconds(1)
        let soon = Sample.time + .seconds(5)
        #expect(try report(signature(), policy { $0.validUntil = past }).failures == [.expired(at: past)])
        #expect(try report(signature(), policy { $0.revokedFrom = past }).failures == [.revoked(from: past)])
        #expect(try report(signature(), policy { $0.validFrom = soon }).failures == [.notYetValid(from: soon)])
        // The log saw it before the key ended; without the log's word only the present counts.
        #expect(try report(signature(), policy { $0.validUntil = soon }).isAccepted)
        #expect(try report(signature(), policy { $0.revokedFrom = soon }).isAccepted)
        #expect(try report(signature(logged: false), policy { $0.validUntil = soon }).failures == [.expired(at: soon)])
        #expect(
            try report(signature(logged: false), policy { $0.revokedFrom = soon }).failures == [.revoked(from: soon)]
        )
        #expect(try report(message(), policy { $0.revokedFrom = soon }).failures == [.revoked(from: soon)])
        #expect(try report(signature(), policy { $0.scopes = ["registry.example/go"] }).failures == [.outOfScope])
        #expect(try report(signature(), policy { $0.scopes = nil }).isAccepted)
        #expect(try report(signature(), policy { $0.claims = [] }).failures == [.claimNotAllowed(.imageSignature)])
        let provenance = Claim.predicate(PredicateType.provenance)
        #expect(
            try report(.bundle(bundle().bytes), policy { $0.claims = [.imageSignature] }).failures == [
                .claimNotAllowed(provenance)
            ]
        )
        #expect(try report(signature(by: Signer.p256()), policy()).failures == [.noTrustedKey])
        let foreign = try report(.bundle(bundle().bytes), TrustPolicy(logRequirement: .none))
        #expect(foreign.failures == [.noTrustedKey] && foreign.statement == nil && foreign.claim == nil)
    }

    @Test("a log that is required must have seen just this signature")
    func logs() throws {
        #expect(try report(signature(logged: false), policy(.promise)).failures == [.notLogged])
        #expect(try report(.bundle(bundle(logged: false).bytes), policy(.promise)).failures == [.notLogged])
        #expect(try report(message(), policy(.promise)).failures == [.notLogged])
        var other = policy(.promise)
        other.logs = [TrustedLog(key: try Signer.p256().key, name: "other", validFrom: Sample.time - .seconds(10))]
        #expect(try report(signature(), other).failures == [.wrongLog])
        other.logRequirement = .none
        #expect(try report(signature(), other).isAccepted)
        // The entry of another signature, moved here.
        let payload = SimpleSigning(.cosign, digest: Sample.digest, dockerReference: Sample.repository + ":1.0").bytes
        let first = try signer.sign(payload)
        let second = try signer.sign(payload)
        let body = LogBody.hashedRekord(payload: payload, signature: first, key: signer.key)
        let annotation = try log.promise(body, at: Sample.time).annotation
        let moved = Evidence.simpleSigning(payload: payload, signature: Base64.encoded(second), log: annotation)
        #expect(try report(moved, policy(.promise)).failures == [.foreignLogEntry])
        #expect(try report(moved, policy(.none)).failures == [.foreignLogEntry])
        // A promise whose time was changed.
        var forged = try SignedEntryTimestamp(annotation: annotation)
        forged.entry.integratedTime -= 500
        let early = Evidence.simpleSigning(payload: payload, signature: Base64.encoded(first), log: forged.annotation)
        #expect(try report(early, policy(.promise)).failures == [.invalidLogEntry])
        // A log of tomorrow.
        #expect(
            try report(signature(), policy(.promise), now: Sample.time - .seconds(400)).failures.contains(
                .invalidLogEntry
            )
        )
    }

    @Test("inclusion is assessed by who knows trees, and not accepted without")
    func inclusion() throws {
        let bytes = try bundle().bytes
        let unknown = try report(.bundle(bytes), policy(.inclusion))
        #expect(!unknown.isAccepted && unknown.failures.isEmpty)
        var policy = policy(.inclusion)
        policy.verifiesInclusion = { entry, _ in entry.inclusionProof?.treeSize == 3 }
        #expect(try report(.bundle(bytes), policy).isAccepted)
        #expect(try report(signature(), policy).failures == [.notLogged])
        policy.verifiesInclusion = { _, _ in false }
        #expect(try report(.bundle(bytes), policy).failures == [.invalidInclusion])
    }

    @Test("a verdict is held to the place that it names and to its end")
    func verdicts() throws {
        let summary = try StatementTests.summary()
        let statement = Statement(
            subjects: [ResourceDescriptor(name: "x", Sample.digest)],
            predicateType: PredicateType.verificationSummary,
            predicate: summary.predicate
        )
        let bytes = try bundle(statement).bytes
        #expect(try report(.bundle(bytes), policy()).isAccepted)
        let end = try #require(summary.validUntil)
        #expect(try report(.bundle(bytes), policy(), now: end).failures == [.expired(at: end)])
        var elsewhere = statement.predicate
        elsewhere["resourceUri"] = .string("registry.example/gov/b@\(Sample.digest)")
        let other = Statement(
            subjects: statement.subjects,
            predicateType: statement.predicateType,
            predicate: elsewhere
        )
        #expect(
            try report(.bundle(bundle(other).bytes), policy()).failures == [.wrongRepository("registry.example/gov/b")]
        )
    }

    @Test("an image signature in the form of a statement names its tag; a verdict never counts as one")
    func signStatement() throws {
        func statement(_ name: String) -> Statement {
            Statement(
                subjects: [ResourceDescriptor(name: name, Sample.digest)],
                predicateType: PredicateType.cosignSignature,
                predicate: [:]
            )
        }
        let signed = try report(.bundle(bundle(statement(Sample.repository + ":1.0")).bytes), policy(.promise))
        #expect(signed.isAccepted && signed.claim == .imageSignature)
        #expect(try report(.bundle(bundle(statement(Sample.repository)).bytes), policy()).failures == [.wrongTag(nil)])
        #expect(
            try report(.bundle(bundle(statement(Sample.repository + ":2.0")).bytes), policy()).failures == [
                .wrongTag("2.0")
            ]
        )
        #expect(
            try report(.bundle(bundle(statement("x")).bytes), policy(), tag: nil).failures == [.wrongRepository("x")]
        )
        let failed = Statement(
            subjects: [ResourceDescriptor(name: Sample.repository, Sample.digest)],
            predicateType: PredicateType.verificationSummary,
            predicate: try StatementTests.summary(nil).predicate
        )
        let evidence = Evidence.bundle(try bundle(failed).bytes)
        let all = Verification(policy: policy(), now: Sample.time).report(on: [evidence], about: try Sample.subject())
        #expect(all.accepted(.imageSignature).isEmpty)
        let only = policy { $0.claims = [.imageSignature] }
        #expect(
            try report(evidence, only).failures == [.claimNotAllowed(.predicate(PredicateType.verificationSummary))]
        )
    }

    @Test("what cannot be read is not accepted, and an endless list is cut")
    func hostile() throws {
        for evidence: Evidence in [
            .bundle([]), .bundle(Array("{}".utf8)), .envelope([0xFF], log: nil), .openPGP([1]),
            .simpleSigning(payload: Array("{}".utf8), signature: "AA==", log: nil),
            .simpleSigning(payload: [], signature: "!", log: nil),
            .bundle([UInt8](repeating: 0x20, count: AttestationLimits.documentBytes + 1)),
        ] {
            let report = try report(evidence, policy())
            #expect(!report.isAccepted && report.checks.first?.name == .format)
        }
        // A signed payload with a member more is refused for that member alone.
        let text =
            #"{"critical":{"identity":{"docker-reference":"registry.example/gov/app:1.0"},"image":{"docker-manifest-digest":""#
            + Sample.digest.description
            + #""},"type":"cosign container image signature","expires":"never"},"optional":null}"#
        let payload = Array(text.utf8)
        let evidence = Evidence.simpleSigning(
            payload: payload,
            signature: Base64.encoded(try signer.sign(payload)),
            log: nil
        )
        guard case .malformed(let reason)? = try report(evidence, policy()).failures.first else {
            Issue.record("accepted")
            return
        }
        #expect(reason.contains("$.critical.expires"))
        let many = Array(repeating: Evidence.bundle([]), count: AttestationLimits.evidence + 7)
        let report = Verification(policy: policy(), now: Sample.time).report(on: many, about: try Sample.subject())
        #expect(report.items.count == AttestationLimits.evidence && report.skipped == 7)
    }

    @Test("a file and the bundle beside it")
    func file() throws {
        let file = Array("a snapshot".utf8)
        let signature = try signer.sign(file)
        let body = LogBody.hashedRekord(payload: file, signature: signature, key: signer.key)
        let bundle = SigstoreBundle(
            .message(digest: .sha256(file), signature: signature),
            hint: "",
            logEntries: [try log.proven(body, at: Sample.time)]
        )
        let verification = Verification(policy: policy(.promise), now: Sample.time)
        #expect(verification.report(onFile: file, bundle: bundle.bytes).isAccepted)
        #expect(verification.report(onFile: file + [1], bundle: bundle.bytes).failures == [.noTrustedKey])
        let wrong = SigstoreBundle(
            .message(digest: .sha256([]), signature: signature),
            hint: "",
            logEntries: bundle.logEntries
        )
        #expect(verification.report(onFile: file, bundle: wrong.bytes).failures == [.wrongDigest])
        #expect(try !report(.bundle(bundle.bytes), policy()).isAccepted)
        #expect(try !verification.report(onFile: file, bundle: self.bundle().bytes).isAccepted)
    }

    @Test("a report says whose key signed, which log saw it, and when that can change by itself")
    func circumstances() throws {
        let end = Sample.time + .seconds(5000)
        let ending = policy { $0.validUntil = end }
        let unlogged = try report(signature(logged: false), ending)
        #expect(unlogged.isAccepted && unlogged.changesAt == end && unlogged.loggedBy == nil)
        #expect(unlogged.fingerprint == signer.key.fingerprint.description)
        // What a log saw in time stays.
        let logged = try report(signature(), ending)
        #expect(logged.isAccepted && logged.changesAt == nil && logged.loggedBy == "log")
        #expect(try report(signature(), ending, now: end + .seconds(1)).isAccepted)
        #expect(try !report(signature(logged: false), ending, now: end).isAccepted)
        #expect(try report(message(), policy { $0.publisher = "Amt" }).publisher == "Amt")
        #expect(try report(message(), policy()).fingerprint == pgp.fingerprintText)
        #expect(try report(signature(by: Signer.p256()), policy()).fingerprint == nil)
    }

    @Test("another name of an image counts where the key's terms have it, and below it, and nowhere beside it")
    func aliases() throws {
        let elsewhere = "supplier.example/shop/app:1.0"
        #expect(try !report(signature(elsewhere), policy()).isAccepted)
        for (alias, isFine) in [
            ("supplier.example/shop/app", true), ("supplier.example/shop", true), ("supplier.example", true),
            ("supplier.example/sho", false), ("supplier.example/shop/app/x", false), ("", false),
        ] {
            let policy = policy { $0.aliases = [alias] }
            for evidence in [try signature(elsewhere), try message(elsewhere)] {
                #expect(try report(evidence, policy).isAccepted == isFine, "\(alias)")
            }
            // Its own name stays, and another digest is none under any name.
            #expect(try report(signature(), policy).isAccepted)
            #expect(try report(signature(elsewhere, digest: Sample.other), policy).failures.contains(.wrongDigest))
        }
    }

    @Test("a threshold counts keys, not signatures")
    func threshold() throws {
        let other = try Signer.p256()
        var policy = policy()
        policy.keys.append(TrustedKey(other.key, terms()))
        policy.threshold = 2
        func isSatisfied(_ evidence: [Evidence]) throws -> Bool {
            let now = Sample.time + .seconds(10)
            let report = Verification(policy: policy, now: now).report(on: evidence, about: try Sample.subject())
            return policy.isSatisfied(by: report)
        }
        #expect(try !isSatisfied([]))
        #expect(try !isSatisfied([signature(), signature(logged: false)]))
        #expect(try !isSatisfied([signature(), signature(by: Signer.p256())]))
        #expect(try !isSatisfied([signature(), signature(digest: Sample.other, by: other)]))
        #expect(try !isSatisfied([signature(), .bundle(bundle().bytes)]))
        #expect(try isSatisfied([signature(), signature(by: other)]))
        #expect(try isSatisfied([signature(), message()]))
        policy.threshold = 0
        #expect(try !isSatisfied([]))
    }

    @Test("a bundle with one byte changed is never accepted with other words")
    func mutations() throws {
        let bytes = try bundle().bytes
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<400 {
            var changed = bytes
            changed[Int.random(in: changed.indices, using: &generator)] = UInt8.random(
                in: 0x20...0x7E,
                using: &generator
            )
            let report = try report(.bundle(changed), policy(.promise))
            #expect(!report.isAccepted || report.statement == Sample.provenance())
        }
    }
}
