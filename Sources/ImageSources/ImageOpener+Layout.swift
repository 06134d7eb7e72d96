// SPDX-License-Identifier: EUPL-1.2

import JSON
package import OCI

extension ImageOpener {
    /// Opens an image of an OCI image layout (image-spec, "Image Layout").
    func openLayout(path: String, selector: ImageSelector?) throws(ImageSourceError) -> OpenedImage {
        let name = "oci:" + path
        // A typing error in the path should be told as such, not as a missing file inside it.
        _ = try OpenDescriptor.directory(path)
        try Self.checkLayoutVersion(try layoutFile(path, "oci-layout"), path: path)
        let index = try Self.layoutIndex(try layoutFile(path, "index.json"), path: path)
        let start = try ImageChoice.entry(of: index, selector: selector, name: name)
        let resolved = try ImageChoice.resolve(start, platform: platform, name: name) {
            descriptor throws(ImageSourceError) in
            try self.blob(descriptor.digest, in: path).contents(
                limit: ImageChoice.manifestLimit,
                name: "manifest \(descriptor.digest)"
            )
        }
        let manifest = resolved.manifest
        let configuration = try blob(manifest.config.digest, in: path)
            .contents(limit: ImageChoice.configurationLimit, name: "configuration \(manifest.config.digest)")
        var layers: [OpenedLayer] = []
        for layer in manifest.layers {
            layers.append(
                OpenedLayer(
                    descriptor: try blob(layer.digest, in: path),
                    mediaType: layer.mediaType,
                    digest: layer.digest
                )
            )
        }
        let tag: String? = if case .name(let text) = selector { text } else { nil }
        return OpenedImage(
            name: path,
            tag: tag,
            content: .manifest(
                OpenedManifest(
                    bytes: resolved.bytes,
                    digest: resolved.digest,
                    configuration: configuration,
                    layers: layers
                )
            )
        )
    }

    private func layoutFile(_ path: String, _ name: String) throws(ImageSourceError) -> [UInt8] {
        do {
            return try OpenDescriptor.file("\(path)/\(name)").contents(
                limit: ImageChoice.manifestLimit,
                name: "\(path)/\(name)"
            )
        } catch .cannotOpen(_, let reason) {
            throw .badLayout(path: path, reason: "\(name): \(reason)")
        }
    }

    private func blob(_ digest: Digest, in path: String) throws(ImageSourceError) -> OpenDescriptor {
        let file = "blobs/\(digest.algorithm.rawValue)/\(digest.hex)"
        do { return try OpenDescriptor.file("\(path)/\(file)") } catch .cannotOpen(_, let reason) {
            throw .badLayout(path: path, reason: "\(file): \(reason)")
        }
    }

    /// Refuses what is not an image layout of version 1.
    package static func checkLayoutVersion(_ bytes: [UInt8], path: String) throws(ImageSourceError) {
        let version: String?
        do { version = try JSONValue(parsing: bytes)["imageLayoutVersion"]?.stringValue } catch {
            throw .badLayout(path: path, reason: "oci-layout is not JSON: \(error)")
        }
        guard let version else { throw .badLayout(path: path, reason: "oci-layout names no imageLayoutVersion") }
        guard version.hasPrefix("1.") else {
            throw .badLayout(path: path, reason: "its layout version is \(version.prefix(40)); 1.0.0 is known")
        }
    }

    /// Parses `index.json`.
    package static func layoutIndex(_ bytes: [UInt8], path: String) throws(ImageSourceError) -> ImageIndex {
        do {
            // Many writers leave the media type out of index.json; its place says what it is.
            if case .index(let index) = try ManifestDocument(parsing: bytes, contentType: MediaType.imageIndex) {
                return index
            }
        } catch {
            throw .badLayout(path: path, reason: "index.json cannot be used: \(error)")
        }
        throw .badLayout(path: path, reason: "index.json is not an index")
    }
}
