// SPDX-License-Identifier: EUPL-1.2

import Accounts
import HTTPTypes
import Hummingbird
import JSON
import NIOCore
import OCI
import Registry

extension RegistryResponder {
    /// Headers that tell where an upload is and how far it has come.
    static func uploadHeaders(_ name: RepositoryName, _ id: UploadID, offset: Int64) -> HTTPFields {
        [
            .location: "/v2/\(name)/blobs/uploads/\(id)", .range: "0-\(max(0, offset - 1))", .dockerUploadUUID: id.text,
            .contentLength: "0",
        ]
    }

    private func writer(_ exchange: RegistryExchange) throws -> Account {
        guard let account = exchange.account else {
            throw RegistryFailure(.forbidden, .denied, "writing needs an account")
        }
        return account
    }

    func beginUpload(_ exchange: RegistryExchange, _ name: RepositoryName) async throws -> Response {
        let account = try writer(exchange)
        if let text = exchange.query["mount"] {
            let digest = try RegistryRoute.digest(text)
            if try await mount(exchange, digest, into: name, by: account) { return Self.created(name, digest) }
        } else if let text = exchange.query["digest"] {
            return try await monolithic(exchange, name, try RegistryRoute.digest(text), by: account)
        }
        if let algorithm = exchange.query["digest-algorithm"], Digest.Algorithm(rawValue: algorithm) == nil {
            throw RegistryFailure(
                .badRequest,
                .digestInvalid,
                "digest algorithm \"\(algorithm.excerpt(64))\" is not supported; use sha256 or sha512"
            )
        }
        let id = try await registry.beginUpload(in: name, by: account, namespace: exchange.access.namespace)
        return Response(status: .accepted, headers: Self.uploadHeaders(name, id, offset: 0))
    }

    /// - Returns: false falls back to an ordinary upload, as the specification wants it: also for a source that may not be read or is not
    ///   there, with nothing to tell the two apart.
    private func mount(_ exchange: RegistryExchange, _ digest: Digest, into name: RepositoryName, by account: Account)
        async throws -> Bool
    {
        var source: RepositoryName?
        if let text = exchange.query["from"] {
            guard let parsed = try? RepositoryName(parsing: text) else {
                throw RegistryFailure(
                    .badRequest,
                    .nameInvalid,
                    "the value of \"from\" is not the name of a repository"
                )
            }
            source = parsed
        }
        guard let scope = try await accounts.readScope(of: account) else { return false }
        let identity = exchange.identity
        let (isAnywhere, home) = (source == nil, scope.namespace(of: name))
        return try await registry.mount(
            digest,
            from: source,
            isReadable: { repository in
                // What is in quarantine must not come out under another name.
                guard scope.reads(repository), !scope.isFrozen(repository) else { return false }
                if identity.allows(.pull, in: repository, isPublic: scope.isPublic(repository)) { return true }
                // A bearer token cannot name a source that its client does not know; within the namespace it speaks for its account.
                return isAnywhere && scope.namespace(of: repository) == home
            },
            into: name,
            by: account,
            namespace: exchange.access.namespace
        )
    }

    private func monolithic(_ exchange: RegistryExchange, _ name: RepositoryName, _ digest: Digest, by account: Account)
        async throws -> Response
    {
        try checkSize(exchange)
        let namespace = exchange.access.namespace
        let upload = try await registry.beginMonolithicUpload(in: name, by: account, namespace: namespace)
        do {
            try await receive(exchange, into: upload)
        } catch {
            await registry.cancel(upload)
            throw error
        }
        try await registry.finish(upload, as: digest, by: account, namespace: namespace)
        return Self.created(name, digest)
    }

    /// Takes the body in; its bytes are reserved before they are read, by their announced number or as they come.
    private func receive(_ exchange: RegistryExchange, into upload: Upload) async throws {
        if let length = exchange.contentLength {
            // Before a client that waits for `100 Continue` sends anything.
            try await registry.reserve(upload, .announced(length))
            return try await exchange.readBody { try await upload.append($0) }
        }
        try await exchange.readBody { buffer in
            try await registry.reserve(upload, .arriving(Int64(buffer.readableBytes)))
            try await upload.append(buffer)
        }
    }

