// SPDX-License-Identifier: EUPL-1.2

import Keys
import Logging
import NIOPosix
import Synchronization

/// Who signs for this node: the operator's signer behind a socket, or one that the node starts, and how far the keys are from it.
final class NodeSigner: Sendable {
    private enum Standing {
        case notAsked
        case answers(SignerClient.Isolation)
        case silent
    }

    /// Asks it.
    let client: SignerClient
    private let process: SignerProcess?
    private let logger: Logger
    // Owner: this mutex.
    private let standing = Mutex(Standing.notAsked)

    /// Starts nothing yet.
    init(_ configuration: NodeConfiguration, threads: NIOThreadPool, logger: Logger) {
        self.logger = logger
        if let socket = configuration.signerSocket {
            process = nil
            client = SignerClient(path: socket, threads: threads)
        } else {
            let process = SignerProcess(
                executable: configuration.analyserExecutable,
                directory: configuration.keysDirectory,
                threads: threads
            )
            self.process = process
            client = process.client
        }
    }

    /// Has it answer, and learns how far away it is; at the start, and again and again while the node runs.
    ///
    /// - Returns: all keys; nil when nobody answers. What needs no signature goes on then, pulling above all.
    func ask() async -> [KeyRecord]? {
        do {
            let keys = try await client.keys()
            let isolation = try await client.isolation()
            if case .silent = become(.answers(isolation)) { logger.notice("the signer answers again") }
            return keys
        } catch {
            // Once, not every two seconds.
            if case .silent = become(.silent) { return nil }
            logger.error("nothing can be signed until the signer answers; it is asked again and again: \(error)")
            return nil
        }
    }

    /// - Returns: what was before.
    private func become(_ new: Standing) -> Standing {
        standing.withLock { standing in
            defer { standing = new }
            return standing
        }
    }

    /// Why nothing can be signed; nil while it can.
    var failure: String? {
        guard case .silent = standing.withLock({ $0 }) else { return nil }
        // The cause names paths: it is in the log.
        return "signer: cannot be \(process == nil ? "reached" : "started"); the node's log says why"
    }

    /// What an operator should know about it; nil when another account holds the keys, as it should be.
    var remark: String? {
        switch standing.withLock({ $0 }) {
        case .notAsked, .answers(.isolated): nil
        case .answers(.sameAccount):
            "signer: not isolated (it runs under the node's own account; run kontor signer under another, and name its socket)"
        case .answers(.root):
            "signer: not isolated (the node runs as root, from whom no key is hidden)"
        case .silent: failure
        }
    }

    /// Ends the process that ``ask()`` has started; blocks until it is gone.
    func stop() { process?.stop() }
}
