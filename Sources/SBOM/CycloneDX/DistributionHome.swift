// SPDX-License-Identifier: EUPL-1.2

/// Who makes a distribution, and the home page that TR-03183-2 wants where no e-mail address is known.
///
/// The names are those that the distributions' packages give as their vendor.
struct DistributionHome {
    /// Name of the maker.
    let name: String
    /// Its home page.
    let url: String
    /// How the vendor of its packages begins.
    private let vendor: String

    private init(_ name: String, _ url: String, vendor: String? = nil) {
        self.name = name
        self.url = url
        self.vendor = vendor ?? name
    }

    /// Finds the maker by the `ID` of `os-release`.
    init?(_ distribution: Distribution) {
        guard let home = Self.homes[distribution.id] else { return nil }
        self = home
    }

    /// Whether a package names this maker as its vendor.
    ///
    /// A package of somebody else's repository does not, and the distribution is not who made it.
    func isVendor(_ text: String) -> Bool { text.hasPrefix(vendor) }

    private static let homes: [String: DistributionHome] = [
        "debian": DistributionHome("Debian", "https://www.debian.org/"),
        "ubuntu": DistributionHome("Ubuntu", "https://ubuntu.com/"),
        "alpine": DistributionHome("Alpine Linux", "https://alpinelinux.org/"),
        "almalinux": DistributionHome("AlmaLinux", "https://almalinux.org/"),
        "rocky": DistributionHome("Rocky Linux", "https://rockylinux.org/", vendor: "Rocky"),
        "rhel": DistributionHome("Red Hat", "https://www.redhat.com/"),
        "centos": DistributionHome("CentOS", "https://www.centos.org/"),
        "fedora": DistributionHome("Fedora Project", "https://fedoraproject.org/"),
        "ol": DistributionHome("Oracle", "https://www.oracle.com/linux/"),
        "amzn": DistributionHome("Amazon Linux", "https://aws.amazon.com/linux/"),
        "opensuse-leap": DistributionHome("openSUSE", "https://www.opensuse.org/"),
        "opensuse-tumbleweed": DistributionHome("openSUSE", "https://www.opensuse.org/"),
        "sles": DistributionHome("SUSE", "https://www.suse.com/"),
        "wolfi": DistributionHome("Wolfi", "https://wolfi.dev/"),
        "chainguard": DistributionHome("Chainguard", "https://www.chainguard.dev/"),
    ]
}
