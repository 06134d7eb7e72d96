// SPDX-License-Identifier: EUPL-1.2

public import SBOM

/// A component as feeds know it: ecosystem, release, and the name and version that advisories speak of.
public struct AdvisorySubject: Sendable, Hashable {
    /// The ecosystem, a purl type: `deb`, `pypi`.
    public let ecosystem: String
    /// The release, as feeds file it: `bookworm`, `almalinux 9`; empty for packages of languages.
    public let release: String
    /// The name: of the source package for Debian and Alpine, `group:artifact` for Maven.
    public let name: String
    /// The version that belongs to that name, as written.
    public let version: String
    /// True when `name` and `version` are those of the source package.
    public let isSource: Bool

    /// Finds what advisories about a component are filed under; nil where that cannot be told, such as a package of an unknown distribution.
    public init?(_ component: Component) {
        ecosystem = component.ecosystem
        guard !ecosystem.isEmpty else { return nil }
        if Self.distributed.contains(ecosystem) {
            guard let distribution = component.distribution, let release = distribution.advisoryRelease else {
                return nil
            }
            self.release = release
            // Advisories of RPM distributions name the binary packages (AlmaLinux, Oracle, Amazon) or the source (Rocky, SUSE, openEuler).
            let bySource = ecosystem != "rpm" || Self.rpmBySource.contains(distribution.id)
            isSource = bySource
            name = bySource ? component.sourceName ?? component.name : component.name
            version = bySource ? component.sourceVersion ?? component.version : component.version
        } else {
            release = ""
            isSource = false
            name = Self.languageName(of: component)
            version = component.version
        }
        guard !name.isEmpty else { return nil }
    }

    /// Files that are listed by their hash, in the words of this node's own advisories.
    public static let fileEcosystem = "file"

    /// Ecosystems whose packages a distribution releases.
    public static let distributed: Set<String> = ["deb", "apk", "rpm"]

    private static let rpmBySource: Set<String> = [
        "rocky", "opensuse", "opensuse-leap", "opensuse-tumbleweed", "sles", "sled", "openEuler", "openeuler",
    ]

    /// The name of a package of a language in the form that its advisories use.
    private static func languageName(of component: Component) -> String {
        let namespace = component.purl?.namespace
        let name = component.purl?.name ?? component.name
        switch component.ecosystem {
        case "maven": return namespace.map { "\($0):\(name)" } ?? component.name
        // A purl has these in lower case, and of a Go module only the first parts: advisories name `github.com/BurntSushi/toml`,
        // `github.com/jackc/pgx/v5` and `JSONStream` as they are written.
        case "golang", "npm": return component.name
        case fileEcosystem: return component.version
        case "composer":
            return PackageNames.normalised(namespace.map { "\($0)/\(name)" } ?? name, ecosystem: component.ecosystem)
        default: return PackageNames.normalised(name, ecosystem: component.ecosystem)
        }
    }
}

/// Package names in the one spelling that their registry treats as equal.
enum PackageNames {
    static func normalised(_ name: String, ecosystem: String) -> String {
        switch ecosystem {
        case "pypi": pypi(name)
        case "nuget", "composer": name.lowercased()
        default: name
        }
    }

    /// PEP 503: lower case, and runs of `-`, `_` and `.` as one `-`.
    private static func pypi(_ name: String) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(name.utf8.count)
        for byte in name.utf8 {
            switch byte {
            case 0x2D, 0x5F, 0x2E: if bytes.last != 0x2D { bytes.append(0x2D) }
            case 0x41...0x5A: bytes.append(byte | 0x20)
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Distribution {
    /// The name that feeds file this release under: Debian's code name, else the identifier with as much of the version as makes a release.
    ///
    /// Nil for a derivative without advisories of its own version scheme: what rebuilds Debian's packages is not Debian, whatever its code name.
    public var advisoryRelease: String? {
        guard let versionID, !versionID.isEmpty else {
            if id == "debian" { return releaseName }
            return Self.rolling.contains(id) ? id : nil
        }
        let parts = versionID.split(separator: ".")
        guard let major = parts.first else { return nil }
        switch id {
        case "debian": return releaseName
        case "almalinux", "rocky", "rhel", "centos", "ol": return "\(id) \(major)"
        case "alpine":
            guard parts.count > 1 else { return nil }
            return "alpine \(major).\(parts[1].prefix { $0.isNumber })"
        case _ where Self.rolling.contains(id): return id
        default: return "\(id) \(versionID)"
        }
    }

    private static let rolling: Set<String> = ["wolfi", "chainguard", "opensuse-tumbleweed", "arch"]
}
