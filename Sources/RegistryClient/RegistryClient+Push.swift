// SPDX-License-Identifier: EUPL-1.2

import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1
public import OCI
import Synchronization

extension RegistryClient {
    /// Pushes a blob that the repository does not have yet.
    ///
    /// - Parameters:
    ///   - repository: repository in this registry.
    ///   - digest: what the bytes have; the registry checks it.
    ///   - size: how many bytes there are.
    ///   - read: fills a buffer from an offset and returns how many bytes it gave; 0 at the end.
    /// - Throws: ``RegistryClientError``, `CancellationError`.
    public func pushBlob(
        _ repository: RepositoryName,
        digest: Digest,
        size: Int64,
        read: @escaping @Sendable (_ offset: Int64, _ into: UnsafeMutableRawBufferPointer) throws -> Int
    ) async throws {
        let what = "blob \(digest) of \(repository)"
        let base = "\(try await base())/\(repository)/blobs/"
        let present = try await authorised(.HEAD, base + "\(digest)", repository, what: what)
        try? await drain(present)
        if present.status == .ok { return }
        let begun = try await authorised(.POST, base + "uploads/", repository, what: what)
        guard begun.status == .accepted, let location = begun.headers.first(name: "Location") else {
            throw await failure(begun, what: "an upload of \(what)")
        }
        try? await drain(begun)
        let target = try uploadAddress(location, begunAt: base + "uploads/", digest: digest, what: what)
        let pieces = PushedPieces(size: size, read: read)
        let ended = try await authorised(
            .PUT,
            target,
            repository,
            what: what,
            headers: ["Content-Type": "application/octet-stream"],
            body: .stream(pieces, length: .known(size))
        )
        guard ended.status == .created || ended.status == .noContent else { throw await failure(ended, what: what) }
        try? await drain(ended)
    }

    /// Pushes a manifest under a tag or its digest.
    ///
    /// - Throws: ``RegistryClientError``, `CancellationError`.
    public func pushManifest(
        _ repository: RepositoryName,
        _ reference: String,
        bytes: [UInt8],
        mediaType: String
    ) async throws {
        let what = "manifest \(repository):\(reference)"
        let response = try await authorised(
            .PUT,
            "\(try await base())/\(repository)/manifests/\(reference)",
            repository,
            what: what,
            headers: ["Content-Type": mediaType],
            body: .bytes(ByteBuffer(bytes: bytes))
        )
        guard response.status == .created else { throw await failure(response, what: what) }
        try? await drain(response)
    }

    private func base() async throws -> String {
        if state.withLock({ $0.scheme }) == nil { try await ping() }
        return "\(state.withLock { $0.scheme } ?? "https")://\(registry)/v2"
    }

    /// Sends one request, answering a challenge; the credentials go to this registry alone.
    private func authorised(
        _ method: HTTPMethod,
        _ url: String,
        _ repository: RepositoryName,
        what: String,
        headers: HTTPHeaders = [:],
        body: HTTPClientRequest.Body? = nil
    ) async throws -> HTTPClientResponse {
        let scope = "repository:\(repository):pull,push"
        let isOwn = Self.origin(url) == Self.origin(try await base())
        func attempt() async throws -> HTTPClientResponse {
            var request = HTTPClientRequest(url: url)
            request.method = method
            request.headers = headers
            request.headers.add(name: "User-Agent", value: "kontor")
            if isOwn, let value = state.withLock({ $0.authorization[scope] }) {
                request.headers.add(name: "Authorization", value: value)
            }
            request.body = body
            do { return try await client.execute(request, timeout: .hours(6)) } catch let error as CancellationError {
                throw error
            } catch {
                if Task.isCancelled { throw CancellationError() }
                throw RegistryClientError.unreachable(registry: registry, reason: sanitised(Self.words(error)))
            }
        }
        let response = try await attempt()
        guard response.status == .unauthorized, isOwn else { return response }
        let challenges = response.headers["WWW-Authenticate"].flatMap(Challenge.parse)
        try? await drain(response)
        let scheme = state.withLock { $0.scheme } ?? "https"
        guard let value = try await authorization(for: challenges, scope: scope, scheme: scheme, what: what) else {
            throw RegistryClientError.unauthorized(
                registry: registry,
                what: what,
                hadCredentials: settings.credentials != nil
            )
        }
        state.withLock { $0.authorization[scope] = value }
        return try await attempt()
    }

    /// Where the bytes go: what the registry named, with the digest.
    private func uploadAddress(_ location: String, begunAt start: String, digest: Digest, what: String)
        throws(RegistryClientError) -> String
    {
        guard let base = URL(string: start), let target = URL(string: location, relativeTo: base)?.absoluteURL,
            target.scheme == "https" || target.scheme == "http", let host = target.host
        else {
            throw .invalidAnswer(registry: registry, what: what, reason: "it names no usable address for the upload")
        }
        guard target.scheme == "https" || settings.plainHTTP || (isLoopback && Self.isLoopback(host: host)) else {
            throw .insecure(registry: registry, target: sanitised(target.absoluteString))
        }
        let text = target.absoluteString
        return text + (text.contains("?") ? "&" : "?") + "digest=" + digest.description.replacing(":", with: "%3A")
    }
}

/// The pieces of a blob on its way; begun anew by every attempt.
private struct PushedPieces: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    let size: Int64
    let read: @Sendable (Int64, UnsafeMutableRawBufferPointer) throws -> Int

    func makeAsyncIterator() -> Iterator { Iterator(pieces: self) }

    struct Iterator: AsyncIteratorProtocol {
        let pieces: PushedPieces
        var offset: Int64 = 0

        mutating func next() async throws -> ByteBuffer? {
            guard offset < pieces.size else { return nil }
            let (start, wanted) = (offset, Int(Swift.min(pieces.size - offset, 1 << 20)))
            var buffer = ByteBuffer()
            let count = try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: wanted) { room in
                try pieces.read(start, UnsafeMutableRawBufferPointer(rebasing: room[..<wanted]))
            }
            guard count > 0 else { return nil }
            offset += Int64(count)
            return buffer
        }
    }
}
