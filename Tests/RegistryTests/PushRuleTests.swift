// SPDX-License-Identifier: EUPL-1.2

import Accounts
import JSON
import Node
import NodeTestKit
import OCI
import Registry
import TestKit
import Testing
import Time

/// Rules on pushes, with a whole node: what comes in, and what is said to who pushes something else.
@Suite("Rules on pushes") struct PushRuleFlowTests {
    private func check(_ answer: Answer, refusedBy rule: String, _ text: String) {
        #expect(answer.status == 403, "\(answer.text)")
        let error = answer.json?["errors"]?[0]
        #expect(error?["code"]?.stringValue == "DENIED")
        #expect(error?["detail"]?["rule"]?.stringValue == rule)
        let message = error?["message"]?.stringValue ?? ""
        #expect(message.contains(text) && message.contains("(policy revision 1, \(rule))"), "\(message)")
    }

    @Test("an image is built on an image of the allowed repository: by its layers, whatever it says of itself")
    func bases() async throws {
        try await PeopledNode.run(configure: { $0.analyserExecutable = "/bin/false" }) { test in
            let client = test.admins
            try await test.setPolicy(#"{"push":[{"repository":"bund/app","bases":["bund/basis/*"]}]}"#)
            let base = try await test.push("bund/basis/debian", "12", layers: ["base", "more"], as: client)
            #expect(base.answer.status == 201)
            let good = try await test.push("bund/app", "1.0", layers: ["base", "more", "app"], as: client)
            #expect(good.answer.status == 201, "\(good.answer.text)")
            let wrong = try await test.push("bund/app", "1.1", layers: ["base", "app"], as: client)
            check(wrong.answer, refusedBy: "push[0]", "does not begin with the layers of an allowed image")
            let order = try await test.push("bund/app", nil, layers: ["more", "base", "app"], as: client)
            check(order.answer, refusedBy: "push[0]", "does not begin with")
            let lie = ["org.opencontainers.image.base.digest": base.digest.description]
            let liar = try await test.push("bund/app", nil, layers: ["app"], annotations: lie, as: client)
            check(liar.answer, refusedBy: "push[0]", "does not begin with")
            let said = try await test.push(
                "bund/app",
                nil,
                layers: ["base", "more", "other"],
                annotations: lie,
                as: client
            )
            #expect(said.answer.status == 201, "\(said.answer.text)")
            // Nothing of what was refused is there.
            let list = try await client.request("GET", "/v2/bund/app/tags/list")
            #expect(list.json?["tags"]?.arrayValue?.compactMap(\.stringValue) == ["1.0"])
            #expect(try await client.request("GET", "/v2/bund/app/manifests/\(wrong.digest)").status == 404)
        }
    }

    @Test("an index is judged by each of its images, and refused while one of them cannot be looked at")
    func index() async throws {
        try await PeopledNode.run(configure: { $0.analyserExecutable = "/bin/false" }) { test in
            let client = test.admins
            let base = try await test.push("bund/basis/debian", nil, layers: ["base"], as: client)
            let all = try await test.push("bund/basis/debian", "12", index: [base.digest], as: client)
            #expect(all.answer.status == 201, "\(all.answer.text)")
            let other = try await test.push("bund/app", nil, layers: ["x"], as: client)
            #expect(other.answer.status == 201)
            let rule: JSONValue = ["push": [["repository": "bund/app", "bases": [.string(all.digest.description)]]]]
            try await test.setPolicy(rule.text())
            let good = try await test.push("bund/app", nil, layers: ["base", "app"], as: client)
            #expect(good.answer.status == 201, "\(good.answer.text)")
            #expect(try await test.push("bund/app", "1", index: [good.digest], as: client).answer.status == 201)
            let mixed = try await test.push("bund/app", "2", index: [good.digest, other.digest], as: client)
            check(mixed.answer, refusedBy: "push[0]", "does not begin with")
            let absent = Digest.sha256(Array("absent".utf8))
            let sparse = try await test.push("bund/app", "3", index: [good.digest, absent], as: client)
            check(sparse.answer, refusedBy: "push[0]", "push it before its index")
            // What was there before the rule gets no tag any more.
            let old = try await test.push("bund/app", "4", layers: ["x"], as: client)
            check(old.answer, refusedBy: "push[0]", "does not begin with")
        }
    }

    @Test("types that are not allowed are refused, artefacts among them; other repositories are not asked")
    func types() async throws {
        try await PeopledNode.run(configure: { $0.analyserExecutable = "/bin/false" }) { test in
            try await test.setPolicy(
                #"{"push":[{"repository":"bund/app","mediaTypes":["application/vnd.oci.image.*"]}]}"#
            )
            let image = try await test.push("bund/app", "1.0", layers: ["a"], as: test.admins)
            #expect(image.answer.status == 201)
            let empty = Array("{}".utf8)
            let blob = Descriptor(mediaType: MediaType.emptyConfig, digest: .sha256(empty), size: 2)
            let manifest = ImageManifest(
                artifactType: "application/x.chart",
                config: blob,
                layers: [blob],
                subject: Descriptor(mediaType: MediaType.imageManifest, digest: image.digest, size: 100)
            ).json.bytes()
            for (name, status) in [("bund/app", 403), ("bund/other", 201)] {
                let path = "/v2/\(name)/blobs/uploads/?digest=\(blob.digest)"
                #expect(try await test.admins.request("POST", path, body: empty).status == 201)
                let answer = try await test.admins.request(
                    "PUT",
                    "/v2/\(name)/manifests/\(Digest.sha256(manifest))",
                    headers: [("Content-Type", MediaType.imageManifest)],
                    body: manifest
                )
                #expect(answer.status == status, "\(answer.text)")
                if status == 403 { check(answer, refusedBy: "push[0]", "application/x.chart") }
            }
        }
    }

    @Test("a policy that cannot be read lets nothing in")
    func unreadable() async throws {
        try await PeopledNode.run(configure: { $0.analyserExecutable = "/bin/false" }) { test in
            try await test.setPolicy(#"{"push":[{"mediaTypes":["application/*"]}]}"#)
            try await test.spoilPolicy()
            #expect(try await test.push("bund/app", "1.0", layer: "a", as: test.admins) == 403)
        }
    }
}

@Suite("Releases under rules", .enabled(if: (try? builtProduct("kontor")) != nil, "kontor is not built"))
struct ReleaseRuleTests {
    @Test("tags of releases are for signed images alone, and nobody else pulls what is not signed and logged")
    func released() async throws {
        try await PeopledNode.run { test in
            try await test.setPolicy(
                #"""
                {"push":[{"tags":["*"],"except":["candidate*"],"signed":true}],
                 "pull":[{"signed":true,"logged":true,"graceDays":0}]}
                """#
            )
            let reader = try await test.person("leser", .reader)
            let refused = try await test.push("bund/app", "1.0", layers: ["a"], as: test.admins)
            #expect(refused.answer.status == 403 && refused.answer.text.contains("kontor release"))
            let pushed = try await test.push("bund/app", "candidate-1", layers: ["a"], as: test.admins)
            #expect(pushed.answer.status == 201)
            let path = "/v2/bund/app/manifests/\(pushed.digest)"
            let before = try await reader.request("GET", path)
            #expect(before.status == 403 && before.text.contains("has not released and signed"), "\(before.text)")
            let release = try await test.release("bund/app@\(pushed.digest)", "1.0")
            #expect(release["state"]?.stringValue == "signed", "\(release)")
            #expect(try await reader.request("GET", path).status == 200)
            #expect(try await reader.request("GET", "/v2/bund/app/manifests/1.0").status == 200)
            // Once released, anybody who may move tags can set others to it.
            #expect(try await test.push("bund/app", "1", layers: ["a"], as: test.admins).answer.status == 201)
        }
    }

    @Test("a release of an internal namespace is signed and in no log, and a rule can tell the two apart")
    func unlogged() async throws {
        try await PeopledNode.run { test in
            let pushed = try await test.push("land/app", "candidate", layers: ["a"], as: test.admins)
            let release = try await test.release("land/app@\(pushed.digest)", "1.0")
            #expect(release["state"]?.stringValue == "signed" && release["logged"]?.boolValue == false, "\(release)")
            for (rule, count) in [("signed", 0), ("logged", 1)] {
                let answer = try await test.send(
                    "POST",
                    "/namespaces/land/policy/trial",
                    ["policy": ["pull": [[rule: true]]]],
                    as: test.admins
                )
                #expect(answer.json?["items"]?.arrayValue?.count == count, "\(rule): \(answer.text)")
            }
        }
    }
}
