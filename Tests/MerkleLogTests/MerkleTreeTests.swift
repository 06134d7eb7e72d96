// SPDX-License-Identifier: EUPL-1.2

import Crypto
import MerkleLog
import TestKit
import Testing

/// A tree in memory: every complete subtree of its leaves.
struct MemoryTree: Sendable {
    private(set) var levels: [[MerkleHash]] = []

    init(leaves: [MerkleHash]) {
        var level = leaves
        while !level.isEmpty {
            levels.append(level)
            level = stride(from: 0, to: level.count - 1, by: 2).map {
                MerkleHash(left: level[$0], right: level[$0 + 1])
            }
        }
    }

    /// Leaves `leaf 0`, `leaf 1` and so on.
    init(count: Int) { self.init(leaves: (0..<count).map { MerkleHash(leaf: Array("leaf \($0)".utf8)) }) }

    func hash(_ subtree: SubtreeCoordinate) -> MerkleHash { levels[subtree.level][subtree.index] }

    func root(_ size: Int) throws -> MerkleHash { try MerkleTree.root(size: size, reading: hash) }
}

private func hex(_ text: String) -> [UInt8] {
    let digits = Array(text)
    return stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...($0 + 1)]), radix: 16) }
}

private func hex(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

@Suite("The tree and its proofs")
struct MerkleTreeTests {
    /// The leaves that implementations of RFC 6962 test each other with.
    static let reference = [
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    ]

    @Test("the roots of the reference leaves are those of RFC 6962's implementations")
    func referenceRoots() throws {
        let tree = MemoryTree(leaves: Self.reference.map { MerkleHash(leaf: hex($0)) })
        #expect(hex(MerkleHash.empty.bytes) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(
            hex(try tree.root(1).bytes) == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
        )
        #expect(
            hex(try tree.root(8).bytes) == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
        )
        #expect(try tree.root(0) == .empty)
    }

    @Test(
        "all proofs of trees of 1 to 1 000 leaves, for every index and pair of sizes, are byte for byte Go's, and verify"
    )
    func agreesWithGo() async throws {
        let lines = try await sumdbVerifier().check(["prove", "1000"]).split(separator: "\n").map(String.init)
        let tree = MemoryTree(count: 1_000)
        let known = try (0...1_000).map { try tree.root($0) }
        // Three walks beside each other: each is a hash over about half a million proofs.
        async let roots = digest { hasher in
            for size in 1...1_000 { hasher.update(data: try tree.root(size).bytes) }
        }
        async let records = digest { hasher in
            for size in 1...1_000 {
                for index in 0..<size {
                    let proof = try InclusionProof(index: index, size: size, reading: tree.hash)
                    if !proof.verifies(tree.levels[0][index], in: known[size]) { Issue.record("\(index) of \(size)") }
                    for hash in proof.hashes { hasher.update(data: hash.bytes) }
                }
            }
        }
        async let trees = digest { hasher in
            for new in 1...1_000 {
                for old in 1...new {
                    let proof = try ConsistencyProof(old: old, new: new, reading: tree.hash)
                    if !proof.verifies(known[old], to: known[new]) { Issue.record("\(old) to \(new)") }
                    for hash in proof.hashes { hasher.update(data: hash.bytes) }
                }
            }
        }
        #expect(lines == [try await roots, try await records, try await trees])
    }

    private func digest(_ body: @Sendable (inout SHA256) throws -> Void) async throws -> String {
        var hasher = SHA256()
        try body(&hasher)
        return hex(hasher.finalize())
    }

    @Test("a leaf is proven in its place, and its neighbour is not in it: all trees up to 130, every seventh to 1 000")
    func inclusionVerifies() throws {
        let tree = MemoryTree(count: 1_000)
        for size in 1...1_000 {
            let root = try tree.root(size)
            guard size <= 130 || size % 7 == 0 || (size & (size - 1)) < 2 else { continue }
            for index in 0..<size {
                let proof = try InclusionProof(index: index, size: size, reading: tree.hash)
                let leaf = tree.levels[0][index]
                #expect(proof.verifies(leaf, in: root))
                if proof.verifies(tree.levels[0][(index + 1) % 1_000], in: root) { Issue.record("\(index) of \(size)") }
            }
        }
    }

    @Test("a pair of sizes is proven, and no other size's root passes: all up to 130, every seventh to 1 000")
    func consistencyVerifies() throws {
        let tree = MemoryTree(count: 1_000)
        let roots = try (0...1_000).map { try tree.root($0) }
        for new in 0...1_000 {
            guard new <= 130 || new % 7 == 0 || (new & (new - 1)) < 2 else { continue }
            for old in 0...new {
                let proof = try ConsistencyProof(old: old, new: new, reading: tree.hash)
                if !proof.verifies(roots[old], to: roots[new]) { Issue.record("\(old) to \(new)") }
                let other = old == 0 ? 1 : old - 1
                if proof.verifies(roots[other], to: roots[new]) { Issue.record("\(other) passes as \(old) to \(new)") }
            }
        }
    }

    @Test("any flipped bit of a proof, a leaf or a root is noticed", arguments: [1, 2, 3, 7, 8, 100, 255, 256, 257])
    func flippedBits(size: Int) throws {
        let tree = MemoryTree(count: size)
        let root = try tree.root(size)
        for index in Set([0, size / 2, size - 1]) {
            let proof = try InclusionProof(index: index, size: size, reading: tree.hash)
            let leaf = tree.levels[0][index]
            for bit in 0..<256 {
                #expect(!proof.verifies(flipped(leaf, bit), in: root))
                #expect(!proof.verifies(leaf, in: flipped(root, bit)))
                for place in proof.hashes.indices {
                    var hashes = proof.hashes
                    hashes[place] = flipped(hashes[place], bit)
                    #expect(!InclusionProof(index: index, size: size, hashes: hashes).verifies(leaf, in: root))
                }
            }
        }
        for old in Set([1, (size + 1) / 2, max(1, size - 1)]) {
            let proof = try ConsistencyProof(old: old, new: size, reading: tree.hash)
            let oldRoot = try tree.root(old)
            for bit in 0..<256 {
                #expect(!proof.verifies(flipped(oldRoot, bit), to: root))
                #expect(!proof.verifies(oldRoot, to: flipped(root, bit)))
                for place in proof.hashes.indices {
                    var hashes = proof.hashes
                    hashes[place] = flipped(hashes[place], bit)
                    #expect(!ConsistencyProof(old: old, new: size, hashes: hashes).verifies(oldRoot, to: root))
                }
            }
        }
    }

    private func flipped(_ hash: MerkleHash, _ bit: Int) -> MerkleHash {
        var bytes = hash.bytes
        bytes[bit / 8] ^= 1 << (bit % 8)
        return MerkleHash(bytes: bytes) ?? .empty
    }

    @Test("a proof that is too long, too short or for another place proves nothing")
    func wrongShapes() throws {
        let tree = MemoryTree(count: 20)
        let root = try tree.root(20)
        let proof = try InclusionProof(index: 5, size: 20, reading: tree.hash)
        let leaf = tree.levels[0][5]
        let longer = proof.hashes + [.empty]
        #expect(!InclusionProof(index: 5, size: 20, hashes: longer).verifies(leaf, in: root))
        #expect(!InclusionProof(index: 5, size: 20, hashes: proof.hashes.dropLast()).verifies(leaf, in: root))
        for index in 0..<20 where index != 5 {
            #expect(!InclusionProof(index: index, size: 20, hashes: proof.hashes).verifies(leaf, in: root))
        }
        #expect(InclusionProof(index: 5, size: 0, hashes: []).root(from: leaf) == nil)
        #expect(InclusionProof(index: -1, size: 4, hashes: []).root(from: leaf) == nil)
        #expect(InclusionProof(index: .max - 1, size: .max, hashes: []).root(from: leaf) == nil)
        #expect(!ConsistencyProof(old: 3, new: 2, hashes: []).verifies(root, to: root))
        #expect(!ConsistencyProof(old: 0, new: 2, hashes: [root]).verifies(.empty, to: root))
        #expect(!ConsistencyProof(old: 0, new: 2, hashes: []).verifies(root, to: root))
        #expect(!ConsistencyProof(old: 4, new: 4, hashes: [root]).verifies(root, to: root))
        #expect(!ConsistencyProof(old: 5, new: 8, hashes: []).verifies(root, to: root))
        #expect(throws: MerkleTreeError.noLeaf(index: 20, size: 20)) {
            try InclusionProof(index: 20, size: 20, reading: tree.hash)
        }
        #expect(throws: MerkleTreeError.noPair(old: 21, new: 20)) {
            try ConsistencyProof(old: 21, new: 20, reading: tree.hash)
        }
    }
}
