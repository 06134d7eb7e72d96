// SPDX-License-Identifier: EUPL-1.2

import ClientTrust
import FoundationEssentials
import TestKit
import Testing

/// Copies in one tar file.
@Suite("Archives of copies")
struct ArchiveTests {
    private let copy: Copy

    init() throws {
        var copy = try Copy()
        try copy.attach(copy.bundle())
        self.copy = copy
    }

    private func bytes(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    @Test("every form that tar writes is read", arguments: ["v7", "ustar", "gnu", "posix"])
    func forms(_ form: String) async throws {
        let file = copy.directory.file("copy.tar")
        try await tool("tar").check(["--format", form, "-cf", file, "-C", copy.directory.file("layout"), "."])
        let verification = try await copy.verify("oci-archive:\(file):1.0")
        #expect(verification.outcome == .passed)
        #expect(verification.items.contains { $0.demand == .content && $0.outcome == .passed })
        try await tool("tar").check(
            [
                "--format", form, "-cf", file, "-C", copy.directory.file("layout"), "oci-layout", "index.json", "blobs",
            ])
        #expect(try await copy.verify("oci-archive:\(file):1.0").outcome == .passed)
    }

    @Test("a file of one name twice, and cut, packed or mangled archives are never a pass")
    func hostile() async throws {
        let file = copy.directory.file("copy.tar")
        let layout = copy.directory.file("layout")
        try await tool("tar").check(["-cf", file, "-C", layout, "."])
        let whole = try bytes(file)
        try await tool("tar").check(["-rf", file, "-C", layout, "./index.json"])
        await #expect(throws: (any Error).self) { try await copy.verify("oci-archive:\(file):1.0") }
        var generator = SystemRandomNumberGenerator()
        for round in 0..<200 {
            var changed = whole
            switch round % 3 {
            case 0: changed.removeLast(Int.random(in: 1...changed.count, using: &generator))
            case 1:
                // A header's fields: sizes, sums, kinds.
                let header = Int.random(in: 0..<changed.count / 512, using: &generator) * 512
                changed[header + Int.random(in: 100..<180, using: &generator)] = .random(in: 0...255, using: &generator)
            default:
                for _ in 0..<8 { changed[Int.random(in: changed.indices, using: &generator)] ^= 0x40 }
            }
            try Data(changed).write(to: URL(fileURLWithPath: file))
            let verification = try? await copy.verify("oci-archive:\(file):1.0")
            // Padding and names of files that nobody asked for may change.
            if let verification, verification.outcome == .passed {
                #expect(verification.digest == copy.image.manifestDigest)
            }
        }
    }
}
