// SPDX-License-Identifier: EUPL-1.2

import Accounts
import HTTPTypes
import Hummingbird
import NIOCore
import OCI
import Registry

/// One request on its way through the registry: what was asked, by whom, and how far its body was read.
///
/// Owner: the task of the request.
final class RegistryExchange {
    let request: Request
    let context: RegistryRequestContext
    let route: RegistryRoute
    let query: QueryItems
    /// Who asks, by what they showed.
    let identity: Identity
    /// What they may do here; nothing until it was found out.
    private(set) var access = RepositoryAccess(account: nil, rights: [])
    private let settings: RegistryHTTPSettings
    private(set) var bodyWasRead = false
    private var bodyWasBegun = false

    init(
        request: Request,
        context: RegistryRequestContext,
        route: RegistryRoute,
        query: QueryItems,
        identity: Identity,
        settings: RegistryHTTPSettings
    ) {
        self.request = request
        self.context = context
        self.route = route
        self.query = query
        self.identity = identity
        self.settings = settings
    }

    /// Keeps what was found out about the rights of whoever asks.
    func admit(_ access: RepositoryAccess) { self.access = access }

    /// Nil for nobody in particular.
    var account: Account? { access.account }

    /// The `Content-Length`, in bytes; nil for a streamed body.
    var contentLength: Int64? { request.headers[.contentLength].flatMap { Int64($0) } }

    /// Whether the rest of the body is too much to read only for throwing it away.
    static func isWorthCutting(_ request: Request, bodyWasRead: Bool, settings: RegistryHTTPSettings) -> Bool {
        guard !bodyWasRead else { return false }
        // The client may or may not send what it announced: after a refusal the two sides could disagree where the next request begins.
        if request.headers[.expect] != nil { return true }
        if request.headers[.transferEncoding] != nil { return true }
        guard let length = request.headers[.contentLength] else { return false }
        return (Int64(length) ?? .max) > Int64(settings.drainBytes)
    }

    /// Hands the body to a closure, piece by piece, as it arrives.
    ///
    /// This is the point of no return: a client that waits for `100 Continue` gets it here, after everything was checked that can be
    /// checked without the body.
    ///
    /// - Throws: ``RegistryFailure`` with 408 when the client is slower than the settings bear: it would else hold a session, a file and a
    ///   connection for ever.
    func readBody(_ body: (ByteBuffer) async throws -> Void) async throws {
        guard !bodyWasBegun else { return }
        bodyWasBegun = true
        if request.headers[.expect]?.lowercased() == "100-continue" {
            try await context.channel.triggerUserOutboundEvent(ContinueRequest()).get()
        }
        var iterator = request.body.makeAsyncIterator()
        var waited = Duration.zero
        var received = 0
        var total: Int64 = 0
        while true {
            let start = ContinuousClock.now
            let next: ByteBuffer?
            do {
                next = try await iterator.next()
            } catch {
                // The connection failed or was closed, or what came on it is no HTTP: never a failure of ours.
                throw InterruptedBody(announced: contentLength, received: total)
            }
            guard let buffer = next else { break }
            // Only the waiting counts: a slow disk of ours is not the client's fault.
            waited += ContinuousClock.now - start
            received += buffer.readableBytes
            total += Int64(buffer.readableBytes)
            if waited > settings.paceWindow {
                let seconds = max(1, waited.components.seconds)
                guard Int64(received) / seconds >= Int64(settings.minimumUploadRate) else {
                    throw RegistryFailure(
                        .requestTimeout,
                        code: "UNKNOWN",
                        "the body came at \(Int64(received) / seconds) bytes a second, at least \(settings.minimumUploadRate) are needed; "
                            + "go on with this upload over a faster line"
                    )
                }
                waited = .zero
                received = 0
            }
            try await body(buffer)
        }
        guard !Task.isCancelled, total >= contentLength ?? 0 else {
            // The connection or the node ended: Hummingbird tells the end of the stream and the end of the body apart no more than this.
            throw InterruptedBody(announced: contentLength, received: total)
        }
        bodyWasRead = true
    }

    /// The whole body, at most `limit` bytes.
    ///
    /// - Returns: nil when it is larger; no more than the limit and one piece is ever held.
    func collectBody(limit: Int) async throws -> [UInt8]? {
        if let length = contentLength, length > Int64(limit) { return nil }
        var bytes: [UInt8] = []
        if let length = contentLength { bytes.reserveCapacity(Int(length)) }
        do {
            try await readBody { buffer in
                guard bytes.count + buffer.readableBytes <= limit else { throw BodyTooLarge() }
                bytes.append(contentsOf: buffer.readableBytesView)
            }
        } catch is BodyTooLarge {
            return nil
        }
        return bytes
    }
}

private struct BodyTooLarge: Error {}

/// The client went away before the end of its body.
struct InterruptedBody: Error, CustomStringConvertible {
    /// Nil for a streamed body.
    let announced: Int64?
    let received: Int64
    var description: String {
        "the body ended after \(received) bytes" + (announced.map { " of \($0)" } ?? ", before its last chunk")
    }
}
