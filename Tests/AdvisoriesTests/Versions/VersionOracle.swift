// SPDX-License-Identifier: EUPL-1.2

import Advisories

/// Numbers that are the same in every run, so that a disagreement can be looked at again.
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// A chain of versions of which neighbours are compared: many differ from the one before in one part only, because it is there that an
/// order goes wrong.
struct VersionChain {
    /// What a version may begin with, before its first number.
    var beginnings = [""]
    /// How many numbers, with dots between them, begin a version.
    var numbers = 1...4
    /// Texts of which one follows, perhaps with a number after it.
    let pieces: [String]
    /// Numbers; none with leading zeros where a scheme refuses those.
    var digits = ["0", "1", "2", "9", "10", "20240101", "00", "01"]

    func versions(_ count: Int, seed: UInt64) -> [String] {
        var random = SeededNumbers(seed: seed)
        var parts: [String] = []
        return (0..<count).map { _ in
            if parts.isEmpty || Int.random(in: 0..<10, using: &random) < 3 {
                parts = fresh(&random)
            } else {
                let index = Int.random(in: 1..<parts.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: parts[index] = "." + pick(digits, &random)
                case 1: parts.insert(tail(&random), at: index)
                case 2 where parts.count > 2: parts.remove(at: index)
                default: parts.append(tail(&random))
                }
                if parts.count > 9 { parts = fresh(&random) }
            }
            return parts.joined()
        }
    }

    private func fresh(_ random: inout SeededNumbers) -> [String] {
        var parts = [pick(beginnings, &random) + pick(digits, &random)]
        for _ in 1..<max(2, Int.random(in: numbers, using: &random)) { parts.append("." + pick(digits, &random)) }
        for _ in 0..<Int.random(in: 0..<3, using: &random) { parts.append(tail(&random)) }
        return parts
    }

    private func tail(_ random: inout SeededNumbers) -> String {
        pick(pieces, &random) + (Bool.random(using: &random) ? pick(digits, &random) : "")
    }

    private func pick(_ texts: [String], _ random: inout SeededNumbers) -> String {
        texts[Int.random(in: texts.indices, using: &random)]
    }
}

/// What our order says of each two neighbours: `-1`, `0`, `1`, or `e` where one of them is refused.
func ourAnswers(_ scheme: VersionScheme, _ versions: [String]) -> [String] {
    zip(versions, versions.dropFirst()).map { left, right in
        guard let order = try? scheme.order(left, right) else { return "e" }
        return String(order.signum())
    }
}
