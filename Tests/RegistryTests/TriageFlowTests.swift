// SPDX-License-Identifier: EUPL-1.2

import Accounts
import FoundationEssentials
import JSON
import Node
import NodeTestKit
import OCI
import TestKit
import Testing

/// The whole way over HTTP: an image, a maintainer's word about its finding, documents that are attached and adopted, a document for others.
@Suite("From a finding to documents for others") struct TriageFlowTests {
    private static let cve = "CVE-2026-1000"
    private static let json = [("Content-Type", "application/json")]

    @Test(
        "a maintainer assesses, takes back, adopts what was attached, and exports; a publisher and a stranger may not"
    )
    func flow() async throws {
        try await TestNode.run { node in
            let accounts = node.node.accounts
            let admin = try #require(try await accounts.authenticate(username: "admin", password: node.secret))
            try await accounts.putOrganisation(
                Organisation(name: "stadt", title: "Stadt Musterstadt", kind: .municipal),
                by: admin
            )
            try await accounts.createNamespace("team", organisation: "stadt", isPublic: false, by: admin)
            var clients: [TestClient] = []
            for (name, role) in [("berta", Role.maintainer), ("carl", .publisher), ("dora", nil)] {
                let secret = try await accounts.createPerson(name, organisation: "stadt", by: admin)
                if let role { try await accounts.setRole(role, of: name, in: "team", by: admin) }
                clients.append(node.client.basic("\(name):\(secret)"))
            }
            let (berta, carl, dora) = (clients[0], clients[1], clients[2])
            try await node.importTracker(Self.tracker)
            let built = ImageBuilder.debian(package: "openssl", version: "3.0.1")
            let digest = try await node.client.push(built, to: "team/app", tag: "1.0")
            try await node.client.verdict(of: "team/app@\(digest)")
            let image = "team/app@\(digest)"
            #expect(try await Self.status(of: image, berta) == "affected")

            let silent = "{\"image\":\"\(image)\",\"vulnerability\":\"\(Self.cve)\",\"status\":\"not_affected\"}"
            let refused = try await berta.request(
                "POST",
                "/api/v1/assessments",
                headers: Self.json,
                body: Array(silent.utf8)
            )
            #expect(refused.status == 400 && refused.text.contains("one of the five justifications"))
            let word = silent.dropLast() + ",\"justification\":\"component_not_present\",\"expires\":\"2090-01-01\"}"
            let late = try await berta.request(
                "POST",
                "/api/v1/assessments",
                headers: Self.json,
                body: Array(word.utf8)
            )
            #expect(late.status == 400 && late.text.contains("five years"))
            let good = Array((silent.dropLast() + ",\"justification\":\"component_not_present\"}").utf8)
            #expect(try await carl.request("POST", "/api/v1/assessments", headers: Self.json, body: good).status == 403)
            #expect(try await dora.request("POST", "/api/v1/assessments", headers: Self.json, body: good).status == 404)
            let nobody = node.client.anonymous()
            #expect(
                try await nobody.request("POST", "/api/v1/assessments", headers: Self.json, body: good).status == 401
            )
            let taken = try await berta.request("POST", "/api/v1/assessments", headers: Self.json, body: good)
            #expect(taken.status == 201 && taken.json?["author"] == "Stadt Musterstadt", "\(taken.text)")
            try await Self.wait(until: "notAffected", image, berta)
            let openVEX = try await berta.request("GET", "/api/v1/images/\(image)/vex?format=openvex&lang=en")
            #expect(openVEX.status == 200 && openVEX.json?["statements"]?[0]?["status"] == "not_affected")
            #expect(openVEX.text.contains("Source: Stadt Musterstadt"))
            for language in ["de", "en"] {
                let csaf = try await berta.request("GET", "/api/v1/images/\(image)/vex?format=csaf&lang=\(language)")
                #expect(csaf.status == 200)
                try await Self.validate(csaf.body, in: node.directory)
            }
            #expect(try await nobody.request("GET", "/api/v1/images/\(image)/vex").status == 401)

            let number = try #require(taken.json?["id"]?.intValue)
            #expect(try await carl.request("DELETE", "/api/v1/vex-documents/\(number)").status == 404)
            #expect(try await berta.request("DELETE", "/api/v1/vex-documents/\(number)").status == 204)
            try await Self.wait(until: "affected", image, berta)

            try await Self.attach(to: digest, carl)
            var found: JSONValue?
            for _ in 0..<200 where found == nil {
                let said = try await berta.request("GET", "/api/v1/statements?image=\(image)")
                #expect(said.status == 200)
                found = said.json?["items"]?.arrayValue?.first
                if found == nil { try await Task.sleep(for: .milliseconds(50)) }
            }
            #expect(found?["origin"] == "discovered" && found?["counts"] == false && found?["importedBy"] == "carl")
            #expect(try await Self.status(of: image, berta) == "affected")
            let id = try #require(found?["id"]?.stringValue)
            let adopt = Array("{\"image\":\"\(image)\",\"statement\":\"\(id)\"}".utf8)
            #expect(try await carl.request("POST", "/api/v1/adoptions", headers: Self.json, body: adopt).status == 403)
            let adopted = try await berta.request("POST", "/api/v1/adoptions", headers: Self.json, body: adopt)
            #expect(adopted.status == 201 && adopted.json?["adoptedFrom"] == "Somebody (https://example.org/1)")
            try await Self.wait(until: "notAffected", image, berta)
            let list = try await berta.request("GET", "/api/v1/statements?image=\(image)")
            #expect(list.json?["items"]?.arrayValue?.count == 2)
            #expect(try await dora.request("GET", "/api/v1/statements?image=\(image)").status == 404)
        }
    }

    private static func status(of image: String, _ client: TestClient) async throws -> String? {
        try await client.request("GET", "/api/v1/images/\(image)/findings").json?["findings"]?[0]?["status"]?
            .stringValue
    }

    /// Holds a document against all tests of CSAF 2.0 by an independent program.
    private static func validate(_ document: [UInt8], in directory: TemporaryDirectory) async throws {
        let file = try directory.write(document, to: "vex.json")
        let validation = ["validate", "--spec-version", "v20", "--preset", "full", "--no-network", file]
        let result = try await trixieTool("csaf").run(validation)
        #expect(result.exitCode == 0, "\(result.output)\(result.errorOutput)")
    }

    private static func wait(until status: String, _ image: String, _ client: TestClient) async throws {
        for _ in 0..<200 {
            if try await Self.status(of: image, client) == status { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("the finding did not become \(status)")
    }

    private static let tracker = """
        {"openssl":{"\(cve)":{"releases":{"bookworm":{"fixed_version":"3.0.2","status":"resolved","urgency":"high"}}}}}
        """

    /// Attaches an OpenVEX document to an image, as `oras attach` does.
    private static func attach(to digest: Digest, _ client: TestClient) async throws {
        let document = Array(
            """
            {"@context":"https://openvex.dev/ns/v0.2.0","@id":"https://example.org/1","author":"Somebody",
            "timestamp":"2026-11-20T00:00:00Z","version":1,"statements":[{"vulnerability":{"name":"\(cve)"},
            "status":"not_affected","justification":"vulnerable_code_not_present"}]}
            """.utf8
        )
        let empty = Array("{}".utf8)
        try await client.upload(document, to: "team/app")
        try await client.upload(empty, to: "team/app")
        let type = "application/vnd.openvex+json"
        let manifest = ImageManifest(
            artifactType: type,
            config: Descriptor(mediaType: "application/vnd.oci.empty.v1+json", digest: .sha256(empty), size: 2),
            layers: [Descriptor(mediaType: type, digest: .sha256(document), size: Int64(document.count))],
            subject: Descriptor(mediaType: MediaType.imageManifest, digest: digest, size: 1)
        ).json.bytes()
        let path = "/v2/team/app/manifests/\(Digest.sha256(manifest))"
        let headers = [("Content-Type", MediaType.imageManifest)]
        #expect(try await client.request("PUT", path, headers: headers, body: manifest).status == 201)
    }
}
