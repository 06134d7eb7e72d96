// SPDX-License-Identifier: EUPL-1.2

/// Numbers that follow from a seed: the same estate on every machine (SplitMix64).
///
/// Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    /// - Parameter parts: what the numbers are for; other parts, other numbers.
    init(_ parts: UInt64...) {
        state = 0x9E37_79B9_7F4A_7C15
        for part in parts {
            state ^= part
            state = next()
        }
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// From 0 up to, and without, 1.
    mutating func unit() -> Double { Double(next() >> 11) / Double(1 << 53) }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(bound, 1))) }

    /// A place in a list whose first entries are met most often: the greater the power, the more so.
    mutating func place(in count: Int, power: Int) -> Int {
        let unit = unit()
        var skewed = unit
        for _ in 1..<max(power, 1) { skewed *= unit }
        return min(Int(Double(count) * skewed), count - 1)
    }
}
