// SPDX-License-Identifier: EUPL-1.2

internal import Advisories
internal import Criteria
public import JSON

extension Report {
    /// The report in the subset of the Code Climate form that GitLab reads as a code quality report.
    ///
    /// Every entry has `description`, `check_name`, `fingerprint`, `severity` and `location`; what is not open is left out, because the form
    /// knows faults only.
    ///
    /// Source: GitLab documentation, "Code Quality report format".
    public var codeQuality: JSONValue {
        var identities = IdentityTable()
        var entries: [JSONValue] = []
        for result in openCriteria {
            entries.append(
                entry(
                    check: result.id,
                    category: result.area == .security ? "Security" : "Compatibility",
                    description: "\(result.id) \(language(result.title)) (\(language(result.result.title))): "
                        + language(result.explanation),
                    fingerprint: identities.fingerprint(of: result),
                    severity: severity(of: result)
                )
            )
        }
        for group in openGroups {
            entries.append(
                entry(
                    check: group.finding.id,
                    category: "Security",
                    description: sentence(group),
                    fingerprint: identities.fingerprint(of: group),
                    severity: severity(of: group.finding)
                )
            )
        }
        return .array(entries)
    }

    private func entry(check: String, category: String, description: String, fingerprint: String, severity: String)
        -> JSONValue
    {
        [
            "type": "issue",
            "check_name": .string(check.plain(limit: 200)),
            "categories": [.string(category)],
            "description": .string(description.plain(limit: 1000)),
            "fingerprint": .string(fingerprint),
            "severity": .string(severity),
            "location": ["path": .string(locationPath), "lines": ["begin": 1]],
        ]
    }

    /// A fault outweighs an open question by one step; what nobody asks for is a remark.
    private func severity(of result: CriterionResult) -> String {
        guard isAskedFor(result) else { return "info" }
        let isFault = result.result == .fail
        switch result.level {
        case .none, .bronze: return isFault ? "critical" : "major"
        case .silver: return isFault ? "major" : "minor"
        case .gold: return isFault ? "minor" : "info"
        }
    }

    private func severity(of finding: Finding) -> String {
        if finding.kev != nil { return "blocker" }
        switch finding.severity {
        case .critical: return "blocker"
        case .high: return "critical"
        case .medium, .unknown: return "major"
        case .low: return "minor"
        case .negligible: return "info"
        }
    }
}
