// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import JSON
import NodeClient

/// `kontor notice`: who is told about something, and who answered.
struct NoticeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notice",
        abstract: Language.process(Texts.noticeAbstract),
        subcommands: [Draft.self, Send.self, List.self, Show.self, Withdraw.self]
    )

    struct Draft: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: Language.process(Texts.noticeDraftAbstract))
        @Argument(help: help(Texts.affectedQuestion, value: "QUESTION")) var question: String
        @OptionGroup var node: NodeOptions

        func run() async throws {
            try await node.with { client, output in
                let draft = try await client.call("POST", "/notice-drafts", ["question": .string(question)])
                guard output.form == .text else { return try output.object(draft) }
                for recipient in draft?["recipients"]?.arrayValue ?? [] {
                    try output.item(recipient, ["organisation", "reasons", "channels", "title"])
                }
            }
        }
    }

    struct Send: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: Language.process(Texts.noticeSendAbstract))
        @Argument(help: help(Texts.affectedQuestion, value: "QUESTION")) var question: String
        @Option(name: .customLong("what-de"), help: help(Texts.noticeWhatDe, value: "TEXT")) var whatDe: String?
        @Option(name: .customLong("what-en"), help: help(Texts.noticeWhatEn, value: "TEXT")) var whatEn: String?
        @Option(name: .customLong("measure-de"), help: help(Texts.noticeMeasureDe, value: "TEXT"))
        var measureDe: String?
        @Option(name: .customLong("measure-en"), help: help(Texts.noticeMeasureEn, value: "TEXT"))
        var measureEn: String?
        @Option(help: help(Texts.noticeReplacement, value: "DIGEST")) var replacement: String?
        @Option(help: help(Texts.noticeCommand, value: "COMMAND")) var command: String?
        @Option(help: help(Texts.noticeExcept, value: "NAME")) var except: [String] = []
        @OptionGroup var node: NodeOptions

        func run() async throws {
            var body: [String: JSONValue] = ["question": .string(question)]
            body["what"] = try both(whatDe, whatEn)
            body["measure"] = try both(measureDe, measureEn)
            if !except.isEmpty { body["except"] = .strings(except) }
            var found: [String: JSONValue] = [:]
            if let replacement { found["digest"] = .string(replacement) }
            if let command { found["command"] = .string(command) }
            if !found.isEmpty { body["replacement"] = .object(found) }
            let request = JSONValue.object(body)
            try await node.with { client, output in
                try output.object(try await client.call("POST", "/notices", request))
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: Language.process(Texts.noticeListAbstract))
        @OptionGroup var node: NodeOptions

        func run() async throws {
            try await node.with { client, output in
                try await client.each("/notices") {
                    try output.item($0, ["id", "kind", "sentAt", "recipients", "answers", "question"])
                }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: Language.process(Texts.noticeShowAbstract))
        @Argument(help: help(Texts.noticeID, value: "ID")) var id: String
        @OptionGroup var node: NodeOptions

        func run() async throws {
            try await node.with { client, output in
                try await client.each("/notices/" + NodeClient.segment(id)) { recipient in
                    guard output.form == .text, case .object(var line) = recipient else {
                        return try output.item(recipient, [])
                    }
                    line["delivery"] = .strings(
                        (recipient["deliveries"]?.arrayValue ?? []).compactMap { $0["state"]?.stringValue }
                    )
                    try output.item(.object(line), ["organisation", "state", "delivery", "reasons"])
                }
            }
        }
    }

    struct Withdraw: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: Language.process(Texts.noticeWithdrawAbstract))
        @Argument(help: help(Texts.noticeID, value: "ID")) var id: String
        @Option(name: .customLong("reason-de"), help: help(Texts.noticeReasonDe, value: "TEXT")) var reasonDe: String
        @Option(name: .customLong("reason-en"), help: help(Texts.noticeReasonEn, value: "TEXT")) var reasonEn: String
        @OptionGroup var node: NodeOptions

        func run() async throws {
            let body: JSONValue = ["reason": ["de": .string(reasonDe), "en": .string(reasonEn)]]
            try await node.with { client, output in
                try output.object(
                    try await client.call("POST", "/notices/\(NodeClient.segment(id))/withdrawal", body)
                )
            }
        }
    }
}

/// A text in both languages; nil where neither is given.
private func both(_ german: String?, _ english: String?) throws(CommandFailure) -> JSONValue? {
    switch (german, english) {
    case (nil, nil): nil
    case (let german?, let english?): ["de": .string(german), "en": .string(english)]
    default: throw CommandFailure(Texts.noticeBoth)
    }
}
