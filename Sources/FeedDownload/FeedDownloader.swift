// SPDX-License-Identifier: EUPL-1.2

import AsyncHTTPClient
public import DurableFiles
import NIOCore
import NIOHTTP1
import Synchronization
import Time

/// Fetches feeds from their publishers into a cache.
///
/// Asks only for what is new, goes on where a broken transfer ended, waits as publishers ask, and never leaves half a file under a
/// feed's name. It holds the cache for itself until it is closed.
public final class FeedDownloader: Sendable {
    private let cache: FeedCache
    private let settings: DownloadSettings
    private let pacing: DownloadPacing
    private let transport: Transport
    /// Given back by ``close()``: a task that is not yet cleaned up may hold this value for a moment longer.
    private let lock: Mutex<CacheLock?>

    /// Takes hold of a cache; ``close()`` must be called.
    ///
    /// - Parameters:
    ///   - directory: `DATA/feeds-cache`; made when missing.
    ///   - settings: the bounds, and the way out.
    ///   - pacing: the seam of time and chance.
    ///   - files: the seam of durable writes; its calls block, as is fine in a command that does nothing else.
    /// - Throws: ``DownloadError/busy(path:)``, ``DownloadError/setting(_:)``, ``DownloadError/file(_:)``.
    public init(
        directory: String,
        settings: DownloadSettings = DownloadSettings(),
        pacing: DownloadPacing = .live,
        files: FileOperations = .live
    ) throws(DownloadError) {
        do throws(FileError) { try files.makeDirectories(directory) } catch { throw .file(error.description) }
        lock = Mutex(try CacheLock(path: directory + "/update.lock"))
        transport = try Transport(settings: settings)
        cache = FeedCache(directory: directory, files: files)
        self.settings = settings
        self.pacing = pacing
    }

    /// Ends all connections and lets go of the cache.
    public func close() async {
        await transport.close()
        lock.withLock { $0 = nil }
    }

    /// Asks every source for what is new, a few at a time; one that fails does not stop the others.
    ///
    /// - Returns: one entry for every source, in their order; a source that is named twice has one.
    /// - Throws: `CancellationError` only.
    public func download(_ sources: [FeedSource]) async throws -> [DownloadedFeed] {
        var seen = Set<String>()
        let wanted = sources.filter { seen.insert($0.fileName).inserted }
        return try await withThrowingTaskGroup(of: (Int, DownloadedFeed).self) { group in
            var waiting = wanted.enumerated().makeIterator()
            func start() {
                guard let (index, source) = waiting.next() else { return }
                group.addTask { (index, try await self.download(source)) }
            }
            for _ in 0..<max(1, settings.parallel) { start() }
            var found: [Int: DownloadedFeed] = [:]
            while let (index, feed) = try await group.next() {
                found[index] = feed
                start()
            }
            return wanted.indices.compactMap { found[$0] }
        }
    }

    /// Remembers what an import made of a file, so that it need not be imported again.
    ///
    /// - Parameter feeds: digests by name of feed.
    public func recordImport(of feed: DownloadedFeed, feeds: [String: String]) throws(DownloadError) {
        guard var known = cache.known(feed.source) else { return }
        known.imported = feeds
        do throws(FileError) { try cache.record(feed.source, known) } catch { throw .file(error.description) }
    }

    /// Forgets a file that an import refused: the next update fetches it whole, whatever its validators say.
    public func recordRefusal(of feed: DownloadedFeed) throws(DownloadError) {
        do throws(FileError) { try cache.forget(feed.source) } catch { throw .file(error.description) }
    }

    // MARK: - One source

    private func download(_ source: FeedSource) async throws -> DownloadedFeed {
        let outcome: DownloadedFeed.Outcome
        do { outcome = try await attempts(source) } catch let error as DownloadError { outcome = .failed(error) }
        let imported = outcome == .unchanged ? cache.known(source)?.imported : nil
        return DownloadedFeed(source: source, path: cache.path(source), outcome: outcome, imported: imported)
    }

    private func attempts(_ source: FeedSource) async throws -> DownloadedFeed.Outcome {
        var failures = 0
        while true {
            let failure: DownloadError
            do {
                return try await attempt(source)
            } catch let error as DownloadError {
                failure = error
            } catch let error as FileError {
                failure = .file(error.description)
            }
            failures += 1
            guard failure.isRetryable, failures < settings.attempts else { throw failure }
            var wait = RetryPolicy.backoff(failures: failures, jitter: pacing.jitter())
            if case .status(_, let asked?) = failure {
                guard asked <= settings.longestWait else {
                    throw DownloadError.comeBackLater(seconds: asked.components.seconds)
                }
                wait = max(wait, asked)
            }
            try await pacing.sleep(wait)
        }
    }

