// SPDX-License-Identifier: EUPL-1.2

/// A semantic version, `1.2.3-rc.1+build`, as npm and cargo use them; ordered by the rules of precedence, without the build's data.
///
/// Numbers may have any size. Source: Semantic Versioning 2.0.0, §2, §9 to §11.
public struct SemanticVersion: Sendable {
    private enum Identifier: Sendable, Equatable {
        case number(DecimalNumber)
        case text([UInt8])
    }

    private let core: [DecimalNumber]
    private let prerelease: [Identifier]

    /// Reads a version.
    ///
    /// - Throws: ``VersionError`` where it is not of the form of Semantic Versioning 2.0.0.
    public init(parsing text: String) throws(VersionError) {
        try self.init(try versionBytes(text), text: text, scheme: "semantic", minimumNumbers: 3)
    }

    /// A version whose missing minor and patch numbers are zeros, when fewer than three are demanded.
    init(
        _ bytes: ArraySlice<UInt8>,
        text: String,
        scheme: String,
        minimumNumbers: Int
    ) throws(VersionError) {
        var cursor = VersionCursor(bytes)
        var core: [DecimalNumber] = []
        repeat {
            let digits = cursor.run(while: isVersionDigit)
            guard !digits.isEmpty, Self.hasNoLeadingZero(digits), core.count < 3 else {
                throw malformedVersion(text, scheme)
            }
            core.append(DecimalNumber(digits: digits))
        } while cursor.take(0x2E)
        // A prerelease or a build needs all three numbers.
        guard core.count == 3 || (core.count >= minimumNumbers && cursor.isAtEnd) else {
            throw malformedVersion(text, scheme)
        }
        while core.count < 3 { core.append(.zero) }
        self.core = core

        var prerelease: [Identifier] = []
        if cursor.take(0x2D) {
            repeat {
                let identifier = cursor.run(while: Self.isIdentifier)
                guard !identifier.isEmpty else { throw malformedVersion(text, scheme) }
                if identifier.allSatisfy(isVersionDigit) {
                    guard Self.hasNoLeadingZero(identifier) else { throw malformedVersion(text, scheme) }
                    prerelease.append(.number(DecimalNumber(digits: identifier)))
                } else {
                    prerelease.append(.text(identifier))
                }
            } while cursor.take(0x2E)
        }
        self.prerelease = prerelease
        if cursor.take(0x2B) {
            repeat {
                guard !cursor.run(while: Self.isIdentifier).isEmpty else { throw malformedVersion(text, scheme) }
            } while cursor.take(0x2E)
        }
        guard cursor.isAtEnd else { throw malformedVersion(text, scheme) }
    }

    private static func hasNoLeadingZero(_ digits: [UInt8]) -> Bool { digits.count == 1 || digits.first != 0x30 }
    private static func isIdentifier(_ byte: UInt8) -> Bool {
        isVersionDigit(byte) || isVersionLetter(byte) || byte == 0x2D
    }

    fileprivate func order(_ other: SemanticVersion) -> Int {
        for (left, right) in zip(core, other.core) where left != right { return orderOf(left, right) }
        if prerelease.isEmpty || other.prerelease.isEmpty {
            return orderOf(prerelease.isEmpty ? 1 : 0, other.prerelease.isEmpty ? 1 : 0)
        }
        for (left, right) in zip(prerelease, other.prerelease) where left != right {
            switch (left, right) {
            case (.number(let left), .number(let right)): return orderOf(left, right)
            case (.number, .text): return -1
            case (.text, .number): return 1
            case (.text(let left), .text(let right)): return orderOfBytes(left, right)
            }
        }
        return orderOf(prerelease.count, other.prerelease.count)
    }
}

extension SemanticVersion: Comparable {
    /// Same place in the order; not necessarily the same text.
    public static func == (left: SemanticVersion, right: SemanticVersion) -> Bool { left.order(right) == 0 }
    /// Earlier in the order.
    public static func < (left: SemanticVersion, right: SemanticVersion) -> Bool { left.order(right) < 0 }
}
