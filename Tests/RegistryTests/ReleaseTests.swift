// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Database
import JSON
import Node
import NodeTestKit
import OCI
import Registry
import Releases
import TestKit
import Testing
import Time
import Transparency

/// Releases, with a whole node and its real signer.
@Suite("Releases", .enabled(if: (try? builtProduct("kontor")) != nil, "kontor is not built"))
struct ReleaseTests {
    @Test("signatures come first, the tag moves last, and a second time signs nothing twice")
    func whole() async throws {
        try await ReleasedImage.run { image in
            let release = try await image.release("1.0")
            #expect(release["state"]?.stringValue == "signed", "\(release)")
            #expect(try await image.digest(of: "1.0") == image.digest)
            let signatures = release["signatures"]?.arrayValue ?? []
            #expect(Set(signatures.compactMap { $0["form"]?.stringValue }) == ["cosign", "bundle", "openpgp"])
            let indices = signatures.compactMap { signature -> Int64? in
                guard case .integer(let index)? = signature["logIndex"] else { return nil }
                return index
            }
            #expect(Set(indices).count == 2)
            #expect(try await image.bundles() == 1)
            #expect(try await image.layers() == 1)
            // The handler again, as after a crash before the end was written down: everything is found.
            let id = try #require(signatures.isEmpty ? nil : release["id"])
            guard case .integer(let number) = id else { return }
            let database = image.test.node.node.database
            let reset = Statement("test.again", "UPDATE releases SET state = 0 WHERE id = ?")
            try await database.write { t in
                try t.execute(reset, [.integer(number)])
                try JobQueue.enqueue(
                    t,
                    kind: Releases.job,
                    subject: String(number),
                    priority: .push,
                    now: WallClock.system.now()
                )
            }
            #expect(try await image.ended(number)["state"]?.stringValue == "signed")
            #expect(try await image.layers() == 1)
            #expect(try await image.bundles() == 1)
            let again = try await image.test.admins.request("GET", "/api/v1/releases/\(number)")
            #expect(again.json?["signatures"]?.arrayValue == signatures)
        }
    }

