// SPDX-License-Identifier: EUPL-1.2

/// Bounds on what one archive may make its reader do.
public struct ArchiveLimits: Sendable, Hashable {
    /// Bytes after decompression.
    public var uncompressedBytes: Int64
    /// Bytes out per byte in; looked at only once ``ratioFloor`` bytes have come out, because a small file of zeros is no attack.
    public var ratio: Int64
    /// Bytes that may come out before ``ratio`` counts.
    public var ratioFloor: Int64
    /// Members, directories included.
    public var entries: Int
    /// Bytes of one path.
    public var pathBytes: Int
    /// Bytes of one link target.
    public var linkBytes: Int
    /// Size that one member may claim.
    public var entryBytes: Int64

    /// Bounds that a large honest layer keeps; every one can be set.
    public init(
        uncompressedBytes: Int64 = 20 << 30,
        ratio: Int64 = 300,
        ratioFloor: Int64 = 512 << 20,
        entries: Int = 1_000_000,
        pathBytes: Int = 4096,
        linkBytes: Int = 4096,
        entryBytes: Int64 = 20 << 30
    ) {
        self.uncompressedBytes = uncompressedBytes
        self.ratio = ratio
        self.ratioFloor = ratioFloor
        self.entries = entries
        self.pathBytes = pathBytes
        self.linkBytes = linkBytes
        self.entryBytes = entryBytes
    }

    /// Bounds for a layer of an image.
    public static let standard = ArchiveLimits()
}
