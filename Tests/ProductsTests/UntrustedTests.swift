// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Assessment
import AssessmentTestKit
import Audit
import Database
import Glibc
import JSON
import Products
import SBOM
import Situation
import TestKit
import Testing
import Time

@Suite("Whose word counts about products, and what is refused") struct UntrustedTests {
    @Test("only operators and the organisation's own maintainers upload and remove; others learn nothing")
    func rights() async throws {
        let world = try await World()
        try await world.node.importing(["tracker.json": NodeFixture.tracker(World.fix)])
        let own = try await world.person("anna", of: "stadt", .maintainer)
        let reader = try await world.person("rita", of: "stadt", .reader)
        let stranger = try await world.person("lars", of: "land", .maintainer)
        // A supplier's maintainer in the customer's namespace acts for the supplier.
        let supplier = try await world.person("susi", of: "lieferant", .maintainer, in: "stadt")
        let bill = World.cycloneDX([World.openssl])
        let taken = try await world.upload(bill, by: own)
        for actor in [reader, stranger, supplier] {
            await #expect(throws: AccountsError.self) { try await world.upload(bill, version: "4", by: actor) }
        }
        await #expect(throws: ProductsError.unknown("there is no product \(taken.id) that you may know of")) {
            try await world.products.remove(taken.id, by: stranger)
        }
        await #expect(throws: AccountsError.self) { try await world.products.remove(taken.id, by: reader) }
        for actor in [stranger, supplier] {
            let scope = ProductScope(actor)
            #expect(try await world.ask(World.vulnerability, scope).products.isEmpty)
            #expect(try await world.products.list(for: scope).isEmpty)
            let asking = Situation.Reader(scope: .everything, seesPulls: false, products: scope)
            let summary = try await world.situation.summary(of: .init(parsing: World.vulnerability), for: asking)
            #expect(summary.products == 0 && summary.clearedProducts == 0 && summary.organisations.isEmpty)
            await #expect(throws: ProductsError.self) { try await world.products.product(taken.id, for: scope) }
            await #expect(throws: ProductsError.self) { try await world.products.document(of: taken.id, for: scope) }
        }
        for actor in [own, reader, world.admin] {
            #expect(try await world.ask(World.vulnerability, ProductScope(actor)).products.count == 1)
        }
        #expect(ProductScope(nil) == .none)
        try await world.products.remove(taken.id, by: own)
        #expect(try await world.ask().products.isEmpty)
    }

    @Test("a token sees products only where it is good for every repository, and uploads none")
    func tokens() async throws {
        let world = try await World()
        let own = try await world.person("anna", of: "stadt", .maintainer)
        for (pattern, sees) in [("stadt/*", false), ("*", true)] {
            let token = try await world.accounts.issueToken(
                for: "anna",
                label: "t",
                scopes: [TokenScope(repositories: pattern, rights: [.pull])],
                life: .seconds(3_600),
                by: own
            )
            let account = try #require(
                try await world.accounts.authenticate(username: "anna", password: token.secret)
            )
            #expect((ProductScope(account) != .none) == sees)
            await #expect(throws: AccountsError.self) {
                try await world.upload(World.cycloneDX([World.openssl]), by: account)
            }
        }
    }

    @Test(
        "a bill that cannot be read is refused whole, with the place, and leaves nothing behind",
        arguments: [
            ("", "JSON"), ("{}", "not read"), ("[1", "JSON"), ("<bom/>", "XML"),
            ("SPDXVersion: SPDX-2.3", "SPDX tag-value"),
            ("{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"9.9\"}", "9.9"),
            ("{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"components\":7}", "/components"),
            (
                "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"components\":[{\"name\":\"a\",\"purl\":{}}]}",
                "/components/0/purl"
            ),
            (
                "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"components\":[{\"name\":\"a\",\"purl\":\"pkg:deb/debian/a@1\",\"properties\":[{\"name\":\"kontor:component:sourceName\",\"value\":\"a\\u0000b\"}]}]}",
                "/components/0: a word"
            ),
            (
                "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"components\":[{\"name\":\"a\",\"purl\":\"pkg:npm/a@"
                    + String(repeating: "1", count: 2_000) + "\"}]}", "/components/0: a word"
            ),
            (
                "{\"spdxVersion\":\"SPDX-2.3\",\"SPDXID\":\"SPDXRef-DOCUMENT\",\"packages\":[{\"name\":[]}]}",
                "/packages/0"
            ),
            (
                "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"x\":" + String(repeating: "[", count: 100)
                    + String(repeating: "]", count: 100) + "}", "JSON"
            ),
        ]
    )
    func hostile(bill: String, place: String) async throws { try await Self.refuses(bill, place) }

    @Test("so is one with more components, or more bytes, than are read")
    func large() async throws {
        let head = "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"components\":["
        try await Self.refuses(
            head + String(repeating: "{\"name\":\"a\"},", count: 50_000) + "{\"name\":\"a\"}]}",
            "50000"
        )
        try await Self.refuses(head + String(repeating: " ", count: 16 << 20) + "]}", "16777216")
    }

    private static func refuses(_ bill: String, _ place: String) async throws {
        let world = try await World()
        do {
            try await world.upload(bill)
            Issue.record("it was taken")
        } catch let error as ProductsError {
            guard case .bill(let text) = error else { throw error }
            #expect(text.en.contains(place), "\(text.en)")
            #expect(!text.de.isEmpty)
        }
        #expect(try await world.products.list(for: .all).isEmpty)
        let events = try await AuditLog.list(world.node.database, limit: 500)
        #expect(!events.contains { $0.action.hasPrefix("product.") })
        let parts = try await ReverseIndex(database: world.node.database).components(Array(1...100))
        #expect(parts.isEmpty)
        #expect(access(world.node.directory.file("products"), F_OK) != 0)
    }

    @Test("an organisation that there is not, or that is no name, is unknown", arguments: ["nirgends", "", "a\u{0}b"])
    func organisation(name: String) async throws {
        let world = try await World()
        await #expect(throws: AccountsError.self) { try await world.upload(World.cycloneDX([]), of: name) }
    }

    @Test("a serial number that is none links to nothing, and the bill is taken")
    func serialNumber() async throws {
        let world = try await World()
        let bill = "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"serialNumber\":\"urn:uuid:\\u0000\"}"
        let taken = try await world.upload(bill)
        #expect(try await world.products.product(taken.id, for: .all).revision.link == nil)
    }

    @Test(
        "a name that does not show, or is none, is refused",
        arguments: ["", " ", "a\nb", "a\u{0}", "\u{202E}abc", "\u{2028}", String(repeating: "x", count: 201)]
    )
    func names(text: String) {
        #expect(throws: ProductsError.self) { try ProductName(name: text, version: "1", supplier: "s") }
        #expect(throws: ProductsError.self) { try ProductName(name: "n", version: text, supplier: "s") }
        #expect(throws: ProductsError.self) { try ProductName(name: "n", version: "1", supplier: text) }
    }

    @Test("saying of a component that another one brought it hides it only where that is so")
    func hidden() async throws {
        let world = try await World()
        try await world.node.importing(["tracker.json": NodeFixture.tracker(World.fix)])
        _ = try await world.publish(World.log4shell)
        let owner = "pkg:deb/debian/liblog4j2-java@2.17.1-1?arch=all&distro=debian-12"
        let owned = """
            {"type":"library","name":"log4j-core","version":"2.14.1","purl":"\(World.log4j)",
            "properties":[{"name":"kontor:component:ownedBy","value":"\(owner)"}]}
            """
        // The distribution's package is there: its advisories speak about what it brought.
        try await world.upload(World.cycloneDX([owner], further: owned), "true")
        // It is not: nobody else's advisories would.
        try await world.upload(World.cycloneDX([World.openssl], further: owned), "forged")
        #expect(try await world.ask("CVE-2021-44228").products.map(\.product.name.name) == ["forged"])
        // And a new snapshot finds it there too.
        try await world.node.importing(["tracker.json": NodeFixture.tracker([("other", "CVE-2026-9", "1")])])
        try await world.node.follow(world.assessment)
        #expect(try await world.ask("CVE-2021-44228").products.map(\.product.name.name) == ["forged"])
    }

    @Test("two bills at once, and the same one twice at once, give what one after the other would")
    func together() async throws {
        let world = try await World()
        try await world.node.importing(["tracker.json": NodeFixture.tracker(World.fix)])
        let ids = try await withThrowingTaskGroup(of: Int64.self) { group in
            for index in 0..<16 {
                group.addTask {
                    try await world.upload(World.cycloneDX([World.openssl]), "P\(index % 4)").id
                }
            }
            return try await group.reduce(into: Set<Int64>()) { $0.insert($1) }
        }
        #expect(ids.count == 4)
        let products = try await world.ask().products
        #expect(products.count == 4 && products.allSatisfy { $0.product.revision.number == 1 })
        #expect(products.allSatisfy { $0.reasons.count == 1 })
    }
}
