// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Certificates
import Criteria
import FoundationEssentials
import JSON
import Node
import NodeTestKit
import OCI
import SBOM
import TestKit
import Testing
import Time

/// A whole node, and signatures as publishers make them: with cosign.
@Suite("cosign against a node", .enabled(if: (try? builtProduct("kontor")) != nil, "kontor is not built"))
struct CosignServiceTests {
    @Test("an image is pushed, signed by cosign in each of its forms, and the verdict turns")
    func signed() async throws {
        try await SignedNode.run { node in
            #expect(try await node.result("IMG-SEC-02").outcome == .unknown)
            // Signed before anybody said whom to believe: shown, and nothing is decided.
            try await node.sign("one")
            _ = try await node.until { $0.signed?.signatures.count == 1 }
            #expect(try await node.verdict().stage == .build)
            try await node.believe(["one"])
            let verdict = try await node.until { $0.result("IMG-SEC-02") == .pass }
            #expect(verdict.stage == .published && verdict.result("IMG-SEC-03") == .pass)
            #expect(verdict.result("IMG-MNT-01") == .pass)
            // Nobody proves when.
            #expect(verdict.result("IMG-SEC-04") == .fail && verdict.result("IMG-SEC-09") == .fail)
            // Somebody else's signature beside it changes nothing, and is told.
            try await node.sign("two")
            let both = try await node.until { $0.signed?.signatures.count == 2 }
            #expect(both.result("IMG-SEC-02") == .pass)
            #expect(both.signed?.signatures.map(\.proof.isAccepted) == [true, false])
            // Two are demanded.
            try await node.believe(["one", "two"], threshold: 2)
            #expect(
                try await node.until { $0.signed?.trust == .inForce(revision: 2, threshold: 2) }
                    .result("IMG-SEC-02") == .pass
            )
            try await node.believe(["one", "three"], threshold: 2)
            #expect(try await node.until { $0.result("IMG-SEC-02") == .fail }.text("IMG-SEC-02").contains("1 of 2"))
            // The key is revoked.
            try await node.believe(["one"], revoked: "2026-01-01T00:00:00Z")
            let revoked = try await node.until { $0.result("IMG-SEC-02") == .fail && $0.trustRevision == 4 }
            #expect(revoked.text("IMG-SEC-02").contains("revoked"), "\(revoked.text("IMG-SEC-02"))")
        }
    }

    @Test("cosign's referrers count as its tags do")
    func referrer() async throws {
        try await SignedNode.run { node in
            try await node.believe(["one"])
            try await node.sign("one", ["--registry-referrers-mode=oci-1-1"], ["COSIGN_EXPERIMENTAL": "1"])
            let verdict = try await node.until { $0.result("IMG-SEC-02") == .pass }
            #expect(verdict.signed?.signatures.map(\.form) == [.cosign])
            let tag = "/v2/bund/app/manifests/sha256-\(node.digest.hex).sig"
            #expect(try await node.client.request("GET", tag).status == 404)
        }
    }

    @Test("what cosign signs with a certificate counts for the identity that the policy names")
    func certificate() async throws {
        try await SignedNode.run { node in
            var world = CertificateWorld(around: WallClock.system.now())
            let pem = try Data(contentsOf: URL(fileURLWithPath: node.keys.file("one.pub")))
            world.signerSPKI = try CertificateKey(pem: String(decoding: pem, as: UTF8.self)).spki
            let made = try world.made().map { try Certificate(der: $0) }
            try node.keys.write(Array(made[0].pem.utf8), to: "certificate.pem")
            try node.keys.write(Array((made[1].pem + made[2].pem).utf8), to: "chain.pem")
            try await node.sign(
                "one",
                [
                    "--certificate", node.keys.file("certificate.pem"), "--certificate-chain",
                    node.keys.file("chain.pem"),
                ]
            )
            func rule(_ identity: String, time: String) -> JSONValue {
                [
                    "name": "ci", "roots": .string(made[2].pem), "identities": [.string(identity)],
                    "oidcIssuer": .string(CertificateWorld.issuer), "time": .string(time),
                ]
            }
            // The authority between comes from the signature; nobody proves the time, so one rule believes it and the other does not.
            try await node.believe(certificates: [rule("email:release@example.org", time: "none")])
            let verdict = try await node.until { $0.result("IMG-SEC-02") == .pass }
            let proof = try #require(verdict.signed?.signatures.first?.proof)
            #expect(proof.signer?.name == "ci, email:release@example.org (https://login.example)")
            #expect(proof.changesAt != nil)
            try await node.believe(certificates: [rule("email:release@example.org", time: "either")])
            let unproven = try await node.until { $0.result("IMG-SEC-02") == .fail && $0.trustRevision == 2 }
            #expect(unproven.text("IMG-SEC-02").contains("nobody who is trusted says when it was signed"))
            try await node.believe(certificates: [rule("email:other@example.org", time: "none")])
            let other = try await node.until { $0.result("IMG-SEC-02") == .fail && $0.trustRevision == 3 }
            #expect(other.text("IMG-SEC-02").contains("the certificate is for email:release@example.org"))
        }
    }

    @Test("what gpg signs and skopeo pushes is kept, given out again and counted")
    func openPGP() async throws {
        try await SignedNode.run { node in
            let home = try TemporaryDirectory("gpg")
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: home.path)
            let options = [
                "--homedir", home.path, "--batch", "--no-tty", "--pinentry-mode", "loopback", "--passphrase", "",
            ]
            let gpg = try tool("gpg")
            let user = "Release <release@example.org>"
            try await gpg.check(options + ["--quick-generate-key", user, "ed25519", "sign", "1y"])
            let block = try await gpg.check(options + ["--armor", "--export"])
            let folder = try TemporaryDirectory("skopeo")
            try folder.write(Array("docker: {}\n".utf8), to: "registries.d/none.yaml")
            let image = "\(node.test.authority)/bund/app"
            let credentials = "admin:\(node.test.secret)"
            let skopeo = try tool("skopeo")
            let copy = [
                "--insecure-policy", "--registries.d", folder.file("registries.d"), "copy", "--src-tls-verify=false",
                "--dest-tls-verify=false", "--src-creds", credentials, "--dest-creds", credentials,
            ]
            let environment = ["HOME": folder.path, "GNUPGHOME": home.path]
            try await skopeo.check(
                copy + ["--sign-by", user, "docker://\(image):1.4.2", "docker://\(image):1.4.3"],
                environment: environment
            )
            let path = "/extensions/v2/bund/app/signatures/\(node.digest)"
            let given = try await node.client.request("GET", path)
            #expect(given.json?["signatures"]?.arrayValue?.count == 1, "\(given.text)")
            let shown = try await node.until { $0.signed?.signatures.map(\.form) == [.openPGP] }
            #expect(shown.signed?.signatures.first?.proof.isAccepted == false)
            try await node.believe(block: block)
            let verdict = try await node.until { $0.result("IMG-SEC-02") == .pass }
            #expect(verdict.result("IMG-SEC-03") == .pass)
            // Another client verifies what is given out, with the publisher's key alone.
            try folder.write(Array(block.utf8), to: "key.asc")
            let policy: JSONValue = [
                "default": [["type": "reject"]],
                "transports": [
                    "docker": [
                        "\(image)": [
                            ["type": "signedBy", "keyType": "GPGKeys", "keyPath": .string(folder.file("key.asc"))]
                        ]
                    ]
                ],
            ]
            try folder.write(policy.bytes(), to: "policy.json")
            try await skopeo.check(
                [
                    "--policy", folder.file("policy.json"), "--registries.d", folder.file("registries.d"), "copy",
                    "--src-tls-verify=false", "--src-creds", credentials, "docker://\(image):1.4.3",
                    "dir:" + folder.file("image"),
                ],
                environment: environment
            )
            _ = try? await tool("gpgconf").run(["--homedir", home.path, "--kill", "all"])
            // What is no signature of this image is not taken, and nothing of an image that is not there.
            func put(_ body: JSONValue, _ path: String = path, as client: TestClient? = nil) async throws -> Int {
                try await (client ?? node.client).request("PUT", path, body: body.bytes()).status
            }
            let kept = try #require(given.json?["signatures"]?[0])
            #expect(try await put(kept) == 201)
            #expect(try await put(kept, as: node.client.anonymous()) == 401)
            #expect(try await put(["schemaVersion": 2]) == 400)
            let elsewhere = "/extensions/v2/bund/app/signatures/\(OCI.Digest.sha256([1]))"
            #expect(try await put(kept, elsewhere) == 400)
            #expect(try await put(kept, path.replacing("bund/app", with: "bund/other")) == 404)
            #expect(
                try await node.client.request("PUT", path, body: [UInt8](repeating: 0x20, count: 200_000)).status == 413
            )
            let again = try await node.client.request("GET", path)
            #expect(again.json?["signatures"]?.arrayValue?.count == 1)
        }
    }

    @Test("a release of the node counts as its own, where the policy says for whom, with the time that its log proves")
    func release() async throws {
        try await SignedNode.run { node in
            try await node.believe(["one"])
            let body: JSONValue = ["image": .string("bund/app@\(node.digest)"), "tag": "1.5.0"]
            let answer = try await node.client.request(
                "POST",
                "/api/v1/releases",
                headers: [("Content-Type", "application/json")],
                body: body.bytes()
            )
            #expect(answer.status == 202, "\(answer.text)")
            let released = try await node.until { $0.signed?.tags.contains { $0.isRelease } == true }
            #expect(released.signed?.tags.filter(\.isRelease).map(\.name) == ["1.5.0"])
            #expect(Set(released.signed?.signatures.map(\.form) ?? []) == [.cosign, .bundle, .openPGP])
            #expect(released.signed?.signatures.allSatisfy { $0.proof.signer?.isNode == true } == true)
            #expect(released.result("IMG-SEC-02") == .fail)
            #expect(released.text("IMG-SEC-02").contains("node: true"), "\(released.text("IMG-SEC-02"))")
            try await node.believe(["one"], countsNode: true)
            let verdict = try await node.until { $0.result("IMG-SEC-02") == .pass }
            #expect(verdict.result("IMG-SEC-03") == .pass && verdict.result("IMG-SEC-04") == .pass)
            #expect(verdict.signed?.signatures.allSatisfy(\.proof.isAccepted) == true)
            #expect(verdict.text("IMG-SEC-04").contains("log of this node"))
            // Only a bundle carries the proof that the log kept its promise.
            try await node.believe(["one"], countsNode: true, log: "inclusion")
            let proven = try await node.until { $0.trustRevision == 3 }
            #expect(proven.signed?.signatures.filter(\.proof.isAccepted).map(\.form) == [.bundle])
            #expect(proven.result("IMG-SEC-02") == .pass)
        }
    }
}

