// SPDX-License-Identifier: EUPL-1.2

import API
import Criteria
import HTTPTypes
import JSON
import OCI
import ProjectCriteria
import ProjectRegister
import SBOM
import Testing
import Time

@Suite("Badges of source projects")
struct ProjectBadgeTests {
    private static let browser = "image/avif,image/webp,image/svg+xml,image/*,*/*;q=0.8"

    @Test("a picture is well-formed, names the badge, and says the level by word and dots, in both languages")
    func pictures() throws {
        let verdicts = try ProjectSample.verdicts(2, at: Sample.now)
        for language in Badge.Language.allCases {
            for verdict in verdicts {
                for badge in verdict.badges {
                    let shown = ProjectBadge(.verdict(verdict, badge), language: language)
                    let picture = try Markup(shown.svg, isHTML: false)
                    let root = try #require(picture.all("svg").first)
                    #expect(root.attributes["role"] == "img" && root.attributes["lang"] == language.rawValue)
                    #expect(root.attributes["aria-labelledby"] == picture.all("title").first?.attributes["id"])
                    // Markup hands escaped characters to nobody.
                    #expect(picture.text.contains(shown.title.replacing("'", with: "")))
                    #expect(picture.text.contains(shown.word))
                    #expect(shown.title.contains(language == .de ? verdict.notice.de : verdict.notice.en))
                    #expect(picture.text.contains(language == .de ? badge.title.de : badge.title.en))
                    #expect(picture.all("script").isEmpty && picture.all("style").isEmpty && picture.all("a").isEmpty)
                    let level = verdict.standing(of: badge).level
                    let filled = picture.all("circle").filter { $0.attributes["fill"] == "#111111" }.count
                    #expect(picture.all("circle").count == (level == nil ? 0 : 3) && filled == level?.rank ?? 0)
                }
            }
        }
        for message in [ProjectBadge.Message.pending, .unknown] {
            #expect(try Markup(ProjectBadge(message).svg, isHTML: false).all("circle").isEmpty)
        }
    }

    @Test("what strangers wrote is text in a picture")
    func hostile() throws {
        var verdict = try ProjectSample.verdicts(0, at: Sample.now)[1]
        verdict.notice = LocalizedText(de: "<\"\u{301}&'\u{0}>", en: "x")
        verdict.badges[0].title = LocalizedText(de: "<script>", en: "x")
        let badge = ProjectBadge(.verdict(verdict, verdict.badges[0]))
        #expect(try Markup(badge.svg, isHTML: false).all("script").isEmpty)
        #expect(badge.svg.contains("&lt;\"") == false && badge.svg.contains("&lt;&quot;\u{301}&amp;&#39;\u{FFFD}&gt;"))
    }

