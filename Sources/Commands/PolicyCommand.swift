// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import JSON
import NodeClient
import Policies
import SBOM

/// `kontor policy`: the rules of a namespace on its content; YAML in, YAML out.
struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: Language.process(Texts.policyAbstract),
        subcommands: [Show.self, Set.self, History.self, Retention.self]
    )

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: Language.process(Texts.policyShowAbstract))
        @Argument(help: help(Texts.namespaceOption, value: "NAMESPACE")) var namespace: String
        @OptionGroup var node: NodeOptions

        func run() async throws {
            try await node.with { client, output in
                guard let answer = try await client.call("GET", PolicyCommand.path(namespace)) else { return }
                if output.form == .json { return try output.object(answer) }
                // Comments, so that what is printed can be changed and set again.
                var text = "# \(namespace): revision \(answer["revision"]?.intValue ?? 0)\n"
                let usage = ["used", "reserved", "limit"].compactMap { name in
                    answer["usage"]?[name]?.intValue.map { "\(name) \($0)" }
                }
                if !usage.isEmpty { text += "# \(usage.joined(separator: ", "))\n" }
                guard let value = answer["policy"], !value.isNull else {
                    throw CommandFailure(Texts.policyUnreadable(answer["revision"]?.intValue ?? 0))
                }
                try output.terminal.result(printableLines(text) + printableLines(try PolicyCommand.policy(value).yaml))
            }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: Language.process(Texts.policySetAbstract),
            discussion: Language.process(Texts.policySetDiscussion)
        )
        @Argument(help: help(Texts.namespaceOption, value: "NAMESPACE")) var namespace: String
        @Argument(help: help(Texts.policyFile, value: "FILE.yaml")) var file: String
        @Option(help: help(Texts.policyReason, value: "TEXT")) var reason: String
        @Option(help: help(Texts.policyRevision, value: "NUMBER")) var revision: Int?
        @OptionGroup var node: NodeOptions

        func run() async throws {
            let bytes = try contents(file, limit: 1 << 20)
            let policy: ContentPolicy
            do throws(PolicyReadError) { policy = try ContentPolicy(yaml: bytes) } catch {
                throw CommandFailure("\(file): \(error)")
            }
            try await node.with { client, output in
                let path = PolicyCommand.path(namespace)
                let expected =
                    if let revision { Int64(revision) } else {
                        try await client.call("GET", path)?["revision"]?.intValue.map(Int64.init) ?? 0
                    }
                let body: JSONValue = [
                    "policy": policy.json, "expectedRevision": .integer(expected), "reason": .string(reason),
                ]
                try output.object(try await client.call("PUT", path, body))
            }
        }
    }

    struct History: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: Language.process(Texts.policyHistoryAbstract))
        @Argument(help: help(Texts.namespaceOption, value: "NAMESPACE")) var namespace: String
        @OptionGroup var node: NodeOptions

        func run() async throws {
            try await node.with { client, output in
                try await client.each(PolicyCommand.path(namespace) + "/history") {
                    try output.item($0, ["revision", "createdAt", "createdBy", "reason"])
                }
            }
        }
    }

    struct Retention: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: Language.process(Texts.policyRetentionAbstract),
            discussion: Language.process(Texts.policyRetentionDiscussion)
        )
        @Argument(help: help(Texts.namespaceOption, value: "NAMESPACE")) var namespace: String
        @Flag(help: help(Texts.policyApply)) var apply = false
        @OptionGroup var node: NodeOptions

        func run() async throws {
            try await node.with { client, output in
                let path = "/namespaces/\(NodeClient.segment(namespace))/retention"
                guard apply else {
                    return try await client.each(path) { try show($0, output) }
                }
                guard let answer = try await client.call("POST", path) else { return }
                if output.form == .json { return try output.object(answer) }
                for item in answer["removed"]?.arrayValue ?? [] { try show(item, output) }
                try output.object(
                    .object((answer.objectValue ?? [:]).filter { $0.key != "removed" })
                )
            }
        }

        /// One decision: a line with the reason in the language of the terminal.
        private func show(_ decision: JSONValue, _ output: ManagementOutput) throws {
            guard output.form == .text, var members = decision.objectValue else { return try output.item(decision, []) }
            let reason = decision["reason"]
            members["reason"] = .string(
                output.terminal.language(
                    LocalizedText(de: reason?["de"]?.stringValue ?? "", en: reason?["en"]?.stringValue ?? "")
                )
            )
            try output.item(.object(members), ["action", "repository", "tag", "digest", "rules", "reason"])
        }
    }

    private static func path(_ namespace: String) -> String { "/namespaces/\(NodeClient.segment(namespace))/policy" }

    /// The policy of an answer; of a later node it may be one that this program does not know.
    private static func policy(_ value: JSONValue) throws(CommandFailure) -> ContentPolicy {
        do throws(PolicyReadError) { return try ContentPolicy(json: value) } catch { throw CommandFailure("\(error)") }
    }
}
