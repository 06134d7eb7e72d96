// SPDX-License-Identifier: EUPL-1.2

import Blobs
import NIOCore
import NodeTestKit
import OCI
import Registry
import RegistryHTTP
import Testing

@Suite("Pulling blobs")
struct BlobTests {
    @Test(
        "7.2/17, 7.2/18: a blob comes back byte for byte, small ones from the row, large ones from a file",
        arguments: [0, 1, 65_536, 65_537, 3_000_000]
    )
    func roundTrip(size: Int) async throws {
        try await TestRegistry.run { test in
            let bytes = pattern(size)
            let digest = try await test.push(bytes, to: "a/b")
            let answer = try await test.client.request("GET", "/v2/a/b/blobs/\(digest)")
            #expect(answer.status == 200)
            #expect(answer.body == bytes)
            #expect(answer["docker-content-digest"] == digest.description)
            #expect(answer["content-type"] == "application/octet-stream")
            #expect(answer["x-content-type-options"] == "nosniff")
            #expect(answer["docker-distribution-api-version"] == "registry/2.0")
            let head = try await test.client.request("HEAD", "/v2/a/b/blobs/\(digest)")
            #expect(head.status == 200)
            #expect(head["content-length"] == String(size))
            #expect(head["etag"] == "\"\(digest)\"")
            let location = try await test.registry.blob(RepositoryName(parsing: "a/b"), digest)
            if case .inline = location { #expect(size <= 65_536) } else { #expect(size > 65_536) }
        }
    }

    @Test("large blobs come back byte for byte without sendfile too")
    func withoutSendFile() async throws {
        try await TestRegistry.run(settings: RegistryHTTPSettings(usesSendFile: false)) { test in
            let bytes = pattern(2_500_000)
            let digest = try await test.push(bytes, to: "a")
            #expect(try await test.client.request("GET", "/v2/a/blobs/\(digest)").body == bytes)
            let part = try await test.client.request(
                "GET",
                "/v2/a/blobs/\(digest)",
                headers: [("Range", "bytes=1000000-2000000")]
            )
            #expect(part.status == 206)
            #expect(part.body == Array(bytes[1_000_000...2_000_000]))
        }
    }

    struct RangeCase: Sendable, CustomTestStringConvertible {
        let header: String
        let status: Int
        let range: Range<Int>?
        var testDescription: String { header }
    }

    static let ranges: [RangeCase] = [
        RangeCase(header: "bytes=0-0", status: 206, range: 0..<1),
        RangeCase(header: "bytes=0-99999", status: 206, range: 0..<100_000),
        RangeCase(header: "bytes=0-", status: 206, range: 0..<100_000),
        RangeCase(header: "bytes=99999-", status: 206, range: 99_999..<100_000),
        RangeCase(header: "bytes=50000-999999999", status: 206, range: 50_000..<100_000),
        RangeCase(header: "bytes=-1", status: 206, range: 99_999..<100_000),
        RangeCase(header: "bytes=-999999999", status: 206, range: 0..<100_000),
        RangeCase(header: "bytes=100000-", status: 416, range: nil),
        RangeCase(header: "bytes=-0", status: 416, range: nil),
        RangeCase(header: "bytes=999999999999999999-", status: 416, range: nil),
        // Not understood, or a way to multiply the work: the whole.
        RangeCase(header: "bytes=5-2", status: 416, range: nil),
        RangeCase(header: "bytes=0-1,3-4", status: 200, range: 0..<100_000),
        RangeCase(
            header: "bytes=" + (0..<1000).map { "\($0)-" }.joined(separator: ","),
            status: 200,
            range: 0..<100_000
        ),
        RangeCase(header: "bytes=99999999999999999999999-", status: 200, range: 0..<100_000),
        RangeCase(header: "bytes=a-b", status: 200, range: 0..<100_000),
        RangeCase(header: "items=0-1", status: 200, range: 0..<100_000),
        RangeCase(header: "bytes=--1", status: 200, range: 0..<100_000),
    ]

    @Test("7.2/12: ranges of a stored blob", arguments: ranges)
    func range(_ item: RangeCase) async throws {
        try await TestRegistry.run { test in
            let bytes = pattern(100_000)
            let digest = try await test.push(bytes, to: "a")
            let answer = try await test.client.request(
                "GET",
                "/v2/a/blobs/\(digest)",
                headers: [("Range", item.header)]
            )
            #expect(answer.status == item.status)
            if let range = item.range {
                #expect(answer.body == Array(bytes[range]))
                if item.status == 206 {
                    #expect(answer["content-range"] == "bytes \(range.lowerBound)-\(range.upperBound - 1)/100000")
                }
            } else {
                #expect(answer["content-range"] == "bytes */100000")
            }
        }
    }

    @Test(
        "7.2/21: a blob is reached only through a repository that links it, and the answer does not tell that others hold it"
    )
    func isolation() async throws {
        try await TestRegistry.run { test in
            let digest = try await test.push(pattern(10), to: "mine")
            try await test.push(pattern(11), to: "yours")
            let elsewhere = try await test.client.request("GET", "/v2/yours/blobs/\(digest)")
            let never = try await test.client.request("GET", "/v2/yours/blobs/\(Digest.sha256([1, 2, 3]))")
            #expect(elsewhere.status == 404)
            #expect(elsewhere.code == "BLOB_UNKNOWN")
            #expect(
                elsewhere.text.replacing(digest.description, with: "D")
                    == never.text.replacing(Digest.sha256([1, 2, 3]).description, with: "D")
            )
            #expect(try await test.client.request("HEAD", "/v2/yours/blobs/\(digest)").status == 404)
        }
    }

    @Test("a blob that has not changed is not sent again")
    func notModified() async throws {
        try await TestRegistry.run { test in
            let digest = try await test.push(pattern(10), to: "a")
            let answer = try await test.client.request(
                "GET",
                "/v2/a/blobs/\(digest)",
                headers: [("If-None-Match", "\"\(digest)\"")]
            )
            #expect(answer.status == 304)
            #expect(answer["content-length"] == nil || answer["content-length"] == "10")
        }
    }

    @Test("a blob whose file is gone is an error with a status, and the connection's next request is answered")
    func missingFile() async throws {
        try await TestRegistry.run { test in
            let digest = try await test.push(pattern(100_000), to: "a")
            guard case .stored(let key, _) = try await test.registry.blob(RepositoryName(parsing: "a"), digest) else {
                Issue.record("not in a file")
                return
            }
            try await test.blobs.delete(key)
            let answer = try await test.client.request("GET", "/v2/a/blobs/\(digest)")
            #expect(answer.status == 500)
            #expect(answer.message?.contains("log") == true)
        }
    }
}
