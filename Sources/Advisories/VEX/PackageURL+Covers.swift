// SPDX-License-Identifier: EUPL-1.2

public import SBOM

extension PackageURL {
    /// Whether a statement about this purl is one about another.
    ///
    /// Without a version it means all versions. A qualifier or a subpath that is here must be there, with the same value; what is there
    /// and not here does not matter.
    ///
    /// Source: OpenVEX, "Package URLs as identifiers" (go-vex, `PurlMatches`).
    public func covers(_ other: PackageURL) -> Bool {
        guard type == other.type, name == other.name, namespace == other.namespace else { return false }
        if let version, version != other.version { return false }
        if let subpath, subpath != other.subpath { return false }
        return qualifiers.allSatisfy { other.qualifiers[$0.key] == $0.value }
    }

    /// The digest that an image's purl has as its version: `sha256:…`.
    ///
    /// What has this digest is that image, from whatever registry it comes.
    var imageDigest: String? {
        guard type == "oci" || type == "docker", let version else { return nil }
        return VEXDigest.text(version)
    }
}
