// SPDX-License-Identifier: EUPL-1.2

internal import Criteria
internal import SBOM

extension ProjectChecks {
    /// Checks of a project's pipelines.
    static let pipelines: [ProjectCheck] = [securityTests, hardening, testsEnforced]

    private static let securityTests = ProjectCheck(
        "security-tests",
        cases: [
            .fail("no-pipeline"),
            .fail("missing", ["missing"]),
            .unknown("configured", ["path"]),
        ]
    ) { _, input in
        let pipelines = PipelineFiles(input.evidence.documents)
        guard let path = pipelines.paths.first else { return ProjectReport(.own("no-pipeline")) }
        var missing: [LocalizedText] = []
        if !pipelines.analysesSource {
            missing.append(LocalizedText(de: "statische Analyse", en: "static analysis"))
        }
        if !pipelines.scansSecrets { missing.append(LocalizedText(de: "Suche nach Geheimnissen", en: "a secret scan")) }
        let facts = pipelines.paths.prefix(10).map { CriterionEvidence.file($0) }
        guard missing.isEmpty else {
            return ProjectReport(.own("missing", ["missing": .list(missing, total: missing.count)]), evidence: facts)
        }
        return ProjectReport(.own("configured", ["path": .seen(path)]), evidence: facts)
    }

    private static let hardening = ProjectCheck(
        "pipeline-hardening",
        cases: [
            .exempt("no-pipeline"),
            .fail("danger", ["places"]),
            .fail("tokens", ["files"]),
            .unknown("settings", ["path"]),
        ]
    ) { _, input in
        let pipelines = PipelineFiles(input.evidence.documents)
        guard let path = pipelines.paths.first else { return ProjectReport(.own("no-pipeline")) }
        var hits: [ProjectHit] = []
        if !pipelines.dangers.isEmpty { hits.append(.own("danger", ["places": .list(pipelines.dangers)])) }
        if !pipelines.unlimitedTokens.isEmpty {
            hits.append(.own("tokens", ["files": .list(pipelines.unlimitedTokens)]))
        }
        // Which branches may release, and which secrets jobs see, stands in the forge's settings and not in a file.
        if hits.isEmpty { hits = [.own("settings", ["path": .seen(path)])] }
        return ProjectReport(hits: hits, evidence: pipelines.paths.prefix(10).map { .file($0) })
    }

    private static let testsEnforced = ProjectCheck(
        "tests-enforced",
        parameters: ["minimum": .number, "months": .number],
        cases: [
            .pass("enforced", ["share", "total"]),
            .fail("no-pipeline"),
            .fail("no-tests", ["path"]),
            .fail("not-required", ["forge"]),
            .fail("seldom", ["share", "minimum"]),
            .unknown("no-requests", ["months"]),
        ]
    ) { criterion, input in
        let pipelines = PipelineFiles(input.evidence.documents)
        guard let path = pipelines.paths.first else { return ProjectReport(.own("no-pipeline")) }
        let facts = [CriterionEvidence.file(path)]
        guard pipelines.runsTests else {
            return ProjectReport(.own("no-tests", ["path": .seen(path)]), evidence: facts)
        }
        let (known, gap) = input.forge(\.merged)
        guard let known, let forge = input.evidence.forge.value else {
            return ProjectReport(hits: gap.map { [$0] } ?? [], evidence: facts)
        }
        if forge.requiresPipeline == false {
            return ProjectReport(.own("not-required", ["forge": .seen(forge.name)]), evidence: facts)
        }
        let months = criterion.number("months")
        let merged = input.within(months: months, known)
        guard !merged.isEmpty else {
            return ProjectReport(.own("no-requests", ["months": .number(Int(months))]), evidence: facts)
        }
        let passed = merged.count { $0.pipelineSucceeded == true }
        let minimum = criterion.number("minimum")
        let values: [String: LocalizedText] = [
            "share": .percent(passed, of: merged.count), "total": .number(merged.count),
            "minimum": .number(Int((minimum * 100).rounded())),
        ]
        return ProjectReport(
            .own(Double(passed) >= minimum * Double(merged.count) - 1e-9 ? "enforced" : "seldom", values),
            evidence: facts + [.forge("\(passed) of \(merged.count) merged requests had a pipeline that succeeded")]
        )
    }
}
