// SPDX-License-Identifier: EUPL-1.2

import Assessment
import OCI

/// The list of repositories.
struct DirectoryPage: Sendable {
    /// Repositories of one page.
    static let length = 100

    struct Row: Sendable {
        let name: String
        let href: String
        let level: LevelView?
        let note: String?
        let tag: String?
        let digest: String?
    }

    let hasRepositories: Bool
    let repositories: [Row]
    let next: String?
    let pushCommand: String

    init(_ entries: [ImageQueries.Repository], pages: Pages, language: Language) {
        let texts = pages.texts
        let shown = entries.prefix(Self.length)
        repositories = shown.map { entry in
            var level: LevelView?
            var note: String?
            switch entry.standing {
            case .level(let reached): level = LevelView(reached, language)
            case .pending: note = texts.text(.pending, language)
            case .failed: note = texts.text(.notAssessedState, language)
            case .noImage: note = texts.text(.noImage, language)
            }
            return Row(
                name: entry.name.text,
                // The list's level is that of this tag; the link must not lead to another one.
                href: "/images/\(LocalReference(repository: entry.name, entry.tag.map { .tag($0) } ?? .standIn))",
                level: level,
                note: note,
                tag: entry.tag?.text,
                digest: entry.digest?.shortDescription
            )
        }
        hasRepositories = !repositories.isEmpty
        next = entries.count > Self.length ? shown.last.map { Pages.address("/", [("after", $0.name.text)]) } : nil
        let flag = pages.settings.isProvisional ? " --dest-tls-verify=false" : ""
        pushCommand =
            "skopeo copy\(flag) oci-archive:image.tar docker://\(pages.settings.registryAuthority)/team/app:1.0"
    }
}
