// SPDX-License-Identifier: EUPL-1.2

import Criteria
import Foundation
import GitReading
import ProjectCriteria
import Projects
import SBOM
import TestKit
import Testing
import Time

@Suite("Kontor judged by its own rules")
struct OwnRepositoryTests {
    @Test(
        "whatever depends on this repository's files reaches silver",
        .enabled(if: FileManager.default.fileExists(atPath: checkoutRoot + "/.git"), "a copy without its repository")
    )
    func silver() throws {
        let now = WallClock.system.now()
        let opened = try GitRepository.open(checkoutRoot, temporaryDirectory: "/var/tmp")
        // Earlier commits are for `kontor project check`; here they would cost every run of the tests minutes.
        var reader = ProjectReader()
        reader.readsHistory = false
        let evidence = reader.evidence(of: opened, name: "kontor", url: nil, now: now)
        let rules = try #require(try ProjectCatalogue.embedded("projects-2026.1"))
        let verdict = ProjectEvaluation.verdict(catalogue: rules, evidence: evidence, context: ProjectContext(now: now))
        let open = ["SRC-MNT-03", "SRC-SEC-07"]
        for result in verdict.results
        where result.needs == [.files] && result.criterion.level <= .silver && !open.contains(result.criterion.id) {
            #expect(result.criterion.result.isPassed, "\(result.criterion.id): \(result.criterion.explanation.en)")
        }
        // Open: the lock file of our own dependencies is not committed. Nothing else may be wrong with what is pinned.
        let pinned = verdict.explanation("SRC-SEC-07")
        #expect(pinned == "Without a lock file: Package.swift." || verdict.outcome("SRC-SEC-07") == .pass)
        // A tag is made by whoever releases; everything else that files have a say in must not be what fails.
        for result in verdict.results where result.needs.contains(.files) && !open.contains(result.criterion.id) {
            #expect(result.criterion.result != .fail, "\(result.criterion.id): \(result.criterion.explanation.en)")
        }
        #expect(verdict.explanation("SRC-MNT-03").contains("CHANGELOG") == false)
    }
}