    func uploadStatus(_ exchange: RegistryExchange, _ name: RepositoryName, _ id: UploadID) async throws -> Response {
        let offset = try await registry.uploadOffset(id, in: name, by: try writer(exchange))
        return Response(status: .noContent, headers: Self.statusHeaders(name, id, offset: offset))
    }

    func cancelUpload(_ exchange: RegistryExchange, _ name: RepositoryName, _ id: UploadID) async throws -> Response {
        let upload = try await registry.claimUpload(id, in: name, by: try writer(exchange))
        await registry.cancel(upload)
        return Response(status: .noContent)
    }

    func appendToUpload(_ exchange: RegistryExchange, _ name: RepositoryName, _ id: UploadID) async throws -> Response {
        let account = try writer(exchange)
        try checkSize(exchange)
        let upload = try await registry.claimUpload(id, in: name, by: account)
        do {
            try await checkPosition(exchange, upload)
            try await receive(exchange, into: upload)
        } catch {
            // What arrived in order stays: the client can ask where to go on.
            try await keep(upload, after: error)
            throw error
        }
        let offset = try await registry.release(upload)
        return Response(status: .accepted, headers: Self.uploadHeaders(name, id, offset: offset))
    }

    func finishUpload(_ exchange: RegistryExchange, _ name: RepositoryName, _ id: UploadID) async throws -> Response {
        let account = try writer(exchange)
        guard let text = exchange.query["digest"] else {
            throw RegistryFailure(
                .badRequest,
                .digestInvalid,
                "the request that closes an upload names the digest of the whole blob: PUT …?digest=sha256:…; the upload is still open"
            )
        }
        let digest = try RegistryRoute.digest(text)
        try checkSize(exchange)
        let upload = try await registry.claimUpload(id, in: name, by: account)
        do {
            try await checkPosition(exchange, upload)
            try await receive(exchange, into: upload)
        } catch {
            try await keep(upload, after: error)
            throw error
        }
        try await registry.finish(upload, as: digest, by: account, namespace: exchange.access.namespace)
        return Self.created(name, digest)
    }

    /// Ends a turn that failed: an upload that cannot go on is removed, every other stays as far as it came.
    private func keep(_ upload: Upload, after error: any Error) async throws {
        switch error {
        case RegistryError.storage, RegistryError.storageFull, RegistryError.blobTooLarge:
            await registry.cancel(upload)
        default:
            try await registry.release(upload)
        }
    }

    /// Refuses what is too large before a byte of it is read.
    private func checkSize(_ exchange: RegistryExchange) throws {
        if let length = exchange.contentLength, length > registry.limits.blobBytes {
            throw RegistryError.blobTooLarge(limit: registry.limits.blobBytes)
        }
    }

    /// A chunk that names its place must begin where the upload ends.
    private func checkPosition(_ exchange: RegistryExchange, _ upload: Upload) async throws {
        guard let header = exchange.request.headers[.contentRange] else { return }
        guard let range = ByteRange.chunk(header) else {
            // The closing request of a chunked upload may bring an empty range; it says nothing.
            if exchange.contentLength == 0 { return }
            throw RegistryFailure(
                .badRequest,
                .blobUploadInvalid,
                "Content-Range \"\(header.excerpt(64))\" is not start-end, both inclusive, such as 0-1023; the upload is still open"
            )
        }
        let offset = await upload.offset
        guard range.lowerBound == offset else {
            throw RegistryError.uploadOutOfOrder(upload.id, expected: offset, given: range.lowerBound)
        }
        if let length = exchange.contentLength, length != Int64(range.count) {
            throw RegistryFailure(
                .badRequest,
                .sizeInvalid,
                "Content-Range names \(range.count) bytes, Content-Length \(length); the upload is still open"
            )
        }
    }

    private static func statusHeaders(_ name: RepositoryName, _ id: UploadID, offset: Int64) -> HTTPFields {
        var headers = uploadHeaders(name, id, offset: offset)
        headers[.contentLength] = nil
        return headers
    }

    static func created(_ name: RepositoryName, _ digest: Digest) -> Response {
        Response(
            status: .created,
            headers: [
                .location: "/v2/\(name)/blobs/\(digest)", .dockerContentDigest: digest.description, .contentLength: "0",
            ]
        )
    }
}
