// SPDX-License-Identifier: EUPL-1.2

public import Advisories

/// The findings of one advisory in the binary packages of one source package: one line for people, who update sources and not binaries.
public struct AdvisoryGroup: Sendable, Hashable {
    /// The finding that stands for the group; the others differ from it only in their component.
    public let finding: Finding
    /// The findings, at least one, by component.
    public let findings: [Finding]

    /// Name of the source package; of the component where no source is known.
    public var sourceName: String { Self.source(of: finding).name }

    /// Version of the source package; of the component where no source is known.
    public var sourceVersion: String { Self.source(of: finding).version }

    fileprivate static func source(of finding: Finding) -> (name: String, version: String) {
        let evidence = finding.evidence
        return (
            evidence.sourceName.isEmpty ? finding.componentName : evidence.sourceName,
            evidence.sourceVersion.isEmpty ? finding.componentVersion : evidence.sourceVersion
        )
    }
}

extension Verdict {
    /// The findings by advisory and source package, worst first: exploited before the rest, then by risk.
    public var advisoryGroups: [AdvisoryGroup] {
        struct Key: Hashable {
            let id: String
            let name: String
            let version: String
            let status: FindingStatus
            let fixedIn: String?
        }
        var order: [Key] = []
        var members: [Key: [Finding]] = [:]
        for finding in findings.worstFirst {
            let source = AdvisoryGroup.source(of: finding)
            let key = Key(
                id: finding.id,
                name: source.name,
                version: source.version,
                status: finding.status,
                fixedIn: finding.fixedIn
            )
            if members[key] == nil { order.append(key) }
            members[key, default: []].append(finding)
        }
        return order.compactMap { key in
            guard let findings = members[key], let first = findings.first else { return nil }
            return AdvisoryGroup(finding: first, findings: findings)
        }
    }
}
