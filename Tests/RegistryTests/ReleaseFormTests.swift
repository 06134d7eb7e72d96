// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Audit
import Database
import JSON
import Node
import NodeTestKit
import OCI
import Policies
import Registry
import TestKit
import Testing
import Time

/// Releasing on the page of an image, with a whole node and its real signer.
@Suite("Releases by a form", .enabled(if: (try? builtProduct("kontor")) != nil, "kontor is not built"))
struct ReleaseFormTests {
    @Test("a maintainer releases with the form: the tag is set, everything is signed, and the page says so")
    func whole() async throws {
        try await FormNode.run { site in
            let anna = try await site.browser("anna", .maintainer)
            let page = try await anna.get(site.page + "?lang=de")
            #expect(page.status == 200 && page.text.contains("<h2 id=\"release\">Freigeben</h2>"), "\(page.text)")
            #expect(page.text.contains("noch nichts freigegeben") && page.text.contains("Die Schranke wird geprüft"))
            let token = Browser.token(in: page.text)
            let sent = try await anna.post("/releases", site.fields("1.0"), token: token)
            #expect(sent.status == 303 && sent["Location"] == site.page + "#release", "\(sent.status) \(sent.text)")
            let release = try await site.ended()
            #expect(release["state"]?.stringValue == "signed" && release["requestedBy"] == "anna", "\(release)")
            #expect(try await site.digest(of: "1.0") == site.digest)
            guard case .integer(let number)? = release["id"] else { return }
            let whole = try await site.test.admins.request("GET", "/api/v1/releases/\(number)").json
            let forms = (whole?["signatures"]?.arrayValue ?? []).compactMap { $0["form"]?.stringValue }
            #expect(Set(forms) == ["cosign", "bundle", "openpgp"])
            for (language, word) in [("de", "signiert und im Protokoll"), ("en", "signed and in the log")] {
                let after = try await anna.get(site.page + "?lang=\(language)").text
                #expect(after.contains("<th scope=\"row\">1.0</th>") && after.contains(">anna</td>"))
                #expect(after.contains(word), "\(language)")
            }
        }
    }

    @Test("in an internal namespace the release is signed and not logged, and its row says so")
    func hidden() async throws {
        try await FormNode.run(namespace: "land") { site in
            let anna = try await site.browser("anna", .maintainer)
            let token = try await anna.token(site.page)
            #expect(try await anna.post("/releases", site.fields("1.0"), token: token).status == 303)
            #expect(try await site.ended()["state"]?.stringValue == "signed")
            let after = try await anna.get(site.page + "?lang=en").text
            #expect(after.contains("signed, not in the log"))
            // Who may not see the image learns nothing, not even that there is one.
            let stranger = try await site.browser("fremd", nil, of: "bund")
            #expect(try await stranger.get(site.page).status == 404)
            let answer = try await stranger.post("/releases", site.fields("2.0"), token: try await stranger.token())
            #expect(answer.status == 404 && !answer.text.contains("name=\"tag\""))
        }
    }

    @Test("publishers, readers and strangers see no form, and what they send all the same changes nothing")
    func others() async throws {
        try await FormNode.run { site in
            for (name, role) in [("bauer", Role.publisher), ("leser", .reader), ("gast", nil)] {
                let browser = try await site.browser(name, role)
                let page = try await browser.get(site.page)
                #expect(page.status == 200 && !page.text.contains("/releases"), "\(name)")
                let answer = try await browser.post(
                    "/releases",
                    site.fields("1.0"),
                    token: try await browser.token()
                )
                #expect(answer.status == 403 && answer.text.contains("only maintainers"), "\(name)")
                // They learn nothing about a tag that is taken.
                let taken = try await browser.post(
                    "/releases?lang=en",
                    site.fields("other"),
                    token: try await browser.token()
                )
                #expect(taken.status == 403 && !taken.text.contains("stands for another image"), "\(name)")
            }
            let nobody = Browser(site.test.node.client)
            let seen = try await nobody.get(site.page)
            #expect(seen.status == 200 && !seen.text.contains("id=\"release\""))
            #expect(try await nobody.get("/releases").status == 303)
            #expect(try await nobody.post("/releases", site.fields("1.0")).status == 403)
            // A password in a header is no session: other pages could make a browser send it.
            let anna = try await site.test.person("anna", .maintainer)
            let page = try await anna.request("GET", site.page)
            #expect(page.status == 200 && !page.text.contains("id=\"release\""))
            #expect(try await site.releases().isEmpty)
        }
    }

