// SPDX-License-Identifier: EUPL-1.2

import Criteria
import JSON
import ProjectCriteria
import SBOM
import Testing
import Time

@Suite("Catalogues of source projects")
struct ProjectCatalogueTests {
    private func catalogue(_ name: String) throws -> ProjectCatalogue {
        try #require(try ProjectCatalogue.embedded(name))
    }

    @Test("projects-2026.1 has 30 criteria: security 15, maintenance 7, reuse 8")
    func counts() throws {
        let criteria = try catalogue("projects-2026.1").criteria
        #expect(criteria.count == 30)
        #expect(criteria.count { $0.area == .security } == 15)
        #expect(criteria.count { $0.area == .maintenance } == 7)
        #expect(criteria.count { $0.area == .reuse } == 8)
        for criterion in criteria {
            #expect(criterion.id.wholeMatch(of: /SRC-(SEC|MNT|REU)-[0-9]{2}/) != nil)
            #expect(
                criterion.title.de != "" && criterion.title.en != ""
                    && criterion.description.de != criterion.description.en
            )
        }
    }

    @Test("opencode has the published checks with the published values, and nothing beside")
    func openCode() throws {
        let rules = try catalogue("opencode")
        func number(_ id: String, _ name: String) -> Double? {
            guard case .number(let value) = rules.criterion(id)?.parameters[name] else { return nil }
            return value
        }
        #expect(number("OC-MNT-01", "minimum") == 5 && number("OC-MNT-01", "months") == 6)
        #expect(number("OC-MNT-02", "days") == 7 && number("OC-MNT-02", "months") == 3)
        #expect(number("OC-MNT-03", "months") == 6)
        #expect(number("OC-MNT-04", "minimum") == 2 && number("OC-MNT-04", "months") == 6)
        #expect(number("OC-SEC-04", "minimum") == 0.8 && number("OC-SEC-05", "minimum") == 0.75)
        let levels = Dictionary(grouping: rules.criteria) { "\($0.badge) \($0.level.rawValue)" }.mapValues(\.count)
        #expect(
            levels == [
                "MAINTAINED bronze": 2, "MAINTAINED silver": 1, "MAINTAINED gold": 1, "SECURITY bronze": 3,
                "SECURITY silver": 2, "SECURITY gold": 2, "REUSED bronze": 1, "OPEN_SOURCE bronze": 1,
            ]
        )
        // What has no published value is undecided.
        for id in ["OC-SEC-06", "OC-SEC-07", "OC-REU-01", "OC-OSS-01"] {
            #expect(rules.criterion(id)?.check == "undecided")
        }
    }

    @Test("there is no other catalogue")
    func others() throws { #expect(try ProjectCatalogue.embedded("projects-2027.1") == nil) }

    @Test(
        "a catalogue with a fault is refused, with the line",
        arguments: [
            ("check: commits", "check: comits", "there is no check"), ("level: bronze", "level: iron", "is none of"),
            ("minimum: 5, ", "", "the key minimum is missing"), ("minimum: 5", "minimum: many", "is not a number"),
            ("badge: SECURITY", "badge: SAFETY", "there is no badge"), ("id: X-2", "id: X-1", "occurs twice"),
            ("evidence: [files]", "evidence: [tea]", "is nothing to look at"),
            ("licence: CC", "licences: CC", "unknown key"),
            ("de: Titel", "dn: Titel", "unknown key"), ("catalogue: projects", "catalogue: images", "not for projects"),
        ]
    )
    func faults(_ old: String, _ new: String, _ problem: String) throws {
        let text = """
            catalogue: projects
            name: own
            licence: CC
            title: {de: Titel, en: Title}
            notice: {de: a, en: b}
            badges: [{id: SECURITY, area: security, title: {de: a, en: b}}]
            overall: {decisive: [SECURITY]}
            criteria:
              - {id: X-1, badge: SECURITY, level: bronze, check: commits, evidence: [history], parameters: {minimum: 5, months: 6, people-only: true}, sources: [s], title: {de: a, en: b}, description: {de: a, en: b}, advice: {de: a, en: b}}
              - {id: X-2, badge: SECURITY, level: silver, check: reuse, evidence: [files], sources: [s], title: {de: a, en: b}, description: {de: a, en: b}, advice: {de: a, en: b}}
            """
        #expect(try ProjectCatalogue(yaml: Array(text.utf8), file: "own.yaml").criteria.count == 2)
        let broken = text.replacing(old, with: new)
        #expect(broken != text)
        do {
            _ = try ProjectCatalogue(yaml: Array(broken.utf8), file: "own.yaml")
            Issue.record("\(new) was accepted")
        } catch {
            #expect(error.description.contains(problem), "\(error)")
            #expect(error.line != nil)
        }
    }

    @Test(
        "without any evidence nothing is passed but what does not apply, and every result has a text in both languages"
    )
    func nothing() throws {
        for name in ProjectCatalogue.names {
            let verdict = ProjectEvaluation.verdict(
                catalogue: try catalogue(name),
                evidence: ProjectEvidence(name: "x", history: .unknown(LocalizedText(de: "a", en: "b"))),
                context: ProjectContext(now: Timestamp(seconds: 1_795_737_600))
            )
            #expect(verdict.level == .none)
            for result in verdict.results {
                #expect(!result.criterion.explanation.de.isEmpty && !result.criterion.explanation.en.isEmpty)
                #expect(!result.criterion.explanation.en.contains("{"), "\(result.criterion.explanation.en)")
                if !result.criterion.result.isPassed {
                    #expect(result.criterion.advice != nil, "\(result.criterion.id)")
                }
            }
            let passed = verdict.results.filter { $0.criterion.result == .pass }.map(\.criterion.id)
            #expect(
                passed == (name == "opencode" ? [] : ["SRC-SEC-03", "SRC-SEC-04"]),
                "an empty tree holds no secret and no binary"
            )
        }
    }

    @Test("the verdict as JSON names its version, badges, what each criterion needs, and no stage")
    func json() throws {
        let verdict = ProjectEvaluation.verdict(
            catalogue: try catalogue("opencode"),
            evidence: ProjectEvidence(name: "x"),
            context: ProjectContext(now: Timestamp(seconds: 1_795_737_600))
        )
        let fields = try JSONFields(verdict.json)
        #expect(try fields.int("schemaVersion") == 1)
        #expect(
            try fields.objects("badges").map { try $0.string("id") } == [
                "MAINTAINED", "SECURITY", "REUSED", "OPEN_SOURCE",
            ]
        )
        let first = try #require(try fields.objects("criteria").first)
        #expect(try first.strings("needs") == ["history"])
        #expect(!first.has("stage") && first.members["stage"] == nil)
        // The same arguments give the same bytes.
        #expect(verdict.json.bytes() == verdict.json.bytes())
    }

    @Test("a badge's level is the highest whose criteria and all below are passed; a gap ends it")
    func levels() throws {
        let now = Timestamp(seconds: 1_795_737_600)
        let commits = (0..<6).map { ProjectCommit(at: now - .seconds(Int64($0 + 1) * 86_400), author: $0 % 2) }
        var evidence = ProjectEvidence(name: "x", history: .known(commits))
        evidence.forge = .known(
            ProjectForge(
                name: "GitLab",
                protection: .known(.init(isProtected: true, allowsForcePush: false)),
                merged: .known([]),
                issues: .known([])
            )
        )
        func maintained() throws -> Level? {
            ProjectEvaluation.verdict(
                catalogue: try catalogue("opencode"),
                evidence: evidence,
                context: ProjectContext(now: now)
            ).badges.first?.level
        }
        // The bus factor of gold is there, the release of silver is not.
        #expect(try maintained() == .bronze)
        evidence.tags = .known([ProjectTag(name: "v1", at: now - .seconds(86_400))])
        #expect(try maintained() == .gold)
        evidence.history = .known(Array(commits.prefix(4)))
        #expect(try maintained() == Level.none)
    }

    @Test("six months are calendar months: a commit on their first day counts, one before does not")
    func window() throws {
        let now = try #require(Timestamp(rfc3339: "2026-08-31T12:00:00Z"))
        func outcome(_ text: String) throws -> Outcome? {
            let at = try #require(Timestamp(rfc3339: text))
            let evidence = ProjectEvidence(
                name: "x",
                history: .known((0..<5).map { _ in ProjectCommit(at: at, author: 0) })
            )
            return ProjectEvaluation.verdict(
                catalogue: try catalogue("opencode"),
                evidence: evidence,
                context: ProjectContext(now: now)
            ).results.first?.criterion.result
        }
        // February has no 31st.
        #expect(try outcome("2026-02-28T12:00:01Z") == .pass)
        #expect(try outcome("2026-02-28T12:00:00Z") == .fail)
        #expect(try outcome("2026-08-31T12:00:00Z") == .pass)
        // A commit of tomorrow proves nothing about today.
        #expect(try outcome("2026-09-01T12:00:00Z") == .fail)
    }
}
