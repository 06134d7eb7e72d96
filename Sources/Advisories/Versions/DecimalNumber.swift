// SPDX-License-Identifier: EUPL-1.2

/// A number of any size, as versions have them: no 64 bits hold some dates and hashes.
struct DecimalNumber: Sendable, Hashable, Comparable {
    /// Digits without leading zeros; none for zero.
    let digits: [UInt8]

    /// Zero.
    static let zero = DecimalNumber(digits: [])

    /// The number that decimal digits write; the caller has seen that they are digits.
    init(digits: [UInt8]) { self.digits = Array(digits.drop { $0 == 0x30 }) }

    /// Whether it is zero.
    var isZero: Bool { digits.isEmpty }

    static func < (left: DecimalNumber, right: DecimalNumber) -> Bool {
        left.digits.count != right.digits.count
            ? left.digits.count < right.digits.count : left.digits.lexicographicallyPrecedes(right.digits)
    }
}
