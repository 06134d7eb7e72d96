// SPDX-License-Identifier: EUPL-1.2

/// A version of a Python package, `1!2.3rc4.post5.dev6+local.7`, in any spelling that can be normalised; ordered as pip does.
///
/// Zeros at the end of the release do not count. Source: Version specifiers of the Python Packaging User Guide (PEP 440).
public struct PEP440Version: Sendable {
    private enum Local: Sendable, Equatable {
        case word([UInt8])
        case number(DecimalNumber)
    }

    private let epoch: DecimalNumber
    private let release: [DecimalNumber]
    /// 0 alpha, 1 beta, 2 candidate.
    private let pre: (letter: Int, number: DecimalNumber)?
    private let post: DecimalNumber?
    private let dev: DecimalNumber?
    private let local: [Local]?

    /// Reads a version.
    ///
    /// - Throws: ``VersionError`` where it is none even when it is normalised.
    public init(parsing text: String) throws(VersionError) {
        let bytes = try versionBytes(text).map { isVersionLetter($0) ? $0 | 0x20 : $0 }
        var cursor = VersionCursor(bytes[...])
        _ = cursor.take("v")
        guard var number = cursor.number() else { throw malformedVersion(text, "Python") }
        if cursor.take("!") {
            epoch = number
            guard let first = cursor.number() else { throw malformedVersion(text, "Python") }
            number = first
        } else {
            epoch = .zero
        }
        var release = [number]
        while let next = Self.numberAfterDot(&cursor) { release.append(next) }
        while release.last?.isZero == true { release.removeLast() }
        self.release = release
        pre = Self.pre(&cursor)
        post = Self.post(&cursor)
        dev = Self.segment(&cursor, ["dev"])?.number
        local = try Self.local(&cursor, text)
        guard cursor.isAtEnd else { throw malformedVersion(text, "Python") }
    }

    private static func numberAfterDot(_ cursor: inout VersionCursor) -> DecimalNumber? {
        var ahead = cursor
        guard ahead.take("."), let number = ahead.number() else { return nil }
        cursor = ahead
        return number
    }

    /// Separator, word, separator, number; only the word must be there.
    ///
    /// The longer words come before their own beginnings.
    private static func segment(
        _ cursor: inout VersionCursor,
        _ words: [StaticString]
    ) -> (word: Int, number: DecimalNumber)? {
        var ahead = cursor
        skipSeparator(&ahead)
        for (index, word) in words.enumerated() where ahead.take(word) {
            skipSeparator(&ahead)
            let number = ahead.number() ?? .zero
            cursor = ahead
            return (index, number)
        }
        return nil
    }

    private static func skipSeparator(_ cursor: inout VersionCursor) {
        _ = cursor.take(".") || cursor.take("-") || cursor.take("_")
    }

    private static func pre(_ cursor: inout VersionCursor) -> (letter: Int, number: DecimalNumber)? {
        let words: [StaticString] = ["alpha", "a", "beta", "b", "preview", "pre", "c", "rc"]
        guard let (word, number) = segment(&cursor, words) else { return nil }
        return (min(word / 2, 2), number)
    }

    private static func post(_ cursor: inout VersionCursor) -> DecimalNumber? {
        var ahead = cursor
        if ahead.take("-"), let number = ahead.number() {
            cursor = ahead
            return number
        }
        return segment(&cursor, ["post", "rev", "r"])?.number
    }

    private static func local(_ cursor: inout VersionCursor, _ text: String) throws(VersionError) -> [Local]? {
        guard cursor.take("+") else { return nil }
        var local: [Local] = []
        repeat {
            let word = cursor.run { isVersionDigit($0) || isVersionLetter($0) }
            guard !word.isEmpty else { throw malformedVersion(text, "Python") }
            local.append(word.allSatisfy(isVersionDigit) ? .number(DecimalNumber(digits: word)) : .word(word))
        } while cursor.take(".") || cursor.take("-") || cursor.take("_")
        return local
    }

    /// 0 for a development release of the version itself, then alpha, beta, candidate, and 4 for what is no pre-release.
    private var phase: Int {
        if let pre { return pre.letter + 1 }
        return post == nil && dev != nil ? 0 : 4
    }

    private static func order(_ left: [Local], _ right: [Local]) -> Int {
        for (left, right) in zip(left, right) where left != right {
            switch (left, right) {
            case (.number(let left), .number(let right)): return orderOf(left, right)
            case (.word, .number): return -1
            case (.number, .word): return 1
            case (.word(let left), .word(let right)): return orderOfBytes(left, right)
            }
        }
        return orderOf(left.count, right.count)
    }

    fileprivate func order(_ other: PEP440Version) -> Int {
        if epoch != other.epoch { return orderOf(epoch, other.epoch) }
        if release != other.release { return release.lexicographicallyPrecedes(other.release) ? -1 : 1 }
        if phase != other.phase { return orderOf(phase, other.phase) }
        if let left = pre?.number, let right = other.pre?.number, left != right { return orderOf(left, right) }
        // Without a post-release first, without a development release last.
        switch (post, other.post) {
        case (nil, _?): return -1
        case (_?, nil): return 1
        case (let left?, let right?) where left != right: return orderOf(left, right)
        default: break
        }
        switch (dev, other.dev) {
        case (nil, _?): return 1
        case (_?, nil): return -1
        case (let left?, let right?) where left != right: return orderOf(left, right)
        default: break
        }
        switch (local, other.local) {
        case (nil, nil): return 0
        case (nil, _?): return -1
        case (_?, nil): return 1
        case (let left?, let right?): return Self.order(left, right)
        }
    }
}

extension PEP440Version: Comparable {
    /// Same place in the order; not necessarily the same text.
    public static func == (left: PEP440Version, right: PEP440Version) -> Bool { left.order(right) == 0 }
    /// Earlier in the order.
    public static func < (left: PEP440Version, right: PEP440Version) -> Bool { left.order(right) < 0 }
}