/// A node with a namespace, one image, and keys of publishers.
private struct SignedNode: Sendable {
    let test: TestNode
    let digest: OCI.Digest
    let keys: TemporaryDirectory
    let cosign: Tool

    var client: TestClient { test.client }

    static func run(_ body: @Sendable @escaping (SignedNode) async throws -> Void) async throws {
        let cosign = try await trixieTool("cosign")
        try await TestNode.run { node in
            let accounts = node.node.accounts
            let admin = try #require(try await accounts.authenticate(username: "admin", password: node.secret))
            try await accounts.putOrganisation(Organisation(name: "bund", title: "Bund", kind: .federal), by: admin)
            try await accounts.createNamespace("bund", organisation: "bund", isPublic: true, by: admin)
            var builder = ImageBuilder()
            builder.labels = ["org.opencontainers.image.vendor": "Amt"]
            builder.layer { tar in tar.file("etc/label", text: "signed") }
            let image = builder.built()
            for blob in image.blobs {
                let target = "/v2/bund/app/blobs/uploads/?digest=\(blob.digest)"
                #expect(try await node.client.request("POST", target, body: blob.bytes).status == 201)
            }
            let answer = try await node.client.request(
                "PUT",
                "/v2/bund/app/manifests/1.4.2",
                headers: [("Content-Type", image.mediaType)],
                body: image.manifest
            )
            #expect(answer.status == 201, "\(answer.text)")
            let keys = try TemporaryDirectory("cosign-keys")
            for name in ["one", "two", "three"] {
                try await cosign.check(
                    ["generate-key-pair", "--output-key-prefix", name],
                    environment: ["HOME": keys.path, "COSIGN_PASSWORD": "", "TUF_ROOT": keys.path],
                    directory: keys.path
                )
            }
            let signed = SignedNode(test: node, digest: image.manifestDigest, keys: keys, cosign: cosign)
            _ = try await signed.until { _ in true }
            try await body(signed)
        }
    }

