// SPDX-License-Identifier: EUPL-1.2

/// A version of an RPM package, `[epoch:]version[-release]`, that is ordered as rpm does.
///
/// No epoch is epoch 0; no release is before every release. `1.0~rc1` < `1.0` < `1.0^git1` < `1.0.1`, letters are before numbers, and
/// characters that are neither only separate. Source: rpm-version(7); rpmio/rpmvercmp.c.
public struct RPMVersion: Sendable {
    private enum Part: Sendable, Equatable {
        case letters([UInt8])
        case number(DecimalNumber)
        case tilde
        case caret
    }

    private let epoch: DecimalNumber
    private let version: [Part]
    private let release: [Part]?

    /// Reads a version.
    ///
    /// - Throws: ``VersionError`` for an epoch that is no number of 32 bits, an empty version or release, blanks or other characters
    ///   that rpm's names of files cannot have.
    public init(parsing text: String) throws(VersionError) {
        var rest = try versionBytes(text)
        if let colon = rest.firstIndex(of: 0x3A) {
            let digits = rest[..<colon]
            let value = DecimalNumber(digits: Array(digits))
            guard !digits.isEmpty, digits.allSatisfy(isVersionDigit), value <= Self.epochLimit else {
                throw malformedVersion(text, "rpm")
            }
            epoch = value
            rest = rest[(colon + 1)...]
        } else {
            epoch = .zero
        }
        let allowed: (UInt8) -> Bool = { byte in
            isVersionDigit(byte) || isVersionLetter(byte) || ".-_+%{}~^".utf8.contains(byte)
        }
        guard rest.allSatisfy(allowed) else { throw malformedVersion(text, "rpm") }
        if let hyphen = rest.lastIndex(of: 0x2D) {
            let release = rest[(hyphen + 1)...]
            guard !release.isEmpty else { throw malformedVersion(text, "rpm") }
            self.release = Self.parts(release)
            rest = rest[..<hyphen]
        } else {
            release = nil
        }
        guard !rest.isEmpty else { throw malformedVersion(text, "rpm") }
        version = Self.parts(rest)
    }

    /// rpm's epochs have 32 bits.
    private static let epochLimit = DecimalNumber(digits: Array("4294967295".utf8))

    private static func parts(_ text: ArraySlice<UInt8>) -> [Part] {
        var cursor = VersionCursor(text)
        var parts: [Part] = []
        while let next = cursor.next {
            if let number = cursor.number() {
                parts.append(.number(number))
            } else if isVersionLetter(next) {
                parts.append(.letters(cursor.run(while: isVersionLetter)))
            } else if cursor.take(0x7E) {
                parts.append(.tilde)
            } else if cursor.take(0x5E) {
                parts.append(.caret)
            } else {
                _ = cursor.take(next)
            }
        }
        return parts
    }

    private static func rank(_ part: Part?) -> Int {
        switch part {
        case .tilde: 0
        case nil: 1
        case .caret: 2
        case .letters: 3
        case .number: 4
        }
    }

    private static func order(_ left: [Part], _ right: [Part]) -> Int {
        for index in 0..<max(left.count, right.count) {
            let l = index < left.count ? left[index] : nil
            let r = index < right.count ? right[index] : nil
            var result = orderOf(rank(l), rank(r))
            if case .number(let l) = l, case .number(let r) = r { result = orderOf(l, r) }
            if case .letters(let l) = l, case .letters(let r) = r { result = orderOfBytes(l, r) }
            if result != 0 { return result }
        }
        return 0
    }

    fileprivate func order(_ other: RPMVersion) -> Int {
        if epoch != other.epoch { return orderOf(epoch, other.epoch) }
        let result = Self.order(version, other.version)
        if result != 0 { return result }
        switch (release, other.release) {
        case (nil, nil): return 0
        case (nil, _): return -1
        case (_, nil): return 1
        case (let left?, let right?): return Self.order(left, right)
        }
    }
}

extension RPMVersion: Comparable {
    /// Same place in the order; not necessarily the same text.
    public static func == (left: RPMVersion, right: RPMVersion) -> Bool { left.order(right) == 0 }
    /// Earlier in the order.
    public static func < (left: RPMVersion, right: RPMVersion) -> Bool { left.order(right) < 0 }
}
