// SPDX-License-Identifier: EUPL-1.2

internal import DurableFiles
public import NIOCore

/// One finished file that is being read; closed when the last owner lets go.
public final class BlobReader: Sendable {
    /// Key of the file.
    public let key: String
    /// Size in bytes.
    public let size: Int64

    private let store: BlobStore
    private let file: OpenFile

    init(store: BlobStore, key: String, file: OpenFile, size: Int64) {
        self.store = store
        self.key = key
        self.file = file
        self.size = size
    }

    deinit { store.files.close(file) }

    /// The operating system's descriptor, opened for reading; valid while this reader lives.
    public var descriptor: Int32 { file.descriptor }

    /// Reads from an offset.
    ///
    /// - Parameters:
    ///   - offset: first byte, in bytes from the start.
    ///   - count: most bytes; more than 1 MiB is cut to that.
    /// - Returns: fewer bytes only at the end of the file.
    /// - Throws: ``BlobError``; also when the file has become shorter than ``size``.
    public func read(at offset: Int64, count: Int) async throws -> ByteBuffer {
        guard offset >= 0, offset <= size else { throw BlobError.outOfRange(key: key, offset: offset, size: size) }
        let wanted = Int(min(Int64(max(count, 0)), Int64(BlobStore.batchSize), size - offset))
        guard wanted > 0 else { return ByteBuffer() }
        return try await store.onThread { [self] in
            var buffer = ByteBufferAllocator().buffer(capacity: wanted)
            let read = try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: wanted) { space in
                try store.files.read(file, UnsafeMutableRawBufferPointer(rebasing: space[..<wanted]), offset)
            }
            guard read == wanted else {
                throw BlobError.shorterThanExpected(key: key, expected: size, actual: offset + Int64(read))
            }
            return buffer
        }
    }

    /// A range of the content in pieces of 256 KiB, read as they are asked for.
    public func pieces(_ range: Range<Int64>) throws(BlobError) -> Pieces {
        guard range.lowerBound >= 0, range.upperBound <= size else {
            throw BlobError.outOfRange(key: key, offset: range.upperBound, size: size)
        }
        return Pieces(reader: self, range: range)
    }

    /// A range of a blob's content, piece by piece.
    public struct Pieces: AsyncSequence, Sendable {
        /// One piece.
        public typealias Element = ByteBuffer

        let reader: BlobReader
        let range: Range<Int64>

        /// Reads from the start of the range.
        public func makeAsyncIterator() -> Iterator {
            Iterator(reader: reader, offset: range.lowerBound, end: range.upperBound)
        }

        /// Reads one piece after the other.
        public struct Iterator: AsyncIteratorProtocol {
            let reader: BlobReader
            var offset: Int64
            let end: Int64

            /// The next piece, nil at the end of the range.
            public mutating func next() async throws -> ByteBuffer? {
                guard offset < end else { return nil }
                let piece = try await reader.read(
                    at: offset,
                    count: Int(Swift.min(Int64(BlobStore.pieceSize), end - offset))
                )
                offset += Int64(piece.readableBytes)
                return piece
            }
        }
    }
}
