// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import JSON
import NodeClient
import Policies
import SBOM

/// `kontor gate`: what may be pulled from a namespace, and exceptions from it.
struct GateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gate",
        abstract: Language.process(Texts.gateAbstract),
        discussion: Language.process(Texts.gateDiscussion),
        subcommands: [Try.self, Exceptions.self, Except.self, Approve.self, End.self]
    )

    struct Try: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "try",
            abstract: Language.process(Texts.gateTryAbstract)
        )
        @Argument(help: help(Texts.namespaceOption, value: "NAMESPACE")) var namespace: String
        @Argument(help: help(Texts.gateTryFile, value: "FILE.yaml")) var file: String?
        @OptionGroup var node: NodeOptions

        func run() async throws {
            let policy = try file.map { file throws(CommandFailure) in
                let bytes = try contents(file, limit: 1 << 20)
                do { return try ContentPolicy(yaml: bytes).json } catch { throw CommandFailure("\(file): \(error)") }
            }
            try await node.with { client, output in
                var after: String?
                var count = 0
                repeat {
                    let body: JSONValue = ["policy": policy ?? .null, "after": .optional(after)]
                    let path = "/namespaces/\(NodeClient.segment(namespace))/policy/trial"
                    let answer = try await client.call("POST", path, body)
                    for item in answer?["items"]?.arrayValue ?? [] {
                        count += 1
                        try show(item, output)
                    }
                    after = answer?["next"]?.stringValue
                } while after != nil
                if output.form == .text, count == 0 { output.terminal.note(Texts.gateTryNothing) }
            }
        }

        private func show(_ item: JSONValue, _ output: ManagementOutput) throws {
            guard output.form == .text, var members = item.objectValue else { return try output.item(item, []) }
            let reason = item["reason"]
            members["reason"] = .string(
                output.terminal.language(
                    LocalizedText(de: reason?["de"]?.stringValue ?? "", en: reason?["en"]?.stringValue ?? "")
                )
            )
            try output.item(.object(members), ["decision", "from", "repository", "digest", "reason"])
        }
    }

    struct Exceptions: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "exceptions",
            abstract: Language.process(Texts.gateExceptionsAbstract)
        )
        @Argument(help: help(Texts.namespaceOption, value: "NAMESPACE")) var namespace: String
        @OptionGroup var node: NodeOptions

        func run() async throws {
            try await node.with { client, output in
                try await client.each(GateCommand.path(namespace)) {
                    try output.item(
                        $0,
                        ["id", "state", "digest", "expiresAt", "requestedBy", "approvedBy", "reason"]
                    )
                }
            }
        }
    }

    struct Except: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "except",
            abstract: Language.process(Texts.gateExceptAbstract)
        )
        @Argument(help: help(Texts.namespaceOption, value: "NAMESPACE")) var namespace: String
        @Option(help: help(Texts.gateDigest, value: "DIGEST")) var digest: String?
        @Option(help: help(Texts.gateReason, value: "TEXT")) var reason: String
        @Option(help: help(Texts.gateUntil, value: "TIME")) var until: String
        @OptionGroup var node: NodeOptions

        func run() async throws {
            try await node.with { client, output in
                let body: JSONValue = [
                    "digest": .optional(digest), "reason": .string(reason), "until": .string(until),
                ]
                try output.object(try await client.call("POST", GateCommand.path(namespace), body))
            }
        }
    }

    struct Approve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "approve",
            abstract: Language.process(Texts.gateApproveAbstract)
        )
        @Argument(help: help(Texts.namespaceOption, value: "NAMESPACE")) var namespace: String
        @Argument(help: help(Texts.gateNumber, value: "NUMBER")) var exception: Int
        @OptionGroup var node: NodeOptions

        func run() async throws {
            try await node.with { client, output in
                try output.object(
                    try await client.call("POST", GateCommand.path(namespace) + "/\(exception)/approval")
                )
            }
        }
    }

    struct End: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "end",
            abstract: Language.process(Texts.gateEndAbstract)
        )
        @Argument(help: help(Texts.namespaceOption, value: "NAMESPACE")) var namespace: String
        @Argument(help: help(Texts.gateNumber, value: "NUMBER")) var exception: Int
        @OptionGroup var node: NodeOptions

        func run() async throws {
            try await node.with { client, _ in
                _ = try await client.call("DELETE", GateCommand.path(namespace) + "/\(exception)")
            }
        }
    }

    fileprivate static func path(_ namespace: String) -> String {
        "/namespaces/\(NodeClient.segment(namespace))/gate-exceptions"
    }
}
