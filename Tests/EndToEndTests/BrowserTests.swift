// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Assessment
import Criteria
import Directory
import Foundation
import JSON
import NIOCore
import Node
import NodeTestKit
import OCI
import Registry
import TestKit
import Testing
import Time
import Vulnerabilities

/// Every page in a real browser, with one node, one browser and one run.
@Suite("Pages in a browser", .timeLimit(.minutes(15))) struct BrowserTests {
    /// What strangers write where they may.
    static let hostile = "<script>alert(1)</script><img src=x onerror=alert(2)>\"' onmouseover='alert(3)' {{t.work}}"

    private let admin = Account(id: 1, name: "admin", isAdmin: true)

    @Test("no violation of WCAG 2.1 AA, no error, no other host, nothing of what strangers wrote becomes markup")
    func pages() async throws {
        let environment = try await pythonEnvironment(["axe-playwright-python", "playwright"])
        let browser = try tool("chromium-headless-shell").path
        let shots =
            ProcessInfo.processInfo.environment["KONTOR_ARTIFACTS"].map { $0 + "/pages" }
            ?? checkoutRoot + "/.build/artifacts/pages"
        try await TestNode.run(configure: {
            $0.anonymousPull = true
            $0.requestsPerSecond = nil
        }) { node in
            let plan = try await seed(node)
            let result = try await environment.python.run(
                [checkoutRoot + "/scripts/check-pages.py", "--browser", browser, "--shots", shots],
                input: plan.bytes()
            )
            #expect(result.exitCode == 0, "\(result.output)\n\(result.errorOutput)")
            #expect(result.errorOutput.contains(" 0 wrong"), "\(result.errorOutput)")
        }
    }

    @Test("a node for the public does not start without the pages that its operator has to write")
    func publicNode() async throws {
        let directory = try TemporaryDirectory("public")
        await #expect(throws: NodeError.self) {
            try await TestNode.run(directory: directory, configure: { $0.isPublic = true }) { _ in }
        }
        for page in ["imprint", "privacy", "accessibility"] {
            for language in ["de", "en"] {
                try directory.write(
                    Array("# Beispiel\n\nBehörde <b>Muster</b>\n".utf8),
                    to: "data/pages/\(page).\(language).txt"
                )
            }
        }
        try await TestNode.run(directory: directory, configure: { $0.isPublic = true }) { node in
            // Also whoever may see nothing else may see who is responsible.
            let answer = try await node.client.anonymous().request("GET", "/imprint")
            #expect(answer.status == 200 && answer.text.contains("Behörde &lt;b&gt;Muster&lt;/b&gt;"))
            #expect(try await node.client.anonymous().request("GET", "/").status == 401)
        }
    }

    /// Fills the node, and says which pages to look at.
    private func seed(_ node: TestNode) async throws -> JSONValue {
        let hostile = Self.hostile
        let accounts = node.node.accounts
        for name in ["stadt", "land"] {
            try await accounts.putOrganisation(
                Organisation(name: name, title: "\(name) \(hostile)", kind: .municipal),
                by: admin
            )
            try await accounts.createNamespace(name, organisation: name, isPublic: name == "stadt", by: admin)
        }
        try await accounts.setRole(.maintainer, of: "admin", in: "stadt", by: admin)
        try await accounts.createService("svc-stadt", organisation: "stadt", namespace: "stadt", by: admin)
        try await importAdvisories(node)
        let old = try await push(node, "stadt/nginx", "1.0", openssl: "3.0.1-1")
        let new = try await push(node, "stadt/nginx", "1.1", openssl: "3.0.2-1")
        let internalImage = try await push(node, "land/akte", "1.0", openssl: "3.0.1-1")
        try node.directory.write(
            Array("# \(hostile)\n\n\(hostile)\n\n- \(hostile)\n".utf8),
            to: "data/pages/imprint.de.txt"
        )
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
        _ = try await directory.reply(hostile, disputes: true, to: .bronze, of: repository, old, by: admin)
        // What the pages rest on, and its twin in the API.
        let work = try await node.client.request("GET", "/api/v1/work")
        #expect(work.status == 200 && work.text.contains("stadt/nginx"))
        let found = try await node.client.anonymous().request("GET", "/api/v1/directory?q=ngin&level=none")
        #expect(found.status == 200 && found.json?["items"]?[0]?["label"]?.stringValue == "stadt/nginx")
        let hidden = try await node.client.anonymous().request("GET", "/api/v1/directory?q=akte")
        #expect(hidden.json?["items"]?.arrayValue?.isEmpty == true)
        #expect(try await node.client.request("GET", "/api/v1/node").json?["concerns"]?.arrayValue?.isEmpty == false)
        let healthOfStrangers = try await node.client.anonymous().request("GET", "/api/v1/node")
        #expect(healthOfStrangers.status == 401)
        let image = "/images/stadt/nginx@\(old)"
        let triage =
            "/triage?image=stadt%2Fnginx%40\(old.description.replacing(":", with: "%3A"))&vulnerability=CVE-2026-0001&source=openssl"
        let changes =
            "/changes?image=stadt%2Fnginx%40\(new.description.replacing(":", with: "%3A"))"
            + "&since=\(old.description.replacing(":", with: "%3A"))"
        let both = [
            "/", "/?q=nginx", "/?q=nichts-davon", "/?level=none&area=security", image, "/images/stadt/nginx:1.1",
            changes, "/criteria", "/criteria/IMG-SEC-10", "/namespaces", "/namespaces/stadt", "/organisations/stadt",
            "/help", "/help/push", "/help/sign", "/help/verify", "/help/gold", "/imprint", "/privacy",
            "/accessibility",
        ]
        return [
            "origin": .string(node.url), "account": "admin", "password": .string(node.secret),
            "public": .strings(both + ["/login"]),
            "private": .strings(
                [
                    "/", image, "/images/land/akte@\(internalImage)", "/work", "/account", "/account/tokens",
                    "/namespaces/stadt", "/affected", "/affected?q=CVE-2026-0001", "/products", triage, "/notices",
                    "/organisations", "/organisations/stadt", "/node",
                ]
            ),
        ]
    }

    private func importAdvisories(_ node: TestNode) async throws {
        let tracker = """
            {"openssl":{"CVE-2026-0001":{"description":"\(Self.hostile.replacing("\"", with: "\\\""))","releases":{"bookworm":{\
            "fixed_version":"3.0.2-1","status":"resolved","urgency":"high"}}}}}
            """
        try node.directory.write(Array(tracker.utf8), to: "feeds/tracker.json")
        let report = try await node.node.feeds.importFeeds(
            paths: [node.directory.file("feeds")],
            asOf: Timestamp(date: "2026-11-20")
        )
        #expect(report.failed.isEmpty)
    }

    private func push(_ node: TestNode, _ repository: String, _ tag: String, openssl: String) async throws -> Digest {
        let hostile = Self.hostile
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
