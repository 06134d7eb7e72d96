// SPDX-License-Identifier: EUPL-1.2

public import JSON

/// An image manifest, OCI's or Docker's schema 2.
public struct ImageManifest: Sendable, Hashable {
    /// The kind of document: what it says itself, else what it was sent as.
    public var mediaType: String
    /// What kind of artefact it is, when it is no image.
    public var artifactType: String?
    /// The configuration.
    public var config: Descriptor
    /// The layers, from the base up.
    public var layers: [Descriptor]
    /// The manifest that this one speaks about.
    public var subject: Descriptor?
    /// Notes about the image.
    public var annotations: [String: String]

    /// Makes a manifest.
    public init(
        mediaType: String = MediaType.imageManifest,
        artifactType: String? = nil,
        config: Descriptor,
        layers: [Descriptor],
        subject: Descriptor? = nil,
        annotations: [String: String] = [:]
    ) {
        self.mediaType = mediaType
        self.artifactType = artifactType
        self.config = config
        self.layers = layers
        self.subject = subject
        self.annotations = annotations
    }

    /// Whether this is a container image, by its own content (a tag can still say that it is not).
    ///
    /// An image has an image configuration, no subject and no other artefact type. Signatures and attestations of older tools borrow the
    /// image configuration, but have no file system layer: those are no images either.
    public var isImage: Bool {
        MediaType.isImageConfig(config.mediaType) && subject == nil
            && (artifactType.map { MediaType.isImageConfig($0) } ?? true)
            && (layers.isEmpty
                || layers.contains { MediaType.isLayer($0.mediaType) || $0.mediaType.contains("rootfs") })
    }

    /// The manifest as a document.
    public var json: JSONValue {
        var members: [String: JSONValue] = [
            "schemaVersion": 2, "mediaType": .string(mediaType), "config": config.json,
            "layers": .array(layers.map(\.json)),
        ]
        if let artifactType { members["artifactType"] = .string(artifactType) }
        if let subject { members["subject"] = subject.json }
        if !annotations.isEmpty { members["annotations"] = .stringMap(annotations) }
        return .object(members)
    }
}

/// An index of manifests: OCI's, or Docker's manifest list.
public struct ImageIndex: Sendable, Hashable {
    /// The kind of document: what it says itself, else what it was sent as.
    public var mediaType: String
    /// What kind of artefact it is, when it is no image.
    public var artifactType: String?
    /// The manifests, in order.
    public var manifests: [Descriptor]
    /// The manifest that this one speaks about.
    public var subject: Descriptor?
    /// Notes about the index.
    public var annotations: [String: String]

    /// Makes an index.
    public init(
        mediaType: String = MediaType.imageIndex,
        artifactType: String? = nil,
        manifests: [Descriptor],
        subject: Descriptor? = nil,
        annotations: [String: String] = [:]
    ) {
        self.mediaType = mediaType
        self.artifactType = artifactType
        self.manifests = manifests
        self.subject = subject
        self.annotations = annotations
    }

    /// The children that can be images: manifests and indexes that are no declared artefacts and not for platform `unknown`.
    public var images: [Descriptor] {
        manifests.filter { child in
            (MediaType.isManifest(child.mediaType) || MediaType.isIndex(child.mediaType))
                && (child.artifactType.map { MediaType.isImageConfig($0) } ?? true) && child.platform?.isUnknown != true
        }
    }

    /// Whether this is an index of container images.
    public var isImage: Bool { subject == nil && artifactType == nil && !images.isEmpty }

    /// The index as a document.
    public var json: JSONValue {
        var members: [String: JSONValue] = [
            "schemaVersion": 2, "mediaType": .string(mediaType), "manifests": .array(manifests.map(\.json)),
        ]
        if let artifactType { members["artifactType"] = .string(artifactType) }
        if let subject { members["subject"] = subject.json }
        if !annotations.isEmpty { members["annotations"] = .stringMap(annotations) }
        return .object(members)
    }
}
