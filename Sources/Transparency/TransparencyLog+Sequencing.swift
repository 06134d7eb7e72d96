// SPDX-License-Identifier: EUPL-1.2

internal import Audit
internal import Database
internal import DurableFiles
internal import JSON
internal import MerkleLog
internal import NIOPosix
internal import Time

/// What a round of the sequencer did.
struct SequencingRound: Sendable, Hashable {
    var integrated = 0
    var refused = 0
    var isPublished = false
    /// False when another process holds the lease, or the log stands still.
    var isLeader = true

    var isIdle: Bool { integrated == 0 && refused == 0 && !isPublished }
}

/// An entry whose index is fixed.
private struct AssignedEntry: Sendable {
    let index: Int
    let bytes: [UInt8]
}

/// The lease was lost to another process while this one worked; what it did counts for nothing.
struct LeaseLost: Error {}

extension TransparencyLog {
    /// One round: takes a batch, integrates it, publishes a checkpoint when one is due.
    ///
    /// - Parameter token: names this worker; the lease is its.
    func sequence(as token: Int64) async throws -> SequencingRound {
        var round = SequencingRound()
        guard try await hasWork() else { return round }
        guard let state = try await lease(as: token) else {
            round.isLeader = false
            return round
        }
        do {
            let (assigned, refused) = try await take(state, as: token)
            round.refused = refused
            if !assigned.isEmpty {
                try await integrate(assigned, onto: state, as: token)
                round.integrated = assigned.count
            }
            round.isPublished = try await publishIfDue(as: token)
        } catch let refusal as CheckpointGuard.Refusal {
            try await freeze(LogFreeze(refusal.reason, refusal.description))
            round.isLeader = false
        } catch let differs as LogDirectory.Differs {
            try await freeze(LogFreeze(.directoryDiffers, differs.description))
            round.isLeader = false
        } catch let error as TileError {
            try await freeze(LogFreeze(.directoryDiffers, error.description))
            round.isLeader = false
        }
        return round
    }

    /// Reading first keeps an idle node from writing to its disk.
    private func hasWork() async throws -> Bool {
        try await database.lookUp { [self] transaction in
            guard let state = try LogState(transaction), state.freeze == nil else { return false }
            if state.size > state.publishedSize || state.nextIndex > state.size || lacksSignature(state) { return true }
            return try transaction.first(LogSchema.oldestWaiting) != nil
        }
    }

    /// Takes or renews the lease; nil when another process has it, or the log stands still.
    private func lease(as token: Int64) async throws -> LogState? {
        let now = clock.now()
        let known = try await database.lookUp { try LogState($0) }
        guard let known, known.freeze == nil else { return nil }
        try check(known)
        // Half of it is time enough for a round; a write a round only for the lease would be one too many.
        if known.leaseToken == token, known.leaseUntil > now + settings.lease / 2 { return known }
        if known.leaseToken != token, known.leaseUntil > now { return nil }
        return try await database.write { [settings] transaction in
            let arguments: [SQLValue] = [.integer(token), .time(now + settings.lease), .integer(token), .time(now)]
            guard try transaction.execute(LogSchema.lease, arguments) == 1 else { return nil }
            guard let state = try LogState(transaction), state.freeze == nil else { return nil }
            return state
        }
    }

    /// Gives the lease back, so that the next process need not wait for its end.
    func releaseLease(as token: Int64) async throws {
        _ = try await database.write { try $0.execute(LogSchema.release, [.integer(token)]) }
    }

    /// The state, if it is still this worker's to change.
    private static func held(_ transaction: Transaction, by token: Int64, at now: Timestamp) throws -> LogState {
        guard let state = try LogState(transaction), state.leaseToken == token, state.leaseUntil > now,
            state.freeze == nil
        else { throw LeaseLost() }
        return state
    }

    // MARK: - Indices

    /// What is to be integrated: what a former process left behind, else the oldest entries that wait.
    private func take(_ state: LogState, as token: Int64) async throws -> ([AssignedEntry], refused: Int) {
        if state.nextIndex > state.size {
            let rows = try await database.read { [settings] transaction in
                try transaction.query(LogSchema.assigned, [.integer(state.size), .integer(settings.batchEntries)])
            }
            let entries = try rows.map { AssignedEntry(index: try $0.int(1), bytes: try $0.bytes(2)) }
            guard entries.map(\.index) == Array(state.size..<(state.size + entries.count)), !entries.isEmpty else {
                throw DatabaseError(.shape, "indices from \(state.size) on are not without a gap")
            }
            return (entries, 0)
        }
        let rows = try await waitingRows()
        guard !rows.isEmpty else { return ([], 0) }
        let refusals = try await refusals(rows)
        let now = clock.now()
        return try await database.write { transaction in
            let state = try Self.held(transaction, by: token, at: now)
            guard state.nextIndex == state.size else { throw LeaseLost() }
            var entries: [AssignedEntry] = []
            var run: (first: Int64, last: Int64, index: Int)?
            func assign() throws {
                guard let (first, last, index) = run else { return }
                let arguments: [SQLValue] = [.integer(Int64(index) - first), .integer(first), .integer(last)]
                guard try transaction.execute(LogSchema.assign, arguments) == Int(last - first) + 1 else {
                    throw LeaseLost()
                }
                run = nil
            }
            for row in rows {
                if let reason = refusals[row.id] {
                    try transaction.execute(LogSchema.refuse, [.text(reason), .integer(row.id)])
                    continue
                }
                if let last = run?.last, last + 1 != row.id { try assign() }
                run = (run?.first ?? row.id, row.id, run?.index ?? state.nextIndex + entries.count)
                entries.append(AssignedEntry(index: state.nextIndex + entries.count, bytes: row.bytes))
            }
            try assign()
            try transaction.execute(LogSchema.advanceIndex, [.integer(state.nextIndex + entries.count)])
            for (id, reason) in refusals.sorted(by: { $0.key < $1.key }) {
                try AuditLog.append(
                    transaction,
                    actor: "kontor",
                    action: "log.refuse",
                    subject: "entry \(id)",
                    detail: ["reason": .string(reason)],
                    at: now
                )
            }
            return (entries, refusals.count)
        }
    }

