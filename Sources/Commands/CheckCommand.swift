// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import Assessment
import Criteria
import ImageSources
import Inventory
import JSON
import SBOM
import Time
import Vulnerabilities

/// `kontor check`.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: Language.process(Texts.checkAbstract),
        discussion: Language.process(Texts.checkDiscussion)
    )

    @OptionGroup var source: ImageOptions

    @Option(help: help(Texts.data, value: "DIR"))
    var data: String?

    @Option(help: help(Texts.format, value: "text|json"))
    var format = "text"

    @Option(help: help(Texts.require, value: "LEVEL"))
    var require: String?

    @Option(help: help(Texts.stage, value: "STAGE"))
    var stage = "build"

    @Option(help: help(Texts.asOfCheck, value: "DATE"))
    var asOf: String?

    @Option(help: help(Texts.ageLimit, value: "KIND=DAYSd"))
    var ageLimit: [String] = []

    @Flag(help: help(Texts.exerciseData))
    var exerciseData = false

    @Flag(help: help(Texts.all))
    var all = false

    @OptionGroup var common: CommonOptions

    func run() async throws {
        // Every option is looked at before a byte of the image is: a typing error should not cost a minute.
        let settings = try Settings(common)
        let terminal = Terminal(language: settings.language(common))
        let form = try choice(OutputForm.self, format, name: "--format")
        let required = try require.map { try choice(Level.self, $0, name: "--require") }
        let rules = AssessmentSettings(
            ageLimits: try ageLimits(settings.texts(.ageLimit, options: ageLimit)),
            exerciseData: try settings.flag(.exerciseData, option: exerciseData),
            releases: releases(terminal),
            stage: try choice(Stage.self, stage, name: "--stage"),
            version: Commands.version
        )
        let clock = try clock()
        let directory = try settings.dataDirectory(option: data)

        let (opened, evidence) = try await source.analysed(settings, terminal)
        terminal.step(Texts.assessing)
        let verdict = try await verdict(evidence, directory: directory, rules: rules, clock: clock, terminal: terminal)
        terminal.clearStep()
        switch form {
        case .json: try terminal.result(verdict.json.bytes(.pretty) + [0x0a])
        case .text:
            let page = VerdictText(
                verdict: verdict,
                name: source.image,
                language: terminal.language,
                colour: terminal.colour,
                all: all
            )
            try terminal.result(page.text)
        }
        withExtendedLifetime(opened) {}
        if let required, verdict.level < required {
            terminal.note(
                Texts.below(terminal.language(verdict.level.title), terminal.language(required.title))
            )
            throw ExitCode(1)
        }
    }

    private func clock() throws(CommandFailure) -> WallClock {
        guard let asOf else { return .system }
        guard let day = Timestamp(date: asOf) else { throw CommandFailure(Texts.badDate("--as-of", asOf)) }
        return .fixed(day)
    }

    /// Without dates of support what rests on them is unknown; that is no reason to say nothing about the rest.
    private func releases(_ terminal: Terminal) -> ReleaseCalendar {
        do { return try ReleaseTables.installed() } catch {
            terminal.note(Texts.noReleases("\(error)"))
            return .empty
        }
    }

    private func verdict(
        _ evidence: ImageEvidence,
        directory: String,
        rules: AssessmentSettings,
        clock: WallClock,
        terminal: Terminal
    ) async throws -> Verdict {
        do {
            let snapshot = try FeedStore(directory: directory + "/feeds").current()
            if snapshot == nil { terminal.note(Texts.noFeeds(directory + "/feeds")) }
            let local = LocalAssessment(
                analyser: Analyser(),
                snapshot: snapshot,
                catalogue: try Catalogue.embedded(),
                settings: rules,
                clock: clock
            )
            return try await local.verdict(of: evidence)
        } catch {
            throw CommandFailure("\(error)")
        }
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
