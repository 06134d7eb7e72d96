// SPDX-License-Identifier: EUPL-1.2

public import JSON

/// Why bytes are not a manifest or index that is accepted here.
public enum ManifestError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The document is larger than the limit, in bytes.
    case tooLarge(limit: Int)
    /// The document is no JSON.
    case json(JSONError)
    /// A member has the wrong type or is missing.
    case shape(JSONShapeError)
    /// A descriptor's digest is not valid.
    case digest(path: String, DigestError)
    /// A descriptor's size is negative or beyond 2⁵³.
    case size(path: String)
    /// A media type is not `type/subtype`.
    case mediaType(path: String)
    /// The document is of Docker's schema 1, or of a schema that is not known.
    case schemaVersion(Int64)
    /// The document's kind is neither manifest nor index (bounded to 128 characters; empty when nothing says what it is).
    case unsupportedMediaType(String)
    /// The document says that it is something else than its `Content-Type`.
    case mediaTypeMismatch(document: String, contentType: String)
    /// The document has members of both kinds, so that two readers could see two things in it.
    case ambiguous(String)
    /// There are more descriptors than the limit.
    case tooManyDescriptors(limit: Int)

    /// One sentence in English: what, where, and what to do.
    public var description: String {
        switch self {
        case .tooLarge(let limit): "the manifest is larger than \(limit) bytes"
        case .json(let error): "the manifest is not valid: \(error)"
        case .shape(let error): "the manifest is not valid: \(error)"
        case .digest(let path, let error): "\(path): \(error)"
        case .size(let path): "\(path): a size is between 0 and 2^53"
        case .mediaType(let path): "\(path): not a media type; expected type/subtype"
        case .schemaVersion(let version):
            "schemaVersion \(version) is not supported; push an OCI or Docker schema 2 manifest (schemaVersion 2)"
        case .unsupportedMediaType(let type):
            type.isEmpty
                ? "nothing says whether this is a manifest or an index; set Content-Type and mediaType"
                : "media type \"\(type)\" is neither a manifest nor an index of OCI or Docker schema 2"
        case .mediaTypeMismatch(let document, let contentType):
            "the manifest says mediaType \"\(document)\" but was sent as Content-Type \"\(contentType)\"; both must be the same"
        case .ambiguous(let what): "the manifest can be read in two ways: \(what)"
        case .tooManyDescriptors(let limit): "the manifest names more than \(limit) objects"
        }
    }
}
