// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Assessment
import AssessmentTestKit
import Attestations
import Criteria
import Crypto
import Database
import JSON
import Keys
import NIOCore
import OCI
import Policies
import Registry
import Releases
import TestKit
import Testing
import Time
import Trust

/// A key pair of a publisher.
struct Publisher: Sendable {
    private let secret = P256.Signing.PrivateKey()
    let key: PublicKey

    init() throws { key = try PublicKey(.ecdsaP256SHA256, point: Array(secret.publicKey.x963Representation)) }

    func sign(_ bytes: [UInt8]) throws -> [UInt8] { Array(try secret.signature(for: bytes).derRepresentation) }

    func rule(_ change: (inout TrustedKeyRule) -> Void = { _ in }) -> TrustedKeyRule {
        var rule = TrustedKeyRule(name: "release", material: .key(key))
        change(&rule)
        return rule
    }

    func bundle(_ statement: Attestations.Statement) throws -> [UInt8] {
        let payload = statement.bytes
        let signature = try sign(DSSEEnvelope.bytesToSign(payload: payload))
        let envelope = DSSEEnvelope(payload: payload, signatures: [.init(bytes: signature)])
        return SigstoreBundle(.envelope(envelope), hint: key.hint).bytes
    }
}

/// Nobody signs here.
private struct NoSigner: Signer {
    func sign(_ messages: [[UInt8]], as role: KeyRole) async throws(KeysError) -> [KeySignature] {
        throw .signer("nobody signs in this test")
    }

    func keys() async throws(KeysError) -> [KeyRecord] { [] }
}

/// The rooms up to trust, with a namespace `bund` and one pushed image.
final class TrustFixture: Sendable {
    static let host = "registry.example"
    let node: NodeFixture
    let accounts: Accounts
    let trust: Trust
    let namespace: Namespace
    let admin: Account
    let image: BuiltImage
    let name: RepositoryName

    init(labels: [String: String] = [:]) async throws {
        let evidence = NodeFixture.evidence([])
        node = try NodeFixture(
            evidence,
            further: PoliciesSchema.migrations + ReleasesSchema.migrations + TrustSchema.migrations
        )
        accounts = Accounts(database: node.database, clock: node.time.clock)
        let secret = try #require(try await accounts.bootstrap(dataDirectory: node.directory.path))
        admin = try #require(try await accounts.authenticate(username: secret.account, password: secret.secret))
        try await accounts.putOrganisation(Organisation(name: "bund", title: "Bund", kind: .federal), by: admin)
        try await accounts.createNamespace("bund", organisation: "bund", isPublic: true, by: admin)
        namespace = try await accounts.overseen("bund", by: admin)
        let releases = Releases(
            database: node.database,
            registry: node.registry,
            accounts: accounts,
            signer: NoSigner(),
            log: { nil },
            authority: { Self.host },
            clock: node.time.clock
        )
        trust = Trust(
            database: node.database,
            registry: node.registry,
            accounts: accounts,
            releases: releases,
            nodeKeys: { [] },
            authorities: { [Self.host] },
            clock: node.time.clock
        )
        name = try RepositoryName(parsing: "bund/app")
        image = NodeFixture.image("signed")
        try await node.push(image, to: "bund/app", tag: "1.4.2")
    }

    var digest: OCI.Digest { image.manifestDigest }

    func service() throws -> AssessmentService {
        try node.service(signed: { [trust] in
            AttachedEvidence(signed: try await trust.evidence(of: $0, in: $1, within: $2))
        })
    }

    func found() async throws -> SignedEvidence { try await trust.evidence(of: digest, in: name) }

    /// Puts a trust policy in force.
    func believe(_ keys: [TrustedKeyRule], threshold: Int = 1, log: TrustRules.LogDemand = .none) async throws {
        let rules = TrustRules(
            publishers: [TrustedPublisher(name: "Amt", contact: "mail@example.org", keys: keys)],
            threshold: threshold,
            log: log
        )
        try await believe(rules)
    }

    /// Puts rules of any kind in force.
    func believe(_ rules: TrustRules) async throws {
        let current = try await node.registry.policy(of: namespace)
        try await node.registry.setPolicy(
            ContentPolicy(trust: rules),
            for: namespace,
            expectedRevision: current.revision,
            reason: "test",
            by: admin
        )
    }

    func payload(_ reference: String = "\(host)/bund/app", digest: OCI.Digest? = nil) -> [UInt8] {
        SimpleSigning(.cosign, digest: digest ?? self.digest, dockerReference: reference).bytes
    }

    /// Pushes a `.sig` manifest with these payloads, each signed.
    func attach(_ signed: [(payload: [UInt8], signature: [UInt8])]) async throws {
        var attached = AttachedManifest(.signatures)
        for (payload, signature) in signed { try attached.append(signature: signature, payload: payload) }
        try await blob(attached.configuration)
        for (payload, _) in signed { try await blob(payload) }
        try await node.put(
            attached.document,
            MediaType.imageManifest,
            to: "bund/app",
            tag: "\(AttachedManifest.tag(.signatures, of: digest))"
        )
    }

    /// Pushes a bundle as a referrer, and says which manifest it is.
    @discardableResult
    func refer(_ bundle: [UInt8], to subject: OCI.Digest? = nil) async throws -> OCI.Digest {
        try await blob(SigstoreBundle.emptyConfiguration)
        try await blob(bundle)
        let manifest = SigstoreBundle.referrer(
            bundle: bundle,
            predicateType: "x",
            subject: Descriptor(mediaType: MediaType.imageManifest, digest: subject ?? digest, size: 1),
            created: node.time.clock.now()
        )
        return try await node.put(manifest.json.bytes(), MediaType.imageManifest, to: "bund/app", tag: nil)
    }

    func blob(_ bytes: [UInt8]) async throws {
        let upload = try await node.registry.beginMonolithicUpload(in: name, by: node.account)
        try await upload.append(ByteBuffer(bytes: bytes))
        try await node.registry.finish(upload, as: .sha256(bytes), by: node.account)
    }

    func statement(_ type: String, _ subject: OCI.Digest? = nil) -> Attestations.Statement {
        Attestations.Statement(
            subjects: [ResourceDescriptor(name: "\(Self.host)/bund/app", subject ?? digest)],
            predicateType: type,
            predicate: ["a": 1]
        )
    }
}
