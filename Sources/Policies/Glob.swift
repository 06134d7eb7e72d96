// SPDX-License-Identifier: EUPL-1.2

/// Why a text is not a pattern.
public enum GlobError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The text is empty.
    case empty
    /// The text is longer than ``Glob/lengthLimit`` bytes.
    case tooLong(Int)
    /// The character at this byte offset occurs in no such name, so a pattern with it would name nothing.
    case invalidCharacter(offset: Int)
    /// The set that begins at this byte offset has no `]`.
    case unclosedSet(offset: Int)
    /// The set that begins at this byte offset names no character.
    case emptySet(offset: Int)
    /// The range that begins at this byte offset ends before it starts, or one of its ends is a hyphen.
    case invalidRange(offset: Int)

    /// One sentence in English.
    public var description: String {
        switch self {
        case .empty: "the pattern is empty; write * for everything"
        case .tooLong(let count): "the pattern has \(count) bytes; at most \(Glob.lengthLimit) are allowed"
        case .invalidCharacter(let offset):
            "character \(offset) of the pattern occurs in no name of this kind; a pattern is such a name with *, ?, [a-z] or [!a-z] in it"
        case .unclosedSet(let offset): "the set at character \(offset) of the pattern is not closed; add ]"
        case .emptySet(let offset): "the set at character \(offset) of the pattern names no character"
        case .invalidRange(let offset):
            "the range at character \(offset) of the pattern is not one; write [a-z], and a hyphen itself first or last"
        }
    }
}

/// An anchored pattern over tags or repository names: `*` any characters, `?` one, `[a-z]` one of a set, `[!a-z]` one outside it.
///
/// `*` also takes `/`, so `team/*` names everything below `team`. What this accepts means the same as in Python's `fnmatch`; what has
/// several readings there (`[a`, `[]a]`, `[a-c-e]`, `[z-a]`) is refused, and so is what no name can match: a pattern that silently protects
/// nothing is worse than an error.
///
/// Matching goes back to the last `*` only, never further: at most bytes of the text × parts of the pattern steps, and both are bounded.
public struct Glob: Sendable, Hashable, CustomStringConvertible {
    /// Bytes of a pattern.
    public static let lengthLimit = 256

    /// What a pattern is about, which decides the characters that it may have.
    public enum Kind: Sendable, Hashable {
        /// Tags: letters, digits, `_`, `.` and `-`.
        case tag
        /// Names of repositories: lower-case letters, digits, `_`, `.`, `-` and `/`.
        case repository
        /// Media types: letters, digits, `_`, `.`, `-`, `+` and `/`.
        case mediaType

        func allows(_ unit: UInt8) -> Bool {
            switch unit {
            case 0x61...0x7A, 0x30...0x39, 0x5F, 0x2E, 0x2D: true
            case 0x41...0x5A: self != .repository
            case 0x2F: self != .tag
            case 0x2B: self == .mediaType
            default: false
            }
        }
    }

    /// The pattern as written; only ASCII.
    public let text: String
    private let parts: [Part]

    private enum Part: Sendable, Hashable {
        case unit(UInt8)
        case any
        case set(ASCIISet)
        case star
    }

    /// Reads a pattern.
    public init(parsing text: String, for kind: Kind) throws(GlobError) {
        let units = Array(text.utf8)
        guard !units.isEmpty else { throw .empty }
        guard units.count <= Self.lengthLimit else { throw .tooLong(units.count) }
        var parts: [Part] = []
        var index = 0
        while index < units.count {
            switch units[index] {
            case 0x2A:
                if parts.last != .star { parts.append(.star) }
                index += 1
            case 0x3F:
                parts.append(.any)
                index += 1
            case 0x5B:
                let (set, end) = try Self.set(units, at: index, for: kind)
                parts.append(.set(set))
                index = end
            case let unit where kind.allows(unit):
                parts.append(.unit(unit))
                index += 1
            default: throw .invalidCharacter(offset: index)
            }
        }
        self.text = text
        self.parts = parts
    }

    private static func set(
        _ units: [UInt8],
        at start: Int,
        for kind: Kind
    ) throws(GlobError) -> (set: ASCIISet, end: Int) {
        guard let end = units[start...].firstIndex(of: 0x5D) else { throw .unclosedSet(offset: start) }
        var index = start + 1
        let isNegated = units[index] == 0x21
        if isNegated { index += 1 }
        guard index < end else { throw .emptySet(offset: start) }
        let first = index
        var set = ASCIISet()
        while index < end {
            let low = units[index]
            guard kind.allows(low) else { throw .invalidCharacter(offset: index) }
            if index + 2 < end, units[index + 1] == 0x2D {
                let high = units[index + 2]
                guard kind.allows(high) else { throw .invalidCharacter(offset: index + 2) }
                guard low <= high, low != 0x2D, high != 0x2D else { throw .invalidRange(offset: index) }
                for unit in low...high { set.insert(unit) }
                index += 3
            } else {
                // A hyphen in the middle of a set is a range of which one end is missing.
                guard low != 0x2D || index == first || index + 1 == end else { throw .invalidRange(offset: index) }
                set.insert(low)
                index += 1
            }
        }
        if isNegated { set.invert() }
        return (set, end + 1)
    }

    /// Whether the pattern names a text as a whole; a text that is not ASCII is named by no pattern.
    public func matches(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { matches($0) }
    }

    private func matches(_ units: UnsafeBufferPointer<UInt8>) -> Bool {
        var part = 0
        var position = 0
        // Where to go on when what follows the last star does not fit: one unit later.
        var afterStar: (part: Int, position: Int)?
        while position < units.count {
            let unit = units[position]
            guard unit < 0x80 else { return false }
            if part < parts.count {
                let fits: Bool
                switch parts[part] {
                case .star:
                    part += 1
                    afterStar = (part, position)
                    continue
                case .any: fits = true
                case .unit(let expected): fits = unit == expected
                case .set(let set): fits = set.contains(unit)
                }
                if fits {
                    part += 1
                    position += 1
                    continue
                }
            }
            guard let back = afterStar else { return false }
            part = back.part
            position = back.position + 1
            afterStar = (part, position)
        }
        return parts[part...].allSatisfy { $0 == .star }
    }

    /// The pattern as written.
    public var description: String { text }
}

/// A set of ASCII characters.
private struct ASCIISet: Sendable, Hashable {
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    mutating func insert(_ unit: UInt8) {
        if unit < 64 { low |= 1 << UInt64(unit) } else { high |= 1 << UInt64(unit & 63) }
    }

    mutating func invert() {
        low = ~low
        high = ~high
    }

    func contains(_ unit: UInt8) -> Bool {
        (unit < 64 ? low >> UInt64(unit) : high >> UInt64(unit & 63)) & 1 == 1
    }
}
