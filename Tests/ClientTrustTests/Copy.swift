// SPDX-License-Identifier: EUPL-1.2

import Attestations
import ClientTrust
import Crypto
import ImageSources
import JSON
import MerkleLog
import OCI
import RegistryClient
import TestKit
import Time

/// A key pair of a test.
struct TestKey: Sendable {
    private let key = P256.Signing.PrivateKey()

    var publicKey: PublicKey {
        get throws { try PublicKey(.ecdsaP256SHA256, point: Array(key.publicKey.x963Representation)) }
    }

    func sign(_ bytes: [UInt8]) throws -> [UInt8] { Array(try key.signature(for: bytes).derRepresentation) }
}

/// An image in a layout with what a test attaches to it, and the trust root of whoever would have released it.
struct Copy: Sendable {
    static let now = Timestamp(seconds: 1_795_310_000)
    static let name = "registry.example/gov/app:1.0"
    static let origin = "registry.example/log"

    let directory: TemporaryDirectory
    let image: BuiltImage
    let release = TestKey()
    let log = TestKey()
    let verdict = TestKey()
    let scan = TestKey()
    private(set) var entries: [Descriptor]

    init() throws {
        directory = try TemporaryDirectory("copy")
        var builder = ImageBuilder()
        builder.layer { $0.file("etc/os-release", text: "ID=debian\n") }
        image = builder.built()
        entries = [Self.descriptor(image.manifest, image.mediaType, tag: "1.0")]
        try image.writeOCILayout(to: directory.file("layout"), tag: "1.0")
    }

    static func descriptor(_ bytes: [UInt8], _ type: String = MediaType.imageManifest, tag: String? = nil) -> Descriptor
    {
        Descriptor(
            mediaType: type,
            digest: .sha256(bytes),
            size: Int64(bytes.count),
            annotations: tag.map { ["org.opencontainers.image.ref.name": $0] } ?? [:]
        )
    }

    func blob(_ bytes: [UInt8]) throws {
        try directory.write(bytes, to: "layout/blobs/sha256/\(Digest.sha256(bytes).hex)")
    }

    /// Adds a manifest to the layout's index.
    mutating func add(_ bytes: [UInt8], _ type: String = MediaType.imageManifest, tag: String? = nil) throws {
        try blob(bytes)
        entries.append(Self.descriptor(bytes, type, tag: tag))
        try directory.write(ImageIndex(manifests: entries).json.bytes(), to: "layout/index.json")
    }

    // MARK: - Signing

    /// What the log says about a body: promised, and proven in a tree of two.
    func logged(_ body: LogBody) throws -> BundleLogEntry {
        let entry = Attestations.LogEntry(
            body: body.bytes,
            integratedTime: Self.now.microseconds / 1_000_000,
            logIndex: 1,
            logID: try log.publicKey.fingerprint.bytes
        )
        let sibling = MerkleHash(leaf: [1])
        let root = MerkleHash(left: sibling, right: MerkleHash(leaf: entry.body))
        let checkpoint = Checkpoint(origin: Self.origin, size: 2, root: root)
        let key = try NoteKey(name: Self.origin, algorithm: .ecdsaP256, publicKey: log.publicKey.spki)
        let note = SignedNote(text: checkpoint.text, signatures: [key.signature(try log.sign(checkpoint.text))])
        return BundleLogEntry(
            entry: entry,
            kind: body.kindName,
            promise: try log.sign(entry.bytesToSign),
            inclusionProof: Attestations.InclusionProof(
                logIndex: 1,
                rootHash: root.bytes,
                treeSize: 2,
                hashes: [sibling.bytes],
                checkpoint: String(decoding: note.bytes, as: UTF8.self)
            )
        )
    }

    /// A bundle that releases a digest under a name.
    func bundle(_ digest: OCI.Digest? = nil, name: String = name, by key: TestKey? = nil, isLogged: Bool = true) throws
        -> [UInt8]
    {
        let key = key ?? release
        let payload = Attestations.Statement(
            subjects: [ResourceDescriptor(name: name, digest ?? image.manifestDigest)],
            predicateType: PredicateType.cosignSignature,
            predicate: [:]
        ).bytes
        let signature = try key.sign(DSSEEnvelope.bytesToSign(payload: payload))
        let envelope = DSSEEnvelope(payload: payload, signatures: [.init(bytes: signature)])
        let entry = try logged(.dsse(envelope, signers: [.init(signature: signature, key: key.publicKey)]))
        return SigstoreBundle(.envelope(envelope), hint: try key.publicKey.hint, logEntries: isLogged ? [entry] : [])
            .bytes
    }

