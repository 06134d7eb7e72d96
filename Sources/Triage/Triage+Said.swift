// SPDX-License-Identifier: EUPL-1.2

public import Accounts
import Advisories
import Assessment
import Criteria
import Database
import OCI
import SBOM
import Time
public import Vulnerabilities

extension Triage {
    /// Statements about one image that are told.
    public static let maximumStatements = 500

    /// What is said about the findings of an image: what counts, what counts elsewhere, and what was found beside the image in the registry.
    ///
    /// Whoever asks learns of a namespace's words only where they may read the namespace.
    ///
    /// - Returns: by vulnerability, the latest first, and whether there is more.
    public func said(
        about target: Target,
        for account: Account?
    ) async throws -> (statements: [SaidStatement], isCut: Bool) {
        guard let (_, readable) = try await accounts.reader(account), readable.reads(target.repository) else {
            throw Self.unknownImage(target)
        }
        let verdict = try await verdict(of: target)
        let scene = try await scene(target, verdict, readable)
        let findings = verdict.findings
        let names = Set(findings.flatMap(\.capitalNames))
        let candidates = try await database.read { t in
            let words = try Statements.words(about: names, in: t).filter { scene.sees($0.place) }.map(Candidate.init)
            // What is attached and signed by somebody who is believed counts, and is not told a second time as nobody's.
            let signed = Set(words.filter { $0.origin == .attested }.map(\.words))
            return words + (try scene.attached(in: t).filter { !signed.contains($0.words) })
        }
        // Only findings of a statement's own names are looked at with it.
        var byName: [String: [Finding]] = [:]
        for finding in findings { for name in finding.capitalNames { byName[name, default: []].append(finding) } }
        var said: [SaidStatement] = []
        for candidate in candidates {
            let vulnerability = candidate.statement.vulnerability
            let own = Set(([vulnerability.name] + vulnerability.aliases).map { $0.uppercased() })
            let related = scene.related(candidate, Array(Set(own.flatMap { byName[$0] ?? [] })))
            if let statement = candidate.said(related, of: scene, at: clock.now()) { said.append(statement) }
        }
        said.sort { left, right in
            let (first, second) = (left.statement, right.statement)
            if first.vulnerability.name != second.vulnerability.name {
                return first.vulnerability.name < second.vulnerability.name
            }
            if first.timestamp != second.timestamp {
                return (first.timestamp ?? Timestamp(seconds: 0)) > (second.timestamp ?? Timestamp(seconds: 0))
            }
            return (left.id.document, left.id.position) < (right.id.document, right.id.position)
        }
        return (Array(said.prefix(Self.maximumStatements)), said.count > Self.maximumStatements)
    }

    /// VEX documents that somebody attached to an image in the registry; none of their words counts.
    ///
    /// - Returns: empty for whoever may not read the image.
    public func discovered(about target: Target, for account: Account?) async throws -> [DiscoveredStatements.Document]
    {
        guard let (_, readable) = try await accounts.reader(account), readable.reads(target.repository) else {
            return []
        }
        return try await database.read { t in
            try DiscoveredStatements.documents(of: target.digest, in: target.repository, t)
        }
    }

    /// Makes another's statement one's own, in one step: its word from now on, with whose it was.
    ///
    /// - Parameters:
    ///   - id: as ``said(about:for:)`` names it.
    ///   - target: the image whose findings it is about.
    ///   - scope: how far it reaches here.
    ///   - actor: a maintainer of the image's namespace.
    /// - Throws: ``TriageError``, and `AccountsError` for whoever does not manage the namespace.
    public func adopt(
        _ id: SaidStatement.ID,
        for target: Target,
        scope: Scope,
        by actor: Account
    ) async throws -> Receipt {
        let place = try await managed(target, scope, by: actor)
        let unknown = TriageError.unknown(
            de: "Es gibt keine Aussage \(id), die Sie sehen dürfen und die ein Befund des Images betrifft.",
            en: "there is no statement \(id) that you may see and that is about a finding of the image"
        )
        guard let (_, readable) = try await accounts.reader(actor) else { throw unknown }
        let verdict = try await verdict(of: target)
        let scene = try await scene(target, verdict, readable)
        let candidate = try await database.read { t -> Candidate? in
            if id.isDiscovered { return try scene.attached(in: t).first { $0.id == id } }
            let word = try Statements.word(ofDocument: id.document, at: id.position, in: t)
            return word.flatMap { scene.sees($0.place) ? Candidate($0) : nil }
        }
        guard let candidate else { throw unknown }
        let related = scene.related(candidate, verdict.findings)
        guard !related.isEmpty else { throw unknown }
        let theirs = candidate.statement
        if let expires = theirs.expires, expires <= clock.now() {
            throw TriageError.invalid(
                de: "Die Aussage gilt seit \(expires.rfc3339) nicht mehr.",
                en: "the statement counts no more since \(expires.rfc3339)"
            )
        }
        let findings = related.map(\.finding)
        let statement = VEXStatement(
            vulnerability: try Self.vulnerability(of: findings),
            products: try Self.products(findings, verdict, target, scope, place),
            status: theirs.status,
            justification: theirs.justification,
            impactStatement: theirs.impactStatement,
            actionStatement: theirs.actionStatement,
            responses: theirs.responses,
            expires: theirs.expires
        )
        let source = "\(candidate.author.prefix(200)) (\(candidate.documentName.prefix(200)))"
        return try await put(statement, at: place, adoptedFrom: source, by: actor)
    }

