// SPDX-License-Identifier: EUPL-1.2

public import OCI

/// Chooses one image out of an index, the same way for registries, layouts and archives.
public enum ImageChoice {
    /// Longest manifest or index that is read, in bytes.
    public static let manifestLimit = 4 << 20
    /// Longest configuration that is read, in bytes.
    public static let configurationLimit = 8 << 20
    /// Most layers of one image.
    public static let layerLimit = 127
    /// How deep indexes may be nested.
    static let depthLimit = 4

    /// The platform that is meant when nobody names one: Linux on this machine's processor.
    public static let hostPlatform: Platform = {
        #if arch(arm64)
        let architecture = "arm64"
        #else
        let architecture = "amd64"
        #endif
        return Platform(architecture: architecture, os: "linux")
    }()

    /// The entry of a layout's `index.json` that is meant.
    ///
    /// - Parameters:
    ///   - index: the parsed `index.json`.
    ///   - selector: a reference name or digest; nil: the layout must hold one image.
    ///   - name: the layout as a person wrote it, for messages.
    /// - Throws: ``ImageSourceError/noSuchImage(name:selector:available:)``, ``ImageSourceError/ambiguous(name:available:)``.
    public static func entry(of index: ImageIndex, selector: ImageSelector?, name: String) throws(ImageSourceError)
        -> Descriptor
    {
        // Signatures, attestations and SBOMs lie in a layout beside the images they speak of.
        let images = index.images
        let labels = images.map { $0.annotations[referenceName].map { ":" + $0 } ?? "@\($0.digest)" }
        switch selector {
        case .name(let wanted):
            let found = images.filter { $0.annotations[referenceName] == wanted }
            guard let first = found.first else { throw .noSuchImage(name: name, selector: wanted, available: labels) }
            guard found.allSatisfy({ $0.digest == first.digest }) else {
                throw .ambiguous(name: name, available: found.map { "@\($0.digest)" })
            }
            return first
        case .digest(let wanted):
            guard let found = index.manifests.first(where: { $0.digest == wanted }) else {
                throw .noSuchImage(name: name, selector: wanted.description, available: labels)
            }
            return found
        case nil:
            guard let first = images.first else { throw .noSuchImage(name: name, selector: "at all", available: []) }
            guard images.allSatisfy({ $0.digest == first.digest }) else {
                throw .ambiguous(name: name, available: labels)
            }
            return first
        }
    }

    /// The child of an index for a platform.
    ///
    /// - Throws: ``ImageSourceError/noSuchPlatform(name:wanted:available:)`` with what there is.
    public static func child(of index: ImageIndex, platform wanted: Platform, name: String) throws(ImageSourceError)
        -> Descriptor
    {
        let images = index.images
        let fitting = images.filter { $0.platform?.satisfies(wanted) ?? false }
        // A variant that was asked for and is written exactly so goes first; else the first one listed, as other clients choose.
        if let found = fitting.first(where: { $0.platform?.variant == wanted.variant }) ?? fitting.first {
            return found
        }
        // One child without a platform is an index that does not care.
        if images.count == 1, let only = images.first, only.platform == nil { return only }
        throw .noSuchPlatform(
            name: name,
            wanted: "\(wanted)",
            available: images.map { $0.platform.map { "\($0)" } ?? "@\($0.digest)" }
        )
    }

    /// An image manifest and the digest of its bytes.
    public struct Resolved: Sendable {
        /// Digest of ``bytes``, verified.
        public var digest: Digest
        /// The manifest's bytes.
        public var bytes: [UInt8]
        /// The parsed manifest.
        public var manifest: ImageManifest
    }

    /// Follows indexes down to one image manifest; `load` gives the bytes that a descriptor names.
    ///
    /// - Throws: ``ImageSourceError``.
    public static func resolve(
        _ start: Descriptor,
        platform: Platform,
        name: String,
        load: (Descriptor) throws(ImageSourceError) -> [UInt8]
    ) throws(ImageSourceError) -> Resolved {
        var descriptor = start
        for _ in 0..<depthLimit {
            let bytes = try load(descriptor)
            let digest = try verified(
                bytes,
                expected: descriptor.digest,
                what: "manifest \(descriptor.digest) of \(name)"
            )
            switch try document(bytes, contentType: descriptor.mediaType, name: name) {
            case .image(let manifest): return Resolved(digest: digest, bytes: bytes, manifest: manifest)
            case .index(let index): descriptor = try child(of: index, platform: platform, name: name)
            }
        }
        throw .badManifest(name: name, reason: "indexes are nested more than \(depthLimit) deep")
    }

    /// Parses a manifest and refuses what is an artefact, not an image.
    static func document(_ bytes: [UInt8], contentType: String?, name: String) throws(ImageSourceError)
        -> ManifestDocument
    {
        let document: ManifestDocument
        do {
            document = try ManifestDocument(parsing: bytes, contentType: contentType)
        } catch {
            throw .badManifest(name: name, reason: "its manifest cannot be used: \(error)")
        }
        if case .image(let manifest) = document {
            guard MediaType.isImageConfig(manifest.config.mediaType) else {
                throw .badManifest(
                    name: name,
                    reason:
                        "it is an artefact of type \(manifest.artifactType ?? manifest.config.mediaType), not a container image"
                )
            }
            guard manifest.layers.count <= layerLimit else {
                throw .badManifest(
                    name: name,
                    reason: "it has \(manifest.layers.count) layers; at most \(layerLimit) are read"
                )
            }
        }
        return document
    }

    /// Recomputes a digest.
    static func verified(_ bytes: [UInt8], expected: Digest, what: String) throws(ImageSourceError) -> Digest {
        let actual = expected.algorithm == .sha512 ? Digest.sha512(bytes) : Digest.sha256(bytes)
        guard actual == expected else { throw .digestMismatch(what: what, expected: expected, actual: actual) }
        return actual
    }

    private static let referenceName = "org.opencontainers.image.ref.name"
}
