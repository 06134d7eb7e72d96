// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Audit
import Database
import JSON
import OCI
import TestKit
import Testing
import Time

/// A node's worth of people: an operator, an auditor, two organisations with a namespace each, and who works there.
struct RightsFixture {
    let base: AccountsFixture
    let admin: Account

    var accounts: Accounts { base.accounts }

    init(anonymousPull: Bool = false) async throws {
        base = try AccountsFixture { $0.anonymousPull = anonymousPull }
        admin = try await base.admin()
        for (name, key) in [("bund", "00"), ("stadt", "05315000")] {
            let organisation = Organisation(name: name, title: name, kind: .federal, officialKey: key)
            try await accounts.putOrganisation(organisation, by: admin)
        }
        try await accounts.createNamespace("bund", organisation: "bund", isPublic: true, by: admin)
        try await accounts.createNamespace("land/stadt", organisation: "stadt", isPublic: false, by: admin)
    }

    /// Makes a person who is something somewhere, signed in.
    func person(
        _ name: String,
        _ role: Role? = nil,
        in namespace: String = "bund",
        nodeRole: Account.NodeRole? = nil
    ) async throws -> Account {
        let secret = try await accounts.createPerson(name, organisation: "stadt", nodeRole: nodeRole, by: admin)
        if let role { try await accounts.setRole(role, of: name, in: namespace, by: admin) }
        return try #require(try await accounts.authenticate(username: name, password: secret))
    }

    func token(for name: String, _ scopes: [TokenScope], by actor: Account) async throws -> Account {
        let issued = try await accounts.issueToken(
            for: name,
            label: "test",
            scopes: scopes,
            life: .seconds(3600),
            by: actor
        )
        return try #require(try await accounts.authenticate(username: name, password: issued.secret))
    }

    func rights(_ account: Account?, _ repository: String) async throws -> Rights? {
        try await accounts.access(of: account, to: RepositoryName(parsing: repository))?.rights
    }
}

@Suite("Rights") struct RightsTests {
    @Test(
        "what each role may do in its namespace, and that it is nothing in another and outside of all",
        arguments: [
            (nil, .pull), (.reader, .pull), (.publisher, [.pull, .push]), (.maintainer, .all),
        ] as [(Role?, Rights)]
    )
    func roles(role: Role?, own: Rights) async throws {
        let fixture = try await RightsFixture()
        let person = try await fixture.person("anna", role)
        #expect(try await fixture.rights(person, "bund/app") == own)
        #expect(try await fixture.rights(person, "land/stadt/app") == [])
        #expect(try await fixture.rights(person, "other") == [])
        // What begins alike is another namespace.
        #expect(try await fixture.rights(person, "bundeswehr/app") == [])
        #expect(try await fixture.rights(person, "bund") == own)
    }

    @Test("nobody in particular pulls what is public, and what lies outside only where the node says so")
    func anonymous() async throws {
        for allows in [false, true] {
            let fixture = try await RightsFixture(anonymousPull: allows)
            #expect(try await fixture.rights(nil, "bund/app") == .pull)
            #expect(try await fixture.rights(nil, "land/stadt/app") == [])
            #expect(try await fixture.rights(nil, "outside/app") == (allows ? .pull : []))
        }
    }

