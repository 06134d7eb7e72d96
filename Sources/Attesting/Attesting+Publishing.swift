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
        guard !sealed.isEmpty || !old.isEmpty else { return nil }
        for statement in sealed { try await push(statement, subject) }
        let problem = try await attach(sealed, taking: old, repository, digest, subject.namespace)
        for row in old { try await retire(row, subject.namespace) }
        let new = sealed.map(\.row)
        try await database.write { t in
            for row in old { try t.execute(AttestingSchema.delete, [.integer(row.id)]) }
            for row in new { try t.execute(AttestingSchema.publish, [.integer(row.id)]) }
        }
        return problem
    }

    /// Takes everything back that was said about an image.
    func takeBack(
        _ rows: [ImageAttestation],
        _ repository: RepositoryName,
        _ digest: Digest,
        _ namespace: Namespace?
    ) async throws {
        _ = try await attach([], taking: rows, repository, digest, namespace)
        for row in rows { try await retire(row, namespace) }
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
    /// - Returns: why the list was left alone; nil when it was not.
    private func attach(
        _ sealed: [Sealed],
        taking old: [ImageAttestation],
        _ repository: RepositoryName,
        _ digest: Digest,
        _ namespace: Namespace?
    ) async throws -> String? {
        let tag = try AttachedManifest.tag(.attestations, of: digest)
        let superseded = Set(old.compactMap(\.envelope))
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
            list.remove(superseded)
            do {
                for statement in sealed {
                    try list.replace(
                        superseded,
                        envelope: statement.envelope,
                        predicateType: statement.row.predicateType,
                        entry: statement.entry
                    )
                }
            } catch { return "\(tag) takes no further attestation: \(error)" }
            guard list != before else { return nil }
            do {
                if list.layers.isEmpty {
                    try await registry.deleteTag(tag, in: repository, by: Self.node)
                } else {
                    try await put(list, at: tag, expecting: present?.digest, repository, namespace)
                }
            } catch RegistryError.tagChanged { continue }
            if let present, present.firstSeenBy == Self.node.name {
                let blobs = [Digest.sha256(before.configuration)] + superseded
                try await registry.retire(
                    present.digest,
                    blobs: blobs,
                    in: repository,
                    by: Self.node,
                    namespace: namespace
                )
            }
            return nil
        }
        throw JobFailure("others change \(tag) all the time; it is tried again", isRetryable: true)
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
        try await registry.retire(
            manifest,
            blobs: [row.bundle, row.envelope].compactMap { $0 },
            in: row.repository,
            by: Self.node,
            namespace: namespace
        )
    }
}
