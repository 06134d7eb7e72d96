// SPDX-License-Identifier: EUPL-1.2

import Attestations
import Certificates
import Crypto
import FoundationEssentials
import JSON
import OCI
import TestKit
import Testing
import Time

/// Signatures that a certificate stands behind, against cosign: what is accepted here it must accept too.
@Suite("Certificates of signers")
struct CertificateTests {
    private func cosign(_ file: CertifiedFile, _ more: [String] = ["--insecure-ignore-sct"]) async throws -> ToolResult
    {
        let directory = try TemporaryDirectory("certificate")
        try directory.write(file.verifiedFile, to: "file")
        try directory.write(try file.bundle(), to: "bundle.json")
        try directory.write(try file.trustedRoot().bytes, to: "root.json")
        let identity = file.identity.split(separator: ":", maxSplits: 1).last.map(String.init) ?? ""
        return try await trixieTool("cosign").run(
            [
                "verify-blob", "--new-bundle-format", "--bundle", directory.file("bundle.json"), "--trusted-root",
                directory.file("root.json"), "--certificate-identity", identity, "--certificate-oidc-issuer",
                file.issuer,
            ] + more + [directory.file("file")],
            environment: ["HOME": directory.path, "TUF_ROOT": directory.path, "HTTPS_PROXY": "http://127.0.0.1:1"]
        )
    }

    @Test(
        "what is accepted here cosign accepts, and everything that is wrong is refused with its reason",
        arguments: CertificateCase.all
    )
    func cases(_ item: CertificateCase) async throws {
        let file = try item.made()
        let report = try file.report()
        #expect(report.failures.first == item.failure, "\(report)")
        #expect(report.isAccepted == (item.failure == nil), "\(report)")
        #expect((report.fingerprint == nil) == (item.failure != nil))
        let theirs = try await cosign(file)
        if report.isAccepted { #expect(theirs.exitCode == 0, "\(theirs.errorOutput)") }
        if item.failure == nil {
            #expect(report.identity == "email:release@example.org (https://login.example)")
            #expect(report.loggedAt == Sample.time)
        }
    }

    @Test("what cosign refuses is refused here, too, where both look at the same")
    func theirs() async throws {
        // A verifier that refused everything would pass the test above: these it must refuse itself.
        let names = [
            "another root", "ended before the log saw it", "in another log", "for another purpose", "another identity",
            "vouched for by another", "another file", "a root that allows no authority below",
            "an authority that is none", "it demands something unknown", "a changed certificate",
        ]
        for item in CertificateCase.all where names.contains(item.testDescription) {
            let result = try await cosign(try item.made())
            #expect(result.exitCode != 0, "\(item.testDescription)")
        }
    }

    @Test("keys on P-384, of Ed25519 and of RSA sign as well; short RSA keys and other curves do not")
    func keys() async throws {
        var large = try CertifiedFile()
        let p384 = P384.Signing.PrivateKey()
        large.world.signerSPKI = Array(p384.publicKey.derRepresentation)
        try large.make { Array(try p384.signature(for: $0).derRepresentation) }
        #expect(try large.report().isAccepted)
        try large.make { Array(try p384.signature(for: SHA256.hash(data: $0)).derRepresentation) }
        #expect(try large.report().isAccepted)

        var edwards = try CertifiedFile()
        let signer = try Signer.ed25519()
        edwards.world.signerSPKI = signer.key.spki
        try edwards.make { try signer.sign($0) }
        #expect(try edwards.report().isAccepted)

        let directory = try TemporaryDirectory("rsa")
        let openssl = try tool("openssl")
        func spki(_ options: [String]) async throws -> [UInt8] {
            let key = directory.file("key.pem")
            try await openssl.check(["genpkey"] + options + ["-out", key])
            try await openssl.check(["pkey", "-in", key, "-pubout", "-outform", "DER", "-out", directory.file("spki")])
            return [UInt8](try Data(contentsOf: URL(fileURLWithPath: directory.file("spki"))))
        }
        var rsa = try CertifiedFile()
        rsa.world.signerSPKI = try await spki(["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"])
        try directory.write(CertifiedFile.file, to: "file")
        try await openssl.check([
            "dgst", "-sha256", "-sign", directory.file("key.pem"), "-out", directory.file("signature"),
            directory.file("file"),
        ])
        let signature = [UInt8](try Data(contentsOf: URL(fileURLWithPath: directory.file("signature"))))
        try rsa.make { _ in signature }
        #expect(try rsa.report().isAccepted)
        let theirs = try await cosign(rsa)
        #expect(theirs.exitCode == 0, "\(theirs.errorOutput)")

        for options in [
            ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"],
            ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"],
            ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-pkeyopt", "ec_param_enc:explicit"],
        ] {
            let key = try await spki(options)
            #expect(throws: CertificateError.self, "\(options)") { try CertificateKey(spki: key) }
        }
    }

    @Test("without a proven time a certificate counts only where nobody asks for one, and only while it is valid")
    func unproven() throws {
        var file = try CertifiedFile()
        file.loggedAt = nil
        try file.make()
        func report(_ demand: TrustedAuthority.TimeDemand, at now: Timestamp) throws -> EvidenceReport {
            var authority = try file.authority()
            authority.time = demand
            let policy = TrustPolicy(authorities: [authority], logRequirement: .none)
            return Verification(policy: policy, now: now).report(onFile: file.verifiedFile, bundle: try file.bundle())
        }
        for demand in [TrustedAuthority.TimeDemand.either, .log, .timestamp] {
            #expect(try report(demand, at: Sample.time).failures == [.certificate(.noProvenTime)])
        }
        let end = file.world.signer.notAfter
        let current = try report(.none, at: Sample.time)
        #expect(current.isAccepted && current.changesAt == end + .seconds(1))
        #expect(try report(.none, at: end + .seconds(1)).failures == [.certificate(.expired(at: end))])
        #expect(
            try report(.none, at: Sample.time - .seconds(61)).failures
                == [.certificate(.notYetValid(from: file.world.signer.notBefore))]
        )
    }

