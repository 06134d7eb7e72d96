// SPDX-License-Identifier: EUPL-1.2

import JSON
import MerkleLog
import SBOM

/// What a recomputation of a log came to, item by item.
struct LogVerification {
    /// One thing that is not as it must be.
    struct Problem {
        let path: String
        let text: LocalizedText
    }

    /// Reads one file of the log below its prefix; nil when there is none.
    typealias Fetch = (_ path: String, _ limit: Int) async throws -> [UInt8]?

    /// Problems beyond these are counted only: one changed entry near the start changes every tile above it.
    static let maximumProblems = 100

    let name: String
    private(set) var checkpoint: Checkpoint?
    private(set) var signers: [NoteKey] = []
    private(set) var bundles = 0
    private(set) var tiles = 0
    private(set) var problems: [Problem] = []
    private(set) var problemCount = 0

    var isVerified: Bool { checkpoint != nil && problemCount == 0 }

    /// Checks the checkpoint's signatures, then recomputes every tile and the root from the entries.
    ///
    /// - Throws: what fetching throws; what the log does not hold is a problem, no error.
    init(_ name: String, trust: LogTrust, fetch: Fetch) async throws {
        self.name = name
        guard let note = try await fetch("checkpoint", SignedNote.maximumBytes) else {
            note("checkpoint", Texts.logFileMissing)
            return
        }
        let signed: SignedCheckpoint
        do { signed = try trust.verified(note) } catch {
            self.note("checkpoint", Texts.logNote(error))
            return
        }
        checkpoint = signed.checkpoint
        signers = signed.signers
        try await recompute(signed.checkpoint, fetch)
    }

    private mutating func recompute(_ checkpoint: Checkpoint, _ fetch: Fetch) async throws {
        var recomputation = LogRecomputation(size: checkpoint.size)
        while let address = recomputation.nextBundle {
            guard let bytes = try await contents(of: address, fetch, limit: EntryBundle.maximumBytes) else {
                note(address.path, Texts.logBundleMissing)
                return
            }
            let files: [TiledTree.File]
            do { files = try recomputation.take(bytes) } catch {
                note(address.path, Texts.logBundleBroken)
                return
            }
            bundles += 1
            for file in files {
                // With room for more, so that a longer file is a finding and not an error of reading.
                let found = try await contents(of: file.address, fetch, limit: 1 << 16)
                if found == file.bytes {
                    tiles += 1
                } else {
                    note(file.address.path, found == nil ? Texts.logFileMissing : Texts.logTileDiffers)
                }
            }
        }
        if recomputation.root != checkpoint.root {
            note("checkpoint", Texts.logRootDiffers(recomputation.root.base64, said: checkpoint.root.base64))
        }
    }

    /// A partial file may have been removed since its tile is full: then that is cut, as clients of tlog-tiles do.
    private func contents(of address: TileAddress, _ fetch: Fetch, limit: Int) async throws -> [UInt8]? {
        if let bytes = try await fetch(address.path, limit) { return bytes }
        let whole = address.kind == .entries ? EntryBundle.maximumBytes : TileAddress.fullWidth * MerkleHash.byteCount
        guard address.isPartial, let full = try await fetch(address.full.path, whole) else { return nil }
        guard address.kind == .entries else { return Array(full.prefix(address.width * MerkleHash.byteCount)) }
        guard let entries = try? EntryBundle.decode(full, at: address.full) else { return full }
        return try EntryBundle.encode(entries.prefix(address.width))
    }

    private mutating func note(_ path: String, _ text: LocalizedText) {
        problemCount += 1
        if problems.count < Self.maximumProblems { problems.append(Problem(path: path, text: text)) }
    }

    // MARK: - Output

    func text(_ language: Language) -> String {
        var lines = [language(isVerified ? Texts.logVerified(name) : Texts.logNotVerified(name))]
        if let checkpoint {
            lines.append("  origin  \(checkpoint.origin)")
            lines.append("  size    \(checkpoint.size)")
            lines.append("  root    \(checkpoint.root)")
            lines += signers.map { "  \(language(Texts.logSignedBy)) \($0.name)+\($0.idText)" }
            lines.append("  " + language(Texts.logRecomputed(bundles: bundles, tiles: tiles)))
        }
        lines += problems.map { "  \($0.path): \(language($0.text))" }
        if problemCount > problems.count { lines.append("  " + language(Texts.more(problemCount - problems.count))) }
        return lines.map { printable($0) + "\n" }.joined()
    }

    func json(_ language: Language) -> JSONValue {
        [
            "schemaVersion": 1, "verified": .bool(isVerified), "log": .string(name),
            "origin": .optional(checkpoint?.origin), "size": checkpoint.map { .integer(Int64($0.size)) } ?? .null,
            "root": .optional(checkpoint?.root.base64),
            "signedBy": .array(signers.map { .string("\($0.name)+\($0.idText)") }),
            "bundles": .integer(Int64(bundles)), "tiles": .integer(Int64(tiles)),
            "problemCount": .integer(Int64(problemCount)),
            "problems": .array(problems.map { ["path": .string($0.path), "text": .string(language($0.text))] }),
        ]
    }
}
