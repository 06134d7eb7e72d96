// SPDX-License-Identifier: EUPL-1.2

/// Why a text is not a package URL.
///
/// Source: package-url/purl-spec, PURL-SPECIFICATION, "How to parse a purl".
public enum PackageURLError: Error, Equatable, Sendable {
    /// Longer than ``PackageURL/maximumLength`` bytes.
    case tooLong(bytes: Int)
    /// Does not begin with `pkg:`.
    case missingScheme
    /// The type is empty or has characters other than letters, digits, `.`, `+`, `-`, or begins with a digit.
    case invalidType(String)
    /// No name after the type and namespace.
    case missingName
    /// A `%` that two hexadecimal digits do not follow, or decoded bytes that are not UTF-8.
    case invalidEncoding(part: String)
    /// A segment of namespace or subpath has an encoded `/`.
    case slashInSegment(String)
    /// A qualifier without `=`, or a key with characters other than letters, digits, `.`, `-`, `_`, or beginning with a digit.
    case invalidQualifier(String)
    /// The same qualifier twice: which one counts would be the reader's guess.
    case duplicateQualifier(String)
}

extension PackageURLError: CustomStringConvertible {
    /// What is wrong and what was expected.
    public var description: String {
        switch self {
        case .tooLong(let bytes): "package URL of \(bytes) bytes; at most \(PackageURL.maximumLength) are read"
        case .missingScheme: "a package URL begins with \"pkg:\""
        case .invalidType(let text):
            "package URL type \"\(text)\"; expected a letter, then letters, digits, \".\", \"+\" or \"-\""
        case .missingName: "package URL without a name after its type"
        case .invalidEncoding(let part): "package URL: \"\(part)\" is not percent-encoded UTF-8"
        case .slashInSegment(let text): "package URL: segment \"\(text)\" holds an encoded \"/\""
        case .invalidQualifier(let text): "package URL qualifier \"\(text)\"; expected key=value"
        case .duplicateQualifier(let key): "package URL with qualifier \"\(key)\" twice"
        }
    }
}
