// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Assessment
import AssessmentTestKit
import Database
import JSON
import Notices
import OCI
import Products
import PullRecords
import SBOM
import Situation
import TestKit
import Testing
import Time

@Suite("Whom a notice concerns") struct RecipientTests {
    @Test("who publishes, who pulled, who operates for them and for whom they operate: once each, with all reasons")
    func reasons() async throws {
        let world = try await World()
        for name in ["bund", "land", "rechenzentrum", "stadt", "elsewhere"] { try await world.organisation(name) }
        try await world.namespace("bund", of: "bund")
        let digest = try await world.image("bund/app")
        world.node.time.advance(by: .seconds(3_600))
        try await world.pull(digest, from: "bund/app", by: "land")
        try await world.pull(digest, from: "bund/app", by: "bund")
        try await world.accounts.setOperates("rechenzentrum", for: "land", true, by: world.admin)
        try await world.accounts.setOperates("rechenzentrum", for: "elsewhere", true, by: world.admin)
        try await world.accounts.setOperates("bund", for: "stadt", true, by: world.admin)
        let draft = try await world.draft()
        #expect(draft.recipients.map(\.name) == ["bund", "land", "rechenzentrum", "stadt"])
        #expect(draft.recipients.map(\.reasons) == [[.publishes, .pulled], [.pulled], [.operates], [.operated]])
        #expect(draft.images == 1 && draft.imagesOfNobody == 0 && draft.pullsOfNobody == 0)
        let land = try #require(draft.recipient("land")?.evidence)
        #expect(land.published.count == 0 && land.pulled.count == 1)
        let image = try #require(land.pulled.kept.first)
        #expect(image.digest == digest.description && image.repository == "bund/app" && image.tags == ["1.0"])
        #expect(image.pulls?.count == 1 && image.pulls?.first == NodeFixture.start + .seconds(3_600))
        #expect(image.components.map(\.name) == ["openssl"] && image.components.first?.fixedIn == "3.0.2")
        let provider = try #require(draft.recipient("rechenzentrum")?.evidence)
        #expect(provider.operatesFor.kept == ["Authority land"])
        #expect(provider.published.count == 0 && provider.pulled.count == 0)
        #expect(draft.suggestion.what.en.contains("openssl (repaired in 3.0.2)"))
        // It is for all: what one of them runs does not stand in it.
        #expect(!draft.suggestion.what.en.contains("3.0.1") && !draft.suggestion.what.de.contains("bund"))
        #expect(draft.suggestion.what.de.contains("ausgenutzt"))
    }

    @Test("who runs a product is told with its name, and who operates for them, once each; former letters have none")
    func products() async throws {
        let world = try await World()
        for name in ["bund", "stadt", "land", "rechenzentrum"] { try await world.organisation(name) }
        try await world.namespace("bund", of: "bund")
        try await world.image("bund/app")
        let products = Products(
            database: world.node.database,
            accounts: world.accounts,
            assessment: world.assessment,
            documents: DocumentStore(directory: world.node.directory.file("products")),
            clock: world.node.time.clock
        )
        func upload(_ name: String, _ version: String, of organisation: String, openssl: String) async throws {
            let bill = """
                {"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"type":"library","name":"openssl",
                "version":"\(openssl)","purl":"pkg:deb/debian/openssl@\(openssl)?arch=amd64&distro=debian-12"}]}
                """
            _ = try await products.upload(
                Array(bill.utf8),
                as: ProductName(name: name, version: version, supplier: "Beispiel GmbH"),
                of: organisation,
                by: world.admin
            )
        }
        try await upload("Meldewesen", "4.2", of: "stadt", openssl: "3.0.1")
        try await upload("Register", "7", of: "bund", openssl: "3.0.1")
        // Nothing is wrong with this one.
        try await upload("Kasse", "1", of: "land", openssl: "3.0.2")
        try await world.accounts.setOperates("rechenzentrum", for: "stadt", true, by: world.admin)
        let draft = try await world.draft()
        #expect(draft.recipients.map(\.name) == ["bund", "rechenzentrum", "stadt"])
        #expect(draft.recipients.map(\.reasons) == [[.publishes, .runs], [.operates], [.runs]])
        #expect(draft.images == 1 && draft.products == 2)
        let stadt = try #require(draft.recipient("stadt")?.evidence)
        let product = try #require(stadt.products.kept.first)
        #expect(stadt.products.count == 1 && product.name == "Meldewesen" && product.supplier == "Beispiel GmbH")
        #expect(product.components.map(\.fixedIn) == ["3.0.2"])
        let letter = try await world.notices.preview(draft, World.content, for: "stadt", by: world.admin)
        #expect(letter.text.contains("you operate Meldewesen 4.2 (Beispiel GmbH)"))
        #expect(letter.text.contains("Sie betreiben Meldewesen 4.2 (Beispiel GmbH)"))
        #expect(letter.attachment.contains("\"runs\"") && letter.attachment.contains("Meldewesen"))
        for name in ["bund", "rechenzentrum"] {
            let other = try await world.notices.preview(draft, World.content, for: name, by: world.admin)
            #expect(!other.text.contains("Meldewesen") && !other.attachment.contains("Meldewesen"))
        }
        #expect(try NoticeEvidence(json: JSONFields(stadt.json)).json == stadt.json)
        guard case .object(var former) = stadt.json else { return }
        former["products"] = nil
        #expect(try NoticeEvidence(json: JSONFields(.object(former))).products.count == 0)
    }

