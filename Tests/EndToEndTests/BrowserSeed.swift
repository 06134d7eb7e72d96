// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Assessment
import AssessmentTestKit
import Criteria
import Database
import Directory
import Foundation
import JSON
import NIOCore
import Node
import NodeTestKit
import OCI
import ProjectCriteria
import ProjectRegister
import Registry
import TestKit
import Testing
import Time
import Vulnerabilities

/// A node with something on every page, and hostile text wherever strangers may write.
struct SeededNode: Sendable {
    /// What strangers write where they may.
    static let hostile = "<script>alert(1)</script><img src=x onerror=alert(2)>\"' onmouseover='alert(3)' {{t.work}}"
    private static let admin = Account(id: 1, name: "admin", isAdmin: true)

    /// Passwords by the names of accounts.
    let people: [String: String]
    /// An image with a finding that a newer version mends, and that version.
    let old: Digest
    let new: Digest
    let internalImage: Digest
    let released: Digest
    let takenDown: Digest
    /// An image that nobody has assessed yet.
    let waiting: Digest
    /// What the component of ``old`` that has the finding is called in its bill of materials.
    let component: String
    let product: Int64
    /// A notice that was sent, and one that was taken back.
    let notice: String
    let withdrawn: String
    /// What the link of a letter ends with.
    let answer: String

    /// Fills a node whose mail goes to `sink`.
    static func make(in node: TestNode, sink: MailSink) async throws -> SeededNode {
        var people = ["admin": node.secret]
        let accounts = node.node.accounts
        for name in ["stadt", "land", "leer"] {
            try await accounts.putOrganisation(
                Organisation(
                    name: name,
                    title: "\(name) \(hostile)",
                    kind: .municipal,
                    securityContact: "sicherheit-\(name)@example.org"
                ),
                by: admin
            )
        }
        for name in ["stadt", "land"] {
            try await accounts.createNamespace(name, organisation: name, isPublic: name == "stadt", by: admin)
        }
        // More than one page of them.
        for index in 0..<105 {
            let name = "ns" + String(String(1_000 + index).dropFirst())
            try await accounts.createNamespace(name, organisation: "leer", isPublic: false, by: admin)
        }
        try await accounts.setRole(.maintainer, of: "admin", in: "stadt", by: admin)
        people["anna"] = try await accounts.createPerson("anna", organisation: "stadt", by: admin)
        try await accounts.setRole(.maintainer, of: "anna", in: "stadt", by: admin)
        try await issueTokens("anna", people["anna"] ?? "", accounts)
        people["neu"] = try await accounts.createPerson("neu", organisation: "leer", by: admin)
        people["pruefung"] = try await accounts.createPerson(
            "pruefung",
            organisation: nil,
            nodeRole: .auditor,
            by: admin
        )
        try await accounts.createService("svc-stadt", organisation: "stadt", namespace: "stadt", by: admin)
        try await importAdvisories(node)
        let old = try await push(node, "stadt/nginx", "1.0", openssl: "3.0.1-1")
        let new = try await push(node, "stadt/nginx", "1.1", openssl: "3.0.2-1")
        let internalImage = try await push(node, "land/akte", "1.0", openssl: "3.0.1-1")
        let released = try await push(node, "stadt/frei", "2.0", openssl: "3.0.2-2")
        let takenDown = try await push(node, "stadt/weg", "1.0", openssl: "3.0.2-3")
        let waiting = try await push(node, "stadt/wartet", "1.0", openssl: "3.0.2-4")
        try await forget("stadt/wartet", waiting, node)
        try await release("stadt/frei@\(released)", "2.0", node)
        try await takeDown("stadt/weg@\(takenDown)", node)
        try node.directory.write(
            Array("# \(hostile)\n\n\(hostile)\n\n- \(hostile)\n".utf8),
            to: "data/pages/imprint.de.txt"
        )
        try await register(old, node)
        try await registerProject(node)
        try await setPolicy(people["anna"] ?? "", node)
        let product = try await upload(node)
        let notice = try await send(node)
        let withdrawn = try await send(node)
        let taken = try await post("/notices/\(withdrawn)/withdrawal", ["reason": both("Entwarnung \(hostile)")], node)
        #expect(taken.status == 201, "\(taken.text)")
        return SeededNode(
            people: people,
            old: old,
            new: new,
            internalImage: internalImage,
            released: released,
            takenDown: takenDown,
            waiting: waiting,
            component: try await component("openssl", of: "stadt/nginx@\(old)", node),
            product: product,
            notice: notice,
            withdrawn: withdrawn,
            answer: try await answers(sink, node)
        )
    }

