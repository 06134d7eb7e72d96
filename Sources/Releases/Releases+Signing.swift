// SPDX-License-Identifier: EUPL-1.2

internal import Accounts
internal import Attestations
internal import Database
internal import JSON
internal import Keys
internal import LogPlaces
internal import OCI
internal import Registry
internal import Time
internal import Transparency

extension Releases {
    /// Attempts to add to a list of signatures that others add to at the same time.
    private static let swaps = 8

    /// Makes what is missing of an image's signatures; each is a row, with its place in the log's queue, before it is anything else.
    func sign(_ image: SignedImage, _ release: Release, _ namespace: Namespace?) async throws {
        for form in ReleaseSignature.Form.allCases {
            let place: [SQLValue] = [.integer(release.id), .blob(image.digest.bytes), .integer(form.rawValue)]
            guard try await database.lookUp({ t in try t.first(ReleasesSchema.signature, place) }) == nil else {
                continue
            }
            let made = try await make(form, image, release)
            let entry = release.isLogged ? made.body : nil
            let name = namespace?.name
            try await database.write { [log] t in
                // Another worker may have been quicker: what it signed counts.
                guard try t.first(ReleasesSchema.signature, place) == nil else { return }
                var row: Int64?
                if let entry, let log {
                    row = try log.enqueue(
                        Transparency.LogEntry(kind: entry.kindName, namespace: name, bytes: entry.bytes),
                        in: t
                    )
                }
                try t.execute(
                    ReleasesSchema.insertSignature,
                    place + [
                        .blob(made.payload), .blob(made.signature), .blob(made.publicKey), .optional(row),
                        .optional(made.document),
                    ]
                )
            }
        }
    }

    private struct Made: Sendable {
        var payload: [UInt8]
        var signature: [UInt8]
        var publicKey: [UInt8]
        /// What the log is told; nil for forms that no log knows.
        var body: LogBody?
        /// What is given out, where nothing has to be added.
        var document: [UInt8]?
    }

    private func make(_ form: ReleaseSignature.Form, _ image: SignedImage, _ release: Release) async throws -> Made {
        switch form {
        case .cosign:
            let payload = SimpleSigning(.cosign, digest: image.digest, dockerReference: release.reference).bytes
            let (signature, key) = try await signature(payload)
            return Made(
                payload: payload,
                signature: signature,
                publicKey: key.spki,
                body: .hashedRekord(payload: payload, signature: signature, key: key)
            )
        case .bundle:
            let payload = Attestations.Statement(
                subjects: [ResourceDescriptor(name: release.reference, image.digest)],
                predicateType: PredicateType.cosignSignature,
                predicate: [:]
            ).bytes
            let (signature, key) = try await signature(
                DSSEEnvelope.bytesToSign(payloadType: DSSEEnvelope.statementType, payload: payload)
            )
            let envelope = DSSEEnvelope(payload: payload, signatures: [.init(bytes: signature)])
            return Made(
                payload: payload,
                signature: signature,
                publicKey: key.spki,
                body: .dsse(envelope, signers: [.init(signature: signature, key: key)])
            )
        case .openPGP: return try await makeOpenPGP(image, release)
        }
    }

    private func signature(_ message: [UInt8]) async throws -> (signature: [UInt8], key: PublicKey) {
        let made = try await signer.sign(message, as: .release)
        return (made.bytes, try PublicKey(spki: made.key.publicKey))
    }

    private func makeOpenPGP(_ image: SignedImage, _ release: Release) async throws -> Made {
        // The key's own name is part of what is signed, so that it has to be known before.
        let record = try await active(.openPGP)
        guard let point = record.rawEd25519 else { throw KeysError.noKey(.openPGP) }
        let key = try OpenPGPPublicKey(ed25519: point, created: record.created)
        // Never before the key was made: who verifies would take that for a forgery.
        let time = max(release.requestedAt, key.created)
        let payload = SimpleSigning(
            .openPGP,
            digest: image.digest,
            dockerReference: release.reference,
            creator: Self.node.name,
            timestamp: time.microseconds / 1_000_000
        ).bytes
        let signing = try OpenPGPSigning(key: key, at: time)
        let made = try await signer.sign(signing.bytesToHash(payload), as: .openPGP)
        guard made.key.fingerprint == record.fingerprint else { throw KeyChanged(role: .openPGP) }
        return Made(
            payload: payload,
            signature: made.bytes,
            publicKey: record.publicKey,
            document: try signing.message(payload, signature: made.bytes)
        )
    }

    private func active(_ role: KeyRole) async throws -> KeyRecord {
        // The signer judges keys by the system's time.
        let now = WallClock.system.now()
        guard let record = try await signer.keys().last(where: { $0.role == role && $0.state(at: now) == .active })
        else { throw KeysError.noKey(role) }
        return record
    }

