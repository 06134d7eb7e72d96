// SPDX-License-Identifier: EUPL-1.2

import OCI
import Testing

@Suite("Digest")
struct DigestTests {
    private static let emptySHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    @Test("a digest is read and written as it was")
    func reads() throws {
        let digest = try Digest(parsing: "sha256:" + Self.emptySHA256)
        #expect(digest.algorithm == .sha256)
        #expect(digest.bytes.count == 32)
        #expect(digest.hex == Self.emptySHA256)
        #expect(digest.description == "sha256:" + Self.emptySHA256)
        #expect(digest == Digest.sha256([]))
        let long = try Digest(parsing: "sha512:" + String(repeating: "0f", count: 64))
        #expect(long.algorithm == .sha512)
        #expect(digest < long)
        #expect(digest.shortDescription == "sha256:e3b0c44298fc")
    }

    @Test(
        "what is no digest is refused before it is used for anything",
        arguments: [
            ("", .missingSeparator), ("sha256", .missingSeparator), (emptySHA256, .missingSeparator),
            ("sha256:", .wrongLength(expected: 64, actual: 0)), ("sha256:abc", .wrongLength(expected: 64, actual: 3)),
            ("sha256:" + emptySHA256 + "0", .wrongLength(expected: 64, actual: 65)),
            ("sha256:" + emptySHA256.uppercased(), .notLowercaseHex(offset: 0)),
            ("sha256:" + emptySHA256.dropLast() + "g", .notLowercaseHex(offset: 63)),
            ("sha256:" + String(repeating: "../", count: 21) + "a", .notLowercaseHex(offset: 0)),
            ("sha512:" + emptySHA256, .wrongLength(expected: 128, actual: 64)),
            ("SHA256:" + emptySHA256, .unsupportedAlgorithm("SHA256")),
            ("md5:d41d8cd98f00b204e9800998ecf8427e", .unsupportedAlgorithm("md5")),
            ("blake3:" + emptySHA256, .unsupportedAlgorithm("blake3")), (":" + emptySHA256, .unsupportedAlgorithm("")),
            (String(repeating: "a", count: 100) + ":00", .unsupportedAlgorithm(String(repeating: "a", count: 64))),
            ("sha256:\u{0}" + emptySHA256.dropFirst(), .notLowercaseHex(offset: 0)),
        ] as [(String, DigestError)]
    )
    func refuses(_ text: String, _ error: DigestError) {
        #expect(throws: error) { try Digest(parsing: text) }
    }

    @Test("a hash value of the wrong length is refused")
    func length() {
        #expect(throws: DigestError.wrongLength(expected: 64, actual: 62)) {
            try Digest(algorithm: .sha256, bytes: [UInt8](repeating: 0, count: 31))
        }
    }

    @Test("hashing in pieces is hashing in one, for both algorithms, and a copy goes its own way")
    func hashing() {
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        for algorithm in Digest.Algorithm.allCases {
            var hasher = DigestHasher(algorithm)
            hasher.update(Array(bytes[..<777]))
            var copy = hasher
            hasher.update(Array(bytes[777...]))
            copy.update([1])
            #expect(hasher.finalized() == Digest.hash(bytes, by: algorithm))
            #expect(hasher.finalized() == Digest.hash(bytes, by: algorithm))
            #expect(copy.finalized() == Digest.hash(bytes[..<777] + [1], by: algorithm))
        }
    }
}
