// SPDX-License-Identifier: EUPL-1.2

internal import Crypto

/// Generated secrets: enough randomness that one round of SHA-256 is as good as any slow hash.
enum Secret {
    /// How the secrets of tokens begin: what searches files for leaked secrets finds them.
    static let tokenPrefix = "kontor_"
    private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
    private static let length = 52

    /// 32 random bytes as base32 in lower case: no character that a shell, a URL or a command line takes for its own.
    static func generate() -> String { base32(random(32)) }

    /// The secret of a token.
    static func generateToken() -> String { tokenPrefix + generate() }

    /// Whether a text has the form of ``generate()``: what it is checked against depends on this alone, never on the account.
    static func isGenerated(_ text: String) -> Bool {
        text.utf8.count == length && text.utf8.allSatisfy { alphabet.contains($0) }
    }

    /// Whether a text has the form of ``generateToken()``.
    static func isToken(_ text: String) -> Bool {
        text.hasPrefix(tokenPrefix) && isGenerated(String(text.dropFirst(tokenPrefix.count)))
    }

    /// Random bytes of the system's generator.
    static func random(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    static func hash(_ secret: String) -> [UInt8] { [UInt8](SHA256.hash(data: Array(secret.utf8))) }

    /// Compares without ending early: the time tells nothing about the place of the first difference.
    static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for index in left.indices { difference |= left[index] ^ right[index] }
        return difference == 0
    }

    static func base32(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        var buffer: UInt32 = 0
        var bits: UInt32 = 0
        for byte in bytes {
            buffer = buffer << 8 | UInt32(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(alphabet[Int(buffer >> bits & 31)])
            }
        }
        if bits > 0 { text.append(alphabet[Int(buffer << (5 - bits) & 31)]) }
        return String(decoding: text, as: UTF8.self)
    }
}
