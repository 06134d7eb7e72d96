// SPDX-License-Identifier: EUPL-1.2

internal import Accounts
internal import Attestations
internal import Database
internal import JSON
internal import OCI
internal import Registry
internal import Time

extension Attesting {
    /// Attempts to change a list that others change at the same time.
    private static let swaps = 8

    /// A statement that is sealed, with its bytes.
    private struct Sealed: Sendable {
        let row: ImageAttestation
        let envelope: DSSEEnvelope
        let bundle: [UInt8]
        let manifest: [UInt8]
        let entry: SignedEntryTimestamp?
    }

    /// Puts what is sealed where its readers look for it, takes back what it replaces, and only then says that it is published.
    ///
    /// - Parameter withdrawn: rows that nothing replaces.
    /// - Returns: what could not be done, for people; nil when all was.
    func publish(_ subject: Subject, withdrawn: [ImageAttestation]) async throws -> String? {
        let (repository, digest) = (subject.image.repository, subject.image.digest)
        let rows = try await rows(repository, digest)
        var sealed: [Sealed] = []
        for row in rows where !row.isPublished && row.promise != nil { sealed.append(try await read(row, subject)) }
        let replaced = rows.filter { old in old.isPublished && sealed.contains { old.isReplaced(by: $0.row) } }
        let old = replaced + withdrawn
        for statement in sealed { try await push(statement, subject) }
        let place = Place(repository: repository, digest: digest, namespace: subject.namespace)
        let standing = rows.filter { row in row.isPublished && !old.contains { $0.id == row.id } }
        // Also without news: whoever attests at the same time as the node may have written back what it had replaced.
        let problem = try await attach(sealed, beside: standing, taking: old, at: place)
        guard !sealed.isEmpty || !old.isEmpty else { return problem }
        for row in old { try await retire(row, subject.namespace) }
        let (new, now) = (sealed.map(\.row), clock.now())
        try await database.write { t in
            try Self.forget(old, at: place, now, t)
            for row in new { try t.execute(AttestingSchema.publish, [.integer(row.id)]) }
        }
        return problem
    }

    /// Takes everything back that was said about an image.
    func takeBack(_ rows: [ImageAttestation], at place: Place) async throws {
        _ = try await attach([], beside: [], taking: rows, at: place)
        for row in rows { try await retire(row, place.namespace) }
    }

    /// Puts cosign's list right that somebody wrote at the same time as the node; what others attested stays.
    func mend(_ rows: [ImageAttestation], at place: Place) async throws {
        _ = try await attach([], beside: rows, taking: [], at: place)
    }

    private func read(_ row: ImageAttestation, _ subject: Subject) async throws -> Sealed {
        let (payload, bundle) = try await bytes(of: row)
        guard let payload, let bundle, let signature = row.signature else {
            throw DatabaseError(.shape, "attestation \(row.id) is not sealed")
        }
        let manifest = SigstoreBundle.referrer(
            bundle: bundle,
            predicateType: row.predicateType,
            subject: Descriptor(mediaType: subject.mediaType, digest: row.digest, size: subject.size),
            created: row.madeAt
        )
        let promise = row.promise.flatMap { $0.isEmpty ? nil : $0 }
        return Sealed(
            row: row,
            envelope: DSSEEnvelope(payload: payload, signatures: [.init(bytes: signature)]),
            bundle: bundle,
            manifest: manifest.json.bytes(.rfc8785),
            entry: try promise.map { try SignedEntryTimestamp(annotation: $0) }
        )
    }

    /// As a bundle that refers to the image.
    private func push(_ sealed: Sealed, _ subject: Subject) async throws {
        let row = sealed.row
        let places: [SQLValue] = [
            .blob(Digest.sha256(sealed.envelope.bytes).bytes), .blob(Digest.sha256(sealed.bundle).bytes),
            .blob(Digest.sha256(sealed.manifest).bytes), .integer(row.id),
        ]
        _ = try await database.write { t in try t.execute(AttestingSchema.place, places) }
        for blob in [sealed.bundle, SigstoreBundle.emptyConfiguration, sealed.envelope.bytes] {
            try await registry.putBlob(
                blob,
                to: row.repository,
                by: Self.node,
                namespace: subject.namespace,
                isOwn: true
            )
        }
        _ = try await registry.putManifest(
            sealed.manifest,
            contentType: MediaType.imageManifest,
            to: row.repository,
            at: .digest(.sha256(sealed.manifest)),
            by: Self.node,
            namespace: subject.namespace,
            isOwn: true
        )
    }

