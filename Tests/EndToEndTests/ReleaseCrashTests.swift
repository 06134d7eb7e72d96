// SPDX-License-Identifier: EUPL-1.2

import Foundation
import JSON
import NodeTestKit
import TestKit
import Testing

/// The log under power cuts and after a restore, with the built program.
@Suite(
    "The log, cut off and restored",
    .serialized,
    .enabled(if: (try? builtProduct("kontor")) != nil, "kontor is not built")
)
struct ReleaseCrashTests {
    private struct Acknowledged: Sendable {
        let id: Int
        let signatures: JSONValue
        let indices: [Int]
    }

    /// Keys of the node's log, as `kontor log verify` takes them.
    private static func keys(_ node: NodeProcess) async throws -> [String] {
        let root = try await node.client(nil).request("GET", "/api/v1/trust-root").json
        return (root?["logKeys"]?.arrayValue ?? []).compactMap(\.stringValue).flatMap { ["--key", $0] }
    }

    /// Makes the public namespace `cut`, whose releases are logged, and one image in it.
    private static func prepare(_ node: NodeProcess, _ directory: TemporaryDirectory) async throws -> String {
        try await node.ask("PUT", "/organisations/cut", ["title": "cut", "kind": "federal"])
        try await node.ask("PUT", "/namespaces/cut", ["organisation": "cut", "public": true])
        return try await node.pushSmall("cut/app:candidate", files: [("etc/motd", "hello")], in: directory)
    }

    /// Verifies a log's directory offline; its size.
    private static func verified(_ directory: String, _ keys: [String]) async throws -> Int {
        let result = try await builtProduct("kontor").run(
            ["log", "verify", directory, "--format", "json"] + keys
        )
        let json = try JSONValue(parsing: result.output)
        #expect(result.exitCode == 0 && json["verified"]?.boolValue == true, "\(result.output)\(result.errorOutput)")
        return json["size"]?.intValue ?? 0
    }

