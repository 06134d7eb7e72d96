// SPDX-License-Identifier: EUPL-1.2

/// A CVSS vector, read strictly, with its score.
///
/// Of versions 2 and 3 the base score counts, as databases publish it; version 4.0 has one score, of whatever metrics the vector names.
///
/// Source: FIRST, "Common Vulnerability Scoring System", specification documents of versions 2.0, 3.0, 3.1 and 4.0.
public struct CVSSVector: Sendable, Hashable {
    /// A version of the standard.
    public enum Version: String, Sendable, Hashable, CaseIterable {
        /// Version 2.0.
        case v2 = "2.0"
        /// Version 3.0.
        case v30 = "3.0"
        /// Version 3.1.
        case v31 = "3.1"
        /// Version 4.0.
        case v4 = "4.0"
    }

    /// The version.
    public let version: Version
    /// The vector as written.
    public let text: String
    /// 0 to 10, in tenths.
    public let score: Double

    /// Reads a vector and computes its score.
    ///
    /// - Throws: ``CVSSError`` for an unknown version, an unknown or repeated metric, a value that it cannot have, or a base metric that
    ///   is missing.
    public init(parsing text: String) throws(CVSSError) {
        guard text.utf8.count <= 300 else { throw .tooLong(text.utf8.count) }
        var parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let first = parts.first, !first.isEmpty else { throw .empty }
        switch first {
        case "CVSS:3.0": version = .v30
        case "CVSS:3.1": version = .v31
        case "CVSS:4.0": version = .v4
        case _ where first.hasPrefix("CVSS:"): throw .unknownVersion(String(first.prefix(20)))
        default: version = .v2
        }
        if version != .v2 { parts.removeFirst() }
        let metrics = try Self.metrics(parts, version)
        self.text = text
        switch version {
        case .v2: score = CVSS2.score(metrics)
        case .v30, .v31: score = CVSS3.score(metrics, version)
        case .v4: score = CVSS4.score(metrics)
        }
    }

    /// The qualitative rating of the score: the bands of versions 3 and 4, and for version 2 those of NVD.
    public var severity: Severity {
        if version == .v2 {
            return score >= 7 ? .high : score >= 4 ? .medium : .low
        }
        return switch score {
        case 9...: .critical
        case 7..<9: .high
        case 4..<7: .medium
        // "None" for a score of 0.
        case 0.05..<4: .low
        default: .negligible
        }
    }

    private static func metrics(_ parts: [Substring], _ version: Version) throws(CVSSError) -> [String: Character] {
        let (mandatory, optional) =
            switch version {
            case .v2: (CVSS2.mandatory, CVSS2.optional)
            case .v30, .v31: (CVSS3.mandatory, CVSS3.optional)
            case .v4: (CVSS4.mandatory, CVSS4.optional)
            }
        var values: [String: Substring] = [:]
        for part in parts {
            let sides = part.split(separator: ":", omittingEmptySubsequences: false)
            guard sides.count == 2 else { throw .malformedMetric(String(part.prefix(40))) }
            let name = String(sides[0])
            guard let allowed = mandatory[name] ?? optional[name] else { throw .unknownMetric(String(name.prefix(20))) }
            guard allowed.split(separator: " ").contains(sides[1]) else { throw .unknownValue(String(part.prefix(40))) }
            guard values.updateValue(sides[1], forKey: name) == nil else { throw .repeatedMetric(name) }
        }
        for name in mandatory.keys.sorted() where values[name] == nil { throw .missingMetric(name) }
        // The metrics that count towards a score differ in their first letter.
        return values.compactMapValues(\.first)
    }
}

/// Why a text is not a CVSS vector.
public enum CVSSError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Nothing.
    case empty
    /// Longer than any vector; its bytes.
    case tooLong(Int)
    /// A version that is not 3.0, 3.1 or 4.0.
    case unknownVersion(String)
    /// Not of the form `metric:value`.
    case malformedMetric(String)
    /// A metric that the version does not have.
    case unknownMetric(String)
    /// A value that the metric cannot have.
    case unknownValue(String)
    /// A metric that is named twice.
    case repeatedMetric(String)
    /// A base metric that is not named.
    case missingMetric(String)

    /// The error in words.
    public var description: String {
        switch self {
        case .empty: "the CVSS vector is empty"
        case .tooLong(let count): "the CVSS vector has \(count) bytes"
        case .unknownVersion(let text): "\"\(text)\" is no known CVSS version"
        case .malformedMetric(let text): "\"\(text)\" is no CVSS metric"
        case .unknownMetric(let text): "\"\(text)\" is no metric of this CVSS version"
        case .unknownValue(let text): "\"\(text)\" has no value of this CVSS version"
        case .repeatedMetric(let text): "the CVSS metric \(text) is named twice"
        case .missingMetric(let text): "the CVSS metric \(text) is missing"
        }
    }
}
