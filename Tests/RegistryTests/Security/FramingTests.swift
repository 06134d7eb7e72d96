// SPDX-License-Identifier: EUPL-1.2

import Node
import NodeTestKit
import OCI
import Registry
import TestKit
import Testing

@Suite("7.2: slow clients and lengths that lie")
struct FramingTests {
    /// Requests whose body no part of the node waits for.
    static let unread = [
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n",
        "POST /api/v1/repositories HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n",
        "POST /v2/a/blobs/uploads/ HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n",
        // A head that never ends.
        "GET /v2/ HTTP/1.1\r\nHost: x\r\n",
    ]

    @Test(
        "7.2/11: whoever sends a request drop by drop loses the connection, with and without an answer",
        arguments: unread
    )
    func drip(head: String) async throws {
        try await TestNode.run(configure: { $0.idleTimeout = .seconds(3) }) { node in
            let isClosed = try await RawConnection.open(node.port) { connection in
                try await connection.send(head)
                let drop =
                    head.contains("chunked") ? "1\r\nx\r\n" : head.hasSuffix("\r\n\r\n") ? "x" : "X-Drop: x\r\n"
                // Ten times as long as the node waits for a silent client, and never silent for as long as that.
                for _ in 0..<100 {
                    do { try await connection.send(drop) } catch { return true }
                    try await Task.sleep(for: .milliseconds(300))
                }
                return false
            }
            #expect(isClosed)
            // Others are answered; on a busy machine one of them may be silent for this node's three seconds too.
            var answer: Answer?
            for _ in 0..<20 where answer == nil { answer = try? await node.client.request("GET", "/v2/") }
            #expect(answer?.status == 200)
        }
    }

    @Test("7.2/11: the bound on open uploads is each account's own")
    func uploadsOfAnother() async throws {
        try await TestRegistry.run(limits: RegistryLimits(uploadsPerAccount: 2)) { test in
            let other = try await test.addAccount("second", isAdmin: true)
            var last = ""
            for _ in 0..<2 { last = try await test.begin("a") }
            for _ in 0..<3 {
                #expect(try await test.client.request("POST", "/v2/b/blobs/uploads/", body: []).status == 429)
            }
            #expect(try await other.request("POST", "/v2/a/blobs/uploads/", body: []).status == 202)
            // Ended ones do not count.
            #expect(try await test.client.request("DELETE", last).status == 204)
            _ = try await test.begin("a")
        }
    }

    /// Lengths that two readers could understand in two ways.
    static let ambiguousLengths = [
        "+5", "-1", "-0", "0x5", "5, 5", "5 , 5", "5,6", "1e1", "5;q=1", "", " ", "5 5", "5.0", "٥",
        "18446744073709551616",
        "99999999999999999999999999", "5\r\nContent-Length: 5, 6", "5\r\nTransfer-Encoding: chunked",
        "5\r\nTransfer-Encoding: identity", "5\r\n Content-Length: 6",
    ]

    @Test(
        "7.2/14: a length that lies about its own form ends the connection, and nothing of the body is a request",
        arguments: ambiguousLengths
    )
    func lengths(length: String) async throws {
        try await TestRegistry.run { test in
            let location = try await test.begin("a")
            try await RawConnection.open(test.port) { connection in
                try await connection.send(
                    "PATCH \(location) HTTP/1.1\r\nHost: x\r\n\(test.authorization)Content-Length: \(length)\r\n\r\n"
                        + "hello" + "DELETE \(location) HTTP/1.1\r\nHost: x\r\n\(test.authorization)\r\n"
                )
                #expect(try await connection.answer().status == 400)
                #expect(try await connection.isClosed())
            }
            let status = try await test.client.request("GET", location)
            #expect(status.status == 204)
            #expect(status["range"] == "0-0")
        }
    }

    struct Framing: Sendable, CustomTestStringConvertible {
        let what: String
        /// Fields and body of a PATCH.
        let text: String
        let status: Int
        /// What the upload holds afterwards; nil where a part of what came in order before the fault may stay.
        let kept: String?
        var testDescription: String { what }
    }

