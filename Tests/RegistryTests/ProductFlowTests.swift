// SPDX-License-Identifier: EUPL-1.2

import Accounts
import JSON
import Node
import NodeTestKit
import OCI
import TestKit
import Testing
import Time
import Vulnerabilities

/// The whole way of a product over HTTP: a supplier's bill, who is affected, who is told, and what others may not know.
@Suite("From a supplier's SBOM to who is told") struct ProductFlowTests {
    private static let bill = """
        {"bomFormat":"CycloneDX","specVersion":"1.6",
         "components":[{"type":"library","name":"openssl","version":"3.0.1",
         "purl":"pkg:deb/debian/openssl@3.0.1?arch=amd64&distro=debian-12"},{"type":"library","name":"<b>in-house</b>"}]}
        """
    private static let tracker = """
        {"openssl":{"CVE-2026-1000":{"releases":{"bookworm":{"fixed_version":"3.0.2","status":"resolved","urgency":"high"}}}}}
        """

    @Test("uploaded, matched, listed and shown to those who may know; refused and unknown to everybody else")
    func flow() async throws {
        try await TestNode.run { node in
            let accounts = node.node.accounts
            let admin = try #require(try await accounts.authenticate(username: "admin", password: node.secret))
            for name in ["stadt", "land"] {
                let organisation = Organisation(name: name, title: "Titel \(name)", kind: .municipal)
                try await accounts.putOrganisation(organisation, by: admin)
                try await accounts.createNamespace(name, organisation: name, isPublic: false, by: admin)
            }
            func client(_ name: String, of organisation: String) async throws -> TestClient {
                let secret = try await accounts.createPerson(name, organisation: organisation, by: admin)
                try await accounts.setRole(.maintainer, of: name, in: organisation, by: admin)
                return node.client.basic("\(name):\(secret)")
            }
            let anna = try await client("anna", of: "stadt")
            let lars = try await client("lars", of: "land")
            let folder = "feed"
            try node.directory.write(Array(Self.tracker.utf8), to: folder + "/tracker.json")
            let report = try await node.node.feeds.importFeeds(
                paths: [node.directory.file(folder)],
                asOf: WallClock.system.now()
            )
            #expect(report.failed.isEmpty)
            let path = "/api/v1/products?name=Meldewesen&version=4.2&supplier=Beispiel%20GmbH&organisation=stadt"
            let uploaded = try await anna.request("POST", path, body: Array(Self.bill.utf8))
            #expect(uploaded.status == 201, "\(uploaded.text)")
            #expect(uploaded.json?["components"]?.intValue == 1 && uploaded.json?["unnamed"]?.intValue == 1)
            let id = try #require(uploaded.json?["id"]?.intValue)
            #expect(try await anna.request("POST", path, body: Array(Self.bill.utf8)).status == 200)
            #expect(try await lars.request("POST", path, body: Array(Self.bill.utf8)).status == 403)
            let wrong = "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"components\":[{\"name\":7}]}"
            let refused = try await anna.request("POST", path, body: Array(wrong.utf8))
            #expect(refused.status == 400 && refused.text.contains("/components/0"), "\(refused.text)")
            #expect(try await anna.request("POST", path + "&name=x", body: []).status == 400)
            #expect(try await anna.request("POST", "/api/v1/products?name=x", body: []).status == 400)

            let question = "/api/v1/affected?question=CVE-2026-1000"
            let own = try await anna.request("GET", question)
            let item = own.json?["items"]?.arrayValue?.first
            #expect(item?["kind"]?.stringValue == "product" && item?["organisation"]?.stringValue == "stadt")
            #expect(item?["supplier"]?.stringValue == "Beispiel GmbH" && own.json?["next"]?.isNull == true)
            #expect(own.json?["summary"]?["products"]?.intValue == 1)
            #expect(try await anna.request("GET", question + "&form=csv").text.contains(",product,Meldewesen,4.2,"))
            #expect(try await lars.request("GET", question).json?["items"]?.arrayValue?.isEmpty == true)

            let listed = try await anna.request("GET", "/api/v1/products").json
            #expect(listed?["items"]?.arrayValue?.count == 1 && listed?["tlp"]?.stringValue == "TLP:AMBER")
            let one = try await anna.request("GET", "/api/v1/products/\(id)").json
            #expect(one?["items"]?.arrayValue?.first?["id"]?.stringValue == "CVE-2026-1000")
            #expect(one?["judgement"]?["conclusion"]?.stringValue == "doesNotConform")
            #expect(one?["notAssessed"]?.arrayValue?.first?["components"]?.intValue == 1)
            let kept = try await anna.request("GET", "/api/v1/products/\(id)/bill")
            #expect(kept.text == Self.bill)
            #expect(kept["content-disposition"]?.hasPrefix("attachment") == true)
            for place in ["/api/v1/products/\(id)", "/api/v1/products/\(id)/bill", "/products/\(id)"] {
                #expect(try await lars.request("GET", place).status == 404, "\(place)")
                #expect(try await node.client.anonymous().request("GET", place).status == 401, "\(place)")
            }
            #expect(try await lars.request("GET", "/api/v1/products").json?["items"]?.arrayValue?.isEmpty == true)
            #expect(try await lars.request("DELETE", "/api/v1/products/\(id)").status == 404)

            let list = try await anna.request("GET", "/products?lang=en")
            #expect(list.status == 200 && list.text.contains("Meldewesen") && list.text.contains("Titel stadt"))
            let page = try await anna.request("GET", "/products/\(id)?lang=de")
            #expect(page.status == 200 && page.text.contains("CVE-2026-1000") && page.text.contains("behoben in 3.0.2"))
            #expect(page.text.contains("Entspricht") || page.text.contains("entspricht"))
            #expect(page.text.contains("Package-URL") && !page.text.contains("<b>in-house"))
            let answer = try await anna.request("GET", "/affected?q=CVE-2026-1000&lang=en")
            #expect(answer.text.contains("/products/\(id)") && answer.text.contains("products: 1"))
            #expect(try await !lars.request("GET", "/affected?q=CVE-2026-1000&lang=en").text.contains("Meldewesen"))

            let draft = try await node.client.request(
                "POST",
                "/api/v1/notice-drafts",
                headers: [("Content-Type", "application/json")],
                body: Array(#"{"question":"CVE-2026-1000"}"#.utf8)
            )
            #expect(draft.json?["products"]?.intValue == 1)
            let recipient = draft.json?["recipients"]?.arrayValue?.first
            #expect(recipient?["organisation"]?.stringValue == "stadt")
            #expect(recipient?["reasons"]?.arrayValue?.compactMap(\.stringValue) == ["runs"])

            #expect(try await anna.request("DELETE", "/api/v1/products/\(id)").status == 204)
            #expect(try await anna.request("DELETE", "/api/v1/products/\(id)").status == 409)
            #expect(try await anna.request("GET", question).json?["items"]?.arrayValue?.isEmpty == true)
            #expect(try await anna.request("GET", "/api/v1/products/\(id)/bill").status == 404)
            let gone = try await anna.request("GET", "/products/\(id)?lang=en")
            #expect(gone.status == 200 && gone.text.contains("by anna"))
        }
    }
}
