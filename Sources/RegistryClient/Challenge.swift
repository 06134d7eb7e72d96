// SPDX-License-Identifier: EUPL-1.2

/// One challenge of a `WWW-Authenticate` header (RFC 9110 §11.6.1).
public struct Challenge: Sendable, Equatable {
    /// `basic`, `bearer`, lower case.
    public var scheme: String
    /// Parameters by lower-case name.
    public var parameters: [String: String]

    /// Makes a challenge.
    public init(scheme: String, parameters: [String: String] = [:]) {
        self.scheme = scheme
        self.parameters = parameters
    }

    /// Reads all challenges of one header value; what cannot be understood is left out.
    public static func parse(_ header: String) -> [Challenge] {
        var scanner = Scanner(header)
        var challenges: [Challenge] = []
        while true {
            scanner.skip { $0 == 0x20 || $0 == 0x09 || $0 == 0x2c }
            let word = scanner.token()
            guard !word.isEmpty else { return challenges }
            scanner.skip { $0 == 0x20 || $0 == 0x09 }
            guard scanner.take(0x3d) else {
                challenges.append(Challenge(scheme: word.lowercased(), parameters: [:]))
                continue
            }
            scanner.skip { $0 == 0x20 || $0 == 0x09 }
            guard let value = scanner.value(), !challenges.isEmpty else { return challenges }
            challenges[challenges.count - 1].parameters[word.lowercased()] = value
        }
    }

    private struct Scanner {
        let bytes: [UInt8]
        var position = 0

        init(_ text: String) { bytes = Array(text.utf8.prefix(8192)) }

        mutating func skip(_ matches: (UInt8) -> Bool) {
            while position < bytes.count, matches(bytes[position]) { position += 1 }
        }

        mutating func take(_ byte: UInt8) -> Bool {
            guard position < bytes.count, bytes[position] == byte else { return false }
            position += 1
            return true
        }

        mutating func token() -> String {
            let start = position
            skip { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
                default: Array("!#$%&'*+-.^_`|~:/".utf8).contains(byte)
                }
            }
            return String(decoding: bytes[start..<position], as: UTF8.self)
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
