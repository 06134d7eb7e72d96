// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import Criteria
import Reports

/// `kontor check`.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: Language.process(Texts.checkAbstract),
        discussion: Language.process(Texts.checkDiscussion)
    )

    @OptionGroup var source: ImageOptions

    @OptionGroup var judging: JudgingOptions

    @Option(help: help(Texts.reportFormat, value: "FORM"))
    var format = "text"

    @Option(name: [.short, .long], help: help(Texts.output, value: "FILE"))
    var output: String?

    @Option(help: help(Texts.require, value: "LEVEL"))
    var require: String?

    @Option(help: help(Texts.baseline, value: "FILE"))
    var baseline: String?

    @Option(help: help(Texts.failOnNew, value: "SEVERITY"))
    var failOnNew: String?

    @Option(help: help(Texts.catalogueFile, value: "FILE"))
    var catalogue: String?

    @Option(help: help(Texts.location, value: "FILE"))
    var location: String?

    @Flag(help: help(Texts.all))
    var all = false

    @OptionGroup var common: CommonOptions

    func run() async throws {
        // Every option and file is looked at before a byte of the image is: a typing error should not cost a minute.
        let settings = try Settings(common)
        let terminal = Terminal(language: settings.language(common))
        let form = try choice(ReportForm.self, format, name: "--format")
        let required = try require.map { try choice(Level.self, $0, name: "--require") }
        let judging = try judging.judging(settings, terminal)
        if baseline == nil, failOnNew != nil { throw CommandFailure(Texts.failOnNewNeedsBaseline) }
        let limit = try choice(NewFindingLimit.self, failOnNew ?? "any", name: "--fail-on-new")
        let earlier = try baseline.map { try Baseline.read($0) }
        let rules = try Catalogue.own(catalogue)

        let (opened, evidence) = try await source.analysed(settings, terminal, data: judging.directory)
        terminal.step(Texts.assessing)
        let verdict = try await judging.assessment(rules, terminal).judged(evidence)
        terminal.clearStep()
        let report = Report(
            verdict: verdict,
            name: source.image,
            language: terminal.language.report,
            catalogue: rules,
            required: required,
            location: location,
            comparison: earlier.map { VerdictComparison(before: $0, after: verdict) },
            toolVersion: Commands.version
        )
        try terminal.result(report.bytes(form, colour: terminal.colour && output == nil, all: all), to: output)
        withExtendedLifetime(opened) {}
        try finish(report, form, limit, terminal)
    }

    /// Says on standard error why the call does not end well, and what is new where the form does not say it.
    private func finish(_ report: Report, _ form: ReportForm, _ limit: NewFindingLimit, _ terminal: Terminal) throws {
        var isFine = true
        if let comparison = report.comparison {
            let text = ComparisonText(comparison, report.language)
            let isTold = output == nil && (form == .text || form == .markdown)
            for line in isTold ? [text.summary] : text.lines { terminal.note(line) }
            if limit.isExceeded(by: comparison) {
                terminal.note(Texts.newSinceBaseline)
                isFine = false
            }
        }
        if let required = report.required, report.verdict.level < required {
            terminal.note(
                Texts.below(terminal.language(report.verdict.level.title), terminal.language(required.title))
            )
            isFine = false
        }
        if !isFine { throw ExitCode(1) }
    }
}

/// How a result is written.
enum OutputForm: String, CaseIterable {
    case text, json
}

/// One of the values of an enumeration, or a failure that names them all.
func choice<Value: RawRepresentable & CaseIterable>(_ type: Value.Type, _ text: String, name: String)
    throws(CommandFailure) -> Value
where Value.RawValue == String {
    guard let value = Value(rawValue: text) else {
        throw CommandFailure(Texts.unknownValue(name, text, Value.allCases.map(\.rawValue).joined(separator: ", ")))
    }
    return value
}
