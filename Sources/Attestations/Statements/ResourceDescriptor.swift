// SPDX-License-Identifier: EUPL-1.2

public import JSON
public import OCI

/// A thing that a statement names: by content, by place or by name.
///
/// Source: in-toto attestation v1, "ResourceDescriptor".
public struct ResourceDescriptor: Sendable, Hashable {
    /// A name that tells things within one statement apart.
    public var name: String?
    /// Where or what the thing is.
    public var uri: String?
    /// Hash values by algorithm: `sha256`, `gitCommit`; lower-case hexadecimal digits mostly.
    public var digests: [String: String]
    /// What its content is.
    public var mediaType: String?
    /// More that its maker says about it.
    public var annotations: [String: JSONValue]

    /// Makes a descriptor.
    public init(
        name: String? = nil,
        uri: String? = nil,
        digests: [String: String] = [:],
        mediaType: String? = nil,
        annotations: [String: JSONValue] = [:]
    ) {
        self.name = name
        self.uri = uri
        self.digests = digests
        self.mediaType = mediaType
        self.annotations = annotations
    }

    /// A thing by its digest.
    public init(name: String? = nil, uri: String? = nil, _ digest: Digest) {
        self.init(name: name, uri: uri, digests: [digest.algorithm.rawValue: digest.hex])
    }

    /// Reads a descriptor; members that are not known here are ignored, as the framework's parsing rules demand.
    init(_ fields: JSONFields) throws(JSONShapeError) {
        name = try fields.optionalString("name")
        uri = try fields.optionalString("uri")
        digests = try fields.optionalStringMap("digest") ?? [:]
        mediaType = try fields.optionalString("mediaType")
        annotations = try fields.optionalObject("annotations")?.members ?? [:]
    }

    /// Whether the thing has this digest.
    public func isContent(_ digest: Digest) -> Bool { digests[digest.algorithm.rawValue] == digest.hex }

    /// The descriptor as it stands in a statement.
    public var json: JSONValue {
        var members: [String: JSONValue] = [:]
        if let name { members["name"] = .string(name) }
        if let uri { members["uri"] = .string(uri) }
        if !digests.isEmpty { members["digest"] = .stringMap(digests) }
        if let mediaType { members["mediaType"] = .string(mediaType) }
        if !annotations.isEmpty { members["annotations"] = .object(annotations) }
        return .object(members)
    }
}
