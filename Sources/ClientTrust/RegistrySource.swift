// SPDX-License-Identifier: EUPL-1.2

internal import Attestations
internal import OCI
internal import RegistryClient

/// An image in a registry.
struct RegistrySource: AttachmentSource {
    let client: RegistryClient
    let repository: RepositoryName

    var holdsContent: Bool { false }

    func manifest(_ digest: Digest) async throws -> FoundManifest? { try await find(digest.description, digest) }

    /// The manifest behind a tag; nil when there is none.
    func manifest(_ tag: Tag) async throws -> FoundManifest? { try await find(tag.text, nil) }

    func attached(_ kind: AttachedManifest.Kind, to digest: Digest) async throws -> FoundManifest? {
        try await manifest(AttachedManifest.tag(kind, of: digest))
    }

    private func find(_ reference: String, _ digest: Digest?) async throws -> FoundManifest? {
        do {
            let pulled = try await client.manifest(repository, reference)
            return try Self.found(
                pulled.bytes,
                mediaType: pulled.contentType,
                expected: digest,
                what: "the manifest \(reference)"
            )
        } catch RegistryClientError.notFound { return nil }
    }

    func referrers(of digest: Digest, limit: Int) async throws -> ReferrerList {
        var list =
            try await client.referrers(repository, of: digest, limit: limit)
            ?? ReferrerList(manifests: [], isComplete: true)
        // Where the API is missing, clients keep an index under this tag; where it came later, that may hold what was attached before.
        let tag = try Tag(parsing: "\(digest.algorithm.rawValue)-\(digest.hex)")
        if let found = try await manifest(tag), case .index(let index) = found.document {
            let more = index.manifests.filter { other in !list.manifests.contains { $0.digest == other.digest } }
            list.isComplete = list.isComplete && list.manifests.count + more.count <= limit
            list.manifests += more.prefix(max(0, limit - list.manifests.count))
        }
        return list
    }

    func openPGPMessages(about digest: Digest) async throws -> [[UInt8]]? {
        try await client.openPGPMessages(repository, of: digest)
    }

    func blob(_ descriptor: Descriptor, limit: Int) async throws -> [UInt8] {
        try await client.smallBlob(
            repository,
            digest: descriptor.digest,
            size: descriptor.size,
            limit: Int64(limit)
        )
    }

    func hashed(_ descriptor: Descriptor) async throws -> (digest: Digest, size: Int64)? { nil }
}
