// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Assessment
import AssessmentTestKit
import Attestations
import Attesting
import Criteria
import Database
import JSON
import Keys
import Logging
import MerkleLog
import NIOPosix
import OCI
import Policies
import Registry
import SBOM
import Synchronization
import TestKit
import Testing
import Time
import Transparency
import Vulnerabilities

/// Signs with a store's keys, counts what it signed, and fails when it shall.
final class CountingSigner: Keys.Signer {
    private let inner: LocalSigner
    // Owner: this mutex; statements that were signed, by their bytes, and how many more are.
    private let state = Mutex<(signed: [[UInt8]], left: Int)>(([], .max))

    init(_ store: KeyStore) { inner = LocalSigner(store: store) }

    /// Statements that were signed, in order; what the log signs is none.
    var statements: [[UInt8]] { state.withLock { $0.signed } }

    /// Lets so many statements be signed, and no further.
    func allow(_ count: Int) { state.withLock { $0.left = count } }

    func sign(_ messages: [[UInt8]], as role: KeyRole) async throws(KeysError) -> [KeySignature] {
        if role != .logTimestamps, role != .logNotes {
            let isAllowed = state.withLock { state in
                guard state.left > 0 else { return false }
                state.left -= 1
                state.signed += messages
                return true
            }
            guard isAllowed else { throw KeysError.signer("the test lets nothing be signed") }
        }
        return try await inner.sign(messages, as: role)
    }

    func keys() async throws(KeysError) -> [KeyRecord] { try await inner.keys() }
}

/// The rooms below a node's attestations, with real keys, a real log and a fake clock.
final class AttestingWorld: Sendable {
    static let repository = "bund/app"
    static let authority = "registry.example"
    static let cve = "CVE-2026-0001"
    static let purl = "pkg:deb/debian/openssl@3.0.1?arch=amd64&distro=debian-12"

    let node: NodeFixture
    let assessment: AssessmentService
    let accounts: Accounts
    let attesting: Attesting
    let signer: CountingSigner
    let log: TransparencyLog
    let keys: [KeyRecord]
    private let sequencer: Task<Void, Never>

    /// - Parameter signs: whether there is anybody who signs.
    init(signs: Bool = true, isPublic: Bool = true) async throws {
        let node = try NodeFixture(
            further: PoliciesSchema.migrations + LogSchema.migrations + AttestingSchema.migrations
        )
        self.node = node
        var settings = AssessmentSettings()
        settings.attests = { signs }
        assessment = try node.service(settings)
        accounts = Accounts(database: node.database, clock: node.time.clock)
        _ = try await accounts.bootstrap(dataDirectory: node.directory.path)
        let organisation = Organisation(name: "bund", title: "Bundesamt", kind: .federal)
        try await accounts.putOrganisation(organisation, by: node.account)
        try await accounts.createNamespace("bund", organisation: "bund", isPublic: isPublic, by: node.account)
        let store = try KeyStore(directory: node.directory.file("keys"))
        keys = try store.complete()
        let signer = CountingSigner(store)
        self.signer = signer
        let notes = try #require(keys.first { $0.role == .logNotes })
        let key = try NoteKey(
            name: "registry.example/log",
            algorithm: .ed25519,
            publicKey: try #require(notes.rawEd25519)
        )
        var pace = TransparencyLog.Settings()
        pace.interval = .milliseconds(5)
        pace.checkpointInterval = .zero
        let log = try TransparencyLog(
            origin: "registry.example/log",
            signers: [LogSigner(key: key) { text in try await signer.sign(text, as: .logNotes).bytes }],
            database: node.database,
            directory: LogDirectory(path: node.directory.file("log")),
            checkpointGuard: CheckpointGuard(path: node.directory.file("log-guard")),
            rules: PublicationRules(accountNames: { [] }, isInternal: { _ in false }),
            settings: pace,
            clock: node.time.clock,
            threads: .singleton,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        try await log.prepare()
        self.log = log
        sequencer = Task { await LogSequencer(log).run() }
        attesting = Attesting(
            database: node.database,
            registry: node.registry,
            accounts: accounts,
            assessment: assessment,
            catalogue: try .embedded(),
            signer: signer,
            log: { signs ? log : nil },
            address: { Attesting.Address(url: "https://registry.example", authority: Self.authority) },
            version: "1.0",
            clock: node.time.clock
        )
        node.analyser.becomes(try Self.evidence())
    }

    deinit { sequencer.cancel() }

    static func evidence(_ packages: [(name: String, version: String)] = [("openssl", "3.0.1")]) throws -> ImageEvidence
    {
        var evidence = NodeFixture.evidence(packages)
        evidence.components[0].purl = try PackageURL(parsing: purl)
        return evidence
    }

    /// Brings advisories: the identifiers of vulnerabilities of openssl.
    func importing(_ identifiers: [String], asOf: String = "2026-11-21") async throws {
        let fixes = identifiers.map { (source: "openssl", id: $0, fixed: "3.0.2") }
        try await node.importing(["tracker.json": NodeFixture.tracker(fixes)], asOf: asOf)
    }

    /// Assesses what is due and has it attested; what failed is thrown.
    func work() async throws {
        try await node.work(assessment)
        try await attest()
    }

    /// Does the jobs that attest.
    func attest() async throws {
        while let job = try await node.queue.claim(kinds: [Attesting.job], lease: .seconds(60)) {
            guard let handler = attesting.jobs[Attesting.job] else { return }
            do {
                try await handler(job)
                try await node.queue.complete(job)
            } catch {
                try await node.queue.fail(job, error: "\(error)", retryable: true)
                throw error
            }
        }
    }

    /// Lets go what is due of what was taken back, by a node that was started anew.
    func letGo() async throws {
        let restarted = Attesting(
            database: node.database,
            registry: node.registry,
            accounts: accounts,
            assessment: assessment,
            catalogue: try .embedded(),
            signer: signer,
            log: { nil },
            address: { nil },
            version: "1.0",
            clock: node.time.clock
        )
        while let job = try await node.queue.claim(kinds: [Attesting.lettingGo], lease: .seconds(60)) {
            try await restarted.jobs[Attesting.lettingGo]?(job)
            try await node.queue.complete(job)
        }
    }

    /// Has an image looked at again.
    func again(_ digest: Digest) async throws {
        let (subject, now) = (
            Registry.assessmentSubject(try RepositoryName(parsing: Self.repository), digest), node.time.clock.now()
        )
        try await node.database.write { t in
            try JobQueue.enqueue(t, kind: AssessmentService.assessJob, subject: subject, priority: .push, now: now)
        }
    }

    func push(_ label: String = "a") async throws -> Digest {
        try await node.push(NodeFixture.image(label), to: Self.repository)
    }

    var name: RepositoryName { get throws { try RepositoryName(parsing: Self.repository) } }

    func rows(_ digest: Digest) async throws -> [ImageAttestation] {
        try await attesting.attested(try name, digest).attestations
    }

    /// What a stranger finds as referrers: predicate type → statement, with signature and log checked against the node's public keys.
    func referrers(_ digest: Digest) async throws -> [String: Attestations.Statement] {
        var found: [String: Attestations.Statement] = [:]
        let (page, _) = try await node.registry.referrers(of: digest, in: name, limit: 100)
        for referrer in page {
            let manifest = try #require(try await node.registry.manifest(name, referrer.descriptor.digest))
            guard
                case .image(let parsed) = try ManifestDocument(
                    parsing: manifest.bytes,
                    contentType: manifest.mediaType
                ), parsed.artifactType == SigstoreBundle.mediaType
            else { continue }
            let layer = try #require(parsed.layers.first).digest
            let bytes = try #require(try await node.registry.blobBytes(name, layer, limit: 10 << 20))
            let bundle = try SigstoreBundle(parsing: bytes)
            guard case .envelope(let envelope) = bundle.content else {
                Issue.record("no envelope in \(referrer)")
                continue
            }
            let statement = try Attestations.Statement(parsing: envelope.payload)
            #expect(found[statement.predicateType] == nil, "two of \(statement.predicateType)")
            #expect(
                referrer.descriptor.annotations["dev.sigstore.bundle.predicateType"] == statement.predicateType
            )
            try check(envelope, hint: bundle.hint, statement)
            for entry in bundle.logEntries {
                let logKey = try key(.logTimestamps)
                #expect(entry.entry.isPromised(by: logKey, entry.promise ?? []))
            }
            #expect(statement.subjects.contains { $0.isContent(digest) })
            found[statement.predicateType] = statement
        }
        return found
    }

