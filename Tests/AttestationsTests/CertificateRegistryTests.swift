// SPDX-License-Identifier: EUPL-1.2

import Attestations
import Certificates
import Crypto
import JSON
import OCI
import TestKit
import Testing
import Time

/// Certificates beside images in a registry, as cosign reads them there.
@Suite("Certificates beside images")
struct CertificateRegistryTests {
    /// A signature or an attestation with a certificate, pushed to a registry.
    private struct Signed {
        let release: SignedRelease
        var world: CertificateWorld
        var certificates: [[UInt8]]

        init(_ release: SignedRelease, at time: Timestamp = Sample.time) throws {
            self.release = release
            world = CertificateWorld(around: time)
            certificates = try world.made()
            for (name, der) in zip(["signer.pem", "authority.pem", "ca.pem"], certificates) {
                try release.directory.write(Array(PEMText.certificate(der).utf8), to: name)
            }
            let stranger = try CertificateWorld(around: time).made()[2]
            try release.directory.write(Array(PEMText.certificate(stranger).utf8), to: "other-ca.pem")
        }

        func sign(_ message: [UInt8]) throws -> [UInt8] {
            Array(try world.signerKey.signature(for: message).derRepresentation)
        }

        /// Pushes a list with one layer.
        func push(_ kind: AttachedManifest.Kind, _ blob: [UInt8], _ annotations: [String: String]) async throws {
            let configuration = SigstoreBundle.emptyConfiguration
            let layer = Descriptor(
                mediaType: kind == .signatures ? SimpleSigning.mediaType : DSSEEnvelope.mediaType,
                digest: .sha256(blob),
                size: Int64(blob.count),
                annotations: annotations.merging([
                    AttachedManifest.certificateAnnotation: PEMText.certificate(certificates[0]),
                    AttachedManifest.chainAnnotation: certificates[1...].map(PEMText.certificate).joined(),
                ]) { $1 }
            )
            let config = Descriptor(
                mediaType: MediaType.imageConfig,
                digest: .sha256(configuration),
                size: Int64(configuration.count)
            )
            try await release.push(
                ImageManifest(config: config, layers: [layer]).json.bytes(.rfc8785),
                tag: try AttachedManifest.tag(kind, of: release.image.manifestDigest).text,
                blobs: [configuration, blob]
            )
        }

        func verify(
            _ command: [String] = ["verify"],
            roots: String = "ca.pem",
            identity: String = CertificateWorld.identity,
            issuer: String = CertificateWorld.issuer,
            more: [String] = ["--offline=true"],
            log: String? = "log.pub"
        ) async throws -> ToolResult {
            try await release.cosign(
                command + [
                    "--ca-roots", release.directory.file(roots), "--certificate-identity", identity,
                    "--certificate-oidc-issuer", issuer, "--insecure-ignore-sct",
                ] + more,
                log: log
            )
        }

        /// What this house thinks of what is in the registry.
        func report(
            _ kind: AttachedManifest.Kind,
            identity: String = "email:" + CertificateWorld.identity,
            issuer: String? = CertificateWorld.issuer,
            roots: [UInt8]? = nil,
            stamps: CertificateRoots? = nil,
            time: TrustedAuthority.TimeDemand = .log,
            now: Timestamp = Sample.time + .seconds(86_400)
        ) async throws -> EvidenceReport {
            let evidence = try #require(try await release.attached(kind).first)
            let authority = TrustedAuthority(
                roots: try CertificateRoots(chain: [try Certificate(der: roots ?? certificates[2])]),
                identities: [try #require(IdentityPattern(identity))],
                oidcIssuer: issuer,
                time: time,
                timestampRoots: stamps.map { [$0] } ?? [],
                terms: KeyTerms(
                    name: "ci",
                    claims: [.imageSignature, .predicate(PredicateType.provenance)],
                    validFrom: Timestamp(seconds: 0)
                )
            )
            let policy = TrustPolicy(
                authorities: [authority],
                logs: [TrustedLog(key: release.log.signer.key, name: "log", validFrom: Timestamp(seconds: 0))],
                logRequirement: .none
            )
            let subject = VerificationSubject(
                digest: release.image.manifestDigest,
                registry: release.host,
                repository: try RepositoryName(parsing: "gov/app")
            )
            let report = Verification(policy: policy, now: now).report(on: [evidence], about: subject)
            return try #require(report.items.first)
        }
    }

    private func expect(_ result: ToolResult, _ passes: Bool, _ comment: Comment) {
        #expect((result.exitCode == 0) == passes, comment)
        if (result.exitCode == 0) != passes { Issue.record("\(result.errorOutput)") }
    }

