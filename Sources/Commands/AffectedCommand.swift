// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import JSON
import NodeClient

/// `kontor affected`: which images and products a vulnerability, a package, an image, a base or a file is in.
struct AffectedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "affected",
        abstract: Language.process(Texts.affectedAbstract),
        discussion: Language.process(Texts.affectedDiscussion)
    )

    @Argument(help: help(Texts.affectedQuestion, value: "QUESTION")) var question: String
    @OptionGroup var node: NodeOptions

    func run() async throws {
        let asked = NodeClient.segment(question)
        try await node.with { client, output in
            var summary: JSONValue?
            var (images, products) = (0, 0)
            try await client.each(
                "/affected",
                query: "question=\(asked)&",
                page: { page in if summary == nil { summary = page["summary"] } },
                { item in
                    if item["kind"]?.stringValue == "product" { products += 1 } else { images += 1 }
                    guard output.form == .text else { return try output.item(item, []) }
                    for line in Self.lines(item) { try output.item(line, Self.columns) }
                }
            )
            guard output.form == .text else { return }
            if let unlisted = summary?["unlisted"]?.int64Value, unlisted > 0 {
                output.terminal.note(Texts.affectedUnlisted(unlisted))
            }
            output.terminal.note(
                images + products == 0
                    ? Texts.affectedNone
                    : Texts.affectedSummary(images, products, Self.names(summary, "organisations"))
            )
        }
    }

    private static let columns = [
        "organisation", "repository", "tags", "digest", "component", "vulnerability", "status", "fixedIn", "since",
        "pulledBy", "product",
    ]

    /// A line for each component of an image or a product, so that lines can be counted and cut.
    private static func lines(_ image: JSONValue) -> [JSONValue] {
        let pulledBy = (image["pulls"]?["by"]?.arrayValue ?? []).compactMap {
            $0["organisation"]?.stringValue ?? $0["account"]?.stringValue
        }
        let place: [String: JSONValue] = [
            "organisation": image["organisation"] ?? .null, "repository": image["repository"] ?? .null,
            "tags": image["tags"] ?? .null, "digest": image["digest"] ?? .null,
            "pulledBy": pulledBy.isEmpty ? .null : .strings(Array(Set(pulledBy)).sorted()),
            "since": image["since"] ?? .null, "product": product(image),
        ]
        let reasons = image["reasons"]?.arrayValue ?? []
        guard !reasons.isEmpty else { return [.object(place)] }
        return reasons.map { reason in
            var line = place
            let name = [reason["name"], reason["version"]].compactMap { $0?.stringValue }.joined(separator: " ")
            line["component"] = .string(name)
            line["vulnerability"] = reason["finding"]?["id"] ?? .null
            line["status"] = reason["finding"]?["status"] ?? position(reason["file"])
            line["fixedIn"] = reason["finding"]?["fixedIn"] ?? .null
            line["since"] = reason["since"] ?? .null
            return .object(line)
        }
    }

    private static func position(_ file: JSONValue?) -> JSONValue {
        guard let layer = file?["layer"]?.int64Value else { return .null }
        return .string(Language.process(Texts.affectedPosition(layer, isVisible: file?["visible"]?.boolValue)))
    }

    /// Name, version and supplier of a product; null for an image.
    private static func product(_ item: JSONValue) -> JSONValue {
        guard item["kind"]?.stringValue == "product" else { return .null }
        func word(_ key: String) -> String { item[key]?.stringValue ?? "-" }
        return .string("\(word("name")) \(word("version")) (\(word("supplier")))")
    }

    private static func names(_ summary: JSONValue?, _ key: String) -> String {
        let names = (summary?[key]?.arrayValue ?? []).compactMap(\.stringValue)
        return names.isEmpty ? "-" : names.joined(separator: ", ")
    }
}
