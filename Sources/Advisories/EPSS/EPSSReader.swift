// SPDX-License-Identifier: EUPL-1.2

internal import Time

/// Reads a file of scores piece by piece, holding no more of it than one line.
public struct EPSSReader {
    private static let maximumLine = 512

    private enum Part { case beginning, header, records, end }

    private var part = Part.beginning
    private var summary = EPSSScores.Summary()
    private var line = 0
    private var bytes = 0
    /// The beginning of a line whose end has not come yet.
    private var rest: [UInt8] = []

    /// A reader before the first byte.
    public init() {}

    /// Takes the next piece of the unpacked file.
    ///
    /// - Parameter body: gets every CVE and its score in the order of the file, and says whether it is new; what it throws ends the reading.
    /// - Throws: ``FeedReadError`` naming the line; scores before it have been handed out by then, so that nothing may be published
    ///   before ``finish(_:)`` returns.
    public mutating func take(_ piece: UnsafeRawBufferPointer, _ body: (String, EPSSScore) throws -> Bool) throws {
        bytes += piece.count
        guard bytes <= EPSSScores.maximumBytes else {
            throw FeedReadError(
                feed: EPSSScores.name,
                location: "the file",
                expected: "at most \(EPSSScores.maximumBytes) bytes",
                found: "more"
            )
        }
        var start = 0
        if !rest.isEmpty {
            let end = piece.firstIndex(of: 0x0A) ?? piece.count
            rest.append(contentsOf: piece[..<end].prefix(Self.maximumLine + 2))
            guard end < piece.count else { return try bound(rest.count) }
            let whole = rest
            rest = []
            try whole.withUnsafeBytes { try read($0[...], body) }
            start = end + 1
        }
        while start < piece.count, let end = piece[start...].firstIndex(of: 0x0A) {
            try read(piece[start..<end], body)
            start = end + 1
        }
        rest.append(contentsOf: piece[start...].prefix(Self.maximumLine + 2))
        try bound(rest.count)
    }

    /// Says that no more comes.
    ///
    /// - Returns: what the file says about itself.
    public mutating func finish(_ body: (String, EPSSScore) throws -> Bool) throws -> EPSSScores.Summary {
        if !rest.isEmpty {
            let whole = rest
            rest = []
            try whole.withUnsafeBytes { try read($0[...], body) }
        }
        switch part {
        case .beginning, .header: throw error(expected: "the header cve,epss,percentile", found: "the end of the file")
        case .records, .end:
            guard summary.count > 0 else { throw error(expected: "at least one score", found: "the end of the file") }
            return summary
        }
    }

    /// The next line would be longer than any may be; a return may stand at its end.
    private mutating func bound(_ count: Int) throws {
        guard count > Self.maximumLine + 1 else { return }
        line += 1
        throw error(expected: "a line of at most \(Self.maximumLine) bytes", found: "a longer one")
    }

    private mutating func read(
        _ whole: Slice<UnsafeRawBufferPointer>,
        _ body: (String, EPSSScore) throws -> Bool
    ) throws {
        line += 1
        let text = whole.last == 0x0D ? whole.dropLast() : whole
        guard text.count <= Self.maximumLine else {
            throw error(expected: "a line of at most \(Self.maximumLine) bytes", found: "a longer one")
        }
        switch part {
        case .beginning where text.first == 0x23:
            try readComment(String(decoding: text, as: UTF8.self), into: &summary)
            part = .header
        case .beginning, .header:
            guard text.elementsEqual("cve,epss,percentile".utf8) else {
                throw error(expected: "the header cve,epss,percentile", found: self.text(text))
            }
            part = .records
        case .records where text.isEmpty: part = .end
        case .records: try readRecord(text, body)
        case .end:
            line -= 1
            throw error(expected: "a CVE, a probability and a percentile", found: "an empty line")
        }
    }

    private mutating func readRecord(
        _ record: Slice<UnsafeRawBufferPointer>,
        _ body: (String, EPSSScore) throws -> Bool
    ) throws {
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
        summary.count += 1
        let score = EPSSScore(probability: probability, percentile: percentile)
        guard try body(String(decoding: id, as: UTF8.self), score) else {
            throw error(expected: "an identifier that is new", found: "\(text(id)) again")
        }
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

    private func text(_ slice: Slice<UnsafeRawBufferPointer>) -> String {
        let ascii = slice.prefix(80).map { (0x20...0x7E).contains($0) ? $0 : 0x3F }
        return "\"\(String(decoding: ascii, as: UTF8.self))\""
    }

    private func error(expected: String, found: String) -> FeedReadError {
        FeedReadError(feed: EPSSScores.name, location: "line \(line)", expected: expected, found: found)
    }
}