    /// As layers of cosign's list; whoever else adds one at the same time loses nothing, and what others attested stays.
    ///
    /// - Parameters:
    ///   - standing: what is published and stays: it is put back where somebody else's list lacks it.
    ///   - old: what is taken out.
    /// - Returns: why the list was left alone; nil when it was not.
    private func attach(
        _ sealed: [Sealed],
        beside standing: [ImageAttestation],
        taking old: [ImageAttestation],
        at place: Place
    ) async throws -> String? {
        let repository = place.repository
        let tag = try AttachedManifest.tag(.attestations, of: place.digest)
        let superseded = try await leftovers(at: place).map(\.part) + old.compactMap(\.envelope)
        let current = Set(sealed.map { .sha256($0.envelope.bytes) } + standing.compactMap(\.envelope))
        let outdated = Set(superseded).subtracting(current)
        for _ in 0..<Self.swaps {
            let present = try await registry.manifest(repository, at: .tag(tag))
            var list = AttachedManifest(.attestations)
            if let present {
                guard
                    case .image(let manifest)? = try? ManifestDocument(
                        parsing: present.bytes,
                        contentType: present.mediaType
                    ), let read = try? AttachedManifest(.attestations, extending: manifest)
                else { return "\(tag) is no list of attestations of cosign's, and somebody else's: it stays as it is" }
                list = read
            }
            let before = list
            list.remove(outdated)
            do {
                for row in standing { try await restore(row, in: &list) }
                for statement in sealed {
                    try list.replace(
                        outdated,
                        envelope: statement.envelope,
                        predicateType: statement.row.predicateType,
                        entry: statement.entry
                    )
                }
            } catch let error as AttestationError { return "\(tag) takes no further attestation: \(error)" }
            guard list != before else { return nil }
            if let present { try await leave(present, before, without: list, at: place) }
            do {
                if !list.layers.isEmpty {
                    try await put(list, at: tag, expecting: present?.digest, repository, place.namespace)
                } else if let present {
                    try await registry.deleteTag(
                        tag,
                        in: repository,
                        by: Self.node,
                        expected: .manifest(present.digest)
                    )
                }
                return nil
            } catch RegistryError.tagChanged { continue } catch RegistryError.manifestUnknown { continue }
        }
        throw JobFailure("others change \(tag) all the time; it is tried again", isRetryable: true)
    }

    /// Puts a published statement back that a list lacks; one whose envelope somebody took out of the registry cannot be.
    private func restore(_ row: ImageAttestation, in list: inout AttachedManifest) async throws {
        guard let envelope = row.envelope, !list.layers.contains(where: { $0.digest == envelope }),
            let size = try await registry.blob(row.repository, envelope)?.size
        else { return }
        let promise = row.promise.flatMap { $0.isEmpty ? nil : $0 }
        try list.append(
            envelope,
            size: size,
            predicateType: row.predicateType,
            entry: try promise.map { try SignedEntryTimestamp(annotation: $0) }
        )
    }

    private func put(
        _ list: AttachedManifest,
        at tag: Tag,
        expecting present: Digest?,
        _ repository: RepositoryName,
        _ namespace: Namespace?
    ) async throws {
        try await registry.putBlob(
            list.configuration,
            to: repository,
            by: Self.node,
            namespace: namespace,
            isOwn: true
        )
        _ = try await registry.putManifest(
            list.document,
            contentType: MediaType.imageManifest,
            to: repository,
            at: .tag(tag),
            by: Self.node,
            expected: present.map { .manifest($0) } ?? .absent,
            namespace: namespace,
            isOwn: true
        )
    }

    private func retire(_ row: ImageAttestation, _ namespace: Namespace?) async throws {
        guard let manifest = row.manifest else { return }
        try await registry.retire(manifest, in: row.repository, by: Self.node, namespace: namespace)
    }
}
