// SPDX-License-Identifier: EUPL-1.2

import Criteria

/// Files whose name says that they hold secrets, and what in them is one.
enum SecretFiles {
    /// How a file is read.
    enum Rule: Sendable {
        case shadow, netrc, dockerConfiguration, gitCredentials, pgpass, awsCredentials, keyValues, htpasswd
    }

    /// Something found, with its offset in the file.
    struct Found {
        var rule: String
        var confidence: SecretHit.Confidence
        var offset: Int
        var excerpt: String
    }

    /// The rule for a path; nil for nearly all.
    static func rule(for path: String) -> Rule? {
        let parts = path.split(separator: "/")
        guard let name = parts.last else { return nil }
        let directory = parts.dropLast().last
        switch name {
        case "shadow", "shadow-": return directory == "etc" ? .shadow : nil
        case ".netrc", "_netrc": return .netrc
        case ".dockercfg": return .dockerConfiguration
        case "config.json": return directory == ".docker" ? .dockerConfiguration : nil
        case "auth.json": return directory == "containers" ? .dockerConfiguration : nil
        case ".git-credentials": return .gitCredentials
        case ".pgpass": return .pgpass
        case "credentials": return directory == ".aws" ? .awsCredentials : nil
        case ".my.cnf", ".pypirc", ".npmrc", ".env", ".s3cfg": return .keyValues
        case ".htpasswd", "htpasswd": return .htpasswd
        default: return nil
        }
    }

    /// What the contents hold.
    static func hits(_ rule: Rule, _ contents: [UInt8]) -> [Found] {
        switch rule {
        case .shadow: shadow(contents)
        case .netrc: netrc(contents)
        case .dockerConfiguration: dockerConfiguration(contents)
        case .gitCredentials:
            lines(contents, "git-credentials") { line in
                guard let scheme = line.firstRange(of: "://"), let at = line.lastIndex(of: "@") else { return nil }
                guard scheme.upperBound < at else { return nil }
                let user = line[scheme.upperBound..<at]
                guard let colon = user.firstIndex(of: ":") else { return nil }
                return (String(line[..<scheme.upperBound]), String(user[user.index(after: colon)...]))
            }
        case .pgpass:
            lines(contents, "pgpass") { line in
                let parts = line.split(separator: ":", omittingEmptySubsequences: false)
                return parts.count == 5 ? (String(parts[3]) + ":", String(parts[4])) : nil
            }
        case .awsCredentials:
            lines(contents, "aws-credentials") { line in
                guard let equals = line.firstIndex(of: "=") else { return nil }
                guard String(line[..<equals]).trimmed == "aws_secret_access_key" else { return nil }
                return ("aws_secret_access_key=", String(line[line.index(after: equals)...]).trimmed)
            }
        case .keyValues:
            lines(contents, "password-in-file", .medium) { line in
                guard let equals = line.firstIndex(where: { $0 == "=" || $0 == ":" }) else { return nil }
                let name = String(line[..<equals]).trimmed
                let last =
                    name.split(whereSeparator: { $0 == " " || $0 == "/" || $0 == ":" }).last.map(String.init) ?? ""
                guard last == "_auth" || last == "_password" || Placeholder.isSecretName(last) || last == "password"
                else {
                    return nil
                }
                return (last + "=", String(line[line.index(after: equals)...]).trimmed)
            }
        case .htpasswd:
            lines(contents, "password-hash") { line in
                guard let colon = line.firstIndex(of: ":") else { return nil }
                let hash = line[line.index(after: colon)...]
                return hash.hasPrefix("$") || hash.hasPrefix("{SHA}")
                    ? (String(line[...colon]), "hash" + String(hash)) : nil
            }
        }
    }

    // MARK: - Readers

    private static func lines(
        _ contents: [UInt8],
        _ rule: String,
        _ confidence: SecretHit.Confidence = .high,
        _ read: (Substring) -> (shown: String, secret: String)?
    ) -> [Found] {
        var found: [Found] = []
        forEachLine(contents) { offset, line in
            guard !line.hasPrefix("#"), let (shown, secret) = read(line) else { return }
            let value = secret.split(separator: "\"").first.map(String.init) ?? secret
            guard !Placeholder.isOne(value) else { return }
            found.append(Found(rule: rule, confidence: confidence, offset: offset, excerpt: masked(shown)))
        }
        return found
    }

    private static func shadow(_ contents: [UInt8]) -> [Found] {
        var found: [Found] = []
        forEachLine(contents) { offset, line in
            let parts = line.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count >= 2, !parts[0].isEmpty else { return }
            let field = parts[1]
            if field.isEmpty {
                let shown = "\(parts[0].prefix(32)): (no password needed)"
                found.append(Found(rule: "empty-password", confidence: .high, offset: offset, excerpt: shown))
                return
            }
            let hash = field.drop { $0 == "!" || $0 == "*" }
            let isCrypt = hash.hasPrefix("$") && hash.utf8.count >= 13
            let isTraditional =
                hash.utf8.count == 13 && hash.utf8.allSatisfy { ByteClass.isAlphanumeric($0) || $0 == 46 || $0 == 47 }
            guard isCrypt || isTraditional else { return }
            // A locked account's hash still tells its password to whoever guesses.
            let confidence: SecretHit.Confidence = hash.utf8.count == field.utf8.count ? .high : .medium
            let shown = "\(parts[0].prefix(32)):\(hash.prefix(3))"
            found.append(Found(rule: "password-hash", confidence: confidence, offset: offset, excerpt: masked(shown)))
        }
        return found
    }

    private static func netrc(_ contents: [UInt8]) -> [Found] {
        let words = String(decoding: contents, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        var found: [Found] = []
        for (index, word) in words.enumerated() where word == "password" && index + 1 < words.count {
            guard !Placeholder.isOne(String(words[index + 1])) else { continue }
            found.append(Found(rule: "netrc", confidence: .high, offset: 0, excerpt: masked("password ")))
        }
        return found
    }

    private static func dockerConfiguration(_ contents: [UInt8]) -> [Found] {
        let text = String(decoding: contents, as: UTF8.self)
        var found: [Found] = []
        for key in ["\"auth\"", "\"identitytoken\"", "\"password\""] {
            var rest = text[...]
            while let range = rest.firstRange(of: key) {
                rest = rest[range.upperBound...]
                let value = rest.drop { $0.isWhitespace || $0 == ":" }
                guard value.first == "\"" else { continue }
                let secret = value.dropFirst().prefix { $0 != "\"" }
                guard secret.utf8.count >= 6, !Placeholder.isOne(String(secret)) else { continue }
                let offset = text.utf8.distance(from: text.startIndex, to: range.lowerBound)
                found.append(
                    Found(rule: "docker-auth", confidence: .high, offset: offset, excerpt: masked(key + ": "))
                )
            }
        }
        return found
    }

    private static func forEachLine(_ contents: [UInt8], _ body: (Int, Substring) -> Void) {
        var start = 0
        while start < contents.count {
            let end = contents[start...].firstIndex(of: 10) ?? contents.count
            body(start, Substring(String(decoding: contents[start..<end], as: UTF8.self)))
            start = end + 1
        }
    }

    private static func masked(_ shown: String) -> String { String(shown.prefix(64)) + "********" }
}
