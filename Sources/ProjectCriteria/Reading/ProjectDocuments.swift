// SPDX-License-Identifier: EUPL-1.2

/// The files whose text checks read.
public enum ProjectDocuments {
    /// Whether the text of a file at this path is kept as evidence.
    public static func isRead(_ path: String) -> Bool {
        let parts = path.split(separator: "/")
        guard let name = parts.last.map(String.init) else { return false }
        let upper = name.uppercased()
        if parts.count == 1 {
            let stems = ["README", "SECURITY", "CONTRIBUTING", "CHANGELOG", "CHANGES", "NEWS", "SUPPORT", "LICENSE", "LICENCE", "COPYING"]
            if stems.contains(where: { upper.hasPrefix($0) }) { return true }
            if ["publiccode.yml", "REUSE.toml"].contains(name) { return true }
        }
        if path == ".reuse/dep5" || SecurityText.isOne(path) || PipelineFiles.isPipeline(path) || ContainerFile.isOne(path) {
            return true
        }
        return Manifests.ecosystems.contains { $0.manifests.contains(name) } && !Manifests.isSample(path)
    }
}
