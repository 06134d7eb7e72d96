// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import JSON
import MerkleLog
import NodeClient

/// `kontor log status`: how a node's log stands.
struct LogStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: Language.process(Texts.logStatusAbstract),
        discussion: Language.process(Texts.logStatusDiscussion)
    )
    @OptionGroup var node: NodeOptions

    func run() async throws {
        try await node.with { client, output in
            let answer = try await client.call("GET", "/log")
            try output.object(answer)
            if answer?["state"]?.stringValue != "open" { throw ExitCode(1) }
        }
    }
}

/// `kontor log confirm`: the operator's word that the tree is the newest one, after a restore.
struct LogConfirmCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "confirm",
        abstract: Language.process(Texts.logConfirmAbstract),
        discussion: Language.process(Texts.logConfirmDiscussion)
    )
    @Option(help: help(Texts.logConfirmSize, value: "NUMBER")) var size: Int?
    @Option(help: help(Texts.logConfirmRoot, value: "BASE64")) var root: String?
    @Option(help: help(Texts.logConfirmCheckpoint, value: "FILE")) var checkpoint: String?
    @OptionGroup var node: NodeOptions

    func run() async throws {
        let body: JSONValue
        switch (size, root, checkpoint) {
        case (let size?, let root?, nil): body = ["size": .integer(Int64(size)), "root": .string(root)]
        case (nil, nil, let file?):
            let bytes: [UInt8]
            do { bytes = try contents(file, limit: 32 << 10) } catch {
                throw CommandFailure(Texts.cannotRead(file, error.text))
            }
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw CommandFailure("\(file): no UTF-8, so no checkpoint")
            }
            body = ["checkpoint": .string(text)]
        default: throw CommandFailure(Texts.logConfirmWhat)
        }
        try await node.with { client, output in
            try output.object(try await client.call("POST", "/log/confirmation", body))
        }
    }
}

/// `kontor log adopt`: brings an older database up to the log's directory.
struct LogAdoptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adopt",
        abstract: Language.process(Texts.logAdoptAbstract),
        discussion: Language.process(Texts.logAdoptDiscussion)
    )
    @OptionGroup var node: NodeOptions

    func run() async throws {
        try await node.with { client, output in
            try output.object(try await client.call("POST", "/log/adoption"))
        }
    }
}
