// SPDX-License-Identifier: EUPL-1.2

import JSON

/// What is pushed to and pulled from `/manifests/`: a manifest or an index.
public enum ManifestDocument: Sendable, Hashable {
    /// An image manifest; also that of an artefact.
    case image(ImageManifest)
    /// An index of manifests.
    case index(ImageIndex)

    /// Bounds within which a document is read.
    public struct Limits: Sendable {
        /// Bytes of the document.
        public var bytes: Int
        /// Layers of a manifest, or manifests of an index.
        public var descriptors: Int

        /// Makes limits.
        public init(bytes: Int = 4 << 20, descriptors: Int = 8192) {
            self.bytes = bytes
            self.descriptors = descriptors
        }

        /// 4 MiB, as the distribution specification asks registries to accept, and 8192 descriptors.
        public static let standard = Limits()
    }

    /// Reads a document strictly.
    ///
    /// A document that two readers could take for two things is refused: one with members of both kinds, one whose `mediaType` is not its
    /// `Content-Type`, one with two members whose names differ in case only (several clients ignore case).
    ///
    /// - Parameters:
    ///   - bytes: the document as it was received; its digest is over exactly these.
    ///   - contentType: the header's value, parameters allowed; nil when there is none, as in an OCI layout.
    ///   - limits: bounds on size and number of descriptors.
    /// - Throws: ``ManifestError``.
    ///
    /// Source: OCI image-spec v1.1.1, "Image Manifest", "Image Index"; Docker "Image Manifest Version 2, Schema 2"; CVE-2021-41190 for the
    /// confusion of types.
    public init(parsing bytes: [UInt8], contentType: String?, limits: Limits = .standard) throws(ManifestError) {
        guard bytes.count <= limits.bytes else { throw .tooLarge(limit: limits.bytes) }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: bytes, limits: JSONLimits(depth: 32, bytes: limits.bytes, values: 500_000))
        } catch { throw .json(error) }
        let fields: JSONFields
        do throws(JSONShapeError) { fields = try JSONFields(value) } catch { throw .shape(error) }
        try ManifestReader.refuseLookalikes(fields, of: ManifestReader.names)
        let mediaType = try ManifestReader.mediaType(of: fields, contentType: contentType)
        self =
            MediaType.isIndex(mediaType)
            ? .index(try ManifestReader.index(fields, mediaType, limits))
            : .image(try ManifestReader.manifest(fields, mediaType, limits))
    }

    /// The kind of document.
    public var mediaType: String {
        switch self {
        case .image(let manifest): manifest.mediaType
        case .index(let index): index.mediaType
        }
    }

    /// What kind of artefact it is, when it says so.
    public var artifactType: String? {
        switch self {
        case .image(let manifest): manifest.artifactType
        case .index(let index): index.artifactType
        }
    }

    /// The manifest that this one speaks about.
    public var subject: Descriptor? {
        switch self {
        case .image(let manifest): manifest.subject
        case .index(let index): index.subject
        }
    }

    /// Notes about the image or index.
    public var annotations: [String: String] {
        switch self {
        case .image(let manifest): manifest.annotations
        case .index(let index): index.annotations
        }
    }

    /// Whether this is what gets a verdict: a container image, or an index of them.
    public var isImage: Bool {
        switch self {
        case .image(let manifest): manifest.isImage
        case .index(let index): index.isImage
        }
    }
}

/// Reads the parts of a manifest or index.
enum ManifestReader {
    /// Members with a meaning, of any kind of document.
    static let names = [
        "schemaVersion", "mediaType", "artifactType", "config", "layers", "manifests", "subject", "annotations",
        "fsLayers", "blobs",
    ]

    /// Refuses `Layers` beside or instead of `layers`: readers that ignore case would see another document than we do.
    static func refuseLookalikes(_ fields: JSONFields, of names: [String]) throws(ManifestError) {
        for key in fields.members.keys where key.utf8.count <= 32 && !names.contains(key) {
            if let name = names.first(where: { $0.lowercased() == key.lowercased() }) {
                throw .ambiguous("\(fields.path(of: key)) differs from \"\(name)\" in case only")
            }
        }
    }

