// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import Keys
import SBOM
import Time

/// `kontor keys adopt`: lets a key in a token sign for a role.
struct KeysAdoptCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adopt",
        abstract: Language.process(Texts.keysAdoptAbstract),
        discussion: Language.process(Texts.keysAdoptDiscussion)
    )

    @Argument(help: help(Texts.keyRole, value: "ROLE"))
    var role: String

    @Option(help: help(Texts.tokenModule, value: "FILE"))
    var module: String

    @Option(help: help(Texts.tokenName, value: "LABEL"))
    var token: String

    @Option(help: help(Texts.tokenKeyLabel, value: "LABEL"))
    var label: String?

    @Option(help: help(Texts.tokenKeyIdentifier, value: "HEX"))
    var id: String?

    @Option(name: .customLong("pin-file"), help: help(Texts.tokenPINFile, value: "FILE"))
    var pinFile: String

    @Option(name: .customLong("env"), help: help(Texts.tokenEnvironment, value: "NAME=VALUE"))
    var environment: [String] = []

    @Flag(help: help(Texts.tokenGenerate))
    var generate = false

    @Option(help: help(Texts.keyOverlap, value: "DAYSd"))
    var overlap = "0d"

    @OptionGroup var options: KeysOptions

    func run() throws {
        let role = try choice(KeyRole.self, role, name: "ROLE")
        guard overlap.hasSuffix("d"), let days = Int(overlap.dropLast()), (0...3_650).contains(days) else {
            throw CommandFailure(Texts.badOverlap(overlap))
        }
        let location = TokenLocation(
            module: module,
            token: token,
            label: label,
            id: try id.map { text throws(CommandFailure) in
                guard let bytes = TokenLocation.identifier(hex: text) else {
                    throw CommandFailure(Texts.unknownValue("--id", text, "01, a1b2, …"))
                }
                return bytes
            },
            pinFile: pinFile,
            environment: try variables()
        )
        let (store, terminal) = try options.open()
        let key = try keysFailure { () throws(KeysError) in
            try store.adopt(role, in: location, generates: generate, overlap: .seconds(days * 86_400))
        }
        terminal.note(Texts.keyState(key, at: WallClock.system.now()))
        try terminal.result(key.id + "\n")
    }

    private func variables() throws(CommandFailure) -> [String: String] {
        var variables: [String: String] = [:]
        for text in environment {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, let name = parts.first, !name.isEmpty else {
                throw CommandFailure(Texts.unknownValue("--env", text, "NAME=VALUE"))
            }
            variables[name] = parts[1]
        }
        return variables
    }
}
