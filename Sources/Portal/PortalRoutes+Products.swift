// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Assessment
import HTTPTypes
import Hummingbird
import Products

/// What organisations operate without an image: for people who are known, and of it what they may know.
extension PortalRoutes {
    func productPages(_ request: Request, _ language: Language) async throws -> PortalAnswer {
        let path = request.uri.path
        // The account as it is now: the proof may have ended since it was found.
        guard let asking = visitor.account, let account = try await accounts.reader(asking)?.account else {
            return signInPage(language, next: Self.place(of: request), status: .unauthorized)
        }
        let scope = ProductScope(account)
        let after = request.uri.queryParameters["after"].map { String($0) }
        func frame(_ title: String) -> Pages.Frame {
            Pages.Frame(
                title: title,
                path: path,
                section: .affected,
                query: after.map { [("after", $0)] } ?? []
            )
        }
        if path == "/products" {
            let found = try await products.list(
                for: scope,
                after: after.flatMap { Int64($0) } ?? 0,
                limit: ProductsPage.length + 1
            )
            let view = ProductsPage(found, pages.texts, language)
            let title = pages.texts.text(.products, language)
            return PortalAnswer(privateHTML: pages.render("products", view, frame(title), language))
        }
        do {
            guard let id = Int64(path.dropFirst("/products/".count)) else {
                return notFound(pages.texts.text(.pageMissing, language), language)
            }
            let product = try await products.product(id, for: scope)
            let view = ProductPage(
                product,
                findings: try await products.findings(
                    of: product,
                    after: after.flatMap { FindingCursor(parsing: $0) },
                    limit: ProductPage.length + 1
                ),
                notAssessed: try await products.notAssessed(in: product),
                judgement: try product.revision.judgement,
                revisions: try await products.revisions(of: product, limit: ProductPage.revisionsShown),
                pages.texts,
                language
            )
            return PortalAnswer(privateHTML: pages.render("product", view, frame(view.title), language))
        } catch is ProductsError {
            // Whoever may not know of a product learns what anybody learns of one that there is not.
            return notFound(pages.texts.text(.pageMissing, language), language)
        }
    }
}
