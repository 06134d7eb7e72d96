// SPDX-License-Identifier: EUPL-1.2

import Criteria

/// What a matcher makes of the bytes at a literal.
struct SecretMatch {
    var rule: String
    var confidence: SecretHit.Confidence
    /// First byte of the secret in the window.
    var start: Int
    var length: Int
    /// How many of its first bytes may be shown.
    var shown: Int
}

/// Rules that begin at a literal.
///
/// A rule is `high` only for what is shaped like a working secret: length, alphabet, checksum, body.
enum SecretRules {
    typealias Matcher = @Sendable (SecretWindow) -> SecretMatch?

    /// Bytes before and behind a literal that a matcher may look at.
    static let lookBehind = 1024
    static let lookAhead = 4096

    /// Literal, offset of its three rarest bytes, matcher.
    static let table: [(text: String, anchor: Int, match: Matcher)] = [
        ("-----BEGIN ", 5, privateKey),
        ("PuTTY-User-Key-File-", 0, puttyKey),
        ("AGE-SECRET-KEY-1", 3, { run("age-secret-key", $0, "AGE-SECRET-KEY-1", 58...58, ByteClass.isAlphanumeric) }),
        ("AKIA", 0, awsKey), ("ASIA", 0, awsKey),
        ("ghp_", 1, gitHubToken), ("gho_", 1, gitHubToken), ("ghu_", 1, gitHubToken), ("ghs_", 1, gitHubToken),
        ("ghr_", 1, gitHubToken),
        ("github_pat_", 5, gitHubFineGrained),
        ("glpat-", 2, { run("gitlab-token", $0, "glpat-", 20...64, ByteClass.isBase64URL) }),
        ("glrt-", 0, { run("gitlab-runner-token", $0, "glrt-", 20...64, ByteClass.isBase64URL) }),
        ("gldt-", 0, { run("gitlab-deploy-token", $0, "gldt-", 20...64, ByteClass.isBase64URL) }),
        ("xoxb-", 1, slackToken), ("xoxp-", 1, slackToken), ("xoxa-", 1, slackToken), ("xoxr-", 1, slackToken),
        ("xoxs-", 1, slackToken),
        ("hooks.slack.com/services/", 9, slackHook),
        ("npm_", 1, npmToken),
        ("pypi-AgE", 4, { run("pypi-token", $0, "pypi-", 60...4096, ByteClass.isBase64URL) }),
        ("sk_live_", 2, { run("stripe-key", $0, "sk_live_", 24...128, ByteClass.isAlphanumeric) }),
        ("rk_live_", 2, { run("stripe-key", $0, "rk_live_", 24...128, ByteClass.isAlphanumeric) }),
        ("AIza", 0, { run("google-api-key", $0, "AIza", 35...35, ByteClass.isBase64URL, confidence: .medium) }),
        ("dckr_pat_", 3, { run("docker-hub-token", $0, "dckr_pat_", 27...27, ByteClass.isBase64URL) }),
        ("dop_v1_", 3, { run("digitalocean-token", $0, "dop_v1_", 64...64, ByteClass.isHex) }),
        ("hvs.", 0, { run("vault-token", $0, "hvs.", 90...256, ByteClass.isBase64URL) }),
        ("sk-ant-", 2, { run("anthropic-key", $0, "sk-ant-", 90...128, ByteClass.isBase64URL) }),
        ("SG.", 0, sendGridKey),
        ("AccountKey=", 6, azureKey),
        ("_authToken", 4, npmAuthToken),
        ("client-key-data:", 6, kubernetesKey),
        ("eyJhbGci", 4, webToken), ("eyJ0eXAi", 4, webToken), ("eyJraWQi", 4, webToken),
        ("://", 0, passwordInURL),
    ]

    /// The literals of ``table``.
    static let filter = LiteralFilter(table.map { ($0.text, $0.anchor) })

    // MARK: - Keys

