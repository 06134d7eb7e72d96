// SPDX-License-Identifier: EUPL-1.2

import SBOM

/// Reads `os-release`.
///
/// Source: os-release(5): shell-like assignments, no expansion.
enum ReleaseFile {
    /// The distribution that the file names; nil when it has no usable `ID`.
    static func distribution(_ bytes: [UInt8]) -> Distribution? {
        var values: [String: String] = [:]
        for line in bytes.prefix(64 << 10).split(separator: 10) {
            let text = String(decoding: line, as: UTF8.self).trimmed
            guard !text.hasPrefix("#"), let equals = text.firstIndex(of: "=") else { continue }
            values[String(text[..<equals])] = unquoted(text[text.index(after: equals)...])
        }
        guard let id = values["ID"], !id.isEmpty, id.utf8.count <= 64,
            id.utf8.allSatisfy({ isIdentifier($0) })
        else { return nil }
        func value(_ key: String) -> String? {
            values[key].flatMap { $0.isEmpty || $0.hasControlCharacter ? nil : String($0.prefix(256)) }
        }
        return Distribution(
            id: id,
            versionID: value("VERSION_ID"),
            codename: value("VERSION_CODENAME"),
            prettyName: value("PRETTY_NAME")
        )
    }

    private static func isIdentifier(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
        }
    }

    private static func unquoted(_ text: Substring) -> String {
        guard let quote = text.first, quote == "\"" || quote == "'", text.count >= 2, text.last == quote else {
            return String(text)
        }
        var out = ""
        var escaped = false
        for character in text.dropFirst().dropLast() {
            if quote == "\"", character == "\\", !escaped {
                escaped = true
                continue
            }
            out.append(character)
            escaped = false
        }
        return out
    }
}
