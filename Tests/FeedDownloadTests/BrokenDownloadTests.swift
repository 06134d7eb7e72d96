// SPDX-License-Identifier: EUPL-1.2

import FeedDownload
import Foundation
import TestKit
import Testing

/// Publishers on a bad day: what is tried again, how often, and what is gone on from.
@Suite("Downloading from a bad line")
struct BrokenDownloadTests {
    private static let half = 100_000

    @Test(
        "an answer that may be another one later is tried again after a growing wait",
        arguments: [408, 429, 500, 502, 503, 504]
    )
    func laterFine(status: Int) async throws {
        let server = try await FeedServer { _, number in
            number <= 3 ? ServedAnswer(status) : ServedAnswer(body: sampleFeed)
        }
        let bench = try Bench()
        let found = try await bench.update([server.url("/f")])
        await server.stop()
        #expect(found[0].outcome == .fetched(bytes: Int64(sampleFeed.count)))
        #expect(bench.waited == [.milliseconds(500), .seconds(1), .seconds(2)])
    }

    @Test("an answer that stays the same is not asked for again", arguments: [400, 401, 403, 404, 410, 501])
    func final(status: Int) async throws {
        let server = try await FeedServer { _, _ in ServedAnswer(status) }
        let bench = try Bench()
        let found = try await bench.update([server.url("/f")])
        await server.stop()
        #expect(found[0].outcome == .failed(.status(status, retryAfter: nil)))
        #expect(server.requests.count == 1)
    }

    @Test("attempts are bounded")
    func bounded() async throws {
        let server = try await FeedServer { _, _ in ServedAnswer(503) }
        let bench = try Bench()
        let found = try await bench.update([server.url("/f")])
        await server.stop()
        #expect(found[0].outcome == .failed(.status(503, retryAfter: nil)))
        #expect(server.requests.count == 5)
    }

    @Test(
        "a publisher that says when to come back is obeyed",
        arguments: ["90", "Thu, 26 Nov 2026 12:01:30 GMT"]
    )
    func retryAfter(text: String) async throws {
        let server = try await FeedServer { _, number in
            number == 1 ? ServedAnswer(429, [("Retry-After", text)]) : ServedAnswer(body: [1])
        }
        let bench = try Bench()
        let found = try await bench.update([server.url("/f")])
        await server.stop()
        #expect(found[0].outcome == .fetched(bytes: 1))
        #expect(bench.waited == [.seconds(90)])
    }

    @Test("a wait that is too long ends the feed's turn instead")
    func tooLongToWait() async throws {
        let server = try await FeedServer { _, _ in ServedAnswer(503, [("Retry-After", "86400")]) }
        let bench = try Bench()
        let found = try await bench.update([server.url("/f")])
        await server.stop()
        #expect(found[0].outcome == .failed(.comeBackLater(seconds: 86_400)))
        #expect(bench.waited.isEmpty)
    }

    @Test("a publisher that is not there is tried, and then named as unreachable")
    func absent() async throws {
        let server = try await FeedServer { _, _ in ServedAnswer() }
        let url = server.url("/f")
        await server.stop()
        let bench = try Bench()
        let found = try await bench.update([url])
        guard case .failed(.unreachable) = found[0].outcome else {
            Issue.record("\(found[0].outcome)")
            return
        }
        #expect(bench.waited.count == 4)
    }

    /// Sends half of it, then hangs up; then what the case says.
    private static func cut(_ etag: [(String, String)], then rest: @escaping @Sendable (SeenRequest) -> ServedAnswer)
        async throws
        -> FeedServer
    {
        try await FeedServer { request, number in
            guard number == 1 else { return rest(request) }
            return ServedAnswer(
                200,
                etag,
                body: Array(sampleFeed.prefix(half)),
                announced: sampleFeed.count,
                end: .cut
            )
        }
    }

