// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import Glibc
import Keys
import SBOM

/// `kontor signer`: the process that holds the private keys.
struct SignerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "signer",
        abstract: Language.process(Texts.signerAbstract),
        discussion: Language.process(Texts.signerDiscussion)
    )

    @Option(help: help(Texts.keysDirectory, value: "DIR"))
    var keys: String?

    @Option(help: help(Texts.signerSocket, value: "PATH"))
    var socket: String?

    @Option(name: .customLong("allow-uid"), help: help(Texts.allowUID, value: "UID"))
    var allowedAccounts: [UInt32] = []

    /// The end of a pair of sockets that the node which starts this keeps.
    @Option(help: .hidden)
    var descriptor: Int32?

    @OptionGroup var common: CommonOptions

    func run() throws {
        let problems = SignerServer.hideMemory()
        // A key file that is made here must be nobody else's for no moment.
        umask(0o077)
        let settings = try Settings(common)
        let language = settings.language(common)
        guard let directory = settings.text(.keys, option: keys) else { throw CommandFailure(Texts.signerNeedsKeys) }
        for problem in problems { printError("signer: \(problem)") }
        let server = try keysFailure { () throws(KeysError) in
            let store = try KeyStore(directory: directory)
            _ = try store.complete()
            return SignerServer(store: store, allowed: Set(allowedAccounts)) { printError(printable("signer: \($0)")) }
        }
        if let descriptor { return server.serve(descriptor: descriptor) }
        guard let path = settings.text(.signer, option: socket) else { throw CommandFailure(Texts.signerNeedsSocket) }
        try keysFailure { () throws(KeysError) in
            try server.serve(at: path) { Terminal(language: language).note(Texts.signerReady(path)) }
        }
    }
}
