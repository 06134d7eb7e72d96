// SPDX-License-Identifier: EUPL-1.2

import HTTPTypes
import Hummingbird
import NIOCore
import OCI
import Registry

extension RegistryResponder {
    func manifest(_ exchange: RegistryExchange, _ name: RepositoryName, _ reference: ManifestReference) async throws
        -> Response
    {
        let unknown = RegistryError.manifestUnknown(reference.description, name)
        let digest: Digest
        switch reference {
        case .digest(let given): digest = given
        case .tag(let tag):
            guard let found = try await registry.resolve(name, tag) else { throw unknown }
            digest = found
        }
        let etag = "\"\(digest)\""
        var headers: HTTPFields = [.dockerContentDigest: digest.description, .eTag: etag]
        if case .tag = reference {
            headers[.cacheControl] = "no-cache"
        } else {
            headers[.cacheControl] = "private, max-age=31536000, immutable"
        }
        guard let summary = try await registry.manifestSummary(name, digest) else { throw unknown }
        headers[.contentType] = summary.mediaType
        headers[.contentLength] = String(summary.size)
        if exchange.request.headers[.ifNoneMatch]?.contains(etag) == true {
            return Response(status: .notModified, headers: headers)
        }
        if exchange.request.method == .head { return Response(status: .ok, headers: headers) }
        guard let manifest = try await registry.manifest(name, digest) else { throw unknown }
        return Response(
            status: .ok,
            headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: manifest.bytes))
        )
    }

    func putManifest(_ exchange: RegistryExchange, _ name: RepositoryName, _ reference: ManifestReference) async throws
        -> Response
    {
        guard let account = exchange.account else {
            throw RegistryFailure(.forbidden, .denied, "writing needs an account")
        }
        let tags = try furtherTags(exchange, reference)
        guard let contentType = exchange.request.headers[.contentType] else {
            throw RegistryFailure(
                .badRequest,
                .manifestInvalid,
                "the request has no Content-Type; send the media type of the manifest, such as \(MediaType.imageManifest)"
            )
        }
        guard let bytes = try await exchange.collectBody(limit: registry.limits.manifestBytes) else {
            throw RegistryError.manifestTooLarge(limit: registry.limits.manifestBytes)
        }
        let receipt = try await registry.putManifest(
            bytes,
            contentType: contentType,
            to: name,
            at: reference,
            tags: tags,
            by: account
        )
        var headers: HTTPFields = [
            .location: "/v2/\(name)/manifests/\(receipt.digest)", .dockerContentDigest: receipt.digest.description,
            .contentLength: "0",
        ]
        if let subject = receipt.subject { headers[.ociSubject] = subject.description }
        for tag in tags { headers.append(HTTPField(name: .ociTag, value: tag.text)) }
        return Response(status: .created, headers: headers)
    }

    /// `?tag=` on a push by digest: one manifest under several tags at once.
    private func furtherTags(_ exchange: RegistryExchange, _ reference: ManifestReference) throws -> [Tag] {
        let texts = exchange.query.all("tag")
        guard case .digest = reference else { return [] }
        guard texts.count <= 32 else {
            throw RegistryFailure(
                .badRequest,
                .manifestInvalid,
                "more than 32 tags in one request; push the manifest again for the others"
            )
        }
        return try texts.map { text in
            do { return try Tag(parsing: text) } catch {
                throw RegistryFailure(.badRequest, .manifestInvalid, "\(error)")
            }
        }
    }
}
