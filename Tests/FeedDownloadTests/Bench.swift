// SPDX-License-Identifier: EUPL-1.2

import FeedDownload
import Foundation
import Synchronization
import TestKit
import Time

/// A cache in a directory of its own, with a clock that only waits move.
final class Bench: Sendable {
    let directory: TemporaryDirectory
    /// Waits that were asked for, in order; owner: the pacing.
    private let waits = Mutex<[Duration]>([])
    /// Time that went by; owner: the pacing.
    private let time = Mutex<Duration>(.zero)
    /// What every look at the clock moves it by.
    let tick: Duration
    static let now = Timestamp(rfc3339: "2026-11-26T12:00:00Z") ?? Timestamp(seconds: 0)

    init(tick: Duration = .zero) throws {
        directory = try TemporaryDirectory("feeds-cache")
        self.tick = tick
    }

    var waited: [Duration] { waits.withLock { $0 } }
    var cache: String { directory.file("feeds-cache") }

    var pacing: DownloadPacing {
        DownloadPacing(
            clock: .fixed(Self.now),
            elapsed: { [self] in
                time.withLock {
                    $0 += tick
                    return $0
                }
            },
            sleep: { [self] duration in
                try Task.checkCancellation()
                waits.withLock { $0.append(duration) }
            },
            jitter: { 0 }
        )
    }

    /// One update, as a process of its own would do it.
    func update(
        _ urls: [String],
        _ change: (inout DownloadSettings) -> Void = { _ in },
        then: (FeedDownloader, [DownloadedFeed]) throws -> Void = { _, _ in }
    ) async throws -> [DownloadedFeed] {
        var settings = DownloadSettings()
        change(&settings)
        let downloader = try FeedDownloader(directory: cache, settings: settings, pacing: pacing)
        do {
            let found = try await downloader.download(urls.map { try FeedSource(parsing: $0) })
            try then(downloader, found)
            await downloader.close()
            return found
        } catch {
            await downloader.close()
            throw error
        }
    }

    /// The bytes of a feed's file.
    func bytes(_ feed: DownloadedFeed, _ suffix: String = "") -> [UInt8]? {
        FileManager.default.contents(atPath: feed.path + suffix).map { Array($0) }
    }
}

/// A feed of a length that is no round number.
let sampleFeed: [UInt8] = (0..<200_003).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
