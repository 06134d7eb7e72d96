// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Advisories
import Assessment
import Criteria
import HTTPTypes
import Hummingbird
import OCI
import Triage
import WebRequests

/// Findings, one at a time: what is said about them, and what maintainers say themselves.
extension PortalRoutes {
    func triagePage(_ request: Request, _ language: Language) async throws -> PortalAnswer {
        guard let account = visitor.account else {
            return signInPage(language, next: Self.place(of: request), status: .unauthorized)
        }
        func parameter(_ name: String) -> String { request.uri.queryParameters[Substring(name)].map(String.init) ?? "" }
        return try await triagePage(
            parameter("image"),
            FindingSelection(vulnerability: parameter("vulnerability"), source: parameter("source")),
            account,
            language
        )
    }

    /// Takes a form of this page.
    func changeTriage(_ form: FormFields, _ account: Account, _ language: Language) async throws -> PortalAnswer {
        guard let image = form["image"], let vulnerability = form["vulnerability"], let source = form["source"] else {
            return unread(.malformed, language)
        }
        let selection = FindingSelection(vulnerability: vulnerability, source: source)
        func again(_ status: HTTPResponse.Status, _ error: FormErrorView) async throws -> PortalAnswer {
            try await triagePage(image, selection, account, language, status: status, form: form, error: error)
        }
        do {
            guard let (_, target) = try await triageTarget(image) else { return notFound(image, language) }
            let scope = form["scope"].flatMap { Triage.Scope(rawValue: $0) }
            switch form["action"] {
            case "assess":
                guard let scope else { return unread(.malformed, language) }
                let judgement = try Judgement(
                    status: form["status"] ?? "",
                    justification: form["justification"],
                    impact: form["impact"],
                    action: form["measure"],
                    expires: form["expires"]
                )
                _ = try await triage.assess(judgement, of: selection, in: target, scope: scope, by: account)
            case "adopt":
                guard let id = form["statement"].flatMap({ SaidStatement.ID(parsing: $0) }) else {
                    return unread(.malformed, language)
                }
                _ = try await triage.adopt(id, for: target, scope: .image, by: account)
            case "end":
                guard let document = form["document"].flatMap({ Int64($0) }) else {
                    return unread(.malformed, language)
                }
                try await triage.end(document, by: account)
            default: return unread(.malformed, language)
            }
            return PortalAnswer(
                seeOther: TriagePage.address(image, vulnerability: vulnerability, source: source)
            )
        } catch let error as TriageError {
            let view = FormErrorView(text: language.text(error.text), detail: nil)
            return try await again(Self.status(of: error), view)
        } catch let error as AccountsError {
            return try await again(Self.status(of: error), try formError(error, language))
        }
    }

    private func triagePage(
        _ image: String,
        _ selection: FindingSelection,
        _ account: Account,
        _ language: Language,
        status: HTTPResponse.Status = .ok,
        form: FormFields? = nil,
        error: FormErrorView? = nil
    ) async throws -> PortalAnswer {
        do {
            guard let (reference, target) = try await triageTarget(image),
                case .ready(let assessed) = try await visitor.queries.state(target.repository, target.digest)
            else { return notFound(image, language) }
            let findings = try selection.findings(among: assessed.verdict().findings)
            let said = try await triage.said(about: target, for: account).statements
            let model = TriagePage(
                reference,
                findings,
                said: said.filter { statement in
                    findings.contains { statement.statement.vulnerability.isOf($0) }
                },
                mayAssess: try await triage.mayAssess(target.repository, by: account),
                error: error,
                form: form,
                pages.texts,
                language
            )
            let frame = Pages.Frame(
                title: model.title,
                path: "/triage",
                section: .directory,
                query: [
                    ("image", image), ("vulnerability", selection.vulnerability), ("source", selection.source ?? ""),
                ]
            )
            return PortalAnswer(privateHTML: pages.render("triage", model, frame, language), status: status)
        } catch let error as TriageError {
            return message(
                Self.status(of: error),
                .refusedTitle,
                .refusedText,
                language,
                ["reason": language.text(error.text)]
            )
        }
    }

    /// The image that a reference means; nil for what is none, or may not be seen.
    private func triageTarget(_ text: String) async throws -> (reference: LocalReference, target: Triage.Target)? {
        guard let reference = try? LocalReference(parsing: text), let digest = try await digest(of: reference) else {
            return nil
        }
        return (reference, Triage.Target(repository: reference.repository, digest: digest))
    }

    private static func status(of error: TriageError) -> HTTPResponse.Status {
        switch error {
        case .invalid: .unprocessableContent
        case .unknown: .notFound
        case .notReady: .conflict
        }
    }
}
