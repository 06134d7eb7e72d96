// SPDX-License-Identifier: EUPL-1.2

import AsyncHTTPClient
import FoundationEssentials
import JSON
import NIOCore
import NIOHTTP1
public import OCI
import Synchronization

/// What a registry lists as attached to a manifest.
public struct ReferrerList: Sendable, Hashable {
    /// The manifests that name it as their subject, by the registry's word.
    public var manifests: [Descriptor]
    /// Whether the list was read to its end.
    public var isComplete: Bool

    /// Makes a list.
    public init(manifests: [Descriptor], isComplete: Bool) {
        self.manifests = manifests
        self.isComplete = isComplete
    }
}

extension RegistryClient {
    /// Most pages of a list of referrers that are read.
    private static var referrerPages: Int { 16 }
    /// Longest list of OpenPGP signatures that is read, in bytes.
    private static var signatureListLimit: Int { 8 << 20 }

    /// Lists what is attached to a manifest.
    ///
    /// - Parameters:
    ///   - digest: of the manifest.
    ///   - limit: most descriptors; a longer list is cut and says so.
    /// - Returns: nil when the registry has no referrers API; then an index under a tag may stand in for it.
    /// - Throws: ``RegistryClientError``, `CancellationError`.
    public func referrers(_ repository: RepositoryName, of digest: Digest, limit: Int) async throws -> ReferrerList? {
        let what = "referrers of \(digest) in \(repository)"
        let place = "\(repository)/referrers/\(digest)"
        var list = ReferrerList(manifests: [], isComplete: true)
        var path: String? = place
        for _ in 0..<Self.referrerPages {
            guard let page = path else { return list }
            let answer: (bytes: [UInt8], links: [String])
            do {
                answer = try await retrying { [self] in
                    let response = try await get(
                        page,
                        repository: repository,
                        accept: MediaType.imageIndex,
                        what: what
                    )
                    let links = response.headers["Link"]
                    return (try await collect(response, limit: settings.manifestLimit, what: what), links)
                }
            } catch RegistryClientError.notFound where page == place { return nil }
            let document: ManifestDocument
            do { document = try ManifestDocument(parsing: answer.bytes, contentType: MediaType.imageIndex) } catch {
                throw RegistryClientError.invalidAnswer(registry: registry, what: what, reason: "\(error)")
            }
            guard case .index(let index) = document else {
                throw RegistryClientError.invalidAnswer(registry: registry, what: what, reason: "it is no index")
            }
            list.manifests += index.manifests.prefix(limit - list.manifests.count)
            guard list.manifests.count < limit else {
                list.isComplete = false
                return list
            }
            guard let link = Self.next(answer.links) else { return list }
            // Only further pages of the same list: whoever answers does not choose what else is asked for.
            guard let query = link.firstIndex(of: "?"), link[..<query].hasSuffix("/v2/" + place) else {
                list.isComplete = false
                return list
            }
            path = place + link[query...]
        }
        list.isComplete = false
        return list
    }

    /// The target of the link to the next page.
    ///
    /// Source: RFC 8288, section 3.
    private static func next(_ headers: [String]) -> String? {
        for header in headers {
            for link in header.prefix(8192).split(separator: ",") {
                let parts = link.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\"" } }
                guard let target = parts.first, target.hasPrefix("<"), target.hasSuffix(">"),
                    parts.dropFirst().contains("rel=next")
                else { continue }
                return String(target.dropFirst().dropLast())
            }
        }
        return nil
    }

    /// The OpenPGP messages about a manifest that the registry gives out itself.
    ///
    /// - Returns: nil when the registry does not say that it can.
    /// - Throws: ``RegistryClientError``, `CancellationError`.
    ///
    /// Source: openshift/origin, image signatures; read by containers/image.
    public func openPGPMessages(_ repository: RepositoryName, of digest: Digest) async throws -> [[UInt8]]? {
        if state.withLock({ $0.scheme }) == nil { try await ping() }
        guard state.withLock({ $0.givesSignatures }) else { return nil }
        let what = "OpenPGP signatures of \(digest) in \(repository)"
        let bytes = try await retrying { [self] in
            let response = try await get(
                "\(repository)/signatures/\(digest)",
                root: "/extensions/v2/",
                repository: repository,
                accept: "application/json",
                what: what
            )
            return try await collect(response, limit: Self.signatureListLimit, what: what)
        }
        do {
            let list = try JSONFields(try JSONValue(parsing: bytes)).objects("signatures")
            return try list.compactMap { signature in
                // Other types are of other programs; nobody here reads them.
                guard try signature.string("type") == "atomic" else { return nil }
                guard let message = Data(base64Encoded: try signature.string("content")) else {
                    throw JSONShapeError(path: signature.path(of: "content"), expected: "base64", found: "another text")
                }
                return [UInt8](message)
            }
        } catch {
            throw RegistryClientError.invalidAnswer(registry: registry, what: what, reason: sanitised("\(error)"))
        }
    }
}
