// SPDX-License-Identifier: EUPL-1.2

import FoundationEssentials
import JSON
import NodeTestKit
import OCI
import TestKit
import Testing

/// Files of `kontor client-config`, used by the clients that they are for.
@Suite("kontor client-config", .enabled(if: (try? builtProduct("kontor")) != nil, "kontor is not built"))
struct ClientConfigTests {
    /// Has the files written into a folder of the test and gives its path.
    private func files(
        _ client: String,
        _ node: ReleasedNode,
        _ more: [String] = [],
        root: String = "root.json",
        below: String = ""
    )
        async throws -> String
    {
        let place = node.folder.file("\(client)-\(UInt64.random(in: .min ... .max))") + below
        let result = try await node.kontor(
            ["client-config", "--for", client, "--trust-root", node.folder.file(root), "--output", place] + more
        )
        #expect(result.exitCode == 0, "\(result.errorOutput)")
        #expect(result.errorOutput.contains("compare this fingerprint"))
        #expect(result.output.contains("\(place)/README.txt\n"))
        return place
    }

    /// The folder of the files, in the home of somebody who has no others: neither podman nor skopeo is told where they are.
    private func home(_ client: String, _ node: ReleasedNode, _ more: [String] = []) async throws -> String {
        try await files(client, node, more, below: "/.config/containers")
    }

    private func pull(_ skopeo: Tool, _ place: String, _ reference: String, _ node: ReleasedNode, _ more: [String] = [])
        async throws -> ToolResult
    {
        let target = node.folder.file("pulled-\(UInt64.random(in: .min ... .max))")
        return try await skopeo.run(
            ["copy"] + more + [reference.hasPrefix("oci:") ? reference : "docker://" + reference, "dir:" + target],
            environment: ["HOME": String(place.dropLast("/.config/containers".count))]
        )
    }

    private func expect(_ result: ToolResult, _ passes: Bool, _ comment: Comment) {
        #expect((result.exitCode == 0) == passes, comment)
        if (result.exitCode == 0) != passes { Issue.record("\(result.output)\n\(result.errorOutput)") }
    }

    /// Puts another key in the place of one of the files.
    private func exchange(_ name: String, in place: String, for key: String) throws {
        for file in try FileManager.default.contentsOfDirectory(atPath: "\(place)/keys") where file.hasPrefix(name) {
            try Data(key.utf8).write(to: URL(fileURLWithPath: "\(place)/keys/\(file)"))
        }
    }

    private func pem(_ role: String, _ node: ReleasedNode) async throws -> String {
        let keys = try await node.trustRoot()["keys"]?.arrayValue ?? []
        return try #require(keys.first { $0["role"]?.stringValue == role }?["pem"]?.stringValue)
    }

