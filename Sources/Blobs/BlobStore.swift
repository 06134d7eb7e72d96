// SPDX-License-Identifier: EUPL-1.2

public import DurableFiles
public import NIOPosix
public import OCI
import Synchronization

/// Files of opaque content, each under a key that the server made and that it keeps for ever.
///
/// The store knows no digests and no rights: rows in the database say what a file is and who may read it. A file
/// that no row names is an orphan, found from the rows, never by walking directories. All blocking calls run on a
/// thread pool.
///
/// Layout: `DIR/ab/abcdef…`, 256 directories of equal size.
public struct BlobStore: Sendable {
    /// Most bytes that one write or one hash step handles, and so the unit of an upload's memory.
    public static let batchSize = 1 << 20
    /// Bytes of one piece of a range that is read.
    public static let pieceSize = 256 << 10

    let directory: String
    let files: FileOperations
    let threads: NIOThreadPool
    private let shards = Shards()

    /// A store; its directory is made with the first blob.
    ///
    /// - Parameters:
    ///   - directory: absolute path; all files lie below.
    ///   - files: the seam.
    ///   - threads: a running pool; the caller ends it.
    public init(directory: String, files: FileOperations = .live, threads: NIOThreadPool) {
        self.directory = directory.count > 1 && directory.hasSuffix("/") ? String(directory.dropLast()) : directory
        self.files = files
        self.threads = threads
    }

    /// A new key: 128 random bits as 32 lowercase hexadecimal digits.
    public static func newKey() -> String {
        var generator = SystemRandomNumberGenerator()
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(32)
        for _ in 0..<2 {
            var word: UInt64 = generator.next()
            for _ in 0..<16 {
                text.append(digits[Int(word & 15)])
                word >>= 4
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Whether a text can be a key.
    public static func isKey(_ text: String) -> Bool {
        text.utf8.count == 32 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    /// Path of the file of a key; for descriptors that are handed to a child process or to sendfile.
    public func path(_ key: String) throws(BlobError) -> String {
        guard Self.isKey(key) else { throw BlobError.invalidKey(key) }
        return directory + "/" + key.prefix(2) + "/" + key
    }

    /// Begins a new file.
    ///
    /// - Parameters:
    ///   - key: from ``newKey()``, stored in a row before.
    ///   - algorithm: what its content is hashed with while it arrives.
    /// - Throws: ``BlobError``; a file of that key must not exist.
    public func create(_ key: String, algorithm: Digest.Algorithm = .sha256) async throws -> BlobWriter {
        let path = try path(key)
        let file = try await onThread { [self] in
            try prepareShard(of: path)
            return try files.create(path, 0o600)
        }
        return BlobWriter(store: self, key: key, file: file, hasher: DigestHasher(algorithm), offset: 0)
    }

    /// Goes on with an unfinished file.
    ///
    /// What the file has up to the offset is hashed again, what it has beyond is cut off: only the row's offset was
    /// acknowledged.
    ///
    /// - Parameters:
    ///   - key: of the upload.
    ///   - offset: bytes that were acknowledged.
    ///   - algorithm: what the content is hashed with.
    /// - Throws: ``BlobError/shorterThanExpected(key:expected:actual:)`` when acknowledged bytes are gone.
    public func open(
        _ key: String,
        resumeAt offset: Int64,
        algorithm: Digest.Algorithm = .sha256
    ) async throws -> BlobWriter {
        let path = try path(key)
        let (file, hasher) = try await onThread { [self] in
            let file = try opened(key) { () throws(FileError) in try files.openForWriting(path) }
            do {
                let size = try files.status(file).size
                guard offset >= 0, size >= offset else {
                    throw BlobError.shorterThanExpected(key: key, expected: offset, actual: size)
                }
                var hasher = DigestHasher(algorithm)
                try hash(file, key: key, upTo: offset, into: &hasher)
                if size > offset { try files.truncate(file, offset) }
                return (file, hasher)
            } catch {
                files.close(file)
                throw error
            }
        }
        return BlobWriter(store: self, key: key, file: file, hasher: hasher, offset: offset)
    }

    /// Opens a finished file for reading.
    public func reader(_ key: String) async throws -> BlobReader {
        let path = try path(key)
        return try await onThread { [self] in
            let file = try opened(key) { () throws(FileError) in try files.openForReading(path) }
            do {
                return BlobReader(store: self, key: key, file: file, size: try files.status(file).size)
            } catch {
                files.close(file)
                throw error
            }
        }
    }

    /// Size of the file of a key in bytes; nil when there is none.
    public func size(_ key: String) async throws -> Int64? {
        let path = try path(key)
        return try await onThread { [self] in try files.statusAt(path)?.size }
    }

    /// Reads a whole file and hashes it: for sha512 where the closing request asks for it, and for scrubbing.
    public func digest(_ key: String, algorithm: Digest.Algorithm) async throws -> Digest {
        let path = try path(key)
        return try await onThread { [self] in
            let file = try opened(key) { () throws(FileError) in try files.openForReading(path) }
            defer { files.close(file) }
            var hasher = DigestHasher(algorithm)
            try hash(file, key: key, upTo: try files.status(file).size, into: &hasher)
            return hasher.finalized()
        }
    }

    /// Removes the file of a key; that it is gone already is no error.
    ///
    /// The removal is not synchronised: should a power cut bring the file back, its row still says that it is to be
    /// deleted.
    public func delete(_ key: String) async throws {
        let path = try path(key)
        _ = try await onThread { [self] in try files.remove(path) }
    }

    // MARK: - Threads

    /// Runs blocking work on the pool.
    ///
    /// Its errors come out as ``BlobError``, a cancelled wait as `CancellationError`.
    func onThread<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        do {
            return try await threads.runIfActive(work)
        } catch let error as FileError {
            throw BlobError.file(error)
        }
    }

    /// Blocking: hashes the first bytes of a file in batches.
    private func hash(_ file: OpenFile, key: String, upTo end: Int64, into hasher: inout DigestHasher) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.batchSize, alignment: 16)
        defer { buffer.deallocate() }
        var offset: Int64 = 0
        while offset < end {
            let wanted = Int(min(Int64(Self.batchSize), end - offset))
            let count = try files.read(file, UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]), offset)
            guard count > 0 else { throw BlobError.shorterThanExpected(key: key, expected: end, actual: offset) }
            hasher.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            offset += Int64(count)
        }
    }

    private func opened(_ key: String, _ open: () throws(FileError) -> OpenFile) throws -> OpenFile {
        do { return try open() } catch { throw error.isMissing ? BlobError.missing(key: key) : BlobError.file(error) }
    }

    /// Blocking: the directory of a key exists and its name is durable.
    ///
    /// Looked up once for each of the 256.
    private func prepareShard(of path: String) throws(FileError) {
        let shard = FileOperations.parent(of: path)
        if shards.isReady(shard) { return }
        try files.makeDirectories(shard, mode: 0o700)
        // Also when another process made it: that one may have died before it made the name durable.
        try files.synchroniseDirectory(directory)
        shards.markReady(shard)
    }
}

/// Directories that are known to exist durably.
private final class Shards: Sendable {
    // Owner: this mutex; at most 256 entries.
    private let ready = Mutex<Set<String>>([])

    func isReady(_ path: String) -> Bool { ready.withLock { $0.contains(path) } }

    func markReady(_ path: String) { ready.withLock { _ = $0.insert(path) } }
}
