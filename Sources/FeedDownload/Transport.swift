// SPDX-License-Identifier: EUPL-1.2

import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1
import NIOSSL

/// Requests to publishers: the connections, through a proxy or not, and where they may lead.
final class Transport: Sendable {
    private let settings: DownloadSettings
    /// One for direct requests (key nil) and one for every proxy.
    private let clients: [ProxyAddress?: HTTPClient]

    /// Reads the certificates; ``close()`` must be called.
    init(settings: DownloadSettings) throws(DownloadError) {
        self.settings = settings
        var configuration = HTTPClient.Configuration(
            // By hand: a redirect must not end the encryption.
            redirectConfiguration: .disallow,
            timeout: .init(connect: TimeAmount(settings.connectTimeout), read: TimeAmount(settings.idleTimeout))
        )
        configuration.httpVersion = .http1Only
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = settings.parallel
        // The attempts are counted in one place, with waits that grow.
        configuration.connectionPool.retryConnectionEstablishment = false
        if let path = settings.authoritiesFile {
            configuration.tlsConfiguration = try Self.trusting(path)
        }
        var clients: [ProxyAddress?: HTTPClient] = [:]
        clients[nil] = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        for address in Set(settings.proxy.addresses) {
            var own = configuration
            own.proxy = .server(
                host: address.host,
                port: address.port,
                authorization: address.credentials.map { .basic(credentials: Data($0.utf8).base64EncodedString()) }
            )
            clients[address] = HTTPClient(eventLoopGroupProvider: .singleton, configuration: own)
        }
        self.clients = clients
    }

    /// Ends all connections.
    func close() async {
        for client in clients.values { try? await client.shutdown() }
    }

    /// Sends a GET and follows redirects; the answer is none.
    ///
    /// - Throws: ``DownloadError``, `CancellationError`.
    func get(_ source: FeedSource, headers: [(String, String)]) async throws -> HTTPClientResponse {
        guard var url = URL(string: source.url) else { throw DownloadError.invalidAnswer("no address") }
        for _ in 0...max(0, settings.redirects) {
            try permit(url)
            let response = try await send(url, headers)
            guard [301, 302, 303, 307, 308].contains(response.status.code),
                let location = response.headers.first(name: "Location")
            else { return response }
            url = try target(location, from: url)
        }
        throw DownloadError.redirect("more than \(settings.redirects) times")
    }

    private func target(_ location: String, from url: URL) throws(DownloadError) -> URL {
        guard location.utf8.count <= 8192, let target = URL(string: location, relativeTo: url)?.absoluteURL,
            let scheme = target.scheme?.lowercased(), scheme == "https" || scheme == "http", target.host != nil,
            target.user == nil, target.password == nil
        else { throw .redirect("to an address that cannot be used") }
        if scheme == "http", url.scheme?.lowercased() == "https" {
            throw .insecure("a redirect to \(Self.shown(target))")
        }
        return target
    }

    private func permit(_ url: URL) throws(DownloadError) {
        if url.scheme?.lowercased() == "https" || settings.plainHTTP || Self.isLoopback(url.host ?? "") { return }
        throw .insecure(Self.shown(url))
    }

    private func send(_ url: URL, _ headers: [(String, String)]) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: url.absoluteString)
        request.headers = HTTPHeaders([("User-Agent", "kontor"), ("Accept", "*/*")] + headers)
        let proxy = settings.proxy.proxy(scheme: url.scheme?.lowercased() ?? "", host: url.host ?? "")
        guard let client = clients[proxy] else { throw DownloadError.setting("there is no connection for this proxy") }
        do {
            return try await client.execute(request, timeout: TimeAmount(settings.attemptTimeout))
        } catch {
            throw Self.translated(error)
        }
    }

    /// The library's errors as this room's: all mean that the connection gave no whole answer.
    static func translated(_ error: any Error) -> any Error {
        if error is CancellationError || Task.isCancelled { return CancellationError() }
        if error is DownloadError { return error }
        let words = (error as? HTTPClientError)?.shortDescription ?? "\(error)"
        return DownloadError.unreachable(String(words.prefix(300)))
    }

    /// An address without its query, which may hold somebody's token.
    private static func shown(_ url: URL) -> String {
        String("\(url.scheme ?? "")://\(url.host ?? "")\(url.port.map { ":\($0)" } ?? "")\(url.path)".prefix(300))
    }

    private static func isLoopback(_ host: String) -> Bool {
        let name = host.lowercased()
        return name == "localhost" || name.hasSuffix(".localhost") || name == "::1" || name == "[::1]"
            || (name.hasPrefix("127.") && name.utf8.allSatisfy { $0 == 0x2e || (0x30...0x39).contains($0) })
    }

    private static func trusting(_ path: String) throws(DownloadError) -> TLSConfiguration {
        let certificates: [NIOSSLCertificate]
        do { certificates = try NIOSSLCertificate.fromPEMFile(path) } catch {
            throw .setting("--ca-file: \(path) cannot be read as certificates in PEM form")
        }
        guard !certificates.isEmpty else { throw .setting("--ca-file: there is no certificate in \(path)") }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.additionalTrustRoots = [.certificates(certificates)]
        return configuration
    }
}
