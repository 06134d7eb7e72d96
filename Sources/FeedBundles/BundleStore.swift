// SPDX-License-Identifier: EUPL-1.2

import Attestations
import ImageSources
import OCI
import RegistryClient

/// Where a bundle lies: documents by digest, and what belongs to which.
protocol BundleStore: Sendable {
    /// As it was written, for messages.
    var name: String { get }
    /// The manifest or index that is meant.
    func start() async throws -> (bytes: [UInt8], mediaType: String?)
    /// A manifest or small blob, whose digest was recomputed.
    func bytes(_ descriptor: Descriptor, isManifest: Bool, limit: Int) async throws -> [UInt8]
    /// Manifests that say to be about another one; only of those that lie beside it.
    func referrers(of digest: Digest) async throws -> [Descriptor]
    /// A large blob, to be read piece by piece.
    func payload(_ descriptor: Descriptor) async throws -> LayoutPiece
}

/// A bundle that was found: nothing of it is believed yet.
struct FoundBundle: Sendable {
    var evidence: FeedBundleEvidence
    var layer: Descriptor

    /// Finds artefact and signatures from the index around them, or from the artefact itself.
    init(in store: some BundleStore, limits: FeedBundle.Limits) async throws {
        let start = try await store.start()
        let document = try Self.document(start.bytes, start.mediaType, store.name)
        var artefacts: [(bytes: [UInt8], manifest: ImageManifest)] = []
        var signatures: [ImageManifest] = []
        let others: [Descriptor]
        switch document {
        case .image(let manifest):
            artefacts = [(start.bytes, manifest)]
            others = try await store.referrers(of: .sha256(start.bytes))
        case .index(let index): others = index.manifests
        }
        guard others.count <= 2 * FeedBundle.maximumSignatures else {
            throw FeedBundleError(store.name, "it has \(others.count) manifests; a feed bundle has two")
        }
        for descriptor in others where MediaType.isManifest(descriptor.mediaType) {
            let bytes = try await store.bytes(descriptor, isManifest: true, limit: ImageChoice.manifestLimit)
            guard case .image(let manifest) = try Self.document(bytes, descriptor.mediaType, store.name) else {
                continue
            }
            switch manifest.artifactType {
            case FeedBundle.artifactType: artefacts.append((bytes, manifest))
            case SigstoreBundle.mediaType: signatures.append(manifest)
            default: continue
            }
        }
        guard artefacts.count == 1, let artefact = artefacts.first,
            artefact.manifest.artifactType == FeedBundle.artifactType
        else {
            throw FeedBundleError(
                store.name,
                "it is no feed bundle: \(artefacts.count) manifests of that type are in it"
            )
        }
        guard artefact.manifest.layers.count == 1, let layer = artefact.manifest.layers.first,
            layer.mediaType == FeedBundle.layerType
        else { throw FeedBundleError(store.name, "its artefact has other layers than one \(FeedBundle.layerType)") }
        guard layer.size <= limits.packed else {
            throw FeedBundleError(
                store.name,
                "its layer has \(layer.size) bytes; at most \(limits.packed) are read"
            )
        }
        self.layer = layer
        let digest = Digest.sha256(artefact.bytes)
        var bundles: [[UInt8]] = []
        for signature in signatures where signature.subject?.digest == digest {
            guard signature.layers.count == 1, let blob = signature.layers.first else { continue }
            guard bundles.count < FeedBundle.maximumSignatures else {
                throw FeedBundleError(
                    store.name,
                    "it has more than \(FeedBundle.maximumSignatures) signatures; nobody knows which count"
                )
            }
            bundles.append(
                try await store.bytes(blob, isManifest: false, limit: AttestationLimits.documentBytes)
            )
        }
        evidence = FeedBundleEvidence(manifest: artefact.bytes, signatures: bundles, place: store.name)
    }

    private static func document(_ bytes: [UInt8], _ mediaType: String?, _ name: String) throws -> ManifestDocument {
        do { return try ManifestDocument(parsing: bytes, contentType: mediaType) } catch {
            throw FeedBundleError(name, "its manifest cannot be used: \(error)")
        }
    }
}

/// A bundle in a layout.
struct LayoutStore: BundleStore {
    private static let referenceName = "org.opencontainers.image.ref.name"

    let layout: LayoutReader
    let selector: ImageSelector?

    var name: String { layout.name }

    func start() async throws -> (bytes: [UInt8], mediaType: String?) {
        let descriptor = try entry()
        return (try layout.bytes(descriptor, limit: ImageChoice.manifestLimit), descriptor.mediaType)
    }

    private func entry() throws(FeedBundleError) -> Descriptor {
        let all = layout.index.manifests
        let found: [Descriptor]
        switch selector {
        case .name(let tag): found = all.filter { $0.annotations[Self.referenceName] == tag }
        case .digest(let digest): found = all.filter { $0.digest == digest }
        case nil:
            // Tools that copy with referrers list these beside what has a name.
            let named = all.filter { $0.annotations[Self.referenceName] != nil }
            let indexes = all.filter { MediaType.isIndex($0.mediaType) }
            found = all.count == 1 ? all : named.count == 1 ? named : indexes
        }
        guard let first = found.first, found.allSatisfy({ $0.digest == first.digest }) else {
            let names = all.map { $0.annotations[Self.referenceName].map { ":" + $0 } ?? "@\($0.digest)" }
            let list = names.prefix(20).joined(separator: ", ")
            throw FeedBundleError(
                name,
                found.isEmpty
                    ? "it has no \(selector.map { "\($0)" } ?? "manifest"); there is: \(list)"
                    : "it has several; name one of them: \(list)"
            )
        }
        return first
    }

    func bytes(_ descriptor: Descriptor, isManifest: Bool, limit: Int) async throws -> [UInt8] {
        try layout.bytes(descriptor, limit: limit)
    }

    func referrers(of digest: Digest) async throws -> [Descriptor] {
        // A layout has no such list: whatever it names is looked at.
        layout.index.manifests.filter { MediaType.isManifest($0.mediaType) && $0.digest != digest }
    }

    func payload(_ descriptor: Descriptor) async throws -> LayoutPiece { try layout.blob(descriptor.digest) }
}

/// A bundle in a registry.
struct RegistryStore: BundleStore {
    let client: RegistryClient
    let reference: Reference
    let temporaryDirectory: String

    var name: String { "\(reference)" }

    func start() async throws -> (bytes: [UInt8], mediaType: String?) {
        try await client.ping()
        let wanted = reference.digest?.description ?? reference.tag?.text ?? "latest"
        let pulled = try await client.manifest(reference.repository, wanted)
        return (pulled.bytes, pulled.contentType)
    }

    func bytes(_ descriptor: Descriptor, isManifest: Bool, limit: Int) async throws -> [UInt8] {
        if isManifest {
            return try await client.manifest(reference.repository, descriptor.digest.description).bytes
        }
        return try await client.smallBlob(
            reference.repository,
            digest: descriptor.digest,
            size: descriptor.size,
            limit: Int64(limit)
        )
    }

    func referrers(of digest: Digest) async throws -> [Descriptor] {
        try await client.referrers(reference.repository, of: digest)
    }

    func payload(_ descriptor: Descriptor) async throws -> LayoutPiece {
        let spool = try SpoolFile(directory: temporaryDirectory)
        try await client.blob(
            reference.repository,
            digest: descriptor.digest,
            size: descriptor.size,
            begin: { try spool.restart() },
            receive: { try spool.append($0) }
        )
        return LayoutPiece(descriptor: spool.descriptor, offset: 0, length: descriptor.size)
    }
}
