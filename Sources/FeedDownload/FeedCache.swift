// SPDX-License-Identifier: EUPL-1.2

import DurableFiles

/// The files of downloaded feeds.
///
/// ```
/// DATA/feeds-cache/NAME             a feed, whole, byte for byte as it was sent (gzip stays packed)
///                  NAME.headers     the publisher's Last-Modified, in the form that an import reads
///                  NAME.state       address, validators, and what an import made of it (JSON)
///                  NAME.part        the beginning of a feed that is being fetched
///                  NAME.part-state  which version it is the beginning of (JSON)
///                  update.lock      held by the kernel for whoever updates
/// ```
/// A state that cannot be read is a feed that is not known: it is fetched again.
struct FeedCache: Sendable {
    let directory: String
    let files: FileOperations

    /// Where the whole file of a source is, or will be.
    func path(_ source: FeedSource) -> String { directory + "/" + source.fileName }
    func partPath(_ source: FeedSource) -> String { path(source) + ".part" }
    private func headersPath(_ source: FeedSource) -> String { path(source) + ".headers" }
    private func statePath(_ source: FeedSource) -> String { path(source) + ".state" }
    private func partStatePath(_ source: FeedSource) -> String { path(source) + ".part-state" }

    /// What is known about the whole file; nil when there is none, or one of another size than was written.
    func known(_ source: FeedSource) -> CachedFeed? {
        guard let bytes = try? files.contents(of: statePath(source)), let state = CachedFeed(parsing: bytes),
            state.url == source.url, let status = try? files.statusAt(path(source)), status.kind == .file,
            status.size == state.size
        else { return nil }
        return state
    }

    /// The beginning of a file that can be continued, and its size in bytes.
    func partial(_ source: FeedSource, limit: Int64) -> (feed: PartialFeed, size: Int64)? {
        guard let bytes = try? files.contents(of: partStatePath(source)), let state = PartialFeed(parsing: bytes),
            state.url == source.url, let status = try? files.statusAt(partPath(source)), status.kind == .file,
            (1..<limit).contains(status.size)
        else { return nil }
        return (state, status.size)
    }

    /// Forgets a beginning.
    func discardPartial(_ source: FeedSource) throws(FileError) {
        _ = try files.remove(partStatePath(source))
        _ = try files.remove(partPath(source))
    }

    /// Opens an empty file for a beginning.
    ///
    /// - Parameter state: which version it will be; nil: it cannot be continued later.
    func begin(_ source: FeedSource, state: PartialFeed?) throws(FileError) -> OpenFile {
        // The old state goes first: it must never stand beside bytes of another version.
        try discardPartial(source)
        let file = try files.create(partPath(source), 0o644)
        guard let state else { return file }
        do throws(FileError) {
            try files.replace(partStatePath(source), bytes: state.bytes)
        } catch {
            files.close(file)
            throw error
        }
        return file
    }

    /// Opens a beginning to add to it.
    func resume(_ source: FeedSource) throws(FileError) -> OpenFile { try files.openForWriting(partPath(source)) }

    /// Makes what was fetched the feed's file; after a crash between two steps the feed is simply not known.
    func finish(_ source: FeedSource, _ file: OpenFile, _ feed: CachedFeed) throws(FileError) {
        try files.synchronise(file)
        _ = try files.remove(statePath(source))
        // Old headers beside the new file would give it a wrong date.
        _ = try files.remove(headersPath(source))
        try files.synchroniseDirectory(directory)
        try files.rename(partPath(source), path(source))
        _ = try files.remove(partStatePath(source))
        try record(source, feed)
    }

    /// Replaces what is known about a whole file.
    func record(_ source: FeedSource, _ feed: CachedFeed) throws(FileError) {
        var headers = "HTTP/1.1 200 OK\r\n"
        if let etag = feed.validators.etag { headers += "ETag: \(etag)\r\n" }
        if let date = feed.validators.lastModified { headers += "Last-Modified: \(date)\r\n" }
        try files.replace(headersPath(source), bytes: Array((headers + "\r\n").utf8))
        try files.replace(statePath(source), bytes: feed.bytes)
    }

    /// Forgets what is known, so that the next request fetches the whole; the file stays to be looked at.
    func forget(_ source: FeedSource) throws(FileError) {
        _ = try files.remove(statePath(source))
        try files.synchroniseDirectory(directory)
    }
}
