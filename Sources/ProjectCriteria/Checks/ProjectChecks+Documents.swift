// SPDX-License-Identifier: EUPL-1.2

internal import Criteria
internal import SBOM
internal import Time

extension ProjectChecks {
    /// Checks that read what a project says about itself.
    static let documents: [ProjectCheck] = [
        securityPolicy, disclosure, supportStatement, readme, contributions, publiccode,
    ]

    private static let securityPolicy = ProjectCheck(
        "security-policy",
        parameters: ["contact": .flag],
        cases: [
            .pass("present", ["path"]),
            .fail("missing"),
            .fail("misplaced", ["path"]),
            .fail("no-contact", ["path"]),
        ]
    ) { criterion, input in
        guard let path = input.rootFile(["SECURITY.md"]) else {
            if let other = input.evidence.files.first(where: { $0.name.lowercased() == "security.md" }) {
                return ProjectReport(.own("misplaced", ["path": .seen(other.path)]), evidence: [.file(other.path)])
            }
            return ProjectReport(.own("missing"))
        }
        let hasContact = ProseSections(input.document(path) ?? "").hasContact
        return ProjectReport(
            .own(criterion.flag("contact") && !hasContact ? "no-contact" : "present", ["path": .seen(path)]),
            evidence: [.file(path)]
        )
    }

    private static let disclosure = ProjectCheck(
        "disclosure",
        cases: [
            .pass("complete", ["path"]),
            .fail("missing"),
            .fail("no-time", ["path"]),
            .fail("no-channel", ["path"]),
            .fail("security-text", ["path", "problems"]),
        ]
    ) { _, input in
        guard let path = input.rootFile(["SECURITY.md"]), let text = input.document(path) else {
            return ProjectReport(.own("missing"))
        }
        let sections = ProseSections(text)
        var hits: [ProjectHit] = []
        if !sections.hasResponseTime { hits.append(.own("no-time", ["path": .seen(path)])) }
        if !sections.hasPrivateChannel { hits.append(.own("no-channel", ["path": .seen(path)])) }
        var facts: [CriterionEvidence] = [.file(path)]
        var changes: [Timestamp] = []
        for file in input.evidence.files where SecurityText.isOne(file.path) && !Manifests.isSample(file.path) {
            let judged = SecurityText(input.document(file.path) ?? "", now: input.context.now)
            facts.append(.file(file.path))
            if let expires = judged.expires { changes.append(expires) }
            if !judged.problems.isEmpty {
                hits.append(.own("security-text", ["path": .seen(file.path), "problems": .list(judged.problems)]))
            }
        }
        if hits.isEmpty { hits = [.own("complete", ["path": .seen(path)])] }
        return ProjectReport(hits: hits, evidence: facts, changesAt: changes)
    }

    private static let supportStatement = ProjectCheck(
        "support-statement",
        cases: [.pass("stated", ["path"]), .fail("missing"), .fail("no-end", ["path"])]
    ) { _, input in
        let words = [
            "supported", "support", "unterstütz", "versionspflege", "wartungsende", "end of life", "end-of-life",
        ]
        var withoutEnd: String?
        for name in ["SECURITY.md", "README.md", "README", "SUPPORT.md"] {
            guard let path = input.rootFile([name]), let text = input.document(path) else { continue }
            // The statement and its end must stand in one section: a date elsewhere says nothing about support.
            for section in ProseSections(text).sections {
                let whole = section.heading + "\n" + section.body
                guard ProseSections.contains(whole, words) else { continue }
                let isSupport = ProseSections.contains(section.heading, words)
                let lines = section.body.split(separator: "\n").filter {
                    isSupport || ProseSections.contains(String($0), words)
                }
                if lines.contains(where: {
                    $0.firstMatch(
                        of: /20[0-9]{2}-[0-9]{2}|[0-9]{1,2}\.[0-9]{1,2}\.20[0-9]{2}|(0?[1-9]|1[0-2])\/20[0-9]{2}/
                    ) != nil
                }) {
                    return ProjectReport(.own("stated", ["path": .seen(path)]), evidence: [.file(path)])
                }
                withoutEnd = withoutEnd ?? path
            }
        }
        guard let path = withoutEnd else { return ProjectReport(.own("missing")) }
        return ProjectReport(.own("no-end", ["path": .seen(path)]), evidence: [.file(path)])
    }

