// SPDX-License-Identifier: EUPL-1.2

import DurableFiles
import Glibc
import ImageSources
import JSON
import OCI

/// Writes an OCI image layout in a directory, beside what is in it already.
///
/// Blobs are whole and durable before `index.json` names what they belong to.
///
/// Source: OCI image-spec v1.1.1, "Image Layout".
struct LayoutWriter {
    let path: String
    private let files: FileOperations

    /// A layout, made where there is none; another layout's directory is added to.
    init(path: String, files: FileOperations = .live) throws {
        self.path = path
        self.files = files
        try files.makeDirectories(path + "/blobs/sha256")
        if let version = try files.contents(of: path + "/oci-layout", limit: 1 << 16) {
            try ImageOpener.checkLayoutVersion(version, path: path)
        } else {
            // A directory with an index and without this file is something else.
            guard try files.statusAt(path + "/index.json") == nil else {
                throw FeedBundleError(path, "it has an index.json and no oci-layout; name another directory")
            }
            try files.replace(path + "/oci-layout", bytes: Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8))
        }
    }

    private func blobPath(_ digest: Digest) -> String { "\(path)/blobs/\(digest.algorithm.rawValue)/\(digest.hex)" }

    /// Writes a small blob.
    func put(_ bytes: [UInt8], mediaType: String) throws -> Descriptor {
        let descriptor = Descriptor(mediaType: mediaType, digest: .sha256(bytes), size: Int64(bytes.count))
        if try files.statusAt(blobPath(descriptor.digest))?.size != descriptor.size {
            try files.replace(blobPath(descriptor.digest), bytes: bytes)
        }
        return descriptor
    }

    /// Writes a blob from pieces, whose digest is known at the end.
    func put(
        mediaType: String,
        _ fill: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) throws -> Descriptor {
        let temporary = "\(path)/blobs/sha256/.new-\(String(UInt64.random(in: .min ... .max), radix: 16))"
        let file = try files.create(temporary, 0o644)
        do {
            defer { files.close(file) }
            var hasher = DigestHasher()
            var size: Int64 = 0
            try fill { bytes in
                try files.write(file, bytes, size)
                hasher.update(bytes)
                size += Int64(bytes.count)
            }
            try files.synchronise(file)
            let digest = hasher.finalized()
            try files.rename(temporary, blobPath(digest))
            try files.synchroniseDirectory(path + "/blobs/sha256")
            return Descriptor(mediaType: mediaType, digest: digest, size: size)
        } catch {
            _ = try? files.remove(temporary)
            throw error
        }
    }

    /// Names a manifest or index; what had the name before loses it, and is still there by its digest.
    func name(_ descriptor: Descriptor, _ tag: String?) throws {
        let key = "org.opencontainers.image.ref.name"
        var index = ImageIndex(manifests: [])
        if let bytes = try files.contents(of: path + "/index.json", limit: ImageChoice.manifestLimit) {
            index = try ImageOpener.layoutIndex(bytes, path: path)
        }
        index.manifests.removeAll { $0.digest == descriptor.digest }
        for place in index.manifests.indices where tag != nil && index.manifests[place].annotations[key] == tag {
            index.manifests[place].annotations[key] = nil
        }
        var named = descriptor
        if let tag { named.annotations[key] = tag }
        index.manifests.append(named)
        try files.replace(path + "/index.json", bytes: index.json.bytes(.compact))
    }
}
