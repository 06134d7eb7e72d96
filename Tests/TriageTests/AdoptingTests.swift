// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Advisories
import Assessment
import AssessmentTestKit
import Criteria
import OCI
import SBOM
import Testing
import Time
import Triage
import Vulnerabilities

@Suite("Adopting what others say")
struct AdoptingTests {
    @Test("a base's owner's assessment is offered, changes nothing, and is adopted in one step with its source named")
    func base() async throws {
        let world = try await TriageWorld()
        let (base, app) = try await world.stack()
        let end = NodeFixture.start + .seconds(90 * 86_400)
        try await world.assess(base, TriageWorld.cleared(until: end), by: world.anna)
        try await world.drain()
        #expect(try await world.finding(base).status == .notAffected)
        #expect(try await world.finding(app).status == .affected)
        let said = try await world.triage.said(about: app, for: world.berta).statements
        #expect(said.map(\.relation) == [.base] && said.map(\.counts) == [false])
        #expect(said.map(\.author) == ["Bundesamt"] && said.map(\.components) == [[TriageWorld.purl]])
        let id = try #require(said.first?.id)
        #expect(SaidStatement.ID(parsing: id.description) == id)
        world.node.time.advance(by: .seconds(60))
        let receipt = try await world.triage.adopt(id, for: app, scope: .image, by: world.berta)
        #expect(receipt.author == "Stadt Musterstadt" && receipt.adoptedFrom?.hasPrefix("Bundesamt (") == true)
        try await world.drain()
        let finding = try await world.finding(app)
        #expect(finding.status == .notAffected && finding.statement?.origin == .adopted)
        #expect(finding.statement?.adoptedFrom == receipt.adoptedFrom && finding.statement?.expires == end)
        #expect(finding.statement?.impact == "The module is not loaded.")
        // It is one's own from now on: what the other does about theirs changes nothing.
        try await world.triage.end(id.document, by: world.anna)
        try await world.drain()
        #expect(try await world.finding(app).status == .notAffected)
        #expect(try await world.finding(base).status == .affected)
    }

    @Test("an adoption stays in the namespace of whoever adopts, and needs its maintainer")
    func rights() async throws {
        let world = try await TriageWorld()
        let (base, app) = try await world.stack()
        try await world.assess(base, by: world.anna)
        let id = try #require(try await world.triage.said(about: app, for: world.berta).statements.first?.id)
        await #expect(throws: AccountsError.self) {
            try await world.triage.adopt(id, for: app, scope: .image, by: world.carl)
        }
        await #expect(throws: TriageError.self) {
            try await world.triage.adopt(id, for: app, scope: .image, by: world.anna)
        }
        let own = try await world.push("bund/tool", "tool", layers: [7])
        _ = try await world.triage.adopt(id, for: app, scope: .namespace, by: world.berta)
        try await world.drain()
        #expect(try await world.finding(app).status == .notAffected)
        #expect(try await world.finding(own).status == .affected)
    }

    @Test("what is said in a namespace that somebody may not read is neither shown nor adopted")
    func hidden() async throws {
        let world = try await TriageWorld(basesArePublic: false)
        let (base, app) = try await world.stack()
        let receipt = try await world.assess(base, by: world.anna)
        #expect(try await world.triage.said(about: app, for: world.berta).statements.isEmpty)
        let id = SaidStatement.ID(isDiscovered: false, document: receipt.document, position: 0)
        await #expect(throws: TriageError.self) {
            try await world.triage.adopt(id, for: app, scope: .image, by: world.berta)
        }
        await #expect(throws: TriageError.self) { try await world.triage.said(about: app, for: world.anna) }
    }

    @Test("an assessment of the same component elsewhere is offered as such; one of another finding is not")
    func elsewhere() async throws {
        let world = try await TriageWorld()
        let other = try await world.push("bund/tool", "tool", layers: [7])
        let app = try await world.push("stadt/app", "app", layers: [1])
        try await world.assess(other, by: world.anna)
        let foreign = TriageWorld.openVEX("pkg:deb/debian/zlib")
        _ = try await world.statements.take(Array(foreign.utf8), namespace: nil, by: "admin")
        let said = try await world.triage.said(about: app, for: world.berta).statements
        #expect(said.map(\.relation) == [.elsewhere] && said.map(\.counts) == [false])
    }

    @Test("a word that has ended is not adopted", arguments: ["1.0", "discovered-1.0", "99.0", "1.7"])
    func over(_ name: String) async throws {
        let world = try await TriageWorld()
        let (base, app) = try await world.stack()
        let end = NodeFixture.start + .seconds(60)
        try await world.assess(base, TriageWorld.cleared(until: end), by: world.anna)
        world.node.time.advance(by: .seconds(60))
        let id = try #require(SaidStatement.ID(parsing: name))
        await #expect(throws: TriageError.self) {
            try await world.triage.adopt(id, for: app, scope: .image, by: world.berta)
        }
    }

    @Test(
        "an id is read as it is written, and nothing else",
        arguments: [
            "", "1", "1.", ".1", "1.0.0", "-1.0", "1.-1", "discovered-", "found-1.0", "1.99999999999999999999",
            "discovered-1.0.0", String(repeating: "1", count: 100),
        ]
    )
    func ids(_ text: String) {
        #expect(SaidStatement.ID(parsing: text) == nil)
    }
}
