// SPDX-License-Identifier: EUPL-1.2

/// The longest version text that is read, in bytes; it bounds the work of a comparison.
let versionLengthLimit = 256

/// The bytes of a version's text without the white space around it.
///
/// - Throws: ``VersionError`` when nothing is left, or too much.
func versionBytes(_ text: String) throws(VersionError) -> ArraySlice<UInt8> {
    let count = text.utf8.count
    guard count <= versionLengthLimit else { throw .tooLong(count) }
    var rest = Array(text.utf8)[...]
    while let first = rest.first, isVersionSpace(first) { rest = rest.dropFirst() }
    while let last = rest.last, isVersionSpace(last) { rest = rest.dropLast() }
    guard !rest.isEmpty else { throw .empty }
    return rest
}

/// Says that a text is no version of a scheme; keeps so much of the text as a message can bear.
func malformedVersion(_ text: String, _ scheme: String) -> VersionError {
    .malformed(text: String(text.unicodeScalars.prefix(64)), scheme: scheme)
}

/// A decimal digit.
func isVersionDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
/// A letter of ASCII.
func isVersionLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }
/// White space of ASCII.
func isVersionSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

/// The sign of a comparison of two bytes strings, the shorter first where one begins with the other.
func orderOfBytes(_ left: [UInt8], _ right: [UInt8]) -> Int {
    left == right ? 0 : left.lexicographicallyPrecedes(right) ? -1 : 1
}

/// The sign of a comparison.
func orderOf<Value: Comparable>(_ left: Value, _ right: Value) -> Int { left == right ? 0 : left < right ? -1 : 1 }

/// Reads a version from its beginning on.
struct VersionCursor {
    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }
    var next: UInt8? { rest.first }

    /// Takes a byte where it is the next one.
    mutating func take(_ byte: UInt8) -> Bool {
        guard rest.first == byte else { return false }
        rest = rest.dropFirst()
        return true
    }

    /// Takes a word where it is next.
    mutating func take(_ word: StaticString) -> Bool {
        let bytes = word.withUTF8Buffer { Array($0) }
        guard rest.starts(with: bytes) else { return false }
        rest = rest.dropFirst(bytes.count)
        return true
    }

    /// Takes what satisfies a condition, perhaps nothing.
    mutating func run(while condition: (UInt8) -> Bool) -> [UInt8] {
        let run = rest.prefix(while: condition)
        rest = rest.dropFirst(run.count)
        return Array(run)
    }

    /// Takes a number; nil where no digit is next.
    mutating func number() -> DecimalNumber? {
        let digits = run(while: isVersionDigit)
        return digits.isEmpty ? nil : DecimalNumber(digits: digits)
    }
}
