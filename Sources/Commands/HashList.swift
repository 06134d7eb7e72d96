// SPDX-License-Identifier: EUPL-1.2

package import JSON

/// Hashes of files, one a line, as `sha256sum` writes them; what follows a hash, empty lines and lines after `#` say nothing.
package struct HashList: Equatable {
    /// SHA-256 in lower-case hexadecimal digits.
    package let hashes: [String]

    /// Reads a list.
    ///
    /// - Throws: ``CommandFailure`` that names the line.
    package init(parsing bytes: [UInt8], name: String) throws {
        var hashes: [String] = []
        for (number, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            let text = String(decoding: line, as: UTF8.self)
            // sha256sum marks a name that holds a backslash or a newline by a backslash before the hash.
            let word = text.drop { $0 == "\\" || $0.isWhitespace }.prefix { !$0.isWhitespace }
            guard !word.isEmpty, word.first != "#" else { continue }
            let digits = word.hasPrefix("sha256:") ? word.dropFirst("sha256:".count) : word
            guard digits.utf8.count == 64, digits.allSatisfy({ $0.isHexDigit && $0.isASCII }) else {
                throw CommandFailure("\(name): " + Language.process(Texts.advisoryHash(number + 1)))
            }
            hashes.append(digits.lowercased())
        }
        self.hashes = hashes
    }

    /// An OSV record with one more entry that lists the hashes as a node reads them; the same where there are none.
    package func added(to record: JSONValue) -> JSONValue {
        guard !hashes.isEmpty, case .object(var members) = record else { return record }
        let entry: JSONValue = ["database_specific": ["sha256": .strings(hashes)]]
        members["affected"] = .array((members["affected"]?.arrayValue ?? []) + [entry])
        return .object(members)
    }
}
