// SPDX-License-Identifier: EUPL-1.2

public import Accounts
public import OCI
public import SBOM
public import Time

/// Where maintainers have images released, and what became of it.
public struct ReleaseDesk: Sendable {
    /// One release of a repository.
    public struct Release: Sendable, Hashable {
        /// How far it is.
        public enum State: Sendable, Hashable {
            /// Signatures are being made; the tag has not moved.
            case pending
            /// Everything is signed, and the tag has moved.
            case signed
            /// It ended without; the tag has not moved.
            case failed
        }

        /// What the image is released as.
        public let tag: Tag
        /// The image.
        public let digest: Digest
        /// How far it is.
        public let state: State
        /// Whether its signatures are in the log; what is internal never is.
        public let isLogged: Bool
        /// Why it failed, or what it waits for; English, nil when there is nothing to say.
        public let problem: String?
        /// When it was asked for.
        public let requestedAt: Timestamp
        /// Who asked for it.
        public let requestedBy: String

        /// Names a release.
        public init(
            tag: Tag,
            digest: Digest,
            state: State,
            isLogged: Bool,
            problem: String?,
            requestedAt: Timestamp,
            requestedBy: String
        ) {
            self.tag = tag
            self.digest = digest
            self.state = state
            self.isLogged = isLogged
            self.problem = problem
            self.requestedAt = requestedAt
            self.requestedBy = requestedBy
        }
    }

    /// Why an image is not released.
    public enum Refusal: Error, Sendable, Hashable {
        /// There is no such image that the asker may see.
        case unknown(String)
        /// The asker may not.
        case denied(String)
        /// The image may not, or never can.
        case refused(String)
        /// A rule of the namespace is against it, in its own words.
        case closed(LocalizedText)
        /// What was asked makes no sense.
        case invalid(String)
        /// Not now.
        case unavailable(String)
    }

    /// Queues a release; throws ``Refusal``.
    public let release: @Sendable (RepositoryName, Digest, Tag, Account) async throws -> Void
    /// The newest releases of a repository, the newest first.
    public let newest: @Sendable (RepositoryName, _ limit: Int) async throws -> [Release]

    /// Makes a desk of what it does.
    public init(
        release: @escaping @Sendable (RepositoryName, Digest, Tag, Account) async throws -> Void,
        newest: @escaping @Sendable (RepositoryName, _ limit: Int) async throws -> [Release]
    ) {
        self.release = release
        self.newest = newest
    }
}
