// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Audit
import Database
import Node
import NodeTestKit
import Testing
import Time

/// What a failed sign-in tells.
///
/// Work is compared, not time: one look-up, one check whose kind depends on the form of what was sent alone, one comparison that does not end
/// early, and within the bound one audit event, whatever was wrong. A clock on a shared machine would tell more of the neighbours.
@Suite("7.2: signing in")
struct SignInTests {
    /// Has the form of a generated secret: such a one is checked against a hash that costs little.
    private static let form = String(repeating: "a", count: 52)
    private static let wrong = [
        "nobody:guess", "admin:guess", "locked:guess", "admin:", "nobody:\(form)", "admin:\(form)", "locked:\(form)",
        "admin' OR 1=1--:\(form)", ":\(form)",
    ]

    struct Question: Sendable, CustomTestStringConvertible {
        let method: String
        let path: String
        var testDescription: String { "\(method) \(path)" }
    }

    static let questions = [
        Question(method: "GET", path: "/v2/"), Question(method: "HEAD", path: "/v2/"),
        Question(method: "GET", path: "/v2//broken"), Question(method: "GET", path: "/v2/a/manifests/1"),
        Question(method: "POST", path: "/v2/a/blobs/uploads/"), Question(method: "GET", path: "/api/v1/repositories"),
        Question(method: "GET", path: "/api/v1/images/a/badge.svg"), Question(method: "GET", path: "/"),
        Question(method: "HEAD", path: "/images/a"), Question(method: "GET", path: "/images/a"),
    ]

    @Test(
        "7.2/61: an unknown name, a wrong secret and a locked account get one and the same answer",
        arguments: questions
    )
    func answers(_ question: Question) async throws {
        try await TestNode.run { node in
            let accounts = node.node.accounts
            let admin = try #require(try await accounts.authenticate(username: "admin", password: node.secret))
            let secret = try await accounts.createPerson("locked", organisation: nil, by: admin)
            try await accounts.setEnabled(false, "locked", by: admin)
            var shapes: Set<[String]> = []
            // Each name fewer times than makes the node wait.
            for login in Self.wrong + ["locked:\(secret)"] {
                let body: [UInt8]? = question.method == "POST" ? [] : nil
                let answer = try await node.client.basic(login).request(question.method, question.path, body: body)
                #expect(answer.status == 401, "\(login)")
                shapes.insert(answer.shape(without: []))
            }
            #expect(shapes.count == 1, "\(shapes)")
            #expect(try await node.client.request("GET", "/v2/").status == 200)
        }
    }

    @Test("7.2/61: whatever was wrong, a failed sign-in costs one and the same work")
    func work() async throws {
        let clock = ManualClock(Timestamp(seconds: 1_800_000_000))
        try await TestRegistry.run(clock: clock.clock) { test in
            let locked = try await test.addAccount("locked", isAdmin: true)
            try await test.accounts.setEnabled(false, "locked", by: test.admin)
            let logins = Self.wrong + [locked.login ?? ""]
            // The first ten of a minute are audited one by one, of the others none is.
            for expected in [1, 0] {
                for login in logins {
                    let before = test.database.statistics.writes
                    #expect(try await test.client.basic(login).request("GET", "/v2/").status == 401, "\(login)")
                    #expect(test.database.statistics.writes - before == expected, "\(login)")
                }
            }
            // Every one of them needs the database: none is decided by its name alone.
            clock.advance(by: .seconds(2))
            test.database.close()
            for login in logins {
                #expect(try await test.client.basic(login).request("GET", "/v2/").status == 503, "\(login)")
            }
        }
    }

    @Test(
        "7.2/61: guesses have to wait, and lock nobody out: neither their victim elsewhere nor who has signed in already"
    )
    func lockout() async throws {
        // Time stands still: however slow the machine is, no minute begins anew under the guesses.
        let clock = ManualClock(Timestamp(seconds: 1_800_000_000))
        try await TestRegistry.run(clock: clock.clock) { test in
            let accounts = test.accounts
            let victim = try await accounts.createPerson("victim", organisation: nil, by: test.admin)
            let secret = String((test.client.login ?? "").dropFirst("admin:".count))
            var refused = 0
            for number in 0..<60 {
                let name = ["admin", "victim", "nobody"][number % 3]
                do {
                    let guess = "Sommer 1789 \(number)"
                    #expect(
                        try await accounts.authenticate(username: name, password: guess, source: "192.0.2.1") == nil
                    )
                } catch AccountsError.tooManyAttempts {
                    refused += 1
                }
            }
            #expect(refused > 0)
            let elsewhere = try await accounts.authenticate(username: "victim", password: victim, source: "192.0.2.2")
            #expect(elsewhere?.name == "victim")
            // Proved before the guesses: the address that they come from may be that of a whole office.
            let before = try await accounts.authenticate(username: "admin", password: secret, source: "192.0.2.1")
            #expect(before?.name == "admin")
            // Nor do they fill the disk: ten of a minute are audited one by one.
            let events = try await AuditLog.list(test.database, limit: 1000)
            let failures = events.filter { $0.action.hasPrefix("accounts.signIn") }
            #expect(!failures.isEmpty && failures.count <= 22)
        }
    }
}
