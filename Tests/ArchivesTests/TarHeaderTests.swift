// SPDX-License-Identifier: EUPL-1.2

import Archives
import TestKit
import Testing

@Suite("Headers of tar archives that are written") struct TarHeaderTests {
    @Test("tar lists what was written, with its mode and size, and nothing more")
    func listing() async throws {
        let directory = try TemporaryDirectory("tar-header")
        defer { directory.remove() }
        let longest = String(repeating: "n", count: TarHeader.longestName)
        var archive = try #require(TarHeader.bytes("etc/", size: 0, mode: 0o755, kind: .directory))
        for (name, size) in [("etc/empty", 0), ("etc/block", 512), (longest, 513)] {
            archive += try #require(TarHeader.bytes(name, size: Int64(size), mode: 0o640))
            archive += [UInt8](repeating: 0x61, count: size) + TarHeader.padding(after: Int64(size))
        }
        let path = try directory.write(archive + TarHeader.end, to: "a.tar")
        let result = try await tool("tar").run(["--numeric-owner", "--full-time", "--utc", "-tvf", path])
        #expect(result.exitCode == 0 && result.errorOutput.isEmpty)
        let lines = result.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        #expect(
            lines == [
                "drwxr-xr-x 0/0 0 1970-01-01 00:00:00 etc/", "-rw-r----- 0/0 0 1970-01-01 00:00:00 etc/empty",
                "-rw-r----- 0/0 512 1970-01-01 00:00:00 etc/block",
                "-rw-r----- 0/0 513 1970-01-01 00:00:00 \(longest)",
            ]
        )
    }

    @Test("what the format has no room for has no header")
    func room() {
        #expect(TarHeader.bytes("", size: 0) == nil)
        #expect(TarHeader.bytes(String(repeating: "ä", count: 51), size: 0) == nil)
        #expect(TarHeader.bytes("a", size: TarHeader.maximumSize) != nil)
        #expect(TarHeader.bytes("a", size: TarHeader.maximumSize + 1) == nil)
        #expect(TarHeader.bytes("a", size: -1) == nil)
        #expect(TarHeader.bytes("a", size: 0, mode: 0o10000) == nil)
    }
}
