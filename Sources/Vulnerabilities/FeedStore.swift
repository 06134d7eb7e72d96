// SPDX-License-Identifier: EUPL-1.2

public import DurableFiles
import Synchronization
public import Time

/// The advisories of a node: immutable snapshots under `DATA/feeds`, of which one is current.
///
/// Any number of processes read while one imports. A snapshot is built in a file aside, verified, made durable, and
/// becomes current by replacing one small pointer file; readers see the switch at their next ``current()``.
///
/// ```
/// DATA/feeds/current                   which snapshot is current, with the states of its feeds (JSON)
///            snapshot-<hex>.sqlite     the snapshots: the current one and the two before it
///            import.lock               held by the kernel for whoever imports
///            building-<random>.sqlite  what an importer is working on; swept by the next one
/// ```
///
/// ## Topics
/// - ``current()``
/// - ``importFeeds(paths:asOf:waiting:)``
/// - ``SnapshotWatcher``
public struct FeedStore: Sendable {
    /// The directory of the snapshots.
    public let directory: String
    /// How long an import waits for another one to end.
    public var patience: Duration = .seconds(600)
    let files: FileOperations
    let clock: WallClock
    private let held = HeldSnapshot()

    /// Creates a store; nothing is touched until the first import.
    ///
    /// - Parameters:
    ///   - directory: `DATA/feeds`; made by the first import.
    ///   - files: the seam of durable writes.
    ///   - clock: tells whether a feed's date lies in the future.
    public init(directory: String, files: FileOperations = .live, clock: WallClock = .system) {
        self.directory = directory.count > 1 && directory.hasSuffix("/") ? String(directory.dropLast()) : directory
        self.files = files
        self.clock = clock
    }

    /// The current snapshot, opened once and shared; nil when nothing was ever imported.
    ///
    /// Reads one small file; a switched pointer is seen by the next call.
    ///
    /// - Throws: ``FeedStoreError`` when the pointer or its snapshot is missing or damaged. An older snapshot is never
    ///   given instead: it would call an image clean that is not.
    public func current() throws -> AdvisorySnapshot? {
        // An import may switch and prune between the two reads; then the pointer names the newer one.
        for _ in 0..<3 {
            guard let pointer = try pointer() else { return nil }
            do {
                return try held.snapshot(pointer.id) {
                    try AdvisorySnapshot(path: directory + "/" + pointer.file, id: pointer.id)
                }
            } catch {
                if try self.pointer() != pointer { continue }
                if let error = error as? FeedStoreError { throw error }
                throw FeedStoreError.snapshot(path: directory + "/" + pointer.file, reason: "\(error)")
            }
        }
        throw FeedStoreError.pointer(path: pointerPath, reason: "it changes faster than it can be read")
    }

    /// The identity of the current snapshot, without opening it; nil when nothing was ever imported.
    public func currentIdentity() throws -> String? {
        try pointer()?.id
    }

    /// A snapshot by its identity, current or not; nil when its file is no longer kept.
    ///
    /// - Parameter id: the snapshot's identity, `sha256:…`.
    public func snapshot(id: String) -> AdvisorySnapshot? {
        if let snapshot = held.snapshot(id) { return snapshot }
        return try? AdvisorySnapshot(path: directory + "/" + SnapshotPointer.fileName(of: id), id: id)
    }

    var pointerPath: String { directory + "/current" }

    func pointer() throws -> SnapshotPointer? {
        do {
            guard let bytes = try files.contents(of: pointerPath) else { return nil }
            return try SnapshotPointer(parsing: bytes)
        } catch let error as FileError {
            throw FeedStoreError.file(path: pointerPath, operation: error.operation, reason: error.reason)
        } catch {
            throw FeedStoreError.pointer(path: pointerPath, reason: "\(error)")
        }
    }
}

/// The snapshot that was opened last, so that callers share it; its mutex is the one owner.
private final class HeldSnapshot: Sendable {
    private let held = Mutex<AdvisorySnapshot?>(nil)

    func snapshot(_ id: String) -> AdvisorySnapshot? {
        held.withLock { $0?.id == id ? $0 : nil }
    }

    func snapshot(_ id: String, open: () throws -> AdvisorySnapshot) throws -> AdvisorySnapshot {
        try held.withLock { held in
            if let held, held.id == id { return held }
            let opened = try open()
            held = opened
            return opened
        }
    }
}
