// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Advisories
import Assessment
import AssessmentTestKit
import Audit
import Criteria
import JSON
import OCI
import SBOM
import Testing
import Time
import Triage
import Vulnerabilities

@Suite("Assessing findings")
struct AssessingTests {
    @Test("an assessment clears the finding, which stays visible with whose word it is; taking it back brings it back")
    func assess() async throws {
        let world = try await TriageWorld()
        let app = try await world.push("stadt/app")
        #expect(try await world.finding(app).status == .affected)
        let receipt = try await world.assess(app, by: world.berta)
        #expect(receipt.author == "Stadt Musterstadt" && receipt.components == [TriageWorld.purl])
        try await world.drain()
        let finding = try await world.finding(app)
        #expect(finding.status == .notAffected)
        let said = try #require(finding.statement)
        #expect(said.before == .affected && said.author == "Stadt Musterstadt" && said.importedBy == "berta")
        #expect(said.origin == .assessed && said.timestamp == NodeFixture.start && said.adoptedFrom == nil)
        #expect(said.justification == .vulnerableCodeNotInExecutePath && said.impact == "The module is not loaded.")
        #expect(try FindingStatement(json: JSONFields(said.json)) == said)
        try await world.triage.end(receipt.document, by: world.berta)
        try await world.drain()
        #expect(try await world.finding(app).status == .affected)
        #expect(try await world.finding(app).statement == nil)
        let events = try await AuditLog.list(world.node.database, limit: 1_000)
        let own = events.filter { $0.action == "finding.assessed" || $0.action == "vex.revoked" }
        #expect(own.map(\.actor) == ["berta", "berta"])
        #expect(own.first?.detail?["vulnerability"]?.stringValue == TriageWorld.cve)
    }

    @Test("the latest assessment of a finding counts, and the one before is kept as ended")
    func latest() async throws {
        let world = try await TriageWorld()
        let app = try await world.push("stadt/app")
        try await world.assess(app, by: world.berta)
        world.node.time.advance(by: .seconds(60))
        try await world.assess(
            app,
            Judgement(status: .affected, action: "Switch the module off."),
            by: world.admin
        )
        try await world.drain()
        let finding = try await world.finding(app)
        #expect(finding.status == .affected && finding.statement?.action == "Switch the module off.")
        // Who acts for no organisation speaks for themselves.
        #expect(finding.statement?.author == "admin")
        #expect(try await world.statements.documents(limit: 10).map(\.endedBy) == ["admin", nil])
    }

    @Test("when an assessment ends, the verdict knows the instant, and the finding is back then")
    func expiry() async throws {
        let world = try await TriageWorld()
        let app = try await world.push("stadt/app")
        let end = NodeFixture.start + .seconds(3 * 86_400)
        try await world.assess(app, TriageWorld.cleared(until: end), by: world.berta)
        try await world.drain()
        let stored = try #require(try await world.node.ready(world.assessment, "stadt/app", app.digest))
        #expect(try stored.verdict().findings.first?.statement?.expires == end)
        #expect(stored.validUntil.map { $0 <= end } == true)
        // Whatever else the clock changes on the way, nothing brings the finding back before the end.
        world.node.time.advance(by: .seconds(3 * 86_400 - 1))
        try await world.drain()
        #expect(try await world.finding(app).status == .notAffected)
        #expect(try await world.node.ready(world.assessment, "stadt/app", app.digest)?.validUntil == end)
        world.node.time.advance(by: .seconds(1))
        let done = try await world.drain()
        #expect(!done.isEmpty)
        #expect(try await world.finding(app).status == .affected)
        #expect(try await world.finding(app).statement == nil)
    }

    @Test("only maintainers of the namespace and operators assess, and whoever may not see it learns nothing")
    func rights() async throws {
        let world = try await TriageWorld()
        let (base, app) = try await world.stack()
        await #expect(throws: AccountsError.self) { try await world.assess(app, by: world.carl) }
        await #expect(throws: AccountsError.self) { try await world.assess(base, by: world.berta) }
        // Anna may not even read the other's namespace.
        let error = await #expect(throws: TriageError.self) { try await world.assess(app, by: world.anna) }
        guard case .unknown? = error else {
            return #expect(Bool(false), "\(error.map(String.init(describing:)) ?? "")")
        }
        #expect(try await world.triage.mayAssess(app.repository, by: world.berta))
        for other in [world.anna, world.carl, nil] {
            #expect(try await !world.triage.mayAssess(app.repository, by: other))
        }
        let receipt = try await world.assess(app, by: world.berta)
        for other in [world.anna, world.carl] {
            await #expect(throws: TriageError.self) { try await world.triage.end(receipt.document, by: other) }
        }
        #expect(try await world.statements.documents(limit: 10).map(\.endedAt) == [nil])
    }

