// SPDX-License-Identifier: EUPL-1.2

import FoundationEssentials
import Node
import NodeTestKit
import TestKit
import Testing

@Suite("The portal's own listener") struct PortalListenerTests {
    private static func run(_ body: @Sendable @escaping (TestNode, Int, Curl) async throws -> Void) async throws {
        let directory = try TemporaryDirectory("portal-listener")
        defer { directory.remove() }
        let (certificate, key) = (directory.file("node.pem"), directory.file("node.key"))
        try await tool("openssl").check([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
            "/CN=node", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate,
        ])
        let configure: @Sendable (inout NodeConfiguration) -> Void = {
            $0.tls = (certificate, key)
            $0.portalListen = ("127.0.0.1", 0)
        }
        try await TestNode.run(configure: configure) { node in
            let port = try #require(node.node.portalPort)
            try await body(node, port, Curl(certificate: certificate, directory: directory))
        }
    }

    private struct Curl: Sendable {
        let certificate: String
        let directory: TemporaryDirectory

        /// Status, version of HTTP and body of the last address.
        func callAsFunction(_ options: String...) async throws -> (line: String, body: String) {
            let output = try await tool("curl").check(
                [
                    "--silent", "--show-error", "--max-time", "20", "--cacert", certificate, "--write-out",
                    "\n%{http_code} %{http_version}",
                ] + options
            )
            let lines = output.split(separator: "\n", omittingEmptySubsequences: false)
            return (String(lines.last ?? ""), lines.dropLast().joined(separator: "\n"))
        }
    }

    @Test("offers HTTP/2 and HTTP/1.1 for pages, API and status; the registry's listener stays with HTTP/1.1")
    func versions() async throws {
        try await Self.run { node, port, curl in
            let portal = "https://127.0.0.1:\(port)"
            for (options, version) in [("--http2", "2"), ("--http1.1", "1.1")] {
                let page = try await curl(options, "\(portal)/login")
                #expect(page.line == "200 \(version)" && page.body.contains("<html"))
                #expect(try await curl(options, "\(portal)/api/v1/openapi.json").line == "200 \(version)")
                #expect(try await curl(options, "\(portal)/healthz").line == "200 \(version)")
            }
            #expect(try await curl("--http2", "https://127.0.0.1:\(node.port)/login").line == "200 1.1")
        }
    }

    @Test("sends clients of the registry to where it is", arguments: ["/v2/", "/v2/a/manifests/b", "/token", "//v2/"])
    func registry(path: String) async throws {
        try await Self.run { node, port, curl in
            let answer = try await curl("--http2", "--path-as-is", "https://127.0.0.1:\(port)\(path)")
            #expect(answer.line == "404 2")
            #expect(answer.body.contains("UNSUPPORTED") || path == "//v2/", "\(answer.body)")
            #expect(!answer.body.contains("UNAUTHORIZED"))
        }
    }

    @Test("a refused upload over HTTP/2 is not swallowed, and its connection goes on")
    func refusal() async throws {
        try await Self.run { _, port, curl in
            let large = curl.directory.file("large")
            try Data(repeating: 0x61, count: 8 << 20).write(to: URL(filePath: large))
            let portal = "https://127.0.0.1:\(port)"
            let answer = try await tool("curl").run([
                "--silent", "--max-time", "20", "--cacert", curl.certificate, "--http2", "--output", "/dev/null",
                "--output", "/dev/null", "--write-out", "%{http_code} %{num_connects} %{size_upload}\n",
                "--data-binary", "@\(large)", "\(portal)/v2/a/blobs/uploads/", "--next", "--silent", "--cacert",
                curl.certificate, "--http2", "--output", "/dev/null", "--write-out", "%{http_code} %{num_connects}\n",
                "\(portal)/healthz",
            ])
            let lines = answer.output.split(separator: "\n").map { $0.split(separator: " ") }
            try #require(lines.count == 2, "\(answer.output) \(answer.errorOutput)")
            #expect(lines[0][0] == "404", "\(answer.output)")
            #expect((Int(lines[0][2]) ?? .max) < 8 << 20, "\(answer.output)")
            #expect(lines[1].joined(separator: " ") == "200 0", "\(answer.output)")
        }
    }

    @Test("without TLS it speaks HTTP/1.1, and somebody signs in there")
    func plain() async throws {
        try await TestNode.run(configure: { $0.portalListen = ("127.0.0.1", 0) }) { node in
            let port = try #require(node.node.portalPort)
            #expect(port != node.port)
            let client = TestClient(port: port, login: "admin:\(node.secret)")
            #expect(try await client.request("GET", "/api/v1/feeds").status == 200)
            #expect(try await client.request("GET", "/v2/").status == 404)
            let browser = Browser(client)
            let answer = try await browser.signIn("admin", node.secret)
            #expect(answer.status == 303, "\(answer.status)")
        }
    }

    @Test("an address that is taken stops the start, and is named")
    func taken() async throws {
        try await TestNode.run { first in
            let error = await #expect(throws: NodeError.self) {
                try await TestNode.run(configure: { $0.portalListen = ("127.0.0.1", first.port) }) { _ in }
            }
            let text = try "\(#require(error))"
            #expect(text.contains("127.0.0.1:\(first.port)"))
        }
    }
}
