// SPDX-License-Identifier: EUPL-1.2

import FoundationEssentials
public import JSON
public import OCI

/// One stored layer of a ``BuiltImage``.
public struct BuiltLayer: Sendable {
    /// As stored, compressed.
    public var bytes: [UInt8]
    /// Of ``bytes``.
    public var digest: Digest
    /// Of the uncompressed archive.
    public var diffID: Digest
    /// Media type as the manifest has it.
    public var mediaType: String
}

/// An image as bytes, and ways to put it on disk.
public struct BuiltImage: Sendable {
    /// Bytes of the manifest.
    public var manifest: [UInt8]
    /// Digest of ``manifest``.
    public var manifestDigest: Digest
    /// Media type as the manifest has it.
    public var mediaType: String
    /// Bytes of the configuration.
    public var configuration: [UInt8]
    /// Digest of ``configuration``.
    public var configurationDigest: Digest
    /// The layers, base first.
    public var layers: [BuiltLayer]
    /// Architecture of the platform.
    public var architecture: String
    /// Operating system of the platform.
    public var os: String
    /// Variant of the platform.
    public var variant: String?

    /// Every blob but the manifest, by digest: configuration, then layers.
    public var blobs: [(digest: Digest, bytes: [UInt8])] {
        [(configurationDigest, configuration)] + layers.map { ($0.digest, $0.bytes) }
    }

    /// A descriptor as JSON.
    public static func descriptor(_ mediaType: String, _ digest: Digest, _ size: Int) -> JSONValue {
        ["mediaType": .string(mediaType), "digest": .string(digest.description), "size": .integer(Int64(size))]
    }

    /// The descriptor of the manifest, with its platform.
    public func descriptor(tag: String? = nil) -> JSONValue {
        var platform: [String: JSONValue] = ["architecture": .string(architecture), "os": .string(os)]
        if let variant { platform["variant"] = .string(variant) }
        var object: [String: JSONValue] = [
            "mediaType": .string(mediaType),
            "digest": .string(manifestDigest.description),
            "size": .integer(Int64(manifest.count)),
            "platform": .object(platform),
        ]
        if let tag { object["annotations"] = ["org.opencontainers.image.ref.name": .string(tag)] }
        return .object(object)
    }

    /// Bytes of an OCI index over several images.
    public static func index(of images: [(image: BuiltImage, tag: String?)]) -> [UInt8] {
        let root: JSONValue = [
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.index.v1+json",
            "manifests": .array(images.map { $0.image.descriptor(tag: $0.tag) }),
        ]
        return root.bytes()
    }

    /// The files of an OCI layout with several images: path below the layout and contents.
    public static func layoutFiles(of images: [(image: BuiltImage, tag: String?)]) -> [(path: String, bytes: [UInt8])] {
        var files: [(path: String, bytes: [UInt8])] = [
            ("oci-layout", Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8)), ("index.json", index(of: images)),
        ]
        var seen: Set<String> = []
        for (image, _) in images {
            for (digest, bytes) in [(image.manifestDigest, image.manifest)] + image.blobs
            where seen.insert(digest.hex).inserted {
                files.append(("blobs/sha256/" + digest.hex, bytes))
            }
        }
        return files
    }

    /// Writes an OCI layout with this image into `directory`, which is made if it is not there.
    public func writeOCILayout(to directory: String, tag: String? = nil) throws {
        try Self.writeOCILayout(of: [(self, tag)], to: directory)
    }

    /// Writes an OCI layout with several images into `directory`.
    public static func writeOCILayout(of images: [(image: BuiltImage, tag: String?)], to directory: String) throws {
        try FileManager.default.createDirectory(atPath: directory + "/blobs/sha256", withIntermediateDirectories: true)
        for file in layoutFiles(of: images) {
            try Data(file.bytes).write(to: URL(fileURLWithPath: directory + "/" + file.path))
        }
    }

    /// The OCI layout with this image as one tar archive.
    public func ociArchive(tag: String? = nil) -> [UInt8] {
        var tar = TarBuilder()
        tar.directory("blobs")
        tar.directory("blobs/sha256")
        for file in Self.layoutFiles(of: [(self, tag)]) { tar.file(file.path, file.bytes) }
        return tar.finished()
    }

    /// What `docker save` writes: `manifest.json`, the configuration, uncompressed layers.
    ///
    /// - Parameter uncompressed: the layers' tar archives, in order; the stored layers unless given.
    public func dockerArchive(tags: [String] = [], uncompressed: [[UInt8]]? = nil) -> [UInt8] {
        let bodies = uncompressed ?? layers.map(\.bytes)
        let names = layers.map { $0.diffID.hex + "/layer.tar" }
        let entry: JSONValue = [
            "Config": .string(configurationDigest.hex + ".json"),
            "RepoTags": .array(tags.map { .string($0) }),
            "Layers": .array(names.map { .string($0) }),
        ]
        var tar = TarBuilder()
        tar.file(configurationDigest.hex + ".json", configuration)
        for (name, body) in zip(names, bodies) { tar.file(name, body) }
        tar.file("manifest.json", JSONValue.array([entry]).bytes())
        return tar.finished()
    }
}