    /// What the bill of materials of an image calls a component.
    private static func component(_ name: String, of image: String, _ node: TestNode) async throws -> String {
        let answer = try await node.client.request("GET", "/api/v1/images/\(image)/sbom")
        let components = try JSONFields(JSONValue(parsing: answer.body)).objects("components")
        return try #require(try components.first { try $0.string("name") == name }).string("bom-ref")
    }

    private static func both(_ text: String) -> JSONValue { ["de": .string(text), "en": .string(text)] }

    /// A token that is good, and one that was taken back.
    private static func issueTokens(_ name: String, _ password: String, _ accounts: Accounts) async throws {
        guard let account = try await accounts.authenticate(username: name, password: password) else {
            throw WireError("\(name) cannot sign in")
        }
        for isRevoked in [false, true] {
            let issued = try await accounts.issueToken(
                for: name,
                label: isRevoked ? "alt" : "Bau \(hostile)",
                scopes: [TokenScope(repositories: "stadt/*", rights: .pull)],
                life: .seconds(86_400),
                by: account
            )
            if isRevoked { try await accounts.revokeToken(issued.id, by: account) }
        }
    }

    @discardableResult
    private static func post(
        _ path: String,
        _ body: JSONValue?,
        _ node: TestNode,
        as client: TestClient? = nil
    ) async throws -> Answer {
        try await (client ?? node.client).request(
            "POST",
            "/api/v1" + path,
            headers: [("Content-Type", "application/json")],
            body: body?.bytes() ?? []
        )
    }

    /// Uses and replies, and what the pages rest on in the API.
    private static func register(_ old: Digest, _ node: TestNode) async throws {
        let directory = node.node.directory.directory
        try await node.node.directory.catchUp()
        _ = try await directory.use(
            "image:stadt/nginx",
            by: "stadt",
            since: Timestamp(date: "2026-01-05") ?? Timestamp(seconds: 0),
            purpose: hostile,
            contact: "it@stadt.example",
            actor: admin
        )
        let repository = try RepositoryName(parsing: "stadt/nginx")
        _ = try await directory.reply(hostile, disputes: true, to: .image(repository, old, .bronze), by: admin)
        let work = try await node.client.request("GET", "/api/v1/work")
        #expect(work.status == 200 && work.text.contains("stadt/nginx"))
        let found = try await node.client.anonymous().request("GET", "/api/v1/directory?q=ngin&level=none")
        #expect(found.status == 200 && found.json?["items"]?[0]?["label"]?.stringValue == "stadt/nginx")
        let hidden = try await node.client.anonymous().request("GET", "/api/v1/directory?q=akte")
        #expect(hidden.json?["items"]?.arrayValue?.isEmpty == true)
        #expect(try await node.client.request("GET", "/api/v1/node").json?["concerns"]?.arrayValue?.isEmpty == false)
        #expect(try await node.client.anonymous().request("GET", "/api/v1/node").status == 401)
    }

    /// A source project that strangers wrote, with a verdict under each catalogue, and a reply to a level that it had before.
    private static func registerProject(_ node: TestNode) async throws {
        let url = "https://git.example.org/stadt/fach"
        let made = try await node.node.projects.register(
            ProjectRegistration(name: "stadt/fach", title: hostile, url: url, visibility: .everybody),
            checking: false,
            by: admin
        )
        let now = Timestamp(date: "2026-11-20") ?? Timestamp(seconds: 0)
        var evidence = ProjectEvidence(name: url, branch: hostile)
        evidence.files = [ProjectFile(path: hostile, binary: "ELF program")]
        let verdicts = try ProjectCatalogue.names.compactMap { try ProjectCatalogue.embedded($0) }.map { catalogue in
            ProjectEvaluation.verdict(catalogue: catalogue, evidence: evidence, context: ProjectContext(now: now))
        }
        try await node.node.projects.record(
            ProjectAssessment(verdicts: verdicts, facts: .init(description: hostile)),
            for: made.project.id,
            at: now
        )
        let name = try RepositoryName(parsing: "stadt/fach")
        _ = try await node.node.directory.directory.reply(
            hostile,
            disputes: true,
            to: .project(name, .bronze, revision: nil, resultsSince: nil),
            by: admin
        )
        let twin = try await node.client.anonymous().request("GET", "/api/v1/projects/\(made.project.id)/reply")
        #expect(twin.json?["reply"]?["text"]?.stringValue == hostile && twin.json?["reply"]?["outdated"] == "level")
    }

