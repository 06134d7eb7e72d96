// SPDX-License-Identifier: EUPL-1.2

/// Media types of the image specification and of Docker's schema 2, and what they mean here.
public enum MediaType {
    /// OCI image manifest.
    public static let imageManifest = "application/vnd.oci.image.manifest.v1+json"
    /// OCI image index.
    public static let imageIndex = "application/vnd.oci.image.index.v1+json"
    /// OCI image configuration.
    public static let imageConfig = "application/vnd.oci.image.config.v1+json"
    /// The configuration of a manifest that needs none: `{}`.
    public static let emptyConfig = "application/vnd.oci.empty.v1+json"
    /// OCI layer, not compressed.
    public static let layerTar = "application/vnd.oci.image.layer.v1.tar"
    /// OCI layer, gzip.
    public static let layerTarGzip = "application/vnd.oci.image.layer.v1.tar+gzip"
    /// OCI layer, Zstandard.
    public static let layerTarZstd = "application/vnd.oci.image.layer.v1.tar+zstd"
    /// OCI layer that may not be pushed, not compressed; deprecated.
    public static let nondistributableLayerTar = "application/vnd.oci.image.layer.nondistributable.v1.tar"
    /// OCI layer that may not be pushed, gzip; deprecated.
    public static let nondistributableLayerTarGzip = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"
    /// OCI layer that may not be pushed, Zstandard; deprecated.
    public static let nondistributableLayerTarZstd = "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd"
    /// Docker image manifest, schema 2.
    public static let dockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
    /// Docker manifest list.
    public static let dockerManifestList = "application/vnd.docker.distribution.manifest.list.v2+json"
    /// Docker image configuration.
    public static let dockerConfig = "application/vnd.docker.container.image.v1+json"
    /// Docker layer, gzip.
    public static let dockerLayerGzip = "application/vnd.docker.image.rootfs.diff.tar.gzip"
    /// Docker layer, not compressed.
    public static let dockerLayer = "application/vnd.docker.image.rootfs.diff.tar"
    /// Docker layer, Zstandard.
    public static let dockerLayerZstd = "application/vnd.docker.image.rootfs.diff.tar.zstd"
    /// Docker layer that is fetched from elsewhere.
    public static let dockerForeignLayer = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
    /// Docker manifest, schema 1, with its signed variant: refused.
    public static let dockerSchema1 = [
        "application/vnd.docker.distribution.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v1+prettyjws",
    ]

    private static let layers: Set<String> = [
        layerTar, layerTarGzip, layerTarZstd, nondistributableLayerTar, nondistributableLayerTarGzip,
        nondistributableLayerTarZstd,
        dockerLayer, dockerLayerGzip, dockerLayerZstd, dockerForeignLayer,
    ]

    /// Whether this is an image manifest, OCI's or Docker's.
    public static func isManifest(_ type: String) -> Bool { type == imageManifest || type == dockerManifest }

    /// Whether this is an index of manifests, OCI's or Docker's.
    public static func isIndex(_ type: String) -> Bool { type == imageIndex || type == dockerManifestList }

    /// Whether this is a file system layer in a form that is known here.
    public static func isLayer(_ type: String) -> Bool { layers.contains(type) }

    /// Whether this is the configuration of a container image, OCI's or Docker's.
    public static func isImageConfig(_ type: String) -> Bool { type == imageConfig || type == dockerConfig }

    /// The type of a header's value: parameters cut off, in lower case.
    public static func essence(_ header: String) -> String {
        let type = header.prefix { $0 != ";" }
        let start = type.firstIndex { $0 != " " && $0 != "\t" } ?? type.endIndex
        let end = type.lastIndex { $0 != " " && $0 != "\t" }.map { type.index(after: $0) } ?? start
        return type[start..<end].lowercased()
    }

    /// Whether a text is `type/subtype` by the grammar of RFC 6838, section 4.2.
    public static func isWellFormed(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: 0x2F, omittingEmptySubsequences: false)
        return parts.count == 2
            && parts.allSatisfy { part in
                guard let first = part.first, part.count <= 127, isAlphanumeric(first) else { return false }
                return part.allSatisfy { isAlphanumeric($0) || "!#$&-^_.+".utf8.contains($0) }
            }
    }

    private static func isAlphanumeric(_ unit: UInt8) -> Bool {
        (unit >= 0x30 && unit <= 0x39) || (unit | 0x20 >= 0x61 && unit | 0x20 <= 0x7A)
    }
}
