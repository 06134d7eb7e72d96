// SPDX-License-Identifier: EUPL-1.2

import Foundation
import TestKit
import Testing
import Yams

/// docs/ci.md is copied into other repositories: what is wrong there breaks builds that nobody here sees.
@Suite("Pipelines in the documentation")
struct PipelineDocumentTests {
    private static func snippets() throws -> [String] {
        let page = try String(contentsOfFile: checkoutRoot + "/docs/ci.md", encoding: .utf8)
        return page.components(separatedBy: "```yaml\n").dropFirst().compactMap {
            $0.components(separatedBy: "\n```").first
        }
    }

    /// Every scalar of a document.
    private static func scalars(_ node: Node) -> [String] {
        switch node {
        case .scalar(let scalar): [scalar.string]
        case .sequence(let sequence): sequence.flatMap(scalars)
        case .mapping(let mapping): mapping.flatMap { scalars($0.key) + scalars($0.value) }
        case .alias: []
        }
    }

    @Test("each workflow is YAML with the parts that its host demands")
    func parts() throws {
        let snippets = try Self.snippets()
        try #require(snippets.count == 3)
        let nodes = try snippets.map { try #require(try Yams.compose(yaml: $0)) }
        // Keywords of GitLab, which no job may be named.
        let reserved = ["image", "services", "cache", "include", "variables", "pages"]
        #expect(reserved.allSatisfy { nodes[0].mapping?[Node($0)] == nil })
        let script = try #require(nodes[0].mapping?["check-image"]?.mapping?["script"]?.sequence)
        // A line with ": " that nobody quoted would be a mapping, and GitLab refuses it.
        #expect(script.allSatisfy { $0.scalar != nil } && script.count > 5)
        #expect(
            nodes[0].mapping?["check-image"]?.mapping?["artifacts"]?.mapping?["reports"]?.mapping?["codequality"] != nil
        )
        for node in nodes.dropFirst() {
            #expect(node.mapping?["on"] != nil)
            let steps = try #require(node.mapping?["jobs"]?.mapping?["image"]?.mapping?["steps"]?.sequence)
            for step in steps {
                let mapping = try #require(step.mapping)
                #expect((mapping["run"] == nil) != (mapping["uses"] == nil))
            }
        }
    }

    @Test("every option of every kontor call in the workflows exists")
    func options() async throws {
        let lines = try Self.snippets().flatMap { snippet in
            Self.scalars(try #require(try Yams.compose(yaml: snippet))).flatMap { $0.components(separatedBy: "\n") }
        }
        let help = try await builtProduct("kontor").run(["check", "--help"], environment: ["KONTOR_LANG": "en"]).output
        let calls = lines.filter { $0.contains("kontor check ") || $0.contains("BASELINE=\"--") }
        #expect(calls.count > 9)
        for option in Set(calls.flatMap { $0.matches(of: /--[a-z-]+/).map { String($0.output) } }) {
            #expect(help.contains(option + " "), "\(option)")
        }
        for form in ["sarif", "markdown", "junit", "gitlab-codequality", "json"] {
            #expect(calls.contains { $0.contains("--format \(form) ") } && help.contains(form), "\(form)")
        }
    }
}
