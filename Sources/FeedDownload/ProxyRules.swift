// SPDX-License-Identifier: EUPL-1.2

import FoundationEssentials

/// Where a proxy listens.
struct ProxyAddress: Sendable, Hashable {
    var host: String
    var port: Int
    /// `user:password`; nil: none is asked for.
    var credentials: String?
}

/// Which requests go through which proxy.
public struct ProxyRules: Sendable, Equatable {
    /// For every request; wins over ``https``.
    private(set) var all: ProxyAddress?
    /// For requests to `https` addresses.
    private(set) var https: ProxyAddress?
    /// Hosts, or ends of host names, that are reached directly; `*` for all.
    private(set) var direct: [String] = []

    /// No proxy at all.
    public init() {}

    /// The rules of one call.
    ///
    /// - Parameters:
    ///   - proxy: the proxy for everything, `http://[USER:PASSWORD@]HOST:PORT`; nil: what the environment says.
    ///   - environment: `HTTPS_PROXY` and `NO_PROXY`, also in small letters.
    /// - Throws: ``DownloadError/setting(_:)``.
    public init(proxy: String?, environment: [String: String]) throws(DownloadError) {
        func variable(_ name: String) -> String? {
            [environment[name.lowercased()], environment[name]].compactMap(\.self).first { !$0.isEmpty }
        }
        if let proxy, !proxy.isEmpty {
            all = try Self.address(proxy, origin: "proxy")
        } else if let named = variable("HTTPS_PROXY") {
            https = try Self.address(named, origin: "HTTPS_PROXY")
        }
        direct = (variable("NO_PROXY") ?? "").lowercased().split(whereSeparator: { $0 == "," || $0 == " " }).map(
            String.init
        )
    }

    /// The proxy for one request; nil: none.
    func proxy(scheme: String, host: String) -> ProxyAddress? {
        guard let proxy = all ?? (scheme == "https" ? https : nil) else { return nil }
        let name = host.lowercased()
        for entry in direct {
            let end = entry.hasPrefix(".") ? String(entry.dropFirst()) : entry
            if entry == "*" || name == end || name.hasSuffix("." + end) { return nil }
        }
        return proxy
    }

    /// Every proxy that a request can go through.
    var addresses: [ProxyAddress] { [all, https].compactMap(\.self) }

    private static func address(_ text: String, origin: String) throws(DownloadError) -> ProxyAddress {
        // The text is not repeated: it may hold a password.
        let full = text.contains("://") ? text : "http://" + text
        guard let url = URL(string: full), let host = url.host, !host.isEmpty,
            host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
        else { throw .setting("\(origin): write http://HOST:PORT") }
        guard url.scheme?.lowercased() == "http" else {
            throw .setting(
                "\(origin): only proxies that are themselves spoken to over http are supported; write http://HOST:PORT"
            )
        }
        let port = url.port ?? 80
        guard (1...65_535).contains(port) else { throw .setting("\(origin): the port must be 1 to 65535") }

        let credentials = url.user(percentEncoded: false).map { "\($0):\(url.password(percentEncoded: false) ?? "")" }
        return ProxyAddress(host: host, port: port, credentials: credentials)
    }
}