    /// The first entries of a log with less than 256 of them, byte by byte as its bundle holds them.
    private static func entries(_ directory: String, _ count: Int) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: "\(directory)/tile/entries/000.p/\(count)"))
    }

    /// Asks for a release and waits until it is signed; nil when the node is gone before it said so.
    private static func release(_ image: String, _ tag: String, _ node: NodeProcess) async -> Acknowledged? {
        let body: JSONValue = ["image": .string(image), "tag": .string(tag)]
        guard let queued = try? await node.ask("POST", "/releases", body), let id = queued["id"]?.intValue else {
            return nil
        }
        while let answer = try? await node.ask("GET", "/releases/\(id)") {
            if answer["state"]?.stringValue == "signed" { return acknowledged(answer, id) }
            if answer["state"]?.stringValue == "failed" { return nil }
            try? await Task.sleep(for: .milliseconds(20))
        }
        return nil
    }

    private static func acknowledged(_ answer: JSONValue, _ id: Int) -> Acknowledged {
        let signatures = answer["signatures"] ?? .null
        return Acknowledged(
            id: id,
            signatures: signatures,
            indices: (signatures.arrayValue ?? []).compactMap { $0["logIndex"]?.intValue }
        )
    }

    @Test(
        "kill -9 in the middle of releases loses no entry that was acknowledged, and the log never forks",
        .timeLimit(.minutes(5))
    )
    func killed() async throws {
        let directory = try TemporaryDirectory("releases")
        let (data, log) = (directory.file("data"), directory.file("data") + "/log")
        var image = ""
        var keys: [String] = []
        var acknowledged: [Acknowledged] = []
        var before: [(copy: String, size: Int)] = []
        for round in 0..<6 {
            let node = try await NodeProcess(data: data)
            if image.isEmpty {
                image = try await Self.prepare(node, directory)
                keys = try await Self.keys(node)
            }
            let (signed, signedEnd) = AsyncStream<Void>.makeStream()
            let work = (0..<3).map { worker in
                Task { [image] in
                    var done: [Acknowledged] = []
                    for step in 0..<6 {
                        guard let one = await Self.release(image, "r\(round)-\(worker)-\(step)", node) else { break }
                        done.append(one)
                        signedEnd.yield()
                    }
                    return done
                }
            }
            // From the second cut on, somewhere in the middle: after the first acknowledgement, or before it.
            if round % 2 == 0 { for await _ in signed { break } }
            try await Task.sleep(for: .milliseconds(Int.random(in: 50...700)))
            node.kill()
            signedEnd.finish()
            for task in work { acknowledged += await task.value }
            guard FileManager.default.fileExists(atPath: log + "/checkpoint") else { continue }
            let copy = directory.file("before-\(round)")
            try FileManager.default.copyItem(atPath: log, toPath: copy)
            before.append((copy, try await Self.verified(copy, keys)))
        }
        #expect(!acknowledged.isEmpty, "nothing was acknowledged before a cut: the test did not test")

        let node = try await NodeProcess(data: data)
        let last = try #require(await Self.release(image, "last", node))
        // What a cut interrupted goes on by itself.
        let newest = last.id
        for id in 1...newest {
            var state = ""
            for _ in 0..<600 {
                state = try await node.ask("GET", "/releases/\(id)")["state"]?.stringValue ?? ""
                guard state == "pending" else { break }
                try await Task.sleep(for: .milliseconds(100))
            }
            #expect(state == "signed", "release \(id) is \(state)")
        }
        for one in acknowledged {
            let now = try await node.ask("GET", "/releases/\(one.id)")
            #expect(now["signatures"] == one.signatures, "release \(one.id) was told another place in the log")
        }
        let ready = try await node.client(nil).request("GET", "/readyz").text
        #expect(!ready.contains("log:"), "\(ready)")
        node.stop()
        let size = try await Self.verified(log, keys)
        #expect(size < 256, "the comparison below reads one bundle")
        let all = try Self.entries(log, size)
        for (copy, old) in before {
            #expect(all.starts(with: try Self.entries(copy, old)), "the log of \(old) entries is not the beginning")
        }
        let indices = acknowledged.flatMap(\.indices)
        #expect(Set(indices).count == indices.count && indices.allSatisfy { $0 < size })
        print(
            "power cuts: \(acknowledged.count) acknowledged releases, \(size) entries, sizes before \(before.map(\.size))"
        )
    }

    @Test("an older backup signs nothing until the operator takes a decision", .timeLimit(.minutes(5)))
    func restored() async throws {
        let directory = try TemporaryDirectory("restore")
        let (data, log) = (directory.file("data"), directory.file("data") + "/log")
        let files = FileManager.default
        let database = ["kontor.db", "kontor.db-wal", "kontor.db-shm"]
        var node = try await NodeProcess(data: data)
        let image = try await Self.prepare(node, directory)
        let keys = try await Self.keys(node)
        #expect(await Self.release(image, "1.0", node) != nil)
        node.stop()
        for name in database where files.fileExists(atPath: data + "/" + name) {
            try files.copyItem(atPath: data + "/" + name, toPath: directory.file(name))
        }
        node = try await NodeProcess(data: data)
        #expect(await Self.release(image, "2.0", node) != nil)
        node.stop()
        let copy = directory.file("before")
        try files.copyItem(atPath: log, toPath: copy)
        let before = try await Self.verified(copy, keys)
        for name in database {
            try? files.removeItem(atPath: data + "/" + name)
            if files.fileExists(atPath: directory.file(name)) {
                try files.copyItem(atPath: directory.file(name), toPath: data + "/" + name)
            }
        }

        node = try await NodeProcess(data: data)
        let ready = try await node.client(nil).request("GET", "/readyz").text
        #expect(ready.contains("log: stands still and signs nothing (directoryAhead)"), "\(ready)")
        let status = try await node.kontor(["log", "status", "--format", "json"])
        let state = try JSONValue(parsing: status.output)
        #expect(status.exitCode == 1 && state["state"]?.stringValue == "frozen", "\(status.output)")
        let queued = try await node.ask("POST", "/releases", ["image": .string(image), "tag": "3.0"])
        let id = try #require(queued["id"]?.intValue)
        try await Task.sleep(for: .seconds(3))
        let waiting = try await node.ask("GET", "/releases/\(id)")
        #expect(waiting["state"]?.stringValue == "pending", "\(waiting)")
        #expect(waiting["problem"]?.stringValue?.contains("stands still") == true, "\(waiting)")
        #expect(
            try Data(contentsOf: URL(fileURLWithPath: log + "/checkpoint"))
                == Data(contentsOf: URL(fileURLWithPath: copy + "/checkpoint"))
        )
        // A word about another tree is none.
        let root = try #require(state["root"]?.stringValue)
        let wrong = try await node.kontor(["log", "confirm", "--size", "\(before)", "--root", root])
        #expect(wrong.exitCode != 0 && wrong.errorOutput.contains("stays frozen"), "\(wrong.errorOutput)")
        let adopted = try await node.kontor(["log", "adopt", "--format", "json"])
        #expect(adopted.exitCode == 0, "\(adopted.errorOutput)")
        #expect(try JSONValue(parsing: adopted.output)["size"]?.intValue == before)
        var release = JSONValue.null
        for _ in 0..<900 {
            release = try await node.ask("GET", "/releases/\(id)")
            guard release["state"]?.stringValue == "pending" else { break }
            try await Task.sleep(for: .milliseconds(100))
        }
        #expect(release["state"]?.stringValue == "signed", "\(release)")
        #expect(try await node.kontor(["log", "status"]).exitCode == 0)
        node.stop()
        let size = try await Self.verified(log, keys)
        #expect(size > before)
        #expect(try Self.entries(log, size).starts(with: try Self.entries(copy, before)))
    }
}