    @Test("skopeo of Debian 13 pulls releases with the files alone, and nothing else")
    func skopeo() async throws {
        try await ReleasedNode.run { node in
            let skopeo = try await trixieTool("skopeo")
            let place = try await home("skopeo", node, ["--plain-http"])
            expect(try await pull(skopeo, place, node.name, node), true, "an image")
            expect(try await pull(skopeo, place, node.multi, node), true, "one of an index")
            expect(try await pull(skopeo, place, "\(node.host)/bund/app@\(node.image)", node), true, "by digest")
            #expect(try await node.test.push("bund/app", "open", layer: "b", as: node.test.admins) == 201)
            expect(try await pull(skopeo, place, "\(node.host)/bund/app:open", node), false, "never released")
            let elsewhere = try await pull(skopeo, place, "oci:" + Self.layout(node), node)
            #expect(elsewhere.exitCode != 0 && elsewhere.errorOutput.contains("rejected by policy"))
            let other = try await pem("verdict", node)
            for key in ["release", "log"] {
                let changed = try await home("skopeo", node, ["--plain-http"])
                try exchange(key, in: changed, for: other)
                expect(try await pull(skopeo, changed, node.name, node), false, "another key for \(key)")
            }
            // A second key, as while one is replaced: any of them may have signed.
            try node.folder.write(try await Self.rotated(node).bytes(), to: "rotated.json")
            let rotated = try await files(
                "skopeo",
                node,
                ["--plain-http"],
                root: "rotated.json",
                below: "/.config/containers"
            )
            expect(try await pull(skopeo, rotated, node.name, node), true, "two keys")
            // Released, and in no log: the namespace is internal.
            let image = ReleasedNode.built("amd64", "internal")
            try await ReleasedNode.push(image, "land/app", image.manifestDigest.description, node.test)
            try await node.release("land/app", image.manifestDigest, "1.0")
            let signedIn = ["--src-creds", "admin:\(node.test.node.secret)"]
            let internalPull = try await pull(skopeo, place, "\(node.host)/land/app:1.0", node, signedIn)
            #expect(internalPull.exitCode != 0)
            #expect(
                internalPull.errorOutput.contains("missing dev.sigstore.cosign/bundle annotation"),
                "\(internalPull.errorOutput)"
            )
            #expect(try await node.test.push("bund/app", "1.0", layer: "moved", as: node.test.admins) == 201)
            expect(try await pull(skopeo, place, node.name, node), false, "a moved tag")
        }
    }

    /// The trust root with another key for releases before the node's.
    private static func rotated(_ node: ReleasedNode) async throws -> JSONValue {
        guard var root = try await node.trustRoot().objectValue else { return .null }
        let keys = root["keys"]?.arrayValue ?? []
        var other = keys.first { $0["role"]?.stringValue == "verdict" }?.objectValue ?? [:]
        other["role"] = "release"
        root["keys"] = .array([.object(other)] + keys)
        return .object(root)
    }

    private static func layout(_ node: ReleasedNode) throws -> String {
        let path = node.folder.file("local-layout")
        try ReleasedNode.built("amd64").writeOCILayout(to: path, tag: "1.0")
        return path + ":1.0"
    }

    @Test("through a mirror with the copied closure, also when the registry itself is never asked")
    func mirror() async throws {
        try await ReleasedNode.run { node in
            try await DockerRegistry.run { mirror in
                let skopeo = try await trixieTool("skopeo")
                let place = "\(mirror)/mirrored/bund/app"
                try await node.copy("bund/app", [node.image], to: ["--to-plain-http"], place)
                let options = ["--plain-http", "--mirror", "\(mirror)/mirrored"]
                for more in [[], ["--mirrors-only"]] {
                    let config = try await home("skopeo", node, options + more)
                    expect(try await pull(skopeo, config, node.name, node), true, "\(more)")
                    try exchange("release", in: config, for: try await pem("verdict", node))
                    expect(try await pull(skopeo, config, node.name, node), false, "another key, \(more)")
                }
                // A mirror that is not named for signatures has none.
                let unnamed = try await home("skopeo", node, options + ["--mirrors-only"])
                let file = URL(fileURLWithPath: "\(unnamed)/registries.d/kontor.yaml")
                let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
                #expect(text.contains("\"\(mirror)\":\n"))
                try Data(text.replacing(mirror, with: "mirror.example").utf8).write(to: file)
                expect(try await pull(skopeo, unnamed, node.name, node), false, "mirror without attachments")
                // The mirror gives out something else under the tag.
                let other = ReleasedNode.built("amd64", "other")
                try other.writeOCILayout(to: node.folder.file("other"), tag: "1.0")
                try await trixieTool("oras").check([
                    "cp", "--from-oci-layout", "--to-plain-http", node.folder.file("other") + ":1.0", "\(place):1.0",
                ])
                let only = try await home("skopeo", node, options + ["--mirrors-only"])
                expect(try await pull(skopeo, only, node.name, node), false, "a mirror that lies")
            }
        }
    }

    @Test("skopeo 1.9 and podman 4.3 of Debian 12 need the OpenPGP files alone, and refuse those of the other form")
    func bookworm() async throws {
        try await ReleasedNode.run { node in
            let skopeo = try tool("skopeo")
            let place = try await home("skopeo", node, ["--plain-http", "--signatures", "openpgp"])
            expect(try await pull(skopeo, place, node.name, node), true, "skopeo")
            expect(try await pull(skopeo, place, node.multi, node), true, "skopeo, one of an index")
            let sigstore = try await home("skopeo", node, ["--plain-http"])
            expect(try await pull(skopeo, sigstore, node.name, node), false, "skopeo cannot verify the other form")
            #expect(try await node.test.push("bund/app", "open", layer: "b", as: node.test.admins) == 201)
            expect(try await pull(skopeo, place, "\(node.host)/bund/app:open", node), false, "never released")

            let podmans = try await home("podman", node, ["--plain-http", "--signatures", "openpgp"])
            expect(try await podman(node.name, podmans), true, "podman")
            expect(try await podman("\(node.host)/bund/app:open", podmans), false, "podman, never released")
            #expect(try await node.test.push("bund/app", "1.0", layer: "moved", as: node.test.admins) == 201)
            expect(try await podman(node.name, podmans), false, "podman, a moved tag")
            expect(try await pull(skopeo, place, node.name, node), false, "skopeo, a moved tag")
        }
    }

    @Test("OpenPGP through a mirror needs the signatures on a web server or in a directory, and then nothing else")
    func lookaside() async throws {
        try await ReleasedNode.run { node in
            try await DockerRegistry.run { mirror in
                try await node.copy("bund/app", [node.image], to: ["--to-plain-http"], "\(mirror)/mirrored/bund/app")
                let path = "/extensions/v2/bund/app/signatures/\(node.image)"
                let list = try await node.test.admins.request("GET", path).json?["signatures"]?.arrayValue ?? []
                for (number, signature) in list.enumerated() {
                    let message = try #require(Data(base64Encoded: signature["content"]?.stringValue ?? ""))
                    let file = "lookaside/mirrored/bund/app@sha256=\(node.image.hex)/signature-\(number + 1)"
                    try node.folder.write([UInt8](message), to: file)
                }
                let options = [
                    "--plain-http", "--signatures", "openpgp", "--mirror", "\(mirror)/mirrored", "--mirrors-only",
                ]
                for skopeo in [try tool("skopeo"), try await trixieTool("skopeo")] {
                    let without = try await home("skopeo", node, options)
                    expect(try await pull(skopeo, without, node.name, node), false, "\(skopeo.path), without")
                    let address = ["--lookaside", "file://" + node.folder.file("lookaside")]
                    let with = try await home("skopeo", node, options + address)
                    expect(try await pull(skopeo, with, node.name, node), true, "\(skopeo.path), with")
                }
            }
        }
    }

    private func podman(_ reference: String, _ place: String) async throws -> ToolResult {
        let scratch = try TemporaryDirectory("podman")
        defer { scratch.remove() }
        return try await tool("podman").run(
            [
                "--root", scratch.file("root"), "--runroot", scratch.file("run"), "--storage-driver", "vfs",
                "--tmpdir", scratch.file("tmp"), "pull", "-q", reference,
            ],
            environment: ["HOME": String(place.dropLast("/.config/containers".count))]
        )
    }

    @Test("cosign 2.5 verifies with the script and with the trusted root, without any network but the registry")
    func cosign() async throws {
        try await ReleasedNode.run { node in
            let place = try await files("cosign", node)
            let cosign = try await trixieTool("cosign")
            let folder = cosign.path.prefix(upTo: cosign.path.lastIndex(of: "/") ?? cosign.path.endIndex)
            let environment = [
                "HOME": node.folder.path, "TUF_ROOT": node.folder.path, "PATH": "\(folder):/usr/bin:/bin",
                "HTTPS_PROXY": "http://127.0.0.1:1",
            ]
            func script(_ reference: String, _ place: String) async throws -> ToolResult {
                try await tool("bash").run(
                    ["-c", "exec \"$0\" \"$@\"", "\(place)/verify", reference, "--allow-http-registry"],
                    environment: environment
                )
            }
            expect(try await script(node.name, place), true, "an image")
            expect(try await script(node.multi, place), true, "an index")
            #expect(try await node.test.push("bund/app", "open", layer: "b", as: node.test.admins) == 201)
            expect(try await script("\(node.host)/bund/app:open", place), false, "never released")
            expect(try await script("other.example/bund/app:1.0", place), false, "another registry")
            for key in ["release", "log"] {
                let changed = try await files("cosign", node)
                try exchange(key, in: changed, for: try await pem("verdict", node))
                expect(try await script(node.name, changed), false, "another key for \(key)")
            }
            let keys = try FileManager.default.contentsOfDirectory(atPath: place + "/keys")
            let key = try #require(keys.first { $0.hasPrefix("release-") })
            let other = (try await node.trustRoot()["keys"]?.arrayValue ?? []).first {
                $0["role"]?.stringValue == "verdict"
            }
            _ = try await node.changedRoot("log-timestamps", to: "other-log.json") { members in
                for name in ["pem", "fingerprint", "id"] { members[name] = other?[name] }
            }
            let otherLog = try await files("cosign", node, root: "other-log.json")
            for (root, isFine) in [(place, true), (otherLog, false)] {
                let bundle = try await cosign.run(
                    [
                        "verify-attestation", "--new-bundle-format", "--trusted-root", root + "/trusted_root.json",
                        "--key", "\(place)/keys/\(key)", "--type", "https://sigstore.dev/cosign/sign/v1",
                        "--allow-http-registry", node.name,
                    ],
                    environment: environment
                )
                expect(bundle, isFine, "bundle, \(isFine ? "our" : "another") log")
            }
            // The manifest and its bundle as files: no registry is asked either.
            for (repository, isLogged) in [("bund/app", true), ("land/app", false)] {
                let image = ReleasedNode.built("amd64")
                if !isLogged {
                    try await ReleasedNode.push(image, repository, image.manifestDigest.description, node.test)
                    try await node.release(repository, image.manifestDigest, "1.0")
                }
                try node.folder.write(image.manifest, to: "manifest.json")
                try node.folder.write(
                    try await bundle(of: image.manifestDigest, in: repository, node),
                    to: "bundle.json"
                )
                for (root, fits) in [(place, true), (otherLog, false)] {
                    let blob = try await cosign.run(
                        [
                            "verify-blob-attestation", "--new-bundle-format", "--bundle",
                            node.folder.file("bundle.json"), "--trusted-root", root + "/trusted_root.json", "--key",
                            "\(place)/keys/\(key)", "--type", "https://sigstore.dev/cosign/sign/v1",
                            node.folder.file("manifest.json"),
                        ],
                        environment: environment
                    )
                    expect(blob, isLogged && fits, "files of \(repository), \(fits ? "our" : "another") log")
                }
            }
            try await tool("skopeo").check([
                "login", "--authfile", node.folder.file(".docker/config.json"), "--tls-verify=false", "-u", "admin",
                "-p", node.test.node.secret, node.host,
            ])
            let unlogged = try await script("\(node.host)/land/app:1.0", place)
            expect(unlogged, false, "no entry in the log")
            #expect(unlogged.errorOutput.contains("its log does not know it"))
            #expect(try await node.test.push("bund/app", "1.0", layer: "moved", as: node.test.admins) == 201)
            expect(try await script(node.name, place), false, "a moved tag")
        }
    }

    /// The bundle that is attached to an image.
    private func bundle(of digest: Digest, in repository: String, _ node: ReleasedNode) async throws -> [UInt8] {
        let list = try await node.test.admins.request("GET", "/v2/\(repository)/referrers/\(digest)").json
        let referrer = try #require(list?["manifests"]?[0]?["digest"]?.stringValue)
        let manifest = try await node.test.admins.request("GET", "/v2/\(repository)/manifests/\(referrer)").json
        let blob = try #require(manifest?["layers"]?[0]?["digest"]?.stringValue)
        return try await node.test.admins.request("GET", "/v2/\(repository)/blobs/\(blob)").body
    }

    @Test("containerd's question is answered by kontor verify: what was not released is not kept")
    func containerd() async throws {
        try await ReleasedNode.run { node in
            let place = try await files("containerd", node, ["--plain-http", "--mirror", "mirror.example/gov"])
            let kontor = try builtProduct("kontor").path
            let bin = node.folder.file("bin")
            try FileManager.default.createDirectory(atPath: bin, withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(atPath: bin + "/kontor", withDestinationPath: kontor)
            func ask(_ name: String, _ digest: Digest) async throws -> ToolResult {
                try await tool("bash").run(
                    [
                        "-c", "exec \"$0\" \"$@\"", "\(place)/image-verifier/kontor", "-name", name, "-digest",
                        "\(digest)", "-stdin-media-type", "application/vnd.oci.descriptor.v1+json",
                    ],
                    environment: [
                        "PATH": bin + ":/usr/bin:/bin", "KONTOR_CONFIG": "/dev/null", "HOME": node.folder.path,
                    ]
                )
            }
            expect(try await ask(node.name, node.image), true, "an image")
            expect(try await ask(node.multi, node.index), true, "an index")
            expect(try await ask("\(node.host)/bund/app@\(node.image)", node.image), true, "by digest")
            expect(try await ask(node.name, node.index), false, "another digest")
            expect(try await ask("\(node.host)/bund/app:2.0", node.image), false, "another tag")
            expect(try await ask("docker.io/library/app:1.0", node.image), false, "another registry")
            let hosts = try String(contentsOfFile: "\(place)/certs.d/\(node.host)/hosts.toml", encoding: .utf8)
            #expect(hosts.contains("[host.\"http://mirror.example/v2/gov\"]\n"))
            #expect(hosts.contains("  capabilities = [\"pull\"]\n  override_path = true\n"))
        }
    }

    @Test("without a directory the files go to standard output; what would say something else in a file is refused")
    func usage() async throws {
        try await ReleasedNode.run { node in
            let root = ["--trust-root", node.folder.file("root.json")]
            let shown = try await node.kontor(["client-config", "--for", "podman"] + root)
            #expect(shown.exitCode == 0)
            #expect(shown.output.contains("==> policy.json <==\n"))
            #expect(shown.output.contains("\"keyPath\": \"/etc/containers/keys/release-"))
            let german = try await node.kontor(["client-config", "--for", "containerd"] + root, language: "de")
            #expect(german.output.contains("containerd: nur, was \(node.host) freigegeben hat"))
            for more in [
                ["--for", "docker"], ["--for", "podman", "--mirror", "a b"], ["--for", "podman", "--mirror", "x"],
                ["--for", "podman", "--mirrors-only"], ["--for", "podman", "--directory", "relative"],
                ["--for", "podman", "--directory", "/a\"b"], ["--for", "skopeo", "--signatures", "x509"],
                ["--for", "podman", "--signatures", "openpgp", "--lookaside", "ftp://x"],
            ] {
                let result = try await node.kontor(["client-config"] + more + root)
                #expect(result.exitCode == 2 && result.output.isEmpty, "\(more)")
            }
            _ = try await node.changedRoot("release", to: "revoked.json") { $0["revokedFrom"] = "2020-01-01T00:00:00Z" }
            let revoked = try await node.kontor(
                ["client-config", "--for", "cosign", "--trust-root", node.folder.file("revoked.json")]
            )
            #expect(revoked.exitCode == 2 && revoked.errorOutput.contains("no valid key for the role release"))
        }
    }
}
