// SPDX-License-Identifier: EUPL-1.2

import API
import Advisories
import Assessment
import Criteria
import HTTPTypes
import JSON
import OCI
import Testing
import Time

@Suite("API")
struct APITests {
    private static let digest = Sample.digest

    @Test(
        "an image is named raw or encoded, by digest, by tag or by its repository alone",
        arguments: [
            "team/app@\(digest)", "team%2Fapp@\(digest)", "team%2fapp%40\(digest)", "team/app:latest",
            "team%2Fapp%3Alatest", "team/app",
        ]
    )
    func verdict(_ image: String) async throws {
        let verdict = try Sample.verdict()
        let answer = try await Sample.site(verdict).get("/api/v1/images/\(image)/verdict")
        #expect(answer.status == 200)
        #expect(answer.header("Content-Type") == "application/json")
        #expect(answer.header("Content-Location") == "/api/v1/images/team/app@\(Self.digest)/verdict")
        #expect(try Verdict(json: answer.json()) == verdict)
    }

    @Test("while there is no verdict the answer says how far it is and when to come back")
    func progress() async throws {
        let states: [(ImageQueries.State, JSONValue)] = [
            (.queued, "queued"), (.running, "running"), (.failed(reason: "analyser ended by signal 9"), "failed"),
        ]
        for (state, word) in states {
            for operation in ["verdict", "sbom", "findings"] {
                let answer = try await TestSite(states: [(Self.digest, state)]).get(
                    "/api/v1/images/team/app:latest/\(operation)"
                )
                #expect(answer.status == 202)
                #expect(answer.header("Retry-After").flatMap { Int($0) } != nil)
                #expect(try answer.json()["state"] == word)
            }
        }
    }

    @Test(
        "7.2/59: refusals are problem documents that say what, where, why and what next",
        arguments: [
            ("/api/v1/images/team/other/verdict", .get, 404), ("/api/v1/images/team/app:none/verdict", .get, 404),
            ("/api/v1/images/team/app@sha256:ab/verdict", .get, 400), ("/api/v1/images/Team/verdict", .get, 400),
            ("/api/v1/images/a%252Fb/verdict", .get, 400), ("/api/v1/images/../verdict", .get, 400),
            ("/api/v1/images/a%zz/sbom", .get, 400),
            ("/api/v1/images//verdict", .get, 404), ("/api/v1/images/verdict", .get, 404), ("/api/v1", .get, 404),
            ("/api/v1/", .get, 404),
            ("/api/v1/nothing", .get, 404), ("/api/v1/repositories/", .get, 404),
            ("/api/v1/repositories?limit=0", .get, 400),
            ("/api/v1/repositories?limit=501", .get, 400), ("/api/v1/repositories?limit=abc", .get, 400),
            ("/api/v1/repositories?limit=-1", .get, 400),
            ("/api/v1/repositories?limit=99999999999999999999", .get, 400),
            ("/api/v1/repositories?cursor=abc", .get, 400), ("/api/v1/repositories?x=1", .get, 400),
            ("/api/v1/repositories?limit=1&limit=2", .get, 400), ("/api/v1/repositories", .post, 405),
            ("/api/v1/feeds", .delete, 405),
            ("/api/v1/images/team/app/badge.svg?lang=fr", .get, 400),
        ] as [(String, HTTPRequest.Method, Int)]
    )
    func problems(_ path: String, _ method: HTTPRequest.Method, _ status: Int) async throws {
        let answer = try await Sample.site(try Sample.verdict()).get(path, method: method)
        #expect(answer.status == status)
        #expect(answer.header("Content-Type") == "application/problem+json")
        let problem = try JSONFields(answer.json())
        #expect(try problem.int("status") == status)
        #expect(try problem.string("type").hasPrefix("urn:kontor:problem:"))
        #expect(try !problem.string("title").isEmpty && !problem.string("detail").isEmpty)
    }

    @Test("an artefact is no image, and an unknown digest is not there")
    func artefact() async throws {
        let site = TestSite(states: [(Self.digest, .notAnImage)])
        #expect(try await site.get("/api/v1/images/team/app:latest/verdict").status == 404)
        #expect(try await site.get("/api/v1/images/team/app@\(Digest.sha256([5]))/sbom").status == 404)
    }

