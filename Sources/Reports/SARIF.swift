// SPDX-License-Identifier: EUPL-1.2

internal import Advisories
internal import Criteria
public import JSON

extension Report {
    /// The report as SARIF 2.1.0: one run, whose rules are the open criteria and advisories.
    ///
    /// An unknown criterion is written as a failed one with a lower level. SARIF has the kind `open` for it, but demands the level `none`
    /// then, and code hosts show that as nothing at all: unknown would read as passed.
    ///
    /// Source: OASIS SARIF 2.1.0; `security-severity` and `primaryLocationLineHash` as GitHub reads them.
    public var sarif: JSONValue {
        var rules: [JSONValue] = []
        var results: [JSONValue] = []
        var index: [String: Int] = [:]
        var identities = IdentityTable()
        for criterion in openCriteria {
            index[criterion.id] = rules.count
            rules.append(rule(criterion))
            results.append(
                result(
                    rule: criterion.id,
                    index: rules.count - 1,
                    level: level(of: criterion),
                    message: "\(language(criterion.result.title)): \(language(criterion.explanation)) "
                        + language(criterion.advice ?? criterion.title),
                    locations: locations(criterion),
                    fingerprint: identities.fingerprint(of: criterion),
                    isNew: comparison.map { $0.worse.contains { $0.after.id == criterion.id } },
                    properties: [
                        "outcome": .string(criterion.result.rawValue), "area": .string(criterion.area.rawValue),
                    ]
                )
            )
        }
        let groups = openGroups
        let byID = Dictionary(grouping: groups, by: \.finding.id)
        let new = Set(comparison?.newFindings ?? [])
        for group in groups {
            let id = group.finding.id
            if index[id] == nil {
                index[id] = rules.count
                rules.append(rule(id, byID[id] ?? [group]))
            }
            results.append(
                result(
                    rule: id,
                    index: index[id] ?? 0,
                    level: level(of: group.finding),
                    message: sentence(group),
                    locations: [location(path: nil, logical: group.findings.prefix(20).map(logicalName))],
                    fingerprint: identities.fingerprint(of: group),
                    isNew: comparison.map { _ in new.contains(group) },
                    properties: [
                        "status": .string(group.finding.status.rawValue), "risk": .double(group.finding.risk),
                        "exploited": .bool(group.finding.kev != nil),
                    ]
                )
            )
        }
        return [
            "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
            "version": "2.1.0",
            "runs": [
                [
                    "tool": [
                        "driver": [
                            "name": "Kontor",
                            "version": .string(toolVersion),
                            "language": .string(language.rawValue),
                            "rules": .array(rules),
                        ]
                    ],
                    "columnKind": "unicodeCodePoints",
                    "automationDetails": ["id": .string("kontor/\(locationPath)/")],
                    "results": .array(results),
                    "properties": [
                        "image": .string(name.plain()), "digest": .optional(verdict.image.digest),
                        "level": .string(verdict.level.rawValue), "stage": .string(verdict.stage.rawValue),
                        "catalogue": .string(verdict.catalogueVersion), "snapshot": .optional(verdict.snapshot),
                        "exerciseData": .bool(verdict.exerciseData),
                        "notAssessed": .array(
                            verdict.notAssessed.map {
                                [
                                    "ecosystem": .string($0.ecosystem.plain(limit: 200)),
                                    "components": .integer(Int64($0.components)),
                                    "reason": .string(language($0.reason).plain()),
                                ]
                            }
                        ),
                    ],
                ]
            ],
        ]
    }

    // MARK: - Rules

    private func rule(_ result: CriterionResult) -> JSONValue {
        let criterion = catalogue?.criterion(result.id)
        let description = language(criterion?.description ?? result.title)
        let advice = language(result.advice ?? criterion?.advice ?? result.explanation)
        let sources = (criterion?.sources ?? []).joined(separator: ", ")
        var help = "\(description) \(language(ReportTexts.toDo)): \(advice)"
        var markdown =
            MarkdownText.prose(description) + "\n\n**\(language(ReportTexts.toDo)):** " + MarkdownText.prose(advice)
        if !sources.isEmpty {
            help += " \(language(ReportTexts.sources)): \(sources)"
            markdown += "\n\n\(language(ReportTexts.sources)): " + MarkdownText.prose(sources)
        }
        return [
            "id": .string(result.id),
            "name": .string(result.id.filter { $0 != "-" }),
            "shortDescription": message(language(result.title)),
            "fullDescription": message(description),
            "help": ["text": .string(help.plain()), "markdown": .string(markdown)],
            "defaultConfiguration": ["level": .string(level(of: result))],
            "properties": [
                "tags": .strings([result.area.rawValue, result.level.rawValue, result.stage.rawValue]),
                "precision": "high",
                "problem.severity": .string(level(of: result) == "note" ? "recommendation" : level(of: result)),
            ],
        ]
    }

