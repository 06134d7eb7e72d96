// SPDX-License-Identifier: EUPL-1.2

import Accounts
import HTTPTypes
import Hummingbird
import JSON
import NIOCore
import OCI
import Registry

extension RegistryResponder {
    func tags(_ exchange: RegistryExchange, _ name: RepositoryName) async throws -> Response {
        let limit = try pageSize(exchange)
        guard let found = try await registry.tags(name, last: exchange.query["last"], limit: limit + 1) else {
            throw RegistryError.repositoryUnknown(name)
        }
        let page = found.prefix(limit).map(\.text)
        return list(
            ["name": .string(name.text), "tags": .strings(page)],
            next: limit > 0 && found.count > limit
                ? page.last.map { "/v2/\(name)/tags/list?n=\(limit)&last=\($0)" } : nil
        )
    }

    func catalog(_ exchange: RegistryExchange) async throws -> Response {
        let limit = try pageSize(exchange)
        guard let scope = try await accounts.readScope(of: exchange.account) else { throw challenge() }
        guard limit > 0 else { return list(["repositories": .strings([])], next: nil) }
        var page: [String] = []
        var after = exchange.query["last"]
        var isMore = false
        // Whole batches, however small the page: one repository per read would make a small question expensive.
        let batch = registry.limits.pageSize + 1
        // What may not be read is left out; past a whole namespace of it in one step.
        search: while true {
            let found = try await registry.repositories(after: after, limit: batch)
            for entry in found {
                guard scope.reads(entry.name) else {
                    let next = scope.skip(after: entry.name)
                    after = next
                    if next != entry.name.text { continue search }
                    continue
                }
                guard page.count < limit else {
                    isMore = true
                    break search
                }
                page.append(entry.name.text)
                after = entry.name.text
            }
            if found.count < batch { break }
        }
        return list(
            ["repositories": .strings(page)],
            // Names consist of characters that mean themselves in a query.
            next: isMore ? page.last.map { "/v2/_catalog?n=\(limit)&last=\($0)" } : nil
        )
    }

    /// Always 200 with an index, also for a repository or subject that nobody ever pushed, as the specification demands; but what is attached
    /// to an image that was taken down follows it (RFC 7725).
    func referrers(_ exchange: RegistryExchange, _ name: RepositoryName, _ digest: Digest) async throws -> Response {
        if let notice = try await registry.noticeOfTakedown(of: digest, in: name) {
            throw RegistryError.takenDown(notice)
        }
        let limit = min(try pageSize(exchange), 200)
        let type = exchange.query["artifactType"]
        var after: [UInt8] = []
        if let last = exchange.query["last"] { after = try RegistryRoute.digest(last).bytes }
        let found = try await registry.referrers(
            of: digest,
            in: name,
            artifactType: type,
            after: after,
            limit: limit
        )
        let page = found.page
        let index = ImageIndex(manifests: page.map(\.descriptor))
        var next: String?
        if limit > 0, found.isMore, let last = page.last {
            next = "/v2/\(name)/referrers/\(digest)?n=\(limit)&last=\(last.descriptor.digest)"
            if let type { next?.append("&artifactType=" + PercentEncoding.encode(type, keeping: "/+")) }
        }
        var response = list(index.json, next: next)
        response.headers[.contentType] = MediaType.imageIndex
        if type != nil { response.headers[.ociFiltersApplied] = "artifactType" }
        return response
    }

    private func list(_ value: JSONValue, next: String?) -> Response {
        var headers: HTTPFields = [.contentType: "application/json", .cacheControl: "no-cache"]
        if let next { headers[.link] = "<\(next)>; rel=\"next\"" }
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: value.bytes())))
    }

    /// The `n` of a listing.
    ///
    /// A large number is cut, not honoured: `n=2147483647` once made a registry allocate as many entries.
    private func pageSize(_ exchange: RegistryExchange) throws -> Int {
        guard let text = exchange.query["n"] else { return registry.limits.pageSize }
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
            throw RegistryFailure(
                .badRequest,
                // The specification's table has no code for this; one that is not in it would break its promise.
                .unsupported,
                "n=\(text.excerpt(32)) is not a number of entries; give a whole number of at least 0"
            )
        }
        return min(Int(text) ?? .max, registry.limits.pageSize)
    }
}
