// SPDX-License-Identifier: EUPL-1.2

public import Accounts
import Assessment
public import Criteria
public import Directory
import HTTPTypes
public import Health
public import Hummingbird
import Logging
import NIOCore
public import Notices
import OCI
public import Products
import ProjectCriteria
public import ProjectRegister
public import Registry
public import Situation
public import Triage

/// The pages that people see.
///
/// Server-made HTML without script; every answer carries a content security policy that allows none.
public struct PortalRoutes: Sendable {
    /// Who asks, and what they may see; set for each request.
    var visitor = Visitor(account: nil, queries: .nothing)
    /// Templates and texts; with the visitor's name in the layout, set for each request.
    var pages: Pages
    let catalogue: Catalogue
    let accounts: Accounts
    let situation: Situation
    let products: Products
    let triage: Triage
    let notices: Notices
    let directory: Directory
    let projects: ProjectRegister?
    let registry: Registry
    let operatorText: OperatorPage.Text
    let health: (@Sendable () async throws -> NodeHealth)?
    let words: ImageWords.Reader
    let releases: ReleaseDesk?
    let exercise: ExerciseDesk?
    let cookie: SessionCookie
    /// Criteria that this version cannot decide: advice on them must not read as a promise.
    private let undecided: Set<String>
    private let access: Visitor.Access

    /// Composes the portal.
    ///
    /// - Parameters:
    ///   - catalogue: whose criteria are explained.
    ///   - settings: what the node says about itself.
    ///   - accounts: who signs in, and what is managed on pages.
    ///   - situation: who is affected by what.
    ///   - products: what organisations operate without an image.
    ///   - triage: what those responsible say about findings.
    ///   - notices: who is told, and who answered.
    ///   - directory: what there is.
    ///   - projects: source projects; nil where none are registered.
    ///   - registry: the rules in force on the content of namespaces; nothing is changed in it.
    ///   - operatorText: what the operator wrote.
    ///   - health: how the node is; nil where nobody says.
    ///   - words: what is said of an image beside its verdict.
    ///   - releases: releases images; nil where nobody does, and then no page offers it.
    ///   - exercise: what a node made for an exercise shows; nil everywhere else, where those pages do not exist.
    ///   - access: who looks, and what they may see.
    /// - Throws: when an embedded file is broken, which the tests rule out.
    public init(
        catalogue: Catalogue,
        settings: Pages.Settings,
        accounts: Accounts,
        situation: Situation,
        products: Products,
        triage: Triage,
        notices: Notices,
        directory: Directory,
        projects: ProjectRegister? = nil,
        registry: Registry,
        operatorText: @escaping OperatorPage.Text = { _, _ in nil },
        health: (@Sendable () async throws -> NodeHealth)? = nil,
        words: @escaping ImageWords.Reader = { _, _ in .none },
        releases: ReleaseDesk? = nil,
        exercise: ExerciseDesk? = nil,
        access: @escaping Visitor.Access
    ) throws {
        self.catalogue = catalogue
        self.accounts = accounts
        self.situation = situation
        self.products = products
        self.triage = triage
        self.notices = notices
        self.directory = directory
        self.projects = projects
        self.registry = registry
        self.operatorText = operatorText
        self.health = health
        self.words = words
        self.releases = releases
        self.exercise = exercise
        self.access = access
        undecided = Set(catalogue.criteria.filter(\.isUndecided).map(\.id))
        cookie = SessionCookie(isSecure: settings.isSecure)
        var settings = settings
        settings.hasExerciseDesk = exercise != nil
        pages = try Pages(settings: settings, catalogueVersion: catalogue.version)
    }

    /// Where pages and forms are; the browser tests hold that they visit each.
    package static let paths = [
        "/", "/images", "/images/**", "/criteria", "/criteria/**", "/assets/**", "/login", "/logout", "/account",
        "/account/**", "/namespaces", "/namespaces/**", "/affected", "/affected.csv",
        "/products", "/products/**", "/findings", "/components", "/triage", "/notices", "/notices/**",
        "/organisations", "/organisations/**", "/projects", "/projects/**", "/work", "/changes", "/uses", "/replies",
        "/releases", "/help", "/help/**", "/node", "/imprint", "/privacy", "/accessibility",
    ]

