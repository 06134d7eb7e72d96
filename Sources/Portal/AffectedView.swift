// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Assessment
import OCI
import Products
import PullRecords
import Situation
import Time

/// An answer to who is affected.
struct AffectedView: Sendable {
    /// Images of one page.
    static let length = 50
    /// Components that are told of one image.
    private static let reasonsShown = 20

    struct Reason: Sendable {
        let what: String
        let status: String?
    }

    struct Pull: Sendable {
        let who: String
        let iso: String
        let when: String
    }

    struct Row: Sendable {
        let repository: String
        let href: String
        let tags: String?
        let digest: String?
        let organisation: String?
        let reasons: [Reason]
        let hasReasons: Bool
        let more: String?
        let since: DateView?
        let pulls: [Pull]
        let hasPulls: Bool
        let pullsUnknown: String?
    }

    let question: String
    let error: FormErrorView?
    var asked = ""
    var isAnswered = false
    var summary: String?
    var answeredAt: DateView?
    var seesPulls = false
    var rows: [Row] = []
    var hasRows = false
    var isEmpty = false
    /// Images of which nobody knows whether they have the file that was asked for.
    var unlisted: String?
    var csv = ""
    var noticeHref = ""
    var seesNotices = false
    var next: String?

    /// The form alone.
    init(question: String, error: FormErrorView? = nil) {
        self.question = question
        self.error = error
    }

    init(
        _ page: AffectedPage,
        _ summary: AffectedSummary?,
        seesPulls: Bool,
        _ texts: Texts,
        _ language: Language
    ) {
        self.init(question: page.question.text)
        asked = page.question.text
        isAnswered = true
        answeredAt = DateView(page.answeredAt, language)
        self.seesPulls = seesPulls
        rows =
            page.images.map { Self.row($0, texts, language) } + page.products.map { Self.row($0, texts, language) }
        hasRows = !rows.isEmpty
        csv = Pages.address("/affected.csv", [("q", asked)])
        noticeHref = Pages.address("/notices/draft", [("q", asked)])
        seesNotices = seesPulls
        next = page.next.map { Pages.address("/affected", [("q", asked), ("after", String($0))]) }
        isEmpty = !hasRows && next == nil
        if let summary, summary.unlisted > 0 {
            unlisted = texts.text(.affectedUnlisted, language, ["count": language.number(summary.unlisted)])
        }
        guard let summary, !isEmpty else { return }
        func count(_ number: Int) -> String {
            let text = language.number(number)
            return summary.isAtLeast ? texts.text(.affectedAtLeast, language, ["count": text]) : text
        }
        self.summary = texts.text(
            .affectedSummary,
            language,
            [
                "images": count(summary.images), "repositories": count(summary.repositories),
                "products": count(summary.products),
                "namespaces": language.number(summary.namespaces.count),
                "organisations": language.number(summary.organisations.count),
                "cleared": language.number(summary.cleared + summary.clearedProducts),
            ]
        )
    }

    private static func position(
        of reason: AffectedImage.Reason,
        _ texts: Texts,
        _ language: Language
    ) -> String? {
        reason.position.map { position in
            let key: TextKey =
                switch position.isVisible {
                case true?: .layer
                case false?: .affectedLayerHidden
                case nil: .affectedLayerUnknown
                }
            return texts.text(key, language, ["number": String(position.layer)])
        }
    }

    private static func row(_ image: AffectedImage, _ texts: Texts, _ language: Language) -> Row {
        let (reasons, more) = reasons(image.reasons, texts, language)
        let pulls = (image.pulls ?? []).compactMap { record in
            (record.organisation ?? record.account).map { who in
                Pull(who: who, iso: record.last.rfc3339, when: language.date(record.last))
            }
        }
        return Row(
            repository: image.repository.text,
            href: "/images/\(image.repository)@\(image.digest)",
            tags: image.tags.isEmpty ? nil : image.tags.map(\.text).joined(separator: ", "),
            digest: String(image.digest.description.prefix(19)),
            organisation: image.organisation,
            reasons: reasons,
            hasReasons: !reasons.isEmpty,
            more: more,
            since: (image.reasons.compactMap(\.since).min() ?? (image.reasons.isEmpty ? image.since : nil))
                .map { DateView($0, language, dayOnly: true) },
            pulls: pulls,
            hasPulls: !pulls.isEmpty,
            pullsUnknown: texts.text(
                .affectedPullsUnknown,
                language,
                ["count": language.number(Int(image.withoutOrganisation))]
            )
        )
    }

    private static func row(_ affected: AffectedProduct, _ texts: Texts, _ language: Language) -> Row {
        let (reasons, more) = reasons(affected.reasons, texts, language)
        let name = affected.product.name
        return Row(
            repository: name.name + " " + name.version,
            href: ProductPage.address(affected.product.id),
            tags: name.supplier,
            digest: nil,
            organisation: affected.product.organisation,
            reasons: reasons,
            hasReasons: !reasons.isEmpty,
            more: more,
            since: affected.reasons.compactMap(\.since).min().map { DateView($0, language, dayOnly: true) },
            pulls: [],
            hasPulls: false,
            pullsUnknown: nil
        )
    }

    private static func reasons(
        _ all: [AffectedImage.Reason],
        _ texts: Texts,
        _ language: Language
    ) -> (shown: [Reason], more: String?) {
        let reasons = all.prefix(reasonsShown).map { reason in
            Reason(
                what: reason.name + " " + reason.version,
                status: reason.finding.map { finding in
                    let word = finding.statement.map { texts.text(.statedBy, language, ["author": $0.author]) }
                    return
                        ([finding.id + ": " + FindingRow.status(finding, texts, language)] + (word.map { [$0] } ?? []))
                        .joined(separator: ", ")
                }
                    ?? position(of: reason, texts, language)
                    ?? (reason.isCertain ? nil : texts.text(.affectedUncertain, language))
            )
        }
        let rest = all.count - reasons.count
        return (Array(reasons), rest > 0 ? texts.text(.more, language, count: rest) : nil)
    }
}
