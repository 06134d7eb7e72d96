// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Database
import Keys
import Logging
import MerkleLog
import NIOPosix
import Synchronization
import Time
import Transparency

/// Makes the node's transparency log from its parts.
struct NodeLog: Sendable {
    let configuration: NodeConfiguration
    let signer: any Signer
    let accounts: Accounts
    let database: Database
    let threads: NIOThreadPool
    let logger: Logger

    /// Opens the log and compares it with what was signed last; nothing is written before its first entry.
    ///
    /// - Parameter keys: all that the signer has.
    /// - Returns: nil when no key of the log signs now.
    func open(keys: [KeyRecord]) async throws -> TransparencyLog? {
        // The signer judges keys by the system's time, whatever clock the node was given.
        let now = WallClock.system.now()
        let signing = Self.signing(keys, at: now)
        guard signing.contains(where: { $0.role == .logNotes }) else {
            logger.error("the log is closed: no key of the role \(KeyRole.logNotes.rawValue) signs now")
            return nil
        }
        let others = keys.filter { key in !signing.contains { $0.id == key.id } && key.signsFrom <= now }
        var log = try log(named: configuration.logOrigin, signing, others)
        if let fixed = try await log.status().origin, fixed != log.origin {
            // Every receipt names it: the log keeps its name when the node gets another address.
            logger.notice("the log keeps its first name", metadata: ["log": "\(fixed)", "node": "\(log.origin)"])
            log = try self.log(named: fixed, signing, others)
        }
        try await log.prepare()
        return log
    }

    /// The keys that sign for the log at an instant, the one of its notes first.
    static func signing(_ keys: [KeyRecord], at now: Timestamp) -> [KeyRecord] {
        [KeyRole.logNotes, .logTimestamps].compactMap { role in
            keys.last { $0.role == role && $0.state(at: now) == .active }
        }
    }

    private func log(named origin: String, _ signing: [KeyRecord], _ others: [KeyRecord]) throws -> TransparencyLog {
        let signers = try signing.compactMap { record in
            try Self.key(record, origin).map { signature(record, $0) }
        }
        func keys(_ records: [KeyRecord]) throws -> [NoteKey] { try records.compactMap { try Self.key($0, origin) } }
        return try TransparencyLog(
            origin: origin,
            signers: signers,
            formerKeys: try keys(others.filter { $0.revokedFrom == nil }),
            revokedKeys: try keys(others.filter { $0.revokedFrom != nil }),
            database: database,
            directory: configuration.logDirectory,
            checkpointGuard: CheckpointGuard(path: configuration.keysDirectory + "/log-guard"),
            rules: rules,
            clock: configuration.clock,
            threads: threads,
            logger: logger
        )
    }

    /// What readers of checkpoints call a key; nil for keys that sign none.
    private static func key(_ record: KeyRecord, _ origin: String) throws -> NoteKey? {
        switch record.role {
        case .logNotes:
            try record.rawEd25519.map { try NoteKey(name: origin, algorithm: .ed25519, publicKey: $0) }
        // The one kind of key that cosign's and skopeo's users can check a checkpoint with.
        case .logTimestamps: try NoteKey(name: origin, algorithm: .ecdsaP256, publicKey: record.publicKey)
        default: nil
        }
    }

    private func signature(_ record: KeyRecord, _ key: NoteKey) -> LogSigner {
        LogSigner(key: key) { [signer] text in
            let signature = try await signer.sign(text, as: record.role)
            // Under the old key's name the signature of the new one would be a false one.
            guard signature.key.fingerprint == record.fingerprint else {
                throw KeysError.state(
                    key: record.id,
                    reason: "\(signature.key.id) signs in its place; the log takes it up within seconds"
                )
            }
            return signature.bytes
        }
    }

    private var rules: PublicationRules {
        let names = Remembered<Set<String>>()
        return PublicationRules(
            accountNames: { [accounts] in try await names.value { try await accounts.namesOfPeople() } },
            // One row by its key, once a batch and namespace: nothing that would have to be remembered, and so never too old. A namespace
            // that is gone is not known to have been public.
            isInternal: { [accounts, database] name in
                let namespace = try await database.lookUp { t in try accounts.namespace(t, named: name) }
                return namespace.map { !$0.isPublic } ?? true
            }
        )
    }
}

/// A value that is asked for again when it is some seconds old.
private final class Remembered<Value: Sendable>: Sendable {
    private static var age: Duration { .seconds(5) }
    // Owner: this mutex.
    private let last = Mutex<(value: Value, at: ContinuousClock.Instant)?>(nil)

    func value(_ ask: @Sendable () async throws -> Value) async throws -> Value {
        let now = ContinuousClock.now
        if let last = last.withLock({ $0 }), now - last.at < Self.age { return last.value }
        let value = try await ask()
        last.withLock { $0 = (value, now) }
        return value
    }
}

extension NodeConfiguration {
    /// The log's name for ever: where readers reach it, or the node's name where that can be part of one.
    var logOrigin: String {
        let name = publicURL.flatMap(OwnAddress.authority(of:)) ?? nodeName.flatMap { Self.isHostLike($0) ? $0 : nil }
        return (name ?? "\(host):\(port)").lowercased() + "/log"
    }

    /// Where the log's files are.
    var logDirectory: LogDirectory { LogDirectory(path: file("log")) }

    /// A name that the signer takes for the first line of a checkpoint.
    private static func isHostLike(_ name: String) -> Bool {
        (1...200).contains(name.utf8.count)
            && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "+") }
    }
}
