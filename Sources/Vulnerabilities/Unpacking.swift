// SPDX-License-Identifier: EUPL-1.2

import Archives

/// Unpacks gzip in memory, within the bounds of ``FeedFiles``.
enum Unpacking {
    /// All bytes; a bomb ends at the bound and not at the end of the memory.
    ///
    /// - Throws: ``DamagedFeed`` when the check sum in the file is not that of its content. The library does not look at it, and a version
    ///   in which one digit was changed on the way is still a version.
    static func whole(_ packed: [UInt8]) throws -> [UInt8] {
        let bytes = try Decompression.bytes(of: .memory(packed), limit: Int64(FeedFiles.limit))
        let isGzip = packed.starts(with: [0x1F, 0x8B])
        guard !isGzip || packed.suffix(8).prefix(4).elementsEqual(littleEndian(crc32(bytes))) else {
            throw DamagedFeed()
        }
        return bytes
    }

    private static func littleEndian(_ value: UInt32) -> [UInt8] {
        [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: value >> $0) }
    }

    /// The check sum of gzip (RFC 1952, 8).
    private static func crc32(_ bytes: [UInt8]) -> UInt32 {
        let table = (0..<256).map { (start: UInt32) in
            (0..<8).reduce(start) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
        }
        var value: UInt32 = .max
        for byte in bytes { value = table[Int(UInt8(truncatingIfNeeded: value) ^ byte)] ^ (value >> 8) }
        return ~value
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
}

/// A compressed feed whose content is not what its publisher packed.
struct DamagedFeed: Error, CustomStringConvertible {
    var description: String {
        "the gzip check sum at its end does not match its content: it was changed or cut on the way; fetch it again from its publisher"
    }
}
