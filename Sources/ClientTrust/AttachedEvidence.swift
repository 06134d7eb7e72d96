// SPDX-License-Identifier: EUPL-1.2

internal import Attestations
internal import ImageSources
internal import JSON
internal import OCI
internal import RegistryClient

/// In what form something speaks about an image.
public enum AttachedForm: String, Sendable, Hashable, CaseIterable {
    /// A signature under the tag `sha256-….sig`.
    case cosign
    /// An attestation under the tag `sha256-….att`.
    case attestation = "cosign-attestation"
    /// A Sigstore bundle as a referrer: a signature or an attestation.
    case bundle
    /// An OpenPGP signature that the registry gives out.
    case openPGP = "openpgp"
}

/// One thing that was found beside an image.
struct AttachedPiece: Sendable {
    let form: AttachedForm
    /// Where it was found, for people.
    let place: String
    /// What it is, or why it could not be had.
    let content: Result<Evidence, AttachmentError>
}

/// Everything that was found beside one image.
struct AttachedPieces: Sendable {
    var pieces: [AttachedPiece] = []
    /// Types of attached manifests that are no signatures.
    var others: [String] = []

    /// Types of the statements that were found, believed or not.
    var predicateTypes: Set<String> {
        Set(
            pieces.compactMap { piece -> String? in
                guard case .success(let evidence) = piece.content else { return nil }
                let envelope: DSSEEnvelope?
                switch evidence {
                case .envelope(let bytes, _, _): envelope = try? DSSEEnvelope(parsing: bytes)
                case .bundle(let bytes):
                    if case .envelope(let content)? = (try? SigstoreBundle(parsing: bytes))?.content {
                        envelope = content
                    } else {
                        envelope = nil
                    }
                default: envelope = nil
                }
                return envelope.flatMap { try? Statement(parsing: $0.payload) }?.predicateType
            }
        )
    }
}

/// Gathers what is attached to an image, within bounds.
struct AttachmentReader {
    let source: any AttachmentSource
    let budget: ReadingBudget

    /// What is attached to one manifest; what cannot be read is a piece that says why.
    func pieces(about digest: Digest) async throws -> AttachedPieces {
        var found = AttachedPieces()
        for kind in AttachedManifest.Kind.allCases {
            let form: AttachedForm = kind == .signatures ? .cosign : .attestation
            let place = ".\(kind.rawValue)"
            try await collecting(form, place, &found) { found in
                guard let manifest = try await source.attached(kind, to: digest) else { return }
                try budget.take(Int64(manifest.bytes.count))
                try await layers(of: manifest, kind, form, place, &found)
            }
        }
        try await collecting(.bundle, "referrers", &found) { found in
            let list = try await source.referrers(of: digest, limit: ReadingBudget.referrers)
            for referrer in list.manifests {
                try await collecting(.bundle, "\(referrer.digest)", &found) { found in
                    try await bundle(referrer, about: digest, &found)
                }
            }
            if !list.isComplete {
                throw AttachmentError.unread(
                    "more than \(ReadingBudget.referrers) manifests are attached to it, or the list did not end; the rest was not looked at"
                )
            }
        }
        try await collecting(.openPGP, "signatures", &found) { found in
            let messages = try await source.openPGPMessages(about: digest) ?? []
            for (number, message) in messages.prefix(AttestationLimits.layers).enumerated() {
                try budget.take(Int64(message.count))
                found.pieces.append(
                    AttachedPiece(form: .openPGP, place: "signatures[\(number)]", content: .success(.openPGP(message)))
                )
            }
            if messages.count > AttestationLimits.layers {
                throw AttachmentError.unread("more than \(AttestationLimits.layers) OpenPGP signatures are there")
            }
        }
        return found
    }

    /// Turns what cannot be read into a piece; only the end of the whole run goes further.
    private func collecting(
        _ form: AttachedForm,
        _ place: String,
        _ found: inout AttachedPieces,
        _ body: (inout AttachedPieces) async throws -> Void
    ) async throws {
        do { try await body(&found) } catch let error as CancellationError { throw error } catch {
            found.pieces.append(AttachedPiece(form: form, place: place, content: .failure(Self.reason(error))))
        }
    }

    /// Whether another attempt could find something else decides between the two.
    static func reason(_ error: any Error) -> AttachmentError {
        switch error {
        case let error as AttachmentError: error
        case RegistryClientError.notFound, RegistryClientError.digestMismatch: .damaged("\(error)")
        case ImageSourceError.digestMismatch, ImageSourceError.badManifest: .damaged("\(error)")
        case is AttestationError: .damaged("\(error)")
        default: .unread("\(error)".excerpt(400))
        }
    }

    private func layers(
        of manifest: FoundManifest,
        _ kind: AttachedManifest.Kind,
        _ form: AttachedForm,
        _ place: String,
        _ found: inout AttachedPieces
    ) async throws {
        guard case .image(let image) = manifest.document else {
            throw AttachmentError.damaged("what is behind the tag is an index, not a list of signatures")
        }
        let list = try AttachedManifest(kind, extending: image)
        let limit = kind == .signatures ? AttestationLimits.simpleSigningBytes : AttestationLimits.documentBytes
        for (number, layer) in list.layers.enumerated() {
            try await collecting(form, "\(place)[\(number)]", &found) { found in
                try budget.take(layer.size)
                let blob = try await source.blob(layer, limit: limit)
                guard let evidence = list.evidence(layer, blob: blob) else {
                    throw AttachmentError.damaged("its bytes are not those that the list names")
                }
                found.pieces.append(
                    AttachedPiece(form: form, place: "\(place)[\(number)]", content: .success(evidence))
                )
            }
        }
    }

    private func bundle(_ referrer: Descriptor, about digest: Digest, _ found: inout AttachedPieces) async throws {
        guard let manifest = try await source.manifest(referrer.digest) else {
            throw AttachmentError.damaged("it is listed, and not there")
        }
        try budget.take(Int64(manifest.bytes.count))
        guard manifest.document.subject?.digest == digest else {
            throw AttachmentError.damaged("it is listed as attached to this image, and names another")
        }
        guard case .image(let image) = manifest.document,
            let layer = image.layers.first(where: { $0.mediaType == SigstoreBundle.mediaType })
        else {
            if found.others.count < ReadingBudget.referrers {
                found.others.append((manifest.document.artifactType ?? manifest.document.mediaType).excerpt(128))
            }
            return
        }
        try budget.take(layer.size)
        let bytes = try await source.blob(layer, limit: AttestationLimits.documentBytes)
        found.pieces.append(
            AttachedPiece(form: .bundle, place: "\(referrer.digest)", content: .success(.bundle(bytes)))
        )
    }
}