    @Test("revoking a rule takes back what was signed from then on, and what a log saw before stays")
    func revoked() throws {
        var file = try CertifiedFile()
        try file.make()
        func failures(_ revoked: Timestamp) throws -> [VerificationFailure] {
            var authority = try file.authority()
            authority.terms.revokedFrom = revoked
            let log = TrustedLog(key: file.log.signer.key, name: "log", validFrom: Timestamp(seconds: 0))
            let policy = TrustPolicy(authorities: [authority], logs: [log], logRequirement: .promise)
            let now = Sample.time + .seconds(86_400)
            return Verification(policy: policy, now: now).report(onFile: file.verifiedFile, bundle: try file.bundle())
                .failures
        }
        #expect(try failures(Sample.time + .seconds(1)) == [])
        #expect(try failures(Sample.time) == [.revoked(from: Sample.time)])
    }

    @Test("the file of roots is written and read again, and other tools' members say nothing")
    func trustedRoot() throws {
        var file = try CertifiedFile()
        try file.make()
        var root = try file.trustedRoot()
        root.timestampAuthorities = root.authorities
        root.certificateLogs = [
            .init(
                baseURL: "https://ct.example",
                log: CertificateLog(key: try CertificateKey(spki: file.log.signer.key.spki), validFrom: Sample.time)
            )
        ]
        #expect(try TrustedRoot(parsing: root.bytes) == root)
        for bytes in [Array("{}".utf8), Array(#"{"mediaType":"x"}"#.utf8), Array("[".utf8)] {
            #expect(throws: AttestationError.self) { try TrustedRoot(parsing: bytes) }
        }
        let bad = Array(
            String(decoding: root.bytes, as: UTF8.self)
                .replacing(Base64.encoded(file.certificates[1]), with: Base64.encoded([0x30, 0])).utf8
        )
        #expect(throws: AttestationError.self) { try TrustedRoot(parsing: bad) }
    }
}
