// SPDX-License-Identifier: EUPL-1.2

import Assessment
import OCI

/// One tag of the repository as it stands in the table, with what it pointed to before.
struct VersionRow: Sendable {
    struct Move: Sendable {
        let digest: String
        let href: String
        let since: DateView
    }

    /// Most tags of the table.
    static let longestTable = 20

    let tag: String
    /// Not `level`: where it is nil a template would find that of the page.
    let standing: LevelView?
    let digest: String
    let href: String
    let since: DateView
    let isThis: Bool
    let hasEarlier: Bool
    let earlierTitle: String
    let earlier: [Move]
    /// Where what changed is told; nil without an image before it.
    let changesHref: String?

    init(
        _ version: ImageQueries.Version,
        before: Digest?,
        _ subject: ImageSubject,
        _ texts: Texts,
        _ language: Language
    ) {
        func address(_ digest: Digest) -> String {
            "/images/\(LocalReference(repository: subject.repository, .digest(digest)))"
        }
        tag = version.tag.text
        standing = version.level.map { LevelView($0, language) }
        digest = version.current.digest.shortDescription
        href = address(version.current.digest)
        since = DateView(version.current.since, language)
        changesHref = before.flatMap {
            $0 == version.current.digest
                ? nil : ChangesPage.address(subject.repository, after: version.current.digest, before: $0)
        }
        isThis = version.current.digest == subject.digest
        hasEarlier = !version.earlier.isEmpty
        earlierTitle = texts.text(.earlier, language, count: version.earlier.count)
        earlier = version.earlier.map {
            Move(digest: $0.digest.shortDescription, href: address($0.digest), since: DateView($0.since, language))
        }
    }
}
