// SPDX-License-Identifier: EUPL-1.2

internal import Crypto

/// Names that nobody can guess: of notices, of messages, and of the right to answer.
package enum NoticeToken {
    private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
    private static let length = 40

    /// 200 random bits as base32 in lower case: no character that a URL, a mail program or a shell takes for its own.
    package static func random() -> String { text(length) }

    /// 130 random bits: a name, not a secret.
    package static func identifier() -> String { text(26) }

    private static func text(_ count: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        return String(
            decoding: (0..<count).map { _ in alphabet[Int.random(in: 0..<32, using: &generator)] },
            as: UTF8.self
        )
    }

    /// What is stored, and found by: the time of a look-up by a hash tells nothing about the token (whoever tries texts cannot choose
    /// their hashes).
    package static func hash(_ token: String) -> [UInt8] { [UInt8](SHA256.hash(data: Array(token.utf8))) }

    /// Whether a text has the form of ``random()``.
    package static func isToken(_ text: String) -> Bool {
        text.utf8.count == length && text.utf8.allSatisfy { alphabet.contains($0) }
    }
}
