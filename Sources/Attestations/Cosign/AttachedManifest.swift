// SPDX-License-Identifier: EUPL-1.2

import JSON
public import OCI

/// The manifest behind a tag `sha256-….sig` or `sha256-….att`: one layer for each signature or attestation of one image.
///
/// Adding to it is pure: read the manifest that is there, add, and push what ``document`` and ``configuration`` are then. Who pushes must
/// compare-and-swap the tag, or two additions at a time lose one.
///
/// Source: sigstore/cosign, "specs/SIGNATURE_SPEC.md" and "specs/ATTESTATION_SPEC.md".
public struct AttachedManifest: Sendable, Hashable {
    /// What is attached.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Signatures over simple-signing payloads.
        case signatures = "sig"
        /// DSSE envelopes.
        case attestations = "att"

        var layerType: String { self == .signatures ? SimpleSigning.mediaType : DSSEEnvelope.mediaType }
    }

    /// What is attached.
    public let kind: Kind
    /// The layers, oldest first.
    public private(set) var layers: [Descriptor]

    /// Annotation with the signature in base64; empty on attestations.
    public static let signatureAnnotation = "dev.cosignproject.cosign/signature"
    /// Annotation with the entry of a log; see ``SignedEntryTimestamp``.
    public static let logAnnotation = "dev.sigstore.cosign/bundle"
    /// Annotation with the signer's certificate in PEM.
    public static let certificateAnnotation = "dev.sigstore.cosign/certificate"
    /// Annotation with the authorities above it in PEM.
    public static let chainAnnotation = "dev.sigstore.cosign/chain"
    /// Annotation with the answer of a time-stamp authority.
    public static let timestampAnnotation = "dev.sigstore.cosign/rfc3161timestamp"
    /// Annotation with the predicate type of an attestation.
    public static let predicateTypeAnnotation = "predicateType"

    /// A manifest without layers.
    public init(_ kind: Kind) {
        self.kind = kind
        layers = []
    }

    /// Reads the manifest that is behind the tag, to add to it.
    public init(_ kind: Kind, extending manifest: ImageManifest) throws(AttestationError) {
        self.kind = kind
        layers = try SignedJSON.bounded(
            manifest.layers,
            AttestationLimits.layers,
            "layers in the manifest of signatures"
        )
    }

    /// The tag for what is attached to a digest.
    public static func tag(_ kind: Kind, of digest: Digest) throws(TagError) -> Tag {
        try Tag(parsing: "\(digest.algorithm.rawValue)-\(digest.hex).\(kind.rawValue)")
    }

    /// Adds a signature; one that is there already is not added twice.
    ///
    /// - Parameters:
    ///   - signature: over `payload`, by the signer's key.
    ///   - entry: what the log says about it, if there is a log.
    public mutating func append(signature: [UInt8], payload: [UInt8], entry: SignedEntryTimestamp? = nil)
        throws(AttestationError)
    {
        var annotations = [Self.signatureAnnotation: Base64.encoded(signature)]
        if let entry { annotations[Self.logAnnotation] = entry.annotation }
        let layer = descriptor(payload, annotations)
        guard !layers.contains(layer) else { return }
        layers.append(layer)
        layers = try SignedJSON.bounded(layers, AttestationLimits.layers, "signatures of one image")
    }

    /// Adds an attestation in place of those of the same predicate type.
    ///
    /// - Parameter entry: what the log says about it, if there is a log.
    public mutating func replace(
        envelope: DSSEEnvelope,
        predicateType: String,
        entry: SignedEntryTimestamp? = nil
    ) throws(AttestationError) {
        var annotations = [Self.signatureAnnotation: "", Self.predicateTypeAnnotation: predicateType]
        if let entry { annotations[Self.logAnnotation] = entry.annotation }
        layers.removeAll { $0.annotations[Self.predicateTypeAnnotation] == predicateType }
        layers.append(descriptor(envelope.bytes, annotations))
        layers = try SignedJSON.bounded(layers, AttestationLimits.layers, "attestations of one image")
    }

    /// Adds an attestation in place of some that are named by their envelopes; those of others stay, whatever their type.
    ///
    /// - Parameters:
    ///   - superseded: digests of envelopes.
    ///   - entry: what the log says about it, if there is a log.
    public mutating func replace(
        _ superseded: Set<Digest>,
        envelope: DSSEEnvelope,
        predicateType: String,
        entry: SignedEntryTimestamp? = nil
    ) throws(AttestationError) {
        remove(superseded)
        let bytes = envelope.bytes
        try append(.sha256(bytes), size: Int64(bytes.count), predicateType: predicateType, entry: entry)
    }

    /// Adds an attestation whose envelope is known by its digest; one that is there already is not added twice.
    ///
    /// - Parameters:
    ///   - size: bytes of the envelope.
    ///   - entry: what the log says about it, if there is a log.
    public mutating func append(
        _ envelope: Digest,
        size: Int64,
        predicateType: String,
        entry: SignedEntryTimestamp? = nil
    ) throws(AttestationError) {
        var annotations = [Self.signatureAnnotation: "", Self.predicateTypeAnnotation: predicateType]
        if let entry { annotations[Self.logAnnotation] = entry.annotation }
        let layer = Descriptor(mediaType: kind.layerType, digest: envelope, size: size, annotations: annotations)
        guard !layers.contains(layer) else { return }
        layers = try SignedJSON.bounded(layers + [layer], AttestationLimits.layers, "attestations of one image")
    }

    /// Takes layers away, by their digests.
    public mutating func remove(_ digests: Set<Digest>) { layers.removeAll { digests.contains($0.digest) } }

    private func descriptor(_ bytes: [UInt8], _ annotations: [String: String]) -> Descriptor {
        Descriptor(
            mediaType: kind.layerType,
            digest: .sha256(bytes),
            size: Int64(bytes.count),
            annotations: annotations
        )
    }

    /// The configuration, which older registries and clients demand to be an image's.
    public var configuration: [UInt8] {
        let epoch: JSONValue = "0001-01-01T00:00:00Z"
        let document: JSONValue = [
            "architecture": "", "created": epoch, "os": "", "config": [:],
            "history": .array(layers.map { _ in ["created": epoch] }),
            "rootfs": ["type": "layers", "diff_ids": .strings(layers.map(\.digest.description))],
        ]
        return document.bytes(.rfc8785)
    }

    /// The manifest.
    public var document: [UInt8] {
        let configuration = configuration
        let config = Descriptor(
            mediaType: MediaType.imageConfig,
            digest: .sha256(configuration),
            size: Int64(configuration.count)
        )
        return ImageManifest(config: config, layers: layers).json.bytes(.rfc8785)
    }
}
