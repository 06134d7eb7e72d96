// SPDX-License-Identifier: EUPL-1.2

public import Accounts
import Audit
public import Criteria
public import Database
public import JSON
public import OCI
public import Time

/// That an organisation uses something: one line of the reuse register.
public struct DirectoryUse: Sendable, Hashable {
    /// Row.
    public let id: Int64
    /// Key of the entry: `image:team/app`.
    public let subject: String
    /// Name of the organisation.
    public let organisation: String
    /// Its name for people.
    public let organisationTitle: String
    /// Since which day.
    public let since: Timestamp
    /// What for.
    public let purpose: String
    /// A function address for questions; nil where none was given.
    public let contact: String?
    /// When it was said.
    public let saidAt: Timestamp

    init(_ row: Row) throws {
        id = try row.int64(0)
        subject = try row.text(1)
        organisation = try row.text(2)
        organisationTitle = try row.text(3)
        since = try row.time(4)
        purpose = try row.text(5)
        contact = try row.optionalText(6)
        saidAt = try row.time(7)
    }

    /// As JSON.
    public var json: JSONValue {
        [
            "id": .integer(id), "subject": .string(subject), "organisation": .string(organisation),
            "title": .string(organisationTitle), "since": .string(since.dateText), "purpose": .string(purpose),
            "contact": .optional(contact), "saidAt": .string(saidAt.rfc3339),
        ]
    }
}

extension Directory {
    /// Longest purpose, in characters.
    public static let longestPurpose = 500

    /// Says that an organisation uses something that it may know of.
    ///
    /// - Parameters:
    ///   - subject: key of the entry.
    ///   - organisation: name of the organisation.
    ///   - since: the day from which on.
    ///   - purpose: what for.
    ///   - contact: a function address that anybody who sees the entry may see; nil for none.
    ///   - actor: an operator, or of the organisation whoever maintains one of its namespaces.
    /// - Throws: `AccountsError`; what the actor may not see is not there.
    public func use(
        _ subject: String,
        by organisation: String,
        since: Timestamp,
        purpose: String,
        contact: String?,
        actor: Account
    ) async throws -> DirectoryUse {
        let now = clock.now()
        let purpose = try Self.sentence(purpose, longest: Self.longestPurpose, what: "the purpose")
        let address = try contact.map { try Self.mailAddress($0) }
        guard since <= now else { throw AccountsError.invalid("the day since which it is used lies in the future") }
        guard let reader = try await reader(actor), try await entry(subject, for: reader) != nil else {
            throw AccountsError.unknown("there is no \"\(subject.excerpt(120))\" in the directory that you may see")
        }
        let accounts = accounts
        return try await database.write { t in
            let (account, found) = try accounts.speaking(t, for: organisation, by: actor, at: now)
            let pair: [SQLValue] = [.text(subject), .integer(found.id)]
            if let former = try t.first(DirectorySchema.useInForce, pair)?.int64(0) {
                try t.execute(DirectorySchema.endUse, [.time(now), .text(account.name), .integer(former)])
            }
            let values =
                pair + [
                    .time(since), .text(purpose), .optional(address), .time(now), .text(account.name),
                ]
            guard let id = try t.first(DirectorySchema.addUse, values)?.int64(0),
                let row = try t.first(DirectorySchema.use, [.integer(id)])
            else { throw DamagedDirectory(what: "use") }
            try AuditLog.append(
                t,
                actor: account.name,
                action: "directory.use",
                subject: subject,
                detail: [
                    "organisation": .string(found.name), "since": .string(since.dateText), "purpose": .string(purpose),
                    "contact": .optional(address),
                ],
                at: now
            )
            try Self.judgeAgain(entry: subject, at: now, in: t)
            return try DirectoryUse(row)
        }
    }

    /// Says that an organisation no longer uses something.
    ///
    /// - Parameter actor: as for ``use(_:by:since:purpose:contact:actor:)``.
    public func endUse(_ id: Int64, by actor: Account) async throws {
        let (now, accounts) = (clock.now(), accounts)
        try await database.write { t in
            guard let use = try t.first(DirectorySchema.use, [.integer(id)]).map({ try DirectoryUse($0) }) else {
                throw AccountsError.unknown("there is no use \(id) in the register; it may have been taken back before")
            }
            let (account, _) = try accounts.speaking(t, for: use.organisation, by: actor, at: now)
            try t.execute(DirectorySchema.endUse, [.time(now), .text(account.name), .integer(id)])
            try AuditLog.append(
                t,
                actor: account.name,
                action: "directory.useEnded",
                subject: use.subject,
                detail: ["organisation": .string(use.organisation)],
                at: now
            )
            try Self.judgeAgain(entry: use.subject, at: now, in: t)
        }
    }

    /// Uses of one entry that are looked at.
    private static let countedUses = 1_000

