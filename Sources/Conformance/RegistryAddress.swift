// SPDX-License-Identifier: EUPL-1.2

import FoundationEssentials

/// Why a text is not the address of a registry.
public struct RegistryAddressError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The text, bounded.
    public let text: String
    /// What is wrong with it.
    public let reason: String

    /// One sentence.
    public var description: String { "\"\(text)\" is not the address of a registry: \(reason)" }
}

/// Scheme, host and port of a registry; the API lies below `/v2/`.
public struct RegistryAddress: Sendable, Hashable, CustomStringConvertible {
    /// `http://HOST[:PORT]` or `https://HOST[:PORT]`, without a slash at the end.
    public let text: String

    /// Reads an address; a slash at the end does not matter.
    public init(parsing text: String) throws(RegistryAddressError) {
        func failure(_ reason: String) -> RegistryAddressError {
            RegistryAddressError(text: text.printable(200), reason: reason)
        }
        guard text.utf8.count <= 300, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw failure("it is too long, or has a character that addresses do not have")
        }
        guard let url = URL(string: text), let scheme = url.scheme?.lowercased(), let host = url.host, !host.isEmpty
        else {
            throw failure("write http://HOST:PORT or https://HOST")
        }
        guard scheme == "http" || scheme == "https" else { throw failure("only http and https are known") }
        guard url.user == nil, url.password == nil else {
            throw failure("credentials do not belong into an address; use --username and --password-file")
        }
        guard url.path.isEmpty || url.path == "/", url.query == nil, url.fragment == nil else {
            throw failure("the API of a registry lies at /v2/ of its host; leave path and query out")
        }
        let name = host.utf8.contains(0x3a) && !host.hasPrefix("[") ? "[\(host)]" : host
        self.text = "\(scheme)://\(name.lowercased())" + (url.port.map { ":\($0)" } ?? "")
    }

    /// As in ``text``.
    public var description: String { text }

    /// Scheme, host and port of an absolute URL; nil when it is no URL of HTTP.
    package static func origin(of text: String) -> String? {
        guard let url = URL(string: text), let scheme = url.scheme?.lowercased(), let host = url.host,
            scheme == "http" || scheme == "https"
        else { return nil }
        return "\(scheme)://\(host.lowercased()):\(url.port ?? (scheme == "https" ? 443 : 80))"
    }

    /// A reference as an absolute URL of HTTP; nil when it is none; without its fragment.
    package static func resolve(_ reference: String, against base: String) -> String? {
        guard reference.utf8.count <= 8192, reference.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { return nil }
        let whole = String(reference.prefix { $0 != "#" })
        // What is already a path or a URL stays as it was written, to the byte: it may be signed.
        if whole.hasPrefix("/"), !whole.hasPrefix("//") {
            let head = base.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).prefix(3)
            return head.joined(separator: "/") + whole
        }
        if RegistryAddress.origin(of: whole) != nil { return whole }
        guard let target = URL(string: whole, relativeTo: URL(string: base))?.absoluteString,
            RegistryAddress.origin(of: target) != nil
        else { return nil }
        return target
    }
}
