// SPDX-License-Identifier: EUPL-1.2

internal import Advisories
internal import SBOM
internal import Time

/// Findings of one source package: people update packages, not vulnerabilities.
struct FindingGroup {
    let name: String
    let version: String
    /// Worst first; one entry per vulnerability.
    let ids: [String]
    /// Binary packages to update.
    let packages: [String]
    /// The version that fixes all of them; nil when one has no fix.
    let fixedIn: String?
    /// One of them is exploited.
    let isExploited: Bool

    /// Findings by source package, the group with the worst finding first.
    static func groups(of findings: [Finding]) -> [FindingGroup] {
        struct Key: Hashable {
            let name: String
            let version: String
        }
        var order: [Key] = []
        var members: [Key: [Finding]] = [:]
        for finding in findings.worstFirst {
            let source = finding.evidence.sourceName.isEmpty ? finding.componentName : finding.evidence.sourceName
            let version =
                finding.evidence.sourceVersion.isEmpty ? finding.componentVersion : finding.evidence.sourceVersion
            let key = Key(name: source, version: version)
            if members[key] == nil { order.append(key) }
            members[key, default: []].append(finding)
        }
        return order.map { key in
            let findings = members[key] ?? []
            var ids: [String] = []
            for finding in findings where !ids.contains(finding.id) { ids.append(finding.id) }
            return FindingGroup(
                name: key.name,
                version: key.version,
                ids: ids,
                packages: Set(findings.map(\.componentName)).sorted(),
                fixedIn: highestFix(of: findings),
                isExploited: findings.contains { $0.kev != nil }
            )
        }
    }

    private static func highestFix(of findings: [Finding]) -> String? {
        var highest: (text: String, version: DpkgVersion)?
        for finding in findings {
            guard let text = finding.fixedIn else { return nil }
            guard let version = try? DpkgVersion(parsing: text) else { return text }
            if highest.map({ $0.version < version }) ?? true { highest = (text, version) }
        }
        return highest?.text
    }

    /// "openssl 3.0.11-1 is affected by CVE-…, CVE-… and 4 more, fixed in 3.0.17-1".
    var text: LocalizedText {
        let list = PlaceValue.list(Array(ids.prefix(3)), total: ids.count)
        let subject = "\(name.bounded) \(version.bounded)"
        let exploited = isExploited
        return LocalizedText(
            de: "\(subject) ist von \(list.german) betroffen" + (exploited ? " (wird ausgenutzt)" : "")
                + (fixedIn.map { ", behoben in \($0.bounded)" } ?? ", ohne verfügbare Korrektur"),
            en: "\(subject) is affected by \(list.english)" + (exploited ? " (exploited)" : "")
                + (fixedIn.map { ", fixed in \($0.bounded)" } ?? ", no fix available")
        )
    }

    /// Groups as a place in a text.
    static func place(_ groups: [FindingGroup]) -> PlaceValue {
        .localizedList(groups.map(\.text), total: groups.count)
    }

    /// At most so many packages are named in a command; with more of them everything is updated.
    private static let commandLimit = 12

    /// The command that brings the fixes, for packages of Debian and its kin.
    static func command(_ groups: [FindingGroup]) -> String {
        let packages = Set(groups.flatMap(\.packages)).sorted()
        // Names go into a command that people copy: what is not plainly a package name stays out of it.
        let isPlain = packages.allSatisfy {
            $0.utf8.allSatisfy { byte in
                (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2B || byte == 0x2D
                    || byte == 0x2E
            } && !$0.isEmpty && !$0.hasPrefix("-")
        }
        guard isPlain, packages.count <= commandLimit else { return "apt-get update && apt-get dist-upgrade" }
        return "apt-get update && apt-get install --only-upgrade \(packages.joined(separator: " "))"
    }
}

/// How bad a finding counts: the rating, or what exploitation says where there is none.
enum CountedSeverity: Equatable {
    case rated(Severity)
    /// Nobody rated it, and neither KEV nor EPSS raises it.
    case unrated

    /// Unrated counts as high for KEV or from an EPSS percentile on.
    init(_ finding: Finding, percentile: Double) {
        if finding.severity != .unknown {
            self = .rated(finding.severity)
        } else if finding.kev != nil || (finding.epss?.percentile ?? 0) >= percentile {
            self = .rated(.high)
        } else {
            self = .unrated
        }
    }

    func isAtLeast(_ severity: Severity) -> Bool {
        if case .rated(let own) = self { return own >= severity }
        return false
    }
}

extension CriterionEvidence {
    init(finding: Finding) {
        var text = "\(finding.id): \(finding.componentName) \(finding.componentVersion), \(finding.status.rawValue)"
        if let fixed = finding.fixedIn { text += ", fixed in \(fixed)" }
        text += ", severity \(finding.severity.rawValue)"
        if let source = finding.severitySource { text += " (\(source))" }
        if let kev = finding.kev { text += ", in KEV since \(kev.dateAdded.dateText)" }
        if let epss = finding.epss { text += ", EPSS percentile \(epss.percentile)" }
        text += "; \(finding.evidence.feed): \(finding.evidence.record); \(finding.evidence.rule)"
        self.init(kind: .finding, strength: .observed, text: text.bounded(to: 500))
    }
}
