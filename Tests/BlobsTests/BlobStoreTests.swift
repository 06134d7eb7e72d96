// SPDX-License-Identifier: EUPL-1.2

import Blobs
import DurableFiles
import Foundation
import NIOCore
import NIOPosix
import OCI
import TestKit
import Testing

/// A store in a directory of its own, over a seam that records.
final class StoreFixture: Sendable {
    let directory: TemporaryDirectory
    let files: FaultyFiles
    let store: BlobStore

    init() throws {
        directory = try TemporaryDirectory("kontor-blobs")
        files = FaultyFiles()
        store = BlobStore(directory: directory.file("blobs"), files: files.operations, threads: .singleton)
    }

    func file(_ key: String) -> String { directory.file("blobs/\(key.prefix(2))/\(key)") }

    func content(_ key: String) throws -> [UInt8] { try [UInt8](Data(contentsOf: URL(fileURLWithPath: file(key)))) }
}

/// Bytes that repeat nowhere.
func pattern(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    return (0..<count).map { _ in
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return UInt8(truncatingIfNeeded: state)
    }
}

@Suite struct BlobWritingTests {
    @Test(
        "content of any size and in any pieces arrives whole, with its digest",
        arguments: [
            (0, 1), (1, 1), (1_048_575, 65_536), (1_048_576, 1_048_576), (1_048_577, 3_000_000), (5_000_000, 333_333),
        ]
    )
    func whole(size: Int, piece: Int) async throws {
        let fixture = try StoreFixture()
        let bytes = pattern(size)
        let key = BlobStore.newKey()
        let writer = try await fixture.store.create(key)
        var taken: Int64 = 0
        for start in stride(from: 0, to: size, by: piece) {
            taken = try await writer.append(ByteBuffer(bytes: bytes[start..<min(start + piece, size)]))
        }
        #expect(taken == Int64(size))
        let result = try await writer.finish()
        #expect(result.digest == Digest.sha256(bytes))
        #expect(result.size == Int64(size))
        #expect(try fixture.content(key) == bytes)
        #expect(try await fixture.store.size(key) == Int64(size))
    }

    @Test("sha512 is computed while the bytes arrive, or by a second read")
    func sha512() async throws {
        let fixture = try StoreFixture()
        let bytes = pattern(3_000_000)
        let key = BlobStore.newKey()
        let writer = try await fixture.store.create(key, algorithm: .sha512)
        try await writer.append(ByteBuffer(bytes: bytes))
        #expect(try await writer.finish().digest == Digest.sha512(bytes))
        #expect(try await fixture.store.digest(key, algorithm: .sha512) == Digest.sha512(bytes))
        #expect(try await fixture.store.digest(key, algorithm: .sha256) == Digest.sha256(bytes))
    }

