// SPDX-License-Identifier: EUPL-1.2

/// Reads Debian control files: paragraphs of `Field: value` lines with an empty line between them.
///
/// Only wanted fields become text; a stanza or a field may be of any size.
///
/// Source: Debian Policy 5.1, deb822(5).
enum DebianControl {
    /// One paragraph.
    struct Stanza {
        /// Number of its first line, from 1.
        var line: Int
        /// Wanted fields by their name in lower case; of a repeated field the last one.
        var fields: [String: String] = [:]

        subscript(_ name: String) -> String? { fields[name] }
    }

    /// Something in a control file that is not a field.
    struct Problem: Equatable {
        var line: Int
        var reason: String
    }

    /// Calls `body` for every paragraph.
    ///
    /// - Parameter wanted: names of fields in lower case.
    /// - Returns: what could not be read, at most 20.
    static func read(_ bytes: [UInt8], wanted: Set<String>, _ body: (Stanza) -> Void) -> [Problem] {
        bytes.withUnsafeBytes { read($0, wanted: wanted, body) }
    }

    private static func read(
        _ bytes: UnsafeRawBufferPointer,
        wanted: Set<String>,
        _ body: (Stanza) -> Void
    ) -> [Problem] {
        var problems: [Problem] = []
        var stanza: Stanza?
        var field: String?
        var value: [UInt8] = []
        var lineNumber = 0
        var start = 0
        func close() {
            if let field { stanza?.fields[field] = text(value) }
            field = nil
            value.removeAll(keepingCapacity: true)
        }
        while start < bytes.count {
            var end = start
            while end < bytes.count, bytes[end] != 10 { end += 1 }
            var line = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
            start = end + 1
            lineNumber += 1
            if line.last == 13 { line = UnsafeRawBufferPointer(rebasing: line.dropLast()) }
            guard let first = line.first(where: { $0 != 32 && $0 != 9 }) else {
                close()
                if let complete = stanza { body(complete) }
                stanza = nil
                continue
            }
            if line[0] == 32 || line[0] == 9 {
                if stanza == nil, problems.count < 20 {
                    problems.append(Problem(line: lineNumber, reason: "a continuation line without a field"))
                }
                if field != nil {
                    value.append(10)
                    value.append(contentsOf: line)
                }
                continue
            }
            if first == UInt8(ascii: "#") { continue }
            close()
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0, colon < 256 else {
                if problems.count < 20 {
                    problems.append(Problem(line: lineNumber, reason: "a line that is no field: no colon"))
                }
                continue
            }
            if stanza == nil { stanza = Stanza(line: lineNumber) }
            let name = text(UnsafeRawBufferPointer(rebasing: line[..<colon])).lowercased()
            guard wanted.contains(name) else { continue }
            field = name
            value.append(contentsOf: line[(colon + 1)...])
        }
        close()
        if let complete = stanza { body(complete) }
        return problems
    }

    /// The bytes as text without white space at both ends.
    private static func text(_ bytes: some BidirectionalCollection<UInt8>) -> String {
        func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 10 || byte == 13 }
        var start = bytes.startIndex
        var end = bytes.endIndex
        while start < end, isBlank(bytes[start]) { start = bytes.index(after: start) }
        while start < end, isBlank(bytes[bytes.index(before: end)]) { end = bytes.index(before: end) }
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }
}
