// SPDX-License-Identifier: EUPL-1.2

internal import Attestations
internal import Certificates
internal import Time

extension TrustRules {
    /// The rules as they stand in the form for people, with their key.
    var yaml: String {
        var text = "trust:\n"
        text += "  threshold: \(threshold)\n"
        text += "  log: \"\(log.rawValue)\"\n"
        text += "  publishers:\n"
        for publisher in publishers { text += publisher.yaml }
        if !builders.isEmpty { text += "  builders:\n" + builders.map(\.yaml).joined() }
        guard !logs.isEmpty else { return text }
        text += "  logs:\n"
        for log in logs {
            text += "    - name: \(quoted(log.name))\n"
            text += block("key", log.key.pem, indent: "      ")
            text += instants(
                [("validFrom", log.validFrom), ("validUntil", log.validUntil)],
                indent: "      "
            )
        }
        return text
    }
}

extension TrustedPublisher {
    fileprivate var yaml: String {
        var text = "    - name: \(quoted(name))\n"
        if let contact { text += "      contact: \(quoted(contact))\n" }
        text += "      node: \(countsNode)\n"
        if !keys.isEmpty { text += "      keys:\n" + keys.map(\.yaml).joined() }
        if !certificates.isEmpty { text += "      certificates:\n" + certificates.map(\.yaml).joined() }
        return text
    }
}

extension TrustedCertificateRule {
    fileprivate var yaml: String {
        let indent = "          "
        var text = "        - name: \(quoted(name))\n"
        text += block("roots", roots.pem, indent: indent)
        text += "\(indent)identities: [" + identities.map { quoted($0.description) }.joined(separator: ", ") + "]\n"
        if let oidcIssuer { text += "\(indent)oidcIssuer: \(quoted(oidcIssuer))\n" }
        text += "\(indent)time: \"\(time.rawValue)\"\n"
        if let timestampRoots { text += block("timestampRoots", timestampRoots.pem, indent: indent) }
        if requiresCertificateLog {
            text += "\(indent)sct: required\n\(indent)certificateLogs:\n"
            for log in certificateLogs {
                text += "\(indent)  - |\n"
                text += log.key.pem.split(separator: "\n").map { "\(indent)    \($0)\n" }.joined()
            }
        }
        text += "\(indent)signs: \(flow(signs))\n"
        if !repositories.isEmpty { text += "\(indent)repositories: \(flow(repositories.map(\.text)))\n" }
        if !signedAs.isEmpty { text += "\(indent)signedAs: \(flow(signedAs))\n" }
        return text
            + instants(
                [("validFrom", validFrom), ("validUntil", validUntil), ("revokedFrom", revokedFrom)],
                indent: indent
            )
    }
}

extension TrustedKeyRule {
    fileprivate var yaml: String {
        let indent = "          "
        var text = "        - name: \(quoted(name))\n"
        text += block("key", material.text, indent: indent)
        text += "\(indent)signs: \(flow(signs))\n"
        if !repositories.isEmpty { text += "\(indent)repositories: \(flow(repositories.map(\.text)))\n" }
        if !signedAs.isEmpty { text += "\(indent)signedAs: \(flow(signedAs))\n" }
        return text
            + instants(
                [("validFrom", validFrom), ("validUntil", validUntil), ("revokedFrom", revokedFrom)],
                indent: indent
            )
    }
}

/// A text between quotes; what the reader of this form refuses before it looks at quotes is written by its number.
private func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"", "\\", "&", "{":
            let digits = String(scalar.value, radix: 16)
            result += "\\x" + (digits.count < 2 ? "0" : "") + digits
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}

extension String {
    /// The text between quotes, in the form for people.
    var quotedForYAML: String { quoted(self) }
}

private func flow(_ words: [String]) -> String {
    "[" + words.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
}

/// A text of several lines, line by line.
private func block(_ key: String, _ text: String, indent: String) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return "\(indent)\(key): |\n" + lines.map { $0.isEmpty ? "\n" : "\(indent)  \($0)\n" }.joined()
}

private func instants(_ named: [(String, Timestamp?)], indent: String) -> String {
    named.compactMap { name, instant in instant.map { "\(indent)\(name): \"\($0.rfc3339)\"\n" } }.joined()
}
