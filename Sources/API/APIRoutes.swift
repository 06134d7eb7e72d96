// SPDX-License-Identifier: EUPL-1.2

public import Accounts
import Assessment
public import Attesting
import Criteria
public import Database
public import Directory
import HTTPTypes
public import Health
public import Hummingbird
import Logging
public import Notices
import OCI
public import Products
public import ProjectRegister
public import PullRecords
public import Registry
public import Releases
public import Situation
import Time
public import Transparency
public import Triage
public import Trust
public import Vulnerabilities
import WebRequests

/// The JSON interface at `/api/v1`, described by the OpenAPI document that it serves.
///
/// One catch-all route, taken apart here: repository names hold slashes and every reserved word, which no router's pattern can express.
public struct APIRoutes: Sendable {
    /// What whoever asks may see; set for each request.
    var queries = ImageQueries.nothing
    /// Who asks; set for each request.
    var caller: Account?
    let access: APICaller.Access
    let accounts: Accounts
    let registry: Registry
    let pulls: PullRecords
    let situation: Situation
    let statements: Statements
    let triage: Triage
    let publication: Publication
    let notices: Notices
    let ownAdvisories: OwnAdvisories
    let products: Products
    let directory: Directory
    let projectRegister: ProjectRegister?
    let releaser: Releases?
    let approvals: Approvals?
    let log: @Sendable () -> TransparencyLog?
    let attester: Attesting?
    let trust: Trust?
    let health: (@Sendable () async throws -> NodeHealth)?
    let pullKnowledge: @Sendable () async throws -> PullKnowledge
    let database: Database
    let publicOrigin: String?
    let version: String

    /// Composes the interface.
    ///
    /// - Parameters:
    ///   - access: who asks, and what they may see.
    ///   - accounts: accounts, organisations and namespaces, which are managed here.
    ///   - registry: what was pushed.
    ///   - pulls: who pulled it.
    ///   - situation: who is affected by what.
    ///   - statements: VEX documents that were taken in.
    ///   - triage: what those responsible say about findings.
    ///   - publication: what documents of the node say of it.
    ///   - ownAdvisories: what the operator writes.
    ///   - products: what organisations operate without an image.
    ///   - notices: who is told, and who answered.
    ///   - directory: what there is.
    ///   - projects: source projects that were registered; nil where none can be.
    ///   - releases: which images tags stand for; nil where none are made.
    ///   - approvals: what organisations approve for their own use; nil where nobody can.
    ///   - log: what the node has stated; nil while nobody signs.
    ///   - attesting: what the node says about images, signed; nil where nothing is.
    ///   - health: how the node is; nil where nobody says.
    ///   - pullKnowledge: what retention may rest on; without it, what a rule on pulls covers stays.
    ///   - database: where the audit log is.
    ///   - publicOrigin: scheme, host and port under which browsers reach the node, where the settings say so.
    ///   - version: of the program, for the OpenAPI document.
    public init(
        access: @escaping APICaller.Access,
        accounts: Accounts,
        registry: Registry,
        pulls: PullRecords,
        situation: Situation,
        statements: Statements,
        triage: Triage,
        publication: Publication,
        ownAdvisories: OwnAdvisories,
        products: Products,
        notices: Notices,
        directory: Directory,
        projects: ProjectRegister? = nil,
        releases: Releases? = nil,
        approvals: Approvals? = nil,
        log: @escaping @Sendable () -> TransparencyLog? = { nil },
        attesting: Attesting? = nil,
        trust: Trust? = nil,
        health: (@Sendable () async throws -> NodeHealth)? = nil,
        pullKnowledge: @escaping @Sendable () async throws -> PullKnowledge = { .none },
        database: Database,
        publicOrigin: String? = nil,
        version: String
    ) {
        self.access = access
        self.accounts = accounts
        self.registry = registry
        self.pulls = pulls
        self.situation = situation
        self.statements = statements
        self.triage = triage
        self.publication = publication
        self.notices = notices
        self.directory = directory
        projectRegister = projects
        self.ownAdvisories = ownAdvisories
        self.products = products
        releaser = releases
        self.approvals = approvals
        self.log = log
        attester = attesting
        self.trust = trust
        self.health = health
        self.pullKnowledge = pullKnowledge
        self.database = database
        self.publicOrigin = publicOrigin
        self.version = version
    }

