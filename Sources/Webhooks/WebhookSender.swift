// SPDX-License-Identifier: EUPL-1.2

internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
public import Time

/// Sends signed messages to receivers, and to no place that the rules do not allow.
///
/// A name is looked up once for each delivery; every address that it leads to is checked, and the connection goes to
/// one of exactly these, while SNI, Host and the certificate stay with the name. So neither a name that leads inside
/// nor one that leads elsewhere the second time (DNS rebinding) gets this node to speak with what only it can reach.
/// Nothing is sent twice here; when to try again is the caller's word. Any number of callers at a time.
///
/// ## Topics
/// - ``send(_:to:secrets:)``
///
/// Source: Standard Webhooks 1.0.0; RFC 9110; RFC 9112.
public final class WebhookSender: Sendable {
    private static let maximumAttempts = 4

    private let settings: WebhookSettings
    private let context: NIOSSLContext
    private let resolver: HostResolver
    private let clock: WallClock

    /// Reads the certificates.
    ///
    /// - Throws: ``WebhookError/setting(_:)``.
    public init(
        _ settings: WebhookSettings = WebhookSettings(),
        resolver: HostResolver = .system(),
        clock: WallClock = .system
    ) throws(WebhookError) {
        guard settings.userAgent.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }), settings.userAgent.utf8.count <= 200
        else { throw .setting("the user agent is not up to 200 characters of printable ASCII") }
        context = try Self.context(settings)
        (self.settings, self.resolver, self.clock) = (settings, resolver, clock)
    }

    /// Sends a message once.
    ///
    /// - Parameters:
    ///   - message: what to send; its id is the same for each attempt.
    ///   - url: where to; checked again, because rules change after a registration.
    ///   - secrets: those of the receiver, 1 to 8; more than one while it changes them.
    /// - Throws: ``WebhookError/secret(_:)``; `CancellationError`, after which the receiver may have it or not.
    public func send(
        _ message: WebhookMessage,
        to url: WebhookURL,
        secrets: [WebhookSecret]
    ) async throws -> WebhookOutcome {
        // Without a proof no receiver can tell this message from anybody's.
        guard (1...8).contains(secrets.count) else { throw WebhookError.secret("1 to 8 are needed to sign with") }
        let now = clock.now()
        let deadline = ContinuousClock.now + settings.timeout
        do {
            try settings.rules.check(url)
            let addresses = try await self.addresses(of: url, deadline)
            try settings.rules.check(url, at: addresses)
            return WebhookOutcome(try await answer(to: message, url, addresses, secrets, now, deadline), now: now)
        } catch let error as WebhookError {
            return .rejected(.refused(error))
        } catch let problem as WebhookProblem {
            return .deferred(problem, retryAfter: nil)
        }
    }

    private func addresses(of url: WebhookURL, _ deadline: ContinuousClock.Instant) async throws -> [IPAddress] {
        guard case .name(let name) = url.host else {
            if case .address(let address) = url.host { return [address] }
            return []
        }
        let promise = MultiThreadedEventLoopGroup.singleton.next().makePromise(of: [IPAddress].self)
        let resolver = resolver
        // Not a child task: a lookup of the system cannot be cancelled, and waiting for its end could take minutes.
        // It ends by itself, and is counted where it runs.
        let lookup = Task {
            do { promise.succeed(try await resolver.addresses(name)) } catch {
                promise.fail(WebhookProblem.unresolved(WebhookText.shown("\(error)", 200)))
            }
        }
        defer { lookup.cancel() }
        let found = try await limited(promise, deadline) {}
        guard !found.isEmpty else { throw WebhookProblem.unresolved("no address") }
        return found
    }

    private func answer(
        to message: WebhookMessage,
        _ url: WebhookURL,
        _ addresses: [IPAddress],
        _ secrets: [WebhookSecret],
        _ now: Timestamp,
        _ deadline: ContinuousClock.Instant
    ) async throws -> WebhookAnswer {
        let exchange = exchange(message, url, secrets, now)
        let late = WebhookProblem.timeout(seconds: settings.timeout.components.seconds)
        var last = late
        for address in addresses.prefix(Self.maximumAttempts) {
            let promise = MultiThreadedEventLoopGroup.singleton.next().makePromise(of: WebhookAnswer.self)
            let limit = min(settings.connectTimeout, deadline - .now)
            guard limit > .zero else {
                promise.fail(last)
                break
            }
            let channel: any Channel
            do {
                channel = try await exchange.connect(to: address, port: url.port, within: limit, promise)
            } catch {
                last = .unreachable("\(address): \(WebhookExchange.words(error))")
                promise.fail(last)
                try Task.checkCancellation()
                continue
            }
            // From here on the receiver may have it: no second address.
            exchange.send(on: channel)
            return try await limited(promise, deadline) { WebhookExchange.end(channel, late) }
        }
        throw last
    }

    private func exchange(
        _ message: WebhookMessage,
        _ url: WebhookURL,
        _ secrets: [WebhookSecret],
        _ now: Timestamp
    ) -> WebhookExchange {
        let seconds = now.microseconds / 1_000_000
        let headers = HTTPHeaders([
            ("host", url.authority), ("user-agent", settings.userAgent), ("accept", "*/*"), ("connection", "close"),
            ("content-type", message.mediaType), ("content-length", String(message.body.count)),
            ("webhook-id", message.id), ("webhook-timestamp", String(seconds)),
            (
                "webhook-signature",
                WebhookSignature.value(id: message.id, timestamp: seconds, body: message.body, secrets: secrets)
            ),
        ])
        let serverName =
            switch url.host {
            case .name(let name): name
            case .address(let address): "\(address)"
            }
        return WebhookExchange(
            head: HTTPRequestHead(version: .http1_1, method: .POST, uri: url.target, headers: headers),
            body: message.body,
            context: context,
            serverName: serverName,
            isEncrypted: url.isEncrypted
        )
    }

    /// Waits for a promise until the deadline; whoever cancels does not wait.
    private func limited<Value: Sendable>(
        _ promise: EventLoopPromise<Value>,
        _ deadline: ContinuousClock.Instant,
        onEnd stop: @escaping @Sendable () -> Void
    ) async throws -> Value {
        let loop = promise.futureResult.eventLoop
        let late = WebhookProblem.timeout(seconds: settings.timeout.components.seconds)
        let timer = loop.scheduleTask(in: TimeAmount(max(.zero, deadline - .now))) {
            // First: an answer whose status is there counts.
            stop()
            promise.fail(late)
        }
        defer { timer.cancel() }
        do {
            return try await withTaskCancellationHandler {
                try await promise.futureResult.get()
            } onCancel: {
                promise.fail(CancellationError())
                stop()
            }
        } catch {
            try Task.checkCancellation()
            throw error
        }
    }

    private static func context(_ settings: WebhookSettings) throws(WebhookError) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        if let path = settings.authoritiesFile {
            let found: [NIOSSLCertificate]
            do { found = try NIOSSLCertificate.fromPEMFile(path) } catch {
                throw .setting("\(path): cannot be read as certificates in PEM form")
            }
            guard !found.isEmpty else { throw .setting("\(path): there is no certificate in it") }
            configuration.additionalTrustRoots = [.certificates(found)]
        }
        do { return try NIOSSLContext(configuration: configuration) } catch {
            throw .setting("TLS cannot be set up: \(WebhookExchange.words(error))")
        }
    }
}
