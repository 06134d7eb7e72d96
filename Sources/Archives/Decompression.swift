// SPDX-License-Identifier: EUPL-1.2

/// Decompresses gzip, zstd, xz and bzip2 streams; what is none of them passes through.
public enum Decompression {
    /// Streams `source`, decompressed, into `body`; buffers are valid only during the call.
    ///
    /// - Returns: how many bytes came out.
    @discardableResult
    public static func stream(
        _ source: ArchiveSource,
        limits: ArchiveLimits = .standard,
        _ body: (UnsafeRawBufferPointer) throws(ArchiveError) -> Void
    ) throws(ArchiveError) -> Int64 {
        let decompressor = try Decompressor(source, limits: limits, onStored: { _ in }, onUncompressed: { _ in })
        while true {
            let block = try decompressor.next()
            if block.isEmpty { return decompressor.bytesOut }
            try body(block)
        }
    }

    /// The decompressed bytes of `source`.
    ///
    /// - Parameter limit: most bytes that may come out.
    public static func bytes(of source: ArchiveSource, limit: Int64) throws(ArchiveError) -> [UInt8] {
        var out: [UInt8] = []
        let limits = ArchiveLimits(uncompressedBytes: limit, ratio: .max)
        try stream(source, limits: limits) { block throws(ArchiveError) in out.append(contentsOf: block) }
        return out
    }
}
