// SPDX-License-Identifier: EUPL-1.2

import Attestations
import JSON
import OCI
import TestKit
import Testing
import Time

@Suite("Public keys")
struct PublicKeyTests {
    @Test(
        "PEM, DER and fingerprint are openssl's",
        arguments: ["-algorithm EC -pkeyopt ec_paramgen_curve:P-256", "-algorithm ED25519"]
    )
    func openssl(_ options: String) async throws {
        let directory = try TemporaryDirectory()
        let openssl = try tool("openssl")
        let file = directory.file("k")
        try await openssl.check(["genpkey"] + options.split(separator: " ").map(String.init) + ["-out", file])
        let pem = try await openssl.check(["pkey", "-in", file, "-pubout"])
        let key = try PublicKey(pem: pem)
        #expect(key.pem == pem)
        #expect(pem.hasSuffix("\n"))
        #expect(try PublicKey(spki: key.spki) == key)
        #expect(try PublicKey(pem: String(pem.dropLast())) == key)
        try await openssl.check(["pkey", "-in", file, "-pubout", "-outform", "DER", "-out", directory.file("der")])
        let hash = try await openssl.check(["dgst", "-sha256", "-r", directory.file("der")])
        #expect(hash.hasPrefix(key.fingerprint.hex))
        #expect(key.hint == Base64.encoded(key.fingerprint.bytes))
    }

    @Test("other keys, other texts and points off the curve are refused")
    func refused() async throws {
        let rsa = try await tool("openssl").check(["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"])
        #expect(throws: PublicKeyError.notPEM) { try PublicKey(pem: rsa) }
        let p384 = try await tool("bash").check([
            "-c", "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 | openssl pkey -pubout",
        ])
        #expect(throws: PublicKeyError.unsupportedAlgorithm) { try PublicKey(pem: p384) }
        var point = try Signer.p256().key.point
        point[64] ^= 1
        #expect(throws: PublicKeyError.invalidPoint) { try PublicKey(.ecdsaP256SHA256, point: point) }
        let pem = try Signer.p256().key.pem
        #expect(throws: PublicKeyError.notPEM) { try PublicKey(pem: pem + pem) }
        #expect(throws: PublicKeyError.notPEM) { try PublicKey(pem: "key:\n" + pem) }
        #expect(throws: PublicKeyError.notPEM) {
            try PublicKey(pem: String(repeating: "\n", count: AttestationLimits.keyBytes) + pem)
        }
    }

    @Test("signatures are checked", arguments: [true, false])
    func signatures(isP256: Bool) throws {
        let signer = isP256 ? try Signer.p256() : try Signer.ed25519()
        let signature = try signer.sign([1, 2, 3])
        #expect(signer.key.isValidSignature(signature, for: [1, 2, 3]))
        #expect(!signer.key.isValidSignature(signature, for: [1, 2, 4]))
        #expect(!signer.key.isValidSignature(signature + [0], for: [1, 2, 3]))
        #expect(!signer.key.isValidSignature([], for: [1, 2, 3]))
        #expect(try !Signer.p256().key.isValidSignature(signature, for: [1, 2, 3]))
    }
}

@Suite("DSSE")
struct DSSETests {
    @Test("the pre-authentication encoding is that of the protocol's example")
    func encoding() {
        let bytes = DSSEEnvelope.bytesToSign(
            payloadType: "http://example.com/HelloWorld",
            payload: Array("hello world".utf8)
        )
        #expect(String(decoding: bytes, as: UTF8.self) == "DSSEv1 29 http://example.com/HelloWorld 11 hello world")
    }

