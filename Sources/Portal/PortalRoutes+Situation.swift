// SPDX-License-Identifier: EUPL-1.2

import Accounts
import HTTPTypes
import Hummingbird
import Situation

/// The situational picture: for people who are known, and of it what they may read.
extension PortalRoutes {
    /// Images and products of one table for a spreadsheet; more are fetched over the API.
    private static let tableLength = 10_000

    func affectedPage(_ request: Request, _ language: Language) async throws -> PortalAnswer {
        let path = request.uri.path
        let asked = request.uri.queryParameters["q"].map { String($0) } ?? ""
        let after = request.uri.queryParameters["after"].flatMap { Int64($0) } ?? 0
        guard let asking = visitor.account, let (current, scope) = try await accounts.reader(asking),
            let account = current
        else {
            return signInPage(language, next: Self.place(of: request), status: .unauthorized)
        }
        let frame = Pages.Frame(
            title: pages.texts.text(.affectedTitle, language),
            path: "/affected",
            section: .affected,
            query: (asked.isEmpty ? [] : [("q", asked)]) + (after == 0 ? [] : [("after", String(after))])
        )
        if asked.isEmpty {
            var view = AffectedView(question: "")
            view.seesNotices = Situation.Reader(account, scope: scope).seesPulls
            return PortalAnswer(privateHTML: pages.render("affected", view, frame, language))
        }
        let question: AffectedQuestion
        do { question = try AffectedQuestion(parsing: asked) } catch {
            let view = AffectedView(
                question: asked,
                error: FormErrorView(
                    text: pages.texts.text(.affectedMalformed, language),
                    detail: error.description
                )
            )
            return PortalAnswer(
                privateHTML: pages.render("affected", view, frame, language),
                status: .unprocessableContent
            )
        }
        let reader = Situation.Reader(account, scope: scope)
        if path == "/affected.csv" { return try await table(question, reader) }
        let (page, summary) = try await situation.answer(
            to: question,
            for: reader,
            after: after == 0 ? nil : after,
            limit: AffectedView.length
        )
        let view = AffectedView(page, summary, seesPulls: reader.seesPulls, pages.texts, language)
        return PortalAnswer(privateHTML: pages.render("affected", view, frame, language))
    }

    private func table(_ question: AffectedQuestion, _ reader: Situation.Reader) async throws -> PortalAnswer {
        var text = AffectedCSV.header
        var after: Int64?
        var count = 0
        repeat {
            let page = try await situation.affected(by: question, for: reader, after: after, limit: 1_000)
            text += AffectedCSV.lines(of: page)
            count += page.images.count + page.products.count
            after = page.next
        } while after != nil && count < Self.tableLength
        return PortalAnswer(csv: Array(text.utf8), name: "affected.csv")
    }
}
