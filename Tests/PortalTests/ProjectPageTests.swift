// SPDX-License-Identifier: EUPL-1.2

import Criteria
import Database
import HTTPTypes
import JSON
import OCI
import Portal
import ProjectCriteria
import ProjectRegister
import SBOM
import Testing
import Time

@Suite("Pages of source projects")
struct ProjectPageTests {
    private static let page = "/projects/stadt%2Ffach"

    private static func form(_ fields: [(String, String)], token: String = "proof") -> [(String, String)] {
        let given = Set(fields.map(\.0))
        let usual = [
            ("action", "register"), ("namespace", "stadt"), ("name", "neu"), ("title", "Neues & Gutes"),
            ("url", "https://git.example.org/stadt/neu"), ("token", ""),
        ]
        return [("form", token)] + usual.filter { !given.contains($0.0) } + fields
    }

    @Test(
        "every page is sound markup in both languages, and small",
        arguments: [
            page, "/projects/stadt/fach", "/projects", "/projects?namespace=stadt", "/criteria/SRC-SEC-01",
            "/criteria/OC-SEC-06", "/criteria",
        ],
        Language.allCases
    )
    func sound(_ path: String, _ language: Language) async throws {
        let site = try await ProjectSample().site
        for headers in [[:], ProjectSample.admin] as [HTTPFields] {
            let answer = try await site.get(path + (path.contains("?") ? "&" : "?") + "lang=\(language)", headers)
            try PageTests.expectSound(answer, language)
            let sheet = try #require(Markup(answer.body, isHTML: true).all("link").first?.attributes["href"])
            let size = try await answer.body.utf8.count + site.get(sheet).body.utf8.count
            #expect(size < 100_000, "\(size)")
        }
    }

    @Test("the page answers first: level, three badges each with why in at most three sentences, steps, commands")
    func answerFirst() async throws {
        let sample = try await ProjectSample()
        let answer = try await sample.site.get(Self.page + "?lang=de")
        let page = try Markup(answer.body, isHTML: true)
        let places = [
            "<h1", "Keine Stufe", "Sicherheit", "Bronze ist erreicht: Alle", "Wartung", "Nachnutzung",
            "Bronze ist nicht erreicht.", "Für Bronze nicht erfüllt:", "Schritte bis Bronze", "Bewertet am",
            "git clone -- https://git.example.org/stadt/fach.git",
            "kontor project check https://git.example.org/stadt/fach.git", "Stufe im Lauf der Zeit",
            "Kriterien für Quellprojekte", "Nicht erfüllt (", "Badges von openCode, nachgerechnet", "Images aus diesem",
            "Noch hat niemand eine Nutzung eingetragen.", "Plaketten einbinden",
        ]
        var rest = answer.body[...]
        for place in places {
            let found = try #require(rest.firstRange(of: place), "\(place)")
            rest = rest[found.upperBound...]
        }
        #expect(page.all("svg").isEmpty == false && page.all("circle").isEmpty == false)
        // The history cannot tell whether bronze was missed or unknown, and does not pretend to.
        #expect(answer.body.contains("01.11.2026: Keine Stufe, oder unbekannt"))
        #expect(
            answer.body.contains(
                "[![Sicherheit](https://registry.example:5000/api/v1/projects/\(sample.open.id)/badges/SECURITY.svg?lang=de)]"
                    + "(https://registry.example:5000/projects/stadt%2Ffach)"
            )
        )
        for card in answer.body.split(separator: "<div class=\"card\">").dropFirst() {
            let list = try #require(card.firstRange(of: "</ul>"))
            let sentences = card[..<list.lowerBound].ranges(of: "<li>").count
            #expect((1...3).contains(sentences))
        }
        // The same verdicts as the interface's.
        let verdict = try #require(try await sample.register.verdict(of: sample.open)).verdict()
        for result in verdict.results { #expect(answer.body.contains(">\(result.criterion.id)</a>")) }
    }

    @Test("what nobody could look at is said to be unknown, with what would settle it")
    func unknown() async throws {
        let sample = try await ProjectSample()
        let now = WallClock.system.now()
        var assessment = try ProjectSample.assessment(0, at: now)
        // Of the project as a whole too: nothing is seen to be missed.
        for index in assessment.verdicts.indices {
            assessment.verdicts[index].results = assessment.verdicts[index].results.map { result in
                var result = result
                if result.criterion.result == .fail { result.criterion.result = .unknown }
                return result
            }
        }
        try await sample.register.record(assessment, for: sample.open.id, at: now)
        let answer = try await sample.site.get(Self.page + "?lang=en")
        #expect(answer.body.contains("<span class=\"level level-unknown\">"))
        #expect(answer.body.contains("Whether bronze is reached is unknown"))
        #expect(answer.body.contains("a reading token for the forge&#39;s interface"))
        #expect(answer.body.contains("This would settle it:"))
        #expect(!answer.body.contains("Bronze is not reached."))
        #expect(answer.body.contains("next check at the latest"))
    }

