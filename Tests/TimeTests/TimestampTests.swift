// SPDX-License-Identifier: EUPL-1.2

import Testing
import Time

@Suite("Timestamp")
struct TimestampTests {
    @Test(
        "a date-time of RFC 3339 is read and written back in UTC",
        arguments: [
            ("1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00Z"),
            ("2026-11-22T09:14:00Z", 1_795_338_840_000_000, "2026-11-22T09:14:00Z"),
            ("2026-11-22T10:14:00+01:00", 1_795_338_840_000_000, "2026-11-22T09:14:00Z"),
            ("2026-11-21t23:44:00.5-09:30", 1_795_338_840_500_000, "2026-11-22T09:14:00.500000Z"),
            ("1969-12-31T23:59:59.999999Z", -1, "1969-12-31T23:59:59.999999Z"),
            ("2000-02-29T12:00:00.1234567890Z", 951_825_600_123_456, "2000-02-29T12:00:00.123456Z"),
            ("2016-12-31T23:59:60Z", 1_483_228_800_000_000, "2017-01-01T00:00:00Z"),
            ("0000-01-01T00:00:00Z", -62_167_219_200_000_000, "0000-01-01T00:00:00Z"),
            ("9999-12-31T23:59:59Z", 253_402_300_799_000_000, "9999-12-31T23:59:59Z"),
        ] as [(String, Int64, String)]
    )
    func reads(_ text: String, _ microseconds: Int64, _ written: String) {
        let timestamp = Timestamp(rfc3339: text)
        #expect(timestamp?.microseconds == microseconds)
        #expect(timestamp?.rfc3339 == written)
    }

    @Test(
        "what is no date-time is refused",
        arguments: [
            "", "2026-11-22", "2026-11-22T09:14Z", "2026-11-22T09:14:00", "2026-13-01T00:00:00Z",
            "2026-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-11-22T24:00:00Z", "2026-11-22T09:60:00Z",
            "2026-11-22T09:14:61Z",
            "2026-11-22T09:14:00.Z", "2026-11-22T09:14:00+1:00", "2026-11-22T09:14:00Z ", " 2026-11-22T09:14:00Z",
            "2026-11-22T09:14:00+01:00:00", "+026-11-22T09:14:00Z", "2026-00-10T00:00:00Z", "2026-01-00T00:00:00Z",
            "２０２６-11-22T09:14:00Z", "2026-11-22T09:14:00." + String(repeating: "1", count: 80) + "Z",
        ]
    )
    func refuses(_ text: String) { #expect(Timestamp(rfc3339: text) == nil) }

    @Test("every day of eight centuries survives the way to text and back")
    func everyDay() throws {
        var days = try #require(CivilDate(year: 1600, month: 1, day: 1)).daysSinceEpoch
        let last = try #require(CivilDate(year: 2400, month: 12, day: 31)).daysSinceEpoch
        var before: CivilDate?
        while days <= last {
            let instant = Timestamp(seconds: days * 86_400)
            #expect(Timestamp(date: instant.dateText) == instant)
            let date = instant.date
            #expect(date.daysSinceEpoch == days)
            if let before { #expect(date.day == before.day + 1 || date.day == 1) }
            before = date
            days += 1
        }
    }

    @Test("random instants survive the way to text and back")
    func roundTrip() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<5000 {
            let instant = Timestamp(
                microseconds: .random(in: -62_167_219_200_000_000...253_402_300_799_999_999, using: &generator)
            )
            #expect(Timestamp(rfc3339: instant.rfc3339) == instant, "\(instant.microseconds)")
        }
    }

    @Test("arithmetic saturates instead of trapping")
    func saturates() {
        let last = Timestamp(microseconds: .max)
        let first = Timestamp(microseconds: .min)
        #expect(last + .seconds(1) == last)
        #expect(first - .seconds(1) == first)
        #expect(first + .seconds(-1) == first)
        #expect(last - .seconds(-1) == last)
        #expect(Timestamp(seconds: .max) == last)
        #expect(Timestamp(seconds: .min) == first)
        #expect(last + .seconds(Int64.max) == last)
        #expect(last.duration(since: first) == .microseconds(Int64.max))
        #expect(!first.rfc3339.isEmpty && !last.rfc3339.isEmpty)
    }

    @Test("durations are added, subtracted and measured to the microsecond")
    func arithmetic() {
        let start = Timestamp(seconds: 1000)
        #expect((start + .milliseconds(1500)).microseconds == 1_001_500_000)
        #expect((start - .microseconds(1)).microseconds == 999_999_999)
        #expect((start + .seconds(7 * 86_400)).duration(since: start) == .seconds(604_800))
        #expect(start.duration(since: start + .seconds(3)) == .seconds(-3))
        #expect(start < start + .microseconds(1))
    }

    @Test("a manual clock shows what it was moved to, a fixed one stays")
    func clocks() {
        let manual = ManualClock(Timestamp(seconds: 10))
        let clock = manual.clock
        manual.advance(by: .seconds(5))
        #expect(clock.now() == Timestamp(seconds: 15))
        #expect(WallClock.fixed(Timestamp(seconds: 3)).now() == Timestamp(seconds: 3))
    }

    @Test("the system's clock moves forward and is past 2025")
    func systemClock() throws {
        let first = WallClock.system.now()
        #expect(first > (try #require(Timestamp(date: "2025-01-01"))))
        #expect(WallClock.system.now() >= first)
    }
}
