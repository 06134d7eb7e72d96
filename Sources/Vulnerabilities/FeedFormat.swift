// SPDX-License-Identifier: EUPL-1.2

import Advisories

/// What a file is, judged by its first bytes; its name is never asked.
enum FeedFormat: Equatable {
    /// Debian's security tracker as one JSON document.
    case debianTracker
    /// CISA's catalogue of exploited vulnerabilities.
    case exploited
    /// FIRST's exploit predictions.
    case scores
    /// One advisory in the OSV format.
    case osvRecord
    /// A zip archive of many documents; which, its members tell.
    case zip
    /// Alpine's security database of one repository.
    case alpineSecDB
    /// Response headers that `curl -D` left beside a download.
    case responseHeaders
    /// Known, but this version does not read it.
    case unsupported(String)
    /// Not known.
    case unknown(String)

    /// How many bytes are looked at.
    static let prefixLength = 64 << 10

    /// Judges the unpacked beginning of a file.
    static func detect(_ prefix: [UInt8]) -> FeedFormat {
        if prefix.isEmpty { return .unknown("it is empty") }
        if prefix.starts(with: Array("HTTP/".utf8)) { return .responseHeaders }
        if prefix.starts(with: [0x50, 0x4B, 0x03, 0x04]) { return .zip }
        if prefix.withUnsafeBytes({ EPSSScores.detect($0) }) { return .scores }
        if prefix.withUnsafeBytes({ KEVCatalogue.detect($0) }) { return .exploited }
        if let document = document(prefix) { return .unsupported(document) }
        if prefix.withUnsafeBytes({ DebianTracker.detect($0) }) { return .debianTracker }
        if prefix.withUnsafeBytes({ AlpineSecDB.detect($0) }) { return .alpineSecDB }
        if prefix.withUnsafeBytes({ OSV.detect($0) }) { return .osvRecord }
        return .unknown(
            "its content is none of: Debian security tracker JSON, OSV JSON or zip, Alpine secdb JSON, CISA KEV JSON, EPSS CSV"
        )
    }

    /// Judges a zip by the beginning of its first document: publishers serve dumps of many small ones so.
    static func detectMember(_ bytes: [UInt8]) -> FeedFormat {
        if bytes.withUnsafeBytes({ OSV.detect($0) }), document(bytes) == nil { return .osvRecord }
        if let document = document(bytes) { return .unsupported("\(document), zip of many documents") }
        return .unsupported("zip archive of an unknown kind")
    }

    /// Names the kind of advisory document that a JSON text begins as; nil when it is none of those known.
    private static func document(_ prefix: [UInt8]) -> String? {
        let text = String(decoding: prefix.prefix(16 << 10), as: UTF8.self)
        guard text.drop(while: { $0.isWhitespace }).first == "{" else { return nil }
        if text.contains("\"@context\""), text.contains("openvex.dev/ns") { return "OpenVEX" }
        if text.contains("\"csaf_version\"") || text.contains("\"csaf_vex\"") { return "CSAF" }
        if text.contains("\"bomFormat\"") { return "CycloneDX" }
        if text.contains("\"spdxVersion\"") { return "SPDX" }
        return nil
    }
}
