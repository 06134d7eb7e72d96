// SPDX-License-Identifier: EUPL-1.2

internal import Advisories
internal import Criteria
public import JSON
internal import SBOM

extension ImageDifference {
    /// Version of the JSON form.
    public static let schemaVersion = 1

    /// The difference as JSON; absent values are null.
    public var json: JSONValue {
        [
            "schemaVersion": .integer(Int64(Self.schemaVersion)),
            "before": side(before),
            "after": side(after),
            "components": [
                "added": .array(addedComponents.map(component)),
                "removed": .array(removedComponents.map(component)),
                "changed": .array(changedComponents.map(component)),
            ],
            "findings": [
                "new": .array(comparison.newFindings.map(group)),
                "gone": .array(comparison.goneFindings.map(group)),
                "notAssessed": .array(comparison.lostFindings.map(group)),
                "changed": .array(
                    comparison.changedFindings.map { ["before": group($0.before), "after": group($0.after)] }
                ),
            ],
            "files": .array(
                files.map {
                    [
                        "change": .string($0.kind.rawValue), "path": .string($0.path),
                        "before": $0.before.map(file) ?? .null, "after": $0.after.map(file) ?? .null,
                    ]
                }
            ),
            "filesCut": .bool(areFilesCut),
            "criteria": .array(
                comparison.criteria.map {
                    [
                        "id": .string($0.after.id), "title": $0.after.title.json,
                        "before": .optional($0.before?.rawValue), "after": .string($0.after.result.rawValue),
                        "worse": .bool($0.isWorse), "explanation": $0.after.explanation.json,
                    ]
                }
            ),
            "sameSnapshot": .bool(!comparison.isOtherSnapshot),
            "sameCatalogue": .bool(!comparison.isOtherCatalogue),
        ]
    }

    private func side(_ side: Side) -> JSONValue {
        [
            "name": .string(side.name), "digest": .optional(side.verdict.image.digest),
            "platform": .optional(side.verdict.image.platform), "level": .string(side.verdict.level.rawValue),
            "areas": .object(
                Dictionary(
                    uniqueKeysWithValues: Area.allCases.map {
                        ($0.rawValue, .object(["level": .string(side.verdict.level(of: $0).rawValue)]))
                    }
                )
            ),
        ]
    }

    private func component(_ change: ComponentChange) -> JSONValue {
        [
            "type": .string(change.type), "name": .string(change.name), "before": .strings(change.before),
            "after": .strings(change.after),
        ]
    }

    private func group(_ group: AdvisoryGroup) -> JSONValue {
        [
            "id": .string(group.finding.id), "source": .string(group.sourceName),
            "version": .string(group.sourceVersion), "packages": .strings(group.findings.map(\.componentName)),
            "status": .string(group.finding.status.rawValue), "fixedIn": .optional(group.finding.fixedIn),
            "severity": .string(group.finding.severity.rawValue), "exploited": .bool(group.finding.kev != nil),
            "risk": .double(group.finding.risk),
        ]
    }

    private func file(_ fact: FileFact) -> JSONValue {
        [
            "mode": .string("0" + String(fact.mode & 0o7777, radix: 8)), "uid": .integer(Int64(fact.userID)),
            "gid": .integer(Int64(fact.groupID)), "capabilities": .bool(fact.hasCapabilities),
        ]
    }
}

extension ImageDifference {
    /// The difference as plain text, without control characters.
    public func text(_ language: ReportLanguage) -> String {
        var lines = ["- \(before.name.plain())", "+ \(after.name.plain())"]
        for section in sections(language) {
            lines += ["", section.title] + section.entries.map { "  " + $0.plain() }
        }
        if isEmpty { lines += ["", language(ReportTexts.noDifference)] }
        for note in notes(language) { lines += ["", note] }
        return lines.map { $0 + "\n" }.joined()
    }

