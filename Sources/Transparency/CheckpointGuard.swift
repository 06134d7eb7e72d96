// SPDX-License-Identifier: EUPL-1.2

public import DurableFiles
public import MerkleLog

/// What was signed last, beside the key that signed it: no restored backup of the database brings it back.
///
/// Asked before every signature, and durable before the signature is made. A tree that is smaller than the last one, or does not
/// continue it, is not signed: two such checkpoints would be proof that the log shows different histories. The file belongs on the
/// key's storage and not into the backup of the database; every call blocks.
public struct CheckpointGuard: Sendable {
    /// Why a checkpoint must not be signed.
    public struct Refusal: Error, Sendable, Hashable, CustomStringConvertible {
        /// What it means for the log.
        public let reason: LogFreeze.Reason
        /// Numbers and names.
        public let description: String
    }

    private static let header = "kontor checkpoint guard 1"
    private static let maximumBytes = 4_096

    /// The file.
    public let path: String
    private let files: FileOperations

    /// A guard over a file that exists once something was signed.
    public init(path: String, files: FileOperations = .live) {
        self.path = path
        self.files = files
    }

    /// What was signed last; nil before the first signature.
    ///
    /// - Throws: ``Refusal`` when the file cannot be understood, ``FileError`` when it cannot be read.
    public func last() throws -> Checkpoint? {
        guard let bytes = try files.contents(of: path, limit: Self.maximumBytes) else { return nil }
        let header = Array((Self.header + "\n").utf8)
        guard bytes.starts(with: header),
            let checkpoint = try? Checkpoint(unverifiedText: Array(bytes.dropFirst(header.count)))
        else {
            throw Refusal(reason: .guardLost, description: "\(path) is no guard's file; restore it from beside the key")
        }
        return checkpoint
    }

    /// Lets a checkpoint be signed, and remembers it first.
    ///
    /// - Parameters:
    ///   - checkpoint: what is to be signed.
    ///   - isFirst: whether nothing can have been signed before; else a missing file is a lost one.
    ///   - consistency: makes the proof from the size that was signed last.
    /// - Throws: ``Refusal``; ``FileError``, and what `consistency` throws.
    public func permit(
        _ checkpoint: Checkpoint,
        isFirst: Bool,
        consistency: (_ old: Int) throws -> ConsistencyProof
    ) throws {
        if let last = try check(checkpoint, isFirst: isFirst, consistency: consistency), last == checkpoint { return }
        try remember(checkpoint)
    }

    /// Like ``permit(_:isFirst:consistency:)``, without remembering anything.
    ///
    /// - Returns: what was signed last.
    @discardableResult
    func check(
        _ checkpoint: Checkpoint,
        isFirst: Bool,
        consistency: (_ old: Int) throws -> ConsistencyProof
    ) throws -> Checkpoint? {
        guard let last = try last() else {
            guard isFirst else {
                throw Refusal(reason: .guardLost, description: "\(path) is gone, and checkpoints were signed before")
            }
            return nil
        }
        guard last.origin == checkpoint.origin else {
            throw Refusal(
                reason: .otherThanSigned,
                description: "this key signed for \(last.origin), not for \(checkpoint.origin)"
            )
        }
        guard checkpoint.size >= last.size else {
            throw Refusal(
                reason: .olderThanSigned,
                description: "a tree of \(last.size) entries was signed, this one has \(checkpoint.size)"
            )
        }
        guard try consistency(last.size).verifies(last.root, to: checkpoint.root) else {
            throw Refusal(
                reason: .otherThanSigned,
                description:
                    "the tree of \(checkpoint.size) entries does not continue the one of \(last.size) that was signed"
            )
        }
        return last
    }

    /// Takes a checkpoint for the last one, whatever was before: an operator's decision, or the next signature.
    func remember(_ checkpoint: Checkpoint) throws(FileError) {
        try files.makeDirectories(FileOperations.parent(of: path), mode: 0o700)
        try files.replace(path, bytes: Array((Self.header + "\n").utf8) + checkpoint.text, mode: 0o600)
    }
}
