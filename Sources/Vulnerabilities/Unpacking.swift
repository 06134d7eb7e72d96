// SPDX-License-Identifier: EUPL-1.2

import Archives

/// Unpacks gzip in memory, within the bounds of ``FeedFiles``.
enum Unpacking {
    /// All bytes; a bomb ends at the bound and not at the end of the memory.
    ///
    /// - Throws: ``DamagedFeed`` when the check sum in the file is not that of its content. The library does not look at it, and a version
    ///   in which one digit was changed on the way is still a version.
    static func whole(_ packed: [UInt8]) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try stream(packed) { bytes.append(contentsOf: $0) }
        return bytes
    }

    /// The bytes block by block; what `body` throws ends it.
    ///
    /// - Throws: as ``whole(_:)``, after the last block.
    static func stream(_ packed: [UInt8], _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        let limits = ArchiveLimits(uncompressedBytes: Int64(FeedFiles.limit), ratio: .max)
        var sum = UInt32.max
        var failure: (any Error)?
        do {
            try Decompression.stream(.memory(packed), limits: limits) { block throws(ArchiveError) in
                sum = crc32(block, sum)
                do { try body(block) } catch {
                    failure = error
                    throw .refused("\(error)")
                }
            }
        } catch {
            throw failure ?? error
        }
        let isGzip = packed.starts(with: [0x1F, 0x8B])
        guard !isGzip || packed.suffix(8).prefix(4).elementsEqual(littleEndian(~sum)) else { throw DamagedFeed() }
    }

    private static func littleEndian(_ value: UInt32) -> [UInt8] {
        [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: value >> $0) }
    }

    /// The check sum of gzip (RFC 1952, 8), before its last inversion.
    private static func crc32(_ bytes: UnsafeRawBufferPointer, _ before: UInt32) -> UInt32 {
        var value = before
        let table = table
        for byte in bytes { value = table[Int(UInt8(truncatingIfNeeded: value) ^ byte)] ^ (value >> 8) }
        return value
    }

    private static let table = (0..<256).map { (start: UInt32) in
        (0..<8).reduce(start) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
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
