// SPDX-License-Identifier: EUPL-1.2

import Certificates
import Crypto
import TestKit
import Testing
import Time

@Suite("Reading certificates")
struct ReaderTests {
    static let time = Timestamp(seconds: 1_795_310_000)

    private func roots(_ certificates: ArraySlice<[UInt8]>) throws -> CertificateRoots {
        try CertificateRoots(chain: certificates.map { try Certificate(der: $0) })
    }

    @Test("a certificate says what it was made of")
    func fields() throws {
        var world = CertificateWorld(around: Self.time)
        world.signer.uris = ["https://forge.example/group/app"]
        let made = try world.made()
        let certificate = try Certificate(der: made[0])
        #expect(certificate.notBefore == Self.time - .seconds(60) && certificate.notAfter == Self.time + .seconds(540))
        #expect(
            certificate.names.map(\.description) == [
                "email:release@example.org", "uri:https://forge.example/group/app",
            ]
        )
        #expect(certificate.oidcIssuer == "https://login.example")
        #expect(certificate.key.spki == Array(world.signerKey.publicKey.derRepresentation))
        let path = try roots(made[1...]).path(from: certificate, for: .codeSigning, at: [Self.time])
        #expect(path.map(\.der) == made)
        #expect(throws: CertificateProblem.purpose) {
            try roots(made[1...]).path(from: certificate, for: .timeStamping, at: [Self.time])
        }
        #expect(throws: CertificateProblem.noProvenTime) {
            try roots(made[1...]).path(from: certificate, for: .codeSigning, at: [])
        }
        let text = try made.map { try Certificate(der: $0).pem }.joined()
        #expect(try Certificate.list(pem: "# a comment\n" + text, atMost: 3).map(\.der) == made)
        #expect(throws: CertificateError.tooMany(limit: 2)) { try Certificate.list(pem: text, atMost: 2) }
        let read = try CertificateRoots(pem: text)
        #expect(read.roots.map(\.der) == [made[2]] && read.intermediates.map(\.der) == [made[0], made[1]])
        #expect(try CertificateRoots(pem: read.pem) == read)
    }

    @Test("openssl reads what is read here, and no changed byte of what is signed leads to a root")
    func changes() async throws {
        let world = CertificateWorld(around: Self.time)
        let made = try world.made()
        let directory = try TemporaryDirectory("certificates")
        try directory.write(Array(try Certificate(der: made[0]).pem.utf8), to: "signer.pem")
        let text = try await tool("openssl").check(["x509", "-in", directory.file("signer.pem"), "-noout", "-text"])
        #expect(text.contains("email:release@example.org") && text.contains("Code Signing"))
        let roots = try roots(made[1...])
        for index in made[0].indices {
            for bit in [UInt8(1), 0x20, 0x80] {
                var changed = made[0]
                changed[index] ^= bit
                guard let certificate = try? Certificate(der: changed) else { continue }
                #expect(throws: CertificateProblem.self, "byte \(index)") {
                    try roots.path(from: certificate, for: .codeSigning, at: [Self.time])
                }
            }
            #expect(throws: CertificateError.self) { try Certificate(der: Array(made[0][..<index])) }
        }
        #expect(throws: CertificateError.self) { try Certificate(der: made[0] + [0]) }
    }

    @Test("other encodings of the same are refused, though they are signed")
    func encodings() throws {
        func signed(_ change: @escaping @Sendable ([UInt8]) -> [UInt8]) throws -> [UInt8] {
            var world = CertificateWorld(around: Self.time)
            world.mangled = change
            return try world.made()[0]
        }
        func refused(_ der: [UInt8], _ what: String) {
            #expect(throws: CertificateError.self, "\(what)") { try Certificate(der: der) }
        }
        #expect(throws: Never.self) { try Certificate(der: signed { $0 }) }
        // 30 82 xx xx a0 03 02 01 02 …: the version with a longer length, a padded number, another version, the indefinite form.
        func replacing(_ old: [UInt8], _ new: [UInt8]) -> @Sendable ([UInt8]) -> [UInt8] {
            { body in DER.sequence(Array(body.dropFirst(4)).replacing(old, with: new)) }
        }
        let version: [UInt8] = [0xA0, 0x03, 0x02, 0x01, 0x02]
        refused(try signed(replacing(version, [0xA0, 0x81, 0x03, 0x02, 0x01, 0x02])), "longer length")
        refused(try signed(replacing(version, [0xA0, 0x04, 0x02, 0x02, 0x00, 0x02])), "padded number")
        refused(try signed(replacing(version, [0xA0, 0x03, 0x02, 0x01, 0x01])), "version 2")
        refused(try signed(replacing(version, [0xA0, 0x80, 0x02, 0x01, 0x02, 0x00, 0x00])), "indefinite length")
        refused(try signed(replacing([0x01, 0x01, 0xFF], [0x01, 0x01, 0x01])), "another true")
        refused(try signed(replacing([0x01, 0x01, 0xFF], [0x01, 0x01, 0x00])), "false written out")
        refused(try signed { $0 + [0] }, "something after what is signed")
        var world = CertificateWorld(around: Self.time)
        let twice = CertificateForm.extended("1.2.3", [0x05, 0x00])
        world.signer.extensions = [twice, twice]
        refused(try world.made()[0], "an extension twice")
        world.signer.extensions = (0..<70).map { CertificateForm.extended("1.2.3.\($0)", [0x05, 0x00]) }
        refused(try world.made()[0], "many extensions")
        world.signer.extensions = [CertificateForm.extended("1.2.3", [UInt8](repeating: 0, count: 17 << 10))]
        refused(try world.made()[0], "a large certificate")
        world.signer.extensions = []
        world.signer.emails = ["a\u{0}@example.org"]
        refused(try world.made()[0], "a name with a control character")
        world.signer.emails = ["release@example.org"]
        world.signer.oidcIssuer = nil
        world.signer.extensions = [
            CertificateForm.extended("1.3.6.1.4.1.57264.1.1", Array("https://a.example".utf8)),
            CertificateForm.extended("1.3.6.1.4.1.57264.1.8", DER.element(0x0C, Array("https://b.example".utf8))),
        ]
        refused(try world.made()[0], "two issuers")
    }

    @Test("chains are as long as they may be, and a crowd of authorities of one name costs a bounded number of looks")
    func bounds() throws {
        func chain(_ count: Int) throws -> (Certificate, [Certificate], CertificateRoots) {
            var key = P256.Signing.PrivateKey()
            let years = Duration.seconds(86_400 * 365)
            func authority(_ name: String) -> CertificateForm {
                .authority(name, from: Self.time - years, until: Self.time + years)
            }
            func spki(_ key: P256.Signing.PrivateKey) -> [UInt8] { Array(key.publicKey.derRepresentation) }
            let root = try Certificate(der: authority("0").certificate(of: spki(key), by: key))
            var between: [Certificate] = []
            for number in 1..<(count - 1) {
                let next = P256.Signing.PrivateKey()
                let form = authority("\(number)")
                between.append(try Certificate(der: form.certificate(of: spki(next), issuer: "\(number - 1)", by: key)))
                key = next
            }
            var signer = CertificateForm.signer(from: Self.time, until: Self.time + .seconds(10))
            signer.emails = ["a@example.org"]
            let der = try signer.certificate(of: spki(P256.Signing.PrivateKey()), issuer: "\(count - 2)", by: key)
            return (try Certificate(der: der), between, try CertificateRoots(chain: [root]))
        }
        let (signer, between, roots) = try chain(CertificateLimits.depth)
        let path = try roots.path(from: signer, through: between.shuffled(), for: .codeSigning, at: [Self.time])
        #expect(path.count == CertificateLimits.depth)
        let (other, more, root) = try chain(CertificateLimits.depth + 1)
        #expect(throws: CertificateProblem.pathTooLong) {
            try root.path(from: other, through: more, for: .codeSigning, at: [Self.time])
        }
        // All have one name and one key, so each could stand above each.
        let key = P256.Signing.PrivateKey()
        let form = CertificateForm.authority("Crowd", from: Self.time, until: Self.time + .seconds(10))
        let crowd = try (0..<8).map { _ in
            try Certificate(der: form.certificate(of: Array(key.publicKey.derRepresentation), issuer: "Crowd", by: key))
        }
        let leaf = try Certificate(
            der: CertificateForm.signer(from: Self.time, until: Self.time + .seconds(10))
                .certificate(of: Array(key.publicKey.derRepresentation), issuer: "Crowd", by: key)
        )
        #expect(throws: CertificateProblem.self) {
            try roots.path(from: leaf, through: crowd, for: .codeSigning, at: [Self.time])
        }
    }

    @Test("bytes of nobody are refused, and nothing falls over")
    func noise() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            var bytes = (0..<Int.random(in: 0...64, using: &generator)).map { _ in UInt8.random(in: 0...255) }
            if !bytes.isEmpty { bytes[0] = 0x30 }
            #expect(throws: CertificateError.self) { try Certificate(der: bytes) }
            #expect(throws: CertificateError.self) { try TimestampToken(der: bytes) }
        }
        for text in ["", "-----BEGIN CERTIFICATE-----", "-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----"] {
            #expect(throws: CertificateError.self) { try Certificate.list(pem: text, atMost: 4) }
        }
    }
}