    @Test("what lies in no namespace is assessed by operators, and only there")
    func outside() async throws {
        let world = try await TriageWorld()
        let loose = try await world.push("loose/app", "one")
        let other = try await world.push("loose/other", "two")
        await #expect(throws: (any Error).self) { try await world.assess(loose, by: world.berta) }
        await #expect(throws: TriageError.self) {
            try await world.assess(loose, scope: .namespace, by: world.admin)
        }
        try await world.assess(loose, scope: .repository, by: world.admin)
        try await world.drain()
        #expect(try await world.finding(loose).status == .notAffected)
        #expect(try await world.finding(other).status == .affected)
    }

    @Test("an assessment reaches as far as it says", arguments: Triage.Scope.allCases)
    func scope(_ scope: Triage.Scope) async throws {
        let world = try await TriageWorld()
        let first = try await world.push("stadt/app", "one", layers: [1])
        let second = try await world.push("stadt/app", "two", layers: [2])
        let below = try await world.push("stadt/app/sub", "three", layers: [3])
        let beside = try await world.push("stadt/web", "four", layers: [4])
        let foreign = try await world.push("bund/app", "five", layers: [5])
        try await world.assess(first, scope: scope, by: world.berta)
        try await world.drain()
        var cleared: [Bool] = []
        for target in [first, second, below, beside, foreign] {
            cleared.append(try await world.finding(target).status == .notAffected)
        }
        let expected: [Bool] =
            switch scope {
            case .image: [true, false, false, false, false]
            case .repository: [true, true, false, false, false]
            case .namespace: [true, true, true, true, false]
            }
        #expect(cleared == expected)
    }

    @Test(
        "a base's assessment is inherited where it counts, with its source, and a later word of one's own goes before it"
    )
    func inheritance() async throws {
        let world = try await TriageWorld()
        let base = try await world.push("stadt/base", "base", layers: [1])
        let app = try await world.push("stadt/app", "app", layers: [1, 2])
        let foreign = try await world.push("bund/app", "foreign", layers: [1, 3])
        try await world.assess(base, scope: .repository, by: world.berta)
        try await world.drain()
        let inherited = try await world.finding(app)
        #expect(inherited.status == .notAffected && inherited.statement?.inheritedFrom == base.digest.description)
        #expect(try await world.finding(foreign).status == .affected)
        world.node.time.advance(by: .seconds(1))
        let action = "Update the image."
        try await world.assess(app, Judgement(status: .affected, action: action), by: world.berta)
        try await world.drain()
        #expect(try await world.finding(app).statement?.action == action)
        #expect(try await world.finding(app).statement?.inheritedFrom == nil)
        #expect(try await world.finding(base).status == .notAffected)
    }

    @Test("only images that a word can change are judged anew")
    func reach() async throws {
        let world = try await TriageWorld()
        let app = try await world.push("stadt/app")
        for index in 0..<5 { try await world.push("bund/app\(index)", "\(index)", layers: [UInt8(10 + index)]) }
        try await world.drain()
        try await world.assess(app, by: world.berta)
        let assessed = try await world.drain().filter { $0.hasPrefix("assess ") }
        #expect(assessed == ["assess \(app.repository)@\(app.digest)"])
    }

    @Test(
        "a finding that is not there is refused with what there is",
        arguments: [
            (FindingSelection(vulnerability: "CVE-2000-0001"), "no finding"),
            (FindingSelection(vulnerability: TriageWorld.cve, component: "openssl"), "a package URL"),
            (FindingSelection(vulnerability: TriageWorld.cve, component: "pkg:deb/debian/zlib"), "it is in: pkg:deb"),
            (FindingSelection(vulnerability: TriageWorld.cve, source: "zlib"), "it is in: pkg:deb"),
        ]
    )
    func selection(_ selection: FindingSelection, _ says: String) async throws {
        let world = try await TriageWorld()
        let app = try await world.push("stadt/app")
        let error = await #expect(throws: TriageError.self) {
            try await world.triage.assess(
                TriageWorld.cleared(),
                of: selection,
                in: app,
                scope: .image,
                by: world.berta
            )
        }
        #expect(error?.text.en.contains(says) == true, "\(error?.text.en ?? "")")
    }

    @Test("a purl without a version and the name of the source package name the finding too")
    func selectionFound() async throws {
        let world = try await TriageWorld()
        let app = try await world.push("stadt/app")
        let selection = FindingSelection(
            vulnerability: "cve-2026-0001",
            component: "pkg:deb/debian/openssl",
            source: "openssl"
        )
        let receipt = try await world.triage.assess(
            TriageWorld.cleared(),
            of: selection,
            in: app,
            scope: .image,
            by: world.berta
        )
        #expect(receipt.vulnerability == TriageWorld.cve && receipt.components == [TriageWorld.purl])
    }
}
