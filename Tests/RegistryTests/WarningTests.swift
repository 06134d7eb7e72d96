// SPDX-License-Identifier: EUPL-1.2

import Accounts
import NodeTestKit
import OCI
import Testing
import Time

@Suite("Warnings on answers of the registry") struct WarningTests {
    @Test("a token that ends soon says so on what it gets, over Basic and bearer; others say nothing")
    func ending() async throws {
        try await PeopledNode.run { test in
            _ = try await test.push("bund/app", "1.0", layer: "a", as: test.node.client)
            for (life, isTold) in [(Duration.seconds(13 * 86_400), true), (.seconds(15 * 86_400), false)] {
                let name = isTold ? "svc-soon" : "svc-later"
                try await test.accounts.createService(name, organisation: nil, namespace: "bund", by: test.admin)
                try await test.accounts.setRole(.reader, of: name, in: "bund", by: test.admin)
                let secret = try await test.accounts.issueToken(
                    for: name,
                    label: "test",
                    scopes: [TokenScope(repositories: "bund/*", rights: [.pull])],
                    life: life,
                    by: test.admin
                ).secret
                let client = test.node.client.basic("\(name):\(secret)")
                let (_, token) = try await test.token(["repository:bund/app:pull"], as: client)
                for answer in [
                    try await client.request("GET", "/v2/bund/app/manifests/1.0"),
                    try await test.bearer("GET", "/v2/bund/app/manifests/1.0", token),
                ] {
                    #expect(answer.status == 200)
                    let warnings = answer.all("Warning")
                    #expect(warnings.count == (isTold ? 1 : 0), "\(life): \(warnings)")
                    for warning in warnings {
                        #expect(warning.hasPrefix("299 - \"the token of \(name) ends at 2"), "\(warning)")
                        #expect(warning.hasSuffix("\"") && warning.utf8.count < 4096)
                    }
                }
            }
            #expect(try await test.nobody.request("GET", "/v2/bund/app/manifests/1.0").all("Warning").isEmpty)
        }
    }

    @Test("who pulls from a frozen namespace is told what is held back")
    func frozen() async throws {
        try await PeopledNode.run { test in
            _ = try await test.push("bund/app", "1.0", layer: "a", as: test.node.client)
            let later = WallClock.system.now()
            _ = try await test.accounts.freeze("bund", since: later, by: test.admin)
            let answer = try await test.node.client.request("GET", "/v2/bund/app/manifests/1.0")
            #expect(answer.status == 200)
            #expect(
                answer.all("Warning")
                    == ["299 - \"namespace bund is frozen; what came at or after \(later.rfc3339) is not served\""]
            )
        }
    }
}
