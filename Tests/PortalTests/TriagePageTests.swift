// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Advisories
import Criteria
import Database
import HTTPTypes
import JSON
import OCI
import TestKit
import Testing
import Time
import Vulnerabilities

@Suite("The page of one finding")
struct TriagePageTests {
    private static let admin: HTTPFields = [.authorization: "Basic YWRtaW46Z2VoZWltOm1pdA=="]
    private static let image = "\(TestSite.repository)@\(Sample.digest)"
    private static let address = "/triage?image=\(image)&vulnerability=CVE-2026-0001&source=openssl"

    private static func site() async throws -> TestSite {
        var finding = Sample.finding("CVE-2026-0001")
        finding.componentPURL = "pkg:deb/debian/openssl@3.0.11-1"
        var site = Sample.site(try Sample.verdict(findings: [finding]))
        let database = try Database.inMemory(migrations: TestSite.migrations)
        let directory = try TemporaryDirectory("triage-page")
        _ = try await Accounts(database: database, clock: .system).bootstrap(dataDirectory: directory.path)
        site.database = database
        site.formToken = "proof"
        return site
    }

    private static func form(_ fields: [(String, String)], token: String = "proof") -> [(String, String)] {
        [("form", token), ("image", image), ("vulnerability", "CVE-2026-0001"), ("source", "openssl")] + fields
    }

    private static let cleared = [
        ("action", "assess"), ("status", "not_affected"), ("justification", "vulnerable_code_not_in_execute_path"),
        ("impact", "<b>never</b> loaded"), ("measure", ""), ("expires", ""), ("scope", "image"),
    ]

