// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Blobs
import Database
import DurableFiles
import Glibc
import NIOCore
import NodeTestKit
import OCI
import Registry
import TestKit
import Testing
import Time

/// A push that ends at one recorded file operation, and a restart on what is left.
@Suite("Crashes and failing disks")
struct CrashTests {
    static let admin = Account(id: 1, name: "admin", isAdmin: true)

    private func push(_ registry: Registry, _ bytes: [UInt8], _ name: RepositoryName) async throws {
        let id = try await registry.beginUpload(in: name, by: Self.admin)
        let upload = try await registry.claimUpload(id, in: name, by: Self.admin)
        for start in stride(from: 0, to: bytes.count, by: 100_000) {
            try await upload.append(ByteBuffer(bytes: bytes[start..<min(start + 100_000, bytes.count)]))
        }
        try await registry.finish(upload, as: .sha256(bytes), by: Self.admin)
    }

    @Test(
        "whichever file operation is the last one, a restart has every acknowledged blob, no other, and no file without an owner"
    )
    func everyOperation() async throws {
        let name = try RepositoryName(parsing: "a")
        let (acknowledged, unfinished) = (pattern(300_000, seed: 1), pattern(300_000, seed: 2))
        var point = 1
        var completed = false
        while !completed {
            let directory = try TemporaryDirectory("crash")
            defer { directory.remove() }
            let faulty = FaultyFiles()
            do {
                let (database, _, registry) = try await TestRegistry.open(directory, files: faulty.operations)
                defer { database.close() }
                try await push(registry, acknowledged, name)
                // From here on nothing reaches the disk any more: what the process does afterwards is what it does while it dies.
                faulty.fail(nil, nth: point, times: .max, code: EIO)
                completed = (try? await push(registry, unfinished, name)) != nil
            }
            let (database, _, registry) = try await TestRegistry.open(directory)
            defer { database.close() }
            _ = try await registry.recover()
            #expect(try await registry.blob(name, .sha256(acknowledged))?.size == 300_000)
            let second = try await registry.blobBytes(name, .sha256(unfinished), limit: 1 << 20)
            if completed { #expect(second == unfinished) } else { #expect(second == nil) }
            let files = try Self.files(directory)
            #expect(files.count == (completed ? 2 : 1), "after operation \(point): \(files)")
            point += 1
            try #require(point < 100)
        }
        #expect(point > 4)
    }

    @Test(
        "7.2/50: a process that ends with an upload in the middle goes on with it after a restart, from what was acknowledged"
    )
    func resume() async throws {
        let directory = try TemporaryDirectory("resume")
        defer { directory.remove() }
        let name = try RepositoryName(parsing: "a")
        for size in [1000, 150_000] {
            let bytes = pattern(size * 2, seed: UInt64(size))
            let id: UploadID
            do {
                let (database, _, registry) = try await TestRegistry.open(directory)
                defer { database.close() }
                id = try await registry.beginUpload(in: name, by: Self.admin)
                let upload = try await registry.claimUpload(id, in: name, by: Self.admin)
                try await upload.append(ByteBuffer(bytes: bytes[..<size]))
                #expect(try await registry.release(upload) == Int64(size))
                // Bytes after the last acknowledgement, lost or not: they do not count.
                let again = try await registry.claimUpload(id, in: name, by: Self.admin)
                try await again.append(ByteBuffer(bytes: pattern(777)))
            }
            let (database, _, registry) = try await TestRegistry.open(directory)
            defer { database.close() }
            _ = try await registry.recover()
            #expect(try await registry.uploadOffset(id, in: name, by: Self.admin) == Int64(size))
            let upload = try await registry.claimUpload(id, in: name, by: Self.admin)
            try await upload.append(ByteBuffer(bytes: bytes[size...]))
            try await registry.finish(upload, as: .sha256(bytes), by: Self.admin)
            #expect(try await registry.blobBytes(name, .sha256(bytes), limit: 1 << 20) == bytes)
        }
    }

    @Test("a full disk is told as such, frees what the upload took, and the next push succeeds")
    func diskFull() async throws {
        let faulty = FaultyFiles()
        try await TestRegistry.run(files: faulty.operations) { test in
            for operation in ["write", "synchronise", "create"] {
                faulty.fail(operation, times: 1, code: ENOSPC)
                let bytes = pattern(2_000_000)
                let answer = try await test.client.request(
                    "POST",
                    "/v2/a/blobs/uploads/?digest=\(Digest.sha256(bytes))",
                    body: bytes
                )
                #expect(answer.status == 507, "\(operation): \(answer.status)")
                #expect(answer.message?.contains("disk is full") == true)
                #expect(try await test.client.request("HEAD", "/v2/a/blobs/\(Digest.sha256(bytes))").status == 404)
                #expect(try test.filesOfBlobs().isEmpty)
            }
            try await test.push(pattern(2_000_000), to: "a")
        }
    }

    @Test("a disk that is full below the database is told as such, and what comes after it is freed succeeds")
    func databaseFull() async throws {
        @Sendable func limit(_ pages: Int, _ test: TestRegistry) async throws {
            let statement = Statement("test.full", "PRAGMA max_page_count = \(pages)")
            _ = try await test.database.write { t in try t.first(statement)?.int64(0) }
        }
        try await TestRegistry.run { test in
            let bytes = try await test.image("a")
            let padded = bytes + [UInt8](repeating: 0x20, count: 1 << 20)
            let headers = [("Content-Type", MediaType.imageManifest)]
            try await limit(1, test)
            let refused = try await test.client.request("PUT", "/v2/a/manifests/1", headers: headers, body: padded)
            #expect(refused.status == 507)
            #expect(refused.message?.contains("disk is full") == true)
            try await limit(1 << 30, test)
            let answer = try await test.client.request("PUT", "/v2/a/manifests/1", headers: headers, body: padded)
            #expect(answer.status == 201)
        }
    }

    @Test("a blob is made durable before the row that names it: content, then directory")
    func order() async throws {
        let faulty = FaultyFiles()
        try await TestRegistry.run(files: faulty.operations) { test in
            faulty.clear()
            try await test.push(pattern(100_000), to: "a")
            let operations = faulty.events.map(\.operation)
            let write = try #require(operations.lastIndex(of: "write"))
            let content = try #require(operations.lastIndex(of: "synchronise"))
            let directory = try #require(operations.lastIndex(of: "synchroniseDirectory"))
            #expect(write < content && content < directory)
        }
    }

    private static func files(_ directory: TemporaryDirectory) throws -> [String] {
        let root = directory.file("blobs")
        return try FileOperations.live.names(root).flatMap { try FileOperations.live.names(root + "/" + $0) }
    }
}
