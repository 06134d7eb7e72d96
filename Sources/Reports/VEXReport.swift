// SPDX-License-Identifier: EUPL-1.2

public import Advisories
public import Criteria
public import JSON
internal import OCI
internal import SBOM
internal import Time

/// What holds for the findings of an image, as a VEX document: those that are affected, and those that somebody's word cleared.
///
/// A pure function of the verdict, so that page, verdict and document cannot disagree. It says what the node holds to be so; whose word it rests
/// on stands in the notes of each statement.
public struct VEXReport: Sendable {
    /// What came out; of an image, with a digest.
    public var verdict: Verdict
    /// Name of the image's repository: `gov/app`.
    public var repository: String
    /// The registry that holds it: `registry.example`.
    public var registry: String
    /// Who publishes the document: the node.
    public var publisher: VEXPublisher
    /// The language of the texts.
    public var language: ReportLanguage
    /// Version of the program that writes it.
    public var toolVersion: String

    /// Creates a report of its parts.
    public init(
        verdict: Verdict,
        repository: String,
        registry: String,
        publisher: VEXPublisher,
        language: ReportLanguage,
        toolVersion: String
    ) {
        self.verdict = verdict
        self.repository = repository
        self.registry = registry
        self.publisher = publisher
        self.language = language
        self.toolVersion = toolVersion
    }

    /// Whether there is anything to be said: no format has a document without a statement.
    public var isEmpty: Bool { verdict.findings.isEmpty }

    /// The document.
    ///
    /// CSAF's recommended tests want a CVSS vector of version 2 or 3 for whatever is affected (6.2.3), which many distributors do not give and
    /// nobody may invent. What is affected and has none is named in a note of the document there, and is no statement: a scanner that reads the
    /// document goes on reporting it. The other formats hold everything.
    ///
    /// - Throws: `VEXWriteError` for an image without findings, and where none of them can be a statement of the format.
    public func document(_ format: VEXFormat) throws(VEXWriteError) -> JSONValue {
        switch format {
        case .openVEX: return try OpenVEX.document(publication)
        case .cycloneDX: return try CycloneDXVEX.document(publication)
        case .csaf:
            var publication = publication
            let scored = publication.scores
            let left = publication.statements.filter { $0.status == .affected && scored[$0.vulnerability.name] == nil }
            guard !left.isEmpty else { return try CSAFVEX.document(publication) }
            publication.statements.removeAll { $0.status == .affected && scored[$0.vulnerability.name] == nil }
            guard !publication.statements.isEmpty else {
                throw VEXWriteError(
                    place: "statements",
                    reason: LocalizedText(
                        de:
                            "Kein Befund des Images hat einen CVSS-Vektor (Version 2 oder 3), den CSAF 2.0 für Betroffenes verlangt, und niemand "
                            + "hat einen bewertet; OpenVEX und CycloneDX enthalten alles.",
                        en:
                            "no finding of the image has a CVSS vector of version 2 or 3, which CSAF 2.0 wants for what is affected, and nobody "
                            + "has assessed one; OpenVEX and CycloneDX hold everything"
                    )
                )
            }
            publication.notes.append(note(left))
            return try CSAFVEX.document(publication)
        }
    }

    /// Names what is affected and is no statement.
    private func note(_ left: [VEXStatement]) -> String {
        let names = left.map { statement in
            let parts = statement.products.flatMap(\.subcomponents).compactMap { $0.purl?.description }
            return "\(statement.vulnerability.name) (\(parts.prefix(20).joined(separator: ", ")))"
        }
        let shown = names.prefix(Self.longestNote).joined(separator: "; ")
        let more = names.count > Self.longestNote ? " … +\(names.count - Self.longestNote)" : ""
        return text(
            de: "Ebenfalls betroffen, ohne CVSS-Vektor und deshalb hier keine Aussage: \(shown)\(more)",
            en: "Affected as well, without a CVSS vector and therefore no statement here: \(shown)\(more)"
        )
    }

    /// Entries of a note.
    private static let longestNote = 1_000

