// SPDX-License-Identifier: EUPL-1.2

import Accounts
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import OCI
import Registry
import Time

extension RegistryResponder {
    /// Finds out who asks; wrong credentials are an error even where everybody may read: the client believes it is signed in.
    func identify(_ request: Request, _ context: RegistryRequestContext) async throws -> Identity {
        // Of two headers each could be the one that somebody before us looked at.
        guard request.headers[values: .authorization].count <= 1 else { throw challenge() }
        switch Credentials(header: request.headers[.authorization]) {
        case .none: return .nobody
        case .unreadable: throw challenge()
        case .bearer(let text):
            guard let claims = tokens.verify(text) else { throw challenge(error: "invalid_token") }
            return .bearer(claims)
        case .given(let username, let password):
            guard let account = try await account(username, password, context) else { throw challenge() }
            return .account(account)
        }
    }

    /// Somebody by name and secret; what cannot be checked is a 503, never a 401.
    func account(_ username: String, _ password: String, _ context: RegistryRequestContext) async throws -> Account? {
        do {
            return try await accounts.authenticate(
                username: username,
                password: password,
                source: context.channel.remoteAddress?.ipAddress ?? ""
            )
        } catch let error as AccountsError {
            throw error
        } catch {
            logger.error("credentials cannot be checked: \(error)")
            throw RegistryFailure(
                .serviceUnavailable,
                code: "UNKNOWN",
                "the credentials cannot be checked at the moment; try again",
                headers: [.retryAfter: "5"]
            )
        }
    }

    /// A refusal that asks for credentials: a token for these scopes where there is a token service, else name and secret.
    ///
    /// Never for both: docker's client tries every scheme that it is offered, and fails at Basic when nobody signed in.
    func challenge(scopes: [String] = [], error: String? = nil) -> RegistryFailure {
        let realm = Self.quotable(settings.realm)
        var headers: HTTPFields = [:]
        if let address = settings.tokenRealm() {
            var bearer = "Bearer realm=\"\(Self.quotable(address))\",service=\"\(realm)\""
            if !scopes.isEmpty { bearer += ",scope=\"\(Self.quotable(scopes.joined(separator: " ")))\"" }
            if let error { bearer += ",error=\"\(error)\"" }
            headers[.wwwAuthenticate] = bearer
        } else {
            headers[.wwwAuthenticate] = "Basic realm=\"\(realm)\", charset=\"UTF-8\""
        }
        return RegistryFailure(
            .unauthorized,
            .unauthorized,
            error == "insufficient_scope"
                ? "the token was not made for this; fetch one for \(scopes.joined(separator: " "))"
                : "this needs an account; sign in with the name and the secret of one (skopeo login, podman login)",
            headers: headers
        )
    }

    static func quotable(_ text: String) -> String {
        text.filter { $0 != "\"" && $0 != "\\" && $0.isASCII && !$0.isNewline }
    }

    /// What a request needs of its repository.
    private func needed(_ exchange: RegistryExchange) -> Rights {
        let method = exchange.request.method
        switch exchange.route {
        case .base, .catalog: return []
        case .uploads, .upload: return .push
        case .blob, .manifest, .tags, .referrers, .signatures:
            switch method {
            case .get, .head: return .pull
            case .delete: return .delete
            default: return .push
            }
        }
    }

    /// Lets a request pass, or says why not.
    ///
    /// Nobody without credentials gets 200 from `/v2/`, even where everybody may read: else clients never sign in. Who may not read gets
    /// the answer of what does not exist.
    func authorise(_ exchange: RegistryExchange) async throws -> RepositoryAccess {
        let identity = exchange.identity
        let name = exchange.route.repository
        let right = needed(exchange)
        var scope = name.map { Self.scope($0, right) }.map { [$0] } ?? []
        // A mount needs two repositories, and a client asks for what the challenge names.
        if case .uploads = exchange.route, let from = exchange.query["from"],
            let source = try? RepositoryName(parsing: from)
        {
            scope.append(Self.scope(source, .pull))
        }
        guard let access = try await accounts.access(of: identity.account, to: name) else {
            throw challenge(scopes: scope, error: { if case .bearer = identity { "invalid_token" } else { nil } }())
        }
        guard let name else {
            if case .nobody = identity {
                guard exchange.route == .catalog, try await accounts.readScope(of: nil)?.isEmpty == false else {
                    throw challenge(scopes: scope)
                }
            }
            return access
        }
        if access.rights.isSuperset(of: right) {
            guard case .bearer(let claims) = identity else { return access }
            if let limited = try await limited(access, by: claims, in: name), limited.rights.isSuperset(of: right) {
                return limited
            }
            throw challenge(scopes: scope, error: "insufficient_scope")
        }
        guard let account = access.account else { throw challenge(scopes: scope) }
        guard access.rights.contains(.pull) else {
            throw RegistryFailure(
                .notFound,
                .nameUnknown,
                "there is no such repository, or this account may not read it"
            )
        }
        if let freeze = access.namespace?.freeze, right == .push {
            throw RegistryFailure(
                .forbidden,
                .denied,
                "namespace \"\(access.namespace?.name ?? "")\" is frozen since \(freeze.at.rfc3339); nobody pushes until a second person lets it go on"
            )
        }
        let role = right == .delete ? "maintainer" : "publisher"
        throw RegistryFailure(
            .forbidden,
            .denied,
            "the account \"\(account.name)\" may not \(right == .delete ? "delete" : "write") here"
                + (access.namespace.map { "; ask a maintainer of \"\($0.name)\" for the role of a \(role)" }
                    ?? "; ask the operator for the right")
                + (account.limit == nil ? "" : ", or use a token that is not limited to less")
        )
    }

    /// What is left of rights when a token is what was shown; nil when the token was made for another repository of that name.
    private func limited(
        _ access: RepositoryAccess,
        by claims: TokenClaims,
        in name: RepositoryName
    ) async throws -> RepositoryAccess? {
        let isPublic = access.namespace.map(\.isPublic) ?? accounts.allowsOutside
        let open: Rights = isPublic ? .pull : []
        guard let grant = claims.grant(for: name.text) else { return access.with(open) }
        let current = try await registry.identity(of: name)
        let isSame =
            if let id = grant.repositoryID { current?.key == id } else {
                current.map { $0.createdAt >= claims.issuedAt } ?? true
            }
        guard isSame else { return nil }
        return access.with(access.rights.intersection(grant.rights).union(open))
    }

    /// The scope of a request as the token service reads it.
    private static func scope(_ name: RepositoryName, _ right: Rights) -> String {
        switch right {
        case .pull: "repository:\(name):pull"
        case .delete: "repository:\(name):pull,delete"
        default: "repository:\(name):pull,push"
        }
    }
}
