// SPDX-License-Identifier: EUPL-1.2

import Advisories
import TestKit
import Testing
import Time

@Suite("EPSS scores")
struct EPSSScoresTests {
    static let head = "#model_version:v2025.03.14,score_date:2026-08-16T00:00:00+0000\ncve,epss,percentile\n"

    @Test(
        "are read with date and model",
        arguments: [
            head + "CVE-1999-0001,0.033510000,0.876500000\n", head + "CVE-1999-0001,0.033510000,0.876500000",
            "#model_version:v2025.03.14,score_date:2026-08-16T02:00:00+0200\r\ncve,epss,percentile\r\nCVE-1999-0001,3.351e-2,0.8765\r\n",
            "#model_version:v2025.03.14,score_date:2026-08-16\ncve,epss,percentile\nCVE-1999-0001,0.03351000000000000000,0.8765\n",
        ]
    )
    func read(_ text: String) throws {
        let file = try EPSSScores.read(Array(text.utf8))
        #expect(file.summary.modelVersion == "v2025.03.14")
        #expect(file.summary.scoreDate?.rfc3339 == "2026-08-16T00:00:00Z")
        #expect(file.summary.count == 1)
        #expect(file.scores == ["CVE-1999-0001": EPSSScore(probability: 0.03351, percentile: 0.8765)])
    }

    @Test("of the first years have no date")
    func withoutDate() throws {
        let file = try EPSSScores.read(Array("cve,epss,percentile\nCVE-1999-0001,0,1\nCVE-1999-00001,1.0,0.5\n".utf8))
        #expect(file.summary.scoreDate == nil)
        #expect(file.summary.count == 2)
    }

    static let broken: [(String, String, String)] = [
        ("", "line 0", "the header"),
        ("cve,epss\n", "line 1", "the header"),
        ("#model_version:v1\ncve,epss,percentile\n", "line 1", "score_date"),
        ("#model_version:v1,score_date:yesterday\ncve,epss,percentile\n", "line 1", "score_date"),
        ("#model_version:v1,score_date:ä0000\ncve,epss,percentile\n", "line 1", "score_date"),
        (head, "line 2", "at least one score"),
        (head + "CVE-1999-0001,0.1\n", "line 3", "a CVE, a probability and a percentile"),
        (head + "CVE-1999-0001,1.1,0\n", "line 3", "a probability from 0 to 1"),
        (head + "CVE-1999-0001,-0.1,0\n", "line 3", "a probability from 0 to 1"),
        (head + "CVE-1999-0001,0.1,2\n", "line 3", "a percentile from 0 to 1"),
        (head + "CVE-1999-0001,nan,0\n", "line 3", "a probability from 0 to 1"),
        (head + "CVE-1999-0001,0x1,0\n", "line 3", "a probability from 0 to 1"),
        (head + "CVE-1999-0001,1e999,0\n", "line 3", "a probability from 0 to 1"),
        (head + "CVE-1999-0001,0.1.1,0\n", "line 3", "a probability from 0 to 1"),
        (head + "CVE-1999-0001,,0\n", "line 3", "a probability from 0 to 1"),
        (head + "CVE-1999-0001,0.1,0.2,0.3\n", "line 3", "a percentile from 0 to 1"),
        (head + "CVE-99-1,0.1,0.2\n", "line 3", "an identifier"),
        (head + "CVE-1999-0001,0.1,0.2\nCVE-1999-0001,0.1,0.2\n", "line 4", "an identifier that is new"),
        (head + "\nCVE-1999-0001,0.1,0.2\n", "line 3", "a CVE, a probability and a percentile"),
        (head + String(repeating: "x", count: 600) + "\n", "line 3", "a line of at most"),
        (head + String(repeating: "x", count: 600), "line 3", "a line of at most"),
        (head + "\u{0}\n", "line 3", "a CVE, a probability and a percentile"),
    ]

    @Test("a broken file is refused with its line", arguments: broken)
    func refused(_ text: String, _ location: String, _ expected: String) {
        let error = #expect(throws: FeedReadError.self) { try EPSSScores.read(Array(text.utf8)) }
        #expect(error?.location == location, "\(error?.description ?? "")")
        #expect(error?.expected.contains(expected) == true, "\(error?.description ?? "")")
    }

    @Test(
        "are told from other files by their content",
        arguments: [
            (head, true), ("cve,epss,percentile\n", true), ("{", false), ("", false), ("#model", false),
        ] as [(String, Bool)]
    )
    func detected(_ text: String, _ isScores: Bool) {
        #expect(Array(text.utf8).withUnsafeBytes { EPSSScores.detect($0) } == isScores)
    }

    @Test("the real file is read whole")
    func realFile() async throws {
        guard let bytes = try await Feeds.epss() else { return }
        #expect(bytes.withUnsafeBytes { EPSSScores.detect($0) })
        let clock = ContinuousClock()
        var file: EPSSScores?
        let duration = try clock.measure { file = try EPSSScores.read(bytes) }
        let scores = try #require(file)
        #expect(scores.summary.count > 300_000)
        #expect(scores.summary.count == scores.scores.count)
        #expect(scores.summary.scoreDate?.dateText == "2026-08-16")
        #expect(scores.scores["CVE-1999-0001"] == EPSSScore(probability: 0.03351, percentile: 0.8765))
        print("EPSS: \(scores.summary.count) scores in \(duration)")
    }
}
