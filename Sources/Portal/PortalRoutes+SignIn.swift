// SPDX-License-Identifier: EUPL-1.2

import Accounts
import HTTPTypes
import Hummingbird
import WebRequests

/// Signing in and out, and what every form has to show.
extension PortalRoutes {
    /// The form to sign in, and what it sends.
    func login(
        _ request: Request,
        _ session: String?,
        _ source: String,
        _ language: Language
    ) async throws -> PortalAnswer {
        guard request.method == .post else {
            let next = Self.local(request.uri.queryParameters["next"].map(String.init))
            if visitor.formToken != nil { return PortalAnswer(seeOther: next) }
            return signInPage(language, next: next)
        }
        // There is no session yet that a form could prove; a page of another site could sign somebody in as somebody else.
        guard !isForeign(request) else { return message(.forbidden, .foreignTitle, .foreignText, language) }
        let form: FormFields
        do { form = try await FormFields(request) } catch { return unread(error, language) }
        let next = Self.local(form["next"])
        guard let name = form["name"], let password = form["password"] else { return unread(.malformed, language) }
        let made: String?
        do {
            made = try await accounts.signIn(username: name, password: password, replacing: session, source: source)
        } catch AccountsError.denied {
            return signInPage(language, next: next, status: .forbidden, error: .signInToken)
        }
        // The name is not shown again: people type passwords into the field for names.
        guard let made else { return signInPage(language, next: next, status: .unauthorized, error: .signInWrong) }
        var answer = PortalAnswer(seeOther: next)
        answer.headers.append(HTTPField(name: .setCookie, value: cookie.keep(made)))
        return answer
    }

    func signInPage(
        _ language: Language,
        next: String,
        status: HTTPResponse.Status = .ok,
        error: TextKey? = nil
    ) -> PortalAnswer {
        let model = SignInPage(
            next: next,
            error: error.map { FormErrorView(text: pages.texts.text($0, language), detail: nil) }
        )
        let frame = Pages.Frame(
            title: pages.texts.text(.signIn, language),
            path: "/login",
            section: .account,
            query: next == "/" ? [] : [("next", next)]
        )
        var answer = PortalAnswer(privateHTML: pages.render("login", model, frame, language), status: status)
        if status == .unauthorized {
            // A scheme that browsers do not know: they show the page, and no window of their own.
            answer.headers[.wwwAuthenticate] = "Cookie realm=\"Kontor\", form-action=\"/login\""
        }
        return answer
    }

    /// What a form changes; only with the token of the session that it belongs to.
    func change(
        _ request: Request,
        _ session: String?,
        _ source: String,
        _ language: Language
    ) async throws -> PortalAnswer {
        guard !isForeign(request) else { return message(.forbidden, .foreignTitle, .foreignText, language) }
        guard let account = visitor.account, let session, let expected = visitor.formToken else {
            return message(.forbidden, .formSessionTitle, .formSessionText, language)
        }
        let form: FormFields
        do { form = try await FormFields(request) } catch { return unread(error, language) }
        guard form["form"] == expected else {
            return message(.forbidden, .formSessionTitle, .formSessionText, language)
        }
        do { return try await change(request.uri.path, form, account, session, source, language) } catch let error
            as AccountsError
        {
            if case .tooManyAttempts = error { throw error }
            // The session ended in the meantime, as after the first of two clicks on the same button.
            return message(.forbidden, .formSessionTitle, .formSessionText, language)
        }
    }

    private func change(
        _ path: String,
        _ form: FormFields,
        _ account: Account,
        _ session: String,
        _ source: String,
        _ language: Language
    ) async throws -> PortalAnswer {
        if path == "/logout" {
            try await accounts.signOut(session)
            var answer = PortalAnswer(seeOther: "/")
            answer.headers.append(HTTPField(name: .setCookie, value: cookie.drop))
            return answer
        }
        if path == "/account/password" { return try await changePassword(form, account, source, language) }
        if path == "/account/tokens" { return try await changeTokens(form, account, language) }
        if path.hasPrefix("/notices/") { return try await changeNotices(path, form, account, language) }
        if path == "/projects" { return try await changeProjects(form, account, language) }
        if path == "/uses" { return try await changeUses(form, account, language) }
        if path == "/replies" { return try await changeReplies(form, account, language) }
        if path == "/releases" { return try await changeReleases(form, account, language) }
        if path == "/triage" { return try await changeTriage(form, account, language) }
        return try await changeNamespace(path, form, account, language)
    }

    func isForeign(_ request: Request) -> Bool {
        RequestOrigin.isForeign(request, publicOrigin: pages.settings.publicOrigin)
    }

    func unread(_ error: FormError, _ language: Language) -> PortalAnswer {
        let status: HTTPResponse.Status =
            switch error {
            case .notAForm: .unsupportedMediaType
            case .body(.tooSlow): .requestTimeout
            case .body(.tooLarge): .contentTooLarge
            case .body(.incomplete), .malformed: .badRequest
            }
        var answer = message(status, .formUnreadTitle, .formUnreadText, language)
        if status == .requestTimeout { answer.headers[.connection] = "close" }
        return answer
    }

    /// A place on this node to go to after signing in; `/` for everything else, above all for other hosts.
    static func local(_ place: String?) -> String {
        guard let place, (1...2048).contains(place.utf8.count), place.hasPrefix("/"),
            // `//host` and, to browsers, `/\host` are addresses of other hosts.
            place.utf8.dropFirst().first != UInt8(ascii: "/"),
            place.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }),
            !place.hasPrefix("/login"), !place.hasPrefix("/logout")
        else { return "/" }
        return place
    }

    static func place(of request: Request) -> String {
        request.method == .get || request.method == .head ? local(request.head.path) : "/"
    }
}

/// What is said above a form that could not be taken.
struct FormErrorView: Sendable {
    let text: String
    /// The reason in the words of the room that refused it; English.
    let detail: String?
}

struct SignInPage: Sendable {
    let next: String
    let error: FormErrorView?
}
