// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Criteria
import Database
import Directory
import FoundationEssentials
import JSON
import Node
import NodeTestKit
import OCI
import ProjectCriteria
import ProjectRegister
import TestKit
import Testing
import Time
import Vulnerabilities

/// A supplier pushes and attests with the real cosign; the verdict turns, and turns back when the key is revoked.
@Suite(
    "From a supplier's attestations to a verdict",
    .enabled(if: (try? builtProduct("kontor")) != nil, "kontor is not built")
)
struct SupplierFlowTests {
    private static let cve = "CVE-2026-1000"
    private static let builder = "https://build.example/isolated/v1"
    private static let predicates = [
        "https://slsa.dev/provenance/v1", "https://cyclonedx.org/bom", "https://openvex.dev/ns",
    ]

    @Test("provenance, bill and VEX count as long as the namespace believes who signed them", arguments: [false, true])
    func flow(bundles: Bool) async throws {
        try await TestNode.run { node in
            let supplier = try await Supplier(node, bundles: bundles)
            try await supplier.importAdvisories()
            let base = try await supplier.push("base", labels: [:])
            let image = try await supplier.push(
                "app",
                labels: ["org.opencontainers.image.base.digest": base.description]
            )
            try await supplier.sign(image)
            try await supplier.attest(image, "slsaprovenance1", Self.provenance(base))
            try await supplier.attest(image, "cyclonedx", Self.bill)
            try await supplier.attest(image, "openvex", Self.vex)
            // Nobody is believed yet.
            try await supplier.trust(nil)
            #expect(try await supplier.finding(image, becomes: "affected"))

            // Keys that may sign images and nothing else.
            try await supplier.trust(supplier.rules(signs: ["image"]))
            #expect(try await supplier.criterion("IMG-SEC-05", of: image, becomes: "fail"))
            #expect(try await supplier.criterion("IMG-SEC-29", of: image, becomes: "fail"))
            #expect(try await supplier.finding(image, becomes: "affected"))

            try await supplier.trust(supplier.rules(signs: ["image"] + Self.predicates))
            #expect(try await supplier.criterion("IMG-SEC-05", of: image, becomes: "pass"))
            #expect(try await supplier.criterion("IMG-SEC-29", of: image, becomes: "pass"))
            // The bill is signed and read, and the guideline asks for more than it has.
            let bill = try await supplier.explanation("IMG-SEC-24", of: image)
            #expect(bill.contains("lacks") && bill.contains("Creator of the SBOM"), "\(bill)")
            #expect(try await supplier.criterion("IMG-SEC-08", of: image, becomes: "fail"))
            #expect(try await supplier.criterion("IMG-MNT-06", of: image, becomes: "unknown"))
            #expect(try await supplier.finding(image, becomes: "notAffected"))
            // Its base was found on this node, with a level that the criterion tells.
            let text = try await supplier.explanation("IMG-SEC-06", of: image)
            #expect(text.contains("team/app@\(base)"), "\(text)")
            let said = try await supplier.statement(image)
            #expect(said?["origin"] == "attested" && said?["importedBy"] == "lieferant", "\(said?.text() ?? "")")
            #expect(said?["author"] == "Supplier")
            // The base has the same package, and nobody said anything about it.
            #expect(try await supplier.finding(base, becomes: "affected"))

            try await supplier.trust(supplier.rules(signs: ["image"] + Self.predicates, isRevoked: true))
            #expect(try await supplier.finding(image, becomes: "affected"))
            #expect(try await supplier.criterion("IMG-SEC-05", of: image, becomes: "fail"))
            #expect(try await supplier.statement(image) == nil)
        }
    }

