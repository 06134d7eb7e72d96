// SPDX-License-Identifier: EUPL-1.2

import API
import Accounts
import Advisories
import Assessment
import Attesting
import Criteria
import Database
import Directory
import Hummingbird
import LogHTTP
import Logging
import NIOCore
import NIOPosix
import Notices
import OCI
import Portal
import Products
import ProjectRegister
import PullRecords
import Registry
import Releases
import Situation
import Transparency
import Triage
import Trust
import Vulnerabilities

/// API, portal and log on one router, with the same answers and the same rule of who may read.
struct PageRoutes {
    let configuration: NodeConfiguration
    let queries: ImageQueries
    let accounts: Accounts
    let registry: Registry
    let pulls: PullRecords
    let situation: Situation
    let statements: Statements
    let triage: Triage
    let ownAdvisories: OwnAdvisories
    let products: Products
    let notices: Notices
    let directory: Directory
    let projects: ProjectRegister
    let inspection: NodeInspection
    let releases: Releases
    let approvals: Approvals
    let log: @Sendable () -> TransparencyLog?
    let attesting: Attesting
    let trust: Trust
    let knowledge: @Sendable () async throws -> PullKnowledge
    let database: Database
    let threads: NIOThreadPool

    func responder(_ catalogue: Catalogue, version: String) throws -> any HTTPResponder<PageContext> {
        let router = Router(context: PageContext.self)
        APIRoutes(
            // The API knows no cookies: no page can make a browser use it in somebody's name.
            access: { header, source in
                try await caller(PresentedCredentials(authorization: header, source: source)).map {
                    APICaller(account: $0.account, queries: $0.queries)
                }
            },
            accounts: accounts,
            registry: registry,
            pulls: pulls,
            situation: situation,
            statements: statements,
            triage: triage,
            publication: configuration.publication,
            ownAdvisories: ownAdvisories,
            products: products,
            notices: notices,
            directory: directory,
            projects: projects,
            releases: releases,
            approvals: approvals,
            log: log,
            attesting: attesting,
            trust: trust,
            health: { try await inspection.health() },
            pullKnowledge: knowledge,
            database: database,
            publicOrigin: configuration.publicOrigin,
            version: version
        ).register(on: router)
        var settings = Pages.Settings(
            nodeName: configuration.name,
            registryAuthority: configuration.registryAuthority,
            isProvisional: configuration.publicURL == nil,
            publicOrigin: configuration.publicOrigin,
            isSecure: configuration.isReachedByTLS
        )
        settings.isExercise = configuration.exerciseData
        try PortalRoutes(
            catalogue: catalogue,
            settings: settings,
            accounts: accounts,
            situation: situation,
            products: products,
            triage: triage,
            notices: notices,
            directory: directory,
            projects: projects,
            registry: registry,
            operatorText: { OperatorPages(directory: configuration.file("pages")).text($0, $1) },
            health: { try await inspection.health() },
            words: { try await words(of: $1, in: $0) },
            releases: ReleaseDesk(releases),
            exercise: configuration.exercise,
            access: { try await caller($0) }
        ).register(on: router)
        // What the log holds is for everybody, also while nobody signs.
        LogRoutes(directory: configuration.logDirectory, threads: threads).register(on: router)
        return router.buildResponder()
    }

    private func words(of digest: Digest, in repository: RepositoryName) async throws -> ImageWords {
        let now = registry.now
        let approvals = try await approvals.approvals(of: digest, in: repository).filter { $0.isInForce(at: now) }
        var takedown: TakedownNotice?
        if let number = try await registry.manifestSummary(repository, digest)?.takedown {
            takedown = try await registry.notice(of: number, "\(repository)@\(digest)")
        }
        return ImageWords(
            approvals: approvals.map { ImageWords.Approval(organisation: $0.organisation, until: $0.validUntil) },
            takedown: takedown.map {
                ImageWords.Takedown(since: $0.since, reason: $0.reason, legalReference: $0.legalReference)
            },
            release: try await releases.isLogged(digest, in: repository).map { ImageWords.Release(isLogged: $0) }
        )
    }

    /// Who asks, and what they may see; nil gets a challenge.
    ///
    /// Wrong credentials are refused also where everybody may read: somebody who meant to be known should learn that they are not.
    private func caller(_ presented: PresentedCredentials) async throws -> Visitor? {
        var account: Account?
        var formToken: String?
        switch Credentials(header: presented.authorization) {
        case .none:
            // A session that ended is as if there were none: whoever may read without an account still may.
            if let secret = presented.session, let session = try await accounts.session(secret) {
                (account, formToken) = (session.account, session.formToken)
            }
        case .given(let username, let password):
            let known = try await accounts.authenticate(
                username: username,
                password: password,
                source: presented.source
            )
            guard let known else { return nil }
            account = known
        case .bearer, .unreadable: return nil
        }
        guard let (current, scope) = try await accounts.reader(account) else { return nil }
        // Where nobody may read anything, a stranger is asked who they are.
        if account == nil, scope.isEmpty { return nil }
        return Visitor(
            account: current,
            queries: queries.limited(reads: { scope.reads($0) }, skip: { scope.skip(after: $0) }),
            formToken: formToken
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

extension NodeConfiguration {
    /// What documents of this node say of it.
    fileprivate var publication: APIRoutes.Publication {
        APIRoutes.Publication(
            publisher: VEXPublisher(
                name: name,
                // A name under the node's control, not a place to fetch from: a node without a public address is for trying out only.
                namespace: publicOrigin ?? "https://\(registryAuthority)",
                // It neither makes the products nor found their vulnerabilities.
                category: .other
            ),
            registry: registryAuthority
        )
    }
}
