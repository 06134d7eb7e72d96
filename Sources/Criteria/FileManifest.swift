// SPDX-License-Identifier: EUPL-1.2

public import OCI

/// The files that an image holds: of each layer all that it brought, also what a later one hides.
///
/// A layer is pulled whole: what it brought can be had by everybody who may pull the image, whether or not the final file system shows it.
/// No criterion looks at it, so it is no part of the evidence's JSON form; it is carried and kept beside it, packed.
public struct FileManifest: Sendable, Hashable {
    /// From the base up.
    public var layers: [LayerFiles]
    /// Regular files whose bytes could not be hashed: a layer that breaks off, holes beyond the bound.
    public var unhashed: Int
    /// Files beyond the bound, which are in no list.
    public var omitted: Int

    /// Creates a value of its parts.
    public init(layers: [LayerFiles] = [], unhashed: Int = 0, omitted: Int = 0) {
        self.layers = layers
        self.unhashed = unhashed
        self.omitted = omitted
    }

    /// Whether everything is in it that the image holds.
    public var isComplete: Bool { unhashed == 0 && omitted == 0 }
}

/// What one layer of one image brought.
public struct LayerFiles: Sendable, Hashable {
    /// Its files, in the order of their paths' bytes.
    public var chunks: [FileChunk]
    /// Places in that order, counted from 0 over all chunks, of what the final file system does not show; apart and in order.
    public var hidden: [Range<Int>]

    /// Creates a value of its parts.
    public init(chunks: [FileChunk] = [], hidden: [Range<Int>] = []) {
        self.chunks = chunks
        self.hidden = hidden
    }

    /// Packs files.
    ///
    /// - Parameter entries: in the order of their paths' bytes, each with whether the final file system shows it.
    public init(_ entries: [(entry: FileEntry, isVisible: Bool)]) {
        chunks = FileChunk.chunks(of: entries.map(\.entry))
        hidden = []
        for (place, entry) in entries.enumerated() where !entry.isVisible {
            if let last = hidden.last, last.upperBound == place {
                hidden[hidden.count - 1] = last.lowerBound..<place + 1
            } else {
                hidden.append(place..<place + 1)
            }
        }
    }

    /// Its files, each with whether the final file system shows it.
    ///
    /// - Throws: for what no analysis of this version writes.
    public func entries() throws -> [(entry: FileEntry, isVisible: Bool)] {
        var found: [(entry: FileEntry, isVisible: Bool)] = []
        var rest = hidden[...]
        for chunk in chunks {
            for entry in try chunk.entries() {
                while let next = rest.first, next.upperBound <= found.count { rest.removeFirst() }
                found.append((entry, !(rest.first?.contains(found.count) ?? false)))
            }
        }
        return found
    }
}

/// One name in a layer: a regular file, a symbolic link, a device or a pipe; directories are in no manifest.
public struct FileEntry: Sendable, Hashable {
    /// What it is.
    public enum Kind: UInt8, Sendable, Hashable, CaseIterable {
        case file, symbolicLink, device, other
    }

    /// Path in the image as a runtime unpacks it (links in the directory part followed), without a leading slash.
    public var path: String
    /// What it is.
    public var kind: Kind
    /// Permission bits, 0o7777.
    public var mode: UInt32
    /// Owner.
    public var userID: UInt32
    /// Group.
    public var groupID: UInt32
    /// Bytes of a regular file.
    public var size: Int64
    /// SHA-256 of a regular file's bytes; nil where they could not be hashed.
    public var sha256: FileHash?
    /// Value of the attribute `security.capability`; empty where there is none.
    public var capabilities: [UInt8]
    /// Where a symbolic link points to, as written.
    public var target: String?

    /// Creates a value of its parts.
    public init(
        path: String,
        kind: Kind,
        mode: UInt32,
        userID: UInt32,
        groupID: UInt32,
        size: Int64 = 0,
        sha256: FileHash? = nil,
        capabilities: [UInt8] = [],
        target: String? = nil
    ) {
        self.path = path
        self.kind = kind
        self.mode = mode
        self.userID = userID
        self.groupID = groupID
        self.size = size
        self.sha256 = sha256
        self.capabilities = capabilities
        self.target = target
    }
}

/// A SHA-256 without an allocation: an image has hundreds of thousands.
public struct FileHash: Sendable, Hashable {
    private let words: (UInt64, UInt64, UInt64, UInt64)

    /// A hash of 32 bytes; nil for any other number of them.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        var words: [UInt64] = [0, 0, 0, 0]
        for (place, byte) in bytes.enumerated() { words[place / 8] = words[place / 8] << 8 | UInt64(byte) }
        self.words = (words[0], words[1], words[2], words[3])
    }

    /// The hash of a digest; nil where it is of another algorithm.
    public init?(_ digest: Digest) {
        guard digest.algorithm == .sha256 else { return nil }
        self.init(digest.bytes)
    }

    /// Its first eight bytes as a number.
    public var prefix: UInt64 { words.0 }

    /// Its 32 bytes.
    public var bytes: [UInt8] {
        [words.0, words.1, words.2, words.3].flatMap { word in
            (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) }
        }
    }

    /// `sha256:` and 64 hexadecimal digits.
    public var text: String {
        "sha256:"
            + [words.0, words.1, words.2, words.3].map { word in
                let digits = String(word, radix: 16)
                return String(repeating: "0", count: 16 - digits.count) + digits
            }.joined()
    }

    /// Equal where all bytes are.
    public static func == (left: FileHash, right: FileHash) -> Bool { left.words == right.words }

    /// Hashes what is random already.
    public func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}
