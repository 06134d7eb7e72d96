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

/// Every page in a real browser: all of one node in one run, and those that only an exercise has.
@Suite("Pages in a browser", .serialized, .timeLimit(.minutes(30))) struct BrowserTests {
    @Test(
        "every page, every person's errand by keyboard alone, and a stranger's three clicks: no violation of WCAG 2.1 AA, no error, no other host"
    )
    func pages() async throws {
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
            try Self.nothingIsLeftOut(try await Self.look(plan, shots: "pages"))
        }
        await sink.stop()
    }

    @Test("the pages of an exercise, on both of its days, with an empty inbox and with one that strangers have filled")
    func exercise() async throws {
        let exercise = try await BrowserExercise()
        try await TestNode.run(configure: {
            $0.requestsPerSecond = nil
            $0.exerciseData = true
            $0.exercise = exercise.desk
        }) { node in
            var seen = try await Self.look(
                BrowserExercise.plan(node, BrowserExercise.yesterday),
                shots: "pages/yesterday"
            ).strings("templates")
            try await exercise.fill()
            let moved = try await node.client.anonymous().request(
                "POST",
                "/exercise",
                headers: [("Content-Type", "application/x-www-form-urlencoded")],
                body: Array("day=today".utf8)
            )
            #expect(moved.status == 303, "\(moved.text)")
            seen += try await Self.look(BrowserExercise.plan(node, BrowserExercise.today), shots: "pages/today")
                .strings("templates")
            #expect(BrowserExercise.templates.isSubset(of: seen), "\(seen)")
        }
        await exercise.stop()
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
                "released": .string("stadt/frei@\(seeded.released)"),
            ],
        ]
    }

    /// Lets the browser carry out a plan; gives what it has visited.
    ///
    /// - Parameter shots: place of the screenshots among the artefacts.
    private static func look(_ plan: JSONValue, shots: String) async throws -> JSONFields {
        let environment = try await pythonEnvironment(["axe-playwright-python", "playwright"])
        let browser = try tool("chromium-headless-shell").path
        let artefacts =
            ProcessInfo.processInfo.environment["KONTOR_ARTIFACTS"] ?? checkoutRoot + "/.build/artifacts"
        let result = try await environment.python.run(
            [checkoutRoot + "/scripts/check-pages.py", "--browser", browser, "--shots", "\(artefacts)/\(shots)"],
            input: plan.bytes()
        )
        #expect(result.exitCode == 0, "\(result.output)\n\(result.errorOutput)")
        #expect(result.errorOutput.contains(" 0 wrong"), "\(result.errorOutput)")
        print("\(shots): \(result.errorOutput.split(separator: "\n").last ?? "")")
        let last = try #require(result.output.split(separator: "\n").last)
        return try JSONFields(JSONValue(parsing: String(last)))
    }

    /// Each route of the portal was asked for by the browser, and each template came back.
    private static func nothingIsLeftOut(_ report: JSONFields) throws {
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
            pages.subtracting(seen).subtracting(BrowserExercise.templates).isEmpty,
            "no browser test looks at these templates: add a page to BrowserPages.swift"
        )
    }
}
