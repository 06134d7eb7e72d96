// SPDX-License-Identifier: EUPL-1.2

public import Accounts
import Audit
import Criteria
public import Database
import JSON
public import OCI
public import Time

extension Directory {
    /// Longest reply, in characters.
    public static let longestReply = 2_000

    /// Says something to a level; what was said before to the same subject counts no more, and stays in the audit log.
    ///
    /// - Parameters:
    ///   - text: what is said.
    ///   - disputes: whether the level is wrong.
    ///   - answered: the level that is spoken of.
    ///   - actor: a maintainer of the namespace, or an operator.
    public func reply(
        _ text: String,
        disputes: Bool,
        to answered: AnsweredLevel,
        by actor: Account
    ) async throws -> LevelReply {
        let now = clock.now()
        let sentence = try Self.sentence(text, longest: Self.longestReply, what: "a reply")
        let (accounts, subject) = (accounts, answered.subject)
        guard try await knows(subject, actor) else { throw Self.unseen(subject) }
        return try await database.write { t in
            let (account, author) = try Self.publisher(accounts, t, of: subject.name, by: actor, at: now)
            // A project that was removed meanwhile has no level to speak of.
            if case .project = subject, try t.first(DirectorySchema.entry, [.text(subject.key)]) == nil {
                throw Self.unseen(subject)
            }
            try t.execute(DirectorySchema.endReplies, [.time(now), .text(account.name)] + subject.columns)
            let values =
                subject.columns + [
                    .optional(answered.level?.rank), .bool(disputes), .text(sentence), .text(author), .time(now),
                    .text(account.name), .optional(answered.revision), .optional(answered.resultsSince),
                ]
            guard let id = try t.first(DirectorySchema.addReply, values)?.int64(0),
                let row = try t.first(DirectorySchema.reply, [.integer(id)])
            else { throw DamagedDirectory(what: "reply") }
            var detail: [String: JSONValue] = [
                "text": .string(sentence), "disputes": .bool(disputes), "level": .optional(answered.level?.rawValue),
            ]
            if case .project = subject { detail["revision"] = .optional(answered.revision) }
            try AuditLog.append(
                t,
                actor: account.name,
                action: "directory.reply",
                subject: subject.inEvents,
                detail: .object(detail),
                at: now
            )
            return try LevelReply(row)
        }
    }

    /// Takes a reply back.
    ///
    /// - Parameter actor: as for ``reply(_:disputes:to:by:)``.
    public func endReply(_ id: Int64, by actor: Account) async throws {
        let (now, accounts) = (clock.now(), accounts)
        let found = try await database.lookUp { t in
            try t.first(DirectorySchema.reply, [.integer(id)]).map { try LevelReply($0) }
        }
        let missing = AccountsError.unknown("there is no reply \(id); it may have been taken back before")
        guard let found, try await knows(found.answered.subject, actor) else { throw missing }
        try await database.write { t in
            guard let reply = try t.first(DirectorySchema.reply, [.integer(id)]).map({ try LevelReply($0) }) else {
                throw missing
            }
            let subject = reply.answered.subject
            let (account, _) = try Self.publisher(accounts, t, of: subject.name, by: actor, at: now)
            try t.execute(DirectorySchema.endReply, [.time(now), .text(account.name), .integer(id)])
            try AuditLog.append(
                t,
                actor: account.name,
                action: "directory.replyEnded",
                subject: subject.inEvents,
                at: now
            )
        }
    }

    /// Ends what is said to the level of a project, in the transaction that forgets the project.
    ///
    /// Another one that is called the same begins without it.
    ///
    /// - Parameter actor: name of the account that forgets it.
    public static func endReplies(
        toProject name: RepositoryName,
        by actor: String,
        at now: Timestamp,
        in t: Transaction
    ) throws {
        let subject = AnsweredLevel.Subject.project(name)
        let ended = try t.execute(DirectorySchema.endReplies, [.time(now), .text(actor)] + subject.columns)
        guard ended > 0 else { return }
        try AuditLog.append(t, actor: actor, action: "directory.replyEnded", subject: subject.inEvents, at: now)
    }

    /// What the publisher says to the level of something; nil when nothing.
    public func reply(to subject: AnsweredLevel.Subject) async throws -> LevelReply? {
        try await database.lookUp { t in
            try t.first(DirectorySchema.replies, subject.columns + [1]).map { try LevelReply($0) }
        }
    }

    /// Whether somebody speaks for the publisher of a repository, or for those who maintain a project.
    public func publishes(_ name: RepositoryName, _ account: Account?) async throws -> Bool {
        guard let account else { return false }
        let (accounts, now) = (accounts, clock.now())
        return try await database.read { t in
            try accounts.access(t, of: account, to: name, at: now)?.rights.contains(.manage) ?? false
        }
    }

    /// Whether somebody may know of a subject; of an image its namespace decides, where it is spoken for.
    private func knows(_ subject: AnsweredLevel.Subject, _ actor: Account) async throws -> Bool {
        guard case .project = subject else { return true }
        guard let reader = try await reader(actor) else { return false }
        return try await entry(subject.key, for: reader) != nil
    }

    private static func unseen(_ subject: AnsweredLevel.Subject) -> AccountsError {
        .unknown("there is no project \"\(subject.name)\" that you may know of")
    }

    /// Refuses whoever does not speak for the publisher.
    ///
    /// - Returns: the account as it is now, and the organisation for which it speaks.
    private static func publisher(
        _ accounts: Accounts,
        _ t: Transaction,
        of name: RepositoryName,
        by actor: Account,
        at now: Timestamp
    ) throws -> (account: Account, author: String) {
        guard let access = try accounts.access(t, of: actor, to: name, at: now), let account = access.account,
            access.rights.contains(.pull)
        else { throw AccountsError.unknown("there is no repository \"\(name)\" that you may see") }
        guard access.rights.contains(.manage) else {
            throw AccountsError.denied("only maintainers of the namespace and operators answer for what it publishes")
        }
        let owner = try access.namespace.flatMap {
            try t.first(DirectorySchema.organisationByID, [.integer($0.organisationID)])
        }
        return (account, try owner?.text(2) ?? account.name)
    }
}
