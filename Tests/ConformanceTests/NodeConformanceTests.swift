// SPDX-License-Identifier: EUPL-1.2

import Conformance
import Node
import NodeTestKit
import Testing

@Suite("The node and the distribution specification")
struct NodeConformanceTests {
    @Test(
        "nothing fails and nothing is skipped",
        arguments: SpecificationVersion.allCases
    )
    func node(version: SpecificationVersion) async throws {
        // It attests what is pushed, so that lists of referrers have more in them than was pushed.
        try await TestNode.run { node in
            var settings = try settings(for: node.url, version)
            settings.credentials = .init(username: "admin", password: node.secret)
            let cases = CaseSelection(version: version).cases()
            let report = try await ConformanceRun(settings).run(cases)
            #expect(report.results.count == cases.count)
            for result in report.results {
                if let failure = result.failure {
                    Issue.record(
                        "\(result.subject.id): sent \(failure.request); asked for \(failure.expected); came \(failure.got)"
                    )
                }
                if let skip = result.skip { Issue.record("\(result.subject.id) was skipped: \(skip.reason)") }
            }
        }
    }

    @Test("a wrong password ends the run before the first case")
    func wrongPassword() async throws {
        try await TestNode.run { node in
            var settings = try settings(for: node.url, .v1_1)
            settings.credentials = .init(username: "admin", password: "wrong")
            let run = ConformanceRun(settings)
            let expected = ConformanceError.unauthorized(registry: node.url + "/token", hadCredentials: true)
            await #expect(throws: expected) {
                try await run.run(CaseCatalogue.all)
            }
        }
    }
}
