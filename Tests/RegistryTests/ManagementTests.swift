// SPDX-License-Identifier: EUPL-1.2

import Accounts
import FoundationEssentials
import JSON
import Node
import NodeTestKit
import OCI
import Registry
import TestKit
import Testing
import Time

@Suite("Management over HTTP") struct ManagementTests {
    private static func send(
        _ client: TestClient,
        _ method: String,
        _ path: String,
        _ body: String? = nil,
        headers: [(String, String)] = [("Content-Type", "application/json")]
    ) async throws -> Answer {
        try await client.request(method, "/api/v1" + path, headers: headers, body: body.map { Array($0.utf8) })
    }

    @Test("organisation, namespace, people, roles and tokens are made, seen and taken back over the API")
    func wholeWay() async throws {
        try await TestNode.run { node in
            let admin = node.client
            let organisation = #"{"title":"Stadt Beispiel","kind":"municipal","officialKey":"05315000"}"#
            #expect(try await Self.send(admin, "PUT", "/organisations/stadt", organisation).status == 204)
            let namespace = #"{"organisation":"stadt","public":false}"#
            #expect(try await Self.send(admin, "PUT", "/namespaces/land/stadt", namespace).status == 201)
            #expect(try await Self.send(admin, "PUT", "/namespaces/land%2Fstadt", namespace).status == 409)
            let made = try await Self.send(admin, "POST", "/accounts", #"{"name":"anna","organisation":"stadt"}"#)
            let secret = try #require(made.json?["secret"]?.stringValue)
            #expect(made.status == 201)
            let anna = admin.basic("anna:\(secret)")
            #expect(try await Self.send(anna, "GET", "/namespaces/land/stadt/members").status == 404)
            let role = #"{"role":"maintainer"}"#
            #expect(try await Self.send(admin, "PUT", "/namespaces/land/stadt/members/anna", role).status == 204)
            let members = try await Self.send(anna, "GET", "/namespaces/land/stadt/members")
            #expect(members.json?["items"]?[0]?["role"] == "maintainer")
            let service = #"{"name":"svc-ci","kind":"service","namespace":"land/stadt"}"#
            #expect(try await Self.send(anna, "POST", "/accounts", service).status == 201)
            let publisher = #"{"role":"publisher"}"#
            #expect(try await Self.send(anna, "PUT", "/namespaces/land/stadt/members/svc-ci", publisher).status == 204)
            let body = #"{"label":"ci","scopes":[{"repositories":"land/stadt/*","rights":["pull","push"]}],"days":30}"#
            let issued = try await Self.send(anna, "POST", "/accounts/svc-ci/tokens", body)
            let token = try #require(issued.json?["secret"]?.stringValue)
            let program = admin.basic("svc-ci:\(token)")
            #expect(try await program.request("POST", "/v2/land/stadt/app/blobs/uploads/", body: []).status == 202)
            let tokens = try await Self.send(anna, "GET", "/accounts/svc-ci/tokens")
            #expect(tokens.json?["items"]?[0]?["lastUsedAt"]?.stringValue != nil && !tokens.text.contains(token))
            let id = try #require(issued.json?["id"]?.intValue)
            #expect(try await Self.send(anna, "DELETE", "/tokens/\(id)").status == 204)
            #expect(try await program.request("GET", "/v2/").status == 401)
            let password = #"{"password":"vier Wörter im Wald"}"#
            #expect(try await Self.send(anna, "PUT", "/account/password", password).status == 204)
            #expect(try await Self.send(anna, "GET", "/account").status == 401)
            let again = admin.basic("anna:vier Wörter im Wald")
            #expect(try await Self.send(again, "GET", "/account").json?["organisation"] == "stadt")
            #expect(try await Self.send(again, "GET", "/audit-events").status == 403)
            let log = try await Self.send(admin, "GET", "/audit-events?limit=500")
            let actions = (log.json?["items"]?.arrayValue ?? []).compactMap { $0["action"]?.stringValue }
            for action in [
                "organisations.put", "namespaces.create", "accounts.create", "tokens.issue", "tokens.revoke",
            ] {
                #expect(actions.contains(action))
            }
            #expect(!log.text.contains(secret) && !log.text.contains(token) && !log.text.contains("Wald"))
        }
    }

    @Test(
        "7.2/30: members that nobody asked for are refused, privileged ones too",
        arguments: [
            #"{"name":"eve1","isAdmin":true}"#, #"{"name":"eve1","is_admin":1}"#, #"{"name":"eve1","role":"operator"}"#,
            #"{"name":"eve1","id":1}"#, #"{"name":"eve1","nodeRole":"root"}"#,
            #"{"name":"eve1","nodeRole":["operator"]}"#,
            #"{"name":"svc-e","kind":"service","nodeRole":"operator"}"#, #"{"name":"eve1","kind":"admin"}"#,
            #"{"name":"eve1","name":"eve2"}"#, "[]", "{", "", "null", #"{"name":{"$ne":null}}"#,
        ]
    )
    func massAssignment(body: String) async throws {
        try await TestNode.run { node in
            let answer = try await Self.send(node.client, "POST", "/accounts", body)
            #expect(answer.status == 400 || answer.status == 415, "\(answer.status) \(answer.text)")
            let list = try await Self.send(node.client, "GET", "/accounts")
            #expect(list.json?["items"]?.arrayValue?.count == 1)
        }
    }

    @Test("7.2/54: what another site's page could make a browser send changes nothing")
    func foreignPages() async throws {
        try await TestNode.run { node in
            let body = #"{"name":"eve1"}"#
            for headers in [
                [("Content-Type", "text/plain")], [("Content-Type", "application/x-www-form-urlencoded")],
                [("Content-Type", "multipart/form-data; boundary=x")], [],
                [("Content-Type", "application/json"), ("Sec-Fetch-Site", "cross-site")],
                [("Content-Type", "application/json"), ("Sec-Fetch-Site", "same-site")],
                [("Content-Type", "application/json"), ("Origin", "https://evil.example")],
                [("Content-Type", "application/json"), ("Origin", "null")],
                [("Content-Type", "application/json"), ("Origin", node.url + ".evil.example")],
            ] {
                let answer = try await Self.send(node.client, "POST", "/accounts", body, headers: headers)
                #expect(answer.status == 415 || answer.status == 403)
            }
            for (method, path) in [("POST", "/accounts/admin/secret"), ("DELETE", "/tokens/1")] {
                let answer = try await Self.send(
                    node.client,
                    method,
                    path,
                    headers: [("Sec-Fetch-Site", "cross-site")]
                )
                #expect(answer.status == 403)
            }
            #expect(try await Self.send(node.client, "GET", "/accounts").json?["items"]?.arrayValue?.count == 1)
            let own = [("Content-Type", "application/json"), ("Origin", node.url), ("Sec-Fetch-Site", "same-origin")]
            #expect(try await Self.send(node.client, "POST", "/accounts", body, headers: own).status == 201)
        }
        // Behind a proxy that asks under another name than the browser did.
        try await TestNode.run(configure: { $0.publicURL = "https://Registry.example:443" }) { node in
            for (origin, status) in [("https://registry.example", 201), ("https://registry.example.evil.example", 403)]
            {
                let headers = [("Content-Type", "application/json"), ("Origin", origin)]
                let answer = try await Self.send(
                    node.client,
                    "POST",
                    "/accounts",
                    #"{"name":"eve2"}"#,
                    headers: headers
                )
                #expect(answer.status == status, "\(origin)")
            }
        }
    }

    @Test("7.2/37: an auditor sees accounts, members, tokens and the log; reads no secret and changes nothing")
    func auditor() async throws {
        try await PeopledNode.run { test in
            let secret = try await test.accounts.createPerson(
                "otto",
                organisation: nil,
                nodeRole: .auditor,
                by: test.admin
            )
            let auditor = test.node.client.basic("otto:\(secret)")
            let token = try await test.program("svc-ci", "land/*", .pull, role: .reader, in: "land")
            for path in [
                "/accounts", "/namespaces/land/members", "/accounts/svc-ci/tokens", "/audit-events", "/namespaces",
            ] {
                let answer = try await Self.send(auditor, "GET", path)
                #expect(answer.status == 200 && !answer.text.contains(token), "\(path)")
            }
            for (method, path, body) in [
                ("POST", "/accounts", #"{"name":"eve1"}"#), ("POST", "/accounts/admin/secret", nil),
                ("PUT", "/namespaces/land/members/otto", #"{"role":"maintainer"}"#),
                ("PATCH", "/namespaces/land", #"{"public":true}"#),
                ("PATCH", "/accounts/svc-ci", #"{"disabled":true}"#),
                (
                    "POST", "/accounts/svc-ci/tokens",
                    #"{"label":"x","scopes":[{"repositories":"*","rights":["pull"]}],"days":1}"#
                ),
                ("PUT", "/namespaces/land/freeze", #"{"since":"2026-01-01T00:00:00Z"}"#),
            ] {
                let answer = try await Self.send(auditor, method, path, body)
                #expect(answer.status == 403, "\(method) \(path): \(answer.status)")
            }
            #expect(try await auditor.request("POST", "/v2/land/app/blobs/uploads/", body: []).status == 403)
        }
    }
}
