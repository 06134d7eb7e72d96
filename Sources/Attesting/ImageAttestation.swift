// SPDX-License-Identifier: EUPL-1.2

internal import Attestations
internal import Database
public import Keys
public import OCI
public import Time

/// One statement of the node about an image, and how far it is.
public struct ImageAttestation: Sendable, Hashable {
    /// What is said.
    public enum Kind: Int64, Sendable, Hashable, CaseIterable {
        /// What is in it: a bill of materials.
        case bill = 0
        /// What advisories say about that.
        case scan = 1
        /// What those responsible say about findings.
        case exploitability = 2
        /// At which level it passed, or that it did not.
        case verdict = 3
        /// How every criterion came out.
        case criteria = 4
        /// What people found who looked at it.
        case audit = 5

        /// The role whose key signs it.
        public var role: KeyRole {
            switch self {
            case .bill, .scan: .scan
            case .exploitability: .vex
            case .verdict, .criteria: .verdict
            case .audit: .audit
            }
        }
    }

    /// Row.
    public let id: Int64
    /// Where the image lies.
    public let repository: RepositoryName
    /// The image.
    public let digest: Digest
    /// What is said.
    public let kind: Kind
    /// Tells several of one kind apart, as audits are.
    let slot: [UInt8]
    /// Whether clients find it.
    public let isPublished: Bool
    /// What it rests on; the same basis is signed once.
    let basis: [UInt8]
    /// URI of the predicate's type.
    public let predicateType: String
    /// SHA-256 of the statement that is signed.
    public let payload: Digest
    /// Whether the log has its signature; what is internal it never has.
    public let isLogged: Bool
    /// When it was stated.
    public let madeAt: Timestamp
    /// Who stated it: the node, or of an audit the account.
    public let madeBy: String
    /// Until when it holds, of an audit.
    public let validUntil: Timestamp?
    let signature: [UInt8]?
    let publicKey: [UInt8]?
    let logEntry: Int64?
    /// Index in the log; nil where it is not in it.
    public let logIndex: Int?
    let promise: String?
    /// The envelope, as a layer of cosign's list `sha256-….att`; nil before it was signed.
    public let envelope: Digest?
    let bundle: Digest?
    /// The manifest that carries its bundle as a referrer of the image; nil before it was signed.
    public let manifest: Digest?

    /// Lower-case hex of the SHA-256 of the key that signed it; nil before.
    public var keyFingerprint: String? { publicKey.map { Digest.sha256($0).hex } }

    init(_ row: Row) throws {
        guard let kind = Kind(rawValue: try row.int64(3)) else {
            throw DatabaseError(.shape, "attestation \(try row.int64(0)) is of an unknown kind")
        }
        func digest(_ column: Int) throws -> Digest? {
            try row.optionalBytes(column).map { try Digest(algorithm: .sha256, bytes: $0) }
        }
        id = try row.int64(0)
        repository = try RepositoryName(parsing: try row.text(1))
        self.digest = try Digest(algorithm: .sha256, bytes: try row.bytes(2))
        self.kind = kind
        slot = try row.bytes(4)
        isPublished = try row.bool(5)
        basis = try row.bytes(6)
        predicateType = try row.text(7)
        payload = try Digest(algorithm: .sha256, bytes: try row.bytes(8))
        isLogged = try row.bool(9)
        madeAt = try row.time(10)
        madeBy = try row.text(11)
        validUntil = try row.optionalTime(12)
        signature = try row.optionalBytes(13)
        publicKey = try row.optionalBytes(14)
        logEntry = try row.optionalInt64(15)
        logIndex = try row.optionalInt(16)
        promise = try row.optionalText(17)
        envelope = try digest(18)
        bundle = try digest(19)
        manifest = try digest(20)
    }

    /// Whether another takes the place of this one.
    func isReplaced(by other: ImageAttestation) -> Bool { kind == other.kind && slot == other.slot && id != other.id }
}

/// All that the node attests about one image.
public struct AttestedImage: Sendable, Hashable {
    /// The statements, by kind; those that are published, and those on their way.
    public let attestations: [ImageAttestation]
    /// Why something is not attested; nil when there is nothing to say.
    public let problem: String?
    /// Whether something is still to be done.
    public let isPending: Bool
}

/// Why something is not attested.
public enum AttestingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// There is no such image that the asker may see.
    case unknown(String)
    /// The asker may not.
    case denied(String)
    /// What was asked for is not well-formed.
    case invalid(String)
    /// It may not, or never can.
    case refused(String)
    /// Not now: nobody signs.
    case unavailable(String)

    /// What, why, what next.
    public var description: String {
        switch self {
        case .unknown(let text), .denied(let text), .invalid(let text), .refused(let text), .unavailable(let text): text
        }
    }
}
