// SPDX-License-Identifier: EUPL-1.2

public import Advisories
import Criteria
import Database
public import SBOM
import Time
import Vulnerabilities

/// What lies in no image, and is matched all the same: the components of a bill that somebody wrote.
extension AssessmentService {
    /// Components that are matched and written in one go.
    private static let portion = 500
    /// How often a portion is matched anew because advisories changed meanwhile.
    private static let attempts = 10

    /// Puts components into the index, each matched with the advisories of this moment unless it was already.
    ///
    /// From then on a switch of advisories, and an advisory of the operator, matches them as it does those of images. What another package
    /// brought (`ownedBy`) is matched only where it lies: whoever hands one over says that its owner is there and the distribution's own.
    ///
    /// - Returns: their rows, in order and each once.
    public func index(_ components: [Component]) async throws -> [Int64] {
        var rows = Set<Int64>()
        var rest = components[...]
        while !rest.isEmpty {
            let portion = Array(rest.prefix(Self.portion))
            rest = rest.dropFirst(Self.portion)
            var written: [Int64]?
            var attempt = 0
            while written == nil {
                attempt += 1
                guard attempt <= Self.attempts else {
                    throw JobFailure("the advisories change faster than components are matched", isRetryable: true)
                }
                written = try await put(portion)
            }
            rows.formUnion(written ?? [])
        }
        return rows.sorted()
    }

    /// What of some components no advisory speaks about, under the advisories of this moment.
    ///
    /// - Returns: also the snapshot that it holds for.
    public func coverage(of components: [Component]) async throws -> (notAssessed: [NotAssessed], snapshot: String?) {
        guard let snapshot = try feeds.current() else {
            return (Assessed.withoutFeeds(components).notAssessed, nil)
        }
        return (try await snapshot.assess(components).notAssessed, snapshot.id)
    }

    /// The advisories of this moment; nil when there are none.
    public func snapshotID() throws -> String? { try feeds.current()?.id }

    /// Matches one portion and writes it.
    ///
    /// - Returns: nil where advisories changed meanwhile, and nothing was written: their switch looked for components before these came.
    private func put(_ components: [Component]) async throws -> [Int64]? {
        let snapshot = try feeds.current()
        let own = try await database.read { [clock, ownAdvisories] in try ownAdvisories.live(in: $0, at: clock.now()) }
        let assessed = try await snapshot?.assess(components, own: own) ?? .withoutFeeds(components)
        let parts = IndexedPart.all(of: components, findings: assessed.findings)
        let tag = Self.tag(snapshot?.id, own)
        let now = clock.now()
        return try await database.write { transaction in
            guard try OwnAdvisories.generation(in: transaction) == own.generation,
                try !Self.isSwitched(since: snapshot?.id, in: transaction)
            else { return nil }
            return try parts.compactMap { part -> Int64? in
                let row = try transaction.first(ReverseIndexSchema.findComponent, [.blob(part.component.key)])
                let known = try row?.int64(0)
                let number =
                    try known
                    ?? transaction.first(ReverseIndexSchema.putComponent, part.component.columns)?.int64(0)
                guard let number else { return nil }
                // It was matched already, and an owned one may be matched otherwise in another place.
                if known != nil, try part.isOwned || row?.optionalText(1) == tag { return number }
                try Self.put(part.findings, of: number, tag: tag, at: now, in: transaction)
                return number
            }
        }
    }
}
