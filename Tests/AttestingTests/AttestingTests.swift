// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Assessment
import AssessmentTestKit
import Attestations
import Attesting
import Criteria
import Database
import Inventory
import JSON
import OCI
import Policies
import Registry
import TestKit
import Testing
import Time
import Transparency
import Vulnerabilities

/// What the node attests, with a fake clock and real keys.
@Suite("Attesting") struct AttestingTests {
    private static let basic: Set<String> = [
        PredicateType.cycloneDX, PredicateType.cosignVulnerabilities, PredicateType.verificationSummary,
        PredicateType.testResult,
    ]

    @Test("a verdict is signed once by the keys of its roles, in both forms and the log; a confirmation signs nothing")
    func once() async throws {
        let world = try await AttestingWorld()
        try await world.importing([AttestingWorld.cve])
        let digest = try await world.push()
        try await world.work()
        let found = try await world.referrers(digest)
        #expect(Set(found.keys) == Self.basic)
        let summary = try VerificationSummary(
            predicate: try #require(found[PredicateType.verificationSummary]).predicate
        )
        #expect(summary.resourceURI == "registry.example/bund/app@\(digest)")
        #expect(summary.verifierID == "https://registry.example")
        #expect(summary.policy.digests["sha256"]?.count == 64)
        let results = try #require(found[PredicateType.testResult]).predicate["kontor_results"]?.objectValue
        #expect(try results?.count == Catalogue.embedded().criteria.count)
        let scan = try #require(found[PredicateType.cosignVulnerabilities]).predicate
        #expect(scan["scanner"]?["result"]?["vulnerabilities"]?[0]?["id"]?.stringValue == AttestingWorld.cve)
        #expect(try await world.list(digest)?.count == 4)
        // The first entry of a log stands in no bundle: cosign 2.5 takes its number for a missing one.
        #expect(try await world.log.status().size == 5)
        let rows = try await world.rows(digest)
        #expect(rows.allSatisfy { $0.isPublished && $0.logIndex != nil && $0.isLogged })
        #expect(Set(rows.compactMap(\.logIndex)) == [1, 2, 3, 4])
        #expect(world.signer.statements.count == 4)
        // The node's own words are no news to itself.
        #expect(
            try await world.node.queue.claim(kinds: ["assess", "referrer", Attesting.job], lease: .seconds(1)) == nil
        )

