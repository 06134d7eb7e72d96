// SPDX-License-Identifier: EUPL-1.2

import FeedDownload
import Foundation
import TestKit
import Testing

@Suite("Downloading what is new")
struct ConditionalDownloadTests {
    private static let date = "Thu, 26 Nov 2026 03:00:00 GMT"

    /// A publisher of one version that knows conditional requests.
    private static func publisher(_ request: SeenRequest, body: [UInt8] = sampleFeed, etag: String = "\"v1\"")
        -> ServedAnswer
    {
        let headers = [("ETag", etag), ("Last-Modified", date)]
        return request["If-None-Match"] == etag ? ServedAnswer(304, headers) : ServedAnswer(200, headers, body: body)
    }

    @Test("a feed is stored byte for byte, with the publisher's date beside it")
    func first() async throws {
        let server = try await FeedServer { request, _ in Self.publisher(request) }
        let bench = try Bench()
        let found = try await bench.update([server.url("/data/feed.json")])
        await server.stop()
        let feed = try #require(found.first)
        #expect(feed.outcome == .fetched(bytes: Int64(sampleFeed.count)))
        #expect(feed.imported == nil)
        #expect(bench.bytes(feed) == sampleFeed)
        let headers = String(decoding: try #require(bench.bytes(feed, ".headers")), as: UTF8.self)
        #expect(headers.hasPrefix("HTTP/1.1 200"))
        #expect(headers.contains("Last-Modified: \(Self.date)\r\n"))
        #expect(bench.bytes(feed, ".part") == nil)
        #expect(bench.waited.isEmpty)
    }

    @Test("what is known is asked about, and an import is remembered with it")
    func second() async throws {
        let server = try await FeedServer { request, _ in Self.publisher(request) }
        let bench = try Bench()
        _ = try await bench.update([server.url("/f")]) { _ in
        } then: {
            try $0.recordImport(of: $1[0], feeds: ["kev": "sha256:1"])
        }
        let again = try await bench.update([server.url("/f")])
        await server.stop()
        #expect(again[0].outcome == .unchanged)
        #expect(again[0].imported == ["kev": "sha256:1"])
        #expect(bench.bytes(again[0]) == sampleFeed)
        let request = try #require(server.requests.last)
        #expect(request["If-None-Match"] == "\"v1\"")
        #expect(request["If-Modified-Since"] == Self.date)
    }

    @Test("a new version replaces the old one, and no import of it is remembered")
    func replaced() async throws {
        let server = try await FeedServer { request, number in
            number == 1 ? Self.publisher(request) : Self.publisher(request, body: [1, 2, 3], etag: "\"v2\"")
        }
        let bench = try Bench()
        _ = try await bench.update([server.url("/f")]) { _ in
        } then: {
            try $0.recordImport(of: $1[0], feeds: ["kev": "sha256:1"])
        }
        let second = try await bench.update([server.url("/f")])
        let third = try await bench.update([server.url("/f")])
        await server.stop()
        #expect(second[0].outcome == .fetched(bytes: 3))
        #expect(bench.bytes(second[0]) == [1, 2, 3])
        #expect(third[0].outcome == .unchanged)
        #expect(third[0].imported == nil)
    }

    @Test("the same bytes under a newer date are imported again, with that date")
    func newerDate() async throws {
        let newer = "Thu, 26 Nov 2026 09:00:00 GMT"
        let server = try await FeedServer { request, number in
            number == 1 ? Self.publisher(request) : ServedAnswer(304, [("ETag", "\"v1\""), ("Last-Modified", newer)])
        }
        let bench = try Bench()
        _ = try await bench.update([server.url("/f")]) { _ in
        } then: {
            try $0.recordImport(of: $1[0], feeds: ["kev": "sha256:1"])
        }
        let again = try await bench.update([server.url("/f")])
        await server.stop()
        #expect(again[0].outcome == .unchanged)
        #expect(again[0].imported == nil)
        #expect(String(decoding: try #require(bench.bytes(again[0], ".headers")), as: UTF8.self).contains(newer))
    }

    enum Damage: CaseIterable { case state, size, missing, refused }

    @Test("a file that is not what its state says is fetched whole", arguments: Damage.allCases)
    func damaged(_ damage: Damage) async throws {
        let server = try await FeedServer { request, _ in Self.publisher(request) }
        let bench = try Bench()
        let first = try await bench.update([server.url("/f")]) { _ in
        } then: { downloader, found in
            if damage == .refused { try downloader.recordRefusal(of: found[0]) }
        }
        switch damage {
        case .state: try Data("{".utf8).write(to: URL(fileURLWithPath: first[0].path + ".state"))
        case .size: try Data("short".utf8).write(to: URL(fileURLWithPath: first[0].path))
        case .missing: try FileManager.default.removeItem(atPath: first[0].path)
        case .refused: break
        }
        let again = try await bench.update([server.url("/f")])
        await server.stop()
        #expect(again[0].outcome == .fetched(bytes: Int64(sampleFeed.count)))
        #expect(server.requests.last?["If-None-Match"] == nil)
        #expect(bench.bytes(again[0]) == sampleFeed)
    }

    @Test("a publisher that says 304 when nothing was asked about is refused")
    func unasked() async throws {
        let server = try await FeedServer { _, _ in ServedAnswer(304) }
        let bench = try Bench()
        let found = try await bench.update([server.url("/f")])
        await server.stop()
        guard case .failed(.invalidAnswer) = found[0].outcome else {
            Issue.record("\(found[0].outcome)")
            return
        }
    }

    @Test("one feed that fails stops no other, a feed named twice is fetched once, the order is kept")
    func several() async throws {
        let server = try await FeedServer { request, _ in
            request.path == "/bad" ? ServedAnswer(404) : ServedAnswer(body: Array(request.path.utf8))
        }
        let bench = try Bench()
        let paths = ["/a", "/bad", "/b", "/c", "/d", "/e", "/a"]
        let found = try await bench.update(paths.map { server.url($0) })
        await server.stop()
        #expect(found.map(\.source.url) == paths.dropLast().map { server.url($0) })
        #expect(found[1].outcome == .failed(.status(404, retryAfter: nil)))
        for (path, feed) in zip(paths, found) where path != "/bad" { #expect(bench.bytes(feed) == Array(path.utf8)) }
        #expect(server.requests.count == 6)
    }

    @Test("two updates do not work on one cache")
    func locked() async throws {
        let bench = try Bench()
        let holder = try FeedDownloader(directory: bench.cache)
        #expect(throws: DownloadError.busy(path: bench.cache + "/update.lock")) {
            try FeedDownloader(directory: bench.cache)
        }
        await holder.close()
        withExtendedLifetime(holder) {}
    }

    @Test("an answer that was packed for the way is kept packed")
    func packed() async throws {
        let packed = TestCompression.gzip.compressed(sampleFeed)
        let server = try await FeedServer { request, _ in
            request["Accept-Encoding"] == "gzip"
                ? ServedAnswer(200, [("Content-Encoding", "gzip")], body: packed) : ServedAnswer(200, [], body: [0])
        }
        let bench = try Bench()
        let found = try await bench.update([server.url("/f.json"), server.url("/f.csv.gz")])
        await server.stop()
        #expect(bench.bytes(found[0]) == packed)
        #expect(bench.bytes(found[1]) == [0], "what is packed already is asked for as it is")
    }
}
