// SPDX-License-Identifier: EUPL-1.2

import Cataloguers
import SBOM
import Testing

@Suite("Go cataloguer")
struct GoCataloguerTests {
    private static let sentinel = [UInt8](repeating: 0xAB, count: 16)

    /// A small ELF file with one writable segment, and in it the build information of these lines.
    private static func program(_ lines: [String], go: String = "go1.22.3", flags: UInt8 = 2) -> [UInt8] {
        func varint(_ count: Int) -> [UInt8] {
            count < 128 ? [UInt8(count)] : [UInt8(count & 0x7F | 0x80)] + varint(count >> 7)
        }
        var bytes = [UInt8](repeating: 0, count: 8192)
        bytes.replaceSubrange(0..<7, with: [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1])
        bytes[16] = 2
        bytes[32] = 64
        bytes[54] = 56
        bytes[56] = 1
        bytes[64] = 1
        bytes[68] = 6
        bytes[64 + 9] = 0x10
        bytes[64 + 34] = 0x10
        let text = sentinel + lines.flatMap { Array(($0 + "\n").utf8) } + sentinel
        let information =
            [0xFF] + Array(" Go buildinf:".utf8) + [8, flags] + [UInt8](repeating: 0, count: 16) + varint(go.utf8.count)
            + Array(go.utf8) + varint(text.count) + text
        bytes.replaceSubrange(5008..<5008 + information.count, with: information)
        return bytes
    }

    private static func read(_ bytes: [UInt8], pieces: Int = 65536) throws -> Catalogued {
        let file = CandidateFile(path: "usr/bin/program", size: Int64(bytes.count), mode: 0o755)
        let scanner = try #require(GoCataloguer.scanner(for: file))
        var at = 0
        while at < bytes.count {
            let end = min(bytes.count, at + pieces)
            bytes[at..<end].withUnsafeBytes { scanner.data($0, at: Int64(at)) }
            at = end
        }
        return scanner.end()
    }

    private static let sample = program([
        "path\tgithub.com/a/b/cmd/c", "mod\tgithub.com/a/b\t(devel)\t", "dep\tgithub.com/x/y\tv1.0.0\th1:x",
        "=>\tgithub.com/z/y\tv2.0.0+incompatible\th1:z", "dep\tgolang.org/x/net/v2/sub\tv2.1.0\th1:n",
        "build\t-ldflags=\"-X github.com/a/b.version=v1.2.3 -s\"",
    ])

    @Test(
        "modules are found however the bytes are cut, with replacements in place",
        arguments: [1, 7, 13, 4096, 65536]
    )
    func pieces(size: Int) throws {
        let found = try Self.read(Self.sample, pieces: size)
        #expect(found.problems.isEmpty)
        #expect(
            found.components.compactMap { $0.purl?.description } == [
                "pkg:golang/github.com/a/b@v1.2.3", "pkg:golang/github.com/z/y@v2.0.0%2Bincompatible",
                "pkg:golang/golang.org/x/net@v2.1.0#v2/sub", "pkg:golang/stdlib@1.22.3",
            ]
        )
    }

    @Test(
        "the version of Go is cleaned",
        arguments: [
            ("go1.26.5 (Red Hat 1.26.5-1)", "1.26.5"), ("go1.22.3 X:exp", "1.22.3"), ("go1.22.3-X:exp", "1.22.3"),
        ]
    )
    func goVersion(written: String, version: String) throws {
        #expect(try Self.read(Self.program(["path\tx"], go: written)).components.last?.version == version)
    }

    @Test("a program that was built without modules is known by its import path")
    func withoutModules() throws {
        let found = try Self.read(Self.program(["path\tgithub.com/restic/restic/cmd/restic", "build\t-compiler=gc"]))
        #expect(
            found.components.compactMap { $0.purl?.description } == [
                "pkg:golang/github.com/restic/restic#cmd/restic", "pkg:golang/stdlib@1.22.3",
            ]
        )
        // What `go run FILE` and `go build FILE` call themselves is no import path.
        #expect(try Self.read(Self.program(["path\tcommand-line-arguments"])).components.count == 1)
    }

    @Test("the format before 1.18 and information that is cut off are problems, other files are nothing")
    func unreadable() throws {
        #expect(try Self.read(Self.program([], flags: 0)).problems.count == 1)
        #expect(try Self.read(Array(Self.sample.prefix(5100))).problems.count == 1)
        #expect(try Self.read([UInt8](repeating: 0x23, count: 9000)) == Catalogued())
    }

    @Test("mutated programs never trap, and yield no more than the lines hold")
    func mutations() throws {
        var seed: UInt64 = 42
        func next(_ limit: Int) -> Int {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(seed >> 33) % limit
        }
        for _ in 0..<2000 {
            var bytes = Self.sample
            for _ in 0...next(6) {
                bytes[next(2) == 0 ? next(128) : 5008 + next(400)] = UInt8(next(256))
            }
            let found = try Self.read(Array(bytes.prefix(64 + next(bytes.count))), pieces: 64 + next(9000))
            #expect(found.components.count <= 8)
        }
    }
}
