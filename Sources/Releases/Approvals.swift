// SPDX-License-Identifier: EUPL-1.2

public import Accounts
internal import Attestations
internal import Audit
public import Database
internal import JSON
public import Keys
public import OCI
public import Registry
public import Time

/// What organisations approve for their own use, each signed, kept exactly, and until a day.
///
/// An approval says what its organisation answers for, whatever a verdict says, and binds nobody else. It stays on this node: what an
/// authority uses for what is nothing for a public log. Rules on pulls (`approvedBy`) see its end as a fact beside the image's verdict.
public struct Approvals: Sendable {
    /// Bytes of a purpose, and of the reason of a revocation.
    public static let textLimit = 500
    /// Days for which an approval can hold.
    public static let longestDays = 1_096
    /// Images of one index.
    private static let maximumImages = 128

    private let database: Database
    private let registry: Registry
    private let accounts: Accounts
    private let signer: any Signer
    private let authority: @Sendable () -> String?
    private let clock: WallClock

    /// Composes the room's second half; needs ``ApprovalsSchema/migrations``.
    ///
    /// - Parameters:
    ///   - signer: has the keys.
    ///   - authority: host and port of the registry, as in names of images; nil while that cannot be told.
    public init(
        database: Database,
        registry: Registry,
        accounts: Accounts,
        signer: any Signer,
        authority: @escaping @Sendable () -> String?,
        clock: WallClock = .system
    ) {
        self.database = database
        self.registry = registry
        self.accounts = accounts
        self.signer = signer
        self.authority = authority
        self.clock = clock
    }

    /// Says that an organisation uses an image for a purpose until a day.
    ///
    /// - Parameters:
    ///   - organisation: its name; the one that the account acts for when nil.
    ///   - account: an operator, or of the organisation whoever maintains one of its namespaces.
    /// - Throws: ``ReleaseError``, ``AccountsError``.
    public func approve(
        _ repository: RepositoryName,
        _ digest: Digest,
        for organisation: String?,
        purpose: String,
        until end: Timestamp,
        by account: Account
    ) async throws -> Approval {
        let now = clock.now()
        try Self.check(purpose, "purpose")
        guard end > now, end <= now + .seconds(Self.longestDays * 86_400) else {
            throw ReleaseError.invalid(
                "an approval ends within \(Self.longestDays) days from now; approve the image again when it is over"
            )
        }
        let speaker = try await speaker(organisation, account, now)
        let images = try await images(repository, digest, account)
        guard let authority = authority() else {
            throw ReleaseError.unavailable("the node does not know its own name yet; set --public-url")
        }
        let envelope = try await sign(
            Attestations.Statement(
                subjects: [ResourceDescriptor(name: "\(authority)/\(repository)", digest)],
                predicateType: PredicateType.approval(below: "https://" + authority),
                predicate: [
                    "organisation": [
                        "name": .string(speaker.name), "title": .string(speaker.title),
                        "officialKey": .optional(speaker.officialKey),
                    ],
                    "purpose": .string(purpose), "validFrom": .string(now.rfc3339), "validUntil": .string(end.rfc3339),
                ]
            )
        )
        return try await database.write { [accounts] t in
            // As things are in the transaction that writes it down.
            _ = try accounts.speaking(t, for: speaker.name, by: account, at: now)
            let values: [SQLValue] =
                [.text(repository.text)] + digest.place
                + [
                    .text(speaker.name), .text(purpose), .time(now), .text(account.name), .time(end), .blob(envelope),
                ]
            guard let id = try t.first(ApprovalsSchema.insert, values)?.int64(0) else {
                throw DatabaseError(.shape, "an insert gave no row back", statement: ApprovalsSchema.insert.name)
            }
            for image in images {
                try t.execute(ApprovalsSchema.addImage, [.text(repository.text)] + image.place + [.integer(id)])
                try Self.note(t, image, in: repository)
            }
            let made = try Self.approval(t, id)
            try Self.audit(t, "approval.give", made, account, ["until": .string(end.rfc3339)], now)
            return made
        }
    }

    /// Ends an approval before its time.
    ///
    /// - Throws: ``ReleaseError``, ``AccountsError``.
    public func revoke(_ id: Int64, reason: String, by account: Account) async throws -> Approval {
        let now = clock.now()
        try Self.check(reason, "reason")
        return try await database.write { [accounts] t in
            let found = try Self.approval(t, id)
            _ = try accounts.speaking(t, for: found.organisation, by: account, at: now)
            let values: [SQLValue] = [
                .time(now), .text(account.name), .text(reason), .integer(id), .time(now),
            ]
            guard try t.execute(ApprovalsSchema.revoke, values) == 1 else {
                throw ReleaseError.refused("approval \(id) was revoked or is over")
            }
            for row in try t.query(ApprovalsSchema.images, [.integer(id)]) {
                guard let algorithm = Digest.Algorithm(rawValue: try row.text(1)) else { continue }
                try Self.note(t, try Digest(algorithm: algorithm, bytes: try row.bytes(0)), in: found.repository)
            }
            try Self.audit(t, "approval.revoke", found, account, ["reason": .string(reason)], now)
            return try Self.approval(t, id)
        }
    }