    /// Adds the routes to a router, below `/api/v1`.
    public func register<Context: RequestContext>(on router: some RouterMethods<Context>) {
        let methods: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options]
        for path in ["/api/v1", "/api/v1/**"] as [RouterPath] {
            for method in methods {
                router.on(path, method: method) { request, context in await respond(to: request, context) }
            }
        }
    }

    private func respond(to request: Request, _ context: some RequestContext) async -> Response {
        let answer: APIAnswer
        do {
            answer = try await self.answer(to: request, context)
        } catch let problem as Problem {
            answer = APIAnswer(problem)
        } catch let error as AccountsError {
            answer = APIAnswer(Problem(error))
        } catch let error as TriageError {
            answer = APIAnswer(Problem(error))
        } catch let error as NoticesError {
            answer = APIAnswer(Problem(error))
        } catch let error as ReleaseError {
            answer = APIAnswer(Problem(error))
        } catch let error as AttestingError {
            answer = APIAnswer(Problem(error))
        } catch let error as ProductsError {
            answer = APIAnswer(Problem(error))
        } catch let error as ProjectRegisterError {
            answer = APIAnswer(Problem(error))
        } catch let error as TakedownError {
            answer = APIAnswer(Problem(error))
        } catch let error as TransparencyError {
            answer = APIAnswer(Problem(error))
        } catch {
            // The cause is for the log: it can name paths and statements.
            context.logger.error("API request failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
            answer = APIAnswer(.unavailable)
        }
        return answer.response(to: request)
    }

    private func answer(to request: Request, _ context: some RequestContext) async throws -> APIAnswer {
        let path = request.uri.path
        let source = (context as? any RemoteAddressRequestContext)?.remoteAddress?.ipAddress ?? ""
        if let (operation, image) = APIOperation.match(path: path) {
            guard request.method == .get || request.method == .head else {
                throw Problem.methodNotAllowed(["GET", "HEAD"])
            }
            if operation.isPublic { return try await answer(operation, image, request) }
            guard let caller = try await access(request.headers[.authorization], source) else {
                throw Problem.unauthorized
            }
            var routes = self
            routes.queries = caller.queries
            routes.caller = caller.account
            return try await routes.answer(operation, image, request)
        }
        let matches = ManagementOperation.matches(path: path)
        guard !matches.isEmpty else {
            throw Problem.notFound(
                "there is nothing at this path; \(APIOperation.root)/openapi.json lists what there is"
            )
        }
        guard let (operation, parameters) = matches.first(where: { $0.operation.answers(request.method) }) else {
            throw Problem.methodNotAllowed(matches.flatMap(\.operation.methods))
        }
        if operation.hasOwnProof { return try await projects(operation, parameters, request, nil) }
        if operation.isOpen {
            guard let caller = try await access(request.headers[.authorization], source) else {
                throw Problem.unauthorized
            }
            return try await projects(operation, parameters, request, caller.account)
        }
        // Nobody without an account has business here.
        guard let caller = try await access(request.headers[.authorization], source), let account = caller.account
        else { throw Problem.unauthorized }
        // What a page of another site made a browser send, with credentials that the browser remembers.
        if operation.method != .get, RequestOrigin.isForeign(request, publicOrigin: publicOrigin) {
            throw Problem.foreignPage
        }
        var routes = self
        routes.queries = caller.queries
        return try await routes.manage(operation, parameters, request, account)
    }

    private func answer(_ operation: APIOperation, _ image: String, _ request: Request) async throws -> APIAnswer {
        switch operation {
        case .verdict: return try await verdict(image, request)
        case .sbom: return try await sbom(image, request)
        case .findings: return try await findings(image, request)
        case .vex: return try await vex(image, request)
        case .attestations: return try await attestations(image, request)
        case .badge: return try await badge(image, request)
        case .repositories: return try await repositories(request)
        case .directory: return try await directory(request)
        case .levels: return try await levels(image, request)
        case .changes: return try await changes(image, request)
        case .replies: return try await reply(image, request)
        case .uses: return try await uses(image, request)
        case .criteria: return try criteria(request)
        case .feeds: return try await feeds(request)
        case .verdictSchema: return verdictSchema()
        case .trustRoot: return try await trustRoot(request)
        case .repositoryBadge, .repositoryBadgePicture, .repositoryBadgeSARIF, .projectBadge, .projectBadgePicture,
            .projectBadgeSARIF:
            return try await projectBadge(operation, image, request)
        case .openapi: return APIAnswer(OpenAPIDocument.make(version: version))
        }
    }
}