    func sign(_ key: String, _ more: [String] = [], _ environment: [String: String] = [:]) async throws {
        var variables = ["HOME": keys.path, "COSIGN_PASSWORD": "", "TUF_ROOT": keys.path]
        variables.merge(environment) { $1 }
        try await cosign.check(
            [
                "sign", "--yes", "--key", keys.file(key + ".key"), "--tlog-upload=false", "--allow-http-registry",
                "--registry-username", "admin", "--registry-password", test.secret,
            ] + more + ["\(test.authority)/bund/app@\(digest)"],
            environment: variables
        )
    }

    /// Puts a trust policy in force over the API.
    func believe(
        _ names: [String],
        threshold: Int64 = 1,
        revoked: String? = nil,
        countsNode: Bool = false,
        log: String = "none"
    ) async throws {
        let rules = try names.map { name -> JSONValue in
            let pem = String(
                decoding: try Data(contentsOf: URL(fileURLWithPath: keys.file(name + ".pub"))),
                as: UTF8.self
            )
            return ["name": .string(name), "key": .string(pem), "revokedFrom": revoked.map { .string($0) } ?? nil]
        }
        try await believe(rules, threshold: threshold, countsNode: countsNode, log: log)
    }

    func believe(block: String) async throws {
        try await believe([["name": "gpg", "key": .string(block)]], threshold: 1, countsNode: false, log: "none")
    }

