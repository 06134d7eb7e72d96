// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import JSON
import NodeClient
import SBOM

/// `kontor product`: what organisations operate without an image, by the SBOMs of its suppliers.
struct ProductCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "product",
        abstract: Language.process(Texts.productAbstract),
        subcommands: [Upload.self, List.self, Show.self, Remove.self]
    )

    struct Upload: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: Language.process(Texts.productUploadAbstract),
            discussion: Language.process(Texts.productUploadDiscussion)
        )
        // All are needed, and none is so to the parser: where one is missing, it would take `--version` for a question about this program,
        // and end well.
        @Argument(help: help(Texts.productFile, value: "FILE")) var file: String?
        @Option(help: help(Texts.productName, value: "NAME")) var name: String?
        @Option(help: help(Texts.productVersion, value: "VERSION")) var version: String?
        @Option(help: help(Texts.productSupplier, value: "NAME")) var supplier: String?
        @Option(help: help(Texts.productOrganisation, value: "NAME")) var organisation: [String] = []
        @OptionGroup var node: NodeOptions

        func run() async throws {
            guard let file, let name, let version, let supplier, !organisation.isEmpty else {
                throw CommandFailure(Texts.productIncomplete)
            }
            let bytes: [UInt8]
            do { bytes = try contents(file, limit: 16 << 20) } catch {
                throw CommandFailure(Texts.cannotRead(file, error.text))
            }
            let named = [("name", name), ("version", version), ("supplier", supplier)]
                .map { $0.0 + "=" + NodeClient.segment($0.1) }.joined(separator: "&")
            try await node.with { client, output in
                // A row for each organisation: each answers for what it operates, and changes nobody else's.
                for owner in organisation {
                    let path = "/products?\(named)&organisation=\(NodeClient.segment(owner))"
                    guard let answer = try await client.send("POST", path, bytes) else { continue }
                    guard output.form == .text, case .object(var line) = answer else {
                        try output.object(answer)
                        continue
                    }
                    line["organisation"] = .string(owner)
                    try output.item(
                        .object(line),
                        ["id", "organisation", "revision", "components", "unnamed", "conclusion"]
                    )
                }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: Language.process(Texts.productListAbstract))
        @OptionGroup var node: NodeOptions

        func run() async throws {
            try await node.with { client, output in
                try await client.each("/products") {
                    try output.item(
                        $0,
                        ["id", "organisation", "supplier", "name", "version", "since", "removedAt"]
                    )
                }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: Language.process(Texts.productShowAbstract))
        @Argument(help: help(Texts.productNumber, value: "ID")) var id: Int
        @OptionGroup var node: NodeOptions

        func run() async throws {
            try await node.with { client, output in
                var isFirst = true
                try await client.each(
                    "/products/\(id)",
                    page: { page in
                        guard isFirst else { return }
                        isFirst = false
                        try show(page, output)
                    },
                    { finding in
                        // As JSON the first page is one object, and each finding another one.
                        try output.item(Self.line(finding), ["vulnerability", "component", "status", "fixedIn"])
                    }
                )
            }
        }

        private func show(_ page: JSONValue, _ output: ManagementOutput) throws {
            guard output.form == .text, case .object(var product) = page["product"] ?? .null else {
                var members = page.objectValue ?? [:]
                members["items"] = nil
                members["next"] = nil
                return try output.object(.object(members))
            }
            product["conclusion"] = page["judgement"]?["conclusion"] ?? .null
            for key in ["digest", "format", "formatVersion", "components", "unnamed", "uploadedAt", "uploadedBy"] {
                product[key] = product["bill"]?[key] ?? .null
            }
            product["bill"] = nil
            try output.object(.object(product))
            for entry in page["notAssessed"]?.arrayValue ?? [] {
                output.terminal.note(
                    Texts.productNotAssessed(
                        entry["components"]?.intValue ?? 0,
                        entry["ecosystem"]?.stringValue ?? "",
                        de: entry["reason"]?["de"]?.stringValue ?? "",
                        en: entry["reason"]?["en"]?.stringValue ?? ""
                    )
                )
            }
        }

        private static func line(_ finding: JSONValue) -> JSONValue {
            guard case .object(var members) = finding else { return finding }
            members["vulnerability"] = finding["id"] ?? .null
            let component = finding["component"]
            members["component"] = .string(
                [component?["name"], component?["version"]].compactMap { $0?.stringValue }.joined(separator: " ")
            )
            return .object(members)
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: Language.process(Texts.productRemoveAbstract))
        @Argument(help: help(Texts.productNumber, value: "ID")) var id: Int
        @OptionGroup var node: NodeOptions

        func run() async throws {
            try await node.with { client, output in
                try output.object(try await client.call("DELETE", "/products/\(id)"))
            }
        }
    }
}
