// SPDX-License-Identifier: EUPL-1.2

import Archives
import TestKit
import Testing

/// An archive that must end in a clear error.
struct HostileCase: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var bytes: [UInt8]
    var limits = ArchiveLimits()
    /// Part of the error's text.
    var error: String
}

@Suite("Hostile archives")
struct HostileArchiveTests {
    static let cases: [HostileCase] = {
        let sample = TarReaderTests.sample().finished()
        let gzip = TestCompression.gzip.compressed(sample)
        let zstd = TestCompression.zstd.compressed(sample)
        var header = TarBuilder()
        header.file("zeros", [], claimedSize: 1 << 40)
        var huge = TarBuilder()
        huge.file("huge", [1, 2, 3], claimedSize: 1 << 62)
        var long = TarBuilder()
        long.file(String(repeating: "a", count: 5000), [])
        var link = TarBuilder()
        link.symlink("l", to: String(repeating: "b", count: 5000))
        var pax = TarBuilder()
        pax.pax([("path", [120])], claimedSize: 1 << 33)
        var wrongSum = sample
        wrongSum[0] ^= 1
        return [
            HostileCase(testDescription: "cut gzip", bytes: Array(gzip.prefix(gzip.count / 2)), error: "malformed"),
            HostileCase(testDescription: "cut zstd", bytes: Array(zstd.prefix(zstd.count / 2)), error: "malformed"),
            HostileCase(testDescription: "cut tar", bytes: Array(sample.prefix(3000)), error: "malformed"),
            HostileCase(testDescription: "gzip header only", bytes: Array(gzip.prefix(10)), error: "malformed"),
            HostileCase(testDescription: "two bytes of gzip", bytes: [0x1f, 0x8b], error: "malformed"),
            HostileCase(
                testDescription: "gzip with a broken first block",
                bytes: Array(gzip.prefix(10)) + [0xff, 0xff, 0xff] + gzip.dropFirst(13),
                error: "malformed"
            ),
            HostileCase(
                testDescription: "no tar",
                bytes: Array("hello world, this is no tar".utf8),
                error: "malformed"
            ),
            HostileCase(
                testDescription: "gzip of no tar",
                bytes: TestCompression.gzip.compressed(Array(repeating: 65, count: 2000)),
                error: "malformed"
            ),
            HostileCase(
                testDescription: "gzip inside gzip",
                bytes: TestCompression.gzip.compressed(gzip),
                error: "malformed"
            ),
            HostileCase(testDescription: "wrong header checksum", bytes: wrongSum, error: "malformed"),
            HostileCase(testDescription: "claimed size", bytes: huge.finished(), error: "bytes of one member"),
            HostileCase(testDescription: "long path", bytes: long.finished(), error: "bytes of a path"),
            HostileCase(testDescription: "long link", bytes: link.finished(), error: "bytes of a link target"),
            HostileCase(testDescription: "huge pax header", bytes: pax.finished(), error: "malformed"),
            HostileCase(
                testDescription: "zstd bomb by ratio",
                bytes: TestCompression.zstdBomb(prefix: header.bytes, blocks: 20_000),
                limits: ArchiveLimits(ratioFloor: 16 << 20, entryBytes: 1 << 41),
                error: "compression ratio"
            ),
            HostileCase(
                testDescription: "zstd bomb by size",
                bytes: TestCompression.zstdBomb(prefix: header.bytes, blocks: 20_000),
                limits: ArchiveLimits(uncompressedBytes: 8 << 20, entryBytes: 1 << 41),
                error: "uncompressed bytes"
            ),
            HostileCase(
                testDescription: "many members",
                bytes: sample,
                limits: ArchiveLimits(entries: 3),
                error: "number of members"
            ),
        ]
    }()

    @Test("ends in an error that names the bound or the fault", arguments: cases)
    func hostile(_ hostile: HostileCase) throws {
        let collector = Collector()
        let summary = try TarReader.read(.memory(hostile.bytes), limits: hostile.limits, visitor: collector)
        let error = try #require(summary.error)
        #expect(error.description.contains(hostile.error), "\(error)")
        #expect(collector.storedBytes == hostile.bytes, "the digest of what is stored still covers everything")
    }

    @Test("a descriptor that cannot be read is an error, not a broken archive")
    func unreadable() {
        #expect(throws: ArchiveError.self) {
            try TarReader.read(.file(descriptor: -1), visitor: Collector())
        }
    }

    @Test("changed and cut archives never trap", arguments: [TestCompression.none, .gzip, .zstd])
    func changed(_ compression: TestCompression) throws {
        var generator = SeededGenerator(seed: 7)
        var tar = TarReaderTests.sample()
        tar.file("p", [1], xattrs: ["security.capability": TarBuilder.netRawCapability])
        let bytes = compression.compressed(tar.finished())
        for _ in 0..<400 {
            var changed = bytes
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                // Headers are where it hurts: half of the changes hit the first 4 KiB.
                let bound = Bool.random(using: &generator) ? min(4096, changed.count) : changed.count
                changed[Int.random(in: 0..<bound, using: &generator)] ^= UInt8.random(in: 1...255, using: &generator)
            }
            if Bool.random(using: &generator) {
                changed.removeLast(Int.random(in: 0..<changed.count, using: &generator))
            }
            let collector = Collector()
            let summary = try TarReader.read(
                .memory(changed),
                limits: ArchiveLimits(uncompressedBytes: 16 << 20),
                visitor: collector
            )
            #expect(collector.storedBytes.count == changed.count)
            #expect(summary.entries <= 20)
        }
    }
}

@Suite("Decompression")
struct DecompressionTests {
    @Test("gives the bytes back", arguments: [TestCompression.none, .gzip, .zstd])
    func bytes(_ compression: TestCompression) throws {
        let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
        #expect(try Decompression.bytes(of: .memory(compression.compressed(bytes)), limit: 300_000) == bytes)
    }

    @Test("stops at its limit")
    func limit() {
        #expect(throws: ArchiveError.exceeded(bound: .uncompressedBytes, limit: 1000, member: 0, path: nil)) {
            try Decompression.bytes(
                of: .memory(TestCompression.gzip.compressed(Array(repeating: 1, count: 1001))),
                limit: 1000
            )
        }
    }

    @Test("an empty gzip member is empty, a broken one an error")
    func empty() throws {
        #expect(try Decompression.bytes(of: .memory(TestCompression.gzip.compressed([])), limit: 10) == [])
        #expect(throws: ArchiveError.self) { try Decompression.bytes(of: .memory([0x1f, 0x8b, 8, 0, 0]), limit: 10) }
    }

    @Test("recognises formats by their first bytes")
    func detection() {
        #expect(ArchiveCompression.detect([0x1f, 0x8b, 8]) == .gzip)
        #expect(ArchiveCompression.detect([0x28, 0xb5, 0x2f, 0xfd]) == .zstd)
        #expect(ArchiveCompression.detect([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]) == .xz)
        #expect(ArchiveCompression.detect([0x42, 0x5a, 0x68]) == .bzip2)
        #expect(ArchiveCompression.detect([]) == .none)
        #expect(ArchiveCompression.detect(Array("usr/".utf8)) == .none)
    }
}
