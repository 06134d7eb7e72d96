// SPDX-License-Identifier: EUPL-1.2

public import Criteria

/// What can be said of a level: which one it is, or that nobody can tell.
public enum ProjectStanding: Sendable, Hashable {
    /// It is this one; more would have shown in what was looked at.
    case level(Level)
    /// Nothing speaks against bronze but what nobody could look at.
    case unknown

    /// The level; nil where it is unknown.
    public var level: Level? { if case .level(let level) = self { level } else { nil } }

    /// The level's word, or `unknown`.
    public var word: String { level?.rawValue ?? "unknown" }
}

extension ProjectVerdict {
    /// Ids that name the same badge in one catalogue or generation of openCode's interface and in another.
    private static let aliases = [["MAINTAINED", "MAINTENANCE"], ["REUSED", "REUSE"]]

    /// The badge with an id, of either generation; nil when the catalogue has none.
    public func badge(_ id: String) -> Badge? {
        if let badge = badges.first(where: { $0.id == id }) { return badge }
        guard let names = Self.aliases.first(where: { $0.contains(id) }) else { return nil }
        return badges.first { names.contains($0.id) }
    }

    /// Results of one badge, in the order of the catalogue.
    public func results(of badge: Badge) -> [Result] { results.filter { $0.badge == badge.id } }

    /// What can be said of a badge: that bronze is missed only where something of it is seen to be missed.
    public func standing(of badge: Badge) -> ProjectStanding {
        guard badge.level == .none else { return .level(badge.level) }
        let bronze = results(of: badge).filter { $0.criterion.level == .bronze }
        let isMissed = bronze.contains {
            $0.criterion.result == .fail || ($0.cap == .none && $0.criterion.result.isPassed)
        }
        if isMissed { return .level(.none) }
        return bronze.isEmpty || bronze.contains { $0.criterion.result == .unknown } ? .unknown : .level(.none)
    }

    /// The highest level of a badge that nothing which was looked at speaks against; it may lie above the badge's own where something
    /// could not be looked at.
    public func ceiling(of badge: Badge) -> Level {
        let own = results(of: badge)
        var reached = Level.none
        for level in [Level.bronze, .silver, .gold] {
            let speaksAgainst = own.contains {
                $0.criterion.level == level && $0.criterion.result == .fail
                    || $0.criterion.result.isPassed && $0.cap < level
            }
            guard !speaksAgainst else { break }
            reached = level
        }
        return max(reached, badge.level)
    }

    /// What can be said of the project as a whole.
    public var standing: ProjectStanding {
        guard level == .none else { return .level(level) }
        let catalogue = try? ProjectCatalogue.embedded(self.catalogue)
        let decisive = catalogue.map { $0.decisive + $0.atLeastBronze } ?? badges.map(\.id)
        let standings = badges.filter { decisive.contains($0.id) }.map { standing(of: $0) }
        return standings.contains(.level(.none)) || !standings.contains(.unknown) ? .level(.none) : .unknown
    }

    /// What stands between a badge and its next level, worst first; nothing where there is no next level.
    public func steps(of badge: Badge) -> [Result] {
        guard let next = badge.level.next else { return [] }
        return steps(to: next).filter { $0.badge == badge.id }
    }
}