    @Test("an organisation's letter holds its own evidence and nobody else's")
    func ownEvidence() async throws {
        let world = try await World()
        for name in ["bund", "land", "stadt", "provider"] { try await world.organisation(name) }
        try await world.namespace("bund", of: "bund")
        try await world.namespace("land", of: "land")
        let first = try await world.image("bund/secret-project", "a", tag: "bund-tag")
        let second = try await world.image("land/other", "b", tag: "land-tag")
        try await world.pull(first, from: "bund/secret-project", by: "stadt")
        try await world.accounts.setOperates("provider", for: "stadt", true, by: world.admin)
        let draft = try await world.draft()
        let foreign: [String: [String]] = [
            "bund": ["land/other", second.description, "land-tag", "stadt", "provider"],
            "land": ["secret-project", first.description, "bund-tag", "stadt", "provider"],
            "stadt": ["land/other", second.description, "land-tag", "provider"],
            "provider": ["bund/", "secret-project", first.description, "land/", second.description],
        ]
        #expect(draft.recipients.map(\.name) == foreign.keys.sorted())
        for (name, words) in foreign {
            let preview = try await world.notices.preview(
                draft,
                NoticeContent(what: LocalizedText(de: "Lücke.", en: "A hole.")),
                for: name,
                by: world.admin
            )
            for word in words {
                #expect(!preview.text.contains(word), "\(name) reads \(word)")
                #expect(!preview.attachment.contains(word), "\(name) reads \(word) in the attachment")
            }
        }
    }

