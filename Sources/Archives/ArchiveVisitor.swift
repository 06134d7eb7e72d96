// SPDX-License-Identifier: EUPL-1.2

/// What is done with an archive while it streams by, once.
///
/// Buffers are valid only during the call; nothing is copied on the way.
public protocol ArchiveVisitor: AnyObject {
    /// Bytes as they are stored, in order, all of them (also after the end of the archive): for the digest of a blob.
    func stored(_ bytes: UnsafeRawBufferPointer)
    /// Bytes after decompression, in order, all of them: for a layer's diffID.
    func uncompressed(_ bytes: UnsafeRawBufferPointer)
    /// A member begins.
    ///
    /// - Returns: whether ``data(_:at:)`` is wanted for it.
    func begin(_ entry: ArchiveEntry) throws(ArchiveError) -> Bool
    /// A piece of the member's contents; what lies between two pieces is zeros.
    func data(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(ArchiveError)
    /// The member that ``begin(_:)`` wanted data for is complete.
    func end() throws(ArchiveError)
}

extension ArchiveVisitor {
    /// Ignores the bytes.
    public func stored(_ bytes: UnsafeRawBufferPointer) {}
    /// Ignores the bytes.
    public func uncompressed(_ bytes: UnsafeRawBufferPointer) {}
    /// Ignores the bytes.
    public func data(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(ArchiveError) {}
    /// Does nothing.
    public func end() throws(ArchiveError) {}
}
