// SPDX-License-Identifier: EUPL-1.2

import NIOHTTP1
import OCI

/// An upload session.
struct Session: Sendable {
    let repository: String
    /// Where the next request goes; changes with every answer.
    var url: String
    /// The least that a chunk has to have, but for the last one.
    let minimumChunk: Int
    /// Bytes that have come so far.
    var offset = 0
    /// The address that it began with.
    let first: String

    /// The address that closes the session.
    func closing(_ digest: String) -> String {
        url + (url.utf8.contains(0x3f) ? "&" : "?") + "digest=" + digest
    }
}

extension Probe {
    static let octets: HTTPHeaders = ["Content-Type": "application/octet-stream"]

    // MARK: Steps of a push

    /// Obtains a session.
    ///
    /// - Parameter query: with its question mark.
    func begin(in repository: String? = nil, query: String = "") async throws -> Session {
        let repository = repository ?? self.repository
        let answer = try await send(.POST, "/v2/\(repository)/blobs/uploads/\(query)", scope: repository)
        return try session(of: answer, in: repository)
    }

    /// The session that an answer with 202 begins.
    func session(of answer: Exchange, in repository: String) throws -> Session {
        try answer.expect(202, asks: "a POST that begins an upload MUST be answered with 202 Accepted")
        let url = try location(of: answer, asks: "an answer that begins an upload MUST have a Location")
        remember(.upload(repository: repository, first: url, url: url))
        let minimum = answer["OCI-Chunk-Min-Length"].flatMap { Int($0) } ?? 0
        return Session(
            repository: repository,
            url: url,
            minimumChunk: min(max(0, minimum), 5 << 20),
            first: url
        )
    }

    /// Sends a chunk that says where it belongs.
    func patch(_ session: Session, _ bytes: [UInt8], at offset: Int) async throws -> Exchange {
        var headers = Self.octets
        headers.add(name: "Content-Range", value: "\(offset)-\(offset + bytes.count - 1)")
        let answer = try await send(.PATCH, url: session.url, headers, body: .bytes(bytes), scope: session.repository)
        if answer.status == 202, let url = try? location(of: answer, asks: "") { move(session, to: url) }
        return answer
    }

    /// Sends the next chunk, which has to be taken.
    func append(_ bytes: [UInt8], to session: inout Session) async throws {
        let answer = try await patch(session, bytes, at: session.offset)
        session.offset += bytes.count
        try take(answer, into: &session)
    }

    /// Demands that a chunk was taken.
    func take(_ answer: Exchange, into session: inout Session) throws {
        try answer.expect(202, asks: "each successful chunk MUST be answered with 202 Accepted")
        session.url = try location(of: answer, asks: "the answer to a chunk MUST have a Location")
        move(session, to: session.url)
        try answer.expectHeader(
            "Range",
            is: "0-\(session.offset - 1)",
            asks:
                "the answer to a chunk MUST have Range: 0-<end-of-range>, the position of the last byte so far: 0-\(session.offset - 1)"
        )
    }

    /// Demands that a session lives and knows how far it came.
    func expectStatus(_ session: inout Session) async throws {
        let source = SpecificationSource.distribution("Pushing a blob in chunks", "end-13")
        let answer = try await send(.GET, url: session.url, scope: session.repository)
        try answer.expect(
            204,
            asks: "GET of an active upload MUST be answered with 204 No Content, also after a chunk was refused",
            source: source
        )
        session.url = try location(of: answer, asks: "the status of an upload MUST have a Location")
        move(session, to: session.url)
        try answer.expectHeader(
            "Range",
            is: "0-\(session.offset - 1)",
            asks: "the status of an upload MUST have Range: 0-<end-of-range>: 0-\(session.offset - 1)",
            source: source
        )
    }

    /// Closes a session; the last chunk may come with it.
    func close(_ session: Session, as digest: Digest, _ bytes: [UInt8] = [], at offset: Int? = nil) async throws
        -> Exchange
    {
        var headers: HTTPHeaders = bytes.isEmpty ? [:] : Self.octets
        if let offset { headers.add(name: "Content-Range", value: "\(offset)-\(offset + bytes.count - 1)") }
        let answer = try await send(
            .PUT,
            url: session.closing(digest.description),
            headers,
            body: bytes.isEmpty ? .none : .bytes(bytes),
            scope: session.repository
        )
        if answer.status == 201 {
            move(session, to: nil)
            remember(.blob(repository: session.repository, digest: digest.description))
        }
        return answer
    }