    /// A statement about the image in an envelope, and what the log says about it.
    func attestation(_ type: String, _ predicate: [String: JSONValue], by key: TestKey) throws -> (
        envelope: DSSEEnvelope, entry: BundleLogEntry
    ) {
        let payload = Attestations.Statement(
            subjects: [ResourceDescriptor(name: "registry.example/gov/app", image.manifestDigest)],
            predicateType: type,
            predicate: predicate
        ).bytes
        let signature = try key.sign(DSSEEnvelope.bytesToSign(payload: payload))
        let envelope = DSSEEnvelope(payload: payload, signatures: [.init(bytes: signature)])
        return (envelope, try logged(.dsse(envelope, signers: [.init(signature: signature, key: key.publicKey)])))
    }

    /// Attaches a statement, as a bundle or as a layer of the list of attestations.
    mutating func attest(_ type: String, _ predicate: [String: JSONValue] = [:], by key: TestKey, asBundle: Bool) throws
    {
        let (envelope, entry) = try attestation(type, predicate, by: key)
        guard !asBundle else {
            return try attach(SigstoreBundle(.envelope(envelope), hint: "", logEntries: [entry]).bytes)
        }
        var list = AttachedManifest(.attestations)
        let promise = SignedEntryTimestamp(entry: entry.entry, signature: entry.promise ?? [])
        try list.replace(envelope: envelope, predicateType: type, entry: promise)
        try blob(envelope.bytes)
        try blob(list.configuration)
        try add(list.document, tag: try AttachedManifest.tag(.attestations, of: image.manifestDigest).text)
    }

    /// Attaches a bundle to the image, or to what is named instead.
    mutating func attach(_ bundle: [UInt8], to subject: Descriptor? = nil) throws {
        try blob(bundle)
        try blob(SigstoreBundle.emptyConfiguration)
        let manifest = SigstoreBundle.referrer(
            bundle: bundle,
            predicateType: PredicateType.cosignSignature,
            subject: subject ?? entries[0],
            created: Self.now
        )
        try add(manifest.json.bytes(.rfc8785))
    }

    // MARK: - Verifying

    /// The document of the node's keys.
    func root(_ change: (inout [String: JSONValue]) -> Void = { _ in }) throws -> [UInt8] {
        func entry(_ role: String, _ key: PublicKey) -> JSONValue {
            [
                "role": .string(role), "id": "", "fingerprint": .string(key.fingerprint.hex),
                "algorithm": .string(key.algorithm.rawValue), "state": "active", "pem": .string(key.pem),
                "signsFrom": "2026-01-01T00:00:00Z", "signsUntil": .null, "revokedFrom": .null,
            ]
        }
        let note = try NoteKey(name: Self.origin, algorithm: .ecdsaP256, publicKey: log.publicKey.spki)
        var members: [String: JSONValue] = [
            "schemaVersion": 1, "registry": "registry.example", "log": .string(Self.origin),
            "logKeys": .strings([note.description]), "openPGP": .null,
            "keys": .array([
                entry("release", try release.publicKey), entry("log-timestamps", try log.publicKey),
                entry("verdict", try verdict.publicKey), entry("scan", try scan.publicKey),
            ]),
        ]
        change(&members)
        return JSONValue.object(members).bytes()
    }

    func verify(
        _ location: String? = nil,
        name: String = name,
        log: TrustDemands.Log = .inclusion,
        requiring kinds: [AttestationKind] = []
    ) async throws
        -> ImageVerification
    {
        let verifier = ImageVerifier(
            demands: TrustDemands(root: try TrustRoot(parsing: root()), log: log, attestations: kinds, now: Self.now),
            expected: try Reference(parsing: name),
            registrySettings: RegistryClientSettings()
        )
        return try await verifier.verify(
            try ImageLocation(parsing: location ?? "oci:\(directory.file("layout")):1.0")
        )
    }
}
