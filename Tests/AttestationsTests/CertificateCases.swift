// SPDX-License-Identifier: EUPL-1.2

import Attestations
import Certificates
import Crypto
import OCI
import TestKit
import Testing
import Time

/// A file that somebody signed with a certificate, and whom the verifier believes.
struct CertifiedFile {
    static let file = Array("a snapshot of a catalogue".utf8)

    var world = CertificateWorld(around: Sample.time)
    /// What was made of ``world``, to be changed after it was made.
    var certificates: [[UInt8]] = []
    let log: TestLog
    /// What the log says; nil for no entry.
    var loggedAt: Timestamp? = Sample.time
    var entry: BundleLogEntry?
    var signature: [UInt8] = []
    /// What the verifier has.
    var verifiedFile = Self.file
    var identity = "email:" + CertificateWorld.identity
    var issuer = CertificateWorld.issuer
    /// Root and authority that the verifier trusts; nil: those of ``world``.
    var trusted: [[UInt8]]?
    var trustedLog: PublicKey?

    init() throws { log = try TestLog() }

    /// Makes certificates, signature and entry of what was described.
    mutating func make(signing: (([UInt8]) throws -> [UInt8])? = nil) throws {
        certificates = try world.made()
        signature =
            try signing?(Self.file) ?? Array(try world.signerKey.signature(for: Self.file).derRepresentation)
        guard let loggedAt else { return entry = nil }
        entry = try log.proven(
            .hashedRekord(payloadHash: .sha256(Self.file), signature: signature, keyPEM: pem),
            at: loggedAt
        )
    }

    /// The signer's certificate as a log has it.
    var pem: [UInt8] { Array(PEMText.certificate(certificates[0]).utf8) }

    /// The bundle; written by hand where the certificate is none.
    func bundle() throws -> [UInt8] {
        let content = SigstoreBundle.Content.message(digest: .sha256(Self.file), signature: signature)
        let entries = entry.map { [$0] } ?? []
        if let certificate = try? Certificate(der: certificates[0]) {
            return SigstoreBundle(content, certified: CertifiedSigner(certificate), logEntries: entries).bytes
        }
        let other = try Certificate(der: try CertificateWorld(around: Sample.time).made()[0])
        let bytes = SigstoreBundle(content, certified: CertifiedSigner(other), logEntries: entries).bytes
        let text = String(decoding: bytes, as: UTF8.self)
        return Array(
            text.replacing(Base64.encoded(other.der), with: Base64.encoded(certificates[0])).utf8
        )
    }

    var chain: [[UInt8]] { trusted ?? Array(certificates.dropFirst()) }

    /// The same for the verifier of Sigstore.
    func trustedRoot() throws -> TrustedRoot {
        let start = Sample.time - .seconds(86_400 * 400)
        return TrustedRoot(
            logs: [.init(baseURL: "https://log.example", key: trustedLog ?? log.signer.key, start: start)],
            authorities: [
                .init(uri: "https://ca.example", chain: try chain.map { try Certificate(der: $0) }, start: start)
            ]
        )
    }

    /// What this house thinks of it.
    func report(now: Timestamp = Sample.time + .seconds(86_400)) throws -> EvidenceReport {
        let log = TrustedLog(
            key: trustedLog ?? log.signer.key,
            name: "log",
            validFrom: Sample.time - .seconds(86_400)
        )
        let policy = TrustPolicy(authorities: [try authority()], logs: [log], logRequirement: .none)
        return Verification(policy: policy, now: now).report(onFile: verifiedFile, bundle: try bundle())
    }

    func authority(_ claims: Set<Claim> = [.file]) throws -> TrustedAuthority {
        TrustedAuthority(
            roots: try CertificateRoots(chain: try chain.map { try Certificate(der: $0) }),
            identities: [IdentityPattern(identity)].compactMap { $0 },
            oidcIssuer: issuer.isEmpty ? nil : issuer,
            terms: KeyTerms(name: "release", claims: claims, validFrom: Timestamp(seconds: 0))
        )
    }
}

/// Certificates as text, also those that are none.
enum PEMText {
    static func certificate(_ der: [UInt8]) -> String {
        let text = Array(Base64.encoded(der).utf8)
        let lines = stride(from: 0, to: text.count, by: 64).map { start in
            String(decoding: text[start..<min(start + 64, text.count)], as: UTF8.self)
        }
        return (["-----BEGIN CERTIFICATE-----"] + lines + ["-----END CERTIFICATE-----"]).joined(separator: "\n") + "\n"
    }
}