    /// A PEM block with a body.
    ///
    /// The bare `BEGIN` line is part of every program that reads keys.
    private static func privateKey(_ window: SecretWindow) -> SecretMatch? {
        let label = window.start + 11
        let labelLength = window.run(from: label, limit: 48) {
            ByteClass.isUpper($0) || ByteClass.isDigit($0) || $0 == 32
        }
        let text = String(decoding: window.slice(label, labelLength), as: UTF8.self)
        guard text.hasSuffix("PRIVATE KEY") || text == "PGP PRIVATE KEY BLOCK",
            window.has("-----", at: label + labelLength)
        else { return nil }
        var position = label + labelLength + 5
        var isEncrypted = text.hasPrefix("ENCRYPTED")
        guard skipLineEnd(window, &position) else { return nil }
        // Header lines: `Proc-Type: 4,ENCRYPTED`, `Version: …`.
        for _ in 0..<8 {
            let line = window.run(from: position, limit: 200) { $0 != 10 && $0 != 13 && $0 != 92 }
            let bytes = window.slice(position, line)
            guard bytes.contains(UInt8(ascii: ":")) else { break }
            if String(decoding: bytes, as: UTF8.self).contains("ENCRYPTED") { isEncrypted = true }
            position += line
            guard skipLineEnd(window, &position) else { return nil }
        }
        while skipLineEnd(window, &position) {}
        var body: [UInt8] = []
        while body.count < 512 {
            let run = window.run(from: position, limit: 80, ByteClass.isBase64)
            guard run > 0 else { break }
            body += window.slice(position, run)
            position += run
            guard skipLineEnd(window, &position) else { break }
        }
        guard body.count >= 56, ByteClass.entropy(body.prefix(256)) > 4.0 else { return nil }
        let starts = String(decoding: body.prefix(16), as: UTF8.self)
        let isShaped =
            switch text {
            case "OPENSSH PRIVATE KEY": starts == "b3BlbnNzaC1rZXkt"
            case "PGP PRIVATE KEY BLOCK": starts.hasPrefix("l") || starts.hasPrefix("x")
            default: starts.hasPrefix("M")
            }
        guard isShaped else { return nil }
        // bcrypt: the key inside is encrypted with a passphrase.
        if text.hasPrefix("OPENSSH"), !starts.isEmpty {
            let head = String(decoding: body.prefix(64), as: UTF8.self)
            if !head.contains("AAAABG5vbmU") { isEncrypted = true }
        }
        return SecretMatch(
            rule: "private-key",
            confidence: isEncrypted ? .medium : .high,
            start: window.start,
            length: position - window.start,
            shown: 11 + labelLength + 5
        )
    }

    private static func puttyKey(_ window: SecretWindow) -> SecretMatch? {
        guard let digit = window[window.start + 20], digit == 50 || digit == 51,
            window.find("Private-Lines: ", from: window.start, limit: 3500) != nil
        else { return nil }
        let plain = window.find("Encryption: none", from: window.start, limit: 300) != nil
        return SecretMatch(
            rule: "private-key",
            confidence: plain ? .high : .medium,
            start: window.start,
            length: 64,
            shown: 22
        )
    }

    private static func kubernetesKey(_ window: SecretWindow) -> SecretMatch? {
        var position = window.start + 16
        position += window.run(from: position, limit: 8) { $0 == 32 || $0 == 34 }
        let length = window.run(from: position, ByteClass.isBase64)
        // The base64 of "-----BEGIN".
        guard length >= 100, window.has("LS0tLS1CRUdJTi", at: position) else { return nil }
        return SecretMatch(
            rule: "kubernetes-client-key",
            confidence: .high,
            start: window.start,
            length: length + 16,
            shown: 16
        )
    }

    // MARK: - Tokens

    /// A prefix and a run of a class, neither part of something longer, of no placeholder's entropy.
    private static func run(
        _ rule: String,
        _ window: SecretWindow,
        _ prefix: StaticString,
        _ lengths: ClosedRange<Int>,
        _ isMember: (UInt8) -> Bool,
        confidence: SecretHit.Confidence = .high
    ) -> SecretMatch? {
        let start = window.start
        if let before = window[start - 1], ByteClass.isWord(before) { return nil }
        let body = start + prefix.utf8CodeUnitCount
        let length = window.run(from: body, limit: lengths.upperBound + 1, isMember)
        guard lengths.contains(length), isRandom(window.slice(body, length)) else { return nil }
        return SecretMatch(
            rule: rule,
            confidence: confidence,
            start: start,
            length: body - start + length,
            shown: prefix.utf8CodeUnitCount
        )
    }

