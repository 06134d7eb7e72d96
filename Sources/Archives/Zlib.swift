// SPDX-License-Identifier: EUPL-1.2

import CZlib

/// Bytes at rest in the zlib format, behind their length; the format's own checksum tells a torn file from a whole one.
///
/// Source: RFC 1950. The length is eight bytes, the least first.
public enum Zlib {
    private static let header = 8

    /// Packs bytes.
    public static func compress(_ bytes: [UInt8]) throws(ArchiveError) -> [UInt8] {
        let bound = Int(compressBound(UInt(bytes.count)))
        var size = UInt(bound)
        var result = Z_OK
        let packed = [UInt8](unsafeUninitializedCapacity: header + bound) { buffer, count in
            for index in 0..<header { buffer[index] = UInt8(truncatingIfNeeded: bytes.count >> (8 * index)) }
            bytes.withUnsafeBufferPointer { source in
                // An empty array has no address, and zlib takes none that is null.
                let base = source.baseAddress ?? UnsafePointer(buffer.baseAddress)
                result = compress2(
                    buffer.baseAddress.map { $0 + header },
                    &size,
                    base,
                    UInt(source.count),
                    Z_DEFAULT_COMPRESSION
                )
            }
            count = result == Z_OK ? header + Int(size) : 0
        }
        guard result == Z_OK else { throw ArchiveError.unavailable("zlib has no memory") }
        return packed
    }

    /// Unpacks what ``compress(_:)`` made.
    ///
    /// - Parameter limit: most bytes after unpacking; what claims more is not begun.
    public static func decompress(_ packed: [UInt8], limit: Int) throws(ArchiveError) -> [UInt8] {
        guard packed.count >= header else {
            throw ArchiveError.malformed(reason: "it is shorter than its header", member: 0, offset: 0)
        }
        let claimed = packed[..<header].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard claimed <= UInt64(max(limit, 0)) else {
            throw ArchiveError.exceeded(bound: .uncompressedBytes, limit: Int64(limit), member: 0, path: nil)
        }
        var size = UInt(claimed)
        var result = Z_OK
        let bytes = [UInt8](unsafeUninitializedCapacity: Int(claimed) + 1) { buffer, count in
            packed.withUnsafeBufferPointer { source in
                result = uncompress(
                    buffer.baseAddress,
                    &size,
                    source.baseAddress.map { $0 + header },
                    UInt(source.count - header)
                )
            }
            count = result == Z_OK ? Int(size) : 0
        }
        guard result == Z_OK, bytes.count == Int(claimed) else {
            throw ArchiveError.malformed(reason: "the zlib stream is damaged or torn", member: 0, offset: 0)
        }
        return bytes
    }
}
