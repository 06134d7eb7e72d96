// SPDX-License-Identifier: EUPL-1.2

import Criteria
import Database
import JSON
public import OCI
import Registry
public import SBOM
import Time

/// What an image is made of, and what a document calls it.
private struct ImageContent {
    let subject: SBOMSubject
    let components: [Component]
    let timestamp: Timestamp
}

extension AssessmentService {
    /// The SBOM of an image as CycloneDX JSON, written of what was seen when it was looked at; nil while there is none.
    ///
    /// It is kept nowhere: the same evidence gives the same bytes.
    ///
    /// - Returns: for an index the union of its platforms' components.
    public func sbom(repository: RepositoryName, digest: Digest) async throws -> [UInt8]? {
        guard let content = try await content(of: digest, in: repository) else { return nil }
        return CycloneDX.document(
            subject: content.subject,
            components: content.components,
            tool: settings.version,
            timestamp: content.timestamp,
            creator: settings.creator
        ).bytes(.pretty)
    }

    /// The components of an image, whole; nil while it has no verdict.
    ///
    /// - Returns: for an index the union of its platforms' components.
    public func components(repository: RepositoryName, digest: Digest) async throws -> [Component]? {
        try await content(of: digest, in: repository)?.components
    }

    private func content(of digest: Digest, in repository: RepositoryName) async throws -> ImageContent? {
        guard let stored = try await registry.manifest(repository, digest), stored.kind != .artefact else { return nil }
        let key = digest.columns
        let row = try await database.read { transaction in
            try transaction.first(AssessmentSchema.verdict, [.text(repository.text)] + key)
        }
        guard row != nil else { return nil }
        if stored.kind == .image {
            guard let evidence = try await storedEvidence(digest) else { return nil }
            return ImageContent(
                subject: .image(name: repository.text, digest: digest, evidence: evidence.value),
                components: evidence.value.components,
                timestamp: evidence.analysedAt
            )
        }
        guard
            case .index(let index)? = try? ManifestDocument(parsing: stored.bytes, contentType: stored.mediaType)
        else { return nil }
        let children = Self.children(of: index)
        guard children.count <= settings.maximumPlatforms else { return nil }
        var components: [Component] = []
        var seen = Set<Component>()
        var isComplete = true
        for child in children {
            guard let manifest = try await registry.manifest(repository, child.digest), manifest.kind != .index else {
                isComplete = false
                continue
            }
            guard manifest.kind == .image else { continue }
            guard let evidence = try await storedEvidence(child.digest) else {
                isComplete = false
                continue
            }
            components += evidence.value.components.filter { seen.insert($0).inserted }
        }
        return ImageContent(
            subject: SBOMSubject(
                name: repository.text,
                version: index.annotations["org.opencontainers.image.version"],
                digest: digest.description,
                completeness: isComplete ? .unknown : .incomplete
            ),
            components: components,
            timestamp: stored.firstSeen
        )
    }
}
