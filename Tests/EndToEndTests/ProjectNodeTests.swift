// SPDX-License-Identifier: EUPL-1.2

import Foundation
import JSON
import Node
import NodeTestKit
import TestKit
import Testing
import Webhooks

@Suite(
    "Registered projects in a node, over HTTP",
    .enabled(if: (try? builtProduct("kontor")) != nil, "kontor is not built")
)
struct ProjectNodeTests {
    private static func body(_ value: JSONValue) -> [UInt8] { value.bytes() }
    private static let json = [("Content-Type", "application/json")]

    /// The project as soon as it fits, asked for again and again.
    private static func project(
        _ client: TestClient,
        _ id: Int64,
        until fits: (JSONValue) -> Bool
    ) async throws -> JSONValue {
        for _ in 0..<600 {
            let answer = try await client.request("GET", "/api/v1/projects/\(id)")
            if let found = answer.json, fits(found) { return found }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw WireError("the project does not become what was waited for")
    }

    @Test(
        "register, read the verdict, push with a webhook, look at what changed, remove; a stranger sees what is public alone"
    )
    func journey() async throws {
        let repository = try await ServedRepository()
        try await TestNode.run(
            configure: {
                $0.anonymousPull = true
                if let rules = try? WebhookRules(allowing: ["127.0.0.1"], plainHTTP: true) { $0.projectRules = rules }
            }
        ) { node in
            let client = node.client
            for (method, path, value) in [
                ("PUT", "/organisations/stadt", ["title": "Stadt", "kind": "municipal"]),
                ("PUT", "/namespaces/stadt", ["organisation": "stadt", "public": true]),
            ] as [(String, String, JSONValue)] {
                let made = try await client.request(
                    method,
                    "/api/v1" + path,
                    headers: Self.json,
                    body: Self.body(value)
                )
                #expect((200..<300).contains(made.status), "\(made.text)")
            }
            let registered = try await client.request(
                "POST",
                "/api/v1/projects",
                headers: Self.json,
                body: Self.body(["name": "stadt/tool", "url": .string(repository.url), "title": "Werkzeug"])
            )
            #expect(registered.status == 201, "\(registered.text)")
            let id = try #require(registered.json?["project"]?["id"]?.intValue).asInt64
            let secret = try #require(registered.json?["webhookSecret"]?.stringValue)

            let checked = try await Self.project(client, id) { $0["project"]?["checkedAt"]?.stringValue != nil }
            #expect(checked["project"]?["failure"] == .null, "\(checked["project"]?["failure"] ?? .null)")
            let criteria = try #require(checked["verdict"]?["document"]?["criteria"]?.arrayValue)
            #expect(criteria.count > 20)
            func result(_ page: JSONValue, _ criterion: String) -> String? {
                page["verdict"]?["document"]?["criteria"]?.arrayValue?
                    .first { $0["id"]?.stringValue == criterion }?["result"]?.stringValue
            }
            #expect(result(checked, "SRC-SEC-01") == "fail")
            let stranger = client.anonymous()
            #expect(try await stranger.request("GET", "/api/v1/projects/\(id)").status == 404)
            #expect(try await stranger.request("GET", "/api/v1/projects").json?["items"]?.arrayValue?.isEmpty == true)
            #expect(try await stranger.request("POST", "/api/v1/projects/\(id)/check").status == 401)

            let path = "/api/v1/projects/\(id)/webhook"
            for headers in [[], [("X-Gitlab-Token", "wrong")]] {
                #expect(try await stranger.request("POST", path, headers: headers, body: []).status == 404)
            }
            let token = [("X-Gitlab-Token", secret)]
            let large = [UInt8](repeating: 0x20, count: (1 << 20) + 1)
            #expect(try await stranger.request("POST", path, headers: token, body: large).status == 413)
            try await repository.commit(["SECURITY.md": "# Security\n\nsecurity@example.org\n"], at: "2026-11-20")
            let pushed = try await stranger.request("POST", path, headers: token, body: Array("{}".utf8))
            #expect(pushed.status == 202, "\(pushed.text)")
            let newer = try await Self.project(client, id) { result($0, "SRC-SEC-01") == "pass" }
            let history = try await client.request("GET", "/api/v1/projects/\(id)/history").json
            #expect(history?["items"]?.arrayValue?.count == 2)
            let before = try #require(checked["verdict"]?["since"]?.stringValue)
            let then = try await client.request("GET", "/api/v1/projects/\(id)?at=\(before)").json
            #expect(result(then ?? .null, "SRC-SEC-01") == "fail")
            #expect(newer["verdict"]?["since"] != checked["verdict"]?["since"])

            let opened = try await client.request(
                "PATCH",
                "/api/v1/projects/\(id)",
                headers: Self.json,
                body: Self.body(["visibility": "public"])
            )
            #expect(opened.status == 200, "\(opened.text)")
            let seen = try await stranger.request("GET", "/api/v1/projects/\(id)?catalogue=opencode").json
            #expect(seen?["verdict"]?["catalogue"]?.stringValue == "opencode")
            #expect(seen?["project"]?["registeredBy"] == .null)
            let listed = try await stranger.request("GET", "/api/v1/directory?kind=project").json
            #expect(listed?["items"]?[0]?["name"]?.stringValue == "stadt/tool")

            #expect(try await client.request("DELETE", "/api/v1/projects/\(id)").status == 204)
            #expect(try await client.request("GET", "/api/v1/projects/\(id)").status == 404)
        }
        await repository.server.stop()
    }

    @Test("the same on the command line, by number and by name")
    func commandLine() async throws {
        let repository = try await ServedRepository()
        try await TestNode.run(
            configure: {
                if let rules = try? WebhookRules(allowing: ["127.0.0.1"], plainHTTP: true) { $0.projectRules = rules }
            }
        ) { node in
            func kontor(_ arguments: [String]) async throws -> ToolResult {
                let options = ["--node", node.url, "--password-file", node.directory.file("data/admin-secret")]
                return try await builtProduct("kontor").run(arguments + options, environment: ["LC_ALL": "C.UTF-8"])
            }
            for (path, value) in [
                ("/organisations/stadt", ["title": "Stadt", "kind": "municipal"]),
                ("/namespaces/stadt", ["organisation": "stadt", "public": false]),
            ] as [(String, JSONValue)] {
                _ = try await node.client.request("PUT", "/api/v1" + path, headers: Self.json, body: Self.body(value))
            }
            let made = try await kontor(["project", "register", "stadt/tool", repository.url, "--title", "Tool"])
            #expect(made.exitCode == 0 && made.output.contains("webhookSecret: kph_"), "\(made.errorOutput)")
            let refused = try await kontor(["project", "register", "stadt/x", "https://10.0.0.1/x.git"])
            #expect(refused.exitCode != 0 && refused.errorOutput.contains("private network"))
            _ = try await Self.project(node.client, 1) { $0["project"]?["checkedAt"]?.stringValue != nil }
            let listed = try await kontor(["project", "list", "--namespace", "stadt"])
            #expect(listed.output.contains("stadt/tool") && listed.output.contains("members"))
            let shown = try await kontor(["project", "show", "stadt/tool", "--all"])
            #expect(shown.exitCode == 0 && shown.output.contains("SRC-SEC-01"), "\(shown.errorOutput)")
            let other = try await kontor(["project", "show", "1", "--catalogue", "opencode"])
            #expect(other.output.contains("OC-SEC-"))
            #expect(try await kontor(["project", "recheck", "1"]).output.contains("queued"))
            #expect(try await kontor(["project", "remove", "stadt/tool"]).exitCode == 0)
            #expect(try await kontor(["project", "show", "stadt/tool"]).exitCode != 0)
            #expect(try await kontor(["project", "list"]).output.isEmpty)
        }
        await repository.server.stop()
    }

    @Test("a repository that is made to hurt its reader has a verdict, and the node goes on")
    func hostile() async throws {
        let repository = try await ServedRepository([
            "publiccode.yml": String(repeating: "[", count: 300_000),
            "package-lock.json": String(repeating: "{\"a\":", count: 100_000),
            ".gitattributes": "* filter=evil\n", ".gitmodules": "[submodule \"x\"]\npath = x\nurl = file:///etc\n",
            ".github/workflows/ci.yml": "a: &a [" + String(repeating: "*a,", count: 1_000) + "]\n",
        ])
        try await repository.git(["config", "core.symlinks", "true"])
        try FileManager.default.createSymbolicLink(
            atPath: repository.directory.file("work/SECURITY.md"),
            withDestinationPath: "/etc/passwd"
        )
        try await repository.commit([:], at: "2026-11-02")
        try await TestNode.run(
            configure: {
                if let rules = try? WebhookRules(allowing: ["127.0.0.1"], plainHTTP: true) { $0.projectRules = rules }
            }
        ) { node in
            let client = node.client
            for (path, value) in [
                ("/organisations/stadt", ["title": "Stadt", "kind": "municipal"]),
                ("/namespaces/stadt", ["organisation": "stadt", "public": false]),
            ] as [(String, JSONValue)] {
                _ = try await client.request("PUT", "/api/v1" + path, headers: Self.json, body: Self.body(value))
            }
            let registered = try await client.request(
                "POST",
                "/api/v1/projects",
                headers: Self.json,
                body: Self.body(["name": "stadt/evil", "url": .string(repository.url)])
            )
            let id = try #require(registered.json?["project"]?["id"]?.intValue).asInt64
            let checked = try await Self.project(client, id) { $0["verdict"]?["document"] != nil }
            let text = checked.text(.compact)
            #expect(!text.contains("root:x:0"))
            // A link is no policy, whatever it leads to; where the reader itself ended, nothing is known.
            let policy = checked["verdict"]?["document"]?["criteria"]?.arrayValue?
                .first { $0["id"]?.stringValue == "SRC-SEC-01" }
            #expect(policy?["result"]?.stringValue != "pass")
            #expect(try await client.request("GET", "/api/v1/node").status == 200)
        }
        await repository.server.stop()
    }
}

extension Int {
    fileprivate var asInt64: Int64 { Int64(self) }
}
