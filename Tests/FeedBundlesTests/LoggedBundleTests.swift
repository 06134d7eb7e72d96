// SPDX-License-Identifier: EUPL-1.2

import JSON
import Node
import NodeTestKit
import TestKit
import Testing
import Time
import Vulnerabilities

/// Feed bundles whose signatures are in the log of the node that made them, with the program as it is shipped.
@Suite("Feed bundles in the log", .enabled(if: (try? builtProduct("kontor")) != nil, "kontor is not built"))
struct LoggedBundleTests {
    @Test("the node's log has the signatures of an exported bundle, and an import asks for that with the log's keys")
    func logged() async throws {
        try await TestNode.run { node in
            let folder = try TemporaryDirectory("logged")
            defer { folder.remove() }
            let tracker = """
                {"openssl":{"CVE-2026-1000":{"releases":{"bookworm":{"fixed_version":"3.0.2","status":"resolved","urgency":"high"}}}}}
                """
            try node.directory.write(Array(tracker.utf8), to: "feed/tracker.json")
            let report = try await node.node.feeds.importFeeds(
                paths: [node.directory.file("feed")],
                asOf: WallClock.system.now()
            )
            #expect(report.failed.isEmpty)
            try folder.write(Array(node.secret.utf8), to: "secret")
            try folder.write(Array("wrong".utf8), to: "wrong")
            let root = try await node.client.request("GET", "/api/v1/trust-root")
            try folder.write(root.body, to: "root.json")
            let data = node.directory.file("data")
            func kontor(_ arguments: [String]) async throws -> ToolResult {
                try await builtProduct("kontor").run(arguments + ["--lang", "en"], environment: ["HOME": folder.path])
            }
            func export(_ place: String, _ more: [String] = []) async throws -> ToolResult {
                try await kontor(["feeds", "export", "oci:" + folder.file(place), "--data", data] + more)
            }
            func take(_ place: String, root: String = "root.json", _ more: [String] = []) async throws -> ToolResult {
                let store = folder.file("data-\(UInt64.random(in: .min ... .max))")
                return try await kontor(
                    [
                        "feeds", "import", "oci:" + folder.file(place), "--data", store, "--trust-root",
                        folder.file(root),
                    ] + more
                )
            }
            func size() async throws -> Int64? {
                try await node.client.request("GET", "/api/v1/log").json?["size"]?.int64Value
            }
            let before = try #require(try await size())
            let login = ["--node", node.url, "--node-password-file"]
            let made = try await export("with", login + [folder.file("secret")])
            #expect(made.exitCode == 0, "\(made.errorOutput)")
            // The artefact's signature and the index's; one more where it was the first entry of all.
            let entries = try #require(try await size()) - before
            #expect(entries == (before == 0 ? 3 : 2), "\(made.errorOutput)")
            let taken = try await take("with", ["--require-log"])
            #expect(taken.exitCode == 0, "\(taken.errorOutput)")
            #expect(taken.errorOutput.contains("In the node's log since "))

            // Without the log it is a bundle as before; who asks for the log takes it not.
            #expect(try await export("without").exitCode == 0)
            #expect(try await take("without").exitCode == 0)
            let unlogged = try await take("without", ["--require-log"])
            #expect(
                unlogged.exitCode == 1 && unlogged.errorOutput.contains("it is in no log"),
                "\(unlogged.errorOutput)"
            )

            // Another log's key, or none that may ask: refused, and nothing is written.
            guard var members = root.json?.objectValue, let keys = members["keys"]?.arrayValue,
                let other = keys.first(where: { $0["role"]?.stringValue == "verdict" })
            else { return #expect(Bool(false), "no trust root") }
            members["keys"] = .array(
                keys.map { key in
                    guard var changed = key.objectValue, changed["role"] == "log-timestamps" else { return key }
                    for name in ["pem", "fingerprint", "id"] { changed[name] = other[name] }
                    return .object(changed)
                }
            )
            members["trustedRoot"] = nil
            try folder.write(JSONValue.object(members).bytes(), to: "other.json")
            let foreign = try await take("with", root: "other.json")
            #expect(foreign.exitCode == 1, "\(foreign.errorOutput)")
            #expect(foreign.errorOutput.contains("what it says of its log is wrong"), "\(foreign.errorOutput)")
            #expect(try await export("denied", login + [folder.file("wrong")]).exitCode == 2)
            let empty: JSONValue = ["bundle": .object([:])]
            let refused = try await node.client.request(
                "POST",
                "/api/v1/log/feed-bundles",
                headers: [("Content-Type", "application/json")],
                body: empty.bytes()
            )
            #expect(refused.status == 400, "\(refused.text)")
        }
    }
}
