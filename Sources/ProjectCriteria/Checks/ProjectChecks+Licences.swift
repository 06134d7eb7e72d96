// SPDX-License-Identifier: EUPL-1.2

internal import Criteria
internal import SBOM

/// The licence of a project, from the texts in its root and in `LICENSES/`.
struct ProjectLicence {
    /// Files with a licence's text.
    let paths: [String]
    /// SPDX identifiers of those in the root that were recognised; where the root has none, those of `LICENSES/`.
    let identifiers: [String]
    /// Files whose licence was not recognised.
    let unrecognised: [String]

    init(_ evidence: ProjectEvidence) {
        let root = evidence.files.map(\.path).filter { path in
            !path.contains("/") && path.uppercased().wholeMatch(of: /(LICEN[CS]E|COPYING)([-._].*)?/) != nil
        }
        let folder = evidence.files.map(\.path).filter { $0.hasPrefix("LICENSES/") }
        var identifiers: [String] = []
        var unrecognised: [String] = []
        for path in root {
            if let id = LicenceText.identifier(of: evidence.documents[path] ?? "") {
                identifiers.append(id)
            } else {
                unrecognised.append(path)
            }
        }
        if identifiers.isEmpty {
            for path in folder {
                let name = String(path.dropFirst("LICENSES/".count))
                let id = name.hasSuffix(".txt") ? String(name.dropLast(4)) : name
                if SPDXExpression.isKnown(license: id) { identifiers.append(id) } else { unrecognised.append(path) }
            }
            if !identifiers.isEmpty { unrecognised = [] }
        }
        paths = root + folder
        self.identifiers = identifiers
        self.unrecognised = unrecognised
    }

    /// A stated licence agrees with the texts: the forms `-only` and `-or-later` have one text.
    func covers(_ expression: String) -> Bool {
        guard let stated = (try? SPDXExpression(parsing: expression))?.identifiers else { return false }
        let found = Set(
            identifiers.flatMap { (try? SPDXExpression(parsing: $0))?.identifiers ?? [$0] }.map(Self.family)
        )
        return stated.map(Self.family).contains { found.contains($0) }
    }

    private static func family(_ id: String) -> String {
        for ending in ["-only", "-or-later"] where id.hasSuffix(ending) { return String(id.dropLast(ending.count)) }
        return id
    }
}

extension ProjectChecks {
    /// Checks of licences.
    static let licences: [ProjectCheck] = [licence, reuse]

    private static let licence = ProjectCheck(
        "licence",
        parameters: ["allowed": .texts],
        cases: [
            .pass("allowed", ["licences", "path"]),
            .fail("missing"),
            .fail("forbidden", ["licences", "path"]),
            .unknown("unrecognised", ["path"]),
        ]
    ) { criterion, input in
        let found = ProjectLicence(input.evidence)
        guard let path = found.paths.first else { return ProjectReport(.own("missing")) }
        let facts = found.paths.prefix(5).map { CriterionEvidence.file($0) }
        guard !found.identifiers.isEmpty else {
            return ProjectReport(.own("unrecognised", ["path": .list(found.unrecognised)]), evidence: facts)
        }
        let allowed = Set(criterion.texts("allowed"))
        let forbidden = found.identifiers.flatMap { LicenceRule.forbidden(in: $0, allowed: allowed) }
        let values: [String: LocalizedText] = [
            "licences": .list(forbidden.isEmpty ? found.identifiers : forbidden), "path": .seen(path),
        ]
        return ProjectReport(.own(forbidden.isEmpty ? "allowed" : "forbidden", values), evidence: facts)
    }

    private static let reuse = ProjectCheck(
        "reuse",
        cases: [
            .pass("compliant", ["files"]),
            .fail("headers", ["count", "examples"]),
            .fail("texts", ["licences"]),
            .fail("empty"),
        ]
    ) { _, input in
        if let reason = input.evidence.filesCut { return ProjectReport(.common("files-cut", ["reason": reason])) }
        let rules = ReuseRules(input.evidence)
        guard rules.count > 0 else { return ProjectReport(.own("empty")) }
        var hits: [ProjectHit] = []
        if !rules.missing.isEmpty {
            hits.append(.own("headers", ["count": .number(rules.missing.count), "examples": .list(rules.missing)]))
        }
        if !rules.withoutText.isEmpty { hits.append(.own("texts", ["licences": .list(rules.withoutText)])) }
        if hits.isEmpty { hits = [.own("compliant", ["files": .number(rules.count)])] }
        return ProjectReport(hits: hits, evidence: rules.missing.prefix(20).map { .file($0) })
    }
}
