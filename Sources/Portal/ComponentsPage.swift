// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Criteria
import OCI
import SBOM

/// Which components somebody wants to see.
struct ComponentsQuestion: Sendable {
    /// Part of a name or of a package URL; empty for all.
    var text = ""
    /// Ecosystem: `deb`.
    var type: String?
    /// A licence as the component has it.
    var licence: String?

    /// Everything that it asks for, as an address has it.
    var query: [(name: String, value: String)] {
        let all: [(String, String?)] = [("q", text.isEmpty ? nil : text), ("type", type), ("licence", licence)]
        return all.compactMap { name, value in value.map { (name: name, value: $0) } }
    }

    func includes(_ component: Component) -> Bool {
        guard type == nil || component.ecosystem == type,
            licence == nil || component.licenses.contains(where: { $0 == licence })
        else { return false }
        guard !text.isEmpty else { return true }
        let wanted = text.lowercased()
        return ([component.name] + [component.sourceName, component.purl?.description].compactMap(\.self))
            .contains { $0.lowercased().contains(wanted) }
    }
}

/// All components of an image with their licences, page by page.
struct ComponentsPage: Sendable {
    struct Row: Sendable {
        let name: String
        let href: String
        let version: String
        let type: String
        let licences: String?
        let findings: String?
        let findingsHref: String
        let findingsLabel: String
    }

    /// Most licences that are offered to choose from: those of most components.
    private static let licencesOffered = 50

    let image: String
    let imageHref: String
    let summary: String
    let hasComponents: Bool
    let form: FilterForm
    let part: TablePart
    let components: [Row]
    let api: String

    init(
        _ graph: ComponentGraph,
        _ verdict: Verdict,
        _ subject: ImageSubject,
        _ question: ComponentsQuestion,
        page: Int,
        _ texts: Texts,
        _ language: Language
    ) {
        let name = subject.reference.description
        image = name
        imageHref = "/images/" + name
        let types = graph.nodes.map(\.component.ecosystem)
        summary = Self.summary(types, texts, language)
        hasComponents = !graph.nodes.isEmpty
        let (shown, part) = TablePart.cut(
            graph.nodes.filter { question.includes($0.component) },
            page: page,
            address: { Self.address(name, question, page: $0) },
            texts,
            language
        )
        self.part = part
        let findings = Self.findings(of: verdict)
        components = shown.map { node in
            let component = node.component
            let count = findings[Key(component), default: []].count
            return Row(
                name: component.name,
                href: ComponentPage.address(name, node.reference),
                version: component.version,
                type: component.ecosystem,
                licences: component.licenses.isEmpty ? nil : component.licenses.joined(separator: ", "),
                findings: count == 0 ? nil : language.number(count),
                findingsHref: ComponentPage.address(name, node.reference) + "#findings",
                findingsLabel: texts.text(.findings, language, ["count": language.number(count)])
                    + ": " + component.name
            )
        }
        let all = graph.nodes.map(\.component)
        form = FilterForm(
            action: Self.path,
            image: name,
            label: texts.text(.componentsSearch, language),
            searched: question.text,
            facets: Self.facets(all, question, texts, language)
        )
        api = "/api/v1/images/\(name)/sbom"
    }

    static let path = "/components"

    static func address(_ image: String, _ question: ComponentsQuestion = .init(), page: Int = 1) -> String {
        Pages.address(
            path,
            [("image", image)] + question.query + (page == 1 ? [] : [("page", String(page))])
        )
    }

    /// How many, of which ecosystems.
    static func summary(_ types: [String], _ texts: Texts, _ language: Language) -> String {
        guard !types.isEmpty else { return texts.text(.componentsNone, language) }
        let counts = Dictionary(types.map { ($0, 1) }, uniquingKeysWith: +)
            .sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        return texts.text(
            .componentsSummary,
            language,
            count: types.count,
            ["types": counts.map { "\($0.key) \(language.number($0.value))" }.joined(separator: ", ")]
        )
    }

    /// What a finding calls its component.
    struct Key: Hashable {
        let name: String
        let version: String
        let purl: String?

        init(_ component: Component) {
            (name, version, purl) = (component.name, component.version, component.purl?.description)
        }

        init(_ finding: Finding) {
            (name, version, purl) = (finding.componentName, finding.componentVersion, finding.componentPURL)
        }
    }

    /// The findings of each component, worst first.
    static func findings(of verdict: Verdict) -> [Key: [Finding]] {
        Dictionary(grouping: verdict.findings.worstFirst, by: Key.init)
    }

    private static func facets(
        _ components: [Component],
        _ question: ComponentsQuestion,
        _ texts: Texts,
        _ language: Language
    ) -> [Facet] {
        let types = Dictionary(components.map { ($0.ecosystem, 1) }, uniquingKeysWith: +)
        let licences = Dictionary(components.flatMap { Set($0.licenses) }.map { ($0, 1) }, uniquingKeysWith: +)
        func byCount(_ counts: [String: Int]) -> [(name: String, title: String)] {
            counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.key) }
        }
        var offered = Array(byCount(licences).prefix(licencesOffered))
        // What was chosen stays choosable.
        if let chosen = question.licence, !offered.contains(where: { $0.name == chosen }) {
            offered.append((chosen, chosen))
        }
        let all = [
            Facet("type", .kind, byCount(types), counts: types, chosen: question.type, texts, language),
            Facet("licence", .facetLicence, offered, counts: licences, chosen: question.licence, texts, language),
        ]
        return all.compactMap(\.self)
    }
}