    @Test(
        "before finish returns: the directory is durable, all is written, the file is synchronised, then its directory"
    )
    func order() async throws {
        let fixture = try StoreFixture()
        let key = BlobStore.newKey()
        let shard = String(key.prefix(2))
        let writer = try await fixture.store.create(key)
        try await writer.append(ByteBuffer(bytes: pattern(2_500_000)))
        _ = try await writer.finish()
        #expect(
            fixture.files.events.map(\.description)
                == [
                    "makeDirectory \(shard) (missing)", "makeDirectory blobs",
                    "synchroniseDirectory \(fixture.directory.path.split(separator: "/").last ?? "")",
                    "makeDirectory \(shard)", "synchroniseDirectory blobs", "synchroniseDirectory blobs",
                    "create \(key)", "write \(key)", "write \(key)", "write \(key)",
                    "synchronise \(key)", "synchroniseDirectory \(shard)", "close \(key)",
                ].map { $0.replacingOccurrences(of: " (missing)", with: "") }
        )
        #expect(
            fixture.files.events.filter { $0.operation == "write" }.map(\.bytes) == [1_048_576, 1_048_576, 402_848]
        )
    }

    @Test("the second file of a directory does not make it again")
    func secondFile() async throws {
        let fixture = try StoreFixture()
        for suffix in ["0", "1"] {
            fixture.files.clear()
            let writer = try await fixture.store.create("ab" + String(repeating: suffix, count: 30))
            _ = try await writer.finish()
        }
        #expect(fixture.files.events.map(\.operation) == ["create", "synchronise", "synchroniseDirectory", "close"])
    }

    @Test("nothing is synchronised, and nothing acknowledged, when a write fails", arguments: [ENOSPC, EIO, EDQUOT])
    func failedWrite(code: Int32) async throws {
        let fixture = try StoreFixture()
        let key = BlobStore.newKey()
        let writer = try await fixture.store.create(key)
        fixture.files.fail("write", nth: 2, code: code)
        let error = await #expect(throws: BlobError.self) {
            try await writer.append(ByteBuffer(bytes: pattern(5_000_000)))
            _ = try await writer.finish()
        }
        #expect(error?.isFull == (code != EIO))
        await #expect(throws: BlobError.self) { try await writer.finish() }
        await #expect(throws: BlobError.self) { try await writer.append(ByteBuffer(bytes: [1])) }
        await writer.cancel()
        let operations = fixture.files.events.map(\.operation)
        #expect(!operations.contains("synchronise"))
        #expect(operations.filter { $0 == "close" }.count == 1)
    }

    @Test(
        "a failing fsync of file or directory fails finish, and no second finish turns it into success",
        arguments: ["synchronise", "synchroniseDirectory"]
    )
    func failedSync(operation: String) async throws {
        let fixture = try StoreFixture()
        let key = BlobStore.newKey()
        let writer = try await fixture.store.create(key)
        try await writer.append(ByteBuffer(bytes: pattern(10)))
        fixture.files.fail(operation, code: EIO)
        let error = await #expect(throws: BlobError.self) { try await writer.finish() }
        #expect(error?.description.contains("Input/output error") == true)
        #expect(error?.description.contains("kernel log") == true)
        await #expect(throws: BlobError.self) { try await writer.finish() }
        await writer.cancel()
        #expect(fixture.files.events.filter { $0.operation == "close" }.count == 1)
    }

    @Test("an upload goes on where it was acknowledged; what the file has beyond is cut off")
    func resume() async throws {
        let fixture = try StoreFixture()
        let bytes = pattern(4_000_000)
        let key = BlobStore.newKey()
        let first = try await fixture.store.create(key)
        try await first.append(ByteBuffer(bytes: bytes[..<2_500_000]))
        try await first.append(ByteBuffer(bytes: pattern(1_000, seed: 9)))
        #expect(try await first.close() == 2_501_000)
        #expect(try fixture.content(key).count == 2_501_000)
        let second = try await fixture.store.open(key, resumeAt: 2_500_000)
        try await second.append(ByteBuffer(bytes: bytes[2_500_000...]))
        let result = try await second.finish()
        #expect(result.digest == Digest.sha256(bytes))
        #expect(try fixture.content(key) == bytes)
    }

    @Test("flush puts everything into the file, so that the end of the process loses nothing of it")
    func flush() async throws {
        let fixture = try StoreFixture()
        let key = BlobStore.newKey()
        let writer = try await fixture.store.create(key)
        try await writer.append(ByteBuffer(bytes: pattern(1_234)))
        #expect(try fixture.content(key).count == 0)
        #expect(try await writer.flush() == 1_234)
        #expect(try fixture.content(key) == pattern(1_234))
        await writer.cancel()
    }

    @Test("an upload whose acknowledged bytes are gone is refused with both numbers")
    func lostBytes() async throws {
        let fixture = try StoreFixture()
        let key = BlobStore.newKey()
        let writer = try await fixture.store.create(key)
        try await writer.append(ByteBuffer(bytes: pattern(100)))
        try await writer.close()
        await #expect(throws: BlobError.shorterThanExpected(key: key, expected: 101, actual: 100)) {
            try await fixture.store.open(key, resumeAt: 101)
        }
        await #expect(throws: BlobError.missing(key: String(repeating: "0", count: 32))) {
            try await fixture.store.open(String(repeating: "0", count: 32), resumeAt: 0)
        }
        #expect(fixture.files.events.filter { $0.operation == "close" }.count == 2)
    }

    @Test("a finished, closed or cancelled writer takes nothing more")
    func ended() async throws {
        let fixture = try StoreFixture()
        for end in 0..<3 {
            let key = BlobStore.newKey()
            let writer = try await fixture.store.create(key)
            switch end {
            case 0: _ = try await writer.finish()
            case 1: try await writer.close()
            default: await writer.cancel()
            }
            await #expect(throws: BlobError.notOpen(key: key)) { try await writer.append(ByteBuffer(bytes: [1])) }
            await #expect(throws: BlobError.notOpen(key: key)) { try await writer.finish() }
            await writer.cancel()
        }
        #expect(fixture.files.events.filter { $0.operation == "close" }.count == 3)
    }

    @Test("a writer that is dropped closes its descriptor")
    func dropped() async throws {
        let fixture = try StoreFixture()
        do {
            let writer = try await fixture.store.create(BlobStore.newKey())
            try await writer.append(ByteBuffer(bytes: pattern(3_000_000)))
        }
        while !fixture.files.events.contains(where: { $0.operation == "close" }) { await Task.yield() }
        #expect(fixture.files.events.filter { $0.operation == "close" }.count == 1)
        #expect(fixture.files.events.last?.operation == "close")
    }

    @Test("a key is used once")
    func existing() async throws {
        let fixture = try StoreFixture()
        let key = BlobStore.newKey()
        _ = try await fixture.store.create(key).finish()
        let error = await #expect(throws: BlobError.self) { try await fixture.store.create(key) }
        guard case .file(let file)? = error, file.isExisting else {
            Issue.record("it should say that the file exists: \(String(describing: error))")
            return
        }
    }

    @Test(
        "nothing but 32 lowercase hexadecimal digits becomes a path",
        arguments: [
            "", "..", "../../../../../../../../etc/passwd", String(repeating: "A", count: 32),
            String(repeating: "0", count: 31),
            String(repeating: "0", count: 33), String(repeating: "0", count: 31) + "/",
            String(repeating: "0", count: 31) + "\u{0}",
            "..aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ]
    )
    func keys(key: String) async throws {
        let fixture = try StoreFixture()
        await #expect(throws: BlobError.invalidKey(key)) { try await fixture.store.create(key) }
        await #expect(throws: BlobError.invalidKey(key)) { try await fixture.store.open(key, resumeAt: 0) }
        await #expect(throws: BlobError.invalidKey(key)) { try await fixture.store.reader(key) }
        await #expect(throws: BlobError.invalidKey(key)) { try await fixture.store.delete(key) }
        #expect(throws: BlobError.invalidKey(key)) { try fixture.store.path(key) }
        #expect(fixture.files.events.isEmpty)
    }

    @Test("new keys are keys, and differ")
    func newKeys() {
        let keys = (0..<1_000).map { _ in BlobStore.newKey() }
        #expect(Set(keys).count == 1_000)
        #expect(keys.allSatisfy { BlobStore.isKey($0) })
    }

    @Test("many writers at once do not mix")
    func concurrent() async throws {
        let fixture = try StoreFixture()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for seed in 1...16 {
                group.addTask {
                    let bytes = pattern(1_500_000, seed: UInt64(seed))
                    let key = BlobStore.newKey()
                    let writer = try await fixture.store.create(key)
                    for start in stride(from: 0, to: bytes.count, by: 40_000) {
                        try await writer.append(ByteBuffer(bytes: bytes[start..<min(start + 40_000, bytes.count)]))
                    }
                    #expect(try await writer.finish().digest == Digest.sha256(bytes))
                    #expect(try fixture.content(key) == bytes)
                }
            }
            try await group.waitForAll()
        }
    }

    /// In a process of its own: what other tests need beside would count too.
    @Test("memory does not grow with the blob: 512 MiB through one writer")
    func memory() async {
        await #expect(processExitsWith: .success) {
            let fixture = try StoreFixture()
            let writer = try await fixture.store.create(BlobStore.newKey())
            let piece = ByteBuffer(bytes: pattern(64 << 10))
            for _ in 0..<256 { try await writer.append(piece) }
            let before = residentBytes()
            for _ in 0..<8_192 { try await writer.append(piece) }
            let grown = residentBytes() - before
            let result = try await writer.finish()
            try #require(result.size == Int64(8_448) * 65_536)
            try #require(before > 0 && grown < 16 << 20, "grew by \(grown) bytes")
        }
    }
}

