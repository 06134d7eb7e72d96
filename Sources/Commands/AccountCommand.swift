// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import JSON
import NodeClient

/// `kontor account`: people and programs.
struct AccountCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account",
        abstract: Language.process(Texts.accountAbstract),
        subcommands: [List.self, Show.self, Create.self, Disable.self, Enable.self, RenewSecret.self, Password.self]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: Language.process(Texts.accountListAbstract))
        @OptionGroup var node: NodeOptions

        func run() async throws {
            try await node.with { client, output in
                try await client.each("/accounts") {
                    try output.item($0, ["name", "kind", "nodeRole", "organisation", "namespace", "disabledAt"])
                }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: Language.process(Texts.accountShowAbstract))
        @Argument(help: help(Texts.accountArgument, value: "NAME")) var name: String?
        @OptionGroup var node: NodeOptions

        func run() async throws {
            try await node.with { client, output in
                let path = name.map { "/accounts/" + NodeClient.segment($0) } ?? "/account"
                try output.object(try await client.call("GET", path))
            }
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: Language.process(Texts.accountCreateAbstract),
            discussion: Language.process(Texts.accountCreateDiscussion)
        )
        @Argument(help: help(Texts.accountArgument, value: "NAME")) var name: String
        @Option(help: help(Texts.organisationOption, value: "NAME")) var organisation: String?
        @Option(help: help(Texts.namespaceOption, value: "NAME")) var namespace: String?
        @Option(name: .customLong("node-role"), help: help(Texts.nodeRole, value: "auditor|operator"))
        var nodeRole: String?
        @OptionGroup var node: NodeOptions

        func run() async throws {
            var body: [String: JSONValue] = [
                "name": .string(name), "kind": .string(name.hasPrefix("svc-") ? "service" : "person"),
            ]
            if let organisation { body["organisation"] = .string(organisation) }
            if let namespace { body["namespace"] = .string(namespace) }
            if let nodeRole { body["nodeRole"] = .string(nodeRole) }
            try await node.with { client, output in
                try output.object(try await client.call("POST", "/accounts", .object(body)))
            }
        }
    }

    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: Language.process(Texts.accountDisableAbstract))
        @Argument(help: help(Texts.accountArgument, value: "NAME")) var name: String
        @OptionGroup var node: NodeOptions

        func run() async throws { try await setDisabled(true, name, node) }
    }

    struct Enable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: Language.process(Texts.accountEnableAbstract))
        @Argument(help: help(Texts.accountArgument, value: "NAME")) var name: String
        @OptionGroup var node: NodeOptions

        func run() async throws { try await setDisabled(false, name, node) }
    }

    struct RenewSecret: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "renew-secret",
            abstract: Language.process(Texts.accountRenewAbstract)
        )
        @Argument(help: help(Texts.accountArgument, value: "NAME")) var name: String
        @OptionGroup var node: NodeOptions

        func run() async throws {
            try await node.with { client, output in
                try output.object(try await client.call("POST", "/accounts/\(NodeClient.segment(name))/secret"))
            }
        }
    }

    struct Password: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: Language.process(Texts.accountPasswordAbstract))
        @Option(name: .customLong("new-password-file"), help: help(Texts.newPasswordFile, value: "FILE"))
        var newPasswordFile: String
        @OptionGroup var node: NodeOptions

        func run() async throws {
            let password = try NodeOptions.secret(newPasswordFile)
            try await node.with { client, output in
                try output.object(
                    try await client.call("PUT", "/account/password", ["password": .string(password)])
                )
            }
        }
    }

    private static func setDisabled(_ isDisabled: Bool, _ name: String, _ node: NodeOptions) async throws {
        try await node.with { client, output in
            let path = "/accounts/" + NodeClient.segment(name)
            try output.object(try await client.call("PATCH", path, ["disabled": .bool(isDisabled)]))
        }
    }
}

/// `kontor token`: what programs sign in with.
struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: Language.process(Texts.tokenAbstract),
        subcommands: [List.self, Issue.self, Revoke.self]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: Language.process(Texts.tokenListAbstract))
        @Argument(help: help(Texts.accountArgument, value: "ACCOUNT")) var account: String
        @OptionGroup var node: NodeOptions

        func run() async throws {
            try await node.with { client, output in
                try await client.each("/accounts/\(NodeClient.segment(account))/tokens") {
                    try output.item($0, ["id", "label", "scopes", "expiresAt", "lastUsedAt", "revokedAt"])
                }
            }
        }
    }

    struct Issue: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: Language.process(Texts.tokenIssueAbstract))
        @Argument(help: help(Texts.accountArgument, value: "ACCOUNT")) var account: String
        @Option(help: help(Texts.tokenLabel, value: "TEXT")) var label: String
        @Option(help: help(Texts.tokenScope, value: "REPOSITORIES:RIGHTS")) var scope: [String]
        @Option(help: help(Texts.tokenDays, value: "DAYS")) var days = 90
        @OptionGroup var node: NodeOptions

        func run() async throws {
            let scopes = try scope.map { text -> JSONValue in
                let parts = text.split(separator: ":", omittingEmptySubsequences: false)
                guard parts.count == 2 else { throw CommandFailure(Texts.badScope(text)) }
                return [
                    "repositories": .string(String(parts[0])),
                    "rights": .strings(parts[1].split(separator: ",").map(String.init)),
                ]
            }
            let body: JSONValue = ["label": .string(label), "scopes": .array(scopes), "days": .integer(Int64(days))]
            try await node.with { client, output in
                try output.object(
                    try await client.call("POST", "/accounts/\(NodeClient.segment(account))/tokens", body)
                )
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: Language.process(Texts.tokenRevokeAbstract))
        @Argument(help: help(Texts.tokenArgument, value: "ID")) var id: Int64
        @OptionGroup var node: NodeOptions

        func run() async throws {
            try await node.with { client, output in try output.object(try await client.call("DELETE", "/tokens/\(id)"))
            }
        }
    }
}