    @Test("a transfer that was cut goes on where it ended")
    func resumed() async throws {
        let server = try await Self.cut([("ETag", "\"v1\""), ("Last-Modified", "Thu, 26 Nov 2026 03:00:00 GMT")]) {
            request in
            let first = request["Range"].flatMap { Int($0.dropFirst(6).dropLast()) } ?? 0
            return ServedAnswer(
                206,
                [("ETag", "\"v1\""), ("Content-Range", "bytes \(first)-\(sampleFeed.count - 1)/\(sampleFeed.count)")],
                body: Array(sampleFeed.dropFirst(first))
            )
        }
        let bench = try Bench()
        let found = try await bench.update([server.url("/f")])
        await server.stop()
        #expect(found[0].outcome == .fetched(bytes: Int64(sampleFeed.count)))
        #expect(bench.bytes(found[0]) == sampleFeed)
        let request = try #require(server.requests.last)
        let first = try #require(request["Range"].flatMap { Int($0.dropFirst(6).dropLast()) })
        #expect((1...Self.half).contains(first), "something of the first half is here")
        #expect(request["If-Range"] == "\"v1\"")
        #expect(server.requests.count == 2)
        let headers = String(decoding: try #require(bench.bytes(found[0], ".headers")), as: UTF8.self)
        #expect(headers.contains("03:00:00"), "the date is that of the version, though the second answer had none")
    }

    @Test("a later run goes on where an earlier one gave up")
    func resumedByNextRun() async throws {
        let server = try await Self.cut([("ETag", "\"v1\"")]) { request in
            guard let first = request["Range"].flatMap({ Int($0.dropFirst(6).dropLast()) }) else {
                return ServedAnswer(500)
            }
            return ServedAnswer(
                206,
                [("Content-Range", "bytes \(first)-\(sampleFeed.count - 1)/\(sampleFeed.count)")],
                body: Array(sampleFeed.dropFirst(first))
            )
        }
        let bench = try Bench()
        let first = try await bench.update([server.url("/f")]) { $0.attempts = 1 }
        #expect(first[0].outcome != .fetched(bytes: Int64(sampleFeed.count)))
        #expect(bench.bytes(first[0]) == nil, "half a feed never has the feed's name")
        let second = try await bench.update([server.url("/f")])
        await server.stop()
        #expect(second[0].outcome == .fetched(bytes: Int64(sampleFeed.count)))
        #expect(bench.bytes(second[0]) == sampleFeed)
    }

    struct Rest: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var answer: ServedAnswer
    }

    @Test(
        "a rest that does not belong to the beginning is not put behind it",
        arguments: [
            Rest(
                testDescription: "another version",
                answer: ServedAnswer(
                    206,
                    [("ETag", "\"v2\""), ("Content-Range", "bytes 100000-200002/200003")],
                    body: [UInt8](repeating: 7, count: 100_003)
                )
            ),
            Rest(
                testDescription: "another place",
                answer: ServedAnswer(
                    206,
                    [("ETag", "\"v1\""), ("Content-Range", "bytes 1-200002/200003")],
                    body: [UInt8](repeating: 7, count: 200_002)
                )
            ),
            Rest(testDescription: "no place", answer: ServedAnswer(206, [("ETag", "\"v1\"")], body: [7])),
            Rest(
                testDescription: "numbers that do not fit",
                answer: ServedAnswer(206, [("Content-Range", "bytes 100000-99999999999999999999/3")], body: [7])
            ),
            Rest(testDescription: "no such range", answer: ServedAnswer(416, [("Content-Range", "bytes */12")])),
        ]
    )
    func foreignRest(_ rest: Rest) async throws {
        let server = try await Self.cut([("ETag", "\"v1\"")]) { request in
            request["Range"] == nil ? ServedAnswer(200, [("ETag", "\"v2\"")], body: [4, 5, 6]) : rest.answer
        }
        let bench = try Bench()
        let found = try await bench.update([server.url("/f")])
        await server.stop()
        #expect(found[0].outcome == .fetched(bytes: 3))
        #expect(bench.bytes(found[0]) == [4, 5, 6])
        #expect(server.requests.count == 3)
    }

    @Test("a publisher that answers a range with the whole is read from its beginning")
    func wholeInstead() async throws {
        let server = try await Self.cut([("ETag", "\"v1\"")]) { _ in
            ServedAnswer(200, [("ETag", "\"v2\"")], body: [4, 5, 6])
        }
        let bench = try Bench()
        let found = try await bench.update([server.url("/f")])
        await server.stop()
        #expect(bench.bytes(found[0]) == [4, 5, 6])
    }

    @Test(
        "a version that cannot be recognised is not gone on from",
        arguments: [
            [], [("ETag", "W/\"v1\"")],
            [("Last-Modified", "Thu, 26 Nov 2026 11:59:30 GMT"), ("Date", "Thu, 26 Nov 2026 12:00:00 GMT")],
        ]
    )
    func unrecognisable(headers: [(String, String)]) async throws {
        let server = try await Self.cut(headers) { request in
            request["Range"] == nil ? ServedAnswer(body: sampleFeed) : ServedAnswer(400)
        }
        let bench = try Bench()
        let found = try await bench.update([server.url("/f")])
        await server.stop()
        #expect(bench.bytes(found[0]) == sampleFeed)
    }

    @Test("a version with an old date is recognised by it")
    func byDate() async throws {
        let date = "Thu, 26 Nov 2026 11:00:00 GMT"
        let server = try await Self.cut([("Last-Modified", date), ("Date", "Thu, 26 Nov 2026 12:00:00 GMT")]) {
            request in
            request["If-Range"] == date ? ServedAnswer(200, [], body: [9]) : ServedAnswer(400)
        }
        let bench = try Bench()
        let found = try await bench.update([server.url("/f")])
        await server.stop()
        #expect(bench.bytes(found[0]) == [9])
    }
}
