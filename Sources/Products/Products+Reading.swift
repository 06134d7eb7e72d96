// SPDX-License-Identifier: EUPL-1.2

public import Advisories
public import Assessment
import Database
import JSON
import OCI
import SBOM
import Time

extension Products {
    /// A page of the products that somebody may know of, in the order in which they were first uploaded; those that were removed too.
    ///
    /// - Parameters:
    ///   - scope: whose they are.
    ///   - after: the last one of the page before.
    ///   - limit: most products, at most 1 000.
    public func list(for scope: ProductScope, after: Int64 = 0, limit: Int = 100) async throws -> [Product] {
        let (start, size) = (SQLValue.integer(after), SQLValue.integer(min(max(limit, 0), 1_000)))
        switch scope {
        case .none: return []
        case .all:
            return try await database.read { t in
                try t.query(ProductsSchema.page, [start, size]).map { try Product($0) }
            }
        case .organisation(let id):
            return try await database.read { t in
                try t.query(ProductsSchema.pageOfOrganisation, [.integer(id), start, size]).map { try Product($0) }
            }
        }
    }

    /// One product.
    ///
    /// - Throws: ``ProductsError/unknown(_:)`` also for who may not know of it.
    public func product(_ id: Int64, for scope: ProductScope) async throws -> Product {
        let found = try await database.lookUp { t in
            try t.first(ProductsSchema.one, [.integer(id)]).map { try Product($0) }
        }
        guard let found, scope.includes(organisation: found.organisationID) else { throw Self.unknown(id) }
        return found
    }

    /// Bills of a product, the latest first.
    public func revisions(of product: Product, before: Int = .max, limit: Int = 100) async throws -> [Product.Revision]
    {
        try await database.read { t in
            try t.query(
                ProductsSchema.revisions,
                [.integer(product.id), .integer(before), .integer(min(max(limit, 0), 1_000))]
            ).map { try Product.Revision($0, 0) }
        }
    }

    /// A bill exactly as it was uploaded; nil where it is not kept any more.
    ///
    /// - Parameters:
    ///   - id: the product.
    ///   - revision: nil for the one that counts.
    ///   - scope: whose products the asking may know of.
    public func document(
        of id: Int64,
        revision: Int? = nil,
        for scope: ProductScope
    ) async throws -> (bytes: [UInt8], revision: Product.Revision)? {
        let product = try await product(id, for: scope)
        guard product.removedAt == nil else { return nil }
        let number = revision ?? product.revision.number
        let found = try await database.lookUp { t in
            try t.first(ProductsSchema.revision, [.integer(id), .integer(number)]).map { try Product.Revision($0, 0) }
        }
        guard let found, let bytes = try documents.get(found.document) else { return nil }
        return (bytes, found)
    }

    /// A page of what was found in a product, ordered by vulnerability, then component, with everybody's words laid over it.
    ///
    /// - Parameters:
    ///   - product: it.
    ///   - after: the last one of the page before.
    ///   - limit: most findings, at most 1 000.
    public func findings(
        of product: Product,
        after: FindingCursor? = nil,
        limit: Int = 100
    ) async throws -> [ListedFinding] {
        let rows = try await database.read { try Self.components(of: product.id, in: $0).map(\.row) }
        let found = try await index.findings(in: rows, after: after, limit: min(max(limit, 1), 1_000))
        guard !found.isEmpty else { return [] }
        let parts = Dictionary(
            try await index.components(Set(found.map(\.cursor.component)).sorted()).map { ($0.id, $0.component) },
            uniquingKeysWith: { first, _ in first }
        )
        let names = Set(found.flatMap { [$0.finding.id] + $0.finding.aliases })
        let overlay = try await database.read { try StatementOverlay(about: names, in: $0) }
        let subject = ProductIndex.subject(of: product)
        let now = clock.now()
        return found.map { listed in
            guard let component = parts[listed.cursor.component] else {
                return listed
            }
            let stated = overlay.applied(
                to: listed.finding,
                in: component,
                row: listed.cursor.component,
                of: subject,
                at: now
            )
            return ListedFinding(finding: stated, cursor: listed.cursor)
        }
    }

    /// What of a product no advisory speaks about, and why.
    ///
    /// Worked out when it is first asked for under new advisories, and kept: a product that nobody looks at costs nothing.
    public func notAssessed(in product: Product) async throws -> [NotAssessed] {
        guard product.removedAt == nil else { return [] }
        let snapshot = try assessment.snapshotID() ?? ""
        if let known = product.coverage, known.snapshot == snapshot {
            return try JSONValue(parsing: known.record).arrayValue.map { entries in
                try entries.map { try NotAssessed(json: JSONFields($0)) }
            } ?? []
        }
        let rows = try await database.read { try Self.components(of: product.id, in: $0).map(\.row) }
        let coverage = try await assessment.coverage(of: index.components(rows).map(\.component))
        var entries = coverage.notAssessed
        if product.revision.unnamed > 0 {
            entries.append(
                NotAssessed(ecosystem: "", components: product.revision.unnamed, reason: Self.withoutName)
            )
        }
        let record = JSONValue.array(entries.map(\.json)).text(.compact)
        let values: [SQLValue] = [
            .text(record), .text(coverage.snapshot ?? ""), .integer(product.id), .integer(product.revision.number),
        ]
        _ = try await database.write { try $0.execute(ProductsSchema.setCoverage, values) }
        return entries
    }

    private static let withoutName = LocalizedText(
        de: "Die Stückliste nennt dafür keine Package-URL; ohne sie lassen sich keine Meldungen nachschlagen.",
        en: "The SBOM names them by no package URL; without one no advisory can be looked up."
    )
}