    @Test("what nobody could look at is unknown and no level; what is seen to be missed is no level")
    func standing() throws {
        let (unasked, asked, done) = (
            try ProjectSample.verdicts(0, at: Sample.now)[1], try ProjectSample.verdicts(1, at: Sample.now)[1],
            try ProjectSample.verdicts(2, at: Sample.now)[1]
        )
        func standing(_ verdict: ProjectVerdict, _ id: String) throws -> ProjectStanding {
            verdict.standing(of: try #require(verdict.badge(id)))
        }
        #expect(try standing(unasked, "MAINTAINED") == .unknown)
        // The security policy is missing, whatever the forge would have said.
        #expect(try standing(unasked, "SECURITY") == .level(.none))
        #expect(try standing(asked, "MAINTAINED") == .level(.bronze))
        #expect(try standing(done, "MAINTAINED") == .level(.gold))
        #expect(try standing(done, "SECURITY") == .level(.silver))
        // openCode keeps the register: nothing here decides it.
        #expect(try standing(done, "REUSED") == .unknown && standing(done, "OPEN_SOURCE") == .unknown)
        #expect(done.badge("MAINTENANCE") == done.badge("MAINTAINED") && done.badge("REUSE") == done.badge("REUSED"))
        #expect(done.badge("maintained") == nil && done.badge("GOLD") == nil)
        #expect(unasked.standing == .level(.none) && done.standing == .level(.silver))
    }

    @Test("both generations of ids and every way to write the address name the same badge")
    func aliases() async throws {
        let sample = try await ProjectSample()
        let site = sample.site
        let bodies = try await [
            ProjectSample.api + "MAINTAINED.svg", ProjectSample.api + "MAINTENANCE.svg",
            "/api/v1/repositories/\(ProjectSample.url)/badges/MAINTAINED.svg",
            "/api/v1/repositories/https:/git.example.org/stadt/fach/badges/MAINTAINED.svg",
            "/api/v1/repositories/https%3A%2F%2FGIT.example.org%2Fstadt%2Ffach.git%2F/badges/MAINTENANCE.svg",
            "/api/v1/repositories/https%3a%2f%2fgit.example.org%2fstadt%2ffach/badges/MAINTAINED.svg",
        ].asyncMap { path in
            let answer = try await site.get(path)
            #expect(answer.status == 200, "\(path)")
            #expect(answer.header("Content-Type") == "image/svg+xml; charset=utf-8")
            #expect(answer.header("Cross-Origin-Resource-Policy") == "cross-origin")
            return answer.body
        }
        #expect(Set(bodies).count == 1 && bodies[0].contains(">Gold<"))
        let own = try await site.get("/api/v1/projects/\(sample.open.id)/badges/MAINTENANCE.svg")
        #expect(own.status == 200 && own.body.contains("projects-2026.1"))
        let reuse = try await site.get("/api/v1/projects/\(sample.open.id)/badges/REUSED").json()
        #expect(reuse["badgeId"] == "REUSE" && reuse["catalogue"] == "projects-2026.1")
    }

    @Test("the bare path is the picture for who would rather have one, and else the explanation")
    func negotiation() async throws {
        let site = try await ProjectSample().site
        for (accept, isPicture) in [
            (nil, false), ("*/*", false), ("application/json", false), (Self.browser, true), ("image/svg+xml", true),
            ("image/*", true), ("text/html,image/webp,*/*;q=0.8", false), ("application/json, image/svg+xml", false),
            ("application/json;q=0.2, image/svg+xml;q=0.5", true), ("image/svg+xml;q=0", false), (";q=,,", false),
        ] as [(String?, Bool)] {
            let answer = try await site.get(ProjectSample.api + "SECURITY", accept.map { [.accept: $0] } ?? [:])
            let type = answer.header("Content-Type")
            #expect(type == (isPicture ? "image/svg+xml; charset=utf-8" : "application/json"), "\(accept ?? "")")
            #expect(answer.header("Vary") == "Authorization, Accept")
        }
    }

    @Test("the explanation is a subset of SARIF, in which unknown is open and never passed")
    func explanation() async throws {
        let site = try await ProjectSample().site
        let fields = try await JSONFields(site.get(ProjectSample.api + "SECURITY?lang=en").json())
        #expect(try fields.string("badgeId") == "SECURITY" && fields.string("level") == "silver")
        #expect(try fields.string("badgeUrl") == ProjectSample.api + "SECURITY.svg")
        #expect(try fields.string("evaluatedAt") == ProjectSample.times[2].rfc3339)
        let rules = try fields.object("tool").object("driver").objects("rules").map { try $0.string("id") }
        let results = try fields.objects("results")
        #expect(rules.count == 7 && results.count == 7)
        for (index, result) in results.enumerated() {
            #expect(try result.string("ruleId") == rules[index] && result.int("ruleIndex") == index)
            let outcome = try result.object("properties").string("outcome")
            let kind = try result.string("kind")
            #expect(kind == ["unknown": "open"][outcome, default: outcome])
            #expect(try (result.string("level") == "none") == (outcome != "fail"))
            #expect(try !result.object("message").string("text").isEmpty)
        }
        #expect(
            try results.filter { try $0.string("kind") == "open" }.map { try $0.string("ruleId") }
                == ["OC-SEC-06", "OC-SEC-07"]
        )
        let log = try await site.get(ProjectSample.api + "SECURITY/sarif?lang=en").json()
        #expect(log["version"] == "2.1.0" && log["runs"]?[0]?["results"]?.arrayValue?.count == 7)
        #expect(log["runs"]?[0]?["results"] == fields.members["results"])
    }

    @Test("a timestamp means the evaluation closest to it, and never one after it")
    func timestamps() async throws {
        let site = try await ProjectSample().site
        let times = ProjectSample.times.map { $0.microseconds / 1_000_000 }
        for (second, level) in [
            (times[0], "unknown"), (times[1] - 1, "unknown"), (times[1], "bronze"), (times[2] - 1, "bronze"),
            (times[2], "gold"), (times[2] + 1, "gold"), (253_402_300_799, "gold"),
        ] {
            let answer = try await site.get(ProjectSample.api + "MAINTAINED?timestamp=\(second)")
            #expect(answer.status == 200, "\(second)")
            #expect(try answer.json()["level"]?.stringValue == level, "\(second)")
            #expect(try await site.get(ProjectSample.api + "MAINTAINED.svg?timestamp=\(second)").status == 200)
        }
        for second in [0, times[0] - 1] {
            let before = try await site.get(ProjectSample.api + "MAINTAINED?timestamp=\(second)")
            #expect(before.status == 404 && before.body.contains("or before"))
            let picture = try await site.get(ProjectSample.api + "MAINTAINED.svg?timestamp=\(second)")
            #expect(picture.status == 404 && picture.body.contains("unbekannt"))
        }
        for wrong in ["", "x", "-1", "1.5", "253402300800", "99999999999999999999", "2026-11-01"] {
            let answer = try await site.get(ProjectSample.api + "MAINTAINED.svg?timestamp=\(wrong)")
            #expect(answer.status == 400, "\(wrong)")
        }
    }