    @Test(
        "the registry gives out OpenPGP signatures to whoever may read the image, and says so already in its challenge"
    )
    func extensions() async throws {
        try await ReleasedImage.run { image in
            let path = "/extensions/v2/bund/app/signatures/\(image.digest)"
            let reader = try await image.test.person("leser", .reader)
            #expect(try await reader.request("GET", path).json?["signatures"]?.arrayValue?.isEmpty == true)
            _ = try await image.release("1.0")
            let answer = try await reader.request("GET", path)
            #expect(answer.status == 200)
            #expect(answer.json?["signatures"]?[0]?["type"]?.stringValue == "atomic")
            let challenge = try await image.test.nobody.request("GET", "/v2/")
            #expect(challenge.status == 401)
            #expect(challenge["X-Registry-Supports-Signatures"] == "1")
            #expect(
                try await image.test.nobody.request("GET", "/extensions/v2/land/app/signatures/\(image.digest)").status
                    == 401
            )
        }
    }

    @Test("publishers, artefacts, names of signatures, unknown images and what the gate closes are refused")
    func refused() async throws {
        try await ReleasedImage.run { image in
            let publisher = try await image.test.person("sender", .publisher)
            #expect(try await image.ask("1.0", as: publisher).status == 403)
            #expect(try await image.ask("sha256-\(image.digest.hex).sig").status == 409)
            #expect(try await image.ask("1.0", digest: .sha256([])).status == 404)
            #expect(try await image.ask("1.0", as: image.test.nobody).status == 401)
            let name = try RepositoryName(parsing: "bund/app")
            try await image.test.node.node.database.write { t in
                try Registry.setStanding(
                    t,
                    of: image.digest,
                    in: name,
                    level: 0,
                    exploited: [],
                    at: WallClock.system.now()
                )
            }
            let policy = try await image.test.admins.request(
                "PUT",
                "/api/v1/namespaces/bund/policy",
                headers: [("Content-Type", "application/json")],
                body: Array(#"{"policy":{"pull":[{"level":"gold"}]},"expectedRevision":0,"reason":"test"}"#.utf8)
            )
            #expect(policy.status == 200, "\(policy.text)")
            let closed = try await image.ask("1.0")
            #expect(closed.status == 409, "\(closed.text)")
            #expect(try await image.digest(of: "1.0") == nil)
        }
    }

    @Test("an immutable tag stays where it is, and the release says why it failed")
    func immutable() async throws {
        try await ReleasedImage.run { image in
            #expect(try await image.test.push("bund/app", "1.0", layer: "other", as: image.test.admins) == 201)
            let other = try await image.digest(of: "1.0")
            let policy = try await image.test.admins.request(
                "PUT",
                "/api/v1/namespaces/bund/policy",
                headers: [("Content-Type", "application/json")],
                body: Array(
                    #"{"policy":{"immutableTags":[{"tags":["[0-9]*"]}]},"expectedRevision":0,"reason":"test"}"#.utf8
                )
            )
            #expect(policy.status == 200, "\(policy.text)")
            let release = try await image.release("1.0")
            #expect(release["state"]?.stringValue == "failed", "\(release)")
            #expect(release["problem"]?.stringValue?.contains("rule of the namespace") == true)
            #expect(try await image.digest(of: "1.0") == other)
        }
    }

    @Test("cosign verifies the release offline with our keys, and no other key")
    func cosign() async throws {
        try await ReleasedImage.run { image in
            _ = try await image.release("1.0")
            let folder = try await image.trust()
            let cosign = try await trixieTool("cosign")
            for (key, log, isFine) in [
                ("release.pub", "log.pub", true), ("log.pub", "log.pub", false), ("release.pub", "release.pub", false),
            ] {
                let result = try await cosign.run(
                    [
                        "verify", "--key", folder.file(key), "--offline=true", "--allow-http-registry",
                        "\(image.host)/bund/app:1.0",
                    ],
                    environment: [
                        "HOME": folder.path, "TUF_ROOT": folder.path, "SIGSTORE_REKOR_PUBLIC_KEY": folder.file(log),
                    ]
                )
                #expect((result.exitCode == 0) == isFine, "\(key), \(log): \(result.errorOutput)")
            }
        }
    }

    @Test("skopeo of Debian 13 and of Debian 12 pull the release, and neither a moved tag nor what another key signed")
    func skopeo() async throws {
        try await ReleasedImage.run { image in
            _ = try await image.release("1.0")
            let folder = try await image.trust()
            let attachments = "docker:\n  \(image.host):\n    use-sigstore-attachments: true\n"
            func sigstore(_ key: String) -> JSONValue {
                [
                    "type": "sigstoreSigned", "keyPath": .string(folder.file(key)),
                    "rekorPublicKeyPath": .string(folder.file("log.pub")),
                ]
            }
            let signedBy: JSONValue = [
                "type": "signedBy", "keyType": "GPGKeys", "keyPath": .string(folder.file("openpgp.asc")),
            ]
            let (new, old) = (try await trixieTool("skopeo"), try tool("skopeo"))
            #expect(try await image.pull(new, sigstore("release.pub"), attachments, folder) == 0)
            #expect(try await image.pull(new, sigstore("log.pub"), attachments, folder) != 0)
            #expect(try await image.pull(old, signedBy, "docker: {}\n", folder) == 0)
            // Somebody moves the tag past the node's signatures.
            #expect(try await image.test.push("bund/app", "1.0", layer: "moved", as: image.test.admins) == 201)
            #expect(try await image.pull(new, sigstore("release.pub"), attachments, folder) != 0)
            #expect(try await image.pull(old, signedBy, "docker: {}\n", folder) != 0)
        }
    }
}

/// A node with one pushed image that waits to be released.
private struct ReleasedImage: Sendable {
    let test: PeopledNode
    let digest: Digest

    var host: String { "127.0.0.1:\(test.node.port)" }

