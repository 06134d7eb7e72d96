// SPDX-License-Identifier: EUPL-1.2

public import OCI

/// How a registry is asked.
public struct ConformanceSettings: Sendable {
    /// A user name and a password or token.
    public struct Credentials: Sendable {
        /// User name.
        public let username: String
        /// Password or token.
        public let password: String

        /// As they were typed.
        public init(username: String, password: String) {
            self.username = username
            self.password = password
        }
    }

    /// The registry.
    public var registry: RegistryAddress
    /// Nil: anonymous.
    public var credentials: Credentials?
    /// Repositories are made below this name.
    public var repository: RepositoryName
    /// Blobs are mounted from repositories below this name.
    public var secondRepository: RepositoryName
    /// The specification that is asked for.
    public var version: SpecificationVersion
    /// Further hosts, beside the registry's own, whose token service may see the credentials.
    public var realmHosts: Set<String>
    /// PEM file with the certificates to trust instead of the system's; nil: the system's.
    public var certificateFile: String?
    /// The longest that one request may take.
    public var requestTimeout: Duration
    /// The longest that one case may take, its cleaning up not counted.
    public var caseTimeout: Duration
    /// The longest that a whole run may take.
    public var totalTimeout: Duration
    /// The most bytes of a body that are read.
    public var bodyLimit: Int

    /// The defaults, for one registry.
    public init(registry: RegistryAddress, repository: RepositoryName, secondRepository: RepositoryName) {
        self.registry = registry
        self.repository = repository
        self.secondRepository = secondRepository
        version = .v1_1
        realmHosts = []
        requestTimeout = .seconds(30)
        caseTimeout = .seconds(180)
        totalTimeout = .seconds(1800)
        bodyLimit = 16 << 20
    }
}
