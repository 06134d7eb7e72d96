// SPDX-License-Identifier: EUPL-1.2

import JSON
public import OCI

/// The claim that a simple signature is over: this digest goes by that name.
///
/// The same document is signed by cosign (a bare signature beside it) and by the older OpenPGP signatures (an OpenPGP message around it).
///
/// Source: containers/image, "docs/atomic-signature.md"; sigstore/cosign, "specs/SIGNATURE_SPEC.md".
public struct SimpleSigning: Sendable, Hashable {
    /// Who reads it.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// cosign and sigstore attachments.
        case cosign = "cosign container image signature"
        /// OpenPGP signatures.
        case openPGP = "atomic container signature"
    }

    /// Who reads it.
    public var kind: Kind
    /// Digest of the manifest.
    public var digest: Digest
    /// The name, always with the tag: readers that pull by tag accept no other.
    public var dockerReference: String
    /// The program that signed.
    public var creator: String?
    /// When it says it was signed, in seconds since 1970; nobody else vouches for that.
    public var timestamp: Int64?

    /// Media type of a payload in a `.sig` manifest.
    public static let mediaType = "application/vnd.dev.cosign.simplesigning.v1+json"

    /// Makes a claim.
    public init(_ kind: Kind, digest: Digest, dockerReference: String, creator: String? = nil, timestamp: Int64? = nil)
    {
        self.kind = kind
        self.digest = digest
        self.dockerReference = dockerReference
        self.creator = creator
        self.timestamp = timestamp
    }

    /// Reads a payload as paranoidly as those who verify it elsewhere do.
    ///
    /// Members beyond the known ones are refused everywhere but in `optional`; so are a kind that was not asked for and a digest that is none.
    ///
    /// - Parameter kind: which kind is expected; a signature of one must never count as one of the other.
    public init(parsing payload: [UInt8], as kind: Kind) throws(AttestationError) {
        let fields = try SignedJSON.object(
            payload,
            limit: AttestationLimits.simpleSigningBytes,
            what: "the simple-signing payload"
        )
        try SignedJSON.refuseUnknown(fields, known: ["critical", "optional"])
        let critical = try SignedJSON.shaped { () throws(JSONShapeError) in try fields.object("critical") }
        try SignedJSON.refuseUnknown(critical, known: ["type", "image", "identity"])
        let image = try SignedJSON.shaped { () throws(JSONShapeError) in try critical.object("image") }
        try SignedJSON.refuseUnknown(image, known: ["docker-manifest-digest"])
        let identity = try SignedJSON.shaped { () throws(JSONShapeError) in try critical.object("identity") }
        try SignedJSON.refuseUnknown(identity, known: ["docker-reference"])
        let type = try SignedJSON.shaped { () throws(JSONShapeError) in try critical.string("type") }
        guard type == kind.rawValue else {
            throw .value(path: critical.path(of: "type"), reason: "is not \"\(kind.rawValue)\"")
        }
        self.kind = kind
        let digest = try SignedJSON.shaped { () throws(JSONShapeError) in try image.string("docker-manifest-digest") }
        do throws(DigestError) { self.digest = try Digest(parsing: digest) } catch {
            throw .value(path: image.path(of: "docker-manifest-digest"), reason: error.description)
        }
        dockerReference = try SignedJSON.shaped { () throws(JSONShapeError) in try identity.string("docker-reference") }
        let optional = try SignedJSON.shaped { () throws(JSONShapeError) in
            kind == .cosign ? try fields.optionalObject("optional") : try fields.object("optional")
        }
        creator = try SignedJSON.shaped { () throws(JSONShapeError) in try optional?.optionalString("creator") }
        timestamp = try SignedJSON.shaped { () throws(JSONShapeError) in try optional?.optionalInteger("timestamp") }
    }

    /// The payload: the bytes that are signed.
    public var bytes: [UInt8] {
        var optional: [String: JSONValue] = [:]
        if let creator { optional["creator"] = .string(creator) }
        if let timestamp { optional["timestamp"] = .integer(timestamp) }
        let document: JSONValue = [
            "critical": [
                "identity": ["docker-reference": .string(dockerReference)],
                "image": ["docker-manifest-digest": .string(digest.description)], "type": .string(kind.rawValue),
            ],
            // Readers of OpenPGP signatures refuse null; cosign writes it.
            "optional": optional.isEmpty && kind == .cosign ? nil : .object(optional),
        ]
        return document.bytes(.rfc8785)
    }
}
