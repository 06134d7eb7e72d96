// SPDX-License-Identifier: EUPL-1.2

internal import Criteria
internal import SBOM

extension ProjectChecks {
    /// Checks of what lies in a repository.
    static let contents: [ProjectCheck] = [secrets, binaries]

    private static let secrets = ProjectCheck(
        "secrets",
        cases: [
            .pass("clean"),
            .pass("clean-now", ["count", "examples"], cap: .bronze),
            .pass("history-unread", ["reason"], cap: .bronze),
            .fail("found", ["count", "examples"]),
        ]
    ) { _, input in
        func examples(_ secrets: [ProjectSecret]) -> LocalizedText {
            .list(secrets.prefix(5).map { .seen("\($0.path) (\($0.rule))") }, total: secrets.count)
        }
        let found = input.evidence.secrets
        var hits: [ProjectHit] = []
        if !found.isEmpty { hits.append(.own("found", ["count": .number(found.count), "examples": examples(found)])) }
        if let reason = input.evidence.filesCut { hits.append(.common("files-cut", ["reason": reason])) }
        let facts = found.prefix(20).map { CriterionEvidence.file($0.path, "\($0.rule): \($0.excerpt)") }
        guard hits.isEmpty else { return ProjectReport(hits: hits, evidence: facts) }
        switch input.evidence.pastSecrets {
        case .unknown(let reason): return ProjectReport(.own("history-unread", ["reason": reason]))
        case .known(let past):
            guard !past.isEmpty else { return ProjectReport(.own("clean")) }
            return ProjectReport(
                .own("clean-now", ["count": .number(past.count), "examples": examples(past)]),
                evidence: past.prefix(20).map { .file($0.path, "\($0.rule): \($0.excerpt), in an earlier commit") }
            )
        }
    }

    private static let binaries = ProjectCheck(
        "binaries",
        parameters: ["allowed": .texts],
        cases: [.pass("none"), .fail("found", ["count", "examples"])]
    ) { criterion, input in
        let allowed = Set(criterion.texts("allowed"))
        let found = input.evidence.files.filter { file in
            guard file.binary != nil, !allowed.contains(String(file.name)) else { return false }
            return !file.path.split(separator: "/").dropLast().contains { allowed.contains($0.lowercased() + "/") }
        }
        guard found.isEmpty else {
            let examples = found.prefix(5).map { LocalizedText.seen("\($0.path) (\($0.binary ?? ""))") }
            return ProjectReport(
                .own("found", ["count": .number(found.count), "examples": .list(Array(examples), total: found.count)]),
                evidence: found.prefix(20).map { .file($0.path, "\($0.binary ?? ""), \($0.size) bytes") }
            )
        }
        if let reason = input.evidence.filesCut { return ProjectReport(.common("files-cut", ["reason": reason])) }
        return ProjectReport(.own("none"))
    }
}