    @Test("a service account without an organisation is its namespace's; a pull of nobody is counted")
    func serviceAccounts() async throws {
        let world = try await World()
        for name in ["bund", "land"] { try await world.organisation(name) }
        try await world.namespace("land", of: "land")
        try await world.accounts.createService("svc-ci", organisation: nil, namespace: "land", by: world.admin)
        try await world.accounts.createService("svc-none", organisation: nil, namespace: nil, by: world.admin)
        let digest = try await world.image("bund/app")
        let repository = try RepositoryName(parsing: "bund/app")
        let rows = try await world.node.database.read { t in
            try t.query(Statement("test.accounts", "SELECT name, id FROM accounts")).map {
                (try $0.text(0), try $0.int64(1))
            }
        }
        let ids = Dictionary(uniqueKeysWithValues: rows)
        world.pulls.note(repository, digest, by: .service(try #require(ids["svc-ci"])), at: NodeFixture.start)
        world.pulls.note(repository, digest, by: .service(try #require(ids["svc-none"])), at: NodeFixture.start)
        for _ in 0..<3 { world.pulls.note(repository, digest, by: .unknown, at: NodeFixture.start) }
        let draft = try await world.draft()
        #expect(draft.recipients.map(\.name) == ["land"] && draft.recipients.first?.reasons == [.pulled])
        #expect(draft.pullsOfNobody == 4 && draft.imagesOfNobody == 1)
    }

    @Test("who cannot be reached is listed with the reason; the deputy stands in")
    func reach() async throws {
        let world = try await World()
        try await world.organisation("nobody", contact: nil)
        try await world.organisation("wrong", contact: "über@example.org")
        try await world.organisation("deputy", contact: nil, deputy: "deputy@example.org")
        let digest = try await world.image("bund/app")
        for name in ["nobody", "wrong", "deputy"] { try await world.pull(digest, from: "bund/app", by: name) }
        let draft = try await world.draft()
        #expect(draft.recipients.map(\.name) == ["deputy", "nobody", "wrong"])
        #expect(draft.recipients.map(\.unreachable) == [nil, .noContact, .invalidContact])
        #expect(draft.recipient("deputy")?.channels == [.mail("deputy@example.org")])
        let id = try await world.notices.send(
            draft,
            World.content,
            to: ["deputy", "nobody", "wrong"],
            by: world.admin
        )
        let overview = try await world.notices.notice(id, by: world.admin)
        #expect(overview.summary.recipients == 3 && overview.summary.unreachable == 2)
        #expect(overview.recipients.map(\.unreachable) == [nil, .noContact, .invalidContact])
        let silent = try await World([("openssl", "3.0.1")]) { $0.from = nil }
        try await silent.pulledBy(1)
        #expect(try await silent.draft().unreachable.map(\.unreachable) == [.noMail])
    }

    @Test("only operators and auditors ask, only operators send")
    func rights() async throws {
        let world = try await World()
        try await world.pulledBy(1)
        let password = try await world.accounts.createPerson("anna", organisation: "org0", by: world.admin)
        let anna = try #require(try await world.accounts.authenticate(username: "anna", password: password))
        let other = try await world.accounts.createPerson(
            "otto",
            organisation: nil,
            nodeRole: .auditor,
            by: world.admin
        )
        let auditor = try #require(try await world.accounts.authenticate(username: "otto", password: other))
        let question = try AffectedQuestion(parsing: World.vulnerability)
        await #expect(throws: NoticesError.self) { try await world.notices.draft(question, by: anna) }
        let draft = try await world.notices.draft(question, by: auditor)
        #expect(draft.recipients.map(\.name) == ["org0"])
        await #expect(throws: NoticesError.self) {
            try await world.notices.send(draft, World.content, to: ["org0"], by: auditor)
        }
        await #expect(throws: NoticesError.self) {
            try await world.notices.setWebhook(of: "org0", to: "https://hooks.example.test/a", by: auditor)
        }
        let id = try await world.notices.send(draft, World.content, to: ["org0"], by: world.admin)
        #expect(try await world.notices.list(by: auditor).map(\.id) == [id])
        await #expect(throws: NoticesError.self) { try await world.notices.list(by: anna) }
        await #expect(throws: NoticesError.self) { try await world.notices.notice(id, by: anna) }
        await #expect(throws: NoticesError.self) {
            try await world.notices.withdraw(id, reason: World.reason, by: auditor)
        }
    }

    @Test("recipients are those of a naive computation, over random organisations", arguments: [1, 2, 3, 4, 5, 6])
    func property(seed: UInt64) async throws {
        var dice = Dice(state: seed)
        let world = try await World()
        let names = (0..<9).map { "org\($0)" }
        for name in names { try await world.organisation(name) }
        var owners: [String: String] = [:]
        for index in 0..<5 {
            let owner = names[Int.random(in: 0..<names.count, using: &dice)]
            owners["ns\(index)"] = owner
            try await world.namespace("ns\(index)", of: owner)
        }
        var published: [String: Set<String>] = [:]
        var pulled: [String: [String: Int64]] = [:]
        var ofNobody: Int64 = 0
        for index in 0..<10 {
            // Some lie in no namespace, some are not affected.
            let space = Int.random(in: 0..<7, using: &dice)
            let repository = space < 5 ? "ns\(space)/app\(index)" : "free/app\(index)"
            let isAffected = Int.random(in: 0..<4, using: &dice) > 0
            world.node.analyser.becomes(NodeFixture.evidence([("openssl", isAffected ? "3.0.1" : "3.0.2")]))
            let digest = try await world.image(repository, "\(seed)-\(index)")
            if isAffected, let owner = owners["ns\(space)"] { published[owner, default: []].insert(digest.description) }
            for _ in 0..<Int.random(in: 0..<4, using: &dice) {
                guard Int.random(in: 0..<6, using: &dice) > 0 else {
                    world.pulls.note(
                        try RepositoryName(parsing: repository),
                        digest,
                        by: .unknown,
                        at: NodeFixture.start
                    )
                    ofNobody += isAffected ? 1 : 0
                    continue
                }
                let name = names[Int.random(in: 0..<names.count, using: &dice)]
                try await world.pull(digest, from: repository, by: name)
                if isAffected { pulled[name, default: [:]][digest.description, default: 0] += 1 }
            }
        }
        var relations: [(provider: String, customer: String)] = []
        for _ in 0..<6 {
            let (provider, customer) = (
                names.randomElement(using: &dice) ?? "", names.randomElement(using: &dice) ?? ""
            )
            guard provider != customer else { continue }
            try await world.accounts.setOperates(provider, for: customer, true, by: world.admin)
            relations.append((provider, customer))
        }
        var expected: [String: NoticeReasons] = [:]
        for name in names {
            var reasons: NoticeReasons = []
            let direct = { (name: String) in published[name] != nil || pulled[name] != nil }
            if published[name] != nil { reasons.insert(.publishes) }
            if pulled[name] != nil { reasons.insert(.pulled) }
            if relations.contains(where: { $0.provider == name && direct($0.customer) }) { reasons.insert(.operates) }
            if relations.contains(where: { $0.customer == name && direct($0.provider) }) { reasons.insert(.operated) }
            if !reasons.isEmpty { expected[name] = reasons }
        }
        let draft = try await world.draft()
        #expect(Set(draft.recipients.map(\.name)).count == draft.recipients.count)
        #expect(Dictionary(draft.recipients.map { ($0.name, $0.reasons) }) { first, _ in first } == expected)
        #expect(draft.pullsOfNobody == ofNobody)
        for recipient in draft.recipients {
            let evidence = recipient.evidence
            #expect(Set(evidence.published.kept.map(\.digest)) == published[recipient.name] ?? [])
            #expect(evidence.published.count == Int64(published[recipient.name]?.count ?? 0))
            let counts = Dictionary(evidence.pulled.kept.map { ($0.digest, $0.pulls?.count ?? 0) }) { $0 + $1 }
            #expect(counts == pulled[recipient.name] ?? [:])
        }
    }

    @Test("an image that more than a page of organisations pulled leaves out none of them")
    func manyPullers() async throws {
        let world = try await World()
        let digest = try await world.image("bund/app")
        try await world.node.database.write { t in
            for index in 1...2_300 {
                try t.execute(
                    Statement(
                        "test.organisation",
                        "INSERT INTO organisations (name, title, kind, created_at) VALUES (?, 'x', 'municipal', 0)"
                    ),
                    [.text("town\(index)")]
                )
            }
        }
        let repository = try RepositoryName(parsing: "bund/app")
        for index in 1...2_300 {
            world.pulls.note(repository, digest, by: .organisation(Int64(index)), at: NodeFixture.start)
        }
        #expect(try await world.draft().recipients.count == 2_300)
    }

    @Test("evidence is bounded, and what is beyond its bounds is counted")
    func bounds() throws {
        var evidence = NoticeEvidence()
        for index in 0..<500 {
            evidence.pulled.append(
                NoticeEvidence.Image(
                    repository: String(repeating: "r", count: 255),
                    digest: Digest.sha256([UInt8(index % 256)]).description,
                    tags: Array(repeating: String(repeating: "t", count: 100), count: 5),
                    components: [],
                    since: NodeFixture.start,
                    pulls: nil
                )
            )
        }
        #expect(evidence.pulled.count == 500 && evidence.pulled.kept.count < 100)
        #expect(evidence.json.bytes().count < NoticeEvidence.maximumBytes + 1_000)
        #expect(try NoticeEvidence(json: JSONFields(evidence.json)).json == evidence.json)
    }

    @Test("no statement walks a growing table without a reason")
    func statements() throws {
        let found = try StatementAudit.explain(
            migrations: NodeFixture.migrations + NoticesSchema.migrations,
            statements: NoticesSchema.statements
        )
        #expect(found.isEmpty, "\(found)")
    }

    @Test("PostgreSQL takes every table and statement")
    func postgreSQL() async throws {
        let script = StatementAudit.postgresScript(
            migrations: AccountsSchema.migrations + PullRecordsSchema.migrations + NoticesSchema.migrations,
            statements: NoticesSchema.statements
        )
        let findings = StatementAudit.postgresFindings(try await PostgreSQLCluster.run(script))
        #expect(findings == [], "\(findings)")
    }
}
