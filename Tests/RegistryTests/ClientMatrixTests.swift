// SPDX-License-Identifier: EUPL-1.2

import JSON
import NodeTestKit
import OCI
import TestKit
import Testing

/// Clients that build, assemble lists and keep other artefacts: each signs in, pushes, reads back and deletes what it can.
@Suite("More real clients") struct ClientMatrixTests {
    @Test("buildah builds into the registry, pulls and inspects; skopeo copies and deletes what it made")
    func buildah() async throws {
        try await TestNode.run { node in
            let scratch = try TemporaryDirectory("buildah")
            defer { scratch.remove() }
            let (buildah, skopeo) = (try tool("buildah"), try tool("skopeo"))
            let host = node.authority
            let environment = ["REGISTRY_AUTH_FILE": scratch.file("auth.json")]
            let storage = ["--storage-driver", "vfs", "--root", scratch.file("root"), "--runroot", scratch.file("run")]
            func run(_ arguments: [String]) async throws -> String {
                try await buildah.check(storage + arguments, environment: environment).split(separator: "\n").last
                    .map(String.init) ?? ""
            }
            _ = try await run(["login", "--tls-verify=false", "-u", "admin", "-p", node.secret, host])
            let container = try await run(["from", "scratch"])
            _ = try await run(["add", container, try scratch.write(pattern(200_000), to: "data"), "/data"])
            _ = try await run(["config", "--label", "org.opencontainers.image.title=built", container])
            _ = try await run(["commit", "--tls-verify=false", "--rm", container, "docker://\(host)/team/built:1"])
            _ = try await run(["pull", "--tls-verify=false", "\(host)/team/built:1"])
            #expect(try await run(["inspect", "--type", "image", "\(host)/team/built:1"]) != "")
            #expect(try await run(["images"]).contains("team/built"))

            let (source, copy) = ("docker://\(host)/team/built:1", "docker://\(host)/team/copy:2")
            let plain = ["--src-tls-verify=false", "--dest-tls-verify=false"]
            try await skopeo.check(["copy"] + plain + [source, copy], environment: environment)
            // The copy within the registry moved no blob: it was mounted, and both name the same manifest.
            let manifests = try await [source, copy].asyncMap {
                try await skopeo.check(["inspect", "--raw", "--tls-verify=false", $0], environment: environment)
            }
            #expect(manifests[0] == manifests[1] && !manifests[0].isEmpty)
            try await skopeo.check(["delete", "--tls-verify=false", copy], environment: environment)
            #expect(try await node.client.request("GET", "/v2/team/copy/manifests/2").status == 404)
            #expect(try await node.client.request("GET", "/v2/team/built/manifests/1").status == 200)
        }
    }

    /// Where no engine runs, as on a build machine, the command line itself speaks to registries: it signs in and keeps lists of platforms.
    @Test("docker's command line signs in without an engine, makes a list of platforms, pushes and reads it")
    func docker() async throws {
        try await TestNode.run { node in
            let scratch = try TemporaryDirectory("docker")
            defer { scratch.remove() }
            var image = ImageBuilder()
            image.layer { $0.file("data", pattern(10_000)) }
            try image.built().writeOCILayout(to: scratch.file("layout"), tag: "1")
            let host = node.authority
            try await tool("skopeo").check([
                "copy", "--format", "v2s2", "--dest-tls-verify=false", "--dest-creds", "admin:\(node.secret)",
                "oci:\(scratch.file("layout")):1", "docker://\(host)/team/app:1",
            ])
            let docker = try tool("docker")
            // No engine, even where this machine has one.
            let environment = ["DOCKER_HOST": "unix://\(scratch.file("none.sock"))"]
            let config = ["--config", scratch.file("config")]
            let login = ["login", "-u", "admin", "--password-stdin", host]
            let secret = Array((node.secret + "\n").utf8)
            let wrong = try await docker.run(config + login, input: Array("wrong\n".utf8), environment: environment)
            #expect(wrong.exitCode != 0)
            let welcome = try await docker.check(config + login, input: secret, environment: environment)
            #expect(welcome.contains("Login Succeeded"))
            for arguments in [
                ["create", "--insecure", "\(host)/team/list:1", "\(host)/team/app:1"],
                ["push", "--insecure", "\(host)/team/list:1"],
            ] {
                try await docker.check(config + ["manifest"] + arguments, environment: environment)
            }
            let read = try await docker.check(
                config + ["manifest", "inspect", "--insecure", "\(host)/team/list:1"],
                environment: environment
            )
            let pushed = try await node.client.request("GET", "/v2/team/app/manifests/1")
            #expect(read.contains(Digest.sha256(pushed.body).description))
            #expect(try await node.client.request("GET", "/v2/team/list/tags/list").json?["tags"] == ["1"])
        }
    }

    /// The Python client of the ORAS project; that in Go is in no Debian package.
    ///
    /// By Basic: its bearer flow asks for a second token only
    /// after a 403, while registries ask by 401 for a token with more scope.
    @Test("oras signs in, pushes a file, pulls it, lists and deletes its tag")
    func oras() async throws {
        try await TestNode.run { node in
            let scratch = try TemporaryDirectory("oras")
            defer { scratch.remove() }
            _ = try scratch.write(Array("hello\n".utf8), to: "file.txt")
            let script = """
                import sys, oras.client
                host, secret = sys.argv[1:]
                client = oras.client.OrasClient(hostname=host, insecure=True, auth_backend="basic")
                client.login(username="admin", password=secret, hostname=host, config_path="./login/auth.json")
                target = host + "/team/artefact:1"
                assert client.push(target=target, files=["file.txt"], disable_path_validation=True).status_code == 201
                assert len(client.pull(target=target, outdir="out")) == 1
                assert open("out/file.txt").read() == "hello\\n"
                assert client.get_tags(target) == ["1"], client.get_tags(target)
                assert client.delete_tags(host + "/team/artefact", ["1"]) == ["1"]
                print("done")
                """
            let output = try await pythonEnvironment(["oras"]).python.check(
                ["-c", script, node.authority, node.secret],
                directory: scratch.path
            )
            #expect(output.contains("done"))
            #expect(try await node.client.request("GET", "/v2/team/artefact/manifests/1").status == 404)
        }
    }
}

extension Array {
    fileprivate func asyncMap<T>(_ transform: (Element) async throws -> T) async throws -> [T] {
        var result: [T] = []
        for element in self { result.append(try await transform(element)) }
        return result
    }
}