/// Memory of this process, in bytes; 0 when it is not known.
private func residentBytes() -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4_096
}

@Suite struct BlobReadingTests {
    private func stored(_ bytes: [UInt8]) async throws -> (StoreFixture, String) {
        let fixture = try StoreFixture()
        let key = BlobStore.newKey()
        let writer = try await fixture.store.create(key)
        try await writer.append(ByteBuffer(bytes: bytes))
        _ = try await writer.finish()
        return (fixture, key)
    }

    @Test(
        "a range comes in pieces of at most 256 KiB",
        arguments: [0..<1_000_000, 1..<2, 0..<0, 999_999..<1_000_000, 262_143..<600_000]
    )
    func pieces(range: Range<Int>) async throws {
        let bytes = pattern(1_000_000)
        let (fixture, key) = try await stored(bytes)
        let reader = try await fixture.store.reader(key)
        #expect(reader.size == 1_000_000)
        var read: [UInt8] = []
        for try await piece in try reader.pieces(Int64(range.lowerBound)..<Int64(range.upperBound)) {
            #expect(piece.readableBytes <= BlobStore.pieceSize)
            read += piece.readableBytesView
        }
        #expect(read == Array(bytes[range]))
    }

    @Test("reads beyond the end give what there is, reads outside are refused")
    func bounds() async throws {
        let bytes = pattern(1_000)
        let (fixture, key) = try await stored(bytes)
        let reader = try await fixture.store.reader(key)
        #expect(try await reader.read(at: 990, count: 100).readableBytes == 10)
        #expect(try await reader.read(at: 1_000, count: 100).readableBytes == 0)
        #expect(try await reader.read(at: 0, count: -5).readableBytes == 0)
        await #expect(throws: BlobError.outOfRange(key: key, offset: 1_001, size: 1_000)) {
            try await reader.read(at: 1_001, count: 1)
        }
        await #expect(throws: BlobError.self) { try await reader.read(at: -1, count: 1) }
        #expect(throws: BlobError.self) { try reader.pieces(0..<1_001) }
        #expect(throws: BlobError.self) { try reader.pieces(-1..<5) }
    }

    @Test("a file that became shorter under a reader is an error, never short content")
    func shortened() async throws {
        let (fixture, key) = try await stored(pattern(1_000))
        let reader = try await fixture.store.reader(key)
        try Data(count: 400).write(to: URL(fileURLWithPath: fixture.file(key) + ".x"))
        truncate(fixture.file(key), 400)
        await #expect(throws: BlobError.shorterThanExpected(key: key, expected: 1_000, actual: 400)) {
            try await reader.read(at: 0, count: 1_000)
        }
    }

    @Test("a deleted file is gone, deleting it again is no error, and an open reader still reads")
    func delete() async throws {
        let bytes = pattern(1_000)
        let (fixture, key) = try await stored(bytes)
        let reader = try await fixture.store.reader(key)
        try await fixture.store.delete(key)
        try await fixture.store.delete(key)
        #expect(try await fixture.store.size(key) == nil)
        await #expect(throws: BlobError.missing(key: key)) { try await fixture.store.reader(key) }
        #expect(Array(try await reader.read(at: 0, count: 1_000).readableBytesView) == bytes)
    }

    @Test("a reader closes its descriptor when its last owner lets go")
    func closes() async throws {
        let (fixture, key) = try await stored([1, 2, 3])
        fixture.files.clear()
        do { _ = try await fixture.store.reader(key).read(at: 0, count: 3) }
        while !fixture.files.events.contains(where: { $0.operation == "close" }) { await Task.yield() }
        #expect(fixture.files.events.map(\.operation) == ["openForReading", "status", "read", "close"])
    }

    @Test("a link or a pipe in the place of a file is not followed and does not hang")
    func notAFile() async throws {
        let (fixture, key) = try await stored([1])
        let other = String(key.prefix(2)) + String(repeating: "f", count: 30)
        symlink("/etc/passwd", fixture.file(other))
        await #expect(throws: BlobError.self) { try await fixture.store.reader(other) }
        try await fixture.store.delete(other)
        mkfifo(fixture.file(other), 0o600)
        await #expect(throws: BlobError.self) { try await fixture.store.reader(other) }
    }
}
