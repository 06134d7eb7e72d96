// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import JSON
import Keys
import SBOM
import Time

/// `kontor keys`: the keys of a node, where they lie.
struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: Language.process(Texts.keysAbstract),
        discussion: Language.process(Texts.keysDiscussion),
        subcommands: [
            KeysListCommand.self, KeysExportCommand.self, KeysRotateCommand.self, KeysAdoptCommand.self,
            KeysRevokeCommand.self,
        ]
    )
}

/// Where the keys lie.
struct KeysOptions: ParsableArguments {
    @Option(help: help(Texts.keysDirectory, value: "DIR"))
    var keys: String?

    @Option(help: help(Texts.data, value: "DIR"))
    var data: String?

    @OptionGroup var common: CommonOptions

    /// The store, and where results go.
    func open() throws -> (store: KeyStore, terminal: Terminal) {
        let settings = try Settings(common)
        let directory =
            try settings.text(.keys, option: keys) ?? settings.dataDirectory(option: data) + "/keys"
        let store = try keysFailure { () throws(KeysError) in try KeyStore(directory: directory) }
        return (store, Terminal(language: settings.language(common)))
    }
}

/// Runs something on keys; its error is the command's.
func keysFailure<T>(_ body: () throws(KeysError) -> T) throws(CommandFailure) -> T {
    do { return try body() } catch { throw CommandFailure("\(error)") }
}

/// `kontor keys list`.
struct KeysListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: Language.process(Texts.keysListAbstract)
    )

    @Option(help: help(Texts.format, value: "text|json"))
    var format = "text"

    @OptionGroup var options: KeysOptions

    func run() throws {
        let form = try choice(OutputForm.self, format, name: "--format")
        let (store, terminal) = try options.open()
        let records = try keysFailure { () throws(KeysError) in try store.records() }
        let now = WallClock.system.now()
        switch form {
        case .json:
            let values = records.map { record -> JSONValue in
                guard case .object(var members) = record.json else { return record.json }
                members["id"] = .string(record.id)
                members["fingerprint"] = .string(record.fingerprint)
                members["state"] = .string(record.state(at: now).rawValue)
                return .object(members)
            }
            let answer: JSONValue = ["schemaVersion": 1, "keys": .array(values)]
            try terminal.result(answer.bytes(.pretty) + [0x0a])
        case .text:
            guard !records.isEmpty else { return terminal.note(Texts.noKeys(store.directory)) }
            let lines = records.map { record in
                let state = terminal.language(Texts.keyState(record, at: now))
                return "\(record.id)  \(record.role.rawValue)  \(record.algorithm.rawValue)  \(state)\n"
                    + "  \(record.printableFingerprint)\n"
                    + (record.token.map { "  \(terminal.language(Texts.inToken($0)))\n" } ?? "")
            }
            try terminal.result(printableLines(lines.joined()))
        }
    }
}

/// `kontor keys export`.
struct KeysExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: Language.process(Texts.keysExportAbstract)
    )

    @Argument(help: help(Texts.keyOrRole, value: "KEY|ROLE"))
    var key: String

    @Option(name: [.short, .long], help: help(Texts.output, value: "FILE"))
    var output: String?

    @OptionGroup var options: KeysOptions

    func run() throws {
        let (store, terminal) = try options.open()
        let now = WallClock.system.now()
        let records = try keysFailure { () throws(KeysError) in try store.records() }
        let found =
            KeyRole(rawValue: key).map { role in records.last { $0.role == role && $0.state(at: now) == .active } }
            ?? records.first { $0.id == key || $0.fingerprint == key }
        guard let found else { throw CommandFailure("\(KeysError.unknownKey(key))") }
        if found.revokedFrom != nil { terminal.note(Texts.keyState(found, at: now)) }
        try terminal.result(Array(found.pem.utf8), to: output)
    }
}

/// `kontor keys rotate`.
struct KeysRotateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: Language.process(Texts.keysRotateAbstract)
    )

    @Argument(help: help(Texts.keyRole, value: "ROLE"))
    var role: String

    @Option(help: help(Texts.keyOverlap, value: "DAYSd"))
    var overlap = "0d"

    @OptionGroup var options: KeysOptions

    func run() throws {
        let role = try choice(KeyRole.self, role, name: "ROLE")
        guard overlap.hasSuffix("d"), let days = Int(overlap.dropLast()), (0...3_650).contains(days) else {
            throw CommandFailure(Texts.badOverlap(overlap))
        }
        let (store, terminal) = try options.open()
        let key = try keysFailure { () throws(KeysError) in
            try store.rotate(role, overlap: .seconds(days * 86_400))
        }
        terminal.note(Texts.keyState(key, at: WallClock.system.now()))
        try terminal.result(key.id + "\n")
    }
}

/// `kontor keys revoke`.
struct KeysRevokeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: Language.process(Texts.keysRevokeAbstract)
    )

    @Argument(help: help(Texts.keyIdentifier, value: "KEY"))
    var key: String

    @Option(help: help(Texts.revocationReason, value: "TEXT"))
    var reason: String

    @Option(help: help(Texts.revokedFrom, value: "TIME"))
    var from: String?

    @OptionGroup var options: KeysOptions

    func run() throws {
        let instant = try from.map { text throws(CommandFailure) in
            guard let time = Timestamp(rfc3339: text) else { throw CommandFailure(Texts.badInstant("--from", text)) }
            return time
        }
        let (store, terminal) = try options.open()
        let next = try keysFailure { () throws(KeysError) in
            try store.revoke(key, from: instant, reason: reason)
        }
        terminal.note(Texts.signsInstead(next))
        try terminal.result(next.id + "\n")
    }
}
