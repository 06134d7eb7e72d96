// SPDX-License-Identifier: EUPL-1.2

import CZlib

/// Packs a stream of bytes as gzip, without name and time: the same bytes give the same file.
///
/// Source: RFC 1952.
public final class GzipWriter {
    // zlib keeps the address of the stream that it was begun with.
    private let stream: UnsafeMutablePointer<z_stream>
    private let buffer: UnsafeMutableRawBufferPointer

    /// Begins a stream.
    public init() throws(ArchiveError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        buffer = .allocate(byteCount: 1 << 17, alignment: 16)
        // 15 bits of window, 16 for the gzip frame.
        let result = deflateInit2_(
            stream,
            Z_DEFAULT_COMPRESSION,
            Z_DEFLATED,
            31,
            8,
            Z_DEFAULT_STRATEGY,
            ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size)
        )
        guard result == Z_OK else { throw .unavailable("zlib has no memory") }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
        buffer.deallocate()
    }

    /// Packs more bytes; what comes out is valid only during the call of `take`.
    public func write(_ bytes: UnsafeRawBufferPointer, _ take: (UnsafeRawBufferPointer) throws -> Void) throws {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
        var done = 0
        while done < bytes.count {
            let count = min(bytes.count - done, 1 << 30)
            stream.pointee.next_in = UnsafeMutablePointer(
                mutating: (base + done).assumingMemoryBound(to: UInt8.self)
            )
            stream.pointee.avail_in = UInt32(count)
            try run(Z_NO_FLUSH, take)
            done += count
        }
    }

    /// Ends the stream.
    public func finish(_ take: (UnsafeRawBufferPointer) throws -> Void) throws {
        stream.pointee.next_in = nil
        stream.pointee.avail_in = 0
        try run(Z_FINISH, take)
    }

    private func run(_ flush: Int32, _ take: (UnsafeRawBufferPointer) throws -> Void) throws {
        while true {
            stream.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.pointee.avail_out = UInt32(buffer.count)
            let result = deflate(stream, flush)
            guard result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR else {
                throw ArchiveError.unavailable("zlib gave up with \(result)")
            }
            let made = buffer.count - Int(stream.pointee.avail_out)
            if made > 0 { try take(UnsafeRawBufferPointer(rebasing: buffer[..<made])) }
            if result == Z_STREAM_END || (flush == Z_NO_FLUSH && stream.pointee.avail_out > 0) { return }
        }
    }
}
