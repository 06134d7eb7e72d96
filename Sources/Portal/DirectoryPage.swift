// SPDX-License-Identifier: EUPL-1.2

import Criteria
import Directory
import OCI
import SBOM

/// The directory, whole or as far as a search and its facets go.
struct DirectoryPage: Sendable {
    /// Entries of one page.
    static let length = 50

    let hasForm: Bool
    let isNarrow: Bool
    let searched: String
    let hasFacets: Bool
    let facets: [Facet]
    let areExpanded: Bool
    let count: String?
    let noMatch: Bool
    let hasEntries: Bool
    let entries: [EntryRow]
    let next: String?
    let pushCommand: String

    /// What a form's field asks for; nil for nothing.
    static func search(_ field: String?) -> String? {
        // A form writes a space as `+`.
        let words = (field ?? "").split { $0.isWhitespace || $0 == "+" || $0 == "\0" }.joined(separator: " ")
        return words.isEmpty ? nil : String(words.prefix(DirectoryQuestion.longestText))
    }

    init(
        _ answer: DirectoryAnswer,
        _ question: DirectoryQuestion,
        states: [String: String],
        isFirst: Bool,
        pages: Pages,
        language: Language
    ) {
        let texts = pages.texts
        isNarrow = question.isNarrow
        searched = question.text
        entries = answer.entries.map { EntryRow($0, note: states[$0.key], texts, language) }
        hasEntries = !entries.isEmpty
        noMatch = !hasEntries && (question.isNarrow || !isFirst)
        hasForm = question.isNarrow || hasEntries || !isFirst
        if let found = answer.facets {
            count =
                found.total == 0
                ? nil
                : found.isAtLeast
                    ? texts.text(.directoryCountAtLeast, language, ["count": language.number(found.total)])
                    : texts.text(.directoryCount, language, count: found.total)
            facets = Self.facets(found, question, texts, language)
        } else {
            count = nil
            // On later pages nothing is counted; what was chosen goes on.
            facets = Self.facets(DirectoryFacets(), question, texts, language)
        }
        hasFacets = !facets.isEmpty
        areExpanded = Self.query(question).contains { $0.name != "q" }
        var query = Self.query(question)
        if let place = answer.next {
            query.append((name: "after", value: place.description))
            next = Pages.address("/", query)
        } else {
            next = nil
        }
        let flag = pages.settings.isProvisional ? " --dest-tls-verify=false" : ""
        pushCommand =
            "skopeo copy\(flag) oci-archive:image.tar docker://\(pages.settings.registryAuthority)/team/app:1.0"
    }

    /// The question as an address has it.
    static func query(_ question: DirectoryQuestion) -> [(name: String, value: String)] {
        let all: [(String, String?)] = [
            ("q", question.text.isEmpty ? nil : question.text), ("kind", question.kind?.word),
            ("area", question.area?.rawValue), ("level", question.level?.rawValue),
            ("organisation", question.organisation), ("category", question.category), ("licence", question.licence),
            ("architecture", question.architecture),
        ]
        return all.compactMap { name, value in value.map { (name: name, value: $0) } }
    }

    private static func facets(
        _ found: DirectoryFacets,
        _ question: DirectoryQuestion,
        _ texts: Texts,
        _ language: Language
    ) -> [Facet] {
        func facet(
            _ name: String,
            _ title: String,
            _ values: [DirectoryFacets.Value],
            _ chosen: String?,
            _ word: (DirectoryFacets.Value) -> String = { $0.title }
        ) -> Facet? {
            var values = values
            // What was chosen stays choosable, also when nothing has it.
            if let chosen, !values.contains(where: { $0.name == chosen }) {
                values.append(.init(name: chosen, title: chosen, count: 0))
            }
            guard !values.isEmpty else { return nil }
            return Facet(
                name: name,
                title: title,
                any: texts.text(.anyValue, language),
                options: values.map { value in
                    let count = value.count == 0 ? "" : " (\(language.number(value.count)))"
                    return .init(value: value.name, title: word(value) + count, isChosen: value.name == chosen)
                }
            )
        }
        let areas = Area.allCases.map { area in
            Facet.Option(value: area.rawValue, title: language.text(area.title), isChosen: area == question.area)
        }
        let area = Facet(
            name: "area",
            title: texts.text(.area, language),
            any: texts.text(.areaOverall, language),
            options: areas
        )
        let levels = facet("level", texts.text(.level, language), found.levels, question.level?.rawValue) { value in
            let level = Level(rawValue: value.name) ?? .none
            let word = language.text(level.title)
            return level == .none ? word : texts.text(.atLeastLevel, language, ["level": word])
        }
        let kinds = facet("kind", texts.text(.directoryKind, language), found.kinds, question.kind?.word) { value in
            DirectoryEntry.Kind(word: value.name).map { texts.text($0.textKey, language) } ?? value.title
        }
        let organisations = facet(
            "organisation",
            texts.text(.organisation, language),
            found.organisations,
            question.organisation
        )
        let categories = facet(
            "category",
            texts.text(.facetCategory, language),
            found.categories,
            question.category
        )
        let licences = facet("licence", texts.text(.facetLicence, language), found.licences, question.licence)
        let architectures = facet(
            "architecture",
            texts.text(.facetArchitecture, language),
            found.architectures,
            question.architecture
        )
        return [kinds, levels == nil ? nil : area, levels, organisations, categories, licences, architectures]
            .compactMap { $0 }
    }
}

/// One entry as it stands in a list.
struct EntryRow: Sendable {
    let name: String
    let href: String
    let kind: String
    let title: String?
    let description: String?
    let level: LevelView?
    let note: String?
    let tag: String?
    let organisation: String?
    let organisationHref: String?

    init(_ entry: DirectoryEntry, note state: String?, _ texts: Texts, _ language: Language) {
        name = entry.label
        href = Self.address(entry)
        kind = texts.text(entry.kind.textKey, language)
        title = entry.facts.title == entry.label ? nil : entry.facts.title
        description = entry.facts.description.map { $0.count > 160 ? $0.prefix(159) + "…" : $0 }
        level = entry.level.map { LevelView($0, language) }
        note = entry.level != nil ? nil : state ?? texts.text(.levelUnknown, language)
        tag = entry.facts.tag
        organisation = entry.owner.map(\.title)
        organisationHref = entry.owner.map { OrganisationPage.address($0.name) }
    }

    /// Where the page of an entry is.
    static func address(_ entry: DirectoryEntry) -> String {
        switch entry.kind {
        case .image:
            guard let repository = entry.repository else { return "/" }
            // The list's level is that of this tag; the link must not lead to another one.
            let tag = entry.facts.tag.flatMap { try? Tag(parsing: $0) }
            return "/images/\(LocalReference(repository: repository, tag.map { .tag($0) } ?? .standIn))"
        case .product: return "/products/\(entry.name)"
        case .project: return "/projects/" + PercentEncoding.encode(entry.name)
        }
    }
}

extension DirectoryEntry.Kind {
    var textKey: TextKey {
        switch self {
        case .image: .kindImage
        case .product: .kindProduct
        case .project: .kindProject
        }
    }
}