    @Test("before the first check the page says so, and after checks that failed it says since when and why")
    func states() async throws {
        let sample = try await ProjectSample()
        let fresh = try await sample.register.register(
            ProjectRegistration(name: "stadt/neu", url: "https://git.example.org/stadt/neu", visibility: .everybody),
            by: ProjectSample.operatorAccount
        ).project
        let waiting = try await sample.site.get("/projects/stadt%2Fneu?lang=en")
        try PageTests.expectSound(waiting, .en)
        #expect(waiting.body.contains("The first check is due") && !waiting.body.contains("class=\"level"))
        let database = try #require(sample.site.database)
        for id in [fresh.id, sample.open.id] {
            try await database.write { t in
                try t.execute(
                    Statement(
                        "test.failed",
                        "UPDATE registered_projects SET failure = ?, failing_since = ?, failures = 1 WHERE id = ?"
                    ),
                    [.text("<b>git.example.org</b> did not answer"), .time(Sample.now), .integer(id)]
                )
            }
        }
        for path in ["/projects/stadt%2Fneu", Self.page] {
            let failed = try await sample.site.get(path + "?lang=en")
            #expect(failed.body.contains("Each check has failed since 22 November 2026, 09:14 UTC"))
            #expect(failed.body.contains("&lt;b&gt;git.example.org&lt;/b&gt; did not answer"))
        }
        #expect(try await sample.site.get("/projects/stadt%2Fneu?lang=en").body.contains("No check has succeeded yet"))
        #expect(try await sample.site.get("/projects?lang=en").body.contains("the last check failed"))
    }

    @Test(
        "hostile text stays text in every field that a stranger can set",
        arguments: [
            "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='x", "{{content}}",
            "x\"\u{301} onmouseover=\"\u{301}alert(1)", "](javascript:alert(1))`",
        ]
    )
    func hostile(_ text: String) async throws {
        let sample = try await ProjectSample(title: text)
        let now = WallClock.system.now()
        var assessment = try ProjectSample.assessment(2, at: now)
        for index in assessment.verdicts.indices {
            assessment.verdicts[index].commit = text
            assessment.verdicts[index].branch = text
            assessment.verdicts[index].findings = [Sample.finding("CVE-\(text)", component: text)]
            for result in assessment.verdicts[index].results.indices {
                let said = LocalizedText(de: text, en: text)
                assessment.verdicts[index].results[result].criterion.explanation = said
                assessment.verdicts[index].results[result].criterion.evidence = [
                    CriterionEvidence(kind: .file, strength: .declared, text: text, path: text)
                ]
            }
        }
        try await sample.register.record(assessment, for: sample.open.id, at: now)
        for path in [Self.page, "/projects", "/projects?namespace=stadt"] {
            for language in Language.allCases {
                let separator = path.contains("?") ? "&" : "?"
                let answer = try await sample.site.get("\(path)\(separator)lang=\(language)", ProjectSample.admin)
                // What looks like a template's place stands there as it was written.
                if !text.contains("{{") { try PageTests.expectSound(answer, language) }
                let page = try Markup(answer.body, isHTML: true)
                #expect(page.all("img").isEmpty && page.all("script").isEmpty)
            }
        }
        // A list shows what it was refused with as text, too.
        let refused = try await sample.site.post("/projects", Self.form([("url", text), ("name", text)]))
        #expect(refused.status == 422)
        let page = try Markup(refused.body, isHTML: true)
        #expect(page.all("script").isEmpty && page.all("img").isEmpty)
        #expect(page.elements.allSatisfy { element in !element.attributes.keys.contains { $0.hasPrefix("on") } })
    }

    @Test("strangers see what is for everybody alone, and change nothing")
    func rights() async throws {
        let sample = try await ProjectSample()
        let site = sample.site
        for path in [
            "/projects/stadt%2Fgeheim", "/projects/stadt%2Fnichts", "/projects/%zz", "/projects/", "/projects/X",
        ] {
            #expect(try await site.get(path).status == 404, "\(path)")
        }
        #expect(try await site.get("/projects/stadt%2Fgeheim", ProjectSample.admin).status == 200)
        let list = try await site.get("/projects")
        #expect(list.body.contains("stadt/fach") && !list.body.contains("geheim") && !list.body.contains("<form class"))
        let known = try await site.get("/projects?namespace=stadt", ProjectSample.admin)
        #expect(known.body.contains("stadt/geheim") && known.body.contains("action=\"/projects\""))
        #expect(try await site.get("/projects?namespace=nichts").status == 404)
        var stranger = site
        stranger.formToken = nil
        for target in [site, stranger] {
            let answer = try await target.post("/projects", Self.form([], token: "guessed"))
            #expect(answer.status == 403)
        }
        #expect(try await site.get("/projects/stadt%2Ffach", method: .post).status == 405)
        #expect(try await sample.register.projects(for: ProjectSample.operatorAccount).projects.count == 2)
    }

