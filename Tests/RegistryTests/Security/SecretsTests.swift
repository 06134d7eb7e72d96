// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Audit
import Database
import DurableFiles
import FoundationEssentials
import JSON
import Logging
import Node
import NodeTestKit
import OCI
import Registry
import Synchronization
import TestKit
import Testing

@Suite("7.2: secrets and first accounts")
struct SecretsTests {
    /// Every line that a program logs, at every level.
    private final class Lines: Sendable {
        // Owner: this mutex.
        private let lines = Mutex<[String]>([])

        func add(_ line: String) { lines.withLock { $0.append(line) } }

        var all: [String] { lines.withLock { $0 } }
    }

    private struct Recorder: LogHandler {
        let lines: Lines
        var metadata: Logger.Metadata = [:]
        var metadataProvider: Logger.MetadataProvider?
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            lines.add(
                "\(event.level) \(event.message) \(metadata) \(event.metadata ?? [:]) \(String(describing: event.error))"
            )
        }
    }

    /// Runs a node that says everything it has to say, and returns what it logged and announced.
    private func run(
        _ directory: TemporaryDirectory,
        _ body: @Sendable @escaping (RunningNode) async throws -> Void
    ) async throws -> (log: [String], announced: [String]) {
        let (log, announced) = (Lines(), Lines())
        let (nodes, ready) = AsyncStream<RunningNode>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { ready.finish() }
                try await Node.run(
                    NodeConfiguration(
                        dataDirectory: directory.file("data"),
                        port: 0,
                        // Not this process: it is a program of tests, and would begin them all again.
                        analyserExecutable: (try? builtProduct("kontor").path) ?? "/bin/false"
                    ),
                    logger: Logger(label: "test") { _ in Recorder(lines: log) },
                    handlesSignals: false,
                    announce: { announced.add($0) },
                    // The node answers only when this has returned.
                    onReady: { ready.yield($0) }
                )
            }
            var iterator = nodes.makeAsyncIterator()
            if let node = await iterator.next() {
                do { try await body(node) } catch {
                    await node.stop()
                    throw error
                }
                await node.stop()
            }
            try await group.waitForAll()
        }
        return (log.all, announced.all)
    }

    private func files(below directory: String) throws -> [String] {
        let manager = FileManager.default
        return try manager.subpathsOfDirectory(atPath: directory).map { directory + "/" + $0 }.filter { path in
            var isDirectory = false
            return manager.fileExists(atPath: path, isDirectory: &isDirectory) && !isDirectory
        }
    }

    @Test("7.2/45: no secret, right or mistyped, gets into logs, answers, metrics, audit events or files")
    func nowhere() async throws {
        let directory = try TemporaryDirectory("secrets")
        defer { directory.remove() }
        let (wrong, bearer) = ("Sommer-1789-geheim", "eyJ-token-of-somebody")
        let answers = Lines()
        let secrets = Lines()
        let (log, announced) = try await run(directory) { node in
            let secret = try #require(node.adminSecret?.secret)
            secrets.add(secret)
            secrets.add(base64("admin:\(secret)"))
            let client = TestClient(port: node.port, login: "admin:\(secret)")
            let fields: [[(String, String)]] = [
                [("Authorization", "Basic \(base64("admin:\(secret)"))")],
                [("Authorization", "Basic \(base64("admin:\(wrong)"))")],
                // People type the password into the field for the name.
                [("Authorization", "Basic \(base64("\(secret):x"))")],
                [("Authorization", "Basic \(base64("\(wrong):"))")],
                [("Authorization", "Basic \(secret)")], [("Authorization", "Bearer \(bearer)")],
                [("Authorization", "Basic \(base64("nobody:\(secret)"))")],
                [("Authorization", "\(secret)")],
                [("Cookie", "session=\(bearer)"), ("Proxy-Authorization", "Basic \(wrong)")],
            ]
            for path in [
                "/v2/", "/v2/_catalog", "/v2/a/manifests/1", "/v2//broken", "/api/v1/repositories", "/api/v1/feeds",
                "/",
                "/images/a", "/nothing", "/healthz", "/readyz", "/metrics", "/?q=\(wrong)", "/v2/?password=\(wrong)",
                "/config", "/debug", "/api/v1/config", "/.env",
            ] {
                for headers in fields {
                    for method in ["GET", "POST"] {
                        let body: [UInt8]? = method == "POST" ? Array("secret=\(secret)".utf8) : nil
                        let answer = try await client.anonymous().request(method, path, headers: headers, body: body)
                        answers.add("\(method) \(path.prefix { $0 != "=" }): \(answer.fields) \(answer.text)")
                    }
                }
            }
            let blob = Array("{}".utf8)
            let pushed = try await client.request(
                "POST",
                "/v2/a/blobs/uploads/?digest=\(Digest.sha256(blob))",
                body: blob
            )
            #expect(pushed.status == 201)
            let metrics = try await client.request("GET", "/metrics").text
            #expect(metrics.contains("kontor_"))
            answers.add(metrics)
            for event in try await AuditLog.list(node.database, limit: 1000) { answers.add("\(event)") }
        }
        #expect(log.contains { $0.contains("request") && $0.contains("401") }, "the recorder records")
        // The search of the portal repeats its own word to whoever searched: that is no secret of the node.
        let shown = answers.all.filter { !$0.hasPrefix("GET /?q:") }
        let forbidden = secrets.all + [wrong, base64("admin:\(wrong)"), bearer]
        for secret in forbidden {
            #expect(!log.contains { $0.contains(secret) }, "\(log.filter { $0.contains(secret) })")
            #expect(!shown.contains { $0.contains(secret) }, "\(shown.filter { $0.contains(secret) })")
        }
        // Once, to the operator; and in the one file that is named there.
        #expect(announced.filter { $0.contains(secrets.all[0]) }.count == 1)
        let data = directory.file("data")
        for path in try files(below: data) where path != data + "/admin-secret" {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            for secret in forbidden { #expect(bytes.firstRange(of: Data(secret.utf8)) == nil, "\(path)") }
        }
        // A restart does not tell it again.
        let (secondLog, again) = try await run(directory) { node in #expect(node.adminSecret == nil) }
        #expect(!(secondLog + again).contains { $0.contains(secrets.all[0]) })
    }

    @Test("7.2/36, 7.2/72: every node has a secret of its own; no password that anybody could know opens it")
    func firstSecret() async throws {
        let secrets = Lines()
        for _ in 0..<2 {
            try await TestNode.run { node in
                secrets.add(node.secret)
                #expect(node.secret.utf8.count == 52)
                #expect(try await node.client.request("GET", "/v2/").status == 200)
                // Fewer than make the node wait: each of them is looked at.
                for login in [
                    "admin:", "admin:admin", "admin:password", "admin:Harbor12345",
                    "admin:" + String(repeating: "a", count: 52), "root:root", "root:", "kontor:kontor", "node:node",
                    "anonymous:", "guest:guest", ":admin", "Admin:\(node.secret)", "admin:\(node.secret)\u{0}",
                ] {
                    let status = try await node.client.basic(login).request("GET", "/v2/").status
                    #expect(status == 401, "\(login)")
                }
                let file = node.node.configuration.dataDirectory + "/admin-secret"
                let mode = try FileOperations.live.statusAt(file)?.mode
                #expect(mode == 0o600)
            }
        }
        #expect(Set(secrets.all).count == 2)
    }

    @Test(
        "7.2/36: without an account nothing can be changed, and nothing read unless the operator said so",
        arguments: [false, true]
    )
    func anonymous(mayPull: Bool) async throws {
        try await TestRegistry.run(anonymousPull: mayPull) { test in
            let image = try await test.pushImage("a", "1")
            let layer = Digest.sha256(Array("layer".utf8))
            let location = try await test.begin("a")
            let manifest = try await test.image("a", layer: Array("other".utf8))
            let before = test.database.statistics.writes
            for client in [test.client.anonymous(), test.client.basic(":")] {
                for path in [
                    "/v2/_catalog", "/v2/a/tags/list", "/v2/a/manifests/1", "/v2/a/manifests/\(image)",
                    "/v2/a/blobs/\(layer)", "/v2/a/referrers/\(image)",
                ] {
                    #expect(try await client.request("GET", path).status == (mayPull ? 200 : 401), "\(path)")
                }
                for (method, path, body) in [
                    ("POST", "/v2/a/blobs/uploads/", []),
                    ("POST", "/v2/a/blobs/uploads/?digest=\(Digest.sha256([1]))", [1]),
                    ("POST", "/v2/b/blobs/uploads/?mount=\(layer)&from=a", []), ("GET", location, nil),
                    ("PATCH", location, [1]), ("PUT", "\(location)?digest=\(Digest.sha256([1]))", [1]),
                    ("DELETE", location, nil),
                    ("PUT", "/v2/a/manifests/2", manifest),
                    ("PUT", "/v2/a/manifests/\(Digest.sha256(manifest))?tag=1", manifest),
                    ("DELETE", "/v2/a/manifests/1", nil), ("DELETE", "/v2/a/manifests/\(image)", nil),
                    ("DELETE", "/v2/a/blobs/\(layer)", nil), ("GET", "/v2/", nil),
                ] as [(String, String, [UInt8]?)] {
                    let headers = [("Content-Type", MediaType.imageManifest)]
                    let answer = try await client.request(method, path, headers: headers, body: body)
                    #expect(answer.status == 401, "\(method) \(path)")
                }
            }
            #expect(test.database.statistics.writes == before)
            #expect(try await test.client.request("GET", "/v2/a/tags/list").json?["tags"] == ["1"])
            #expect(try await test.client.request("GET", location).status == 204)
        }
    }
}
