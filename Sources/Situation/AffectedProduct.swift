// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Assessment
public import JSON
public import Products
import Time

/// A product that a question is about.
public struct AffectedProduct: Sendable, Hashable {
    /// The product.
    public let product: Product
    /// Why it is in the answer; never empty.
    public let reasons: [AffectedImage.Reason]
    /// Whether anything of it is left after all words about it.
    public var isAffected: Bool { AffectedImage.isAffected(reasons) }
}

extension AffectedProduct {
    /// The product as an object; absent values are null.
    public var json: JSONValue {
        [
            "kind": "product",
            "id": .integer(product.id),
            "name": .string(product.name.name),
            "version": .string(product.name.version),
            "supplier": .string(product.name.supplier),
            "organisation": .string(product.organisation),
            "affected": .bool(isAffected),
            "since": .string(product.since.rfc3339),
            "reasons": .array(reasons.map(\.json)),
        ]
    }
}

extension Situation.Search {
    /// Components that products can have: a bill says nothing of layers, and images are none of its own.
    fileprivate var productParts: [Int64] {
        switch question {
        case .vulnerability, .package: parts.rows
        case .image, .base, .file, .path: []
        }
    }
}

extension Situation {
    /// A page of the products that a question is about, in the order in which they were first uploaded.
    ///
    /// - Parameter limit: 0 asks only whether there are any.
    func affectedProducts(
        _ search: Search,
        after position: AffectedPosition,
        limit: Int
    ) async throws -> (products: [AffectedProduct], next: Int64?) {
        var start: Int64 = 0
        if case .product(let row) = position { start = row }
        let hits = try await products.products(
            with: search.productParts,
            for: search.reader.products,
            after: start,
            limit: limit + 1
        )
        var next: Int64?
        if hits.count > limit {
            next = AffectedPosition.product(limit > 0 ? hits[limit - 1].product : start).number
        }
        return (try await affected(hits.prefix(limit), search), next)
    }

    /// How many products are affected, and whose they are.
    func productCount(
        _ search: Search
    ) async throws -> (affected: Int, cleared: Int, organisations: Set<String>, isAtLeast: Bool) {
        var (affected, cleared) = (0, 0)
        var organisations = Set<String>()
        var position: Int64 = 0
        while true {
            let hits = try await products.products(
                with: search.productParts,
                for: search.reader.products,
                after: position,
                limit: 1_000
            )
            guard let last = hits.last?.product else { return (affected, cleared, organisations, false) }
            for found in try await self.affected(hits[...], search) {
                guard found.isAffected else {
                    cleared += 1
                    continue
                }
                affected += 1
                organisations.insert(found.product.organisation)
            }
            guard affected + cleared < AffectedSummary.countedImages else {
                return (affected, cleared, organisations, true)
            }
            position = last
        }
    }

    private func affected(
        _ hits: ArraySlice<ProductIndex.Hit>,
        _ search: Search
    ) async throws -> [AffectedProduct] {
        let known = Dictionary(
            try await products.products(hits.map(\.product)).map { ($0.id, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        return hits.compactMap { hit in
            // Removed since the index was read.
            guard let product = known[hit.product], product.removedAt == nil else { return nil }
            let reasons = hit.parts.sorted { $0.key < $1.key }.flatMap { part, since in
                search.parts.reasons(of: part, since: since)
            }
            return AffectedProduct(
                product: product,
                reasons: search.words.applied(to: reasons, of: ProductIndex.subject(of: product))
            )
        }
    }
}
