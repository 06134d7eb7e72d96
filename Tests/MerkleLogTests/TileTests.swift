// SPDX-License-Identifier: EUPL-1.2

import MerkleLog
import Testing

/// The files of a log in memory.
struct MemoryLog {
    private(set) var tree = TiledTree()
    private(set) var files: [TileAddress: [UInt8]] = [:]

    mutating func append(_ entries: [[UInt8]]) throws {
        for entry in entries { try tree.append(entry) }
        for file in tree.takeFull() { files[file.address] = file.bytes }
        for file in try tree.partials() { files[file.address] = file.bytes }
    }

    func reader(_ size: Int) -> SubtreeReader { TileHashes(size: size) { files[$0] }.hash }
}

@Suite("Tiles and bundles")
struct TileTests {
    @Test(
        "names are those of the specification",
        arguments: [
            ("tile/0/x001/x234/067", TileAddress(.hashes(level: 0), index: 1_234_067)),
            ("tile/0/000", TileAddress(.hashes(level: 0), index: 0)),
            ("tile/1/x001/000.p/17", TileAddress(.hashes(level: 1), index: 1_000, width: 17)),
            ("tile/entries/272", TileAddress(.entries, index: 272)),
            ("tile/entries/273.p/112", TileAddress(.entries, index: 273, width: 112)),
        ]
    )
    func names(path: String, address: TileAddress?) throws {
        let address = try #require(address)
        #expect(address.path == path)
        #expect(TileAddress(path: path) == address)
    }