    /// Not `xxxxxxxx`, `1234567890`, or words: letters and digits, many different ones.
    private static func isRandom(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard bytes.contains(where: ByteClass.isDigit), bytes.contains(where: ByteClass.isLetter) else { return false }
        let text = String(decoding: bytes, as: UTF8.self).lowercased()
        for word in ["example", "xxxx", "abcdef", "123456", "0000", "placeholder", "your"] where text.contains(word) {
            return false
        }
        return ByteClass.entropy(bytes) >= 3.0
    }

    private static func awsKey(_ window: SecretWindow) -> SecretMatch? {
        let start = window.start
        if let before = window[start - 1], ByteClass.isWord(before) { return nil }
        let length = window.run(from: start + 4, limit: 17) { ByteClass.isUpper($0) || ($0 >= 50 && $0 <= 55) }
        guard length == 16, window[start + 20].map({ !ByteClass.isWord($0) }) ?? true,
            !window.has("EXAMPLE", at: start + 13),
            isRandom(window.slice(start + 4, 16)) || ByteClass.entropy(window.slice(start + 4, 16)) > 3.2
        else { return nil }
        // The secret half: exactly 40 characters of base64 near by.
        let region = window.slice(start - 512, 1100)
        var run = 0
        var hasSecret = false
        for index in region.startIndex...region.endIndex {
            if index < region.endIndex, ByteClass.isBase64(region[index]) {
                run += 1
                continue
            }
            if run == 40, isSecretHalf(region[(index - 40)..<index]) { hasSecret = true }
            run = 0
        }
        return SecretMatch(
            rule: "aws-access-key",
            confidence: hasSecret ? .high : .medium,
            start: start,
            length: 20,
            shown: 4
        )
    }

    private static func isSecretHalf(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.contains(where: ByteClass.isUpper) && bytes.contains(where: ByteClass.isLower)
            && bytes.contains(where: ByteClass.isDigit) && ByteClass.entropy(bytes) > 4.0
            && !String(decoding: bytes, as: UTF8.self).hasSuffix("EXAMPLEKEY")
    }

    private static func gitHubToken(_ window: SecretWindow) -> SecretMatch? {
        guard var match = run("github-token", window, "ghp_", 36...36, ByteClass.isAlphanumeric) else { return nil }
        match.confidence = TokenChecksum.holds(window.slice(window.start + 4, 36)) ? .high : .medium
        return match
    }

    private static func npmToken(_ window: SecretWindow) -> SecretMatch? {
        guard var match = run("npm-token", window, "npm_", 36...36, ByteClass.isAlphanumeric) else { return nil }
        match.confidence = TokenChecksum.holds(window.slice(window.start + 4, 36)) ? .high : .medium
        return match
    }

    private static func gitHubFineGrained(_ window: SecretWindow) -> SecretMatch? {
        guard let match = run("github-token", window, "github_pat_", 82...82, ByteClass.isWord),
            window[window.start + 11 + 22] == UInt8(ascii: "_")
        else { return nil }
        return match
    }

    private static func slackToken(_ window: SecretWindow) -> SecretMatch? {
        let first = window.run(from: window.start + 5, limit: 14, ByteClass.isDigit)
        let length = window.run(from: window.start + 5, limit: 255) { ByteClass.isAlphanumeric($0) || $0 == 45 }
        let parts = window.slice(window.start + 5, length).split(separator: 45)
        guard first >= 9, first <= 13, let last = parts.last, parts.count >= 3, last.count >= 20, isRandom(last) else {
            return nil
        }
        return SecretMatch(
            rule: "slack-token",
            confidence: .high,
            start: window.start,
            length: 5 + length,
            shown: 5
        )
    }

    private static func slackHook(_ window: SecretWindow) -> SecretMatch? {
        let body = window.start + 25
        let length = window.run(from: body, limit: 80) { ByteClass.isAlphanumeric($0) || $0 == 47 }
        let parts = window.slice(body, length).split(separator: 47)
        guard parts.count == 3, parts[0].first == 84, parts[1].first == 66, parts[2].count >= 20, isRandom(parts[2])
        else { return nil }
        return SecretMatch(
            rule: "slack-webhook",
            confidence: .high,
            start: window.start,
            length: 25 + length,
            shown: 25
        )
    }

