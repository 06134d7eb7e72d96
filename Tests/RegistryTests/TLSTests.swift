// SPDX-License-Identifier: EUPL-1.2

import FoundationEssentials
import Node
import NodeTestKit
import TestKit
import Testing

@Suite("The listener with TLS") struct TLSTests {
    /// A certificate for 127.0.0.1 that signs itself, as files.
    private static func certificate(_ directory: TemporaryDirectory, _ name: String) async throws -> (String, String) {
        let (certificate, key) = (directory.file("\(name).pem"), directory.file("\(name).key"))
        try await tool("openssl").check([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
            "/CN=\(name)", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate,
        ])
        return (certificate, key)
    }

    private static func run(
        _ body: @Sendable @escaping (TestNode, TemporaryDirectory) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory("tls")
        defer { directory.remove() }
        let (certificate, key) = try await Self.certificate(directory, "first")
        try await TestNode.run(configure: { $0.tls = (certificate, key) }) { node in try await body(node, directory) }
    }

    private static func curl(_ node: TestNode, _ trusted: String, _ options: [String]) async throws -> ToolResult {
        try await tool("curl").run(
            [
                "--silent", "--show-error", "--max-time", "20", "--cacert", trusted, "--output", "/dev/null",
                "--write-out", "%{http_code} %{http_version} %{ssl_verify_result}",
            ] + options + ["https://127.0.0.1:\(node.port)/healthz"]
        )
    }

    private static func status(_ node: TestNode, _ trusted: String, _ options: [String] = []) async throws -> (
        Int32, String
    ) {
        let result = try await curl(node, trusted, options)
        return (result.exitCode, result.output)
    }

    @Test(
        "skopeo pushes and pulls over TLS with bearer tokens, and the challenge names an address that begins with https"
    )
    func clients() async throws {
        try await Self.run { node, directory in
            try FileManager.default.createDirectory(atPath: directory.file("certs"), withIntermediateDirectories: true)
            try FileManager.default.copyItem(
                atPath: directory.file("first.pem"),
                toPath: directory.file("certs/ca.crt")
            )
            var image = ImageBuilder()
            image.layer(.none) { $0.file("data", pattern(3 << 20)) }
            try image.built().writeOCILayout(to: directory.file("layout"), tag: "1.0")
            let reference = "docker://127.0.0.1:\(node.port)/team/app:1.0"
            let login = "admin:\(node.secret)"
            let certificates = directory.file("certs")
            try await tool("skopeo").check([
                "copy", "--dest-cert-dir", certificates, "--dest-creds", login, "oci:\(directory.file("layout")):1.0",
                reference,
            ])
            try await tool("skopeo").check([
                "copy", "--src-cert-dir", certificates, "--src-creds", login, reference,
                "dir:\(directory.file("back"))",
            ])
            let challenge = try await tool("curl").check([
                "--silent", "--include", "--cacert", directory.file("first.pem"), "https://127.0.0.1:\(node.port)/v2/",
            ])
            #expect(challenge.contains("Bearer realm=\"https://127.0.0.1:\(node.port)/token\""))
        }
    }

    @Test("7.2/73: TLS 1.2 and newer, no weak cipher, HTTP/1.1 only")
    func floor() async throws {
        try await Self.run { node, directory in
            let trusted = directory.file("first.pem")
            for option in ["--tlsv1.2", "--tlsv1.3"] {
                let (code, output) = try await Self.status(node, trusted, [option, "--http2"])
                #expect(code == 0 && output == "200 1.1 0", "\(option): \(output)")
            }
            // Else the client itself would refuse the old version, and the server would never be asked.
            for version in ["1.0", "1.1"] {
                let refused = try await Self.curl(
                    node,
                    trusted,
                    ["--tls-max", version, "--tlsv" + version, "--ciphers", "ALL:@SECLEVEL=0"]
                )
                #expect(refused.exitCode == 35 && refused.errorOutput.contains("alert protocol version"))
            }
            for (cipher, isStrong) in [
                ("ECDHE-ECDSA-AES128-GCM-SHA256", true), ("ECDHE-ECDSA-AES128-SHA", false),
                ("ECDHE-ECDSA-AES256-SHA", false), ("ECDHE-ECDSA-AES128-SHA256", false),
                ("ECDHE-ECDSA-AES256-SHA384", false), ("ECDHE-ECDSA-NULL-SHA", false), ("AES128-SHA", false),
                ("NULL-SHA256", false),
            ] {
                let only = ["--tls-max", "1.2", "--ciphers", cipher + ":@SECLEVEL=0"]
                let answer = try await Self.curl(node, trusted, only)
                #expect((answer.exitCode == 0) == isStrong, "\(cipher): \(answer.errorOutput)")
                if !isStrong { #expect(answer.errorOutput.contains("alert handshake failure"), "\(cipher)") }
            }
            let plain = try await tool("curl").run([
                "--silent", "--max-time", "20", "http://127.0.0.1:\(node.port)/healthz",
            ])
            #expect(plain.exitCode != 0)
        }
    }

    @Test("7.2/73: a new certificate is in use without a restart; one that does not fit changes nothing")
    func reload() async throws {
        try await Self.run { node, directory in
            let (first, firstKey) = (directory.file("first.pem"), directory.file("first.key"))
            let kept = directory.file("kept.pem")
            try FileManager.default.copyItem(atPath: first, toPath: kept)
            let (second, secondKey) = try await Self.certificate(directory, "second")
            #expect(try await Self.status(node, kept).0 == 0)
            // The certificate alone, without its key: half of a renewal.
            try Data(contentsOf: URL(filePath: second)).write(to: URL(filePath: first))
            node.node.reloadCertificates()
            #expect(try await Self.status(node, kept).0 == 0)
            #expect(try await Self.status(node, second).0 != 0)
            try Data(contentsOf: URL(filePath: secondKey)).write(to: URL(filePath: firstKey))
            node.node.reloadCertificates()
            #expect(try await Self.status(node, second).0 == 0)
            #expect(try await Self.status(node, kept).0 != 0)
            try Data("no certificate".utf8).write(to: URL(filePath: first))
            node.node.reloadCertificates()
            #expect(try await Self.status(node, second).0 == 0)
        }
    }

    @Test("a node does not start with a certificate that cannot be used, and says which file")
    func unusable() async throws {
        let directory = try TemporaryDirectory("tls")
        defer { directory.remove() }
        let (certificate, _) = try await Self.certificate(directory, "one")
        let (_, otherKey) = try await Self.certificate(directory, "other")
        try Data("x".utf8).write(to: URL(filePath: directory.file("broken.pem")))
        for (first, second) in [
            (certificate, otherKey), (directory.file("broken.pem"), otherKey), (certificate, directory.file("missing")),
        ] {
            await #expect(throws: NodeError.self, "\(first) \(second)") {
                try await TestNode.run(configure: { $0.tls = (first, second) }) { _ in }
            }
        }
    }
}
