// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import JSON
import NodeClient

/// `kontor takedown`: what is not given out for legal reasons.
struct TakedownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "takedown",
        abstract: Language.process(Texts.takedownAbstract),
        discussion: Language.process(Texts.takedownDiscussion),
        subcommands: [List.self, Propose.self, Confirm.self, Withdraw.self, Reverse.self, ConfirmReversal.self]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: Language.process(Texts.takedownListAbstract)
        )
        @OptionGroup var node: NodeOptions

        func run() async throws {
            try await node.with { client, output in
                try await client.each("/takedowns") {
                    try output.item(
                        $0,
                        [
                            "id", "state", "repository", "digest", "proposedBy", "confirmedBy", "legalReference",
                            "reason",
                        ]
                    )
                }
            }
        }
    }

    struct Propose: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "propose",
            abstract: Language.process(Texts.takedownProposeAbstract)
        )
        @Argument(help: help(Texts.approveImage, value: "REPOSITORY@DIGEST")) var image: String
        @Option(help: help(Texts.takedownReason, value: "TEXT")) var reason: String
        @Option(name: .customLong("legal-reference"), help: help(Texts.takedownReference, value: "TEXT"))
        var legalReference: String
        @OptionGroup var node: NodeOptions

        func run() async throws {
            let body: JSONValue = [
                "image": .string(image), "reason": .string(reason), "legalReference": .string(legalReference),
            ]
            try await node.with { client, output in
                try output.object(try await client.call("POST", "/takedowns", body))
            }
        }
    }

    struct Confirm: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "confirm",
            abstract: Language.process(Texts.takedownConfirmAbstract)
        )
        @Argument(help: help(Texts.takedownNumber, value: "NUMBER")) var takedown: Int
        @OptionGroup var node: NodeOptions

        func run() async throws {
            try await node.with { client, output in
                try output.object(try await client.call("POST", "/takedowns/\(takedown)/confirmation"))
            }
        }
    }

    struct Withdraw: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "withdraw",
            abstract: Language.process(Texts.takedownWithdrawAbstract)
        )
        @Argument(help: help(Texts.takedownNumber, value: "NUMBER")) var takedown: Int
        @OptionGroup var node: NodeOptions

        func run() async throws {
            try await node.with { client, _ in _ = try await client.call("DELETE", "/takedowns/\(takedown)") }
        }
    }

    struct Reverse: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "reverse",
            abstract: Language.process(Texts.takedownReverseAbstract)
        )
        @Argument(help: help(Texts.takedownNumber, value: "NUMBER")) var takedown: Int
        @Option(help: help(Texts.gateReason, value: "TEXT")) var reason: String
        @OptionGroup var node: NodeOptions

        func run() async throws {
            try await node.with { client, output in
                let body: JSONValue = ["reason": .string(reason)]
                try output.object(try await client.call("POST", "/takedowns/\(takedown)/reversal", body))
            }
        }
    }

    struct ConfirmReversal: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "confirm-reversal",
            abstract: Language.process(Texts.takedownConfirmReversalAbstract)
        )
        @Argument(help: help(Texts.takedownNumber, value: "NUMBER")) var takedown: Int
        @OptionGroup var node: NodeOptions

        func run() async throws {
            try await node.with { client, output in
                try output.object(try await client.call("POST", "/takedowns/\(takedown)/reversal/confirmation"))
            }
        }
    }
}