    @Test("7.2/36: without anonymous reading there is a challenge before anything is looked up")
    func authentication() async throws {
        var site = TestSite()
        site.isAnonymousAllowed = false
        for path in [
            "/api/v1/repositories", "/api/v1/feeds", "/api/v1/images/team/none/verdict",
            "/api/v1/images/team/app/badge.svg",
        ] {
            let answer = try await site.get(path)
            #expect(answer.status == 401, "\(path)")
            #expect(answer.header("WWW-Authenticate")?.hasPrefix("Basic ") == true)
        }
        #expect(try await site.get("/api/v1/openapi.json").status == 200)
        let right: HTTPFields = [.authorization: "Basic YWRtaW46Z2VoZWltOm1pdA=="]
        #expect(try await site.get("/api/v1/repositories", right).status == 200)
        #expect(try await site.get("/api/v1/images/team/none/verdict", right).status == 404)
        for wrong in ["Basic", "Basic !", "Basic YQ==", "Bearer x", "Basic Og==", "basic YWRtaW46eA=="] {
            #expect(try await site.get("/api/v1/repositories", [.authorization: wrong]).status == 401, "\(wrong)")
        }
        site.isAnonymousAllowed = true
        #expect(try await site.get("/api/v1/repositories", [.authorization: "Basic Og=="]).status == 200)
        #expect(try await site.get("/api/v1/repositories", [.authorization: "Basic YWRtaW46eA=="]).status == 401)
    }

    @Test("HEAD has no body, and an unchanged answer is not sent twice")
    func conditions() async throws {
        let site = Sample.site(try Sample.verdict())
        for path in [
            "/api/v1/images/team/app/verdict", "/api/v1/repositories", "/api/v1/openapi.json",
            "/api/v1/images/team/app/badge.svg",
        ] {
            let get = try await site.get(path)
            let head = try await site.get(path, method: .head)
            #expect(get.status == 200 && head.status == 200)
            #expect(head.body.isEmpty)
            #expect(head.header("Content-Length") == String(get.body.utf8.count))
            let tag = try #require(get.header("ETag"))
            let again = try await site.get(path, [.ifNoneMatch: "\"x\", W/\(tag)"])
            #expect(again.status == 304 && again.body.isEmpty)
            #expect(try await site.get(path, [.ifNoneMatch: "\"x\""]).status == 200)
            #expect(get.header("X-Content-Type-Options") == "nosniff")
        }
    }

    @Test("findings are paged, and a cursor is bound to its verdict")
    func findings() async throws {
        let verdict = try Sample.verdict(findings: (0..<25).map { Sample.finding("CVE-2026-\(1000 + $0)") })
        let site = Sample.site(verdict)
        var seen: [String] = []
        var path: String? = "/api/v1/images/team/app/findings?limit=10"
        var firstCursor = ""
        while let next = path {
            let answer = try await site.get(next)
            #expect(answer.status == 200)
            let page = try JSONFields(answer.json())
            #expect(try page.int("total") == 25)
            seen += try page.objects("findings").map { try $0.string("id") }
            path = answer.header("Link").flatMap {
                $0.firstMatch(of: #/<(.+)>; rel="next"/#).map { String($0.output.1) }
            }
            if firstCursor.isEmpty { firstCursor = try page.string("next") }
        }
        #expect(seen == verdict.findings.map(\.id))
        var newer = verdict
        newer.evaluatedAt = verdict.evaluatedAt + .seconds(60)
        #expect(
            try await Sample.site(newer).get("/api/v1/images/team/app/findings?cursor=\(firstCursor)").status == 400
        )
    }

