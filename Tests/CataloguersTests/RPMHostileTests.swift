// SPDX-License-Identifier: EUPL-1.2

import Cataloguers
import Testing

@Suite("rpm databases with faults", .timeLimit(.minutes(10)))
struct RPMHostileTests {
    private static let sqlite = "var/lib/rpm/rpmdb.sqlite"
    private static let ndb = "var/lib/rpm/Packages.db"

    private func read(_ bytes: [UInt8], _ path: String) -> Catalogue {
        Catalogue(RPMCataloguer.self, [(path, bytes)], piece: 1 << 20)
    }

    @Test("cut off anywhere, it lists no more than it had, and a list that became shorter has a problem")
    func truncated() async throws {
        let fixture = try await RPMFixture()
        let compact = try await fixture.compact()
        for (path, whole) in [
            (Self.sqlite, try fixture.bytes), (Self.sqlite, compact), (Self.ndb, try await fixture.ndb()),
        ] {
            #expect(read(whole, path).components.count == 2)
            for length in stride(from: 1, to: whole.count, by: 97) {
                let found = read(Array(whole[..<length]), path)
                #expect(found.components.count <= 2)
                #expect(found.components.count == 2 || !found.problems.isEmpty, "\(length) bytes of \(path)")
            }
        }
    }

    @Test("3000 random changes each, and none of them traps")
    func mutated() async throws {
        let fixture = try await RPMFixture()
        var random = Mutations(state: 20_261)
        for (path, whole) in [(Self.sqlite, try await fixture.compact()), (Self.ndb, try await fixture.ndb())] {
            for _ in 0..<3000 {
                var bytes = whole
                for _ in 0..<Int.random(in: 1...8, using: &random) {
                    // The heads of the file and of its pages are where the numbers are.
                    let start = Int.random(in: 0..<4, using: &random) == 0 ? 0..<min(600, bytes.count) : bytes.indices
                    let place = Int.random(in: start, using: &random)
                    bytes[place] =
                        [0, 1, 0x7F, 0x80, 0xFF, .random(in: 0...255, using: &random)]
                        .randomElement(using: &random) ?? 0
                }
                let found = read(bytes, path)
                #expect(found.components.count <= 4)
            }
        }
    }

    @Test("pages that lead to each other in circles end the reading")
    func cycles() async throws {
        let fixture = try await RPMFixture(further: 30)
        let whole = try await fixture.compact()
        let expected = read(whole, Self.sqlite).components.count
        #expect(expected == 32)
        let pages = whole.count / 512
        var noticed = 0
        var twice = 0
        // The number at the start of a page of overflow, and the last child of an interior page.
        for (page, place) in (1..<pages).flatMap({ [($0, 0), ($0, 8)] }) {
            for target in [page + 1, 1, 2] {
                var bytes = whole
                bytes.replaceSubrange(
                    (page * 512 + place)..<(page * 512 + place + 4),
                    with: [0, 0, UInt8(target >> 8), UInt8(target & 0xFF)]
                )
                let found = read(bytes, Self.sqlite)
                #expect(found.components.count <= expected)
                if !found.problems.isEmpty { noticed += 1 }
                if found.problems.contains(where: { $0.hasSuffix("is used twice") }) { twice += 1 }
            }
        }
        #expect(noticed > pages)
        #expect(twice > pages)
    }

    @Test("cells that share their bytes cannot multiply the work")
    func sharedCells() {
        let sql = Array("table".utf8) + Array("Packages".utf8) + Array("Packages".utf8) + [2]
        let schema: [UInt8] = [UInt8(sql.count + 6), 1, 6, 23, 29, 29, 1, 0] + sql
        var file = Array("SQLite format 3\0".utf8) + [0, 1, 1, 1, 0, 64, 32, 32]
        file += Array(repeating: 0, count: 100 - file.count) + [0x0D, 0, 0, 0, 1, 0, 0, 0, 0x10, 0]
        file += Array(repeating: 0, count: 0x1000 - file.count) + schema
        file += Array(repeating: 0, count: 65536 - file.count)
        #expect(read(file, Self.sqlite).problems == ["page 2 is not in the file"])

        // 20 000 pointers to one cell, whose blob has 10 000 bytes: type 20 012.
        file += [0x0D, 0, 0, 0x4E, 0x20, 0, 0, 0]
        for _ in 0..<20_000 { file += [0xA0, 0] }
        file += Array(repeating: 0, count: 65536 + 0xA000 - file.count)
        file += [0xCE, 0x15, 1, 5, 0, 0x81, 0x9C, 0x2C] + Array(repeating: 0, count: 65536)
        file = Array(file.prefix(131072))
        let found = read(file, Self.sqlite)
        #expect(found.components.isEmpty)
        #expect(
            found.problems == Array(repeating: "a package's header is damaged", count: 13) + [
                "its rows are longer than the file"
            ]
        )
    }

    @Test("numbers that are too large for what is there are a problem", arguments: [100, 103, 105, 107, 108, 109, 110])
    func counts(place: Int) async throws {
        var bytes = try await RPMFixture().compact()
        bytes[place] = 0xFF
        #expect(read(bytes, Self.sqlite).components.count <= 2)
    }
}

/// Random numbers that are the same in every run.
private struct Mutations: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }
}
