// SPDX-License-Identifier: EUPL-1.2

/// What a feed says about one vulnerability in one package of one release.
public struct Advisory: Sendable, Hashable {
    /// Identifier: `CVE-2024-1234`, `GHSA-9hjg-9r4m-mvj7`, `ALSA-2024:1234`.
    public let id: String
    /// Who says so: `debian`, `osv-pypi`.
    public let feed: String
    /// Whose names and version rules count, as a purl type where there is one: `deb`, `pypi`.
    public let ecosystem: String
    /// The release it is about: `bookworm`, `almalinux 9`; empty for packages of languages.
    public let release: String
    /// Name of the package, as ``AdvisorySubject`` looks it up: of the source package where the distribution's advisories speak of those.
    public let package: String
    /// Whether and where it is fixed.
    public let state: AdvisoryState
    /// The source's own rating, as written: `medium`, `not yet assigned`, `MODERATE`.
    public let urgency: String?
    /// A sentence about it.
    public let summary: String?
    /// Other identifiers of the same vulnerability.
    public let aliases: [String]
    /// The vulnerabilities that this record was made from: the CVEs that an erratum fixes.
    ///
    /// They are not the same thing as the erratum.
    public let upstream: [String]
    /// CVSS vectors, as written.
    public let vectors: [String]
    /// True when the package itself is hostile, so that every version named is to be removed and none is a fix.
    public let isMalicious: Bool

    /// Makes an advisory.
    public init(
        id: String,
        feed: String,
        ecosystem: String,
        release: String,
        package: String,
        state: AdvisoryState,
        urgency: String? = nil,
        summary: String? = nil,
        aliases: [String] = [],
        upstream: [String] = [],
        vectors: [String] = [],
        isMalicious: Bool = false
    ) {
        self.id = id
        self.feed = feed
        self.ecosystem = ecosystem
        self.release = release
        self.package = package
        self.state = state
        self.urgency = urgency
        self.summary = summary
        self.aliases = aliases
        self.upstream = upstream
        self.vectors = vectors
        self.isMalicious = isMalicious
    }

    /// The source's own rating as a severity.
    ///
    /// Debian marks ratings of its own automatic origin with `*` or `**`; the mark says nothing about the rating.
    public var severity: Severity {
        guard let urgency else { return .unknown }
        return switch String(urgency.prefix { $0 != "*" }).lowercased() {
        case "critical": .critical
        case "high", "important": .high
        case "medium", "moderate": .medium
        case "low": .low
        case "unimportant", "negligible": .negligible
        default: .unknown
        }
    }

    /// The record in its feed, for people to look up: `openssl CVE-2024-1234 bookworm`, `requests PYSEC-2023-74`.
    public var record: String { release.isEmpty ? "\(package) \(id)" : "\(package) \(id) \(release)" }
}

/// Whether and where a vulnerability is fixed.
public enum AdvisoryState: Sendable, Hashable {
    /// Fixed in this version and all later ones.
    case resolved(fixed: String)
    /// Vulnerable in these ranges; `versions` are listed one by one, where a record has no range.
    case ranges([VersionRange], versions: [String])
    /// Not fixed.
    case open(reason: OpenReason?)
    /// Never vulnerable in this release.
    case notAffected
    /// The feed itself does not know.
    case undetermined

    /// Why a distributor has not fixed something.
    public enum OpenReason: String, Sendable, Hashable, CaseIterable {
        /// Too small for an advisory of its own; a fix may come with a point release.
        case noDSA
        /// There will be no fix.
        case ignored
        /// A fix will come with a later one.
        case postponed
        /// The package has no support any more.
        case endOfLife
    }
}
