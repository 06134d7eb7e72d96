// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Audit
import JSON
import Node
import NodeTestKit
import OCI
import Registry
import TestKit
import Testing
import Time

/// Takedowns, with a whole node: what is given out, to whom, and what still knows the image.
@Suite("Takedowns") struct TakedownTests {
    private static let body: JSONValue = ["reason": "Schadsoftware", "legalReference": "Az. 7 O 123/26"]

    private func propose(_ image: String, _ test: PeopledNode, as client: TestClient) async throws -> Answer {
        var members = Self.body.objectValue ?? [:]
        members["image"] = .string(image)
        return try await test.send("POST", "/takedowns", .object(members), as: client)
    }

    @Test("two operators take an image down: 451 by tag, digest and blob, for everybody; what others share stays")
    func takenDown() async throws {
        try await PeopledNode.run(configure: { $0.analyserExecutable = "/bin/false" }) { test in
            let second = try await test.secondOperator()
            let (maintainer, reader) = (
                try await test.person("pflege", .maintainer), try await test.person("leser", .reader)
            )
            let bad = try await test.push("bund/app", "1.0", layers: ["shared", "bad"], as: test.admins)
            let copy = try await test.push("bund/copy", "1.0", layers: ["shared", "bad"], as: test.admins)
            #expect(copy.digest == bad.digest)
            _ = try await test.push("bund/app", "good", layers: ["shared", "good"], as: test.admins)
            let (shared, only) = (Digest.sha256(Array("shared".utf8)), Digest.sha256(Array("bad".utf8)))
            #expect(try await propose("bund/app@\(bad.digest)", test, as: maintainer).status == 403)
            let asked = try await propose("bund/app@\(bad.digest)", test, as: test.admins)
            #expect(asked.status == 201 && asked.json?["state"]?.stringValue == "proposed", "\(asked.text)")
            let id = try #require(asked.json?["id"]?.intValue)
            #expect(try await propose("bund/copy@\(bad.digest)", test, as: second).status == 409)
            #expect(try await reader.request("GET", "/v2/bund/app/manifests/1.0").status == 200)
            let alone = try await test.send("POST", "/takedowns/\(id)/confirmation", as: test.admins)
            #expect(alone.status == 403 && alone.text.contains("two persons"), "\(alone.text)")
            let agreed = try await test.send("POST", "/takedowns/\(id)/confirmation", as: second)
            #expect(agreed.status == 200 && agreed.json?["state"]?.stringValue == "inForce", "\(agreed.text)")
            for client in [reader, maintainer, test.admins] {
                for path in [
                    "/v2/bund/app/manifests/1.0", "/v2/bund/app/manifests/\(bad.digest)", "/v2/bund/copy/manifests/1.0",
                    "/v2/bund/app/blobs/\(only)",
                ] {
                    let answer = try await client.request("GET", path)
                    #expect(answer.status == 451, "\(path): \(answer.status) \(answer.text)")
                    let error = answer.json?["errors"]?[0]
                    #expect(error?["code"]?.stringValue == "DENIED")
                    #expect(error?["detail"]?["legalReference"]?.stringValue == "Az. 7 O 123/26")
                    #expect(error?["message"]?.stringValue?.contains("Schadsoftware") == true)
                    #expect(try await client.request("HEAD", path).status == 451)
                }
                #expect(try await client.request("GET", "/v2/bund/app/blobs/\(shared)").status == 200)
                #expect(try await client.request("GET", "/v2/bund/app/manifests/good").status == 200)
            }
            // It is not taken in again, nor what is made of it, and its tombstone cannot be removed.
            let again = try await test.push("land/app", "1.0", layers: ["shared", "bad"], as: test.admins)
            #expect(again.answer.status == 451, "\(again.answer.text)")
            let rebuilt = try await test.push("land/app", "1.0", layers: ["shared", "bad", "x"], as: test.admins)
            #expect(rebuilt.answer.status == 451, "\(rebuilt.answer.text)")
            #expect(try await test.admins.request("DELETE", "/v2/bund/app/manifests/\(bad.digest)").status == 451)
            let list = try await test.send("GET", "/takedowns", as: test.admins)
            #expect(list.json?["items"]?[0]?["confirmedBy"]?.stringValue == "zweite", "\(list.text)")
            #expect(try await test.send("GET", "/takedowns", as: reader).status == 403)
        }
    }

