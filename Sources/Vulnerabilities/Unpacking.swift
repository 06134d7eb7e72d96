// SPDX-License-Identifier: EUPL-1.2

import Archives

/// Unpacks gzip in memory, within the bounds of ``FeedFiles``.
enum Unpacking {
    /// All bytes; a bomb ends at the bound and not at the end of the memory.
    static func whole(_ packed: [UInt8]) throws -> [UInt8] {
        try Decompression.bytes(of: .memory(packed), limit: Int64(FeedFiles.limit))
    }

    /// The first bytes; fewer when the stream is shorter or breaks off, which reading it whole will tell.
    static func prefix(_ packed: [UInt8], count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        let limits = ArchiveLimits(uncompressedBytes: Int64(FeedFiles.limit), ratio: .max)
        // Ends by being refused more, which is no failure here.
        _ = try? Decompression.stream(.memory(packed), limits: limits) { block throws(ArchiveError) in
            bytes += block.prefix(count - bytes.count)
            if bytes.count >= count { throw .refused("enough") }
        }
        return bytes
    }

    /// The first bytes of a bare deflate stream, as a zip holds it.
    ///
    /// - Parameter check: CRC and length of the content, which zip and gzip write alike; with them and the ten bytes of a
    ///   header it is a gzip stream.
    static func prefix(deflated: ArraySlice<UInt8>, check: ArraySlice<UInt8>, count: Int) -> [UInt8] {
        prefix([0x1F, 0x8B, 0x08, 0, 0, 0, 0, 0, 0, 0xFF] + deflated + check, count: count)
    }
}
