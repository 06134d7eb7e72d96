// SPDX-License-Identifier: EUPL-1.2

public import Accounts
import Advisories
public import Assessment
import Criteria
public import Database
import JSON
public import OCI
public import Registry
import SBOM
public import Time
public import Vulnerabilities

/// What those responsible for images say about their findings, and what others say that they may make their own.
///
/// An assessment is a statement like those of documents: kept, weighed, inherited and ended the same way. It counts in the namespace of the
/// image and nowhere else; only where a repository lies in no namespace, operators assess, for that repository.
///
/// ## Topics
/// - ``assess(_:of:in:scope:by:)``, ``adopt(_:for:scope:by:)``, ``end(_:by:)``: what maintainers do
/// - ``said(about:for:)``: what is said, whether it counts or not
/// - ``jobs``: what a node runs
public struct Triage: Sendable {
    /// How far an assessment reaches.
    public enum Scope: String, Sendable, Hashable, CaseIterable {
        /// This digest, and what stands on it in the namespace.
        case image
        /// Every image of the repository.
        case repository
        /// Every image of the namespace.
        case namespace
    }

    /// An image in its repository.
    public struct Target: Sendable, Hashable {
        /// The repository.
        public let repository: RepositoryName
        /// The digest.
        public let digest: Digest

        /// Names an image.
        public init(repository: RepositoryName, digest: Digest) {
            self.repository = repository
            self.digest = digest
        }
    }

    /// What came of an assessment.
    public struct Receipt: Sendable, Hashable {
        /// Row of its document, by which it can be ended.
        public let document: Int64
        /// Name of the vulnerability.
        public let vulnerability: String
        /// Package URLs of the components that it is about.
        public let components: [String]
        /// For whom it is said.
        public let author: String
        /// Whose statement it makes one's own; nil for a judgement of one's own.
        public let adoptedFrom: String?
    }

    /// Components that one assessment may be about.
    static let maximumComponents = 500

    let database: Database
    let registry: Registry
    let accounts: Accounts
    let statements: Statements
    let clock: WallClock
    let verdicts: Verdicts
    let bases: Bases

    /// The verdict of an image, or how far it is.
    public typealias Verdicts = @Sendable (RepositoryName, Digest) async throws -> VerdictState
    /// The images that one stands on.
    public typealias Bases = @Sendable (RepositoryName, Digest) async throws -> [StatementOverlay.Base]

    /// Composes the service.
    public init(
        database: Database,
        registry: Registry,
        accounts: Accounts,
        statements: Statements,
        clock: WallClock,
        verdicts: @escaping Verdicts,
        bases: @escaping Bases
    ) {
        self.database = database
        self.registry = registry
        self.accounts = accounts
        self.statements = statements
        self.clock = clock
        self.verdicts = verdicts
        self.bases = bases
    }

    /// Composes the service around the node's own verdicts.
    public init(
        database: Database,
        registry: Registry,
        accounts: Accounts,
        statements: Statements,
        clock: WallClock,
        assessment: AssessmentService
    ) {
        self.init(
            database: database,
            registry: registry,
            accounts: accounts,
            statements: statements,
            clock: clock,
            verdicts: { try await assessment.verdict(repository: $0, digest: $1) },
            bases: { try await assessment.bases(of: $1, in: $0) }
        )
    }

    /// Says something about findings of an image; what was said about the same before, there, counts no more.
    ///
    /// - Throws: ``TriageError``, and `AccountsError` for whoever does not manage the namespace.
    public func assess(
        _ judgement: Judgement,
        of selection: FindingSelection,
        in target: Target,
        scope: Scope,
        by actor: Account
    ) async throws -> Receipt {
        let place = try await managed(target, scope, by: actor)
        try judgement.check(at: clock.now())
        let verdict = try await verdict(of: target)
        let findings = try selection.findings(among: verdict.findings)
        let statement = VEXStatement(
            vulnerability: try Self.vulnerability(of: findings),
            products: try Self.products(findings, verdict, target, scope, place),
            status: judgement.status,
            justification: judgement.justification,
            impactStatement: judgement.impact,
            actionStatement: judgement.action,
            expires: judgement.expires
        )
        return try await put(statement, at: place, by: actor)
    }

    /// Ends an assessment or a document: its words count no more.
    ///
    /// - Throws: ``TriageError/unknown(_:)`` also for whoever may not see where it counts.
    public func end(_ document: Int64, by actor: Account) async throws {
        let missing = TriageError.unknown(
            de: "Es gibt keine Bewertung mit dieser Nummer, die zählt.",
            en: "there is no assessment of this number that counts"
        )
        guard let found = try await statements.document(document) else { throw missing }
        do { try await accounts.requireManager(of: found.namespace, by: actor) } catch is AccountsError {
            throw missing
        }
        let ended = try await statements.revoke(document, by: actor.name) {
            try AssessmentService.announce($0, document: $1, at: $2)
        }
        guard ended != nil else { throw missing }
    }