    @Test("what another key signed clears nothing, and what is removed clears nothing any more")
    func others() async throws {
        try await TestNode.run { node in
            let supplier = try await Supplier(node, bundles: false)
            try await supplier.importAdvisories()
            let image = try await supplier.push("app", labels: [:])
            try await supplier.sign(image)
            let stranger = try await Supplier(supplier)
            try await stranger.attest(image, "openvex", Self.vex)
            try await supplier.trust(supplier.rules(signs: ["image"] + Self.predicates))
            #expect(try await supplier.criterion("IMG-SEC-29", of: image, becomes: "fail"))
            let text = try await supplier.explanation("IMG-SEC-29", of: image)
            #expect(text.contains("https://openvex.dev/ns"), "\(text)")
            #expect(try await supplier.finding(image, becomes: "affected"))
            // cosign replaces the layer of the same type.
            try await supplier.attest(image, "openvex", Self.vex)
            #expect(try await supplier.finding(image, becomes: "notAffected"))
            let tag = "sha256-\(image.hex).att"
            #expect(try await node.client.request("DELETE", "/v2/team/app/manifests/\(tag)").status == 202)
            #expect(try await supplier.finding(image, becomes: "affected"))
        }
    }

    @Test("what projects and the reuse register say has images judged again, in a node as it runs")
    func registers() async throws {
        try await TestNode.run { node in
            let supplier = try await Supplier(node, bundles: false)
            try await supplier.importAdvisories()
            let source = "https://git.example.org/team/tool"
            let image = try await supplier.push("app", labels: ["org.opencontainers.image.source": source])
            try await supplier.sign(image)
            try await supplier.trust(supplier.rules(signs: ["image"]))
            #expect(try await supplier.criterion("IMG-REU-08", of: image, becomes: "fail"))
            #expect(try await supplier.criterion("IMG-MNT-06", of: image, becomes: "unknown"))
            // Its tag is of today.
            #expect(try await supplier.criterion("IMG-MNT-04", of: image, becomes: "pass"))

            let (accounts, now) = (node.node.accounts, WallClock.system.now())
            let admin = try #require(try await accounts.authenticate(username: "admin", password: node.secret))
            try await node.node.directory.catchUp()
            for name in ["land", "bund"] {
                try await accounts.putOrganisation(Organisation(name: name, title: name, kind: .state), by: admin)
                _ = try await node.node.directory.directory.use(
                    "image:team/app",
                    by: name,
                    since: now - .seconds(86_400),
                    purpose: "Portal",
                    contact: nil,
                    actor: admin
                )
            }
            try await Self.hurry("image:team/app", node)
            #expect(try await supplier.criterion("IMG-REU-08", of: image, becomes: "pass"))

            let project = try await node.node.projects.register(
                ProjectRegistration(name: "team/tool", url: source, visibility: .members),
                checking: false,
                by: admin
            ).project
            let read = ReadSource(
                address: source,
                readAt: now,
                security: .silver,
                atMost: .silver,
                branch: "main",
                protection: .known(true),
                revisions: [],
                securityFile: .init(path: "SECURITY.md", hasContact: true, hasPolicy: true)
            )
            try await node.node.projects.record(ProjectAssessment(verdicts: [], source: read), for: project.id, at: now)
            try await Self.hurry(source, node)
            #expect(try await supplier.criterion("IMG-MNT-06", of: image, becomes: "pass"))
            // What may not be told any more does not wait.
            try await node.node.projects.remove(project.id, by: admin)
            #expect(try await supplier.criterion("IMG-MNT-06", of: image, becomes: "unknown"))
        }
    }

    /// Ends the time for which news waits for more of its kind.
    private static func hurry(_ subject: String, _ node: TestNode) async throws {
        let (kind, now) = (Directory.judgeAgainJob, WallClock.system.now())
        #expect(try await node.node.queue.state(kind: kind, subject: subject) == .queued)
        try await node.node.database.write { t in
            try JobQueue.enqueue(t, kind: kind, subject: subject, priority: .feed, now: now)
        }
    }

    private static func provenance(_ base: Digest) -> String {
        """
        {"buildDefinition":{"buildType":"https://build.example/type/v1","externalParameters":{"ref":"refs/tags/1.0"},
        "resolvedDependencies":[{"uri":"git+https://git.example/app@refs/tags/1.0","digest":{"gitCommit":"0123"}},
        {"uri":"pkg:oci/app@sha256:\(base.hex)","digest":{"sha256":"\(base.hex)"}}]},
        "runDetails":{"builder":{"id":"\(builder)"},"metadata":{"invocationId":"urn:uuid:1"}}}
        """
    }