    private static func sendGridKey(_ window: SecretWindow) -> SecretMatch? {
        if let before = window[window.start - 1], ByteClass.isWord(before) { return nil }
        let first = window.run(from: window.start + 3, limit: 23, ByteClass.isBase64URL)
        guard first == 22, window[window.start + 25] == 46 else { return nil }
        let second = window.run(from: window.start + 26, limit: 44, ByteClass.isBase64URL)
        guard second == 43, isRandom(window.slice(window.start + 26, 43)) else { return nil }
        return SecretMatch(rule: "sendgrid-key", confidence: .high, start: window.start, length: 69, shown: 3)
    }

    private static func azureKey(_ window: SecretWindow) -> SecretMatch? {
        let length = window.run(from: window.start + 11, limit: 87, ByteClass.isBase64)
        guard length == 86, window.has("==", at: window.start + 97),
            ByteClass.entropy(window.slice(window.start + 11, 86)) > 4.0
        else { return nil }
        return SecretMatch(rule: "azure-storage-key", confidence: .high, start: window.start, length: 99, shown: 11)
    }

    private static func npmAuthToken(_ window: SecretWindow) -> SecretMatch? {
        var position = window.start + 10
        position += window.run(from: position, limit: 4) { $0 == 32 || $0 == 61 || $0 == 34 }
        guard position > window.start + 10 else { return nil }
        let length = window.run(from: position, limit: 512) { ByteClass.isBase64URL($0) || $0 == 46 }
        guard length >= 20, isRandom(window.slice(position, length)) else { return nil }
        return SecretMatch(
            rule: "npm-auth-token",
            confidence: .high,
            start: window.start,
            length: position - window.start + length,
            shown: 11
        )
    }

    private static func webToken(_ window: SecretWindow) -> SecretMatch? {
        if let before = window[window.start - 1], ByteClass.isBase64URL(before) { return nil }
        let header = window.run(from: window.start, limit: 1024, ByteClass.isBase64URL)
        guard window[window.start + header] == 46 else { return nil }
        let payload = window.run(from: window.start + header + 1, limit: 3000, ByteClass.isBase64URL)
        let second = window.start + header + 1 + payload
        guard payload >= 16, window[second] == 46, window.has("eyJ", at: window.start + header + 1) else { return nil }
        let signature = window.run(from: second + 1, limit: 1024, ByteClass.isBase64URL)
        guard signature >= 32 else { return nil }
        return SecretMatch(
            rule: "json-web-token",
            confidence: .medium,
            start: window.start,
            length: second + 1 + signature - window.start,
            shown: 8
        )
    }

    private static func passwordInURL(_ window: SecretWindow) -> SecretMatch? {
        var scheme = window.start
        while let byte = window[scheme - 1], ByteClass.isAlphanumeric(byte) || byte == 43, window.start - scheme < 16 {
            scheme -= 1
        }
        guard window.start - scheme >= 2 else { return nil }
        func isPart(_ byte: UInt8) -> Bool {
            ByteClass.isAlphanumeric(byte) || "-._~!$&*+,;=%".utf8.contains(byte)
        }
        let user = window.run(from: window.start + 3, limit: 64, isPart)
        let colon = window.start + 3 + user
        guard window[colon] == 58 else { return nil }
        let password = window.run(from: colon + 1, limit: 128, isPart)
        guard password >= 3, window[colon + 1 + password] == 64,
            let host = window[colon + 2 + password], ByteClass.isAlphanumeric(host) || host == 91
        else { return nil }
        let text = String(decoding: window.slice(colon + 1, password), as: UTF8.self)
        guard !Placeholder.isOne(text) else { return nil }
        return SecretMatch(
            rule: "password-in-url",
            confidence: .medium,
            start: scheme,
            length: colon + 2 + password - scheme,
            shown: window.start + 3 - scheme
        )
    }

    /// Skips one line end: CR, LF, or the two characters `\n` of a text inside JSON.
    private static func skipLineEnd(_ window: SecretWindow, _ position: inout Int) -> Bool {
        let start = position
        position += window.run(from: position, limit: 8) { $0 == 32 || $0 == 9 || $0 == 13 }
        if window[position] == 10 {
            position += 1
            position += window.run(from: position, limit: 16) { $0 == 32 || $0 == 9 }
            return true
        }
        if window.has("\\r\\n", at: position) {
            position += 4
            return true
        }
        if window.has("\\n", at: position) {
            position += 2
            return true
        }
        position = start
        return false
    }
}
