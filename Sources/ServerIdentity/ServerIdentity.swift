// SPDX-License-Identifier: EUPL-1.2

internal import NIOCore
public import NIOSSL

/// Makes TLS whose server must show a certificate for exactly what was asked for: a name for a name, an address for
/// an address.
///
/// The library alone also takes a certificate for the address of the connection when a name was asked for. An address
/// is what a name server says, and public authorities issue certificates for addresses: whoever forges one answer of
/// a name server and has a certificate for his own machine would be taken for every name. It also takes the common
/// name, which says nothing any more.
///
/// Source: RFC 9525, 6.
public enum ServerIdentity {
    /// The handler for a connection to a host.
    ///
    /// - Parameters:
    ///   - context: with full verification, which is the default.
    ///   - host: a name, which also goes into SNI, or an address.
    /// - Throws: what the library throws for a name that cannot stand in SNI.
    public static func clientHandler(context: NIOSSLContext, host: String) throws -> NIOSSLClientHandler {
        // As a name an address is refused; without one the library checks the address of the connection.
        guard (try? SocketAddress(ipAddress: host, port: 0)) == nil else {
            return try NIOSSLClientHandler(context: context, serverHostname: nil)
        }
        // The one hook of the library that adds to its own checks of chain and time, and does not replace them.
        return try NIOSSLClientHandler._makeSSLClientHandler(context: context, serverHostname: host) { leaf, channel in
            guard names(of: leaf).contains(where: { matches($0, host) }) else {
                return channel.eventLoop.makeFailedFuture(ServerIdentityError(host: host, names: names(of: leaf)))
            }
            return channel.eventLoop.makeSucceededVoidFuture()
        }
    }

    /// At most so many names of a certificate are looked at.
    private static let maximumNames = 1000

    private static func names(of certificate: NIOSSLCertificate) -> [String] {
        certificate._subjectAlternativeNames().prefix(maximumNames)
            .filter { $0.nameType == .dnsName }.map { String(decoding: $0.contents, as: UTF8.self) }
    }

    /// Whether a certificate's name covers a host: the same, or with `*` for the whole first label.
    package static func matches(_ pattern: String, _ host: String) -> Bool {
        let (pattern, host) = (labels(pattern), labels(host))
        guard pattern.count == host.count, !host.isEmpty, !host.contains("") else { return false }
        if pattern == host { return true }
        // Not for a whole top-level domain, and not for a label in A-form, whose letters `*` does not stand for.
        return pattern[0] == "*" && pattern.count >= 3 && !host[0].hasPrefix("xn--")
            && pattern.dropFirst().elementsEqual(host.dropFirst())
    }

    private static func labels(_ name: String) -> [String] {
        guard name.utf8.count <= 255, name.utf8.allSatisfy({ (0x21..<0x7F).contains($0) }) else { return [] }
        let text = name.lowercased()
        return (text.hasSuffix(".") ? text.dropLast() : text[...])
            .split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    }
}

/// A certificate of a server that is for other names than the one that was asked for.
public struct ServerIdentityError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was asked for.
    public let host: String
    /// What the certificate is for.
    public let names: [String]

    package init(host: String, names: [String]) {
        self.host = host
        self.names = names
    }

    /// Both, bounded.
    public var description: String {
        let found = names.prefix(5).map { name in
            String(decoding: name.utf8.prefix(80).map { (0x21..<0x7F).contains($0) ? $0 : 0x3F }, as: UTF8.self)
        }
        return "the certificate is not for \(host) but for "
            + (found.isEmpty ? "no name" : found.joined(separator: ", "))
    }
}
