// SPDX-License-Identifier: EUPL-1.2

import Accounts
import HTTPTypes
public import Hummingbird
import JSON
import NIOCore
import OCI
import Registry
import Time

/// The token service at `/token`: who shows name and secret, or nothing, gets a token for what they may do of what they ask for.
///
/// Source: CNCF distribution, "Token Authentication Specification" and "OAuth2 Token Authentication".
public struct TokenResponder: HTTPResponder {
    /// The context it answers in.
    public typealias Context = RegistryRequestContext

    /// Path of the service.
    public static let path = "/token"
    private static let maximumScopes = 32
    private static let maximumForm = 16 << 10
    private let responder: RegistryResponder

    /// Puts the service beside a registry.
    public init(_ responder: RegistryResponder) { self.responder = responder }

    /// Whether a request target is the service's.
    public static func owns(_ target: String) -> Bool { QueryItems.split(target).path == path }

    /// Answers one request; every refusal is an answer, nothing is thrown.
    public func respond(to request: Request, context: RegistryRequestContext) async -> Response {
        do {
            return try await answer(request, context)
        } catch let failure as RegistryFailure {
            return failure.response(isHead: request.method == .head)
        } catch {
            return responder.failure(of: error, nil, context).response(isHead: request.method == .head)
        }
    }

    private func answer(_ request: Request, _ context: RegistryRequestContext) async throws -> Response {
        let items: QueryItems
        var account: Account?
        switch request.method {
        case .get:
            items = try QueryItems(QueryItems.split(request.head.path ?? "").query)
            // A token is not good for another one: that would make it last for ever.
            switch try await responder.identify(request, context) {
            case .nobody: account = nil
            case .account(let known): account = known
            case .bearer: throw responder.challenge()
            }
        case .post:
            items = try await form(request, context)
            account = try await signIn(items, context)
        default:
            throw RegistryFailure(
                .methodNotAllowed,
                .unsupported,
                "tokens are fetched with GET and Basic credentials, or POST and a form",
                headers: [.allow: "GET, POST"]
            )
        }
        let grants = try await grants(for: account, items.all("scope"))
        let (token, claims) = try responder.tokens.issue(to: account, grants)
        let body = JSONValue.object([
            "token": .string(token), "access_token": .string(token), "token_type": "Bearer",
            "expires_in": .integer(RegistryTokens.life.components.seconds),
            "issued_at": .string(claims.issuedAt.rfc3339),
            "scope": .string(
                grants.map { "repository:\($0.repository):\($0.rights.words.joined(separator: ","))" }
                    .joined(separator: " ")
            ),
        ]).bytes()
        return Response(
            status: .ok,
            headers: [
                .contentType: "application/json", .contentLength: String(body.count), .cacheControl: "no-store",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body))
        )
    }

    private func form(_ request: Request, _ context: RegistryRequestContext) async throws -> QueryItems {
        // An exchange knows how to read a body from a stranger: within a size and at a pace.
        let exchange = RegistryExchange(
            request: request,
            context: context,
            route: .base,
            query: try QueryItems(""),
            identity: .nobody,
            settings: responder.settings
        )
        guard request.headers[.contentType]?.lowercased().hasPrefix("application/x-www-form-urlencoded") == true,
            let bytes = try await exchange.collectBody(limit: Self.maximumForm)
        else {
            throw RegistryFailure(
                .badRequest,
                .unsupported,
                "send a form of at most 16 KiB with grant_type, service, scope, username and password"
            )
        }
        // In a form a plus is a space.
        return try QueryItems(String(decoding: bytes, as: UTF8.self).replacing("+", with: "%20"))
    }

    private func signIn(_ items: QueryItems, _ context: RegistryRequestContext) async throws -> Account? {
        guard items["grant_type"] == "password", let username = items["username"], let password = items["password"]
        else {
            throw RegistryFailure(
                .badRequest,
                .unsupported,
                "grant_type \"password\" with username and password is what this service knows"
            )
        }
        if username.isEmpty, password.isEmpty { return nil }
        guard let account = try await responder.account(username, password, context) else {
            throw responder.challenge()
        }
        return account
    }

    private func grants(for account: Account?, _ scopes: [String]) async throws -> [TokenGrant] {
        var wanted: [(name: RepositoryName, rights: Rights)] = []
        for scope in scopes.flatMap({ $0.split(separator: " ") }) {
            guard let (name, rights) = Self.parse(scope) else { continue }
            if let index = wanted.firstIndex(where: { $0.name == name }) {
                wanted[index].rights.formUnion(rights)
            } else {
                wanted.append((name, rights))
            }
            guard wanted.count <= Self.maximumScopes else {
                throw RegistryFailure(
                    .badRequest,
                    .unsupported,
                    "a token is for at most \(Self.maximumScopes) repositories; fetch several"
                )
            }
        }
        var grants: [TokenGrant] = []
        for (name, rights) in wanted {
            guard let access = try await responder.accounts.access(of: account, to: name) else {
                throw responder.challenge()
            }
            let granted = access.rights.intersection(rights)
            // What nobody may do here says nothing either about whether there is such a repository.
            let identity = granted.isEmpty ? nil : try await responder.registry.identity(of: name)
            grants.append(TokenGrant(repository: name.text, repositoryID: identity?.key, rights: granted))
        }
        return grants
    }

    /// Reads `repository:NAME:ACTIONS`; nil for other types and for what is none, which asks for nothing.
    static func parse(_ scope: Substring) -> (name: RepositoryName, rights: Rights)? {
        guard let first = scope.firstIndex(of: ":"), let last = scope.lastIndex(of: ":"), first < last else {
            return nil
        }
        // A class in brackets (`repository(plugin)`) is of another kind than images; they are not kept here.
        guard scope[..<first] == "repository",
            let name = try? RepositoryName(parsing: String(scope[scope.index(after: first)..<last]))
        else { return nil }
        var rights: Rights = []
        for action in scope[scope.index(after: last)...].split(separator: ",") {
            switch action {
            case "pull": rights.insert(.pull)
            // Clients know no word for moving a tag: who asks to push asks for as much of it as they may do.
            case "push": rights.formUnion([.push, .overwrite])
            case "delete": rights.insert(.delete)
            case "*": rights.formUnion([.pull, .push, .overwrite, .delete])
            default: continue
            }
        }
        return (name, rights)
    }
}
