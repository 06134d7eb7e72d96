// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Criteria
import OCI
import SBOM

/// One component of an image: where it was found, why it is there, what it needs and what needs it.
struct ComponentPage: Sendable {
    /// A component that the page leads to.
    struct Link: Sendable {
        let name: String
        let version: String
        let href: String
    }

    /// A finding of the component.
    struct FindingItem: Sendable {
        let id: String
        let status: String
        let severity: String
        let exploited: String?
        let href: String
    }

    /// Most entries of each list; the whole is in the bill of materials.
    private static let longestList = 50

    let title: String
    let image: String
    let imageHref: String
    let componentsHref: String
    let facts: [Fact]
    let hasFindings: Bool
    let findings: [FindingItem]
    let moreFindings: String?
    let noFindings: String
    let hasPaths: Bool
    let paths: [String]
    let morePaths: String?
    /// From what nothing else needs to the component; empty where it stands for itself.
    let way: [Link]
    let hasWay: Bool
    /// How many stand between the shown ends of a way that is too long to be shown.
    let betweenWay: String?
    let needs: [Link]
    let hasNeeds: Bool
    let moreNeeds: String?
    let neededBy: [Link]
    let hasNeededBy: Bool
    let moreNeededBy: String?
    let api: String

    /// - Parameter node: position of the component in the graph.
    init(
        _ node: Int,
        of graph: ComponentGraph,
        _ verdict: Verdict,
        _ subject: ImageSubject,
        _ texts: Texts,
        _ language: Language
    ) {
        let name = subject.reference.description
        let component = graph.nodes[node].component
        func more(_ count: Int) -> String? {
            count > Self.longestList ? texts.text(.more, language, count: count - Self.longestList) : nil
        }
        func links(_ nodes: some Sequence<Int>) -> [Link] {
            nodes.map { index in
                let other = graph.nodes[index]
                return Link(
                    name: other.component.name,
                    version: other.component.version,
                    href: Self.address(name, other.reference)
                )
            }
        }
        title = component.name + " " + component.version
        image = name
        imageHref = "/images/" + name
        componentsHref = ComponentsPage.address(name)
        facts = Self.facts(component, texts, language)
        let found = ComponentsPage.findings(of: verdict)[ComponentsPage.Key(component), default: []]
        findings = found.prefix(Self.longestList).map { finding in
            FindingItem(
                id: finding.id,
                status: FindingRow.stated(finding, texts, language),
                severity: FindingRow.word(finding.severity, texts, language),
                exploited: finding.kev == nil ? nil : texts.text(.exploited, language),
                href: FindingsPage.address(name, FindingsQuestion(text: finding.id))
            )
        }
        hasFindings = !findings.isEmpty
        moreFindings = more(found.count)
        noFindings = texts.text(
            verdict.feeds.isEmpty ? .findingsNoneUnknown : .componentFindingsNone,
            language
        )
        paths = Array(component.paths.prefix(Self.longestList))
        hasPaths = !paths.isEmpty
        morePaths = more(component.paths.count)
        let chain = graph.way(to: node)
        let ends = chain.count > Self.longestList ? [chain[0], node] : chain
        way = chain.count > 1 ? links(ends) : []
        hasWay = !way.isEmpty
        betweenWay = ends.count == chain.count ? nil : more(chain.count - ends.count + Self.longestList)
        needs = links(graph.needs[node].prefix(Self.longestList))
        hasNeeds = !needs.isEmpty
        moreNeeds = more(graph.needs[node].count)
        let needing = graph.neededBy(node)
        neededBy = links(needing.prefix(Self.longestList))
        hasNeededBy = !neededBy.isEmpty
        moreNeededBy = more(needing.count)
        api = "/api/v1/images/\(name)"
    }

    static func address(_ image: String, _ reference: String) -> String {
        Pages.address(ComponentsPage.path, [("image", image), ("component", reference)])
    }

    private static func facts(_ component: Component, _ texts: Texts, _ language: Language) -> [Fact] {
        let source = component.sourceName.map { name in
            name + (component.sourceVersion.map { " " + $0 } ?? "")
        }
        let all: [(TextKey, String?)] = [
            (.kind, component.ecosystem),
            (.packageURL, component.purl?.description),
            (.facetLicence, component.licenses.isEmpty ? nil : component.licenses.joined(separator: ", ")),
            (.ownedBy, component.ownedBy),
            (.findingSource, source),
            (.productSupplier, component.supplier),
            (.facetArchitecture, component.architecture),
            (
                .componentLayer,
                component.layer.map { texts.text(.layer, language, ["number": String($0)]) }
            ),
            (
                .componentConfidence,
                component.confidence < 1 ? language.decimal(component.confidence * 100) + "\u{A0}%" : nil
            ),
        ]
        return all.compactMap { key, text in text.map { Fact(term: texts.text(key, language), text: $0) } }
    }
}
