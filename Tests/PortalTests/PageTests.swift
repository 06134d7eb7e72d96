// SPDX-License-Identifier: EUPL-1.2

import API
import Advisories
import Assessment
import Criteria
import HTTPTypes
import JSON
import OCI
import Portal
import SBOM
import Testing
import Time

@Suite("Pages")
struct PageTests {
    private static let paths = [
        "/", "/images/team/app", "/images/team/app:latest", "/images/team%2Fapp@\(Sample.digest)", "/criteria",
        "/criteria/IMG-SEC-10", "/help", "/help/push", "/help/sign", "/help/verify", "/help/gold", "/imprint",
        "/privacy", "/accessibility",
    ]

    @Test(
        "7.2/55: every page is sound markup without script or inline style, in both languages",
        arguments: paths,
        Language.allCases
    )
    func soundMarkup(_ path: String, _ language: Language) async throws {
        var site = Sample.site(try Sample.verdict())
        site.repositories = [
            .init(
                name: try RepositoryName(parsing: "team/app"),
                firstSeen: Sample.now,
                tag: try Tag(parsing: "latest"),
                digest: Sample.digest,
                standing: .level(.silver)
            )
        ]
        try Self.expectSound(try await site.get(path + "?lang=" + language.rawValue), language)
    }

    /// What holds on every page.
    static func expectSound(_ answer: Answer, _ language: Language) throws {
        #expect(answer.status == 200)
        let page = try Markup(answer.body, isHTML: true)
        #expect(page.all("html").first?.attributes["lang"] == language.rawValue)
        #expect(page.all("script").isEmpty && page.all("style").isEmpty)
        #expect(
            page.elements.allSatisfy { element in
                !element.attributes.keys.contains { $0 == "style" || $0.hasPrefix("on") }
            }
        )
        #expect(page.all("h1").count == 1)
        #expect(page.all("main").count == 1)
        #expect(page.all("a").first?.attributes["href"] == "#content")
        #expect(page.all("caption").count == page.all("table").count)
        #expect(page.all("th").allSatisfy { $0.attributes["scope"] != nil })
        let identifiers = page.elements.compactMap { $0.attributes["id"] }
        #expect(Set(identifiers).count == identifiers.count)
        var depth = 0
        for heading in page.elements {
            guard heading.name.count == 2, heading.name.first == "h", let rank = heading.name.last?.wholeNumberValue
            else { continue }
            #expect(rank <= depth + 1, "\(heading.name) after h\(depth)")
            depth = rank
        }
        for link in page.all("a") {
            if let target = link.attributes["href"], target.hasPrefix("#") {
                #expect(identifiers.contains(String(target.dropFirst())), "\(target)")
            }
        }
        for element in page.elements {
            for label in element.attributes["aria-labelledby"]?.split(separator: " ") ?? [] {
                #expect(identifiers.contains(String(label)), "\(label)")
            }
            for name in ["href", "src"] {
                if let target = element.attributes[name] {
                    #expect(target.hasPrefix("/") || target.hasPrefix("#"), "\(target)")
                }
            }
        }
        #expect(!answer.body.contains("evil.example"))
        #expect(!answer.body.contains("{{") && !page.text.contains("Optional("))
        #expect(answer.header("Content-Language") == language.rawValue)
        let policy = try #require(answer.header("Content-Security-Policy"))
        #expect(policy.contains("default-src 'none'") && !policy.contains("unsafe") && !policy.contains("script-src"))
        #expect(answer.header("X-Content-Type-Options") == "nosniff")
        #expect(answer.header("Referrer-Policy") != nil)
        #expect(answer.header("Set-Cookie")?.contains("kontor-lang=\(language.rawValue)") == true)
    }

    @Test(
        "7.2/55: hostile names stay text",
        arguments: [
            "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='x", "{{content}}",
            "{{{content}}}", "a&b<c",
            // One character for Swift, a quotation mark for a browser.
            "x\"\u{301} onmouseover=\"\u{301}alert(1)", "<\u{338}b>", "\u{202E}evil\u{2066}", "\u{0}\u{1B}[31m",
            "\u{FEFF}zero\u{200B}width",
        ]
    )
    func hostileNames(_ name: String) async throws {
        var verdict = try Sample.verdict(
            name: name,
            findings: [Sample.finding("CVE-\(name)", component: name)],
            labels: [name: name]
        )
        verdict.criteria[0].explanation = LocalizedText(de: name, en: name)
        verdict.criteria[0].result = .fail
        verdict.criteria[0].evidence = [
            CriterionEvidence(kind: .label, strength: .declared, text: name, path: name, layer: 1)
        ]
        var site = Sample.site(verdict)
        let layer = Descriptor(mediaType: MediaType.layerTarGzip, digest: .sha256([9]), size: 31_415_926)
        let configuration = ImageConfiguration(
            architecture: "amd64",
            os: "linux",
            history: [HistoryEntry(createdBy: name)]
        )
        site.parts = ImageQueries.Parts(
            manifest: ImageManifest(
                config: Descriptor(mediaType: MediaType.imageConfig, digest: .sha256([8]), size: 1),
                layers: [layer]
            ).json.bytes(),
            mediaType: MediaType.imageManifest,
            configuration: configuration.json.bytes(),
            tags: [try Tag(parsing: "latest")],
            firstSeen: Sample.now
        )
        let answer = try await site.get("/images/team/app?lang=en")
        #expect(answer.status == 200)
        let page = try Markup(answer.body, isHTML: true)
        #expect(page.all("script").isEmpty && page.all("img").isEmpty && page.all("b").isEmpty)
        #expect(page.elements.allSatisfy { element in !element.attributes.keys.contains { $0.hasPrefix("on") } })
        #expect(
            !answer.body.unicodeScalars.contains {
                "\u{202E}\u{2066}\u{200B}\u{FEFF}\u{0}\u{1B}".unicodeScalars.contains($0)
            }
        )
        #expect(page.text.contains("31.4\u{A0}MB"))
    }

    @Test("the image page answers first: level, steps, date, pull command by digest")
    func answerFirst() async throws {
        let verdict = try Sample.verdict(exercise: true)
        let answer = try await Sample.site(verdict).get("/images/team/app", [.acceptLanguage: "de"])
        let page = try Markup(answer.body, isHTML: true)
        let body = answer.body
        #expect(body.contains("podman pull registry.example:5000/team/app@\(Sample.digest)"))
        #expect(body.contains("<time datetime=\"2026-11-22T09:14:00Z\">22.11.2026, 09:14 UTC</time>"))
        #expect(page.text.contains("Automatisch berechnet von Knoten testknoten nach Katalog 2026.1: ein Vorschlag"))
        #expect(page.text.contains("nicht mit dem BSI abgestimmt"))
        #expect(page.text.contains("Übungsdaten"))
        #expect(page.text.contains("○○○ Keine Stufe"))
        for (step, link) in zip(verdict.steps, 0...) {
            #expect(page.text.contains(step.title.de), "step \(link)")
            #expect(body.contains("/criteria/\(step.criterion)"))
        }
        for result in verdict.criteria { #expect(body.contains(result.id)) }
        let answerAt = try #require(body.firstRange(of: "class=\"answer\"")?.lowerBound)
        let criteriaAt = try #require(body.firstRange(of: "id=\"criteria\"")?.lowerBound)
        let findingsAt = try #require(body.firstRange(of: "id=\"findings\"")?.lowerBound)
        #expect(answerAt < criteriaAt && criteriaAt < findingsAt)
        #expect(page.text.contains("CVE-2026-0001") && page.text.contains("behoben in 3.0.17-1"))
    }

    @Test("findings of one advisory in one source package are one row, exploited first, with their packages folded")
    func groupedFindings() async throws {
        var exploited = Sample.finding("CVE-2026-0002", component: "openssl", severity: .low)
        exploited.risk = 1
        exploited.kev = Sample.kev
        let verdict = try Sample.verdict(
            findings: ["libssl3", "openssl", "libssl-dev"].map { Sample.finding("CVE-2026-0001", component: $0) }
                + [exploited]
        )
        let answer = try await Sample.site(verdict).get("/images/team/app?lang=en")
        let page = try Markup(answer.body, isHTML: true)
        #expect(answer.body.matches(of: #/row">CVE-2026-000[12]/#).map { $0.output.suffix(1) } == ["2", "1"])
        #expect(page.text.contains("Findings (4)"))
        #expect(page.text.contains("2 advisories affect 1 source package: 1 high, 1 low. 1 of them is exploited."))
        #expect(page.text.contains("3 packages") && page.text.contains("1 package\n"))
        for package in ["libssl3", "libssl-dev"] { #expect(page.text.contains("\(package) 3.0.11-1")) }
        // The API keeps every finding.
        let json = try await Sample.site(verdict).get("/api/v1/images/team/app/findings")
        #expect(try JSONFields(json.json()).int("total") == 4)
    }

    @Test("tags are shown with what they pointed to before, and since when")
    func versions() async throws {
        var site = Sample.site(try Sample.verdict())
        site.versions = try (1...25).map { number in
            ImageQueries.Version(
                tag: try Tag(parsing: "1.\(number).0"),
                current: .init(digest: number == 1 ? Sample.digest : .sha256([9]), since: Sample.now),
                level: number == 1 ? .silver : nil,
                earlier: number == 1
                    ? [.init(digest: .sha256([7]), since: Sample.now - .seconds(86_400))] : []
            )
        }
        let answer = try await site.get("/images/team/app?lang=en")
        let page = try Markup(answer.body, isHTML: true)
        #expect(page.text.contains("Versions (20+)"))
        #expect(page.text.contains("1.1.0 (this image)") && page.text.contains("1 other digest"))
        #expect(answer.body.contains("/images/team/app@\(Digest.sha256([7]))"))
        #expect(page.text.contains("21 November 2026, 09:14 UTC") && page.text.contains("never moved"))
    }

    @Test("a step that this version cannot decide promises nothing", arguments: Language.allCases)
    func undecidedSteps(_ language: Language) async throws {
        var verdict = try Sample.verdict()
        verdict.level = .bronze
        for index in verdict.criteria.indices where verdict.criteria[index].level == .bronze {
            verdict.criteria[index].result = .pass
        }
        let undecided = Set(try Catalogue.embedded().criteria.filter(\.isUndecided).map(\.id))
        let blocked = verdict.steps.filter { undecided.contains($0.criterion) }
        #expect(!blocked.isEmpty)
        let answer = try await Sample.site(verdict).get("/images/team/app?lang=\(language.rawValue)")
        let page = try Markup(answer.body, isHTML: true)
        let note =
            language == .de
            ? "\(blocked.count) davon entscheidet diese Version noch nicht. Silber ist deshalb erst mit einer späteren Version"
            : "This version does not decide \(blocked.count) of them yet. Silver can therefore be reached with a later version"
        #expect(page.text.contains(note))
        for step in blocked {
            #expect(
                step.advice.de.hasSuffix("Das zählt erst, wenn eine spätere Version es prüft."),
                "\(step.criterion)"
            )
            #expect(step.advice.en.hasSuffix("It counts only once a later version checks it."), "\(step.criterion)")
        }
        #expect(page.text.contains(language == .de ? "Schon jetzt sinnvoll:" : "Useful already:"))
    }

    @Test("the page of an index shows its platforms, each with its own page")
    func index() async throws {
        var verdict = try Sample.verdict()
        var child = verdict
        child.image.platform = "linux/arm64"
        child.image.digest = Digest.sha256([2]).description
        verdict.image.platform = nil
        verdict.platforms = [child]
        let answer = try await Sample.site(verdict).get("/images/team/app?lang=en")
        let page = try Markup(answer.body, isHTML: true)
        #expect(page.text.contains("Platforms (1)") && page.text.contains("linux/arm64"))
        #expect(page.all("a").contains { $0.attributes["href"] == "/images/team/app@\(Digest.sha256([2]))" })
    }

    @Test("a page without a verdict says so and offers to look again while there is hope; nothing moves by itself")
    func pending() async throws {
        let states: [(ImageQueries.State, String, Bool)] = [
            (.queued, "wartet", true), (.running, "gerade geprüft", true),
            (.failed(reason: "signal <9>"), "signal &lt;9&gt;", false),
        ]
        for (state, words, isHoping) in states {
            var site = TestSite(states: [(Sample.digest, state)])
            site.parts = ImageQueries.Parts(
                manifest: [],
                mediaType: MediaType.imageIndex,
                configuration: nil,
                tags: [],
                firstSeen: Sample.now
            )
            let answer = try await site.get("/images/team/app")
            #expect(answer.status == 200)
            // Once: a fact without a text of its own must not borrow the page's.
            #expect(answer.body.split(separator: words, omittingEmptySubsequences: false).count == 2)
            let page = try Markup(answer.body, isHTML: true)
            #expect(!page.all("meta").contains { $0.attributes["http-equiv"] != nil })
            #expect(page.text.contains("Seite neu laden") == isHoping)
        }
    }

    @Test("what is not there is a page of its own, with the right status")
    func missing() async throws {
        let site = TestSite(states: [(Sample.digest, .notAnImage)])
        let cases: [(String, HTTPRequest.Method, Int)] = [
            ("/images/team/other", .get, 404), ("/images/team/app:none", .get, 404),
            ("/images/team/app@\(Digest.sha256([7]))", .get, 404),
            ("/images/Team/App", .get, 400), ("/images/%2e%2e/etc", .get, 400), ("/images/", .get, 404),
            ("/images/a%zz", .get, 400),
            ("/criteria/IMG-XXX-99", .get, 404), ("/criteria/%3Cscript%3E", .get, 404),
            ("/criteria/<script>", .get, 404),
            ("/assets/kontor.css", .get, 404), ("/", .post, 405), ("/images/team/app", .delete, 405),
            ("/images/team/app", .get, 200),
        ]
        for (path, method, status) in cases {
            let answer = try await site.get(path, method: method)
            #expect(answer.status == status, "\(method) \(path)")
            _ = try Markup(answer.body, isHTML: true)
        }
        #expect(try await site.get("/", method: .post).header("Allow") == "GET, HEAD")
        #expect(try await site.get("/images/team/app").body.contains("Artefakt"))
    }

    @Test("a fault inside is a page that tells nothing of it")
    func fault() async throws {
        var site = TestSite()
        site.isBroken = true
        let answer = try await site.get("/images/team/app:latest")
        #expect(answer.status == 503)
        #expect(!answer.body.contains("Fault"))
        #expect(answer.header("Retry-After") != nil)
    }

    @Test("without anonymous reading pages ask for a sign-in, and take a right one")
    func signIn() async throws {
        var site = TestSite()
        site.isAnonymousAllowed = false
        let refused = try await site.get("/")
        #expect(refused.status == 401)
        // No window of the browser's: the form is on the page.
        #expect(refused.header("WWW-Authenticate")?.hasPrefix("Cookie ") == true)
        // admin:geheim:mit
        #expect(try await site.get("/criteria", [.authorization: "Basic YWRtaW46Z2VoZWltOm1pdA=="]).status == 200)
        let wrong = try await site.get("/", [.authorization: "Basic YWRtaW46ZmFsc2No"])
        #expect(wrong.status == 401)
        #expect(wrong.header("WWW-Authenticate")?.hasPrefix("Basic ") == true)
        // The style sheet is the same everywhere.
        let page = try Markup(refused.body, isHTML: true)
        let sheet = try #require(page.all("link").first?.attributes["href"])
        #expect(try await site.get(sheet).status == 200)
    }

    @Test("HEAD has the headers of GET and no body")
    func head() async throws {
        let site = Sample.site(try Sample.verdict())
        let get = try await site.get("/images/team/app")
        let head = try await site.get("/images/team/app", method: .head)
        #expect(head.status == 200 && head.body.isEmpty)
        #expect(head.header("Content-Length") == get.header("Content-Length"))
        #expect(head.header("Content-Length") == String(get.body.utf8.count))
    }

    @Test("assets have names of their content and may be kept")
    func assets() async throws {
        let page = try Markup(try await TestSite().get("/").body, isHTML: true)
        for link in page.all("link") {
            let answer = try await TestSite().get(try #require(link.attributes["href"]))
            #expect(answer.status == 200)
            #expect(answer.header("Cache-Control")?.contains("immutable") == true)
            #expect(
                answer.header("Content-Type")
                    == (link.attributes["rel"] == "stylesheet" ? "text/css; charset=utf-8" : "image/svg+xml")
            )
        }
    }

    @Test("the directory is paged, and each level has word and shape")
    func directory() async throws {
        var site = TestSite()
        site.repositories = try (100..<205).map { number in
            .init(
                name: try RepositoryName(parsing: "team/a\(number)"),
                firstSeen: Sample.now,
                tag: nil,
                digest: Sample.digest,
                standing: .level(Level.allCases[number % 4])
            )
        }
        let first = try Markup(try await site.get("/?lang=en").body, isHTML: true)
        #expect(first.all("a").filter { $0.attributes["href"]?.hasPrefix("/images/") == true }.count == 50)
        for word in ["●●● Gold", "●●○ Silver", "●○○ Bronze", "○○○ No level"] { #expect(first.text.contains(word)) }
        let next = try #require(first.all("a").first { $0.attributes["rel"] == "next" }?.attributes["href"])
        let second = try Markup(try await site.get(next).body, isHTML: true)
        #expect(second.all("a").filter { $0.attributes["href"]?.hasPrefix("/images/") == true }.count == 50)
        let end = try #require(second.all("a").first { $0.attributes["rel"] == "next" }?.attributes["href"])
        let third = try Markup(try await site.get(end).body, isHTML: true)
        #expect(third.all("a").filter { $0.attributes["href"]?.hasPrefix("/images/") == true }.count == 5)
    }

    @Test("a search lists what contains it, keeps its word over pages and languages, and says when nothing does")
    func search() async throws {
        var site = TestSite()
        site.repositories = try (100..<305).map { number in
            .init(
                name: try RepositoryName(parsing: number % 2 == 0 ? "team/web\(number)" : "other/db\(number)"),
                firstSeen: Sample.now,
                tag: nil,
                digest: Sample.digest,
                standing: .pending
            )
        }.sorted { $0.name.text < $1.name.text }
        var names: [String] = []
        var path: String? = "/?lang=de&q=+web"
        while let current = path {
            let answer = try await site.get(current)
            // Without this the browser would not send the form.
            #expect(answer.header("Content-Security-Policy")?.contains("form-action 'self'") == true)
            let page = try Markup(answer.body, isHTML: true)
            let form = try #require(page.all("form").first)
            #expect(form.attributes["method"] == "get" && form.attributes["action"] == "/")
            let field = try #require(page.all("input").first)
            #expect(field.attributes["name"] == "q" && field.attributes["value"] == "web")
            #expect(page.all("label").first?.attributes["for"] == field.attributes["id"])
            #expect(
                page.all("a").contains {
                    $0.attributes["hreflang"] == "en" && $0.attributes["href"]?.contains("q=web") == true
                }
            )
            names += page.all("a").compactMap { $0.attributes["href"] }.filter { $0.hasPrefix("/images/") }
            path = page.all("a").first { $0.attributes["rel"] == "next" }?.attributes["href"]
        }
        #expect(names.count == 103)
        #expect(names.allSatisfy { $0.contains("team/web") })
        for (language, text) in [("de", "Nichts passt dazu."), ("en", "Nothing matches.")] {
            let none = try Markup(try await site.get("/?lang=\(language)&q=nichts").body, isHTML: true)
            #expect(none.text.contains(text))
            #expect(none.all("table").isEmpty)
            #expect(none.all("form").count == 1)
        }
        // Nothing is searched for: the whole list. Nothing was ever pushed: how to push, and no form.
        #expect(try await site.get("/?q=+").body.contains("other/db101"))
        #expect(try Markup(try await TestSite().get("/").body, isHTML: true).all("form").isEmpty)
    }

    @Test("7.2/55: a search for markup is text on the page and in its links")
    func hostileSearch() async throws {
        for search in [
            "%22%3E%3Cscript%3E", "%3C%2Finput%3E", "%26lt;", "%7B%7Bt.search%7D%7D", "%00", "%FF", "%7BnoMatch%7D",
        ] {
            let answer = try await TestSite().get("/?q=" + search)
            #expect(answer.status == 200)
            let page = try Markup(answer.body, isHTML: true)
            #expect(page.all("script").isEmpty)
            #expect(page.all("input").count <= 1)
        }
        let long = try await TestSite().get("/?q=" + String(repeating: "a", count: 5000))
        let field = try Markup(long.body, isHTML: true).all("input").first
        #expect(field?.attributes["value"]?.count == 255)
    }

    @Test("the criterion's page has its texts and sources")
    func criterion() async throws {
        let catalogue = try Catalogue.embedded()
        for criterion in catalogue.criteria {
            for language in Language.allCases {
                let page = try Markup(
                    try await TestSite().get("/criteria/\(criterion.id)?lang=\(language.rawValue)").body,
                    isHTML: true
                )
                #expect(page.text.contains(language.text(criterion.title)) || criterion.title.de.contains("&"))
                #expect(!page.text.contains("{"))
            }
        }
    }
}