    @Test("repositories are paged by name")
    func repositories() async throws {
        var site = TestSite()
        site.repositories = try (0..<7).map { number in
            let standings: [ImageQueries.Repository.Standing] = [.level(.gold), .pending, .failed, .noImage]
            return .init(
                name: try RepositoryName(parsing: "r\(number)"),
                firstSeen: Sample.now,
                tag: nil,
                digest: nil,
                standing: standings[number % 4]
            )
        }
        var seen: [String] = []
        var states: Set<String> = []
        var path: String? = "/api/v1/repositories?limit=3"
        while let next = path {
            let answer = try await site.get(next)
            for entry in try JSONFields(answer.json()).objects("repositories") {
                seen.append(try entry.string("name"))
                states.insert(try entry.string("state"))
                #expect(try (entry.optionalString("level") == "gold") == (entry.string("state") == "ready"))
            }
            path = answer.header("Link").flatMap {
                $0.firstMatch(of: #/<(.+)>; rel="next"/#).map { String($0.output.1) }
            }
        }
        #expect(seen == (0..<7).map { "r\($0)" })
        #expect(states == ["ready", "pending", "failed", "noImage"])
    }

    @Test("a fault inside tells nothing of itself")
    func fault() async throws {
        var site = TestSite()
        site.isBroken = true
        let answer = try await site.get("/api/v1/repositories")
        #expect(answer.status == 503)
        #expect(!answer.body.contains("Fault"))
    }

    @Test("the badge shows what there is, also when there is nothing")
    func badge() async throws {
        let ready = try await Sample.site(try Sample.verdict()).get("/api/v1/images/team/app/badge.svg?lang=en")
        #expect(ready.status == 200)
        #expect(ready.header("Content-Type")?.hasPrefix("image/svg+xml") == true)
        #expect(try Markup(ready.body, isHTML: false).text.contains("No level"))
        let missing = try await TestSite().get("/api/v1/images/team/none/badge.svg")
        #expect(missing.status == 404)
        #expect(try Markup(missing.body, isHTML: false).text.contains("unbekannt"))
        let waiting = try await TestSite(states: [(Self.digest, .running)]).get(
            "/api/v1/images/team/app:latest/badge.svg"
        )
        #expect(try Markup(waiting.body, isHTML: false).text.contains("wird geprüft"))
    }

    @Test("the OpenAPI document and the routes are the same, both ways")
    func openAPI() async throws {
        let site = Sample.site(try Sample.verdict())
        let answer = try await site.get("/api/v1/openapi.json")
        let document = try answer.json()
        #expect(document["openapi"] == "3.1.1")
        let root = try #require(document["servers"]?[0]?["url"]?.stringValue)
        let paths = try #require(document["paths"]?.objectValue)
        #expect(
            Set(paths.keys)
                == Set(APIOperation.allCases.map(\.template) + ManagementOperation.allCases.map(\.template))
        )
        for operation in ManagementOperation.allCases {
            #expect(paths[operation.template]?[operation.method.rawValue.lowercased()] != nil, "\(operation)")
        }
        var identifiers: [String] = []
        for (path, item) in paths {
            let target =
                root
                + path.replacing("{image}", with: "team/app:latest").replacing("{namespace}", with: "land/rathaus")
                .replacing("{", with: "").replacing("}", with: "")
            for method in [HTTPRequest.Method.get, .head, .post, .put, .patch, .delete, .options] {
                let status = try await site.get(target, method: method).status
                let documented = item[method.rawValue.lowercased()]
                #expect((status == 405) == (documented == nil), "\(method) \(path): \(status)")
                guard let documented else { continue }
                #expect(documented["responses"]?[String(status)] != nil, "\(method) \(path): \(status)")
                identifiers.append(try #require(documented["operationId"]?.stringValue))
                let declared = Set(
                    (documented["parameters"]?.arrayValue ?? []).filter { $0["in"]?.stringValue == "path" }
                        .compactMap { $0["name"]?.stringValue }
                )
                for name in [
                    "image", "namespace", "account", "token", "organisation", "customer", "notice", "document",
                    "advisory",
                ] {
                    #expect(declared.contains(name) == path.contains("{\(name)}"))
                }
            }
        }
        #expect(Set(identifiers).count == identifiers.count)
        for reference in Self.references(document) {
            let name = try #require(reference.split(separator: "/").last.map(String.init))
            #expect(document["components"]?["schemas"]?[name] != nil, "\(reference)")
        }
        #expect(try await site.get("/api/v1/schemas/verdict").json()["$schema"] != nil)
    }

    private static func references(_ value: JSONValue) -> [String] {
        switch value {
        case .object(let members): members.flatMap { $0 == "$ref" ? [$1.stringValue ?? ""] : references($1) }
        case .array(let elements): elements.flatMap(references)
        default: []
        }
    }
}
