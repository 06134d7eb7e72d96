// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Attestations
import Audit
import Database
import JSON
import Node
import NodeTestKit
import OCI
import Registry
import TestKit
import Testing
import Time

/// Approvals of authorities, with a whole node and its real signer, and a clock that the test moves.
@Suite("Approvals", .enabled(if: (try? builtProduct("kontor")) != nil, "kontor is not built"))
struct ApprovalTests {
    private static func body(_ image: String, _ end: Timestamp, organisation: String? = nil) -> JSONValue {
        [
            "image": .string(image), "purpose": "Fachverfahren Wohngeld", "until": .string(end.rfc3339),
            "organisation": .optional(organisation),
        ]
    }

    @Test("an approval lets an image through, is announced to end, ends on its day, and leaves grace to who pulled it")
    func expiry() async throws {
        let time = ManualClock(WallClock.system.now())
        try await PeopledNode.run(configure: { $0.clock = time.clock }) { test in
            let pushed = try await test.push("bund/app", "1.0", layers: ["a"], as: test.admins)
            try await test.setPolicy(#"{"pull":[{"approvedBy":"bund","graceDays":7}]}"#)
            let (maintainer, reader) = (
                try await test.person("pflege", .maintainer), try await test.person("leser", .reader)
            )
            let stranger = try await test.person("fremd", nil, in: "land")
            let path = "/v2/bund/app/manifests/1.0"
            let image = "bund/app@\(pushed.digest)"
            let refused = try await reader.request("GET", path)
            #expect(refused.status == 403 && refused.text.contains("bund has not approved"), "\(refused.text)")
            let end = time.clock.now() + .seconds(60 * 86_400)
            let made = try await test.send("POST", "/approvals", Self.body(image, end), as: maintainer)
            #expect(made.status == 201 && made.json?["organisation"]?.stringValue == "bund", "\(made.text)")
            #expect(made.json?["state"]?.stringValue == "inForce")
            let open = try await reader.request("GET", path)
            #expect(open.status == 200 && open.all("Warning").isEmpty)
            time.advance(by: .seconds(31 * 86_400))
            let announced = try await reader.request("GET", path)
            #expect(announced.status == 200)
            #expect(announced.all("Warning").contains { $0.contains("from \(end.rfc3339) on this is refused") })
            try await test.pullsAreKnown(of: pushed.digest, in: "bund/app")
            time.advance(by: .seconds(29 * 86_400))
            let spared = try await reader.request("GET", path)
            #expect(spared.status == 200 && spared.all("Warning").contains { $0.contains("holds until") })
            #expect(try await stranger.request("GET", path).status == 403)
            time.advance(by: .seconds(7 * 86_400))
            #expect(try await reader.request("GET", path).status == 403)
            let list = try await test.send("GET", "/approvals?image=\(image)", as: reader)
            #expect(list.json?["items"]?[0]?["state"]?.stringValue == "expired", "\(list.text)")
        }
    }

    @Test("the statement is kept as it was signed by the key of audits; its purpose is for its organisation alone")
    func statement() async throws {
        try await PeopledNode.run { test in
            let child = try await test.push("bund/app", nil, layers: ["a"], as: test.admins)
            let pushed = try await test.push("bund/app", "1.0", index: [child.digest], as: test.admins)
            let maintainer = try await test.person("pflege", .maintainer)
            let stranger = try await test.person("fremd", .maintainer, in: "land")
            let image = "bund/app@\(pushed.digest)"
            let end = WallClock.system.now() + .seconds(86_400)
            let made = try await test.send("POST", "/approvals", Self.body(image, end), as: maintainer)
            let id = try #require(made.json?["id"]?.intValue)
            let envelope = try DSSEEnvelope(parsing: try #require(made.json?["envelope"]).bytes(.rfc8785))
            let statement = try Attestations.Statement(parsing: envelope.payload)
            #expect(statement.subjects.first?.digests == ["sha256": pushed.digest.hex])
            #expect(statement.predicateType.hasSuffix("/attestations/approval/v1"))
            #expect(statement.predicate["purpose"]?.stringValue == "Fachverfahren Wohngeld")
            #expect(!String(decoding: envelope.payload, as: UTF8.self).contains("pflege"))
            let root = try #require(try await test.nobody.request("GET", "/api/v1/trust-root").json)
            let pem = root["keys"]?.arrayValue?.first { $0["role"]?.stringValue == "audit" }?["pem"]?.stringValue
            let key = try PublicKey(pem: try #require(pem))
            #expect(key.isValidSignature(envelope.signatures[0].bytes, for: envelope.bytesToSign))
            let seen = try await test.send("GET", "/approvals/\(id)", as: stranger)
            #expect(seen.status == 200 && seen.json?["organisation"]?.stringValue == "bund")
            #expect(seen.json?["purpose"] == .null && seen.json?["envelope"] == .null)
            #expect(try await test.send("GET", "/approvals?organisation=bund", as: stranger).status == 403)
            // Images of the index are pulled by their own digest.
            try await test.setPolicy(#"{"pull":[{"approvedBy":"bund"}]}"#)
            let reader = try await test.person("leser", .reader)
            #expect(try await reader.request("GET", "/v2/bund/app/manifests/\(child.digest)").status == 200)
            let ended = try await test.send("POST", "/approvals/\(id)/revocation", ["reason": "Lücke"], as: maintainer)
            #expect(ended.status == 200 && ended.json?["state"]?.stringValue == "revoked", "\(ended.text)")
            // An organisation that pulled it before has a time of grace, as soon as the pull is on record; this one has not.
            let newcomer = try await test.person("neu", .reader, in: "land")
            #expect(try await newcomer.request("GET", "/v2/bund/app/manifests/\(child.digest)").status == 403)
            #expect(
                try await test.send("POST", "/approvals/\(id)/revocation", ["reason": "x"], as: maintainer).status
                    == 409
            )
            let events = try await AuditLog.list(test.node.node.database, after: 0, limit: 1_000).map(\.action)
            #expect(events.contains("approval.give") && events.contains("approval.revoke"))
        }
    }

    @Test("nobody approves for another organisation, for ever, or what is no image")
    func refused() async throws {
        try await PeopledNode.run { test in
            let pushed = try await test.push("bund/app", "1.0", layers: ["a"], as: test.admins)
            let (maintainer, reader) = (
                try await test.person("pflege", .maintainer), try await test.person("leser", .reader)
            )
            let image = "bund/app@\(pushed.digest)"
            let end = WallClock.system.now() + .seconds(86_400)
            func ask(_ body: JSONValue, _ client: TestClient) async throws -> Int {
                try await test.send("POST", "/approvals", body, as: client).status
            }
            #expect(try await ask(Self.body(image, end, organisation: "land"), maintainer) == 403)
            #expect(try await ask(Self.body(image, end), reader) == 403)
            #expect(try await ask(Self.body(image, end + .seconds(1_100 * 86_400)), maintainer) == 400)
            #expect(try await ask(Self.body(image, end - .seconds(2 * 86_400)), maintainer) == 400)
            #expect(try await ask(Self.body("bund/app:1.0", end), maintainer) == 400)
            let missing = "bund/app@\(Digest.sha256([1]))"
            #expect(try await ask(Self.body(missing, end), maintainer) == 404)
            #expect(try await ask(Self.body(image, end), test.admins) == 400)
            #expect(try await ask(Self.body(image, end, organisation: "land"), test.admins) == 201)
        }
    }
}
