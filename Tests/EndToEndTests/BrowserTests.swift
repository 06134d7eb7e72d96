// SPDX-License-Identifier: EUPL-1.2

import AssessmentTestKit
import Foundation
import JSON
import Mail
import Node
import NodeTestKit
import OCI
import Portal
import TestKit
import Testing

/// Every page in a real browser, with one node, one browser and one run.
@Suite("Pages in a browser", .timeLimit(.minutes(30))) struct BrowserTests {
    @Test(
        "every page, every person's errand by keyboard alone, and a stranger's three clicks: no violation of WCAG 2.1 AA, no error, no other host"
    )
    func pages() async throws {
        let environment = try await pythonEnvironment(["axe-playwright-python", "playwright"])
        let browser = try tool("chromium-headless-shell").path
        let shots =
            ProcessInfo.processInfo.environment["KONTOR_ARTIFACTS"].map { $0 + "/pages" }
            ?? checkoutRoot + "/.build/artifacts/pages"
        let sink = try await MailSink()
        let from = try MailAddress(parsing: "kontor@example.org")
        try await TestNode.run(configure: {
            $0.anonymousPull = true
            $0.requestsPerSecond = nil
            $0.mail = (
                SMTPSettings(host: "127.0.0.1", port: sink.port, security: .plain, clientName: "localhost"), from
            )
        }) { node in
            let plan = Self.plan(node, try await SeededNode.make(in: node, sink: sink))
            let result = try await environment.python.run(
                [checkoutRoot + "/scripts/check-pages.py", "--browser", browser, "--shots", shots],
                input: plan.bytes()
            )
            #expect(result.exitCode == 0, "\(result.output)\n\(result.errorOutput)")
            #expect(result.errorOutput.contains(" 0 wrong"), "\(result.errorOutput)")
            print("pages: \(result.errorOutput.split(separator: "\n").last ?? "")")
            try Self.nothingIsLeftOut(result.output)
        }
        await sink.stop()
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

    /// What the browser is to look at, and to do.
    private static func plan(_ node: TestNode, _ seeded: SeededNode) -> JSONValue {
        [
            "origin": .string(node.url),
            "people": .object(seeded.people.mapValues { .string($0) }),
            "pages": .array(BrowserPages.all(seeded).map(\.json)),
            "downloads": [["visitor": "anna", "path": "/affected.csv?q=CVE-2026-0001"]],
            "errands": [
                "operator": "admin", "maintainer": "anna", "image": "stadt/nginx", "tag": "1.1",
                "digest": .string(seeded.old.description),
                "vulnerability": "CVE-2026-0001", "organisation": "land",
            ],
        ]
    }

    /// Each route of the portal was asked for by the browser, and each template came back.
    private static func nothingIsLeftOut(_ output: String) throws {
        let last = try #require(output.split(separator: "\n").last)
        let report = try JSONFields(JSONValue(parsing: String(last)))
        let visited = try report.strings("visited")
        for route in PortalRoutes.paths {
            let isVisited =
                route.hasSuffix("/**")
                ? visited.contains { $0.hasPrefix(route.dropLast(2)) && $0.utf8.count > route.utf8.count - 2 }
                : visited.contains(route)
            #expect(isVisited, "no browser test looks at \(route): add it to BrowserPages.swift")
        }
        // What others take in is no page of its own.
        var pages = Set(Pages.templates.keys).subtracting(["layout"])
        for (_, bytes) in Pages.templates {
            for match in String(decoding: bytes, as: UTF8.self).matches(of: #/{{>([a-z-]+)}}/#) {
                pages.remove(String(match.output.1))
            }
        }
        #expect(pages.count > 20)
        let seen = Set(try report.strings("templates"))
        #expect(
            pages.subtracting(seen).subtracting(BrowserPages.elsewhere.keys).isEmpty,
            "no browser test looks at these templates: add a page to BrowserPages.swift"
        )
    }
}
