// SPDX-License-Identifier: EUPL-1.2

public import Accounts
import Audit
public import Criteria
import Database
public import JSON
public import OCI
public import Time

/// What the publisher of an image says to its level: it stands beside the level and changes nothing about it.
public struct LevelReply: Sendable, Hashable {
    /// Row.
    public let id: Int64
    /// Where the image is.
    public let repository: String
    /// The image.
    public let digest: Digest
    /// The level that was spoken of; nil where there was none.
    public let level: Level?
    /// The publisher thinks that the level is wrong.
    public let disputes: Bool
    /// What they say.
    public let text: String
    /// For whom they spoke.
    public let author: String
    /// When.
    public let saidAt: Timestamp

    init(_ row: Row) throws {
        id = try row.int64(0)
        repository = try row.text(1)
        digest = try Digest(algorithm: try row.int64(3) == 1 ? .sha256 : .sha512, bytes: try row.bytes(2))
        level = try DirectoryEntry.level(row, 4)
        disputes = try row.bool(5)
        text = try row.text(6)
        author = try row.text(7)
        saidAt = try row.time(8)
    }

    /// As JSON.
    public var json: JSONValue {
        [
            "id": .integer(id), "repository": .string(repository), "digest": .string(digest.description),
            "level": .optional(level?.rawValue), "disputes": .bool(disputes), "text": .string(text),
            "author": .string(author), "saidAt": .string(saidAt.rfc3339),
        ]
    }
}

extension Directory {
    /// Longest reply, in characters.
    public static let longestReply = 2_000

    /// Says something to the level of an image; what was said before counts no more, and stays in the audit log.
    ///
    /// - Parameters:
    ///   - text: what is said.
    ///   - disputes: whether the level is wrong.
    ///   - level: the level that is spoken of.
    ///   - repository: where the image is.
    ///   - digest: the image.
    ///   - actor: a maintainer of the namespace, or an operator.
    public func reply(
        _ text: String,
        disputes: Bool,
        to level: Level?,
        of repository: RepositoryName,
        _ digest: Digest,
        by actor: Account
    ) async throws -> LevelReply {
        let now = clock.now()
        let sentence = try Self.sentence(text, longest: Self.longestReply, what: "a reply")
        let accounts = accounts
        return try await database.write { t in
            let (account, author) = try Self.publisher(accounts, t, of: repository, by: actor, at: now)
            let image: [SQLValue] = [.text(repository.text)] + digest.columns
            try t.execute(DirectorySchema.endReplies, [.time(now), .text(account.name)] + image)
            let values =
                image + [
                    .optional(level?.rank), .bool(disputes), .text(sentence), .text(author), .time(now),
                    .text(account.name),
                ]
            guard let id = try t.first(DirectorySchema.addReply, values)?.int64(0),
                let row = try t.first(DirectorySchema.reply, [.integer(id)])
            else { throw DamagedDirectory(what: "reply") }
            try AuditLog.append(
                t,
                actor: account.name,
                action: "directory.reply",
                subject: "\(repository)@\(digest)",
                detail: [
                    "text": .string(sentence), "disputes": .bool(disputes), "level": .optional(level?.rawValue),
                ],
                at: now
            )
            return try LevelReply(row)
        }
    }

    /// Takes a reply back.
    ///
    /// - Parameter actor: as for ``reply(_:disputes:to:of:_:by:)``.
    public func endReply(_ id: Int64, by actor: Account) async throws {
        let (now, accounts) = (clock.now(), accounts)
        try await database.write { t in
            guard let reply = try t.first(DirectorySchema.reply, [.integer(id)]).map({ try LevelReply($0) }) else {
                throw AccountsError.unknown("there is no reply \(id); it may have been taken back before")
            }
            let repository = try RepositoryName(parsing: reply.repository)
            let (account, _) = try Self.publisher(accounts, t, of: repository, by: actor, at: now)
            try t.execute(DirectorySchema.endReply, [.time(now), .text(account.name), .integer(id)])
            try AuditLog.append(
                t,
                actor: account.name,
                action: "directory.replyEnded",
                subject: "\(repository)@\(reply.digest)",
                at: now
            )
        }
    }

    /// What the publisher says to the level of an image; nil when nothing.
    public func reply(to repository: RepositoryName, _ digest: Digest) async throws -> LevelReply? {
        let image: [SQLValue] = [.text(repository.text)] + digest.columns
        return try await database.lookUp { t in
            try t.first(DirectorySchema.replies, image + [1]).map { try LevelReply($0) }
        }
    }

    /// Whether somebody speaks for the publisher of a repository.
    public func publishes(_ repository: RepositoryName, _ account: Account?) async throws -> Bool {
        guard let account else { return false }
        let (accounts, now) = (accounts, clock.now())
        return try await database.read { t in
            try accounts.access(t, of: account, to: repository, at: now)?.rights.contains(.manage) ?? false
        }
    }

    /// Refuses whoever does not speak for the publisher.
    ///
    /// - Returns: the account as it is now, and the organisation for which it speaks.
    private static func publisher(
        _ accounts: Accounts,
        _ t: Transaction,
        of repository: RepositoryName,
        by actor: Account,
        at now: Timestamp
    ) throws -> (account: Account, author: String) {
        guard let access = try accounts.access(t, of: actor, to: repository, at: now), let account = access.account,
            access.rights.contains(.pull)
        else { throw AccountsError.unknown("there is no repository \"\(repository)\" that you may see") }
        guard access.rights.contains(.manage) else {
            throw AccountsError.denied("only maintainers of the namespace and operators answer for what it publishes")
        }
        let owner = try access.namespace.flatMap {
            try t.first(DirectorySchema.organisationByID, [.integer($0.organisationID)])
        }
        return (account, try owner?.text(2) ?? account.name)
    }
}
