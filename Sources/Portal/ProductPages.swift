// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Assessment
import OCI
import Products
import SBOM
import Time

/// The products that somebody may know of.
struct ProductsPage: Sendable {
    static let length = 100

    struct Row: Sendable {
        let href: String
        let name: String
        let version: String
        let supplier: String
        let organisation: String
        let components: String
        let since: DateView
        let removed: DateView?
    }

    let rows: [Row]
    let hasRows: Bool
    let next: String?

    init(_ products: [Product], _ texts: Texts, _ language: Language) {
        rows = products.prefix(Self.length).map { product in
            Row(
                href: ProductPage.address(product.id),
                name: product.name.name,
                version: product.name.version,
                supplier: product.name.supplier,
                organisation: product.organisationTitle,
                components: language.number(product.revision.components),
                since: DateView(product.since, language, dayOnly: true),
                removed: product.removedAt.map { DateView($0, language, dayOnly: true) }
            )
        }
        hasRows = !rows.isEmpty
        next =
            products.count > Self.length
            ? Pages.address("/products", [("after", String(products[Self.length - 1].id))]) : nil
    }
}

/// One product: what was found in it, what nobody can tell, and how good its bill is.
struct ProductPage: Sendable {
    static let length = 200
    static let revisionsShown = 20

    struct Row: Sendable {
        let id: String
        let exploited: String?
        let component: String
        let status: String
        let severity: String
    }

    struct Field: Sendable {
        let title: String
        let clause: String
        let outcome: String
        let key: String
        let count: String?
    }

    struct Bill: Sendable {
        let number: String
        let uploaded: DateView
        let by: String
        let format: String
        let components: String
        let digest: String
    }

    let title: String
    let removed: String?
    let facts: [Fact]
    let rows: [Row]
    let hasRows: Bool
    let none: String?
    let next: String?
    let hasNotAssessed: Bool
    let notAssessed: [String]
    let conclusion: String
    let fields: [Field]
    let bills: [Bill]

    init(
        _ product: Product,
        findings: [ListedFinding],
        notAssessed unknown: [NotAssessed],
        judgement: ProductJudgement,
        revisions: [Product.Revision],
        _ texts: Texts,
        _ language: Language
    ) {
        title = product.name.name + " " + product.name.version
        removed = product.removedAt.map { removedAt in
            texts.text(
                .productRemoved,
                language,
                ["date": language.date(removedAt), "account": product.removedBy ?? "–"]
            )
        }
        facts = [
            Fact(term: texts.text(.productSupplier, language), text: product.name.supplier),
            Fact(term: texts.text(.productOperator, language), text: product.organisationTitle),
            Fact(term: texts.text(.since, language), date: DateView(product.since, language)),
            Fact(
                term: texts.text(.productComponents, language),
                text: texts.text(
                    .productMatched,
                    language,
                    [
                        "components": language.number(product.revision.components),
                        "entries": language.number(product.revision.entries),
                    ]
                )
            ),
        ]
        rows = findings.prefix(Self.length).map { Self.row($0.finding, texts, language) }
        hasRows = !rows.isEmpty
        // That nothing was found proves nothing while something was not looked up.
        none =
            hasRows || removed != nil
            ? nil : texts.text(unknown.isEmpty ? .findingsNone : .productFindingsNoneYet, language)
        next =
            findings.count > Self.length
            ? Pages.address(
                Self.address(product.id),
                [("after", findings[Self.length - 1].cursor.description)]
            ) : nil
        hasNotAssessed = !unknown.isEmpty
        notAssessed = unknown.map { entry in
            guard !entry.ecosystem.isEmpty else {
                return texts.text(
                    .productUnnamed,
                    language,
                    count: entry.components,
                    ["reason": language.text(entry.reason)]
                )
            }
            return texts.text(
                .notAssessedEntry,
                language,
                count: entry.components,
                ["ecosystem": entry.ecosystem, "reason": language.text(entry.reason)]
            )
        }
        let guideline = ["guideline": "BSI TR-03183-2 " + judgement.version]
        conclusion =
            switch judgement.conclusion {
            case .conforms: texts.text(.billConforms, language, guideline)
            case .doesNotConform: texts.text(.billConformsNot, language, guideline)
            case .undecided: texts.text(.billUndecided, language, guideline)
            }
        fields = judgement.fields.map { Self.field($0, texts, language) }
        bills = revisions.map { revision in
            Bill(
                number: language.number(revision.number),
                uploaded: DateView(revision.uploadedAt, language),
                by: revision.uploadedBy,
                format: revision.format + " " + revision.formatVersion,
                components: language.number(revision.components),
                digest: String(revision.document.description.prefix(19))
            )
        }
    }

    static func address(_ id: Int64) -> String { "/products/\(id)" }

    private static func row(_ finding: Finding, _ texts: Texts, _ language: Language) -> Row {
        let word = finding.statement.map { texts.text(.statedBy, language, ["author": $0.author]) }
        return Row(
            id: finding.id,
            exploited: finding.kev == nil ? nil : texts.text(.exploited, language),
            component: finding.componentName + " " + finding.componentVersion,
            status: ([FindingRow.status(finding, texts, language)] + (word.map { [$0] } ?? [])).joined(separator: ", "),
            severity: FindingRow.word(finding.severity, texts, language)
        )
    }

    private static func field(_ entry: ProductJudgement.Field, _ texts: Texts, _ language: Language) -> Field {
        let (word, key): (TextKey, String) =
            switch entry.outcome {
            case .met: (.billMet, "pass")
            case .missing: (.billMissing, "fail")
            case .notApplicable: (.billNotApplicable, "not-applicable")
            case .unknown: (.billUnknown, "unknown")
            }
        let places = entry.outcome == .missing ? entry.missing : entry.outcome == .unknown ? entry.unknown : 0
        return Field(
            title: language.text(entry.field.title),
            clause: "§ " + entry.field.clause,
            outcome: texts.text(word, language),
            key: key,
            count: places > 0 ? language.number(places) : nil
        )
    }
}
