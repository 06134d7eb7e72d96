// SPDX-License-Identifier: EUPL-1.2

extension Timestamp: CustomStringConvertible {
    /// The calendar day in UTC.
    public var date: CivilDate { CivilDate(daysSinceEpoch: Self.floored(microseconds, by: Self.microsecondsPerDay)) }

    /// Seconds since midnight in UTC, 0 to 86 399.
    public var secondOfDay: Int64 {
        let day = Self.floored(microseconds, by: Self.microsecondsPerDay)
        // The first representable day begins before the range does, so no day start is computed: only its remainder.
        return Self.floored(microseconds &- day &* Self.microsecondsPerDay, by: 1_000_000)
    }

    /// RFC 3339 in UTC: `2026-11-22T09:14:00Z`; with six fraction digits only when the fraction is not zero.
    ///
    /// Years outside 0000 to 9999 are written with their sign, which RFC 3339 has no form for.
    public var rfc3339: String {
        let second = secondOfDay
        let fraction = microseconds &- Self.floored(microseconds, by: 1_000_000) &* 1_000_000
        var text = dateText
        text += "T"
        text +=
            Self.padded(second / 3600, 2) + ":" + Self.padded(second / 60 % 60, 2) + ":" + Self.padded(second % 60, 2)
        if fraction != 0 { text += "." + Self.padded(fraction, 6) }
        return text + "Z"
    }

    /// The calendar day in UTC: `2026-11-22`.
    public var dateText: String {
        let date = date
        let year = date.year < 0 ? "-" + Self.padded(-date.year, 4) : Self.padded(date.year, 4)
        return year + "-" + Self.padded(date.month, 2) + "-" + Self.padded(date.day, 2)
    }

    /// Same as ``rfc3339``.
    public var description: String { rfc3339 }

    private static var microsecondsPerDay: Int64 { 86_400 * 1_000_000 }

    private static func floored(_ value: Int64, by divisor: Int64) -> Int64 {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return digits.utf8.count >= width ? digits : String(repeating: "0", count: width - digits.utf8.count) + digits
    }
}
