// SPDX-License-Identifier: EUPL-1.2

public import DurableFiles

/// Why the blob store could not do what was asked.
public enum BlobError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A key is not 32 lowercase hexadecimal digits; nothing else may become part of a path.
    case invalidKey(String)
    /// There is no file of that key.
    case missing(key: String)
    /// An upload should go on at an offset that its file does not reach: bytes were lost, with the power for example.
    case shorterThanExpected(key: String, expected: Int64, actual: Int64)
    /// The writer was finished, closed or cancelled before, or another call on it is still running.
    case notOpen(key: String)
    /// A read begins before the start or behind the end.
    case outOfRange(key: String, offset: Int64, size: Int64)
    /// The operating system refused.
    case file(FileError)

    /// Whether the disk or a quota is full.
    public var isFull: Bool {
        if case .file(let error) = self { return error.isFull }
        return false
    }

    /// What, where, why, what next.
    public var description: String {
        switch self {
        case .invalidKey(let key):
            "\"\(key.prefix(64))\" is not the key of a blob: it must be 32 lowercase hexadecimal digits"
        case .missing(let key):
            "the file of blob \(key) is missing; check that the data directory's file system is mounted whole, or restore the file from a backup"
        case .shorterThanExpected(let key, let expected, let actual):
            "the file of upload \(key) has \(actual) bytes and should have \(expected); start the upload anew"
        case .notOpen(let key):
            "upload \(key) is not open for writing: it was finished or cancelled, or another request is writing to it"
        case .outOfRange(let key, let offset, let size):
            "offset \(offset) lies outside blob \(key), which has \(size) bytes"
        case .file(let error):
            error.description
        }
    }
}
