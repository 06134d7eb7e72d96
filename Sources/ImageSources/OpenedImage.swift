// SPDX-License-Identifier: EUPL-1.2

public import OCI

/// An image that was found and opened: what the analyser child is given.
///
/// Nothing inside the layers has been read yet; that happens in the child.
public struct OpenedImage: Sendable {
    /// What there is to read.
    public enum Content: Sendable {
        /// A manifest with its configuration and layers.
        case manifest(OpenedManifest)
        /// A tar file that the child reads itself.
        case archive(OpenedArchive)
        /// An unpacked root file system.
        case rootDirectory(OpenDescriptor)
    }

    /// Repository, or path, without tag and digest: the name that an SBOM gives its subject.
    public var name: String
    /// The tag that was asked for, when there was one.
    public var tag: String?
    /// What there is to read.
    public var content: Content

    /// An opened image.
    public init(name: String, tag: String?, content: Content) {
        self.name = name
        self.tag = tag
        self.content = content
    }
}

/// One layer as a piece of an open file.
public struct OpenedLayer: Sendable {
    /// The file that holds it.
    public var descriptor: OpenDescriptor
    /// First byte of the layer in the file.
    public var offset: Int64
    /// Bytes of the layer; nil: to the end of the file.
    public var length: Int64?
    /// Media type of its descriptor.
    public var mediaType: String
    /// Digest of its descriptor.
    public var digest: Digest?

    /// A layer.
    public init(descriptor: OpenDescriptor, offset: Int64 = 0, length: Int64? = nil, mediaType: String, digest: Digest?)
    {
        self.descriptor = descriptor
        self.offset = offset
        self.length = length
        self.mediaType = mediaType
        self.digest = digest
    }
}

/// A manifest with everything it names, open.
public struct OpenedManifest: Sendable {
    /// The manifest's bytes, as stored.
    public var bytes: [UInt8]
    /// The digest under which it was found; the child recomputes it.
    public var digest: Digest?
    /// The configuration's bytes, as stored.
    public var configuration: [UInt8]
    /// The layers, from the base up.
    public var layers: [OpenedLayer]

    /// A manifest with everything it names.
    public init(bytes: [UInt8], digest: Digest?, configuration: [UInt8], layers: [OpenedLayer]) {
        self.bytes = bytes
        self.digest = digest
        self.configuration = configuration
        self.layers = layers
    }
}

/// A tar file with one or more images.
public struct OpenedArchive: Sendable {
    /// Who wrote it.
    public enum Form: String, Sendable {
        /// An OCI image layout.
        case oci
        /// `docker save`.
        case docker
    }

    /// The file.
    public var descriptor: OpenDescriptor
    /// Who wrote it.
    public var form: Form
    /// Which image is meant; nil: it must hold one.
    public var selector: ImageSelector?
    /// Which image of an index is meant.
    public var platform: Platform
    /// As the person wrote it, for messages.
    public var name: String

    /// A tar file with images.
    public init(descriptor: OpenDescriptor, form: Form, selector: ImageSelector?, platform: Platform, name: String) {
        self.descriptor = descriptor
        self.form = form
        self.selector = selector
        self.platform = platform
        self.name = name
    }
}
