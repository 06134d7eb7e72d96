// SPDX-License-Identifier: EUPL-1.2

import Foundation
import JSON
import TestKit
import Testing

/// Malformed input of every kind, through the built program: a message that names it, an exit code of the contract, no crash.
@Suite("Malformed input")
struct MalformedInputTests {
    // MARK: Command line

    /// One call of the program; `DIR` in an argument is the case's own directory.
    struct Call: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var arguments: [String]
        var code: Int32
        /// A part of what it prints.
        var says: String
        /// Files of the directory.
        var files: [String: [UInt8]] = [:]

        init(
            _ name: String,
            _ arguments: [String],
            code: Int32 = 2,
            says: String,
            files: [String: [UInt8]] = [:]
        ) {
            testDescription = name
            self.arguments = arguments
            self.code = code
            self.says = says
            self.files = files
        }
    }

    static let calls: [Call] = [
        Call("a control character in an image's name", ["check", "a\nb"], says: "control character"),
        Call("a digest that is none", ["check", "oci:DIR@sha256:00"], says: "is not a digest"),
        Call("an endless device as an archive", ["check", "oci-archive:/dev/zero"], says: "not a regular file"),
        Call("a text as an archive", ["check", "docker-archive:/etc/passwd"], says: "not a tar archive"),
        Call(
            "an age limit past every number",
            ["check", "oci:DIR", "--age-limit", "other=99999999999999999999d"],
            says: "age limit"
        ),
        Call("a day that no calendar has", ["check", "oci:DIR", "--as-of", "2026-13-45"], says: "is not a day"),
        Call("a layout without a version", ["check", "oci:DIR"], says: "oci-layout"),
        Call(
            "a layout whose index is no JSON",
            ["check", "oci:DIR"],
            says: "index.json cannot be used",
            files: layout("{{{")
        ),
        Call(
            "an index nested without end",
            ["check", "oci:DIR"],
            says: "nested deeper",
            files: layout(String(repeating: "[", count: 100_000))
        ),
        Call(
            "a digest that climbs out of the layout",
            ["check", "oci:DIR"],
            says: "hexadecimal digits",
            files: layout(
                #"{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","#
                    + #""digest":"sha256:../../../etc/passwd","size":1}]}"#
            )
        ),
        Call(
            "an unknown setting",
            ["feeds", "status", "--config", "DIR/kontor.yaml"],
            says: "\"listn\" is not a setting",
            files: ["kontor.yaml": Array("listn: 1\n".utf8)]
        ),
        Call(
            "settings that are no text",
            ["feeds", "status", "--config", "DIR/kontor.yaml"],
            says: "not UTF-8",
            files: ["kontor.yaml": [0xff, 0xfe]]
        ),
        Call(
            "a pointer to no snapshot",
            ["feeds", "status", "--data", "DIR"],
            says: "import the feeds again",
            files: ["feeds/current": Array("../../etc/passwd".utf8)]
        ),
        Call(
            "a database that is none",
            ["serve", "--data", "DIR", "--listen", "127.0.0.1:0"],
            says: "file is not a database",
            files: ["kontor.db": Array(repeating: 7, count: 8192)]
        ),
        Call(
            "a host that no name server knows",
            ["serve", "--data", "DIR", "--listen", "nothing.invalid:8"],
            says: "cannot listen at nothing.invalid:8"
        ),
        Call(
            "a broken feed is refused whole, an unknown file skipped",
            ["feeds", "import", "DIR/in", "--data", "DIR/data", "--as-of", "2026-10-22"],
            code: 1,
            says: "openssl",
            files: [
                "in/tracker.json": Array(
                    #"{"openssl":{"CVE-2024-0001":{"releases":{"bookworm":{"status":"wat"}}}}}"#.utf8
                ),
                "in/note.txt": Array("hello".utf8),
            ]
        ),
        Call(
            "a tracker that says nothing of any release",
            ["feeds", "import", "DIR/in", "--data", "DIR/data", "--as-of", "2026-10-22"],
            code: 1,
            says: "at least one record",
            files: ["in/tracker.json": Array(#"{"openssl":{"CVE-2024-0001":{"releases":{}}}}"#.utf8)]
        ),
    ]

    private static func layout(_ index: String) -> [String: [UInt8]] {
        ["oci-layout": Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8), "index.json": Array(index.utf8)]
    }

    @Test("the program names what is wrong and ends with the code of the contract", arguments: calls)
    func commandLine(_ call: Call) async throws {
        let directory = try TemporaryDirectory("malformed")
        defer { directory.remove() }
        for (path, bytes) in call.files { _ = try directory.write(bytes, to: path) }
        let result = try await builtProduct("kontor").run(
            call.arguments.map { $0.replacingOccurrences(of: "DIR", with: directory.path) },
            environment: ["LC_ALL": "C", "HOME": "/nonexistent", "KONTOR_CONFIG": "/dev/null"]
        )
        #expect(result.exitCode == call.code, "\(result.errorOutput)")
        #expect((result.output + result.errorOutput).contains(call.says), "\(result.output)\(result.errorOutput)")
        #expect(!result.errorOutput.contains("Fatal error"))
    }

    // MARK: A node

    /// One request as bytes on the wire, and what its answer must have.
    struct Wire: Sendable {
        var request: String
        var status: Int
        var says: String
    }

    static let wires: [Wire] = [
        Wire(request: "\u{0}\u{1}garbage\r\n\r\n", status: 400, says: "this is no request of HTTP"),
        Wire(
            request: "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
            status: 400,
            says: "this is no request of HTTP"
        ),
        Wire(
            request: "GET / HTTP/1.1\r\nHost: x\r\nX: \(String(repeating: "a", count: 100_000))\r\n\r\n",
            status: 400,
            says: "this is no request of HTTP"
        ),
        Wire(request: "GET /v2/a%2Fb/manifests/1 HTTP/1.1\r\n", status: 400, says: "NAME_INVALID"),
        Wire(request: "GET /v2/../etc/passwd HTTP/1.1\r\n", status: 400, says: "component . or .."),
        Wire(request: "GET /v2/a/blobs/md5:00 HTTP/1.1\r\n", status: 400, says: "sha256 or sha512"),
        Wire(request: "GET /v2/a/tags/list?n=-1 HTTP/1.1\r\n", status: 400, says: "UNSUPPORTED"),
        Wire(request: "GET /v2/a/tags/list?last=%00 HTTP/1.1\r\n", status: 400, says: "control character"),
        Wire(request: "GET /v2/_catalog?last=%00 HTTP/1.1\r\n", status: 400, says: "control character"),
        Wire(request: "POST /v2/a/blobs/uploads/?digest=sha256:00 HTTP/1.1\r\n", status: 400, says: "DIGEST_INVALID"),
        Wire(request: "GET /api/v1/repositories?cursor=%00 HTTP/1.1\r\n", status: 400, says: "urn:kontor:problem"),
        Wire(request: "GET /images/%22%3E%3Cscript%3E HTTP/1.1\r\n", status: 400, says: "<!doctype html>"),
    ]

    @Test("a node answers every malformed request with its reason, judges every hostile image, and goes on")
    func node() async throws {
        let directory = try TemporaryDirectory("malformed-node")
        defer { directory.remove() }
        let node = try await NodeProcess(data: directory.file("data"))
        let credentials = Data("admin:\(try node.secret)".utf8).base64EncodedString()
        for wire in Self.wires {
            var request = wire.request
            if !request.hasSuffix("\r\n\r\n") {
                request +=
                    "Host: x\r\nContent-Length: 0\r\nConnection: close\r\nAuthorization: Basic \(credentials)\r\n\r\n"
            }
            let answer = try Self.exchange(node, Array(request.utf8))
            #expect(answer.hasPrefix("HTTP/1.1 \(wire.status) "), "\(wire.request.prefix(80)): \(answer)")
            #expect(answer.contains(wire.says), "\(wire.request.prefix(80)): \(answer)")
        }
        // A client that asks and asks and never reads gets cut off instead of being remembered.
        let ahead = String(repeating: "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", count: 20_000)
        _ = try Self.exchange(node, Array(ahead.utf8))

        for (name, image, reason) in Self.images {
            let layout = directory.file(name)
            try image.writeOCILayout(to: layout, tag: "v1")
            #expect(try await node.push(layout + ":v1", to: "hostile/\(name):v1"))
            let verdict = try await node.verdict(of: "hostile/\(name):v1", within: .seconds(20))
            #expect(verdict["level"]?.stringValue == "none")
            let text = String(decoding: verdict.bytes(), as: UTF8.self)
            #expect(text.contains(reason), "\(name)")
        }
        #expect(try await node.get("/healthz").status == 200)
        #expect(try node.memory < 400 << 20)
    }

    /// Images that must get a verdict, and a part of the reason in it.
    static let images: [(name: String, image: BuiltImage, reason: String)] = {
        func image(_ tar: @escaping (inout TarBuilder) -> Void) -> BuiltImage {
            var builder = ImageBuilder()
            builder.layer(.gzip, tar)
            return builder.built()
        }
        var garbage = ImageBuilder()
        garbage.layer(tar: [UInt8](repeating: 0x5a, count: 20_000))
        let release = "ID=debian\nVERSION_ID=\"12\"\n"
        return [
            (
                "nul",
                image {
                    $0.file("etc/os-release", text: release)
                    $0.file("var/lib/dpkg/status", text: "Package: a\0b\nStatus: install ok installed\nVersion: 1\n")
                }, "control character"
            ),
            ("climbing", image { $0.file("../../../etc/passwd", text: "x") }, "leads out of the root"),
            ("garbage", garbage.built(), "cannot be read to its end"),
        ]
    }()

    /// Sends bytes on a connection of its own and gives back all that came until the node closed it.
    private static func exchange(_ node: NodeProcess, _ bytes: [UInt8]) throws -> String {
        let port = try #require(UInt16(node.url.split(separator: ":").last ?? ""))
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var timeout = timeval(tv_sec: 5, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &timeout, socklen_t(MemoryLayout<timeval>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw ToolError(description: "the node does not take a connection") }
        _ = bytes.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        var answer: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = recv(descriptor, &piece, piece.count, 0)
            guard count > 0 else { break }
            answer += piece[..<count]
        }
        return String(decoding: answer, as: UTF8.self)
    }
}
