// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Database
import FoundationEssentials
import Node
import NodeTestKit
import OCI
import TestKit
import Testing
import Time

/// Signing in on pages: what a session is worth, and what no other page can make of it.
@Suite("7.2: sessions of the pages") struct SessionTests {
    private static let password = "korrekt pferd batterie"
    private static let cookie = "kontor-session"

    @Test("somebody signs in where they were, makes and revokes a token, changes their password, signs out")
    func wholeWay() async throws {
        try await PeopledNode.run { test in
            let client = try await test.person("anna", .publisher, in: "land")
            let secret = String(client.login?.dropFirst("anna:".count) ?? "")
            let browser = Browser(test.nobody)
            // The form stands where the page would be, and leads back there.
            let asked = try await browser.get("/account/tokens?lang=en")
            #expect(asked.status == 401 && asked["www-authenticate"]?.hasPrefix("Cookie ") == true)
            #expect(asked.text.contains("name=\"next\" value=\"/account/tokens?lang=en\""))
            let done = try await browser.signIn("anna", secret, next: "/account/tokens?lang=en")
            #expect(done.status == 303 && done["location"] == "/account/tokens?lang=en" && done.body.isEmpty)
            let tokens = try await browser.get("/account/tokens?lang=en")
            #expect(tokens.status == 200 && tokens["cache-control"] == "no-store")
            let form = try #require(Browser.token(in: tokens.text))

            // Nothing is ticked: what was typed stands there again, to be sent again.
            let refused = try await browser.post(
                "/account/tokens",
                [("action", "issue"), ("label", "x"), ("repositories", "land/app\r\nland/web/*"), ("days", "7")],
                token: form
            )
            #expect(refused.status == 422 && refused.text.contains(">land/app\nland/web/*</textarea>"))
            let issued = try await browser.post(
                "/account/tokens",
                [
                    ("action", "issue"), ("label", "CI & <Co>"), ("repositories", "land/app\r\nland/web/*"),
                    ("right", "pull"), ("right", "push"), ("days", "7"),
                ],
                token: form
            )
            #expect(issued.status == 201)
            let shown = try #require(issued.text.firstRange(of: "kontor_"))
            let token = String(issued.text[shown.lowerBound...].prefix { $0.isLetter || $0.isNumber || $0 == "_" })
            let program = test.nobody.basic("anna:\(token)")
            #expect(try await test.push("land/app", "1", layer: "x", as: program) == 201)
            #expect(try await test.push("land/other", "1", layer: "x", as: program) == 404)
            let listed = try await browser.get("/account/tokens")
            #expect(listed.text.contains("CI &amp; &lt;Co&gt;") && !listed.text.contains(token))
            // A token opens no page.
            #expect(try await Browser(test.nobody).signIn("anna", token).status == 403)

            let id = try #require(try await test.accounts.tokens(of: "anna", by: test.admin).first?.id)
            let revoked = try await browser.post(
                "/account/tokens",
                [("action", "revoke"), ("token", "\(id)")],
                token: form
            )
            #expect(revoked.status == 303 && revoked["location"] == "/account/tokens")
            #expect(try await program.request("GET", "/v2/").status == 401)

            let wrong = [("current", "falsch falsch falsch"), ("new", Self.password), ("again", Self.password)]
            #expect(try await browser.post("/account/password", wrong, token: form).status == 422)
            let differs = [("current", secret), ("new", Self.password), ("again", Self.password + "x")]
            #expect(try await browser.post("/account/password", differs, token: form).status == 422)
            let short = [("current", secret), ("new", "kurz"), ("again", "kurz")]
            #expect(try await browser.post("/account/password", short, token: form).status == 422)
            let right = [("current", secret), ("new", Self.password), ("again", Self.password)]
            let before = browser.cookies[Self.cookie]
            let changed = try await browser.post("/account/password", right, token: form)
            #expect(changed.status == 303 && browser.cookies[Self.cookie] != before)
            #expect(try await browser.get("/account").status == 200)
            #expect(try await Browser(test.nobody).signIn("anna", secret).status == 401)
            // The same form once more, as by a second click: its session has ended.
            let stale = Browser(test.nobody)
            stale.keep(Self.cookie, before)
            #expect(try await stale.post("/account/password", right, token: form).status == 403)

            let last = browser.cookies[Self.cookie]
            let out = try await browser.post("/logout", [], token: try await browser.token())
            #expect(out.status == 303 && browser.cookies[Self.cookie] == nil)
            browser.keep(Self.cookie, last)
            #expect(try await browser.get("/account").status == 401)
            let events = Statement(
                "test.events",
                "SELECT action FROM audit_events WHERE actor = 'anna' ORDER BY id LIMIT 100"
            )
            let actions = try await test.node.node.database.read { try $0.query(events).map { try $0.text(0) } }
            for action in [
                "accounts.signIn", "tokens.issue", "tokens.revoke", "accounts.setPassword", "accounts.signOut",
            ] {
                #expect(actions.contains(action), "\(action)")
            }
        }
    }