    /// The difference as Markdown for a comment, below ``Report/markdownLimit`` bytes.
    public func markdown(_ language: ReportLanguage) -> String {
        var page = MarkdownPage(limit: Report.markdownLimit, language: language)
        page.block(["\(MarkdownText.code(before.name)) → \(MarkdownText.code(after.name))"])
        let notes = notes(language)
        page.reserve(notes)
        for section in sections(language) {
            page.fold(
                title: "\(section.title): \(section.entries.count)",
                head: [],
                rows: section.entries.map { "- " + MarkdownText.prose($0, limit: 400) }
            )
        }
        if isEmpty { page.block([language(ReportTexts.noDifference)]) }
        if !notes.isEmpty { page.finish(notes) }
        return page.text
    }

    private func notes(_ language: ReportLanguage) -> [String] {
        (areFilesCut ? [language(ReportTexts.filesCut)] : [])
            + (comparison.isOtherSnapshot ? [language(ReportTexts.otherSnapshot)] : [])
            + (comparison.isOtherCatalogue ? [language(ReportTexts.otherCatalogue)] : [])
    }

    private func sections(_ language: ReportLanguage) -> [(title: String, entries: [String])] {
        var sections: [(title: String, entries: [String])] = [
            (language(ReportTexts.level), levels(language)),
            (language(ReportTexts.criteria), criteria(language)),
            (language(ReportTexts.components), components(language)),
            (language(ReportTexts.findings), findings(language)),
            (language(ReportTexts.files), files.map { fileLine($0, language) }),
        ]
        sections.removeAll { $0.entries.isEmpty }
        return sections
    }

    private func levels(_ language: ReportLanguage) -> [String] {
        func line(_ title: String, _ left: Level, _ right: Level) -> [String] {
            left == right ? [] : ["\(title): \(language(left.title)) → \(language(right.title))"]
        }
        return line(language(ReportTexts.level), before.verdict.level, after.verdict.level)
            + Area.allCases.flatMap {
                line(language($0.title), before.verdict.level(of: $0), after.verdict.level(of: $0))
            }
    }

    private func criteria(_ language: ReportLanguage) -> [String] {
        comparison.criteria.map {
            let old = language($0.before?.title ?? ReportTexts.notAsked)
            return "\($0.after.id) \(language($0.after.title)): \(old) → \(language($0.after.result.title))"
        }
    }

    private func components(_ language: ReportLanguage) -> [String] {
        addedComponents.map {
            "\(language(ReportTexts.added)): \($0.type) \($0.name) \($0.after.joined(separator: ", "))"
        }
            + removedComponents.map {
                "\(language(ReportTexts.removed)): \($0.type) \($0.name) \($0.before.joined(separator: ", "))"
            }
            + changedComponents.map {
                "\(language(ReportTexts.changed)): \($0.type) \($0.name) \($0.before.joined(separator: ", ")) → "
                    + $0.after.joined(separator: ", ")
            }
    }

    private func findings(_ language: ReportLanguage) -> [String] {
        comparison.newFindings.map { "\(language(ReportTexts.new)): \(language.sentence($0))" }
            + comparison.goneFindings.map { "\(language(ReportTexts.gone)): \(language.sentence($0))" }
            + comparison.lostFindings.map { "\(language(ReportTexts.lost)): \(language.sentence($0))" }
            + comparison.changedFindings.map { "\(language(ReportTexts.changed)): \(language.sentence($0.after))" }
    }

    private func fileLine(_ change: FileChange, _ language: ReportLanguage) -> String {
        func facts(_ fact: FileFact?) -> String {
            guard let fact else { return "-" }
            let mode = "0" + String(fact.mode & 0o7777, radix: 8)
            return "\(mode) \(fact.userID):\(fact.groupID)" + (fact.hasCapabilities ? " cap" : "")
        }
        return
            "\(language(ReportTexts.file(change.kind))): /\(change.path) \(facts(change.before)) → \(facts(change.after))"
    }
}
