// SPDX-License-Identifier: EUPL-1.2

import Accounts
import JSON
import Node
import NodeTestKit
import OCI
import Policies
import Registry
import TestKit
import Testing

extension PeopledNode {
    /// Puts a policy of YAML in force, as the operator.
    @discardableResult
    func rule(_ yaml: String, in name: String = "bund") async throws -> Int64 {
        let namespace = try await accounts.overseen(name, by: admin)
        return try await node.node.registry.setPolicy(
            ContentPolicy(yaml: Array(yaml.utf8)),
            for: namespace,
            expectedRevision: node.node.registry.policy(of: namespace).revision,
            reason: "test",
            by: admin
        )
    }

    /// Changes the database behind the node's back.
    func damage(_ sql: String) async throws {
        try await tool("sqlite3").check([node.node.configuration.dataDirectory + "/kontor.db", sql])
    }

    /// A manifest whose blobs `push` has pushed already.
    func manifest(layer: String) -> [UInt8] {
        let configuration = Array(
            #"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}"#.utf8
        )
        return ImageManifest(
            config: Descriptor(
                mediaType: MediaType.imageConfig,
                digest: .sha256(configuration),
                size: Int64(configuration.count)
            ),
            layers: [
                Descriptor(
                    mediaType: MediaType.layerTar,
                    digest: .sha256(Array(layer.utf8)),
                    size: Int64(layer.utf8.count)
                )
            ]
        ).json.bytes()
    }

    func put(_ bytes: [UInt8], _ name: String, _ reference: String, type: String = MediaType.imageManifest)
        async throws -> Answer
    {
        try await admins.request(
            "PUT",
            "/v2/\(name)/manifests/\(reference)",
            headers: [("Content-Type", type)],
            body: bytes
        )
    }

    func digest(_ name: String, _ tag: String) async throws -> String? {
        try await admins.request("HEAD", "/v2/\(name)/manifests/\(tag)")["docker-content-digest"]
    }
}

@Suite("Rules on content in force") struct PolicyTests {
    private static let immutable = """
        immutableTags:
          - tags:
              - v*
        """

    private static func isRefusal(_ answer: Answer, rule: String = "immutableTags[0]") -> Bool {
        let detail = answer.json?["errors"]?[0]?["detail"]
        return answer.status == 403 && answer.code == "DENIED" && detail?["rule"]?.stringValue == rule
            && detail?["revision"]?.intValue != nil
    }

    @Test("7.2/26: an immutable tag moves by no way: PUT, ?tag=, delete by tag, by digest, delete and push again")
    func immutableTags() async throws {
        try await PeopledNode.run { test in
            #expect(try await test.push("bund/app", "gone", layer: "a", as: test.admins) == 201)
            #expect(try await test.push("bund/app", "v1", layer: "a", as: test.admins) == 201)
            #expect(try await test.push("bund/app", "v0", layer: "a", as: test.admins) == 201)
            #expect(try await test.admins.request("DELETE", "/v2/bund/app/manifests/v0").status == 202)
            #expect(try await test.push("bund/app", "other", layer: "b", as: test.admins) == 201)
            try await test.rule(Self.immutable)
            let before = try await test.digest("bund/app", "v1")
            let other = test.manifest(layer: "b")
            let (a, b) = (Digest.sha256(test.manifest(layer: "a")), Digest.sha256(other))
            // The operator is bound like everybody.
            let put = try await test.put(other, "bund/app", "v1")
            #expect(Self.isRefusal(put) && put.message?.contains("bund/app:v1") == true, "\(put.text)")
            #expect(Self.isRefusal(try await test.put(other, "bund/app", "\(b)?tag=new&tag=v1")))
            #expect(try await test.digest("bund/app", "new") == nil)
            #expect(Self.isRefusal(try await test.admins.request("DELETE", "/v2/bund/app/manifests/v1")))
            #expect(Self.isRefusal(try await test.admins.request("DELETE", "/v2/bund/app/manifests/\(a)")))
            #expect(try await test.digest("bund/app", "gone") == a.description)
            // Deleted before there was the rule: the same comes back, another does not.
            #expect(Self.isRefusal(try await test.put(other, "bund/app", "v0")))
            #expect(try await test.push("bund/app", "v0", layer: "a", as: test.admins) == 201)
            // The same again, for a client that lost the answer.
            #expect(try await test.push("bund/app", "v1", layer: "a", as: test.admins) == 201)
            #expect(try await test.digest("bund/app", "v1") == before)
            // What no rule names moves on, and so does everything elsewhere.
            #expect(try await test.put(other, "bund/app", "gone").status == 201)
            #expect(try await test.push("land/app", "v1", layer: "a", as: test.admins) == 201)
            #expect(try await test.push("land/app", "v1", layer: "b", as: test.admins) == 201)
            // A rule that is gone binds nobody.
            try await test.rule("openUploads: 100")
            #expect(try await test.put(other, "bund/app", "v1").status == 201)
        }
    }

