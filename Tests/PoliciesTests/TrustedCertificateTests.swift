// SPDX-License-Identifier: EUPL-1.2

import Attestations
import Certificates
import JSON
import Policies
import TestKit
import Testing
import Time

@Suite("Rules on certificates") struct TrustedCertificateTests {
    private let roots: JSONValue
    private let leaf: JSONValue
    private let key: JSONValue

    init() throws {
        let made = try CertificateWorld(around: Timestamp(seconds: 1_795_310_000)).made().map {
            try Certificate(der: $0)
        }
        roots = .string(made[2].pem + made[1].pem)
        leaf = .string(made[0].pem)
        key = .string(made[1].key.pem)
    }

    private func rule(_ more: [String: JSONValue] = [:]) -> JSONValue {
        var rule: [String: JSONValue] = [
            "name": "ci", "roots": roots, "oidcIssuer": "https://login.example",
            "identities": ["email:release@example.org", "uri:https://forge.example/gov/*/build@refs/tags/*"],
        ]
        rule.merge(more) { $1 }
        return .object(rule)
    }

    private func policy(_ rules: [JSONValue], _ more: [String: JSONValue] = [:]) throws -> ContentPolicy {
        var trust: [String: JSONValue] = ["publishers": [["name": "Amt", "certificates": .array(rules)]]]
        trust.merge(more) { $1 }
        return try ContentPolicy(json: ["trust": .object(trust)])
    }

    @Test("a rule is read, written in both forms, and made into whom to believe")
    func forms() throws {
        let full = rule([
            "time": "timestamp", "timestampRoots": roots, "sct": "required", "certificateLogs": [key],
            "signs": ["image", "https://slsa.dev/provenance/v1"], "repositories": ["bund/*"],
            "signedAs": ["registry.example.org/app"], "validFrom": "2026-01-01T00:00:00Z",
            "validUntil": "2027-01-01T00:00:00Z", "revokedFrom": "2026-12-01T00:00:00Z",
        ])
        for rule in [rule(), full] {
            let policy = try policy([rule])
            #expect(try ContentPolicy(parsingJSON: policy.json.text()) == policy)
            #expect(try ContentPolicy(yaml: Array(policy.yaml.utf8)) == policy, "\(policy.yaml)")
        }
        let plain = try #require(try policy([rule()]).trust?.policy(for: "bund/app").authorities.first)
        #expect(plain.time == .either && !plain.requiresCertificateLog && plain.timestampRoots.isEmpty)
        #expect(plain.roots.roots.count == 1 && plain.roots.intermediates.count == 1)
        #expect(plain.terms.publisher == "Amt" && plain.terms.claims == [.imageSignature])
        let trust = try #require(try policy([full]).trust)
        let authority = try #require(trust.policy(for: "bund/app").authorities.first)
        #expect(authority.time == .timestamp && authority.requiresCertificateLog && authority.timestampRoots.count == 1)
        #expect(authority.terms.revokedFrom == Timestamp(rfc3339: "2026-12-01T00:00:00Z"))
        #expect(authority.fingerprint == trust.certificates[0].rule.fingerprint)
        #expect(trust.policy(for: "land/app").authorities.isEmpty)
        // One rule is one signer, whatever its keys.
        #expect(throws: PolicyReadError.self) { try policy([rule()], ["threshold": 2]) }
        #expect(throws: Never.self) { try policy([rule(), rule(["identities": ["dns:b.example"]])], ["threshold": 2]) }
    }

    @Test("a rule stands in the builder trust table by its name, and says whether it is for some repositories")
    func signers() throws {
        let builders: JSONValue = [
            [
                "id": "https://build.example/isolated/v1", "keys": ["ci"], "level": 2, "operatedBy": "Plattform",
                "buildType": "https://build.example/type/v1",
            ]
        ]
        let trust = try #require(try policy([rule()], ["builders": builders]).trust)
        let fingerprint = trust.certificates[0].rule.fingerprint
        #expect(trust.builder("https://build.example/isolated/v1", signedBy: fingerprint)?.level == 2)
        #expect(trust.builder("https://build.example/isolated/v1", signedBy: "sha256:00") == nil)
        #expect(!trust.isLimited(fingerprint) && trust.isLimited("sha256:00"))
        let limited = try #require(try policy([rule(["repositories": ["bund/app"]])]).trust)
        #expect(limited.isLimited(fingerprint))
        #expect(throws: PolicyReadError.self) { try policy([rule(["name": "other"])], ["builders": builders]) }
    }

    @Test("what would believe too much, or nothing, is refused with its place")
    func refusals() throws {
        let cases: [([String: JSONValue], String)] = [
            (["roots": leaf], "roots"), (["roots": key], "roots"), (["roots": "PEM"], "roots"),
            (["identities": []], "identities"), (["identities": ["email:*"]], "identities[0]"),
            (["identities": ["release@example.org"]], "identities[0]"),
            (["identities": ["uri:https://*/x"]], "identities[0]"), (["oidcIssuer": ""], "oidcIssuer"),
            (["time": "signer"], "time"), (["time": "timestamp"], "timestampRoots"),
            (["sct": "required"], "certificateLogs"), (["certificateLogs": [key]], "certificateLogs"),
            (["sct": "required", "certificateLogs": ["x"]], "certificateLogs[0]"), (["signs": ["all"]], "signs[0]"),
            (["issuer": "x"], "issuer"),
            (["validFrom": "2027-01-01T00:00:00Z", "validUntil": "2026-01-01T00:00:00Z"], "validUntil"),
        ]
        for (more, place) in cases {
            let error = #expect(throws: PolicyReadError.self, "\(place)") { try policy([rule(more)]) }
            #expect(
                error?.path == "trust.publishers[0].certificates[0].\(place)",
                "\(String(describing: error))"
            )
        }
        let twice = #expect(throws: PolicyReadError.self) { try policy([rule(), rule(["name": "other"])]) }
        #expect(twice?.path == "trust.publishers[0].certificates[1]")
        let many = (0..<17).map { rule(["identities": ["dns:\($0).example"]]) }
        #expect(throws: PolicyReadError.self) { try policy(many) }
    }
}