    private func attempt(_ source: FeedSource) async throws -> DownloadedFeed.Outcome {
        let known = cache.known(source)
        let partial = cache.partial(source, limit: settings.sizeLimit)
        let asked = Answer.Asked(
            offset: partial?.size ?? 0,
            partial: partial?.feed,
            isConditional: partial == nil && known != nil
        )
        let response = try await transport.get(source, headers: Self.headers(source, asked, known))
        let fields = response.headers
        let answer = Answer(status: Int(response.status.code), field: { fields.first(name: $0) })
        let file: OpenFile
        var reading = Reading(offset: 0, size: nil, started: pacing.elapsed())
        var validators = answer.validators
        switch answer.step(asked: asked, limit: settings.sizeLimit, now: pacing.clock.now()) {
        case .unchanged:
            if let known { try refresh(source, known, answer.validators) }
            return .unchanged
        case .whole(let size):
            reading.size = size
            file = try cache.begin(
                source,
                state: PartialFeed(url: source.url, validators: validators, isDateStrong: answer.isDateStrong)
            )
        case .rest(let size):
            (reading.size, reading.offset) = (size, asked.offset)
            validators = partial?.feed.validators ?? validators
            file = try cache.resume(source)
        case .restart:
            try cache.discardPartial(source)
            throw DownloadError.changedWhileResuming
        case .redirect: throw DownloadError.redirect("more than \(settings.redirects) times")
        case .fail(let error): throw error
        }
        defer { cache.files.close(file) }
        do {
            try await read(response.body, into: file, &reading)
        } catch DownloadError.tooLarge(let limit) {
            try cache.discardPartial(source)
            throw DownloadError.tooLarge(limit: limit)
        }
        try cache.finish(source, file, CachedFeed(url: source.url, validators: validators, size: reading.offset))
        return .fetched(bytes: reading.offset)
    }

    private static func headers(_ source: FeedSource, _ asked: Answer.Asked, _ known: CachedFeed?) -> [(String, String)]
    {
        // What is packed already is not packed again; the rest is kept packed, for an import unpacks it.
        let isPacked = [".gz", ".zip", ".xz", ".zst", ".bz2"].contains { source.fileName.hasSuffix($0) }
        var headers = [("Accept-Encoding", isPacked ? "identity" : "gzip")]
        if let partial = asked.partial {
            headers += [("Range", "bytes=\(asked.offset)-"), ("If-Range", partial.condition)]
        } else if let validators = known?.validators {
            if let etag = validators.etag { headers.append(("If-None-Match", etag)) }
            if let date = validators.lastModified { headers.append(("If-Modified-Since", date)) }
        }
        return headers
    }

    /// The same bytes under a newer date are newer data: a feed's age is counted from what its publisher says last.
    private func refresh(_ source: FeedSource, _ known: CachedFeed, _ validators: Validators) throws {
        guard let date = validators.lastModified.flatMap({ Timestamp(httpDate: $0) }),
            let before = known.validators.lastModified.flatMap({ Timestamp(httpDate: $0) }), date > before
        else { return }
        var known = known
        known.validators.lastModified = validators.lastModified
        known.imported = nil
        try cache.record(source, known)
    }

    // MARK: - The body

    /// How far a body has been read.
    private struct Reading {
        /// Bytes of the feed that are here.
        var offset: Int64
        /// Bytes of the whole, where it was announced.
        var size: Int64?
        var started: Duration
    }

    private func read(_ body: HTTPClientResponse.Body, into file: OpenFile, _ reading: inout Reading) async throws {
        let first = reading.offset
        var pieces = body.makeAsyncIterator()
        while true {
            let piece: ByteBuffer?
            do { piece = try await pieces.next() } catch { throw Transport.translated(error) }
            guard let piece else { break }
            let count = Int64(piece.readableBytes)
            guard count <= settings.sizeLimit - reading.offset else {
                throw DownloadError.tooLarge(limit: settings.sizeLimit)
            }
            let written: Result<Void, FileError> = piece.withUnsafeReadableBytes { bytes in
                Result { () throws(FileError) in try cache.files.write(file, bytes, reading.offset) }
            }
            try written.get()
            reading.offset += count
            try checkPace(received: reading.offset - first, started: reading.started)
        }
        if let size = reading.size, size != reading.offset {
            throw DownloadError.truncated(expected: size, actual: reading.offset)
        }
    }

    /// A publisher that sends a byte now and then is never silent, and must not hold the update for ever.
    private func checkPace(received: Int64, started: Duration) throws(DownloadError) {
        let elapsed = pacing.elapsed() - started
        guard elapsed <= settings.attemptTimeout else {
            throw .tookTooLong(seconds: settings.attemptTimeout.components.seconds)
        }
        let seconds = elapsed.components.seconds
        if elapsed >= settings.slowAfter, seconds > 0, received / seconds < settings.slowestRate {
            throw .tooSlow(bytes: received, seconds: seconds)
        }
    }
}
