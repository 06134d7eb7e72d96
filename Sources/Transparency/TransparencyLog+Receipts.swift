// SPDX-License-Identifier: EUPL-1.2

internal import Database
public import MerkleLog
internal import NIOPosix
public import Time

/// An entry of the log with what a Rekor-style promise about it says.
public struct IncludedEntry: Sendable, Hashable {
    /// Index in the log.
    public let index: Int
    /// When it was integrated.
    public let integratedAt: Timestamp
    /// The bytes of the leaf.
    public let bytes: [UInt8]
    /// Proof in the tree of the newest checkpoint.
    public let proof: InclusionProof
    /// The newest checkpoint, signed.
    public let checkpoint: [UInt8]

    /// The receipt: all that proves it offline.
    public var receipt: LogReceipt { LogReceipt(index: index, hashes: proof.hashes, checkpoint: checkpoint) }
}

extension TransparencyLog {
    /// The receipt of an entry, as soon as a checkpoint covers it.
    ///
    /// - Parameters:
    ///   - id: what ``enqueue(_:in:)`` gave.
    ///   - timeout: how long to wait for the checkpoint.
    /// - Throws: ``TransparencyError/unknownEntry(_:)``, ``TransparencyError/refused(_:_:)``, ``TransparencyError/frozen(_:)``,
    ///   ``TransparencyError/notYetPublished(_:)`` when the time is over.
    public func receipt(for id: Int64, timeout: Duration = .zero) async throws -> LogReceipt {
        let place = try await place(of: id, timeout: timeout)
        let (directory, tiles) = (directory, tiles)
        let proof = try await threads.runIfActive { try tiles.proof(place.index, size: place.size, in: directory) }
        return LogReceipt(index: place.index, hashes: proof.hashes, checkpoint: place.note)
    }

    /// Like ``receipt(for:timeout:)``, with the entry itself.
    public func included(_ id: Int64, timeout: Duration = .zero) async throws -> IncludedEntry {
        let place = try await place(of: id, timeout: timeout)
        let (directory, tiles) = (directory, tiles)
        return try await threads.runIfActive {
            IncludedEntry(
                index: place.index,
                integratedAt: place.integratedAt,
                bytes: try directory.entry(place.index, size: place.size),
                proof: try tiles.proof(place.index, size: place.size, in: directory),
                checkpoint: place.note
            )
        }
    }

    /// Where an entry stands, and the checkpoint that covers it.
    private struct Place: Sendable {
        let index: Int
        let integratedAt: Timestamp
        let size: Int
        let note: [UInt8]
    }

    private func place(of id: Int64, timeout: Duration) async throws -> Place {
        let deadline = ContinuousClock.now + timeout
        while true {
            if let place = try await currentPlace(of: id) { return place }
            let left = deadline - ContinuousClock.now
            guard left > .zero else { throw TransparencyError.notYetPublished(id) }
            // Another process may publish: nobody wakes us then.
            await published.wait(atMost: min(left, .milliseconds(500)), sleep: settings.sleep)
            try Task.checkCancellation()
        }
    }

    private func currentPlace(of id: Int64) async throws -> Place? {
        let (entry, state) = try await database.lookUp { transaction in
            let row = try transaction.first(LogSchema.entry, [.integer(id)])
            return (try row.map { try LoggedEntry($0) }, try LogState(transaction))
        }
        guard let entry, let state else { throw TransparencyError.unknownEntry(id) }
        switch entry.state {
        case .refused(let reason): throw TransparencyError.refused(id, reason)
        case .logged(let index, let integratedAt?) where index < state.publishedSize:
            return state.note.map {
                Place(index: index, integratedAt: integratedAt, size: state.publishedSize, note: $0)
            }
        case .waiting, .logged:
            if let freeze = state.freeze { throw TransparencyError.frozen(freeze) }
            return nil
        }
    }
}

extension LogDirectory {
    /// The bytes of an entry of a tree of some size.
    public func entry(_ index: Int, size: Int) throws -> [UInt8] {
        guard index >= 0, index < size,
            let address = TileAddress(.entries, index: index / TileAddress.fullWidth, treeSize: size)
        else { throw MerkleTreeError.noLeaf(index: index, size: size) }
        guard let bytes = try contents(of: address) else { throw TileError.missing(address) }
        return try EntryBundle.decode(bytes, at: address)[index % TileAddress.fullWidth]
    }
}
