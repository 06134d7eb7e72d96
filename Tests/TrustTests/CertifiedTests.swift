// SPDX-License-Identifier: EUPL-1.2

import AssessmentTestKit
import Attestations
import Certificates
import Criteria
import Crypto
import OCI
import Policies
import SBOM
import TestKit
import Testing
import Time

/// Signers that are believed by their certificates, in the room that fills a verdict's evidence.
@Suite("Certificates by the policy of a namespace")
struct CertifiedTests {
    private let secret = P256.Signing.PrivateKey()
    private let time = NodeFixture.start - .seconds(86_400)

    private func entry(_ body: LogBody, at time: Timestamp) throws -> BundleLogEntry {
        let key = try PublicKey(.ecdsaP256SHA256, point: Array(secret.publicKey.x963Representation))
        let entry = LogEntry(
            body: body.bytes,
            integratedTime: time.microseconds / 1_000_000,
            logIndex: 1,
            logID: key.fingerprint.bytes
        )
        let promise = Array(try secret.signature(for: entry.bytesToSign).derRepresentation)
        return BundleLogEntry(entry: entry, kind: body.kindName, promise: promise, inclusionProof: nil)
    }

    private func bundle(_ statement: Attestations.Statement, by world: CertificateWorld, at time: Timestamp) throws
        -> [UInt8]
    {
        let certificate = try Certificate(der: try world.made()[0])
        let payload = statement.bytes
        let signed = DSSEEnvelope.bytesToSign(payload: payload)
        let signature = Array(try world.signerKey.signature(for: signed).derRepresentation)
        let envelope = DSSEEnvelope(payload: payload, signatures: [.init(bytes: signature)])
        let body = LogBody.dsse(
            envelopeHash: .sha256(envelope.bytes),
            payloadHash: .sha256(payload),
            signatures: [.init(signature: signature, pem: Array(certificate.pem.utf8))]
        )
        return SigstoreBundle(
            .envelope(envelope),
            certified: CertifiedSigner(certificate),
            logEntries: [try entry(body, at: time)]
        ).bytes
    }

    private func rules(
        _ world: CertificateWorld,
        identity: String = "email:release@example.org",
        threshold: Int = 1,
        logs: Bool = true,
        revoked: Timestamp? = nil
    ) throws -> TrustRules {
        let made = try world.made()
        let rule = TrustedCertificateRule(
            name: "release job",
            roots: try CertificateRoots(chain: made[1...].map { try Certificate(der: $0) }),
            identities: [try #require(IdentityPattern(identity))],
            oidcIssuer: CertificateWorld.issuer,
            signs: [TrustedKeyRule.image, "https://example.org/predicate"],
            revokedFrom: revoked
        )
        let log = TrustedLogRule(
            name: "federal log",
            key: try PublicKey(.ecdsaP256SHA256, point: Array(secret.publicKey.x963Representation))
        )
        return TrustRules(
            publishers: [TrustedPublisher(name: "Amt", contact: "mail@example.org", certificates: [rule])],
            logs: logs ? [log] : [],
            threshold: threshold
        )
    }

    @Test("a certificate counts for its identity, at the time of a log that is trusted, and its statements with it")
    func counted() async throws {
        let fixture = try await TrustFixture()
        let world = CertificateWorld(around: time)
        try await fixture.refer(
            bundle(fixture.statement(PredicateType.cosignSignature), by: world, at: time)
        )
        try await fixture.refer(bundle(fixture.statement("https://example.org/predicate"), by: world, at: time))
        let without = try await fixture.found()
        #expect(without.signatures.map(\.proof.isAccepted) == [false])
        #expect(without.signatures[0].proof.problems.map(\.en) == ["no trusted key made the signature"])

        try await fixture.believe(rules(world))
        let found = try await fixture.found()
        let proof = try #require(found.signatures.first?.proof)
        #expect(proof.isAccepted, "\(proof)")
        #expect(proof.signer?.name == "release job, email:release@example.org (https://login.example)")
        #expect(proof.signer?.publisher?.name == "Amt" && proof.provenAt == time && proof.provenBy == "federal log")
        #expect(found.accepted("https://example.org/predicate").count == 1)

        let cases: [(TrustRules, String)] = [
            (try rules(world, identity: "email:other@example.org"), "the certificate is for email:release@example.org"),
            (try rules(CertificateWorld(around: time)), "the signature of a certificate is not valid"),
            (try rules(world, logs: false), "a certificate had ended at"),
            (try rules(world, revoked: time), "the key is revoked"),
        ]
        for (rules, reason) in cases {
            try await fixture.believe(rules)
            let refused = try await fixture.found()
            #expect(refused.signatures.map(\.proof.isAccepted) == [false], "\(reason)")
            #expect(refused.statements.map(\.proof.isAccepted) == [false], "\(reason)")
            let problem = try #require(refused.signatures.first?.proof.problems.first)
            #expect(problem.en.hasPrefix(reason) && !problem.de.isEmpty && problem.de != problem.en, "\(problem)")
        }
    }

    @Test("two signatures of one rule are one word")
    func threshold() async throws {
        let fixture = try await TrustFixture()
        let world = CertificateWorld(around: time)
        var other = world
        other.signerKey = P256.Signing.PrivateKey()
        let statement = fixture.statement(PredicateType.cosignSignature)
        try await fixture.refer(bundle(statement, by: world, at: time))
        try await fixture.refer(bundle(statement, by: other, at: time))
        try await fixture.believe(rules(world))
        let found = try await fixture.found()
        #expect(found.signatures.map(\.proof.isAccepted) == [true, true])
        #expect(Set(found.signatures.compactMap { $0.proof.signer?.fingerprint }).count == 1)
    }
}
