// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import JSON
import NodeClient

/// `kontor vex`: what is said about vulnerabilities, on a node.
struct VEXCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vex",
        abstract: Language.process(Texts.vexAbstract),
        subcommands: [
            Import.self, List.self, Revoke.self, Assess.self, Statements.self, Adopt.self, Export.self,
        ]
    )

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: Language.process(Texts.vexImportAbstract))
        @Argument(help: help(Texts.vexFile, value: "FILE")) var files: [String]
        @Option(help: help(Texts.vexNamespace, value: "NAME")) var namespace: String?
        @OptionGroup var node: NodeOptions

        func run() async throws {
            let query = namespace.map { "?namespace=" + NodeClient.segment($0) } ?? ""
            try await node.with { client, output in
                for file in files {
                    let bytes = try contents(file, limit: 8 << 20)
                    let document: JSONValue
                    do { document = try JSONValue(parsing: bytes, limits: JSONLimits(bytes: 8 << 20)) } catch {
                        throw CommandFailure("\(file): \(error)")
                    }
                    guard let answer = try await client.call("POST", "/vex-documents" + query, document) else {
                        continue
                    }
                    guard output.form == .text else {
                        try output.object(answer)
                        continue
                    }
                    try output.item(
                        .object([
                            "file": .string(file), "id": answer["id"] ?? .null,
                            "statements": answer["statements"] ?? .null, "refused": answer["refusedCount"] ?? .null,
                        ]),
                        ["file", "id", "statements", "refused"]
                    )
                    for refusal in answer["refused"]?.arrayValue ?? [] {
                        let words = refusal["reason"]
                        output.terminal.note(
                            Texts.vexRefused(
                                refusal["place"]?.stringValue ?? "",
                                de: words?["de"]?.stringValue ?? "",
                                en: words?["en"]?.stringValue ?? ""
                            )
                        )
                    }
                }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: Language.process(Texts.vexListAbstract))
        @OptionGroup var node: NodeOptions

        func run() async throws {
            try await node.with { client, output in
                try await client.each("/vex-documents") {
                    try output.item($0, ["id", "namespace", "statements", "author", "name", "importedBy", "endedAt"])
                }
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: Language.process(Texts.vexRevokeAbstract))
        @Argument(help: help(Texts.vexNumber, value: "ID")) var id: Int
        @OptionGroup var node: NodeOptions

        func run() async throws {
            try await node.with { client, output in
                try output.object(try await client.call("DELETE", "/vex-documents/\(id)"))
            }
        }
    }
}