    private struct WaitingRow: Sendable {
        let id: Int64
        let kind: String
        let namespace: String?
        let bytes: [UInt8]
    }

    private func waitingRows() async throws -> [WaitingRow] {
        try await database.read { [settings] transaction in
            var rows: [WaitingRow] = []
            var bytes = 0
            try transaction.forEach(LogSchema.waiting, [.integer(settings.batchEntries)]) { row in
                guard bytes < settings.batchBytes else { return }
                let body = try row.bytes(3)
                bytes += body.count
                rows.append(
                    WaitingRow(
                        id: try row.int64(0),
                        kind: try row.text(1),
                        namespace: try row.optionalText(2),
                        bytes: body
                    )
                )
            }
            return rows
        }
    }

    /// Why which rows may not be published.
    private func refusals(_ rows: [WaitingRow]) async throws -> [Int64: String] {
        let linter = PersonalDataLinter(accountNames: try await rules.accountNames())
        var refusals: [Int64: String] = [:]
        var internalNamespaces: [String: Bool] = [:]
        for row in rows {
            if let namespace = row.namespace {
                let isInternal: Bool
                if let known = internalNamespaces[namespace] {
                    isInternal = known
                } else {
                    isInternal = try await rules.isInternal(namespace)
                    internalNamespaces[namespace] = isInternal
                }
                if isInternal {
                    refusals[row.id] = "it is about an internal namespace"
                    continue
                }
            }
            if let finding = linter.finding(in: row.bytes) { refusals[row.id] = finding.description }
        }
        return refusals
    }

    // MARK: - Tree

    /// Writes the files of a batch, then records size and root.
    private func integrate(_ entries: [AssignedEntry], onto state: LogState, as token: Int64) async throws {
        let directory = directory
        let tree = try await threads.runIfActive {
            var tree = try directory.edge(of: state)
            for entry in entries { try tree.append(entry.bytes) }
            try directory.write(tree.takeFull() + tree.partials())
            return tree
        }
        let now = clock.now()
        try await database.write { transaction in
            _ = try Self.held(transaction, by: token, at: now)
            let arguments: [SQLValue] = [.integer(tree.size), .blob(tree.root.bytes), .integer(state.size)]
            guard try transaction.execute(LogSchema.integrate, arguments) == 1 else { throw LeaseLost() }
            try transaction.execute(
                LogSchema.markIntegrated,
                [.time(now), .integer(state.size), .integer(tree.size)]
            )
        }
    }

    // MARK: - Checkpoint

    /// Has the tree signed when something is new and the last checkpoint is old enough.
    private func publishIfDue(as token: Int64) async throws -> Bool {
        guard let state = try await database.lookUp({ try LogState($0) }), state.freeze == nil else { return false }
        let now = clock.now()
        // A clock that was set back must not stop the log: a negative age is as good as a long one.
        let age = now.duration(since: state.publishedAt)
        guard state.size > state.publishedSize || lacksSignature(state),
            age >= settings.checkpointInterval || age < .zero
        else { return false }
        let checkpoint = Checkpoint(origin: origin, size: state.size, root: state.root)
        let (directory, checkpointGuard) = (directory, checkpointGuard)
        try await threads.runIfActive {
            try checkpointGuard.permit(checkpoint, isFirst: state.note == nil) { old in
                try ConsistencyProof(old: old, new: state.size, reading: directory.hashes(size: state.size))
            }
        }
        var signatures: [NoteSignature] = []
        for signer in signers {
            let signature = signer.key.signature(try await signer.sign(checkpoint.text))
            // A signer that holds another key would publish what nobody can verify.
            try SignedNote(text: checkpoint.text, signatures: [signature]).signers(among: [signer.key])
            signatures.append(signature)
        }
        let note = SignedNote(text: checkpoint.text, signatures: signatures).bytes
        let signedAt = clock.now()
        try await database.write { transaction in
            _ = try Self.held(transaction, by: token, at: signedAt)
            try transaction.execute(LogSchema.publish, [.integer(checkpoint.size), .time(signedAt), .blob(note)])
        }
        try await threads.runIfActive {
            try directory.writeCheckpoint(note)
            directory.prunePartials(from: state.publishedSize, to: checkpoint.size)
        }
        published.wake()
        return true
    }
}

extension LogDirectory {
    /// The right edge of the tree that the state describes.
    ///
    /// - Throws: ``TileError`` when the files are not that tree's.
    func edge(of state: LogState) throws -> TiledTree {
        let tree = try TiledTree(size: state.size) { try contents(of: $0) }
        guard tree.root == state.root else {
            guard let address = TileAddress(.hashes(level: 0), index: max(0, state.size - 1) >> 8, treeSize: state.size)
            else { throw TileError.entryLength(0) }
            throw TileError.differs(address)
        }
        return tree
    }

    /// Hashes of complete subtrees; each tile is read once.
    func hashes(size: Int) -> SubtreeReader {
        var known: [TileAddress: [UInt8]] = [:]
        return TileHashes(size: size) { address in
            if let bytes = known[address] { return bytes }
            let bytes = try contents(of: address)
            known[address] = bytes
            return bytes
        }.hash
    }
}
