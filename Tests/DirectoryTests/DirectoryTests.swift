// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Advisories
import Assessment
import AssessmentTestKit
import Criteria
import Database
import Directory
import Foundation
import OCI
import Products
import SBOM
import TestKit
import Testing
import Time

/// A node with accounts, the directory and what fills it.
struct World {
    let node: NodeFixture
    let assessment: AssessmentService
    let accounts: Accounts
    let products: Products
    let directory: Directory
    let indexer: DirectoryIndexer
    let admin: Account

    init() async throws {
        node = try NodeFixture(NodeFixture.evidence([("openssl", "3.0.1")]), further: DirectorySchema.migrations)
        assessment = try node.service()
        accounts = Accounts(database: node.database, clock: node.time.clock)
        admin = node.account
        _ = try await accounts.bootstrap(dataDirectory: node.directory.path)
        products = Products(
            database: node.database,
            accounts: accounts,
            assessment: assessment,
            documents: DocumentStore(directory: node.directory.file("bills")),
            clock: node.time.clock
        )
        directory = Directory(database: node.database, accounts: accounts, clock: node.time.clock)
        indexer = DirectoryIndexer(
            directory: directory,
            registry: node.registry,
            assessment: assessment,
            products: products
        )
        for (name, title) in [("stadt", "Stadt Beispiel"), ("land", "Land Muster")] {
            try await accounts.putOrganisation(Organisation(name: name, title: title, kind: .municipal), by: admin)
        }
        try await accounts.createNamespace("stadt", organisation: "stadt", isPublic: true, by: admin)
        try await accounts.createNamespace("geheim", organisation: "land", isPublic: false, by: admin)
    }

    func push(_ repository: String, _ labels: [String: String], tag: String = "1.0") async throws -> Digest {
        var builder = ImageBuilder()
        builder.labels = labels
        builder.layer { tar in tar.file("etc/name", text: repository + tag) }
        let digest = try await node.push(builder.built(), to: repository, tag: tag)
        try await node.work(assessment)
        return digest
    }

    func person(_ name: String, of organisation: String, in namespace: String, _ role: Role) async throws -> Account {
        _ = try await accounts.createPerson(name, organisation: organisation, nodeRole: nil, by: admin)
        try await accounts.setRole(role, of: name, in: namespace, by: admin)
        let id = try await accounts.members(of: namespace, by: admin).first { $0.account == name }?.accountID
        return Account(id: try #require(id), name: name, isAdmin: false)
    }

    func reader(_ account: Account?) async throws -> DirectoryReader {
        try #require(try await directory.reader(account))
    }

    func found(_ question: DirectoryQuestion, _ account: Account? = nil) async throws -> [String] {
        try await directory.search(question, for: reader(account)).entries.map(\.label)
    }
}

@Suite("The directory") struct DirectoryTests {
    @Test("no statement walks a table that grows; full-text search is told apart, and the rest PostgreSQL accepts")
    func statements() async throws {
        let migrations = NodeFixture.migrations + DirectorySchema.migrations
        let found = try StatementAudit.explain(
            migrations: migrations,
            statements: DirectorySchema.statements + DirectorySchema.searches
        )
        #expect(found == [])
        let output = try await PostgreSQLCluster.run(
            StatementAudit.postgresScript(migrations: migrations, statements: DirectorySchema.statements)
        )
        #expect(StatementAudit.postgresFindings(output) == [])
        #expect(output.contains("kontor: directory.byLabel"))
    }

    @Test("images are found by the beginnings of words of name, labels and organisation, and narrowed by facets")
    func search() async throws {
        let world = try await World()
        _ = try await world.push(
            "stadt/bau/antrag",
            [
                "org.opencontainers.image.title": "Bauantrag Online",
                "eu.kontor.image.category": "Bauen, Bürgerdienste",
                "org.opencontainers.image.licenses": "EUPL-1.2 OR MIT",
            ]
        )
        _ = try await world.push("stadt/nginx", ["org.opencontainers.image.licenses": "BSD-2-Clause"])
        _ = try await world.push("geheim/nginx", [:])
        try await world.indexer.catchUp()
        #expect(try await world.found(.init()) == ["stadt/bau/antrag", "stadt/nginx"])
        #expect(try await world.found(.init(), world.admin).contains("geheim/nginx"))
        #expect(try await world.found(.init(text: "bauant")) == ["stadt/bau/antrag"])
        #expect(try await world.found(.init(text: "burger")) == ["stadt/bau/antrag"])
        #expect(try await world.found(.init(text: "ngi BSD")) == ["stadt/nginx"])
        #expect(try await world.found(.init(text: "beispiel")).count == 2)
        #expect(try await world.found(.init(text: "-- \"( NOT *")) == [])
        #expect(try await world.found(.init(licence: "MIT")) == ["stadt/bau/antrag"])
        #expect(try await world.found(.init(category: "Bauen", organisation: "stadt")) == ["stadt/bau/antrag"])
        #expect(try await world.found(.init(organisation: "niemand")) == [])
        #expect(try await world.found(.init(architecture: "amd64")).count == 2)
        #expect(try await world.found(.init(architecture: "arm64")) == [])
        #expect(try await world.found(.init(kind: .product)) == [])
        let page = try await world.directory.search(.init(), for: world.reader(nil))
        let facets = try #require(page.facets)
        #expect(facets.total == 2 && !facets.isAtLeast)
        #expect(facets.organisations.map(\.title) == ["Stadt Beispiel"] && facets.organisations[0].count == 2)
        #expect(Set(facets.licences.map(\.name)) == ["EUPL-1.2", "MIT", "BSD-2-Clause"])
        #expect(facets.kinds.map(\.count) == [2])
        // What nobody knows the level of has none of the words of levels; what has none, one.
        let level = try #require(page.entries[0].level)
        #expect(try await world.found(.init(level: level)).contains("stadt/bau/antrag"))
    }

