// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Assessment
import Criteria
import Directory
import HTTPTypes
import JSON
import OCI
import Portal
import ProjectCriteria
import ProjectRegister
import Testing
import Time

@Suite("Replies and uses of source projects, on the page and in the API") struct ProjectReplyTests {
    private static let page = "/projects/stadt%2Ffach"
    private static let hostile = "<script>alert(1)</script>\"' onmouseover='x {{t.work}}"

    private static func say(_ text: String, _ project: String = "stadt/fach", token: String = "proof") -> [(
        String, String
    )] {
        [
            ("form", token), ("project", project), ("action", "say"), ("text", text), ("disputes", "yes"),
        ]
    }

    private static func send(
        _ site: TestSite,
        _ method: HTTPRequest.Method,
        _ path: String,
        _ body: JSONValue? = nil,
        as who: HTTPFields = ProjectSample.admin
    ) async throws -> Answer {
        var headers = who
        headers[.contentType] = "application/json"
        return try await site.get("/api/v1" + path, method: method, headers, body: body?.bytes() ?? [])
    }

    /// A project with somebody who only reads in its namespace.
    private static func sample() async throws -> (hidden: RegisteredProject, site: TestSite, reader: HTTPFields) {
        let sample = try await ProjectSample()
        var site = sample.site
        let accounts = Accounts(database: try #require(site.database), clock: .system)
        let admin = ProjectSample.operatorAccount
        _ = try await accounts.createPerson("rosa", organisation: "stadt", by: admin)
        try await accounts.setRole(.reader, of: "rosa", in: "stadt", by: admin)
        let id = try await accounts.members(of: "stadt", by: admin).first { $0.account == "rosa" }?.accountID
        site.people["rosa"] = Account(id: try #require(id), name: "rosa", isAdmin: false)
        return (sample.hidden, site, [.authorization: "Basic cm9zYTpnZWhlaW06bWl0"])
    }

    @Test(
        "a reply stands beside the level as text, with the form for those who maintain the project, and is taken back"
    )
    func page() async throws {
        let (_, site, reader) = try await Self.sample()
        let before = try await site.get(Self.page + "?lang=de", ProjectSample.admin)
        #expect(before.body.contains("Als Herausgeber antworten") && !before.body.contains("Antwort des Herausgebers"))
        let said = try await site.post("/replies", Self.say(Self.hostile))
        #expect(said.status == 303 && said.header("Location") == Self.page + "#answer", "\(said.body)")
        for (headers, maySay) in [(ProjectSample.admin, true), (reader, false), ([:], false)] {
            for language in Language.allCases {
                var visited = site
                if headers.isEmpty { visited.formToken = nil }
                let answer = try await visited.get(Self.page + "?lang=\(language)", headers)
                // What looks like a template's place stands there as it was written.
                let markup = try Markup(answer.body, isHTML: true)
                #expect(markup.all("script").isEmpty)
                let escaped = "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39; onmouseover=&#39;x {{t.work}}"
                #expect(answer.body.contains(escaped))
                let asides = markup.all("aside").compactMap { $0.attributes["aria-label"] }
                #expect(asides == [language == .de ? "Antwort des Herausgebers" : "Reply of the publisher"])
                #expect(
                    answer.body.contains(
                        language == .de
                            ? "Stadt Beispiel hält diese Stufe für falsch:"
                            : "Stadt Beispiel thinks that this level is wrong:"
                    )
                )
                #expect(!answer.body.contains("Die Antwort galt") && !answer.body.contains("The reply was to"))
                #expect(answer.body.contains("action=\"/replies\"") == maySay)
            }
        }
        let shown = try Markup(try await site.get(Self.page, ProjectSample.admin).body, isHTML: true)
        let fields = shown.all("input").filter { $0.attributes["name"] == "project" }
        #expect(fields.count >= 2 && fields.allSatisfy { $0.attributes["value"] == "stadt/fach" })
        let reply = try #require(shown.all("input").first { $0.attributes["name"] == "reply" }?.attributes["value"])
        let ended = try await site.post(
            "/replies",
            [("form", "proof"), ("project", "stadt/fach"), ("action", "end"), ("reply", reply)]
        )
        #expect(ended.status == 303, "\(ended.body)")
        #expect(try await !site.get(Self.page + "?lang=de").body.contains("Antwort des Herausgebers"))
    }

    @Test("a reply to another level, another commit or another check says so, in both languages and in the API")
    func outdated() async throws {
        let sample = try await ProjectSample()
        let (site, register) = (sample.site, sample.register)
        let path = "/projects/\(sample.open.id)"
        #expect(try await site.post("/replies", Self.say("Dazu unser Wort.")).status == 303)
        func outdated() async throws -> JSONValue? {
            let twin = try await Self.send(site, .get, path + "/reply", as: [:]).json()["reply"]
            #expect(try await site.get("/api/v1" + path).json()["reply"] == twin)
            return twin?["outdated"]
        }
        #expect(try await outdated() == .null)
        let stored = try #require(try await register.verdict(of: sample.open))
        let commit = try #require(try stored.verdict().commit)
        let first = try await Self.send(site, .get, path + "/reply").json()["reply"]
        #expect(first?["revision"]?.stringValue == commit && first?["project"] == "stadt/fach")
        #expect(first?["resultsSince"]?.stringValue == stored.since.rfc3339)
        #expect(first?["level"] == "none" && first?["disputes"] == true && first?["author"] == "Stadt Beispiel")

        let day = Duration.seconds(86_400)
        func record(_ change: (inout ProjectAssessment) throws -> Void, after days: Int) async throws {
            let instant = (ProjectSample.times.last ?? Sample.now) + day * days
            var assessment = try ProjectSample.assessment(2, at: instant)
            try change(&assessment)
            try await register.record(assessment, for: sample.open.id, at: instant)
        }
        // The next day's check that comes to the same is no news; one of another commit is.
        try await record({ _ in }, after: 1)
        let next = try #require(try await register.verdict(of: sample.open))
        #expect(next.since == stored.since && next.checkedAt > stored.checkedAt)
        #expect(try await outdated() == .null)
        try await record(
            { assessment in
                for index in assessment.verdicts.indices {
                    assessment.verdicts[index].commit = String(repeating: "cd", count: 20)
                }
            },
            after: 2
        )
        #expect(try await outdated() == "revision")
        let other = try await site.get(Self.page + "?lang=de").body
        #expect(other.contains("Die Antwort galt einem anderen Stand des Quelltexts"))
        #expect(other.contains("Commit abababababab."))
        #expect(try await site.get(Self.page + "?lang=en").body.contains("The reply was to another revision"))
        // The same commit with other results, and then with another level: nobody can tell any more.
        try await record(
            { assessment in
                for index in assessment.verdicts.indices {
                    let result = assessment.verdicts[index].results.firstIndex { $0.criterion.result == .pass }
                    assessment.verdicts[index].results[try #require(result)].criterion.result = .notApplicable
                }
            },
            after: 3
        )
        #expect(try await outdated() == "check")
        #expect(try await site.get(Self.page + "?lang=de").body.contains("dem Ergebnis einer anderen Prüfung"))
        try await record(
            { assessment in
                for verdict in assessment.verdicts.indices {
                    for index in assessment.verdicts[verdict].results.indices
                    where assessment.verdicts[verdict].results[index].criterion.result == .fail {
                        assessment.verdicts[verdict].results[index].criterion.result = .unknown
                    }
                }
            },
            after: 4
        )
        #expect(try await outdated() == "level")
        let german = try await site.get(Self.page + "?lang=de")
        #expect(german.body.contains("Die Antwort galt einer anderen Stufe als der jetzigen: Keine Stufe."))
        try PageTests.expectSound(german, .de)
        try PageTests.expectSound(try await site.get(Self.page + "?lang=en"), .en)
    }

    @Test("who may not answer does not, by no form and no request, and what may not be known of is not there")
    func rights() async throws {
        let (secret, site, reader) = try await Self.sample()
        var stranger = site
        stranger.formToken = nil
        for (target, token) in [(site, "guessed"), (stranger, "proof")] {
            #expect(try await target.post("/replies", Self.say("x", token: token)).status == 403)
        }
        for (project, status) in [("stadt/nichts", 404), ("X", 404), ("", 404), ("../..", 404)] {
            #expect(try await site.post("/replies", Self.say("x", project)).status == status, "\(project)")
        }
        #expect(try await site.post("/replies", Self.say("")).status == 422)
        #expect(try await site.post("/replies", [("form", "proof"), ("project", "stadt/fach")]).status == 400)
        let bodies: [(JSONValue, Int)] = [
            (["project": "stadt/fach", "text": "x"], 403), (["project": "stadt/geheim", "text": "x"], 403),
            (["project": "stadt/nichts", "text": "x"], 404),
        ]
        for (body, status) in bodies {
            let answer = try await Self.send(site, .post, "/replies", body, as: reader)
            #expect(answer.status == status, "\(answer.body)")
            #expect(try await Self.send(site, .post, "/replies", body, as: [:]).status == 401)
        }
        // One who is no member may not even know of what is for members.
        let accounts = Accounts(database: try #require(site.database), clock: .system)
        try await accounts.setRole(nil, of: "rosa", in: "stadt", by: ProjectSample.operatorAccount)
        let hidden = try await Self.send(site, .post, "/replies", ["project": "stadt/geheim", "text": "x"])
        #expect(hidden.status == 201, "\(hidden.body)")
        for path in ["/reply", "/uses", ""] {
            let target = "/projects/\(secret.id)" + path
            #expect(try await Self.send(site, .get, target, as: reader).status == 404, "\(path)")
            #expect(try await Self.send(site, .get, target, as: [:]).status == 404)
            #expect(try await Self.send(site, .get, target).status == 200)
        }
        let id = try #require(try hidden.json()["id"]?.intValue)
        for path in ["/replies/\(id)", "/replies/77", "/replies/x"] {
            #expect(try await Self.send(site, .delete, path, as: reader).status == 404, "\(path)")
        }
        #expect(try await Self.send(site, .delete, "/replies/\(id)").status == 204)
        #expect(try await Self.send(site, .delete, "/replies/\(id)").status == 404)
    }

    @Test("the API takes an image as before or a project, and never both or none of them")
    func eitherOf() async throws {
        var site = try await ProjectSample().site
        site.states = [(Sample.digest, Sample.ready(try Sample.verdict()))]
        site.repositories = [
            .init(
                name: try RepositoryName(parsing: "team/app"),
                firstSeen: Sample.now,
                tag: nil,
                digest: Sample.digest,
                standing: .pending
            )
        ]
        func use(_ members: [String: JSONValue]) async throws -> Answer {
            let usual: [String: JSONValue] = ["organisation": "stadt", "since": "2026-01-05", "purpose": "Wohngeld"]
            return try await Self.send(site, .post, "/uses", .object(usual.merging(members) { $1 }))
        }
        for (members, subject) in [
            (["project": "stadt/fach"], "project:stadt/fach"), (["image": "team/app"], "image:team/app"),
        ] as [([String: JSONValue], String)] {
            let made = try await use(members)
            #expect(try made.status == 201 && made.json()["subject"]?.stringValue == subject, "\(made.body)")
        }
        let both: [String: JSONValue] = ["image": "team/app", "project": "stadt/fach"]
        for members in [both, [:]] {
            #expect(try await use(members).status == 400)
            let body = JSONValue.object(members.merging(["text": "x"]) { $1 })
            #expect(try await Self.send(site, .post, "/replies", body).status == 400)
        }
        for name in ["stadt/nichts", "", "stadt/fach\u{0}", "Stadt/Fach"] {
            #expect(try await use(["project": .string(name)]).status == 404, "\(name)")
        }
        let reply = try await Self.send(site, .post, "/replies", ["image": "team/app", "text": "Wort"]).json()
        #expect(reply["repository"] == "team/app" && reply["digest"]?.stringValue == Sample.digest.description)
        #expect(reply["project"] == .null && reply["outdated"] == .null && reply["level"] == "none")
        let twin = try await Self.send(site, .get, "/images/team/app/reply").json()["reply"]
        #expect(twin == reply)
        // The level of the same image changed since.
        let database = try #require(site.database)
        let directory = Directory(database: database, accounts: Accounts(database: database, clock: .system))
        _ = try await directory.reply(
            "Damals.",
            disputes: false,
            to: .image(try RepositoryName(parsing: "team/app"), Sample.digest, .gold),
            by: ProjectSample.operatorAccount
        )
        #expect(try await Self.send(site, .get, "/images/team/app/reply").json()["reply"]?["outdated"] == "level")
        let page = try await site.get("/images/team/app?lang=de")
        #expect(page.body.contains("Damals.") && page.body.contains("einer anderen Stufe als der jetzigen: Gold."))
        let uses = try await Self.send(site, .get, "/projects/1/uses", as: [:]).json()
        #expect(uses["items"]?.arrayValue?.compactMap { $0["subject"]?.stringValue } == ["project:stadt/fach"])
        let id = try #require(uses["items"]?[0]?["id"]?.intValue)
        #expect(try await Self.send(site, .delete, "/uses/\(id)").status == 204)
        #expect(try await Self.send(site, .get, "/projects/1/uses").json()["items"]?.arrayValue?.isEmpty == true)
    }

    @Test("a project that is forgotten takes its reply along: another one of its name begins without it")
    func forgotten() async throws {
        let sample = try await ProjectSample()
        let body: JSONValue = ["project": "stadt/fach", "text": "Unser Wort."]
        let said = try await Self.send(sample.site, .post, "/replies", body)
        #expect(said.status == 201, "\(said.body)")
        let id = try #require(try said.json()["id"]?.intValue)
        try await sample.register.remove(sample.open.id, by: ProjectSample.operatorAccount)
        let again = try await sample.register.register(
            ProjectRegistration(name: "stadt/fach", url: ProjectSample.url, visibility: .everybody),
            by: ProjectSample.operatorAccount
        ).project
        #expect(try await Self.send(sample.site, .get, "/projects/\(again.id)/reply").json()["reply"] == .null)
        #expect(try await Self.send(sample.site, .delete, "/replies/\(id)").status == 404)
        // Before its first check a project has no level; that can be answered to, too.
        let early = try await Self.send(sample.site, .post, "/replies", body).json()
        #expect(early["level"] == .null && early["revision"] == .null && early["resultsSince"] == .null)
        let events = try await Self.send(sample.site, .get, "/audit-events?limit=100").json()
        let own = (events["items"]?.arrayValue ?? []).filter { $0["subject"]?.stringValue == "project:stadt/fach" }
            .compactMap { $0["action"]?.stringValue }.filter { $0.hasPrefix("directory.") }
        #expect(own.sorted() == ["directory.reply", "directory.reply", "directory.replyEnded"], "\(events)")
    }
}
