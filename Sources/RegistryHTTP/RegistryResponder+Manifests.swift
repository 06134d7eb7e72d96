// SPDX-License-Identifier: EUPL-1.2

import Accounts
import HTTPTypes
import Hummingbird
import NIOCore
import OCI
import PullRecords
import Registry
import Time

extension RegistryResponder {
    func manifest(_ exchange: RegistryExchange, _ name: RepositoryName, _ reference: ManifestReference) async throws
        -> Response
    {
        let isHead = exchange.request.method == .head
        // One statement and one hop each: this is what every pull and every check for news begins with.
        let stored = isHead ? nil : try await registry.manifest(name, at: reference)
        let summary = isHead ? try await registry.manifestSummary(name, at: reference) : stored?.summary
        guard let found = summary else { throw RegistryError.manifestUnknown(reference.description, name) }
        if let takedown = found.takedown {
            throw RegistryError.takenDown(try await registry.notice(of: takedown, "\(name)@\(found.digest)"))
        }
        if let quarantine = exchange.access.quarantine, found.since >= quarantine {
            throw RegistryError.quarantined(reference.description, name, since: quarantine)
        }
        let puller = Self.puller(exchange.account)
        let warning = try await passGate(exchange, name, found, as: puller)
        let etag = "\"\(found.digest)\""
        var headers: HTTPFields = [
            .dockerContentDigest: found.digest.description, .eTag: etag, .contentType: found.mediaType,
            .contentLength: String(found.size),
        ]
        if let warning { headers[.warning] = Self.warning(warning) }
        if case .tag = reference {
            headers[.cacheControl] = "no-cache"
        } else {
            headers[.cacheControl] = "private, max-age=31536000, immutable"
        }
        if exchange.request.headers[.ifNoneMatch]?.contains(etag) == true {
            return Response(status: .notModified, headers: headers)
        }
        guard let bytes = stored?.bytes else { return Response(status: .ok, headers: headers) }
        onPull(name, found.digest, puller)
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// On whose behalf somebody pulls: never the person.
    private static func puller(_ account: Account?) -> Puller {
        guard let account else { return .unknown }
        if let organisation = account.organisationID { return .organisation(organisation) }
        return account.kind == .service ? .service(account.id) : .unknown
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
            by: account,
            mayMoveTags: exchange.access.rights.contains(.overwrite),
            namespace: exchange.access.namespace
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
