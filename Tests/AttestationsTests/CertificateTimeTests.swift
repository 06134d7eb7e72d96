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

/// A time-stamp authority of one test, with openssl behind it.
struct TimestampAuthority {
    let directory: TemporaryDirectory
    let key = P256.Signing.PrivateKey()
    let rootKey = P256.Signing.PrivateKey()
    /// The authority's own certificate and its root.
    let chain: [[UInt8]]

    init(_ change: (inout CertificateForm) -> Void = { _ in }) throws {
        directory = try TemporaryDirectory("tsa")
        let now = WallClock.system.now()
        let (start, end) = (now - .seconds(86_400), now + .seconds(86_400))
        var form = CertificateForm.signer(from: start, until: end)
        form.subject = "Time"
        form.purposes = [CertificateForm.timeStamping]
        form.arePurposesCritical = true
        change(&form)
        let root = try CertificateForm.authority("Time root", from: start, until: end)
            .certificate(of: Array(rootKey.publicKey.derRepresentation), by: rootKey)
        let own = try form.certificate(
            of: Array(key.publicKey.derRepresentation),
            issuer: "Time root",
            by: rootKey
        )
        chain = [own, root]
        try directory.write(Array(PEMText.certificate(own).utf8), to: "tsa.pem")
        try directory.write(Array(PEMText.certificate(root).utf8), to: "root.pem")
        try directory.write(Array((PEMText.certificate(own) + PEMText.certificate(root)).utf8), to: "chain.pem")
        try directory.write(Array(key.pemRepresentation.utf8), to: "tsa.key")
        try directory.write(Array("01\n".utf8), to: "serial")
        let configuration = """
            [tsa]
            default_tsa = own
            [own]
            serial = \(directory.file("serial"))
            crypto_device = builtin
            signer_digest = sha256
            default_policy = 1.2.3.4.1
            digests = sha256, sha384, sha512
            ess_cert_id_chain = no
            ess_cert_id_alg = sha256

            """
        try directory.write(Array(configuration.utf8), to: "tsa.cnf")
    }

    /// What openssl answers about some bytes.
    func stamp(_ bytes: [UInt8], alg: String = "sha256") async throws -> [UInt8] {
        try directory.write(bytes, to: "data")
        let openssl = try tool("openssl")
        try await openssl.check([
            "ts", "-query", "-data", directory.file("data"), "-" + alg, "-cert", "-out", directory.file("query"),
        ])
        try await openssl.check([
            "ts", "-reply", "-queryfile", directory.file("query"), "-signer", directory.file("tsa.pem"), "-inkey",
            directory.file("tsa.key"), "-config", directory.file("tsa.cnf"), "-out", directory.file("answer"),
        ])
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: directory.file("answer"))))
    }

    var roots: CertificateRoots {
        get throws { try CertificateRoots(chain: chain.map { try Certificate(der: $0) }) }
    }
}

/// When a signature was made, by the word of others: time-stamp authorities, and logs of certificates.
@Suite("Proven times of certificates")
struct CertificateTimeTests {
    @Test("a time stamp of openssl is believed of its own bytes and its own authority alone")
    func tokens() async throws {
        let authority = try TimestampAuthority()
        let bytes = Array("a signature".utf8)
        for alg in ["sha256", "sha384", "sha512"] {
            let der = try await authority.stamp(bytes, alg: alg)
            let token = try TimestampToken(der: der)
            let time = try token.verified(over: bytes, by: try authority.roots)
            #expect(abs(WallClock.system.now().duration(since: time).components.seconds) < 60)
            #expect(throws: CertificateProblem.self) { try token.verified(over: bytes + [0], by: try authority.roots) }
            let other = try TimestampAuthority()
            #expect(throws: CertificateProblem.self) { try token.verified(over: bytes, by: try other.roots) }
        }
        let der = try await authority.stamp(bytes)
        let roots = try authority.roots
        for index in der.indices {
            var changed = der
            changed[index] ^= 1
            guard let token = try? TimestampToken(der: changed),
                let time = try? token.verified(over: bytes, by: roots)
            else { continue }
            // What the signature does not cover says nothing: status texts, whose certificate it is, and the version.
            #expect(try time == TimestampToken(der: der).time, "byte \(index)")
        }
    }