    /// Who says that they use the images of a repository, and who publishes them: what a verdict may say to everybody who may read there.
    public func reuse(of repository: RepositoryName) async throws -> ReuseEvidence {
        let (accounts, now) = (accounts, clock.now())
        return try await database.read { t in
            let owner = try accounts.access(t, of: nil, to: repository, at: now)?.namespace?.organisationID
            let publisher = try owner.flatMap { id in
                try t.first(DirectorySchema.organisationByID, [.integer(id)])?.text(1)
            }
            let subject = DirectoryEntry.key(.image, repository.text)
            let rows = try t.query(DirectorySchema.reuse, [.text(subject), .integer(Self.countedUses)])
            return ReuseEvidence(
                publisher: publisher,
                uses: try rows.map { row in
                    ReuseEvidence.Use(
                        organisation: try row.text(0),
                        title: try row.text(1),
                        kind: try row.text(2),
                        since: try row.time(3)
                    )
                }
            )
        }
    }

    /// Ends what organisations said of something, in the transaction that forgets it.
    ///
    /// Another one that is called the same begins without it: who uses a thing vouches for that one.
    ///
    /// - Parameters:
    ///   - subject: key of the entry.
    ///   - actor: name of the account that forgets it.
    public static func endUses(of subject: String, by actor: String, at now: Timestamp, in t: Transaction) throws {
        let batch: Int64 = 1_000
        var count: Int64
        repeat {
            let uses = try t.query(DirectorySchema.usesOf, [.text(subject), 0, .integer(batch)])
                .map { try DirectoryUse($0) }
            count = Int64(uses.count)
            for use in uses {
                try t.execute(DirectorySchema.endUse, [.time(now), .text(actor), .integer(use.id)])
                try AuditLog.append(
                    t,
                    actor: actor,
                    action: "directory.useEnded",
                    subject: subject,
                    detail: ["organisation": .string(use.organisation)],
                    at: now
                )
            }
        } while count == batch
        try judgeAgain(entry: subject, at: now, in: t)
    }

    /// Who uses something, in the order in which they said so; whoever may know of the entry may know that.
    public func uses(of subject: String, after: Int64 = 0, limit: Int = 100) async throws -> [DirectoryUse] {
        try await database.read { t in
            try t.query(
                DirectorySchema.usesOf,
                [.text(subject), .integer(after), .integer(min(max(limit, 0), 1_000))]
            ).map { try DirectoryUse($0) }
        }
    }

    /// What an organisation uses, as far as somebody may know of it.
    public func uses(
        by organisation: Int64,
        for reader: DirectoryReader,
        after: Int64 = 0,
        limit: Int = 100
    ) async throws -> [DirectoryUse] {
        try await database.read { t in
            let found = try t.query(
                DirectorySchema.usesBy,
                [.integer(organisation), .integer(after), .integer(min(max(limit, 0), 1_000))]
            ).map { try DirectoryUse($0) }
            return try found.filter { use in
                try t.first(DirectorySchema.entry, [.text(use.subject)]).map { reader.sees(try DirectoryEntry($0)) }
                    ?? false
            }
        }
    }

    /// Somebody as they are now; nil when their proof ended.
    public func reader(_ account: Account?) async throws -> DirectoryReader? {
        guard let (current, scope) = try await accounts.reader(account) else { return nil }
        guard let id = current?.id else { return DirectoryReader(nil, scope: scope, memberships: []) }
        let memberships = try await database.read { t in
            Set(try t.query(DirectorySchema.memberships, [.integer(id)]).map { try $0.text(0) })
        }
        return DirectoryReader(current, scope: scope, memberships: memberships)
    }

    /// A sentence that somebody wrote, on the lines that it has.
    static func sentence(_ text: String, longest: Int, what: String) throws(AccountsError) -> String {
        let isPrintable = text.unicodeScalars.allSatisfy { scalar in
            scalar == "\n" || scalar == "\r" || scalar == "\t"
                || (scalar.value >= 0x20 && scalar.value != 0x7F && scalar.properties.generalCategory != .format)
        }
        let words = text.replacing("\r\n", with: "\n").split { $0 == " " || $0 == "\t" }.joined(separator: " ")
        guard isPrintable, (1...longest).contains(words.count), words.contains(where: { !$0.isWhitespace }) else {
            throw .invalid("\(what) has 1 to \(longest) characters, and no control characters")
        }
        return words
    }

    /// A mail address; that it is a function's and no person's is for whoever gives it to see to.
    static func mailAddress(_ text: String) throws(AccountsError) -> String {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        let isPlain = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"<>,;\"'()".utf8.contains($0) }
        guard text.utf8.count <= 254, parts.count == 2, parts.allSatisfy({ !$0.isEmpty }), isPlain,
            parts[1].contains(".")
        else { throw .invalid("\"\(text.excerpt(80))\" is no mail address, such as it-sicherheit@authority.example") }
        return text
    }
}
