// SPDX-License-Identifier: EUPL-1.2

/// The files whose text checks read.
public enum ProjectDocuments {
    /// Whether the text of a file at this path is kept as evidence.
    public static func isRead(_ path: String) -> Bool {
        let parts = path.split(separator: "/")
        guard let name = parts.last.map(String.init) else { return false }
        let upper = name.uppercased()
        if parts.count == 1 {
            let stems = [
                "README", "SECURITY", "CONTRIBUTING", "CHANGELOG", "CHANGES", "NEWS", "SUPPORT", "LICENSE", "LICENCE",
                "COPYING",
            ]
            if stems.contains(where: { upper.hasPrefix($0) }) { return true }
            if ["publiccode.yml", "REUSE.toml"].contains(name) { return true }
        }
        if path == ".reuse/dep5" || SecurityText.isOne(path) || PipelineFiles.isPipeline(path)
            || ContainerFile.isOne(path)
        {
            return true
        }
        return Manifests.ecosystems.contains { $0.manifests.contains(name) } && !Manifests.isSample(path)
    }
}

extension ProjectDocuments {
    /// Whether a pipeline is described at this path.
    public static func isPipeline(_ path: String) -> Bool { PipelineFiles.isPipeline(path) }

    /// Whether an image is described at this path.
    public static func isContainerFile(_ path: String) -> Bool {
        ContainerFile.isOne(path) && !Manifests.isSample(path)
    }

    /// References from outside that a Containerfile builds on.
    public static func bases(of text: String) -> [String] { ContainerFile.bases(text) }

    /// What `SECURITY.md` in the root says: whether it names a contact, and whether it says how reports are dealt with.
    ///
    /// - Returns: nil where nobody can tell, since the files or the text could not be read; no path where there is no such file.
    public static func securityFile(
        of evidence: ProjectEvidence
    ) -> (path: String?, hasContact: Bool, hasPolicy: Bool)? {
        guard let path = evidence.rootFile(["SECURITY.md"]) else {
            return evidence.files.isEmpty && evidence.filesCut != nil ? nil : (nil, false, false)
        }
        guard let text = evidence.documents[path] else { return nil }
        let sections = ProseSections(text)
        return (path, sections.hasContact, sections.hasResponseTime && sections.hasPrivateChannel)
    }

    /// The licence that a project has: whether there is any text, its SPDX identifier, and the file in the root with its text.
    public static func licence(of evidence: ProjectEvidence) -> (exists: Bool, identifier: String?, path: String?) {
        let found = ProjectLicence(evidence)
        return (!found.paths.isEmpty, found.identifiers.first, found.paths.first { !$0.contains("/") })
    }
}
