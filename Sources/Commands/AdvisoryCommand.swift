// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import JSON
import NodeClient

/// `kontor advisory`: what a node's operator knows before everybody else.
struct AdvisoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "advisory",
        abstract: Language.process(Texts.advisoryAbstract),
        subcommands: [Publish.self, List.self, Withdraw.self]
    )

    struct Publish: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: Language.process(Texts.advisoryPublishAbstract))
        @Argument(help: help(Texts.advisoryFile, value: "FILE")) var file: String
        @Option(help: help(Texts.advisoryTLP, value: "TLP")) var tlp: String?
        @Option(help: help(Texts.advisoryExpires, value: "DATE")) var expires: String?
        @Option(help: help(Texts.advisoryHashes, value: "FILE")) var hashes: String?
        @OptionGroup var node: NodeOptions

        func run() async throws {
            let bytes = try contents(file, limit: 4 << 20)
            var record: JSONValue
            do { record = try JSONValue(parsing: bytes, limits: JSONLimits(bytes: 4 << 20)) } catch {
                throw CommandFailure("\(file): \(error)")
            }
            if let hashes {
                record = try HashList(parsing: try contents(hashes, limit: 1 << 20), name: hashes).added(to: record)
            }
            let asked = record
            let query = [("tlp", tlp), ("expires", expires)]
                .compactMap { name, value in value.map { name + "=" + NodeClient.segment($0) } }.joined(separator: "&")
            try await node.with { client, output in
                try output.object(
                    try await client.call("POST", "/advisories" + (query.isEmpty ? "" : "?" + query), asked)
                )
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: Language.process(Texts.advisoryListAbstract))
        @OptionGroup var node: NodeOptions

        func run() async throws {
            try await node.with { client, output in
                try await client.each("/advisories") {
                    try output.item($0, ["id", "name", "tlp", "createdAt", "expiresAt", "endedAt"])
                }
            }
        }
    }

    struct Withdraw: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: Language.process(Texts.advisoryWithdrawAbstract))
        @Argument(help: help(Texts.advisoryNumber, value: "ID")) var id: Int
        @OptionGroup var node: NodeOptions

        func run() async throws {
            try await node.with { client, output in
                try output.object(try await client.call("DELETE", "/advisories/\(id)"))
            }
        }
    }
}
