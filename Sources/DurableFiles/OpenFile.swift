// SPDX-License-Identifier: EUPL-1.2

/// An open descriptor and the path it was opened at, so that every later error can name the file.
///
/// A value, not an owner: whoever opened it closes it with ``FileOperations/close``.
public struct OpenFile: Sendable, Hashable {
    /// The operating system's descriptor.
    public let descriptor: Int32
    /// The path given at opening.
    public let path: String

    /// Names a descriptor.
    public init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }
}

/// What the file system says about a path or a descriptor.
public struct FileStatus: Sendable, Hashable {
    /// What kind of thing lies at the path.
    public enum Kind: Sendable, Hashable {
        /// A regular file.
        case file
        /// A directory.
        case directory
        /// A symbolic link (never followed).
        case symbolicLink
        /// A device, socket or pipe.
        case other
    }

    /// What kind of thing it is.
    public let kind: Kind
    /// Size in bytes.
    public let size: Int64
    /// Permission bits.
    public let mode: UInt32
    /// Number of the file within its device; with ``device`` it tells whether two names are one file.
    public let inode: UInt64
    /// Number of the device.
    public let device: UInt64
    /// Last change of the content, nanoseconds since 1970.
    public let modifiedNanoseconds: Int64

    /// A status made by hand, for a seam in tests.
    public init(
        kind: Kind,
        size: Int64,
        mode: UInt32 = 0o644,
        inode: UInt64 = 0,
        device: UInt64 = 0,
        modifiedNanoseconds: Int64 = 0
    ) {
        self.kind = kind
        self.size = size
        self.mode = mode
        self.inode = inode
        self.device = device
        self.modifiedNanoseconds = modifiedNanoseconds
    }
}
