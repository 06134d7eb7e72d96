// SPDX-License-Identifier: EUPL-1.2

import Attestations
import Certificates
import ClientTrust
import Crypto
import FoundationEssentials
import ImageSources
import OCI
import RegistryClient
import TestKit
import Testing
import Time

/// A publisher's certificate beside an image in a layout, verified offline.
@Suite("Certified copies")
struct CertifiedCopyTests {
    private let world = CertificateWorld(around: Copy.now - .seconds(86_400))

    /// A copy with a signature of the certificate; the log saw it when the certificate was valid.
    private func certified(at time: Timestamp = Copy.now - .seconds(86_400)) throws -> (Copy, [Certificate]) {
        var copy = try Copy()
        let made = try world.made().map { try Certificate(der: $0) }
        let payload = Attestations.Statement(
            subjects: [ResourceDescriptor(name: Copy.name, copy.image.manifestDigest)],
            predicateType: PredicateType.cosignSignature,
            predicate: [:]
        ).bytes
        let signed = DSSEEnvelope.bytesToSign(payload: payload)
        let signature = Array(try world.signerKey.signature(for: signed).derRepresentation)
        let envelope = DSSEEnvelope(payload: payload, signatures: [.init(bytes: signature)])
        let body = LogBody.dsse(
            envelopeHash: .sha256(envelope.bytes),
            payloadHash: .sha256(payload),
            signatures: [.init(signature: signature, pem: Array(made[0].pem.utf8))]
        )
        let entry = Attestations.LogEntry(
            body: body.bytes,
            integratedTime: time.microseconds / 1_000_000,
            logIndex: 1,
            logID: try copy.log.publicKey.fingerprint.bytes
        )
        let logged = BundleLogEntry(
            entry: entry,
            kind: body.kindName,
            promise: try copy.log.sign(entry.bytesToSign),
            inclusionProof: nil
        )
        try copy.attach(
            SigstoreBundle(.envelope(envelope), certified: CertifiedSigner(made[0]), logEntries: [logged]).bytes
        )
        return (copy, made)
    }

    private func verify(_ copy: Copy, _ publisher: PublisherKey?) async throws -> ImageVerification {
        let verifier = ImageVerifier(
            demands: TrustDemands(
                root: nil,
                publishers: [try #require(publisher)],
                log: .none,
                now: Copy.now
            ),
            expected: try Reference(parsing: Copy.name),
            registrySettings: RegistryClientSettings()
        )
        return try await verifier.verify(try ImageLocation(parsing: "oci:\(copy.directory.file("layout")):1.0"))
    }

    private func root(_ copy: Copy, _ chain: [Certificate]) throws -> [UInt8] {
        let start = Copy.now - .seconds(86_400 * 30)
        return TrustedRoot(
            logs: [.init(baseURL: "https://log.example", key: try copy.log.publicKey, start: start)],
            authorities: [.init(uri: "https://ca.example", chain: chain, start: start)]
        ).bytes
    }

    private func publisher(
        _ root: [UInt8]?,
        roots: String? = nil,
        identity: String = "email:release@example.org",
        issuer: String? = CertificateWorld.issuer
    ) throws -> PublisherKey? {
        try PublisherKey(certificateRoots: roots, trustedRoot: root, identities: [identity], oidcIssuer: issuer)
    }

    @Test("a copy is verified by a file of roots and an identity, and by nothing less")
    func verified() async throws {
        let (copy, made) = try certified()
        let root = try root(copy, Array(made[1...]))
        let good = try await verify(copy, publisher(root))
        #expect(good.outcome == .passed, "\(good)")
        for refused in [
            try publisher(root, identity: "email:other@example.org"), try publisher(root, issuer: nil),
            try publisher(root, issuer: "https://other.example"),
            try publisher(
                self.root(copy, try CertificateWorld(around: Copy.now).made()[1...].map { try Certificate(der: $0) })
            ),
            // Roots without a log that says when.
            try publisher(nil, roots: made[1...].map(\.pem).joined()),
        ] {
            let verification = try await verify(copy, refused)
            #expect(verification.outcome == .failed, "\(verification)")
        }
        // The roots from one file, the log from another.
        let logs = try self.root(copy, [try Certificate(der: CertificateWorld(around: Copy.now).made()[2])])
        let both = try await verify(copy, publisher(logs, roots: made[1...].map(\.pem).joined()))
        #expect(both.outcome == .passed, "\(both)")
        let (late, chain) = try certified(at: Copy.now)
        let ended = try await verify(late, publisher(self.root(late, Array(chain[1...]))))
        #expect(ended.outcome == .failed)
        let failures = ended.images.flatMap(\.pieces).flatMap(\.checks).map(\.outcome)
        #expect(failures.contains(.failed(.certificate(.expired(at: world.signer.notAfter)))), "\(failures)")
    }

    @Test("what is no identity or no file of roots is refused before anything is looked at")
    func refused() throws {
        let (copy, made) = try certified()
        let root = try root(copy, Array(made[1...]))
        for identity in ["", "email:*", "release@example.org", "uri:https://*/x"] {
            #expect(try publisher(root, identity: identity) == nil, "\(identity)")
        }
        #expect(throws: (any Error).self) { try publisher(Array("{}".utf8)) }
        #expect(throws: (any Error).self) { try publisher(nil, roots: "x") }
        #expect(throws: (any Error).self) { try publisher(nil, roots: made[0].pem) }
    }

    @Test(
        "the program does the same by its options",
        .enabled(if: (try? builtProduct("kontor")) != nil, "kontor is not built")
    )
    func program() async throws {
        let (copy, made) = try certified()
        try copy.directory.write(try root(copy, Array(made[1...])), to: "trusted_root.json")
        func run(_ more: [String]) async throws -> ToolResult {
            try await builtProduct("kontor").run(
                [
                    "verify", "oci:\(copy.directory.file("layout")):1.0", "--name", Copy.name, "--lang", "en",
                    "--trusted-root", copy.directory.file("trusted_root.json"),
                ] + more
            )
        }
        let identity = ["--certificate-identity", "email:release@example.org"]
        let issuer = ["--certificate-oidc-issuer", CertificateWorld.issuer]
        let good = try await run(identity + issuer)
        #expect(good.exitCode == 0, "\(good.output) \(good.errorOutput)")
        let other = try await run(["--certificate-identity", "email:other@example.org"] + issuer)
        #expect(other.exitCode == 1 && other.output.contains("the certificate is for email:release@example.org"))
        #expect(try await run(identity).exitCode == 1)
        let none = try await run([])
        #expect(none.exitCode == 2 && none.errorOutput.contains("--certificate-identity"))
        let bad = try await run(["--certificate-identity", "x"])
        #expect(bad.exitCode == 2 && bad.errorOutput.contains("is no identity"))
    }
}