    @Test("pages follow each other without a gap, by name and by what was searched for")
    func pages() async throws {
        let world = try await World()
        let database = world.node.database
        try await database.write { t in
            for number in 100..<350 {
                let entry = DirectoryEntry(
                    kind: .project,
                    name: "p\(number)",
                    audience: .everybody,
                    label: number % 2 == 0 ? "werkzeug \(number)" : "amt \(number)",
                    facts: {
                        var facts = DirectoryFacts()
                        facts.description = number % 5 == 0 ? "ein Werkzeug" : "nichts"
                        return facts
                    }()
                )
                try Directory.put(entry, at: NodeFixture.start, in: t)
            }
        }
        for (question, count) in [
            (DirectoryQuestion(), 250), (.init(text: "werkz"), 150), (.init(kind: .project), 250),
        ] {
            var labels: [String] = []
            var after: DirectoryPosition?
            repeat {
                let page = try await world.directory.search(
                    question,
                    for: world.reader(nil),
                    after: after.flatMap { DirectoryPosition(parsing: $0.description) },
                    limit: 40
                )
                labels += page.entries.map(\.label)
                after = page.next
            } while after != nil
            #expect(labels.count == count && Set(labels).count == count)
            if !question.isNarrow { #expect(labels == labels.sorted()) }
            // By name first: 125 of them.
            if !question.text.isEmpty { #expect(labels.prefix(125).allSatisfy { $0.hasPrefix("werkzeug") }) }
        }
        #expect(DirectoryPosition(parsing: "x") == nil && DirectoryPosition(parsing: "7:1") == nil)
    }

    @Test("an entry follows its image: a newer tag, its verdict, its namespace, and its end; levels are kept over time")
    func follows() async throws {
        let world = try await World()
        let first = try await world.push("neu/app", ["org.opencontainers.image.title": "Alt"])
        try await world.indexer.catchUp()
        let reader = try await world.reader(world.admin)
        let old = try #require(try await world.directory.entry("image:neu/app", for: reader))
        #expect(old.facts.title == "Alt" && old.namespace == nil && old.facts.digest == first.description)
        #expect(old.level != nil && old.facts.steps != nil && old.facts.fix == nil)
        try await world.accounts.createNamespace("neu", organisation: "land", isPublic: true, by: world.admin)
        try await world.node.importing(
            ["tracker.json": NodeFixture.tracker([(source: "openssl", id: "CVE-2026-0001", fixed: "3.0.2")])]
        )
        world.node.time.advance(by: .seconds(60))
        let second = try await world.push("neu/app", ["org.opencontainers.image.title": "Neu"], tag: "2.0")
        try await world.indexer.catchUp()
        let new = try #require(try await world.directory.entry("image:neu/app", for: reader))
        #expect(new.facts.title == "Neu" && new.facts.digest == second.description)
        #expect(new.namespace == "neu" && new.owner?.title == "Land Muster")
        let fix = try #require(new.facts.fix)
        #expect(fix.id == "CVE-2026-0001" && fix.fixedIn == "3.0.2")
        // What has no package URL, nobody knows a command for.
        #expect(fix.purl == nil && fix.command == nil)
        #expect(try await world.found(.init(text: "alt")) == [])
        let name = try RepositoryName(parsing: "neu/app")
        #expect(try await world.directory.levels(of: name, second).count == 1)
        #expect(try await world.directory.work(in: ["neu", "stadt"], for: reader).map(\.label) == ["neu/app"])
        // Another start has the same directory, made anew.
        #expect(try await world.indexer.catchUp() == 0)
    }

    @Test("a name out of a stranger's image never becomes part of a command")
    func hostileCommands() {
        for (purl, name) in [
            ("pkg:deb/debian/a%3Brm%20-rf", "a;rm -rf"), ("pkg:npm/%24%28id%29", "$(id)"), ("pkg:deb/debian/-o", "-o"),
        ] {
            let fix = DirectoryFacts.Fix(
                id: "CVE-1",
                source: name,
                component: name,
                purl: purl,
                version: "1",
                fixedIn: "2",
                risk: 1,
                exploited: false,
                further: 0
            )
            #expect(fix.command == nil, "\(purl)")
        }
        let fix = DirectoryFacts.Fix(
            id: "CVE-1",
            source: "x",
            component: "x",
            purl: "pkg:golang/golang.org/x/net@v0.1.0",
            version: "0.1.0",
            fixedIn: "0.38.0",
            risk: 1,
            exploited: false,
            further: 0
        )
        #expect(fix.command == "go get golang.org/x/net@v0.38.0")
        var debian = fix
        debian.purl = "pkg:deb/debian/libssl3@3.0.1?arch=amd64&distro=debian-12"
        #expect(debian.command == "apt-get update && apt-get install --only-upgrade libssl3")
    }

    @Test(
        "the reuse register: an organisation says that it uses something, changes it and takes it back, and it is logged"
    )
    func uses() async throws {
        let world = try await World()
        _ = try await world.push("stadt/app", [:])
        _ = try await world.push("geheim/app", [:])
        try await world.indexer.catchUp()
        let maria = try await world.person("maria", of: "stadt", in: "stadt", .maintainer)
        let (directory, day) = (world.directory, NodeFixture.start - .seconds(86_400))
        func use(_ subject: String, _ organisation: String, _ purpose: String, _ actor: Account) async throws -> Int64 {
            try await directory.use(
                subject,
                by: organisation,
                since: day,
                purpose: purpose,
                contact: "it@stadt.example",
                actor: actor
            ).id
        }
        _ = try await use("image:stadt/app", "stadt", "Bürgerportal", maria)
        let id = try await use("image:stadt/app", "stadt", "Bürgerportal und Intranet", maria)
        let uses = try await directory.uses(of: "image:stadt/app")
        #expect(uses.map(\.purpose) == ["Bürgerportal und Intranet"])
        #expect(uses.first?.contact == "it@stadt.example" && uses.first?.organisationTitle == "Stadt Beispiel")
        await #expect(throws: AccountsError.self) { _ = try await use("image:stadt/app", "land", "x", maria) }
        // What she may not see is not there.
        await #expect(throws: AccountsError.self) { _ = try await use("image:geheim/app", "stadt", "x", maria) }
        await #expect(throws: AccountsError.self) { _ = try await use("image:stadt/app", "stadt", "", maria) }
        try await directory.endUse(id, by: maria)
        #expect(try await directory.uses(of: "image:stadt/app").isEmpty)
        await #expect(throws: AccountsError.self) { try await directory.endUse(id, by: maria) }
    }

    @Test(
        "a hundred thousand entries are searched and counted quickly",
        .enabled(if: ProcessInfo.processInfo.environment["KONTOR_SCALE"] != nil)
    )
    func scale() async throws {
        let world = try await World()
        let words = ["nginx", "portal", "antrag", "akte", "register", "wahl", "karte", "suche", "archiv", "mail"]
        let begin = ContinuousClock.now
        for start in stride(from: 0, to: 100_000, by: 1_000) {
            try await world.node.database.write { t in
                for number in start..<(start + 1_000) {
                    var facts = DirectoryFacts()
                    facts.title = "\(words[number % 10]) \(words[number / 10 % 10])"
                    facts.description = "Fachverfahren \(words[number / 100 % 10]) für Kommunen, Ausgabe \(number)"
                    let entry = DirectoryEntry(
                        kind: .image,
                        name: "stadt/\(words[number % 10])/app\(number)",
                        audience: .readers,
                        label: "stadt/\(words[number % 10])/app\(number)",
                        namespace: "stadt",
                        level: Level.allCases[number % 4],
                        areas: [.security: Level.allCases[number % 4]],
                        categories: [words[number % 7]],
                        licences: ["EUPL-1.2"],
                        architectures: ["amd64", "arm64"],
                        facts: facts
                    )
                    try Directory.put(entry, at: NodeFixture.start, in: t)
                }
            }
        }
        print("written in \(ContinuousClock.now - begin)")
        let reader = try await world.reader(nil)
        for question in [
            DirectoryQuestion(), .init(text: "nginx"), .init(text: "fachv komm"), .init(text: "ausgabe 77"),
            .init(level: .gold), .init(text: "akte", level: .silver, architecture: "arm64"), .init(category: "wahl"),
            .init(text: "gibtsnicht"),
        ] {
            var best = Duration.seconds(100)
            for _ in 0..<5 {
                let start = ContinuousClock.now
                let page = try await world.directory.search(question, for: reader)
                best = min(best, ContinuousClock.now - start)
                #expect(page.entries.count <= 50)
            }
            print("\(question.text) \(question.level?.rawValue ?? "-") \(question.category ?? "-"): \(best)")
            #expect(best < .milliseconds(100))
        }
    }
}