    @Test("operators do everything; auditors read everything and change nothing")
    func nodeRoles() async throws {
        let fixture = try await RightsFixture()
        let auditor = try await fixture.person("otto", nodeRole: .auditor)
        for repository in ["bund/app", "land/stadt/app", "outside"] {
            #expect(try await fixture.rights(fixture.admin, repository) == .all)
            #expect(try await fixture.rights(auditor, repository) == .pull)
        }
        await #expect(throws: AccountsError.self) {
            try await fixture.accounts.setVisibility(of: "bund", isPublic: false, by: auditor)
        }
        await #expect(throws: AccountsError.self) {
            try await fixture.accounts.issueToken(
                for: "admin",
                label: "x",
                scopes: [TokenScope(repositories: "*", rights: .pull)],
                life: .seconds(60),
                by: auditor
            )
        }
    }

    @Test("a token is good for what it names, as far as its account may do that, and takes nothing from anybody")
    func tokens() async throws {
        let fixture = try await RightsFixture()
        let anna = try await fixture.person("anna", .publisher)
        let scopes = [TokenScope(repositories: "bund/app", rights: [.pull, .push, .delete])]
        let token = try await fixture.token(for: "anna", scopes, by: anna)
        #expect(try await fixture.rights(token, "bund/app") == [.pull, .push], "delete is more than its account may")
        #expect(try await fixture.rights(token, "bund/other") == .pull, "public for everybody")
        try await fixture.accounts.setVisibility(of: "bund", isPublic: false, by: fixture.admin)
        #expect(try await fixture.rights(token, "bund/other") == [])
        try await fixture.accounts.setRole(nil, of: "anna", in: "bund", by: fixture.admin)
        #expect(try await fixture.rights(token, "bund/app") == [], "what is taken is gone at once")
    }

    @Test("a token that was revoked, ran out, or whose account was disabled counts no more, at once")
    func tokenEnds() async throws {
        let fixture = try await RightsFixture()
        let anna = try await fixture.person("anna", .publisher)
        let scopes = [TokenScope(repositories: "*", rights: [.pull, .push])]
        let first = try await fixture.token(for: "anna", scopes, by: anna)
        try await fixture.accounts.revokeToken(try #require(first.tokenID), by: anna)
        #expect(try await fixture.rights(first, "bund/app") == nil)
        let second = try await fixture.token(for: "anna", scopes, by: anna)
        fixture.base.time.advance(by: .seconds(3599))
        #expect(try await fixture.rights(second, "bund/app") == [.pull, .push])
        fixture.base.time.advance(by: .seconds(1))
        #expect(try await fixture.rights(second, "bund/app") == nil)
        let third = try await fixture.token(for: "anna", scopes, by: anna)
        try await fixture.accounts.setEnabled(false, "anna", by: fixture.admin)
        #expect(try await fixture.rights(third, "bund/app") == nil)
        #expect(try await fixture.rights(anna, "bund/app") == nil)
    }

    @Test(
        "the secret of a token is found nowhere, its last use is shown, and it opens under its own account's name only"
    )
    func tokenSecret() async throws {
        let fixture = try await RightsFixture()
        let anna = try await fixture.person("anna", .publisher)
        let issued = try await fixture.accounts.issueToken(
            for: "anna",
            label: "build",
            scopes: [TokenScope(repositories: "bund/*", rights: .pull)],
            life: .seconds(86_400),
            by: anna
        )
        #expect(issued.secret.hasPrefix("kontor_") && issued.secret.utf8.count == 59)
        let entries = try await fixture.accounts.tokens(of: "anna", by: anna)
        #expect(entries.map(\.lastUsedAt) == [nil] && entries.map(\.label) == ["build"])
        #expect(try await fixture.accounts.authenticate(username: "admin", password: issued.secret) == nil)
        #expect(try await fixture.accounts.authenticate(username: "anna", password: issued.secret) != nil)
        let used = try await fixture.accounts.tokens(of: "anna", by: anna)
        #expect(used.map(\.lastUsedAt) == [fixture.base.time.clock.now()])
        let log = try await AuditLog.list(fixture.base.database, limit: 1000)
        #expect(!log.contains { ($0.detail?.text() ?? "").contains(issued.secret.dropFirst(7)) })
    }

    @Test("7.2/29: tokens and members of others are refused by number and by name, as if they were not there")
    func foreignObjects() async throws {
        let fixture = try await RightsFixture()
        let anna = try await fixture.person("anna", .maintainer)
        let bert = try await fixture.person("bert", .maintainer, in: "land/stadt")
        let token = try await fixture.token(
            for: "anna",
            [TokenScope(repositories: "*", rights: .pull)],
            by: anna
        )
        let id = try #require(token.tokenID)
        for number in [id, id + 1000, -1] {
            await #expect(throws: AccountsError.unknown("there is no token \(number) that you may revoke")) {
                try await fixture.accounts.revokeToken(number, by: bert)
            }
        }
        await #expect(throws: AccountsError.self) { try await fixture.accounts.tokens(of: "anna", by: bert) }
        await #expect(throws: AccountsError.self) {
            try await fixture.accounts.setRole(.maintainer, of: "bert", in: "bund", by: bert)
        }
        await #expect(throws: AccountsError.unknown("there is no namespace \"land/stadt\" that you may see")) {
            try await fixture.accounts.setRole(.maintainer, of: "anna", in: "land/stadt", by: anna)
        }
        await #expect(throws: AccountsError.self) { try await fixture.accounts.members(of: "land/stadt", by: anna) }
        await #expect(throws: AccountsError.self) { try await fixture.accounts.account("bert", by: anna) }
        await #expect(throws: AccountsError.self) { try await fixture.accounts.setEnabled(false, "anna", by: bert) }
        // A token changes nothing at all, not even its own account.
        await #expect(throws: AccountsError.self) {
            try await fixture.token(for: "anna", [TokenScope(repositories: "*", rights: .pull)], by: token)
        }
    }

    @Test(
        "7.2/35: names that pass for somebody else cannot be made",
        arguments: [
            "svc-build", "admin", "node", "system", "unknown", "Anna", "anna ", "a", "", "an\u{0}na", "robot$x", "ännä",
            "../x", "-anna", "anna@x", String(repeating: "a", count: 65),
        ]
    )
    func reservedNames(name: String) async throws {
        let fixture = try await RightsFixture()
        await #expect(throws: AccountsError.self) {
            try await fixture.accounts.createPerson(name, organisation: nil, by: fixture.admin)
        }
        await #expect(throws: AccountsError.self) {
            try await fixture.accounts.createService(
                name == "svc-build" ? "build" : name,
                organisation: nil,
                namespace: nil,
                by: fixture.admin
            )
        }
    }

    @Test("a password of the person's own takes the place of the first secret; its rules are told")
    func passwords() async throws {
        let fixture = try await RightsFixture()
        let secret = try await fixture.accounts.createPerson("anna", organisation: nil, by: fixture.admin)
        let anna = try #require(try await fixture.accounts.authenticate(username: "anna", password: secret))
        let generated = String(repeating: "a", count: 52)
        for bad in ["short", String(repeating: "x", count: 257), "my name is anna!", generated, "kontor_" + generated] {
            await #expect(throws: AccountsError.self) { try await fixture.accounts.setPassword(bad, by: anna) }
        }
        try await fixture.accounts.setPassword("vier Wörter im Wald", by: anna)
        #expect(try await fixture.accounts.authenticate(username: "anna", password: secret) == nil)
        #expect(try await fixture.rights(anna, "bund/app") == nil, "what was proved with the old secret counts no more")
        let again = try await fixture.accounts.authenticate(username: "anna", password: "vier Wörter im Wald")
        #expect(again?.name == "anna")
        #expect(try await fixture.accounts.authenticate(username: "anna", password: "vier Wörter im Walde") == nil)
    }

    @Test("7.2/61: who guesses waits, longer each time; who signs in from elsewhere does not")
    func throttle() async throws {
        let fixture = try await RightsFixture()
        let first = try await fixture.accounts.createPerson("anna", organisation: nil, by: fixture.admin)
        let anna = try #require(try await fixture.accounts.authenticate(username: "anna", password: first))
        let (secret, wrong) = ("vier Wörter im Wald", "vier Wörter im Feld")
        try await fixture.accounts.setPassword(secret, by: anna)
        func attempt(_ password: String, _ source: String) async throws -> Bool {
            try await fixture.accounts.authenticate(username: "anna", password: password, source: source) != nil
        }
        for _ in 0..<6 { #expect(try await attempt(wrong, "192.0.2.1") == false) }
        await #expect(throws: AccountsError.tooManyAttempts(retryAfter: 1)) { try await attempt(secret, "192.0.2.1") }
        #expect(try await attempt(secret, "192.0.2.2"), "from another place")
        fixture.base.time.advance(by: .seconds(1))
        #expect(try await attempt(wrong, "192.0.2.1") == false)
        await #expect(throws: AccountsError.tooManyAttempts(retryAfter: 2)) { try await attempt(wrong, "192.0.2.1") }
        // One place, many names: a list of passwords for a list of accounts.
        for number in 0..<31 {
            _ = try? await fixture.accounts.authenticate(username: "x\(number)", password: wrong, source: "192.0.2.9")
        }
        await #expect(throws: AccountsError.self) { try await attempt(wrong, "192.0.2.9") }
    }

    @Test("7.2/61: one customer has a whole /64 of IPv6, and an IPv4 address is one in either form")
    func networks() async throws {
        let fixture = try await RightsFixture()
        func attempt(_ source: String) async throws -> Bool {
            try await fixture.accounts.authenticate(username: "nobody", password: "wrong words", source: source) != nil
        }
        for number in 0..<6 { #expect(try await attempt("2001:db8:1:2::\(number)") == false) }
        await #expect(throws: AccountsError.self) { try await attempt("2001:db8:1:2:ffff:1:2:3") }
        #expect(try await attempt("2001:db8:1:3::1") == false)
        for _ in 0..<6 { #expect(try await attempt("::ffff:192.0.2.1") == false) }
        await #expect(throws: AccountsError.self) { try await attempt("192.0.2.1") }
        #expect(try await attempt("::ffff:192.0.2.2") == false)
    }

    @Test("7.2/61: the right password many times at once is no guessing")
    func atOnce() async throws {
        let fixture = try await RightsFixture()
        let first = try await fixture.accounts.createPerson("anna", organisation: nil, by: fixture.admin)
        let anna = try #require(try await fixture.accounts.authenticate(username: "anna", password: first))
        try await fixture.accounts.setPassword("vier Wörter im Wald", by: anna)
        let accounts = fixture.accounts
        let known = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<40 {
                group.addTask {
                    try await accounts.authenticate(
                        username: "anna",
                        password: "vier Wörter im Wald",
                        source: "192.0.2.1"
                    ) != nil
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(known == 40)
    }

    @Test("namespaces do not overlap, and have one to three components")
    func namespaceNames() async throws {
        let fixture = try await RightsFixture()
        for name in ["bund", "bund/team", "land", "land/stadt/amt", "a/b/c/d", "Bund", "", "/", "a//b", "a/"] {
            await #expect(throws: AccountsError.self, "\(name)") {
                try await fixture.accounts.createNamespace(
                    name,
                    organisation: "bund",
                    isPublic: true,
                    by: fixture.admin
                )
            }
        }
        try await fixture.accounts.createNamespace(
            "land/dorf",
            organisation: "stadt",
            isPublic: true,
            by: fixture.admin
        )
        try await fixture.accounts.createNamespace("bundesamt", organisation: "bund", isPublic: true, by: fixture.admin)
    }

    @Test("a frozen namespace: nobody pushes, its tokens are dead, and a second person must let it go on")
    func freeze() async throws {
        let fixture = try await RightsFixture()
        let anna = try await fixture.person("anna", .maintainer)
        let bert = try await fixture.person("bert", .maintainer)
        let reader = try await fixture.person("rita", .reader)
        let push = [TokenScope(repositories: "bund/*", rights: [.pull, .push])]
        let stolen = try await fixture.token(for: "bert", push, by: bert)
        let pull = try await fixture.token(for: "rita", [TokenScope(repositories: "*", rights: .pull)], by: reader)
        let since = fixture.base.time.clock.now()
        #expect(try await fixture.accounts.freeze("bund", since: since, by: anna) == 1)
        #expect(try await fixture.rights(stolen, "bund/app") == nil)
        #expect(try await fixture.rights(pull, "bund/app") == .pull)
        for account in [anna, bert, fixture.admin] {
            let access = try await fixture.accounts.access(of: account, to: RepositoryName(parsing: "bund/app"))
            #expect(access?.rights.contains(.push) == false && access?.quarantine == since)
        }
        for actor in [anna, reader, stolen] {
            await #expect(throws: AccountsError.self) { try await fixture.accounts.unfreeze("bund", by: actor) }
        }
        await #expect(throws: AccountsError.self) { try await fixture.accounts.freeze("bund", since: since, by: bert) }
        try await fixture.accounts.unfreeze("bund", by: bert)
        #expect(try await fixture.rights(anna, "bund/app") == .all)
        #expect(try await fixture.rights(stolen, "bund/app") == nil, "what was revoked stays revoked")
    }

    @Test("lists: what may be read, and where a list goes on after what may not")
    func scope() async throws {
        let fixture = try await RightsFixture()
        let bert = try await fixture.person("bert", .reader, in: "land/stadt")
        let name = { (text: String) in try RepositoryName(parsing: text) }
        let nobody = try #require(try await fixture.accounts.readScope(of: nil))
        #expect(try nobody.reads(name("bund/app")) && !nobody.reads(name("land/stadt/app")))
        #expect(try !nobody.reads(name("outside")) && !nobody.isEmpty)
        #expect(try nobody.skip(after: name("land/stadt/app")) == "land/stadt/~")
        #expect(try nobody.skip(after: name("outside/app")) == "outside/app")
        let reader = try #require(try await fixture.accounts.readScope(of: bert))
        #expect(try reader.reads(name("land/stadt/app")))
        let token = try await fixture.token(
            for: "bert",
            [TokenScope(repositories: "land/stadt/a", rights: .pull)],
            by: bert
        )
        let limited = try #require(try await fixture.accounts.readScope(of: token))
        #expect(try limited.reads(name("land/stadt/a")) && !limited.reads(name("land/stadt/b")))
        #expect(try limited.reads(name("bund/app")), "public for everybody")
    }

    @Test("an organisation's data are checked, and who operates for whom is told from both sides")
    func organisations() async throws {
        let fixture = try await RightsFixture()
        for bad in [
            Organisation(name: "X", title: "x", kind: .state), Organisation(name: "ok", title: "", kind: .state),
            Organisation(name: "ok", title: "a\nb", kind: .state),
            Organisation(name: "ok", title: "x", kind: .state, officialKey: "12a"),
            Organisation(name: "ok", title: "x", kind: .state, securityContact: "a@b,c@d"),
            Organisation(name: "ok", title: "x", kind: .state, securityContact: "nobody"),
        ] {
            await #expect(throws: AccountsError.self) {
                try await fixture.accounts.putOrganisation(bad, by: fixture.admin)
            }
        }
        try await fixture.accounts.setOperates("bund", for: "stadt", true, by: fixture.admin)
        #expect(try await fixture.accounts.organisation("bund").operatesFor == ["stadt"])
        #expect(try await fixture.accounts.organisation("stadt").operatedBy == ["bund"])
        let anna = try await fixture.person("anna", .maintainer)
        await #expect(throws: AccountsError.self) {
            try await fixture.accounts.setOperates("stadt", for: "bund", true, by: anna)
        }
    }
}
