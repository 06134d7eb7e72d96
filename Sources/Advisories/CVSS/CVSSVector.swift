// SPDX-License-Identifier: EUPL-1.2

import JSON

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
        case _ where first.hasPrefix("CVSS:"): throw .unknownVersion(first.excerpt(20))
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

    private static func metrics(_ parts: [Substring], _ version: Version) throws(CVSSError) -> CVSSMetrics {
        let (mandatory, optional) =
            switch version {
            case .v2: (CVSS2.mandatory, CVSS2.optional)
            case .v30, .v31: (CVSS3.mandatory, CVSS3.optional)
            case .v4: (CVSS4.mandatory, CVSS4.optional)
            }
        var metrics = CVSSMetrics()
        var found = 0
        for part in parts {
            guard let colon = part.utf8.firstIndex(of: 0x3A),
                !part[part.utf8.index(after: colon)...].utf8.contains(0x3A)
            else { throw .malformedMetric(part.excerpt(40)) }
            let name = String(part[..<colon])
            let value = part[part.utf8.index(after: colon)...]
            let isMandatory = mandatory[name]
            guard let allowed = isMandatory ?? optional[name] else { throw .unknownMetric(name.excerpt(20)) }
            guard isListed(value, in: allowed), let letter = value.first else {
                throw .unknownValue(part.excerpt(40))
            }
            guard metrics[name] == nil else { throw .repeatedMetric(name) }
            // The values that count towards a score differ in their first letter.
            metrics[name] = letter
            if isMandatory != nil { found += 1 }
        }
        if found < mandatory.count {
            for name in mandatory.keys.sorted() where metrics[name] == nil { throw .missingMetric(name) }
        }
        return metrics
    }

    private static func isListed(_ value: Substring, in list: String) -> Bool {
        var rest = list.utf8[...]
        while !rest.isEmpty {
            let word = rest.prefix { $0 != 0x20 }
            if word.elementsEqual(value.utf8) { return true }
            rest = rest[word.endIndex...].dropFirst()
        }
        return false
    }
}

/// The metrics of one vector: a few short names, which are searched faster than hashed.
struct CVSSMetrics {
    private(set) var all: [(name: String, value: Character)] = []

    init() { all.reserveCapacity(12) }

    subscript(name: String) -> Character? {
        get {
            for entry in all where entry.name == name { return entry.value }
            return nil
        }
        set {
            all.removeAll { $0.name == name }
            if let newValue { all.append((name, newValue)) }
        }
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
