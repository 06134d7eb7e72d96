// SPDX-License-Identifier: EUPL-1.2

import Blobs
import Criteria
import Database
import ImageSources
import Inventory
import JSON
import OCI
import Registry
import Time

/// Evidence of one image, with the bytes that its digest is over.
struct Evidence: Sendable {
    let value: ImageEvidence
    let digest: Digest
    let analysedAt: Timestamp
    /// Its files, which are no part of those bytes.
    let files: ImageFiles
}

/// An image that can never be assessed as it is, whatever is tried again.
struct Unassessable: Error, Sendable, CustomStringConvertible {
    let description: String
}

extension AssessmentService {
    /// The evidence of an image: stored from an earlier look, else by having the child look.
    ///
    /// Evidence depends on the manifest's digest alone, so new advisories never have an image read again.
    func evidence(of manifest: StoredManifest, in repository: RepositoryName) async throws -> Evidence {
        if let known = try await storedEvidence(manifest.digest) { return known }
        return try await locks.withLock(manifest.digest) {
            // Somebody else may have looked while this task waited.
            if let known = try await storedEvidence(manifest.digest) { return known }
            let input = try await input(for: manifest, in: repository)
            let value = try await analyse(input)
            let bytes = value.json.bytes(.rfc8785)
            let document = try documents.put(bytes)
            var listed = ImageFiles()
            if let manifest = value.manifest { listed = try await self.files.put(manifest) }
            let files = listed
            let now = clock.now()
            let key = manifest.digest.columns
            try await database.write { transaction in
                try transaction.execute(
                    AssessmentSchema.putEvidence,
                    key + [.integer(Self.evidenceFormat), .blob(document.bytes), .time(now), .blob(files.bytes)]
                )
            }
            return Evidence(value: value, digest: document, analysedAt: now, files: files)
        }
    }

    /// The evidence of an earlier look; nil where there is none that can be read.
    func storedEvidence(_ digest: Digest) async throws -> Evidence? {
        let key = digest.columns + [.integer(Self.evidenceFormat)]
        let row = try await database.read { transaction in
            try transaction.first(AssessmentSchema.evidence, key).map {
                (try $0.bytes(0), try $0.time(1), try $0.optionalBytes(2))
            }
        }
        guard let (document, analysedAt, listed) = row,
            let bytes = try documents.get(try Digest(algorithm: .sha256, bytes: document)),
            let files = try? ImageFiles(bytes: listed ?? [])
        else { return nil }
        let limits = JSONLimits(bytes: 1 << 30, values: .max)
        guard let value = try? ImageEvidence(json: JSONFields(JSONValue(parsing: bytes, limits: limits))) else {
            // Written by another version: look again.
            return nil
        }
        return Evidence(value: value, digest: .sha256(bytes), analysedAt: analysedAt, files: files)
    }

    /// Gathers what the child reads: layers as open files, small things as bytes.
    ///
    /// Nothing of the image is parsed beyond the manifest, which the registry parsed when it came.
    private func input(for stored: StoredManifest, in repository: RepositoryName) async throws -> AnalyserInput {
        let manifest: ImageManifest
        do {
            guard case .image(let image) = try ManifestDocument(parsing: stored.bytes, contentType: stored.mediaType)
            else {
                throw Unassessable(description: "\(stored.digest) is an index where an image was expected")
            }
            manifest = image
        } catch let error as ManifestError {
            throw Unassessable(description: "the manifest cannot be read: \(error)")
        }
        // The child refuses more as well; here each would be an open file of the node first.
        let most = AnalysisLimits.standard.layers
        guard manifest.layers.count <= most else {
            throw Unassessable(
                description: "the image has \(manifest.layers.count) layers; at most \(most) are read: "
                    + "build it with fewer"
            )
        }
        let configuration = try await bytes(
            of: manifest.config,
            what: "configuration",
            limit: ImageChoice.configurationLimit,
            in: repository
        )
        var layers: [AnalyserInput.Layer] = []
        for (index, layer) in manifest.layers.enumerated() {
            let bytes: AnalyserInput.Layer.Bytes =
                switch try await location(of: layer, what: "layer \(index)", in: repository) {
                case .inline(let bytes): .memory(bytes)
                case .stored(let key, let size):
                    .descriptor(try .file(try blobs.path(key)), offset: 0, length: size)
                }
            layers.append(AnalyserInput.Layer(bytes: bytes, mediaType: layer.mediaType, digest: layer.digest))
        }
        return AnalyserInput(
            manifest: stored.bytes,
            digest: stored.digest,
            configuration: configuration,
            layers: layers
        )
    }

    private func location(of blob: Descriptor, what: String, in repository: RepositoryName) async throws -> BlobLocation
    {
        guard let location = try await registry.blob(repository, blob.digest) else {
            throw Unassessable(
                description: "\(what) \(blob.digest) of type \(blob.mediaType.prefix(100)) is not in this repository; "
                    + "push it, then push the manifest again"
            )
        }
        return location
    }

    private func bytes(
        of blob: Descriptor,
        what: String,
        limit: Int,
        in repository: RepositoryName
    ) async throws -> [UInt8] {
        switch try await location(of: blob, what: what, in: repository) {
        case .inline(let bytes): return bytes
        case .stored(let key, let size):
            guard size <= Int64(limit) else {
                throw Unassessable(description: "the \(what) has \(size) bytes; at most \(limit) are read")
            }
            return try OpenDescriptor.file(try blobs.path(key)).contents(limit: limit, name: "\(what) \(blob.digest)")
        }
    }
}
