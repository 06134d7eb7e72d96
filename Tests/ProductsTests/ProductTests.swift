// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Advisories
import Assessment
import AssessmentTestKit
import Audit
import Database
import Foundation
import JSON
import OCI
import Products
import SBOM
import Situation
import TestKit
import Testing
import Time
import Vulnerabilities

@Suite("Products that suppliers' bills describe") struct ProductTests {
    @Test("a bill of our own writer is matched when it comes, kept byte for byte, judged, and listed beside images")
    func upload() async throws {
        let world = try await World()
        try await world.node.importing(["tracker.json": NodeFixture.tracker(World.fix)])
        try await world.node.push(NodeFixture.image("a"), to: "team/app", tag: "1.0")
        try await world.node.work(world.assessment)
        let purl = try PackageURL(parsing: World.openssl)
        let text = CycloneDX.document(
            subject: SBOMSubject(
                name: "fachverfahren",
                version: "3.1",
                digest: nil,
                distribution: NodeFixture.bookworm
            ),
            components: [
                Component(
                    ecosystem: "deb",
                    distribution: NodeFixture.bookworm,
                    name: "openssl",
                    version: "3.0.1",
                    sourceName: "openssl",
                    sourceVersion: "3.0.1",
                    architecture: "amd64",
                    purl: purl
                )
            ],
            tool: "0.1.0",
            timestamp: NodeFixture.start
        ).text(.pretty)
        let taken = try await world.upload(text)
        #expect(taken.revision == 1 && !taken.isKnown && taken.components >= 1)
        let page = try await world.ask()
        #expect(page.images.map(\.repository.text) == ["team/app"] && page.next == nil)
        let affected = try #require(page.products.first)
        #expect(page.products.count == 1 && affected.isAffected)
        let product = affected.product
        #expect(product.name.name == "Fachverfahren" && product.name.version == "3.1")
        #expect(product.name.supplier == "Beispiel GmbH" && product.organisation == "stadt")
        #expect(product.revision.format == "CycloneDX" && product.revision.formatVersion == "1.6")
        let reason = try #require(affected.reasons.first)
        #expect(reason.name == "openssl" && reason.version == "3.0.1" && reason.finding?.status == .affected)
        #expect(reason.finding?.fixedIn == "3.0.2" && reason.since == NodeFixture.start)
        let findings = try await world.products.findings(of: product)
        #expect(findings.map(\.finding.id) == [World.vulnerability])
        let judged = TR03183.check(try BillOfMaterials(reading: Array(text.utf8)))
        #expect(try product.revision.judgement.conclusion == judged.conclusion)
        #expect(try product.revision.judgement.fields.map(\.outcome) == judged.results.map(\.outcome))
        let kept = try #require(try await world.products.document(of: taken.id, for: .all))
        #expect(kept.bytes == Array(text.utf8) && kept.revision.document == .sha256(Array(text.utf8)))
        let events = try await AuditLog.list(world.node.database, limit: 500)
        #expect(events.count { $0.action == "product.uploaded" && $0.subject == "product:\(taken.id)" } == 1)
    }

    @Test(
        "an advisory of the operator matches both formats at once, and what no feed covers is said all the same",
        arguments: [World.cycloneDX([World.log4j]), World.spdx([World.log4j])]
    )
    func ownAdvisory(bill: String) async throws {
        let world = try await World()
        try await world.node.importing(["tracker.json": NodeFixture.tracker(World.fix)])
        let taken = try await world.upload(bill)
        #expect(try await world.ask("CVE-2021-44228").products.isEmpty)
        #expect(try await world.ask("pkg:maven/org.apache.logging.log4j/log4j-core@<2.15").products.count == 1)
        world.node.time.advance(by: .seconds(60))
        let advisory = try await world.publish(World.log4shell)
        let page = try await world.ask("CVE-2021-44228")
        #expect(page.products.map(\.product.id) == [taken.id])
        #expect(page.products.first?.reasons.first?.since == NodeFixture.start + .seconds(60))
        let product = try await world.products.product(taken.id, for: .all)
        let unknown = try await world.products.notAssessed(in: product)
        #expect(unknown.contains { $0.ecosystem == "maven" && $0.reason.en.contains("No feed") })
        // And one that comes after the advisory.
        try await world.upload(bill, of: "land")
        #expect(try await world.ask("KONTOR-2026-1").products.map(\.product.organisation) == ["stadt", "land"])
        let isEnded = try await world.advisories.end(
            advisory,
            by: "admin",
            announce: { try AssessmentService.announce($0, ownAdvisory: $1, at: $2) }
        )
        #expect(isEnded)
        try await world.drain()
        #expect(try await world.ask("CVE-2021-44228").products.isEmpty)
    }

