// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Database
import DurableFiles
import MerkleLog
import Node
import NodeTestKit
import TestKit
import Testing
import Time
import Transparency

/// A node with its signer and its log.
@Suite("The signer and the log of a node") struct SigningNodeTests {
    @Test("a node without a signer says so and serves all the same")
    func without() async throws {
        try await TestNode.run(configure: { $0.analyserExecutable = "/bin/false" }) { node in
            let ready = try await node.client.request("GET", "/readyz")
            #expect(ready.status == 200)
            #expect(ready.text == "ready\nsigner: cannot be started; the node's log says why\n")
            #expect(try await node.client.request("GET", "/v2/").status == 200)
            #expect(node.node.log == nil)
            #expect(try await node.client.anonymous().request("GET", "/log/checkpoint").status == 404)
        }
    }

    @Test("a signer behind a socket that nobody listens at is named as such")
    func socket() async throws {
        try await TestNode.run(configure: { $0.signerSocket = $0.dataDirectory + "/none.sock" }) { node in
            let ready = try await node.client.request("GET", "/readyz")
            #expect(ready.status == 200)
            #expect(ready.text == "ready\nsigner: cannot be reached; the node's log says why\n")
        }
    }
}

@Suite("With a real signer", .enabled(if: (try? builtProduct("kontor")) != nil, "kontor is not built"))
struct RealSignerTests {
    private func enqueue(_ text: String, namespace: String?, _ node: TestNode) async throws -> Int64 {
        let log = try #require(node.node.log)
        let entry = LogEntry(kind: "test", namespace: namespace, bytes: Array(text.utf8))
        return try await node.node.database.write { t in try log.enqueue(entry, in: t) }
    }

    @Test("a node that has stated nothing has keys and no checkpoint, and says that its signer is not isolated")
    func fresh() async throws {
        try await TestNode.run { node in
            let ready = try await node.client.request("GET", "/readyz")
            #expect(ready.status == 200)
            #expect(ready.text.hasPrefix("ready\nsigner: not isolated ("))
            #expect(node.node.log?.keys.map(\.algorithm) == [.ed25519, .ecdsaP256])
            #expect(try await node.client.anonymous().request("GET", "/log/checkpoint").status == 404)
            let files = FileOperations.live
            #expect(try files.statusAt(node.node.configuration.dataDirectory + "/log/checkpoint") == nil)
        }
    }

    @Test(
        "what is stated is in a checkpoint that both keys sign, and the log keeps its name when the node gets another"
    )
    func logged() async throws {
        let directory = try TemporaryDirectory("log")
        defer { directory.remove() }
        let first = try await TestNode.run(directory: directory) { node in
            let log = try #require(node.node.log)
            let id = try await enqueue("first", namespace: nil, node)
            let receipt = try await log.receipt(for: id, timeout: .seconds(20))
            #expect(receipt.index == 0)
            let answer = try await node.client.anonymous().request("GET", "/log/checkpoint")
            #expect(answer.status == 200)
            #expect(answer["Cache-Control"] == "public, max-age=1")
            let note = try SignedNote(parsing: Array(answer.text.utf8))
            #expect(note.signatures.map(\.name) == [log.origin, log.origin])
            return (log.origin, log.keys)
        }
        try await TestNode.run(directory: directory, configure: { $0.publicURL = "https://other.example" }) { node in
            let log = try #require(node.node.log)
            #expect(log.origin == first.0)
            #expect(log.keys == first.1)
            let id = try await enqueue("second", namespace: nil, node)
            #expect(try await log.receipt(for: id, timeout: .seconds(20)).index == 1)
        }
    }

    @Test("what is about an internal namespace, or names a person, is refused")
    func refused() async throws {
        try await PeopledNode.run { test in
            let log = try #require(test.node.node.log)
            _ = try await test.person("erika.beispiel", .reader)
            for (text, namespace) in [("about a namespace", "land"), ("by erika.beispiel", nil as String?)] {
                let id = try await enqueue(text, namespace: namespace, test.node)
                await #expect(throws: TransparencyError.self) { try await log.receipt(for: id, timeout: .seconds(20)) }
                guard case .refused = try await log.entry(id).state else {
                    Issue.record("\"\(text)\" was not refused")
                    continue
                }
            }
        }
    }
}
