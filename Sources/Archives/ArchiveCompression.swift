// SPDX-License-Identifier: EUPL-1.2

/// How an archive is compressed, told by its first bytes and never by a name or media type.
public enum ArchiveCompression: String, Sendable, Hashable, CaseIterable {
    case none, gzip, zstd, xz, bzip2

    /// Recognises a compressed stream by its magic number; ``none`` when there is none that is known.
    ///
    /// - Parameter prefix: the first bytes; six are enough.
    public static func detect(_ prefix: [UInt8]) -> Self {
        if prefix.starts(with: [0x1f, 0x8b]) { return .gzip }
        if prefix.starts(with: [0x28, 0xb5, 0x2f, 0xfd]) { return .zstd }
        if prefix.starts(with: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]) { return .xz }
        if prefix.starts(with: [0x42, 0x5a, 0x68]) { return .bzip2 }
        return .none
    }
}