    /// The document's canonical address: a name under the publisher's control, which CSAF wants as HTTPS whatever this node listens at.
    public var canonicalURL: String {
        var base = publisher.namespace
        if base.hasSuffix("/") { base.removeLast() }
        if base.hasPrefix("http://") { base = "https://" + base.dropFirst(7) }
        let image = "\(repository)@\(verdict.image.digest ?? "")"
        return "\(base)/api/v1/images/\(image)/vex?format=csaf&lang=\(language.rawValue)&document=\(fileName)"
    }

    /// The name that a file of the document has.
    public var fileName: String { CSAFVEX.fileName(id: id) }

    /// Identifier of the document: each evaluation is a document of its own, so that no two with one name differ.
    public var id: String {
        let name = repository.map { $0 == "/" ? "-" : $0 }
        let digest = (verdict.image.digest ?? "").split(separator: ":").last.map { $0.prefix(16) } ?? "none"
        let instant = verdict.evaluatedAt.rfc3339.filter { $0 != "-" && $0 != ":" }
        return "vex-\(String(name))-\(digest)-\(instant.lowercased())"
    }

    /// What is published, whatever the format.
    public var publication: VEXPublication {
        let statements = statements
        return VEXPublication(
            id: id,
            title: "VEX \(registry)/\(repository)@\(verdict.image.digest ?? "")",
            publisher: publisher,
            revisions: [
                VEXPublication.Revision(
                    date: verdict.evaluatedAt,
                    summary: text(de: "Stand der automatischen Bewertung.", en: "State of the automatic assessment.")
                )
            ],
            statements: statements,
            language: language == .de ? .de : .en,
            canonicalURL: canonicalURL,
            scores: scores,
            tool: toolVersion
        )
    }

    // MARK: - Statements

    /// One finding in one component; of several platforms the most cautious, as nobody can tell them apart by their component.
    private struct Key: Hashable {
        let id: String
        let component: PackageURL
    }

    private var statements: [VEXStatement] {
        var order: [Key] = []
        var chosen: [Key: Finding] = [:]
        for finding in verdict.findings {
            guard let component = finding.exportedPURL else { continue }
            let key = Key(id: finding.id, component: component)
            guard let other = chosen[key] else {
                order.append(key)
                chosen[key] = finding
                continue
            }
            if Self.caution(finding.status) > Self.caution(other.status) { chosen[key] = finding }
        }
        // What is said alike of several components is one statement.
        var contents: [VEXStatement] = []
        var parts: [VEXStatement: [VEXComponent]] = [:]
        for key in order {
            guard let finding = chosen[key] else { continue }
            let content = statement(finding)
            if parts[content] == nil { contents.append(content) }
            parts[content, default: []].append(VEXComponent(purl: key.component))
        }
        return contents.map { content in
            var statement = content
            statement.products = [VEXProduct(image, subcomponents: parts[content] ?? [])]
            return statement
        }
    }

    private var image: VEXComponent {
        let digest = verdict.image.digest
        let name = repository.split(separator: "/").last.map(String.init) ?? repository
        let purl = PackageURL(
            type: "oci",
            name: name,
            version: digest,
            qualifiers: ["repository_url": "\(registry)/\(repository)"]
        )
        return VEXComponent(purl: purl, digests: digest.map { [$0] } ?? [])
    }

    private static func caution(_ status: FindingStatus) -> Int {
        switch status {
        case .affected, .affectedNoFix, .affectedWontFix, .affectedDeferred, .affectedEndOfLife: 3
        case .underInvestigation, .undetermined: 2
        case .fixed: 1
        case .notAffected: 0
        }
    }

    /// What holds for a finding, without its product.
    private func statement(_ finding: Finding) -> VEXStatement {
        let said = finding.statement
        var statement = VEXStatement(
            vulnerability: VEXVulnerability(finding.id, aliases: finding.aliases.filter { $0 != finding.id }),
            products: [],
            status: Self.status(finding.status),
            timestamp: said?.timestamp ?? verdict.evaluatedAt,
            expires: said?.expires
        )
        statement.notes = said.map { source(of: $0) }
        statement.impactStatement = said?.impact
        switch statement.status {
        case .notAffected:
            statement.justification = said?.justification
            if statement.justification == nil, statement.impactStatement == nil {
                let record = "\(finding.evidence.feed), \(finding.evidence.record)"
                statement.impactStatement = text(
                    de: "Nach ausdrücklicher Angabe der Quelle nicht betroffen: \(record)",
                    en: "Not affected by the explicit word of the source: \(record)"
                )
            }
        case .affected:
            statement.actionStatement = said?.action ?? action(finding)
            statement.responses = Self.responses(finding)
        case .fixed, .underInvestigation:
            statement.actionStatement = said?.action
        }
        return statement
    }

