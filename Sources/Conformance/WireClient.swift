// SPDX-License-Identifier: EUPL-1.2

import AsyncHTTPClient
import FoundationEssentials
import JSON
import NIOCore
import NIOHTTP1
import RegistryClient
import Synchronization

/// Sends requests to a registry that is not trusted: bounded in time and bytes, with credentials only where they belong.
package final class WireClient: Sendable {
    let settings: ConformanceSettings
    private let client: HTTPClient
    /// Value of `Authorization` by scope; owner: this client.
    private let authorizations = Mutex<[String: String]>([:])

    /// A client; ``close()`` must be called.
    package init(_ settings: ConformanceSettings) throws(ConformanceError) {
        self.settings = settings
        var configuration = HTTPClient.Configuration(
            // By hand: where credentials may go is decided here.
            redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(10))
        )
        // A body without length is `Transfer-Encoding: chunked` in HTTP/1.1 only.
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        if let file = settings.certificateFile { try configuration.trust(file: file) }
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Ends all connections.
    package func close() async { try? await client.shutdown() }

    /// Sends a request, answers challenges and follows redirects.
    ///
    /// - Throws: ``Failed`` when nothing comes that is an answer; ``ConformanceError`` when credentials cannot be used.
    package func send(_ request: Outgoing) async throws -> Exchange {
        guard !request.isAnonymous else { return try await follow(request, authorization: nil) }
        let scope = "\(request.method.rawValue) \(request.scope)"
        let answer = try await follow(request, authorization: authorizations.withLock { $0[scope] ?? $0[""] })
        guard answer.status == 401 else { return answer }
        let challenges = answer.headers["WWW-Authenticate"].flatMap(Challenge.parse)
        if let bearer = challenges.first(where: { $0.scheme == "bearer" }), let realm = bearer.parameters["realm"] {
            let token = "Bearer " + (try await token(realm, bearer))
            authorizations.withLock { $0[scope] = token }
            return try await follow(request, authorization: token)
        }
        if challenges.contains(where: { $0.scheme == "basic" }), let basic = basic {
            // The same for every request to the registry, so that each is sent once only.
            authorizations.withLock { $0[""] = basic }
            return try await follow(request, authorization: basic)
        }
        return answer
    }

    private var basic: String? {
        settings.credentials.map {
            "Basic " + Data("\($0.username):\($0.password)".utf8).base64EncodedString()
        }
    }

    // MARK: Tokens

    /// Asks a token service.
    ///
    /// The registry is not trusted: it names the service, so the credentials go to its own host only, or to one that the person
    /// who runs this has named, and never from an encrypted registry to a service in the clear.
    private func token(_ realm: String, _ challenge: Challenge) async throws -> String {
        let registry = settings.registry.text
        guard let url = URL(string: realm), let host = url.host?.lowercased(),
            RegistryAddress.origin(of: realm) != nil
        else { throw ConformanceError.unusableRealm(realm: realm.printable(), reason: "it is no address of HTTP") }
        var headers: HTTPHeaders = ["Accept": "application/json"]
        if let basic {
            guard host == URL(string: registry)?.host?.lowercased() || settings.realmHosts.contains(host) else {
                throw ConformanceError.foreignRealm(host: host.printable())
            }
            guard url.scheme?.lowercased() == "https" || registry.hasPrefix("http://") else {
                throw ConformanceError.unusableRealm(realm: realm.printable(), reason: "it is not encrypted")
            }
            headers.add(name: "Authorization", value: basic)
        }
        var items: [String] = []
        if let service = challenge.parameters["service"] { items.append("service=" + service.queryEncoded) }
        for scope in (challenge.parameters["scope"] ?? "").split(separator: " ") {
            items.append("scope=" + String(scope).queryEncoded)
        }
        let separator = realm.utf8.contains(0x3f) ? "&" : "?"
        let address = realm + (items.isEmpty ? "" : separator + items.joined(separator: "&"))
        let answer = try await exchange(Outgoing(method: .GET, url: address, headers: headers), authorization: nil)
        guard answer.status == 200 else {
            if answer.status == 401 || answer.status == 403 {
                throw ConformanceError.unauthorized(registry: realm.printable(), hadCredentials: basic != nil)
            }
            throw ConformanceError.unusableRealm(realm: realm.printable(), reason: "it answers \(answer.words)")
        }
        guard let token = answer.json?["token"]?.stringValue ?? answer.json?["access_token"]?.stringValue,
            token.utf8.count <= 65_536, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
        else { throw ConformanceError.unusableRealm(realm: realm.printable(), reason: "it gives no token") }
        return token
    }

    // MARK: Requests

    /// Follows at most five redirects; `Authorization` goes to the registry's own origin only.
    private func follow(_ start: Outgoing, authorization: String?) async throws -> Exchange {
        let home = RegistryAddress.origin(of: settings.registry.text)
        var request = start
        for _ in 0...5 {
            let isHome = RegistryAddress.origin(of: request.url) == home
            let answer = try await exchange(request, authorization: isHome ? authorization : nil)
            guard [301, 302, 303, 307, 308].contains(answer.status), let location = answer["Location"],
                let target = RegistryAddress.resolve(location, against: request.url)
            else { return answer }
            guard target.hasPrefix("https://") || settings.registry.text.hasPrefix("http://") else {
                throw answer.failure("a redirect stays encrypted", got: "a redirect to \(target.printable(200))")
            }
            if answer.status < 307, request.method != .GET, request.method != .HEAD { return answer }
            request.url = target
        }
        throw Failed(expected: "an answer after at most five redirects", got: "more redirects", request: start.words)
    }

    private func exchange(_ outgoing: Outgoing, authorization: String?) async throws -> Exchange {
        do {
            return try await bounded(settings.requestTimeout) { [self] in
                try await attempt(outgoing, authorization: authorization)
            }
        } catch let error as Failed {
            throw error
        } catch let error as ConformanceError {
            throw error
        } catch {
            if Task.isCancelled { throw CancellationError() }
            let reason =
                switch error {
                case is TimedOut: "no answer within \(settings.requestTimeout)"
                case let error as HTTPClientError: "the connection failed: \(error.shortDescription)"
                default: "the connection failed: \("\(error)".printable())"
                }
            throw NoAnswer(request: outgoing.words, reason: reason)
        }
    }

    private func attempt(_ outgoing: Outgoing, authorization: String?) async throws -> Exchange {
        var request = HTTPClientRequest(url: outgoing.url)
        request.method = outgoing.method
        request.headers = outgoing.headers
        request.headers.replaceOrAdd(name: "User-Agent", value: "kontor-conformance")
        if let authorization { request.headers.replaceOrAdd(name: "Authorization", value: authorization) }
        switch outgoing.body {
        case .none: break
        case .bytes(let bytes): request.body = .bytes(ByteBuffer(bytes: bytes))
        case .atLeisure(let bytes):
            let place = Mutex(0)
            let stream = AsyncStream<ByteBuffer> {
                try? await Task.sleep(for: .milliseconds(2))
                let piece = place.withLock { place in
                    defer { place += 64 << 10 }
                    return bytes.dropFirst(place).prefix(64 << 10)
                }
                return piece.isEmpty ? nil : ByteBuffer(bytes: piece)
            }
            request.body = .stream(stream, length: .known(Int64(bytes.count)))
        case .pieces(let pieces):
            let (stream, source) = AsyncStream<ByteBuffer>.makeStream()
            for piece in pieces { source.yield(ByteBuffer(bytes: piece)) }
            source.finish()
            request.body = .stream(stream, length: .unknown)
        }
        let response = try await client.execute(request, timeout: .seconds(3600))
        var body: [UInt8] = []
        var pieces = response.body.makeAsyncIterator()
        while true {
            let piece: ByteBuffer?
            do { piece = try await pieces.next() } catch {
                if Task.isCancelled { throw error }
                throw Failed(
                    expected: "a whole answer",
                    got: "\(response.status.code), which breaks off after \(body.count) of "
                        + "\(response.headers.first(name: "Content-Length")?.printable(20) ?? "?") bytes of its body",
                    request: outgoing.words
                )
            }
            guard let piece else { break }
            guard body.count + piece.readableBytes <= settings.bodyLimit else {
                throw Failed(
                    expected: "a body of at most \(settings.bodyLimit) bytes",
                    got: "\(response.status.code) with more bytes",
                    request: outgoing.words
                )
            }
            body.append(contentsOf: piece.readableBytesView)
        }
        return Exchange(
            request: outgoing.words,
            url: outgoing.url,
            status: Int(response.status.code),
            headers: response.headers,
            body: body
        )
    }
}

/// Nothing came that is an answer of HTTP.
package struct NoAnswer: Error {
    let request: String
    package let reason: String

    /// As a failure of a case.
    var failure: Failed { Failed(expected: "an answer", got: reason, request: request) }
}

/// A time limit was reached.
struct TimedOut: Error {}

/// Runs something for a limited time; what has not ended by then is cancelled.
func bounded<T: Sendable>(_ limit: Duration, _ body: @escaping @Sendable () async throws -> T) async throws -> T {
    try await withThrowingTaskGroup(of: T.self) { group in
        group.addTask(operation: body)
        group.addTask {
            try await Task.sleep(for: limit)
            throw TimedOut()
        }
        defer { group.cancelAll() }
        guard let first = try await group.next() else { throw CancellationError() }
        return first
    }
}
