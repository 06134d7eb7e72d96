// SPDX-License-Identifier: EUPL-1.2

import Attestations
import Crypto
import JSON
import OCI
import Time

/// A key pair of one test, as the rooms above keep it.
struct Signer: Sendable {
    private let p256: P256.Signing.PrivateKey?
    private let ed25519: Curve25519.Signing.PrivateKey?
    let key: PublicKey

    private init(_ p256: P256.Signing.PrivateKey?, _ ed25519: Curve25519.Signing.PrivateKey?, _ key: PublicKey) {
        (self.p256, self.ed25519, self.key) = (p256, ed25519, key)
    }

    static func p256() throws -> Signer {
        let key = P256.Signing.PrivateKey()
        return Signer(key, nil, try PublicKey(.ecdsaP256SHA256, point: Array(key.publicKey.x963Representation)))
    }

    static func ed25519() throws -> Signer {
        let key = Curve25519.Signing.PrivateKey()
        return Signer(nil, key, try PublicKey(.ed25519, point: Array(key.publicKey.rawRepresentation)))
    }

    func sign(_ bytes: [UInt8]) throws -> [UInt8] {
        if let p256 { return Array(try p256.signature(for: bytes).derRepresentation) }
        return try ed25519.map { Array(try $0.signature(for: bytes)) } ?? []
    }

    func envelope(_ statement: Statement) throws -> DSSEEnvelope {
        let payload = statement.bytes
        return DSSEEnvelope(
            payload: payload,
            signatures: [.init(bytes: try sign(DSSEEnvelope.bytesToSign(payload: payload)))]
        )
    }
}

/// A log of three entries, whose second is what is logged.
struct TestLog: Sendable {
    let signer: Signer
    let origin = "log.example/kontor"

    init() throws { signer = try Signer.p256() }

    /// Promises an entry.
    func promise(_ body: LogBody, at time: Timestamp) throws -> SignedEntryTimestamp {
        let entry = LogEntry(
            body: body.bytes,
            integratedTime: time.microseconds / 1_000_000,
            logIndex: 1,
            logID: signer.key.fingerprint.bytes
        )
        return SignedEntryTimestamp(entry: entry, signature: try signer.sign(entry.bytesToSign))
    }

    /// Promises an entry and proves it: the tree is ((other, entry), other).
    func proven(_ body: LogBody, at time: Timestamp) throws -> BundleLogEntry {
        let promised = try promise(body, at: time)
        let leaf = Self.hash([0] + body.bytes)
        let (first, third) = (Self.hash([0, 1]), Self.hash([0, 3]))
        let root = Self.hash([1] + Self.hash([1] + first + leaf) + third)
        let note = "\(origin)\n3\n\(Base64.encoded(root))\n"
        let signature = signer.key.fingerprint.bytes.prefix(4) + (try signer.sign(Array(note.utf8)))
        return BundleLogEntry(
            entry: promised.entry,
            kind: body.kindName,
            promise: promised.signature,
            inclusionProof: InclusionProof(
                logIndex: 1,
                rootHash: root,
                treeSize: 3,
                hashes: [first, third],
                checkpoint: note + "\n\u{2014} \(origin) \(Base64.encoded(signature))\n"
            )
        )
    }

    static func hash(_ bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }
}

/// An image of tests, by its digest only.
enum Sample {
    static let digest = OCI.Digest.sha256(Array("a manifest".utf8))
    static let other = OCI.Digest.sha256(Array("another manifest".utf8))
    static let repository = "registry.example/gov/app"
    static let time = Timestamp(seconds: 1_795_310_000)

    static func subject(tag: String? = "1.0", digest: OCI.Digest = digest) throws -> VerificationSubject {
        VerificationSubject(
            digest: digest,
            registry: "registry.example",
            repository: try RepositoryName(parsing: "gov/app"),
            tag: try tag.map { try Tag(parsing: $0) }
        )
    }

    /// A statement about ``digest`` with a predicate of a provenance.
    static func provenance(name: String = repository, of digest: OCI.Digest = digest) -> Statement {
        Statement(
            subjects: [ResourceDescriptor(name: name, digest)],
            predicateType: PredicateType.provenance,
            predicate: [
                "buildDefinition": [
                    "buildType": "https://build.example/type/v1", "externalParameters": ["ref": "refs/tags/1.0"],
                    "resolvedDependencies": [
                        ["uri": "pkg:deb/debian/openssl@3.0.17", "digest": ["sha256": .string(other.hex)]]
                    ],
                ],
                "runDetails": [
                    "builder": ["id": "https://build.example/isolated/v1"],
                    "metadata": ["invocationId": "urn:uuid:1", "startedOn": "2026-11-01T10:00:00Z"],
                ],
            ]
        )
    }
}