    @Test("an authority whose certificate is not for time stamps alone is not believed")
    func purposes() async throws {
        let bytes = Array("a signature".utf8)
        // openssl refuses to sign with these, so the answer is of the right one, and the roots know the wrong one.
        let good = try TimestampAuthority()
        let der = try await good.stamp(bytes)
        for change: (inout CertificateForm) -> Void in [
            { $0.purposes = [CertificateForm.codeSigning] }, { $0.arePurposesCritical = false },
            { $0.purposes = [CertificateForm.timeStamping, CertificateForm.codeSigning] },
            { $0.notAfter = $0.notBefore + .seconds(1) },
        ] {
            var form = CertificateForm.signer(
                from: WallClock.system.now() - .seconds(86_400),
                until: WallClock.system.now() + .seconds(86_400)
            )
            form.purposes = [CertificateForm.timeStamping]
            form.arePurposesCritical = true
            change(&form)
            let own = try form.certificate(
                of: Array(good.key.publicKey.derRepresentation),
                issuer: "Time root",
                by: good.rootKey
            )
            let roots = try CertificateRoots(chain: [try Certificate(der: own), try Certificate(der: good.chain[1])])
            #expect(throws: CertificateProblem.self) {
                try roots.path(from: try Certificate(der: own), for: .timeStamping, at: [WallClock.system.now()])
            }
        }
        #expect(throws: Never.self) { try TimestampToken(der: der).verified(over: bytes, by: try good.roots) }
    }

    @Test("a signature with a time stamp and no log is accepted here and by cosign while the stamp is of its time")
    func stamped() async throws {
        let authority = try TimestampAuthority()
        let now = WallClock.system.now()
        var file = try CertifiedFile()
        file.world = CertificateWorld(around: now)
        file.loggedAt = nil
        try file.make()
        let stamp = try await authority.stamp(file.signature)
        let foreign = try await authority.stamp(file.signature + [0])
        func bundle(_ timestamps: [[UInt8]]) throws -> [UInt8] {
            SigstoreBundle(
                .message(digest: .sha256(CertifiedFile.file), signature: file.signature),
                certified: CertifiedSigner(try Certificate(der: file.certificates[0]), timestamps: timestamps)
            ).bytes
        }
        var trust = try file.authority()
        trust.timestampRoots = [try authority.roots]
        func report(_ timestamps: [[UInt8]], _ trust: TrustedAuthority, later: Duration = .seconds(86_400)) throws
            -> EvidenceReport
        {
            Verification(policy: TrustPolicy(authorities: [trust], logRequirement: .none), now: now + later)
                .report(onFile: CertifiedFile.file, bundle: try bundle(timestamps))
        }
        let accepted = try report([stamp], trust)
        #expect(accepted.isAccepted, "\(accepted)")
        trust.time = .timestamp
        #expect(try report([stamp], trust).isAccepted)
        #expect(try !report([], trust).isAccepted)
        #expect(try !report([foreign], trust).isAccepted)
        #expect(try !report([stamp, foreign], trust).isAccepted)
        #expect(try !report([stamp], trust, later: .seconds(-86_400)).isAccepted, "a stamp of the future")
        trust.time = .log
        #expect(try !report([stamp], trust).isAccepted, "no log")
        var late = trust
        late.time = .timestamp
        late.timestampRoots = [try TimestampAuthority().roots]
        #expect(try !report([stamp], late).isAccepted, "another authority")

        let directory = try TemporaryDirectory("stamped")
        var root = try file.trustedRoot()
        root.authorities[0].start = now - .seconds(86_400)
        root.timestampAuthorities = [
            .init(
                uri: "https://tsa.example",
                chain: try authority.chain.map { try Certificate(der: $0) },
                start: now - .seconds(86_400)
            )
        ]
        try directory.write(root.bytes, to: "root.json")
        try directory.write(CertifiedFile.file, to: "file")
        func cosign(_ timestamps: [[UInt8]]) async throws -> ToolResult {
            try directory.write(try bundle(timestamps), to: "bundle.json")
            return try await trixieTool("cosign").run(
                [
                    "verify-blob", "--new-bundle-format", "--bundle", directory.file("bundle.json"), "--trusted-root",
                    directory.file("root.json"), "--certificate-identity", CertificateWorld.identity,
                    "--certificate-oidc-issuer", CertificateWorld.issuer, "--insecure-ignore-sct",
                    "--insecure-ignore-tlog", "--use-signed-timestamps", directory.file("file"),
                ],
                environment: ["HOME": directory.path, "TUF_ROOT": directory.path, "HTTPS_PROXY": "http://127.0.0.1:1"]
            )
        }
        let theirs = try await cosign([stamp])
        #expect(theirs.exitCode == 0, "\(theirs.errorOutput)")
        #expect(try await cosign([foreign]).exitCode != 0)
    }

    @Test("a promise of a log of certificates is verified as cosign does, and demanded where a rule says so")
    func transparency() async throws {
        let ct = P256.Signing.PrivateKey()
        var file = try CertifiedFile()
        /// The certificate as it is before the log, then with the log's promise about that.
        func make(_ key: P256.Signing.PrivateKey, issuer: P256.Signing.PrivateKey? = nil) throws {
            let serial = [UInt8](repeating: 7, count: 8)
            file.world.signer.serial = serial
            file.world.signer.extensions = []
            let before = try file.world.made()[0]
            let spki = Array((issuer ?? file.world.middleKey).publicKey.derRepresentation)
            let promise = try CertificateForm.promised(before: before, by: key, issuer: spki, at: Sample.time)
            file.world.signer.extensions = [promise]
            try file.make()
        }
        let log = CertificateLog(key: try CertificateKey(spki: Array(ct.publicKey.derRepresentation)))
        func isAccepted(_ logs: [CertificateLog]) throws -> Bool {
            var authority = try file.authority()
            (authority.certificateLogs, authority.requiresCertificateLog) = (logs, true)
            let trusted = TrustedLog(key: file.log.signer.key, name: "log", validFrom: Timestamp(seconds: 0))
            let policy = TrustPolicy(authorities: [authority], logs: [trusted], logRequirement: .none)
            let report = Verification(policy: policy, now: Sample.time + .seconds(86_400))
                .report(onFile: CertifiedFile.file, bundle: try file.bundle())
            if !report.isAccepted { #expect(report.failures == [.certificate(.notTransparent)]) }
            return report.isAccepted
        }
        func cosign() async throws -> Bool {
            let directory = try TemporaryDirectory("sct")
            var root = try file.trustedRoot()
            root.certificateLogs = [.init(baseURL: "https://ct.example", log: log)]
            try directory.write(root.bytes, to: "root.json")
            try directory.write(try file.bundle(), to: "bundle.json")
            try directory.write(CertifiedFile.file, to: "file")
            return try await trixieTool("cosign").run(
                [
                    "verify-blob", "--new-bundle-format", "--bundle", directory.file("bundle.json"), "--trusted-root",
                    directory.file("root.json"), "--certificate-identity", CertificateWorld.identity,
                    "--certificate-oidc-issuer", CertificateWorld.issuer, directory.file("file"),
                ],
                environment: ["HOME": directory.path, "TUF_ROOT": directory.path, "HTTPS_PROXY": "http://127.0.0.1:1"]
            ).exitCode == 0
        }
        try make(ct)
        #expect(try isAccepted([log]))
        #expect(try await cosign())
        #expect(try !isAccepted([]))
        try make(P256.Signing.PrivateKey())
        #expect(try !isAccepted([log]))
        #expect(try await !cosign())
        try make(ct, issuer: P256.Signing.PrivateKey())
        #expect(try !isAccepted([log]))
        #expect(try await !cosign())
        file.world.signer.extensions = []
        try file.make()
        #expect(try !isAccepted([log]))
        #expect(try await !cosign())
    }
}