    @Test("what was written is read, several signatures and either alphabet included")
    func reads() throws {
        let payload: [UInt8] = [0xFB, 0xFF, 0xFE, 0x00]
        let envelope = DSSEEnvelope(
            payloadType: "x/y",
            payload: payload,
            signatures: [.init(keyID: "a", bytes: [1]), .init(bytes: [0xFF, 0xFF])]
        )
        #expect(
            String(decoding: envelope.bytes, as: UTF8.self)
                == #"{"payload":"+//+AA==","payloadType":"x/y","signatures":[{"keyid":"a","sig":"AQ=="},{"keyid":"","sig":"//8="}]}"#
        )
        #expect(try DSSEEnvelope(parsing: envelope.bytes) == envelope)
        let url = #"{"payload":"-__-AA","payloadType":"x/y","signatures":[{"sig":"__8"}],"more":1}"#
        let other = try DSSEEnvelope(parsing: Array(url.utf8))
        #expect(
            other.payload == payload && other.signatures == [.init(bytes: [0xFF, 0xFF])]
                && other.bytes == Array(url.utf8)
        )
    }

    @Test(
        "what two readers could read differently is refused",
        arguments: [
            #"{"payload":"AA==","payloadType":"x","signatures":[]}"#, #"{"payload":"AA==","payloadType":"x"}"#,
            #"{"payload":"AA==","payload":"AQ==","payloadType":"x","signatures":[{"sig":"AA=="}]}"#,
            #"{"payload":"AA==","payloadType":"x","signatures":[{"sig":"AA=="}]} x"#,
            #"{"payload":"AB==","payloadType":"x","signatures":[{"sig":"AA=="}]}"#,
            #"{"payload":"A A=","payloadType":"x","signatures":[{"sig":"AA=="}]}"#,
            #"{"payload":1,"payloadType":"x","signatures":[{"sig":"AA=="}]}"#, "[]", "",
        ]
    )
    func refuses(_ text: String) {
        #expect(throws: AttestationError.self) { try DSSEEnvelope(parsing: Array(text.utf8)) }
    }

    @Test("more than the limits is refused")
    func limits() {
        let many = DSSEEnvelope(
            payload: [],
            signatures: Array(repeating: .init(bytes: [1]), count: AttestationLimits.signatures + 1)
        )
        #expect(
            throws: AttestationError.tooMany(what: "signatures in an envelope", limit: AttestationLimits.signatures)
        ) {
            try DSSEEnvelope(parsing: many.bytes)
        }
        let long = [UInt8](repeating: 0x20, count: AttestationLimits.documentBytes + 1)
        #expect(throws: AttestationError.tooLarge(what: "the DSSE envelope", limit: AttestationLimits.documentBytes)) {
            try DSSEEnvelope(parsing: long)
        }
    }

    @Test("securesystemslib verifies it, and refuses it when it was changed")
    func securesystemslib() async throws {
        let signer = try Signer.p256()
        let envelope = try signer.envelope(Sample.provenance())
        let script = """
            import json, sys
            from securesystemslib.dsse import Envelope
            from securesystemslib.signer import SSlibKey
            from cryptography.hazmat.primitives.serialization import load_pem_public_key
            data = json.load(sys.stdin)
            key = SSlibKey.from_crypto(load_pem_public_key(data["pem"].encode()))
            # The library matches key ids, which our envelopes do not carry.
            key = SSlibKey("", key.keytype, key.scheme, key.keyval)
            envelope = Envelope.from_dict(data["envelope"])
            print(list(envelope.verify([key], 1)))
            envelope.payload += b" "
            try:
                envelope.verify([key], 1)
                sys.exit("a changed payload was accepted")
            except Exception as error:
                print("refused", type(error).__name__)
            """
        let input: JSONValue = ["pem": .string(signer.key.pem), "envelope": try JSONValue(parsing: envelope.bytes)]
        let environment = try await pythonEnvironment(["securesystemslib", "cryptography"])
        let output = try await environment.python.check(["-c", script], input: input.bytes())
        #expect(output.contains("refused VerificationError"))
    }
}

@Suite("Simple signing")
struct SimpleSigningTests {
    private static let hex = String(repeating: "ab", count: 32)
    private static let cosign =
        #"{"critical":{"identity":{"docker-reference":"registry.example/gov/app:1.0"},"image":{"docker-manifest-digest":"sha256:\#(hex)"},"#
        + #""type":"cosign container image signature"},"optional":null}"#

    @Test("the payload has exactly cosign's bytes")
    func bytes() throws {
        let claim = SimpleSigning(
            .cosign,
            digest: try Digest(parsing: "sha256:" + Self.hex),
            dockerReference: "registry.example/gov/app:1.0"
        )
        #expect(String(decoding: claim.bytes, as: UTF8.self) == Self.cosign)
        #expect(try SimpleSigning(parsing: claim.bytes, as: .cosign) == claim)
        #expect(throws: AttestationError.self) { try SimpleSigning(parsing: claim.bytes, as: .openPGP) }
        let dated = SimpleSigning(
            .openPGP,
            digest: claim.digest,
            dockerReference: "a/b:c",
            creator: "kontor 1",
            timestamp: 1_795_310_000
        )
        #expect(try SimpleSigning(parsing: dated.bytes, as: .openPGP) == dated)
        // Readers of OpenPGP signatures refuse null.
        let plain = SimpleSigning(.openPGP, digest: claim.digest, dockerReference: "a/b:c").bytes
        let text = String(decoding: plain, as: UTF8.self)
        #expect(text.hasSuffix(#""optional":{}}"#) && (try? SimpleSigning(parsing: plain, as: .openPGP)) != nil)
        let null = Array((text.dropLast(3) + "null}").utf8)
        #expect(throws: AttestationError.self) { try SimpleSigning(parsing: null, as: .openPGP) }
    }

