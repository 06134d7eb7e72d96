// SPDX-License-Identifier: EUPL-1.2

/// Where webhooks may go: nobody who registers a URL gets this node to speak with what only this node can reach.
///
/// By default: https, at the ports 443 and 8443, to addresses of the public internet. What else is wanted is named.
public struct WebhookRules: Sendable, Hashable {
    /// The defaults, and nothing named.
    public static let standard = WebhookRules()

    private struct NamedHost: Sendable, Hashable {
        let name: String
        let port: Int?
    }

    /// Ports at which anybody's receiver may listen.
    public var ports: Set<Int> = [443, 8443]
    /// Whether http may go to what is named here; never anywhere else, because everybody on the way reads and changes
    /// it.
    public var plainHTTP = false
    private var hosts: Set<NamedHost> = []
    private var networks: [IPNetwork] = []

    private init() {}

    /// Names places beyond the public internet.
    ///
    /// - Parameters:
    ///   - allowed: `hooks.example.org` (any port), `hooks.example.org:9443`, `10.1.0.0/16`, `fd00:1::7`. A host that
    ///     is named may be in a private network or on this machine; link-local addresses, multicast and the metadata
    ///     of clouds must be named as networks.
    ///   - plainHTTP: whether http may go there.
    /// - Throws: ``WebhookError/setting(_:)``.
    public init(allowing allowed: [String], plainHTTP: Bool = false) throws(WebhookError) {
        self.plainHTTP = plainHTTP
        guard allowed.count <= 1000 else { throw .setting("more than 1000 places are named") }
        for entry in allowed {
            if let network = IPNetwork(parsing: entry) {
                networks.append(network)
            } else {
                hosts.insert(try Self.named(entry))
            }
        }
    }

    private static func named(_ entry: String) throws(WebhookError) -> NamedHost {
        let wrong = WebhookError.setting(
            "\(WebhookText.shown(entry, 100)): not HOST, HOST:PORT, an address, or a network such as 10.1.0.0/16 without bits behind "
                + "its prefix"
        )
        let parts = entry.utf8.split(separator: 0x3A, omittingEmptySubsequences: false)
        guard parts.count <= 2,
            let name = try? WebhookURL.name(String(decoding: parts[0], as: UTF8.self).lowercased())
        else { throw wrong }
        guard parts.count == 2 else { return NamedHost(name: name, port: nil) }
        guard (1...5).contains(parts[1].count), parts[1].allSatisfy({ (0x30...0x39).contains($0) }),
            let port = Int(String(decoding: parts[1], as: UTF8.self)), (1...65_535).contains(port)
        else { throw wrong }
        return NamedHost(name: name, port: port)
    }

    /// Refuses what can be refused before a name is looked up.
    ///
    /// - Throws: ``WebhookError/destination(_:reason:)``.
    public func check(_ url: WebhookURL) throws(WebhookError) {
        guard url.isEncrypted || plainHTTP else { throw refusal(url, "everybody on the way could read it; use https") }
        switch url.host {
        case .address(let address): try check(url, at: [address])
        case .name(let name):
            guard !isNamed(url) else { return }
            let opensLoopback = Self.loopback.contains { address in networks.contains { $0.contains(address) } }
            if name == "localhost" || name.hasSuffix(".localhost"), !opensLoopback {
                throw refusal(url, "\(name) is this machine itself (loopback)" + Self.remedy(name))
            }
            // Whether its addresses are in a named network shows later.
            guard networks.isEmpty else { return }
            if !url.isEncrypted { throw plainRefusal(url, name) }
            if !ports.contains(url.port) { throw portRefusal(url, name) }
        }
    }

    /// Refuses a place when one of the addresses that its name leads to is not allowed: the others are bait.
    ///
    /// - Throws: ``WebhookError/destination(_:reason:)``.
    package func check(_ url: WebhookURL, at addresses: [IPAddress]) throws(WebhookError) {
        guard url.isEncrypted || plainHTTP else { throw refusal(url, "everybody on the way could read it; use https") }
        for address in addresses {
            if networks.contains(where: { $0.contains(address) }) { continue }
            if let special = SpecialPurpose(of: address), !(isNamed(url) && special.isOpenByName) {
                let remedy =
                    if case .name(let name) = url.host, special.isOpenByName { Self.remedy(name) } else {
                        Self.remedy("\(address)")
                    }
                throw refusal(url, "\(address) is \(special.name), where webhooks do not go" + remedy)
            }
            if isNamed(url) { continue }
            if !url.isEncrypted { throw plainRefusal(url, "\(address)") }
            if !ports.contains(url.port) { throw portRefusal(url, "\(address)") }
        }
    }

    private static let loopback = [IPAddress(parsing: "127.0.0.1"), IPAddress(parsing: "::1")].compactMap { $0 }

    private func isNamed(_ url: WebhookURL) -> Bool {
        guard case .name(let name) = url.host else { return false }
        return hosts.contains(NamedHost(name: name, port: nil)) || hosts.contains(NamedHost(name: name, port: url.port))
    }

    private static func remedy(_ place: String) -> String {
        "; if that is meant, name \(place) in the list of allowed places"
    }

    private func plainRefusal(_ url: WebhookURL, _ place: String) -> WebhookError {
        refusal(url, "http goes only to places that are named; use https" + Self.remedy(place))
    }

    private func portRefusal(_ url: WebhookURL, _ place: String) -> WebhookError {
        let usual = ports.sorted().map(String.init).joined(separator: ", ")
        return refusal(url, "port \(url.port) is none of \(usual)" + Self.remedy(place))
    }

    private func refusal(_ url: WebhookURL, _ reason: String) -> WebhookError {
        .destination(url.description, reason: reason)
    }
}