    /// An approval; nil when there is none with this number.
    public func approval(_ id: Int64) async throws -> Approval? {
        try await database.lookUp { t in try t.first(ApprovalsSchema.one, [.integer(id)]).map { try Approval($0) } }
    }

    /// Approvals of an image, the newest first, also those that are over.
    public func approvals(
        of digest: Digest,
        in repository: RepositoryName,
        before: Int64? = nil,
        limit: Int = 100
    ) async throws -> [Approval] {
        let page: [SQLValue] = [.integer(before ?? .max), .integer(min(max(limit, 0), 1_000))]
        let values = [.text(repository.text)] + digest.place + page
        return try await database.read { t in try t.query(ApprovalsSchema.ofImage, values).map { try Approval($0) } }
    }

    /// Approvals of an organisation, the newest first, also those that are over.
    public func approvals(by organisation: String, before: Int64? = nil, limit: Int = 100) async throws -> [Approval] {
        let values: [SQLValue] = [
            .text(organisation), .integer(before ?? .max), .integer(min(max(limit, 0), 1_000)),
        ]
        return try await database.read { t in
            try t.query(ApprovalsSchema.ofOrganisation, values).map { try Approval($0) }
        }
    }

    // MARK: - Parts

    private func speaker(_ name: String?, _ account: Account, _ now: Timestamp) async throws -> Organisation {
        try await database.read { [accounts] t in
            guard let name = try name ?? accounts.organisationName(t, of: account) else {
                throw ReleaseError.invalid("this account acts for no organisation; name the one that approves")
            }
            return try accounts.speaking(t, for: name, by: account, at: now).organisation
        }
    }

    /// The image and those of its index.
    private func images(_ repository: RepositoryName, _ digest: Digest, _ account: Account) async throws -> [Digest] {
        let missing = ReleaseError.unknown("there is no image \(repository)@\(digest) that you may see")
        guard try await accounts.access(of: account, to: repository)?.rights.contains(.pull) == true,
            let manifest = try await registry.manifest(repository, digest)
        else { throw missing }
        guard manifest.kind != .artefact else {
            throw ReleaseError.refused("\(digest) is no image but \(manifest.artifactType ?? manifest.mediaType)")
        }
        guard manifest.takedown == nil else {
            throw ReleaseError.refused("\(repository)@\(digest) was taken down for legal reasons")
        }
        guard manifest.kind == .index else { return [digest] }
        guard
            case .index(let index) = try? ManifestDocument(parsing: manifest.bytes, contentType: manifest.mediaType),
            index.manifests.count < Self.maximumImages
        else { throw ReleaseError.refused("its index has more than \(Self.maximumImages) images, or cannot be read") }
        var found = [digest]
        for child in index.manifests where !found.contains(child.digest) { found.append(child.digest) }
        return found
    }

    private func sign(_ statement: Attestations.Statement) async throws -> [UInt8] {
        let payload = statement.bytes
        do {
            let made = try await signer.sign(DSSEEnvelope.bytesToSign(payload: payload), as: .audit)
            let key = try PublicKey(spki: made.key.publicKey)
            return DSSEEnvelope(payload: payload, signatures: [.init(keyID: key.hint, bytes: made.bytes)]).bytes
        } catch let error as KeysError {
            throw ReleaseError.unavailable("the approval cannot be signed now: \(error); /readyz says more")
        }
    }

    /// Tells the gate until when the image is approved, by everybody who ever did.
    private static func note(_ t: Transaction, _ digest: Digest, in repository: RepositoryName) throws {
        var ends: [String: Timestamp] = [:]
        try t.forEach(ApprovalsSchema.ends, [.text(repository.text)] + digest.place) { row in
            let (name, until) = (try row.text(0), try row.time(1))
            let end = try row.optionalTime(2).map { min($0, until) } ?? until
            ends[name] = max(ends[name] ?? end, end)
        }
        try Registry.noteApprovals(t, ends, of: digest, in: repository)
    }

    private static func approval(_ t: Transaction, _ id: Int64) throws -> Approval {
        guard let row = try t.first(ApprovalsSchema.one, [.integer(id)]) else {
            throw ReleaseError.unknown("there is no approval \(id)")
        }
        return try Approval(row)
    }

    private static func check(_ text: String, _ what: String) throws(ReleaseError) {
        guard text.contains(where: { !$0.isWhitespace }), text.utf8.count <= textLimit,
            text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
        else { throw .invalid("the \(what) has 1 to \(textLimit) bytes on one line") }
    }

    private static func audit(
        _ t: Transaction,
        _ action: String,
        _ approval: Approval,
        _ account: Account,
        _ detail: [String: JSONValue],
        _ now: Timestamp
    ) throws {
        let members: [String: JSONValue] = [
            "approval": .integer(approval.id), "organisation": .string(approval.organisation),
            "purpose": .string(approval.purpose),
        ]
        try AuditLog.append(
            t,
            actor: account.name,
            action: action,
            subject: "\(approval.repository)@\(approval.digest)",
            detail: .object(members.merging(detail) { first, _ in first }),
            at: now
        )
    }
}

extension Digest {
    /// The two columns that a digest takes here.
    fileprivate var place: [SQLValue] { [.blob(bytes), .text(algorithm.rawValue)] }
}
