// SPDX-License-Identifier: EUPL-1.2

public import OCI

/// One layer as a range of an open file, and what is claimed about it.
public struct LayerInput: Sendable, Hashable {
    /// Open for reading; it is not closed and its position is not used.
    public var descriptor: Int32
    /// First byte of the layer in the file.
    public var offset: Int64
    /// Bytes of the layer; nil up to the end of the file.
    public var length: Int64?
    /// Media type as the manifest has it; the compression is told by the bytes.
    public var mediaType: String
    /// Claimed digest of the stored bytes; nil where nobody claims one (a docker archive).
    public var digest: Digest?
    /// Claimed digest of the uncompressed bytes; the configuration's entry unless given.
    public var diffID: Digest?
    /// An open record of an earlier reading, in bytes as ``LayerRecord`` writes them; the layer's own bytes are read where it does not fit.
    ///
    /// Whoever gives it sees to it that the layer's bytes have its digest.
    public var record: Int32?

    /// Makes a layer from an open file.
    public init(
        descriptor: Int32,
        offset: Int64 = 0,
        length: Int64? = nil,
        mediaType: String,
        digest: Digest? = nil,
        diffID: Digest? = nil,
        record: Int32? = nil
    ) {
        self.descriptor = descriptor
        self.offset = offset
        self.length = length
        self.mediaType = mediaType
        self.digest = digest
        self.diffID = diffID
        self.record = record
    }
}
