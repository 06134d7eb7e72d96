// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Advisories
import Assessment
import AssessmentTestKit
import Criteria
import Database
import JSON
import NIOCore
import OCI
import Registry
import SBOM
import TestKit
import Testing
import Time
import Triage
import Vulnerabilities

/// A node with two authorities.
///
/// `bund` publishes bases for everybody, `stadt` builds on them. Anna maintains the one, Berta the other.
struct TriageWorld {
    static let cve = "CVE-2026-0001"
    static let purl = "pkg:deb/debian/openssl@3.0.1?arch=amd64&distro=debian-12"

    let node: NodeFixture
    let assessment: AssessmentService
    let accounts: Accounts
    let statements: Statements
    let triage: Triage
    let anna: Account
    let berta: Account
    /// Maintains nothing.
    let carl: Account
    var admin: Account { node.account }

    init(basesArePublic: Bool = true) async throws {
        node = try NodeFixture()
        assessment = try node.service()
        accounts = Accounts(database: node.database, clock: node.time.clock)
        statements = Statements(database: node.database, clock: node.time.clock)
        triage = Triage(
            database: node.database,
            registry: node.registry,
            accounts: accounts,
            statements: statements,
            clock: node.time.clock,
            assessment: assessment
        )
        _ = try await accounts.bootstrap(dataDirectory: node.directory.path)
        let admin = node.account
        for (name, title, isPublic) in [("bund", "Bundesamt", basesArePublic), ("stadt", "Stadt Musterstadt", false)] {
            try await accounts.putOrganisation(Organisation(name: name, title: title, kind: .federal), by: admin)
            try await accounts.createNamespace(name, organisation: name, isPublic: isPublic, by: admin)
        }
        var people: [Account] = []
        for (name, organisation, role) in [
            ("anna", "bund", Role.maintainer), ("berta", "stadt", .maintainer), ("carl", "stadt", .publisher),
        ] {
            let secret = try await accounts.createPerson(name, organisation: organisation, by: admin)
            try await accounts.setRole(role, of: name, in: organisation, by: admin)
            people.append(try #require(try await accounts.authenticate(username: name, password: secret)))
        }
        (anna, berta, carl) = (people[0], people[1], people[2])
        try await node.importing([
            "tracker.json": NodeFixture.tracker([(source: "openssl", id: Self.cve, fixed: "3.0.2")])
        ])
    }

    /// Pushes an image with the vulnerable component, on some layers.
    @discardableResult
    func push(_ repository: String, _ label: String = "a", layers: [UInt8] = [1]) async throws -> Triage.Target {
        let purl = try PackageURL(parsing: Self.purl)
        node.analyser.becomes { _ in
            var evidence = NodeFixture.evidence([("openssl", "3.0.1")])
            evidence.components[0].purl = purl
            evidence.configuration = ImageConfiguration(
                architecture: "amd64",
                os: "linux",
                diffIDs: layers.map { .sha256([$0]) }
            )
            return evidence
        }
        let digest = try await node.push(NodeFixture.image(label), to: repository, tag: label)
        try await node.work(assessment)
        return Triage.Target(repository: try RepositoryName(parsing: repository), digest: digest)
    }

    /// A base of `bund` and an image of `stadt` that stands on it.
    func stack() async throws -> (base: Triage.Target, app: Triage.Target) {
        (try await push("bund/debian", "base", layers: [1]), try await push("stadt/app", "app", layers: [1, 2]))
    }

    /// Does all work that is due.
    @discardableResult
    func drain() async throws -> [String] {
        let handlers = assessment.jobs.merging(triage.jobs) { own, _ in own }
        var done: [String] = []
        while let job = try await node.queue.claim(kinds: handlers.keys.sorted(), lease: .seconds(60)) {
            try await handlers[job.kind]?(job)
            _ = try await node.queue.complete(job)
            done.append(job.kind + " " + job.subject)
        }
        return done
    }

    func finding(_ target: Triage.Target) async throws -> Finding {
        let stored = try #require(try await node.ready(assessment, target.repository.text, target.digest))
        return try #require(try stored.verdict().findings.first)
    }

    static func cleared(until expires: Timestamp? = nil) -> Judgement {
        Judgement(
            status: .notAffected,
            justification: .vulnerableCodeNotInExecutePath,
            impact: "The module is not loaded.",
            expires: expires
        )
    }

    static let selection = FindingSelection(vulnerability: cve)

    @discardableResult
    func assess(
        _ target: Triage.Target,
        _ judgement: Judgement = cleared(),
        scope: Triage.Scope = .image,
        by actor: Account
    ) async throws -> Triage.Receipt {
        try await triage.assess(judgement, of: Self.selection, in: target, scope: scope, by: actor)
    }

    /// Attaches bytes to an image as clients do: a manifest that names it as its subject.
    @discardableResult
    func attach(
        _ bytes: [UInt8],
        type: String = "application/vnd.openvex+json",
        to target: Triage.Target
    ) async throws -> Digest {
        let empty = Array("{}".utf8)
        for content in [bytes, empty] {
            let upload = try await node.registry.beginMonolithicUpload(in: target.repository, by: admin)
            try await upload.append(ByteBuffer(bytes: content))
            try await node.registry.finish(upload, as: .sha256(content), by: admin)
        }
        let manifest = ImageManifest(
            artifactType: type,
            config: Descriptor(
                mediaType: "application/vnd.oci.empty.v1+json",
                digest: .sha256(empty),
                size: Int64(empty.count)
            ),
            layers: [Descriptor(mediaType: type, digest: .sha256(bytes), size: Int64(bytes.count))],
            subject: Descriptor(mediaType: MediaType.imageManifest, digest: target.digest, size: 1)
        )
        return try await node.put(
            manifest.json.bytes(),
            MediaType.imageManifest,
            to: target.repository.text,
            tag: nil
        )
    }

    static func openVEX(_ product: String? = nil, author: String = "Team <b>X</b>", _ statements: Int = 1) -> String {
        let products = product.map { ",\"products\":[{\"@id\":\"\($0)\"}]" } ?? ""
        let all = (0..<statements).map { index in
            """
            {"vulnerability":{"name":"CVE-2026-000\(index + 1)"}\(products),"status":"not_affected",
            "justification":"component_not_present"}
            """
        }
        return """
            {"@context":"https://openvex.dev/ns/v0.2.0","@id":"https://example.org/vex/1","author":"\(author)",
            "timestamp":"2026-11-20T00:00:00Z","version":1,"statements":[\(all.joined(separator: ","))]}
            """
    }
}