    @Test(
        "members beyond the known ones, other types and other digests are refused",
        arguments: [
            ("\"critical\"", "\"more\":1,\"critical\""), ("\"identity\":{", "\"more\":1,\"identity\":{"),
            ("{\"docker-ref", "{\"x\":1,\"docker-ref"), ("{\"docker-manifest", "{\"x\":1,\"docker-manifest"),
            ("sha256:ab", "sha256:AB"), ("sha256:abab", "sha256:ab"), ("null}", "{\"creator\":1}}"),
            ("null}", "{\"timestamp\":1.5}}"), ("null}", "null}x"), ("null}", "null,\"optional\":null}"),
            ("cosign container", "container"),
        ]
    )
    func refuses(_ old: String, _ new: String) throws {
        let at = try #require(Self.cosign.firstRange(of: old))
        let changed = Self.cosign.replacingCharacters(at, with: new)
        #expect(throws: AttestationError.self) { try SimpleSigning(parsing: Array(changed.utf8), as: .cosign) }
    }

    @Test("other members of optional are allowed")
    func optional() throws {
        let at = try #require(Self.cosign.firstRange(of: "null}"))
        let text = Self.cosign.replacingCharacters(at, with: #"{"creator":"c","timestamp":5,"build":"7"}}"#)
        let claim = try SimpleSigning(parsing: Array(text.utf8), as: .cosign)
        #expect(claim.creator == "c" && claim.timestamp == 5)
    }
}

extension String {
    fileprivate func replacingCharacters(_ range: Range<String.Index>, with text: String) -> String {
        self[..<range.lowerBound] + text + self[range.upperBound...]
    }
}

@Suite("Manifests of attached signatures")
struct AttachedManifestTests {
    @Test("signatures are added, the same one once; an attestation takes the place of those of its type")
    func appends() throws {
        var signatures = AttachedManifest(.signatures)
        let payload = SimpleSigning(.cosign, digest: Sample.digest, dockerReference: Sample.repository + ":1.0").bytes
        try signatures.append(signature: [1], payload: payload)
        try signatures.append(signature: [1], payload: payload)
        try signatures.append(signature: [2], payload: payload)
        #expect(signatures.layers.map { $0.annotations["dev.cosignproject.cosign/signature"] } == ["AQ==", "Ag=="])
        #expect(try AttachedManifest.tag(.signatures, of: Sample.digest).attachedTo == Sample.digest)

        let manifest = try ManifestDocument(parsing: signatures.document, contentType: MediaType.imageManifest)
        guard case .image(let image) = manifest else {
            Issue.record("no image manifest")
            return
        }
        #expect(image.config.digest == .sha256(signatures.configuration) && image.layers == signatures.layers)
        var extended = try AttachedManifest(.signatures, extending: image)
        try extended.append(signature: [3], payload: payload)
        #expect(extended.layers.count == 3)
        let diffIDs = try JSONValue(parsing: extended.configuration)["rootfs"]?["diff_ids"]?.arrayValue
        #expect(diffIDs == Array(repeating: JSONValue.string(Digest.sha256(payload).description), count: 3))

        var attestations = AttachedManifest(.attestations)
        let signer = try Signer.ed25519()
        for name in ["a", "b"] {
            let statement = Sample.provenance(name: name)
            try attestations.replace(envelope: try signer.envelope(statement), predicateType: statement.predicateType)
        }
        let last = try signer.envelope(Sample.provenance(name: "b"))
        try attestations.replace(envelope: last, predicateType: PredicateType.cycloneDX)
        #expect(
            attestations.layers.map { $0.annotations["predicateType"] } == [
                PredicateType.provenance, PredicateType.cycloneDX,
            ]
        )
        #expect(attestations.layers[1].digest == .sha256(last.bytes))
        #expect(attestations.evidence(attestations.layers[1], blob: last.bytes) == .envelope(last.bytes, log: nil))
        #expect(attestations.evidence(attestations.layers[0], blob: last.bytes + [0x20]) == nil)
    }

    @Test("no more layers than the limit")
    func limit() throws {
        var signatures = AttachedManifest(.signatures)
        for number in 0..<AttestationLimits.layers {
            try signatures.append(signature: [1, UInt8(number / 256), UInt8(number % 256)], payload: [1])
        }
        #expect(throws: AttestationError.tooMany(what: "signatures of one image", limit: AttestationLimits.layers)) {
            try signatures.append(signature: [9], payload: [1])
        }
    }
}