    /// Whether somebody may assess the findings of a repository's images.
    public func mayAssess(_ repository: RepositoryName, by account: Account?) async throws -> Bool {
        guard let account else { return false }
        do {
            let namespace = try await accounts.reader(account)?.scope.namespace(of: repository)
            try await accounts.requireManager(of: namespace, by: account)
            return true
        } catch is AccountsError { return false }
    }

    // MARK: - Parts

    /// Where an assessment counts, for whoever may make it there.
    func managed(_ target: Target, _ scope: Scope, by actor: Account) async throws -> StatementPlace {
        guard let (_, readable) = try await accounts.reader(actor), readable.reads(target.repository) else {
            throw Self.unknownImage(target)
        }
        let namespace = readable.namespace(of: target.repository)
        try await accounts.requireManager(of: namespace, by: actor)
        guard namespace != nil else {
            guard scope != .namespace else {
                throw TriageError.invalid(
                    de: "Das Repository liegt in keinem Namensraum; der Geltungsbereich ist image oder repository.",
                    en: "the repository lies in no namespace; the scope is image or repository"
                )
            }
            return StatementPlace(namespace: nil, repository: target.repository.text)
        }
        return StatementPlace(namespace: namespace)
    }

    func verdict(of target: Target) async throws -> Verdict {
        switch try await verdicts(target.repository, target.digest) {
        case .ready(let stored): return try stored.verdict()
        case .unknownImage, .notAnImage: throw Self.unknownImage(target)
        case .queued, .running, .failed:
            throw TriageError.notReady(
                LocalizedText(
                    de: "Das Image ist noch nicht bewertet; seine Befunde stehen erst danach fest.",
                    en: "the image has no verdict yet; its findings are known only then"
                )
            )
        }
    }

    static func unknownImage(_ target: Target) -> TriageError {
        .unknown(
            de: "Es gibt kein Image \(target.repository)@\(target.digest), das Sie sehen dürfen.",
            en: "there is no image \(target.repository)@\(target.digest) that you may see"
        )
    }

    /// The vulnerability of findings that are all of one.
    static func vulnerability(of findings: [Finding]) throws -> VEXVulnerability {
        let ids = Set(findings.map(\.id)).sorted()
        guard ids.count == 1, let id = ids.first else {
            throw TriageError.invalid(
                de:
                    "Der Name steht für mehrere Schwachstellen: \(ids.prefix(10).joined(separator: ", ")). Eine davon angeben.",
                en:
                    "the name stands for several vulnerabilities: \(ids.prefix(10).joined(separator: ", ")); give one of them"
            )
        }
        return VEXVulnerability(
            id,
            aliases: Array(Set(findings.flatMap(\.aliases)).subtracting([id]).sorted().prefix(100))
        )
    }

    /// The products of a statement about findings of an image.
    static func products(
        _ findings: [Finding],
        _ verdict: Verdict,
        _ target: Target,
        _ scope: Scope,
        _ place: StatementPlace
    ) throws -> [VEXProduct] {
        var seen: Set<PackageURL> = []
        let parts = findings.compactMap(\.purl).filter { seen.insert($0).inserted }
        guard !parts.isEmpty, parts.count <= maximumComponents else {
            throw TriageError.invalid(
                de:
                    "Der Befund hat keine Komponente mit purl, oder mehr als \(maximumComponents); er kann so nicht bewertet werden.",
                en:
                    "the finding has no component with a package URL, or more than \(maximumComponents); it cannot be assessed so"
            )
        }
        let subcomponents = parts.map { VEXComponent(purl: $0) }
        let identities: [VEXComponent]
        switch scope {
        case .image:
            // Of an index the platforms too: each of them is an image of its own.
            let platforms = (verdict.platforms ?? []).compactMap(\.image.digest)
            identities = Set([target.digest.description] + platforms).sorted().map { VEXComponent(digests: [$0]) }
        case .repository:
            identities = [VEXComponent(id: StatementPlace.product(ofRepository: target.repository.text))]
        case .namespace:
            identities = [VEXComponent(id: StatementPlace.product(ofNamespace: place.namespace ?? ""))]
        }
        return identities.map { VEXProduct($0, subcomponents: subcomponents) }
    }

    func put(
        _ statement: VEXStatement,
        at place: StatementPlace,
        adoptedFrom: String? = nil,
        by actor: Account
    ) async throws -> Receipt {
        if let refusal = statement.refusal { throw TriageError.invalid(refusal) }
        let author = try await author(actor)
        let taken = try await statements.put(
            statement,
            author: author,
            at: place,
            adoptedFrom: adoptedFrom,
            by: actor.name
        ) { try AssessmentService.announce($0, document: $1, at: $2) }
        return Receipt(
            document: taken.id,
            vulnerability: statement.vulnerability.name,
            components: statement.products.first?.subcomponents.compactMap { $0.purl?.description } ?? [],
            author: author,
            adoptedFrom: adoptedFrom
        )
    }

    /// For whom somebody speaks: their organisation; who acts for none speaks for themselves.
    private func author(_ actor: Account) async throws -> String {
        guard let name = try await accounts.account(actor.name, by: actor).organisation else { return actor.name }
        return try await accounts.organisation(name).organisation.title
    }
}
