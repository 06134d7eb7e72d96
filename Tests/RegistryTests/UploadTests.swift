// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Blobs
import Database
import DurableFiles
import NIOCore
import NodeTestKit
import OCI
import Registry
import RegistryHTTP
import Testing
import Time

@Suite("Pushing blobs")
struct UploadTests {
    @Test(
        "a chunked upload: each chunk in order, the last one in the closing request",
        arguments: [10, 40_000, 500_000]
    )
    func chunks(size: Int) async throws {
        try await TestRegistry.run { test in
            let bytes = pattern(size * 3)
            let digest = Digest.sha256(bytes)
            var location = try await test.begin("a/b")
            for part in 0..<2 {
                let chunk = Array(bytes[(part * size)..<((part + 1) * size)])
                let answer = try await test.client.request(
                    "PATCH",
                    location,
                    headers: [("Content-Range", "\(part * size)-\((part + 1) * size - 1)")],
                    body: chunk
                )
                #expect(answer.status == 202)
                #expect(answer["range"] == "0-\((part + 1) * size - 1)")
                location = answer["location"] ?? ""
            }
            let status = try await test.client.request("GET", location)
            #expect(status.status == 204)
            #expect(status["range"] == "0-\(2 * size - 1)")
            let last = try await test.client.request(
                "PUT",
                location + "?digest=\(digest)",
                headers: [("Content-Range", "\(2 * size)-\(3 * size - 1)")],
                body: Array(bytes[(2 * size)...])
            )
            #expect(last.status == 201)
            #expect(last["location"] == "/v2/a/b/blobs/\(digest)")
            #expect(last["docker-content-digest"] == digest.description)
            #expect(try await test.client.request("GET", "/v2/a/b/blobs/\(digest)").body == bytes)
            #expect(try await test.client.request("GET", location).status == 404)
        }
    }

    @Test("a streamed chunk without length or range")
    func streamed() async throws {
        try await TestRegistry.run { test in
            let bytes = pattern(300_000)
            let location = try await test.begin("a")
            let pieces = stride(from: 0, to: bytes.count, by: 7_001).map {
                Array(bytes[$0..<min($0 + 7_001, bytes.count)])
            }
            #expect(try await test.client.request("PATCH", location, chunks: pieces).status == 202)
            let digest = Digest.sha256(bytes)
            #expect(try await test.client.request("PUT", "\(location)?digest=\(digest)", body: []).status == 201)
            #expect(try await test.client.request("GET", "/v2/a/blobs/\(digest)").body == bytes)
        }
    }

    @Test("7.2/49, 7.2/50: a chunk that skips or repeats bytes is refused, the upload stays as it was and can go on")
    func outOfOrder() async throws {
        try await TestRegistry.run { test in
            let bytes = pattern(200_000)
            let location = try await test.begin("a")
            let first = [("Content-Range", "0-99999")]
            let half = Array(bytes[..<100_000])
            #expect(try await test.client.request("PATCH", location, headers: first, body: half).status == 202)
            for (range, count) in [("0-99999", 100_000), ("150000-199999", 50_000), ("99999-100000", 2)] {
                let answer = try await test.client.request(
                    "PATCH",
                    location,
                    headers: [("Content-Range", range)],
                    body: pattern(count)
                )
                #expect(answer.status == 416)
                #expect(answer["range"] == "0-99999")
                #expect(answer["location"] == location)
                #expect(answer.message?.contains("goes on at byte 100000") == true)
            }
            let last = try await test.client.request(
                "PUT",
                "\(location)?digest=\(Digest.sha256(bytes))",
                headers: [("Content-Range", "100000-199999")],
                body: Array(bytes[100_000...])
            )
            #expect(last.status == 201)
        }
    }

    @Test("the first chunk begins at 0")
    func firstChunk() async throws {
        try await TestRegistry.run { test in
            let location = try await test.begin("a")
            let answer = try await test.client.request(
                "PATCH",
                location,
                headers: [("Content-Range", "5-9")],
                body: pattern(5)
            )
            #expect(answer.status == 416)
        }
    }