    @Test("a project for members is not there for strangers, in no form and at no time")
    func privacy() async throws {
        let sample = try await ProjectSample()
        let site = sample.site
        let hidden =
            "/api/v1/repositories/" + PercentEncoding.encode("https://git.example.org/stadt/geheim") + "/badges/"
        let none = "/api/v1/repositories/" + PercentEncoding.encode("https://git.example.org/stadt/nichts") + "/badges/"
        for suffix in ["SECURITY", "SECURITY.svg", "SECURITY/sarif", "SECURITY?timestamp=\(Int64(4e9))", "NOTHING.svg"]
        {
            let answer = try await site.get(hidden + suffix)
            let other = try await site.get(none + suffix)
            #expect(answer.status == 404 && other.status == 404, "\(suffix)")
            // Nothing tells one from the other but the address that was asked for.
            #expect(answer.body.replacing("geheim", with: "nichts") == other.body, "\(suffix)")
            #expect(answer.header("Cache-Control") == "no-store")
        }
        #expect(try await site.get("/api/v1/projects/\(sample.hidden.id)/badges/SECURITY").status == 404)
        let known = try await site.get(hidden + "SECURITY.svg", ProjectSample.admin)
        #expect(known.status == 200 && known.body.contains("Silber"))
        var closed = site
        closed.isAnonymousAllowed = false
        #expect(try await closed.get(ProjectSample.api + "SECURITY.svg").status == 401)
    }

    @Test("what names no badge is refused with what would; conditions and HEAD are answered as for every picture")
    func refusals() async throws {
        let sample = try await ProjectSample()
        let site = sample.site
        for path in [
            ProjectSample.api + "GOLD", "/api/v1/projects/9999/badges/SECURITY", "/api/v1/projects/x/badges/SECURITY",
            "/api/v1/repositories/%2Fetc%2Fpasswd/badges/SECURITY", "/api/v1/repositories/%zz/badges/SECURITY",
            "/api/v1/repositories/a%00b/badges/SECURITY", "/api/v1/repositories/x/badges/%00",
        ] {
            let answer = try await site.get(path)
            #expect(answer.status == 404, "\(path)")
            #expect(answer.header("Content-Type") == "application/problem+json", "\(path)")
        }
        #expect(try await site.get(ProjectSample.api + "GOLD").body.contains("MAINTAINED, SECURITY, REUSED"))
        for query in ["?lang=fr", "?size=3"] {
            #expect(try await site.get(ProjectSample.api + "SECURITY.svg" + query).status == 400)
        }
        #expect(try await site.get(ProjectSample.api + "SECURITY.svg", method: .post).status == 405)
        let first = try await site.get(ProjectSample.api + "SECURITY.svg?lang=en")
        let tag = try #require(first.header("ETag"))
        #expect(first.header("Cache-Control") == "no-cache" && first.header("Content-Language") == "en")
        let again = try await site.get(ProjectSample.api + "SECURITY.svg?lang=en", [.ifNoneMatch: tag])
        #expect(again.status == 304 && again.body.isEmpty)
        let head = try await site.get(ProjectSample.api + "SECURITY.svg?lang=en", method: .head)
        #expect(head.status == 200 && head.body.isEmpty && head.header("ETag") == tag)
        let waiting = try await sample.register.register(
            ProjectRegistration(name: "stadt/neu", url: "https://git.example.org/stadt/neu", visibility: .everybody),
            by: ProjectSample.operatorAccount
        ).project
        let pending = "/api/v1/projects/\(waiting.id)/badges/SECURITY"
        #expect(try await site.get(pending).status == 202)
        #expect(try await site.get(pending + ".svg").body.contains("wird geprüft"))
    }
}

extension Array {
    /// One after another.
    fileprivate func asyncMap<T>(_ transform: (Element) async throws -> T) async throws -> [T] {
        var mapped: [T] = []
        for element in self { mapped.append(try await transform(element)) }
        return mapped
    }
}