@Suite("Patterns of identities")
struct IdentityPatternTests {
    @Test("a pattern is the whole name, and what varies stays inside one part")
    func matching() throws {
        let cases: [(String, CertificateName, Bool)] = [
            ("email:a@example.org", CertificateName(.email, "a@example.org"), true),
            ("email:a@example.org", CertificateName(.uri, "a@example.org"), false),
            ("email:a@example.org", CertificateName(.email, "A@example.org"), false),
            ("email:a@example.org", CertificateName(.email, "a@example.org.evil.example"), false),
            ("email:*@example.org", CertificateName(.email, "b@example.org"), true),
            ("email:*@example.org", CertificateName(.email, "@example.org"), false),
            ("email:*@example.org", CertificateName(.email, "x@evil.example@example.org"), false),
            (
                "uri:https://forge.example/g/*/ci@refs/tags/*",
                CertificateName(.uri, "https://forge.example/g/app/ci@refs/tags/1.0"), true
            ),
            (
                "uri:https://forge.example/g/*/ci@refs/tags/*",
                CertificateName(.uri, "https://forge.example/g/a/b/ci@refs/tags/1.0"), false
            ),
            ("uri:https://forge.example/g/*", CertificateName(.uri, "https://forge.example/g/a?x=/"), false),
            ("uri:https://forge.example/*b*c", CertificateName(.uri, "https://forge.example/abbc-c"), true),
            ("dns:*.example.org", CertificateName(.dns, "build.example.org"), true),
        ]
        for (pattern, name, fits) in cases {
            #expect(try #require(IdentityPattern(pattern)).matches(name) == fits, "\(pattern) \(name)")
            #expect(IdentityPattern(pattern)?.description == pattern)
        }
    }

    @Test("what would let anybody in is no pattern")
    func refused() {
        for text in [
            "", "email", "email:", "email:*", "ip:1.2.3.4", "uri:*", "uri:https://*/g/app", "uri:https://*.example/g",
            "uri:https://forge.example*", "uri:http*://forge.example/g", "dns:**.example", "email:a b@example.org",
            "email:\u{e4}@example.org", "dns:" + String(repeating: "a", count: 600), "dns:a*b*c*d*e*f*g*h*i*j",
        ] { #expect(IdentityPattern(text) == nil, "\(text)") }
    }

    @Test("a pattern that varies much is matched in no time")
    func cost() throws {
        let pattern = try #require(IdentityPattern("uri:https://forge.example/*a*a*a*a*a*a*b"))
        let name = CertificateName(.uri, "https://forge.example/" + String(repeating: "a", count: 2000))
        let elapsed = ContinuousClock().measure { #expect(!pattern.matches(name)) }
        #expect(elapsed < .seconds(2))
    }
}
