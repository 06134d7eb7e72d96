// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Attestations
import FoundationEssentials
import JSON
import Node
import NodeTestKit
import OCI
import Registry
import TestKit
import Testing
import Time
import Vulnerabilities

/// What a whole node attests with its real signer and log, against the real cosign: without any network but the registry's.
@Suite("Attestations", .enabled(if: (try? builtProduct("kontor")) != nil, "kontor is not built"))
struct AttestationTests {
    /// Predicate types with the role whose key signs them.
    private static let types = [
        (PredicateType.cycloneDX, "scan"), ("vuln", "scan"), (PredicateType.openVEX, "vex"),
        (PredicateType.verificationSummary, "verdict"), (PredicateType.testResult, "verdict"),
    ]

    @Test("cosign verifies every statement in both forms with the role's key and our log, and no other key or log")
    func cosign() async throws {
        try await AttestedImage.run { image in
            let items = try await image.settled(count: 5)
            #expect(
                Set(items.compactMap { $0["kind"]?.stringValue }) == ["sbom", "scan", "vex", "verdict", "criteria"]
            )
            try await image.audit()
            let all = try await image.settled(count: 6)
            #expect(all.allSatisfy { $0["state"]?.stringValue == "published" && $0["logIndex"] != .null })
            let audit = "http://\(image.host)/attestations/human-audit/v1"
            let folder = try await image.trust()
            for form in AttestedImage.Form.allCases {
                for (type, role) in Self.types + [(audit, "audit")] {
                    let fine = try await image.verify(form, type, key: role, folder)
                    #expect(fine.exitCode == 0, "\(form) \(type): \(fine.errorOutput)")
                    let other = try await image.verify(form, type, key: "release", folder)
                    #expect(other.exitCode != 0, "\(form) \(type) by another key")
                    let wrongLog = try await image.verify(form, type, key: role, log: "other", folder)
                    #expect(wrongLog.exitCode != 0, "\(form) \(type) in another log")
                }
            }
            let said = try await image.statement(PredicateType.verificationSummary, folder)
            let summary = try VerificationSummary(predicate: said.predicate)
            #expect(summary.resourceURI == "\(image.host)/bund/app@\(image.digest)")
            #expect(summary.verifierID == "http://\(image.host)")
        }
    }

    @Test("cosign refuses what was changed after it was signed, in both forms")
    func tampered() async throws {
        try await AttestedImage.run { image in
            let items = try await image.settled(count: 5)
            let folder = try await image.trust()
            let type = PredicateType.verificationSummary
            for form in AttestedImage.Form.allCases {
                #expect(try await image.verify(form, type, key: "verdict", folder).exitCode == 0)
            }
            let vsa = try #require(items.first { $0["kind"]?.stringValue == "verdict" })
            // Beside the image the node would put back what it said; cosign looks for lists elsewhere too.
            try await image.copyList(to: "bund/copy")
            #expect(try await image.verify(.list, type, key: "verdict", at: "bund/copy", folder).exitCode == 0)
            try await image.copyList(to: "bund/tampered", tampering: vsa["envelope"]?.stringValue ?? "")
            #expect(try await image.verify(.list, type, key: "verdict", at: "bund/tampered", folder).exitCode != 0)
            for item in items { try await image.tamper(referrer: item["referrer"]?.stringValue ?? "") }
            #expect(try await image.verify(.bundle, type, key: "verdict", folder).exitCode != 0)
        }
    }

    @Test("publishers and strangers attest no audit; what is wrong with one is said; the list is for whoever may read")
    func refused() async throws {
        try await AttestedImage.run { image in
            _ = try await image.settled(count: 5)
            let publisher = try await image.test.person("sender", .publisher)
            #expect(try await image.ask(as: publisher).status == 403)
            #expect(try await image.ask(as: image.test.nobody).status == 401)
            #expect(try await image.ask(["image": "bund/app:1.0"]).status == 400)
            #expect(try await image.ask(["report": ["digest": "sha256:12"]]).status == 400)
            #expect(try await image.ask(["result": "perhaps"]).status == 400)
            #expect(try await image.ask(["validUntil": "2020-01-01T00:00:00Z"]).status == 400)
            #expect(try await image.ask(["auditor": "erika@example.org"]).status == 400)
            #expect(try await image.ask(["image": .string("bund/app@\(Digest.sha256([]))")]).status == 404)
            // An audit needs no name of a person, and the account that asked for it does not go out with it.
            try await image.audit()
            _ = try await image.settled(count: 6)
            let list = try await image.test.nobody.request("GET", image.path)
            #expect(list.status == 200 && list.json?["items"]?.arrayValue?.count == 6)
            #expect(list.json?["pending"] == false && list.json?["problem"] == .null)
        }
    }

    @Test("kontor attest lists what there is and signs an audit, and waits until it is published")
    func command() async throws {
        try await AttestedImage.run { image in
            _ = try await image.settled(count: 5)
            let folder = try TemporaryDirectory("attest")
            try folder.write(Array(image.test.node.secret.utf8), to: "secret")
            try folder.write([1, 2, 3], to: "report.pdf")
            let kontor = try builtProduct("kontor")
            let node = ["--node", image.test.node.url, "--password-file", folder.file("secret")]
            let name = "bund/app@\(image.digest)"
            let audit = try await kontor.run(
                [
                    "attest", name, "--audit", "--auditor", "Rechenzentrum", "--scope", "configuration", "--result",
                    "passed", "--report", folder.file("report.pdf"), "--valid-until", "2090-01-01", "--format", "json",
                ] + node
            )
            #expect(audit.exitCode == 0, "\(audit.errorOutput)")
            #expect(try JSONValue(parsing: audit.output)["state"]?.stringValue == "published")
            let list = try await kontor.run(["attest", name] + node)
            #expect(list.exitCode == 0, "\(list.errorOutput)")
            let kinds = list.output.split(separator: "\n").compactMap { $0.split(separator: "\t").first }
            #expect(kinds == ["sbom", "scan", "vex", "verdict", "criteria", "audit"])
            let without = try await kontor.run(["attest", name, "--audit"] + node)
            #expect(without.exitCode == 2 || without.exitCode == 64, "\(without.exitCode)")
            #expect(without.errorOutput.contains("--auditor"))
        }
    }
}