    static func run(_ body: @Sendable @escaping (ReleasedImage) async throws -> Void) async throws {
        try await PeopledNode.run { test in
            #expect(try await test.push("bund/app", "candidate", layer: "a", as: test.admins) == 201)
            let name = try RepositoryName(parsing: "bund/app")
            let found = try await test.node.node.registry.resolve(name, try Tag(parsing: "candidate"))
            try await body(ReleasedImage(test: test, digest: try #require(found)))
        }
    }

    func digest(of tag: String) async throws -> Digest? {
        try await test.node.node.registry.resolve(try RepositoryName(parsing: "bund/app"), try Tag(parsing: tag))
    }

    func ask(_ tag: String, digest: Digest? = nil, as client: TestClient? = nil) async throws -> Answer {
        let body: JSONValue = ["image": .string("bund/app@\(digest ?? self.digest)"), "tag": .string(tag)]
        return try await (client ?? test.admins).request(
            "POST",
            "/api/v1/releases",
            headers: [("Content-Type", "application/json")],
            body: body.bytes()
        )
    }

    /// Releases, and waits for the end.
    func release(_ tag: String) async throws -> JSONValue {
        let answer = try await ask(tag)
        #expect(answer.status == 202, "\(answer.text)")
        guard case .integer(let id)? = answer.json?["id"] else { return .null }
        return try await ended(id)
    }

    func ended(_ id: Int64) async throws -> JSONValue {
        for _ in 0..<600 {
            let answer = try await test.admins.request("GET", "/api/v1/releases/\(id)")
            if let json = answer.json, json["state"]?.stringValue != "pending" { return json }
            try await Task.sleep(for: .milliseconds(100))
        }
        Issue.record("release \(id) is pending for a minute")
        return .null
    }

    /// Layers of the image's list of signatures.
    func layers() async throws -> Int? {
        let path = "/v2/bund/app/manifests/sha256-\(digest.hex).sig"
        return try await test.admins.request("GET", path).json?["layers"]?.arrayValue?.count
    }

    /// Bundles that are signatures of the image; what the node attests about it refers to it as well.
    func bundles() async throws -> Int? {
        let answer = try await test.admins.request("GET", "/v2/bund/app/referrers/\(digest)")
        return answer.json?["manifests"]?.arrayValue?.count { manifest in
            manifest["annotations"]?["dev.sigstore.bundle.predicateType"]?.stringValue
                == "https://sigstore.dev/cosign/sign/v1"
        }
    }

    /// A directory with the node's public keys.
    func trust() async throws -> TemporaryDirectory {
        let folder = try TemporaryDirectory("trust")
        let root = try #require(try await test.nobody.request("GET", "/api/v1/trust-root").json)
        for key in root["keys"]?.arrayValue ?? [] {
            let names = ["release": "release.pub", "log-timestamps": "log.pub"]
            guard let name = names[key["role"]?.stringValue ?? ""], let pem = key["pem"]?.stringValue else { continue }
            try folder.write(Array(pem.utf8), to: name)
        }
        try folder.write(Array(try #require(root["openPGP"]?.stringValue).utf8), to: "openpgp.asc")
        return folder
    }

    func pull(_ skopeo: Tool, _ requirement: JSONValue, _ registries: String, _ folder: TemporaryDirectory) async throws
        -> Int32
    {
        let policy: JSONValue = ["default": [["type": "reject"]], "transports": ["docker": [host: [requirement]]]]
        let name = "pull-\(UInt64.random(in: .min ... .max))"
        try folder.write(policy.bytes(), to: name + "/policy.json")
        try folder.write(Array(registries.utf8), to: name + "/registries.d/test.yaml")
        return try await skopeo.run(
            [
                "--policy", folder.file(name + "/policy.json"), "--registries.d", folder.file(name + "/registries.d"),
                "copy", "--src-tls-verify=false", "docker://\(host)/bund/app:1.0",
                "dir:" + folder.file(name + "/image"),
            ],
            environment: ["HOME": folder.path]
        ).exitCode
    }
}
