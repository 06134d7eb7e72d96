// SPDX-License-Identifier: EUPL-1.2

/// One member of a tar archive, as written there: nothing is resolved, cleaned or trusted.
public struct ArchiveEntry: Sendable, Hashable {
    /// What a member is.
    public enum Kind: Sendable, Hashable {
        case file, directory, symbolicLink, hardLink, characterDevice, blockDevice, fifo
        /// A type that no image needs.
        case other
    }

    /// Path as written.
    ///
    /// Bytes that are not UTF-8 appear as U+FFFD and two hexadecimal digits, so that two names stay two names.
    public var path: String
    /// What it is.
    public var kind: Kind
    /// Permission bits, 0o7777.
    public var mode: UInt32
    /// Owner; values beyond 32 bits are cut to `UInt32.max`.
    public var userID: UInt32
    /// Group; values beyond 32 bits are cut to `UInt32.max`.
    public var groupID: UInt32
    /// Size in bytes; for a sparse file the size with its holes.
    public var size: Int64
    /// Where a symbolic or hard link points to, as written.
    public var linkTarget: String?
    /// Names of extended attributes.
    public var attributes: [String]
    /// Value of `security.capability`; empty where no file capabilities are set.
    public var capabilities: [UInt8]
    /// File capabilities are set.
    public var hasCapabilities: Bool { !capabilities.isEmpty }
    /// Offset of the member's data in the uncompressed archive; of use for a range of an uncompressed archive file.
    public var dataOffset: Int64
    /// The file has holes; its data come in pieces.
    public var isSparse: Bool
    /// What the reader found odd about the header; nil when nothing.
    public var warning: String?

    /// Makes an entry; only its path and kind are needed.
    public init(
        path: String,
        kind: Kind,
        mode: UInt32 = 0o644,
        userID: UInt32 = 0,
        groupID: UInt32 = 0,
        size: Int64 = 0,
        linkTarget: String? = nil,
        attributes: [String] = [],
        capabilities: [UInt8] = [],
        dataOffset: Int64 = 0,
        isSparse: Bool = false,
        warning: String? = nil
    ) {
        self.path = path
        self.kind = kind
        self.mode = mode
        self.userID = userID
        self.groupID = groupID
        self.size = size
        self.linkTarget = linkTarget
        self.attributes = attributes
        self.capabilities = capabilities
        self.dataOffset = dataOffset
        self.isSparse = isSparse
        self.warning = warning
    }
}
