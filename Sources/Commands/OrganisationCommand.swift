// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import JSON
import NodeClient

/// `kontor organisation`: authorities, providers and suppliers.
struct OrganisationCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "organisation",
        abstract: Language.process(Texts.organisationAbstract),
        subcommands: [List.self, Show.self, Put.self, OperatesFor.self]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: Language.process(Texts.organisationListAbstract))
        @OptionGroup var node: NodeOptions

        func run() async throws {
            try await node.with { client, output in
                try await client.each("/organisations") {
                    try output.item($0, ["name", "kind", "officialKey", "title"])
                }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: Language.process(Texts.organisationShowAbstract))
        @Argument(help: help(Texts.organisationOption, value: "NAME")) var name: String
        @OptionGroup var node: NodeOptions

        func run() async throws {
            try await node.with { client, output in
                try output.object(try await client.call("GET", "/organisations/" + NodeClient.segment(name)))
            }
        }
    }

    struct Put: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: Language.process(Texts.organisationPutAbstract))
        @Argument(help: help(Texts.organisationOption, value: "NAME")) var name: String
        @Option(help: help(Texts.organisationTitle, value: "TEXT")) var title: String
        @Option(help: help(Texts.organisationKind, value: "KIND")) var kind: String
        @Option(name: .customLong("official-key"), help: help(Texts.officialKey, value: "AGS|ARS"))
        var officialKey: String?
        @Option(name: .customLong("security-contact"), help: help(Texts.securityContact, value: "ADDRESS"))
        var securityContact: String?
        @Option(name: .customLong("deputy-contact"), help: help(Texts.deputyContact, value: "ADDRESS"))
        var deputyContact: String?
        @OptionGroup var node: NodeOptions

        func run() async throws {
            var body: [String: JSONValue] = ["title": .string(title), "kind": .string(kind)]
            if let officialKey { body["officialKey"] = .string(officialKey) }
            if let securityContact { body["securityContact"] = .string(securityContact) }
            if let deputyContact { body["deputyContact"] = .string(deputyContact) }
            try await node.with { client, output in
                try output.object(
                    try await client.call("PUT", "/organisations/" + NodeClient.segment(name), .object(body))
                )
            }
        }
    }

    struct OperatesFor: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "operates-for",
            abstract: Language.process(Texts.operatesForAbstract)
        )
        @Argument(help: help(Texts.organisationOption, value: "PROVIDER")) var provider: String
        @Argument(help: help(Texts.organisationOption, value: "CUSTOMER")) var customer: String
        @Flag(help: help(Texts.operatesForEnd)) var end = false
        @OptionGroup var node: NodeOptions

        func run() async throws {
            let path = "/organisations/\(NodeClient.segment(provider))/customers/\(NodeClient.segment(customer))"
            try await node.with { client, output in
                try output.object(try await client.call(end ? "DELETE" : "PUT", path))
            }
        }
    }
}

