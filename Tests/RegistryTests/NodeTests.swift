// SPDX-License-Identifier: EUPL-1.2

import Database
import JSON
import Node
import NodeTestKit
import OCI
import TestKit
import Testing

@Suite("The node")
struct NodeTests {
    @Test("health, readiness and metrics answer without an account")
    func status() async throws {
        try await TestNode.run { node in
            let client = node.client.anonymous()
            #expect(try await client.request("GET", "/healthz").text == "ok\n")
            #expect(try await client.request("GET", "/readyz").status == 200)
            _ = try await node.client.request("GET", "/v2/")
            let metrics = try await client.request("GET", "/metrics")
            #expect(metrics["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(metrics.text.contains("kontor_http_requests_total{area=\"registry\",status=\"2xx\"} 1\n"))
            #expect(metrics.text.contains("kontor_jobs{state=\"queued\"} 0\n"))
            #expect(try await client.request("POST", "/metrics", body: []).status == 405)
            let head = try await client.request("HEAD", "/healthz")
            #expect(head.status == 200)
            #expect(head["content-length"] == "3")
        }
    }

    @Test(
        "7.2/18, 7.2/55: every answer forbids sniffing, framing and scripts",
        arguments: ["/", "/v2/", "/api/v1/openapi.json", "/healthz", "/nothing", "/images/x"]
    )
    func headers(path: String) async throws {
        try await TestNode.run { node in
            let answer = try await node.client.request("GET", path)
            #expect(answer["x-content-type-options"] == "nosniff")
            #expect(answer["x-frame-options"] == "DENY")
            let policy = try #require(answer["content-security-policy"])
            #expect(policy.contains("default-src 'none'"))
            #expect(!policy.contains("script-src 'unsafe"))
            #expect(answer["server"] == nil)
        }
    }

    @Test(
        "7.2/2: the registry's paths belong to the registry in every spelling, the rest to nobody",
        arguments: [
            ("/v2", 200), ("/v2/", 200), ("/V2/", 404), ("//v2/", 404), ("/v2x", 404), ("/%76%32/_catalog", 404),
            ("/nothing", 404), ("/../v2/", 404),
        ]
    )
    func spelling(path: String, status: Int) async throws {
        try await TestNode.run { node in
            let answer = try await node.client.request("GET", path)
            #expect(answer.status == status)
        }
    }

    @Test("a second node on the same data directory is refused with the process that holds it")
    func lock() async throws {
        try await TestNode.run { node in
            let configuration = NodeConfiguration(dataDirectory: node.node.configuration.dataDirectory, port: 0)
            do {
                try await Node.run(configuration, handlesSignals: false, announce: { _ in })
                Issue.record("a second node started")
            } catch let error as NodeError {
                #expect("\(error)".contains("already works on"))
                #expect("\(error)".contains("process"))
            }
        }
    }

    @Test("a port in use is refused with what to do")
    func port() async throws {
        try await TestNode.run { node in
            let scratch = try TemporaryDirectory("port")
            defer { scratch.remove() }
            let configuration = NodeConfiguration(
                dataDirectory: scratch.file("data"),
                port: node.port,
                analyserExecutable: "/bin/false"
            )
            do {
                try await Node.run(configuration, handlesSignals: false, announce: { _ in })
                Issue.record("a second node listens at the same port")
            } catch {
                #expect("\(error)".contains("--listen"))
            }
        }
    }

    @Test("a restart keeps the account and everything that was pushed")
    func restart() async throws {
        let directory = try TemporaryDirectory("restart")
        defer { directory.remove() }
        let bytes = pattern(100_000)
        try await TestNode.run(directory: directory) { node in
            #expect(node.node.adminSecret != nil)
            let answer = try await node.client.request(
                "POST",
                "/v2/a/blobs/uploads/?digest=\(Digest.sha256(bytes))",
                body: bytes
            )
            #expect(answer.status == 201)
        }
        try await TestNode.run(directory: directory) { node in
            #expect(node.node.adminSecret == nil)
            let answer = try await node.client.request("GET", "/v2/a/blobs/\(Digest.sha256(bytes))")
            #expect(answer.body == bytes)
        }
    }

    @Test("clients that take nothing or are in the middle of a push do not hold up the end; the push goes on later")
    func shutdown() async throws {
        let directory = try TemporaryDirectory("shutdown")
        defer { directory.remove() }
        let (large, bytes) = (pattern(32 << 20), pattern(300_000))
        let soon: (inout NodeConfiguration) -> Void = { $0.shutdownGrace = .milliseconds(300) }
        let location = try await TestNode.run(directory: directory, configure: soon) { node in
            let digest = Digest.sha256(large)
            let pushed = try await node.client.request("POST", "/v2/a/blobs/uploads/?digest=\(digest)", body: large)
            #expect(pushed.status == 201)
            let begun = try await node.client.request("POST", "/v2/a/blobs/uploads/", body: [])
            let location = try #require(begun["location"])
            let head = "Host: x\r\nAuthorization: Basic \(base64(node.client.login ?? ""))\r\n"
            try await RawConnection.open(node.port) { download in
                try await download.send("GET /v2/a/blobs/\(digest) HTTP/1.1\r\n\(head)\r\n")
                try await RawConnection.open(node.port) { upload in
                    try await upload.send("PATCH \(location) HTTP/1.1\r\n\(head)Content-Length: 300000\r\n\r\n")
                    try await upload.send(Array(bytes[..<200_000]))
                    try await Task.sleep(for: .milliseconds(300))
                    await node.node.stop()
                    // Cut, not refused: a client tries a failed connection again.
                    await #expect(throws: WireError.self) { _ = try await upload.answer() }
                }
                var hasEnded = false
                for _ in 0..<400 where !hasEnded {
                    try await Task.sleep(for: .milliseconds(20))
                    do { _ = try await node.node.queue.counts() } catch { hasEnded = true }
                }
                #expect(hasEnded)
            }
            return location
        }
        try await TestNode.run(directory: directory) { node in
            let status = try await node.client.request("GET", location)
            #expect(status.status == 204)
            let offset = 1 + (Int(status["range"]?.split(separator: "-").last ?? "") ?? 0)
            #expect(offset > 1 && offset <= 200_000)
            let rest = try await node.client.request(
                "PUT",
                "\(location)?digest=\(Digest.sha256(bytes))",
                body: Array(bytes[offset...])
            )
            #expect(rest.status == 201)
        }
    }

