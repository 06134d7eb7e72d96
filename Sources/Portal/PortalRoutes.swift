// SPDX-License-Identifier: EUPL-1.2

public import Assessment
public import Criteria
import HTTPTypes
public import Hummingbird
import Logging
import NIOCore
import OCI

/// Whoever signs in failed too often; seconds until the next attempt is looked at.
public struct TooManyAttempts: Error {
    /// Seconds to wait.
    public let seconds: Int

    /// Makes one.
    public init(seconds: Int) { self.seconds = seconds }
}

/// The pages that people see.
///
/// Server-made HTML without script; every answer carries a content security policy that allows none.
public struct PortalRoutes: Sendable {
    /// What whoever asks may see; set for each request.
    private var queries: ImageQueries
    let catalogue: Catalogue
    let pages: Pages
    /// Criteria that this version cannot decide: advice on them must not read as a promise.
    private let undecided: Set<String>
    private let access: @Sendable (_ authorization: String?, _ source: String) async throws -> ImageQueries?

    /// Composes the portal.
    ///
    /// - Parameters:
    ///   - catalogue: whose criteria are explained.
    ///   - settings: what the node says about itself.
    ///   - access: what whoever sends an `Authorization` header from an address may see; nil gets a challenge.
    /// - Throws: when an embedded file is broken, which the tests rule out.
    public init(
        catalogue: Catalogue,
        settings: Pages.Settings,
        access: @escaping @Sendable (_ authorization: String?, _ source: String) async throws -> ImageQueries?
    ) throws {
        queries = .nothing
        self.catalogue = catalogue
        undecided = Set(catalogue.criteria.filter(\.isUndecided).map(\.id))
        pages = try Pages(settings: settings, catalogueVersion: catalogue.version)
        self.access = access
    }