    @Test(
        "7.2/60: the cookie is out of reach of scripts and other sites, and over TLS of every other host",
        arguments: [
            nil, "https://registry.example", "http://registry.example",
        ]
    )
    func flags(publicURL: String?) async throws {
        try await TestNode.run(configure: { $0.publicURL = publicURL }) { node in
            let browser = Browser(node.client)
            let origin = publicURL ?? node.url
            let answer = try await browser.post(
                "/login",
                [("name", "admin"), ("password", node.secret), ("next", "/")],
                origin: origin
            )
            #expect(answer.status == 303)
            let set = try #require(answer.all("set-cookie").first { $0.contains("session=") })
            let parts = set.split(separator: ";").map { $0.drop { $0 == " " } }
            let isSecure = publicURL?.hasPrefix("https") == true
            #expect(parts[0].hasPrefix(isSecure ? "__Host-kontor-session=" : "kontor-session="))
            #expect(parts.contains("HttpOnly") && parts.contains("SameSite=Lax") && parts.contains("Path=/"))
            #expect(parts.contains("Secure") == isSecure)
            #expect(!set.lowercased().contains("domain"))
            // Nothing that leads to it lies in the database.
            let value = parts[0].split(separator: "=")[1]
            let hashes = Statement("test.sessions", "SELECT secret_hash FROM sessions LIMIT 10")
            let kept = try await node.node.database.read { try $0.query(hashes).map { try $0.bytes(0) } }
            #expect(kept == [Digest.sha256(Array(value.utf8)).bytes])
        }
    }

    @Test("7.2/60: a session that was there before the sign-in is worth nothing after it")
    func fixation() async throws {
        try await TestNode.run { node in
            // Somebody else's session, put into the victim's browser.
            let thief = Browser(node.client)
            #expect(try await thief.signIn("admin", node.secret).status == 303)
            let planted = try #require(thief.cookies[Self.cookie])
            let victim = Browser(node.client)
            victim.keep(Self.cookie, planted)
            #expect(try await victim.signIn("admin", node.secret).status == 303)
            #expect(victim.cookies[Self.cookie] != planted)
            #expect(try await victim.get("/account").status == 200)
            #expect(try await thief.get("/account").status == 401)
            // One that nobody was given is not taken over either.
            let made = Browser(node.client)
            made.keep(Self.cookie, String(repeating: "a", count: 52))
            #expect(try await made.signIn("admin", node.secret).status == 303)
            #expect(made.cookies[Self.cookie] != String(repeating: "a", count: 52))
        }
    }

    @Test("7.2/60: a session ends with the account, with its password, after an hour of rest and after twelve")
    func ends() async throws {
        let time = ManualClock(Timestamp(seconds: 1_800_000_000))
        try await TestNode.run(configure: { $0.clock = time.clock }) { node in
            let accounts = node.node.accounts
            let admin = try #require(try await accounts.authenticate(username: "admin", password: node.secret))
            let secret = try await accounts.createPerson("anna", organisation: nil, by: admin)
            func signedIn(_ password: String) async throws -> Browser {
                let browser = Browser(node.client)
                #expect(try await browser.signIn("anna", password).status == 303)
                #expect(try await browser.get("/account").status == 200)
                return browser
            }
            let rests = try await signedIn(secret)
            time.advance(by: .seconds(3599))
            #expect(try await rests.get("/account").status == 200)
            time.advance(by: .seconds(3601))
            #expect(try await rests.get("/account").status == 401)
            let works = try await signedIn(secret)
            for _ in 0..<23 {
                time.advance(by: .seconds(1800))
                #expect(try await works.get("/account").status == 200)
            }
            time.advance(by: .seconds(1800))
            #expect(try await works.get("/account").status == 401)

            let locked = try await signedIn(secret)
            try await accounts.setEnabled(false, "anna", by: admin)
            #expect(try await locked.get("/account").status == 401)
            try await accounts.setEnabled(true, "anna", by: admin)
            #expect(try await locked.get("/account").status == 401)
            let renewed = try await signedIn(secret)
            _ = try await accounts.renewSecret(of: "anna", by: admin)
            #expect(try await renewed.get("/account").status == 401)
        }
    }

