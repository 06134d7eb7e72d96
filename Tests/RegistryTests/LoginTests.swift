// SPDX-License-Identifier: EUPL-1.2

import Accounts
import NodeTestKit
import TestKit
import Testing

/// The clients that people use, signed in as programs do: with tokens, over `/token`.
@Suite("Real clients sign in") struct LoginTests {
    @Test("skopeo and podman log in with a token, push what it is good for, and say why not the rest")
    func token() async throws {
        try await PeopledNode.run { test in
            let scratch = try TemporaryDirectory("login")
            defer { scratch.remove() }
            let secret = try await test.program("svc-ci", "bund/*", [.pull, .push], role: .publisher, in: "bund")
            for (name, seed) in [("first", 1), ("second", 2)] {
                var image = ImageBuilder()
                image.layer(.none) { $0.file("data", pattern(100_000, seed: UInt64(seed))) }
                try image.built().writeOCILayout(to: scratch.file(name), tag: "1.0")
            }
            let (skopeo, podman) = (try tool("skopeo"), try tool("podman"))
            let host = test.node.authority
            let file = ["--authfile", scratch.file("auth.json")]
            for client in [skopeo, podman] {
                try await client.check(
                    ["login", "--tls-verify=false"] + file + ["--username", "svc-ci", "--password", secret, host]
                )
                let wrong = try await client.run([
                    "login", "--tls-verify=false", "--authfile", scratch.file("other.json"), "--username", "svc-ci",
                    "--password", "kontor_" + String(repeating: "a", count: 52), host,
                ])
                #expect(wrong.exitCode != 0)
            }
            func copy(_ layout: String, _ repository: String) async throws -> (Int32, String) {
                let result = try await skopeo.run(
                    ["copy", "--dest-tls-verify=false"] + file
                        + ["oci:\(scratch.file(layout)):1.0", "docker://\(host)/\(repository)"]
                )
                return (result.exitCode, result.output + result.errorOutput)
            }
            #expect(try await copy("first", "bund/app:1.0").0 == 0)
            #expect(try await copy("first", "bund/app:1.0").0 == 0, "the same again")
            let moved = try await copy("second", "bund/app:1.0")
            #expect(moved.0 != 0 && moved.1.contains("may not move tags"), "\(moved.1)")
            let foreign = try await copy("first", "land/app:1.0")
            #expect(foreign.0 != 0)
            // Public: nobody has to sign in, over an anonymous token.
            try await skopeo.check([
                "copy", "--src-tls-verify=false", "--src-no-creds", "docker://\(host)/bund/app:1.0",
                "dir:\(scratch.file("back"))",
            ])
        }
    }
}
