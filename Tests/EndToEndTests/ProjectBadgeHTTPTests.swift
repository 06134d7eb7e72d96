// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Criteria
import JSON
import Node
import NodeTestKit
import ProjectCriteria
import ProjectRegister
import TestKit
import Testing
import Time

@Suite("Badges of source projects in a node, over HTTP") struct ProjectBadgeHTTPTests {
    private static let admin = Account(id: 1, name: "admin", isAdmin: true)

    @Test(
        "slashes of the address may be encoded, as they are, or merged on the way: the server hands the path on as it came"
    )
    func paths() async throws {
        try await TestNode.run(configure: { $0.anonymousPull = true }) { node in
            let accounts = node.node.accounts
            try await accounts.putOrganisation(
                Organisation(name: "stadt", title: "Stadt", kind: .municipal),
                by: Self.admin
            )
            try await accounts.createNamespace("stadt", organisation: "stadt", isPublic: true, by: Self.admin)
            let now = try #require(Timestamp(date: "2026-11-20"))
            for (name, visibility) in [("fach", .everybody), ("geheim", .members)]
                as [(String, RegisteredProject.Visibility)]
            {
                let url = "https://git.example.org/stadt/\(name)"
                let made = try await node.node.projects.register(
                    ProjectRegistration(name: "stadt/\(name)", url: url, visibility: visibility),
                    checking: false,
                    by: Self.admin
                )
                let verdicts = try ProjectCatalogue.names.compactMap { try ProjectCatalogue.embedded($0) }.map {
                    ProjectEvaluation.verdict(
                        catalogue: $0,
                        evidence: ProjectEvidence(name: url),
                        context: ProjectContext(now: now)
                    )
                }
                try await node.node.projects.record(
                    ProjectAssessment(verdicts: verdicts),
                    for: made.project.id,
                    at: now
                )
            }
            let stranger = node.client.anonymous()
            var bodies: Set<String> = []
            for address in [
                "https%3A%2F%2Fgit.example.org%2Fstadt%2Ffach", "https%3a%2f%2fgit.example.org%2fstadt%2ffach.git",
                "https://git.example.org/stadt/fach", "https:/git.example.org/stadt/fach",
            ] {
                for id in ["MAINTAINED", "MAINTENANCE"] {
                    let path = "/api/v1/repositories/\(address)/badges/\(id).svg"
                    let picture = try await stranger.request("GET", path)
                    #expect(picture.status == 200, "\(path): \(picture.text)")
                    bodies.insert(picture.text)
                }
                let why = try await stranger.request("GET", "/api/v1/repositories/\(address)/badges/SECURITY")
                #expect(why.json?["badgeId"]?.stringValue == "SECURITY", "\(why.text)")
                let before = try await stranger.request(
                    "GET",
                    "/api/v1/repositories/\(address)/badges/SECURITY?timestamp=1000000000"
                )
                #expect(before.status == 404)
            }
            #expect(bodies.count == 1 && bodies.first?.contains("<svg") == true)
            let hidden = "/api/v1/repositories/https%3A%2F%2Fgit.example.org%2Fstadt%2Fgeheim/badges/SECURITY"
            #expect(try await stranger.request("GET", hidden).status == 404)
            #expect(try await node.client.request("GET", hidden).status == 200)
            for path in ["/projects/stadt%2Ffach", "/projects/stadt/fach", "/projects", "/projects?namespace=stadt"] {
                #expect(try await stranger.request("GET", path).status == 200, "\(path)")
            }
            #expect(try await stranger.request("GET", "/projects/stadt%2Fgeheim").status == 404)
        }
    }
}
