// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Database
import OCI
import Products
import Situation
import Time

/// Finds everybody whom an answer concerns, one thing after the other: memory grows with organisations, not with images or pulls.
struct RecipientSearch {
    /// Tags and components that the evidence names for an image.
    private static let shown = 5

    private struct Gathering {
        var reasons: NoticeReasons = []
        var evidence = NoticeEvidence()
    }

    private let database: Database
    private var gatherings: [Int64: Gathering] = [:]
    private var organisations: [String: Int64?] = [:]
    private var services: [Int64: Int64?] = [:]
    private var known: [Int64: Bool] = [:]
    private(set) var images = 0
    private(set) var products = 0
    private(set) var imagesOfNobody = 0
    private(set) var pullsOfNobody: Int64 = 0
    private(set) var suggestion = NoticeSuggestion()

    init(_ database: Database) { self.database = database }

    /// Takes one image of the answer.
    mutating func add(_ image: AffectedImage) async throws {
        images += 1
        suggestion.add(image.reasons)
        let entry = Self.entry(image)
        if let name = image.organisation, let id = try await organisation(name) {
            gatherings[id, default: Gathering()].reasons.insert(.publishes)
            gatherings[id, default: Gathering()].evidence.published.append(entry)
        } else {
            imagesOfNobody += 1
        }
        for (id, pulls) in try await pulls(of: image).sorted(by: { $0.key < $1.key }) {
            gatherings[id, default: Gathering()].reasons.insert(.pulled)
            gatherings[id, default: Gathering()].evidence.pulled.append(entry.pulled(pulls))
        }
    }

    /// Takes one product of the answer.
    mutating func add(_ affected: AffectedProduct) {
        products += 1
        suggestion.add(affected.reasons)
        let product = affected.product
        let entry = NoticeEvidence.Product(
            name: Self.word(product.name.name),
            version: Self.word(product.name.version),
            supplier: Self.word(product.name.supplier),
            components: Self.components(affected.reasons),
            since: affected.reasons.compactMap(\.since).min() ?? product.since
        )
        gatherings[product.organisationID, default: Gathering()].reasons.insert(.runs)
        gatherings[product.organisationID, default: Gathering()].evidence.products.append(entry)
    }

    /// Those who were found, those who operate for them, and those for whom they operate; with how each can be told now.
    ///
    /// One step: that a provider operates for somebody affected makes none of its other customers affected.
    func recipients(_ settings: NoticeSettings) async throws -> [NoticeDraft.Recipient] {
        let direct = gatherings
        return try await database.read { t in
            var all = direct
            for id in direct.keys.sorted() {
                guard let row = try t.first(NoticesSchema.organisation, [.integer(id)]) else { continue }
                let title = Self.word(try row.text(2))
                for other in try t.query(NoticesSchema.providers, [.integer(id)]) {
                    all[try other.int64(0), default: Gathering()].reasons.insert(.operates)
                    all[try other.int64(0), default: Gathering()].evidence.operatesFor.append(title)
                }
                for other in try t.query(NoticesSchema.customers, [.integer(id)]) {
                    all[try other.int64(0), default: Gathering()].reasons.insert(.operated)
                    all[try other.int64(0), default: Gathering()].evidence.operatedBy.append(title)
                }
            }
            return try all.compactMap { id, gathering in
                // Organisations are never removed; a pull by a row that is none is nobody's.
                guard let row = try t.first(NoticesSchema.organisation, [.integer(id)]) else { return nil }
                let organisation = try NoticeOrganisation(row)
                let (channels, unreachable) = try organisation.channels(t, settings)
                return NoticeDraft.Recipient(
                    organisationID: id,
                    name: organisation.name,
                    title: organisation.title,
                    reasons: gathering.reasons,
                    evidence: gathering.evidence,
                    channels: channels,
                    unreachable: unreachable
                )
            }.sorted { $0.name < $1.name }
        }
    }

    private mutating func organisation(_ name: String) async throws -> Int64? {
        if let known = organisations[name] { return known }
        let id = try await database.lookUp { try $0.first(NoticesSchema.organisationNamed, [.text(name)])?.int64(0) }
        organisations[name] = .some(id)
        return id
    }