/// A node with one pushed image in which one vulnerability is, about which somebody said something.
struct AttestedImage: Sendable {
    enum Form: CaseIterable {
        case list, bundle
    }

    static let cve = "CVE-2026-1000"
    static let json = [("Content-Type", "application/json")]

    let test: PeopledNode
    let digest: Digest

    var host: String { "127.0.0.1:\(test.node.port)" }
    var path: String { "/api/v1/images/bund/app@\(digest)/attestations" }

    static func run(_ body: @Sendable @escaping (AttestedImage) async throws -> Void) async throws {
        try await PeopledNode.run { test in
            let tracker = """
                {"openssl":{"\(cve)":{"releases":{"bookworm":{"fixed_version":"3.0.2","status":"resolved","urgency":"high"}}}}}
                """
            try test.node.directory.write(Array(tracker.utf8), to: "feed/tracker.json")
            let report = try await test.node.node.feeds.importFeeds(
                paths: [test.node.directory.file("feed")],
                asOf: WallClock.system.now()
            )
            #expect(report.failed.isEmpty)
            let image = AttestedImage(test: test, digest: try await push(test.admins))
            let word = """
                {"image":"bund/app@\(image.digest)","vulnerability":"\(cve)","status":"not_affected",
                "justification":"component_not_present"}
                """
            let maintainer = try await test.person("berta", .maintainer)
            let said = try await maintainer.request(
                "POST",
                "/api/v1/assessments",
                headers: json,
                body: Array(word.utf8)
            )
            #expect(said.status == 201, "\(said.text)")
            try await body(image)
        }
    }

    private static func push(_ client: TestClient) async throws -> Digest {
        var builder = ImageBuilder()
        builder.layer { tar in
            tar.file("etc/os-release", text: "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n")
            tar.file(
                "var/lib/dpkg/status",
                text: """
                    Package: openssl
                    Status: install ok installed
                    Maintainer: Debian OpenSSL Team <team@example.org>
                    Architecture: amd64
                    Version: 3.0.1

                    """
            )
        }
        let built = builder.built()
        for blob in built.blobs { try await put(blob.bytes, client) }
        let answer = try await client.request(
            "PUT",
            "/v2/bund/app/manifests/1.0",
            headers: [("Content-Type", built.mediaType)],
            body: built.manifest
        )
        #expect(answer.status == 201)
        let digest = Digest.sha256(built.manifest)
        while try await client.request("GET", "/api/v1/images/bund/app@\(digest)/verdict").status == 202 {
            try await Task.sleep(for: .milliseconds(50))
        }
        return digest
    }

