// SPDX-License-Identifier: EUPL-1.2

import Attestations
import ClientTrust
import JSON
import OCI
import TestKit
import Testing
import Time

/// Attestations beside an image: each counts only from the key whose role it is.
@Suite("Attested copies")
struct AttestedCopyTests {
    private static let bill = "https://cyclonedx.org/bom/v1.6"

    private static func summary(passed: Bool, until: Timestamp? = nil) throws -> [String: JSONValue] {
        try VerificationSummary(
            verifierID: "https://registry.example/verifier",
            timeVerified: Copy.now,
            resourceURI: "registry.example/gov/app",
            policy: ResourceDescriptor(name: "images-2026.1", .sha256([])),
            verifiedLevels: passed ? ["KONTOR_2026_1_GOLD"] : nil,
            validUntil: until
        ).predicate
    }

    private func released() throws -> Copy {
        var copy = try Copy()
        try copy.attach(copy.bundle())
        return copy
    }

    @Test(
        "a verdict and a bill of materials count in either form, and only those that are there",
        arguments: [true, false]
    )
    func accepted(_ asBundle: Bool) async throws {
        var copy = try released()
        #expect(try await copy.verify(requiring: [.verdict]).outcome == .failed)
        try copy.attest(
            PredicateType.verificationSummary,
            Self.summary(passed: true),
            by: copy.verdict,
            asBundle: asBundle
        )
        let judged = try await copy.verify(requiring: [.verdict])
        #expect(judged.outcome == .passed, "\(judged)")
        #expect(try await copy.verify(requiring: [.verdict, .bill]).outcome == .failed)
        var listed = try released()
        // The type has a version behind it.
        try listed.attest(Self.bill, by: listed.scan, asBundle: asBundle)
        #expect(try await listed.verify(requiring: [.bill]).outcome == .passed)
        #expect(try await listed.verify(requiring: [.type(Self.bill)]).outcome == .passed)
        #expect(try await listed.verify(requiring: [.type("https://cyclonedx.org/bom/v1.5")]).outcome == .failed)
        // Of another role, of nobody, of the key for releases.
        for key in [listed.verdict, TestKey(), listed.release] {
            var other = try released()
            try other.attest(Self.bill, by: key, asBundle: asBundle)
            #expect(try await other.verify(requiring: [.bill]).outcome == .failed)
            #expect(try await other.verify().outcome == .passed)
        }
    }

    @Test("a verdict that says FAILED, has ended or is about another image is no verdict that passed")
    func refused() async throws {
        var failed = try released()
        try failed.attest(
            PredicateType.verificationSummary,
            Self.summary(passed: false),
            by: failed.verdict,
            asBundle: true
        )
        let said = try await failed.verify(requiring: [.verdict])
        #expect(said.outcome == .failed)
        #expect(said.images.first?.pieces.contains { $0.isFailedSummary && $0.outcome == .passed } == true)
        var ended = try released()
        let past = Copy.now - .seconds(10)
        let summary = try Self.summary(passed: true, until: past)
        try ended.attest(PredicateType.verificationSummary, summary, by: ended.verdict, asBundle: true)
        #expect(try await ended.verify(requiring: [.verdict]).outcome == .failed)
        // Signed bytes of one image, attached to another.
        var foreign = try released()
        let (envelope, entry) = try Copy.elsewhere(foreign, Self.summary(passed: true))
        try foreign.attach(SigstoreBundle(.envelope(envelope), hint: "", logEntries: [entry]).bytes)
        #expect(try await foreign.verify(requiring: [.verdict]).outcome == .failed)
        // A key for verdicts releases nothing.
        var other = try Copy()
        try other.attach(other.bundle(by: other.verdict))
        #expect(try await other.verify().outcome == .failed)
    }
}

extension Copy {
    /// A verdict by the right key about another digest.
    fileprivate static func elsewhere(_ copy: Copy, _ predicate: [String: JSONValue]) throws -> (
        envelope: DSSEEnvelope, entry: BundleLogEntry
    ) {
        let payload = Attestations.Statement(
            subjects: [ResourceDescriptor(name: "registry.example/gov/app", .sha256([7]))],
            predicateType: PredicateType.verificationSummary,
            predicate: predicate
        ).bytes
        let signature = try copy.verdict.sign(DSSEEnvelope.bytesToSign(payload: payload))
        let envelope = DSSEEnvelope(payload: payload, signatures: [.init(bytes: signature)])
        let body = LogBody.dsse(envelope, signers: [.init(signature: signature, key: try copy.verdict.publicKey)])
        return (envelope, try copy.logged(body))
    }
}
