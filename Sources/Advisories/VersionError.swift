// SPDX-License-Identifier: EUPL-1.2

/// Why a text is not a version that can be compared.
public enum VersionError: Error, Equatable, Sendable {
    /// Nothing but blanks.
    case empty
    /// Blanks inside the version.
    case embeddedSpace
    /// No digits before the first colon.
    case epochEmpty
    /// More than a number before the first colon.
    case epochNotNumber
    /// An epoch below zero.
    case epochNegative
    /// An epoch above 2147483647.
    case epochTooBig
    /// Nothing after the epoch's colon.
    case nothingAfterEpoch
    /// Nothing after the last hyphen.
    case revisionEmpty
    /// Nothing before the last hyphen.
    case upstreamEmpty
    /// The upstream version does not begin with a digit.
    case upstreamStartsWithoutDigit
    /// A character that an upstream version cannot have; the byte as it is.
    case invalidCharacterInUpstream(UInt8)
    /// A character that a revision cannot have; the byte as it is.
    case invalidCharacterInRevision(UInt8)
    /// Longer than any version is; the length in bytes.
    case tooLong(Int)
    /// Not of the form that the scheme demands; the beginning of the text, and the scheme's name.
    case malformed(text: String, scheme: String)
    /// A version that is well formed, but has no place in the order, as Go's `(devel)`; the beginning of the text.
    case notComparable(text: String)
    /// Two versions of different schemes, which have no common order.
    case differentSchemes
}

extension VersionError: CustomStringConvertible {
    /// What is wrong, in dpkg's words where dpkg has some.
    public var description: String {
        switch self {
        case .empty: "version string is empty"
        case .embeddedSpace: "version string has embedded spaces"
        case .epochEmpty: "epoch in version is empty"
        case .epochNotNumber: "epoch in version is not number"
        case .epochNegative: "epoch in version is negative"
        case .epochTooBig: "epoch in version is too big"
        case .nothingAfterEpoch: "nothing after colon in version number"
        case .revisionEmpty: "revision number is empty"
        case .upstreamEmpty: "version number is empty"
        case .upstreamStartsWithoutDigit: "version number does not start with digit"
        case .invalidCharacterInUpstream(let byte): "invalid character in version number: byte \(byte)"
        case .invalidCharacterInRevision(let byte): "invalid character in revision number: byte \(byte)"
        case .tooLong(let bytes): "version has \(bytes) bytes, more than \(versionLengthLimit)"
        case .malformed(let text, let scheme): "\(text.debugDescription) is no \(scheme) version"
        case .notComparable(let text): "\(text.debugDescription) has no place in an order of versions"
        case .differentSchemes: "versions of different schemes have no common order"
        }
    }
}