    static func mediaType(of fields: JSONFields, contentType: String?) throws(ManifestError) -> String {
        let version: Int64
        let declared: String?
        do throws(JSONShapeError) {
            version = try fields.integer("schemaVersion")
            declared = try fields.optionalString("mediaType")
        } catch { throw .shape(error) }
        guard version == 2, !fields.has("fsLayers") else { throw .schemaVersion(version == 2 ? 1 : version) }
        let sent = contentType.map(MediaType.essence)
        if let declared, let sent, declared != sent {
            throw .mediaTypeMismatch(document: declared.excerpt(128), contentType: sent.excerpt(128))
        }
        let mediaType = declared ?? sent ?? inferred(fields)
        guard MediaType.isManifest(mediaType) || MediaType.isIndex(mediaType) else {
            throw .unsupportedMediaType(mediaType.excerpt(128))
        }
        return mediaType
    }

    // An OCI layout may hold documents without mediaType; then the members say what it is.
    private static func inferred(_ fields: JSONFields) -> String {
        if fields.has("manifests") { return MediaType.imageIndex }
        return fields.has("config") && fields.has("layers") ? MediaType.imageManifest : ""
    }

    static func manifest(_ fields: JSONFields, _ mediaType: String, _ limits: ManifestDocument.Limits)
        throws(ManifestError)
        -> ImageManifest
    {
        if fields.has("manifests") { throw .ambiguous("an image manifest must not have \"manifests\"") }
        let (config, layers): (JSONFields, [JSONFields])
        do throws(JSONShapeError) {
            config = try fields.object("config")
            layers = try fields.objects("layers")
        } catch { throw .shape(error) }
        let common = try Common(fields)
        return ImageManifest(
            mediaType: mediaType,
            artifactType: common.artifactType,
            config: try Descriptor(json: config),
            layers: try descriptors(layers, limits),
            subject: common.subject,
            annotations: common.annotations
        )
    }

    static func index(_ fields: JSONFields, _ mediaType: String, _ limits: ManifestDocument.Limits)
        throws(ManifestError)
        -> ImageIndex
    {
        for name in ["layers", "config"] where fields.has(name) {
            throw .ambiguous("an index must not have \"\(name)\"")
        }
        let manifests: [JSONFields]
        do throws(JSONShapeError) { manifests = try fields.objects("manifests") } catch { throw .shape(error) }
        let common = try Common(fields)
        return ImageIndex(
            mediaType: mediaType,
            artifactType: common.artifactType,
            manifests: try descriptors(manifests, limits),
            subject: common.subject,
            annotations: common.annotations
        )
    }

    private static func descriptors(_ objects: [JSONFields], _ limits: ManifestDocument.Limits) throws(ManifestError)
        -> [Descriptor]
    {
        guard objects.count <= limits.descriptors else { throw .tooManyDescriptors(limit: limits.descriptors) }
        var result: [Descriptor] = []
        result.reserveCapacity(objects.count)
        for object in objects { result.append(try Descriptor(json: object)) }
        return result
    }

    /// What manifests and indexes have in common.
    private struct Common {
        let artifactType: String?
        let subject: Descriptor?
        let annotations: [String: String]

        init(_ fields: JSONFields) throws(ManifestError) {
            let subjectFields: JSONFields?
            do throws(JSONShapeError) {
                artifactType = try fields.optionalString("artifactType")
                annotations = try fields.optionalStringMap("annotations") ?? [:]
                subjectFields = try fields.optionalObject("subject")
            } catch { throw .shape(error) }
            if let artifactType, !MediaType.isWellFormed(artifactType) {
                throw .mediaType(path: fields.path(of: "artifactType"))
            }
            if let subjectFields { subject = try Descriptor(json: subjectFields) } else { subject = nil }
        }
    }
}
