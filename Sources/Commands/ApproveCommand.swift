// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import JSON
import NodeClient
import Time

/// `kontor approve`: an authority's own release of an image for use.
struct ApproveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: Language.process(Texts.approveAbstract),
        discussion: Language.process(Texts.approveDiscussion)
    )

    @Argument(help: help(Texts.approveImage, value: "REPOSITORY@DIGEST")) var image: String
    @Option(help: help(Texts.approvePurpose, value: "TEXT")) var purpose: String
    @Option(help: help(Texts.approveUntil, value: "DATE")) var until: String
    @Option(help: help(Texts.approveOrganisation, value: "NAME")) var organisation: String?
    @OptionGroup var node: NodeOptions

    func run() async throws {
        // A day holds until it is over.
        let end = Timestamp(date: until).map { ($0 + .seconds(86_400)).rfc3339 } ?? until
        let body: JSONValue = [
            "image": .string(image), "purpose": .string(purpose), "until": .string(end),
            "organisation": .optional(organisation),
        ]
        try await node.with { client, output in
            try ApprovalCommand.show(try await client.call("POST", "/approvals", body), output)
        }
    }
}

/// `kontor approval`: approvals that were given.
struct ApprovalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approval",
        abstract: Language.process(Texts.approvalAbstract),
        subcommands: [List.self, Show.self, Revoke.self]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: Language.process(Texts.approvalListAbstract)
        )
        @Argument(help: help(Texts.approveImage, value: "REPOSITORY@DIGEST")) var image: String?
        @Option(help: help(Texts.approveOrganisation, value: "NAME")) var organisation: String?
        @OptionGroup var node: NodeOptions

        func run() async throws {
            let query: String
            switch (image, organisation) {
            case (let image?, nil): query = "image=" + NodeClient.segment(image)
            case (nil, let name?): query = "organisation=" + NodeClient.segment(name)
            default: throw CommandFailure(Texts.approvalImageOrOrganisation)
            }
            try await node.with { client, output in
                try await client.each("/approvals", query: query + "&") {
                    try output.item(
                        $0,
                        ["id", "state", "organisation", "validUntil", "repository", "digest", "purpose"]
                    )
                }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: Language.process(Texts.approvalShowAbstract)
        )
        @Argument(help: help(Texts.approvalNumber, value: "NUMBER")) var approval: Int
        @OptionGroup var node: NodeOptions

        func run() async throws {
            try await node.with { client, output in
                try ApprovalCommand.show(try await client.call("GET", "/approvals/\(approval)"), output)
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "revoke",
            abstract: Language.process(Texts.approvalRevokeAbstract)
        )
        @Argument(help: help(Texts.approvalNumber, value: "NUMBER")) var approval: Int
        @Option(help: help(Texts.gateReason, value: "TEXT")) var reason: String
        @OptionGroup var node: NodeOptions

        func run() async throws {
            try await node.with { client, output in
                let body: JSONValue = ["reason": .string(reason)]
                try ApprovalCommand.show(
                    try await client.call("POST", "/approvals/\(approval)/revocation", body),
                    output
                )
            }
        }
    }

    /// All of it but the envelope, which is for programs: `--format json` has it.
    fileprivate static func show(_ answer: JSONValue?, _ output: ManagementOutput) throws {
        guard output.form == .text, var members = answer?.objectValue else { return try output.object(answer) }
        members["envelope"] = nil
        try output.object(.object(members))
    }
}
