// SPDX-License-Identifier: EUPL-1.2

/// One thing that an image is made of: a package, the operating system, a file.
public struct Component: Sendable, Hashable {
    /// What sort of thing a component is, in CycloneDX's words.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// A package.
        case library
        /// The distribution itself.
        case operatingSystem = "operating-system"
        /// A program that stands for itself.
        case application
        /// A file that no package owns.
        case file
    }

    /// What sort of thing this is.
    public var kind: Kind
    /// Whose rules its name and version follow: `deb`.
    public var ecosystem: String
    /// The distribution that the package was built for; nil for packages of languages.
    public var distribution: Distribution?
    /// Name of the (binary) package.
    public var name: String
    /// Version of the (binary) package, as written.
    public var version: String
    /// Name of the source package; never nil for `deb`.
    public var sourceName: String?
    /// Version of the source package; never nil for `deb`.
    public var sourceVersion: String?
    /// `amd64`, `all`.
    public var architecture: String?
    /// Its package URL.
    public var purl: PackageURL?
    /// Who provides it, as written: `Debian OpenSSL Team <…>`.
    public var supplier: String?
    /// SPDX expressions or, failing that, names as found.
    public var licenses: [String]
    /// Text of the purl of the component that brought this one.
    public var ownedBy: String?
    /// Index of the layer, counted from the base, in which this name and version first appears.
    public var layer: Int?
    /// Files that say that it is there, without a leading slash.
    public var paths: [String]
    /// Texts of the purls of the components in the same image that it needs.
    public var dependsOn: [String]
    /// How sure its name is, above 0 and at most 1; below 1 it was inferred from what does not state it, such as the name of a file.
    public var confidence: Double

    /// Makes a component; only its kind, ecosystem, name and version are needed.
    public init(
        kind: Kind = .library,
        ecosystem: String,
        distribution: Distribution? = nil,
        name: String,
        version: String,
        sourceName: String? = nil,
        sourceVersion: String? = nil,
        architecture: String? = nil,
        purl: PackageURL? = nil,
        supplier: String? = nil,
        licenses: [String] = [],
        ownedBy: String? = nil,
        layer: Int? = nil,
        paths: [String] = [],
        dependsOn: [String] = [],
        confidence: Double = 1
    ) {
        self.kind = kind
        self.ecosystem = ecosystem
        self.distribution = distribution
        self.name = name
        self.version = version
        self.sourceName = sourceName
        self.sourceVersion = sourceVersion
        self.architecture = architecture
        self.purl = purl
        self.supplier = supplier
        self.licenses = licenses
        self.ownedBy = ownedBy
        self.layer = layer
        self.paths = paths
        self.dependsOn = dependsOn
        self.confidence = confidence
    }
}