    private static let bill = """
        {"bomFormat":"CycloneDX","specVersion":"1.6","serialNumber":"urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
        "version":1,"metadata":{"timestamp":"2026-11-19T00:00:00Z","component":{"type":"container","name":"app"}},
        "components":[{"type":"library","name":"openssl","version":"3.0.1","purl":"pkg:deb/debian/openssl@3.0.1"}]}
        """

    private static let vex = """
        {"@context":"https://openvex.dev/ns/v0.2.0","@id":"https://example.org/vex/1","author":"Supplier",
        "timestamp":"2026-11-20T00:00:00Z","version":1,"statements":[{"vulnerability":{"name":"\(cve)"},
        "products":[{"@id":"pkg:deb/debian/openssl@3.0.1"}],"status":"not_affected",
        "justification":"vulnerable_code_not_present"}]}
        """

    /// Somebody with a key of their own who pushes to the namespace `team`.
    private struct Supplier: Sendable {
        let node: TestNode
        let folder: TemporaryDirectory
        let bundles: Bool
        private let password = ["COSIGN_PASSWORD": ""]

        init(_ node: TestNode, bundles: Bool) async throws {
            self.node = node
            self.bundles = bundles
            let accounts = node.node.accounts
            let admin = try #require(try await accounts.authenticate(username: "admin", password: node.secret))
            try await accounts.putOrganisation(
                Organisation(name: "stadt", title: "Stadt Musterstadt", kind: .municipal),
                by: admin
            )
            try await accounts.createNamespace("team", organisation: "stadt", isPublic: false, by: admin)
            folder = try await Self.key(node)
        }

        /// Another one at the same node.
        init(_ other: Supplier) async throws {
            node = other.node
            bundles = other.bundles
            folder = try await Self.key(other.node)
        }

