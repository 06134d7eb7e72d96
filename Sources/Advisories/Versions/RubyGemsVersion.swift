// SPDX-License-Identifier: EUPL-1.2

/// A version of a Ruby gem, ordered as `Gem::Version` does.
///
/// Segments are numbers and words; a word makes a pre-release and is before every number; zeros at the end of the numbers, and at the end of
/// the pre-release, do not count; a hyphen stands for `.pre.`. Source: lib/rubygems/version.rb of RubyGems.
public struct RubyGemsVersion: Sendable {
    private enum Segment: Sendable, Equatable {
        case number(DecimalNumber)
        case word([UInt8])

        var isZero: Bool { self == .number(.zero) }
    }

    private let segments: [Segment]

    /// Reads a version.
    ///
    /// - Throws: ``VersionError`` where `Gem::Version.correct?` refuses, and for an empty text, which Ruby takes for 0.
    public init(parsing text: String) throws(VersionError) {
        let bytes = try versionBytes(text)
        var cursor = VersionCursor(bytes)
        guard cursor.number() != nil else { throw malformedVersion(text, "RubyGems") }
        let isWord: (UInt8) -> Bool = { isVersionDigit($0) || isVersionLetter($0) }
        while cursor.take(0x2E) {
            guard !cursor.run(while: isWord).isEmpty else { throw malformedVersion(text, "RubyGems") }
        }
        if cursor.take(0x2D) {
            repeat {
                guard !cursor.run(while: { isWord($0) || $0 == 0x2D }).isEmpty else {
                    throw malformedVersion(text, "RubyGems")
                }
            } while cursor.take(0x2E)
        }
        guard cursor.isAtEnd else { throw malformedVersion(text, "RubyGems") }
        segments = Self.canonical(Self.segments(bytes))
    }

    private static func segments(_ bytes: ArraySlice<UInt8>) -> [Segment] {
        var cursor = VersionCursor(bytes)
        var segments: [Segment] = []
        while let next = cursor.next {
            if let number = cursor.number() {
                segments.append(.number(number))
            } else if isVersionLetter(next) {
                segments.append(.word(cursor.run(while: isVersionLetter)))
            } else {
                if next == 0x2D { segments.append(.word(Array("pre".utf8))) }
                _ = cursor.take(next)
            }
        }
        return segments
    }

    private static func canonical(_ segments: [Segment]) -> [Segment] {
        let firstWord = segments.firstIndex { if case .word = $0 { true } else { false } } ?? segments.endIndex
        var numbers = segments[..<firstWord]
        var rest = segments[firstWord...]
        while numbers.last?.isZero == true { numbers = numbers.dropLast() }
        while rest.last?.isZero == true { rest = rest.dropLast() }
        return Array(numbers) + Array(rest)
    }

    fileprivate func order(_ other: RubyGemsVersion) -> Int {
        for index in 0..<max(segments.count, other.segments.count) {
            let left = index < segments.count ? segments[index] : .number(.zero)
            let right = index < other.segments.count ? other.segments[index] : .number(.zero)
            if left == right { continue }
            switch (left, right) {
            case (.number(let left), .number(let right)): return orderOf(left, right)
            case (.word, .number): return -1
            case (.number, .word): return 1
            case (.word(let left), .word(let right)): return orderOfBytes(left, right)
            }
        }
        return 0
    }
}

extension RubyGemsVersion: Comparable {
    /// Same place in the order; not necessarily the same text.
    public static func == (left: RubyGemsVersion, right: RubyGemsVersion) -> Bool { left.order(right) == 0 }
    /// Earlier in the order.
    public static func < (left: RubyGemsVersion, right: RubyGemsVersion) -> Bool { left.order(right) < 0 }
}
