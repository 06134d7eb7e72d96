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
        if prefix.starts(with: [0x50, 0x4B, 0x03, 0x04]) { return detectZip(prefix) }
        if prefix.withUnsafeBytes({ EPSSScores.detect($0) }) { return .scores }
        if prefix.withUnsafeBytes({ KEVCatalogue.detect($0) }) { return .exploited }
        if let document = document(prefix) { return .unsupported(document) }
        if prefix.withUnsafeBytes({ DebianTracker.detect($0) }) { return .debianTracker }
        return .unknown("its content is none of: Debian security tracker JSON, CISA KEV JSON, EPSS CSV")
    }

    /// Judges a zip by its first member: publishers serve dumps of many small documents so.
    static func detectZip(_ bytes: [UInt8]) -> FeedFormat {
        guard let name = ZipPrefix.firstMember(of: bytes) else { return .unsupported("zip archive") }
        if let document = document(name) { return .unsupported("\(document), zip of many documents") }
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
        if text.contains("\"affected\""), text.contains("\"ranges\"") || text.contains("\"versions\"") {
            return "OSV dump"
        }
        if text.contains("\"schema_version\""), text.contains("\"modified\"") { return "OSV dump" }
        return nil
    }
}

/// Reads just enough of a zip to see what its first member is.
private enum ZipPrefix {
    /// The beginning of the first member's content; nil when it cannot be told.
    static func firstMember(of bytes: [UInt8]) -> [UInt8]? {
        func number(_ offset: Int, _ count: Int) -> Int? {
            guard offset + count <= bytes.count else { return nil }
            return (0..<count).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
        }
        guard let flags = number(6, 2), let method = number(8, 2), let packed = number(18, 4),
            let nameLength = number(26, 2), let extraLength = number(28, 2), flags & 0x0009 == 0
        else { return nil }
        let start = 30 + nameLength + extraLength
        guard start <= bytes.count else { return nil }
        let content = bytes[start..<min(bytes.count, start + packed)]
        switch method {
        case 0: return Array(content.prefix(16 << 10))
        case 8: return Unpacking.prefix(deflated: content, check: bytes[14..<18] + bytes[22..<26], count: 16 << 10)
        default: return nil
        }
    }
}
