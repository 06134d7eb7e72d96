// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import Assessment
import Criteria
import JSON
import Reports

/// `kontor criteria impact`: what another catalogue would do to images.
struct CriteriaImpactCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "impact",
        abstract: Language.process(Texts.criteriaImpactAbstract)
    )

    @Argument(help: help(Texts.catalogueArgument, value: "NEW.yaml"))
    var file: String

    @Argument(help: help(Texts.image, value: "IMAGE"))
    var images: [String]

    @OptionGroup var reading: ImageReadingOptions

    @OptionGroup var judging: JudgingOptions

    @Option(help: help(Texts.format, value: "text|json"))
    var format = "text"

    @OptionGroup var common: CommonOptions

    /// One image under both catalogues.
    private struct Impact {
        let image: String
        let comparison: VerdictComparison
        /// Criteria that got worse: why the image falls, or would have to be looked at again.
        var reasons: [VerdictComparison.ChangedCriterion] { comparison.worse }
        var falls: Bool { comparison.levelAfter < comparison.levelBefore }
    }

    func run() async throws {
        let settings = try Settings(common)
        let terminal = Terminal(language: settings.language(common))
        let form = try choice(OutputForm.self, format, name: "--format")
        let judging = try judging.judging(settings, terminal)
        let old = try Catalogue.common()
        let new = try Catalogue.chosen(file)
        let assessment = try judging.assessment(old, terminal)
        var other = assessment
        other.catalogue = new
        var impacts: [Impact] = []
        for image in images {
            let (opened, evidence) = try await reading.analysed(image, settings, terminal, data: judging.directory)
            terminal.step(Texts.assessing)
            let before = try await assessment.judged(evidence)
            let after = try await other.judged(evidence)
            impacts.append(Impact(image: image, comparison: VerdictComparison(before: before, after: after)))
            withExtendedLifetime(opened) {}
        }
        terminal.clearStep()
        switch form {
        case .text: try terminal.result(text(impacts, old, new, terminal.language))
        case .json: try terminal.result(json(impacts, old, new).bytes(.pretty) + [0x0a])
        }
    }

    private func text(_ impacts: [Impact], _ old: Catalogue, _ new: Catalogue, _ language: Language) -> String {
        let count = impacts.count(where: \.falls)
        var lines = [language(Texts.wouldFall(count, of: impacts.count, from: old.version, to: new.version))]
        for impact in impacts {
            let (before, after) = (impact.comparison.levelBefore, impact.comparison.levelAfter)
            let word = impact.falls ? Texts.falls : before < after ? Texts.rises : Texts.stays
            lines.append(
                "  \(language(word)): \(impact.image): \(language(before.title)) → \(language(after.title))"
            )
            for change in impact.reasons {
                lines.append(
                    "      \(change.after.id) \(language(change.after.title)): \(language(change.after.result.title))"
                )
            }
        }
        return lines.map { printable($0) + "\n" }.joined()
    }

    private func json(_ impacts: [Impact], _ old: Catalogue, _ new: Catalogue) -> JSONValue {
        [
            "schemaVersion": 1,
            "before": ["catalogue": .string(old.version)],
            "after": ["catalogue": .string(new.version)],
            "falling": .integer(Int64(impacts.count(where: \.falls))),
            "images": .array(
                impacts.map { impact in
                    [
                        "image": .string(impact.image), "falls": .bool(impact.falls),
                        "before": .string(impact.comparison.levelBefore.rawValue),
                        "after": .string(impact.comparison.levelAfter.rawValue),
                        "worse": .strings(impact.reasons.map(\.after.id)),
                    ]
                }
            ),
        ]
    }
}
