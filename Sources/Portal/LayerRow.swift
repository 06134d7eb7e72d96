// SPDX-License-Identifier: EUPL-1.2

import Assessment
import OCI

/// One layer as it stands in the table.
struct LayerRow: Sendable {
    let number: String
    let command: String
    let size: String
    let mediaType: String
    let digest: String

    /// The layers of an image, with the step of the history that made each; none for an index.
    static func rows(_ parts: ImageQueries.Parts, _ language: Language) -> [LayerRow] {
        guard case .image(let manifest)? = try? ManifestDocument(parsing: parts.manifest, contentType: parts.mediaType)
        else {
            return []
        }
        let configuration = parts.configuration.flatMap { try? ImageConfiguration(parsing: $0) }
        let steps = configuration?.history.filter { !$0.emptyLayer } ?? []
        // A history that does not fit the layers says nothing about any of them.
        let commands = steps.count == manifest.layers.count ? steps.map { $0.createdBy ?? $0.comment ?? "" } : []
        return manifest.layers.enumerated().map { index, layer in
            LayerRow(
                number: String(index),
                command: commands.isEmpty ? "–" : String(commands[index].prefix(500)),
                size: language.size(layer.size),
                mediaType: layer.mediaType,
                digest: layer.digest.description
            )
        }
    }
}