    private static func release(_ image: String, _ tag: String, _ node: TestNode) async throws {
        let asked = try await post("/releases", ["image": .string(image), "tag": .string(tag)], node)
        guard asked.status == 202, let id = asked.json?["id"]?.intValue else {
            throw WireError("no release: \(asked.status) \(asked.text)")
        }
        for _ in 0..<600 {
            let state = try await node.client.request("GET", "/api/v1/releases/\(id)").json?["state"]?.stringValue
            if state == "signed" { return }
            if state == "failed" { throw WireError("the release of \(image) failed") }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw WireError("the release of \(image) is pending after a minute")
    }

    /// As things are between a push and its verdict, for as long as the test lasts.
    private static func forget(_ repository: String, _ digest: Digest, _ node: TestNode) async throws {
        let forgotten = Statement("test.forget", "UPDATE assessed_images SET document = NULL WHERE repository = ?")
        let (now, name) = (WallClock.system.now(), try RepositoryName(parsing: repository))
        try await node.node.database.write { t in
            try t.execute(forgotten, [.text(repository)])
            try JobQueue.enqueue(
                t,
                kind: Registry.assessmentJob,
                subject: Registry.assessmentSubject(name, digest),
                priority: .push,
                runAfter: now + .seconds(86_400),
                now: now
            )
        }
    }

    /// Rules that hold and rules to come, an exception in force and one that somebody asks for.
    private static func setPolicy(_ secret: String, _ node: TestNode) async throws {
        let policy: JSONValue = [
            "immutableTags": [["tags": ["v*"]]], "openUploads": 100,
            "pull": [["level": "silver", "effectiveFrom": "2099-01-01T00:00:00Z"]],
        ]
        for revision in 0..<2 {
            let body: JSONValue = [
                "policy": policy, "expectedRevision": .integer(Int64(revision)), "reason": .string(hostile),
            ]
            let set = try await node.client.request(
                "PUT",
                "/api/v1/namespaces/stadt/policy",
                headers: [("Content-Type", "application/json")],
                body: body.bytes()
            )
            #expect(set.status == 200, "\(set.text)")
        }
        let until = (WallClock.system.now() + .seconds(86_400)).rfc3339
        for isApproved in [true, false] {
            let asked = try await post(
                "/namespaces/stadt/gate-exceptions",
                ["reason": .string(hostile), "until": .string(until)],
                node,
                as: node.client.basic("anna:\(secret)")
            )
            #expect(asked.status == 201, "\(asked.text)")
            guard isApproved else { continue }
            let id = asked.json?["id"]?.intValue ?? 0
            let agreed = try await post("/namespaces/stadt/gate-exceptions/\(id)/approval", nil, node)
            #expect(agreed.status == 200, "\(agreed.text)")
        }
    }

    private static func takeDown(_ image: String, _ node: TestNode) async throws {
        let secret = try await node.node.accounts.createPerson(
            "zweite",
            organisation: nil,
            nodeRole: .operator,
            by: admin
        )
        let body: JSONValue = [
            "image": .string(image), "reason": .string(hostile), "legalReference": "Az. 7 O 123/26",
        ]
        let asked = try await post("/takedowns", body, node)
        let id = asked.json?["id"]?.intValue ?? 0
        let agreed = try await post(
            "/takedowns/\(id)/confirmation",
            nil,
            node,
            as: node.client.basic("zweite:\(secret)")
        )
        #expect(agreed.json?["state"]?.stringValue == "inForce", "\(asked.text) \(agreed.text)")
    }

    private static func upload(_ node: TestNode) async throws -> Int64 {
        let bill: JSONValue = [
            "bomFormat": "CycloneDX", "specVersion": "1.6",
            "components": [
                [
                    "type": "library", "name": "openssl", "version": "3.0.1-1",
                    "purl": "pkg:deb/debian/openssl@3.0.1-1?arch=amd64&distro=debian-12",
                ],
                ["type": "library", "name": .string(hostile)],
            ],
        ]
        let answer = try await node.client.request(
            "POST",
            "/api/v1/products?name=Meldewesen&version=4.2&supplier=Beispiel%20GmbH&organisation=stadt",
            body: bill.bytes()
        )
        guard answer.status == 201, let id = answer.json?["id"]?.intValue else {
            throw WireError("no product: \(answer.status) \(answer.text)")
        }
        return Int64(id)
    }

    private static func send(_ node: TestNode) async throws -> String {
        let answer = try await post("/notices", ["question": "CVE-2026-0001", "what": both("Lücke \(hostile)")], node)
        guard answer.status == 201, let id = answer.json?["id"]?.stringValue else {
            throw WireError("no notice: \(answer.status) \(answer.text)")
        }
        return id
    }

    /// One organisation answers the first notice; the link of the other one is given back.
    private static func answers(_ sink: MailSink, _ node: TestNode) async throws -> String {
        func token(_ receiver: String) -> String? {
            guard let letter = sink.taken.messages.first(where: { $0.to == receiver }) else { return nil }
            let text = letter.text.replacing("=\r\n", with: "").replacing("=3D", with: "=")
            guard let begin = text.firstRange(of: "/notices/answer/") else { return nil }
            return String(
                text[begin.upperBound...].prefix { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
            )
        }
        for _ in 0..<600 {
            if let land = token("sicherheit-land@example.org"), let own = token("sicherheit-stadt@example.org") {
                let answered = try await node.client.anonymous().request(
                    "POST",
                    "/notices/answer/\(land)",
                    headers: [("Content-Type", "application/x-www-form-urlencoded")],
                    body: Array("state=acting".utf8)
                )
                #expect(answered.status == 303)
                return own
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw WireError("no letter after a minute")
    }

    private static func importAdvisories(_ node: TestNode) async throws {
        let tracker = """
            {"openssl":{"CVE-2026-0001":{"description":"\(hostile.replacing("\"", with: "\\\""))","releases":{"bookworm":{\
            "fixed_version":"3.0.2-1","status":"resolved","urgency":"high"}}}}}
            """
        try node.directory.write(Array(tracker.utf8), to: "feeds/tracker.json")
        let report = try await node.node.feeds.importFeeds(
            paths: [node.directory.file("feeds")],
            asOf: Timestamp(date: "2026-11-20")
        )
        #expect(report.failed.isEmpty)
    }

    private static func push(
        _ node: TestNode,
        _ repository: String,
        _ tag: String,
        openssl: String
    ) async throws -> Digest {
        var builder = ImageBuilder()
        builder.labels = [
            "org.opencontainers.image.title": "nginx \(hostile)",
            "org.opencontainers.image.description": "Webserver für Behörden. \(hostile)",
            "org.opencontainers.image.licenses": "BSD-2-Clause OR \(hostile)",
            "eu.kontor.image.category": "Web, \(hostile)",
            hostile: hostile,
        ]
        let status = """
            Package: openssl
            Status: install ok installed
            Architecture: amd64
            Version: \(openssl)
            Description: \(hostile)

            Package: base-files
            Status: install ok installed
            Architecture: amd64
            Version: 12.4+deb12u5

            """
        builder.layer { tar in
            tar.file("etc/os-release", text: "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n")
            tar.file("etc/debian_version", text: "12.5\n")
            tar.file("var/lib/dpkg/status", text: status)
        }
        let image = builder.built()
        let (registry, name) = (node.node.registry, try RepositoryName(parsing: repository))
        for blob in image.blobs {
            let upload = try await registry.beginMonolithicUpload(in: name, by: admin)
            try await upload.append(ByteBuffer(bytes: blob.bytes))
            try await registry.finish(upload, as: blob.digest, by: admin)
        }
        let digest = try await registry.putManifest(
            image.manifest,
            contentType: image.mediaType,
            to: name,
            at: .tag(try Tag(parsing: tag)),
            by: admin
        ).digest
        for _ in 0..<600 {
            if case .ready = try await node.node.assessment.verdict(repository: name, digest: digest) { return digest }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw WireError("no verdict of \(repository):\(tag) after a minute")
    }
}
