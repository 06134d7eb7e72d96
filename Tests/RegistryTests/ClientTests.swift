// SPDX-License-Identifier: EUPL-1.2

import JSON
import Node
import NodeTestKit
import OCI
import Registry
import TestKit
import Testing

/// The clients that people use, against a whole node.
@Suite("Real clients")
struct ClientTests {
    private func layout(_ directory: TemporaryDirectory, layerBytes: Int = 300_000) throws -> String {
        var image = ImageBuilder()
        image.layer { $0.file("etc/os-release", text: "ID=debian\nVERSION_ID=\"12\"\n") }
        image.layer(.none) { $0.file("data", pattern(layerBytes)) }
        try image.built().writeOCILayout(to: directory.file("layout"), tag: "1.0")
        return directory.file("layout")
    }

    @Test("skopeo pushes and pulls OCI and Docker images, and lists tags", arguments: ["oci", "v2s2"])
    func skopeo(format: String) async throws {
        try await TestNode.run { node in
            let scratch = try TemporaryDirectory("skopeo")
            defer { scratch.remove() }
            let skopeo = try tool("skopeo")
            let reference = "docker://\(node.authority)/team/app:1.0"
            let login = "admin:\(node.secret)"
            try await skopeo.check(
                [
                    "copy", "--format", format, "--dest-tls-verify=false", "--dest-creds", login,
                    "oci:\(try layout(scratch)):1.0", reference,
                ]
            )
            try await skopeo.check([
                "copy", "--src-tls-verify=false", "--src-creds", login, reference, "dir:\(scratch.file("back"))",
            ])
            let raw = try await skopeo.check(["inspect", "--raw", "--tls-verify=false", "--creds", login, reference])
            let served = try await node.client.request("GET", "/v2/team/app/manifests/1.0")
            #expect(served.text == raw)
            let wanted = format == "oci" ? MediaType.imageManifest : MediaType.dockerManifest
            #expect(served["content-type"] == wanted)
            let tags = try await skopeo.check([
                "list-tags", "--tls-verify=false", "--creds", login, "docker://\(node.authority)/team/app",
            ])
            #expect(tags.contains("\"1.0\""))
            // A second push of the same image moves no byte and changes nothing.
            let again = try await skopeo.run(
                [
                    "copy", "--format", format, "--dest-tls-verify=false", "--dest-creds", login,
                    "oci:\(scratch.file("layout")):1.0", reference,
                ]
            )
            #expect(again.exitCode == 0)
            #expect(
                try await node.node.registry.tagHistory(RepositoryName(parsing: "team/app"), Tag(parsing: "1.0")).count
                    == 1
            )
        }
    }

    @Test("skopeo copies from one repository to another and deletes what it copied from")
    func delete() async throws {
        try await TestNode.run { node in
            let scratch = try TemporaryDirectory("skopeo")
            defer { scratch.remove() }
            let skopeo = try tool("skopeo")
            let login = "admin:\(node.secret)"
            let source = "docker://\(node.authority)/team/app:1.0"
            let target = "docker://\(node.authority)/release/app:1.0"
            try await skopeo.check([
                "copy", "--dest-tls-verify=false", "--dest-creds", login, "oci:\(try layout(scratch)):1.0", source,
            ])
            try await skopeo.check([
                "copy", "--src-tls-verify=false", "--src-creds", login, "--dest-tls-verify=false", "--dest-creds",
                login,
                source, target,
            ])
            try await skopeo.check(["delete", "--tls-verify=false", "--creds", login, source])
            #expect(try await node.client.request("GET", "/v2/team/app/manifests/1.0").status == 404)
            let again = try await skopeo.run(["delete", "--tls-verify=false", "--creds", login, source])
            #expect(again.exitCode != 0)
            // Blobs are the repository's, not the deleted manifest's.
            try await skopeo.check([
                "copy", "--src-tls-verify=false", "--src-creds", login, target, "dir:\(scratch.file("back"))",
            ])
        }
    }

    @Test("skopeo reads without a login where anonymous pull is allowed, and cannot push")
    func anonymous() async throws {
        try await TestNode.run(configure: { $0.anonymousPull = true }) { node in
            let scratch = try TemporaryDirectory("skopeo")
            defer { scratch.remove() }
            let skopeo = try tool("skopeo")
            let reference = "docker://\(node.authority)/app:1"
            let source = "oci:\(try layout(scratch)):1.0"
            let refused = try await skopeo.run([
                "copy", "--dest-tls-verify=false", "--dest-no-creds", source, reference,
            ])
            #expect(refused.exitCode != 0)
            try await skopeo.check([
                "copy", "--dest-tls-verify=false", "--dest-creds", "admin:\(node.secret)", source, reference,
            ])
            try await skopeo.check([
                "copy", "--src-tls-verify=false", "--src-no-creds", reference, "dir:\(scratch.file("back"))",
            ])
        }
    }

    @Test("podman pushes and pulls")
    func podman() async throws {
        try await TestNode.run { node in
            let scratch = try TemporaryDirectory("podman")
            defer { scratch.remove() }
            let podman = try tool("podman")
            let storage = [
                "--root", scratch.file("root"), "--runroot", scratch.file("run"), "--storage-driver", "vfs", "--tmpdir",
                scratch.file("tmp"),
            ]
            let login = ["--tls-verify=false", "--creds", "admin:\(node.secret)"]
            let reference = "\(node.authority)/team/podman:1"
            try await podman.check(storage + ["pull", "-q", "oci:\(try layout(scratch)):1.0"])
            let id =
                try await podman.check(storage + ["images", "-q", "--no-trunc"]).split(separator: "\n").first.map(
                    String.init
                ) ?? ""
            try await podman.check(storage + ["push", "-q"] + login + [id, "docker://\(reference)"])
            try await podman.check(storage + ["rmi", "-f", id])
            try await podman.check(storage + ["pull", "-q"] + login + [reference])
            #expect(try await node.client.request("GET", "/v2/team/podman/tags/list").json?["tags"] == ["1"])
        }
    }

    @Test("curl sends a large file with Expect: 100-continue and does not wait")
    func curl() async throws {
        try await TestNode.run { node in
            let scratch = try TemporaryDirectory("curl")
            defer { scratch.remove() }
            let bytes = pattern(3_000_000)
            let file = try scratch.write(bytes, to: "blob")
            let output = try await tool("curl").check(
                [
                    "-s", "-u", "admin:\(node.secret)", "-H", "Expect: 100-continue", "-H",
                    "Content-Type: application/octet-stream",
                    "--data-binary", "@\(file)", "-w", "%{http_code} %{time_total}",
                    "\(node.url)/v2/a/blobs/uploads/?digest=\(Digest.sha256(bytes))",
                ]
            )
            #expect(output.hasPrefix("201 "))
        }
    }
}