/// One way in which something can be wrong, and what is thought of it here.
struct CertificateCase: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Why it is refused; nil when it is accepted.
    let failure: VerificationFailure?
    /// Before the certificates are made.
    let before: @Sendable (inout CertifiedFile) throws -> Void
    /// After they were.
    let after: @Sendable (inout CertifiedFile) throws -> Void

    init(
        _ name: String,
        _ failure: VerificationFailure?,
        before: @escaping @Sendable (inout CertifiedFile) throws -> Void = { _ in },
        after: @escaping @Sendable (inout CertifiedFile) throws -> Void = { _ in }
    ) {
        testDescription = name
        self.failure = failure
        self.before = before
        self.after = after
    }

    func made() throws -> CertifiedFile {
        var file = try CertifiedFile()
        try before(&file)
        try file.make()
        try after(&file)
        return file
    }

    private static let stranger = DER.sequence(DER.oid("1.2.3.4"))
    private static let unknown = CertificateForm.extended("1.2.3.4.5", stranger, isCritical: true)
    private static let end = Sample.time + .seconds(540)

    static let all: [CertificateCase] = [
        CertificateCase("as it should be", nil),
        CertificateCase("a root of the same name with another key", .certificate(.badSignature)) { file in
            file.trusted = Array(try CertificateWorld(around: Sample.time).made().dropFirst())
        },
        CertificateCase("another root", .certificate(.noPath)) { file in
            var other = CertificateWorld(around: Sample.time)
            (other.root.subject, other.middle.subject) = ("Other", "Other authority")
            file.trusted = Array(try other.made().dropFirst())
        },
        CertificateCase("ended before the log saw it", .certificate(.expired(at: end))) { file in
            file.loggedAt = Sample.time + .seconds(600)
        },
        CertificateCase("not begun when the log saw it", .certificate(.notYetValid(from: Sample.time - .seconds(60)))) {
            file in file.loggedAt = Sample.time - .seconds(120)
        },
        CertificateCase("in no log, and ended", .certificate(.expired(at: end))) { file in file.loggedAt = nil },
        CertificateCase("in another log", .certificate(.expired(at: end))) { file in
            file.trustedLog = try Signer.p256().key
        },
        CertificateCase(
            "the entry is of another signature",
            .foreignLogEntry,
            after: { file in
                var other = file
                try other.make()
                file.entry = other.entry
            }
        ),
        CertificateCase("for no purpose", .certificate(.purpose)) { file in file.world.signer.purposes = [] },
        CertificateCase("for another purpose", .certificate(.purpose)) { file in
            file.world.signer.purposes = ["1.3.6.1.5.5.7.3.1"]
        },
        CertificateCase("an authority for another purpose", .certificate(.purpose)) { file in
            file.world.middle.purposes = ["1.3.6.1.5.5.7.3.1"]
        },
        CertificateCase("another identity", .certificate(.otherIdentity("email:other@example.org"))) { file in
            file.world.signer.emails = ["other@example.org"]
        },
        CertificateCase(
            "the identity with something before it",
            .certificate(.otherIdentity("email:pre-release@example.org"))
        ) {
            file in file.world.signer.emails = ["pre-release@example.org"]
        },
        CertificateCase("the identity as a URI", .certificate(.otherIdentity("uri:mailto:release@example.org"))) {
            file in
            (file.world.signer.emails, file.world.signer.uris) = ([], ["mailto:release@example.org"])
        },
        CertificateCase("no identity", .certificate(.noIdentity)) { file in file.world.signer.emails = [] },
        CertificateCase("vouched for by another", .certificate(.otherIssuer("https://evil.example"))) { file in
            file.world.signer.oidcIssuer = "https://evil.example"
        },
        CertificateCase("vouched for by nobody", .certificate(.otherIssuer(nil))) { file in
            file.world.signer.oidcIssuer = nil
        },
        CertificateCase("another file", .foreignCertificate, after: { file in file.verifiedFile.append(0x21) }),
        CertificateCase("a root that allows no authority below", .certificate(.pathTooLong)) { file in
            file.world.root.pathLength = 0
        },
        CertificateCase("an authority without the flag", .certificate(.noAuthority)) { file in
            file.world.middle.isAuthority = nil
        },
        CertificateCase("an authority that is none", .certificate(.noAuthority)) { file in
            file.world.middle.isAuthority = false
        },
        CertificateCase("an authority that may not sign certificates", .certificate(.noAuthority)) { file in
            file.world.middle.keyUsage = CertificateForm.signing
        },
        CertificateCase("an authority that had ended", .certificate(.expired(at: Sample.time - .seconds(30)))) { file in
            file.world.middle.notAfter = Sample.time - .seconds(30)
        },
        CertificateCase("a signer that is an authority", .certificate(.authority)) { file in
            file.world.signer.isAuthority = true
        },
        CertificateCase("a signer whose key is not for signatures", .certificate(.keyUsage)) { file in
            file.world.signer.keyUsage = 0x20
        },
        CertificateCase("signed by itself", .certificate(.noPath)) { file in
            file.world.signer.subject = "Signer"
            file.world.middle.subject = "Signer"
            file.world.middleKey = file.world.signerKey
            file.trusted = Array(try CertificateWorld(around: Sample.time).made().dropFirst())
        },
        CertificateCase("it demands something unknown", .certificate(.unknownExtension("1.2.3.4.5"))) { file in
            file.world.signer.extensions = [unknown]
        },
        CertificateCase("an authority demands something unknown", .certificate(.unknownExtension("1.2.3.4.5"))) {
            file in
            file.world.middle.extensions = [unknown]
        },
        CertificateCase("an authority for some names", .certificate(.unknownExtension("2.5.29.30"))) { file in
            let subtree = DER.sequence(DER.element(0x81, Array("other.example".utf8)))
            let value = DER.sequence(DER.element(0xA0, subtree))
            file.world.middle.extensions = [CertificateForm.extended("2.5.29.30", value, isCritical: true)]
        },
        CertificateCase(
            "a changed certificate",
            .certificate(.badSignature),
            after: { file in
                // The last byte of the signature's second number.
                file.certificates[0][file.certificates[0].count - 1] ^= 1
                let made = LogBody.hashedRekord(
                    payloadHash: .sha256(CertifiedFile.file),
                    signature: file.signature,
                    keyPEM: file.pem
                )
                file.entry = try file.log.proven(made, at: Sample.time)
            }
        ),
    ]
}