/// `kontor namespace`: who may do what where.
struct NamespaceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "namespace",
        abstract: Language.process(Texts.namespaceAbstract),
        subcommands: [
            List.self, Create.self, Visibility.self, Members.self, Member.self, Freeze.self, Unfreeze.self,
            Quarantine.self,
        ]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: Language.process(Texts.namespaceListAbstract))
        @OptionGroup var node: NodeOptions

        func run() async throws {
            try await node.with { client, output in
                try await client.each("/namespaces") {
                    try output.item($0, ["name", "organisation", "public", "frozen"])
                }
            }
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: Language.process(Texts.namespaceCreateAbstract))
        @Argument(help: help(Texts.namespaceOption, value: "NAME")) var name: String
        @Option(help: help(Texts.organisationOption, value: "NAME")) var organisation: String
        @Flag(help: help(Texts.namespacePublic)) var `public` = false
        @OptionGroup var node: NodeOptions

        func run() async throws {
            let body: JSONValue = ["organisation": .string(organisation), "public": .bool(`public`)]
            try await node.with { client, output in
                try output.object(try await client.call("PUT", "/namespaces/" + NodeClient.segment(name), body))
            }
        }
    }

    struct Visibility: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: Language.process(Texts.namespaceVisibilityAbstract))
        @Argument(help: help(Texts.namespaceOption, value: "NAME")) var name: String
        @Argument(help: help(Texts.visibility, value: "public|internal")) var visibility: String
        @OptionGroup var node: NodeOptions

        func run() async throws {
            guard ["public", "internal"].contains(visibility) else {
                throw CommandFailure(Texts.unknownValue("VISIBILITY", visibility, "public, internal"))
            }
            try await node.with { client, output in
                let body: JSONValue = ["public": .bool(visibility == "public")]
                try output.object(try await client.call("PATCH", "/namespaces/" + NodeClient.segment(name), body))
            }
        }
    }

    struct Members: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: Language.process(Texts.namespaceMembersAbstract))
        @Argument(help: help(Texts.namespaceOption, value: "NAME")) var name: String
        @OptionGroup var node: NodeOptions

        func run() async throws {
            try await node.with { client, output in
                try await client.each("/namespaces/\(NodeClient.segment(name))/members") {
                    try output.item($0, ["account", "role"])
                }
            }
        }
    }

    struct Member: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: Language.process(Texts.namespaceMemberAbstract))
        @Argument(help: help(Texts.namespaceOption, value: "NAME")) var name: String
        @Argument(help: help(Texts.accountArgument, value: "ACCOUNT")) var account: String
        @Argument(help: help(Texts.role, value: "reader|publisher|maintainer|none")) var role: String
        @OptionGroup var node: NodeOptions

        func run() async throws {
            let path = "/namespaces/\(NodeClient.segment(name))/members/\(NodeClient.segment(account))"
            try await node.with { client, output in
                try output.object(
                    role == "none"
                        ? try await client.call("DELETE", path)
                        : try await client.call("PUT", path, ["role": .string(role)])
                )
            }
        }
    }

    struct Freeze: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: Language.process(Texts.freezeAbstract),
            discussion: Language.process(Texts.freezeDiscussion)
        )
        @Argument(help: help(Texts.namespaceOption, value: "NAME")) var name: String
        @Option(help: help(Texts.freezeSince, value: "TIME")) var since: String
        @OptionGroup var node: NodeOptions

        func run() async throws {
            try await node.with { client, output in
                let path = "/namespaces/\(NodeClient.segment(name))/freeze"
                try output.object(try await client.call("PUT", path, ["since": .string(since)]))
            }
        }
    }

    struct Unfreeze: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: Language.process(Texts.unfreezeAbstract))
        @Argument(help: help(Texts.namespaceOption, value: "NAME")) var name: String
        @OptionGroup var node: NodeOptions

        func run() async throws {
            try await node.with { client, output in
                try output.object(try await client.call("DELETE", "/namespaces/\(NodeClient.segment(name))/freeze"))
            }
        }
    }
}

extension NamespaceCommand {
    struct Quarantine: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: Language.process(Texts.quarantineAbstract))
        @Argument(help: help(Texts.namespaceOption, value: "NAME")) var name: String
        @OptionGroup var node: NodeOptions

        func run() async throws {
            try await node.with { client, output in
                try await client.each("/namespaces/\(NodeClient.segment(name))/quarantine") {
                    try output.item(
                        $0,
                        ["repository", "digest", "pushedAt", "pushedBy", "pulledBy", "pulledWithoutOrganisation"]
                    )
                }
            }
        }
    }
}

/// `kontor audit`: who did what.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: Language.process(Texts.auditAbstract),
        subcommands: [Export.self]
    )

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: Language.process(Texts.auditExportAbstract),
            discussion: Language.process(Texts.auditExportDiscussion)
        )
        @OptionGroup var node: NodeOptions

        func run() async throws {
            try await node.with { client, output in
                // One line of JSON for each event, whatever the form.
                let lines = ManagementOutput(terminal: output.terminal, form: .json)
                try await client.each("/audit-events") { try lines.item($0, []) }
            }
        }
    }
}