    @Test("a form without the token of its session, or of another page's making, is refused")
    func token() async throws {
        try await FormNode.run { site in
            let anna = try await site.browser("anna", .maintainer)
            let token = try await anna.token(site.page)
            #expect(try await anna.post("/releases", site.fields("1.0")).status == 403)
            #expect(try await anna.post("/releases", site.fields("1.0"), token: "guessed").status == 403)
            let foreign = try await anna.post(
                "/releases",
                site.fields("1.0"),
                token: token,
                origin: "https://evil.example.org"
            )
            #expect(foreign.status == 403)
            #expect(try await anna.get("/releases").status == 303)
            #expect(try await anna.send("PUT", "/releases", [], []).status == 405)
            // By digest alone: a tag could be moved before it is signed.
            let byTag = try await anna.post(
                "/releases",
                [("image", "\(site.repository):candidate"), ("tag", "1.0")],
                token: token
            )
            #expect(byTag.status == 400)
            let unknown = try await anna.post(
                "/releases",
                [("image", "\(site.repository)@\(Digest.sha256([]))"), ("tag", "1.0")],
                token: token
            )
            #expect(unknown.status == 404)
            #expect(try await site.releases().isEmpty)
        }
    }

    @Test("a refusal by the gate has the rule's own sentence, in German and in English")
    func gate() async throws {
        try await FormNode.run { site in
            try await site.test.setPolicy(#"{"pull":[{"level":"gold"}]}"#)
            let anna = try await site.browser("anna", .maintainer)
            for (language, sentence) in [
                ("de", "verlangt ist mindestens gold (Richtlinie Revision 1, pull[0])."),
                ("en", "at least gold is demanded (policy revision 1, pull[0])."),
            ] {
                let token = try await anna.token(site.page)
                let answer = try await anna.post("/releases?lang=\(language)", site.fields("1.0"), token: token)
                #expect(answer.status == 409 && answer.text.contains(sentence), "\(answer.text)")
                #expect(answer.text.contains("id=\"error\" role=\"alert\""))
                #expect(answer.text.contains("value=\"1.0\"") && answer.text.contains("/namespaces/bund/policies"))
            }
            #expect(try await site.digest(of: "1.0") == nil)
            #expect(try await site.releases().isEmpty)
            // The API says the same, with the same status.
            let asked: JSONValue = ["image": .string(site.image), "tag": "1.0"]
            let answer = try await site.test.send("POST", "/releases", asked, as: site.test.admins)
            #expect(answer.status == 409 && answer.text.contains("is not given out and so not released"))
        }
    }

    @Test("a tag that stands for another image moves only after somebody said so, and only from that image")
    func taken() async throws {
        try await FormNode.run { site in
            let anna = try await site.browser("anna", .maintainer)
            let token = try await anna.token(site.page)
            func send(_ tag: String, _ replaces: String?) async throws -> Answer {
                let more = replaces.map { [("replaces", $0)] } ?? []
                return try await anna.post("/releases?lang=en", site.fields(tag) + more, token: token)
            }
            let first = try await site.digest(of: "other")
            let other = try #require(first)
            for wrong in [nil, "yes", "other@\(site.digest)", "1.0@\(other)"] {
                let asked = try await send("other", wrong)
                #expect(asked.status == 409 && asked.text.contains("stands for another image"), "\(asked.text)")
                #expect(asked.text.contains("value=\"other@\(other)\"") && asked.text.contains("/images/"))
            }
            #expect(try await site.digest(of: "other") == other)
            #expect(try await site.releases().isEmpty)
            #expect(try await send("other", "other@\(other)").status == 303)
            #expect(try await site.ended()["state"]?.stringValue == "signed")
            #expect(try await site.digest(of: "other") == site.digest)
            // What stands for this image already needs no word.
            #expect(try await send("candidate", nil).status == 303)
        }
    }

    @Test("a rule against moving the tag makes the release fail, and its row says which")
    func immutable() async throws {
        try await FormNode.run { site in
            try await site.test.setPolicy(#"{"immutableTags":[{"tags":["other"]}]}"#)
            let anna = try await site.browser("anna", .maintainer)
            let other = try #require(try await site.digest(of: "other"))
            let sent = try await anna.post(
                "/releases",
                site.fields("other") + [("replaces", "other@\(other)")],
                token: try await anna.token(site.page)
            )
            #expect(sent.status == 303)
            #expect(try await site.ended()["state"]?.stringValue == "failed")
            let page = try await anna.get(site.page + "?lang=de").text
            #expect(page.contains("gescheitert <span class=\"muted\" lang=\"en\">a rule of the namespace"))
            #expect(try await site.digest(of: "other") == other)
        }
    }

    @Test("what is no tag, or a name for signatures, stands with its field, and what was typed is text")
    func field() async throws {
        let hostile = "\"><script>alert(1)</script><img src=x onerror=alert(2)>' {{t.work}}"
        try await FormNode.run { site in
            let anna = try await site.browser("anna", .maintainer)
            let token = try await anna.token(site.page)
            for (tag, status) in [
                ("", 422), ("-v1", 422), ("größe", 422), (String(repeating: "a", count: 129), 422), (hostile, 422),
                ("sha256-\(String(repeating: "0", count: 64)).sig", 409),
            ] {
                let answer = try await anna.post("/releases?lang=en", site.fields(tag), token: token)
                #expect(answer.status == status, "\(tag): \(answer.text)")
                let bound = "aria-invalid=\"true\" aria-describedby=\"release-tag-help error\""
                #expect(answer.text.contains(bound), "\(tag)")
                #expect(answer.text.contains("Nothing was released"), "\(tag)")
                #expect(!answer.text.contains("<script") && !answer.text.contains("<img"))
                guard tag == hostile else { continue }
                #expect(answer.text.contains("value=\"&quot;&gt;&lt;script&gt;alert(1)"))
                #expect(answer.text.contains("{{t.work}}"))
            }
            #expect(try await site.releases().isEmpty)
        }
    }

    @Test("in a frozen namespace, and of what was taken down, the page says why there is no form")
    func hindered() async throws {
        try await FormNode.run { site in
            let anna = try await site.browser("anna", .maintainer)
            let token = try await anna.token(site.page)
            let ask: JSONValue = ["image": .string(site.image), "reason": "Test", "legalReference": "Az. 1"]
            let asked = try await site.test.send("POST", "/takedowns", ask, as: site.test.admins)
            let id = asked.json?["id"]?.intValue ?? 0
            let second = try await site.test.secondOperator()
            #expect(try await site.test.send("POST", "/takedowns/\(id)/confirmation", as: second).status == 200)
            let down = try await anna.get(site.page + "?lang=en").text
            #expect(down.contains("was taken down for legal reasons and cannot be released"))
            #expect(!down.contains("action=\"/releases\""))
            #expect(try await anna.post("/releases", site.fields("1.0"), token: token).status == 409)
            _ = try await site.test.accounts.freeze("bund", since: WallClock.system.now(), by: site.test.admin)
            let frozen = try await anna.get(site.page + "?lang=de").text
            #expect(frozen.contains("Der Namensraum ist eingefroren.") && !frozen.contains("action=\"/releases\""))
            let answer = try await anna.post("/releases", site.fields("1.0"), token: token)
            #expect(answer.status == 403 && answer.text.contains("the namespace is frozen"), "\(answer.text)")
            #expect(try await site.releases().isEmpty)
        }
    }
}

/// A node with an image that waits to be released, and another one under the tag `other`.
private struct FormNode: Sendable {
    let test: PeopledNode
    let repository: String
    let digest: Digest

    var image: String { "\(repository)@\(digest)" }
    var page: String { "/images/\(image)" }

    static func run(
        namespace: String = "bund",
        _ body: @Sendable @escaping (FormNode) async throws -> Void
    ) async throws {
        // What the node says of its own accord has entries of the log of its own.
        try await PeopledNode.run(configure: { $0.attests = false }) { test in
            let repository = "\(namespace)/app"
            let other = ImageBuilder.debian(package: "openssl", version: "3.0.1")
            try await test.admins.push(other, to: repository, tag: "other")
            let built = ImageBuilder.debian(package: "openssl", version: "3.0.2")
            let digest = try await test.admins.push(built, to: repository, tag: "candidate")
            let site = FormNode(test: test, repository: repository, digest: digest)
            let verdict = try await test.admins.verdict(of: site.image)
            try #require(verdict != nil)
            try await body(site)
        }
    }

    func fields(_ tag: String) -> [(String, String)] { [("image", image), ("tag", tag)] }

    /// Somebody with a role where the image lies, signed in on a page.
    func browser(_ name: String, _ role: Role?, of organisation: String? = nil) async throws -> Browser {
        let namespace = String(repository.prefix { $0 != "/" })
        let secret = try await test.accounts.createPerson(name, organisation: organisation ?? namespace, by: test.admin)
        if let role { try await test.accounts.setRole(role, of: name, in: namespace, by: test.admin) }
        let browser = Browser(test.node.client)
        #expect(try await browser.signIn(name, secret).status == 303)
        return browser
    }

    func digest(of tag: String) async throws -> Digest? {
        try await test.node.node.registry.resolve(try RepositoryName(parsing: repository), try OCI.Tag(parsing: tag))
    }

    func releases() async throws -> [JSONValue] {
        let answer = try await test.admins.request("GET", "/api/v1/releases?repository=\(repository)")
        return try #require(answer.json?["items"]?.arrayValue, "\(answer.text)")
    }

    /// The newest release, once it is over.
    func ended() async throws -> JSONValue {
        for _ in 0..<600 {
            guard let newest = try await releases().first else {
                Issue.record("there is no release")
                return .null
            }
            if newest["state"]?.stringValue != "pending" { return newest }
            try await Task.sleep(for: .milliseconds(100))
        }
        Issue.record("the release is pending for a minute")
        return .null
    }
}
