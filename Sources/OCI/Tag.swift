// SPDX-License-Identifier: EUPL-1.2

/// Why a text is not a tag.
public enum TagError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The text is empty.
    case empty
    /// The text is longer than 128 characters.
    case tooLong(Int)
    /// The character at this byte offset cannot stand there.
    case invalidCharacter(offset: Int)

    /// One sentence in English.
    public var description: String {
        switch self {
        case .empty: "the tag is empty"
        case .tooLong(let count): "the tag has \(count) bytes; at most 128 are allowed"
        case .invalidCharacter(let offset):
            "character \(offset) of the tag is not allowed there; tags are letters, digits, _ . and -, and begin with none of the last two"
        }
    }
}

/// A movable name for a manifest within its repository: `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`.
///
/// Source: OCI distribution-spec v1.1.1, "Pulling manifests".
public struct Tag: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The tag as written; only ASCII.
    public let text: String

    /// Reads a tag.
    public init(parsing text: String) throws(TagError) {
        let units = text.utf8
        guard !units.isEmpty else { throw .empty }
        guard units.count <= 128 else { throw .tooLong(units.count) }
        for (offset, unit) in units.enumerated() {
            switch unit {
            case 0x61...0x7A, 0x41...0x5A, 0x30...0x39, 0x5F: continue
            case 0x2E where offset > 0, 0x2D where offset > 0: continue
            default: throw .invalidCharacter(offset: offset)
            }
        }
        self.text = text
    }

    /// The digest that a tag of cosign's scheme (`sha256-….sig`, `.att`, `.sbom`) speaks about; nil for every other tag.
    ///
    /// What such a tag names is an artefact about an image, not an image.
    public var attachedTo: Digest? {
        for suffix in [".sig", ".att", ".sbom"] where text.hasSuffix(suffix) {
            let stem = text.dropLast(suffix.utf8.count)
            guard let hyphen = stem.firstIndex(of: "-") else { return nil }
            return try? Digest(parsing: stem[..<hyphen] + ":" + stem[stem.index(after: hyphen)...])
        }
        return nil
    }

    /// The tag as written.
    public var description: String { text }

    /// Orders by bytes.
    public static func < (lhs: Tag, rhs: Tag) -> Bool { lhs.text < rhs.text }
}