    @Test("two operators give it back, one takes back what waits, and every step is on record")
    func reversed() async throws {
        try await PeopledNode.run(configure: { $0.analyserExecutable = "/bin/false" }) { test in
            let second = try await test.secondOperator()
            let child = try await test.push("bund/app", nil, layers: ["bad"], as: test.admins)
            let index = try await test.push("bund/app", "1.0", index: [child.digest], as: test.admins)
            #expect(index.answer.status == 201)
            func status(_ digest: Digest) async throws -> Int {
                try await test.admins.request("GET", "/v2/bund/app/manifests/\(digest)").status
            }
            func step(_ method: String, _ path: String, _ client: TestClient, _ body: JSONValue? = nil) async throws
                -> Int
            {
                try await test.send(method, "/takedowns/\(path)", body, as: client).status
            }
            func down(_ digest: Digest) async throws -> Int {
                let asked = try await propose("bund/app@\(digest)", test, as: test.admins)
                let id = try #require(asked.json?["id"]?.intValue, "\(asked.text)")
                #expect(try await step("POST", "\(id)/confirmation", second) == 200)
                return id
            }
            let asked = try await propose("bund/app@\(child.digest)", test, as: test.admins)
            let withdrawn = try #require(asked.json?["id"]?.intValue)
            #expect(try await step("DELETE", "\(withdrawn)", second) == 204)
            #expect(try await step("POST", "\(withdrawn)/confirmation", second) == 409)
            #expect(try await status(child.digest) == 200)
            // Both the image and its index: giving back one leaves the other.
            let (first, whole) = (try await down(child.digest), try await down(index.digest))
            let reason: JSONValue = ["reason": "Urteil aufgehoben"]
            #expect(try await step("POST", "\(first)/reversal/confirmation", second) == 409)
            #expect(try await step("POST", "\(first)/reversal", second, reason) == 200)
            #expect(try await step("POST", "\(first)/reversal/confirmation", second) == 403)
            #expect(try await step("DELETE", "\(first)", test.admins) == 204)
            #expect(try await step("POST", "\(first)/reversal/confirmation", test.admins) == 409)
            #expect(try await step("POST", "\(first)/reversal", second, reason) == 200)
            #expect(try await step("POST", "\(first)/reversal/confirmation", test.admins) == 200)
            #expect(try await status(child.digest) == 451)
            #expect(try await step("POST", "\(whole)/reversal", test.admins, reason) == 200)
            #expect(try await step("POST", "\(whole)/reversal/confirmation", second) == 200)
            #expect(try await status(index.digest) == 200)
            #expect(try await status(child.digest) == 200)
            let blob = Digest.sha256(Array("bad".utf8))
            #expect(try await test.admins.request("GET", "/v2/bund/app/blobs/\(blob)").status == 200)
            let events = try await AuditLog.list(test.node.node.database, after: 0, limit: 1_000).map(\.action)
            for (action, count) in [
                ("takedown.propose", 3), ("takedown.withdraw", 2), ("takedown.confirm", 2),
                ("takedown.reversal.propose", 3), ("takedown.reversal.confirm", 2),
            ] { #expect(events.filter { $0 == action }.count == count, "\(action)") }
        }
    }

    @Test(
        "what is attached to the image follows it, in every repository, and comes back with it; what others have stays"
    )
    func attached() async throws {
        try await PeopledNode.run(configure: { $0.analyserExecutable = "/bin/false" }) { test in
            let second = try await test.secondOperator()
            let bad = try await test.push("bund/app", "1.0", layers: ["shared", "bad"], as: test.admins)
            let good = try await test.push("bund/app", "good", layers: ["shared", "good"], as: test.admins)
            let bill = try await attach("bill", to: bad.digest, "bund/app", test)
            let ofBill = try await attach("signature", to: bill.digest, "bund/app", test)
            let elsewhere = try await attach("bill elsewhere", to: bad.digest, "land/app", test)
            let list = "sha256-\(bad.digest.hex).att"
            let listed = try await attach("attestation", to: nil, "land/app", tag: list, test)
            let own = try await attach("good bill", to: good.digest, "bund/app", test)
            // An image that somebody gave such a name is still an image everywhere else.
            let name = "sha256-\(bad.digest.hex).sig"
            let copy = try await test.push("land/app", name, layers: ["shared", "good"], as: test.admins)
            #expect(copy.digest == good.digest && copy.answer.status == 201)
            let following = [
                "/v2/bund/app/manifests/\(bill.digest)", "/v2/bund/app/manifests/\(ofBill.digest)",
                "/v2/bund/app/blobs/\(bill.blob)", "/v2/land/app/manifests/\(elsewhere.digest)",
                "/v2/land/app/manifests/\(list)", "/v2/land/app/manifests/\(listed.digest)",
                "/v2/land/app/blobs/\(listed.blob)", "/v2/land/app/manifests/\(name)",
                "/v2/bund/app/referrers/\(bad.digest)", "/v2/land/app/referrers/\(bad.digest)",
            ]
            let staying = [
                "/v2/bund/app/manifests/good", "/v2/bund/app/manifests/\(own.digest)", "/v2/bund/app/blobs/\(own.blob)",
                "/v2/bund/app/blobs/\(Digest.sha256(Array("{}".utf8)))", "/v2/bund/app/referrers/\(good.digest)",
            ]
            func statuses(_ paths: [String]) async throws -> [Int] {
                var found: [Int] = []
                for path in paths { found.append(try await test.admins.request("GET", path).status) }
                return found
            }
            #expect(try await statuses(following + staying) == (following + staying).map { _ in 200 })
            let asked = try await propose("bund/app@\(bad.digest)", test, as: test.admins)
            let id = try #require(asked.json?["id"]?.intValue, "\(asked.text)")
            #expect(try await test.send("POST", "/takedowns/\(id)/confirmation", as: second).status == 200)
            #expect(try await statuses(following) == following.map { _ in 451 })
            #expect(
                Dictionary(uniqueKeysWithValues: zip(staying, try await statuses(staying))).filter { $0.value != 200 }
                    == [:]
            )
            let answer = try await test.admins.request("GET", "/v2/bund/app/referrers/\(bad.digest)")
            #expect(answer.json?["errors"]?[0]?["detail"]?["legalReference"]?.stringValue == "Az. 7 O 123/26")
            // Nothing more is attached to it; images and artefacts of others come as before.
            #expect(try await attach("new", to: bad.digest, "bund/app", test).status == 451)
            #expect(try await attach("new", to: nil, "land/app", tag: list, test).status == 451)
            #expect(try await attach("good signature", to: good.digest, "bund/app", test).status == 201)
            let again = try await test.push("land/other", "1.0", layers: ["shared", "good"], as: test.admins)
            #expect(again.answer.status == 201, "\(again.answer.text)")
            #expect(try await test.admins.request("DELETE", following[0]).status == 451)

            let reason: JSONValue = ["reason": "Urteil aufgehoben"]
            #expect(try await test.send("POST", "/takedowns/\(id)/reversal", reason, as: second).status == 200)
            let back = try await test.send("POST", "/takedowns/\(id)/reversal/confirmation", as: test.admins)
            #expect(back.status == 200, "\(back.text)")
            #expect(try await statuses(following + staying) == (following + staying).map { _ in 200 })
        }
    }

