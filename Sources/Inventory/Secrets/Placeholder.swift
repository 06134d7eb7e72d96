// SPDX-License-Identifier: EUPL-1.2

/// Values that stand for a secret without being one.
enum Placeholder {
    /// Whether `value` is empty, a reference to a variable or a file, or a word that asks to be replaced.
    static func isOne(_ value: String) -> Bool {
        let text = value.trimmed.lowercased()
        guard text.utf8.count >= 3, let first = text.first else { return true }
        if "$<{[%*/@(".contains(first) || text.hasSuffix("}") || text.hasSuffix(">") { return true }
        if Set(text).count <= 2 { return true }
        if words.contains(text) { return true }
        return fragments.contains { text.contains($0) }
    }

    /// Names of variables that hold a secret: the end of the name decides, so that `PASSWORD_FILE` is none.
    static func isSecretName(_ name: String) -> Bool {
        let text = String(name.lowercased().map { $0 == "-" || $0 == "." ? "_" : $0 })
        guard text.utf8.count > 3, text.utf8.count < 256 else { return false }
        return endings.contains { text.hasSuffix($0) } || (text.hasSuffix("_pass") || text.hasSuffix("_pwd"))
    }

    private static let endings = [
        "password", "passwd", "passphrase", "secret", "token", "apikey", "api_key", "secret_key", "private_key",
        "access_key", "signing_key", "encryption_key", "auth_key", "secret_key_base", "account_key",
    ]

    private static let words: Set<String> = [
        "password", "passwd", "pass", "secret", "token", "none", "null", "nil", "true", "false", "yes", "undefined",
        "test",
        "todo", "tbd", "string", "empty", "unset", "value", "user", "username",
    ]

    private static let fragments = [
        "changeme", "change-me", "change_me", "replaceme", "replace-me", "replace_me", "example", "placeholder",
        "your-",
        "your_", "yourpass", "xxxx", "dummy", "redacted", "...", "****",
    ]
}