    /// Adds the routes to a router.
    ///
    /// They are `/`, `/images/…`, `/criteria…`, `/login`, `/account…`, `/namespaces…`, `/affected`, `/products…`, `/findings`, `/components`, `/triage`,
    /// `/notices…`, `/organisations…`, `/projects…`, `/work`, `/changes`, `/help…`, `/node`, the operator's pages and `/assets/…`; in an exercise `/exercise…` too.
    public func register<Context: RequestContext>(on router: some RouterMethods<Context>) {
        let methods: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options]
        for path in Self.paths + (exercise == nil ? [] : ["/exercise", "/exercise/**"]) {
            for method in methods {
                router.on(RouterPath(path), method: method) { request, context in await respond(to: request, context) }
            }
        }
    }

    private func respond(to request: Request, _ context: some RequestContext) async -> Response {
        let path = request.uri.path
        if let asset = [pages.stylesheet, pages.icon].first(where: { $0.path == path }) {
            return PortalAnswer(asset: asset).response(to: request)
        }
        let chosen = request.uri.queryParameters["lang"].map(String.init)
        let language = Language.negotiate(
            query: chosen,
            cookie: request.headers[.cookie],
            acceptLanguage: request.headers[.acceptLanguage]
        )
        let source = (context as? any RemoteAddressRequestContext)?.remoteAddress?.ipAddress ?? ""
        var answer: PortalAnswer
        do {
            answer = try await self.answer(to: request, source, language)
        } catch AccountsError.tooManyAttempts(let seconds) {
            answer = message(
                .tooManyRequests,
                .tooManyTitle,
                .tooManyText,
                language,
                ["seconds": "\(seconds)"]
            )
            answer.headers[.retryAfter] = "\(seconds)"
        } catch {
            // The cause is for the log: it can name paths and statements.
            let shown = path.hasPrefix(Self.answerPrefix) ? Self.answerPrefix : path
            context.logger.error("page failed", metadata: ["path": "\(shown)", "error": "\(error)"])
            answer = message(.serviceUnavailable, .errorTitle, .errorText, language)
            answer.headers[.retryAfter] = "60"
        }
        answer.headers[.contentLanguage] = language.rawValue
        if let chosen, Language(rawValue: chosen) != nil {
            let value = "\(Language.cookieName)=\(chosen); Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly"
            answer.headers.append(HTTPField(name: .setCookie, value: value))
        }
        return answer.response(to: request)
    }

    private func answer(to request: Request, _ source: String, _ language: Language) async throws -> PortalAnswer {
        let path = request.uri.path
        let isRead = request.method == .get || request.method == .head
        let methods = Self.methods(of: path)
        // Where a form goes there is no page; who asks for one goes to where the form is.
        if isRead, path == "/account/password" { return PortalAnswer(seeOther: "/account") }
        if isRead, ["/uses", "/replies", "/releases"].contains(path) { return PortalAnswer(seeOther: "/") }
        if isRead, path == "/logout" { return PortalAnswer(seeOther: "/") }
        guard isRead || methods.contains(request.method.rawValue) else {
            let allowed = methods.joined(separator: ", ")
            var answer = message(.methodNotAllowed, .methodTitle, .methodText, language, ["methods": allowed])
            answer.headers[.allow] = allowed
            return answer
        }
        // Who is responsible may be asked by everybody, also by whoever cannot sign in.
        if isRead, let page = OperatorPage.allCases.first(where: { $0.path == path }) {
            return operatorPage(page, language)
        }
        // The link of a letter is a proof of its own: whoever answers need not be known here.
        if path.hasPrefix(Self.answerPrefix) { return try await answerPage(request, language) }
        let authorization = request.headers[.authorization]
        let session = cookie.secret(in: request.headers[.cookie])
        let visitor = try await access(
            PresentedCredentials(authorization: authorization, session: session, source: source)
        )
        var portal = self
        if let visitor { portal.show(visitor, request) }
        if path == "/login" { return try await portal.login(request, session, source, language) }
        if let exercise, path == ExercisePage.path || path.hasPrefix(ExercisePage.path + "/") {
            return isRead
                ? try portal.exercisePages(exercise, request, language)
                : try await portal.moveExercise(exercise, request, language)
        }
        guard visitor != nil else {
            guard authorization == nil else {
                var answer = message(.unauthorized, .unauthorizedTitle, .unauthorizedText, language)
                answer.headers[.wwwAuthenticate] = "Basic realm=\"Kontor\", charset=\"UTF-8\""
                return answer
            }
            return portal.signInPage(language, next: Self.place(of: request), status: .unauthorized)
        }
        var answer =
            try await isRead
            ? portal.page(request, language) : portal.change(request, session, source, language)
        // On a shared machine the page before must not come back after signing out.
        if visitor?.account != nil { answer.headers[.cacheControl] = "no-store" }
        return answer
    }

    /// What a path can be asked; forms are sent to some.
    private static func methods(of path: String) -> [String] {
        if ["/logout", "/account/password", "/uses", "/replies", "/releases"].contains(path) { return ["POST"] }
        if path == "/login" || path == "/account/tokens" || path == "/projects" || path.hasPrefix("/namespaces/")
            || path.hasPrefix("/notices/") || path == "/triage" || path == ExercisePage.path
        {
            return ["GET", "HEAD", "POST"]
        }
        return ["GET", "HEAD"]
    }

    private mutating func show(_ visitor: Visitor, _ request: Request) {
        self.visitor = visitor
        pages.visitor = VisitorView(
            name: visitor.account?.name,
            formToken: visitor.formToken,
            signInHref: Pages.address("/login", [("next", Self.place(of: request))]),
            seesHealth: health != nil && visitor.account?.nodeRole != nil && visitor.account?.tokenID == nil
        )
    }

    private func page(_ request: Request, _ language: Language) async throws -> PortalAnswer {
        let path = request.uri.path
        if path == "/" { return try await directoryPage(request, language) }
        if path == "/organisations" || path.hasPrefix("/organisations/") {
            return try await organisationPages(request, language)
        }
        if path == "/help" || path.hasPrefix("/help/") { return helpPages(path, language) }
        if path == "/node" { return try await healthPage(request, language) }
        if path == "/changes" { return try await changesPage(request, language) }
        if path == "/work" { return try await workPage(request, language) }
        if path == "/criteria" { return criteria(language) }
        if path.hasPrefix("/criteria/") { return criterion(String(path.dropFirst(10)), language) }
        if path.hasPrefix("/images/"), path.utf8.count > 8 {
            return try await image(String(path.dropFirst(8)), language)
        }
        if path == "/account" || path == "/account/tokens" || path == "/namespaces" || path.hasPrefix("/namespaces/") {
            return try await ownPage(path, request, language)
        }
        if path == "/notices" || path.hasPrefix("/notices/") { return try await noticePages(request, language) }
        if path == "/products" || path.hasPrefix("/products/") { return try await productPages(request, language) }
        if path == "/projects" || path.hasPrefix("/projects/") { return try await projectPages(request, language) }
        if path == FindingsPage.path || path == ComponentsPage.path {
            return try await imageTables(request, language)
        }
        if path == "/triage" { return try await triagePage(request, language) }
        if path == "/affected" || path == "/affected.csv" { return try await affectedPage(request, language) }
        return notFound(pages.texts.text(.pageMissing, language), language)
    }

    private func criteria(_ language: Language) -> PortalAnswer {
        let frame = Pages.Frame(title: pages.texts.text(.criteria, language), path: "/criteria", section: .criteria)
        return PortalAnswer(
            html: pages.render("criteria", CriteriaPage(catalogue, pages.texts, language), frame, language)
        )
    }

    private func criterion(_ id: String, _ language: Language) -> PortalAnswer {
        if let page = try? projectCriterion(id, language) { return page }
        guard let criterion = catalogue.criterion(id) else {
            return message(
                .notFound,
                .notFoundTitle,
                .criterionUnknownText,
                language,
                ["id": String(id.prefix(64)), "version": catalogue.version]
            )
        }
        let frame = Pages.Frame(
            title: criterion.id + " " + language.text(criterion.title),
            path: ResultItem.address(criterion.id),
            section: .criteria
        )
        let model = CriterionPage(criterion, catalogueVersion: catalogue.version, language)
        return PortalAnswer(html: pages.render("criterion", model, frame, language))
    }

    /// The page of a criterion for source projects; nil where it is none.
    private func projectCriterion(_ id: String, _ language: Language) throws -> PortalAnswer? {
        for name in ProjectCatalogue.names {
            guard let catalogue = try ProjectCatalogue.embedded(name), let criterion = catalogue.criterion(id) else {
                continue
            }
            let frame = Pages.Frame(
                title: criterion.id + " " + language.text(criterion.title),
                path: ResultItem.address(criterion.id),
                section: .criteria
            )
            let model = ProjectCriterionPage(criterion, catalogue: catalogue, language)
            return PortalAnswer(html: pages.render("criterion", model, frame, language))
        }
        return nil
    }

    private func image(_ encoded: String, _ language: Language) async throws -> PortalAnswer {
        let reference: LocalReference
        do throws(ReferenceError) { reference = try LocalReference(percentEncoded: encoded) } catch {
            return message(.badRequest, .invalidTitle, .invalidText, language, ["reason": error.description])
        }
        guard let digest = try await digest(of: reference) else {
            return notFound(reference.description, language)
        }
        let subject = ImageSubject(
            repository: reference.repository,
            digest: digest,
            parts: try await visitor.queries.parts(reference.repository, digest)
        )
        let texts = pages.texts
        switch try await visitor.queries.state(reference.repository, digest) {
        case .unknownImage: return notFound(reference.description, language)
        case .notAnImage:
            return message(.ok, .artefactTitle, .artefactText, language, ["reference": reference.description])
        case .queued: return pending(subject, reference, texts.text(.pendingQueued, language), language)
        case .running: return pending(subject, reference, texts.text(.pendingRunning, language), language)
        case .failed(let reason):
            let page = PendingPage(
                heading: subject.heading(verdict: nil, texts, language),
                title: texts.text(.failedTitle, language),
                text: texts.text(.failedText, language, ["reason": reason])
            )
            return PortalAnswer(html: pages.render("pending", page, frame(reference), language))
        case .ready(let assessed):
            let verdict = try assessed.verdict()
            let model = ImagePage(
                verdict: verdict,
                subject: subject,
                versions: try await visitor.queries.versions(reference.repository, VersionRow.longestTable + 1),
                undecided: undecided,
                discovered: try await triage.discovered(
                    about: Triage.Target(repository: reference.repository, digest: digest),
                    for: visitor.account
                ),
                words: try await words(reference.repository, digest),
                isSignedIn: visitor.account != nil,
                register: try await registerFacts(reference.repository, digest),
                release: try await releaseForm(reference.repository, digest, language),
                pages: pages,
                language: language
            )
            return PortalAnswer(html: pages.render("image", model, frame(reference), language))
        }
    }

    func digest(of reference: LocalReference) async throws -> Digest? {
        switch reference.selector {
        case .digest(let digest): digest
        case .tag(let tag): try await visitor.queries.resolve(reference.repository, tag)
        case .standIn: try await visitor.queries.standIn(reference.repository)?.digest
        }
    }

    private func pending(
        _ subject: ImageSubject,
        _ reference: LocalReference,
        _ text: String,
        _ language: Language
    ) -> PortalAnswer {
        let page = PendingPage(
            heading: subject.heading(verdict: nil, pages.texts, language),
            title: pages.texts.text(.pendingTitle, language),
            text: text,
            reload: "/images/\(reference)"
        )
        return PortalAnswer(html: pages.render("pending", page, frame(reference), language))
    }

    private func frame(_ reference: LocalReference) -> Pages.Frame {
        Pages.Frame(title: reference.description, path: "/images/\(reference)", section: .directory)
    }

    func notFound(_ what: String, _ language: Language) -> PortalAnswer {
        message(.notFound, .notFoundTitle, .notFoundText, language, ["reference": what])
    }

    func message(
        _ status: HTTPResponse.Status,
        _ title: TextKey,
        _ text: TextKey,
        _ language: Language,
        _ values: [String: String] = [:]
    ) -> PortalAnswer {
        let title = pages.texts.text(title, language)
        let page = MessagePage(title: title, text: pages.texts.text(text, language, values))
        // The path of a request that made no sense is not repeated in links.
        let frame = Pages.Frame(title: title, path: "/")
        return PortalAnswer(html: pages.render("message", page, frame, language), status: status)
    }
}
