// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import JSON
import NodeClient

extension VEXCommand {
    /// `kontor vex assess`: what a maintainer says about a finding.
    struct Assess: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: Language.process(Texts.vexAssessAbstract),
            discussion: Language.process(Texts.vexAssessDiscussion)
        )
        @Argument(help: help(Texts.vexImage, value: "IMAGE")) var image: String
        @Option(
            name: [.customLong("vuln"), .customLong("vulnerability")],
            help: help(Texts.vexVulnerability, value: "ID")
        )
        var vulnerability: String
        @Option(help: help(Texts.vexStatus, value: "STATUS")) var status: String
        @Option(help: help(Texts.vexJustification, value: "LABEL")) var justification: String?
        @Option(name: .customLong("impact-statement"), help: help(Texts.vexImpact, value: "TEXT")) var impact: String?
        @Option(name: .customLong("action-statement"), help: help(Texts.vexAction, value: "TEXT")) var action: String?
        @Option(help: help(Texts.vexComponent, value: "PURL")) var component: String?
        @Option(help: help(Texts.vexSource, value: "NAME")) var source: String?
        @Option(help: help(Texts.vexScope, value: "SCOPE")) var scope = "image"
        @Option(help: help(Texts.vexExpires, value: "DAY")) var expires: String?
        @OptionGroup var node: NodeOptions

        func run() async throws {
            var body: [String: JSONValue] = [
                "image": .string(image), "vulnerability": .string(vulnerability), "status": .string(status),
                "scope": .string(scope),
            ]
            for (name, value) in [
                ("justification", justification), ("impactStatement", impact), ("actionStatement", action),
                ("component", component), ("source", source), ("expires", expires),
            ] {
                body[name] = value.map { .string($0) }
            }
            let request = JSONValue.object(body)
            try await node.with { client, output in
                try output.object(try await client.call("POST", "/assessments", request))
            }
        }
    }

    /// `kontor vex statements`: what is said about the findings of an image.
    struct Statements: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: Language.process(Texts.vexStatementsAbstract))
        @Argument(help: help(Texts.vexImage, value: "IMAGE")) var image: String
        @OptionGroup var node: NodeOptions

        func run() async throws {
            try await node.with { client, output in
                try await client.each("/statements", query: "image=\(NodeClient.segment(image))&") {
                    try output.item(
                        $0,
                        ["id", "vulnerability", "status", "counts", "origin", "relation", "author", "justification"]
                    )
                }
            }
        }
    }

    /// `kontor vex adopt`: makes another's statement one's own.
    struct Adopt: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: Language.process(Texts.vexAdoptAbstract))
        @Argument(help: help(Texts.vexImage, value: "IMAGE")) var image: String
        @Argument(help: help(Texts.vexStatement, value: "ID")) var statement: String
        @Option(help: help(Texts.vexScope, value: "SCOPE")) var scope = "image"
        @OptionGroup var node: NodeOptions

        func run() async throws {
            let body: JSONValue = [
                "image": .string(image), "statement": .string(statement), "scope": .string(scope),
            ]
            try await node.with { client, output in
                try output.object(try await client.call("POST", "/adoptions", body))
            }
        }
    }

    /// `kontor vex export`: what holds for an image, as a document for others.
    struct Export: AsyncParsableCommand {
        /// A format that is written.
        enum Form: String, CaseIterable {
            case openvex, csaf, cyclonedx
        }

        static let configuration = CommandConfiguration(
            abstract: Language.process(Texts.vexExportAbstract),
            discussion: Language.process(Texts.vexForm)
        )
        @Argument(help: help(Texts.vexImage, value: "IMAGE")) var image: String
        @Option(name: [.short, .long], help: help(Texts.output, value: "FILE")) var output: String?
        @OptionGroup var node: NodeOptions

        func run() async throws {
            // The option of all verbs that ask a node; here it names the document's format.
            let form = try node.format == "text" ? Form.openvex : choice(Form.self, node.format, name: "--format")
            let path = "/images/\(NodeClient.segment(image))/vex?format=\(form.rawValue)"
            try await node.with(form: .json) { client, shown in
                let language = shown.terminal.language.rawValue
                guard let document = try await client.call("GET", "\(path)&lang=\(language)") else { return }
                guard document["state"] == nil || document["image"] == nil else {
                    throw CommandFailure(Texts.vexNotReady(image))
                }
                try shown.terminal.result(document.bytes(.pretty) + [0x0A], to: output)
            }
        }
    }
}
