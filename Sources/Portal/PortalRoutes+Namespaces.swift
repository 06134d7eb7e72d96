// SPDX-License-Identifier: EUPL-1.2

import Accounts
import HTTPTypes
import Hummingbird
import OCI
import Time
import WebRequests

/// Namespaces and their members.
extension PortalRoutes {
    func namespacesPage(after: String, _ language: Language) async throws -> PortalAnswer {
        let entries = try await accounts.namespaces(
            after: after,
            limit: NamespacesPage.length + 1,
            by: visitor.account
        )
        let model = NamespacesPage(entries, pages.texts, language)
        let frame = Pages.Frame(
            title: pages.texts.text(.namespaces, language),
            path: "/namespaces",
            section: .namespaces,
            query: after.isEmpty ? [] : [("after", after)]
        )
        return PortalAnswer(privateHTML: pages.render("namespaces", model, frame, language))
    }

    func namespacePage(
        _ path: String,
        after: Int64 = 0,
        _ language: Language,
        status: HTTPResponse.Status = .ok,
        form: FormFields? = nil,
        error: FormErrorView? = nil
    ) async throws -> PortalAnswer {
        guard let name = Self.namespace(in: path) else {
            return notFound(pages.texts.text(.pageMissing, language), language)
        }
        do {
            let entry = try await accounts.namespace(named: name, by: visitor.account)
            var members: [Member]?
            if let account = visitor.account, account.tokenID == nil, account.nodeRole != nil || entry.role != nil {
                members = try await accounts.members(
                    of: name,
                    after: after,
                    limit: NamespacePage.length + 1,
                    by: account
                )
            }
            let model = NamespacePage(
                entry,
                members: members,
                visitor: visitor,
                error: error,
                form: form,
                pages.texts,
                language
            )
            let frame = Pages.Frame(
                title: name,
                path: NamespacesPage.address(name),
                section: .namespaces,
                query: after == 0 ? [] : [("after", String(after))]
            )
            return PortalAnswer(privateHTML: pages.render("namespace", model, frame, language), status: status)
        } catch let error as AccountsError {
            return refused(error, language)
        }
    }

    func changeNamespace(
        _ path: String,
        _ form: FormFields,
        _ account: Account,
        _ language: Language
    ) async throws -> PortalAnswer {
        guard let name = Self.namespace(in: path) else {
            return notFound(pages.texts.text(.pageMissing, language), language)
        }
        func refuse(_ key: TextKey) async throws -> PortalAnswer {
            let error = FormErrorView(text: pages.texts.text(key, language), detail: nil)
            return try await namespacePage(path, language, status: .unprocessableContent, form: form, error: error)
        }
        do {
            switch (form["action"], form["account"]?.trimmed) {
            case ("set", let member?):
                guard let role = form["role"].flatMap(Role.init(word:)) else { return unread(.malformed, language) }
                try await accounts.setRole(role, of: member, in: name, by: account)
            case ("remove", let member?):
                try await accounts.setRole(nil, of: member, in: name, by: account)
            case ("freeze", nil):
                guard form["sure"] == "yes" else { return try await refuse(.freezeUnsure) }
                guard let since = form["since"].flatMap(Self.instant) else {
                    return try await refuse(.freezeSinceInvalid)
                }
                try await accounts.freeze(name, since: since, by: account)
            case ("unfreeze", nil):
                try await accounts.unfreeze(name, by: account)
            default: return unread(.malformed, language)
            }
            return PortalAnswer(seeOther: NamespacesPage.address(name))
        } catch let error as AccountsError {
            let view = try formError(error, language)
            return try await namespacePage(path, language, status: Self.status(of: error), form: form, error: view)
        }
    }

    /// The name in `/namespaces/NAME`; its slashes may stand as they are.
    static func namespace(in path: String) -> String? {
        guard path.hasPrefix("/namespaces/"),
            let bytes = PercentEncoding.decode(path.utf8.dropFirst(12)),
            let name = String(validating: bytes, as: UTF8.self), (try? RepositoryName(parsing: name)) != nil
        else { return nil }
        return name
    }

    /// What the browser's field for an instant sends, in UTC: `2026-11-26T08:00`, with seconds or without.
    private static func instant(_ text: String) -> Timestamp? {
        Timestamp(rfc3339: text + ":00Z") ?? Timestamp(rfc3339: text + "Z") ?? Timestamp(rfc3339: text)
    }
}