    private static func put(
        _ bytes: [UInt8],
        to repository: String = "bund/app",
        _ client: TestClient
    ) async throws {
        let path = "/v2/\(repository)/blobs/uploads/?digest=\(Digest.sha256(bytes))"
        #expect(try await client.request("POST", path, body: bytes).status == 201)
    }

    /// The statements, once so many are published and nothing is on its way.
    func settled(count: Int) async throws -> [JSONValue] {
        var last = ""
        for _ in 0..<600 {
            let answer = try await test.admins.request("GET", path)
            last = answer.text
            if let items = answer.json?["items"]?.arrayValue, items.count == count, answer.json?["pending"] == false,
                items.allSatisfy({ $0["state"]?.stringValue == "published" })
            {
                return items
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        Issue.record("there are not \(count) statements after a minute: \(last)")
        return []
    }

    func ask(_ changes: [String: JSONValue] = [:], as client: TestClient? = nil) async throws -> Answer {
        let body: [String: JSONValue] = [
            "image": .string("bund/app@\(digest)"), "auditor": "Rechenzentrum", "scope": "configuration",
            "result": "passed", "finished": "2026-01-01T00:00:00Z", "validUntil": "2090-01-01T00:00:00Z",
            "report": ["digest": .string(Digest.sha256([1]).description)],
        ]
        return try await (client ?? test.admins).request(
            "POST",
            "/api/v1/audits",
            headers: Self.json,
            body: JSONValue.object(body.merging(changes) { $1 }).bytes()
        )
    }

    func audit() async throws {
        let answer = try await ask()
        #expect(answer.status == 202, "\(answer.text)")
    }

    /// A directory with the node's public keys by role, and what Sigstore's programs want to know of logs: ours, and another one.
    func trust() async throws -> TemporaryDirectory {
        let folder = try TemporaryDirectory("trust")
        let root = try #require(try await test.nobody.request("GET", "/api/v1/trust-root").json)
        var release: PublicKey?
        for key in root["keys"]?.arrayValue ?? [] {
            guard let role = key["role"]?.stringValue, let pem = key["pem"]?.stringValue else { continue }
            try folder.write(Array(pem.utf8), to: role + ".pub")
            if role == "release" { release = try PublicKey(pem: pem) }
        }
        try folder.write(try #require(root["trustedRoot"]).bytes(), to: "own.json")
        try FileManager.default.copyItem(
            atPath: folder.file("log-timestamps.pub"),
            toPath: folder.file("own-log.pub")
        )
        try FileManager.default.copyItem(atPath: folder.file("release.pub"), toPath: folder.file("other-log.pub"))
        let other = TrustedRoot.Log(
            baseURL: "https://log.example",
            key: try #require(release),
            start: Timestamp(seconds: 0)
        )
        try folder.write(TrustedRoot(logs: [other]).bytes, to: "other.json")
        return folder
    }

    /// - Parameter repository: where cosign looks for what is attached, if not beside the image.
    func verify(
        _ form: Form,
        _ type: String,
        key: String,
        log: String = "own",
        at repository: String? = nil,
        _ folder: TemporaryDirectory
    ) async throws -> ToolResult {
        var arguments = [
            "verify-attestation", "--key", folder.file(key + ".pub"), "--type", type, "--allow-http-registry",
        ]
        switch form {
        case .list: arguments.append("--offline=true")
        case .bundle: arguments += ["--new-bundle-format", "--trusted-root", folder.file(log + ".json")]
        }
        var environment = [
            "HOME": folder.path, "TUF_ROOT": folder.path, "HTTPS_PROXY": "http://127.0.0.1:1",
            "SIGSTORE_REKOR_PUBLIC_KEY": folder.file(log + "-log.pub"),
        ]
        if let repository { environment["COSIGN_REPOSITORY"] = "\(host)/\(repository)" }
        return try await trixieTool("cosign").run(
            arguments + ["\(host)/bund/app@\(digest)"],
            environment: environment
        )
    }

    /// The statement that cosign gives out after it has verified it.
    func statement(_ type: String, _ folder: TemporaryDirectory) async throws -> Attestations.Statement {
        let result = try await verify(.list, type, key: "verdict", folder)
        let line = try #require(result.output.split(separator: "\n").last)
        let envelope = try JSONValue(parsing: String(line))
        let payload = try #require(envelope["payload"]?.stringValue.flatMap { Data(base64Encoded: $0) })
        return try Attestations.Statement(parsing: Array(payload))
    }

    // MARK: - Somebody with the right to push

    /// The list beside the image, as it is now.
    func list() async throws -> JSONValue? {
        let tag = "/v2/bund/app/manifests/sha256-\(digest.hex).att"
        return try await test.admins.request("GET", tag, headers: [("Accept", MediaType.imageManifest)]).json
    }

    /// Copies the list to another repository, with another statement in one envelope, or as it is.
    func copyList(to repository: String, tampering envelope: String? = nil) async throws {
        let client = test.admins
        var manifest = try #require(try await list()?.objectValue)
        var layers = manifest["layers"]?.arrayValue ?? []
        for part in layers + [manifest["config"] ?? .null] {
            let digest = part["digest"]?.stringValue ?? ""
            let path = "/v2/\(repository)/blobs/uploads/?mount=\(digest)&from=bund/app"
            #expect(try await client.request("POST", path).status == 201)
        }
        for index in layers.indices where layers[index]["digest"]?.stringValue == envelope {
            guard let envelope else { continue }
            let changed = try Self.tampered(
                try await client.request("GET", "/v2/bund/app/blobs/\(envelope)").body
            )
            try await Self.put(changed, to: repository, client)
            var layer = layers[index].objectValue ?? [:]
            layer["digest"] = .string(Digest.sha256(changed).description)
            layer["size"] = .integer(Int64(changed.count))
            layers[index] = .object(layer)
        }
        manifest["layers"] = .array(layers)
        let answer = try await client.request(
            "PUT",
            "/v2/\(repository)/manifests/sha256-\(digest.hex).att",
            headers: [("Content-Type", MediaType.imageManifest)],
            body: JSONValue.object(manifest).bytes()
        )
        #expect(answer.status == 201, "\(answer.text)")
    }

    /// Puts another statement into a bundle, and takes the old one away.
    func tamper(referrer: String) async throws {
        let client = test.admins
        let path = "/v2/bund/app/manifests/\(referrer)"
        let present = try await client.request("GET", path, headers: [("Accept", MediaType.imageManifest)])
        var manifest = try #require(present.json?.objectValue)
        let digest = try #require(manifest["layers"]?[0]?["digest"]?.stringValue)
        var bundle = try #require(try await client.request("GET", "/v2/bund/app/blobs/\(digest)").json?.objectValue)
        bundle["dsseEnvelope"] = try JSONValue(
            parsing: Self.tampered(try #require(bundle["dsseEnvelope"]).bytes())
        )
        let changed = JSONValue.object(bundle).bytes()
        try await Self.put(changed, client)
        var layer = try #require(manifest["layers"]?[0]?.objectValue)
        layer["digest"] = .string(Digest.sha256(changed).description)
        layer["size"] = .integer(Int64(changed.count))
        manifest["layers"] = [.object(layer)]
        #expect(try await client.request("DELETE", path).status == 202)
        let bytes = JSONValue.object(manifest).bytes()
        let answer = try await client.request(
            "PUT",
            "/v2/bund/app/manifests/\(Digest.sha256(bytes))",
            headers: [("Content-Type", MediaType.imageManifest)],
            body: bytes
        )
        #expect(answer.status == 201, "\(answer.text)")
    }

    /// The same envelope around a statement that says PASSED where it said FAILED, or else about another time.
    private static func tampered(_ envelope: [UInt8]) throws -> [UInt8] {
        var members = try #require(try JSONValue(parsing: envelope).objectValue)
        let payload = try #require(members["payload"]?.stringValue.flatMap { Data(base64Encoded: $0) })
        let text = String(decoding: payload, as: UTF8.self).replacing("\"FAILED\"", with: "\"PASSED\"")
            .replacing("2026-", with: "2027-")
        #expect(Array(text.utf8) != Array(payload))
        members["payload"] = .string(Data(text.utf8).base64EncodedString())
        return JSONValue.object(members).bytes()
    }
}
