// SPDX-License-Identifier: EUPL-1.2

import JSON
import NodeTestKit
import TestKit
import Testing

/// The gate with the built program and a real client: from a feed that comes in to who may still pull.
@Suite("The gate, from a feed to a client", .enabled(if: (try? builtProduct("kontor")) != nil, "kontor is not built"))
struct GateJourneyTests {
    private static let tracker = """
        {"openssl":{"CVE-2026-1000":{"releases":{"bookworm":{"fixed_version":"3.0.13-1","status":"resolved","urgency":"high"}}}}}
        """
    private static let package = """
        Package: openssl
        Status: install ok installed
        Architecture: amd64
        Version: 3.0.9-1
        Description: a library

        """

    private static func exploited(_ id: String) -> [UInt8] {
        Array(
            """
            {"title":"CISA Catalog of Known Exploited Vulnerabilities","catalogVersion":"2026.11.26",\
            "dateReleased":"2026-11-26T10:00:00.0000Z","count":1,"vulnerabilities":[{"cveID":"\(id)","vendorProject":"v",\
            "product":"p","vulnerabilityName":"n","dateAdded":"2026-11-26","shortDescription":"s","requiredAction":"a",\
            "dueDate":"2026-12-31","knownRansomwareCampaignUse":"Unknown","notes":"","cwes":[]}]}
            """.utf8
        )
    }

    private static func importFeeds(_ path: String, into data: String) async throws {
        let result = try await builtProduct("kontor").run(
            ["feeds", "import", path, "--data", data, "--as-of", "2026-11-26"]
        )
        #expect(result.exitCode == 0, "\(result.output)\(result.errorOutput)")
    }

    private static func person(_ name: String, _ organisation: String, _ node: NodeProcess) async throws -> String {
        let body: JSONValue = ["name": .string(name), "kind": "person", "organisation": .string(organisation)]
        let made = try await node.ask("POST", "/accounts", body)
        return "\(name):\(try #require(made["secret"]?.stringValue))"
    }

    @Test(
        "who knows the image still gets it with a warning, who is new is told why; then two operators take it down",
        .timeLimit(.minutes(5))
    )
    func journey() async throws {
        let directory = try TemporaryDirectory("gate")
        let data = directory.file("data")
        try directory.write(Array(Self.tracker.utf8), to: "first/debian.json")
        try directory.write(Self.exploited("CVE-2026-9999"), to: "first/kev.json")
        try directory.write(Self.exploited("CVE-2026-1000"), to: "second/kev.json")
        try await Self.importFeeds(directory.file("first"), into: data)
        let node = try await NodeProcess(data: data)
        for name in ["bund", "land"] {
            try await node.ask("PUT", "/organisations/\(name)", ["title": .string(name), "kind": "federal"])
        }
        try await node.ask("PUT", "/namespaces/bund", ["organisation": "bund", "public": true])
        let image = try await node.pushSmall(
            "bund/app:1.0",
            files: [
                ("etc/os-release", "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n"),
                ("var/lib/dpkg/status", Self.package),
            ],
            in: directory
        )
        _ = try await node.verdict(of: "bund/app:1.0")
        try await node.ask(
            "PUT",
            "/namespaces/bund/policy",
            ["policy": ["pull": [["refuseExploited": true]]], "expectedRevision": 0, "reason": "test"]
        )
        let known = try await Self.person("kennt", "bund", node)
        let new = try await Self.person("neu", "land", node)
        let first = try await node.pull("bund/app:1.0", as: known, to: directory.file("first-pull"))
        #expect(first.exitCode == 0, "\(first.errorOutput)")
        // Pulls are written once a second, and only what is written counts as known.
        try await Task.sleep(for: .seconds(3))

        // The vulnerability is exploited from now on: the running node sees the new snapshot by itself.
        try await Self.importFeeds(directory.file("second"), into: data)
        // Asked as an operator over the API: whoever pulled meanwhile would be known too.
        var kev = JSONValue.null
        for _ in 0..<600 {
            kev = try await node.ask("GET", "/images/bund/app:1.0/findings")["findings"]?[0]?["kev"] ?? .null
            guard kev == .null else { break }
            try await Task.sleep(for: .milliseconds(100))
        }
        #expect(kev != .null, "the new snapshot does not reach the image")
        let path = "/v2/bund/app/manifests/1.0"
        let refused = try await node.client(new).request("GET", path)
        #expect(refused.status == 403)
        let sentence = "vulnerabilities that are being exploited: CVE-2026-1000"
        #expect(refused.message?.contains(sentence) == true, "\(refused.text)")
        #expect(refused.message?.contains("\(node.url)/images/\(image)") == true, "\(refused.text)")
        let stranger = try await node.pull("bund/app:1.0", as: new, to: directory.file("new-pull"))
        #expect(stranger.exitCode != 0 && stranger.errorOutput.contains("CVE-2026-1000"), "\(stranger.errorOutput)")
        let again = try await node.pull("bund/app:1.0", as: known, to: directory.file("known-pull"))
        #expect(again.exitCode == 0, "\(again.errorOutput)")
        let warned = try await node.client(known).request("GET", path)
        #expect(warned.status == 200)
        #expect(warned.all("Warning").contains { $0.contains(sentence) }, "\(warned.fields)")

        // An approval is shown beside the verdict; for what it is, not.
        let approved = try await node.kontor([
            "approve", image, "--purpose", "Wohngeld", "--until", "2027-01-31", "--organisation", "bund",
        ])
        #expect(approved.exitCode == 0 && approved.output.contains("inForce"), "\(approved.errorOutput)")
        func page() async throws -> String {
            try await node.admin.request("GET", "/images/bund/app:1.0", headers: [("Accept-Language", "en")]).text
        }
        #expect(try await page().contains("Approved for use by bund until"))
        #expect(try await !page().contains("Wohngeld"))

        // A takedown knows no grace.
        let second = try await node.ask(
            "POST",
            "/accounts",
            ["name": "zweite", "kind": "person", "nodeRole": "operator"]
        )
        let other = try node.client("zweite:\(try #require(second["secret"]?.stringValue))")
        let asked = try await node.kontor([
            "takedown", "propose", image, "--reason", "Gericht", "--legal-reference", "Az. 1", "--format", "json",
        ])
        #expect(asked.exitCode == 0, "\(asked.errorOutput)")
        let id = try #require(try JSONValue(parsing: asked.output)["id"]?.intValue)
        try await node.ask("POST", "/takedowns/\(id)/confirmation", as: other)
        let gone = try await node.client(known).request("GET", path)
        #expect(gone.status == 451 && gone.message?.contains("Az. 1") == true, "\(gone.text)")
        let blocked = try await node.pull("bund/app:1.0", as: known, to: directory.file("blocked-pull"))
        #expect(blocked.exitCode != 0)
        #expect(try await page().contains("Taken down for legal reasons since"))
        let affected = try await node.ask("GET", "/affected?question=CVE-2026-1000")
        let found = affected["items"]?.arrayValue?.compactMap { $0["repository"]?.stringValue } ?? []
        #expect(found == ["bund/app"], "\(affected)")
        let listed = try await node.kontor(["takedown", "list"])
        #expect(listed.exitCode == 0 && listed.output.contains("inForce"), "\(listed.output)\(listed.errorOutput)")
        node.stop()
    }
}