    private func scene(_ target: Target, _ verdict: Verdict, _ readable: ReadScope) async throws -> Scene {
        let below = try await bases(target.repository, target.digest)
        let platforms = (verdict.platforms ?? []).compactMap { $0.image.digest.flatMap { try? Digest(parsing: $0) } }
        return Scene(
            target: target,
            namespace: readable.namespace(of: target.repository),
            digests: [target.digest] + platforms,
            bases: below.filter { readable.reads($0.repository) },
            readable: readable
        )
    }
}

/// A statement that may be about an image, wherever it comes from.
private struct Candidate: Sendable {
    let id: SaidStatement.ID
    let statement: VEXStatement
    let author: String
    let documentName: String
    let origin: StatementOrigin?
    let adoptedFrom: String?
    let importedBy: String
    /// Where it counts; nil where it counts nowhere.
    let place: StatementPlace?

    init(_ word: Statements.Word) {
        let source = word.entry.source
        id = SaidStatement.ID(isDiscovered: false, document: word.document, position: source.statement)
        statement = word.entry.statement
        author = source.author
        documentName = source.document
        origin = word.origin
        adoptedFrom = word.adoptedFrom
        importedBy = word.importedBy
        place = word.place
    }

    init(_ document: DiscoveredStatements.Document, _ position: Int, _ statement: VEXStatement) {
        id = SaidStatement.ID(isDiscovered: true, document: document.id, position: position)
        self.statement = statement
        author = document.author
        documentName = document.name
        origin = nil
        adoptedFrom = nil
        importedBy = document.pushedBy
        place = nil
    }

    /// What makes the same words in the same document of the same author.
    var words: [String] { [author, documentName, statement.vulnerability.name, statement.status.rawValue] }

    func said(
        _ related: [(finding: Finding, relation: SaidStatement.Relation)],
        of scene: Scene,
        at now: Timestamp
    ) -> SaidStatement? {
        let order = SaidStatement.Relation.allCases
        guard let relation = order.first(where: { wanted in related.contains { $0.relation == wanted } }) else {
            return nil
        }
        let isOver = statement.expires.map { $0 <= now } ?? false
        return SaidStatement(
            id: id,
            statement: statement,
            author: author,
            documentName: documentName,
            origin: origin,
            adoptedFrom: adoptedFrom,
            importedBy: importedBy,
            relation: relation,
            counts: !isOver && relation != .elsewhere && place?.includes(scene.target.repository) ?? false,
            components: Array(Set(related.compactMap(\.finding.componentPURL)).sorted().prefix(50))
        )
    }
}

/// An image with what it stands on, as whoever asks may see it.
private struct Scene: Sendable {
    let target: Triage.Target
    let namespace: String?
    /// The image, and of an index its platforms.
    let digests: [Digest]
    let bases: [StatementOverlay.Base]
    let readable: ReadScope

    /// Whether somebody may learn what is said at a place: what counts on the whole node everybody may.
    func sees(_ place: StatementPlace) -> Bool {
        guard let name = place.repository ?? place.namespace else { return true }
        return (try? RepositoryName(parsing: name)).map { readable.reads($0) } ?? false
    }

    /// What was found beside the image and beside those that it stands on.
    func attached(in t: Transaction) throws -> [Candidate] {
        var subjects = digests.map { ($0, target.repository) }
        for base in bases.prefix(10) { subjects.append((base.digest, base.repository)) }
        var seen: Set<Int64> = []
        var found: [Candidate] = []
        for (digest, repository) in subjects {
            for document in try DiscoveredStatements.documents(of: digest, in: repository, t)
            where seen.insert(document.id).inserted {
                for (position, statement) in try DiscoveredStatements.statements(of: document.id, in: t) {
                    found.append(Candidate(document, position, statement))
                }
            }
        }
        return found
    }

    /// The findings that a statement is about, each with by what.
    func related(
        _ candidate: Candidate,
        _ findings: [Finding]
    ) -> [(finding: Finding, relation: SaidStatement.Relation)] {
        findings.compactMap { finding in
            guard candidate.statement.vulnerability.isOf(finding), let purl = finding.purl else { return nil }
            let relations = candidate.statement.products.lazy.compactMap { relation($0, purl) }
            let order = SaidStatement.Relation.allCases
            return order.first { relations.contains($0) }.map { (finding, $0) }
        }
    }

    private func relation(_ product: VEXProduct, _ component: PackageURL) -> SaidStatement.Relation? {
        let isPart = product.subcomponents.contains { $0.purl?.covers(component) ?? false }
        let identity = product.identity
        if product.subcomponents.isEmpty, let purl = identity.purl, purl.covers(component) { return .component }
        guard isPart || product.subcomponents.isEmpty else { return nil }
        let named = Set(identity.imageDigests)
        if digests.contains(where: { named.contains($0.description) }) { return .image }
        if identity.id == StatementPlace.product(ofRepository: target.repository.text) { return .image }
        if let namespace, identity.id == StatementPlace.product(ofNamespace: namespace) { return .image }
        let isBase = bases.contains { base in
            named.contains(base.digest.description)
                || identity.id == StatementPlace.product(ofRepository: base.repository.text)
        }
        if isBase { return .base }
        return isPart ? .elsewhere : nil
    }
}
