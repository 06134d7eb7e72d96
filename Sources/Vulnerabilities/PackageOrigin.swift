// SPDX-License-Identifier: EUPL-1.2

import SBOM

/// Tells packages of the distribution from those that somebody else provides in its format.
///
/// A distribution's advisories speak about its own builds only, and what others pack carries upstream's releases as they are. Told by who
/// maintains (dpkg) or builds (rpm) the package; whoever is not known counts as the distribution.
enum PackageOrigin {
    static func isForeign(_ component: Component) -> Bool {
        guard let supplier = component.supplier?.lowercased(), !supplier.isEmpty else { return false }
        switch component.ecosystem {
        case "deb": return maintainers.contains { isAddress(supplier, at: $0) }
        case "rpm":
            guard let id = component.distribution?.id, let own = vendors[id] else { return false }
            return !own.contains { supplier.contains($0) }
        default: return false
        }
    }

    /// `Docker <support@docker.com>`: the domain itself or one below it.
    private static func isAddress(_ supplier: String, at domain: String) -> Bool {
        guard let at = supplier.lastIndex(of: "@") else { return false }
        let host = supplier[supplier.index(after: at)...].prefix { $0 != ">" && !$0.isWhitespace }
        return host == domain || host.hasSuffix("." + domain)
    }

    /// Domains of vendors that publish repositories of their own in Debian's format; not those whose people also maintain in Debian.
    private static let maintainers = [
        "docker.com", "elastic.co", "f5.com", "grafana.com", "hashicorp.com", "microsoft.com", "mongodb.com",
        "nginx.com", "nodesource.com", "nvidia.com",
    ]

    /// What the vendor of a distribution's own packages contains, in lower case.
    private static let vendors: [String: [String]] = [
        "almalinux": ["almalinux"], "amzn": ["amazon"], "centos": ["centos"], "fedora": ["fedora"], "ol": ["oracle"],
        "opensuse-leap": ["opensuse", "suse"], "opensuse-tumbleweed": ["opensuse"], "rhel": ["red hat"],
        "rocky": ["rocky"], "sles": ["suse"],
    ]
}
