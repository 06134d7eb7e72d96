// SPDX-License-Identifier: EUPL-1.2

extension PackageURL {
    /// The purl of an installed Debian package, as syft 1.18.1 writes it.
    ///
    /// - Parameters:
    ///   - name: `Package:` of the stanza.
    ///   - version: `Version:` of the stanza.
    ///   - architecture: `Architecture:` of the stanza.
    ///   - declaredSource: the name in `Source:`; nil where the stanza has no such field, even though the source's name is then known.
    ///   - declaredSourceVersion: the version in parentheses in `Source:`; nil where there is none.
    ///   - distribution: the image's; its id is the namespace, `debian` where it is not known.
    /// - Returns: nil for an empty name.
    public static func debian(
        name: String,
        version: String,
        architecture: String?,
        declaredSource: String?,
        declaredSourceVersion: String?,
        distribution: Distribution?
    ) -> PackageURL? {
        var qualifiers: [String: String] = [:]
        qualifiers["arch"] = architecture
        qualifiers["distro"] = distribution?.purlQualifier
        if let declaredSource {
            qualifiers["upstream"] = declaredSourceVersion.map { "\(declaredSource)@\($0)" } ?? declaredSource
        }
        return PackageURL(
            type: "deb",
            namespace: distribution?.id ?? "debian",
            name: name,
            version: version,
            qualifiers: qualifiers
        )
    }
}
