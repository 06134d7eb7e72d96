// SPDX-License-Identifier: EUPL-1.2

import SBOM

/// Tells packages of the distribution from those that somebody else provides in its format.
///
/// A distribution's advisories speak about its own builds only, and what others pack carries upstream's releases as they are. Told by who
/// maintains (dpkg) or builds (rpm) the package; whoever is not known counts as the distribution.
enum PackageOrigin {
    static func isForeign(_ component: Component) -> Bool {
        guard let supplier = component.supplier, !supplier.isEmpty else { return false }
        switch component.ecosystem {
        case "deb":
            guard let host = host(of: supplier) else { return false }
            return maintainers.contains { host == $0 || host.hasSuffix("." + $0) }
        case "rpm":
            guard let id = component.distribution?.id, let own = vendors[id] else { return false }
            let supplier = supplier.lowercased()
            return !own.contains { supplier.contains($0) }
        default: return false
        }
    }

    /// `docker.com` of `Docker <support@docker.com>`, in lower case; read by bytes, because every component is asked, several times.
    private static func host(of supplier: String) -> String? {
        let bytes = supplier.utf8
        guard let at = bytes.lastIndex(of: UInt8(ascii: "@")) else { return nil }
        let host = bytes[bytes.index(after: at)...].prefix { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
                true
            default: false
            }
        }
        return String(decoding: host, as: UTF8.self).lowercased()
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
