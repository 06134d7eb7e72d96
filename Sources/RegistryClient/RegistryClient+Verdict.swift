// SPDX-License-Identifier: EUPL-1.2

import AsyncHTTPClient
import NIOCore
import NIOHTTP1
public import OCI
import Synchronization

extension RegistryClient {
    /// Longest verdict that is read, in bytes.
    private static var verdictLimit: Int { 64 << 20 }

    /// Asks the Kontor node at this address what it says about an image, and waits while it is still looking.
    ///
    /// - Parameters:
    ///   - repository: repository in this node.
    ///   - reference: `:tag` or `@digest`, as it stands in an image's name.
    ///   - limit: how long to wait for a verdict that is queued or running.
    ///   - waiting: called once, when the verdict is not there yet.
    /// - Returns: the verdict's JSON; nil when it was not ready within `limit`.
    /// - Throws: ``RegistryClientError``, `CancellationError`.
    public func verdict(
        of repository: RepositoryName,
        _ reference: String,
        within limit: Duration,
        waiting: @Sendable () -> Void
    ) async throws -> [UInt8]? {
        if state.withLock({ $0.scheme }) == nil { try await ping() }
        let scheme = state.withLock { $0.scheme } ?? "https"
        let what = "verdict of \(repository)\(reference)"
        var headers: HTTPHeaders = ["Accept": "application/json"]
        if let credentials = settings.credentials { headers.add(name: "Authorization", value: credentials.basic) }
        let clock = ContinuousClock()
        let end = clock.now + limit
        var pause = Duration.milliseconds(100)
        while true {
            let url = "\(scheme)://\(registry)/api/v1/images/\(repository)\(reference)/verdict"
            let response = try await send(method: .GET, url: url, headers: headers, timeout: .seconds(60))
            switch response.status {
            case .ok: return try await collect(response, limit: Self.verdictLimit, what: what)
            case .accepted:
                try? await drain(response)
                guard clock.now + pause < end else { return nil }
                if pause == .milliseconds(100) { waiting() }
                try await clock.sleep(for: pause)
                pause = min(pause * 2, .seconds(2))
            default: throw await failure(response, what: what)
            }
        }
    }
}
