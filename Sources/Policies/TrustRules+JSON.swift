// SPDX-License-Identifier: EUPL-1.2

internal import Attestations
internal import JSON
internal import Time

extension TrustRules {
    var json: JSONValue {
        [
            "publishers": .array(publishers.map(\.json)), "logs": .array(logs.map(\.json)),
            "threshold": .integer(Int64(threshold)), "log": .string(log.rawValue),
            "builders": .array(builders.map(\.json)),
        ]
    }

    /// Reads the rules strictly; each key once, because the first that fits would decide.
    init(_ fields: PolicyFields) throws(PolicyReadError) {
        try fields.allow(["publishers", "logs", "threshold", "log", "builders"])
        self.init(
            publishers: try fields.objects("publishers").map { (entry) throws(PolicyReadError) in
                try TrustedPublisher(entry)
            },
            logs: try fields.objects("logs").map { (entry) throws(PolicyReadError) in try TrustedLogRule(entry) },
            threshold: try fields.integer("threshold", in: Limits.threshold).map(Int.init) ?? 1,
            log: try fields.word("log", LogDemand.self) ?? .none
        )
        guard !publishers.isEmpty else {
            throw fields.error("publishers", "at least one, or no key \"trust\" at all", "none")
        }
        try checkNames(fields)
        try checkKeys(fields)
        builders = try Self.builders(fields, keys: keys.map(\.key.name) + certificates.map(\.rule.name))
    }

    private func checkNames(_ fields: PolicyFields) throws(PolicyReadError) {
        var names = Set<String>()
        for (index, publisher) in publishers.enumerated() where !names.insert(publisher.name).inserted {
            throw fields.error("publishers[\(index)].name", "each publisher once", "\(publisher.name.forMessage) again")
        }
        guard publishers.count(where: \.countsNode) <= 1 else {
            throw fields.error("publishers", "\"node: true\" at one publisher at most", "several")
        }
        var logKeys = Set<PublicKey>()
        for (index, log) in logs.enumerated() where !logKeys.insert(log.key).inserted {
            throw fields.error("logs[\(index)].key", "each log once", "its key again")
        }
    }

    private func checkKeys(_ fields: PolicyFields) throws(PolicyReadError) {
        var seen = Set<String>()
        for (place, publisher) in publishers.enumerated() {
            for (index, rule) in publisher.keys.enumerated() {
                let path = "publishers[\(place)].keys[\(index)]"
                guard seen.count < Limits.keys else {
                    throw fields.error(path, "at most \(Limits.keys) keys", "more")
                }
                guard seen.insert(rule.material.fingerprint).inserted else {
                    throw fields.error(path, "each key once, under one publisher", "\(rule.name.forMessage) again")
                }
            }
        }
        var certified = Set<String>()
        for (place, publisher) in publishers.enumerated() {
            for (index, rule) in publisher.certificates.enumerated() {
                let path = "publishers[\(place)].certificates[\(index)]"
                guard certified.count < Limits.certificates else {
                    throw fields.error(path, "at most \(Limits.certificates) rules on certificates", "more")
                }
                guard certified.insert(rule.fingerprint).inserted else {
                    throw fields.error(path, "the same roots and identities once", "\(rule.name.forMessage) again")
                }
            }
        }
        let count = seen.count + certified.count + (publishers.contains(where: \.countsNode) ? 1 : 0)
        guard threshold <= count else {
            throw fields.error("threshold", "at most as many as there are keys (\(count))", String(threshold))
        }
    }
}

extension TrustedPublisher {
    fileprivate var json: JSONValue {
        [
            "name": .string(name), "contact": .optional(contact), "node": .bool(countsNode),
            "keys": .array(keys.map(\.json)), "certificates": .array(certificates.map(\.json)),
        ]
    }

    fileprivate init(_ fields: PolicyFields) throws(PolicyReadError) {
        try fields.allow(["name", "contact", "node", "keys", "certificates"])
        self.init(
            name: try fields.demandedName("name"),
            contact: try fields.name("contact"),
            countsNode: try fields.flag("node"),
            keys: try fields.objects("keys").map { (entry) throws(PolicyReadError) in try TrustedKeyRule(entry) },
            certificates: try fields.objects("certificates").map { (entry) throws(PolicyReadError) in
                try TrustedCertificateRule(entry)
            }
        )
        guard countsNode || !keys.isEmpty || !certificates.isEmpty else {
            throw PolicyReadError(
                path: fields.path,
                expected: "\"keys\", \"certificates\" or \"node: true\"",
                found: "none of them"
            )
        }
    }
}

extension TrustedKeyRule {
    fileprivate var json: JSONValue {
        [
            "name": .string(name), "key": .string(material.text), "signs": .strings(signs),
            "repositories": .strings(repositories.map(\.text)), "signedAs": .strings(signedAs),
            "validFrom": .optional(validFrom?.rfc3339), "validUntil": .optional(validUntil?.rfc3339),
            "revokedFrom": .optional(revokedFrom?.rfc3339),
        ]
    }

