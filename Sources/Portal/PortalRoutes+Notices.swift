// SPDX-License-Identifier: EUPL-1.2

import Accounts
import HTTPTypes
import Hummingbird
import Notices
import OCI
import SBOM
import Situation
import WebRequests

/// Notices: for operators and auditors, and for whoever has the link of a letter.
extension PortalRoutes {
    /// Where the links of letters begin; what follows is a proof, which no log may hold.
    public static let answerPrefix = "/notices/answer/"

    func noticePages(_ request: Request, _ language: Language) async throws -> PortalAnswer {
        let path = request.uri.path
        guard let account = visitor.account else {
            return signInPage(language, next: Self.place(of: request), status: .unauthorized)
        }
        do {
            if path == "/notices" {
                let before = request.uri.queryParameters["before"].flatMap { Int64($0) }
                let found = try await notices.list(before: before, limit: NoticesPage.length + 1, by: account)
                return PortalAnswer(
                    privateHTML: pages.render(
                        "notices",
                        NoticesPage(found, pages.texts, language),
                        frame(pages.texts.text(.notices, language), path, language),
                        language
                    )
                )
            }
            if path == "/notices/draft" {
                let asked = request.uri.queryParameters["q"].map { String($0) } ?? ""
                return try await draftPage(asked, account, nil, language)
            }
            let after = request.uri.queryParameters["after"].map { String($0.prefix { $0 != "\0" }) } ?? ""
            return try await noticePage(String(path.dropFirst("/notices/".count)), after: after, account, language)
        } catch let error as NoticesError {
            return refused(error, language)
        }
    }

    /// Takes a form of these pages.
    func changeNotices(
        _ path: String,
        _ form: FormFields,
        _ account: Account,
        _ language: Language
    ) async throws -> PortalAnswer {
        do {
            if path == "/notices/draft" { return try await draftPage(form["q"] ?? "", account, form, language) }
            let id = String(path.dropFirst("/notices/".count))
            guard form["action"] == "withdraw" else { return unread(.malformed, language) }
            do {
                let made = try await notices.withdraw(
                    id,
                    reason: LocalizedText(de: form["reason-de"] ?? "", en: form["reason-en"] ?? ""),
                    by: account
                )
                return PortalAnswer(seeOther: NoticesPage.address(made))
            } catch NoticesError.invalid(let detail) {
                let error = FormErrorView(text: pages.texts.text(.refusedInvalid, language), detail: detail)
                return try await noticePage(
                    id,
                    account,
                    language,
                    status: .unprocessableContent,
                    form: form,
                    error: error
                )
            }
        } catch let error as NoticesError {
            return refused(error, language)
        }
    }

    private func noticePage(
        _ id: String,
        after: String = "",
        _ account: Account,
        _ language: Language,
        status: HTTPResponse.Status = .ok,
        form: FormFields? = nil,
        error: FormErrorView? = nil
    ) async throws -> PortalAnswer {
        let overview = try await notices.notice(id, after: after, limit: NoticePage.length, by: account)
        let page = NoticePage(
            overview,
            isOperator: account.isAdmin,
            error: error,
            form: form,
            pages.texts,
            language
        )
        return PortalAnswer(
            privateHTML: pages.render("notice", page, frame(page.title, NoticesPage.address(id), language), language),
            status: status
        )
    }

