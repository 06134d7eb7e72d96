// SPDX-License-Identifier: EUPL-1.2

import AsyncHTTPClient
import FoundationEssentials
import JSON
import NIOCore
import NIOHTTP1
public import OCI
import Synchronization

/// How a registry is spoken to.
public struct RegistryClientSettings: Sendable {
    /// Credentials; nil: anonymous.
    public var credentials: RegistryCredentials?
    /// Allows plain HTTP to hosts other than this machine.
    public var plainHTTP: Bool
    /// Longest manifest that is read, in bytes.
    public var manifestLimit: Int
    /// How often a request that may succeed later is tried.
    public var attempts: Int

    /// The defaults: anonymous, encrypted, manifests to 4 MiB, three attempts.
    public init(
        credentials: RegistryCredentials? = nil,
        plainHTTP: Bool = false,
        manifestLimit: Int = 4 << 20,
        attempts: Int = 3
    ) {
        self.credentials = credentials
        self.plainHTTP = plainHTTP
        self.manifestLimit = manifestLimit
        self.attempts = attempts
    }
}

/// A manifest as a registry gave it.
public struct PulledManifest: Sendable {
    /// The exact bytes.
    public var bytes: [UInt8]
    /// `Content-Type` without parameters; nil when absent.
    public var contentType: String?
    /// Digest recomputed from the bytes.
    public var digest: Digest
}

/// A client that pulls from one registry.
///
/// Every byte that is returned under a digest was verified against it. `Authorization` never follows a redirect to another host.
///
/// Source: OCI distribution-spec v1.1.1; token flow of the CNCF distribution project.
public final class RegistryClient: Sendable {
    /// Host, with port where one is written.
    public let registry: String
    let settings: RegistryClientSettings
    let client: HTTPClient
    /// Owner: this client; held only to copy values.
    let state = Mutex(State())

    struct State {
        var scheme: String?
        /// Whether the registry gives out OpenPGP signatures itself, by its own word.
        var givesSignatures = false
        /// Value of `Authorization` by scope.
        var authorization: [String: String] = [:]
    }

