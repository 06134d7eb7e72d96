// SPDX-License-Identifier: EUPL-1.2

import Keys
import Logging
import Synchronization
import Time
import Transparency

/// The log as it is now: another value after its keys changed, nil while nobody signs.
final class CurrentLog: Sendable {
    private struct State {
        var log: TransparencyLog?
        var keys: [String]?
    }

    // Owner: this mutex.
    private let state = Mutex(State())

    var value: TransparencyLog? { state.withLock { $0.log } }

    /// Fingerprints of the keys that sign for it; nil before it was ever opened.
    var keys: [String]? { state.withLock { $0.keys } }

    func set(_ log: TransparencyLog?, keys: [String]) { state.withLock { $0 = State(log: log, keys: keys) } }
}

/// Asks the signer while the node runs, and opens the log when it can be: one that did not answer at the start or went away, and a key that
/// was rotated, need no restart.
struct LogKeeper: Sendable {
    /// Time between two questions.
    private static let interval = Duration.seconds(2)

    let parts: NodeLog
    let signer: NodeSigner
    let log: CurrentLog
    let logger: Logger
    /// Told when the signer answers again: what gave up on it meanwhile goes on.
    let whenBack: @Sendable () async -> Void

    /// Opens the log with the keys that sign now.
    ///
    /// - Returns: whether it is another one than before.
    @discardableResult
    func open(_ keys: [KeyRecord]) async throws -> Bool {
        let signing = NodeLog.signing(keys, at: WallClock.system.now())
        // A revocation changes what is believed, though the same keys sign.
        let wanted =
            signing.map(\.fingerprint) + keys.filter { $0.revokedFrom != nil }.map { "revoked " + $0.fingerprint }
        guard wanted != log.keys else { return false }
        let before = log.value
        let opened = try await parts.open(keys: keys)
        log.set(opened, keys: wanted)
        if let opened, before != nil {
            logger.notice("the log signs with other keys", metadata: ["keys": "\(opened.keys)"])
        }
        return opened != nil || before != nil
    }

    /// Runs the sequencer of whatever log there is, until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            let current = log.value
            await withTaskGroup(of: Void.self) { group in
                if let current { group.addTask { await LogSequencer(current).run() } }
                group.addTask { await waitForChange() }
                await group.next()
                group.cancelAll()
            }
        }
    }

    /// Returns when there is another log, or the task is cancelled.
    private func waitForChange() async {
        var lastProblem = ""
        while true {
            do { try await Task.sleep(for: Self.interval) } catch { return }
            let wasSilent = signer.failure != nil
            guard let keys = await signer.ask() else { continue }
            do {
                let hasChanged = try await open(keys)
                if wasSilent { await whenBack() }
                lastProblem = ""
                if hasChanged { return }
            } catch is CancellationError {
                return
            } catch {
                if lastProblem != "\(error)" { logger.error("the log cannot be opened, and is tried again: \(error)") }
                lastProblem = "\(error)"
            }
        }
    }

    /// What an operator should know about signer and log; nil when all is as it should be.
    var remark: String? {
        get async {
            var lines = [signer.remark].compactMap(\.self)
            if signer.failure == nil {
                lines += [await logRemark].compactMap(\.self)
            }
            return lines.isEmpty ? nil : lines.joined(separator: "\n")
        }
    }

    private var logRemark: String? {
        get async {
            guard let log = log.value else { return "log: closed (no key signs for it; the node's log says why)" }
            // The cause can name paths: it is for operators.
            do {
                return try await log.status().freeze.map {
                    "log: stands still and signs nothing (\($0.reason.rawValue)); see kontor log status"
                }
            } catch { return "log: its state cannot be read; the node's log says why" }
        }
    }
}
