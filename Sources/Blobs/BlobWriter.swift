// SPDX-License-Identifier: EUPL-1.2

internal import DurableFiles
public import NIOCore
public import OCI

/// One file that is being written: its bytes are hashed once, while they arrive.
///
/// One owner calls it, one call at a time; a call that comes while another runs is refused. Bytes gather to batches
/// of 1 MiB, and one batch is on its way to the disk while the next gathers, so a writer holds about 2 MiB whatever
/// the blob's size.
public actor BlobWriter {
    /// Key of the file.
    public nonisolated let key: String

    private let store: BlobStore
    private let file: OpenFile
    private var state = State.open
    private var isBusy = false
    /// Copied together, never kept as slices: a client that sends single bytes would otherwise hold a whole network
    /// buffer with each.
    private var gathered = ByteBuffer()
    /// Bytes taken so far: hashed and written, or on their way.
    private var offset: Int64
    /// Where the next batch begins in the file.
    private var offsetOfFile: Int64
    /// Hash over all that was handed to the disk so far.
    private var hasher: DigestHasher
    /// The batch that is being written.
    ///
    /// Not cancellable: it ends within one write, and its result is awaited before anything else.
    private var inFlight: Task<DigestHasher, any Error>?

    private enum State {
        case open
        case failed(any Error)
        case ended
    }

    init(store: BlobStore, key: String, file: OpenFile, hasher: DigestHasher, offset: Int64) {
        self.store = store
        self.key = key
        self.file = file
        self.hasher = hasher
        self.offset = offset
        offsetOfFile = offset
    }

    deinit {
        // An owner that lets go without closing (a request that was torn down) must not leak the descriptor. While a
        // batch is in flight its task holds this actor's file; it closes after the batch.
        if case .ended = state { return }
        guard let inFlight else { return store.files.close(file) }
        Task { [store, file] in
            // Nobody cancels this: it waits for one write and closes.
            _ = await inFlight.result
            store.files.close(file)
        }
    }

    /// Takes bytes.
    ///
    /// Nothing is durable before ``finish()``, and nothing need be in the file before ``flush()``.
    ///
    /// - Returns: how many bytes the blob has now, those included that are still on their way to the file.
    /// - Throws: ``BlobError``. After an error the file's content is unknown: nothing but ``cancel()`` works from
    ///   then on.
    @discardableResult
    public func append(_ buffer: ByteBuffer) async throws -> Int64 {
        try begin()
        defer { isBusy = false }
        var rest = buffer
        while rest.readableBytes > 0 {
            let room = BlobStore.batchSize - gathered.readableBytes
            guard var piece = rest.readSlice(length: min(room, rest.readableBytes)) else { break }
            offset += Int64(piece.readableBytes)
            gathered.writeBuffer(&piece)
            if gathered.readableBytes == BlobStore.batchSize { try await send() }
        }
        return offset
    }

    /// Waits until all bytes taken so far are in the file: they survive the end of this process, not yet a power cut.
    ///
    /// - Returns: how many bytes the file has.
    @discardableResult
    public func flush() async throws -> Int64 {
        try begin()
        defer { isBusy = false }
        try await settle()
        return offset
    }

    /// Makes the file durable (content, then name) and closes it.
    ///
    /// - Returns: digest and size of the whole content.
    public func finish() async throws -> (digest: Digest, size: Int64) {
        try begin()
        defer { isBusy = false }
        try await settle()
        do {
            try await store.onThread { [store, file] in
                try store.files.synchronise(file)
                try store.files.synchroniseDirectory(FileOperations.parent(of: file.path))
            }
        } catch {
            state = .failed(error)
            throw error
        }
        await close(as: .ended)
        return (hasher.finalized(), offset)
    }

    /// Closes the file and keeps it, to go on later with ``BlobStore/open(_:resumeAt:algorithm:)``.
    ///
    /// - Returns: the offset to go on at.
    @discardableResult
    public func close() async throws -> Int64 {
        let offset = try await flush()
        try begin()
        defer { isBusy = false }
        await close(as: .ended)
        return offset
    }

    /// Closes the file without caring for what is in it; safe to call at any time, also twice.
    ///
    /// The file stays: see
    /// ``BlobStore/delete(_:)``.
    public func cancel() async {
        if case .ended = state { return }
        guard !isBusy else {
            // The running call finds out when it comes back; the file is closed when the last owner lets go.
            state = .failed(BlobError.notOpen(key: key))
            return
        }
        isBusy = true
        defer { isBusy = false }
        gathered = ByteBuffer()
        _ = await inFlight?.result
        inFlight = nil
        await close(as: .ended)
    }

    // MARK: -

    private func begin() throws {
        switch state {
        case .open: break
        case .failed(let error): throw error
        case .ended: throw BlobError.notOpen(key: key)
        }
        guard !isBusy else { throw BlobError.notOpen(key: key) }
        isBusy = true
    }

    /// Waits for the batch before, then sends the gathered one on its way.
    private func send() async throws {
        try await receive()
        guard gathered.readableBytes > 0 else { return }
        let batch = gathered
        let start = offsetOfFile
        gathered = ByteBuffer()
        inFlight = Task { [store, file, hasher] in
            try await store.onThread {
                var hasher = hasher
                try batch.withUnsafeReadableBytes { bytes in
                    hasher.update(bytes)
                    try store.files.write(file, bytes, start)
                }
                return hasher
            }
        }
        offsetOfFile = offset
    }

    private func receive() async throws {
        guard let running = inFlight else { return }
        do {
            hasher = try await running.value
            inFlight = nil
        } catch {
            inFlight = nil
            state = .failed(error)
            throw error
        }
        if case .failed(let error) = state { throw error }
    }

    private func settle() async throws {
        try await send()
        try await receive()
    }

    private func close(as end: State) async {
        state = end
        let store = store
        let file = file
        // On the pool, because close may wait for a network file system; directly only if the pool has ended.
        do { try await store.onThread { store.files.close(file) } } catch { store.files.close(file) }
    }
}
