// SPDX-License-Identifier: EUPL-1.2

/// A version of a Go module, with or without its `v`, or of the toolchain as `go1.22rc1`.
///
/// Pseudo-versions are pre-releases like others; `+incompatible` and other build data do not count; a missing minor or patch number
/// is zero. Of a toolchain's name, what follows a blank, a hyphen or a plus sign (`go1.26.5 (Red Hat …)`, `go1.22.3-X:…`) does not count.
/// Source: Go Modules Reference, "Versions"; Go Toolchains, "Go versions".
public struct GoVersion: Sendable, Comparable {
    private let version: SemanticVersion

    /// Reads a version.
    ///
    /// - Throws: ``VersionError/notComparable(text:)`` for `(devel)` and toolchains of development, another ``VersionError`` for what
    ///   is no version.
    public init(parsing text: String) throws(VersionError) {
        let bytes = try versionBytes(text)
        var cursor = VersionCursor(bytes)
        if cursor.take("(devel)") || cursor.take("devel ") || cursor.take("go1-devel") {
            throw .notComparable(text: String(text.unicodeScalars.prefix(64)))
        }
        if cursor.take("go") {
            let toolchain = cursor.run { $0 != 0x20 && $0 != 0x2D && $0 != 0x2B }
            version = try SemanticVersion(
                Self.semantic(toolchain, text)[...],
                text: text,
                scheme: "Go",
                minimumNumbers: 3
            )
        } else {
            _ = cursor.take("v")
            version = try SemanticVersion(cursor.rest, text: text, scheme: "Go", minimumNumbers: 1)
        }
    }

    /// `1.22rc1` as `1.22.0-rc.1`.
    private static func semantic(_ toolchain: [UInt8], _ text: String) throws(VersionError) -> [UInt8] {
        var cursor = VersionCursor(toolchain[...])
        let numbers = cursor.run { isVersionDigit($0) || $0 == 0x2E }
        var version = numbers
        let dots = numbers.count { $0 == 0x2E }
        guard dots <= 2 else { throw malformedVersion(text, "Go") }
        for _ in dots..<2 { version += Array(".0".utf8) }
        if cursor.isAtEnd { return version }
        for word in ["alpha", "beta", "rc"] {
            var rest = VersionCursor(cursor.rest)
            guard rest.run(while: isVersionLetter).elementsEqual(word.utf8) else { continue }
            guard !rest.isAtEnd else { break }
            return version + Array("-\(word).".utf8) + Array(rest.rest)
        }
        throw malformedVersion(text, "Go")
    }

    /// Earlier in the order.
    public static func < (left: GoVersion, right: GoVersion) -> Bool { left.version < right.version }
}
