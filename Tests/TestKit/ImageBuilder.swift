// SPDX-License-Identifier: EUPL-1.2

import JSON
import OCI

/// Builds small images in memory: layers, configuration, manifest.
///
/// ```swift
/// var image = ImageBuilder()
/// image.user = "1000"
/// image.layer { tar in tar.file("etc/os-release", text: "ID=debian\n") }
/// let built = image.built()
/// try built.writeOCILayout(to: directory.path, tag: "1.0.0")
/// ```
public struct ImageBuilder: Sendable {
    /// One layer: an uncompressed tar archive and how it is stored.
    public struct Layer: Sendable {
        /// The uncompressed archive.
        public var tar: [UInt8]
        /// How it is stored.
        public var compression: TestCompression
        /// Bytes that are stored instead of the compressed tar, for broken layers.
        public var stored: [UInt8]?

        /// A layer from its archive.
        public init(tar: [UInt8], compression: TestCompression, stored: [UInt8]? = nil) {
            self.tar = tar
            self.compression = compression
            self.stored = stored
        }
    }

    /// `architecture` of the configuration.
    public var architecture = "amd64"
    /// `os` of the configuration.
    public var os = "linux"
    /// `variant` of the configuration.
    public var variant: String?
    /// `created` of the configuration and of every history entry.
    public var created: String? = "2026-11-01T10:00:00Z"
    /// `config.User`.
    public var user: String?
    /// `config.Env`.
    public var environment = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
    /// `config.Entrypoint`.
    public var entrypoint: [String]?
    /// `config.Cmd`.
    public var command: [String]? = ["/bin/sh"]
    /// `config.ExposedPorts`, such as `8080/tcp`.
    public var exposedPorts: [String] = []
    /// `config.Volumes`.
    public var volumes: [String] = []
    /// `config.WorkingDir`.
    public var workingDirectory: String?
    /// `config.Labels`.
    public var labels: [String: String] = [:]
    /// Annotations of the manifest.
    public var annotations: [String: String] = [:]
    /// `created_by` of the history entries; one per layer is made up when empty.
    public var history: [String] = []
    /// Docker schema 2 media types instead of OCI's.
    public var isDocker = false
    /// The layers, base first.
    public var layers: [Layer] = []

    /// An image without layers.
    public init() {}

    /// Adds a layer that `build` fills.
    public mutating func layer(_ compression: TestCompression = .gzip, _ build: (inout TarBuilder) -> Void) {
        var tar = TarBuilder()
        build(&tar)
        layers.append(Layer(tar: tar.finished(), compression: compression))
    }

    /// Adds a layer from an archive.
    public mutating func layer(tar: [UInt8], compression: TestCompression = .gzip) {
        layers.append(Layer(tar: tar, compression: compression))
    }

    /// A Debian 12 image with one package in its database.
    public static func debian(package: String, version: String) -> BuiltImage {
        var image = ImageBuilder()
        image.layer { tar in
            tar.file("etc/os-release", text: "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n")
            tar.file(
                "var/lib/dpkg/status",
                text: """
                    Package: \(package)
                    Status: install ok installed
                    Maintainer: Somebody <team@example.org>
                    Architecture: amd64
                    Version: \(version)

                    """
            )
        }
        return image.built()
    }

    /// The image.
    public func built() -> BuiltImage {
        let builtLayers = layers.map { layer in
            let bytes = layer.stored ?? layer.compression.compressed(layer.tar)
            return BuiltLayer(
                bytes: bytes,
                digest: .sha256(bytes),
                diffID: .sha256(layer.tar),
                mediaType: mediaType(of: layer.compression)
            )
        }
        let configuration = configurationJSON(builtLayers).bytes()
        let configurationType =
            isDocker ? "application/vnd.docker.container.image.v1+json" : "application/vnd.oci.image.config.v1+json"
        let manifestType =
            isDocker
            ? "application/vnd.docker.distribution.manifest.v2+json" : "application/vnd.oci.image.manifest.v1+json"
        var manifest: [String: JSONValue] = [
            "schemaVersion": 2,
            "mediaType": .string(manifestType),
            "config": BuiltImage.descriptor(configurationType, .sha256(configuration), configuration.count),
            "layers": .array(builtLayers.map { BuiltImage.descriptor($0.mediaType, $0.digest, $0.bytes.count) }),
        ]
        if !annotations.isEmpty { manifest["annotations"] = .object(annotations.mapValues { .string($0) }) }
        let bytes = JSONValue.object(manifest).bytes()
        return BuiltImage(
            manifest: bytes,
            manifestDigest: .sha256(bytes),
            mediaType: manifestType,
            configuration: configuration,
            configurationDigest: .sha256(configuration),
            layers: builtLayers,
            architecture: architecture,
            os: os,
            variant: variant
        )
    }

    private func mediaType(of compression: TestCompression) -> String {
        if isDocker {
            return compression == .gzip
                ? "application/vnd.docker.image.rootfs.diff.tar.gzip" : "application/vnd.docker.image.rootfs.diff.tar"
        }
        switch compression {
        case .none: return "application/vnd.oci.image.layer.v1.tar"
        case .gzip: return "application/vnd.oci.image.layer.v1.tar+gzip"
        case .zstd: return "application/vnd.oci.image.layer.v1.tar+zstd"
        }
    }

    private func configurationJSON(_ builtLayers: [BuiltLayer]) -> JSONValue {
        func strings(_ values: [String]) -> JSONValue { .array(values.map { .string($0) }) }
        func set(_ values: [String]) -> JSONValue {
            .object(Dictionary(values.map { ($0, JSONValue.object([:])) }, uniquingKeysWith: { first, _ in first }))
        }
        var config: [String: JSONValue] = ["Env": strings(environment)]
        if let user { config["User"] = .string(user) }
        if let entrypoint { config["Entrypoint"] = strings(entrypoint) }
        if let command { config["Cmd"] = strings(command) }
        if !exposedPorts.isEmpty { config["ExposedPorts"] = set(exposedPorts) }
        if !volumes.isEmpty { config["Volumes"] = set(volumes) }
        if let workingDirectory { config["WorkingDir"] = .string(workingDirectory) }
        if !labels.isEmpty { config["Labels"] = .object(labels.mapValues { .string($0) }) }
        let createdBy = history.isEmpty ? builtLayers.indices.map { "ADD layer \($0)" } : history
        let entries = createdBy.enumerated().map { index, text -> JSONValue in
            var entry: [String: JSONValue] = ["created_by": .string(text)]
            if let created { entry["created"] = .string(created) }
            if index >= builtLayers.count { entry["empty_layer"] = true }
            return .object(entry)
        }
        var root: [String: JSONValue] = [
            "architecture": .string(architecture),
            "os": .string(os),
            "config": .object(config),
            "rootfs": ["type": "layers", "diff_ids": strings(builtLayers.map(\.diffID.description))],
            "history": .array(entries),
        ]
        if let variant { root["variant"] = .string(variant) }
        if let created { root["created"] = .string(created) }
        return .object(root)
    }
}