    @Test("a signature with certificate and chain in its annotations counts here and with cosign, by the log's time")
    func signature() async throws {
        try await DockerRegistry.run { host in
            let release = try await SignedRelease(host: host)
            let signed = try Signed(release)
            let payload = SimpleSigning(
                .cosign,
                digest: release.image.manifestDigest,
                dockerReference: "\(host)/gov/app:1.0"
            ).bytes
            let signature = try signed.sign(payload)
            func push(_ body: LogBody, at time: Timestamp = Sample.time) async throws {
                try await signed.push(
                    .signatures,
                    payload,
                    [
                        AttachedManifest.signatureAnnotation: Base64.encoded(signature),
                        AttachedManifest.logAnnotation: try release.log.promise(body, at: time).annotation,
                    ]
                )
            }
            let pem = Array(PEMText.certificate(signed.certificates[0]).utf8)
            let body = LogBody.hashedRekord(payloadHash: .sha256(payload), signature: signature, keyPEM: pem)
            try await push(body)
            expect(try await signed.verify(), true, "ours")
            #expect(try await signed.report(.signatures).isAccepted)
            expect(try await signed.verify(roots: "other-ca.pem"), false, "another root")
            let stranger = try CertificateWorld(around: Sample.time).made()[2]
            #expect(try await signed.report(.signatures, roots: stranger).failures == [.certificate(.badSignature)])
            expect(try await signed.verify(identity: "other@example.org"), false, "another identity")
            #expect(
                try await signed.report(.signatures, identity: "email:other@example.org").failures
                    == [.certificate(.otherIdentity("email:release@example.org"))]
            )
            expect(try await signed.verify(issuer: "https://other.example"), false, "another issuer")
            #expect(
                try await signed.report(.signatures, issuer: nil).failures
                    == [.certificate(.otherIssuer(CertificateWorld.issuer))]
            )
            expect(try await signed.verify(log: "other.pub"), false, "another log")
            // Logged by the key and not by the certificate: of another signer as far as anybody can tell.
            let key = try PublicKey(spki: Array(signed.world.signerKey.publicKey.derRepresentation))
            try await push(.hashedRekord(payload: payload, signature: signature, key: key))
            expect(try await signed.verify(), false, "an entry by the key")
            #expect(try await signed.report(.signatures).failures.first == .foreignLogEntry)
            try await push(body, at: Sample.time + .seconds(1000))
            expect(try await signed.verify(), false, "an entry after the end")
            #expect(
                try await signed.report(.signatures).failures
                    == [.certificate(.expired(at: signed.world.signer.notAfter))]
            )
        }
    }

    @Test("a time stamp in the annotations proves the time of a signature without a log")
    func stamped() async throws {
        try await DockerRegistry.run { host in
            let release = try await SignedRelease(host: host)
            let now = WallClock.system.now()
            let signed = try Signed(release, at: now)
            let authority = try TimestampAuthority()
            let payload = SimpleSigning(
                .cosign,
                digest: release.image.manifestDigest,
                dockerReference: "\(host)/gov/app:1.0"
            ).bytes
            let signature = try signed.sign(payload)
            func push(_ stamp: [UInt8]) async throws {
                try await signed.push(
                    .signatures,
                    payload,
                    [
                        AttachedManifest.signatureAnnotation: Base64.encoded(signature),
                        AttachedManifest.timestampAnnotation:
                            "{\"SignedRFC3161Timestamp\":\"\(Base64.encoded(stamp))\"}",
                    ]
                )
            }
            let options = [
                "--insecure-ignore-tlog=true", "--private-infrastructure", "--use-signed-timestamps",
                "--timestamp-certificate-chain", authority.directory.file("chain.pem"),
            ]
            func report() async throws -> EvidenceReport {
                try await signed.report(
                    .signatures,
                    stamps: try authority.roots,
                    time: .timestamp,
                    now: now + .seconds(86_400)
                )
            }
            try await push(try await authority.stamp(signature))
            expect(try await signed.verify(more: options, log: nil), true, "stamped")
            let accepted = try await report()
            #expect(accepted.isAccepted, "\(accepted)")
            try await push(try await authority.stamp(signature + [0]))
            expect(try await signed.verify(more: options, log: nil), false, "the stamp of something else")
            #expect(try await !report().isAccepted)
        }
    }

    @Test("an attestation with a certificate counts as a signature does")
    func attestation() async throws {
        try await DockerRegistry.run { host in
            let release = try await SignedRelease(host: host)
            let signed = try Signed(release)
            let payload = release.statement().bytes
            let signature = try signed.sign(DSSEEnvelope.bytesToSign(payload: payload))
            let envelope = DSSEEnvelope(payload: payload, signatures: [.init(bytes: signature)])
            let body = LogBody.dsse(
                envelopeHash: .sha256(envelope.bytes),
                payloadHash: .sha256(payload),
                signatures: [.init(signature: signature, pem: Array(PEMText.certificate(signed.certificates[0]).utf8))]
            )
            try await signed.push(
                .attestations,
                envelope.bytes,
                [
                    AttachedManifest.signatureAnnotation: "",
                    AttachedManifest.predicateTypeAnnotation: PredicateType.provenance,
                    AttachedManifest.logAnnotation: try release.log.promise(body, at: Sample.time).annotation,
                ]
            )
            let command = ["verify-attestation", "--type", PredicateType.provenance]
            expect(try await signed.verify(command), true, "ours")
            let report = try await signed.report(.attestations)
            #expect(report.isAccepted && report.claim == .predicate(PredicateType.provenance), "\(report)")
            expect(try await signed.verify(command, identity: "other@example.org"), false, "another identity")
            let other = try await signed.report(.attestations, identity: "email:other@example.org")
            #expect(!other.isAccepted && other.statement == nil)
        }
    }
}
