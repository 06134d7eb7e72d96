// SPDX-License-Identifier: EUPL-1.2

/// Why a text is not a repository name.
public enum NameError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The text is empty.
    case empty
    /// The text is longer than 255 bytes, which clients cannot name.
    case tooLong(Int)
    /// The character at this byte offset cannot stand there.
    case invalidCharacter(offset: Int)

    /// One sentence in English.
    public var description: String {
        switch self {
        case .empty: "the repository name is empty"
        case .tooLong(let count): "the repository name has \(count) bytes; at most 255 are allowed"
        case .invalidCharacter(let offset):
            "character \(offset) of the repository name is not allowed there; names are lower-case letters and digits, joined by . _ __ or "
                + "hyphens, with / between components"
        }
    }
}

/// Name of a repository: components of lower-case letters and digits, joined by `.`, `_`, `__` or hyphens, with `/` between them.
///
/// No such name can climb out of a directory, hide a query or differ only by case; still nothing here is ever used as a path.
///
/// Source: OCI distribution-spec v1.1.1, "Pulling manifests".
public struct RepositoryName: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The name as written; only ASCII.
    public let text: String

    /// Reads a name.
    public init(parsing text: String) throws(NameError) {
        let units = text.utf8
        guard !units.isEmpty else { throw .empty }
        guard units.count <= 255 else { throw .tooLong(units.count) }
        // What came before: nothing or a slash, a letter or digit, or a separator of some length.
        enum Before { case start, alphanumeric, dot, hyphen, underscore, twoUnderscores }
        var before = Before.start
        for (offset, unit) in units.enumerated() {
            switch (unit, before) {
            case (0x61...0x7A, _), (0x30...0x39, _): before = .alphanumeric
            case (0x2E, .alphanumeric): before = .dot
            case (0x5F, .alphanumeric): before = .underscore
            case (0x5F, .underscore): before = .twoUnderscores
            case (0x2D, .alphanumeric), (0x2D, .hyphen): before = .hyphen
            case (0x2F, .alphanumeric): before = .start
            default: throw .invalidCharacter(offset: offset)
            }
        }
        guard before == .alphanumeric else { throw .invalidCharacter(offset: units.count - 1) }
        self.text = text
    }

    /// The components between the slashes; never empty.
    public var components: [String] { text.split(separator: "/").map(String.init) }

    /// Everything before the last component; nil when there is one component only.
    public var namespace: String? {
        guard let slash = text.utf8.lastIndex(of: 0x2F) else { return nil }
        return String(text[..<slash])
    }

    /// The name as written.
    public var description: String { text }

    /// Orders by bytes.
    public static func < (lhs: RepositoryName, rhs: RepositoryName) -> Bool { lhs.text < rhs.text }
}
