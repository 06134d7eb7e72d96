// SPDX-License-Identifier: EUPL-1.2

import Accounts
import NodeTestKit
import TestKit
import Testing

/// The document and the interface, by requests that a program makes of the document: right ones, wrong ones and hostile ones.
@Suite("The OpenAPI document and the interface") struct OpenAPITests {
    private static let checks = [
        "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
        "response_schema_conformance",
    ]

    @Test(
        "schemathesis finds no server error and no answer that the document does not describe",
        arguments: [
            // Names that schemathesis makes up, and names of what is there.
            "",
            "[parameters]\nnamespace = \"bund\"\norganisation = \"bund\"\naccount = \"svc-ci\"\nimage = \"bund/app:1.0\"\n",
        ]
    )
    func conformance(settings: String) async throws {
        try await PeopledNode.run { test in
            let scratch = try TemporaryDirectory("schemathesis")
            defer { scratch.remove() }
            let token = try await test.program("svc-ci", "bund/*", [.pull, .push], role: .publisher, in: "bund")
            #expect(try await test.push("bund/app", "1.0", layer: "x", as: test.nobody.basic("svc-ci:\(token)")) == 201)
            let url = test.node.url + "/api/v1"
            let program = try await pythonEnvironment(["schemathesis"]).program("st")
            let result = try await program.run(
                [
                    "--config-file", try scratch.write(Array(settings.utf8), to: "schemathesis.toml"), "run",
                    url + "/openapi.json", "--url", url, "--auth", "admin:\(test.node.secret)", "--checks",
                    Self.checks.joined(separator: ","),
                    // Whoever changes the password of the account that asks is not known any more.
                    "--exclude-path", "/account/password", "--phases", "examples,coverage,fuzzing", "--max-examples",
                    "10",
                    // How fast requests are made up says something about the machine; and the program puts no slash into a path, which
                    // the address of a repository has.
                    "--suppress-health-check", "too_slow,filter_too_much",
                    "--seed", "1", "--workers", "1", "--no-color",
                ],
                directory: scratch.path
            )
            // What failed stands before pages of warnings.
            let start = [" ERRORS =", " FAILURES ="].compactMap { result.output.firstRange(of: $0)?.lowerBound }.min()
            let report = start.map { result.output[$0...].prefix(6000) } ?? result.output.suffix(6000)
            #expect(result.exitCode == 0, "\(report)\n\(result.errorOutput.suffix(2000))")
            #expect(result.output.contains("passed"))
        }
    }
}
