// SPDX-License-Identifier: EUPL-1.2

public import ImageSources
public import OCI

/// What one analyser child is given to read.
public struct AnalyserInput: Sendable {
    /// A layer as the caller has it.
    public struct Layer: Sendable {
        /// Where its bytes are.
        public enum Bytes: Sendable {
            /// A piece of an open file; `length` nil: to its end.
            case descriptor(OpenDescriptor, offset: Int64, length: Int64?)
            /// A small layer in memory.
            case memory([UInt8])
        }

        /// Where its bytes are.
        public var bytes: Bytes
        /// Media type of its descriptor.
        public var mediaType: String
        /// Digest of its descriptor.
        public var digest: Digest?
        /// What an earlier reading told.
        var record: OpenDescriptor?

        /// A layer.
        public init(bytes: Bytes, mediaType: String, digest: Digest?) {
            self.bytes = bytes
            self.mediaType = mediaType
            self.digest = digest
        }
    }

    enum Content: Sendable {
        case layer(Layer)
        case manifest(bytes: [UInt8], digest: Digest?, configuration: [UInt8], layers: [Layer])
        case archive(OpenedArchive)
        case rootDirectory(OpenDescriptor)
    }

    let content: Content

    init(content: Content) { self.content = content }

    /// An image that was opened.
    public init(_ image: OpenedImage) {
        switch image.content {
        case .manifest(let manifest):
            let layers = manifest.layers.map {
                Layer(
                    bytes: .descriptor($0.descriptor, offset: $0.offset, length: $0.length),
                    mediaType: $0.mediaType,
                    digest: $0.digest
                )
            }
            content = .manifest(
                bytes: manifest.bytes,
                digest: manifest.digest,
                configuration: manifest.configuration,
                layers: layers
            )
        case .archive(let archive): content = .archive(archive)
        case .rootDirectory(let directory): content = .rootDirectory(directory)
        }
    }

    /// An image whose parts the caller holds.
    ///
    /// - Parameters:
    ///   - manifest: the manifest's bytes as stored.
    ///   - digest: the digest under which it is known; the child recomputes it.
    ///   - configuration: the configuration's bytes as stored.
    ///   - layers: from the base up, one for each layer of the manifest.
    public init(manifest: [UInt8], digest: Digest?, configuration: [UInt8], layers: [Layer]) {
        content = .manifest(bytes: manifest, digest: digest, configuration: configuration, layers: layers)
    }
}
