// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Assessment
import AssessmentTestKit
import Database
import Products
import PullRecords
import SBOM
import Situation
import TestKit
import Time
import Vulnerabilities

/// A node with organisations, and the rooms up to the situational picture.
struct World {
    static let vulnerability = "CVE-2026-0001"
    static let fix = [(source: "openssl", id: vulnerability, fixed: "3.0.2")]
    static let openssl = "pkg:deb/debian/openssl@3.0.1?arch=amd64&distro=debian-12"
    static let log4j = "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"

    let node: NodeFixture
    let assessment: AssessmentService
    let accounts: Accounts
    let products: Products
    let situation: Situation
    let advisories: OwnAdvisories
    let statements: Statements
    let admin: Account

    init() async throws {
        node = try NodeFixture(NodeFixture.evidence([("openssl", "3.0.1")]))
        assessment = try node.service()
        accounts = Accounts(database: node.database, clock: node.time.clock)
        admin = node.account
        _ = try await accounts.bootstrap(dataDirectory: node.directory.path)
        products = Products(
            database: node.database,
            accounts: accounts,
            assessment: assessment,
            documents: DocumentStore(directory: node.directory.file("products")),
            clock: node.time.clock
        )
        let feeds = node.feeds
        situation = Situation(
            database: node.database,
            registry: node.registry,
            pulls: PullRecords(database: node.database),
            snapshot: { try feeds.current()?.id },
            clock: node.time.clock
        )
        advisories = OwnAdvisories(database: node.database, clock: node.time.clock)
        statements = Statements(database: node.database, clock: node.time.clock)
        for name in ["stadt", "land", "lieferant"] {
            let kind: Organisation.Kind = name == "lieferant" ? .supplier : .municipal
            try await accounts.putOrganisation(Organisation(name: name, title: name, kind: kind), by: admin)
            try await accounts.createNamespace(name, organisation: name, isPublic: false, by: admin)
        }
    }

    /// A person who acts for an organisation, with a role in a namespace.
    func person(_ name: String, of organisation: String, _ role: Role? = nil, in namespace: String? = nil) async throws
        -> Account
    {
        let secret = try await accounts.createPerson(name, organisation: organisation, by: admin)
        try await accounts.setRole(role, of: name, in: namespace ?? organisation, by: admin)
        return try await accounts.authenticate(username: name, password: secret) ?? admin
    }

    @discardableResult
    func upload(
        _ text: String,
        _ name: String = "Fachverfahren",
        version: String = "3.1",
        of organisation: String = "stadt",
        by actor: Account? = nil
    ) async throws -> Products.Taken {
        try await products.upload(
            Array(text.utf8),
            as: ProductName(name: name, version: version, supplier: "Beispiel GmbH"),
            of: organisation,
            by: actor ?? admin
        )
    }

    func ask(
        _ text: String = vulnerability,
        _ scope: ProductScope = .all,
        after: Int64? = nil,
        limit: Int = 100
    ) async throws -> AffectedPage {
        try await situation.affected(
            by: AffectedQuestion(parsing: text),
            for: Situation.Reader(scope: .everything, seesPulls: false, products: scope),
            after: after,
            limit: limit
        )
    }

    /// Does everything that is due, of every kind.
    func drain() async throws {
        while let job = try await node.queue.claim(kinds: assessment.jobs.keys.sorted(), lease: .seconds(60)) {
            try await assessment.jobs[job.kind]?(job)
            _ = try await node.queue.complete(job)
        }
    }

    func publish(_ osv: String) async throws -> Int64 {
        let taken = try await advisories.take(
            Array(osv.utf8),
            tlp: "TLP:AMBER",
            expiresAt: nil,
            by: "admin",
            announce: { try AssessmentService.announce($0, ownAdvisory: $1, at: $2) }
        )
        try await drain()
        return taken.id
    }

    // MARK: - Bills

    /// CycloneDX by hand: what it is about, and what is in it.
    static func cycloneDX(_ purls: [String], subject: String? = nil, serial: Int = 1, further: String = "") -> String {
        let parts = purls.enumerated().map { index, purl in
            """
            {"type":"library","bom-ref":"\(index)","name":"part\(index)","version":"1","purl":"\(purl)"}
            """
        }
        let about = subject.map { ",\"purl\":\"\($0)\"" } ?? ""
        return """
            {"bomFormat":"CycloneDX","specVersion":"1.5","version":1,
            "serialNumber":"urn:uuid:3e671687-395b-41f5-a30f-a5892100000\(serial)",
            "metadata":{"component":{"type":"application","bom-ref":"app","name":"Fachverfahren","version":"3.1"\(about)}},
            "components":[\((parts + (further.isEmpty ? [] : [further])).joined(separator: ","))]}
            """
    }

    /// SPDX 2.3 by hand.
    static func spdx(_ purls: [String]) -> String {
        let packages = purls.enumerated().map { index, purl in
            """
            {"SPDXID":"SPDXRef-\(index)","name":"part\(index)","versionInfo":"1","downloadLocation":"NOASSERTION",
            "externalRefs":[{"referenceCategory":"PACKAGE-MANAGER","referenceType":"purl","referenceLocator":"\(purl)"}]}
            """
        }
        return """
            {"spdxVersion":"SPDX-2.3","dataLicense":"CC0-1.0","SPDXID":"SPDXRef-DOCUMENT","name":"fachverfahren",
            "documentNamespace":"https://example.org/spdx/1",
            "creationInfo":{"created":"2026-11-20T00:00:00Z","creators":["Organization: Beispiel GmbH"]},
            "packages":[\(packages.joined(separator: ","))],
            "relationships":[{"spdxElementId":"SPDXRef-DOCUMENT","relationshipType":"DESCRIBES",
            "relatedSpdxElement":"SPDXRef-0"}]}
            """
    }

    static let log4shell = """
        {"schema_version":"1.7.4","id":"KONTOR-2026-1","modified":"2026-11-20T00:00:00Z","aliases":["CVE-2021-44228"],
        "affected":[{"package":{"ecosystem":"Maven","name":"org.apache.logging.log4j:log4j-core"},
        "ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"2.0"},{"fixed":"2.15.0"}]}]}]}
        """
}
