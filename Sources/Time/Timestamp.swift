// SPDX-License-Identifier: EUPL-1.2

/// An instant in microseconds since 1970-01-01T00:00:00Z, in UTC and without leap seconds.
///
/// Arithmetic saturates at the ends of the range instead of trapping: durations and dates come from feeds and options.
public struct Timestamp: Sendable, Hashable, Comparable {
    /// Microseconds since 1970-01-01T00:00:00Z.
    public let microseconds: Int64

    /// Makes an instant from microseconds since 1970-01-01T00:00:00Z.
    public init(microseconds: Int64) { self.microseconds = microseconds }

    /// Makes an instant from whole seconds since 1970-01-01T00:00:00Z; saturates.
    public init(seconds: Int64) {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        microseconds = overflow ? (seconds < 0 ? .min : .max) : product
    }

    /// Reads an RFC 3339 date-time, such as `2026-11-22T09:14:00Z` or `2026-11-22T10:14:00.25+01:00`.
    ///
    /// Digits after the sixth of a fraction are cut off; second 60 is read as the first second of the next minute. Returns nil for anything
    /// that is not exactly one date-time, including dates that the calendar does not have.
    ///
    /// Source: RFC 3339, section 5.6.
    public init?(rfc3339 text: String) {
        var reader = DateReader(text)
        guard let day = reader.day(), reader.skip(anyOf: "Tt "), let hour = reader.number(digits: 2), hour < 24,
            reader.skip(anyOf: ":"), let minute = reader.number(digits: 2), minute < 60,
            reader.skip(anyOf: ":"), let second = reader.number(digits: 2), second <= 60
        else { return nil }
        var fraction: Int64 = 0
        if reader.skip(anyOf: ".") {
            guard let micros = reader.fraction() else { return nil }
            fraction = micros
        }
        guard let offset = reader.offset(), reader.isAtEnd else { return nil }
        let seconds = day * 86_400 + hour * 3600 + minute * 60 + second - offset
        self.init(microseconds: seconds * 1_000_000 + fraction)
    }

    /// Reads a calendar date, such as `2026-11-22`, as its first instant in UTC.
    public init?(date text: String) {
        var reader = DateReader(text)
        guard let day = reader.day(), reader.isAtEnd else { return nil }
        self.init(microseconds: day * 86_400 * 1_000_000)
    }

    /// Orders instants in time.
    public static func < (lhs: Timestamp, rhs: Timestamp) -> Bool { lhs.microseconds < rhs.microseconds }

    /// The instant later by a duration; saturates.
    public static func + (lhs: Timestamp, rhs: Duration) -> Timestamp {
        let (sum, overflow) = lhs.microseconds.addingReportingOverflow(rhs.wholeMicroseconds)
        return Timestamp(microseconds: overflow ? (rhs < .zero ? .min : .max) : sum)
    }

    /// The instant earlier by a duration; saturates.
    public static func - (lhs: Timestamp, rhs: Duration) -> Timestamp {
        let (difference, overflow) = lhs.microseconds.subtractingReportingOverflow(rhs.wholeMicroseconds)
        return Timestamp(microseconds: overflow ? (rhs < .zero ? .max : .min) : difference)
    }

    /// How long after `earlier` this instant is; negative when it is before.
    public func duration(since earlier: Timestamp) -> Duration {
        let (difference, overflow) = microseconds.subtractingReportingOverflow(earlier.microseconds)
        return .microseconds(overflow ? (microseconds < earlier.microseconds ? .min : .max) : difference)
    }
}

extension Duration {
    /// The duration in microseconds, cut off towards zero; saturates.
    public var wholeMicroseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, sumOverflow) = product.addingReportingOverflow(attoseconds / 1_000_000_000_000)
        return sumOverflow ? (seconds < 0 ? .min : .max) : sum
    }
}

/// Reads the fixed-width fields of a date from ASCII digits.
private struct DateReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) {
        // Longer than any date-time with a sensible fraction; keeps a hostile text from being copied whole.
        bytes = Array(text.utf8.prefix(65))
        if bytes.count > 64 { position = bytes.count }
    }

    var isAtEnd: Bool { position == bytes.count }

    mutating func skip(anyOf characters: StaticString) -> Bool {
        guard position < bytes.count else { return false }
        let found = characters.withUTF8Buffer { $0.contains(bytes[position]) }
        if found { position += 1 }
        return found
    }

    mutating func number(digits: Int) -> Int64? {
        guard position + digits <= bytes.count else { return nil }
        var value: Int64 = 0
        for byte in bytes[position..<position + digits] {
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            value = value * 10 + Int64(byte - 0x30)
        }
        position += digits
        return value
    }

    /// One or more digits as microseconds.
    mutating func fraction() -> Int64? {
        var value: Int64 = 0
        var digits = 0
        while position < bytes.count, bytes[position] >= 0x30, bytes[position] <= 0x39 {
            if digits < 6 { value = value * 10 + Int64(bytes[position] - 0x30) }
            digits += 1
            position += 1
        }
        guard digits > 0 else { return nil }
        for _ in min(digits, 6)..<6 { value *= 10 }
        return value
    }

    /// `Z` or a numeric offset, in seconds east of UTC.
    mutating func offset() -> Int64? {
        if skip(anyOf: "Zz") { return 0 }
        let sign: Int64
        if skip(anyOf: "+") { sign = 1 } else if skip(anyOf: "-") { sign = -1 } else { return nil }
        guard let hours = number(digits: 2), hours < 24, skip(anyOf: ":"), let minutes = number(digits: 2), minutes < 60
        else {
            return nil
        }
        return sign * (hours * 3600 + minutes * 60)
    }

    /// `YYYY-MM-DD` as days since 1970-01-01.
    mutating func day() -> Int64? {
        guard let year = number(digits: 4), skip(anyOf: "-"), let month = number(digits: 2), skip(anyOf: "-"),
            let day = number(digits: 2)
        else { return nil }
        return CivilDate(year: year, month: month, day: day)?.daysSinceEpoch
    }
}
