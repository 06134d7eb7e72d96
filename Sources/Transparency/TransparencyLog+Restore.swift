// SPDX-License-Identifier: EUPL-1.2

internal import Audit
internal import Database
internal import DurableFiles
internal import JSON
internal import Logging
public import MerkleLog
internal import NIOPosix
internal import Time

/// After a restore: is this the newest there is?
extension TransparencyLog {
    /// Compares database, directory and guard; call at start, before anything is sequenced.
    ///
    /// What does not fit together freezes the log: nothing is assigned, written or signed until it is confirmed. What a crash left
    /// between two steps is no such thing.
    ///
    /// - Returns: why the log stands still; nil when it does not.
    /// - Throws: ``TransparencyError/originIsFixed(_:configured:)``, and errors of database and files.
    @discardableResult
    public func prepare() async throws -> LogFreeze? {
        let state = try await database.lookUp { try LogState($0) }
        if let state { try check(state) }
        if let freeze = state?.freeze { return freeze }
        let found = try await threads.runIfActive { try self.contradiction(of: state) }
        guard let found else {
            if let note = state?.note {
                let directory = directory
                try await threads.runIfActive {
                    if try directory.checkpoint() != note { try directory.writeCheckpoint(note) }
                }
            }
            return nil
        }
        try await freeze(found)
        return found
    }

    /// Stops the log until it is confirmed; what a program calls that has restored a backup.
    public func freeze(_ freeze: LogFreeze) async throws {
        logger.critical("the log stands still (\(freeze.reason.rawValue)): \(freeze.detail)")
        let now = clock.now()
        try await database.write { [self] transaction in
            try begin(transaction)
            let arguments: [SQLValue] = [.text(freeze.reason.rawValue), .text(String(freeze.detail.prefix(1_000)))]
            guard try transaction.execute(LogSchema.freeze, arguments) == 1 else { return }
            try AuditLog.append(
                transaction,
                actor: "kontor",
                action: "log.freeze",
                subject: origin,
                detail: ["reason": .string(freeze.reason.rawValue), "detail": .string(freeze.detail)],
                at: now
            )
        }
    }

    /// Takes the word of the operator that the tree of this size and root is the newest one that was ever shown.
    ///
    /// What lies beyond it in the directory is removed, and the guard begins anew from it. If it was not the newest, witnesses and peers
    /// will see a fork and say so: the operator answers for it.
    ///
    /// - Parameters:
    ///   - size: of the tree, as ``status()`` shows it.
    ///   - root: of the tree.
    ///   - actor: who says so; stands in the audit log.
    /// - Throws: ``TransparencyError/notConfirmed(_:)`` when the tree is another one, or the directory lacks files of it.
    public func confirm(size: Int, root: MerkleHash, by actor: String) async throws {
        guard let state = try await database.read({ try LogState($0) }), let freeze = state.freeze else {
            throw TransparencyError.notConfirmed("it is not frozen")
        }
        guard state.size == size, state.root == root else {
            throw TransparencyError.notConfirmed("its tree has \(state.size) entries and the root \(state.root)")
        }
        let (directory, checkpointGuard, origin) = (directory, checkpointGuard, origin)
        try await threads.runIfActive {
            do { _ = try directory.edge(of: state) } catch {
                throw TransparencyError.notConfirmed("\(error); restore the log's directory, from a mirror or a peer")
            }
            try directory.discard(beyond: state.size)
            if let note = state.note { try directory.writeCheckpoint(note) } else { try directory.removeCheckpoint() }
            try checkpointGuard.remember(Checkpoint(origin: origin, size: state.size, root: state.root))
        }
        tiles.clear()
        try await thaw(freeze, by: actor, ["size": .integer(Int64(size)), "root": .string(root.base64)])
    }