    @Test(
        "7.2/49: malformed ranges of chunks are refused and leave the upload open",
        arguments: ["x", "5-2", "1-", "-1", "0-99999999999999999999", "0-3"]
    )
    func malformedRange(range: String) async throws {
        try await TestRegistry.run { test in
            let location = try await test.begin("a")
            let answer = try await test.client.request(
                "PATCH",
                location,
                headers: [("Content-Range", range)],
                body: pattern(5)
            )
            #expect(answer.status == 400)
            #expect(try await test.client.request("PATCH", location, body: pattern(5)).status == 202)
        }
    }

    @Test(
        "7.2/49: a wrong digest is refused with the true one, nothing is kept, no file stays",
        arguments: [100, 100_000]
    )
    func wrongDigest(size: Int) async throws {
        try await TestRegistry.run { test in
            let bytes = pattern(size)
            let claimed = Digest.sha256([1])
            for monolithic in [true, false] {
                let answer: Answer
                if monolithic {
                    answer = try await test.client.request(
                        "POST",
                        "/v2/a/blobs/uploads/?digest=\(claimed)",
                        body: bytes
                    )
                } else {
                    answer = try await test.client.request(
                        "PUT",
                        try await test.begin("a") + "?digest=\(claimed)",
                        body: bytes
                    )
                }
                #expect(answer.status == 400)
                #expect(answer.code == "DIGEST_INVALID")
                #expect(answer.message?.contains(Digest.sha256(bytes).description) == true)
            }
            for digest in [claimed, Digest.sha256(bytes)] {
                #expect(try await test.client.request("GET", "/v2/a/blobs/\(digest)").status == 404)
            }
            #expect(try test.filesOfBlobs().isEmpty)
        }
    }

    @Test(
        "7.2/3: digests that are none are refused before the body is read",
        arguments: [
            "", "sha256", "sha256:", "sha256:abc", "sha256:" + String(repeating: "A", count: 64),
            "md5:" + String(repeating: "a", count: 32),
            "sha256:" + String(repeating: "g", count: 64), "sha512:" + String(repeating: "a", count: 64),
            "../../etc/passwd", "sha256:%00",
        ]
    )
    func badDigest(text: String) async throws {
        try await TestRegistry.run { test in
            let answer = try await test.client.request("PUT", try await test.begin("a") + "?digest=\(text)", body: [1])
            #expect(answer.status == 400)
            let post = try await test.client.request("POST", "/v2/a/blobs/uploads/?digest=\(text)", body: [1])
            #expect(post.status == 400)
        }
    }

    @Test("sha512 names the same blob, stored once", arguments: [100, 100_000])
    func sha512(size: Int) async throws {
        try await TestRegistry.run { test in
            let bytes = pattern(size)
            let long = Digest.sha512(bytes)
            let location = try await test.begin("a")
            #expect(try await test.client.request("PUT", "\(location)?digest=\(long)", body: bytes).status == 201)
            try await test.push(bytes, to: "a")
            for digest in [long, Digest.sha256(bytes)] {
                let answer = try await test.client.request("GET", "/v2/a/blobs/\(digest)")
                #expect(answer.body == bytes)
                #expect(answer["docker-content-digest"] == digest.description)
            }
            #expect(try test.filesOfBlobs().count == (size > 65_536 ? 1 : 0))
        }
    }