    private func draftPage(
        _ asked: String,
        _ account: Account,
        _ form: FormFields?,
        _ language: Language
    ) async throws -> PortalAnswer {
        let question: AffectedQuestion
        do { question = try AffectedQuestion(parsing: asked) } catch {
            return PortalAnswer(seeOther: Pages.address("/affected", [("q", asked)]))
        }
        let draft = try await notices.draft(question, by: account)
        var error: FormErrorView?
        var preview: NoticeDraftPage.Preview?
        if let form {
            do {
                let content = try Self.content(form, draft.suggestion)
                let except = Set((form["except"] ?? "").split { ", ;\n\r\t".contains($0) }.map(String.init))
                if let unknown = except.first(where: { draft.recipient($0) == nil }) {
                    throw NoticesError.invalid(
                        "\"\(unknown.prefix(80))\" is none of those whom this concerns; write the short name"
                    )
                }
                let chosen = Set(draft.recipients.map(\.name)).subtracting(except)
                if form["action"] == "preview", let first = draft.recipients.first(where: { chosen.contains($0.name) })
                {
                    let letter = try await notices.preview(draft, content, for: first.name, by: account)
                    preview = NoticeDraftPage.Preview(
                        title: pages.texts.text(.noticePreview, language, ["organisation": first.title]),
                        subject: letter.subject,
                        text: letter.text
                    )
                } else if form["fingerprint"] != draft.fingerprint {
                    error = FormErrorView(text: pages.texts.text(.noticeChanged, language), detail: nil)
                } else if form["sure"] != "yes" {
                    error = FormErrorView(text: pages.texts.text(.noticeUnsure, language), detail: nil)
                } else {
                    let made = try await notices.send(
                        draft,
                        content,
                        to: chosen,
                        request: form["request"],
                        by: account
                    )
                    return PortalAnswer(seeOther: NoticesPage.address(made))
                }
            } catch NoticesError.invalid(let detail) {
                error = FormErrorView(text: pages.texts.text(.refusedInvalid, language), detail: detail)
            }
        }
        let page = NoticeDraftPage(
            draft,
            isOperator: account.isAdmin,
            preview: preview,
            error: error,
            form: form,
            pages.texts,
            language
        )
        var frame = frame(pages.texts.text(.noticeDraft, language), "/notices/draft", language)
        frame.query = [("q", asked)]
        return PortalAnswer(
            privateHTML: pages.render("notice-draft", page, frame, language),
            status: error == nil ? .ok : .unprocessableContent
        )
    }

    private static func content(_ form: FormFields, _ base: NoticeContent) throws -> NoticeContent {
        var content = base
        content.what = LocalizedText(de: form["what-de"] ?? "", en: form["what-en"] ?? "")
        let measure = LocalizedText(de: form["measure-de"] ?? "", en: form["measure-en"] ?? "")
        content.measure = measure.de.trimmed.isEmpty && measure.en.trimmed.isEmpty ? nil : measure
        var replacement = NoticeReplacement(command: form["command"]?.trimmed)
        if let text = form["replacement"]?.trimmed, !text.isEmpty {
            guard let digest = try? Digest(parsing: text) else {
                throw NoticesError.invalid("the replacement is no digest; write sha256:…")
            }
            replacement.digest = digest
        }
        content.replacement =
            replacement.digest == nil && (replacement.command ?? "").isEmpty ? nil : replacement
        return content
    }

    /// What the link of a letter leads to; nobody has to sign in, the link is the proof.
    func answerPage(_ request: Request, _ language: Language) async throws -> PortalAnswer {
        let path = request.uri.path
        let token = String(path.dropFirst(Self.answerPrefix.count))
        do {
            if request.method == .post {
                guard !isForeign(request) else { return message(.forbidden, .foreignTitle, .foreignText, language) }
                let form: FormFields
                do { form = try await FormFields(request) } catch { return unread(error, language) }
                guard let state = form["state"].flatMap({ NoticeState(answer: $0) }) else {
                    return unread(.malformed, language)
                }
                _ = try await notices.acknowledge(token, state)
                return PortalAnswer(seeOther: path)
            }
            let page = AnswerPage(try await notices.answer(token), action: path, pages.texts, language)
            var shown = PortalAnswer(
                privateHTML: pages.render(
                    "answer",
                    page,
                    frame(pages.texts.text(.notices, language), path, language),
                    language
                )
            )
            // The address is the proof: no other page learns it.
            if let name = HTTPField.Name("X-Robots-Tag") { shown.headers[name] = "noindex" }
            return shown
        } catch is NoticesError {
            return message(.notFound, .notFoundTitle, .answerMissing, language)
        }
    }

    private func frame(_ title: String, _ path: String, _ language: Language) -> Pages.Frame {
        Pages.Frame(title: title, path: path, section: .affected)
    }

    private func refused(_ error: NoticesError, _ language: Language) -> PortalAnswer {
        let status: HTTPResponse.Status =
            switch error {
            case .denied: .forbidden
            case .unknown: .notFound
            case .invalid: .unprocessableContent
            case .conflict: .conflict
            }
        return message(status, .refusedTitle, .refusedText, language, ["reason": error.description])
    }
}
