// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import JSON
import MerkleLog
import NodeClient

/// `kontor log`.
struct LogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: Language.process(Texts.logAbstract),
        subcommands: [
            LogVerifyCommand.self, LogVerifyReceiptCommand.self, LogStatusCommand.self, LogConfirmCommand.self,
            LogAdoptCommand.self,
        ]
    )
}

/// Whose checkpoints are believed.
struct LogTrust {
    let keys: [NoteKey]
    let policy: LogPolicy?

    func verified(_ note: [UInt8]) throws(NoteError) -> SignedCheckpoint {
        if let policy { return try policy.verified(note) }
        return try SignedCheckpoint(verifying: note, by: keys)
    }
}

/// Options that name whose checkpoints are believed.
struct LogTrustOptions: ParsableArguments {
    @Option(help: help(Texts.logKey, value: "VKEY"))
    var key: [String] = []

    @Option(help: help(Texts.logPolicy, value: "FILE"))
    var policy: String?

    func trust() throws(CommandFailure) -> LogTrust {
        if let policy {
            guard key.isEmpty else { throw CommandFailure(Texts.logKeyOrPolicy) }
            let bytes = try logFile(policy, limit: LogPolicy.maximumBytes)
            do {
                let policy = try LogPolicy(parsing: String(decoding: bytes, as: UTF8.self))
                return LogTrust(keys: policy.logs + policy.witnesses, policy: policy)
            } catch { throw CommandFailure("\(policy): \(error)") }
        }
        guard !key.isEmpty else { throw CommandFailure(Texts.logKeyOrPolicy) }
        var keys: [NoteKey] = []
        for text in key {
            do { keys.append(try NoteKey(parsing: text)) } catch { throw CommandFailure("--key: \(error)") }
        }
        return LogTrust(keys: keys, policy: nil)
    }
}

/// The bytes of a file that the command line names.
private func logFile(_ path: String, limit: Int) throws(CommandFailure) -> [UInt8] {
    do { return try contents(path, limit: limit) } catch { throw CommandFailure(Texts.cannotRead(path, error.text)) }
}

/// `kontor log verify`: recomputes everything from a directory or an address.
struct LogVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: Language.process(Texts.logVerifyAbstract),
        discussion: Language.process(Texts.logVerifyDiscussion)
    )

    @Argument(help: help(Texts.logPlace, value: "DIR|URL"))
    var log: String

    @OptionGroup var trusted: LogTrustOptions

    @Option(name: .customLong("ca-file"), help: help(Texts.caFile, value: "FILE"))
    var authorityFile: String?

    @Option(help: help(Texts.format, value: "text|json"))
    var format = "text"

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let settings = try Settings(common)
        let terminal = Terminal(language: settings.language(common))
        let form = try choice(OutputForm.self, format, name: "--format")
        let trust = try trusted.trust()
        let verification: LogVerification
        if log.hasPrefix("https://") || log.hasPrefix("http://") {
            verification = try await overHTTP(trust, settings)
        } else {
            let directory = DirectoryFiles(log)
            verification = try await LogVerification(log, trust: trust) { path, limit in
                try directory.file(path, limit: limit)
            }
        }
        switch form {
        case .text: try terminal.result(verification.text(terminal.language))
        case .json: try terminal.result(verification.json(terminal.language).bytes(.pretty) + [0x0a])
        }
        if !verification.isVerified { throw ExitCode(1) }
    }

    private func overHTTP(_ trust: LogTrust, _ settings: Settings) async throws -> LogVerification {
        let client: LogClient
        do {
            client = try LogClient(prefix: log, authorityFile: settings.text(.caFile, option: authorityFile))
        } catch { throw CommandFailure("\(error)") }
        do {
            let verification = try await LogVerification(log, trust: trust) { path, limit in
                try await client.file(path, limit: limit)
            }
            await client.close()
            return verification
        } catch {
            await client.close()
            if let refusal = error as? NodeClientError { throw CommandFailure("\(refusal)") }
            throw error
        }
    }
}

/// `kontor log verify-receipt`: proves offline that an entry stands in a log.
struct LogVerifyReceiptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify-receipt",
        abstract: Language.process(Texts.logReceiptAbstract),
        discussion: Language.process(Texts.logReceiptDiscussion)
    )

    @Argument(help: help(Texts.logReceiptFile, value: "FILE"))
    var receipt: String

    @Option(help: help(Texts.logEntryFile, value: "FILE"))
    var entry: String

    @OptionGroup var trusted: LogTrustOptions

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let settings = try Settings(common)
        let terminal = Terminal(language: settings.language(common))
        let trust = try trusted.trust()
        let bytes = try logFile(receipt, limit: LogReceipt.maximumBytes)
        let entry = try logFile(entry, limit: EntryBundle.maximumEntryBytes)
        do {
            let receipt = try LogReceipt(parsing: bytes)
            let signed = try receipt.verified(entry: entry, by: trust.keys)
            // The policy asks for witnesses besides.
            if let policy = trust.policy { _ = try policy.verified(receipt.checkpoint) }
            let said = signed.checkpoint
            try terminal.result(
                printable(terminal.language(Texts.logReceiptProves(said.origin, index: receipt.index, size: said.size)))
                    + "\n"
                    + signed.signers.map { "  \(terminal.language(Texts.logSignedBy)) \($0.name)+\($0.idText)\n" }
                    .joined()
            )
        } catch let error as NoteError {
            try terminal.result(printable(terminal.language(Texts.logReceiptFails(Texts.logNote(error)))) + "\n")
            throw ExitCode(1)
        }
    }
}
