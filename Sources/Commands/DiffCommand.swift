// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import Criteria
import JSON
import Reports

/// `kontor diff`: what differs between two images.
struct DiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: Language.process(Texts.diffAbstract),
        discussion: Language.process(Texts.diffDiscussion)
    )

    /// How a difference is written.
    enum Form: String, CaseIterable {
        case text, json, markdown
    }

    @Argument(help: help(Texts.image, value: "A"))
    var before: String

    @Argument(help: help(Texts.image, value: "B"))
    var after: String

    @OptionGroup var reading: ImageReadingOptions

    @OptionGroup var judging: JudgingOptions

    @Option(help: help(Texts.diffFormat, value: "text|json|markdown"))
    var format = "text"

    @Option(name: [.short, .long], help: help(Texts.output, value: "FILE"))
    var output: String?

    @Option(help: help(Texts.catalogueFile, value: "FILE"))
    var catalogue: String?

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let settings = try Settings(common)
        let terminal = Terminal(language: settings.language(common))
        let form = try choice(Form.self, format, name: "--format")
        let judging = try judging.judging(settings, terminal)
        let rules = try Catalogue.own(catalogue)
        let assessment = try judging.assessment(rules, terminal)
        var sides: [ImageDifference.Side] = []
        for name in [before, after] {
            let (opened, evidence) = try await reading.analysed(name, settings, terminal, data: judging.directory)
            terminal.step(Texts.assessing)
            let verdict = try await assessment.judged(evidence)
            sides.append(ImageDifference.Side(name: name, evidence: evidence, verdict: verdict))
            withExtendedLifetime(opened) {}
        }
        terminal.clearStep()
        let difference = ImageDifference(before: sides[0], after: sides[1])
        let bytes: [UInt8] =
            switch form {
            case .text: Array(printableLines(difference.text(terminal.language.report)).utf8)
            case .json: difference.json.bytes(.pretty) + [0x0a]
            case .markdown: Array(difference.markdown(terminal.language.report).utf8)
            }
        try terminal.result(bytes, to: output)
    }
}

/// Lines of text, each made fit for a terminal.
func printableLines(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { printable(String($0)) }.joined(separator: "\n")
}
