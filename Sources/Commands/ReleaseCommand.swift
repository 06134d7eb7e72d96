// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import JSON
import NodeClient
import OCI

/// `kontor release`: says which image a tag stands for, and waits until all of it is signed.
struct ReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: Language.process(Texts.releaseAbstract),
        discussion: Language.process(Texts.releaseDiscussion)
    )
    /// Questions before the command gives up; the node goes on by itself.
    private static let questions = 600

    @Argument(help: help(Texts.releaseImage, value: "REPOSITORY@DIGEST")) var image: String
    @Argument(help: help(Texts.releaseTag, value: "TAG")) var tag: String
    @OptionGroup var node: NodeOptions

    func run() async throws {
        let body: JSONValue = ["image": .string(image), "tag": .string(tag)]
        try await node.with { client, output in
            guard let queued = try await client.call("POST", "/releases", body),
                case .integer(let id)? = queued["id"]
            else { throw CommandFailure(Texts.releaseUnclear) }
            var answer = queued
            for _ in 0..<Self.questions where answer["state"]?.stringValue == "pending" {
                output.terminal.step(Texts.releaseWaiting(answer["problem"]?.stringValue))
                try await Task.sleep(for: .milliseconds(500))
                answer = try await client.call("GET", "/releases/\(id)") ?? answer
            }
            output.terminal.clearStep()
            try show(answer, output)
            switch answer["state"]?.stringValue {
            case "signed": return
            case "failed": throw CommandFailure(Texts.releaseFailed(answer["problem"]?.stringValue ?? ""), code: 1)
            default: throw CommandFailure(Texts.releasePending(id), code: 1)
            }
        }
    }

    private func show(_ answer: JSONValue, _ output: ManagementOutput) throws {
        if output.form == .json { return try output.object(answer) }
        try output.item(answer, ["state", "reference", "digest"])
        for signature in answer["signatures"]?.arrayValue ?? [] {
            try output.item(signature, ["form", "digest", "logIndex"])
        }
    }
}