    /// Adds the routes to a router: `/`, `/images/…`, `/criteria…`, `/assets/…`.
    public func register<Context: RequestContext>(on router: some RouterMethods<Context>) {
        let methods: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options]
        for path in ["/", "/images", "/images/**", "/criteria", "/criteria/**", "/assets/**"] as [RouterPath] {
            for method in methods {
                router.on(path, method: method) { request, context in await respond(to: request, context) }
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
        var answer: PortalAnswer
        do {
            answer = try await self.answer(to: request, context, language)
        } catch let wait as TooManyAttempts {
            answer = message(
                .tooManyRequests,
                .tooManyTitle,
                .tooManyText,
                request,
                language,
                ["seconds": "\(wait.seconds)"]
            )
            answer.headers[.retryAfter] = "\(wait.seconds)"
        } catch {
            // The cause is for the log: it can name paths and statements.
            context.logger.error("page failed", metadata: ["path": "\(path)", "error": "\(error)"])
            answer = message(.serviceUnavailable, .errorTitle, .errorText, request, language)
            answer.headers[.retryAfter] = "60"
        }
        answer.headers[.contentLanguage] = language.rawValue
        if let chosen, Language(rawValue: chosen) != nil {
            answer.headers[.setCookie] =
                "\(Language.cookieName)=\(chosen); Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly"
        }
        return answer.response(to: request)
    }

    private func answer(
        to request: Request,
        _ context: some RequestContext,
        _ language: Language
    ) async throws -> PortalAnswer {
        guard request.method == .get || request.method == .head else {
            var answer = message(.methodNotAllowed, .methodTitle, .methodText, request, language)
            answer.headers[.allow] = "GET, HEAD"
            return answer
        }
        let source = (context as? any RemoteAddressRequestContext)?.remoteAddress?.ipAddress ?? ""
        guard let queries = try await access(request.headers[.authorization], source) else {
            var answer = message(.unauthorized, .unauthorizedTitle, .unauthorizedText, request, language)
            answer.headers[.wwwAuthenticate] = "Basic realm=\"Kontor\", charset=\"UTF-8\""
            return answer
        }
        var portal = self
        portal.queries = queries
        return try await portal.page(request, language)
    }

    private func page(_ request: Request, _ language: Language) async throws -> PortalAnswer {
        let path = request.uri.path
        if path == "/" { return try await directory(request, language) }
        if path == "/criteria" { return criteria(language) }
        if path.hasPrefix("/criteria/") { return criterion(String(path.dropFirst(10)), request, language) }
        if path.hasPrefix("/images/"), path.utf8.count > 8 {
            return try await image(String(path.dropFirst(8)), request, language)
        }
        return notFound(pages.texts.text(.pageMissing, language), request, language)
    }

    private func directory(_ request: Request, _ language: Language) async throws -> PortalAnswer {
        let after = request.uri.queryParameters["after"].map(String.init)
        let search = DirectoryPage.search(request.uri.queryParameters["q"].map(String.init))
        let entries = try await queries.repositories(search, after, DirectoryPage.length + 1)
        var query: [(name: String, value: String)] = []
        if let search { query.append((name: "q", value: search)) }
        if let after { query.append((name: "after", value: after)) }
        let frame = Pages.Frame(
            title: pages.texts.text(.directory, language),
            path: "/",
            section: .directory,
            query: query
        )
        let model = DirectoryPage(entries, search: search, pages: pages, language: language)
        return PortalAnswer(html: pages.render("directory", model, frame, language))
    }

    private func criteria(_ language: Language) -> PortalAnswer {
        let frame = Pages.Frame(title: pages.texts.text(.criteria, language), path: "/criteria", section: .criteria)
        return PortalAnswer(
            html: pages.render("criteria", CriteriaPage(catalogue, pages.texts, language), frame, language)
        )
    }

    private func criterion(_ id: String, _ request: Request, _ language: Language) -> PortalAnswer {
        guard let criterion = catalogue.criterion(id) else {
            return message(
                .notFound,
                .notFoundTitle,
                .criterionUnknownText,
                request,
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

    private func image(_ encoded: String, _ request: Request, _ language: Language) async throws -> PortalAnswer {
        let reference: LocalReference
        do throws(ReferenceError) { reference = try LocalReference(percentEncoded: encoded) } catch {
            return message(.badRequest, .invalidTitle, .invalidText, request, language, ["reason": error.description])
        }
        guard let digest = try await digest(of: reference) else {
            return notFound(reference.description, request, language)
        }
        let subject = ImageSubject(
            repository: reference.repository,
            digest: digest,
            parts: try await queries.parts(reference.repository, digest)
        )
        let texts = pages.texts
        switch try await queries.state(reference.repository, digest) {
        case .unknownImage: return notFound(reference.description, request, language)
        case .notAnImage:
            return message(.ok, .artefactTitle, .artefactText, request, language, ["reference": reference.description])
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
                versions: try await queries.versions(reference.repository, VersionRow.longestTable + 1),
                undecided: undecided,
                pages: pages,
                language: language
            )
            return PortalAnswer(html: pages.render("image", model, frame(reference), language))
        }
    }

    private func digest(of reference: LocalReference) async throws -> Digest? {
        switch reference.selector {
        case .digest(let digest): digest
        case .tag(let tag): try await queries.resolve(reference.repository, tag)
        case .standIn: try await queries.standIn(reference.repository)?.digest
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
            text: text
        )
        var frame = frame(reference)
        frame.refreshSeconds = 2
        return PortalAnswer(html: pages.render("pending", page, frame, language))
    }

    private func frame(_ reference: LocalReference) -> Pages.Frame {
        Pages.Frame(title: reference.description, path: "/images/\(reference)", section: .directory)
    }

    private func notFound(_ what: String, _ request: Request, _ language: Language) -> PortalAnswer {
        message(.notFound, .notFoundTitle, .notFoundText, request, language, ["reference": what])
    }

    private func message(
        _ status: HTTPResponse.Status,
        _ title: TextKey,
        _ text: TextKey,
        _ request: Request,
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
