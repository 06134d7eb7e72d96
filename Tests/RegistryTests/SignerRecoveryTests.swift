// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Database
import DurableFiles
import Foundation
import JSON
import Keys
import MerkleLog
import NIOPosix
import Node
import NodeTestKit
import OCI
import TestKit
import Testing
import Time
import Transparency

/// A signer that comes late, goes away or gets other keys while the node runs.
@Suite("A signer that changes", .enabled(if: (try? builtProduct("kontor")) != nil, "kontor is not built"))
struct SignerRecoveryTests {
    /// `kontor signer` as an operator runs it.
    private final class Running {
        let process = Process()

        init(keys: String, socket: String) throws {
            process.executableURL = URL(fileURLWithPath: try builtProduct("kontor").path)
            process.arguments = ["signer", "--keys", keys, "--socket", socket]
            process.standardError = FileHandle.nullDevice
            process.standardOutput = FileHandle.nullDevice
            try process.run()
        }

        func stop() {
            guard process.isRunning else { return }
            process.terminate()
            process.waitUntilExit()
        }

        deinit { stop() }
    }

    private func waitUntil(_ what: String, _ holds: () async throws -> Bool) async throws {
        for _ in 0..<300 {
            if try await holds() { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        Issue.record("\(what): not within 30 seconds")
    }

    @Test("a node whose signer starts after it, goes away and comes back signs without a restart")
    func late() async throws {
        let directory = try TemporaryDirectory("signer")
        let (keys, socket) = (directory.file("keys"), directory.file("signer.sock"))
        try await PeopledNode.run(configure: { $0.signerSocket = socket }) { test in
            func ready() async throws -> String { try await test.nobody.request("GET", "/readyz").text }
            #expect(try await ready() == "ready\nsigner: cannot be reached; the node's log says why\n")
            #expect(test.node.node.log == nil)
            let pushed = try await test.push("bund/app", "candidate", layers: ["a"], as: test.admins)
            let body: JSONValue = ["image": .string("bund/app@\(pushed.digest)"), "tag": "1.0"]
            #expect(try await test.send("POST", "/releases", body, as: test.admins).status == 503)
            #expect(try await test.send("GET", "/log", as: test.admins).json?["state"]?.stringValue == "closed")
            let first = try Running(keys: keys, socket: socket)
            try await waitUntil("the signer answers") { try await !ready().contains("cannot be reached") }
            #expect(try await test.release("bund/app@\(pushed.digest)", "1.0")["state"]?.stringValue == "signed")
            first.stop()
            try await waitUntil("its end is seen") { try await ready().contains("signer: cannot be reached") }
            // Taken, and signed once somebody can.
            let waiting = try await test.send(
                "POST",
                "/releases",
                ["image": body["image"] ?? .null, "tag": "2.0"],
                as: test.admins
            )
            #expect(waiting.status == 202, "\(waiting.text)")
            let second = try Running(keys: keys, socket: socket)
            let id = try #require(waiting.json?["id"]?.intValue)
            try await waitUntil("the release is signed") {
                try await test.admins.request("GET", "/api/v1/releases/\(id)").json?["state"]?.stringValue == "signed"
            }
            second.stop()
        }
    }

    @Test(
        "a rotated key of the log signs without a restart, what it signed before stays verifiable, and a start after it is no contradiction"
    )
    func rotated() async throws {
        let directory = try TemporaryDirectory("rotation")
        defer { directory.remove() }
        let names = try await TestNode.run(directory: directory) { node in
            let log = try #require(node.node.log)
            let entry = LogEntry(kind: "test", namespace: nil, bytes: Array("before".utf8))
            let id = try await node.node.database.write { t in try log.enqueue(entry, in: t) }
            _ = try await log.receipt(for: id, timeout: .seconds(20))
            let old = log.keys
            let store = try KeyStore(directory: node.node.configuration.dataDirectory + "/keys")
            _ = try store.rotate(.logNotes, overlap: .zero)
            try await waitUntil("the new key signs") {
                guard let log = node.node.log, log.keys != old else { return false }
                return try await Self.checkpoint(node).signatures.contains { $0.keyID == log.keys[0].id }
            }
            let now = try #require(node.node.log)
            #expect(now.formerKeys == [old[0]])
            #expect(try await now.status().size == 1)
            let next = LogEntry(kind: "test", namespace: nil, bytes: Array("after".utf8))
            let later = try await node.node.database.write { t in try now.enqueue(next, in: t) }
            let receipt = try await now.receipt(for: later, timeout: .seconds(20))
            #expect(receipt.index == 1)
            #expect(try receipt.verified(entry: next.bytes, by: now.keys).checkpoint.size == 2)
            return (old, now.keys)
        }
        #expect(names.0 != names.1)
        let revoked = try await TestNode.run(directory: directory) { node in
            let log = try #require(node.node.log)
            #expect(try await log.status().freeze == nil)
            #expect(log.keys == names.1)
            #expect(!(try await node.client.request("GET", "/readyz").text).contains("log:"))
            // A revoked key is replaced at once, and counts for nothing but what the directory holds of it.
            let store = try KeyStore(directory: node.node.configuration.dataDirectory + "/keys")
            let active = try #require(try store.records().last { $0.role == .logNotes })
            _ = try store.revoke(active.id, reason: "test")
            try await waitUntil("its successor signs") {
                guard let now = node.node.log, now.keys != log.keys else { return false }
                return try await Self.checkpoint(node).signatures.contains { $0.keyID == now.keys[0].id }
            }
            #expect(node.node.log?.formerKeys.contains(log.keys[0]) == false)
            return log.keys[0]
        }
        try await TestNode.run(directory: directory) { node in
            let log = try #require(node.node.log)
            #expect(try await log.status().freeze == nil)
            #expect(!log.keys.contains(revoked))
        }
    }

    private static func checkpoint(_ node: TestNode) async throws -> SignedNote {
        let answer = try await node.client.anonymous().request("GET", "/log/checkpoint")
        return try SignedNote(parsing: Array(answer.text.utf8))
    }
}
