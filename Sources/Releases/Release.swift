// SPDX-License-Identifier: EUPL-1.2

internal import Database
public import OCI
public import Policies
public import Time

/// Somebody's word that an image is what a tag stands for, and how far its signatures are.
public struct Release: Sendable, Hashable {
    /// Where it stands.
    public enum State: Int64, Sendable, Hashable {
        /// Signatures are being made; the tag has not moved.
        case pending = 0
        /// Everything is signed and published, and the tag has moved.
        case signed = 1
        /// It ended without; the tag has not moved.
        case failed = 2
    }

    /// Row.
    public let id: Int64
    /// Where the image lies.
    public let repository: RepositoryName
    /// What it is released as.
    public let tag: Tag
    /// The image: an index or a manifest.
    public let digest: Digest
    /// Name with tag, as every signature says it.
    public let reference: String
    /// Whether its signatures are in the log; what is internal never is.
    public let isLogged: Bool
    /// Where it stands.
    public let state: State
    /// Why it failed, or what it waits for; nil when there is nothing to say.
    public let problem: String?
    /// When it was asked for.
    public let requestedAt: Timestamp
    /// Who asked for it.
    public let requestedBy: String
    /// When it was signed or failed.
    public let endedAt: Timestamp?

    init(_ row: Row) throws {
        guard let state = State(rawValue: try row.int64(6)) else {
            throw DatabaseError(.shape, "release \(try row.int64(0)) is in an unknown state")
        }
        id = try row.int64(0)
        repository = try RepositoryName(parsing: try row.text(1))
        tag = try Tag(parsing: try row.text(2))
        digest = try Digest(algorithm: .sha256, bytes: try row.bytes(3))
        reference = try row.text(4)
        isLogged = try row.bool(5)
        self.state = state
        problem = try row.optionalText(7)
        requestedAt = try row.time(8)
        requestedBy = try row.text(9)
        endedAt = try row.optionalTime(10)
    }
}

/// One signature of a release.
public struct ReleaseSignature: Sendable, Hashable {
    /// Who reads it.
    public enum Form: Int64, Sendable, Hashable, CaseIterable {
        /// A layer under the tag `sha256-….sig`, for cosign 2, skopeo and podman.
        case cosign = 0
        /// A Sigstore bundle as a referrer, for cosign from 2.5 on.
        case bundle = 1
        /// OpenPGP, given out by the registry itself, for the skopeo and podman of Debian 12.
        case openPGP = 2
    }

    /// Row.
    let id: Int64
    /// The image that it is about: the release's own, or one of its index.
    public let digest: Digest
    /// Who reads it.
    public let form: Form
    let payload: [UInt8]
    let signature: [UInt8]
    /// SubjectPublicKeyInfo of the key.
    let publicKey: [UInt8]
    let logEntry: Int64?
    /// Index in the log; nil where it is not in it.
    public let logIndex: Int?
    let document: [UInt8]?

    init(_ row: Row) throws {
        guard let form = Form(rawValue: try row.int64(2)) else {
            throw DatabaseError(.shape, "signature \(try row.int64(0)) has an unknown form")
        }
        id = try row.int64(0)
        digest = try Digest(algorithm: .sha256, bytes: try row.bytes(1))
        self.form = form
        payload = try row.bytes(3)
        signature = try row.bytes(4)
        publicKey = try row.bytes(5)
        logEntry = try row.optionalInt64(6)
        logIndex = try row.optionalInt(7)
        document = try row.optionalBytes(8)
    }
}

/// Why something cannot be released.
public enum ReleaseError: Error, Sendable, Hashable, CustomStringConvertible {
    /// There is no such image that the asker may see.
    case unknown(String)
    /// The asker may not.
    case denied(String)
    /// The image may not, or never can.
    case refused(String)
    /// A rule of the namespace does not give the image out: the whole sentence, and what the rule says in both languages.
    case closed(String, PolicyRefusal)
    /// What was asked makes no sense.
    case invalid(String)
    /// Not now: nobody signs, or the log stands still.
    case unavailable(String)

    /// What, why, what next.
    public var description: String {
        switch self {
        case .unknown(let text), .denied(let text), .refused(let text), .closed(let text, _), .invalid(let text),
            .unavailable(let text):
            text
        }
    }
}
