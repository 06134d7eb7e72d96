// SPDX-License-Identifier: EUPL-1.2

import Accounts
import HTTPTypes
import Hummingbird
import WebRequests

/// What somebody sees and changes of their own account.
extension PortalRoutes {
    /// Pages for whoever signed in.
    func ownPage(_ path: String, _ request: Request, _ language: Language) async throws -> PortalAnswer {
        if path.hasPrefix("/namespaces") {
            if let page = try await policiesPage(request, language) { return page }
            // No name has a NUL, and the database takes none.
            let after = request.uri.queryParameters["after"].map { String($0.prefix { $0 != "\0" }) }
            return try await path == "/namespaces"
                ? namespacesPage(after: after ?? "", language)
                : namespacePage(path, after: after.flatMap { Int64($0) } ?? 0, language)
        }
        guard let account = visitor.account else {
            return signInPage(language, next: Self.place(of: request), status: .unauthorized)
        }
        do {
            if path == "/account/tokens" { return try await tokensPage(account, language) }
            let isChanged = request.uri.queryParameters["changed"] == "password"
            return try await accountPage(account, language, isChanged: isChanged)
        } catch let error as AccountsError {
            return refused(error, language)
        }
    }

    // MARK: Account

    private func accountPage(
        _ account: Account,
        _ language: Language,
        status: HTTPResponse.Status = .ok,
        isChanged: Bool = false,
        error: FormErrorView? = nil
    ) async throws -> PortalAnswer {
        let entry = try await accounts.account(account.name, by: account)
        let model = AccountPage(entry, isChanged: isChanged, error: error, pages.texts, language)
        let frame = Pages.Frame(title: pages.texts.text(.account, language), path: "/account", section: .account)
        return PortalAnswer(privateHTML: pages.render("account", model, frame, language), status: status)
    }

    func changePassword(
        _ form: FormFields,
        _ account: Account,
        _ source: String,
        _ language: Language
    ) async throws -> PortalAnswer {
        guard let current = form["current"], let new = form["new"], let again = form["again"] else {
            return unread(.malformed, language)
        }
        func refuse(_ key: TextKey) async throws -> PortalAnswer {
            let error = FormErrorView(text: pages.texts.text(key, language), detail: nil)
            return try await accountPage(account, language, status: .unprocessableContent, error: error)
        }
        guard new == again else { return try await refuse(.passwordDiffers) }
        // Whoever finds an open browser must not be able to take the account over. Counted like every guess.
        guard
            let proved = try await accounts.authenticate(username: account.name, password: current, source: source),
            proved.tokenID == nil
        else { return try await refuse(.passwordWrong) }
        let renewed: Account
        do { renewed = try await accounts.setPassword(new, by: account) } catch let error as AccountsError {
            let view = FormErrorView(text: pages.texts.text(.passwordRefused, language), detail: error.description)
            return try await accountPage(account, language, status: .unprocessableContent, error: view)
        }
        // All sessions ended with the old password, this one too.
        var answer = PortalAnswer(seeOther: "/account?changed=password")
        if let made = try await accounts.openSession(for: renewed) {
            answer.headers.append(HTTPField(name: .setCookie, value: cookie.keep(made)))
        }
        return answer
    }

    // MARK: Tokens

    private func tokensPage(
        _ account: Account,
        _ language: Language,
        status: HTTPResponse.Status = .ok,
        issued: IssuedToken? = nil,
        form: FormFields? = nil,
        error: FormErrorView? = nil
    ) async throws -> PortalAnswer {
        let tokens = try await accounts.latestTokens(of: account.name, ended: TokensPage.longestHistory, by: account)
        let model = TokensPage(
            account: account.name,
            tokens: tokens,
            issued: issued,
            form: form,
            error: error,
            pages: pages,
            language: language
        )
        let frame = Pages.Frame(title: pages.texts.text(.tokens, language), path: "/account/tokens", section: .account)
        return PortalAnswer(privateHTML: pages.render("tokens", model, frame, language), status: status)
    }

    func changeTokens(_ form: FormFields, _ account: Account, _ language: Language) async throws -> PortalAnswer {
        do {
            if form["action"] == "revoke", let id = form["token"].flatMap({ Int64($0) }) {
                try await accounts.revokeToken(id, by: account)
                return PortalAnswer(seeOther: "/account/tokens")
            }
            let label = (form["label"] ?? "").trimmed
            let rights = Rights(words: form.all("right"))
            let repositories = (form["repositories"] ?? "").split { $0.isWhitespace || $0 == "," }.map(String.init)
            guard form["action"] == "issue", let days = form["days"].flatMap({ Int($0) }), (1...366).contains(days),
                let rights
            else { return unread(.malformed, language) }
            let issued = try await accounts.issueToken(
                for: account.name,
                label: label,
                scopes: repositories.prefix(Accounts.maximumScopes + 1).map {
                    TokenScope(repositories: $0, rights: rights)
                },
                life: .seconds(days * 86_400),
                by: account
            )
            return try await tokensPage(account, language, status: .created, issued: issued)
        } catch let error as AccountsError {
            let view = try formError(error, language)
            return try await tokensPage(account, language, status: Self.status(of: error), form: form, error: view)
        }
    }

    // MARK: Refusals

    /// What is said above a form; a refusal that a wait ends goes on as it is.
    func formError(_ error: AccountsError, _ language: Language) throws -> FormErrorView {
        let key: TextKey =
            switch error {
            case .invalid: .refusedInvalid
            case .unknown: .refusedUnknown
            case .exists, .conflict: .refusedConflict
            case .denied: .refusedDenied
            case .tooManyAttempts: throw error
            }
        return FormErrorView(text: pages.texts.text(key, language), detail: error.description)
    }

    /// A page of its own for what cannot be shown.
    func refused(_ error: AccountsError, _ language: Language) -> PortalAnswer {
        message(
            Self.status(of: error),
            .refusedTitle,
            .refusedText,
            language,
            ["reason": error.description]
        )
    }

    static func status(of error: AccountsError) -> HTTPResponse.Status {
        switch error {
        case .invalid: .unprocessableContent
        case .unknown: .notFound
        case .exists, .conflict: .conflict
        case .denied: .forbidden
        case .tooManyAttempts: .tooManyRequests
        }
    }
}

extension String {
    /// Without white space at its ends.
    var trimmed: String {
        let start = drop { $0.isWhitespace }
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...last])
    }
}