    /// Pushes with one POST.
    func post(_ blob: SampleBlob, as digest: Digest? = nil, in repository: String? = nil) async throws -> Exchange {
        let repository = repository ?? self.repository
        let digest = digest ?? blob.digest
        let answer = try await send(
            .POST,
            "/v2/\(repository)/blobs/uploads/?digest=\(digest)",
            Self.octets,
            body: .bytes(blob.bytes),
            scope: repository
        )
        if answer.status == 201 { remember(.blob(repository: repository, digest: digest.description)) }
        return answer
    }

    // MARK: Whole pushes

    /// Pushes content that a case needs, with POST and PUT.
    @discardableResult
    func push(_ blob: SampleBlob, to repository: String? = nil) async throws -> Exchange {
        let session = try await begin(in: repository)
        let answer = try await close(session, as: blob.digest, blob.bytes)
        try expectCreated(answer, blob.digest)
        return answer
    }

    /// Demands that a blob was taken.
    func expectCreated(_ answer: Exchange, _ digest: Digest) throws {
        try skipIfRefused(answer, digest)
        try answer.expect(201, asks: "a successful push of a blob MUST be answered with 201 Created")
    }

    /// An algorithm that a registry need not know is refused, not stored as something else.
    func skipIfRefused(_ answer: Exchange, _ digest: Digest) throws {
        if digest.algorithm == .sha512, answer.status == 400 {
            throw Skipped("the registry refuses sha512 with 400; an implementation MAY do without it")
        }
    }

    /// Demands that a blob can be had: where the push said, under its digest, with HEAD; and that it is gone when it was deleted.
    func expectWhole(_ blob: SampleBlob, _ created: Exchange, in repository: String? = nil) async throws {
        let repository = repository ?? self.repository
        try created.expectTrueDigest(of: blob.bytes)
        let url = try location(of: created, asks: "the answer to a successful push MUST have a Location")
        let there = try await send(.GET, url: url, scope: repository)
        let pullable = "the Location of a pushed blob is a pullable URL of it"
        try there.expect(200, asks: pullable)
        try there.expectBody(blob.bytes, asks: pullable)
        try await expectBlob(blob, in: repository)
        let path = "/v2/\(repository)/blobs/\(blob.digest)"
        let deleted = try await delete(path, scope: repository)
        if deleted.isDisabled { return }
        let source = SpecificationSource.distribution("Deleting Blobs", "end-10")
        try deleted.expect(
            202,
            asks: "a successful deletion of a blob MUST be answered with 202 Accepted",
            source: source
        )
        forget(.blob(repository: repository, digest: blob.digest.description))
        try await head(path, scope: repository).expect(
            404,
            asks: "a deleted blob is not found any more",
            source: source
        )
    }

    /// Demands that GET and HEAD tell the truth of a blob.
    func expectBlob(_ blob: SampleBlob, in repository: String? = nil) async throws {
        let repository = repository ?? self.repository
        let path = "/v2/\(repository)/blobs/\(blob.digest)"
        let source = SpecificationSource.distribution("Checking if content exists in the registry", "end-2")
        let head = try await head(path, scope: repository)
        try head.expect(200, asks: "HEAD of an existing blob MUST be answered with 200 OK", source: source)
        try head.expectTrueDigest(of: blob.bytes)
        if head["Content-Length"] != nil {
            try head.expectHeader(
                "Content-Length",
                is: String(blob.bytes.count),
                asks: "Content-Length of HEAD is the size of the blob in bytes: \(blob.bytes.count)",
                source: source
            )
        }
        let get = try await get(path, scope: repository)
        let asks = "GET of an existing blob MUST provide the expected blob, with 200 OK"
        let pulling = SpecificationSource.distribution("Pulling blobs", "end-2")
        try get.expect(200, asks: asks, source: pulling)
        try get.expectBody(blob.bytes, asks: asks, source: pulling)
        try get.expectTrueDigest(of: blob.bytes)
    }

    /// Demands that a blob does not exist.
    func expectNoBlob(_ digest: Digest, asks: String) async throws {
        try await head("/v2/\(repository)/blobs/\(digest)").expect(404, asks: asks)
    }
}
