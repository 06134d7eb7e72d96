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
        @Option(help: help(Texts.gateTryRules, value: "pull|push|trust")) var rules = Rules.pull
        @Option(help: help(Texts.gateTryDays, value: "DAYS")) var days = 30
        @OptionGroup var node: NodeOptions

        /// Which rules of the policy are tried.
        enum Rules: String, ExpressibleByArgument, CaseIterable, Sendable {
            case pull, push, trust

            var path: String {
                switch self {
                case .pull: "trial"
                case .push: "push-trial"
                case .trust: "trust-trial"
                }
            }

            var columns: [String] {
                switch self {
                case .pull: ["decision", "from", "repository", "digest", "reason"]
                case .push: ["decision", "from", "repository", "digest", "tags", "pushedAt", "pushedBy", "reason"]
                case .trust: ["before", "after", "changesAt", "becomes", "repository", "digest", "signers"]
                }
            }
        }

        func run() async throws {
            let policy = try file.map { file throws(CommandFailure) in
                let bytes = try contents(file, limit: 1 << 20)
                do { return try ContentPolicy(yaml: bytes).json } catch { throw CommandFailure("\(file): \(error)") }
            }
            try await node.with { client, output in
                var after: String?
                var count = 0
                var totals = Totals()
                repeat {
                    var body: [String: JSONValue] = ["policy": policy ?? .null, "after": .optional(after)]
                    if rules == .push { body["days"] = .integer(Int64(days)) }
                    let path = "/namespaces/\(NodeClient.segment(namespace))/policy/\(rules.path)"
                    let answer = try await client.call("POST", path, .object(body))
                    for item in answer?["items"]?.arrayValue ?? [] {
                        count += 1
                        try show(item, output)
                    }
                    if let answer { totals.add(answer) }
                    after = answer?["next"]?.stringValue
                } while after != nil
                switch rules {
                case .pull: if output.form == .text, count == 0 { output.terminal.note(Texts.gateTryNothing) }
                case .push:
                    output.terminal.note(Texts.gateTryPushes(totals["present"], totals["pushed"], days: days))
                    if totals.isCut { output.terminal.note(Texts.gateTryCut) }
                case .trust: output.terminal.note(Texts.gateTryTrust(totals[""]))
                }
            }
        }

        private func show(_ item: JSONValue, _ output: ManagementOutput) throws {
            guard output.form == .text, var members = item.objectValue else { return try output.item(item, []) }
            guard rules != .trust else { return try output.item(item, rules.columns) }
            let reason = item["reason"]
            members["reason"] = .string(
                output.terminal.language(
                    LocalizedText(de: reason?["de"]?.stringValue ?? "", en: reason?["en"]?.stringValue ?? "")
                )
            )
            try output.item(.object(members), rules.columns)
        }

        /// Counts of several answers together, by their place in them.
        private struct Totals {
            private var counts: [String: [String: Int64]] = [:]
            private(set) var isCut = false

            mutating func add(_ answer: JSONValue) {
                if answer["isCut"]?.boolValue == true { isCut = true }
                for (place, value) in [("present", answer["present"]), ("pushed", answer["pushed"]), ("", answer)] {
                    for (name, number) in value?.objectValue ?? [:] {
                        guard case .integer(let number) = number else { continue }
                        let (sum, isOver) = (counts[place]?[name] ?? 0).addingReportingOverflow(number)
                        counts[place, default: [:]][name] = isOver ? .max : sum
                    }
                }
            }

            subscript(place: String) -> [String: Int64] { counts[place] ?? [:] }
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
