// SPDX-License-Identifier: EUPL-1.2

import FoundationEssentials
import JSON
import NodeTestKit
import OCI
import TestKit
import Testing

/// `kontor verify` against what a whole node with its real signer released.
@Suite("kontor verify", .enabled(if: (try? builtProduct("kontor")) != nil, "kontor is not built"))
struct VerifyCommandTests {
    @Test("an image and an index are verified: every form, every image, the log with its proof")
    func verified() async throws {
        try await ReleasedNode.run { node in
            let single = try await node.report(node.name, ["--require", "cosign", "--require", "openpgp"])
            #expect(single.code == 0, "\(single.json.text())")
            #expect(single.json["schemaVersion"] == 1)
            #expect(single.json["verified"] == true)
            #expect(single.json["digest"]?.stringValue == "\(node.image)")
            for item in ["tag", "digest", "release", "log", "form:cosign", "form:openpgp"] {
                #expect(single.json.outcomes(item) == ["passed"], "\(item)")
            }
            for form in ["cosign", "bundle", "openpgp"] {
                let found = single.json.found(form)
                #expect(found.map { $0["outcome"]?.stringValue } == ["passed"], "\(form)")
            }
            #expect(single.json.found("bundle").first?["logIndex"]?.int64Value != nil)
            #expect(single.json.found("cosign").first?["loggedAt"]?.stringValue != nil)
            let multi = try await node.report(node.multi)
            #expect(multi.code == 0, "\(multi.json.text())")
            #expect(multi.json.outcomes("index") == ["passed"])
            #expect(multi.json.outcomes("release") == ["passed", "passed", "passed"])
            #expect(multi.json.outcomes("log") == ["passed", "passed", "passed"])
            let one = try await node.report(node.multi, ["--platform", "linux/arm64"])
            #expect(one.code == 0)
            #expect(
                one.json["images"]?.arrayValue?.compactMap { $0["digest"]?.stringValue } == [
                    "\(node.index)", "\(node.children[1])",
                ]
            )
            let text = try await node.verify(node.name)
            #expect(text.output.hasPrefix("Verified: \(node.name)\n"))
            let german = try await node.kontor(
                ["verify", node.name, "--trust-root", node.folder.file("root.json")],
                language: "de"
            )
            #expect(german.output.hasPrefix("Bestätigt: "))
            // By digest no tag is asked for; an attestation that is not there is missed.
            #expect(try await node.verify("\(node.host)/bund/app@\(node.image)").exitCode == 0)
            let missing = try await node.report(node.name, ["--require", "provenance"])
            #expect(missing.code == 1)
            #expect(missing.json.outcomes("attestation:provenance") == ["failed"])
        }
    }

    @Test("what nobody released, a moved tag and another name are refused, with the reason")
    func refused() async throws {
        try await ReleasedNode.run { node in
            #expect(try await node.test.push("bund/app", "open", layer: "b", as: node.test.admins) == 201)
            let unsigned = try await node.report("\(node.host)/bund/app:open")
            #expect(unsigned.code == 1)
            #expect(unsigned.json.outcomes("release") == ["failed"])
            // The same image under a tag as which it was not released.
            let image = ReleasedNode.built("amd64")
            try await ReleasedNode.push(image, "bund/app", "2.0", node.test)
            let retagged = try await node.verify("\(node.host)/bund/app:2.0")
            #expect(retagged.exitCode == 1)
            #expect(retagged.output.contains("it is about the tag \"1.0\""))
            // The same image in another repository: signatures were copied, or are found by digest.
            #expect(try await node.verify(node.name, ["--name", "\(node.host)/bund/other:1.0"]).exitCode == 1)
            #expect(try await node.verify(node.name, ["--name", "other.example/bund/app:1.0"]).exitCode == 1)
            #expect(try await node.test.push("bund/app", "1.0", layer: "moved", as: node.test.admins) == 201)
            #expect(try await node.verify(node.name).exitCode == 1)
        }
    }

    @Test("keys that are others, revoked, expired or not yet valid, and another log, are refused")
    func keys() async throws {
        try await ReleasedNode.run { node in
            let other = try JSONValue(parsing: Self.otherKey(try await node.trustRoot()))
            func replace(_ members: inout [String: JSONValue]) {
                for name in ["pem", "fingerprint", "id"] { members[name] = other[name] }
            }
            let past: JSONValue = "2020-01-01T00:00:00Z"
            for (role, change) in [
                ("release", replace), ("log-timestamps", replace),
                ("release", { $0["revokedFrom"] = past }), ("log-timestamps", { $0["revokedFrom"] = past }),
                ("release", { $0["signsUntil"] = past }), ("release", { $0["signsFrom"] = "2090-01-01T00:00:00Z" }),
            ] as [(String, (inout [String: JSONValue]) -> Void)] {
                _ = try await node.changedRoot(role, to: "changed.json", change)
                let result = try await node.verify(node.name, root: "changed.json")
                #expect(result.exitCode == 1, "\(role)\n\(result.output)\n\(result.errorOutput)")
            }
            // The notes' key alone: the checkpoint is signed by the other key too.
            _ = try await node.changedRoot("log-notes", to: "changed.json") { $0["revokedFrom"] = past }
            #expect(try await node.verify(node.name, root: "changed.json").exitCode == 0)
            // A fingerprint that is not the key's, another version, no JSON: no trust root at all.
            _ = try await node.changedRoot("release", to: "changed.json") { $0["fingerprint"] = "00" }
            #expect(try await node.verify(node.name, root: "changed.json").exitCode == 2)
            for text in ["{}", "", "[1", #"{"schemaVersion":2}"#] {
                try node.folder.write(Array(text.utf8), to: "broken.json")
                let result = try await node.verify(node.name, root: "broken.json")
                #expect(result.exitCode == 2 && result.output.isEmpty)
                #expect(result.errorOutput.contains("trust-root"), "\(result.errorOutput)")
            }
        }
    }

    /// The release key of the same document under the name of any role: a key that signed something else.
    private static func otherKey(_ root: JSONValue) -> String {
        let key = (root["keys"]?.arrayValue ?? []).first { $0["role"]?.stringValue == "verdict" }
        return key?.text() ?? "null"
    }

    @Test("bad usage and what cannot be found out are exit code 2")
    func undecided() async throws {
        try await ReleasedNode.run { node in
            let root = node.folder.file("root.json")
            for (arguments, says) in [
                (["verify", node.name], "--trust-root FILE, --key FILE or --certificate-roots FILE"),
                (["verify", "\(node.host)/bund/none:1", "--trust-root", root], "has no"),
                (["verify", "127.0.0.1:1/a:1", "--trust-root", root], "cannot be reached"),
                (["verify", "docker-archive:x", "--trust-root", root], "cannot hold signatures"),
                (["verify", node.name, "--trust-root", root, "--require", "magic"], "choose one of"),
                (["verify", node.name, "--trust-root", root, "--log", "maybe"], "choose one of"),
                (["verify", node.name, "--trust-root", root, "--name", "app:1"], "names no registry"),
                (["verify", node.name, "--trust-root", "/nonexistent"], "/nonexistent"),
                (["verify", node.name, "--key", root], "PUBLIC KEY"),
                (["verify", node.name, "--trust-root", root, "--timeout", "0"], "--timeout"),
            ] {
                let result = try await node.kontor(arguments)
                #expect(result.exitCode == 2, "\(arguments)\n\(result.output)")
                #expect(result.errorOutput.contains(says), "\(arguments): \(result.errorOutput)")
            }
        }
    }

    @Test("an internal namespace is in no log: verified with --log none, refused without")
    func unlogged() async throws {
        try await ReleasedNode.run { node in
            let image = ReleasedNode.built("amd64", "internal")
            try await ReleasedNode.push(image, "land/app", "sha256:\(image.manifestDigest.hex)", node.test)
            try await node.release("land/app", image.manifestDigest, "1.0")
            let login = ["--username", "admin", "--password-stdin"]
            func verify(_ more: [String]) async throws -> ToolResult {
                try await builtProduct("kontor").run(
                    [
                        "verify", "\(node.host)/land/app:1.0", "--trust-root", node.folder.file("root.json"), "--lang",
                        "en",
                    ]
                        + login + more,
                    input: Array(node.test.node.secret.utf8),
                    environment: ["KONTOR_CONFIG": "/dev/null", "HOME": node.folder.path]
                )
            }
            let none = try await verify(["--log", "none"])
            #expect(none.exitCode == 0, "\(none.output)\(none.errorOutput)")
            for log in ["inclusion", "promise"] {
                let result = try await verify(["--log", log])
                #expect(result.exitCode == 1, "\(log)\n\(result.output)")
                #expect(result.output.contains("no trusted log has an entry of it"))
            }
        }
    }

    @Test("a publisher's own signature by cosign is demanded by its key, beside the node's or alone")
    func publisher() async throws {
        try await ReleasedNode.run { node in
            let cosign = try await trixieTool("cosign")
            let environment = ["HOME": node.folder.path, "COSIGN_PASSWORD": "", "TUF_ROOT": node.folder.path]
            try await cosign.check(["generate-key-pair"], environment: environment, directory: node.folder.path)
            let key = ["--key", node.folder.file("cosign.pub")]
            #expect(try await node.kontor(["verify", node.name] + key).exitCode == 1)
            try await tool("skopeo").check([
                "login", "--authfile", node.folder.file(".docker/config.json"), "--tls-verify=false", "-u", "admin",
                "-p",
                node.test.node.secret, node.host,
            ])
            try await cosign.check(
                [
                    "sign", "--yes", "--key", "cosign.key", "--tlog-upload=false", "--allow-http-registry",
                    "\(node.host)/bund/app@\(node.image)",
                ],
                environment: environment,
                directory: node.folder.path
            )
            let alone = try await node.kontor(["verify", node.name] + key)
            #expect(alone.exitCode == 0, "\(alone.output)")
            #expect(alone.output.contains("names no tag and vouches for the digest only"))
            let both = try await node.report(node.name, key)
            #expect(both.code == 0, "\(both.json.text())")
            #expect(both.json.found("cosign").count == 2)
            #expect(try await node.kontor(["verify", node.multi] + key).exitCode == 1)
        }
    }
}
