// SPDX-License-Identifier: EUPL-1.2

public import SBOM

/// Lays advisories over a component.
public enum Matcher {
    /// The findings of one component.
    ///
    /// A version outside the ranges of an advisory, or at or past its fix, is no finding; nor is a package that the feed says was never
    /// vulnerable. What cannot be compared is a finding with status `undetermined`. Records of several databases about the same
    /// vulnerability are one finding, named by its CVE where it has one.
    ///
    /// - Parameters:
    ///   - component: one package of an image.
    ///   - advisories: any; those of other packages, releases and distributions are passed over.
    ///   - kev: looks up a CVE in the catalogue of exploited vulnerabilities.
    ///   - epss: looks up a CVE's probability of exploitation.
    /// - Returns: one finding per vulnerability, ordered by identifier.
    public static func findings(
        component: Component,
        advisories: [Advisory],
        kev: (String) -> KEVEntry?,
        epss: (String) -> EPSSScore?
    ) -> [Finding] {
        guard let subject = AdvisorySubject(component) else { return [] }
        var groups = FindingGroups()
        for advisory in advisories where subject.isMeant(by: advisory) {
            guard let match = subject.match(advisory) else { continue }
            groups.insert(Candidate(advisory: advisory, match: match))
        }
        let found = groups.all
        guard !found.isEmpty else { return [] }
        let purl = component.purl?.description
        return found.compactMap { group in
            finding(component, purl, subject, group, kev: kev, epss: epss)
        }
        .sorted { $0.id < $1.id }
    }

    private static func finding(
        _ component: Component,
        _ purl: String?,
        _ subject: AdvisorySubject,
        _ group: FindingGroups.Group,
        kev: (String) -> KEVEntry?,
        epss: (String) -> EPSSScore?
    ) -> Finding? {
        let candidates = group.candidates.sorted { $0.sortKey < $1.sortKey }
        guard let best = candidates.first else { return nil }
        let known = group.identifiers.sorted()
        let id = known.first { CVEIdentifier.isValid($0.utf8) } ?? best.advisory.id
        let errata = candidates.map(\.advisory.id).filter { !group.identifiers.contains($0) }
        let aliases = Set(known + errata).subtracting([id]).sorted()
        let ratings = FindingRatings(candidates.map(\.advisory))
        let rating = ratings.counting
        // Both speak of CVEs only.
        let cves = ([id] + aliases).filter { CVEIdentifier.isValid($0.utf8) }
        let exploited = cves.lazy.compactMap(kev).first
        let score = cves.compactMap(epss).max { $0.probability < $1.probability }
        let severity = rating?.severity ?? .unknown
        let risk = Risk(severity: severity, kev: exploited, epss: score)
        return Finding(
            id: id,
            aliases: aliases,
            componentName: component.name,
            componentVersion: component.version,
            componentPURL: purl,
            status: best.match.status,
            fixedIn: best.match.fixedIn,
            severity: severity,
            severitySource: rating?.source,
            ratings: ratings.all,
            kev: exploited,
            epss: score,
            risk: risk.value,
            riskExplanation: risk.explanation,
            evidence: FindingEvidence(
                feed: best.advisory.feed,
                record: best.advisory.record,
                rule: best.match.rule,
                sourceName: subject.name,
                sourceVersion: subject.version
            )
        )
    }
}

/// An advisory that says something about the component.
struct Candidate {
    let advisory: Advisory
    let match: AdvisoryMatch

    /// Of two records about one vulnerability, the one that says "vulnerable" outweighs the one that cannot tell, and one that names a fix
    /// outweighs one that does not.
    fileprivate var sortKey: (Int, String, String, String) {
        let strength = !match.status.isAffected ? 2 : match.fixedIn == nil ? 1 : 0
        return (strength, advisory.feed, advisory.id, match.rule)
    }

    /// What the vulnerability is called: the CVEs that an erratum fixes, one by one, else the record's identifier with its aliases.
    fileprivate var vulnerabilities: [[String]] {
        let fixed = advisory.upstream.filter { CVEIdentifier.isValid($0.utf8) }
        return fixed.isEmpty ? [[advisory.id] + advisory.aliases] : fixed.map { [$0] }
    }
}

/// Candidates by vulnerability: two that share an identifier speak about the same one, also over a third.
struct FindingGroups {
    struct Group {
        var identifiers: Set<String>
        var candidates: [Candidate]
    }

    private var groups: [Group?] = []
    private var byIdentifier: [String: Int] = [:]

    var all: [Group] { groups.compactMap { $0 } }

    mutating func insert(_ candidate: Candidate) {
        for identifiers in candidate.vulnerabilities { insert(candidate, identifiers) }
    }

    private mutating func insert(_ candidate: Candidate, _ identifiers: [String]) {
        var group = Group(identifiers: Set(identifiers), candidates: [candidate])
        for index in Set(identifiers.compactMap { byIdentifier[$0] }).sorted() {
            guard let other = groups[index] else { continue }
            group.identifiers.formUnion(other.identifiers)
            group.candidates += other.candidates
            groups[index] = nil
        }
        for identifier in group.identifiers { byIdentifier[identifier] = groups.count }
        groups.append(group)
    }
}
