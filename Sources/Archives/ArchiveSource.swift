// SPDX-License-Identifier: EUPL-1.2

import Glibc

/// Bytes that an archive is read from: a range of an open file, or memory.
public enum ArchiveSource: Sendable {
    /// A range of an open, seekable file; the descriptor stays open and its position is not used.
    ///
    /// `length` nil means up to the end of the file.
    case file(descriptor: Int32, offset: Int64 = 0, length: Int64? = nil)
    /// Bytes in memory.
    case memory([UInt8])

    /// Copies up to `buffer.count` bytes that begin at `position`, counted from the start of this source.
    ///
    /// - Returns: how many bytes; 0 at the end.
    public func read(at position: Int64, into buffer: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int {
        switch self {
        case .memory(let bytes):
            guard position >= 0, position < Int64(bytes.count) else { return 0 }
            let start = Int(position)
            let count = min(buffer.count, bytes.count - start)
            bytes.withUnsafeBytes { whole in
                buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: whole[start..<start + count]))
            }
            return count
        case .file(let descriptor, let offset, let length):
            var wanted = buffer.count
            if let length { wanted = Int(min(Int64(wanted), max(0, length - position))) }
            guard wanted > 0 else { return 0 }
            while true {
                let count = pread(descriptor, buffer.baseAddress, wanted, off_t(offset + position))
                if count >= 0 { return count }
                if errno != EINTR { throw .unreadable(errno: errno, offset: offset + position) }
            }
        }
    }

    /// The first bytes, for telling formats apart.
    func prefix(_ count: Int) throws(ArchiveError) -> [UInt8] {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
        defer { buffer.deallocate() }
        let read = try read(at: 0, into: buffer)
        return Array(buffer[..<read])
    }
}