    private static let readme = ProjectCheck(
        "readme",
        parameters: ["minimum-characters": .number],
        cases: [
            .pass("complete", ["path"]), .fail("missing"), .fail("short", ["path", "count"]),
            .fail("sections", ["path", "missing"]),
        ]
    ) { criterion, input in
        guard let path = input.rootFile(["README.md", "README", "README.rst", "README.adoc", "README.txt"]),
            let text = input.document(path)
        else { return ProjectReport(.own("missing")) }
        let sections = ProseSections(text)
        let facts = [CriterionEvidence.file(path)]
        // The purpose is what the prose says; how much of it there is, is all that a program can tell.
        if Double(sections.proseCount) < criterion.number("minimum-characters") {
            return ProjectReport(
                .own("short", ["path": .seen(path), "count": .number(sections.proseCount)]),
                evidence: facts
            )
        }
        var missing: [LocalizedText] = []
        if !sections.mentions(["install", "build", "getting started", "setup", "set up", "einricht", "bauen", "make "])
        {
            missing.append(LocalizedText(de: "Installation", en: "installation"))
        }
        if !sections.hasSection([
            "usage", "use", "using", "session", "example", "quick", "getting started", "nutzung", "verwendung",
            "benutz", "beispiel", "anwendung",
        ]) {
            missing.append(LocalizedText(de: "Nutzung", en: "usage"))
        }
        if !sections.mentions([
            "contact", "kontakt", "contributing", "mitwirken", "support", "ansprechpartner", "issue",
        ]) {
            missing.append(LocalizedText(de: "Kontakt", en: "contact"))
        }
        if missing.isEmpty { return ProjectReport(.own("complete", ["path": .seen(path)]), evidence: facts) }
        return ProjectReport(
            .own("sections", ["path": .seen(path), "missing": .list(missing, total: missing.count)]),
            evidence: facts
        )
    }

    private static let contributions = ProjectCheck(
        "contributions",
        cases: [.pass("open"), .fail("missing", ["missing"])]
    ) { _, input in
        var missing: [LocalizedText] = []
        var facts: [CriterionEvidence] = []
        func look(_ names: [String], _ folders: [String], _ title: LocalizedText, or other: Bool = false) {
            let paths = names.flatMap { name in folders.map { ($0 + name).lowercased() } }
            if let file = input.evidence.files.first(where: { paths.contains($0.path.lowercased()) }) {
                facts.append(.file(file.path))
            } else if !other {
                missing.append(title)
            }
        }
        let folders = ["", "docs/", ".github/", ".gitlab/"]
        look(["CONTRIBUTING.md", "CONTRIBUTING", "CONTRIBUTING.rst"], folders, .seen("CONTRIBUTING.md"))
        look(["CODE_OF_CONDUCT.md", "CODE_OF_CONDUCT"], folders, .seen("CODE_OF_CONDUCT.md"))
        let entry = input.document("publiccode.yml").map(PubliccodeFile.init(text:))
        look(
            ["MAINTAINERS.md", "MAINTAINERS", "GOVERNANCE.md", "CODEOWNERS", "OWNERS"],
            folders,
            LocalizedText(de: "MAINTAINERS.md (Rollen)", en: "MAINTAINERS.md (roles)"),
            or: entry?.namesMaintainers == true
        )
        if missing.isEmpty { return ProjectReport(.own("open"), evidence: facts) }
        return ProjectReport(.own("missing", ["missing": .list(missing, total: missing.count)]), evidence: facts)
    }

    private static let publiccode = ProjectCheck(
        "publiccode",
        cases: [
            .pass("valid", ["version"]),
            .fail("missing"),
            .fail("misnamed", ["path"]),
            .fail("invalid", ["problems"]),
            .fail("other-address", ["url", "project"]),
            .fail("other-licence", ["stated", "found"]),
        ]
    ) { _, input in
        guard let text = input.document("publiccode.yml") else {
            let other = input.evidence.files.first {
                $0.name.lowercased() == "publiccode.yaml" || $0.name == "publiccode.yml"
            }
            guard let other else { return ProjectReport(.own("missing")) }
            return ProjectReport(.own("misnamed", ["path": .seen(other.path)]), evidence: [.file(other.path)])
        }
        let entry = PubliccodeFile(text: text)
        let facts = [CriterionEvidence.file("publiccode.yml", "publiccodeYmlVersion \(entry.version)")]
        if !entry.problems.isEmpty {
            return ProjectReport(.own("invalid", ["problems": .list(entry.problems)]), evidence: facts)
        }
        var hits: [ProjectHit] = []
        if let project = input.evidence.url, let url = entry.url, !PubliccodeFile.isSame(project, url) {
            hits.append(.own("other-address", ["url": .seen(url), "project": .seen(project)]))
        }
        let found = ProjectLicence(input.evidence)
        if let stated = entry.licence, !found.identifiers.isEmpty, !found.covers(stated) {
            hits.append(
                .own("other-licence", ["stated": .seen(stated), "found": .list(found.identifiers)])
            )
        }
        if hits.isEmpty { hits = [.own("valid", ["version": .seen(entry.version)])] }
        return ProjectReport(hits: hits, evidence: facts)
    }
}
