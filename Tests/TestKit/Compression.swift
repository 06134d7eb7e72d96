// SPDX-License-Identifier: EUPL-1.2

/// Compressed forms written without a program: stored blocks only, so that every byte is known.
public enum TestCompression: Sendable {
    case none
    case gzip
    case zstd

    /// `bytes` in this form.
    public func compressed(_ bytes: [UInt8]) -> [UInt8] {
        switch self {
        case .none: bytes
        case .gzip: Self.gzipStored(bytes)
        case .zstd: Self.zstdStored(bytes)
        }
    }

    /// A gzip member whose deflate blocks are stored.
    public static func gzipStored(_ bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]
        var offset = 0
        repeat {
            let count = min(65535, bytes.count - offset)
            let last = offset + count == bytes.count
            out += [
                last ? 1 : 0, UInt8(count & 255), UInt8(count >> 8), UInt8(~count & 255), UInt8((~count >> 8) & 255),
            ]
            out += bytes[offset..<offset + count]
            offset += count
        } while offset < bytes.count
        out += littleEndian(crc32(bytes)) + littleEndian(UInt32(truncatingIfNeeded: bytes.count))
        return out
    }

    /// A zstd frame whose blocks are raw.
    public static func zstdStored(_ bytes: [UInt8]) -> [UInt8] {
        var out = zstdHeader
        var offset = 0
        repeat {
            let count = min(128 << 10, bytes.count - offset)
            let last: UInt32 = offset + count == bytes.count ? 1 : 0
            out += littleEndian(last | UInt32(count) << 3).prefix(3)
            out += bytes[offset..<offset + count]
            offset += count
        } while offset < bytes.count
        return out
    }

    /// A zstd frame that begins with `prefix` and goes on with `blocks` times 128 KiB of zeros at four bytes each: a bomb.
    public static func zstdBomb(prefix: [UInt8], blocks: Int) -> [UInt8] {
        var out = zstdHeader
        for start in stride(from: 0, to: prefix.count, by: 128 << 10) {
            let part = prefix[start..<min(prefix.count, start + 128 << 10)]
            out += littleEndian(UInt32(part.count) << 3).prefix(3)
            out += part
        }
        for index in 0..<blocks {
            let last: UInt32 = index == blocks - 1 ? 1 : 0
            out += littleEndian(last | 1 << 1 | UInt32(128 << 10) << 3).prefix(3)
            out.append(0)
        }
        return out
    }

    /// Magic number, no content size, a window of 1 MiB.
    private static let zstdHeader: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x50]

    private static func littleEndian(_ value: UInt32) -> [UInt8] {
        [UInt8(value & 255), UInt8(value >> 8 & 255), UInt8(value >> 16 & 255), UInt8(value >> 24)]
    }

    private static let crcTable: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xedb8_8320 ^ value >> 1 : value >> 1 }
    }

    private static func crc32(_ bytes: [UInt8]) -> UInt32 {
        var value: UInt32 = .max
        for byte in bytes { value = crcTable[Int((value ^ UInt32(byte)) & 255)] ^ value >> 8 }
        return ~value
    }
}
