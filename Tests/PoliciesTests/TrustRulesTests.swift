// SPDX-License-Identifier: EUPL-1.2

import Attestations
import Crypto
import JSON
import OCI
import Policies
import TestKit
import Testing
import Time

@Suite("Trust rules") struct TrustRulesTests {
    static func key() throws -> PublicKey {
        try PublicKey(.ecdsaP256SHA256, point: Array(P256.Signing.PrivateKey().publicKey.x963Representation))
    }

    private static func indented(_ text: String, by count: Int) -> String {
        let indent = String(repeating: " ", count: count)
        return text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.isEmpty ? "" : indent + $0 }
            .joined(separator: "\n")
    }

    private static func example(_ first: PublicKey, _ second: PublicKey, _ log: PublicKey) -> String {
        """
        trust:
          threshold: 2
          log: promise
          publishers:
            - name: "Stadtwerke M\u{fc}ller \\x26 S\u{f6}hne \\x7Bi. G.\\x7d"
              contact: security@example.org
              keys:
                - name: releases
                  key: |
        \(indented(first.pem, by: 20))
                  signs: [image, "https://cyclonedx.org/bom"]
                  repositories: ["bund/app", "bund/x-*"]
                  signedAs: [registry.supplier.example/app]
                  validFrom: "2026-01-01T00:00:00Z"
                  validUntil: "2028-01-01T00:00:00Z"
            - name: Amt
              node: true
              keys:
                - name: old
                  key: |
        \(indented(second.pem, by: 20))
                  revokedFrom: "2026-06-01T00:00:00Z"
          logs:
            - name: federal log
              key: |
        \(indented(log.pem, by: 16))
        """
    }

    @Test("the form for people is read, and both forms give the same again")
    func forms() throws {
        let (first, second, log) = (try Self.key(), try Self.key(), try Self.key())
        let policy = try ContentPolicy(yaml: Array(Self.example(first, second, log).utf8))
        let trust = try #require(policy.trust)
        #expect(trust.threshold == 2 && trust.log == .promise)
        #expect(trust.publishers.map(\.name) == ["Stadtwerke Müller & Söhne {i. G.}", "Amt"])
        #expect(trust.publishers.map(\.countsNode) == [false, true])
        #expect(trust.keys.map(\.key.material) == [.key(first), .key(second)])
        #expect(trust.keys[0].key.signs == ["image", "https://cyclonedx.org/bom"])
        #expect(trust.keys[1].key.signs == ["image"])
        #expect(trust.logs.map(\.key) == [log])
        #expect(try ContentPolicy(parsingJSON: policy.json.text()) == policy)
        let yaml = policy.yaml
        #expect(try ContentPolicy(yaml: Array(yaml.utf8)) == policy, "\(yaml)")
        #expect(try ContentPolicy(yaml: Array(yaml.utf8)).yaml == yaml)
    }

    @Test("each key counts where and for what its rule says")
    func policy() throws {
        let (first, second, log) = (try Self.key(), try Self.key(), try Self.key())
        let trust = try #require(
            try ContentPolicy(yaml: Array(Self.example(first, second, log).utf8)).trust
        )
        let own = trust.policy(for: "bund/app")
        #expect(own.keys.map(\.key) == [first, second] && own.threshold == 2 && own.logRequirement == .promise)
        #expect(own.keys[0].terms.claims == [.imageSignature, .predicate("https://cyclonedx.org/bom")])
        #expect(own.keys[0].terms.aliases == ["registry.supplier.example/app"])
        #expect(own.keys[0].terms.validUntil == Timestamp(rfc3339: "2028-01-01T00:00:00Z"))
        #expect(own.keys[1].terms.revokedFrom == Timestamp(rfc3339: "2026-06-01T00:00:00Z"))
        #expect(trust.policy(for: "bund/x-1").keys.count == 2)
        #expect(trust.policy(for: "bund/other").keys.map(\.key) == [second])
    }

    @Test("a key of gpg is read, kept without comments, and written again")
    func openPGP() async throws {
        let home = try TemporaryDirectory("gpg")
        let gpg = try tool("gpg")
        let options = [
            "--homedir", home.path, "--batch", "--no-tty", "--pinentry-mode", "loopback", "--passphrase", "",
        ]
        try await gpg.check(
            options + ["--quick-generate-key", "Release <release@example.org>", "ed25519", "sign", "1y"]
        )
        let block = try await gpg.check(options + ["--armor", "--comment", "a & b: {c}", "--export"])
        _ = try? await tool("gpgconf").run(["--homedir", home.path, "--kill", "all"])
        let value: JSONValue = [
            "trust": ["publishers": [["name": "Amt", "keys": [["name": "gpg", "key": .string(block)]]]]]
        ]
        let policy = try ContentPolicy(json: value)
        let rule = try #require(policy.trust?.keys.first?.key)
        guard case .openPGP(let key, let kept) = rule.material else {
            Issue.record("no OpenPGP key")
            return
        }
        #expect(key.userIDs == ["Release <release@example.org>"] && key.expires != nil)
        #expect(!kept.contains("{") && rule.material.fingerprint.utf8.count == 40)
        #expect(try ContentPolicy(yaml: Array(policy.yaml.utf8)) == policy, "\(policy.yaml)")
        #expect(policy.trust?.policy(for: "a").openPGPKeys.map(\.key) == [key])
    }

    @Test("what nobody can verify with, or what contradicts itself, is refused with its place")
    func refusals() throws {
        let pem = JSONValue.string(try Self.key().pem)
        let other = JSONValue.string(try Self.key().pem)
        func publisher(_ key: JSONValue, _ more: [String: JSONValue] = [:]) -> JSONValue {
            var rule: [String: JSONValue] = ["name": "k", "key": key]
            rule.merge(more) { $1 }
            return ["name": "Amt", "keys": [.object(rule)]]
        }
        let cases: [(JSONValue, String, String)] = [
            (["publishers": []], "trust.publishers", "at least one"),
            (["publisher": []], "trust.publisher", "unknown key"),
            (["publishers": [["name": "Amt"]]], "trust.publishers[0]", "keys"),
            (["publishers": [["node": true]]], "trust.publishers[0].name", "nothing"),
            (["publishers": [["name": " ", "node": true]]], "trust.publishers[0].name", "one line"),
            (["publishers": [["name": "a\u{202e}b", "node": true]]], "trust.publishers[0].name", "one line"),
            (["publishers": [publisher("PEM")]], "trust.publishers[0].keys[0].key", "no public key in PEM"),
            (["publishers": [publisher("-----BEGIN PGP PUBLIC KEY BLOCK-----")]], "keys[0].key", "OpenPGP"),
            (["publishers": [publisher(pem, ["signs": ["everything"]])]], "signs[0]", "predicate type"),
            (["publishers": [publisher(pem, ["signs": ["image", "image"]])]], "signs[1]", "each word once"),
            (["publishers": [publisher(pem, ["repositories": ["A"]])]], "repositories[0]", "pattern"),
            (
                [
                    "publishers": [
                        publisher(pem, ["validFrom": "2027-01-01T00:00:00Z", "validUntil": "2026-01-01T00:00:00Z"])
                    ]
                ], "validUntil", "after validFrom"
            ),
            (["publishers": [publisher(pem)], "threshold": 2], "trust.threshold", "as many as there are keys (1)"),
            (["publishers": [publisher(pem)], "threshold": 0], "trust.threshold", "from 1"),
            (["publishers": [publisher(pem)], "log": "all"], "trust.log", "none, promise, inclusion"),
            (["publishers": [publisher(pem), publisher(other)]], "publishers[1].name", "each publisher once"),
            (
                ["publishers": [publisher(pem), ["name": "B", "keys": [["name": "k", "key": pem]]]]],
                "publishers[1].keys[0]", "each key once"
            ),
            (
                ["publishers": [["name": "A", "node": true], ["name": "B", "node": true]]], "trust.publishers",
                "one publisher at most"
            ),
            (
                [
                    "publishers": [publisher(pem)],
                    "logs": [["name": "a", "key": other], ["name": "b", "key": other]],
                ], "logs[1].key", "each log once"
            ),
        ]
        for (trust, place, reason) in cases {
            let error = #expect(throws: PolicyReadError.self, "\(place)") {
                try ContentPolicy(json: ["trust": trust])
            }
            #expect(error?.path.contains(place) == true, "\(String(describing: error))")
            #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
        }
    }
}
