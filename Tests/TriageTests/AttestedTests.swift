// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Assessment
import AssessmentTestKit
import Audit
import Criteria
import Database
import OCI
import Registry
import SBOM
import Testing
import Time
import Triage
import Vulnerabilities

@Suite("VEX documents that somebody signed who is believed")
struct AttestedTests {
    private static func document(
        about image: Triage.Target,
        author: String = "Supplier",
        timestamp: String = "2026-11-20T00:00:00Z"
    ) throws -> VEXDocument {
        let text = TriageWorld.openVEX(author: author).replacing("2026-11-20T00:00:00Z", with: timestamp)
        return try VEXDocument(
            parsing: Array(text.utf8),
            subjects: [VEXProduct(VEXComponent(digests: [image.digest.description]))]
        )
    }

    private static func signed(
        about image: Triage.Target,
        author: String = "Supplier",
        key: String = "a",
        place: StatementPlace,
        timestamp: String = "2026-11-20T00:00:00Z"
    ) throws -> AttestedStatements {
        AttestedStatements(
            document: try document(about: image, author: author, timestamp: timestamp),
            signer: "lieferant",
            fingerprint: "sha256:" + key,
            payload: .sha256(Array(author.utf8)),
            place: place
        )
    }

    @discardableResult
    private static func attest(
        _ signed: [AttestedStatements],
        of image: Triage.Target,
        in world: TriageWorld
    ) async throws -> Bool {
        let now = world.node.time.clock.now()
        let changed = try await world.node.database.write { t in
            try Statements.attest(signed, of: image.digest, in: image.repository, at: now, in: t) {
                try AssessmentService.announce($0, document: $1, at: $2)
            }
        }
        try await world.drain()
        return changed
    }

    @Test("they count as long as they are signed, with whose key it was, and nobody else ends them")
    func whole() async throws {
        let world = try await TriageWorld()
        let app = try await world.push("stadt/app")
        #expect(try await world.finding(app).status == .affected)
        let signed = [try Self.signed(about: app, place: StatementPlace(namespace: "stadt"))]
        #expect(try await Self.attest(signed, of: app, in: world))
        let finding = try await world.finding(app)
        #expect(finding.status == .notAffected)
        #expect(finding.statement?.origin == .attested && finding.statement?.importedBy == "lieferant")
        #expect(finding.statement?.author == "Supplier")
        // The same again changes nothing.
        #expect(try await !Self.attest(signed + signed, of: app, in: world))
        let document = try #require(try await world.statements.documents(limit: 10).first)
        #expect(document.origin == .attested && document.endedAt == nil)
        #expect(try await world.statements.revoke(document.id, by: "admin") == nil)
        await #expect(throws: TriageError.self) { try await world.triage.end(document.id, by: world.berta) }
        #expect(try await Self.attest([], of: app, in: world))
        #expect(try await world.finding(app).status == .affected)
        #expect(try await world.statements.document(document.id)?.endedAt != nil)
    }

    @Test("the same words under another key are another document")
    func keys() async throws {
        let world = try await TriageWorld()
        let app = try await world.push("stadt/app")
        let place = StatementPlace(namespace: "stadt")
        try await Self.attest([try Self.signed(about: app, place: place)], of: app, in: world)
        try await Self.attest([try Self.signed(about: app, key: "b", place: place)], of: app, in: world)
        let documents = try await world.statements.documents(limit: 10)
        #expect(documents.count == 2 && documents.map { $0.endedAt == nil } == [false, true])
        #expect(try await world.finding(app).status == .notAffected)
    }

    @Test("what is said about a base reaches what stands on it in the same namespace, and no other")
    func inherited() async throws {
        let world = try await TriageWorld()
        let (base, app) = try await world.stack()
        let own = try await world.push("bund/app", "own", layers: [1, 3])
        try await Self.attest(
            [try Self.signed(about: base, place: StatementPlace(namespace: "bund"))],
            of: base,
            in: world
        )
        #expect(try await world.finding(base).status == .notAffected)
        let inherited = try await world.finding(own)
        #expect(inherited.status == .notAffected && inherited.statement?.inheritedFrom == base.digest.description)
        #expect(try await world.finding(app).status == .affected)
    }

    @Test("who is believed in one repository is heard in that one")
    func limited() async throws {
        let world = try await TriageWorld()
        let base = try await world.push("bund/debian", "base", layers: [1])
        let own = try await world.push("bund/app", "own", layers: [1, 3])
        let place = StatementPlace(namespace: "bund", repository: "bund/debian")
        try await Self.attest([try Self.signed(about: base, place: place)], of: base, in: world)
        #expect(try await world.finding(base).status == .notAffected)
        #expect(try await world.finding(own).status == .affected)
    }

    @Test("a document of the same name that somebody brought is another one, and stays when the signed one ends")
    func imported() async throws {
        let world = try await TriageWorld()
        let app = try await world.push("stadt/app")
        let signed = [try Self.signed(about: app, place: StatementPlace(namespace: "stadt"))]
        try await Self.attest(signed, of: app, in: world)
        let text = TriageWorld.openVEX("pkg:oci/app@\(app.digest)", author: "Supplier")
        let taken = try await world.statements.take(Array(text.utf8), namespace: "stadt", by: "berta") {
            try AssessmentService.announce($0, document: $1, at: $2)
        }
        #expect(!taken.isKnown)
        try await Self.attest([], of: app, in: world)
        #expect(try await world.finding(app).statement?.origin == .imported)
        #expect(try await world.finding(app).status == .notAffected)
    }

    @Test("what is attached and counts is not told a second time as nobody's")
    func told() async throws {
        let world = try await TriageWorld()
        let app = try await world.push("stadt/app")
        try await world.attach(Array(TriageWorld.openVEX(author: "Supplier").utf8), to: app)
        try await world.attach(Array(TriageWorld.openVEX(author: "Stranger").utf8), to: app)
        try await world.drain()
        try await Self.attest(
            [try Self.signed(about: app, place: StatementPlace(namespace: "stadt"))],
            of: app,
            in: world
        )
        let said = try await world.triage.said(about: app, for: world.berta).statements
        #expect(Set(said.map { "\($0.author) \($0.counts)" }) == ["Supplier true", "Stranger false"])
        #expect(said.count == 2)
    }

    @Test("a document that is gone with its image counts no more")
    func forgotten() async throws {
        let world = try await TriageWorld()
        let app = try await world.push("stadt/app")
        try await Self.attest(
            [try Self.signed(about: app, place: StatementPlace(namespace: "stadt"))],
            of: app,
            in: world
        )
        try await world.node.registry.deleteManifest(app.digest, in: app.repository, by: world.admin)
        try await world.drain()
        #expect(try await world.statements.documents(limit: 10).allSatisfy { $0.endedAt != nil })
    }

    @Test("a word that is dated into the future is of now")
    func future() async throws {
        let world = try await TriageWorld()
        let app = try await world.push("stadt/app")
        let place = StatementPlace(namespace: "stadt")
        let signed = try Self.signed(about: app, place: place, timestamp: "2090-01-01T00:00:00Z")
        try await Self.attest([signed], of: app, in: world)
        #expect(try await world.finding(app).statement?.timestamp == world.node.time.clock.now())
    }
}