    private static func status(_ status: FindingStatus) -> VEXStatus {
        switch status {
        case .affected, .affectedNoFix, .affectedWontFix, .affectedDeferred, .affectedEndOfLife: .affected
        case .underInvestigation, .undetermined: .underInvestigation
        case .notAffected: .notAffected
        case .fixed: .fixed
        }
    }

    private static func responses(_ finding: Finding) -> [VEXResponse] {
        switch finding.status {
        case .affected where finding.fixedIn != nil: [.update]
        case .affectedWontFix: [.willNotFix]
        default: []
        }
    }

    private func action(_ finding: Finding) -> String {
        let source = finding.evidence.sourceName.isEmpty ? finding.componentName : finding.evidence.sourceName
        if let version = finding.fixedIn {
            return text(
                de: "\(source) auf \(version) oder neuer bringen und das Image neu bauen.",
                en: "Bring \(source) to \(version) or newer and build the image again."
            )
        }
        return switch finding.status {
        case .affectedWontFix:
            text(
                de:
                    "Die Distribution korrigiert \(source) nicht: das Paket ersetzen oder entfernen, oder die Verwundbarkeit bewerten.",
                en: "The distribution will not fix \(source): replace or remove the package, or assess the finding."
            )
        case .affectedEndOfLife:
            text(
                de: "\(source) wird nicht mehr gepflegt: auf eine gepflegte Ausgabe wechseln.",
                en: "\(source) is no longer supported: move to a release that is."
            )
        default:
            text(
                de:
                    "Für \(source) gibt es noch keine Korrektur: den Befund beobachten und die Verwundbarkeit bewerten.",
                en: "There is no fix of \(source) yet: watch the finding, and assess it."
            )
        }
    }

    /// Whose word a statement rests on.
    private func source(of said: FindingStatement) -> String {
        let date = (said.timestamp?.rfc3339).map { String($0.prefix(10)) }
        var parts = [said.author + (date.map { ", \($0)" } ?? "")]
        switch said.origin {
        case .imported: parts.append(text(de: "Dokument \(said.document)", en: "document \(said.document)"))
        case .assessed: parts.append(text(de: "eigene Bewertung", en: "own assessment"))
        case .adopted:
            let whose = said.adoptedFrom ?? ""
            parts.append(text(de: "übernommen von \(whose)", en: "adopted from \(whose)"))
        case .attested:
            parts.append(
                text(
                    de: "Dokument \(said.document), signiert von \(said.importedBy)",
                    en: "document \(said.document), signed by \(said.importedBy)"
                )
            )
        }
        if let base = said.inheritedFrom {
            parts.append(text(de: "über das Basis-Image \(base)", en: "about the base image \(base)"))
        }
        return text(de: "Quelle: ", en: "Source: ") + parts.joined(separator: "; ")
    }

    private func text(de: String, en: String) -> String { language == .de ? de : en }

    /// The vectors that CSAF 2.0 can write, newer versions first.
    private var scores: [String: CVSSVector] {
        var scores: [String: CVSSVector] = [:]
        for finding in verdict.findings where scores[finding.id] == nil {
            let vectors = finding.ratings.compactMap { rating in
                rating.vector.flatMap { try? CVSSVector(parsing: $0) }
            }
            for version in [CVSSVector.Version.v31, .v30, .v2] where scores[finding.id] == nil {
                scores[finding.id] = vectors.first { $0.version == version }
            }
        }
        return scores
    }
}

extension Finding {
    /// Its component as a document can name it; without a package URL by name and version, which say less.
    fileprivate var exportedPURL: PackageURL? {
        if let purl = componentPURL.flatMap({ try? PackageURL(parsing: $0) }) { return purl }
        return PackageURL(
            type: "generic",
            name: componentName.isEmpty ? "unnamed" : componentName,
            version: componentVersion
        )
    }
}