    @Test("a maintainer assesses with a form, sees the word with its source as text, and takes it back")
    func assess() async throws {
        let site = try await Self.site()
        let empty = try await site.get(Self.address + "&lang=en", Self.admin)
        #expect(empty.status == 200 && empty.body.contains("Nobody has said anything about it."))
        #expect(empty.body.contains("value=\"proof\"") && empty.body.contains("name=\"justification\""))
        let done = try await site.post("/triage", Self.form(Self.cleared))
        #expect(done.status == 303, "\(done.body)")
        let place = try #require(done.header("Location"))
        #expect(place.hasPrefix("/triage?image="))
        let page = try await site.get(place + "&lang=en", Self.admin)
        #expect(page.body.contains("An assessment, made by admin."))
        #expect(page.body.contains("The vulnerable code is never executed."))
        #expect(page.body.contains("&lt;b&gt;never&lt;/b&gt; loaded") && !page.body.contains("<b>never"))
        #expect(page.body.contains("Holds here; the latest statement counts."))
        let statements = Statements(database: try #require(site.database), clock: .system)
        let document = try #require(try await statements.documents(limit: 10).first)
        let ended = try await site.post("/triage", Self.form([("action", "end"), ("document", "\(document.id)")]))
        #expect(ended.status == 303)
        #expect(try await statements.documents(limit: 10).first?.endedBy == "admin")
    }

    @Test("that there is no fix is refused with what to do, and the form keeps what was typed")
    func refused() async throws {
        let site = try await Self.site()
        var fields = Self.cleared
        fields[3] = ("impact", "No fix available.")
        let answer = try await site.post("/triage?lang=en", Self.form(fields))
        #expect(answer.status == 422)
        #expect(answer.body.contains("there is no fix does not justify not_affected"))
        #expect(answer.body.contains(">No fix available.</textarea>"))
    }

    @Test(
        "another's statement is adopted with one button, and what was found in the registry says that nobody vouches for it"
    )
    func adopt() async throws {
        let site = try await Self.site()
        let database = try #require(site.database)
        let document = try VEXDocument(
            parsing: Array(
                """
                {"@context":"https://openvex.dev/ns/v0.2.0","@id":"https://example.org/1","author":"<i>somebody</i>",
                "timestamp":"2026-11-20T00:00:00Z","version":1,"statements":[{"vulnerability":{"name":"CVE-2026-0001"},
                "products":[{"@id":"pkg:oci/app@\(Sample.digest.description.replacing(":", with: "%3A"))"}],
                "status":"not_affected","justification":"component_not_present"}]}
                """.utf8
            )
        )
        let origin = DiscoveredStatements.Origin(
            repository: try RepositoryName(parsing: TestSite.repository),
            subject: Sample.digest,
            manifest: .sha256([9]),
            layer: 0,
            pushedBy: "ci"
        )
        try await database.write { try DiscoveredStatements.keep(document, found: origin, at: Sample.now, in: $0) }
        let image = try await site.get("/images/\(Self.image)?lang=en", Self.admin)
        #expect(image.body.contains("Discovered, not trusted: nobody responsible has imported these documents."))
        #expect(image.body.contains("&lt;i&gt;somebody&lt;/i&gt;: OpenVEX, 1 statement, attached by ci"))
        #expect(image.body.contains("href=\"/triage?image="))
        let page = try await site.get(Self.address + "&lang=en", Self.admin)
        #expect(page.body.contains("Discovered, not trusted: nobody responsible has imported it. Attached by ci."))
        let adopt = Self.form([("action", "adopt"), ("statement", "discovered-1.0")])
        #expect(try await site.post("/triage", adopt).status == 303)
        let adopted = try await site.get(Self.address + "&lang=en", Self.admin)
        #expect(adopted.body.contains("Adopted by admin; source: &lt;i&gt;somebody&lt;/i&gt; (https://example.org/1)."))
    }

    @Test("a form of nobody's session changes nothing, and a stranger is asked to sign in")
    func strangers() async throws {
        var site = try await Self.site()
        #expect(try await site.post("/triage", Self.form(Self.cleared, token: "guess")).status == 403)
        #expect(try await site.get(Self.address).status == 401)
        let anonymous = try await site.get("/images/\(Self.image)")
        #expect(anonymous.status == 200 && !anonymous.body.contains("/triage"))
        site.formToken = nil
        #expect(try await site.post("/triage", Self.form(Self.cleared)).status == 403)
        let statements = Statements(database: try #require(site.database), clock: .system)
        #expect(try await statements.documents(limit: 10).isEmpty)
    }

    @Test(
        "what makes no sense is refused",
        arguments: [
            ([("action", "assess")], 400), ([("action", "shout")], 400), ([("action", "adopt")], 400),
            ([("action", "adopt"), ("statement", "7.7")], 404), ([("action", "end"), ("document", "x")], 400),
            ([("action", "end"), ("document", "77")], 404),
        ] as [([(String, String)], Int)]
    )
    func nonsense(_ fields: [(String, String)], _ status: Int) async throws {
        #expect(try await Self.site().post("/triage", Self.form(fields)).status == status)
        for address in ["/triage", "/triage?image=x@y", "/triage?image=\(Self.image)&vulnerability=CVE-1&source=a"] {
            #expect(try await Self.site().get(address, Self.admin).status == 404, "\(address)")
        }
    }

    @Test("documents for others are served in three formats, and only for the evaluation that was asked for")
    func documents() async throws {
        let site = try await Self.site()
        let path = "/api/v1/images/\(Self.image)/vex"
        for (format, type) in [
            ("openvex", "application/vnd.openvex+json"), ("cyclonedx", "application/vnd.cyclonedx+json; version=1.6"),
        ] {
            let answer = try await site.get("\(path)?format=\(format)&lang=en")
            #expect(answer.status == 200 && answer.header("Content-Type") == type)
            let document = try VEXDocument(parsing: Array(answer.body.utf8))
            #expect(document.statements.map(\.vulnerability.name) == ["CVE-2026-0001"])
            #expect(document.statements.map(\.status) == [.affected] && document.author == "testknoten")
            let name = try #require(answer.header("Content-Disposition")?.split(separator: "\"").last)
            #expect(try await site.get("\(path)?format=\(format)&document=\(name)").status == 200)
            #expect(try await site.get("\(path)?format=\(format)&document=other.json").status == 404)
        }
        // Nobody gave a vector: CSAF has no statement for what is affected.
        #expect(try await site.get("\(path)?format=csaf").status == 409)
        #expect(try await site.get("\(path)?format=spdx").status == 400)
        let clean = Sample.site(try Sample.verdict(findings: []))
        #expect(try await clean.get(path).status == 404)
    }
}