    @Test("7.2/25: a manifest goes by digest only if no tag on it, and none on an index above it, is immutable")
    func deleteByDigest() async throws {
        try await PeopledNode.run { test in
            #expect(try await test.push("bund/app", "amd64", layer: "a", as: test.admins) == 201)
            let part = test.manifest(layer: "a")
            let index = ImageIndex(manifests: [
                Descriptor(mediaType: MediaType.imageManifest, digest: .sha256(part), size: Int64(part.count))
            ]).json.bytes()
            let outer = ImageIndex(manifests: [
                Descriptor(mediaType: MediaType.imageIndex, digest: .sha256(index), size: Int64(index.count))
            ]).json.bytes()
            #expect(
                try await test.put(index, "bund/app", "\(Digest.sha256(index))", type: MediaType.imageIndex).status
                    == 201
            )
            #expect(try await test.put(outer, "bund/app", "v1", type: MediaType.imageIndex).status == 201)
            try await test.rule(Self.immutable)
            for bytes in [part, index, outer] {
                let answer = try await test.admins.request("DELETE", "/v2/bund/app/manifests/\(Digest.sha256(bytes))")
                #expect(Self.isRefusal(answer), "\(answer.text)")
                #expect(try await test.digest("bund/app", "\(Digest.sha256(bytes))") != nil)
            }
            try await test.rule("openUploads: 100")
            for bytes in [outer, index, part] {
                let path = "/v2/bund/app/manifests/\(Digest.sha256(bytes))"
                #expect(try await test.admins.request("DELETE", path).status == 202)
            }
        }
    }

    @Test("7.2/26: of many who set an immutable tag at once, one does")
    func race() async throws {
        try await PeopledNode.run { test in
            try await test.rule(Self.immutable)
            for number in 0..<20 {
                #expect(try await test.push("bund/app", "x\(number)", layer: "\(number)", as: test.admins) == 201)
            }
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<20 {
                    let bytes = test.manifest(layer: "\(number)")
                    group.addTask { try await test.put(bytes, "bund/app", "v1").status }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.filter { $0 == 201 }.count == 1 && statuses.filter { $0 == 403 }.count == 19)
        }
    }

    @Test(
        "a policy that cannot be read allows nothing new, those who push there go on reading, and only operators replace it"
    )
    func unreadable() async throws {
        try await PeopledNode.run { test in
            let maintainer = try await test.person("mia", .maintainer)
            #expect(try await test.push("bund/app", "1", layer: "a", as: test.admins) == 201)
            try await test.rule(Self.immutable)
            try await test.damage("UPDATE policies SET body = '{\"immutableTags\":[],\"future\":1}'")
            // It might say what may be pulled: nobody new gets it, those who push there do, with the reason.
            #expect(Self.isRefusal(try await test.nobody.request("GET", "/v2/bund/app/manifests/1"), rule: ""))
            let read = try await maintainer.request("GET", "/v2/bund/app/manifests/1")
            #expect(read.status == 200 && read.all("Warning").contains { $0.contains("refused to others") })
            #expect(Self.isRefusal(try await test.put(test.manifest(layer: "a"), "bund/app", "2"), rule: ""))
            let begin = try await test.admins.request("POST", "/v2/bund/app/blobs/uploads/", body: [])
            #expect(Self.isRefusal(begin, rule: ""))
            #expect(Self.isRefusal(try await test.admins.request("DELETE", "/v2/bund/app/manifests/1"), rule: ""))
            let shown = try await maintainer.request("GET", "/api/v1/namespaces/bund/policy")
            #expect(shown.json?["policy"]?.isNull == true && shown.json?["revision"]?.intValue == 1)
            let body = Array(#"{"policy":{},"expectedRevision":1,"reason":"repair"}"#.utf8)
            for (client, status) in [(maintainer, 403), (test.admins, 200)] {
                let answer = try await client.request(
                    "PUT",
                    "/api/v1/namespaces/bund/policy",
                    headers: [("Content-Type", "application/json")],
                    body: body
                )
                #expect(answer.status == status, "\(answer.text)")
            }
            #expect(try await test.put(test.manifest(layer: "a"), "bund/app", "2").status == 201)
        }
    }

    @Test("a bound on open uploads holds for everybody in the namespace, and each that ends makes room")
    func openUploads() async throws {
        try await PeopledNode.run { test in
            try await test.rule("openUploads: 2")
            func begin() async throws -> Answer {
                try await test.admins.request("POST", "/v2/bund/app/blobs/uploads/", body: [])
            }
            let first = try await begin()
            #expect(first.status == 202)
            #expect(try await begin().status == 202)
            #expect(Self.isRefusal(try await begin(), rule: "openUploads"))
            #expect(try await test.push("bund/app", "1", layer: "a", as: test.admins) == 403)
            #expect(try await test.admins.request("POST", "/v2/land/app/blobs/uploads/", body: []).status == 202)
            #expect(try await test.admins.request("DELETE", first["location"] ?? "").status == 204)
            #expect(try await test.push("bund/app", "1", layer: "a", as: test.admins) == 201)
            #expect(try await begin().status == 202)
        }
    }

    @Test("the policy over the API: set, seen, kept as revisions; who may do what; no lost update")
    func overTheAPI() async throws {
        try await PeopledNode.run { test in
            let maintainer = try await test.person("mia", .maintainer)
            let reader = try await test.person("rita", .reader)
            let stranger = try await test.person("sven", nil, in: "land")
            let secret = try await test.accounts.createPerson(
                "otto",
                organisation: nil,
                nodeRole: .auditor,
                by: test.admin
            )
            let auditor = test.node.client.basic("otto:\(secret)")
            func send(_ client: TestClient, _ method: String, _ path: String, _ body: String? = nil) async throws
                -> Answer
            {
                try await client.request(
                    method,
                    "/api/v1/namespaces/" + path,
                    headers: body == nil ? [] : [("Content-Type", "application/json")],
                    body: body.map { Array($0.utf8) }
                )
            }
            let rules = #"{"immutableTags":[{"tags":["v*"]}],"retention":[{"keep":[{"newest":1}]}]}"#
            func body(_ policy: String, _ expected: Int) -> String {
                #"{"policy":\#(policy),"expectedRevision":\#(expected),"reason":"as decided"}"#
            }
            let empty = try await send(maintainer, "GET", "bund/policy")
            #expect(empty.status == 200 && empty.json?["revision"]?.intValue == 0)
            #expect(empty.json?["usage"]?["used"]?.isNull == true)
            let set = try await send(maintainer, "PUT", "bund/policy", body(rules, 0))
            #expect(set.status == 200 && set.json?["revision"]?.intValue == 1, "\(set.text)")
            #expect(try await send(maintainer, "PUT", "bund/policy", body(rules, 0)).status == 409)
            // The quota is the node's: neither set nor taken away by maintainers.
            let quota = #"{"quotaBytes":1000000}"#
            #expect(try await send(maintainer, "PUT", "bund/policy", body(quota, 1)).status == 403)
            #expect(try await send(test.admins, "PUT", "bund/policy", body(quota, 1)).status == 200)
            #expect(try await send(maintainer, "PUT", "bund/policy", body(rules, 2)).status == 403)
            let both = String(rules.dropLast()) + #","quotaBytes":1000000}"#
            #expect(try await send(maintainer, "PUT", "bund/policy", body(both, 2)).status == 200)
            let full = try await send(auditor, "GET", "bund/policy")
            #expect(full.json?["policy"]?["quotaBytes"]?.intValue == 1_000_000)
            #expect(full.json?["usage"]?["limit"]?.intValue == 1_000_000)
            #expect(full.json?["usage"]?["used"]?.intValue == 0)
            let history = try await send(auditor, "GET", "bund/policy/history?limit=2")
            #expect(history.json?["items"]?.arrayValue?.compactMap { $0["revision"]?.intValue } == [3, 2])
            let cursor = history.json?["next"]?.stringValue ?? ""
            let rest = try await send(auditor, "GET", "bund/policy/history?limit=2&cursor=\(cursor)")
            #expect(rest.json?["items"]?[0]?["createdBy"] == "mia" && rest.json?["next"]?.isNull == true)
            for (client, status) in [(reader, 403), (stranger, 403), (test.nobody, 401)] {
                #expect(try await send(client, "GET", "bund/policy").status == status)
                #expect(try await send(client, "PUT", "bund/policy", body(rules, 3)).status == status)
                #expect(try await send(client, "POST", "bund/retention").status == status)
            }
            // A namespace that may not be seen is as good as absent.
            #expect(try await send(reader, "GET", "land/policy").status == 404)
            #expect(try await send(auditor, "PUT", "bund/policy", body(rules, 3)).status == 403)
            #expect(try await send(auditor, "POST", "bund/retention").status == 403)
            #expect(try await send(auditor, "GET", "bund/retention").status == 200)
            for bad in [#"{"immutable":[]}"#, #"{"quotaBytes":-1}"#, #"{"retention":[{"keep":[]}]}"#, "[]"] {
                #expect(try await send(test.admins, "PUT", "bund/policy", body(bad, 3)).status == 400, "\(bad)")
            }
            #expect(try await send(test.admins, "GET", "bund/policy").json?["revision"]?.intValue == 3)
        }
    }
}