    @Test(
        "no other spelling names a file",
        arguments: [
            "", "tile", "tile/", "tile/0", "tile/0/", "tile/0/00", "tile/0/0000", "tile/0/x000/000", "tile/00/000",
            "tile/8/000", "tile/-1/000", "tile/0/001/x234", "tile/0/x1/234", "tile/0/000.p", "tile/0/000.p/",
            "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p/1/2", "tile/0/../000",
            "tile/entries/../../checkpoint", "/tile/0/000", "tile/0/000/", "tile/0/x00a/000", "tile/0/x٠٠١/000",
            "tile/0/+01", "tile/entries/x001.p/234", "tile/0/x999/x999/x999/x999/x999/999", "tile/0/000.p/+1",
        ]
    )
    func otherNames(path: String) { #expect(TileAddress(path: path) == nil) }

    @Test("a tree of 70 000 leaves has the tiles that the specification names")
    func specificationExample() {
        func width(_ level: Int, _ index: Int) -> Int? {
            TileAddress(.hashes(level: level), index: index, treeSize: 70_000)?.width
        }
        #expect(width(0, 272) == 256)
        #expect(width(0, 273) == 112)
        #expect(width(0, 274) == nil)
        #expect(width(1, 0) == 256)
        #expect(width(1, 1) == 17)
        #expect(width(2, 0) == 1)
        #expect(width(2, 1) == nil)
        #expect(width(3, 0) == nil)
        #expect(TileAddress(.hashes(level: 0), index: 0, treeSize: 256)?.width == 256)
        #expect(TileAddress(.hashes(level: 1), index: 0, treeSize: 256)?.width == 1)
    }

    @Test("batches of any size give the same files and the same roots as one by one")
    func batches() throws {
        let entries = (0..<700).map { Array("leaf \($0)".utf8) }
        let tree = MemoryTree(count: 700)
        for step in [1, 7, 255, 256, 257, 700] {
            var log = MemoryLog()
            for start in stride(from: 0, to: 700, by: step) {
                try log.append(Array(entries[start..<min(700, start + step)]))
                #expect(log.tree.root == (try tree.root(log.tree.size)))
                // What was written is enough to go on from.
                let again = try TiledTree(size: log.tree.size) { log.files[$0] }
                #expect(again.root == log.tree.root)
                #expect(try again.partials() == log.tree.partials())
            }
            for index in [0, 1, 255, 256, 511, 512, 699] {
                let proof = try InclusionProof(index: index, size: 700, reading: log.reader(700))
                #expect(proof == (try InclusionProof(index: index, size: 700, reading: tree.hash)))
                #expect(proof.verifies(MerkleHash(leaf: entries[index]), in: log.tree.root))
            }
        }
    }

    @Test("three levels of tiles: 66 000 entries")
    func threeLevels() throws {
        var log = MemoryLog()
        try log.append((0..<66_000).map { Array("leaf \($0)".utf8) })
        let tree = MemoryTree(count: 66_000)
        #expect(log.tree.root == (try tree.root(66_000)))
        #expect(log.files[try #require(TileAddress(.hashes(level: 2), index: 0, width: 1))] != nil)
        for (old, new) in [(1, 66_000), (65_535, 65_537), (65_536, 66_000), (300, 65_536)] {
            let proof = try ConsistencyProof(old: old, new: new, reading: log.reader(66_000))
            #expect(proof.verifies(try tree.root(old), to: try tree.root(new)))
        }
    }

    @Test("an edge whose files are missing, cut or changed is refused")
    func brokenEdge() throws {
        var log = MemoryLog()
        try log.append((0..<300).map { Array("leaf \($0)".utf8) })
        let hashes = try #require(TileAddress(.hashes(level: 0), index: 1, width: 44))
        let bundle = try #require(TileAddress(.entries, index: 1, width: 44))
        let files = log.files
        #expect(throws: TileError.missing(hashes)) { try TiledTree(size: 300) { $0 == hashes ? nil : files[$0] } }
        #expect(throws: TileError.missing(bundle)) { try TiledTree(size: 300) { $0 == bundle ? nil : files[$0] } }
        #expect(throws: TileError.wrongLength(hashes, bytes: 44 * 32 - 1)) {
            try TiledTree(size: 300) { $0 == hashes ? files[$0]?.dropLast() : files[$0] }
        }
        #expect(throws: TileError.differs(bundle)) {
            try TiledTree(size: 300) { address in
                guard address == bundle, var bytes = files[address] else { return files[address] }
                bytes[bytes.count - 1] ^= 1
                return bytes
            }
        }
    }

    @Test("a log is recomputed from its bundles: every tile but those is named once, and the root is the tree's")
    func recomputation() throws {
        for size in [0, 1, 255, 256, 257, 1_000, 66_000] {
            var log = MemoryLog()
            try log.append((0..<size).map { Array("leaf \($0)".utf8) })
            var recomputation = LogRecomputation(size: size)
            var named: [TileAddress: [UInt8]] = [:]
            while let address = recomputation.nextBundle {
                for file in try recomputation.take(try #require(log.files[address])) {
                    #expect(named.updateValue(file.bytes, forKey: file.address) == nil)
                }
            }
            #expect(recomputation.root == log.tree.root)
            #expect(named == log.files.filter { $0.key.kind != .entries })
        }
        var recomputation = LogRecomputation(size: 3)
        #expect(throws: TileError.self) { try recomputation.take([0, 1]) }
        #expect(throws: TileError.self) { try recomputation.take(EntryBundle.encode([[1], [2]])) }
    }

    @Test("entries of 0 to 65 535 bytes pass through a bundle; longer ones do not")
    func bundleBounds() throws {
        let entries = [[], [1], [UInt8](repeating: 7, count: 65_535)]
        let address = try #require(TileAddress(.entries, index: 0, width: 3))
        let bytes = try EntryBundle.encode(entries)
        #expect(try EntryBundle.decode(bytes, at: address) == entries)
        #expect(throws: TileError.entryLength(65_536)) {
            try EntryBundle.encode([[UInt8](repeating: 0, count: 65_536)])
        }
        var tree = TiledTree()
        #expect(throws: TileError.entryLength(65_536)) { try tree.append([UInt8](repeating: 0, count: 65_536)) }
        #expect(tree.size == 0)
        #expect(throws: TileError.self) { try EntryBundle.decode(bytes + [0], at: address) }
        #expect(throws: TileError.self) { try EntryBundle.decode(bytes.dropLast(), at: address) }
        #expect(throws: TileError.self) { try EntryBundle.decode(bytes + [0, 0], at: address) }
        #expect(throws: TileError.self) { try EntryBundle.decode([], at: address) }
    }
}