    // MARK: - Log

    /// Adds what the log says, once a checkpoint covers it; then nothing of the signature changes any more.
    func seal(_ signature: ReleaseSignature) async throws {
        guard let log, let row = signature.logEntry else {
            return try await keep(signature, index: nil, document: try Self.document(signature, nil))
        }
        let place = try await LogPlace(of: row, in: log, signer: signer)
        try await keep(
            signature,
            index: Int(place.promise.entry.logIndex),
            document: try Self.document(signature, place)
        )
    }

    /// What is given out: of cosign's form the annotation beside the signature, empty where there is no log; else the whole.
    private static func document(_ signature: ReleaseSignature, _ place: LogPlace?) throws -> [UInt8] {
        switch signature.form {
        case .cosign: return place.map { Array($0.promise.annotation.utf8) } ?? []
        case .bundle:
            let envelope = DSSEEnvelope(payload: signature.payload, signatures: [.init(bytes: signature.signature)])
            let entries = place.map { [$0.bundleEntry] }
            let key = try PublicKey(spki: signature.publicKey)
            return SigstoreBundle(.envelope(envelope), hint: key.hint, logEntries: entries ?? []).bytes
        case .openPGP: return signature.document ?? []
        }
    }

    private func keep(_ signature: ReleaseSignature, index: Int?, document: [UInt8]) async throws {
        let values: [SQLValue] = [.optional(index), .blob(document), .integer(signature.id)]
        _ = try await database.write { t in try t.execute(ReleasesSchema.seal, values) }
    }

    // MARK: - Publishing

    /// Puts a signature where its readers look for it; what is there already stays as it is.
    func publish(
        _ signature: ReleaseSignature,
        of image: SignedImage,
        _ release: Release,
        _ namespace: Namespace?
    ) async throws {
        guard let document = signature.document else { throw ReleaseError.unavailable("a signature is not complete") }
        switch signature.form {
        case .openPGP: return
        case .cosign: try await attach(signature, document, release.repository, namespace)
        case .bundle:
            let manifest = SigstoreBundle.referrer(
                bundle: document,
                predicateType: PredicateType.cosignSignature,
                subject: Descriptor(mediaType: image.mediaType, digest: image.digest, size: Int64(image.bytes.count)),
                created: release.requestedAt
            ).json.bytes(.rfc8785)
            let blobs = [document, SigstoreBundle.emptyConfiguration]
            for blob in blobs {
                try await registry.putBlob(blob, to: release.repository, by: Self.node, namespace: namespace)
            }
            _ = try await registry.putManifest(
                manifest,
                contentType: MediaType.imageManifest,
                to: release.repository,
                at: .digest(.sha256(manifest)),
                by: Self.node,
                namespace: namespace
            )
        }
    }

    /// Adds a layer to the image's list of signatures; whoever else adds one at the same time loses nothing.
    private func attach(
        _ signature: ReleaseSignature,
        _ annotation: [UInt8],
        _ repository: RepositoryName,
        _ namespace: Namespace?
    ) async throws {
        let tag = try AttachedManifest.tag(.signatures, of: signature.digest)
        let entry =
            annotation.isEmpty
            ? nil : try SignedEntryTimestamp(annotation: String(decoding: annotation, as: UTF8.self))
        try await registry.putBlob(signature.payload, to: repository, by: Self.node, namespace: namespace)
        for _ in 0..<Self.swaps {
            let present = try await registry.manifest(repository, at: .tag(tag))
            var list = AttachedManifest(.signatures)
            if let present,
                case .image(let manifest) = try ManifestDocument(parsing: present.bytes, contentType: present.mediaType)
            {
                list = try AttachedManifest(.signatures, extending: manifest)
            }
            let before = list
            try list.append(signature: signature.signature, payload: signature.payload, entry: entry)
            if present != nil, list == before { return }
            try await registry.putBlob(list.configuration, to: repository, by: Self.node, namespace: namespace)
            do {
                _ = try await registry.putManifest(
                    list.document,
                    contentType: MediaType.imageManifest,
                    to: repository,
                    at: .tag(tag),
                    by: Self.node,
                    expected: present.map { .manifest($0.digest) } ?? .absent,
                    namespace: namespace
                )
                return
            } catch RegistryError.tagChanged {}
        }
        throw ReleaseError.unavailable("others change \(tag) all the time; release it again")
    }
}

/// A key was replaced between two questions; the next attempt takes the new one.
private struct KeyChanged: Error, CustomStringConvertible {
    let role: KeyRole
    var description: String { "the key of the role \(role.rawValue) was replaced at this moment; it is tried again" }
}