    /// Goes on when a checkpoint that somebody else kept shows that this log is not older than it.
    ///
    /// - Parameter bytes: a checkpoint with a signature of this log, from a witness, a mirror or a peer.
    /// - Throws: ``TransparencyError/notConfirmed(_:)`` when it shows a newer or another tree, or directory and guard still contradict;
    ///   ``NoteError``.
    public func confirm(shownBy bytes: [UInt8]) async throws {
        let shown = try SignedCheckpoint(verifying: bytes, by: keys + formerKeys).checkpoint
        guard let state = try await database.read({ try LogState($0) }), let freeze = state.freeze else {
            throw TransparencyError.notConfirmed("it is not frozen")
        }
        guard shown.size <= state.size else {
            throw TransparencyError.notConfirmed(
                "the checkpoint shows \(shown.size) entries, this log has \(state.size): it is an older one"
            )
        }
        let directory = directory
        try await threads.runIfActive {
            _ = try directory.edge(of: state)
            let root = try MerkleTree.root(size: shown.size, reading: directory.hashes(size: state.size))
            guard root == shown.root else {
                throw TransparencyError.notConfirmed("the checkpoint shows another tree at \(shown.size) entries")
            }
            if let found = try self.contradiction(of: state) { throw TransparencyError.notConfirmed(found.detail) }
        }
        try await thaw(freeze, by: "kontor", ["shownSize": .integer(Int64(shown.size))])
    }

    private func thaw(_ freeze: LogFreeze, by actor: String, _ detail: [String: JSONValue]) async throws {
        let now = clock.now()
        let detail = detail.merging(["reason": .string(freeze.reason.rawValue)]) { first, _ in first }
        try await database.write { [origin] transaction in
            try transaction.execute(LogSchema.thaw)
            try AuditLog.append(
                transaction,
                actor: actor,
                action: "log.confirm",
                subject: origin,
                detail: .object(detail),
                at: now
            )
        }
    }

    // MARK: - What contradicts

    private func contradiction(of state: LogState?) throws -> LogFreeze? {
        let size = state?.size ?? 0
        if let state, state.size > 0 {
            do { _ = try directory.edge(of: state) } catch let error as TileError {
                return LogFreeze(.directoryDiffers, "\(error); the database has \(state.size) entries")
            }
        }
        do {
            if let bytes = try directory.checkpoint(), let found = try contradiction(of: size, with: bytes) {
                return found
            }
            let checkpoint = Checkpoint(origin: origin, size: size, root: state?.root ?? .empty)
            try checkpointGuard.check(checkpoint, isFirst: state?.note == nil) { old in
                try ConsistencyProof(old: old, new: size, reading: directory.hashes(size: size))
            }
        } catch let refusal as CheckpointGuard.Refusal {
            return LogFreeze(refusal.reason, refusal.description)
        } catch let error as TileError {
            return LogFreeze(.directoryDiffers, error.description)
        }
        return nil
    }

    private func contradiction(of size: Int, with bytes: [UInt8]) throws -> LogFreeze? {
        let known = keys + formerKeys + revokedKeys
        guard let served = try? SignedCheckpoint(verifying: bytes, by: known).checkpoint, served.origin == origin else {
            return LogFreeze(.directoryDiffers, "its checkpoint is not by this log's keys")
        }
        guard served.size <= size else {
            return LogFreeze(
                .directoryAhead,
                "its checkpoint covers \(served.size) entries, the database has \(size): that is an older one"
            )
        }
        let root = try MerkleTree.root(size: served.size, reading: directory.hashes(size: size))
        return root == served.root
            ? nil : LogFreeze(.directoryDiffers, "its checkpoint shows another tree at \(served.size) entries")
    }
}

// MARK: - Adoption

