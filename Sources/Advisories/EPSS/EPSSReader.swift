// SPDX-License-Identifier: EUPL-1.2

internal import Time

/// Walks the lines of a file of scores.
struct EPSSReader {
    private static let maximumLine = 512

    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    private var line = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    mutating func read(_ body: (String, EPSSScore) throws -> Void) throws -> EPSSScores.Summary {
        var summary = EPSSScores.Summary()
        var header = try nextLine()
        if let comment = header, comment.first == 0x23 {
            try readComment(String(decoding: comment, as: UTF8.self), into: &summary)
            header = try nextLine()
        }
        guard let header, header.elementsEqual("cve,epss,percentile".utf8) else {
            throw error(expected: "the header cve,epss,percentile", found: header.map(text) ?? "the end of the file")
        }
        // Keys are year, number of digits and number, which fit into 64 bits: cheaper than 360 000 strings.
        var seen = Set<UInt64>(minimumCapacity: min(bytes.count / 32, EPSSScores.maximumRecords))
        while let record = try nextLine() {
            if record.isEmpty {
                guard position == bytes.count else {
                    throw error(expected: "a CVE, a probability and a percentile", found: "an empty line")
                }
                break
            }
            guard summary.count < EPSSScores.maximumRecords else {
                throw error(expected: "at most \(EPSSScores.maximumRecords) records", found: "more")
            }
            guard let firstComma = record.firstIndex(of: 0x2C),
                let secondComma = record[(firstComma + 1)...].firstIndex(of: 0x2C)
            else { throw error(expected: "a CVE, a probability and a percentile", found: text(record)) }
            let id = record[..<firstComma]
            guard CVEIdentifier.isValid(id) else {
                throw error(expected: "an identifier such as CVE-2024-1234", found: text(id))
            }
            let probability = try number(record[(firstComma + 1)..<secondComma], "a probability")
            let percentile = try number(record[(secondComma + 1)...], "a percentile")
            guard seen.insert(Self.key(id)).inserted else {
                throw error(expected: "an identifier that is new", found: "\(text(id)) again")
            }
            summary.count += 1
            try body(
                String(decoding: id, as: UTF8.self),
                EPSSScore(probability: probability, percentile: percentile)
            )
        }
        guard summary.count > 0 else { throw error(expected: "at least one score", found: "the end of the file") }
        return summary
    }

    /// Reads the first line: `#model_version:v2025.03.14,score_date:2026-08-16T00:00:00+0000`.
    private func readComment(_ comment: String, into summary: inout EPSSScores.Summary) throws {
        for part in comment.dropFirst().split(separator: ",") {
            let pair = part.split(separator: ":", maxSplits: 1)
            guard pair.count == 2 else { continue }
            switch pair[0] {
            case "model_version": summary.modelVersion = String(pair[1].prefix(80))
            case "score_date":
                guard let date = Self.instant(String(pair[1])) else {
                    throw error(expected: "score_date:2026-08-16T00:00:00+0000", found: "\"\(pair[1].prefix(80))\"")
                }
                summary.scoreDate = date
            default: continue
            }
        }
        guard summary.modelVersion != nil, summary.scoreDate != nil else {
            throw error(expected: "#model_version:…,score_date:…", found: "\"\(comment.prefix(80))\"")
        }
    }

    /// RFC 3339, or the file's own form without a colon in the offset, or only a day.
    private static func instant(_ text: String) -> Timestamp? {
        if let result = Timestamp(rfc3339: text) ?? Timestamp(date: text) { return result }
        let sign = text.utf8.count > 5 ? text.utf8[text.utf8.index(text.endIndex, offsetBy: -5)] : 0
        guard sign == 0x2B || sign == 0x2D, text.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        return Timestamp(rfc3339: text.dropLast(2) + ":" + text.suffix(2))
    }

    private mutating func nextLine() throws -> Slice<UnsafeRawBufferPointer>? {
        guard position < bytes.count else { return nil }
        line += 1
        let start = position
        let bound = min(bytes.count, start + Self.maximumLine + 1)
        var end = start
        while end < bound, bytes[end] != 0x0A { end += 1 }
        guard end < bound || bound == bytes.count, end - start <= Self.maximumLine else {
            throw error(expected: "a line of at most \(Self.maximumLine) bytes", found: "a longer one")
        }
        position = min(end + 1, bytes.count)
        if end > start, bytes[end - 1] == 0x0D { end -= 1 }
        return bytes[start..<end]
    }

    /// A number from 0 to 1.
    private func number(_ slice: Slice<UnsafeRawBufferPointer>, _ what: String) throws -> Double {
        guard let value = Self.decimal(slice), value >= 0, value <= 1 else {
            throw error(expected: "\(what) from 0 to 1", found: text(slice))
        }
        return value
    }

    /// Up to 15 digits with a point are exact as a quotient of two exact doubles; anything longer goes the long way.
    private static func decimal(_ slice: Slice<UnsafeRawBufferPointer>) -> Double? {
        guard let first = slice.first, first &- 0x30 < 10, slice.count <= 32 else { return nil }
        var mantissa: UInt64 = 0
        var digits = 0
        var scale = 0
        var seenPoint = false
        for byte in slice {
            if byte &- 0x30 < 10 {
                digits += 1
                if seenPoint { scale += 1 }
                if digits <= 15 { mantissa = mantissa * 10 + UInt64(byte - 0x30) }
            } else if byte == 0x2E, !seenPoint {
                seenPoint = true
            } else if byte == 0x65 || byte == 0x45 {
                return Double(String(decoding: slice, as: UTF8.self))
            } else {
                return nil
            }
        }
        guard digits <= 15 else { return Double(String(decoding: slice, as: UTF8.self)) }
        return Double(mantissa) / powersOfTen[scale]
    }

    private static let powersOfTen: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    ]

    private static func key(_ id: Slice<UnsafeRawBufferPointer>) -> UInt64 {
        var year: UInt64 = 0
        for byte in id.dropFirst(4).prefix(4) { year = year * 10 + UInt64(byte - 0x30) }
        var number: UInt64 = 0
        for byte in id.dropFirst(9) { number = number * 10 + UInt64(byte - 0x30) }
        return year << 48 | UInt64(id.count) << 42 | number
    }

    private func text(_ slice: Slice<UnsafeRawBufferPointer>) -> String {
        let ascii = slice.prefix(80).map { (0x20...0x7E).contains($0) ? $0 : 0x3F }
        return "\"\(String(decoding: ascii, as: UTF8.self))\""
    }

    private func error(expected: String, found: String) -> FeedReadError {
        FeedReadError(feed: EPSSScores.name, location: "line \(line)", expected: expected, found: found)
    }
}
