// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Testing

@Suite("Hostile feeds")
struct HostileFeedTests {
    @Test("bytes changed, cut and doubled end in a typed error or a whole file, never in a crash")
    func mutated() throws {
        let seeds: [[UInt8]] = [
            DebianTrackerTests.file(DebianTrackerTests.resolved),
            DebianTrackerTests.file(#"{"status":"open","urgency":"low","nodsa":"Minor","nodsa_reason":"postponed"}"#),
            KEVCatalogueTests.file([KEVCatalogueTests.entry(), KEVCatalogueTests.entry("CVE-2022-0001")]),
            Array((EPSSScoresTests.head + "CVE-1999-0001,0.1,0.2\nCVE-1999-0002,1e-05,1\n").utf8),
        ]
        var random = SystemRandomNumberGenerator()
        var read = 0
        for _ in 0..<20_000 {
            guard var bytes = seeds.randomElement(using: &random) else { continue }
            for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
                let index = Int.random(in: bytes.indices, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[index] = .random(in: 0...255, using: &random)
                case 1: bytes.insert(.random(in: 0...255, using: &random), at: index)
                case 2: bytes.removeSubrange(index...)
                default: bytes += bytes[index...]
                }
            }
            bytes.withUnsafeBytes { prefix in
                _ = DebianTracker.detect(prefix)
                _ = KEVCatalogue.detect(prefix)
                _ = EPSSScores.detect(prefix)
            }
            for attempt in [
                { _ = try DebianTracker.read(bytes) }, { _ = try KEVCatalogue.read(bytes) },
                { _ = try EPSSScores.read(bytes) },
            ] {
                do {
                    try attempt()
                    read += 1
                } catch let error as FeedReadError {
                    #expect(error.description.utf8.count < 2000)
                }
            }
        }
        #expect(read > 0)
    }
}
