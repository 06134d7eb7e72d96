// SPDX-License-Identifier: EUPL-1.2

import Advisories
public import Criteria
public import SBOM

/// One release of one ecosystem, as feeds name it: `deb` and `bookworm`.
public struct ReleaseKey: Sendable, Hashable, Comparable {
    /// The package ecosystem, such as `deb`.
    public let ecosystem: String
    /// The release within it; empty for ecosystems without releases.
    public let release: String

    /// Creates a key.
    public init(ecosystem: String, release: String) {
        self.ecosystem = ecosystem
        self.release = release
    }

    /// Orders by ecosystem, then release.
    public static func < (left: ReleaseKey, right: ReleaseKey) -> Bool {
        (left.ecosystem, left.release) < (right.ecosystem, right.release)
    }
}

/// One package of one release, as feeds name it: for Debian the source package.
public struct PackageKey: Sendable, Hashable, Comparable {
    /// The release that the package belongs to.
    public let release: ReleaseKey
    /// The name under which advisories list it.
    public let name: String

    /// Creates a key.
    public init(release: ReleaseKey, name: String) {
        self.release = release
        self.name = name
    }

    /// Orders by release, then name.
    public static func < (left: PackageKey, right: PackageKey) -> Bool {
        (left.release, left.name) < (right.release, right.name)
    }
}

/// What of an inventory advisories can speak about, and what they cannot.
public enum Coverage {
    /// Where a component's advisories are to be looked for.
    public enum Place: Sendable, Hashable {
        /// Under this key, if a feed covers its release.
        case package(PackageKey)
        /// Nowhere: it is a part of a package that is itself looked up, or it is no package at all.
        case none
        /// It cannot be looked up, whatever feeds are loaded.
        case unknown(ecosystem: String, reason: LocalizedText)
    }

    /// Finds the place for one component.
    ///
    /// - Parameter foreign: purls of owners that are installed beside it and not the distribution's own, see ``foreign(in:)``. Of the component
    ///   itself its own record tells: another image may have a stranger's package under the same purl.
    public static func place(of component: Component, foreign: Set<String> = []) -> Place {
        switch component.kind {
        case .file where component.ecosystem == AdvisorySubject.fileEcosystem:
            let release = ReleaseKey(ecosystem: component.ecosystem, release: "")
            return .package(PackageKey(release: release, name: component.version))
        case .operatingSystem, .file: return .none
        case .library, .application: break
        }
        // The distribution patches what it ships under its own versions: the owner's advisories decide, and a match
        // of the upstream version would report what has long been fixed.
        // A package of somebody else's repository carries upstream's own releases.
        if let owner = component.ownedBy, !foreign.contains(owner),
            distributed.contains(where: { owner.hasPrefix("pkg:\($0)/") })
        {
            return .none
        }
        if distributed.contains(component.ecosystem), PackageOrigin.isForeign(component) {
            return .unknown(ecosystem: component.ecosystem, reason: Self.foreign)
        }
        guard !component.version.isEmpty else {
            return .unknown(
                ecosystem: component.ecosystem,
                reason: LocalizedText(de: "Die Version ist nicht bekannt.", en: "The version is not known.")
            )
        }
        // Its version is that of a working copy: no release of the index, though it may read like one.
        if component.purl?.qualifiers["vcs_url"] != nil {
            return .unknown(
                ecosystem: component.ecosystem,
                reason: LocalizedText(
                    de: "Aus einer Versionsverwaltung installiert; die Version ist keine veröffentlichte.",
                    en: "Installed out of version control; its version is no published one."
                )
            )
        }
        if let subject = AdvisorySubject(component) {
            let key = ReleaseKey(ecosystem: subject.ecosystem, release: subject.release)
            return .package(PackageKey(release: key, name: subject.name))
        }
        guard distributed.contains(component.ecosystem) else {
            return .unknown(ecosystem: component.ecosystem, reason: withoutFeed(component.ecosystem))
        }
        guard let distribution = component.distribution else {
            return .unknown(
                ecosystem: component.ecosystem,
                reason: LocalizedText(
                    de:
                        "Aus welcher Distribution die Pakete stammen, ist nicht gesagt (im Image: os-release; in einer SBOM: distro in der Package-URL).",
                    en:
                        "Nothing says which distribution the packages come from (in an image: os-release; in an SBOM: distro in the package URL)."
                )
            )
        }
        return .unknown(ecosystem: component.ecosystem, reason: uncovered(label(of: distribution)))
    }

