// SPDX-License-Identifier: EUPL-1.2

import Assessment
import Mustache
import OCI

/// The list of repositories, whole or as far as a search goes.
struct DirectoryPage: Sendable {
    /// Repositories of one page.
    static let length = 100

    /// Says by itself what its parts are called: a page has a hundred of them, and looking properties up by reflection is slow.
    struct Row: Sendable, MustacheParent {
        let name: String
        let href: String
        let level: LevelView?
        let note: String?
        let tag: String?
        let digest: String?

        func child(named name: String) -> Any? {
            switch name {
            case "name": self.name
            case "href": href
            case "level": level
            case "note": note
            case "tag": tag
            case "digest": digest
            default: nil
            }
        }
    }

    /// Longest name that is searched for, in characters.
    static let longestSearch = 255

    let hasRepositories: Bool
    let hasForm: Bool
    let search: String?
    let searched: String
    let noMatch: String
    let repositories: [Row]
    let next: String?
    let pushCommand: String

    /// What a form's field asks for; nil for nothing.
    static func search(_ field: String?) -> String? {
        // A form writes a space as `+`, which no name has either.
        let words = (field ?? "").split { $0.isWhitespace || $0 == "+" }.joined(separator: " ")
        return words.isEmpty ? nil : String(words.prefix(longestSearch))
    }

    init(_ entries: [ImageQueries.Repository], search: String?, pages: Pages, language: Language) {
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
        hasForm = search != nil || !shown.isEmpty
        self.search = search
        searched = search ?? ""
        noMatch = texts.text(.searchNone, language, ["search": search ?? ""])
        var query: [(name: String, value: String)] = []
        if let search { query.append((name: "q", value: search)) }
        if entries.count > Self.length, let last = shown.last {
            query.append((name: "after", value: last.name.text))
            next = Pages.address("/", query)
        } else {
            next = nil
        }
        let flag = pages.settings.isProvisional ? " --dest-tls-verify=false" : ""
        pushCommand =
            "skopeo copy\(flag) oci-archive:image.tar docker://\(pages.settings.registryAuthority)/team/app:1.0"
    }
}