    @Test("a new snapshot matches what is there anew, and tells what is covered now")
    func snapshot() async throws {
        let world = try await World()
        let nameless = "{\"type\":\"library\",\"name\":\"in-house\",\"version\":\"1\"}"
        let taken = try await world.upload(
            World.cycloneDX([World.openssl, "pkg:generic/box@1"], further: nameless)
        )
        #expect(taken.unnamed == 1)
        func reasons() async throws -> [String] {
            let product = try await world.products.product(taken.id, for: .all)
            return try await world.products.notAssessed(in: product).map { "\($0.ecosystem) \($0.components)" }
        }
        // Nothing was ever imported; and a second look is the one that was kept.
        for _ in 0..<2 { #expect(try await reasons() == ["deb 1", "generic 1", " 1"]) }
        #expect(try await world.ask().products.isEmpty)
        try await world.node.importing(["tracker.json": NodeFixture.tracker([("other", "CVE-2026-9", "1")])])
        try await world.node.follow(world.assessment)
        #expect(try await world.ask().products.isEmpty)
        for _ in 0..<2 { #expect(try await reasons() == ["generic 1", " 1"]) }
        try await world.node.importing(["tracker.json": NodeFixture.tracker(World.fix)])
        world.node.time.advance(by: .seconds(60))
        try await world.node.follow(world.assessment)
        let affected = try #require(try await world.ask().products.first)
        #expect(affected.reasons.map(\.since) == [NodeFixture.start + .seconds(60)])
        try await world.node.importing(["tracker.json": NodeFixture.tracker([("other", "CVE-2026-9", "1")])])
        try await world.node.follow(world.assessment)
        #expect(try await world.ask().products.isEmpty)
    }

    @Test("a newer bill counts alone, what stays is known for as long as before, and former ones stay listed")
    func revisions() async throws {
        let world = try await World()
        try await world.node.importing(["tracker.json": NodeFixture.tracker(World.fix)])
        let first = World.cycloneDX([World.openssl, World.log4j])
        let taken = try await world.upload(first)
        #expect(try await world.upload(first).isKnown)
        world.node.time.advance(by: .seconds(60))
        let second = World.cycloneDX([World.openssl], serial: 2)
        let replaced = try await world.upload(second)
        #expect(!replaced.isKnown && replaced.revision == 2)
        #expect(try await world.upload(second).asNew == replaced)
        let product = try #require(try await world.ask().products.first)
        #expect(product.product.revision.number == 2 && product.reasons.first?.since == NodeFixture.start)
        #expect(try await world.ask("pkg:maven/org.apache.logging.log4j/log4j-core").products.isEmpty)
        let listed = try await world.products.revisions(of: product.product)
        #expect(listed.map(\.number) == [2, 1] && listed.map(\.uploadedBy) == ["admin", "admin"])
        #expect(listed.map(\.uploadedAt) == [NodeFixture.start + .seconds(60), NodeFixture.start])
        let former = try await world.products.document(of: taken.id, revision: 1, for: .all)
        #expect(former?.bytes == Array(first.utf8))
        #expect(try await world.products.document(of: taken.id, revision: 3, for: .all) == nil)
        // Another version is another product, until somebody says that it is no longer operated.
        try await world.upload(second, version: "3.2")
        #expect(try await world.ask().products.map(\.product.name.version) == ["3.1", "3.2"])
    }

    @Test("what is removed is in no answer, stays listed without its bills, and counts again when it comes back")
    func removal() async throws {
        let world = try await World()
        try await world.node.importing(["tracker.json": NodeFixture.tracker(World.fix)])
        let bill = World.cycloneDX([World.openssl])
        let taken = try await world.upload(bill)
        world.node.time.advance(by: .seconds(60))
        try await world.products.remove(taken.id, by: world.admin)
        #expect(try await world.ask().products.isEmpty)
        let removed = try #require(try await world.products.list(for: .all).first)
        #expect(removed.removedAt == NodeFixture.start + .seconds(60) && removed.removedBy == "admin")
        #expect(try await world.products.findings(of: removed).isEmpty)
        #expect(try await world.products.document(of: taken.id, for: .all) == nil)
        await #expect(throws: ProductsError.conflict("product \(taken.id) was removed already")) {
            try await world.products.remove(taken.id, by: world.admin)
        }
        world.node.time.advance(by: .seconds(60))
        let again = try await world.upload(bill)
        #expect(again.id == taken.id && again.revision == 2 && !again.isKnown)
        let affected = try #require(try await world.ask().products.first)
        #expect(affected.product.since == NodeFixture.start + .seconds(120))
        #expect(affected.reasons.first?.since == NodeFixture.start + .seconds(120))
    }

    @Test("a bill that nothing needs any more is swept, and one that a product has is not")
    func sweep() async throws {
        let world = try await World()
        let kept = try await world.upload(World.cycloneDX([World.openssl]))
        let gone = try await world.upload(World.cycloneDX([World.log4j], serial: 2), "other")
        // The same bytes for another organisation are one file, which stays while one of the two is there.
        let shared = try await world.upload(World.cycloneDX([World.openssl]), of: "land")
        try await world.products.remove(gone.id, by: world.admin)
        try await world.products.remove(shared.id, by: world.admin)
        #expect(try await world.products.sweepDocuments() == 0)
        // Nothing that is young is swept: its row may be on the way.
        let root = world.node.directory.file("products")
        for folder in try FileManager.default.contentsOfDirectory(atPath: root) {
            for file in try FileManager.default.contentsOfDirectory(atPath: root + "/" + folder) {
                let old = [FileAttributeKey.modificationDate: Date(timeIntervalSinceNow: -7_200)]
                try FileManager.default.setAttributes(old, ofItemAtPath: root + "/" + folder + "/" + file)
            }
        }
        #expect(try await world.products.sweepDocuments() == 1)
        #expect(try await world.products.document(of: kept.id, for: .all) != nil)
        #expect(try await world.products.sweepDocuments() == 0)
    }

    @Test("advisories that are switched while a bill comes are in what is found, whichever of the two is first")
    func together() async throws {
        for round in 0..<8 {
            let world = try await World()
            try await world.node.importing(["tracker.json": NodeFixture.tracker([("other", "CVE-2026-9", "1")])])
            try await world.node.follow(world.assessment)
            try await world.node.importing(["tracker.json": NodeFixture.tracker(World.fix)])
            async let switched = world.node.follow(world.assessment)
            if round % 2 == 1 { try await Task.sleep(for: .milliseconds(round)) }
            async let taken = world.upload(World.cycloneDX([World.openssl]))
            _ = try await (switched, taken)
            #expect(try await world.ask().products.count == 1, "\(round)")
        }
    }

    @Test("a word about the component, the product or its bill is laid over what is found; a namespace's is not")
    func words() async throws {
        let world = try await World()
        try await world.node.importing(["tracker.json": NodeFixture.tracker(World.fix)])
        let taken = try await world.upload(World.cycloneDX([World.openssl], subject: "pkg:generic/fachverfahren@3.1"))
        func openVEX(_ product: String, part: String? = nil) -> String {
            let parts = part.map { ",\"subcomponents\":[{\"@id\":\"\($0)\"}]" } ?? ""
            return """
                {"@context":"https://openvex.dev/ns/v0.2.0","@id":"https://example.org/vex/\(product)","author":"GmbH",
                "timestamp":"2026-11-20T00:00:00Z","version":1,"statements":[{"vulnerability":{"name":"CVE-2026-0001"},
                "products":[{"@id":"\(product)"\(parts)}],"status":"not_affected",
                "justification":"vulnerable_code_not_in_execute_path"}]}
                """
        }
        func take(_ document: String, in namespace: String? = nil) async throws -> Int64 {
            let bytes = Array(document.utf8)
            return try await world.statements.take(bytes, namespace: namespace, by: "admin") { _, _, _ in }.id
        }
        func isAffected() async throws -> Bool {
            let page = try await world.ask()
            let reader = Situation.Reader(scope: .everything, seesPulls: false, products: .all)
            let summary = try await world.situation.summary(of: page.question, for: reader)
            let affected = try #require(page.products.first)
            #expect((summary.products, summary.clearedProducts) == (affected.isAffected ? (1, 0) : (0, 1)))
            let listed = try await world.products.findings(of: affected.product).first?.finding
            #expect(listed == affected.reasons.first?.finding)
            return affected.isAffected
        }
        #expect(try await isAffected())
        _ = try await take(openVEX("pkg:deb/debian/openssl@3.0.1"), in: "stadt")
        _ = try await take(openVEX("pkg:generic/fachverfahren@3.0", part: "pkg:deb/debian/openssl@3.0.1"))
        #expect(try await isAffected())
        for (product, part) in [
            ("pkg:deb/debian/openssl@3.0.1", nil),
            ("pkg:generic/fachverfahren@3.1", "pkg:deb/debian/openssl@3.0.1"),
            ("urn:cdx:3e671687-395b-41f5-a30f-a58921000001/1", "pkg:deb/debian/openssl@3.0.1"),
        ] as [(String, String?)] {
            let document = try await take(openVEX(product, part: part))
            #expect(try await !isAffected(), "\(product)")
            let finding = try await world.products.findings(of: try #require(await world.ask().products.first).product)
            #expect(finding.first?.finding.statement?.author == "GmbH")
            #expect(try await world.statements.revoke(document, by: "admin") { _, _, _ in } != nil)
            #expect(try await isAffected())
        }
        #expect(taken.id > 0)
    }

    @Test("pages go through images and then products, without a gap and without an empty one")
    func pages() async throws {
        let world = try await World()
        try await world.node.importing(["tracker.json": NodeFixture.tracker(World.fix)])
        for index in 0..<4 { try await world.node.push(NodeFixture.image("\(index)"), to: "team/app\(index)") }
        try await world.node.work(world.assessment)
        for index in 0..<5 {
            try await world.upload(World.cycloneDX([World.openssl]), "P\(index)", of: index == 2 ? "land" : "stadt")
        }
        let stadt = try await world.accounts.organisation("stadt").organisation.id
        for (scope, names) in [
            (ProductScope.all, ["P0", "P1", "P2", "P3", "P4"]), (.organisation(stadt), ["P0", "P1", "P3", "P4"]),
            (.none, []),
        ] {
            for limit in 1...10 {
                var (images, products, pages): ([String], [String], Int) = ([], [], 0)
                var after: Int64?
                repeat {
                    let page = try await world.ask(World.vulnerability, scope, after: after, limit: limit)
                    #expect(page.images.count + page.products.count <= limit)
                    #expect(!page.images.isEmpty || !page.products.isEmpty)
                    images += page.images.map(\.repository.text)
                    products += page.products.map(\.product.name.name)
                    after = page.next
                    pages += 1
                } while after != nil && pages < 20
                #expect(images == (0..<4).map { "team/app\($0)" } && products == names, "\(scope) \(limit)")
                #expect(pages == (4 + names.count + limit - 1) / limit)
            }
        }
        // A cursor that somebody made up ends, whatever it is.
        for after in [Int64.min, .max, -1_000_000] {
            let page = try await world.ask(World.vulnerability, after: after)
            #expect(page.products.isEmpty || after == .max)
        }
        let table = AffectedCSV.lines(of: try await world.ask()).split(separator: "\r\n")
        #expect(AffectedCSV.header.contains("kind,product,product version,supplier"))
        #expect(table.count == 9 && table.count { $0.contains(",product,P") } == 5)
        // Two lines of one table have as many cells as its head; no cell here has a comma.
        let width = AffectedCSV.header.split(separator: ",", omittingEmptySubsequences: false).count
        #expect(table.allSatisfy { $0.split(separator: ",", omittingEmptySubsequences: false).count == width })
    }

    @Test("a name that a spreadsheet takes for a formula is none in the table")
    func formula() async throws {
        let world = try await World()
        try await world.node.importing(["tracker.json": NodeFixture.tracker(World.fix)])
        try await world.upload(World.cycloneDX([World.openssl]), "=HYPERLINK(1)")
        #expect(AffectedCSV.lines(of: try await world.ask()).contains("\"'=HYPERLINK(1)\""))
    }

    @Test("no statement walks a growing table without a reason")
    func statements() throws {
        let found = try StatementAudit.explain(
            migrations: NodeFixture.migrations,
            statements: ProductsSchema.statements
        )
        #expect(found.isEmpty, "\(found)")
    }

    @Test("PostgreSQL takes every table and statement")
    func postgreSQL() async throws {
        let script = StatementAudit.postgresScript(
            migrations: NodeFixture.migrations,
            statements: ProductsSchema.statements
        )
        let findings = StatementAudit.postgresFindings(try await PostgreSQLCluster.run(script))
        #expect(findings == [], "\(findings)")
    }
}

extension Products.Taken {
    /// The same, had it not been there.
    fileprivate var asNew: Products.Taken {
        Products.Taken(
            id: id,
            revision: revision,
            isKnown: false,
            components: components,
            unnamed: unnamed,
            judgement: judgement
        )
    }
}
