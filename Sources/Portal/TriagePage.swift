// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Criteria
import OCI
import Time
import Triage
import WebRequests

/// One finding of an image with all that is said about it, and the form by which maintainers say something themselves.
struct TriagePage: Sendable {
    /// Something that somebody said.
    struct SaidRow: Sendable {
        let id: String
        let status: String
        let counts: String
        let isDiscovered: Bool
        let author: String
        /// How it came to be known.
        let origin: String
        let relation: String
        let justification: String?
        let impact: String?
        let action: String?
        let date: DateView?
        let expires: DateView?
        let canAdopt: Bool
        let adoptLabel: String
        /// Number of the document where it can be taken back here.
        let document: String?
        let endLabel: String
    }

    struct Choice: Sendable {
        let value: String
        let name: String
        let isChosen: Bool
    }

    let title: String
    let image: String
    let imageHref: String
    let vulnerability: String
    let source: String
    let facts: [Fact]
    let error: FormErrorView?
    let hasSaid: Bool
    let said: [SaidRow]
    let mayAssess: Bool
    let statuses: [Choice]
    let justifications: [Choice]
    let scopes: [Choice]
    let impact: String
    let action: String
    let expires: String

    init(
        _ reference: LocalReference,
        _ findings: [Finding],
        said: [SaidStatement],
        mayAssess: Bool,
        error: FormErrorView?,
        form: FormFields?,
        _ texts: Texts,
        _ language: Language
    ) {
        let first = findings.first
        vulnerability = first?.id ?? ""
        source = first.map { $0.evidence.sourceName.isEmpty ? $0.componentName : $0.evidence.sourceName } ?? ""
        title = texts.text(.triageTitle, language, ["id": vulnerability, "source": source])
        image = reference.description
        imageHref = "/images/\(reference)"
        facts = [
            Fact(
                term: texts.text(.triageComponents, language),
                text: findings.prefix(50).map { $0.componentName + " " + $0.componentVersion }.joined(separator: ", ")
            ),
            Fact(
                term: texts.text(.triageState, language),
                text: first.map { FindingRow.stated($0, texts, language) } ?? ""
            ),
        ]
        self.error = error
        self.mayAssess = mayAssess
        hasSaid = !said.isEmpty
        self.said = said.map { SaidRow($0, mayAssess: mayAssess, texts, language) }
        let status = form?["status"] ?? ""
        statuses = VEXStatus.allCases.map {
            Choice(value: $0.rawValue, name: Self.word($0, texts, language), isChosen: $0.rawValue == status)
        }
        let label = form?["justification"] ?? ""
        justifications =
            [Choice(value: "", name: "–", isChosen: label.isEmpty)]
            + VEXJustification.common.map {
                Choice(value: $0.rawValue, name: Self.word($0, texts, language), isChosen: $0.rawValue == label)
            }
        let scope = form?["scope"] ?? Triage.Scope.image.rawValue
        scopes = Triage.Scope.allCases.map {
            Choice(value: $0.rawValue, name: Self.word($0, texts, language), isChosen: $0.rawValue == scope)
        }
        impact = form?["impact"] ?? ""
        action = form?["measure"] ?? ""
        expires = form?["expires"] ?? ""
    }

    static func address(_ image: String, vulnerability: String, source: String) -> String {
        Pages.address("/triage", [("image", image), ("vulnerability", vulnerability), ("source", source)])
    }

    static func word(_ status: VEXStatus, _ texts: Texts, _ language: Language) -> String {
        let key: TextKey =
            switch status {
            case .notAffected: .notAffected
            case .affected: .triageAffected
            case .fixed: .fixed
            case .underInvestigation: .underInvestigation
            }
        return texts.text(key, language)
    }

    static func word(_ justification: VEXJustification, _ texts: Texts, _ language: Language) -> String {
        let key: TextKey =
            switch justification.openVEX {
            case .componentNotPresent: .justificationComponent
            case .vulnerableCodeNotInExecutePath: .justificationPath
            case .vulnerableCodeCannotBeControlledByAdversary: .justificationControl
            case .inlineMitigationsAlreadyExist: .justificationMitigation
            default: .justificationCode
            }
        return texts.text(key, language)
    }

    private static func word(_ scope: Triage.Scope, _ texts: Texts, _ language: Language) -> String {
        let key: TextKey =
            switch scope {
            case .image: .scopeImage
            case .repository: .scopeRepository
            case .namespace: .scopeNamespace
            }
        return texts.text(key, language)
    }
}

extension TriagePage.SaidRow {
    init(_ said: SaidStatement, mayAssess: Bool, _ texts: Texts, _ language: Language) {
        let word = TriagePage.word(said.statement.status, texts, language)
        id = said.id.description
        status = word
        isDiscovered = said.origin == nil
        counts = texts.text(said.counts ? .saidCounts : .saidCountsNot, language)
        author = said.author
        let (key, values): (TextKey, [String: String]) =
            switch said.origin {
            case .imported: (.originImported, ["account": said.importedBy, "document": said.documentName])
            case .assessed: (.originAssessed, ["account": said.importedBy])
            case .adopted:
                (.originAdopted, ["account": said.importedBy, "source": said.adoptedFrom ?? ""])
            case .attested: (.originAttested, ["signer": said.importedBy, "document": said.documentName])
            case nil: (.originDiscovered, ["account": said.importedBy])
            }
        origin = texts.text(key, language, values)
        let about: TextKey =
            switch said.relation {
            case .image: .relationImage
            case .base: .relationBase
            case .component: .relationComponent
            case .elsewhere: .relationElsewhere
            }
        relation = texts.text(about, language)
        justification = said.statement.justification.map { TriagePage.word($0, texts, language) }
        impact = said.statement.impactStatement
        action = said.statement.actionStatement
        date = said.statement.timestamp.map { DateView($0, language) }
        expires = said.expires.map { DateView($0, language) }
        let isOwn = said.counts && (said.origin == .assessed || said.origin == .adopted)
        canAdopt = mayAssess && !isOwn
        adoptLabel = texts.text(.triageAdoptOf, language, ["author": said.author, "status": word])
        document = mayAssess && isOwn ? String(said.id.document) : nil
        endLabel = texts.text(.triageEndOf, language, ["author": said.author, "status": word])
    }
}
