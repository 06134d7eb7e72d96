// SPDX-License-Identifier: EUPL-1.2

import Advisories
public import Criteria
public import JSON

/// What is another in one image than in another, as far as their verdicts tell.
public struct VersionChanges: Sendable {
    /// A component whose versions are others.
    public struct Component: Sendable, Hashable {
        /// Ecosystem.
        public let type: String
        /// Name.
        public let name: String
        /// Versions that only the first has.
        public let before: [String]
        /// Versions that only the second has.
        public let after: [String]
    }

    /// Components that only the second has, that only the first has, and whose version changed; by name.
    public let added: [Component]
    /// Components that only the first has.
    public let removed: [Component]
    /// Components in another version.
    public let updated: [Component]
    /// Findings, criteria and levels.
    public let comparison: VerdictComparison

    /// Whether nothing is another.
    public var isEmpty: Bool { added.isEmpty && removed.isEmpty && updated.isEmpty && comparison.isEmpty }

    /// Compares two verdicts.
    public init(before: Verdict, after: Verdict) {
        struct Key: Hashable {
            let type: String
            let name: String
        }
        func versions(_ verdict: Verdict) -> [Key: Set<String>] {
            var found: [Key: Set<String>] = [:]
            for part in verdict.components {
                found[Key(type: part.type, name: part.name), default: []].insert(part.version)
            }
            return found
        }
        let (old, new) = (versions(before), versions(after))
        let changes = Set(old.keys).union(new.keys).compactMap { key -> Component? in
            let (left, right) = (old[key] ?? [], new[key] ?? [])
            guard left != right else { return nil }
            return Component(
                type: key.type,
                name: key.name,
                before: left.subtracting(right).sorted(),
                after: right.subtracting(left).sorted()
            )
        }
        .sorted { ($0.name, $0.type) < ($1.name, $1.type) }
        added = changes.filter { $0.before.isEmpty }
        removed = changes.filter { $0.after.isEmpty }
        updated = changes.filter { !$0.before.isEmpty && !$0.after.isEmpty }
        comparison = VerdictComparison(before: before, after: after)
    }

    /// As JSON.
    public var json: JSONValue {
        func list(_ components: [Component]) -> JSONValue {
            .array(
                components.map {
                    [
                        "type": .string($0.type), "name": .string($0.name), "before": .strings($0.before),
                        "after": .strings($0.after),
                    ]
                }
            )
        }
        func groups(_ groups: [AdvisoryGroup]) -> JSONValue {
            .array(
                groups.map {
                    [
                        "id": .string($0.finding.id), "source": .string($0.sourceName),
                        "version": .string($0.sourceVersion), "fixedIn": .optional($0.finding.fixedIn),
                        "risk": .double($0.finding.risk),
                    ]
                }
            )
        }
        return [
            "level": [
                "before": .string(comparison.levelBefore.rawValue), "after": .string(comparison.levelAfter.rawValue),
            ],
            "components": ["added": list(added), "removed": list(removed), "changed": list(updated)],
            "findings": [
                "new": groups(comparison.newFindings), "gone": groups(comparison.goneFindings),
                "notAssessed": groups(comparison.lostFindings),
            ],
            "criteria": .array(
                comparison.criteria.map {
                    [
                        "id": .string($0.after.id), "before": .optional($0.before?.rawValue),
                        "after": .string($0.after.result.rawValue), "worse": .bool($0.isWorse),
                    ]
                }
            ),
            "sameSnapshot": .bool(!comparison.isOtherSnapshot), "sameCatalogue": .bool(!comparison.isOtherCatalogue),
        ]
    }
}
