// SPDX-License-Identifier: EUPL-1.2

public import Accounts
public import Criteria
import Database
public import JSON

extension Directory {
    /// What an organisation publishes and uses, as far as somebody may know of it.
    public struct Overview: Sendable {
        /// The organisation.
        public let organisation: Organisation
        /// Names of those it works for.
        public let operatesFor: [String]
        /// Names of those that work for it.
        public let operatedBy: [String]
        /// Entries that were counted.
        public let counted: Int
        /// There are more.
        public let isAtLeast: Bool
        /// How many have which level.
        public let levels: [Level: Int]
        /// How many have none that is known.
        public let unknown: Int
        /// One page of its entries.
        public let entries: [DirectoryEntry]
        /// Where the next page goes on.
        public let next: Int64?
        /// What it uses.
        public let uses: [DirectoryUse]
    }

    /// Entries of an organisation that are counted.
    static let countedOfOne = 2_000

    /// One organisation.
    ///
    /// - Parameters:
    ///   - name: its name in addresses.
    ///   - account: who asks; nobody in particular learns only of organisations that publish something for everybody.
    ///   - after: ``Overview/next`` of the page before.
    ///   - limit: most entries of the page.
    /// - Throws: `AccountsError/unknown(_:)` for what there is not, or nobody may know of.
    public func overview(
        of name: String,
        for account: Account?,
        after: Int64 = 0,
        limit: Int = 50
    ) async throws -> Overview {
        let missing = AccountsError.unknown("there is no organisation \"\(name.excerpt(80))\" that you may know of")
        guard !name.utf8.contains(0), let reader = try await reader(account) else { throw missing }
        let found = try await accounts.organisation(name)
        let id = found.organisation.id
        let page = try await entries(of: id, for: reader, after: after, limit: limit)
        let (count, isAtLeast) = try await database.read { t in
            var count = FacetCount(nil, reader)
            let rows = try t.query(
                DirectorySchema.facetsByOrganisation,
                [.integer(id), .integer(Self.countedOfOne + 1)]
            )
            for row in rows.prefix(Self.countedOfOne) { try count.add(row) }
            return (count, rows.count > Self.countedOfOne)
        }
        let uses = try await uses(by: id, for: reader)
        if account == nil, count.total == 0, uses.isEmpty { throw missing }
        return Overview(
            organisation: found.organisation,
            operatesFor: found.operatesFor,
            operatedBy: found.operatedBy,
            counted: count.total,
            isAtLeast: isAtLeast,
            levels: count.reached,
            unknown: count.total - count.reached.values.reduce(0, +),
            entries: page.entries,
            next: page.next,
            uses: uses
        )
    }

    /// What somebody has to do first in their namespaces, with the names of these.
    ///
    /// Operators who are members of nothing see nothing here: it is nobody's work to mend everything.
    public func work(
        of account: Account,
        limit: Int = 50
    ) async throws -> (namespaces: [String], entries: [DirectoryEntry])? {
        guard let reader = try await reader(account) else { return nil }
        var (names, after): ([String], String) = ([], "")
        while names.count < 1_000 {
            let page = try await accounts.namespaces(after: after, limit: 500, by: account)
            names += page.filter { ($0.role ?? .reader) > .reader }.map(\.namespace.name)
            guard page.count == 500, let last = page.last else { break }
            after = last.namespace.name
        }
        return (names, try await work(in: names, for: reader, limit: limit))
    }
}

extension DirectoryEntry {
    /// As JSON.
    public var json: JSONValue {
        [
            "kind": .string(kind.word), "name": .string(name), "label": .string(label),
            "namespace": .optional(namespace),
            "organisation": owner.map { ["name": .string($0.name), "title": .string($0.title)] } ?? .null,
            "level": .optional(level?.rawValue),
            "areas": .object(
                Dictionary(
                    uniqueKeysWithValues: Area.allCases.map { ($0.rawValue, .optional(areas[$0]?.rawValue)) }
                )
            ),
            "categories": .strings(categories), "licences": .strings(licences),
            "architectures": .strings(architectures), "facts": facts.json,
        ]
    }
}

extension DirectoryFacets {
    /// As JSON.
    public var json: JSONValue {
        func list(_ values: [Value]) -> JSONValue {
            .array(
                values.map {
                    ["name": .string($0.name), "title": .string($0.title), "count": .integer(Int64($0.count))]
                }
            )
        }
        return [
            "total": .integer(Int64(total)), "isAtLeast": .bool(isAtLeast), "kinds": list(kinds),
            "levels": list(levels), "categories": list(categories), "licences": list(licences),
            "organisations": list(organisations), "architectures": list(architectures),
        ]
    }
}
