// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Criteria
import FoundationEssentials
import SBOM
import Testing
import Time

@Suite("Age of advisories")
struct DataAgeTests {
    static let resting = ["IMG-SEC-25", "IMG-SEC-26", "IMG-SEC-27", "IMG-SEC-28", "IMG-SEC-30"]

    /// The feeds of an exercise: real, and long past their limits.
    static func exercise(limits: AgeLimits) -> Sample {
        var sample = Sample()
        sample.context.ageLimits = limits
        sample.context.exerciseData = true
        sample.context.feeds = [
            FeedState(
                name: "debian-tracker",
                kind: .distribution,
                asOf: Sample.day("2026-10-20"),
                newestRecord: Sample.day("2026-10-06"),
                digest: "sha256:1",
                count: 8849,
                releases: ["trixie"]
            ),
            FeedState(
                name: "cisa-kev",
                kind: .exploited,
                asOf: Sample.day("2025-11-15"),
                newestRecord: Sample.day("2025-11-14"),
                digest: "sha256:2",
                count: 1460
            ),
        ]
        return sample
    }

    @Test("beyond the default limits, what rests on them is unknown and names the date", arguments: resting)
    func stale(id: String) throws {
        let result = try Self.exercise(limits: .standard).result(id)
        #expect(result.result == .unknown)
        #expect(result.explanation.en.contains("advisories as of 2026-10-06, limit 7 days"), "\(result.explanation.en)")
        #expect(result.explanation.de.contains("Sicherheitshinweise vom 2026-10-06, Grenze 7 Tage"))
        #expect(result.advice?.en.contains("kontor feeds") == true)
    }

    @Test("a finding does not decide while the data are too old", arguments: resting)
    func staleWithFinding(id: String) throws {
        var sample = Self.exercise(limits: .standard)
        sample.assessed.findings = [Sample.finding(kev: Sample.kev)]
        let result = try sample.result(id)
        #expect(result.result == .unknown)
        #expect(result.explanation.en.contains("Open findings as of then: 1."))
    }

    @Test("with wider limits the same image is decided", arguments: resting)
    func widened(id: String) throws {
        let limits = try AgeLimits(parsing: "distribution=60d,exploited=400d")
        #expect(try Self.exercise(limits: limits).result(id).result == .pass)
    }

    @Test("levels: none under the default limits, bronze with wider ones")
    func levels() throws {
        let limits = try AgeLimits(parsing: "distribution=60d,exploited=400d")
        #expect(try Self.exercise(limits: .standard).verdict().level == .none)
        #expect(try Self.exercise(limits: limits).verdict().level == .bronze)
    }

    @Test("exercise data are named on the verdict, in both languages, whatever the limits")
    func note() throws {
        for limits in [AgeLimits.standard, try AgeLimits(parsing: "other=400d")] {
            let verdict = try Self.exercise(limits: limits).verdict()
            #expect(verdict.exerciseData)
            #expect(
                verdict.note?.en == "Exercise data, advisories as of 2025-11-14 (cisa-kev), 2026-10-06 (debian-tracker)"
            )
            #expect(
                verdict.note?.de
                    == "Übungsdaten, Sicherheitshinweise vom 2025-11-14 (cisa-kev), 2026-10-06 (debian-tracker)"
            )
        }
        #expect(try Sample().verdict().note == nil)
    }

    @Test("a feed by name has its own limit; a stale EPSS alone decides nothing")
    func byName() throws {
        var sample = Sample()
        sample.context.ageLimits = try AgeLimits(parsing: "epss=1d")
        #expect(try sample.result("IMG-SEC-26").result == .pass)
        sample.context.ageLimits = try AgeLimits(parsing: "debian-tracker=24h")
        #expect(try sample.result("IMG-SEC-26").result == .unknown)
        #expect(try sample.result("IMG-SEC-27").result == .unknown)
    }

    @Test("the verdict is valid until the first result can change: a day after the match, or the age of a feed")
    func validUntil() throws {
        var sample = Sample()
        #expect(try sample.verdict().validUntil == Sample.now + .seconds(86_400))
        sample.context.ageLimits = try AgeLimits(parsing: "distribution=60h")
        let until = try #require(try sample.verdict().validUntil)
        #expect(until == Sample.day("2026-11-20") + .seconds(60 * 3600))
        // Right before the limit still the same, at it not.
        sample.context.now = until - .microseconds(1)
        sample.context.matchedAt = sample.context.now
        #expect(try sample.result("IMG-SEC-26").result == .pass)
        sample.context.now = until
        sample.context.matchedAt = until
        #expect(try sample.result("IMG-SEC-26").result == .unknown)
    }

    @Test("the end of a release bounds the verdict")
    func endOfLife() throws {
        var sample = Sample()
        sample.context.feeds = []
        sample.evidence.distribution = Sample.bookworm
        #expect(try sample.verdict().validUntil == Sample.day("2028-07-01"))
        sample.context.now = Sample.day("2028-06-30") + .seconds(86_399)
        #expect(try sample.result("IMG-MNT-03").result == .pass)
        sample.context.now = Sample.day("2028-07-01")
        #expect(try sample.result("IMG-MNT-03").result == .fail)
    }

    @Test(
        "limits that cannot be read are named",
        arguments: ["distribution", "=7d", "x=7", "x=0d", "x=-1d", "x=99999d", "x=7w", "x=7d,y"]
    )
    func limits(text: String) {
        let error = #expect(throws: AgeLimitsError.self) { try AgeLimits(parsing: text) }
        #expect(error?.description.contains("KIND") == true)
    }
}

@Suite("Release calendar")
struct ReleaseCalendarTests {
    @Test(
        "a table that cannot be read is refused with its line",
        arguments: [
            ("", 1), ("a,b\n", 1), ("version,series,release,eol\n12,bookworm,2023-06-10,soon\n", 2),
            ("version,series,release,eol\n\n12\n", 3), ("version,series,release,eol\n12,bookworm,2023-02-30,\n", 2),
        ]
    )
    func broken(text: String, line: Int) {
        let error = #expect(throws: ReleaseCalendarError.self) { try ReleaseCalendar(tables: ["debian": text]) }
        #expect(error?.line == line)
        #expect(error?.description.contains("distro-info-data") == true)
    }

    @Test("the last day of support is still supported")
    func lastDay() {
        let calendar = Sample.calendar
        let end = Sample.day("2026-07-11")
        #expect(calendar.support(of: Sample.bookworm, at: end + .seconds(86_399)) == .supported(until: end))
        #expect(
            calendar.support(of: Sample.bookworm, at: end + .seconds(86_400))
                == .longTerm(regularEnd: end, until: Sample.day("2028-06-30"))
        )
    }
}

@Suite("Release dates of this machine")
struct DistroInfoTests {
    static let directory = "/usr/share/distro-info/"

    @Test(
        "the installed tables of distro-info-data are read whole",
        .enabled(if: FileManager.default.fileExists(atPath: directory))
    )
    func real() throws {
        let debian = try String(contentsOfFile: Self.directory + "debian.csv", encoding: .utf8)
        let ubuntu = try String(contentsOfFile: Self.directory + "ubuntu.csv", encoding: .utf8)
        let calendar = try ReleaseCalendar(tables: ["debian": debian, "ubuntu": ubuntu])
        #expect(calendar.releases.count > 60)
        #expect(calendar.release(of: Sample.bookworm)?.series == "bookworm")
        let jammy = Distribution(id: "ubuntu", versionID: "22.04", codename: "jammy")
        #expect(calendar.support(of: jammy, at: Sample.day("2023-01-01")) != .unknown)
    }
}
