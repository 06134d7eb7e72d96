// SPDX-License-Identifier: EUPL-1.2

import API
import Accounts
import Assessment
import Criteria
import Database
import Hummingbird
import Logging
import NIOCore
import Portal
import PullRecords
import Registry

/// API and portal on one router, with the same answers and the same rule of who may read.
struct PageRoutes {
    let configuration: NodeConfiguration
    let queries: ImageQueries
    let accounts: Accounts
    let registry: Registry
    let pulls: PullRecords
    let knowledge: @Sendable () async throws -> PullKnowledge
    let database: Database

    func responder(_ catalogue: Catalogue, version: String) throws -> any HTTPResponder<PageContext> {
        let access: APICaller.Access = { [queries, accounts] header, source in
            try await Self.caller(header, source, queries, accounts)
        }
        let router = Router(context: PageContext.self)
        APIRoutes(
            access: access,
            accounts: accounts,
            registry: registry,
            pulls: pulls,
            pullKnowledge: knowledge,
            database: database,
            version: version
        ).register(on: router)
        try PortalRoutes(
            catalogue: catalogue,
            settings: Pages.Settings(
                nodeName: configuration.name,
                registryAuthority: configuration.registryAuthority,
                isProvisional: configuration.publicURL == nil
            ),
            access: { header, source in
                do { return try await access(header, source)?.queries } catch AccountsError.tooManyAttempts(let seconds)
                {
                    throw TooManyAttempts(seconds: seconds)
                }
            }
        ).register(on: router)
        return router.buildResponder()
    }

    /// Who asks, and what they may see; nil gets a challenge.
    ///
    /// Wrong credentials are refused also where everybody may read: somebody who meant to be known should learn that they are not.
    private static func caller(
        _ header: String?,
        _ source: String,
        _ queries: ImageQueries,
        _ accounts: Accounts
    ) async throws -> APICaller? {
        var account: Account?
        switch Credentials(header: header) {
        case .none: break
        case .given(let username, let password):
            guard
                let known = try await accounts.authenticate(username: username, password: password, source: source)
            else { return nil }
            account = known
        case .bearer, .unreadable: return nil
        }
        guard let current = try await accounts.access(of: account, to: nil),
            let scope = try await accounts.readScope(of: account)
        else { return nil }
        // Where nobody may read anything, a stranger is asked who they are.
        if account == nil, scope.isEmpty { return nil }
        return APICaller(
            account: current.account,
            queries: queries.limited(reads: { scope.reads($0) }, skip: { scope.skip(after: $0) })
        )
    }
}

/// What a request of a page brings along: the address that it came from, by which failed sign-ins are counted.
struct PageContext: RequestContext, RemoteAddressRequestContext {
    var coreContext: CoreRequestContextStorage
    let remoteAddress: SocketAddress?

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        remoteAddress = source.channel.remoteAddress
    }
}