    @Test("7.2/22, 7.2/23: an upload belongs to its repository and its account: for all others it does not exist")
    func ownership() async throws {
        try await TestRegistry.run { test in
            let location = try await test.begin("mine")
            let elsewhere = location.replacing("/mine/", with: "/yours/")
            for method in ["GET", "PATCH", "DELETE"] {
                #expect(
                    try await test.client.request(method, elsewhere, body: method == "PATCH" ? [1] : nil).status == 404
                )
            }
            #expect(
                try await test.client.request("PUT", elsewhere + "?digest=\(Digest.sha256([]))", body: []).status == 404
            )
            let id = try #require(UploadID(parsing: location.split(separator: "/").last ?? ""))
            let stranger = Account(id: 4711, name: "stranger", isAdmin: true)
            await #expect(throws: RegistryError.self) {
                _ = try await test.registry.claimUpload(id, in: RepositoryName(parsing: "mine"), by: stranger)
            }
            #expect(try await test.client.request("GET", location).status == 204)
        }
    }

    @Test("a cancelled upload is gone, with its file")
    func cancel() async throws {
        try await TestRegistry.run { test in
            let location = try await test.begin("a")
            #expect(try await test.client.request("PATCH", location, body: pattern(200_000)).status == 202)
            #expect(try test.filesOfBlobs().count == 1)
            #expect(try await test.client.request("DELETE", location).status == 204)
            for method in ["GET", "DELETE"] { #expect(try await test.client.request(method, location).status == 404) }
            #expect(try test.filesOfBlobs().isEmpty)
        }
    }

    @Test("7.2/50: the same blob pushed by many at once becomes one file, and each of them succeeds")
    func concurrentPushes() async throws {
        try await TestRegistry.run { test in
            let bytes = pattern(400_000)
            let digest = Digest.sha256(bytes)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<12 { group.addTask { try await test.push(bytes, to: "repository-\(index % 4)") } }
                try await group.waitForAll()
            }
            for index in 0..<4 {
                #expect(try await test.client.request("GET", "/v2/repository-\(index)/blobs/\(digest)").body == bytes)
            }
            #expect(try test.filesOfBlobs().count == 1)
        }
    }

    @Test("7.2/50: one request at a time writes to an upload; a second one is told to wait")
    func oneWriter() async throws {
        try await TestRegistry.run { test in
            let location = try await test.begin("a")
            let id = try #require(UploadID(parsing: location.split(separator: "/").last ?? ""))
            let upload = try await test.registry.claimUpload(id, in: RepositoryName(parsing: "a"), by: test.admin)
            let second = try await test.client.request("PATCH", location, body: pattern(5))
            #expect(second.status == 416)
            #expect(second.message?.contains("another request") == true)
            try await test.registry.release(upload)
            #expect(try await test.client.request("PATCH", location, body: pattern(5)).status == 202)
        }
    }

    @Test("a client that goes away in the middle can go on where it stopped")
    func interrupted() async throws {
        try await TestRegistry.run { test in
            let bytes = pattern(300_000)
            let location = try await test.begin("a")
            try await RawConnection.open(test.port) { connection in
                let login = base64(test.client.login ?? "")
                try await connection.send(
                    "PATCH \(location) HTTP/1.1\r\nHost: x\r\nAuthorization: Basic \(login)\r\nContent-Length: 300000\r\n\r\n"
                )
                try await connection.send(Array(bytes[..<200_000]))
            }
            // The server notices the end of the connection after the client: the upload is busy until then.
            var offset = 0
            for _ in 0..<200 {
                let status = try await test.client.request("GET", location)
                offset = Int(status["range"]?.split(separator: "-").last ?? "0").map { $0 + 1 } ?? 0
                if offset > 1,
                    try await test.client.request(
                        "PATCH",
                        location,
                        headers: [("Content-Range", "9999999-9999999")],
                        body: [0]
                    ).message?
                    .contains("goes on at byte") == true
                {
                    break
                }
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(offset > 1 && offset <= 200_000)
            let rest = try await test.client.request(
                "PUT",
                "\(location)?digest=\(Digest.sha256(bytes))",
                headers: [("Content-Range", "\(offset)-299999")],
                body: Array(bytes[offset...])
            )
            #expect(rest.status == 201)
        }
    }

    @Test("7.2/20: mounting links what another repository holds, and falls back to an upload for what none holds")
    func mount() async throws {
        try await TestRegistry.run { test in
            let digest = try await test.push(pattern(100), to: "source")
            let mounted = try await test.client.request(
                "POST",
                "/v2/target/blobs/uploads/?mount=\(digest)&from=source",
                body: []
            )
            #expect(mounted.status == 201)
            #expect(mounted["location"] == "/v2/target/blobs/\(digest)")
            #expect(try await test.client.request("HEAD", "/v2/target/blobs/\(digest)").status == 200)
            #expect(
                try await test.client.request("POST", "/v2/other/blobs/uploads/?mount=\(digest)", body: []).status
                    == 201
            )
            for query in ["mount=\(digest)&from=nowhere", "mount=\(Digest.sha256([9]))&from=source"] {
                let answer = try await test.client.request("POST", "/v2/third/blobs/uploads/?\(query)", body: [])
                #expect(answer.status == 202)
                #expect(answer["location"]?.hasPrefix("/v2/third/blobs/uploads/") == true)
            }
            #expect(try await test.client.request("HEAD", "/v2/third/blobs/\(digest)").status == 404)
            #expect(
                try await test.client.request("POST", "/v2/x/blobs/uploads/?mount=\(digest)&from=../etc", body: [])
                    .status == 400
            )
        }
    }

    @Test("a blob over the limit is refused by its length before a byte, and by its bytes when it streams")
    func tooLarge() async throws {
        try await TestRegistry.run(limits: RegistryLimits(blobBytes: 100_000)) { test in
            let location = try await test.begin("a")
            let announced = try await test.client.request(
                "PATCH",
                location,
                headers: [("Content-Length", "999999999999")]
            )
            #expect(announced.status == 413)
            #expect(announced["connection"] == "close")
            let streamed = try await test.client.request("PATCH", location, chunks: [pattern(60_000), pattern(60_000)])
            #expect(streamed.status == 413)
            #expect(try test.filesOfBlobs().isEmpty)
        }
    }

    @Test("7.2/11: an account has a bounded number of open uploads")
    func uploadLimit() async throws {
        try await TestRegistry.run(limits: RegistryLimits(uploadsPerAccount: 3)) { test in
            for _ in 0..<3 { _ = try await test.begin("a") }
            let answer = try await test.client.request("POST", "/v2/a/blobs/uploads/", body: [])
            #expect(answer.status == 429)
            #expect(answer["retry-after"] != nil)
        }
    }

    @Test("7.2/50: uploads whose file was closed to save descriptors go on")
    func eviction() async throws {
        try await TestRegistry.run(limits: RegistryLimits(openUploads: 1)) { test in
            let bytes = pattern(300_000)
            var locations: [String] = []
            for _ in 0..<3 { locations.append(try await test.begin("a")) }
            for part in 0..<3 {
                for location in locations {
                    let chunk = Array(bytes[(part * 100_000)..<((part + 1) * 100_000)])
                    #expect(try await test.client.request("PATCH", location, body: chunk).status == 202)
                }
            }
            #expect(test.registry.openUploads == 1)
            for location in locations {
                #expect(
                    try await test.client.request("PUT", "\(location)?digest=\(Digest.sha256(bytes))", body: []).status
                        == 201
                )
            }
            #expect(try test.filesOfBlobs().count == 1)
        }
    }

    @Test("an upload whose chunks a power cut took is told as unknown, so that the client begins again")
    func lostChunks() async throws {
        try await TestRegistry.run(limits: RegistryLimits(openUploads: 0)) { test in
            let bytes = pattern(100_000)
            let location = try await test.begin("a")
            #expect(try await test.client.request("PATCH", location, body: bytes).status == 202)
            let key = try #require(try test.filesOfBlobs().first)
            let file = try FileOperations.live.openForWriting(try test.blobs.path(key))
            try FileOperations.live.truncate(file, 50_000)
            FileOperations.live.close(file)
            let answer = try await test.client.request("PATCH", location, body: bytes)
            #expect(answer.status == 404)
            #expect(answer.code == "BLOB_UPLOAD_UNKNOWN")
            #expect(try test.filesOfBlobs().isEmpty)
            try await test.push(bytes, to: "a")
        }
    }

    @Test("7.2/11: idle uploads expire with their files; what is written to stays")
    func expiry() async throws {
        let clock = ManualClock(Timestamp(seconds: 1_800_000_000))
        try await TestRegistry.run(limits: RegistryLimits(uploadLifetime: .seconds(60)), clock: clock.clock) { test in
            let idle = try await test.begin("a")
            #expect(try await test.client.request("PATCH", idle, body: pattern(100_000)).status == 202)
            clock.advance(by: .seconds(50))
            let busy = try await test.begin("a")
            clock.advance(by: .seconds(20))
            let report = try await test.registry.upkeep()
            #expect(report.expiredUploads == 1)
            #expect(try await test.client.request("GET", idle).status == 404)
            #expect(try await test.client.request("GET", busy).status == 204)
            #expect(try test.filesOfBlobs().isEmpty)
        }
    }
}