    /// Pulls of an image by organisation; those of nobody are counted.
    private mutating func pulls(of image: AffectedImage) async throws -> [Int64: NoticeEvidence.Pulls] {
        var found: [Int64: NoticeEvidence.Pulls] = [:]
        var position: (Int64, Int64) = (-1, -1)
        while true {
            let values: [SQLValue] = [
                .text(image.repository.text), .blob(image.digest.bytes), .integer(image.digest.algorithm.number),
                .integer(position.0), .integer(position.1),
            ]
            let rows = try await database.lookUp { try $0.query(NoticesSchema.pulls, values) }
            for row in rows {
                position = (try row.int64(0), try row.int64(1))
                let pulls = NoticeEvidence.Pulls(
                    first: try row.time(2),
                    last: try row.time(3),
                    count: try row.int64(4)
                )
                guard let id = try await organisation(ofPuller: position) else {
                    pullsOfNobody += pulls.count
                    continue
                }
                guard let known = found[id] else {
                    found[id] = pulls
                    continue
                }
                found[id] = NoticeEvidence.Pulls(
                    first: min(known.first, pulls.first),
                    last: max(known.last, pulls.last),
                    count: known.count + pulls.count
                )
            }
            if rows.count < 1_000 { return found }
        }
    }

    /// The organisation on whose behalf somebody pulled.
    ///
    /// A service account without one is looked after by the maintainers of its namespace, so it is their organisation's.
    private mutating func organisation(ofPuller puller: (kind: Int64, id: Int64)) async throws -> Int64? {
        switch puller.kind {
        case 1:
            let id = puller.id
            if let exists = known[id] { return exists ? id : nil }
            let exists = try await database.lookUp { try $0.first(NoticesSchema.organisation, [.integer(id)]) != nil }
            known[id] = exists
            return exists ? id : nil
        case 2:
            let account = puller.id
            if let known = services[account] { return known }
            let id = try await database.lookUp { t -> Int64? in
                guard let row = try t.first(NoticesSchema.serviceAccount, [.integer(account)]) else { return nil }
                return try row.optionalInt64(0) ?? row.optionalInt64(1)
            }
            services[account] = .some(id)
            return id
        default: return nil
        }
    }

    /// Made once for all who pulled it: they share its words.
    private static func entry(_ image: AffectedImage) -> NoticeEvidence.Image {
        NoticeEvidence.Image(
            repository: image.repository.text,
            digest: image.digest.description,
            tags: image.tags.prefix(shown).map { word($0.text) },
            components: components(image.reasons),
            since: image.reasons.compactMap(\.since).min() ?? image.since,
            pulls: nil
        )
    }

    private static func components(_ reasons: [AffectedImage.Reason]) -> [NoticeEvidence.Component] {
        reasons.prefix(shown).map { reason in
            NoticeEvidence.Component(
                name: word(reason.name),
                version: word(reason.version),
                fixedIn: reason.finding?.fixedIn.map(word),
                isCertain: reason.isCertain
            )
        }
    }

    /// A stranger's word, as it may stand in a line of text.
    private static func word(_ text: String) -> String { NoticeText.word(text) }
}

/// What an answer has in common, for a text to begin with.
///
/// All recipients would read it, so it holds what advisories say, and nothing of what one organisation runs: no versions, no images.
struct NoticeSuggestion: Sendable {
    struct Component: Sendable, Hashable {
        let name: String
        let fixedIn: String?
    }

    private static let most = 5
    private(set) var components: [Component] = []
    private(set) var hasMore = false
    private(set) var isExploited = false

    mutating func add(_ reasons: [AffectedImage.Reason]) {
        for finding in reasons.compactMap(\.finding) {
            if finding.kev != nil { isExploited = true }
            let component = Component(
                name: NoticeText.word(finding.componentName),
                fixedIn: finding.fixedIn.map { NoticeText.word($0) }
            )
            guard !components.contains(component) else { continue }
            if components.count < Self.most { components.append(component) } else { hasMore = true }
        }
    }
}
