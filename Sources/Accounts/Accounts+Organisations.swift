// SPDX-License-Identifier: EUPL-1.2

internal import Audit
public import Database
internal import JSON
public import Time

extension Accounts {
    /// Makes an organisation, or changes what is known about it.
    ///
    /// - Parameter actor: an operator.
    public func putOrganisation(_ organisation: Organisation, by actor: Account) async throws {
        try organisation.check()
        let now = clock.now()
        try await database.write { t in
            let actor = try self.operating(t, actor, at: now)
            let values: [SQLValue] = [
                .text(organisation.name), .text(organisation.title), .text(organisation.kind.rawValue),
                .optional(organisation.officialKey), .optional(organisation.securityContact),
                .optional(organisation.deputyContact), .time(now),
            ]
            try t.execute(AccountsSchema.insertOrganisation, values)
            try AuditLog.append(
                t,
                actor: actor.name,
                action: "organisations.put",
                subject: "organisation:" + organisation.name,
                detail: organisation.json,
                at: now
            )
        }
    }

    /// Says that one organisation operates things for another, or no longer.
    public func setOperates(
        _ provider: String,
        for customer: String,
        _ holds: Bool,
        by actor: Account
    ) async throws {
        guard provider != customer else { throw AccountsError.invalid("an organisation does not operate for itself") }
        let now = clock.now()
        try await database.write { t in
            let actor = try self.operating(t, actor, at: now)
            let pair: [SQLValue] = [
                .integer(try Self.organisation(t, provider).id), .integer(try Self.organisation(t, customer).id),
            ]
            let changed =
                holds
                ? try t.execute(AccountsSchema.relate, pair + [.time(now)])
                : try t.execute(AccountsSchema.unrelate, pair)
            guard changed == 1 else { return }
            try AuditLog.append(
                t,
                actor: actor.name,
                action: holds ? "organisations.operatesFor" : "organisations.operatesForEnded",
                subject: "organisation:" + provider,
                detail: ["customer": .string(customer)],
                at: now
            )
        }
    }

    /// Organisations by name; everybody who has an account sees them.
    public func organisations(after: String = "", limit: Int = 100) async throws -> [Organisation] {
        try await database.read { t in
            try t.query(AccountsSchema.organisations, [.text(after), .integer(min(max(limit, 0), 1000))])
                .map(Self.organisation)
        }
    }

    /// One organisation with the names of those it operates for and of those that operate for it.
    public func organisation(
        _ name: String
    ) async throws -> (organisation: Organisation, operatesFor: [String], operatedBy: [String]) {
        try await database.read { t in
            let found = try Self.organisation(t, name)
            let id: [SQLValue] = [.integer(found.id)]
            return (
                found, try t.query(AccountsSchema.customers, id).map { try $0.text(0) }.sorted(),
                try t.query(AccountsSchema.providers, id).map { try $0.text(0) }.sorted()
            )
        }
    }

    static func organisation(_ t: Transaction, _ name: String) throws -> Organisation {
        guard let row = try t.first(AccountsSchema.organisation, [.text(name)]) else {
            throw AccountsError.unknown("there is no organisation \"\(name.excerpt(80))\"; an operator can make it")
        }
        return try organisation(row)
    }

    private static func organisation(_ row: Row) throws -> Organisation {
        guard let kind = Organisation.Kind(rawValue: try row.text(3)) else {
            throw DamagedAccounts(what: "kind of organisation")
        }
        return Organisation(
            id: try row.int64(0),
            name: try row.text(1),
            title: try row.text(2),
            kind: kind,
            officialKey: try row.optionalText(4),
            securityContact: try row.optionalText(5),
            deputyContact: try row.optionalText(6)
        )
    }

    /// Refuses everybody who may not say what an organisation operates, in a transaction of the caller.
    ///
    /// Operators of the node may for every organisation; for its own, whoever maintains one of its namespaces. A supplier's people can maintain
    /// a namespace of their customer: they act for the supplier, and say nothing for the customer.
    ///
    /// - Returns: the account as it is now, and the organisation.
    public func speaking(
        _ transaction: Transaction,
        for organisation: String,
        by actor: Account,
        at now: Timestamp
    ) throws -> (account: Account, organisation: Organisation) {
        let current = try signedIn(transaction, actor, at: now)
        guard AccountName.isValid(organisation) else {
            throw AccountsError.unknown("there is no organisation \"\(organisation.excerpt(80))\"")
        }
        let found = try Self.organisation(transaction, organisation)
        if current.isAdmin { return (current, found) }
        let pair: [SQLValue] = [.integer(current.id), .integer(found.id)]
        guard current.organisationID == found.id, try transaction.first(AccountsSchema.maintained, pair) != nil else {
            throw AccountsError.denied(
                "only operators of the node, and of \"\(found.name)\" whoever maintains one of its namespaces, may do this"
            )
        }
        return (current, found)
    }

    /// Name of the organisation that an account acts for, in a transaction of the caller; nil when it acts for none.
    public func organisationName(_ transaction: Transaction, of account: Account) throws -> String? {
        guard let id = account.organisationID else { return nil }
        return try transaction.first(AccountsSchema.organisationName, [.integer(id)])?.text(0)
    }

    /// Refuses everybody but operators.
    func operating(_ t: Transaction, _ actor: Account, at now: Timestamp) throws -> Account {
        let current = try signedIn(t, actor, at: now)
        guard current.isAdmin else { throw AccountsError.denied("only operators of the node may do this") }
        return current
    }
}
