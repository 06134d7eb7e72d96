// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Database
import JSON
import Node
import NodeTestKit
import OCI
import Policies
import PullRecords
import Registry
import Testing
import Time

/// The gate on pulls, with a whole node: who gets what, with which words.
@Suite("Gate on pulls") struct GateTests {
    /// A node with one image in `bund` and a rule that it does not meet, set after `bund` pulled it.
    private func withGate(
        rule: String = #"{"level":"gold"}"#,
        _ body: @Sendable @escaping (PeopledNode, _ digest: Digest) async throws -> Void
    ) async throws {
        // No analyser: what the gate knows of the image is what the test says.
        try await PeopledNode.run(configure: { $0.analyserExecutable = "/bin/false" }) { test in
            #expect(try await test.push("bund/app", "1.0", layer: "a", as: test.admins) == 201)
            let name = try RepositoryName(parsing: "bund/app")
            let digest = try #require(try await test.node.node.registry.resolve(name, try Tag(parsing: "1.0")))
            try await test.node.node.database.write { t in
                try Registry.setStanding(t, of: digest, in: name, level: 0, exploited: [], at: WallClock.system.now())
            }
            try await Self.set(rule, test)
            try await body(test, digest)
        }
    }

    private static func set(_ rule: String, _ test: PeopledNode, revision: Int = 0) async throws {
        let answer = try await test.admins.request(
            "PUT",
            "/api/v1/namespaces/bund/policy",
            headers: [("Content-Type", "application/json")],
            body: Array(#"{"policy":{"pull":[\#(rule)]},"expectedRevision":\#(revision),"reason":"test"}"#.utf8)
        )
        #expect(answer.status == 200, "\(answer.text)")
    }

    private static let path = "/v2/bund/app/manifests/1.0"

    @Test("who is new is refused with a sentence and a link; who pulls for nobody in particular too; HEAD as GET")
    func refused() async throws {
        try await withGate { test, digest in
            let reader = try await test.person("leser", .reader)
            for client in [reader, test.nobody] {
                for method in ["GET", "HEAD"] {
                    let answer = try await client.request(method, Self.path)
                    #expect(answer.status == 403, "\(answer.text)")
                    guard method == "GET" else { continue }
                    let error = answer.json?["errors"]?[0]
                    #expect(error?["code"]?.stringValue == "DENIED")
                    let message = error?["message"]?.stringValue ?? ""
                    #expect(message.contains("at least gold is demanded (policy revision 1, pull[0])"), "\(message)")
                    #expect(message.contains("/images/bund/app@\(digest)"), "\(message)")
                    #expect(error?["detail"]?["rule"]?.stringValue == "pull[0]")
                }
                #expect(try await client.request("GET", "/v2/bund/app/manifests/\(digest)").status == 403)
            }
        }
    }

    @Test("who may push gets it with a warning, for somebody has to repair it")
    func publisher() async throws {
        try await withGate { test, _ in
            let publisher = try await test.person("bauer", .publisher)
            let answer = try await publisher.request("GET", Self.path)
            #expect(answer.status == 200)
            #expect(answer.all("Warning").contains { $0.contains("refused to others") })
        }
    }

    @Test("an organisation that pulled the image before the rule is served with a warning, until grace ends")
    func known() async throws {
        // No analyser: what the gate knows of the image is what the test says.
        try await PeopledNode.run(configure: { $0.analyserExecutable = "/bin/false" }) { test in
            #expect(try await test.push("bund/app", "1.0", layer: "a", as: test.admins) == 201)
            let name = try RepositoryName(parsing: "bund/app")
            let digest = try #require(try await test.node.node.registry.resolve(name, try Tag(parsing: "1.0")))
            let database = test.node.node.database
            try await database.write { t in
                try Registry.setStanding(t, of: digest, in: name, level: 3, exploited: [], at: WallClock.system.now())
            }
            try await Self.set(#"{"refuseExploited":true,"graceDays":1}"#, test)
            let known = try await test.person("kennt", .reader, in: "bund")
            let new = try await test.person("neu", nil, in: "land")
            #expect(try await known.request("GET", Self.path).status == 200)
            // The pull is written within a second; only then it is on record.
            let pulls = PullRecords(database: database)
            for _ in 0..<200 where try await pulls.records(of: digest, in: name).isEmpty {
                try await Task.sleep(for: .milliseconds(50))
            }
            try await database.write { t in
                try Registry.setStanding(
                    t,
                    of: digest,
                    in: name,
                    level: 3,
                    exploited: ["CVE-2021-44228"],
                    at: WallClock.system.now()
                )
            }
            let served = try await known.request("GET", Self.path)
            #expect(served.status == 200)
            #expect(served.all("Warning").contains { $0.contains("CVE-2021-44228") && $0.contains("refused from 2") })
            let refused = try await new.request("GET", Self.path)
            #expect(refused.status == 403 && refused.text.contains("CVE-2021-44228"))
            // Without grace nobody but publishers is served.
            try await Self.set(#"{"refuseExploited":true,"graceDays":0}"#, test, revision: 1)
            #expect(try await known.request("GET", Self.path).status == 403)
        }
    }

    @Test("a rule that holds later is announced with every answer")
    func announced() async throws {
        try await withGate(rule: #"{"level":"gold","effectiveFrom":"2999-01-01T00:00:00Z"}"#) { test, _ in
            let answer = try await test.admins.request("GET", Self.path)
            #expect(answer.status == 200)
            #expect(answer.all("Warning").contains { $0.contains("from 2999-01-01T00:00:00Z on this is refused") })
        }
    }

    @Test("an exception needs two persons, is on record, and ends")
    func exceptions() async throws {
        try await withGate { test, digest in
            let (one, two) = (try await test.person("eins", .maintainer), try await test.person("zwei", .maintainer))
            let reader = try await test.person("leser", .reader)
            let base = "/api/v1/namespaces/bund/gate-exceptions"
            let end = (WallClock.system.now() + .seconds(86_400)).rfc3339
            func ask(_ body: String, _ client: TestClient) async throws -> Answer {
                try await client.request(
                    "POST",
                    base,
                    headers: [("Content-Type", "application/json")],
                    body: Array(body.utf8)
                )
            }
            #expect(try await reader.request("GET", Self.path).status == 403)
            let asked = try await ask(#"{"digest":"\#(digest)","reason":"Umstellung","until":"\#(end)"}"#, one)
            #expect(asked.status == 201 && asked.json?["state"]?.stringValue == "requested", "\(asked.text)")
            let id = try #require(asked.json?["id"]?.intValue)
            #expect(try await reader.request("GET", Self.path).status == 403)
            #expect(try await one.request("POST", "\(base)/\(id)/approval", body: []).status == 403)
            #expect(try await reader.request("POST", "\(base)/\(id)/approval", body: []).status == 403)
            #expect(try await two.request("POST", "\(base)/\(id)/approval", body: []).status == 200)
            #expect(try await two.request("POST", "\(base)/\(id)/approval", body: []).status == 409)
            let given = try await reader.request("GET", Self.path)
            #expect(given.status == 200)
            #expect(given.all("Warning").contains { $0.contains("given out by an exception until \(end)") })
            #expect(try await one.request("DELETE", "\(base)/\(id)").status == 204)
            #expect(try await reader.request("GET", Self.path).status == 403)
            let list = try await one.request("GET", base)
            #expect(list.json?["items"]?[0]?["state"]?.stringValue == "ended", "\(list.text)")
            // Breaking the glass: everything, for three days at most.
            let far = (WallClock.system.now() + .seconds(4 * 86_400)).rfc3339
            #expect(try await ask(#"{"reason":"Krise","until":"\#(far)"}"#, one).status == 400)
            let glass = try await ask(#"{"reason":"Krise","until":"\#(end)"}"#, one)
            let number = try #require(glass.json?["id"]?.intValue)
            #expect(try await two.request("POST", "\(base)/\(number)/approval", body: []).status == 200)
            #expect(try await reader.request("GET", Self.path).status == 200)
            #expect(try await one.request("POST", "\(base)/999/approval", body: []).status == 404)
        }
    }

    @Test("a rule can be tried before it is set, and says which images it would refuse")
    func trial() async throws {
        try await withGate(rule: #"{"level":"gold","effectiveFrom":"2999-01-01T00:00:00Z"}"#) { test, digest in
            func trial(_ body: String) async throws -> JSONValue? {
                let answer = try await test.admins.request(
                    "POST",
                    "/api/v1/namespaces/bund/policy/trial",
                    headers: [("Content-Type", "application/json")],
                    body: Array(body.utf8)
                )
                #expect(answer.status == 200, "\(answer.text)")
                return answer.json?["items"]
            }
            let found = try await trial(#"{"policy":{"pull":[{"level":"bronze"}]}}"#)
            #expect(found?[0]?["digest"]?.stringValue == digest.description)
            #expect(found?[0]?["decision"]?.stringValue == "refused")
            #expect(try await trial("{}")?[0]?["decision"]?.stringValue == "announced")
            #expect(try await trial(#"{"policy":{}}"#)?.arrayValue?.isEmpty == true)
        }
    }

    @Test("a policy that cannot be read gives out nothing new")
    func unreadable() async throws {
        try await withGate { test, _ in
            let reader = try await test.person("leser", .reader)
            try await test.node.node.database.write { t in
                _ = try t.execute(
                    Statement("test.spoil", "UPDATE policies SET body = '{', revision = revision + 1"),
                    []
                )
            }
            #expect(try await reader.request("GET", Self.path).status == 403)
        }
    }
}
