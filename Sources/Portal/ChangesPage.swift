// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Criteria
import OCI
import Reports

/// What is another in an image than in an earlier one of the repository.
struct ChangesPage: Sendable {
    struct Part: Sendable {
        let heading: String
        let entries: [String]
        let hidden: String?
    }

    /// Most entries of one part; the rest is in the JSON form.
    private static let longestList = 200

    let repository: String
    let newer: String
    let newerHref: String
    let older: String
    let olderHref: String
    let levelBefore: LevelView
    let levelAfter: LevelView
    let isSame: Bool
    let parts: [Part]
    let isOtherSnapshot: Bool
    let isOtherCatalogue: Bool
    let api: String

    init(
        _ changes: VersionChanges,
        _ repository: RepositoryName,
        before: Digest,
        after: Digest,
        _ texts: Texts,
        _ language: Language
    ) {
        self.repository = repository.text
        newer = after.shortDescription
        older = before.shortDescription
        newerHref = "/images/\(LocalReference(repository: repository, .digest(after)))"
        olderHref = "/images/\(LocalReference(repository: repository, .digest(before)))"
        let comparison = changes.comparison
        levelBefore = LevelView(comparison.levelBefore, language)
        levelAfter = LevelView(comparison.levelAfter, language)
        isSame = changes.isEmpty
        func part(_ key: TextKey, _ entries: [String]) -> Part? {
            guard !entries.isEmpty else { return nil }
            let hidden = entries.count - Self.longestList
            return Part(
                heading: texts.text(key, language, ["count": language.number(entries.count)]),
                entries: Array(entries.prefix(Self.longestList)),
                hidden: hidden > 0 ? texts.text(.more, language, count: hidden) : nil
            )
        }
        func groups(_ groups: [AdvisoryGroup]) -> [String] {
            groups.map { "\($0.finding.id): \($0.sourceName) \($0.sourceVersion)" }
        }
        let criteria = comparison.criteria.map { change in
            let old = change.before.map { language.text($0.title) } ?? "–"
            return "\(change.after.id) \(language.text(change.after.title)): \(old) → "
                + language.text(change.after.result.title)
        }
        parts = [
            part(.changesNewFindings, groups(comparison.newFindings)),
            part(.changesGoneFindings, groups(comparison.goneFindings)),
            part(.changesLostFindings, groups(comparison.lostFindings)),
            part(.changesCriteria, criteria),
            part(
                .changesUpdated,
                changes.updated.map {
                    "\($0.name) \($0.before.joined(separator: ", ")) → \($0.after.joined(separator: ", "))"
                }
            ),
            part(.changesAdded, changes.added.map { "\($0.name) \($0.after.joined(separator: ", "))" }),
            part(.changesRemoved, changes.removed.map { "\($0.name) \($0.before.joined(separator: ", "))" }),
        ].compactMap { $0 }
        isOtherSnapshot = comparison.isOtherSnapshot
        isOtherCatalogue = comparison.isOtherCatalogue
        api = "/api/v1\(newerHref)/changes?since=\(before)"
    }

    static func address(_ repository: RepositoryName, after: Digest, before: Digest) -> String {
        Pages.address(
            "/changes",
            [
                ("image", LocalReference(repository: repository, .digest(after)).description),
                ("since", before.description),
            ]
        )
    }
}
