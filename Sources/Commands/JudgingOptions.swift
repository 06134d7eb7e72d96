// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import Assessment
import Criteria
import Inventory
import Time
import Vulnerabilities

/// Options of the verbs that judge images: by which rules, with which advisories, as of when.
struct JudgingOptions: ParsableArguments {
    @Option(help: help(Texts.data, value: "DIR"))
    var data: String?

    @Option(help: help(Texts.stage, value: "STAGE"))
    var stage = "build"

    @Option(help: help(Texts.asOfCheck, value: "DATE"))
    var asOf: String?

    @Option(help: help(Texts.ageLimit, value: "KIND=DAYSd"))
    var ageLimit: [String] = []

    @Flag(help: help(Texts.exerciseData))
    var exerciseData = false

    /// Looks at every option, before a byte of an image is: a typing error should not cost a minute.
    func judging(_ settings: Settings, _ terminal: Terminal) throws -> Judging {
        Judging(
            rules: AssessmentSettings(
                ageLimits: try ageLimits(settings.texts(.ageLimit, options: ageLimit)),
                exerciseData: try settings.flag(.exerciseData, option: exerciseData),
                releases: releases(terminal),
                stage: try choice(Stage.self, stage, name: "--stage"),
                version: Commands.version
            ),
            clock: try clock(),
            directory: try settings.dataDirectory(option: data)
        )
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
}

/// How images are judged in this call.
struct Judging: Sendable {
    let rules: AssessmentSettings
    let clock: WallClock
    let directory: String

    /// Opens the advisories; verdicts of one call rest on the same ones and on the same instant.
    func assessment(_ catalogue: Catalogue, _ terminal: Terminal) throws(CommandFailure) -> LocalAssessment {
        do {
            let snapshot = try FeedStore(directory: directory + "/feeds").current()
            if snapshot == nil { terminal.note(Texts.noFeeds(directory + "/feeds")) }
            return LocalAssessment(
                analyser: Analyser(),
                snapshot: snapshot,
                catalogue: catalogue,
                settings: rules,
                clock: .fixed(clock.now())
            )
        } catch {
            throw CommandFailure("\(error)")
        }
    }
}

extension LocalAssessment {
    /// The verdict, with a failure that is told to people.
    func judged(_ evidence: ImageEvidence) async throws(CommandFailure) -> Verdict {
        do { return try await verdict(of: evidence) } catch { throw CommandFailure("\(error)") }
    }
}
