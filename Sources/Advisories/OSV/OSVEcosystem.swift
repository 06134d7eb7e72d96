// SPDX-License-Identifier: EUPL-1.2

internal import SBOM

/// An ecosystem as OSV writes it, `AlmaLinux:9`, in the words of ``AdvisorySubject``.
///
/// Source: OSV schema 1.7.4, "Defined ecosystems"; before the first colon stands the ecosystem, after it the release.
public struct OSVEcosystem: Sendable, Hashable {
    /// What stands before the colon, lower-cased: `almalinux`; names the feed.
    public let base: String
    /// The purl type, or ``base`` where there is none that is known.
    public let ecosystem: String
    /// The release as ``AdvisorySubject/release`` has it; empty where the ecosystem has none.
    public let release: String

    /// Reads an ecosystem; unknown ones are kept under their lower-cased name.
    public init(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        base = (parts.first.map(String.init) ?? "").lowercased()
        let suffix = parts.count > 1 ? String(parts[1]) : ""
        if let type = Self.languages[base] {
            (ecosystem, release) = (type, suffix)
            return
        }
        guard let (type, id) = Self.distributions[base] else {
            (ecosystem, release) = (base, suffix)
            return
        }
        ecosystem = type
        release = Self.release(id, suffix)
    }

    /// True for the ecosystems of distributions, whose own rating comes before others'.
    public var isDistribution: Bool { AdvisorySubject.distributed.contains(ecosystem) }

    private static func release(_ id: String, _ suffix: String) -> String {
        if suffix.isEmpty { return id }
        switch id {
        case "debian": return Distribution(id: "debian", versionID: suffix).releaseName ?? "debian \(suffix)"
        // `v3.19`, as its repositories are named.
        case "alpine": return "alpine \(suffix.first == "v" ? String(suffix.dropFirst()) : suffix)"
        // `22.04:LTS`: long-term support says how long, not what.
        case "ubuntu" where suffix.hasSuffix(":LTS") && !suffix.hasPrefix("Pro"): return "ubuntu \(suffix.dropLast(4))"
        default: return "\(id) \(suffix)"
        }
    }

    private static let languages = [
        "pypi": "pypi", "go": "golang", "npm": "npm", "crates.io": "cargo", "maven": "maven", "rubygems": "gem",
        "nuget": "nuget", "packagist": "composer", "hex": "hex", "pub": "pub", "cran": "cran", "hackage": "hackage",
        "swifturl": "swift", "conancenter": "conan", "julia": "julia",
    ]

    private static let distributions = [
        "debian": ("deb", "debian"), "ubuntu": ("deb", "ubuntu"), "alpine": ("apk", "alpine"),
        "wolfi": ("apk", "wolfi"),
        "chainguard": ("apk", "chainguard"), "almalinux": ("rpm", "almalinux"), "rocky linux": ("rpm", "rocky"),
        "red hat": ("rpm", "rhel"), "opensuse": ("rpm", "opensuse"), "suse": ("rpm", "suse"),
        "openeuler": ("rpm", "openeuler"), "mageia": ("rpm", "mageia"), "azure linux": ("rpm", "azurelinux"),
    ]
}
