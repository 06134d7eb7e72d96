// SPDX-License-Identifier: EUPL-1.2

public import DurableFiles
import Synchronization

/// A file seam that records every operation in order and fails the ones that a test names.
public final class FaultyFiles: Sendable {
    /// One operation that was asked for.
    public struct Event: Sendable, Hashable, CustomStringConvertible {
        /// Name of the operation, as in ``FileOperations``.
        public let operation: String
        /// Path, or the new path of a rename or link.
        public let path: String
        /// Bytes of a write or read, else 0.
        public let bytes: Int
        /// Whether it was made to fail.
        public let failed: Bool
        /// Operation and last component of the path.
        public var description: String {
            operation + " " + (path.split(separator: "/").last.map(String.init) ?? path) + (failed ? " (failed)" : "")
        }
    }

    private struct Fault {
        let operation: String?
        var skip: Int
        var times: Int
        let code: Int32
    }

    private struct State {
        var events: [Event] = []
        var faults: [Fault] = []
    }

    private let base: FileOperations
    private let state = Mutex(State())

    /// Records what goes to `base`.
    public init(_ base: FileOperations = .live) { self.base = base }

    /// What was asked for so far, in order.
    public var events: [Event] { state.withLock { $0.events } }

    /// Forgets what was recorded.
    public func clear() { state.withLock { $0.events = [] } }

    /// Makes the nth operation of a name (of any when nil) from now on fail.
    ///
    /// - Parameters:
    ///   - operation: as in ``FileOperations``; any when nil.
    ///   - nth: from 1.
    ///   - times: how many fail from there on.
    ///   - code: the operating system's number, ENOSPC for example.
    public func fail(_ operation: String?, nth: Int = 1, times: Int = 1, code: Int32) {
        state.withLock { $0.faults.append(Fault(operation: operation, skip: nth - 1, times: times, code: code)) }
    }

    private func record(_ operation: String, _ path: String, _ bytes: Int = 0) throws(FileError) {
        let code: Int32? = state.withLock { state in
            var code: Int32?
            for index in state.faults.indices where state.faults[index].operation ?? operation == operation {
                if state.faults[index].skip > 0 {
                    state.faults[index].skip -= 1
                } else if state.faults[index].times > 0, code == nil {
                    state.faults[index].times -= 1
                    code = state.faults[index].code
                }
            }
            state.events.append(Event(operation: operation, path: path, bytes: bytes, failed: code != nil))
            return code
        }
        if let code { throw FileError(operation, path: path, code: code) }
    }

    /// The seam to give to the code under test.
    public var operations: FileOperations {
        let base = base
        return FileOperations(
            create: { [self] path, mode throws(FileError) in
                try record("create", path)
                return try base.create(path, mode)
            },
            openForReading: { [self] path throws(FileError) in
                try record("openForReading", path)
                return try base.openForReading(path)
            },
            openForWriting: { [self] path throws(FileError) in
                try record("openForWriting", path)
                return try base.openForWriting(path)
            },
            write: { [self] file, bytes, offset throws(FileError) in
                try record("write", file.path, bytes.count)
                try base.write(file, bytes, offset)
            },
            read: { [self] file, buffer, offset throws(FileError) in
                try record("read", file.path, buffer.count)
                return try base.read(file, buffer, offset)
            },
            synchronise: { [self] file throws(FileError) in
                try record("synchronise", file.path)
                try base.synchronise(file)
            },
            synchroniseDirectory: { [self] path throws(FileError) in
                try record("synchroniseDirectory", path)
                try base.synchroniseDirectory(path)
            },
            rename: { [self] from, to throws(FileError) in
                try record("rename", to)
                try base.rename(from, to)
            },
            link: { [self] existing, new throws(FileError) in
                try record("link", new)
                try base.link(existing, new)
            },
            remove: { [self] path throws(FileError) in
                try record("remove", path)
                return try base.remove(path)
            },
            removeDirectory: { [self] path throws(FileError) in
                try record("removeDirectory", path)
                return try base.removeDirectory(path)
            },
            truncate: { [self] file, size throws(FileError) in
                try record("truncate", file.path)
                try base.truncate(file, size)
            },
            status: { [self] file throws(FileError) in
                try record("status", file.path)
                return try base.status(file)
            },
            statusAt: { [self] path throws(FileError) in
                try record("statusAt", path)
                return try base.statusAt(path)
            },
            makeDirectory: { [self] path, mode throws(FileError) in
                try record("makeDirectory", path)
                return try base.makeDirectory(path, mode)
            },
            names: { [self] path throws(FileError) in
                try record("names", path)
                return try base.names(path)
            },
            close: { [self] file in
                try? record("close", file.path)
                base.close(file)
            }
        )
    }
}
