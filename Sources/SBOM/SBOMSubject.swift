// SPDX-License-Identifier: EUPL-1.2

/// What an SBOM is about: one image, or a root file system.
public struct SBOMSubject: Sendable, Hashable {
    /// How far the list of components goes.
    public enum Completeness: String, Sendable, Hashable, CaseIterable {
        /// Everything in the image is in the list.
        case complete
        /// Something is known to be missing from the list.
        case incomplete
        /// It is not known whether something is missing.
        case unknown
    }

    /// Repository, or path of the file system.
    public var name: String
    /// Tag, where there is one.
    public var version: String?
    /// Digest of the image manifest, `sha256:…`; nil for a root file system.
    public var digest: String?
    /// `amd64`.
    public var architecture: String?
    /// `linux`.
    public var operatingSystem: String?
    /// The distribution inside.
    public var distribution: Distribution?
    /// Labels of the image configuration or annotations of the manifest; those of `org.opencontainers.image.` are read.
    public var labels: [String: String]
    /// How far the list of components goes.
    public var completeness: Completeness

    /// Makes a subject.
    public init(
        name: String,
        version: String? = nil,
        digest: String? = nil,
        architecture: String? = nil,
        operatingSystem: String? = nil,
        distribution: Distribution? = nil,
        labels: [String: String] = [:],
        completeness: Completeness = .unknown
    ) {
        self.name = name
        self.version = version
        self.digest = digest
        self.architecture = architecture
        self.operatingSystem = operatingSystem
        self.distribution = distribution
        self.labels = labels
        self.completeness = completeness
    }
}

/// Who makes an SBOM: TR-03183-2 demands an e-mail address, else a URL.
public struct SBOMCreator: Sendable, Hashable {
    /// The organisation's name.
    public var name: String
    /// Address of a function, not of a person.
    public var email: String?
    /// `https://…`.
    public var url: String?

    /// Whether its address is one that an SBOM can name; another one is left out.
    public var isSound: Bool {
        email.map { CycloneDX.mailAddress($0) != nil } ?? url.map { CycloneDX.webAddress($0) != nil } ?? false
    }

    /// Makes a creator.
    public init(name: String, email: String? = nil, url: String? = nil) {
        self.name = name
        self.email = email
        self.url = url
    }
}
