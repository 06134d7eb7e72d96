// SPDX-License-Identifier: EUPL-1.2

import Advisories
public import Assessment
public import Database
public import Time

/// The way from components to the products that have them; a page costs as much as it is long.
public struct ProductIndex: Sendable {
    /// A product and those of the components asked for that it has.
    public struct Hit: Sendable, Hashable {
        /// Row of the product.
        public let product: Int64
        /// Rows of the components, each with since when the node knows that the product has it.
        public internal(set) var parts: [Int64: Timestamp]
    }

    private let database: Database

    /// The index of a node's database.
    public init(database: Database) { self.database = database }

    /// A page of the products that have any of some components, in the order of their rows.
    ///
    /// - Parameter scope: whose they are; what others operate costs a look-up and is passed over.
    public func products(
        with parts: [Int64],
        for scope: ProductScope,
        after: Int64 = 0,
        limit: Int
    ) async throws -> [Hit] {
        guard limit > 0, !parts.isEmpty, scope != .none else { return [] }
        return try await database.read { t in
            var hits: [Int64: Hit] = [:]
            // Beyond the last row of a full page more of that component's may come.
            var end = Int64.max
            for part in parts {
                let rows =
                    switch scope {
                    case .organisation(let own):
                        try t.query(
                            ProductsSchema.ownProductsOfComponent,
                            [.integer(part), .integer(after), .integer(own), .integer(limit)]
                        )
                    case .all, .none:
                        try t.query(
                            ProductsSchema.productsOfComponent,
                            [.integer(part), .integer(after), .integer(limit)]
                        )
                    }
                for row in rows {
                    let product = try row.int64(0)
                    guard product <= end else { break }
                    hits[product, default: Hit(product: product, parts: [:])].parts[part] = try row.time(1)
                }
                if rows.count == limit, let last = try rows.last?.int64(0) { end = min(end, last) }
            }
            return Array(hits.values.filter { $0.product <= end }.sorted { $0.product < $1.product }.prefix(limit))
        }
    }

    /// Products by their rows, in the order asked; those that are gone are left out.
    public func products(_ rows: [Int64]) async throws -> [Product] {
        try await database.read { t in
            try rows.compactMap { id in
                try t.first(ProductsSchema.one, [.integer(id)]).map { try Product($0) }
            }
        }
    }

    /// What everybody's words about a product's findings are about.
    public static func subject(of product: Product) -> StatementOverlay.Subject {
        StatementOverlay.Subject(product.revision.names)
    }
}
