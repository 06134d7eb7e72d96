// SPDX-License-Identifier: EUPL-1.2

internal import Database
public import OCI
public import Time

/// An authority's own word that it uses an image (Freigabe), for what and until when.
///
/// No verdict says that, and no other organisation.
public struct Approval: Sendable, Hashable {
    /// Row.
    public let id: Int64
    /// Where the image lies.
    public let repository: RepositoryName
    /// The image: an index or a manifest.
    public let digest: Digest
    /// Name of the organisation.
    public let organisation: String
    /// For what.
    public let purpose: String
    /// Since when.
    public let approvedAt: Timestamp
    /// Who said so.
    public let approvedBy: String
    /// Until when, unless it is revoked before.
    public let validUntil: Timestamp
    /// When it was revoked.
    public let revokedAt: Timestamp?
    /// Who revoked it.
    public let revokedBy: String?
    /// Why.
    public let revocationReason: String?
    /// The statement in its envelope, byte by byte as it was signed.
    public let envelope: [UInt8]

    /// When it ended or will end.
    public var end: Timestamp { revokedAt.map { min($0, validUntil) } ?? validUntil }

    /// Whether it holds.
    public func isInForce(at now: Timestamp) -> Bool { now < end }

    init(_ row: Row) throws {
        guard let algorithm = Digest.Algorithm(rawValue: try row.text(3)) else {
            throw DatabaseError(.shape, "approval \(try row.int64(0)) names an unknown digest")
        }
        id = try row.int64(0)
        repository = try RepositoryName(parsing: try row.text(1))
        digest = try Digest(algorithm: algorithm, bytes: try row.bytes(2))
        organisation = try row.text(4)
        purpose = try row.text(5)
        approvedAt = try row.time(6)
        approvedBy = try row.text(7)
        validUntil = try row.time(8)
        revokedAt = try row.optionalTime(9)
        revokedBy = try row.optionalText(10)
        revocationReason = try row.optionalText(11)
        envelope = try row.bytes(12)
    }
}
