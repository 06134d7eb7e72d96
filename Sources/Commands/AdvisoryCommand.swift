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
            if let hashes { record = try Self.adding(try contents(hashes, limit: 1 << 20), from: hashes, to: record) }
            let asked = record
            let query = [("tlp", tlp), ("expires", expires)]
                .compactMap { name, value in value.map { name + "=" + NodeClient.segment($0) } }.joined(separator: "&")
            try await node.with { client, output in
                try output.object(
                    try await client.call("POST", "/advisories" + (query.isEmpty ? "" : "?" + query), asked)
                )
            }
        }

        /// The record with one more entry that lists hashes, as the node reads them.
        static func adding(_ list: [UInt8], from name: String, to record: JSONValue) throws -> JSONValue {
            var hashes: [JSONValue] = []
            for (number, line) in list.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
                let text = String(decoding: line, as: UTF8.self)
                // sha256sum marks a name with a backslash or a newline in it by a backslash before the hash.
                let word = text.drop { $0 == "\\" || $0.isWhitespace }.prefix { !$0.isWhitespace }
                guard !word.isEmpty, word.first != "#" else { continue }
                let digits = word.hasPrefix("sha256:") ? word.dropFirst("sha256:".count) : word
                guard digits.utf8.count == 64, digits.allSatisfy({ $0.isHexDigit && $0.isASCII }) else {
                    throw CommandFailure("\(name): " + Language.process(Texts.advisoryHash(number + 1)))
                }
                hashes.append(.string(digits.lowercased()))
            }
            guard !hashes.isEmpty, case .object(var members) = record else { return record }
            members["affected"] = .array(
                (members["affected"]?.arrayValue ?? []) + [["database_specific": ["sha256": .array(hashes)]]]
            )
            return .object(members)
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