    @Test("7.2/54: a form without the token of its own session, or of another site's page, changes nothing")
    func forgery() async throws {
        try await PeopledNode.run { test in
            let client = try await test.person("anna", .maintainer, in: "land")
            let secret = String(client.login?.dropFirst("anna:".count) ?? "")
            let browser = Browser(test.nobody)
            #expect(try await browser.signIn("anna", secret).status == 303)
            let form = try #require(try await browser.token())
            let other = Browser(test.nobody)
            #expect(try await other.signIn("admin", test.node.secret).status == 303)
            let stolen = try #require(try await other.token())
            #expect(stolen != form)
            let changes: [(String, [(String, String)])] = [
                (
                    "/account/tokens",
                    [
                        ("action", "issue"), ("label", "x"), ("repositories", "*"), ("right", "pull"), ("days", "7"),
                    ]
                ),
                ("/account/password", [("current", secret), ("new", Self.password), ("again", Self.password)]),
                ("/namespaces/land", [("action", "set"), ("account", "anna"), ("role", "reader")]),
                ("/namespaces/land", [("action", "freeze"), ("since", "2026-01-01T00:00"), ("sure", "yes")]),
                ("/logout", []),
            ]
            for (path, fields) in changes {
                for token in [nil, "", "x", stolen] {
                    #expect(try await browser.post(path, fields, token: token).status == 403, "\(path)")
                }
                for origin in ["https://evil.example", "null", test.node.url + ".evil.example"] {
                    let answer = try await browser.post(path, fields, token: form, origin: origin)
                    #expect(answer.status == 403, "\(path) \(origin)")
                }
                let body = Array(("form=" + form).utf8)
                for type in ["text/plain", "multipart/form-data; boundary=x", "application/json"] {
                    #expect(try await browser.send("POST", path, [("Content-Type", type)], body).status == 415)
                }
                let fetched = [
                    ("Content-Type", "application/x-www-form-urlencoded"), ("Sec-Fetch-Site", "cross-site"),
                ]
                #expect(try await browser.send("POST", path, fetched, body).status == 403)
                // Neither by the method that links use, nor with credentials that a browser remembers.
                let query = fields.map { "&\($0.0)=\($0.1.replacing(" ", with: "%20"))" }.joined()
                let linked = try await browser.get(path + "?form=" + form + query)
                #expect(linked.status == 200 || linked.status == 303 && linked.all("set-cookie").isEmpty)
                #expect(
                    try await client.request(
                        "POST",
                        path,
                        headers: [
                            ("Content-Type", "application/x-www-form-urlencoded"),
                            ("Cookie", "\(Self.cookie)=\(browser.cookies[Self.cookie] ?? "")"),
                        ],
                        body: body
                    ).status == 403
                )
            }
            // A page of another site signs nobody in as somebody else.
            let login = [("name", "anna"), ("password", secret), ("next", "/")]
            #expect(try await browser.post("/login", login, origin: "https://evil.example").status == 403)
            // The API knows no cookies.
            #expect(try await browser.get("/api/v1/account").status == 401)
            #expect(try await browser.get("/v2/land/app/tags/list").status == 401)
            // Nothing happened: the session is there, the role too, no token, not frozen.
            #expect(try await browser.get("/account").status == 200)
            #expect(try await test.accounts.tokens(of: "anna", by: test.admin).isEmpty)
            let land = try await test.accounts.namespace(named: "land", by: test.admin).namespace
            #expect(land.freeze == nil)
            #expect(try await test.accounts.members(of: "land", by: test.admin).map(\.role) == [.maintainer])
            #expect(try await Browser(test.nobody).signIn("anna", secret).status == 303)
        }
    }

    @Test(
        "7.2/56: signing in leads to no other host",
        arguments: [
            "//evil.example", "/\\evil.example", "https://evil.example/", "\\/evil.example", "/%09/evil.example\t",
            "javascript:alert(1)", "evil.example", "/\r\nLocation: https://evil.example", "", "/login", "/logout",
            "/" + String(repeating: "a", count: 3000), "/ä",
        ]
    )
    func next(place: String) async throws {
        try await TestNode.run { node in
            let answer = try await Browser(node.client).signIn("admin", node.secret, next: place)
            #expect(answer.status == 303 && answer["location"] == "/" && answer.all("location").count == 1)
        }
    }

    @Test("7.2/61: the page for signing in tells nobody which accounts there are, and makes guesses wait")
    func guesses() async throws {
        try await TestNode.run { node in
            let accounts = node.node.accounts
            let admin = try #require(try await accounts.authenticate(username: "admin", password: node.secret))
            let secret = try await accounts.createPerson("locked", organisation: nil, by: admin)
            try await accounts.setEnabled(false, "locked", by: admin)
            var shapes: Set<[String]> = []
            for (name, password) in [
                ("nobody", "guess guess guess"), ("admin", "guess guess guess"), ("locked", secret), ("", ""),
                ("admin' OR 1=1--", "x"), ("<script>", "kontor_x"),
            ] {
                let answer = try await Browser(node.client).signIn(name, password)
                #expect(answer.status == 401 && answer["set-cookie"] == nil)
                #expect(!answer.text.contains("guess") && !answer.text.contains("<script"))
                shapes.insert(answer.shape(without: []))
            }
            #expect(shapes.count == 1)
            var last = 401
            for _ in 0..<10 where last == 401 { last = try await Browser(node.client).signIn("admin", "falsch").status }
            #expect(last == 429)
            // By the generated secret, which nobody guesses, one gets in at any time.
            #expect(try await Browser(node.client).signIn("admin", node.secret).status == 303)
        }
    }

    @Test("a maintainer manages members on the page; a reader sees them, a stranger nothing")
    func members() async throws {
        try await PeopledNode.run { test in
            func browser(_ client: TestClient, _ name: String) async throws -> Browser {
                let browser = Browser(test.nobody)
                let secret = String(client.login?.dropFirst(name.count + 1) ?? "")
                #expect(try await browser.signIn(name, secret).status == 303)
                return browser
            }
            let anna = try await browser(test.person("anna", .maintainer, in: "land"), "anna")
            let ben = try await browser(test.person("ben", .reader, in: "land"), "ben")
            let eve = try await browser(test.person("eve", nil), "eve")
            let zoe = try await browser(test.person("zoe", .maintainer, in: "land"), "zoe")
            for path in ["/namespaces", "/namespaces?lang=en"] {
                #expect(try await anna.get(path).text.contains("href=\"/namespaces/land\""))
                #expect(try await !eve.get(path).text.contains("href=\"/namespaces/land\""))
                #expect(try await Browser(test.nobody).get(path).text.contains("href=\"/namespaces/bund\""))
            }
            #expect(try await eve.get("/namespaces/land").status == 404)
            #expect(try await Browser(test.nobody).get("/namespaces/land").status == 404)
            #expect(try await Browser(test.nobody).get("/namespaces/bund").status == 200)
            let seen = try await ben.get("/namespaces/land").text
            #expect(seen.contains("anna") && !seen.contains("value=\"remove\""))
            let form = try #require(try await anna.token("/namespaces/land"))
            func change(_ browser: Browser, _ fields: [(String, String)], _ token: String) async throws -> Int {
                try await browser.post("/namespaces/land", fields, token: token).status
            }
            let add = [("action", "set"), ("account", "eve"), ("role", "publisher")]
            #expect(try await change(ben, add, try #require(try await ben.token())) == 403)
            #expect(try await change(eve, add, try #require(try await eve.token())) == 404)
            #expect(try await change(anna, add, form) == 303)
            #expect(try await eve.get("/namespaces/land").status == 200)
            #expect(
                try await change(anna, [("action", "set"), ("account", "nobody"), ("role", "reader")], form) == 404
            )
            #expect(try await change(anna, [("action", "set"), ("account", "eve"), ("role", "king")], form) == 400)
            #expect(try await change(anna, [("action", "remove"), ("account", "eve")], form) == 303)
            #expect(try await eve.get("/namespaces/land").status == 404)

            let freeze = [("action", "freeze"), ("since", "2026-01-01T00:00")]
            #expect(try await change(anna, freeze, form) == 422)
            #expect(try await change(anna, freeze + [("sure", "yes")], form) == 303)
            #expect(try await !anna.get("/namespaces/land").text.contains("value=\"unfreeze\""))
            #expect(try await change(anna, [("action", "unfreeze")], form) == 403)
            #expect(try await zoe.get("/namespaces/land").text.contains("value=\"unfreeze\""))
            #expect(try await change(zoe, [("action", "unfreeze")], try #require(try await zoe.token())) == 303)
        }
    }
}
