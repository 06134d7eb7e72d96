// SPDX-License-Identifier: EUPL-1.2

/// One challenge of a `WWW-Authenticate` header.
///
/// Source: RFC 9110, 11.6.1.
package struct Challenge: Sendable, Equatable {
    /// `basic`, `bearer`; in lower case.
    package var scheme: String
    /// Parameters by name in lower case.
    package var parameters: [String: String] = [:]

    /// Makes a challenge.
    package init(scheme: String, parameters: [String: String] = [:]) {
        self.scheme = scheme
        self.parameters = parameters
    }

    /// Reads all challenges of one header's value; it ends at the first thing that cannot be understood.
    package static func parse(_ header: String) -> [Challenge] {
        var reader = Reader(bytes: Array(header.utf8.prefix(8192)))
        var found: [Challenge] = []
        while true {
            reader.skipSeparators()
            guard let word = reader.token() else { return found }
            reader.skipSpaces()
            guard reader.take(0x3d) else {
                found.append(Challenge(scheme: word.lowercased()))
                continue
            }
            reader.skipSpaces()
            // `Scheme token68==` is no parameter; such a scheme is unknown here, and its token is passed over.
            guard let value = reader.value(), !found.isEmpty else { return found }
            found[found.count - 1].parameters[word.lowercased()] = value
        }
    }

    private struct Reader {
        let bytes: [UInt8]
        var position = 0

        mutating func skip(while matches: (UInt8) -> Bool) {
            while position < bytes.count, matches(bytes[position]) { position += 1 }
        }

        mutating func skipSpaces() { skip { $0 == 0x20 || $0 == 0x09 } }

        mutating func skipSeparators() { skip { $0 == 0x20 || $0 == 0x09 || $0 == 0x2c } }

        mutating func take(_ byte: UInt8) -> Bool {
            guard position < bytes.count, bytes[position] == byte else { return false }
            position += 1
            return true
        }

        mutating func token() -> String? {
            let start = position
            skip { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
                // `/` and `:` are no token characters, but some registries write addresses without quotes.
                default: "!#$%&'*+-.^_`|~/:".utf8.contains(byte)
                }
            }
            return start == position ? nil : String(decoding: bytes[start..<position], as: UTF8.self)
        }

        mutating func value() -> String? {
            guard take(0x22) else { return token() }
            var text: [UInt8] = []
            while position < bytes.count {
                let byte = bytes[position]
                position += 1
                if byte == 0x22 { return String(decoding: text, as: UTF8.self) }
                if byte == 0x5c, position < bytes.count {
                    text.append(bytes[position])
                    position += 1
                } else {
                    text.append(byte)
                }
            }
            return nil
        }
    }
}