extension TransparencyLog {
    /// Brings an older database up to the log's directory: what was logged after the backup is in the bundles.
    ///
    /// The entries up to the directory's signed checkpoint are read again, and their hashes must lead to its root. Entries that the
    /// database still holds as waiting get the index that they have in the log; the others become rows of kind `adopted`. The log goes
    /// on only when the guard agrees, too.
    ///
    /// - Parameter actor: who asked for it; stands in the audit log.
    /// - Returns: how many entries were adopted.
    /// - Throws: ``TransparencyError/notConfirmed(_:)``; then the database is as before.
    public func adoptDirectory(by actor: String) async throws -> Int {
        guard let state = try await database.read({ try LogState($0) }), let freeze = state.freeze else {
            throw TransparencyError.notConfirmed("it is not frozen")
        }
        let (directory, keys, origin) = (directory, keys + formerKeys, origin)
        let (entries, tree, note) = try await threads.runIfActive {
            guard let note = try directory.checkpoint() else {
                throw TransparencyError.notConfirmed("the directory has no checkpoint")
            }
            let served = try SignedCheckpoint(verifying: note, by: keys).checkpoint
            guard served.origin == origin, served.size >= state.size, served.size - state.size <= Self.maximumAdopted
            else {
                throw TransparencyError.notConfirmed(
                    "the directory covers \(served.size) entries, the database has \(state.size); "
                        + "at most \(Self.maximumAdopted) are adopted"
                )
            }
            var tree = try directory.edge(of: state)
            var leaves: [MerkleHash] = []
            while tree.size < served.size {
                let bundle = tree.size / TileAddress.fullWidth
                guard let address = TileAddress(.entries, index: bundle, treeSize: served.size),
                    let bytes = try directory.contents(of: address)
                else { throw TransparencyError.notConfirmed("the bundle of entry \(tree.size) is missing") }
                for entry in try EntryBundle.decode(bytes, at: address).dropFirst(tree.size % TileAddress.fullWidth) {
                    leaves.append(MerkleHash(leaf: entry))
                    try tree.append(entry)
                }
                _ = tree.takeFull()
            }
            guard tree.root == served.root else {
                throw TransparencyError.notConfirmed("its entries do not hash to its checkpoint")
            }
            return (leaves, tree, note)
        }
        let now = clock.now()
        try await database.write { transaction in
            for (offset, leaf) in entries.enumerated() {
                try Self.adopt(leaf, at: state.size + offset, now, transaction)
            }
            try transaction.execute(LogSchema.advanceIndex, [.integer(max(tree.size, state.nextIndex))])
            try transaction.execute(
                LogSchema.integrate,
                [.integer(tree.size), .blob(tree.root.bytes), .integer(state.size)]
            )
            try transaction.execute(LogSchema.publish, [.integer(tree.size), .time(now), .blob(note)])
        }
        if let after = try await database.read({ try LogState($0) }),
            let found = try await threads.runIfActive({ try self.contradiction(of: after) })
        {
            throw TransparencyError.notConfirmed(found.detail)
        }
        try await thaw(freeze, by: actor, ["adopted": .integer(Int64(entries.count))])
        return entries.count
    }

    /// Entries of one adoption: one transaction holds them.
    private static let maximumAdopted = 200_000

    private static func adopt(_ leaf: MerkleHash, at index: Int, _ now: Timestamp, _ transaction: Transaction) throws {
        let known: Row?
        if let row = try transaction.first(LogSchema.atIndex, [.integer(index)]) {
            guard try row.bytes(1) == leaf.bytes else {
                throw TransparencyError.notConfirmed("the database gave index \(index) to another entry")
            }
            known = row
        } else {
            known = try transaction.first(LogSchema.ofLeaf, [.blob(leaf.bytes)])
        }
        if let known {
            try transaction.execute(LogSchema.adopt, [.integer(index), .time(now), .integer(try known.int64(0))])
        } else {
            try transaction.execute(
                LogSchema.insertAdopted,
                [.text("adopted"), .blob(leaf.bytes), .integer(index), .time(now), .time(now)]
            )
        }
    }
}

extension LogDirectory {
    func removeCheckpoint() throws(FileError) {
        if try files.remove(path + "/checkpoint") { try files.synchroniseDirectory(path) }
    }
}
