// SPDX-License-Identifier: EUPL-1.2

internal import Advisories
internal import SBOM
internal import Time

/// What must be proven before "no findings" may mean anything.
extension CheckInput {
    /// Components that are installed, without the distribution itself: an os-release alone proves no inventory.
    var packages: [Component] { evidence.components.filter(\.isPackage) }

    /// Why the list of components may be incomplete; empty when it is proven.
    var inventoryGaps: [Hit] {
        var gaps: [Hit] = []
        let problems = evidence.problems.filter(\.affectsComponents)
        if !problems.isEmpty {
            let texts = problems.map { problem in problem.path.map { "/\($0): \(problem.reason)" } ?? problem.reason }
            gaps.append(.common("unreadable", ["problems": .list(texts)]))
        }
        if evidence.distribution == nil { gaps.append(.common("no-distribution")) }
        if packages.isEmpty { gaps.append(.common("no-components")) }
        return gaps
    }

    /// Components that no feed speaks about.
    var coverageGaps: [Hit] { coverageGaps(of: nil) }

    /// Components of some ecosystems that no feed speaks about; nil means all.
    func coverageGaps(of ecosystems: Set<String>?) -> [Hit] {
        let gaps = assessed.notAssessed.filter { ecosystems?.contains($0.ecosystem) ?? true }
        guard !gaps.isEmpty else { return [] }
        let texts = gaps.map { entry in
            LocalizedText(
                de: "\(entry.components) × \(entry.ecosystem.bounded) (\(entry.reason.de))",
                en: "\(entry.components) × \(entry.ecosystem.bounded) (\(entry.reason.en))"
            )
        }
        return [.common("not-assessed", ["components": .localizedList(texts, total: texts.count)])]
    }

    /// Feeds of the ecosystems that the image has packages of which no distribution brought.
    var languageFeeds: [FeedState] {
        let ecosystems = Set(
            packages.lazy.filter { $0.ownedBy == nil && $0.distribution == nil }.map(\.ecosystem)
        )
        return context.feeds.filter { $0.kind == .other && !ecosystems.isDisjoint(with: $0.releases) }
    }

    /// Feeds that cover the image's release.
    var coveringFeeds: [FeedState] {
        guard let distribution = evidence.distribution else { return [] }
        let names = [
            distribution.releaseName, distribution.codename, distribution.versionID, distribution.advisoryRelease,
        ].compactMap { $0 }
        return context.feeds.filter { feed in
            feed.kind == .distribution && (feed.releases.isEmpty || feed.releases.contains { names.contains($0) })
        }
    }

    /// Feeds of exploited vulnerabilities.
    var exploitedFeeds: [FeedState] { context.feeds.filter { $0.kind == .exploited } }

    /// The release in words: `Debian GNU/Linux 12 (bookworm)`.
    var releaseText: String {
        guard let distribution = evidence.distribution else { return "?" }
        return distribution.prettyName
            ?? [distribution.id, distribution.versionID].compactMap { $0 }.joined(separator: " ")
    }

    /// A hit that names each feed that is too old; nil when all are young enough.
    func staleness(of feeds: [FeedState]) -> Hit? {
        let stale = feeds.filter { context.ageLimits.expiry(of: $0) <= context.now }
        guard !stale.isEmpty else { return nil }
        let texts = stale.map { feed in
            let limit = context.ageLimits.limit(for: feed).wholeDays
            return LocalizedText(
                de: "\(feed.name): Sicherheitshinweise vom \(feed.dataDate.dateText), Grenze \(limit) Tage",
                en: "\(feed.name): advisories as of \(feed.dataDate.dateText), limit \(limit) days"
            )
        }
        let open = assessed.findings.count(where: \.isOpen)
        let known = LocalizedText(
            de: "Offene Befunde nach diesem Stand: \(open).",
            en: "Open findings as of then: \(open)."
        )
        return .common(
            "stale-advisories",
            ["feeds": .localizedList(texts, total: texts.count), "findings": .localized(known)]
        )
    }

    /// The date of the data that a passed result rests on.
    func dateText(of feeds: [FeedState]) -> String {
        feeds.map { "\($0.dataDate.dateText) (\($0.name))" }.joined(separator: ", ")
    }

    /// Instants at which feeds become too old.
    func expiries(of feeds: [FeedState]) -> [Timestamp] { feeds.map { context.ageLimits.expiry(of: $0) } }

    /// Feeds as facts.
    func facts(of feeds: [FeedState]) -> [CriterionEvidence] {
        feeds.map { feed in
            CriterionEvidence(
                kind: .feed,
                strength: .proven,
                text: "\(feed.name), \(feed.count) records, newest of \(feed.dataDate.dateText), \(feed.digest)".bounded
            )
        }
    }
}

extension Component {
    /// True for what was installed, rather than the distribution as such or a lone file.
    var isPackage: Bool { kind == .library || kind == .application }
}
