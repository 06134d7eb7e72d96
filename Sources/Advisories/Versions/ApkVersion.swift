// SPDX-License-Identifier: EUPL-1.2

/// A version of an Alpine package, `1.2.3a_rc1~0abc-r4`, that is ordered as apk does.
///
/// The first number is compared by value; a later one that begins with a zero, or meets one that does, by its characters. Suffixes
/// are ordered `_alpha` < `_beta` < `_pre` < `_rc` < none < `_cvs` < `_svn` < `_git` < `_hg` < `_p`.
/// Source: apk-package(5); src/version.c of apk-tools.
public struct ApkVersion: Sendable {
    private enum Part: Sendable {
        case number(DecimalNumber, first: Bool, text: [UInt8])
        case letter(UInt8)
        case suffix(Int)
        case suffixNumber(DecimalNumber)
        case hash([UInt8])
        case revision(DecimalNumber)
    }

    private let parts: [Part]

    /// Reads a version.
    ///
    /// - Throws: ``VersionError`` where it is not of the form that apk accepts.
    public init(parsing text: String) throws(VersionError) {
        var cursor = VersionCursor(try versionBytes(text))
        var parts: [Part] = []
        repeat {
            let digits = cursor.run(while: isVersionDigit)
            guard !digits.isEmpty else { throw malformedVersion(text, "apk") }
            parts.append(.number(DecimalNumber(digits: digits), first: parts.isEmpty, text: digits))
        } while cursor.take(0x2E)
        if let next = cursor.next, next &- 0x61 < 26, cursor.take(next) { parts.append(.letter(next)) }
        while cursor.take(0x5F) {
            let word = cursor.run(while: isVersionLetter)
            guard let index = Self.suffixes.firstIndex(where: { $0.utf8.elementsEqual(word) }) else {
                throw malformedVersion(text, "apk")
            }
            parts.append(.suffix(index - Self.suffixesBefore))
            if let number = cursor.number() { parts.append(.suffixNumber(number)) }
        }
        if cursor.take(0x7E) {
            let hash = cursor.run { isVersionDigit($0) || $0 &- 0x61 < 6 }
            guard !hash.isEmpty else { throw malformedVersion(text, "apk") }
            parts.append(.hash(hash))
        }
        if cursor.take("-r") {
            guard let number = cursor.number() else { throw malformedVersion(text, "apk") }
            parts.append(.revision(number))
        }
        guard cursor.isAtEnd else { throw malformedVersion(text, "apk") }
        self.parts = parts
    }

    private static let suffixes = ["alpha", "beta", "pre", "rc", "cvs", "svn", "git", "hg", "p"]
    /// So many of them are earlier than no suffix.
    private static let suffixesBefore = 4

    /// Where two versions go on differently, the one whose next part has the higher rank is later.
    private static func rank(_ part: Part?) -> Int {
        switch part {
        case .suffix(let index) where index < 0: 0
        case nil: 1
        case .revision: 2
        case .hash: 3
        case .suffixNumber: 4
        case .suffix: 5
        case .letter: 6
        case .number: 7
        }
    }

    private static func order(_ left: Part?, _ right: Part?) -> Int {
        switch (left, right) {
        case (.number(let l, let first, let leftText), .number(let r, _, let rightText)):
            let asText = !first && (leftText.first == 0x30 || rightText.first == 0x30)
            return asText ? orderOfBytes(leftText, rightText) : orderOf(l, r)
        case (.letter(let l), .letter(let r)): return orderOf(l, r)
        case (.suffix(let l), .suffix(let r)): return orderOf(l, r)
        case (.suffixNumber(let l), .suffixNumber(let r)): return orderOf(l, r)
        case (.hash(let l), .hash(let r)): return orderOfBytes(l, r)
        case (.revision(let l), .revision(let r)): return orderOf(l, r)
        default: return orderOf(rank(left), rank(right))
        }
    }

    fileprivate func order(_ other: ApkVersion) -> Int {
        for index in 0..<max(parts.count, other.parts.count) {
            let left = index < parts.count ? parts[index] : nil
            let right = index < other.parts.count ? other.parts[index] : nil
            let result = Self.order(left, right)
            if result != 0 { return result }
        }
        return 0
    }
}

extension ApkVersion: Comparable {
    /// Same place in the order; not necessarily the same text.
    public static func == (left: ApkVersion, right: ApkVersion) -> Bool { left.order(right) == 0 }
    /// Earlier in the order.
    public static func < (left: ApkVersion, right: ApkVersion) -> Bool { left.order(right) < 0 }
}
