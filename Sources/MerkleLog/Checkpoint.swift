// SPDX-License-Identifier: EUPL-1.2

/// What a log says about itself: which it is, how many entries it has and what they hash to.
///
/// Source: C2SP tlog-checkpoint.
public struct Checkpoint: Sendable, Hashable {
    /// The log's unique name.
    public let origin: String
    /// Entries of the tree.
    public let size: Int
    /// Root over them.
    public let root: MerkleHash
    /// Further lines; nothing here gives them a meaning.
    public let extensions: [String]

    /// What a log says.
    public init(origin: String, size: Int, root: MerkleHash) {
        self.origin = origin
        self.size = size
        self.root = root
        extensions = []
    }

    /// Reads the text of a note; proves nothing, see ``SignedCheckpoint/init(verifying:by:)``.
    public init(unverifiedText bytes: [UInt8]) throws(NoteError) {
        guard bytes.last == 0x0a, let text = String(validating: bytes, as: UTF8.self) else {
            throw .badCheckpoint("a last line feed is missing")
        }
        let lines = text.dropLast().split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 3, lines.allSatisfy({ !$0.isEmpty }) else {
            throw .badCheckpoint("it needs three lines: origin, size, root")
        }
        guard let size = Decimal.parse(lines[1]), size <= MerkleTree.maximumSize else {
            throw .badCheckpoint("\"\(lines[1].prefix(32))\" is no size of a tree")
        }
        guard let root = MerkleHash(base64: lines[2]) else {
            throw .badCheckpoint("\"\(lines[2].prefix(64))\" is no base64 of 32 bytes")
        }
        origin = String(lines[0])
        self.size = size
        self.root = root
        extensions = lines.dropFirst(3).map(String.init)
    }

    /// The text that is signed.
    public var text: [UInt8] {
        Array(([origin, String(size), root.base64] + extensions).map { $0 + "\n" }.joined().utf8)
    }

    /// Whether a text can be the origin of a log of ours: it is also the name of its keys.
    public static func isOrigin(_ text: String) -> Bool { NoteKey.isName(text) }
}

/// A checkpoint of which it is known which keys signed it.
public struct SignedCheckpoint: Sendable, Hashable {
    /// What the log says.
    public let checkpoint: Checkpoint
    /// The note as it came.
    public let note: SignedNote
    /// Those of the trusted keys that have signed; the log's own is among them.
    public let signers: [NoteKey]

    /// Reads a note and checks it.
    ///
    /// - Parameters:
    ///   - bytes: the note.
    ///   - keys: keys of the log, named like its origin, and of witnesses.
    /// - Throws: ``NoteError``; a checkpoint that only witnesses signed, or a key of another log, is refused.
    public init(verifying bytes: [UInt8], by keys: [NoteKey]) throws(NoteError) {
        note = try SignedNote(parsing: bytes)
        signers = try note.signers(among: keys)
        checkpoint = try Checkpoint(unverifiedText: note.text)
        let origin = checkpoint.origin
        guard signers.contains(where: { $0.name == origin && $0.algorithm != .cosignature }) else {
            throw .noKnownSignature
        }
    }
}
