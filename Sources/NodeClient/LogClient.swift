// SPDX-License-Identifier: EUPL-1.2

import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1

/// A reader of a log's static files, of a node or of anybody else; signs in nowhere and follows no redirect.
public final class LogClient: Sendable {
    private static let timeout = TimeAmount.seconds(60)

    private let prefix: String
    private let client: HTTPClient

    /// A reader; ``close()`` must be called.
    ///
    /// - Parameters:
    ///   - prefix: what stands before `/checkpoint` and `/tile/…`: `https://node.example/log`.
    ///   - authorityFile: PEM file of certificates that are trusted instead of the system's.
    /// - Throws: ``NodeClientError/address(_:)``, ``NodeClientError/authority(_:)``.
    public init(prefix: String, authorityFile: String? = nil) throws(NodeClientError) {
        var prefix = prefix
        while prefix.hasSuffix("/") { prefix.removeLast() }
        guard let parsed = URL(string: prefix), parsed.host != nil,
            ["http", "https"].contains(parsed.scheme?.lowercased()),
            parsed.user == nil, parsed.query == nil
        else { throw .address("that is no address of a log; write https://node.example/log") }
        self.prefix = prefix
        client = try HTTPClient.toNode(authorityFile: authorityFile, readTimeout: Self.timeout)
    }

    /// Ends all connections.
    public func close() async { try? await client.shutdown() }

    /// One file; nil when the log has none of that name.
    ///
    /// - Parameters:
    ///   - path: below the prefix: `checkpoint`, `tile/0/000`.
    ///   - limit: most bytes that are read.
    /// - Throws: ``NodeClientError``.
    public func file(_ path: String, limit: Int) async throws(NodeClientError) -> [UInt8]? {
        do {
            let response = try await client.execute(HTTPClientRequest(url: "\(prefix)/\(path)"), timeout: Self.timeout)
            if response.status == .notFound { return nil }
            guard response.status == .ok else {
                throw NodeClientError.refused(
                    status: Int(response.status.code),
                    detail: "\(prefix)/\(path): the server answered \(response.status.code)"
                )
            }
            return Array(try await response.body.collect(upTo: limit).readableBytesView)
        } catch let error as NodeClientError {
            throw error
        } catch {
            throw .unreachable("\(prefix)/\(path): \(error)")
        }
    }
}
