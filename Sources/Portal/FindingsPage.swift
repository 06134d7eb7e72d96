// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Criteria
import OCI

/// Which findings somebody wants to see.
struct FindingsQuestion: Sendable {
    /// Whether something is still to do about a finding.
    enum Standing: String, Sendable, CaseIterable {
        /// Vulnerable, looked into, or not to be told.
        case open
        /// Not affected, or fixed.
        case settled
    }

    /// Part of an identifier or of the name of a package; empty for all.
    var text = ""
    var standing: Standing?
    var severity: Severity?
    /// Only what is being exploited.
    var exploited = false

    /// Everything that it asks for, as an address has it.
    var query: [(name: String, value: String)] {
        let all: [(String, String?)] = [
            ("q", text.isEmpty ? nil : text), ("status", standing?.rawValue), ("severity", severity?.rawValue),
            ("exploited", exploited ? "yes" : nil),
        ]
        return all.compactMap { name, value in value.map { (name: name, value: $0) } }
    }

    static func standing(of finding: Finding) -> Standing {
        finding.status == .notAffected || finding.status == .fixed ? .settled : .open
    }

    func includes(_ group: AdvisoryGroup) -> Bool {
        let finding = group.finding
        guard severity == nil || finding.severity == severity, !exploited || finding.kev != nil,
            standing == nil || Self.standing(of: finding) == standing
        else { return false }
        guard !text.isEmpty else { return true }
        let wanted = text.lowercased()
        let names = [finding.id, group.sourceName] + finding.aliases + group.findings.map(\.componentName)
        return names.contains { $0.lowercased().contains(wanted) }
    }
}

/// All findings of an image, worst first, page by page.
struct FindingsPage: Sendable {
    let image: String
    let imageHref: String
    let summary: String
    let hasDates: Bool
    let dates: [ImagePage.FeedDate]
    let hasFindings: Bool
    let form: FilterForm
    let part: TablePart
    let findings: [FindingRow]
    let api: String

    init(
        _ verdict: Verdict,
        _ subject: ImageSubject,
        _ question: FindingsQuestion,
        page: Int,
        isSignedIn: Bool,
        _ texts: Texts,
        _ language: Language
    ) {
        let name = subject.reference.description
        image = name
        imageHref = "/images/" + name
        let groups = verdict.advisoryGroups
        summary = FindingRow.summary(verdict, groups, texts, language)
        dates = ImagePage.FeedDate.all(of: verdict, language)
        hasDates = !dates.isEmpty
        hasFindings = !groups.isEmpty
        let chosen = groups.filter(question.includes)
        let (shown, part) = TablePart.cut(
            chosen,
            page: page,
            address: { Self.address(name, question, page: $0) },
            texts,
            language
        )
        self.part = part
        findings = shown.map { FindingRow($0, of: isSignedIn ? name : nil, texts, language) }
        form = FilterForm(
            action: Self.path,
            image: name,
            label: texts.text(.findingsSearch, language),
            searched: question.text,
            facets: Self.facets(groups, question, texts, language)
        )
        api = "/api/v1/images/\(name)/findings"
    }

    static let path = "/findings"

    static func address(_ image: String, _ question: FindingsQuestion = .init(), page: Int = 1) -> String {
        Pages.address(
            path,
            [("image", image)] + question.query + (page == 1 ? [] : [("page", String(page))])
        )
    }

    private static func facets(
        _ groups: [AdvisoryGroup],
        _ question: FindingsQuestion,
        _ texts: Texts,
        _ language: Language
    ) -> [Facet] {
        func counts(_ name: (AdvisoryGroup) -> String?) -> [String: Int] {
            Dictionary(groups.compactMap(name).map { ($0, 1) }, uniquingKeysWith: +)
        }
        let all = [
            Facet(
                "status",
                .findingStatus,
                FindingsQuestion.Standing.allCases.map {
                    ($0.rawValue, texts.text($0 == .open ? .findingsOpen : .findingsSettled, language))
                },
                counts: counts { FindingsQuestion.standing(of: $0.finding).rawValue },
                chosen: question.standing?.rawValue,
                texts,
                language
            ),
            Facet(
                "severity",
                .findingSeverity,
                Severity.allCases.sorted().reversed().map { ($0.rawValue, FindingRow.word($0, texts, language)) },
                counts: counts { $0.finding.severity.rawValue },
                chosen: question.severity?.rawValue,
                texts,
                language
            ),
            Facet(
                "exploited",
                .exploited,
                [("yes", texts.text(.findingsExploited, language))],
                counts: counts { $0.finding.kev == nil ? nil : "yes" },
                chosen: question.exploited ? "yes" : nil,
                texts,
                language
            ),
        ]
        return all.compactMap(\.self)
    }
}
