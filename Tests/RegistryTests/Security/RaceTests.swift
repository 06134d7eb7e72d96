// SPDX-License-Identifier: EUPL-1.2

import Database
import JSON
import NodeTestKit
import OCI
import Registry
import Testing
import Time

/// The races that other registries lost.
///
/// Nothing here waits for a moment: each race is run many times, and whoever wins, one of the outcomes that make sense must be whole.
@Suite("7.2: races")
struct RaceTests {
    private static let rounds = 20

    @Test("7.2/50: clients that finish the same digest at once all succeed, and one file stays")
    func finishAndFinish() async throws {
        try await TestRegistry.run { test in
            for round in 0..<5 {
                let bytes = pattern(150_000, seed: UInt64(round + 1))
                let digest = Digest.sha256(bytes)
                var locations: [String] = []
                for index in 0..<6 {
                    let location = try await test.begin("r\(index % 3)")
                    #expect(try await test.client.request("PATCH", location, body: bytes).status == 202)
                    locations.append(location)
                }
                #expect(try test.filesOfBlobs().count == round + 6)
                let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                    for location in locations {
                        group.addTask {
                            try await test.client.request("PUT", "\(location)?digest=\(digest)", body: []).status
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(statuses == [Int](repeating: 201, count: 6))
                #expect(try test.filesOfBlobs().count == round + 1)
                for index in 0..<3 {
                    #expect(try await test.client.request("GET", "/v2/r\(index)/blobs/\(digest)").body == bytes)
                }
            }
        }
    }

    @Test(
        "7.2/50: a client finishes a blob while another deletes it: it is there whole or not there, and elsewhere untouched"
    )
    func finishAndDelete() async throws {
        try await TestRegistry.run { test in
            for round in 0..<Self.rounds {
                let bytes = pattern(100_000, seed: UInt64(round + 1))
                let digest = try await test.push(bytes, to: "b")
                try await test.push(bytes, to: "a")
                let path = "/v2/a/blobs/\(digest)"
                async let finished = test.client.request("POST", "/v2/a/blobs/uploads/?digest=\(digest)", body: bytes)
                async let deleted = test.client.request("DELETE", path)
                #expect(try await finished.status == 201)
                #expect(try await deleted.status == 202)
                let after = try await test.client.request("GET", path)
                #expect(after.status == 404 || after.body == bytes)
                #expect(try await test.client.request("GET", "/v2/b/blobs/\(digest)").body == bytes)
                try await test.push(bytes, to: "a")
                #expect(try await test.client.request("GET", path).body == bytes)
                #expect(try test.filesOfBlobs().count == round + 1)
            }
        }
    }

    @Test(
        "7.2/50: between the HEAD that says 200 and the manifest a blob may vanish; then the manifest is refused, else it can be pulled"
    )
    func vanishing() async throws {
        try await TestRegistry.run { test in
            let config = try await test.push(Array("{}".utf8), to: "a")
            for round in 0..<Self.rounds {
                let layer = pattern(100_000, seed: UInt64(round + 1))
                let digest = try await test.push(layer, to: "a")
                let manifest = ImageManifest(
                    config: Descriptor(mediaType: MediaType.imageConfig, digest: config, size: 2),
                    layers: [Descriptor(mediaType: MediaType.layerTar, digest: digest, size: 100_000)]
                ).json.bytes()
                let path = "/v2/a/blobs/\(digest)"
                #expect(try await test.client.request("HEAD", path).status == 200)
                async let put = test.put("a", "t\(round)", manifest)
                async let deleted = test.client.request("DELETE", path)
                async let upkeep = test.registry.upkeep()
                let (published, removed) = (try await put.status, try await deleted.status)
                _ = try await upkeep
                #expect([[201, 405], [400, 202]].contains([published, removed]), "\(published), \(removed)")
                let blob = try await test.client.request("GET", path)
                let stored = try await test.client.request("GET", "/v2/a/manifests/t\(round)")
                if published == 201 {
                    #expect(blob.body == layer)
                    #expect(stored.body == manifest)
                } else {
                    #expect(blob.status == 404)
                    #expect(stored.status == 404)
                }
            }
        }
    }

    @Test("7.2/50: a mount races the deletion at its source: the target has all of the blob or none of it")
    func mountAndDelete() async throws {
        try await TestRegistry.run { test in
            for round in 0..<Self.rounds {
                let bytes = pattern(100_000, seed: UInt64(round + 1))
                let digest = try await test.push(bytes, to: "source")
                let query = "mount=\(digest)" + (round % 2 == 0 ? "&from=source" : "")
                async let mounted = test.client.request("POST", "/v2/target/blobs/uploads/?\(query)", body: [])
                async let deleted = test.client.request("DELETE", "/v2/source/blobs/\(digest)")
                #expect(try await deleted.status == 202)
                let target = try await mounted.status
                _ = try await test.registry.upkeep()
                let got = try await test.client.request("GET", "/v2/target/blobs/\(digest)")
                #expect(target == 201 || target == 202)
                if target == 201 { #expect(got.body == bytes) } else { #expect(got.status == 404) }
                #expect(try await test.client.request("GET", "/v2/source/blobs/\(digest)").status == 404)
            }
        }
    }

    @Test("7.2/50: a cancel races the closing PUT: exactly one of them wins, and what it says holds")
    func cancelAndFinish() async throws {
        try await TestRegistry.run { test in
            var files = 0
            for round in 0..<Self.rounds {
                let bytes = pattern(100_000, seed: UInt64(round + 1))
                let digest = Digest.sha256(bytes)
                let location = try await test.begin("a")
                #expect(try await test.client.request("PATCH", location, body: bytes).status == 202)
                async let cancelled = test.client.request("DELETE", location)
                async let finished = test.client.request("PUT", "\(location)?digest=\(digest)", body: [])
                let (end, put) = (try await cancelled.status, try await finished.status)
                #expect((end == 204) != (put == 201), "DELETE \(end), PUT \(put)")
                #expect([204, 404, 416].contains(end) && [201, 404, 416].contains(put), "DELETE \(end), PUT \(put)")
                let got = try await test.client.request("GET", "/v2/a/blobs/\(digest)")
                if put == 201 { #expect(got.body == bytes) } else { #expect(got.status == 404) }
                #expect(try await test.client.request("GET", location).status == 404)
                files += put == 201 ? 1 : 0
                #expect(try test.filesOfBlobs().count == files)
            }
        }
    }

    @Test(
        "7.2/50: two chunks for one place in a session: one is taken, the other is told 416 and the true place",
        arguments: [100, 100_000]
    )
    func chunkAndChunk(size: Int) async throws {
        try await TestRegistry.run { test in
            for round in 0..<Self.rounds {
                let chunks = [pattern(size, seed: UInt64(2 * round + 1)), pattern(size, seed: UInt64(2 * round + 2))]
                let location = try await test.begin("a")
                let headers = [("Content-Range", "0-\(size - 1)")]
                async let first = test.client.request("PATCH", location, headers: headers, body: chunks[0])
                async let second = test.client.request("PATCH", location, headers: headers, body: chunks[1])
                let answers = [try await first, try await second]
                #expect(answers.map(\.status).sorted() == [202, 416])
                let winner = chunks[answers[0].status == 202 ? 0 : 1]
                #expect(try await test.client.request("GET", location)["range"] == "0-\(size - 1)")
                let put = "\(location)?digest=\(Digest.sha256(winner))"
                #expect(try await test.client.request("PUT", put, body: []).status == 201)
            }
        }
    }

    @Test("7.2/50: two chunks without a place never mix: they follow each other, or one is told to wait")
    func unplacedChunks() async throws {
        try await TestRegistry.run { test in
            for round in 0..<Self.rounds {
                let (a, b) = (
                    pattern(90_000, seed: UInt64(2 * round + 1)), pattern(90_000, seed: UInt64(2 * round + 2))
                )
                let location = try await test.begin("a")
                async let first = test.client.request("PATCH", location, body: a)
                async let second = test.client.request("PATCH", location, body: b)
                let taken = [try await first.status, try await second.status]
                #expect(taken.allSatisfy { $0 == 202 || $0 == 416 } && taken.contains(202))
                let possible = taken == [202, 202] ? [a + b, b + a] : [taken[0] == 202 ? a : b]
                let range = try await test.client.request("GET", location)["range"]
                #expect(range == "0-\(possible[0].count - 1)")
                // A wrong digest ends the session, so the bytes are found out by what the refusal says.
                let refused = try await test.client.request("PUT", "\(location)?digest=\(Digest.sha256([]))", body: [])
                let actual = refused.json?["errors"]?[0]?["detail"]?["actual"]?.stringValue
                #expect(possible.map { Digest.sha256($0).description }.contains(actual ?? ""))
            }
        }
    }

    @Test(
        "7.2/50: a chunk that is sent again because its answer was lost is 416 with the true offset, also while it is still on its way"
    )
    func lostReply() async throws {
        try await TestRegistry.run { test in
            let bytes = pattern(200_000)
            let location = try await test.begin("a")
            let half = Array(bytes[..<100_000])
            let head =
                "PATCH \(location) HTTP/1.1\r\nHost: x\r\n\(test.authorization)Content-Range: 0-99999\r\nContent-Length: 100000\r\n"
            let headers = [("Content-Range", "0-99999")]
            try await RawConnection.open(test.port) { connection in
                try await connection.send(head + "Expect: 100-continue\r\n\r\n")
                // Comes when the session is this request's, so the others are late for certain.
                #expect(try await connection.answer().status == 100)
                try await connection.send(Array(half[..<50_000]))
                for _ in 0..<10 {
                    let early = try await test.client.request("PATCH", location, headers: headers, body: half)
                    #expect(early.status == 416)
                }
                try await connection.send(Array(half[50_000...]))
                #expect(try await connection.answer().status == 202)
            }
            let again = try await test.client.request("PATCH", location, headers: headers, body: half)
            #expect(again.status == 416)
            #expect(again["range"] == "0-99999")
            let rest = try await test.client.request(
                "PUT",
                "\(location)?digest=\(Digest.sha256(bytes))",
                headers: [("Content-Range", "100000-199999")],
                body: Array(bytes[100_000...])
            )
            #expect(rest.status == 201)
        }
    }

    @Test("7.2/50: a session expires while a chunk arrives: it goes on whole, or is gone with its file")
    func expiryAndChunk() async throws {
        let clock = ManualClock(Timestamp(seconds: 1_800_000_000))
        try await TestRegistry.run(limits: RegistryLimits(uploadLifetime: .seconds(60)), clock: clock.clock) { test in
            for round in 0..<Self.rounds {
                let bytes = pattern(140_000, seed: UInt64(round + 1))
                let location = try await test.begin("a")
                let part = Array(bytes[..<70_000])
                #expect(try await test.client.request("PATCH", location, body: part).status == 202)
                clock.advance(by: .seconds(61))
                async let chunk = test.client.request("PATCH", location, body: Array(bytes[70_000...]))
                async let report = test.registry.upkeep()
                let (status, expired) = (try await chunk.status, try await report.expiredUploads)
                if status == 202 {
                    #expect(expired == 0)
                    let put = "\(location)?digest=\(Digest.sha256(bytes))"
                    #expect(try await test.client.request("PUT", put, body: []).status == 201)
                    #expect(
                        try await test.client.request("DELETE", "/v2/a/blobs/\(Digest.sha256(bytes))").status == 202
                    )
                } else {
                    #expect(status == 404 || status == 416)
                    _ = try await test.registry.upkeep()
                    #expect(try await test.client.request("GET", location).status == 404)
                }
            }
            #expect(test.registry.openUploads == 0)
        }
    }
}
