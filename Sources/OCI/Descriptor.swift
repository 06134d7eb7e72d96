// SPDX-License-Identifier: EUPL-1.2

public import JSON

/// A typed, sized reference to content.
///
/// Source: OCI image-spec v1.1.1, "Content Descriptors".
public struct Descriptor: Sendable, Hashable {
    /// What the content is, as `type/subtype`.
    public var mediaType: String
    /// Its address.
    public var digest: Digest
    /// Its length in bytes.
    public var size: Int64
    /// What it runs on; in an index only.
    public var platform: Platform?
    /// What kind of artefact it is.
    public var artifactType: String?
    /// Notes about the content.
    public var annotations: [String: String]
    /// Where else the content could be had; never followed here.
    public var urls: [String]

    /// Makes a descriptor.
    public init(
        mediaType: String,
        digest: Digest,
        size: Int64,
        platform: Platform? = nil,
        artifactType: String? = nil,
        annotations: [String: String] = [:],
        urls: [String] = []
    ) {
        self.mediaType = mediaType
        self.digest = digest
        self.size = size
        self.platform = platform
        self.artifactType = artifactType
        self.annotations = annotations
        self.urls = urls
    }

    /// Reads a descriptor from a manifest.
    ///
    /// - Throws: ``ManifestError`` that names the path of what is wrong.
    public init(json fields: JSONFields) throws(ManifestError) {
        try ManifestReader.refuseLookalikes(
            fields,
            of: ["mediaType", "digest", "size", "platform", "artifactType", "annotations", "urls", "data"]
        )
        do throws(JSONShapeError) {
            mediaType = try fields.string("mediaType")
            size = try fields.integer("size")
            platform = try fields.optionalObject("platform").map { value throws(JSONShapeError) in
                try Platform(json: value)
            }
            artifactType = try fields.optionalString("artifactType")
            annotations = try fields.optionalStringMap("annotations") ?? [:]
            urls = try fields.optionalStrings("urls") ?? []
        } catch { throw .shape(error) }
        guard MediaType.isWellFormed(mediaType) else { throw .mediaType(path: fields.path(of: "mediaType")) }
        guard size >= 0, size <= 1 << 53 else { throw .size(path: fields.path(of: "size")) }
        let text: String
        do throws(JSONShapeError) { text = try fields.string("digest") } catch { throw .shape(error) }
        do throws(DigestError) { digest = try Digest(parsing: text) } catch {
            throw .digest(path: fields.path(of: "digest"), error)
        }
    }

    /// The descriptor as it stands in a manifest.
    public var json: JSONValue {
        var members: [String: JSONValue] = [
            "mediaType": .string(mediaType), "digest": .string(digest.description), "size": .integer(size),
        ]
        if let platform { members["platform"] = platform.json }
        if let artifactType { members["artifactType"] = .string(artifactType) }
        if !annotations.isEmpty { members["annotations"] = .stringMap(annotations) }
        if !urls.isEmpty { members["urls"] = .strings(urls) }
        return .object(members)
    }
}
