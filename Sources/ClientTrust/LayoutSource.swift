// SPDX-License-Identifier: EUPL-1.2

internal import Attestations
internal import ImageSources
internal import OCI
internal import RegistryClient

/// An image in an OCI image layout, with what was copied beside it.
struct LayoutSource: AttachmentSource {
    let name: String
    let files: LayoutFiles
    let index: ImageIndex

    /// Manifests of a layout's index that are looked at for subjects.
    private static let maximumManifests = 2_048
    private static let referenceName = "org.opencontainers.image.ref.name"
    // cosign save writes these in place of names.
    private static let cosignKind = "kind"
    private static let cosignImage = "dev.cosignproject.cosign/image"
    private static let cosignKinds: [AttachedManifest.Kind: String] = [
        .signatures: "dev.cosignproject.cosign/sigs", .attestations: "dev.cosignproject.cosign/atts",
    ]

    var holdsContent: Bool { true }

    /// Opens a layout.
    init(_ files: LayoutFiles, name: String) throws {
        self.files = files
        self.name = name
        guard let version = try files.contents("oci-layout", limit: 1 << 16),
            let document = try files.contents("index.json", limit: ImageChoice.manifestLimit)
        else { throw ImageSourceError.badLayout(path: name, reason: "oci-layout or index.json is missing") }
        try ImageOpener.checkLayoutVersion(version, path: name)
        index = try ImageOpener.layoutIndex(document, path: name)
    }

    /// The image that is meant.
    func start(_ selector: ImageSelector?) throws -> Digest {
        switch selector {
        case .digest(let digest): return digest
        case .name: return try ImageChoice.entry(of: index, selector: selector, name: name).digest
        case nil: break
        }
        if let saved = index.manifests.first(where: { $0.annotations[Self.cosignKind] == Self.cosignImage }) {
            return saved.digest
        }
        // Signatures lie beside the image under names of their own, other artefacts under none.
        let named = index.manifests.filter { entry in
            guard let text = entry.annotations[Self.referenceName] else { return false }
            guard let tag = try? Tag(parsing: text) else { return true }
            return tag.attachedTo == nil
                && (try? Digest(parsing: text.replacing("-", with: ":", maxReplacements: 1))) == nil
        }
        let choice = ImageIndex(manifests: named.isEmpty ? index.manifests : named)
        return try ImageChoice.entry(of: choice, selector: nil, name: name).digest
    }

    private func path(_ digest: Digest) -> String { "blobs/\(digest.algorithm.rawValue)/\(digest.hex)" }

    func manifest(_ digest: Digest) async throws -> FoundManifest? {
        guard let bytes = try files.contents(path(digest), limit: ImageChoice.manifestLimit) else { return nil }
        let mediaType = index.manifests.first { $0.digest == digest }?.mediaType
        return try Self.found(bytes, mediaType: mediaType, expected: digest, what: "the manifest \(digest)")
    }

    func attached(_ kind: AttachedManifest.Kind, to digest: Digest) async throws -> FoundManifest? {
        let tag = try AttachedManifest.tag(kind, of: digest).text
        if let entry = index.manifests.first(where: { $0.annotations[Self.referenceName] == tag }) {
            return try await existing(entry)
        }
        let isSaved = index.manifests.contains {
            $0.digest == digest && $0.annotations[Self.cosignKind] == Self.cosignImage
        }
        guard isSaved,
            let entry = index.manifests.first(where: { $0.annotations[Self.cosignKind] == Self.cosignKinds[kind] })
        else { return nil }
        return try await existing(entry)
    }

    private func existing(_ entry: Descriptor) async throws -> FoundManifest {
        guard let found = try await manifest(entry.digest) else {
            throw AttachmentError.damaged("\(name) names \(entry.digest), and does not hold it")
        }
        return found
    }

    func referrers(of digest: Digest, limit: Int) async throws -> ReferrerList {
        var list = ReferrerList(manifests: [], isComplete: index.manifests.count <= Self.maximumManifests)
        var candidates = Array(index.manifests.prefix(Self.maximumManifests))
        let tag = "\(digest.algorithm.rawValue)-\(digest.hex)"
        if let entry = candidates.first(where: { $0.annotations[Self.referenceName] == tag }),
            case .index(let listed) = try await existing(entry).document
        {
            candidates += listed.manifests.prefix(limit)
        }
        var seen: Set<Digest> = [digest]
        for candidate in candidates where seen.insert(candidate.digest).inserted {
            // What cannot be read is no referrer, whatever else it is: the image itself is looked at on its own.
            guard let found = try? await manifest(candidate.digest), found.document.subject?.digest == digest else {
                continue
            }
            guard list.manifests.count < limit else {
                list.isComplete = false
                break
            }
            list.manifests.append(candidate)
        }
        return list
    }

    func openPGPMessages(about digest: Digest) async throws -> [[UInt8]]? { nil }

    func blob(_ descriptor: Descriptor, limit: Int) async throws -> [UInt8] {
        guard descriptor.size <= Int64(limit) else {
            throw AttachmentError.damaged(
                "\(descriptor.digest) has \(descriptor.size) bytes; at most \(limit) are read"
            )
        }
        guard let bytes = try files.contents(path(descriptor.digest), limit: limit) else {
            throw AttachmentError.damaged("\(descriptor.digest) is not in \(name)")
        }
        guard Digest.hash(bytes, by: descriptor.digest.algorithm) == descriptor.digest else {
            throw AttachmentError.damaged("\(descriptor.digest) was changed or damaged")
        }
        return bytes
    }

    func hashed(_ descriptor: Descriptor) async throws -> (digest: Digest, size: Int64)? {
        try files.hashed(path(descriptor.digest), by: descriptor.digest.algorithm)
    }
}