    @Test("a client that goes away in the middle of a push is no failure of the node")
    func goneAway() async throws {
        try await TestNode.run { node in
            let begun = try await node.client.request("POST", "/v2/a/blobs/uploads/", body: [])
            let head = "Host: x\r\nAuthorization: Basic \(base64(node.client.login ?? ""))\r\n"
            for length in ["Content-Length: 1000", "Transfer-Encoding: chunked"] {
                try await RawConnection.open(node.port) { connection in
                    let location = begun["location"] ?? ""
                    try await connection.send("PATCH \(location) HTTP/1.1\r\n\(head)\(length)\r\n\r\n3\r\n")
                }
            }
            var metrics = ""
            for _ in 0..<200 where !metrics.contains("area=\"registry\",status=\"4xx\"} 2\n") {
                metrics = try await node.client.request("GET", "/metrics").text
                try await Task.sleep(for: .milliseconds(10))
            }
            #expect(metrics.contains("area=\"registry\",status=\"4xx\"} 2\n"))
            #expect(!metrics.contains("5xx"))
        }
    }

    @Test(
        "connections leave descriptors for pushes and verdicts",
        arguments: [(65_536, 2000), (4096, 1152), (1024, 128), (64, 16)]
    )
    func descriptors(files: Int, connections: Int) {
        #expect(FileLimit.connections(wanted: 2000, files: files) == connections)
        #expect(FileLimit.connections(wanted: 10, files: files) == 10)
    }

    struct Malformed: Sendable, CustomTestStringConvertible {
        let what: String
        let text: String
        var testDescription: String { what }
    }

    static let malformedRequests: [Malformed] = [
        Malformed(what: "no request line", text: "GARBAGE\r\n\r\n"),
        Malformed(what: "unknown version", text: "GET / HTTP/9.9\r\n\r\n"),
        Malformed(what: "no target", text: "GET  HTTP/1.1\r\n\r\n"),
        Malformed(what: "negative length", text: "GET /v2/ HTTP/1.1\r\nContent-Length: -5\r\n\r\n"),
        Malformed(what: "two lengths", text: "GET /v2/ HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n"),
        Malformed(
            what: "length and chunks",
            text:
                "POST /v2/a/blobs/uploads/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"
        ),
        Malformed(
            what: "a chunk size that is none",
            text: "POST /v2/a/blobs/uploads/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n"
        ),
        Malformed(what: "NUL in the target", text: "GET /\u{0} HTTP/1.1\r\n\r\n"),
        Malformed(
            what: "a huge header",
            text: "GET /v2/ HTTP/1.1\r\nX: " + String(repeating: "x", count: 200_000) + "\r\n\r\n"
        ),
        Malformed(
            what: "5000 headers",
            text: "GET /v2/ HTTP/1.1\r\n" + (0..<5000).map { "X-\($0): y\r\n" }.joined() + "\r\n"
        ),
        Malformed(what: "TLS", text: "\u{16}\u{3}\u{1}\u{2}\u{0}"),
    ]

    @Test("7.2/14: requests that are no HTTP are answered or cut, and the node goes on", arguments: malformedRequests)
    func malformed(_ item: Malformed) async throws {
        try await TestNode.run { node in
            try await RawConnection.open(node.port) { connection in
                try? await connection.send(item.text)
                if let answer = try? await connection.answer() { #expect(answer.status >= 400) }
            }
            #expect(try await node.client.request("GET", "/v2/").status == 200)
        }
    }

    @Test("a pushed image gets its verdict by itself")
    func verdict() async throws {
        try await TestNode.run { node in
            let scratch = try TemporaryDirectory("verdict")
            defer { scratch.remove() }
            var image = ImageBuilder()
            image.layer { $0.file("etc/os-release", text: "ID=debian\nVERSION_ID=\"12\"\n") }
            try image.built().writeOCILayout(to: scratch.file("layout"), tag: "1")
            try await tool("skopeo").check(
                [
                    "copy", "--dest-tls-verify=false", "--dest-creds", "admin:\(node.secret)",
                    "oci:\(scratch.file("layout")):1",
                    "docker://\(node.authority)/app:1",
                ]
            )
            var answer = try await node.client.request("GET", "/api/v1/images/app:1/verdict")
            for _ in 0..<300 where answer.status == 202 {
                try await Task.sleep(for: .milliseconds(50))
                answer = try await node.client.request("GET", "/api/v1/images/app:1/verdict")
            }
            #expect(answer.status == 200)
            #expect(answer.json?["schemaVersion"]?.intValue == 1)
            #expect(try await node.client.anonymous().request("GET", "/api/v1/images/app:1/verdict").status == 401)
        }
    }
}