    @Test("a maintainer registers a project with a form; the secret for the webhook is shown once, the token never")
    func registration() async throws {
        let sample = try await ProjectSample()
        let done = try await sample.site.post(
            "/projects?lang=en",
            Self.form([("visibility", "public"), ("token", "glpat-very-secret")])
        )
        #expect(done.status == 201, "\(done.body)")
        try #expect(Markup(done.body, isHTML: true).all("h1").count == 1)
        #expect(done.body.contains("Registered; the first check is due") && done.body.contains("kph_"))
        #expect(!done.body.contains("glpat-very-secret") && done.header("Cache-Control") == "no-store")
        let made = try await sample.register.project(named: "stadt/neu", for: nil)
        #expect(made.title == "Neues & Gutes" && made.hasForgeToken && made.visibility == .everybody)
        #expect(done.body.contains("/api/v1/projects/\(made.id)/webhook"))
        let again = try await sample.site.get("/projects?namespace=stadt", ProjectSample.admin)
        #expect(!again.body.contains("kph_"))
        let checked = try await sample.site.post(
            "/projects",
            [("form", "proof"), ("action", "check"), ("project", "stadt/neu")]
        )
        #expect(checked.status == 303 && checked.header("Location") == "/projects/stadt%2Fneu")
    }

    @Test(
        "what is wrong stands with its field, and what was typed stays",
        arguments: [
            ("name", "Groß Klein", "name", 422), ("name", "", "name", 422), ("name", "../../land", "name", 422),
            ("url", "ftp://git.example.org/x", "url", 422), ("url", "https://git.example.org", "url", 422),
            ("url", "https://a:b@git.example.org/x", "url", 422), ("token", "with space", "token", 422),
            ("title", "zwei\nZeilen", "title", 422), ("name", "fach", "name", 409),
            ("url", "https://git.example.org/stadt/fach/", "url", 409), ("namespace", "nichts", "", 404),
        ]
    )
    func refused(_ field: String, _ value: String, _ marked: String, _ status: Int) async throws {
        let sample = try await ProjectSample()
        let answer = try await sample.site.post("/projects?lang=en", Self.form([(field, value)]))
        #expect(answer.status == status, "\(answer.body)")
        guard !marked.isEmpty else { return }
        let page = try Markup(answer.body, isHTML: true)
        let wrong = page.all("input").filter { $0.attributes["aria-invalid"] == "true" }
        #expect(wrong.compactMap { $0.attributes["id"] } == [marked])
        #expect(wrong.first?.attributes["aria-describedby"]?.contains("error") == true)
        #expect(page.elements.contains { $0.attributes["id"] == "error" && $0.attributes["role"] == "alert" })
        #expect(answer.body.contains("value=\"\(field == "name" ? "https://git.example.org/stadt/neu" : "neu")\""))
        #expect(try await sample.register.projects(for: ProjectSample.operatorAccount).projects.count == 2)
    }

    @Test("an organisation says with a form that it uses a project, and takes it back")
    func uses() async throws {
        let sample = try await ProjectSample()
        let fields = [
            ("form", "proof"), ("project", "stadt/fach"), ("action", "add"), ("organisation", "stadt"),
            ("since", "2026-01-05"), ("purpose", "<i>Wohngeld</i>"), ("contact", ""),
        ]
        let added = try await sample.site.post("/uses", fields)
        #expect(added.status == 303 && added.header("Location") == "/projects/stadt%2Ffach#uses", "\(added.body)")
        let page = try await sample.site.get(Self.page + "?lang=de", ProjectSample.admin)
        #expect(page.body.contains("&lt;i&gt;Wohngeld&lt;/i&gt;") && page.body.contains("Stadt Beispiel"))
        let use = try #require(
            try Markup(page.body, isHTML: true).all("input").first { $0.attributes["name"] == "use" }
        )
        let ended = try await sample.site.post(
            "/uses",
            [
                ("form", "proof"), ("project", "stadt/fach"), ("action", "end"),
                ("use", use.attributes["value"] ?? ""),
            ]
        )
        #expect(ended.status == 303)
        #expect(try await sample.site.get(Self.page + "?lang=en").body.contains("Nobody has entered a use yet."))
    }

    @Test("the directory lists projects with links to their pages")
    func directory() async throws {
        let site = try await ProjectSample().site
        let page = try await site.get("/?kind=project&lang=en")
        #expect(page.body.contains("href=\"/projects/stadt%2Ffach\"") && !page.body.contains("geheim"))
        let list = try await site.get("/?lang=en")
        #expect(list.body.contains("href=\"/projects\""))
    }
}
