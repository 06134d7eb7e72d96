// SPDX-License-Identifier: EUPL-1.2

internal import Accounts
internal import Audit
public import Database
internal import JSON
internal import OCI
internal import Registry
internal import Time
internal import Transparency

extension Releases {
    /// The handlers that a node's job runner needs for this room.
    public var jobs: [String: JobRunner.Handler] { [Self.job: { job in try await run(job) }] }

    /// Goes as far as it can; what was done before is found by its rows.
    ///
    /// - Throws: what another attempt may cure; the reason then stands in the row, and the release stays pending.
    func run(_ job: Job) async throws {
        guard let id = Int64(job.subject), let release = try await release(id), release.state == .pending else {
            return
        }
        do {
            try await complete(release)
        } catch let error as ReleaseError {
            try await end(release, .failed, "\(error)")
        } catch let error as RegistryError where !error.isRetryable {
            try await end(release, .failed, Self.text(of: error))
        } catch TransparencyError.refused(_, let reason) {
            try await end(release, .failed, "the log does not take its signatures: \(reason)")
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            let text = String("\(error)".prefix(1_000))
            _ = try await database.write { t in
                try t.execute(ReleasesSchema.note, [.text(text), .integer(release.id)])
            }
            throw error
        }
    }

    private func complete(_ release: Release) async throws {
        guard let access = try await accounts.access(of: nil, to: release.repository) else {
            throw ReleaseError.refused("the repository is closed")
        }
        let namespace = access.namespace
        if namespace?.freeze != nil { throw ReleaseError.refused("the namespace was frozen before it was signed") }
        guard let summary = try await registry.manifestSummary(release.repository, release.digest) else {
            throw ReleaseError.refused(
                "\(release.digest) is no longer in \(release.repository); push it, then release it again"
            )
        }
        try await checkGate(release.repository, summary, namespace)
        let images = try await images(of: release)
        for image in images { try await sign(image, release, namespace) }
        for signature in try await signatures(of: release) where signature.document == nil {
            try await seal(signature)
        }
        for image in images {
            for signature in try await signatures(of: release) where signature.digest == image.digest {
                try await publish(signature, of: image, release, namespace)
            }
        }
        // Before the tag moves: rules ask for it, on pushes and on pulls.
        let now = clock.now()
        try await database.write { t in
            try Registry.noteRelease(
                t,
                of: images.map(\.digest),
                in: release.repository,
                isLogged: release.isLogged,
                at: now
            )
        }
        try await moveTag(release, images[0], namespace)
        try await end(release, .signed, nil)
    }

    /// The image itself first, then those of its index: clients verify the one that they choose from it.
    private func images(of release: Release) async throws -> [SignedImage] {
        let first = try await image(release.digest, of: release)
        var found = [first]
        guard case .index(let index) = first.document else { return found }
        guard index.manifests.count < Self.maximumImages else {
            throw ReleaseError.refused("its index has more than \(Self.maximumImages) images")
        }
        for child in index.manifests where !found.contains(where: { $0.digest == child.digest }) {
            let image = try await image(child.digest, of: release)
            if case .index = image.document {
                throw ReleaseError.refused("its index names another index, \(child.digest), which no client looks into")
            }
            found.append(image)
        }
        return found
    }

    private func image(_ digest: Digest, of release: Release) async throws -> SignedImage {
        guard digest.algorithm == .sha256 else {
            throw ReleaseError.refused("its index names \(digest), and only SHA-256 digests can be signed")
        }
        guard let manifest = try await registry.manifest(release.repository, digest) else {
            throw ReleaseError.refused(
                "\(digest) is not in \(release.repository); push the whole image, then release it again"
            )
        }
        do {
            return SignedImage(
                digest: digest,
                bytes: manifest.bytes,
                mediaType: manifest.mediaType,
                document: try ManifestDocument(parsing: manifest.bytes, contentType: manifest.mediaType)
            )
        } catch { throw ReleaseError.refused("\(digest) cannot be read: \(error)") }
    }

    /// The tag moves as by anybody who may move it, under the rules of its namespace.
    private func moveTag(_ release: Release, _ image: SignedImage, _ namespace: Namespace?) async throws {
        _ = try await registry.putManifest(
            image.bytes,
            contentType: image.mediaType,
            to: release.repository,
            at: .tag(release.tag),
            by: Self.node,
            namespace: namespace
        )
    }

    private func end(_ release: Release, _ state: Release.State, _ problem: String?) async throws {
        let now = clock.now()
        let values: [SQLValue] = [
            .integer(state.rawValue), .optional(problem.map { String($0.prefix(1_000)) }), .time(now),
            .integer(release.id),
        ]
        try await database.write { t in
            guard try t.execute(ReleasesSchema.end, values) == 1 else { return }
            // The move of the tag came before: only now is the tag one of a release.
            if state == .signed {
                try JobQueue.enqueue(
                    t,
                    kind: Registry.assessmentJob,
                    subject: Registry.assessmentSubject(release.repository, release.digest),
                    priority: .push,
                    now: now
                )
            }
            try AuditLog.append(
                t,
                actor: Self.node.name,
                action: state == .signed ? "release.signed" : "release.failed",
                subject: "\(release.repository)@\(release.digest)",
                detail: [
                    "tag": .string(release.tag.text), "release": .integer(release.id), "problem": .optional(problem),
                ],
                at: now
            )
        }
    }

    /// What a refusal of the registry says to whoever released.
    private static func text(of error: RegistryError) -> String {
        switch error {
        case .refusedByPolicy(let refusal), .policyUnknown(let refusal, _):
            "a rule of the namespace is against it: \(refusal)"
        case .manifestBlobsUnknown(let manifest, let name, _): "\(manifest) names blobs that \(name) does not hold"
        default: "the registry refused it: \(error)"
        }
    }
}

/// An image that is signed.
struct SignedImage: Sendable {
    let digest: Digest
    let bytes: [UInt8]
    let mediaType: String
    let document: ManifestDocument
}