    func believe(certificates: [JSONValue]) async throws {
        try await believe([], certificates: certificates, threshold: 1, countsNode: false, log: "none")
    }

    private func believe(
        _ rules: [JSONValue],
        certificates: [JSONValue] = [],
        threshold: Int64,
        countsNode: Bool,
        log: String
    ) async throws {
        let publisher: JSONValue = [
            "name": "Amt", "contact": "security@example.org", "node": .bool(countsNode), "keys": .array(rules),
            "certificates": .array(certificates),
        ]
        let path = "/api/v1/namespaces/bund/policy"
        let revision = try await client.request("GET", path).json?["revision"] ?? 0
        let body: JSONValue = [
            "policy": [
                "trust": ["publishers": [publisher], "threshold": .integer(threshold), "log": .string(log)]
            ], "expectedRevision": revision, "reason": "test",
        ]
        let answer = try await client.request(
            "PUT",
            path,
            headers: [("Content-Type", "application/json")],
            body: body.bytes()
        )
        #expect(answer.status == 200, "\(answer.text)")
    }

    func verdict() async throws -> Verdict {
        try await until { _ in true }
    }

    func result(_ id: String) async throws -> (outcome: Outcome?, text: String) {
        let verdict = try await verdict()
        return (verdict.result(id), verdict.text(id))
    }

    /// Waits until the verdict is as it should be.
    func until(_ holds: @Sendable (Verdict) -> Bool) async throws -> Verdict {
        var last = ""
        for _ in 0..<300 {
            let answer = try await client.request("GET", "/api/v1/images/bund%2Fapp@\(digest)/verdict")
            last = answer.text
            if answer.status == 200, let json = answer.json, let verdict = try? Verdict(json: json), holds(verdict) {
                return verdict
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw WireError("the verdict does not turn: \(last.suffix(2_000))")
    }
}

extension Verdict {
    fileprivate func result(_ id: String) -> Outcome? { criteria.first { $0.id == id }?.result }
    fileprivate func text(_ id: String) -> String { criteria.first { $0.id == id }?.explanation.en ?? "" }
    fileprivate var trustRevision: Int64? {
        if case .inForce(let revision, _)? = signed?.trust { revision } else { nil }
    }
}