        private static func key(_ node: TestNode) async throws -> TemporaryDirectory {
            let folder = try TemporaryDirectory("supplier")
            let login = Data("admin:\(node.secret)".utf8).base64EncodedString()
            try folder.write(Array(#"{"auths":{"\#(node.authority)":{"auth":"\#(login)"}}}"#.utf8), to: "config.json")
            try await trixieTool("cosign").check(
                ["generate-key-pair"],
                environment: ["HOME": folder.path, "COSIGN_PASSWORD": "", "TUF_ROOT": folder.path],
                directory: folder.path
            )
            return folder
        }

        private func cosign(_ arguments: [String]) async throws {
            try await trixieTool("cosign").check(
                arguments,
                environment: [
                    "HOME": folder.path, "COSIGN_PASSWORD": "", "TUF_ROOT": folder.path, "DOCKER_CONFIG": folder.path,
                ]
            )
        }

        func sign(_ image: Digest) async throws {
            try await cosign([
                "sign", "--yes", "--key", folder.file("cosign.key"), "--tlog-upload=false", "--allow-http-registry",
                "\(node.authority)/team/app@\(image)",
            ])
        }

        func attest(_ image: Digest, _ type: String, _ predicate: String) async throws {
            try folder.write(Array(predicate.utf8), to: "predicate.json")
            try await cosign(
                [
                    "attest", "--yes", "--key", folder.file("cosign.key"), "--tlog-upload=false", "--replace",
                    "--allow-http-registry", "--type", type, "--predicate", folder.file("predicate.json"),
                ] + (bundles ? ["--new-bundle-format"] : []) + ["\(node.authority)/team/app@\(image)"]
            )
        }

        func rules(signs: [String], isRevoked: Bool = false) throws -> JSONValue {
            let pem = try String(contentsOfFile: folder.file("cosign.pub"), encoding: .utf8)
            return [
                "publishers": [
                    [
                        "name": "Lieferant", "contact": "security@example.org",
                        "keys": [
                            [
                                "name": "lieferant", "key": .string(pem), "signs": .strings(signs),
                                "revokedFrom": isRevoked ? "2026-01-01T00:00:00Z" : .null,
                            ]
                        ],
                    ]
                ],
                "builders": [
                    [
                        "id": .string(SupplierFlowTests.builder), "keys": ["lieferant"], "level": 2,
                        "operatedBy": "Plattform Beispiel",
                    ]
                ],
            ]
        }

        func trust(_ rules: JSONValue?) async throws {
            let path = "/api/v1/namespaces/team/policy"
            let now = try await node.client.request("GET", path).json?["revision"]?.int64Value ?? 0
            let body: JSONValue = [
                "policy": rules.map { ["trust": $0] } ?? .object([:]), "expectedRevision": .integer(now),
                "reason": "test",
            ]
            let headers = [("Content-Type", "application/json")]
            let answer = try await node.client.request("PUT", path, headers: headers, body: body.bytes())
            #expect(answer.status == 200, "\(answer.text)")
        }

        func importAdvisories() async throws {
            let tracker = """
                {"openssl":{"\(SupplierFlowTests.cve)":{"releases":{"bookworm":{"fixed_version":"3.0.2",
                "status":"resolved","urgency":"high"}}}}}
                """
            try node.directory.write(Array(tracker.utf8), to: "feed/tracker.json")
            let report = try await node.node.feeds.importFeeds(
                paths: [node.directory.file("feed")],
                asOf: WallClock.system.now()
            )
            #expect(report.failed.isEmpty)
        }

        func push(_ tag: String, labels: [String: String]) async throws -> Digest {
            var image = ImageBuilder()
            image.labels = labels
            image.layer { tar in
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
            // Another layer on the same base, else the word about the one would be one about what it stands on.
            image.layer { tar in tar.file("etc/\(tag)", text: tag) }
            let built = image.built()
            for blob in built.blobs {
                let path = "/v2/team/app/blobs/uploads/?digest=\(blob.digest)"
                #expect(try await node.client.request("POST", path, body: blob.bytes).status == 201)
            }
            let answer = try await node.client.request(
                "PUT",
                "/v2/team/app/manifests/\(tag)",
                headers: [("Content-Type", built.mediaType)],
                body: built.manifest
            )
            #expect(answer.status == 201)
            return built.manifestDigest
        }

        // MARK: - What the node says

        private func verdict(_ image: Digest) async throws -> JSONValue? {
            try await node.client.request("GET", "/api/v1/images/team/app@\(image)/verdict").json
        }

        private func result(_ id: String, of image: Digest) async throws -> JSONValue? {
            try await verdict(image)?["criteria"]?.arrayValue?.first { $0["id"]?.stringValue == id }
        }

        func explanation(_ id: String, of image: Digest) async throws -> String {
            try await result(id, of: image)?["explanation"]?["en"]?.stringValue ?? ""
        }

        func statement(_ image: Digest) async throws -> JSONValue? {
            let found = try await verdict(image)?["findings"]?[0]?["statement"]
            return found?.isNull == true ? nil : found
        }

        func criterion(_ id: String, of image: Digest, becomes outcome: String) async throws -> Bool {
            try await wait("\(id) does not become \(outcome)") {
                let found = try await result(id, of: image)
                return (found?["result"]?.stringValue == outcome, found?.text(.compact) ?? "no result")
            }
        }

        func finding(_ image: Digest, becomes status: String) async throws -> Bool {
            try await wait("the finding does not become \(status)") {
                let found = try await verdict(image)?["findings"]?[0]
                return (found?["status"]?.stringValue == status, found?.text(.compact) ?? "no finding")
            }
        }

        private func wait(
            _ problem: String,
            _ ask: () async throws -> (Bool, String)
        ) async throws -> Bool {
            var last = ""
            for _ in 0..<300 {
                let (isSo, text) = try await ask()
                if isSo { return true }
                last = text
                try await Task.sleep(for: .milliseconds(100))
            }
            Issue.record("\(problem): \(last)")
            return false
        }
    }
}
