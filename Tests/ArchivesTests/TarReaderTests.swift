// SPDX-License-Identifier: EUPL-1.2

import Archives
import Foundation
import TestKit
import Testing

@Suite("TarReader")
struct TarReaderTests {
    static func sample() -> TarBuilder {
        var tar = TarBuilder()
        tar.directory("usr/bin")
        tar.file("usr/bin/tool", [UInt8](repeating: 7, count: 200_000), mode: 0o4755, uid: 1000, gid: 50)
        tar.symlink("bin", to: "usr/bin")
        tar.hardLink("usr/bin/other", to: "usr/bin/tool")
        tar.device("dev/null")
        tar.member("run/pipe", .fifo)
        tar.file("empty", [])
        return tar
    }

    @Test(
        "members come out as they went in, whatever the compression",
        arguments: [TestCompression.none, .gzip, .zstd]
    )
    func members(_ compression: TestCompression) throws {
        let tar = Self.sample().finished()
        let stored = compression.compressed(tar)
        let collector = Collector()
        let summary = try TarReader.read(.memory(stored), visitor: collector)
        #expect(summary.error == nil)
        #expect(summary.entries == 7)
        #expect(summary.storedBytes == Int64(stored.count))
        #expect(collector.storedBytes == stored)
        #expect(collector.archiveBytes == tar)
        #expect(
            collector.entries.map(\.kind) == [
                .directory, .file, .symbolicLink, .hardLink, .characterDevice, .fifo, .file,
            ]
        )
        let file = collector.entries[1]
        #expect(file.mode == 0o4755 && file.userID == 1000 && file.groupID == 50 && file.size == 200_000)
        #expect(collector.contents["usr/bin/tool"] == [UInt8](repeating: 7, count: 200_000))
        #expect(collector.entries[2].linkTarget == "usr/bin")
        #expect(collector.entries[3].linkTarget == "usr/bin/tool")
    }

    @Test("what gzip, zstd and xz themselves compress is read", arguments: ["gzip", "zstd", "xz"])
    func programs(_ name: String) async throws {
        let directory = try TemporaryDirectory()
        let tar = Self.sample().finished()
        try directory.write(tar, to: "a.tar")
        let ending = ["gzip": "gz", "zstd": "zst", "xz": "xz"][name] ?? ""
        try await tool(name).check(["-k", "-q", "a.tar"], directory: directory.path)
        let stored = try [UInt8](Data(contentsOf: URL(fileURLWithPath: directory.file("a.tar." + ending))))
        let collector = Collector()
        let summary = try TarReader.read(.memory(stored), visitor: collector)
        #expect(summary.error == nil)
        #expect(summary.compression.rawValue == name)
        #expect(collector.archiveBytes == tar)
        #expect(collector.storedBytes == stored)
    }

    @Test("a range of a file is read, and the descriptor's position is left alone")
    func fileRange() throws {
        let directory = try TemporaryDirectory()
        let tar = Self.sample().finished()
        let path = try directory.write([1, 2, 3] + tar + [9, 9], to: "a")
        let file = try #require(FileHandle(forReadingAtPath: path))
        let collector = Collector()
        let source = ArchiveSource.file(descriptor: file.fileDescriptor, offset: 3, length: Int64(tar.count))
        let summary = try TarReader.read(source, visitor: collector)
        #expect(summary.error == nil && summary.storedBytes == Int64(tar.count))
        #expect(try file.offset() == 0)
        #expect(collector.archiveBytes == tar)
    }

    @Test("the offset of a member's data leads to its bytes")
    func dataOffset() throws {
        var tar = TarBuilder()
        tar.file("first", [1, 2, 3])
        tar.file(String(repeating: "long/", count: 30) + "name", [4, 5, 6, 7])
        tar.file("third", [8])
        let bytes = tar.finished()
        let entries = try TarReader.entries(of: .memory(bytes))
        #expect(
            entries.map { Array(bytes[Int($0.dataOffset)..<Int($0.dataOffset + $0.size)]) } == [
                [1, 2, 3], [4, 5, 6, 7], [8],
            ]
        )
    }

    @Test("long names, umlauts and capabilities arrive from pax records")
    func pax() throws {
        let long = String(repeating: "verzeichnis/", count: 20) + "größe"
        var tar = TarBuilder()
        tar.file(long, [1])
        tar.file("usr/bin/ping", [1], mode: 0o755, xattrs: ["security.capability": TarBuilder.netRawCapability])
        tar.file("usr/bin/plain", [1], mode: 0o755, xattrs: ["user.note": [65]])
        let entries = try TarReader.entries(of: .memory(tar.finished()))
        #expect(entries.map(\.path) == [long, "usr/bin/ping", "usr/bin/plain"])
        #expect(entries.map(\.hasCapabilities) == [false, true, false])
        #expect(entries.allSatisfy { $0.warning == nil })
    }

    @Test("names that are not UTF-8 stay apart")
    func notUTF8() throws {
        var tar = TarBuilder()
        for byte in [UInt8(0xe4), 0xf6] {
            var header = TarBuilder()
            header.file("x?", [])
            var block = header.bytes
            block[1] = byte
            // The checksum grows by as much as the byte did.
            let sum = (0..<512).reduce(0) { $0 + ((148..<156).contains($1) ? 32 : Int(block[$1])) }
            let digits = Array(String(sum, radix: 8).utf8)
            for (index, digit) in ([UInt8](repeating: 48, count: 6 - digits.count) + digits).enumerated() {
                block[148 + index] = digit
            }
            tar.raw(block)
        }
        let paths = try TarReader.entries(of: .memory(tar.finished())).map(\.path)
        #expect(paths == ["x\u{FFFD}e4", "x\u{FFFD}f6"])
    }

    @Test("a sparse file comes in pieces, its holes are zeros")
    func sparse() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("holes")
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.seek(toOffset: 1 << 20)
        try file.write(contentsOf: Data("end".utf8))
        try file.close()
        try await tool("tar").check(["--sparse", "--format=pax", "-cf", "a.tar", "holes"], directory: directory.path)
        let stored = try [UInt8](Data(contentsOf: URL(fileURLWithPath: directory.file("a.tar"))))
        let collector = Collector()
        let summary = try TarReader.read(.memory(stored), visitor: collector)
        #expect(summary.error == nil)
        #expect(stored.count < 100_000)
        let size = 1_048_579
        #expect(collector.entries.first?.size == Int64(size))
        let contents = try #require(collector.contents.values.first)
        #expect(contents.count == size)
        #expect(contents.suffix(3) == Array("end".utf8)[...] && contents.prefix(1000).allSatisfy { $0 == 0 })
    }

    @Test("bytes behind the end of the archive count for the digests and for nothing else")
    func trailing() throws {
        let tar = Self.sample().finished() + [UInt8](repeating: 0, count: 8192)
        let stored = TestCompression.gzip.compressed(tar) + [1, 2, 3]
        let collector = Collector()
        let summary = try TarReader.read(.memory(stored), visitor: collector)
        #expect(summary.error == nil)
        #expect(summary.entries == 7)
        #expect(collector.storedBytes == stored)
        #expect(collector.archiveBytes == tar)
    }

    @Test(
        "a layer that ends in the padding of its last member is whole, as for every runtime",
        arguments: [1, 15, 511]
    )
    func cutPadding(_ size: Int) throws {
        var builder = TarBuilder()
        builder.file("a", [1])
        builder.file("b", Array(repeating: 7, count: size))
        for end in [size, min(511, size + 3)] {
            let collector = Collector()
            let bytes = Array(builder.bytes.prefix(3 * 512 + end))
            let summary = try TarReader.read(.memory(bytes), visitor: collector)
            #expect(summary.error == nil)
            #expect(summary.entries == 2 && collector.contents["b"]?.count == size)
            #expect(collector.archiveBytes == bytes)
        }
        // One byte less is a byte of the member.
        let cut = Array(builder.bytes.prefix(3 * 512 + size - 1))
        #expect(try TarReader.read(.memory(cut), visitor: Collector()).error != nil)
    }

    @Test("an archive without members is read", arguments: [TestCompression.none, .gzip, .zstd])
    func empty(_ compression: TestCompression) throws {
        let summary = try TarReader.read(.memory(compression.compressed(TarBuilder().finished())), visitor: Collector())
        #expect(summary.error == nil && summary.entries == 0)
    }
}
