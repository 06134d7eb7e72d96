// SPDX-License-Identifier: EUPL-1.2

import Criteria
import OCI

/// Scans what everybody who may pull an image can read in its configuration.
enum ConfigurationSecrets {
    /// Scans environment, labels and history.
    static func scan(_ configuration: ImageConfiguration, into scanner: SecretScanner) {
        for variable in configuration.environment {
            let (name, value) = split(variable)
            scanner.scan(text: value, place: .environment, subject: name)
            if isSecret(name, value) {
                scanner.add("secret-variable", .environment, .high, name, nil, 0, masked(name, value))
            }
        }
        for (name, value) in configuration.labels.sorted(by: { $0.key < $1.key }) {
            scanner.scan(text: value, place: .label, subject: name)
            if isSecret(name, value) { scanner.add("secret-label", .label, .medium, name, nil, 0, masked(name, value)) }
        }
        for (index, entry) in configuration.history.enumerated() {
            guard let text = entry.createdBy else { continue }
            scanner.scan(text: text, place: .history, subject: String(index))
            scan(history: text, index, scanner)
        }
    }

    /// Build arguments (`|1 TOKEN=… /bin/sh -c`), `ENV`, `ARG` and assignments before a command.
    private static func scan(history text: String, _ index: Int, _ scanner: SecretScanner) {
        let words = text.prefix(64 << 10).split(whereSeparator: \.isWhitespace)
        // BuildKit and the classic builder write build arguments as `|<count> NAME=value …` before the command.
        let isDeclared = words.contains { $0 == "ENV" || $0 == "ARG" } || words.first?.hasPrefix("|") == true
        var offset = text.startIndex
        for word in words {
            offset = word.startIndex
            guard let equals = word.firstIndex(of: "=") else { continue }
            let name = String(word[..<equals].drop { $0 == "-" || $0 == "'" || $0 == "\"" })
            let value = String(word[word.index(after: equals)...])
            guard isSecret(name, value) else { continue }
            scanner.add(
                "secret-in-history",
                .history,
                isDeclared ? .high : .medium,
                String(index),
                nil,
                Int64(text.utf8.distance(from: text.startIndex, to: offset)),
                masked(name, value)
            )
        }
    }

    /// A name that ends like a secret's, and a value that is neither a placeholder nor a reference, number or path.
    private static func isSecret(_ name: String, _ value: String) -> Bool {
        guard Placeholder.isSecretName(name) else { return false }
        let text = value.drop { $0 == "\"" || $0 == "'" }
        guard !text.hasPrefix("/"), !Placeholder.isOne(String(text)) else { return false }
        return !(text.utf8.count < 6 && text.utf8.allSatisfy(ByteClass.isDigit))
    }

    private static func split(_ variable: String) -> (String, String) {
        guard let equals = variable.firstIndex(of: "=") else { return (variable, "") }
        return (String(variable[..<equals]), String(variable[variable.index(after: equals)...]))
    }

    private static func masked(_ name: String, _ value: String) -> String {
        let shown = value.utf8.count >= 12 ? String(value.prefix(2)) : ""
        return "\(name.prefix(64))=\(shown)********"
    }
}