    /// Pushes an artefact with one layer of text, and the empty configuration that every artefact has.
    private func attach(_ text: String, to subject: Digest?, _ name: String, tag: String? = nil, _ test: PeopledNode)
        async throws -> (digest: Digest, blob: Digest, status: Int)
    {
        var parts: [Descriptor] = []
        for (type, text) in [(MediaType.emptyConfig, "{}"), ("text/plain", text)] {
            let (bytes, digest) = (Array(text.utf8), Digest.sha256(Array(text.utf8)))
            let path = "/v2/\(name)/blobs/uploads/?digest=\(digest)"
            #expect(try await test.admins.request("POST", path, body: bytes).status == 201)
            parts.append(Descriptor(mediaType: type, digest: digest, size: Int64(bytes.count)))
        }
        let manifest = ImageManifest(
            artifactType: "text/plain",
            config: parts[0],
            layers: [parts[1]],
            subject: subject.map { Descriptor(mediaType: MediaType.imageManifest, digest: $0, size: 100) }
        ).json.bytes()
        let digest = Digest.sha256(manifest)
        let answer = try await test.admins.request(
            "PUT",
            "/v2/\(name)/manifests/\(tag ?? digest.description)",
            headers: [("Content-Type", MediaType.imageManifest)],
            body: manifest
        )
        return (digest, parts[1].digest, answer.status)
    }
}