    /// A client for one registry; ``close()`` must be called.
    ///
    /// - Throws: ``RegistryClientError/badRegistryName(_:)``.
    public init(registry: String, settings: RegistryClientSettings = RegistryClientSettings())
        throws(RegistryClientError)
    {
        let legal = registry.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
            default: Array(".-:[]_".utf8).contains(byte)
            }
        }
        guard !registry.isEmpty, registry.utf8.count <= 255, legal else { throw .badRegistryName(registry) }
        self.registry = registry
        self.settings = settings
        var configuration = HTTPClient.Configuration(
            // By hand: where credentials may go is ours to decide.
            redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(10), read: .seconds(60))
        )
        configuration.httpVersion = .http1Only
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 4
        // A refused connection is told at once; what may succeed later is tried again below.
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Ends all connections.
    public func close() async { try? await client.shutdown() }

    /// Asks whether a registry answers, and settles between HTTP and HTTPS for this machine.
    ///
    /// - Throws: ``RegistryClientError``.
    public func ping() async throws {
        if !isLoopback {
            try await ping(scheme: settings.plainHTTP ? "http" : "https")
            return
        }
        // A registry on this machine speaks HTTP more often than not; one that speaks HTTPS answers HTTP with 400 or hangs up.
        do {
            try await ping(scheme: "http")
        } catch let error as RegistryClientError {
            guard (try? await ping(scheme: "https")) != nil else { throw error }
        }
    }

    private func ping(scheme: String) async throws {
        let response = try await send(
            method: .GET,
            url: "\(scheme)://\(registry)/v2/",
            headers: [:],
            timeout: .seconds(20)
        )
        let givesSignatures = response.headers.first(name: "X-Registry-Supports-Signatures") == "1"
        try? await drain(response)
        switch response.status.code {
        case 200, 401, 403, 429, 503:
            state.withLock { state in
                state.scheme = scheme
                state.givesSignatures = givesSignatures
            }
        default: throw RegistryClientError.notARegistry(registry: registry, status: Int(response.status.code))
        }
    }

    /// Pulls a manifest by tag or digest.
    ///
    /// - Parameters:
    ///   - repository: repository in this registry.
    ///   - reference: a tag, or a digest; with a digest the bytes must have it.
    /// - Throws: ``RegistryClientError``, `CancellationError`.
    public func manifest(_ repository: RepositoryName, _ reference: String) async throws -> PulledManifest {
        let what = "manifest \(repository):\(reference)"
        let expected = try? Digest(parsing: reference)
        return try await retrying { [self] in
            let accept = [
                MediaType.imageIndex, MediaType.imageManifest, MediaType.dockerManifestList, MediaType.dockerManifest,
            ].joined(separator: ", ")
            let response = try await get(
                "\(repository)/manifests/\(reference)",
                repository: repository,
                accept: accept,
                what: what
            )
            var bytes: [UInt8] = []
            var body = response.body.makeAsyncIterator()
            while let chunk = try await next(&body) {
                guard bytes.count + chunk.readableBytes <= settings.manifestLimit else {
                    throw RegistryClientError.tooLarge(what: what, limit: Int64(settings.manifestLimit))
                }
                bytes.append(contentsOf: chunk.readableBytesView)
            }
            let algorithm = expected?.algorithm ?? .sha256
            let digest = algorithm == .sha512 ? Digest.sha512(bytes) : Digest.sha256(bytes)
            if let expected, expected != digest {
                throw RegistryClientError.digestMismatch(what: what, expected: expected, actual: digest)
            }
            let type = response.headers.first(name: "Content-Type").map {
                String($0.prefix { $0 != ";" }).trimmedSpaces
            }
            return PulledManifest(bytes: bytes, contentType: type, digest: digest)
        }
    }

    /// Pulls a blob and hands it on piece by piece; an attempt that fails starts again with `begin`.
    ///
    /// - Parameters:
    ///   - repository: repository in this registry.
    ///   - digest: the bytes must have it; this is known only at the end.
    ///   - size: what the manifest announces; more or fewer bytes are an error.
    ///   - begin: called before the first byte of every attempt.
    ///   - receive: called with the bytes in order.
    /// - Throws: ``RegistryClientError``, `CancellationError`, and what `begin` and `receive` throw.
    public func blob(
        _ repository: RepositoryName,
        digest: Digest,
        size: Int64,
        begin: @escaping @Sendable () throws -> Void,
        receive: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void
    ) async throws {
        let what = "blob \(digest) of \(repository)"
        try await retrying { [self] in
            try begin()
            let response = try await get(
                "\(repository)/blobs/\(digest)",
                repository: repository,
                accept: "*/*",
                what: what
            )
            var hasher = DigestHasher(digest.algorithm)
            var received: Int64 = 0
            var body = response.body.makeAsyncIterator()
            while let chunk = try await next(&body) {
                received += Int64(chunk.readableBytes)
                guard received <= size else { throw RegistryClientError.tooLarge(what: what, limit: size) }
                try chunk.withUnsafeReadableBytes { bytes in
                    hasher.update(bytes)
                    try receive(bytes)
                }
            }
            guard received == size else {
                throw RegistryClientError.truncated(what: what, expected: size, actual: received)
            }
            let actual = hasher.finalized()
            guard actual == digest else {
                throw RegistryClientError.digestMismatch(what: what, expected: digest, actual: actual)
            }
        }
    }

    /// Pulls a small blob whole.
    ///
    /// - Throws: ``RegistryClientError``, `CancellationError`.
    public func smallBlob(_ repository: RepositoryName, digest: Digest, size: Int64, limit: Int64) async throws
        -> [UInt8]
    {
        guard size >= 0, size <= limit else {
            throw RegistryClientError.tooLarge(what: "blob \(digest) of \(repository)", limit: limit)
        }
        let box = Collected()
        try await blob(
            repository,
            digest: digest,
            size: size,
            begin: { box.bytes.withLock { $0 = [] } },
            receive: { piece in box.bytes.withLock { $0.append(contentsOf: piece) } }
        )
        return box.bytes.withLock { $0 }
    }

    private final class Collected: Sendable {
        /// Owner: the pull that fills it.
        let bytes = Mutex<[UInt8]>([])
    }

    // MARK: - Requests

    var isLoopback: Bool { Self.isLoopback(host: Self.host(of: registry)) }

    private static func host(of authority: String) -> String {
        if authority.hasPrefix("[") { return String(authority.prefix { $0 != "]" }.dropFirst()) }
        return String(authority.prefix { $0 != ":" })
    }

    static func isLoopback(host: String) -> Bool {
        let name = host.lowercased()
        return name == "localhost" || name.hasSuffix(".localhost") || name == "::1"
            || (name.hasPrefix("127.") && name.utf8.allSatisfy { $0 == 0x2e || (0x30...0x39).contains($0) })
    }

    /// Sends a GET below `/v2/`, or another root, follows challenges and redirects; the answer has status 200.
    func get(
        _ path: String,
        root: String = "/v2/",
        repository: RepositoryName,
        accept: String,
        what: String
    ) async throws -> HTTPClientResponse {
        if state.withLock({ $0.scheme }) == nil { try await ping() }
        let scheme = state.withLock { $0.scheme } ?? "https"
        let scope = "repository:\(repository):pull"
        let url = "\(scheme)://\(registry)\(root)\(path)"
        var response = try await follow(url, accept: accept, authorization: state.withLock { $0.authorization[scope] })
        if response.status == .unauthorized {
            let challenges = response.headers["WWW-Authenticate"].flatMap(Challenge.parse)
            try? await drain(response)
            guard let value = try await authorization(for: challenges, scope: scope, scheme: scheme, what: what) else {
                throw RegistryClientError.unauthorized(
                    registry: registry,
                    what: what,
                    hadCredentials: settings.credentials != nil
                )
            }
            state.withLock { $0.authorization[scope] = value }
            response = try await follow(url, accept: accept, authorization: value)
        }
        guard response.status == .ok else { throw await failure(response, what: what) }
        return response
    }

    func authorization(for challenges: [Challenge], scope: String, scheme: String, what: String) async throws
        -> String?
    {
        if let bearer = challenges.first(where: { $0.scheme == "bearer" }), let realm = bearer.parameters["realm"] {
            return "Bearer "
                + (try await token(
                    realm: realm,
                    service: bearer.parameters["service"],
                    scope: bearer.parameters["scope"] ?? scope,
                    what: what
                ))
        }
        if challenges.contains(where: { $0.scheme == "basic" }) { return settings.credentials?.basic }
        return nil
    }

    private func token(realm: String, service: String?, scope: String, what: String) async throws -> String {
        guard var address = URLComponents(string: realm), let host = address.host,
            address.scheme == "https" || address.scheme == "http"
        else {
            throw RegistryClientError.invalidAnswer(
                registry: registry,
                what: what,
                reason: "its token service has no usable address"
            )
        }
        // Credentials in the clear, to a host that a stranger named: never.
        guard address.scheme == "https" || settings.plainHTTP || Self.isLoopback(host: host) else {
            throw RegistryClientError.insecure(registry: registry, target: sanitised(realm))
        }
        var items = address.queryItems ?? []
        if let service { items.append(URLQueryItem(name: "service", value: service)) }
        items.append(URLQueryItem(name: "scope", value: scope))
        address.queryItems = items
        guard let url = address.string else {
            throw RegistryClientError.invalidAnswer(
                registry: registry,
                what: what,
                reason: "its token service has no usable address"
            )
        }
        var headers: HTTPHeaders = ["Accept": "application/json"]
        if let credentials = settings.credentials { headers.add(name: "Authorization", value: credentials.basic) }
        let response = try await send(method: .GET, url: url, headers: headers, timeout: .seconds(60))
        guard response.status == .ok else {
            if response.status == .unauthorized || response.status == .forbidden {
                throw RegistryClientError.unauthorized(
                    registry: registry,
                    what: what,
                    hadCredentials: settings.credentials != nil
                )
            }
            throw await failure(response, what: "a token for \(what)")
        }
        let body = try await collect(response, limit: 1 << 20, what: "the token for \(what)")
        let answer = try? JSONValue(parsing: body)
        guard let token = answer?["token"]?.stringValue ?? answer?["access_token"]?.stringValue,
            token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
        else {
            throw RegistryClientError.invalidAnswer(
                registry: registry,
                what: what,
                reason: "its token service gave no token"
            )
        }
        return token
    }

    /// GET with at most five redirects; `Authorization` goes only to the scheme, host and port that it was meant for.
    private func follow(_ start: String, accept: String, authorization: String?) async throws -> HTTPClientResponse {
        var url = start
        for _ in 0...5 {
            var headers: HTTPHeaders = ["Accept": accept]
            if let authorization, Self.origin(url) == Self.origin(start) {
                headers.add(name: "Authorization", value: authorization)
            }
            let response = try await send(method: .GET, url: url, headers: headers, timeout: .hours(6))
            guard [301, 302, 303, 307, 308].contains(response.status.code),
                let location = response.headers.first(name: "Location")
            else {
                return response
            }
            try? await drain(response)
            guard let base = URL(string: url), let target = URL(string: location, relativeTo: base)?.absoluteURL,
                let host = target.host, target.scheme == "https" || target.scheme == "http"
            else {
                throw RegistryClientError.invalidAnswer(
                    registry: registry,
                    what: start,
                    reason: "it redirects to an unusable address"
                )
            }
            guard target.scheme == "https" || settings.plainHTTP || (isLoopback && Self.isLoopback(host: host)) else {
                throw RegistryClientError.insecure(registry: registry, target: sanitised(target.absoluteString))
            }
            url = target.absoluteString
        }
        throw RegistryClientError.invalidAnswer(
            registry: registry,
            what: start,
            reason: "it redirects more than five times"
        )
    }

    static func origin(_ text: String) -> String {
        guard let url = URL(string: text), let scheme = url.scheme, let host = url.host else { return text }
        return "\(scheme)://\(host.lowercased()):\(url.port ?? (scheme == "https" ? 443 : 80))"
    }

    func send(method: HTTPMethod, url: String, headers: HTTPHeaders, timeout: TimeAmount) async throws
        -> HTTPClientResponse
    {
        var request = HTTPClientRequest(url: url)
        request.method = method
        request.headers = headers
        request.headers.add(name: "User-Agent", value: "kontor")
        do {
            return try await client.execute(request, timeout: timeout)
        } catch let error as CancellationError {
            throw error
        } catch {
            if Task.isCancelled { throw CancellationError() }
            throw RegistryClientError.unreachable(registry: registry, reason: sanitised(Self.words(error)))
        }
    }

    /// The next piece of a body; a connection that breaks is one of this client's errors, whatever the library calls it.
    private func next(_ body: inout HTTPClientResponse.Body.AsyncIterator) async throws -> ByteBuffer? {
        do {
            return try await body.next()
        } catch let error as CancellationError {
            throw error
        } catch {
            if Task.isCancelled { throw CancellationError() }
            throw RegistryClientError.unreachable(registry: registry, reason: sanitised(Self.words(error)))
        }
    }

    static func words(_ error: any Error) -> String {
        if let error = error as? HTTPClientError { return error.shortDescription }
        return "\(error)"
    }

    func collect(_ response: HTTPClientResponse, limit: Int, what: String) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        var body = response.body.makeAsyncIterator()
        while let chunk = try await next(&body) {
            guard bytes.count + chunk.readableBytes <= limit else {
                throw RegistryClientError.tooLarge(what: what, limit: Int64(limit))
            }
            bytes.append(contentsOf: chunk.readableBytesView)
        }
        return bytes
    }

    /// Reads a short body to its end so that the connection can be used again.
    func drain(_ response: HTTPClientResponse) async throws {
        _ = try await collect(response, limit: 1 << 16, what: "answer")
    }

    func failure(_ response: HTTPClientResponse, what: String) async -> RegistryClientError {
        let status = Int(response.status.code)
        let body = (try? await collect(response, limit: 1 << 16, what: what)) ?? []
        let message = (try? JSONValue(parsing: body))?["errors"]?[0]?["message"]?.stringValue ?? ""
        switch status {
        case 401: return .unauthorized(registry: registry, what: what, hadCredentials: settings.credentials != nil)
        case 403: return .denied(registry: registry, what: what)
        case 404: return .notFound(registry: registry, what: what)
        case 429: return .tooManyRequests(registry: registry)
        default: return .refused(registry: registry, what: what, status: status, message: sanitised(message))
        }
    }

    /// Tries again what may succeed later: after one second, then four.
    func retrying<T: Sendable>(_ body: @Sendable () async throws -> T) async throws -> T {
        var attempt = 1
        while true {
            let failure: RegistryClientError
            do {
                return try await body()
            } catch let error as RegistryClientError {
                failure = error
            }
            guard failure.isRetryable, attempt < settings.attempts else { throw failure }
            try await Task.sleep(for: .seconds(attempt * attempt))
            attempt += 1
        }
    }
}

extension String {
    fileprivate var trimmedSpaces: String {
        var text = Substring(self)
        while text.last == " " || text.last == "\t" { text.removeLast() }
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        return String(text)
    }
}