        world.node.time.advance(by: .seconds(3_600))
        try await world.again(digest)
        try await world.work()
        #expect(try await world.rows(digest) == rows)
        #expect(world.signer.statements.count == 4)
        #expect(try await world.log.status().size == 5)
    }

    @Test("a new finding replaces what it changes, takes back what it replaces, and leaves others' attestations alone")
    func news() async throws {
        let world = try await AttestingWorld()
        try await world.importing([AttestingWorld.cve])
        let digest = try await world.push()
        try await world.work()
        let before = try await world.rows(digest)
        let foreign = try await Self.attachForeign(to: digest, world)
        let old = try #require(try await world.node.registry.resolve(world.name, foreign.tag))

        world.node.time.advance(by: .seconds(60))
        try await world.importing([AttestingWorld.cve, "CVE-2026-0002"], asOf: "2026-11-22")
        try await world.node.follow(world.assessment)
        try await world.work()
        let after = try await world.rows(digest)
        let kept = after.filter { before.contains($0) }
        #expect(kept.map(\.kind) == [.bill])
        #expect(after.map(\.kind) == before.map(\.kind))
        #expect(world.signer.statements.count == 7)
        let found = try await world.referrers(digest)
        #expect(Set(found.keys) == Self.basic)
        let layers = try #require(try await world.list(digest))
        #expect(layers.count == 5)
        #expect(layers.contains { $0.digest == foreign.layer })
        #expect(layers.filter { $0.annotations["predicateType"] == PredicateType.cycloneDX }.count == 2)
        // Whoever attached something kept the node's list as it was then, and so its layers, for as long as they like.
        world.node.time.advance(by: .seconds(7_200))
        try await world.letGo()
        for row in before where row.kind != .bill {
            let manifest = try #require(row.manifest)
            #expect(try await world.node.registry.manifestSummary(world.name, manifest) == nil)
            let envelope = try #require(row.envelope)
            #expect(try await world.node.registry.blob(world.name, envelope) != nil)
        }
        #expect(try await world.node.registry.manifestSummary(world.name, old)?.firstSeenBy == "admin")
    }

    @Test("words about findings are attested while somebody says them, and taken back afterwards")
    func words() async throws {
        let world = try await AttestingWorld()
        try await world.importing([AttestingWorld.cve])
        let digest = try await world.push()
        try await world.work()
        let statements = Statements(database: world.node.database, clock: world.node.time.clock)
        let document = """
            {"@context":"https://openvex.dev/ns/v0.2.0","@id":"https://example.org/1","author":"Bundesamt",
            "timestamp":"2026-11-20T00:00:00Z","version":1,"statements":[{"vulnerability":{"name":"\(AttestingWorld.cve)"},
            "products":[{"@id":"\(AttestingWorld.purl)"}],"status":"not_affected",
            "justification":"vulnerable_code_not_in_execute_path"}]}
            """
        let taken = try await statements.take(Array(document.utf8), namespace: "bund", by: "admin")
        try await world.again(digest)
        try await world.work()
        let vex = try #require(try await world.referrers(digest)[PredicateType.openVEX]).predicate
        #expect(vex["statements"]?[0]?["status"]?.stringValue == "not_affected")
        #expect(vex["@context"]?.stringValue == PredicateType.openVEX)
        #expect(try await world.list(digest)?.count == 5)
        _ = try await statements.revoke(taken.id, by: "admin")
        try await world.again(digest)
        try await world.work()
        #expect(Set(try await world.referrers(digest).keys) == Self.basic)
        #expect(try await world.list(digest)?.count == 4)
        #expect(try await world.rows(digest).map(\.kind) == [.bill, .scan, .verdict, .criteria])
    }

    @Test("what is internal is signed and not logged, and a full quota neither stops it nor lies about it")
    func quota() async throws {
        let world = try await AttestingWorld(isPublic: false)
        let digest = try await world.push()
        let namespace = try #require(
            try await world.node.database.read { t in try world.accounts.namespace(t, named: "bund") }
        )
        var policy = ContentPolicy()
        policy.quotaBytes = 1
        policy.immutableTags = [ImmutableTagRule(tags: [try Glob(parsing: "sha256-*", for: .tag)])]
        try await world.node.registry.setPolicy(
            policy,
            for: namespace,
            expectedRevision: 0,
            reason: "test",
            by: world.node.account
        )
        func used() async throws -> Int64? {
            try await world.node.database.read { t in try NamespaceUsage.ledger(t, of: namespace.id, limit: nil)?.used }
        }
        let before = try #require(try await used())
        try await world.work()
        let rows = try await world.rows(digest)
        #expect(rows.count == 4)
        #expect(rows.allSatisfy { $0.isPublished && !$0.isLogged && $0.logIndex == nil })
        #expect(try await world.log.status().size == 0)
        #expect(Set(try await world.referrers(digest).keys) == Self.basic)
        let after = try #require(try await used())
        #expect(after > before)
        // Counted anew, it is the same: nothing was forgotten, and nothing counted twice.
        try await world.node.registry.setPolicy(
            policy,
            for: namespace,
            expectedRevision: 1,
            reason: "count",
            by: world.node.account
        )
        #expect(try await used() == after)
        try await world.importing([AttestingWorld.cve])
        try await world.node.follow(world.assessment)
        try await world.again(digest)
        try await world.work()
        let replaced = try #require(try await used())
        try await world.node.registry.setPolicy(
            policy,
            for: namespace,
            expectedRevision: 2,
            reason: "count",
            by: world.node.account
        )
        #expect(try await used() == replaced)
    }

    @Test("a signer that fails in the middle has nothing signed twice")
    func resumed() async throws {
        let world = try await AttestingWorld()
        let digest = try await world.push()
        try await world.node.work(world.assessment)
        world.signer.allow(2)
        await #expect(throws: (any Error).self) { try await world.attest() }
        let state = try await world.attesting.attested(world.name, digest)
        #expect(state.problem?.contains("the test lets nothing be signed") == true && state.isPending)
        #expect(state.attestations.allSatisfy { !$0.isPublished })
        #expect(try await world.list(digest) == nil)
        world.signer.allow(.max)
        world.node.time.advance(by: .seconds(3_600))
        try await world.attest()
        #expect(world.signer.statements.count == 4)
        #expect(Set(world.signer.statements).count == 4)
        #expect(try await world.log.status().size == 5)
        let done = try await world.attesting.attested(world.name, digest)
        #expect(done.problem == nil && !done.isPending && done.attestations.allSatisfy(\.isPublished))
    }

    @Test("without a signer nothing is attested, and it is said; once somebody signs, it is made up for")
    func unsigned() async throws {
        let world = try await AttestingWorld(signs: false)
        let digest = try await world.push()
        try await world.work()
        let state = try await world.attesting.attested(world.name, digest)
        #expect(state.attestations.isEmpty && state.problem?.contains("nothing is attested") == true)
        #expect(try await world.node.queue.claim(kinds: [Attesting.job], lease: .seconds(60)) == nil)
        #expect(try await world.attesting.catchUp() == 0)
        await #expect(throws: AttestingError.self) {
            try await world.attesting.audit(world.name, digest, Self.report(world), by: world.node.account)
        }
        let signing = Attesting(
            database: world.node.database,
            registry: world.node.registry,
            accounts: world.accounts,
            assessment: world.assessment,
            catalogue: try .embedded(),
            signer: world.signer,
            log: { world.log },
            address: { Attesting.Address(url: "https://registry.example", authority: AttestingWorld.authority) },
            version: "1.0",
            clock: world.node.time.clock
        )
        #expect(try await signing.catchUp() == 1)
        let job = try #require(try await world.node.queue.claim(kinds: [Attesting.job], lease: .seconds(60)))
        try await signing.jobs[Attesting.job]?(job)
        try await world.node.queue.complete(job)
        #expect(try await signing.attested(world.name, digest).attestations.count == 4)
        #expect(try await signing.catchUp() == 0)
    }

    @Test("what could not be assessed is no verdict: nothing is signed, and what was said before stays")
    func failure() async throws {
        let world = try await AttestingWorld()
        let digest = try await world.push()
        try await world.work()
        let before = try await world.rows(digest)
        let other = try await world.push("b")
        world.node.analyser.becomes { _ in throw JobFailure("no", isRetryable: true) }
        try await world.node.work(world.assessment)
        #expect(try await world.rows(other).isEmpty)
        world.node.analyser.becomes { _ in throw AnalyserError.image("it is broken") }
        world.node.time.advance(by: .seconds(3_600))
        try await world.work()
        let state = try await world.attesting.attested(world.name, other)
        #expect(state.attestations.isEmpty)
        #expect(state.problem?.contains("could not be assessed") == true)
        #expect(try await world.rows(digest) == before)
    }

    @Test("an image that goes takes along what the node said about it, and nothing of others")
    func gone() async throws {
        let world = try await AttestingWorld()
        let digest = try await world.push()
        try await world.work()
        let foreign = try await Self.attachForeign(to: digest, world)
        try await world.node.registry.deleteManifest(digest, in: world.name, by: world.node.account)
        try await world.work()
        #expect(try await world.referrers(digest).isEmpty)
        #expect(try await world.list(digest)?.map(\.digest) == [foreign.layer])
        #expect(try await world.rows(digest).isEmpty)
    }

    @Test("maintainers attest audits: a newer one of the same office about the same replaces the older")
    func audits() async throws {
        let world = try await AttestingWorld()
        let digest = try await world.push()
        try await world.work()
        let secret = try await world.accounts.createPerson("berta", organisation: "bund", by: world.node.account)
        try await world.accounts.setRole(.publisher, of: "berta", in: "bund", by: world.node.account)
        let berta = try #require(try await world.accounts.authenticate(username: "berta", password: secret))
        let report = Self.report(world)
        await #expect(
            throws: AttestingError.denied(
                "only maintainers of the namespace of \"bund/app\" and operators may attest an audit"
            )
        ) { try await world.attesting.audit(world.name, digest, report, by: berta) }
        try await world.accounts.setRole(.maintainer, of: "berta", in: "bund", by: world.node.account)
        func refused(_ change: (inout AuditReport) -> Void) async throws {
            var wrong = report
            change(&wrong)
            let asked = wrong
            await #expect(throws: AttestingError.self) {
                try await world.attesting.audit(world.name, digest, asked, by: berta)
            }
        }
        try await refused { $0.auditor = "" }
        try await refused { $0.auditor = "erika@example.org" }
        try await refused { $0.auditor = "berta" }
        try await refused { $0.scope = "one\ntwo" }
        try await refused { $0.validUntil = world.node.time.clock.now() }
        try await refused { $0.finished = world.node.time.clock.now() + .seconds(1) }
        try await refused { $0.reportURI = "javascript:alert(1)" }
        #expect(world.signer.statements.count == 4)

        let first = try await world.attesting.audit(world.name, digest, report, by: berta)
        #expect(!first.isPublished && first.madeBy == "berta")
        try await world.attest()
        let type = "https://registry.example/attestations/human-audit/v1"
        let said = try #require(try await world.referrers(digest)[type]).predicate
        #expect(said["result"]?.stringValue == "PASSED")
        #expect(said["auditor"]?["name"]?.stringValue == "Rechenzentrum, IT-Sicherheit")
        #expect(said["report"]?["digest"]?["sha256"]?.stringValue == Digest.sha256([1]).hex)
        #expect(said["validUntil"]?.stringValue == report.validUntil.rfc3339)
        #expect(try await world.list(digest)?.count == 5)

        var second = report
        second.isPassed = false
        _ = try await world.attesting.audit(world.name, digest, second, by: berta)
        try await world.attest()
        #expect(try await world.referrers(digest)[type]?.predicate["result"]?.stringValue == "FAILED")
        #expect(try await world.rows(digest).filter { $0.kind == .audit }.count == 1)
        var third = report
        third.auditor = "Landesamt"
        _ = try await world.attesting.audit(world.name, digest, third, by: berta)
        try await world.attest()
        let audits = try await world.rows(digest).filter { $0.kind == .audit }
        #expect(audits.count == 2 && audits.allSatisfy { $0.isPublished && $0.logIndex != nil })
        #expect(try await world.list(digest)?.count == 6)
    }

    // MARK: - Support

    private static func report(_ world: AttestingWorld) -> AuditReport {
        AuditReport(
            auditor: "Rechenzentrum, IT-Sicherheit",
            scope: "review of the configuration",
            isPassed: true,
            finished: world.node.time.clock.now(),
            validUntil: world.node.time.clock.now() + .seconds(86_400),
            report: .sha256([1])
        )
    }

    /// Attaches a bill of a supplier's to the image's list, as cosign does: the whole list with one layer more.
    private static func attachForeign(to digest: Digest, _ world: AttestingWorld) async throws -> (
        tag: OCI.Tag, layer: Digest
    ) {
        let tag = try AttachedManifest.tag(.attestations, of: digest)
        var list = try await world.attached(digest)
        let payload = Attestations.Statement(
            subjects: [ResourceDescriptor(digest)],
            predicateType: PredicateType.cycloneDX,
            predicate: [:]
        ).bytes
        let envelope = DSSEEnvelope(payload: payload, signatures: [.init(bytes: [1, 2, 3])])
        try list.replace([], envelope: envelope, predicateType: PredicateType.cycloneDX)
        for blob in [envelope.bytes, list.configuration] {
            try await world.node.registry.putBlob(blob, to: world.name, by: world.node.account)
        }
        _ = try await world.node.registry.putManifest(
            list.document,
            contentType: MediaType.imageManifest,
            to: world.name,
            at: .tag(tag),
            by: world.node.account
        )
        return (tag, .sha256(envelope.bytes))
    }
}
