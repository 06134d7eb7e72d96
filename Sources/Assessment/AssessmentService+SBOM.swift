// SPDX-License-Identifier: EUPL-1.2

import Criteria
import Database
import JSON
public import OCI
import Registry
import SBOM

extension AssessmentService {
    /// The SBOM of an image as CycloneDX JSON, written of what was seen when it was looked at; nil while there is none.
    ///
    /// It is kept nowhere: the same evidence gives the same bytes.
    ///
    /// - Returns: for an index the union of its platforms' components.
    public func sbom(repository: RepositoryName, digest: Digest) async throws -> [UInt8]? {
        guard let stored = try await registry.manifest(repository, digest), stored.kind != .artefact else { return nil }
        let key = digest.columns
        let row = try await database.read { transaction in
            try transaction.first(AssessmentSchema.verdict, [.text(repository.text)] + key)
        }
        guard row != nil else { return nil }
        if stored.kind == .image {
            guard let evidence = try await storedEvidence(digest) else { return nil }
            return CycloneDX.document(
                subject: .image(name: repository.text, digest: digest, evidence: evidence.value),
                components: evidence.value.components,
                tool: settings.version,
                timestamp: evidence.analysedAt,
                creator: settings.creator
            ).bytes(.pretty)
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
        return CycloneDX.document(
            subject: SBOMSubject(
                name: repository.text,
                version: index.annotations["org.opencontainers.image.version"],
                digest: digest.description,
                completeness: isComplete ? .unknown : .incomplete
            ),
            components: components,
            tool: settings.version,
            timestamp: stored.firstSeen,
            creator: settings.creator
        ).bytes(.pretty)
    }
}
