// SPDX-License-Identifier: EUPL-1.2

/// Everything the house does to files that must survive a power cut, as closures.
///
/// All durable writes go through one value of this type, so that tests can record the order of operations, fail the
/// nth of them and cut the machine's power between two. Every call blocks: call it from a thread pool, never from
/// the cooperative pool, except at start-up. Nothing here follows a symbolic link at the last component of a path
/// that it opens.
public struct FileOperations: Sendable {
    /// Creates a new file for reading and writing; refuses (`EEXIST`) when anything has that name.
    public var create: @Sendable (_ path: String, _ mode: UInt32) throws(FileError) -> OpenFile
    /// Opens an existing regular file for reading.
    public var openForReading: @Sendable (_ path: String) throws(FileError) -> OpenFile
    /// Opens an existing regular file for reading and writing.
    public var openForWriting: @Sendable (_ path: String) throws(FileError) -> OpenFile
    /// Writes all bytes at an offset, however many system calls that takes.
    public var write:
        @Sendable (_ file: OpenFile, _ bytes: UnsafeRawBufferPointer, _ offset: Int64) throws(FileError) -> Void
    /// Reads at an offset until the buffer is full or the file ends; returns how many bytes were read.
    public var read:
        @Sendable (_ file: OpenFile, _ into: UnsafeMutableRawBufferPointer, _ offset: Int64) throws(FileError) -> Int
    /// Makes the content of a file durable.
    public var synchronise: @Sendable (_ file: OpenFile) throws(FileError) -> Void
    /// Makes the names in a directory durable.
    public var synchroniseDirectory: @Sendable (_ path: String) throws(FileError) -> Void
    /// Gives a file a new name, atomically replacing what had it.
    public var rename: @Sendable (_ from: String, _ to: String) throws(FileError) -> Void
    /// Gives a file a second name; refuses (`EEXIST`) when anything has it.
    public var link: @Sendable (_ existing: String, _ new: String) throws(FileError) -> Void
    /// Removes a name; returns false when there was none.
    public var remove: @Sendable (_ path: String) throws(FileError) -> Bool
    /// Removes an empty directory; returns false when there was none.
    public var removeDirectory: @Sendable (_ path: String) throws(FileError) -> Bool
    /// Cuts or extends a file to a size in bytes.
    public var truncate: @Sendable (_ file: OpenFile, _ size: Int64) throws(FileError) -> Void
    /// Status of an open file.
    public var status: @Sendable (_ file: OpenFile) throws(FileError) -> FileStatus
    /// Status of a path without following a link; nil when nothing has that name.
    public var statusAt: @Sendable (_ path: String) throws(FileError) -> FileStatus?
    /// Makes one directory; returns false when it exists already.
    ///
    /// The parent is not synchronised: see ``makeDirectories(_:mode:)``.
    public var makeDirectory: @Sendable (_ path: String, _ mode: UInt32) throws(FileError) -> Bool
    /// Names in a directory without `.` and `..`, sorted.
    public var names: @Sendable (_ directory: String) throws(FileError) -> [String]
    /// Closes a descriptor.
    ///
    /// An error here is not reported: what must be durable was synchronised before.
    public var close: @Sendable (_ file: OpenFile) -> Void

    /// A seam made of single operations; ``live`` is the one that a node uses.
    public init(
        create: @escaping @Sendable (_ path: String, _ mode: UInt32) throws(FileError) -> OpenFile,
        openForReading: @escaping @Sendable (_ path: String) throws(FileError) -> OpenFile,
        openForWriting: @escaping @Sendable (_ path: String) throws(FileError) -> OpenFile,
        write:
            @escaping @Sendable (_ file: OpenFile, _ bytes: UnsafeRawBufferPointer, _ offset: Int64) throws(FileError)
            -> Void,
        read:
            @escaping @Sendable (_ file: OpenFile, _ into: UnsafeMutableRawBufferPointer, _ offset: Int64)
            throws(FileError) -> Int,
        synchronise: @escaping @Sendable (_ file: OpenFile) throws(FileError) -> Void,
        synchroniseDirectory: @escaping @Sendable (_ path: String) throws(FileError) -> Void,
        rename: @escaping @Sendable (_ from: String, _ to: String) throws(FileError) -> Void,
        link: @escaping @Sendable (_ existing: String, _ new: String) throws(FileError) -> Void,
        remove: @escaping @Sendable (_ path: String) throws(FileError) -> Bool,
        removeDirectory: @escaping @Sendable (_ path: String) throws(FileError) -> Bool,
        truncate: @escaping @Sendable (_ file: OpenFile, _ size: Int64) throws(FileError) -> Void,
        status: @escaping @Sendable (_ file: OpenFile) throws(FileError) -> FileStatus,
        statusAt: @escaping @Sendable (_ path: String) throws(FileError) -> FileStatus?,
        makeDirectory: @escaping @Sendable (_ path: String, _ mode: UInt32) throws(FileError) -> Bool,
        names: @escaping @Sendable (_ directory: String) throws(FileError) -> [String],
        close: @escaping @Sendable (_ file: OpenFile) -> Void
    ) {
        self.create = create
        self.openForReading = openForReading
        self.openForWriting = openForWriting
        self.write = write
        self.read = read
        self.synchronise = synchronise
        self.synchroniseDirectory = synchroniseDirectory
        self.rename = rename
        self.link = link
        self.remove = remove
        self.removeDirectory = removeDirectory
        self.truncate = truncate
        self.status = status
        self.statusAt = statusAt
        self.makeDirectory = makeDirectory
        self.names = names
        self.close = close
    }
}
