// SPDX-License-Identifier: EUPL-1.2

public import Advisories
public import Criteria
public import JSON
public import SBOM
public import Time

/// All results for one commit of a project under one catalogue, set of advisories and time.
///
/// A pure function of these. It is never a release for use; that decision is the authority's own.
public struct ProjectVerdict: Sendable, Hashable {
    /// Version of the verdict's JSON form.
    public static let schemaVersion = 1

    /// The level of one badge.
    public struct Badge: Sendable, Hashable {
        /// Id, such as `SECURITY`.
        public var id: String
        /// Name for people.
        public var title: LocalizedText
        /// The highest level whose criteria, and those of all levels below, are passed.
        public var level: Level
    }

    /// One result, with what must be looked at to decide it.
    public struct Result: Sendable, Hashable {
        /// Id of the badge.
        public var badge: String
        /// What must be looked at to decide it.
        public var needs: [ProjectCriterion.Source]
        /// The result.
        public var criterion: CriterionResult
        /// The badge's level that this result allows at most.
        public var cap: Level
    }

    /// The project as it was named.
    public var project: String
    /// The commit that was looked at; nil for a repository without one.
    public var commit: String?
    /// Its branch.
    public var branch: String?
    /// Name of the catalogue.
    public var catalogue: String
    /// What the catalogue says about itself.
    public var notice: LocalizedText
    /// The project's level.
    public var level: Level
    /// Levels of the badges, in the order of the catalogue.
    public var badges: [Badge]
    /// One result per criterion, in the order of the catalogue.
    public var results: [Result]
    /// Findings of pinned dependencies.
    public var findings: [Finding]
    /// Feeds that findings rest on.
    public var feeds: [FeedState]
    /// Id of their snapshot.
    public var snapshot: String?
    /// Clock value of the evaluation.
    public var evaluatedAt: Timestamp
    /// Earliest instant at which a result can change without new input.
    public var validUntil: Timestamp?

    /// The verdict as JSON; every key is written, what is absent is null.
    public var json: JSONValue {
        [
            "schemaVersion": .integer(Int64(Self.schemaVersion)),
            "project": .string(project),
            "commit": commit.map { .string($0) } ?? .null,
            "branch": branch.map { .string($0) } ?? .null,
            "catalogue": ["name": .string(catalogue), "notice": notice.json],
            "level": .string(level.rawValue),
            "badges": .array(
                badges.map { ["id": .string($0.id), "title": $0.title.json, "level": .string($0.level.rawValue)] }
            ),
            "criteria": .array(results.map(\.json)),
            "findings": .array(findings.map(\.json)),
            "feeds": .array(feeds.map(\.json)),
            "snapshot": snapshot.map { .string($0) } ?? .null,
            "evaluatedAt": .string(evaluatedAt.rfc3339),
            "validUntil": validUntil.map { .string($0.rfc3339) } ?? .null,
        ]
    }

    /// What stands between this verdict and a level, worst first.
    public func steps(to target: Level) -> [Result] {
        results.enumerated()
            .filter {
                $0.element.criterion.level <= target && !$0.element.criterion.result.isPassed || $0.element.cap < target
            }
            .sorted { left, right in
                let (a, b) = (left.element.criterion, right.element.criterion)
                if (a.result == .fail) != (b.result == .fail) { return a.result == .fail }
                return (a.level.rank, left.offset) < (b.level.rank, right.offset)
            }
            .map(\.element)
    }
}

extension ProjectVerdict.Result {
    var json: JSONValue {
        guard case .object(var members) = criterion.json else { return .null }
        // Stages are of images: a project is judged whenever somebody asks.
        members["stage"] = nil
        members["badge"] = .string(badge)
        members["needs"] = .array(needs.map { .string($0.rawValue) })
        members["allowsAtMost"] = cap == .gold ? .null : .string(cap.rawValue)
        return .object(members)
    }
}