    private static let distributed = AdvisorySubject.distributed

    /// Purls of the packages among these that another source than the distribution provides.
    public static func foreign(in components: [Component]) -> Set<String> {
        Set(components.lazy.filter(PackageOrigin.isForeign).compactMap { $0.purl?.description })
    }

    private static let foreign = LocalizedText(
        de: "Pakete einer anderen Quelle als der Distribution; deren Meldungen gelten nicht für sie.",
        en: "Packages of another source than the distribution; its advisories do not speak about them."
    )

    /// Why finding nothing about a component proves nothing; nil when it does.
    static func doubt(about component: Component) -> LocalizedText? {
        guard component.confidence < 1 else { return nil }
        return LocalizedText(
            de:
                "Der Name ist aus Manifest oder Dateiname geschlossen; Meldungen unter einem anderen wären nicht gefunden worden.",
            en:
                "The name is inferred from a manifest or a file name; advisories under another one would not have been found."
        )
    }

    /// Why a package was not looked up whose release no feed covers.
    static func uncovered(_ component: Component, _ key: ReleaseKey) -> LocalizedText {
        guard distributed.contains(key.ecosystem) else { return withoutFeed(key.ecosystem) }
        return uncovered(component.distribution.map(label) ?? key.release)
    }

    private static func withoutFeed(_ ecosystem: String) -> LocalizedText {
        LocalizedText(
            de: "Für \(named(ecosystem)) ist keine Meldungsquelle geladen.",
            en: "No feed is loaded for \(named(ecosystem))."
        )
    }

    /// Groups everything that was not looked up: by ecosystem and reason, counted, in a fixed order.
    static func notAssessed(_ reasons: [(ecosystem: String, reason: LocalizedText)]) -> [NotAssessed] {
        var counts: [String: (ecosystem: String, reason: LocalizedText, count: Int)] = [:]
        for entry in reasons {
            counts["\(entry.ecosystem)\u{0}\(entry.reason.en)", default: (entry.ecosystem, entry.reason, 0)].count += 1
        }
        return counts.sorted { $0.key < $1.key }.map { _, entry in
            NotAssessed(ecosystem: entry.ecosystem, components: entry.count, reason: entry.reason)
        }
    }

    /// The reason for a release that no feed speaks about.
    static func uncovered(_ release: String) -> LocalizedText {
        LocalizedText(
            de: "Keine geladene Meldungsquelle deckt \(release) ab.",
            en: "No feed that is loaded covers \(release)."
        )
    }

    static func label(of distribution: Distribution) -> String {
        let version = distribution.codename ?? distribution.versionID
        return version.map { "\(distribution.id) \($0)" } ?? distribution.id
    }

    private static func named(_ ecosystem: String) -> String {
        ecosystem.isEmpty ? "components without an ecosystem" : ecosystem
    }
}

extension Assessed {
    /// What an inventory comes to when no feed has ever been imported: nothing is known, and that is said.
    public static func withoutFeeds(_ components: [Component]) -> Assessed {
        let reason = LocalizedText(
            de: "Es sind keine Sicherheitshinweise importiert: kontor feeds import PFAD…",
            en: "No advisories have been imported: kontor feeds import PATH…"
        )
        var reasons: [(ecosystem: String, reason: LocalizedText)] = []
        let foreign = Coverage.foreign(in: components)
        for component in components {
            switch Coverage.place(of: component, foreign: foreign) {
            case .none: continue
            case .package(let key): reasons.append((key.release.ecosystem, reason))
            case .unknown(let ecosystem, _): reasons.append((ecosystem, reason))
            }
        }
        return Assessed(findings: [], notAssessed: Coverage.notAssessed(reasons))
    }
}