    fileprivate init(_ fields: PolicyFields) throws(PolicyReadError) {
        try fields.allow([
            "name", "key", "signs", "repositories", "signedAs", "validFrom", "validUntil", "revokedFrom",
        ])
        let signs = try fields.words("signs")
        self.init(
            name: try fields.demandedName("name"),
            material: try Material(fields, "key"),
            signs: signs.isEmpty ? [Self.image] : signs,
            repositories: try fields.repositories("repositories"),
            signedAs: try fields.words("signedAs"),
            validFrom: try fields.instant("validFrom"),
            validUntil: try fields.instant("validUntil"),
            revokedFrom: try fields.instant("revokedFrom")
        )
        if let validFrom, let validUntil, validUntil <= validFrom {
            throw fields.error("validUntil", "an instant after validFrom", validUntil.rfc3339)
        }
        if case .openPGP = material, self.signs != [Self.image] {
            throw fields.error("signs", "\"\(Self.image)\" alone for an OpenPGP key", "other kinds of statements")
        }
        try Self.checkSigns(self.signs, fields)
    }

    /// Refuses words that are neither of the two.
    static func checkSigns(_ signs: [String], _ fields: PolicyFields) throws(PolicyReadError) {
        for (index, word) in signs.enumerated() where word != Self.image && !word.contains("://") {
            throw fields.error("signs[\(index)]", "\"\(Self.image)\" or the URI of a predicate type", word.forMessage)
        }
    }
}

extension TrustedKeyRule.Material {
    /// The key as policies write it; always the same text for one key.
    var text: String {
        switch self {
        case .key(let key): key.pem
        case .openPGP(_, let block): block
        }
    }

    fileprivate init(_ fields: PolicyFields, _ name: String) throws(PolicyReadError) {
        let text = try fields.demandedText(name, atMost: AttestationLimits.keyBytes)
        guard text.contains("-----BEGIN PGP ") else {
            do throws(PublicKeyError) { self = .key(try PublicKey(pem: text)) } catch {
                throw fields.error(name, "a public key in PEM, or an OpenPGP key block", error.description)
            }
            return
        }
        do throws(OpenPGPError) {
            let block = try OpenPGPPublicKey.normalised(block: text)
            let keys = try OpenPGPPublicKey.keys(armored: block)
            guard keys.count == 1 else {
                throw .malformed("there are \(keys.count) keys in the block; write each as an entry of its own")
            }
            self = .openPGP(keys[0], block: block)
        } catch {
            throw fields.error(name, "an OpenPGP key block with one key", error.description.forMessage)
        }
    }
}

extension TrustedLogRule {
    fileprivate var json: JSONValue {
        [
            "name": .string(name), "key": .string(key.pem), "validFrom": .optional(validFrom?.rfc3339),
            "validUntil": .optional(validUntil?.rfc3339),
        ]
    }

    fileprivate init(_ fields: PolicyFields) throws(PolicyReadError) {
        try fields.allow(["name", "key", "validFrom", "validUntil"])
        let text = try fields.demandedText("key", atMost: AttestationLimits.keyBytes)
        let key: PublicKey
        do throws(PublicKeyError) { key = try PublicKey(pem: text) } catch {
            throw fields.error("key", "a public key in PEM", error.description)
        }
        self.init(
            name: try fields.demandedName("name"),
            key: key,
            validFrom: try fields.instant("validFrom"),
            validUntil: try fields.instant("validUntil")
        )
    }
}

extension PolicyFields {
    /// A text of one line for people; nil when it is absent.
    func name(_ key: String) throws(PolicyReadError) -> String? {
        guard has(key) else { return nil }
        let text = try demandedText(key, atMost: TrustRules.Limits.nameBytes)
        guard text.unicodeScalars.contains(where: { !$0.properties.isWhitespace }), text.forMessage == text
        else { throw error(key, "a text of one line, of at most 80 characters without control characters", "another") }
        return text
    }

    func demandedName(_ key: String) throws(PolicyReadError) -> String {
        guard let text = try name(key) else { throw error(key, "a text", "nothing") }
        return text
    }

    /// Words without blanks and without what YAML gives a meaning; each once.
    func words(_ key: String) throws(PolicyReadError) -> [String] {
        var words: [String] = []
        for (index, text) in try texts(key, atMost: TrustRules.Limits.entries).enumerated() {
            let isWord = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !Array("\"\\{}&".utf8).contains($0) }
            guard !text.isEmpty, text.utf8.count <= 256, isWord, !words.contains(text) else {
                throw error(
                    "\(key)[\(index)]",
                    "each word once, of at most 256 characters, without quotes",
                    text.forMessage
                )
            }
            words.append(text)
        }
        return words
    }

    func repositories(_ key: String) throws(PolicyReadError) -> [Glob] {
        var globs: [Glob] = []
        for (index, text) in try texts(key, atMost: ContentPolicy.Limits.patterns).enumerated() {
            do throws(GlobError) { globs.append(try Glob(parsing: text, for: .repository)) } catch {
                throw self.error("\(key)[\(index)]", "a pattern", "\(text.forMessage): \(error)")
            }
        }
        return globs
    }
}
