// SPDX-License-Identifier: EUPL-1.2

/// A version of a Maven artifact, ordered as `ComparableVersion` of Maven 3.8.7 does.
///
/// `alpha` < `beta` < `milestone` < `rc` = `cr` < `snapshot` < none = `ga` = `final` = `release` < `sp` < other words < `-1` < `.1`.
/// Maven's order knows no invalid text; what could be no version (white space, brackets, commas, bytes beyond ASCII) is refused here.
/// Source: maven-artifact, ComparableVersion; Maven POM Reference, "Version Order Specification".
public struct MavenVersion: Sendable {
    private enum Item: Sendable {
        case number(DecimalNumber)
        case word(rank: Int, text: [UInt8])

        /// The order in relation to nothing.
        var sign: Int {
            switch self {
            case .number(let number): number.isZero ? 0 : 1
            case .word(let rank, _): orderOf(rank, MavenVersion.releaseRank)
            }
        }
    }

    /// A list's items; the list below it, where there is one, is always the last member of the one above.
    private let levels: [[Item]]

    /// Reads a version.
    ///
    /// - Throws: ``VersionError`` where the text can be no version.
    public init(parsing text: String) throws(VersionError) {
        let bytes = try versionBytes(text).map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        for byte in bytes where byte <= 0x20 || byte >= 0x7F || "[](),{}".utf8.contains(byte) {
            throw malformedVersion(text, "Maven")
        }
        levels = Self.levels(bytes)
    }

    private static func levels(_ bytes: [UInt8]) -> [[Item]] {
        var levels: [[Item]] = [[]]
        var run: [UInt8] = []
        var isNumber = false
        func add(_ item: Item) { levels[levels.count - 1].append(item) }
        func addRun() { add(isNumber ? .number(DecimalNumber(digits: run)) : word(run, beforeDigit: false)) }
        func openWordLevel() { if !(levels.last?.isEmpty ?? true) { levels.append([]) } }
        for byte in bytes {
            if byte == 0x2E || byte == 0x2D {
                if run.isEmpty { add(.number(.zero)) } else { addRun() }
                run = []
                if byte == 0x2D { levels.append([]) }
                continue
            }
            if isVersionDigit(byte) != isNumber, !run.isEmpty {
                if isNumber {
                    addRun()
                } else {
                    openWordLevel()
                    add(word(run, beforeDigit: true))
                }
                run = []
                levels.append([])
            }
            isNumber = isVersionDigit(byte)
            run.append(byte)
        }
        if !run.isEmpty {
            if !isNumber { openWordLevel() }
            addRun()
        }
        for index in levels.indices {
            while levels[index].last?.sign == 0 { levels[index].removeLast() }
        }
        while levels.count > 1, levels.last?.isEmpty == true { levels.removeLast() }
        return levels
    }

    fileprivate static let releaseRank = 5
    private static let words = ["alpha", "beta", "milestone", "rc", "snapshot", "", "sp"]

    private static func word(_ bytes: [UInt8], beforeDigit: Bool) -> Item {
        var text = String(decoding: bytes, as: UTF8.self)
        switch text {
        case "a" where beforeDigit: text = "alpha"
        case "b" where beforeDigit: text = "beta"
        case "m" where beforeDigit: text = "milestone"
        case "ga", "final", "release": text = ""
        case "cr": text = "rc"
        default: break
        }
        guard let rank = words.firstIndex(of: text) else { return .word(rank: words.count, text: bytes) }
        return .word(rank: rank, text: [])
    }

    /// The sign of the first member, from a level on, that is not like nothing.
    private func sign(from level: Int) -> Int {
        for items in levels[level...] {
            for item in items where item.sign != 0 { return item.sign }
        }
        return 0
    }

    /// A number is after a list, a list after a word.
    private static func kind(_ item: Item?) -> Int {
        switch item {
        case .number: 2
        case nil: 1
        case .word: 0
        }
    }

    fileprivate func order(_ other: MavenVersion) -> Int {
        for level in 0..<min(levels.count, other.levels.count) {
            let (left, right) = (levels[level], other.levels[level])
            let (leftHasList, rightHasList) = (level + 1 < levels.count, level + 1 < other.levels.count)
            for index in 0..<max(left.count, right.count) + 1 {
                let l = index < left.count ? left[index] : nil
                let r = index < right.count ? right[index] : nil
                let leftIsList = index == left.count && leftHasList
                let rightIsList = index == right.count && rightHasList
                if leftIsList, rightIsList { break }
                var result = 0
                switch (l, r) {
                case (.number(let l)?, .number(let r)?): result = orderOf(l, r)
                case (.word(let l, let leftText)?, .word(let r, let rightText)?):
                    result = l == r ? orderOfBytes(leftText, rightText) : orderOf(l, r)
                case (let l?, nil) where !rightIsList: result = l.sign
                case (nil, let r?) where !leftIsList: result = -r.sign
                case (nil, nil):
                    result = leftIsList ? sign(from: level + 1) : rightIsList ? -other.sign(from: level + 1) : 0
                default: result = orderOf(Self.kind(l), Self.kind(r))
                }
                if result != 0 { return result }
            }
            // Only two lists at the same place go on.
            guard leftHasList, rightHasList, left.count == right.count else {
                return 0
            }
        }
        return 0
    }
}

extension MavenVersion: Comparable {
    /// Same place in the order; not necessarily the same text.
    public static func == (left: MavenVersion, right: MavenVersion) -> Bool { left.order(right) == 0 }
    /// Earlier in the order.
    public static func < (left: MavenVersion, right: MavenVersion) -> Bool { left.order(right) < 0 }
}