    /// Cosign's list, to add to it.
    func attached(_ digest: Digest) async throws -> AttachedManifest {
        let tag = try AttachedManifest.tag(.attestations, of: digest)
        guard let present = try await node.registry.manifest(name, at: .tag(tag)),
            case .image(let manifest) = try ManifestDocument(parsing: present.bytes, contentType: present.mediaType)
        else { return AttachedManifest(.attestations) }
        return try AttachedManifest(.attestations, extending: manifest)
    }

    /// What a stranger finds in cosign's list, in its order.
    func list(_ digest: Digest) async throws -> [Descriptor]? {
        let tag = try AttachedManifest.tag(.attestations, of: digest)
        guard let manifest = try await node.registry.manifest(name, at: .tag(tag)),
            case .image(let parsed) = try ManifestDocument(parsing: manifest.bytes, contentType: manifest.mediaType)
        else { return nil }
        #expect(manifest.kind == .artefact)
        for layer in parsed.layers where layer.mediaType == DSSEEnvelope.mediaType {
            let bytes = try #require(try await node.registry.blobBytes(name, layer.digest, limit: 10 << 20))
            let envelope = try DSSEEnvelope(parsing: bytes)
            let statement = try Attestations.Statement(parsing: envelope.payload)
            #expect(layer.annotations["predicateType"] == statement.predicateType)
        }
        return parsed.layers
    }

    func key(_ role: KeyRole) throws -> PublicKey {
        try PublicKey(spki: try #require(keys.first { $0.role == role }).publicKey)
    }

    /// The key that has to have signed a statement, by its type.
    private func check(_ envelope: DSSEEnvelope, hint: String, _ statement: Attestations.Statement) throws {
        let role: KeyRole =
            switch statement.predicateType {
            case PredicateType.cycloneDX, PredicateType.cosignVulnerabilities: .scan
            case PredicateType.openVEX: .vex
            case PredicateType.verificationSummary, PredicateType.testResult: .verdict
            default: .audit
            }
        let key = try key(role)
        #expect(hint == key.hint)
        #expect(key.isValidSignature(try #require(envelope.signatures.first).bytes, for: envelope.bytesToSign))
    }
}
