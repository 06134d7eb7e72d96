// SPDX-License-Identifier: EUPL-1.2

import Certificates
import Database
import JSON
import OCI
import Policies
import Portal
import Registry
import TestKit
import Testing
import Time

@Suite("The page about a namespace's policy")
struct PoliciesPageTests {
    private static let later = "2099-03-01T12:00:00Z"

    private func roots() throws -> String {
        let made = try CertificateWorld(around: Timestamp(seconds: 1_795_310_000)).made().map {
            try Certificate(der: $0)
        }
        return made[2].pem + made[1].pem
    }

    private func sized(_ answer: Answer, _ site: TestSite) async throws -> Int {
        let sheet = try #require(Markup(answer.body, isHTML: true).all("link").first?.attributes["href"])
        return try await answer.body.utf8.count + site.get(sheet).body.utf8.count
    }

    @Test("without a policy it says what that means, what next, and no rule", arguments: Language.allCases)
    func empty(_ language: Language) async throws {
        let sample = try await PolicySample()
        let answer = try await sample.get(
            as: "anna",
            language.rawValue
        )
        try PageTests.expectSound(answer, language)
        let words =
            language == .de
            ? [
                "nie eine Richtlinie gesetzt", "Keine Ausnahme gilt.", "gilt keine Vertrauensregel",
                "ist nicht bekannt",
            ]
            : ["No policy was ever set", "No exception is in force.", "No trust policy is in force", "is not known"]
        for word in words { #expect(answer.body.contains(word), "\(word)") }
        #expect(answer.body.contains("kontor gate try stadt policy.yaml --rules pull --node "))
        #expect(answer.body.contains("kontor policy set stadt policy.yaml --revision 0 --reason"))
        #expect(answer.body.contains("href=\"/api/v1/namespaces/stadt/policy\""))
        #expect(!answer.body.contains("pull["))
        #expect(answer.header("Cache-Control") == "no-store")
    }

    @Test("every rule of every kind has a sentence, in both languages, and the page answers first")
    func everything() async throws {
        let sample = try await PolicySample()
        let policy = PolicySample.everything(roots: try roots(), from: Self.later)
        try await sample.set(policy, reason: "Weil die Leitung das so will")
        let paths = [
            "immutableTags[0]", "retention[0]", "retention[1]", "pull[0]", "pull[1]", "pull[2]", "pull[3]", "push[0]",
            "push[1]", "push[2]", "push[3]", "quotaBytes", "openUploads", "trust", "trust.publishers[0].keys[0]",
            "trust.publishers[0].certificates[0]", "trust.logs[0]", "trust.builders[0]",
        ]
        // What kinds there are is the policy's word: a new one has to be said here, too.
        let kinds = Set((ContentPolicy().json.objectValue ?? [:]).keys)
        #expect(kinds == Set(paths.map { String($0.prefix { $0 != "[" && $0 != "." }) }))
        for language in Language.allCases {
            let answer = try await sample.get(as: "anna", language.rawValue)
            try PageTests.expectSound(answer, language)
            for path in paths { #expect(answer.body.contains("<span class=\"id\">\(path)</span>"), "\(path)") }
            // No place of a text is left open.
            let places = answer.body.matches(of: #/{[a-z]+}/#).map { String($0.output) }
            #expect(places.isEmpty, "\(places)")
            let size = try await sized(answer, sample.site)
            #expect(size < 100_000, "\(size)")
        }
        let german = try await sample.get(as: "anna", "de").body
        let places = [
            "Was gilt", "12 Regeln gelten jetzt (Richtlinie Revision 1).", "Holen",
            "Wer hier hochladen darf, kann immer holen.",
            "Nur Images ab Stufe Bronze dürfen geholt werden.",
            "bekommt es danach noch 3 Tage lang. Gilt seit 02.01.2026, 00:00 UTC.",
            "bekanntermaßen ausgenutzt", "Eine Schonfrist gibt es nicht.",
            "dieser Knoten freigegeben und signiert hat, dürfen geholt", "deren Freigabe im Log",
            "die stadt zur Nutzung",
            "Hochladen", "dürfen diese Tags bekommen. Betrifft die Tags v*, außer v*-rc.",
            "Schichten eines dieser Images beginnen: stadt/base.", "application/vnd.oci.image.*",
            "Feste Tags", "nicht verschoben, gelöscht", "v*, außer v0.*. Gilt nur für stadt/app.",
            "die neuesten 5 (alle Tags); in den letzten 30 Tagen hochgeladen (ci-*); in den letzten 90 Tagen geholt",
            "Das neueste Tag eines Repositorys bleibt immer.", "nach 7 Tagen entfernt", "das neueste (alle Tags)",
            "Auch das neueste Tag eines Repositorys darf gehen", "höchstens 1,0", "Höchstens 4 Uploads",
            "so viele Unterzeichner es signiert haben: 2. Benannt sind 2", "zählt als signiert von Amt",
            "nachweislich aufgenommen", "Amt: Schlüssel „Amt“ (sha256:",
            "Zählt für: Images, https://cyclonedx.org/bom.",
            "Auch unter den Namen registry.example.org/app.", "Zählte bis 01.02.2026", "Widerrufen ab 15.01.2026",
            "Log „Bundeslog“", "bis zur Build-Stufe 2 geglaubt, wenn ci", "Betrieben von Rechenzentrum.",
            "Angekündigt: gilt noch nicht", "Ab <time datetime=\"\(Self.later)\">01.03.2099, 12:00 UTC</time>:",
            "Keine Ausnahme gilt.", "Seit wann und warum", "Weil die Leitung das so will", "Nachweise",
            "Text der Richtlinie, Revision 1", "immutableTags:", "Wie es weitergeht", "kontor gate try stadt",
        ]
        var rest = german[...]
        for place in places {
            let found = try #require(rest.firstRange(of: place), "\(place)")
            rest = rest[found.upperBound...]
        }
        // What is announced does not stand among what holds.
        let (holding, announced) = try parts(german, "Angekündigt: gilt noch nicht")
        for path in ["pull[3]", "push[3]", "certificates[0]"] {
            #expect(!holding.contains(path) && announced.contains(path), "\(path)")
        }
        #expect(announced.contains("Nur Images ab Stufe Silber dürfen geholt werden."))
        #expect(announced.contains("Zertifikate „ci“ für email:release@example.org."))
    }

    private func parts(_ text: String, _ middle: String) throws -> (Substring, Substring) {
        let found = try #require(text.firstRange(of: middle))
        return (text[..<found.lowerBound], text[found.upperBound...])
    }

    @Test(
        "exceptions in force stand first, with who, why and until when; those that ask, last; those that are over, nowhere"
    )
    func exceptions() async throws {
        let sample = try await PolicySample()
        try await sample.set(["pull": [["level": "gold"]]])
        let (anna, end) = (try sample.account("anna"), WallClock.system.now() + .seconds(86_400))
        func ask(_ digest: Digest?, _ reason: String) async throws -> Int64 {
            try await sample.registry.requestException(digest, in: sample.stadt, reason: reason, until: end, by: anna)
                .id
        }
        let digests = (0..<3).map { Digest.sha256([$0]) }
        let whole = try await ask(nil, "Stromausfall")
        let one = try await ask(digests[0], "Wahlabend")
        let asked = try await ask(digests[1], "Probelauf")
        let over = try await ask(digests[2], "Längst vorbei")
        for id in [whole, one, over] {
            _ = try await sample.registry.approveException(id, in: sample.stadt, by: PolicySample.admin)
        }
        try await sample.registry.endException(over, in: sample.stadt, by: anna)
        let answer = try await sample.get(as: "anna", "de")
        try PageTests.expectSound(answer, .de)
        var rest = answer.body[...]
        for place in [
            "Ausnahmen in Kraft", "Alle Images des Namensraums (Notöffnung)", "bis <time datetime=\"\(end.rfc3339)\">",
            "Stromausfall", "Beantragt von anna am", "zugestimmt hat admin am", "Ausnahme \(whole)", "\(digests[0])",
            "Wahlabend",
            "Nur Images ab Stufe Gold", "Beantragte Ausnahmen", "\(digests[1])", "Probelauf",
            "Eine zweite Person muss zustimmen",
            "Ausnahme \(asked)",
        ] {
            let found = try #require(rest.firstRange(of: place), "\(place)")
            rest = rest[found.upperBound...]
        }
        #expect(!answer.body.contains("Längst vorbei") && !answer.body.contains("Keine Ausnahme gilt."))
    }

    @Test("who may not read policies by the API reads none here", arguments: Language.allCases)
    func rights(_ language: Language) async throws {
        let sample = try await PolicySample()
        try await sample.set(["pull": [["approvedBy": "geheimamt"]]])
        for (name, status) in [("admin", 200), ("anna", 200), ("pruefung", 200), ("leser", 403), ("fremd", 403)] {
            let answer = try await sample.get(as: name, language.rawValue)
            #expect(answer.status == status, "\(name)")
            #expect(answer.body.contains("geheimamt") == (status == 200))
            // Only who may set a policy is told how.
            #expect(answer.body.contains("kontor policy set") == ["admin", "anna"].contains(name))
            let link = try await sample.get("/namespaces/stadt", as: name, language.rawValue)
            if name != "pruefung" { #expect(link.body.contains(PolicySample.page) == (status == 200), "\(name)") }
        }
        let stranger = try await sample.get(as: nil, language.rawValue)
        #expect(stranger.status == 401 && !stranger.body.contains("geheimamt"))
        #expect(stranger.body.contains("action=\"/login\""))
        for (path, status) in [("/namespaces/land/policies", 404), ("/namespaces/nirgends/policies", 404)] {
            #expect(try await sample.get(path).status == status)
            #expect(try await sample.get(path, as: nil).status == 401)
        }
        // A namespace that is called so has its own page, and the policies after it.
        let own = try await sample.get("/namespaces/amt/policies", as: nil)
        #expect(own.status == 200 && own.body.contains("</span> amt/policies</h1>"))
        #expect(
            try await sample.get("/namespaces/amt/policies/policies", as: "admin").body.contains(
                "No policy was ever set"
            )
        )
        #expect(try await sample.get("/namespaces/amt%2Fpolicies/policies", as: "admin").status == 200)
        #expect(
            try await sample.site.post(PolicySample.page, [("form", "proof"), ("action", "unfreeze")]).status == 404
        )
    }

    @Test("a policy that cannot be read is said to deny, with no rule and no text")
    func unreadable() async throws {
        let sample = try await PolicySample()
        try await sample.set(["pull": [["level": "gold"]]])
        try await sample.set(["pull": [["level": "silver"]]], expected: 1)
        try await sample.database.write { t in
            try t.execute(Statement("test.damage", "UPDATE policies SET body = '{' WHERE revision = 2"), [])
        }
        for language in Language.allCases {
            let answer = try await sample.get(as: "anna", language.rawValue)
            try PageTests.expectSound(answer, language)
            #expect(answer.body.contains(language == .de ? "wird nichts Neues erlaubt" : "nothing new is allowed"))
            #expect(!answer.body.contains("pull[0]") && !answer.body.contains("kontor policy show"))
            #expect(answer.body.contains("--revision 2 "))
        }
        try await sample.set(["pull": [["level": "silver"]]], expected: 2)
        let answer = try await sample.get(as: "anna", "de")
        #expect(
            answer.body.contains("1 Regel gilt jetzt (Richtlinie Revision 3).")
                && answer.body.contains("(nicht lesbar)")
        )
    }

    @Test(
        "hostile text stays text",
        arguments: [
            "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='x", "{{content}}",
            "x\"\u{301} onmouseover=\"\u{301}alert(1)", "{count} {list}",
        ]
    )
    func hostile(_ text: String) async throws {
        let sample = try await PolicySample()
        let policy = PolicySample.everything(roots: try roots(), from: Self.later, name: text)
        try await sample.set(policy, reason: text)
        try await sample.set(policy, reason: text, expected: 1)
        let end = WallClock.system.now() + .seconds(3_600)
        _ = try await sample.registry.requestException(
            nil,
            in: sample.stadt,
            reason: text,
            until: end,
            by: PolicySample.admin
        )
        for language in Language.allCases {
            let answer = try await sample.get(as: "anna", language.rawValue)
            if !text.contains("{{") { try PageTests.expectSound(answer, language) }
            let page = try Markup(answer.body, isHTML: true)
            #expect(page.all("img").isEmpty && page.all("script").isEmpty)
            #expect(page.elements.allSatisfy { element in !element.attributes.keys.contains { $0.hasPrefix("on") } })
            if text.hasPrefix("<script>") { #expect(answer.body.contains("&lt;script&gt;alert(1)")) }
            if text.hasPrefix("{count}") { #expect(answer.body.contains("„{count} {list}“") || language == .en) }
        }
    }

    @Test("as many rules, exceptions and revisions as there can be stay under 100 KB, and what is left out is said")
    func large() async throws {
        let sample = try await PolicySample()
        let hidden = String(repeating: "\u{200B}", count: 60)
        let glob: (Int) -> JSONValue = { .string("stadt/" + String(repeating: "a", count: 12) + "\($0)") }
        let policy: JSONValue = [
            "immutableTags": .array((0..<100).map { ["repository": glob($0), "tags": ["v*"]] }),
            "pull": .array((0..<100).map { ["repository": glob($0), "level": "gold"] }),
            "push": .array((0..<100).map { ["repository": glob($0), "bases": ["stadt/base"]] }),
            "retention": .array((0..<60).map { ["repository": glob($0), "removeUntaggedAfterDays": 3] }),
        ]
        let reason = String(repeating: "<&\">", count: 400)
        for revision in 0..<14 { try await sample.set(policy, reason: reason, expected: Int64(revision)) }
        let (anna, end) = (try sample.account("anna"), WallClock.system.now() + .seconds(3_600))
        for index in 0..<40 {
            let digest = Digest.sha256([UInt8(index)])
            let id = try await sample.registry.requestException(
                digest,
                in: sample.stadt,
                reason: hidden + reason,
                until: end,
                by: anna
            ).id
            if index < 20 {
                _ = try await sample.registry.approveException(id, in: sample.stadt, by: PolicySample.admin)
            }
        }
        for language in Language.allCases {
            let answer = try await sample.get(as: "anna", language.rawValue)
            try PageTests.expectSound(answer, language)
            let size = try await sized(answer, sample.site)
            #expect(size < 100_000, "\(size)")
            let words =
                language == .de
                ? [
                    "360 Regeln gelten jetzt", "weitere Regeln stehen im Text", "weitere Ausnahmen", "gekürzt",
                    "weitere frühere",
                ]
                : ["360 rules hold now", "more rules stand in the text", "more exceptions", "was cut", "more earlier"]
            for word in words { #expect(answer.body.contains(word), "\(word)") }
            // Shown and left out are all that there are.
            let more = answer.body.matches(of: language == .de ? #/(\d+) weitere Regeln/# : #/(\d+) more rules/#)
                .compactMap { Int($0.output.1) }
            let shown = answer.body.matches(of: #/<span class="id">[a-zA-Z]+\[\d+\]<\/span>/#).count
            #expect(more.count == 4 && more.reduce(shown, +) == 360)
        }
    }
}