    static let framings: [Framing] = [
        Framing(
            what: "more than announced",
            text: "Content-Length: 5\r\n\r\nhelloGARBAGE\r\n\r\n",
            status: 202,
            kept: "hello"
        ),
        Framing(
            what: "a trailer that would move the chunk",
            text: "Transfer-Encoding: chunked\r\nTrailer: Content-Range\r\n\r\n"
                + "3\r\nabc\r\n0\r\nContent-Range: 999-1001\r\n\r\n",
            status: 202,
            kept: "abc"
        ),
        Framing(
            what: "a trailer that gives a length of its own",
            text: "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nContent-Length: 77\r\n\r\n",
            status: 400,
            kept: nil
        ),
        Framing(
            what: "5000 trailers",
            text: "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n" + (0..<5000).map { "X-\($0): y\r\n" }.joined()
                + "\r\n",
            status: 400,
            kept: nil
        ),
        Framing(
            what: "a chunk of 2^68 bytes",
            text: "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nabc\r\n0\r\n\r\n",
            status: 400,
            kept: ""
        ),
        Framing(
            what: "a chunk of a negative size",
            text: "Transfer-Encoding: chunked\r\n\r\n-3\r\nabc\r\n0\r\n\r\n",
            status: 400,
            kept: ""
        ),
        Framing(
            what: "a chunk that is longer than it says",
            text: "Transfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n0\r\n\r\n",
            status: 400,
            kept: nil
        ),
        Framing(
            what: "chunks that are not the last coding",
            text: "Transfer-Encoding: chunked, identity\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
            status: 400,
            kept: ""
        ),
        Framing(
            what: "an unknown coding",
            text: "Transfer-Encoding: xchunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
            status: 400,
            kept: ""
        ),
        Framing(what: "a space before the colon", text: "Content-Length : 5\r\n\r\nhello", status: 400, kept: ""),
        Framing(what: "a folded field", text: "X-A: b\r\n c\r\nContent-Length: 5\r\n\r\nhello", status: 400, kept: ""),
    ]

    @Test("7.2/14: framing that lies changes nothing beyond what was announced in order", arguments: framings)
    func framing(_ item: Framing) async throws {
        try await TestRegistry.run { test in
            let location = try await test.begin("a")
            try await RawConnection.open(test.port) { connection in
                try await connection.send(
                    "PATCH \(location) HTTP/1.1\r\nHost: x\r\n\(test.authorization)\(item.text)"
                )
                #expect(try await connection.answer().status == item.status)
            }
            guard let kept = item.kept else {
                #expect(try await test.client.request("GET", location).status == 204)
                return
            }
            let digest = Digest.sha256(Array(kept.utf8))
            #expect(try await test.client.request("PUT", "\(location)?digest=\(digest)", body: []).status == 201)
        }
    }

    @Test("7.2/14: credentials in a trailer are none")
    func trailerCredentials() async throws {
        try await TestRegistry.run { test in
            let location = try await test.begin("a")
            try await RawConnection.open(test.port) { connection in
                try await connection.send(
                    "PATCH \(location) HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTrailer: Authorization\r\n\r\n"
                        + "3\r\nabc\r\n0\r\n\(test.authorization)\r\n"
                )
                #expect(try await connection.answer().status == 401)
            }
            #expect(try await test.client.request("GET", location)["range"] == "0-0")
        }
    }

    @Test(
        "7.2/14: a body that ends before its length publishes nothing",
        arguments: ["Content-Length: 100000", "Transfer-Encoding: chunked"]
    )
    func shortBody(framing: String) async throws {
        try await TestRegistry.run { test in
            let manifest = try await test.image("a")
            let digest = Digest.sha256(manifest)
            let (start, end) = framing.hasPrefix("T") ? (String(manifest.count, radix: 16) + "\r\n", "\r\n") : ("", "")
            // All of the bytes that the digest is of, but not all that was announced.
            for (method, path) in [
                ("PUT", "/v2/a/manifests/x"), ("PUT", "/v2/a/manifests/\(digest)"),
                ("POST", "/v2/a/blobs/uploads/?digest=\(digest)"),
                ("PUT", "\(try await test.begin("a"))?digest=\(digest)"),
            ] {
                try await RawConnection.open(test.port) { connection in
                    try await connection.send(
                        "\(method) \(path) HTTP/1.1\r\nHost: x\r\n\(test.authorization)Content-Type: \(MediaType.imageManifest)\r\n"
                            + "\(framing)\r\n\r\n\(start)"
                    )
                    try await connection.send(manifest + Array(end.utf8))
                }
            }
            // The server may see the end of the connections later than the client.
            for _ in 0..<20 {
                for path in ["/v2/a/manifests/x", "/v2/a/manifests/\(digest)", "/v2/a/blobs/\(digest)"] {
                    #expect(try await test.client.request("GET", path).status == 404)
                }
                try await Task.sleep(for: .milliseconds(10))
            }
        }
    }
}
