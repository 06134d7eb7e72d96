// SPDX-License-Identifier: EUPL-1.2

/// Why a text is not an SPDX licence expression.
///
/// Source: SPDX specification 2.3, annex D "SPDX license expressions".
public enum SPDXExpressionError: Error, Equatable, Sendable {
    /// Nothing but blanks.
    case empty
    /// Longer than ``SPDXExpression/maximumLength`` bytes.
    case tooLong(bytes: Int)
    /// Parentheses deeper than ``SPDXExpression/maximumDepth``.
    case tooDeep
    /// A character that no expression has, at this byte.
    case unexpectedCharacter(offset: Int)
    /// A word where another was expected; nil for the text's end.
    case unexpected(String?, expected: String, offset: Int)
    /// An identifier that the SPDX list does not have.
    case unknownLicense(String)
    /// An exception after `WITH` that the SPDX list does not have.
    case unknownException(String)
}

extension SPDXExpressionError: CustomStringConvertible {
    /// What is wrong, where, and what would be right.
    public var description: String {
        switch self {
        case .empty: "empty licence expression; expected an SPDX identifier such as \"Apache-2.0\""
        case .tooLong(let bytes):
            "licence expression of \(bytes) bytes; at most \(SPDXExpression.maximumLength) are read"
        case .tooDeep: "licence expression with parentheses deeper than \(SPDXExpression.maximumDepth)"
        case .unexpectedCharacter(let offset): "licence expression: unexpected character at byte \(offset)"
        case .unexpected(let found, let expected, let offset):
            "licence expression: expected \(expected) at byte \(offset), found \(found.map { "\"\($0)\"" } ?? "the end")"
        case .unknownLicense(let text):
            "\"\(text)\" is not in the SPDX License List \(SPDXExpression.listVersion); use an identifier of the list or LicenseRef-…"
        case .unknownException(let text):
            "\"\(text)\" is not an exception of the SPDX License List \(SPDXExpression.listVersion)"
        }
    }
}
