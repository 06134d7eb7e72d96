// SPDX-License-Identifier: EUPL-1.2

/// What an address is for, when it is not one of the public internet.
package struct SpecialPurpose: Sendable, Equatable {
    /// In words, for an error.
    let name: String
    /// Whether naming a host in the settings is enough to send there; else its network must be named.
    ///
    /// Who names a host means a machine of the own house. That its name leads to a cloud's metadata or to everybody
    /// at once is never meant.
    let isOpenByName: Bool

    /// The purpose of an address; nil for a public one.
    ///
    /// Source: the IANA registries of special-purpose addresses (RFC 6890), read so that what is not known to be
    /// public is not.
    init?(of address: IPAddress) {
        guard let found = Self.found(address) else { return nil }
        self = found
    }

    private init(_ name: String, byName: Bool = false) { (self.name, isOpenByName) = (name, byName) }

    private static func found(_ address: IPAddress) -> SpecialPurpose? {
        for (network, purpose) in table where network.contains(address) { return purpose }
        guard !address.isIPv4 else { return nil }
        // A translator (RFC 6052) sends to the IPv4 address in the last four bytes.
        if let translator, translator.contains(address), let embedded = IPAddress(bytes: Array(address.bytes.suffix(4)))
        {
            return found(embedded).map { SpecialPurpose("NAT64 for \(embedded), \($0.name)") }
        }
        // Only here are global unicast addresses assigned (RFC 4291, 2.4; IANA).
        return address.bytes[0] & 0xE0 == 0x20 ? nil : SpecialPurpose("not an address of the public internet")
    }

    private static let translator = IPNetwork(parsing: "64:ff9b::/96")

    /// First match counts.
    private static let table: [(network: IPNetwork, purpose: SpecialPurpose)] =
        [
            ("169.254.169.254", "the metadata of a cloud", false),
            ("fd00:ec2::254", "the metadata of a cloud", false),
            ("fd20:ce::254", "the metadata of a cloud", false),
            ("100.100.100.200", "the metadata of a cloud", false),
            ("192.0.0.192", "the metadata of a cloud", false),
            // A public address, but not where it is used.
            ("168.63.129.16", "the metadata of a cloud", false),
            ("0.0.0.0/8", "the unspecified address", false),
            ("10.0.0.0/8", "a private network", true),
            ("100.64.0.0/10", "the shared network of a provider", true),
            ("127.0.0.0/8", "this machine itself (loopback)", true),
            ("169.254.0.0/16", "a link-local address", false),
            ("172.16.0.0/12", "a private network", true),
            ("192.0.0.0/24", "reserved for protocols", false),
            ("192.0.2.0/24", "for documentation only", false),
            ("192.88.99.0/24", "a relay of 6to4", false),
            ("192.168.0.0/16", "a private network", true),
            ("198.18.0.0/15", "for benchmarks only", false),
            ("198.51.100.0/24", "for documentation only", false),
            ("203.0.113.0/24", "for documentation only", false),
            ("224.0.0.0/4", "a multicast address", false),
            ("240.0.0.0/4", "reserved, or everybody at once (broadcast)", false),
            ("::/128", "the unspecified address", false),
            ("::1/128", "this machine itself (loopback)", true),
            ("::/96", "an IPv4 address in an old form of IPv6", false),
            ("::ffff:0:0:0/96", "an IPv4 address behind a translator", false),
            ("64:ff9b:1::/48", "an IPv4 address behind a translator of this network", false),
            ("100::/64", "a hole", false),
            ("2001::/32", "an IPv4 address behind Teredo", false),
            ("2001::/23", "reserved for protocols", false),
            ("2001:db8::/32", "for documentation only", false),
            ("2002::/16", "an IPv4 address behind 6to4", false),
            ("3fff::/20", "for documentation only", false),
            ("fc00::/7", "a private network (unique local)", true),
            ("fe80::/10", "a link-local address", false),
            ("fec0::/10", "a private network (site-local)", true),
            ("ff00::/8", "a multicast address", false),
        ].compactMap { text, name, byName in
            IPNetwork(parsing: text).map { ($0, SpecialPurpose(name, byName: byName)) }
        }

    /// How many entries were read; a test compares it with what stands above.
    package static var tableCount: Int { table.count }
}
