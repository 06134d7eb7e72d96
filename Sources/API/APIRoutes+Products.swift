// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Advisories
import Assessment
import HTTPTypes
import Hummingbird
import JSON
import OCI
import Products
import SBOM
import Time

extension APIRoutes {
    /// Bytes of a bill that is sent, as many as are read of one.
    private static let largestBill = 16 << 20
    /// Bills of a product that its answer lists.
    private static let revisionsShown = 100

    /// What organisations operate without an image.
    func products(
        _ operation: ManagementOperation,
        _ parameters: [String: String],
        _ request: Request,
        _ actor: Account
    ) async throws -> APIAnswer {
        if operation == .uploadProduct { return try await uploadProduct(request, actor) }
        // The account as it is now: the proof may have ended since it was found.
        guard let account = try await accounts.reader(actor)?.account else { throw Problem.unauthorized }
        let scope = ProductScope(account)
        if operation == .products { return try await productList(request, scope) }
        let text = parameters["product"] ?? ""
        guard let id = Int64(text), id > 0 else {
            throw Problem.notFound("there is no product \"\(text.excerpt(20))\"; products have numbers")
        }
        switch operation {
        case .productBill: return try await bill(of: id, request, scope)
        case .removeProduct:
            try await products.remove(id, by: actor)
            return APIAnswer(bytes: [], contentType: "application/json", status: .noContent)
        default: return try await productPage(id, request, scope)
        }
    }

    /// Takes a supplier's bill; what the product is says the query, and not the bill.
    private func uploadProduct(_ request: Request, _ actor: Account) async throws -> APIAnswer {
        let query = try APIQuery(request, allowed: ["organisation", "name", "version", "supplier"])
        func word(_ name: String) throws -> String {
            guard let text = query[name] else { throw Problem.invalid("the parameter \"\(name)\" is missing") }
            return text
        }
        let organisation = try word("organisation")
        let name = try ProductName(name: word("name"), version: word("version"), supplier: word("supplier"))
        let bytes = try await APIBody.bytes(request, upTo: Self.largestBill)
        let taken = try await products.upload(bytes, as: name, of: organisation, by: actor)
        return APIAnswer(
            [
                "id": .integer(taken.id), "revision": .integer(Int64(taken.revision)), "known": .bool(taken.isKnown),
                "components": .integer(Int64(taken.components)), "unnamed": .integer(Int64(taken.unnamed)),
                "conclusion": .string(taken.judgement.conclusion.rawValue),
            ],
            status: taken.isKnown ? .ok : .created
        )
    }

    private func productList(_ request: Request, _ scope: ProductScope) async throws -> APIAnswer {
        let query = try APIQuery(request, allowed: ["limit", "cursor"])
        let limit = try query.limit()
        let kind = ManagementOperation.products.rawValue
        let after = try query.position(kind).flatMap { Int64($0) } ?? 0
        let found = try await products.list(for: scope, after: after, limit: limit + 1)
        let next = found.count > limit ? Cursor.encode(kind, String(found[limit - 1].id)) : nil
        return page(["items": .array(found.prefix(limit).map(\.json))], next, limit, request)
    }

    /// A product with a page of what was found in it; with the first page all that is known of it.
    private func productPage(_ id: Int64, _ request: Request, _ scope: ProductScope) async throws -> APIAnswer {
        let query = try APIQuery(request, allowed: ["limit", "cursor"])
        let limit = try query.limit()
        let kind = ManagementOperation.product.rawValue
        let position = try query.position(kind)
        let after = position.flatMap { FindingCursor(parsing: $0) }
        guard position == nil || after != nil else {
            throw Problem.invalid("the cursor is not one of this list; begin again without it")
        }
        let product = try await products.product(id, for: scope)
        let found = try await products.findings(of: product, after: after, limit: limit + 1)
        var members: [String: JSONValue] = [
            "product": product.json, "items": .array(found.prefix(limit).map(\.finding.json)),
            "revisions": .null, "notAssessed": .null, "judgement": .null,
        ]
        if after == nil {
            let revisions = try await products.revisions(of: product, limit: Self.revisionsShown)
            members["revisions"] = .array(revisions.map(\.json))
            members["notAssessed"] = .array(try await products.notAssessed(in: product).map(\.json))
            members["judgement"] = try product.revision.judgement.json
        }
        let next = found.count > limit ? Cursor.encode(kind, found[limit - 1].cursor.description) : nil
        return page(members, next, limit, request)
    }

    private func page(
        _ members: [String: JSONValue],
        _ next: String?,
        _ limit: Int,
        _ request: Request
    ) -> APIAnswer {
        var headers: HTTPFields = [.cacheControl: "no-store"]
        if let next { headers.set("Link", "<\(request.uri.path)?limit=\(limit)&cursor=\(next)>; rel=\"next\"") }
        var members = members
        members["next"] = .optional(next)
        members["tlp"] = .string(Products.tlp)
        return APIAnswer(.object(members), headers: headers)
    }

    /// A bill exactly as it was uploaded.
    private func bill(of id: Int64, _ request: Request, _ scope: ProductScope) async throws -> APIAnswer {
        let query = try APIQuery(request, allowed: ["revision"])
        var revision: Int?
        if let text = query["revision"] {
            guard let number = Int(text), number > 0 else { throw Problem.invalid("revision is a number from 1 on") }
            revision = number
        }
        guard let found = try await products.document(of: id, revision: revision, for: scope) else {
            throw Problem.notFound("this bill is not kept any more, or there never was one of that number")
        }
        var headers: HTTPFields = [.cacheControl: "no-store"]
        // A stranger's bytes: stored as a file, never shown.
        headers.set("Content-Disposition", "attachment; filename=\"product-\(id)-\(found.revision.number).json\"")
        return APIAnswer(bytes: found.bytes, contentType: "application/json", headers: headers)
    }
}

extension Product {
    /// The product as an object; absent values are null.
    var json: JSONValue {
        [
            "id": .integer(id), "name": .string(name.name), "version": .string(name.version),
            "supplier": .string(name.supplier), "organisation": .string(organisation), "since": .string(since.rfc3339),
            "removedAt": .optional(removedAt?.rfc3339), "removedBy": .optional(removedBy), "bill": revision.json,
        ]
    }
}

extension Product.Revision {
    /// The bill as an object; absent values are null.
    var json: JSONValue {
        [
            "revision": .integer(Int64(number)), "digest": .string(document.description),
            "size": .integer(Int64(size)), "format": .string(format), "formatVersion": .string(formatVersion),
            "entries": .integer(Int64(entries)), "components": .integer(Int64(components)),
            "unnamed": .integer(Int64(unnamed)), "purl": .optional(purl),
            "uploadedAt": .string(uploadedAt.rfc3339), "uploadedBy": .string(uploadedBy),
        ]
    }
}

extension Problem {
    init(_ error: ProductsError) {
        switch error {
        case .invalid(let text): self = .invalid(text)
        case .bill(let text):
            self = .invalid("the SBOM was not taken, and nothing of it was kept: \(text.en)")
        case .unknown(let text): self = .notFound(text)
        case .conflict(let text): self = .conflict(text)
        }
    }
}
