// SPDX-License-Identifier: EUPL-1.2

import Accounts
import HTTPTypes
import Hummingbird
import JSON
import OCI
import Situation

extension APIRoutes {
    /// Who is affected, as far as the account may read.
    func affected(_ request: Request, _ actor: Account) async throws -> APIAnswer {
        let query = try APIQuery(request, allowed: ["question", "form", "limit", "cursor"])
        let limit = try query.limit()
        let position = try query.position(ManagementOperation.affected.rawValue)
        let form = query["form"] ?? "json"
        guard ["json", "csv"].contains(form) else { throw Problem.invalid("form is json or csv") }
        let question: AffectedQuestion
        do { question = try AffectedQuestion(parsing: query["question"] ?? "") } catch {
            throw Problem.invalid(error.description)
        }
        // The proof may have ended since the account was found.
        guard let scope = try await accounts.readScope(of: actor) else { throw Problem.unauthorized }
        let reader = Situation.Reader(actor, scope: scope)
        let after = position.flatMap { Int64($0) }
        let page: AffectedPage
        var summary: AffectedSummary?
        if form == "csv" {
            page = try await situation.affected(by: question, for: reader, after: after, limit: limit)
        } else {
            // Counted once for the whole answer, which its first page opens.
            (page, summary) = try await situation.answer(to: question, for: reader, after: after, limit: limit)
        }
        let next = page.next.map { Cursor.encode(ManagementOperation.affected.rawValue, String($0)) }
        var headers: HTTPFields = [.cacheControl: "no-store"]
        if let next {
            let asked = PercentEncoding.encode(question.text)
            headers.set(
                "Link",
                "<\(request.uri.path)?question=\(asked)&form=\(form)&limit=\(limit)&cursor=\(next)>; rel=\"next\""
            )
        }
        if form == "csv" {
            headers.set("Content-Disposition", "attachment; filename=\"affected.csv\"")
            return APIAnswer(
                bytes: Array(((position == nil ? AffectedCSV.header : "") + AffectedCSV.lines(of: page)).utf8),
                contentType: "text/csv; charset=utf-8",
                headers: headers
            )
        }
        guard case .object(var members) = page.json(summary) else { throw Problem.unavailable }
        members["next"] = .optional(next)
        return APIAnswer(.object(members), headers: headers)
    }
}
