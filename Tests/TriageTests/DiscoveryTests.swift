// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Assessment
import AssessmentTestKit
import Criteria
import Foundation
import JSON
import OCI
import Registry
import SBOM
import TestKit
import Testing
import Time
import Triage
import Vulnerabilities

@Suite("VEX documents that are attached to images")
struct DiscoveryTests {
    @Test("what is attached is shown and changes nothing until somebody responsible adopts it")
    func adopt() async throws {
        let world = try await TriageWorld()
        let app = try await world.push("stadt/app")
        let manifest = try await world.attach(Array(TriageWorld.openVEX().utf8), to: app)
        try await world.drain()
        #expect(try await world.finding(app).status == .affected)
        #expect(try await world.finding(app).statement == nil)
        let documents = try await world.triage.discovered(about: app, for: world.carl)
        #expect(documents.map(\.author) == ["Team <b>X</b>"] && documents.map(\.statements) == [1])
        #expect(documents.map(\.manifest) == [manifest] && documents.map(\.pushedBy) == ["admin"])
        // The other authority may not read the image: it learns of nothing beside it either.
        #expect(try await world.triage.discovered(about: app, for: world.anna).isEmpty)
        let said = try #require(try await world.triage.said(about: app, for: world.berta).statements.first)
        #expect(said.id.isDiscovered && said.origin == nil && !said.counts && said.relation == .image)
        // Nobody's documents are kept with those that count.
        #expect(try await world.statements.documents(limit: 10).isEmpty)
        _ = try await world.triage.adopt(said.id, for: app, scope: .image, by: world.berta)
        try await world.drain()
        let finding = try await world.finding(app)
        #expect(finding.status == .notAffected)
        #expect(finding.statement?.adoptedFrom == "Team <b>X</b> (https://example.org/vex/1)")
    }

    private static func envelope(_ payload: String, bundled: Bool) -> [UInt8] {
        let envelope: JSONValue = [
            "payloadType": "application/vnd.in-toto+json",
            "payload": .string(Data(payload.utf8).base64EncodedString()), "signatures": [["sig": "AA=="]],
        ]
        return (bundled ? ["mediaType": "x", "dsseEnvelope": envelope] : envelope).bytes()
    }

    @Test("attestations are read as what they carry, without believing their signatures", arguments: [true, false])
    func attestations(bundled: Bool) async throws {
        let world = try await TriageWorld()
        let app = try await world.push("stadt/app")
        let statement = """
            {"_type":"https://in-toto.io/Statement/v1","predicateType":"https://openvex.dev/ns/v0.2.0",
            "subject":[{"name":"app","digest":{"sha256":"\(app.digest.hex)"}}],"predicate":\(TriageWorld.openVEX())}
            """
        try await world.attach(
            Self.envelope(statement, bundled: bundled),
            type: bundled ? "application/vnd.dev.sigstore.bundle.v0.3+json" : "application/vnd.dsse.envelope.v1+json",
            to: app
        )
        try await world.drain()
        #expect(try await world.triage.said(about: app, for: world.berta).statements.map(\.id.isDiscovered) == [true])
        #expect(try await world.finding(app).status == .affected)
    }

    @Test(
        "what is no VEX document is passed over",
        arguments: [
            "", "{", "[]", "{}", #"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[]}"#,
            #"{"payloadType":"application/vnd.in-toto+json","payload":"!"}"#,
            #"{"payloadType":"application/vnd.in-toto+json","payload":"e30="}"#,
            #"{"dsseEnvelope":{"dsseEnvelope":{}}}"#, String(repeating: "[", count: 10_000),
        ]
    )
    func others(_ text: String) async throws {
        let world = try await TriageWorld()
        let app = try await world.push("stadt/app")
        try await world.attach(Array(text.utf8), to: app)
        try await world.drain()
        #expect(try await world.triage.discovered(about: app, for: world.berta).isEmpty)
    }

    @Test("documents without number, and statements without number, are bounded; the latest stay")
    func bounds() async throws {
        let world = try await TriageWorld()
        let app = try await world.push("stadt/app")
        for index in 0..<(DiscoveredStatements.maximumDocuments + 5) {
            try await world.attach(Array(TriageWorld.openVEX(author: "author \(index)").utf8), to: app)
            try await world.drain()
        }
        let documents = try await world.triage.discovered(about: app, for: world.berta)
        #expect(documents.count == DiscoveredStatements.maximumDocuments)
        #expect(documents.first?.author == "author \(DiscoveredStatements.maximumDocuments + 4)")
        let many = TriageWorld.openVEX(author: "many", DiscoveredStatements.maximumStatements + 7)
        try await world.attach(Array(many.utf8), to: app)
        try await world.drain()
        let latest = try #require(try await world.triage.discovered(about: app, for: world.berta).first)
        #expect(latest.statements == DiscoveredStatements.maximumStatements && latest.refused == 7)
    }

    @Test("a document that comes before its image is found with it, and one that is gone is forgotten")
    func order() async throws {
        let world = try await TriageWorld()
        let image = NodeFixture.image("late")
        let app = Triage.Target(repository: try RepositoryName(parsing: "stadt/app"), digest: image.manifestDigest)
        let first = try await world.attach(Array(TriageWorld.openVEX(author: "early").utf8), to: app)
        try await world.drain()
        #expect(try await world.push("stadt/app", "late") == app)
        #expect(try await world.triage.discovered(about: app, for: world.berta).map(\.author) == ["early"])
        try await world.node.registry.deleteManifest(first, in: app.repository, by: world.admin)
        try await world.attach(Array(TriageWorld.openVEX(author: "late").utf8), to: app)
        try await world.drain()
        #expect(try await world.triage.discovered(about: app, for: world.berta).map(\.author) == ["late"])
    }
}
