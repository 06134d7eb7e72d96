// SPDX-License-Identifier: EUPL-1.2

public import Assessment
import HTTPTypes
public import Hummingbird
import Logging
import OCI

/// The JSON interface at `/api/v1`: read-only, described by the OpenAPI document that it serves.
///
/// One catch-all route, taken apart here: repository names hold slashes and every reserved word, which no router's pattern can express.
public struct APIRoutes: Sendable {
    let queries: ImageQueries
    let access: ReadAccess
    let version: String

    /// Composes the interface.
    ///
    /// - Parameters:
    ///   - queries: where answers come from.
    ///   - access: who may read.
    ///   - version: of the program, for the OpenAPI document.
    public init(queries: ImageQueries, access: ReadAccess, version: String) {
        self.queries = queries
        self.access = access
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
            answer = try await self.answer(to: request)
        } catch let problem as Problem {
            answer = APIAnswer(problem)
        } catch {
            // The cause is for the log: it can name paths and statements.
            context.logger.error("API request failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
            answer = APIAnswer(.unavailable)
        }
        return answer.response(to: request)
    }

    private func answer(to request: Request) async throws -> APIAnswer {
        guard request.method == .get || request.method == .head else { throw Problem.methodNotAllowed }
        guard let (operation, image) = APIOperation.match(path: request.uri.path) else {
            throw Problem.notFound(
                "there is nothing at this path; \(APIOperation.root)/openapi.json lists what there is"
            )
        }
        if !operation.isPublic, try await !access.allows(authorization: request.headers[.authorization]) {
            throw Problem.unauthorized
        }
        switch operation {
        case .verdict: return try await verdict(image, request)
        case .sbom: return try await sbom(image, request)
        case .findings: return try await findings(image, request)
        case .badge: return try await badge(image, request)
        case .repositories: return try await repositories(request)
        case .feeds: return try await feeds(request)
        case .verdictSchema: return verdictSchema()
        case .openapi: return APIAnswer(OpenAPIDocument.make(version: version))
        }
    }
}
