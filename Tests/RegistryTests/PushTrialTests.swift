// SPDX-License-Identifier: EUPL-1.2

import Accounts
import JSON
import Node
import NodeTestKit
import OCI
import TestKit
import Testing

/// Rules on pushes that are tried before they hold, with a whole node.
@Suite("Trying rules on pushes out") struct PushTrialTests {
    private static let path = "/namespaces/bund/policy/push-trial"
    private static let bases: JSONValue = ["repository": "bund/app", "bases": ["bund/basis/*"]]

    @Test(
        "a trial tells what is there and what was pushed that the rules would refuse, from when, and what is not known"
    )
    func bases() async throws {
        try await PeopledNode.run(configure: { $0.analyserExecutable = "/bin/false" }) { test in
            let client = test.admins
            _ = try await test.push("bund/basis/debian", "12", layers: ["base"], as: client)
            _ = try await test.push("bund/app", "1.0", layers: ["base", "app"], as: client)
            let wrong = try await test.push("bund/app", "1.1", layers: ["other"], as: client)
            let bare = try await test.push("bund/app", nil, layers: ["bare"], as: client)
            let gone = try await test.push("bund/app", "0.9", layers: ["gone"], as: client)
            #expect(try await client.request("DELETE", "/v2/bund/app/manifests/\(gone.digest)").status == 202)

            let found = try await trial(["push": [Self.bases]], test)
            #expect(counts(found["present"]) == [4, 2, 0, 2, 0])
            #expect(counts(found["pushed"]) == [5, 2, 0, 2, 1])
            let items = found["items"]?.arrayValue ?? []
            #expect(items.count == 5 && found["isCut"] == false && found["next"] == .null)
            let there = items.filter { $0["pushedAt"] == .null }
            #expect(Set(there.compactMap { $0["digest"]?.stringValue }) == ["\(wrong.digest)", "\(bare.digest)"])
            #expect(there.allSatisfy { $0["decision"] == "refused" && $0["rule"] == "push[0]" && $0["from"] == .null })
            let text = there.first?["reason"]?["en"]?.stringValue ?? ""
            #expect(text.contains("does not begin with the layers of an allowed image"), "\(text)")
            let pushed = items.filter { $0["pushedAt"] != .null }
            #expect(pushed.allSatisfy { $0["pushedBy"] == "admin" })
            #expect(Set(pushed.compactMap { $0["tags"]?.text(.compact) }) == [#"["1.1"]"#, "[]", #"["0.9"]"#])
            let lost = pushed.filter { $0["decision"] == "unknown" }
            #expect(lost.compactMap { $0["digest"]?.stringValue } == ["\(gone.digest)"])
            #expect(lost.first?["reason"]?["en"]?.stringValue?.contains("is not there any more") == true)

            // A rule that holds later is announced, with its day.
            var later = Self.bases.objectValue ?? [:]
            later["effectiveFrom"] = "2999-01-01T00:00:00Z"
            let announced = try await trial(["push": [.object(later)]], test)
            #expect(counts(announced["present"]) == [4, 2, 2, 0, 0])
            #expect(counts(announced["pushed"]) == [5, 2, 2, 0, 1])
            let days = (announced["items"]?.arrayValue ?? []).filter { $0["decision"] == "announced" }
            #expect(days.count == 4 && days.allSatisfy { $0["from"] == "2999-01-01T00:00:00Z" })

            // Nothing holds by having been tried, and without rules nothing is refused.
            #expect(try await test.push("bund/app", "1.2", layers: ["more"], as: client).answer.status == 201)
            let inForce = try await trial(nil, test)
            #expect(counts(inForce["present"]) == [5, 5, 0, 0, 0] && inForce["items"]?.arrayValue?.isEmpty == true)
        }
    }

    @Test("tags for released images alone: a trial goes by what was released when the tag was set")
    func released() async throws {
        try await PeopledNode.run { test in
            let pushed = try await test.push("bund/app", "candidate", layers: ["a"], as: test.admins)
            #expect(try await test.push("bund/app", "1.0", layers: ["a"], as: test.admins).answer.status == 201)
            #expect(try await test.release("bund/app@\(pushed.digest)", "2.0")["state"]?.stringValue == "signed")
            let rule: JSONValue = ["tags": ["*"], "except": ["candidate"], "signed": true]
            let found = try await trial(["push": [rule]], test)
            // The tag of the release was set after it was one, the other one before; today the image is released.
            let items = found["items"]?.arrayValue ?? []
            #expect(items.compactMap { $0["tags"]?.text(.compact) } == [#"["1.0"]"#], "\(found.text())")
            #expect(items.first?["decision"] == "refused" && items.first?["pushedAt"] != .null)
        }
    }

    @Test("who may not read a policy tries none; the command shows what is found and counts it")
    func command() async throws {
        try await PeopledNode.run(configure: { $0.analyserExecutable = "/bin/false" }) { test in
            _ = try await test.push("bund/app", "1.0", layers: ["app"], as: test.admins)
            let reader = try await test.person("leser", .reader)
            let empty: JSONValue = ["policy": .object([:])]
            #expect(try await test.send("POST", Self.path, empty, as: reader).status == 403)
            for wrong in [["days": 0], ["days": 366], ["after": "UP"], ["policy": ["push": 1]]] as [JSONValue] {
                #expect(try await test.send("POST", Self.path, wrong, as: test.admins).status == 400, "\(wrong.text())")
            }
            let folder = try TemporaryDirectory("trial")
            defer { folder.remove() }
            try folder.write(Array("push:\n  - bases: [\"bund/basis/*\"]\n".utf8), to: "policy.yaml")
            try folder.write(Array(test.node.secret.utf8), to: "secret")
            let node = ["--node", test.node.url, "--password-file", folder.file("secret")]
            let shown = try await builtProduct("kontor").run(
                ["gate", "try", "bund", folder.file("policy.yaml"), "--rules", "push", "--days", "7"] + node
            )
            #expect(shown.exitCode == 0, "\(shown.errorOutput)")
            let lines = shown.output.split(separator: "\n")
            #expect(lines.count == 2 && lines.allSatisfy { $0.hasPrefix("refused\t-\tbund/app\tsha256:") }, "\(lines)")
            #expect(shown.errorOutput.contains("looked at 1, refused 1"), "\(shown.errorOutput)")
            let trust = try await builtProduct("kontor").run(["gate", "try", "bund", "--rules", "trust"] + node)
            #expect(trust.exitCode == 0, "\(trust.errorOutput)")
            #expect(trust.errorOutput.contains("Images looked at: 1; losing a valid signature: 0"))
        }
    }

    private func trial(_ policy: JSONValue?, _ test: PeopledNode) async throws -> JSONValue {
        let answer = try await test.send("POST", Self.path, ["policy": policy ?? .null], as: test.admins)
        #expect(answer.status == 200, "\(answer.text)")
        return answer.json ?? .null
    }

    private func counts(_ value: JSONValue?) -> [Int] {
        ["looked", "allowed", "announced", "refused", "unknown"].map { value?[$0]?.intValue ?? -1 }
    }
}
