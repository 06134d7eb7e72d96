// SPDX-License-Identifier: EUPL-1.2

public import Advisories
import JSON
import SBOM

/// Which findings of an image are meant: one vulnerability, in all components that have it or in some of them.
public struct FindingSelection: Sendable, Hashable {
    /// Any name of the vulnerability.
    public var vulnerability: String
    /// A package URL that covers the components; nil for all.
    public var component: String?
    /// Name of the source package that the components are made of; nil for all.
    public var source: String?

    /// Selects findings.
    public init(vulnerability: String, component: String? = nil, source: String? = nil) {
        self.vulnerability = vulnerability
        self.component = component
        self.source = source
    }

    /// The findings that are meant.
    ///
    /// - Throws: ``TriageError`` where the image has none, and for a component that is no package URL.
    public func findings(among all: [Finding]) throws(TriageError) -> [Finding] {
        let name = vulnerability.uppercased()
        let named = all.filter { ([$0.id] + $0.aliases).contains { $0.uppercased() == name } }
        guard !named.isEmpty else {
            throw .unknown(
                de: "Das Image hat keinen Befund „\(vulnerability.excerpt(80))“; seine Befunde nennt …/findings.",
                en: "the image has no finding \"\(vulnerability.excerpt(80))\"; …/findings lists what it has"
            )
        }
        var chosen = named
        if let source { chosen = chosen.filter { $0.sourceName == source } }
        if let component {
            let purl: PackageURL
            do throws(PackageURLError) { purl = try PackageURL(parsing: component) } catch {
                throw .invalid(
                    de: "Die Komponente muss eine purl sein, wie der Befund sie nennt: \(error)",
                    en: "the component is a package URL as the finding has it: \(error)"
                )
            }
            chosen = chosen.filter { $0.purl.map { purl.covers($0) } ?? false }
        }
        guard !chosen.isEmpty else {
            let places = Set(named.map { $0.componentPURL ?? $0.componentName }).sorted().prefix(10)
                .joined(separator: ", ").excerpt(1_000)
            throw .unknown(
                de: "Dort hat das Image den Befund nicht; er ist in: \(places).",
                en: "the image does not have the finding there; it is in: \(places)"
            )
        }
        return chosen
    }
}

extension Finding {
    /// Its component's package URL.
    var purl: PackageURL? { componentPURL.flatMap { try? PackageURL(parsing: $0) } }

    /// Name of the source package; of the component where no source is known.
    var sourceName: String { evidence.sourceName.isEmpty ? componentName : evidence.sourceName }

    /// All its names, in capitals.
    var capitalNames: Set<String> { Set(([id] + aliases).map { $0.uppercased() }) }
}
