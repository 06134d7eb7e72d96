// SPDX-License-Identifier: EUPL-1.2

import OCI
import Time

/// What a maintainer fills in to release an image, and what became of the releases before.
struct ReleaseForm: Sendable {
    struct Row: Sendable {
        let tag: String
        let digest: String
        let href: String
        let isThis: Bool
        let requestedAt: DateView
        let requestedBy: String
        let stateWord: String
        /// Why it failed or waits; English.
        let problem: String?
    }

    /// The image that a tag stands for until now, and how somebody says that it may go on to another.
    struct Replaced: Sendable {
        /// What the check box sends: only this tag, and only while it stands for that image.
        let value: String
        let label: String
        let digest: String
        let href: String
    }

    /// What was sent, and what is to be said about it.
    struct Sent: Sendable {
        var tag = ""
        var isTagWrong = false
        var replaced: (tag: Tag, digest: Digest)?
        var error: FormErrorView?
    }

    /// Releases that are listed.
    static let longestTable = 10

    let image: String
    let tag: String
    let isTagWrong: Bool
    let replaced: Replaced?
    let error: FormErrorView?
    /// Why nothing can be released here at present.
    let hindrance: String?
    let hasForm: Bool
    /// Where the rules of the namespace stand; nil where the repository lies in none.
    let rulesHref: String?
    let hasRows: Bool
    let rows: [Row]
    /// Where to look for what becomes of a release that waits.
    let waitingHref: String?

    init(
        _ image: LocalReference,
        _ digest: Digest,
        namespace: String?,
        hindrance: TextKey?,
        releases: [ReleaseDesk.Release],
        sent: Sent,
        _ texts: Texts,
        _ language: Language
    ) {
        func address(_ digest: Digest) -> String {
            "/images/\(LocalReference(repository: image.repository, .digest(digest)))"
        }
        self.image = image.description
        tag = sent.tag
        isTagWrong = sent.isTagWrong
        replaced = sent.replaced.map { tag, digest in
            Replaced(
                value: Self.value(tag, digest),
                label: texts.text(.releaseReplace, language, ["tag": tag.text]),
                digest: digest.shortDescription,
                href: address(digest)
            )
        }
        error = sent.error
        self.hindrance = hindrance.map { texts.text($0, language) }
        hasForm = hindrance == nil
        rulesHref = namespace.map { NamespacesPage.address($0) + PortalRoutes.policiesSuffix }
        rows = releases.map { release in
            Row(
                tag: release.tag.text,
                digest: release.digest.shortDescription,
                href: address(release.digest),
                isThis: release.digest == digest,
                requestedAt: DateView(release.requestedAt, language),
                requestedBy: release.requestedBy,
                stateWord: texts.text(Self.word(release), language),
                problem: release.problem
            )
        }
        hasRows = !rows.isEmpty
        // Without a fragment, so that the browser asks again.
        waitingHref = releases.contains { $0.state == .pending } ? address(digest) : nil
    }

    /// What stands for a tag and the image that it stands for.
    static func value(_ tag: Tag, _ digest: Digest) -> String { "\(tag.text)@\(digest)" }

    private static func word(_ release: ReleaseDesk.Release) -> TextKey {
        switch release.state {
        case .pending: .releasePending
        case .signed: release.isLogged ? .releaseLogged : .releaseSigned
        case .failed: .releaseFailed
        }
    }
}

/// The form by itself, after it was refused.
struct ReleasePage: Sendable {
    let image: String
    let imageHref: String
    let release: ReleaseForm
}
