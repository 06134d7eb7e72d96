// SPDX-License-Identifier: EUPL-1.2

public import Time

/// FIRST's daily file of exploitation probabilities.
///
/// Source: epss_scores-YYYY-MM-DD.csv as FIRST serves it: a comment with the model and the date, a header, one line per CVE.
public struct EPSSScores: Sendable {
    /// ``FeedState/name`` of this feed.
    public static let name = "epss"
    /// Bytes of the unpacked file that are read at most; the file has about twelve million.
    public static let maximumBytes = 512 << 20
    /// Lines that are read at most.
    public static let maximumRecords = 10_000_000

    /// What a file says about itself.
    public struct Summary: Sendable, Hashable {
        /// Version of the model: `v2025.03.14`; nil in files of the first years.
        public var modelVersion: String?
        /// The day of the scores; nil in files of the first years.
        public var scoreDate: Timestamp?
        /// How many CVEs have a score.
        public var count = 0

        /// An empty summary.
        public init() {}
    }

    /// What the file says about itself.
    public let summary: Summary
    /// Score by CVE.
    public let scores: [String: EPSSScore]

    /// True when a file that begins so is a file of scores.
    public static func detect(_ prefix: UnsafeRawBufferPointer) -> Bool {
        [Array("#model_version:".utf8), Array("cve,epss,percentile".utf8)].contains { prefix.starts(with: $0) }
    }

    /// Reads a file at once.
    ///
    /// - Throws: ``FeedReadError`` naming the line.
    public static func read(_ bytes: [UInt8]) throws -> EPSSScores {
        var scores: [String: EPSSScore] = [:]
        scores.reserveCapacity(min(bytes.count / 32, maximumRecords))
        var reader = EPSSReader()
        try bytes.withUnsafeBytes { try reader.take($0) { scores.updateValue($1, forKey: $0) == nil } }
        let summary = try reader.finish { scores.updateValue($1, forKey: $0) == nil }
        return EPSSScores(summary: summary, scores: scores)
    }
}