    /// The worst of its packages stands for an advisory; each result has its own level.
    private func rule(_ id: String, _ groups: [AdvisoryGroup]) -> JSONValue {
        let worst = groups.max { $0.finding.severity.bandMidpoint < $1.finding.severity.bandMidpoint }
        let severity = worst?.finding.severity ?? .unknown
        let packages = Set(groups.map(\.sourceName)).sorted().prefix(20).joined(separator: ", ")
        var properties: [String: JSONValue] = ["tags": .strings(["security", "vulnerability", severity.rawValue])]
        if let score = severity.securitySeverity { properties["security-severity"] = .string(score) }
        let advice = groups.prefix(20).map { fix($0) }.joined(separator: " ")
        return [
            "id": .string(id.plain(limit: 200)),
            "name": "Vulnerability",
            "shortDescription": message("\(id): \(packages)"),
            "fullDescription": message(groups.first.map(sentence) ?? id),
            "help": ["text": .string(advice.plain()), "markdown": .string(MarkdownText.prose(advice))],
            "defaultConfiguration": ["level": .string(worst.map { level(of: $0.finding) } ?? "warning")],
            "properties": .object(properties),
        ]
    }

    // MARK: - Results

    private func result(
        rule: String,
        index: Int,
        level: String,
        message text: String,
        locations: [JSONValue],
        fingerprint: String,
        isNew: Bool?,
        properties: [String: JSONValue]
    ) -> JSONValue {
        var members: [String: JSONValue] = [
            "ruleId": .string(rule.plain(limit: 200)), "ruleIndex": .integer(Int64(index)), "kind": "fail",
            "level": .string(level), "message": message(text), "locations": .array(locations),
            "partialFingerprints": [
                "kontorIdentity/v1": .string(fingerprint),
                "primaryLocationLineHash": .string("\(fingerprint.prefix(16)):1"),
            ],
            "properties": .object(properties),
        ]
        if let isNew { members["baselineState"] = isNew ? "new" : "unchanged" }
        return .object(members)
    }

    private func message(_ text: String) -> JSONValue { ["text": .string(text.plain())] }

    /// Files that the criterion looked at, at most ten; the image where it looked at none.
    private func locations(_ result: CriterionResult) -> [JSONValue] {
        var paths: [String] = []
        for case let path? in result.evidence.map(\.path) where !paths.contains(path) { paths.append(path) }
        guard !paths.isEmpty else { return [location(path: nil, logical: [])] }
        return paths.prefix(10).map { location(path: $0, logical: []) }
    }

    private func location(path: String?, logical: [String]) -> JSONValue {
        // With a file of the repository to point at, the path in the image is a place of another tree and stands in the logical location.
        var uri = locationPath.uriPath
        if location == nil, let path { uri += "/" + path.plain(limit: 1000).uriPath }
        var names: [JSONValue] = [logicalLocation(path.map { "\(name)/\($0)" } ?? name, kind: "resource")]
        names += logical.map { logicalLocation($0, kind: "package") }
        return [
            "physicalLocation": [
                "artifactLocation": ["uri": .string(uri)],
                "region": ["startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1],
            ],
            "logicalLocations": .array(names),
        ]
    }

    private func logicalLocation(_ name: String, kind: String) -> JSONValue {
        ["fullyQualifiedName": .string(name.plain(limit: 1000)), "kind": .string(kind)]
    }

    private func logicalName(_ finding: Finding) -> String {
        finding.componentPURL ?? "\(finding.componentName) \(finding.componentVersion)"
    }

    // MARK: - Levels

    private func level(of result: CriterionResult) -> String {
        guard isAskedFor(result) else { return "note" }
        switch (result.level, result.result) {
        case (.gold, _), (.silver, .unknown): return "note"
        case (.silver, _), (_, .unknown): return "warning"
        default: return "error"
        }
    }

    private func level(of finding: Finding) -> String {
        if finding.kev != nil { return "error" }
        switch finding.severity {
        case .critical, .high: return finding.status.isAffected ? "error" : "warning"
        case .medium, .unknown: return "warning"
        case .low, .negligible: return "note"
        }
    }
}

extension Severity {
    /// The middle of the CVSS band, as text; nil when nobody has rated it, because a made-up number would be taken for a rating.
    ///
    /// GitHub counts as critical only what is above 9.0.
    fileprivate var securitySeverity: String? {
        switch self {
        case .unknown: nil
        case .negligible: "0.5"
        case .low: "3.0"
        case .medium: "5.5"
        case .high: "8.0"
        case .critical: "9.5"
        }
    }
}
