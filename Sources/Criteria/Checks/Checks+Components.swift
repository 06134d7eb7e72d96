// SPDX-License-Identifier: EUPL-1.2

internal import Advisories
internal import SBOM

extension Checks {
    /// Checks of what the components are known for: as malicious, and under which licences.
    static let components: [Check] = [malware, componentLicences]

    // MARK: - IMG-SEC-17

    private static let malware = Check(
        "known-malware",
        cases: [
            .pass("none", ["components", "language", "date"]),
            .fail("malicious", ["findings"]),
        ]
    ) { _, input in
        let malicious = input.assessed.findings.filter { finding in
            finding.isOpen && ([finding.id] + finding.aliases).contains { $0.hasPrefix("MAL-") }
        }
        let feeds = input.languageFeeds
        if !malicious.isEmpty {
            let texts = malicious.map { "\($0.id): \($0.componentName) \($0.componentVersion)" }
            return CheckReport(.own("malicious", ["findings": .list(texts)]), evidence: input.facts(of: feeds))
        }
        // What a distribution signs and ships is its own word; lists of malicious packages name those of language indexes.
        let language = input.packages.filter {
            !AdvisorySubject.distributed.contains($0.ecosystem) && $0.ownedBy == nil
        }
        var hits = input.inventoryGaps
        if !language.isEmpty {
            let ecosystems = Set(language.map(\.ecosystem))
            hits += input.coverageGaps(of: ecosystems)
            if let stale = input.staleness(of: feeds) { hits.append(stale) }
        }
        guard hits.isEmpty else { return CheckReport(hits: hits, evidence: input.facts(of: feeds)) }
        return CheckReport(
            .own(
                "none",
                [
                    "components": .number(input.packages.count), "language": .number(language.count),
                    "date": .text(feeds.isEmpty ? "–" : input.dateText(of: feeds)),
                ]
            ),
            evidence: input.facts(of: feeds),
            changesAt: input.expiries(of: feeds)
        )
    }

    // MARK: - IMG-REU-04

    private static let componentLicences = Check(
        "component-licences",
        parameters: ["minimumLicensed": .number, "blocked": .texts, "copyleft": .texts],
        cases: [
            .pass("clean", ["licensed", "components"]),
            .fail("blocked", ["examples"]),
            .fail("missing", ["count", "components", "examples", "minimum"]),
            .fail("no-source", ["examples"]),
            .unknown("unread-licences", ["count", "components", "examples", "minimum"]),
        ]
    ) { criterion, input in
        // What a distribution's package brought goes by that package's licence.
        let components = input.packages.filter { $0.ownedBy == nil }
        let minimum = criterion.number("minimumLicensed")
        let isDistributed = { (component: Component) in AdvisorySubject.distributed.contains(component.ecosystem) }
        let without = components.filter(\.licenses.isEmpty)
        let missing = without.filter { !isDistributed($0) }
        let facts = [
            CriterionEvidence(
                kind: .inventory,
                strength: .declared,
                text: "\(components.count) components, \(components.count - without.count) with a licence"
            )
        ]
        func values(_ found: [Component]) -> [String: PlaceValue] {
            [
                "count": .number(found.count), "components": .number(components.count),
                "examples": .list(found.map(\.name)), "minimum": .number(Int(minimum * 100)),
            ]
        }
        var hits: [Hit] = []
        let blocked = NameMatcher(criterion.texts("blocked").map { $0.lowercased() })
        let named = components.compactMap { component -> String? in
            component.licences { blocked.matches($0.lowercased()) }.map { "\(component.name) (\($0))" }
        }
        if !named.isEmpty { hits.append(.own("blocked", ["examples": .list(named)])) }
        func isEnough(_ count: Int) -> Bool { Double(count) >= Double(components.count) * minimum - 1e-9 }
        if !isEnough(components.count - missing.count) {
            hits.append(.own("missing", values(missing)))
        } else if !isEnough(components.count - without.count) {
            // Debian's free-text copyright files state a licence that a program does not read.
            hits.append(.own("unread-licences", values(without)))
        }
        // The distribution offers the sources of what it ships; for the rest the image must say where they are.
        let copyleft = NameMatcher(criterion.texts("copyleft").map { $0.lowercased() })
        let obliging = components.filter { component in
            !isDistributed(component) && component.licences { copyleft.matches($0.lowercased()) } != nil
        }
        if !obliging.isEmpty, case .absent = input.evidence.metadata(Keys.source) {
            hits.append(.own("no-source", ["examples": .list(obliging.map(\.name))]))
        }
        hits += input.inventoryGaps
        guard hits.isEmpty else { return CheckReport(hits: hits, evidence: facts) }
        let pass: [String: PlaceValue] = [
            "licensed": .number(components.count - without.count), "components": .number(components.count),
        ]
        return CheckReport(.own("clean", pass), evidence: facts)
    }
}

extension Component {
    /// The first of its licences that is meant, nil when none is or where another may be chosen instead.
    fileprivate func licences(_ isMeant: (String) -> Bool) -> String? {
        for text in licenses {
            let identifiers = (try? SPDXExpression(parsing: text))?.identifiers ?? [text]
            let meant = identifiers.filter(isMeant)
            if meant.isEmpty || (meant.count < identifiers.count && text.uppercased().contains(" OR ")) { continue }
            return meant[0]
        }
        return nil
    }
}
