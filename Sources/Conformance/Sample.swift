// SPDX-License-Identifier: EUPL-1.2

import JSON
import OCI

/// A whole object for one case: what is pushed, in which order, and what is told of it.
struct Sample: Sendable {
    /// How the root gets its tags.
    enum Tagging: Sendable {
        /// It has none: it is pushed by its digest.
        case none
        /// It is pushed by its tag.
        case path
        /// It is pushed by its digest, with the tags as parameters.
        case parameters
    }

    /// Algorithm of every digest in it.
    let algorithm: Digest.Algorithm
    /// Pushed first.
    private(set) var blobs: [SampleBlob] = []
    /// Pushed next; the last one is the root.
    private(set) var manifests: [SampleManifest] = []
    /// Tags of the root.
    var tags: [String] = []
    var tagging = Tagging.path
    /// Whether a registry may refuse it, because it names content that is never pushed.
    var namesMissingContent = false

    init(_ algorithm: Digest.Algorithm = .sha256) { self.algorithm = algorithm }

    var root: SampleManifest? { manifests.last }

    // MARK: Parts

    /// Adds a blob.
    mutating func blob(_ bytes: [UInt8]) -> SampleBlob {
        let blob = SampleBlob(bytes, algorithm)
        // Two equal blobs, such as the empty configuration, are pushed once.
        if !blobs.contains(where: { $0.digest == blob.digest }) { blobs.append(blob) }
        return blob
    }

    /// Adds random layers and returns their descriptors.
    mutating func layers(_ count: Int, _ mediaType: String = MediaType.layerTarGzip) -> JSONValue {
        .array((0..<count).map { _ in blob(SampleBlob.randomBytes(1024)).descriptor(mediaType) })
    }

    /// Adds the configuration of a container image and returns its descriptor.
    mutating func configuration(_ architecture: String = "amd64") -> JSONValue {
        let json: JSONValue = [
            "architecture": .string(architecture), "os": "linux",
            "rootfs": ["type": "layers", "diff_ids": []],
            "config": ["Labels": ["test": .string(SampleBlob.randomWord())]],
        ]
        return blob(json.bytes()).descriptor(MediaType.imageConfig)
    }

    /// Adds the empty configuration and returns its descriptor.
    mutating func emptyConfiguration() -> JSONValue { blob(Array("{}".utf8)).descriptor(MediaType.emptyConfig) }

    // MARK: Manifests

    /// Adds a manifest.
    @discardableResult
    mutating func add(_ manifest: SampleManifest) -> SampleManifest {
        manifests.append(manifest)
        return manifest
    }

    /// Adds a container image.
    @discardableResult
    mutating func image(
        _ architecture: String = "amd64",
        layers count: Int = 2,
        mediaType: String = MediaType.layerTarGzip,
        annotations: [String: String] = [:],
        subject: JSONValue? = nil
    ) -> SampleManifest {
        let config = configuration(architecture)
        let layers = layers(count, mediaType)
        return add(
            SampleManifest(
                ["config": config, "layers": layers],
                mediaType: MediaType.imageManifest,
                algorithm: algorithm,
                subject: subject,
                annotations: annotations
            )
        )
    }

    /// Adds an artifact with one layer; with none when `data` is nil, then the empty descriptor stands in its place.
    @discardableResult
    mutating func artifact(
        _ type: String,
        data: [UInt8]? = SampleBlob.randomBytes(600),
        annotations: [String: String] = [:],
        subject: JSONValue? = nil
    ) -> SampleManifest {
        let config = emptyConfiguration()
        let layer = data.map { blob($0).descriptor("application/octet-stream") } ?? config
        // Artifacts without content of their own would otherwise be equal in every run.
        let annotations = annotations.merging(["org.example.test": SampleBlob.randomWord()]) { own, _ in own }
        return add(
            SampleManifest(
                ["config": config, "layers": [layer]],
                mediaType: MediaType.imageManifest,
                algorithm: algorithm,
                subject: subject,
                artifactType: type,
                annotations: annotations
            )
        )
    }

    /// Adds an index.
    @discardableResult
    mutating func index(
        _ children: [JSONValue],
        type: String? = nil,
        annotations: [String: String] = [:],
        subject: JSONValue? = nil
    ) -> SampleManifest {
        let annotations = annotations.merging(["org.example.test": SampleBlob.randomWord()]) { own, _ in own }
        return add(
            SampleManifest(
                ["manifests": .array(children)],
                mediaType: MediaType.imageIndex,
                algorithm: algorithm,
                subject: subject,
                artifactType: type,
                annotations: annotations
            )
        )
    }
}
