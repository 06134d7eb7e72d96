// SPDX-License-Identifier: EUPL-1.2

import Archives
public import DurableFiles
public import OCI
import Time

/// Documents as files, each under the digest of its bytes: hundreds of kilobytes that no question asks a part of.
///
/// A row names its document. A document is durable before the transaction that names it, so that no row speaks of what is not there; one
/// that nothing names is swept, and one that is lost or damaged costs another look at the image. Each room that keeps documents has a
/// store of its own: who sweeps asks its own rows, and would remove another's.
public struct DocumentStore: Sendable {
    /// Bytes of one document, unpacked.
    static let limit = 1 << 30
    /// Nothing younger than this is swept: its row may be on the way.
    static let youth = Duration.seconds(3600)

    private let directory: String
    private let files: FileOperations

    /// A store in a folder of its own, made when the first document comes.
    public init(directory: String, files: FileOperations = .live) {
        self.directory = directory
        self.files = files
    }

    /// Keeps bytes, and says under which digest.
    public func put(_ bytes: [UInt8]) throws -> Digest {
        let digest = Digest.sha256(bytes)
        let path = path(digest)
        // A document that is there and long unnamed may be swept between this look and the row that names it: it is written anew.
        if let status = try files.statusAt(path), age(status) < Self.youth / 2 { return digest }
        let packed = try Zlib.compress(bytes)
        do throws(FileError) {
            try files.replace(path, bytes: packed, mode: 0o600)
        } catch {
            guard error.isMissing else { throw error }
            try files.makeDirectories(folder(digest), mode: 0o700)
            try files.replace(path, bytes: packed, mode: 0o600)
        }
        return digest
    }

    /// The bytes under a digest; nil when they are not there, or are not what they were.
    public func get(_ digest: Digest) throws -> [UInt8]? {
        guard let packed = try files.contents(of: path(digest), limit: Self.limit) else { return nil }
        guard let bytes = try? Zlib.decompress(packed, limit: Self.limit), Digest.sha256(bytes) == digest else {
            return nil
        }
        return bytes
    }

    /// Removes documents that nothing names.
    ///
    /// - Parameter named: which of some digests a row names.
    /// - Returns: how many were removed.
    public func sweep(_ named: ([Digest]) async throws -> Set<Digest>) async throws -> Int {
        var removed = 0
        for prefix in 0..<256 {
            let folder = directory + "/" + Self.hex(UInt8(prefix))
            guard let names = try? files.names(folder) else { continue }
            var old: [Digest] = []
            for name in names {
                let path = folder + "/" + name
                guard let status = try files.statusAt(path), age(status) >= Self.youth else { continue }
                if let digest = try? Digest(parsing: "sha256:" + name) {
                    old.append(digest)
                } else if try files.remove(path) {
                    // What a crash left half written beside its name.
                    removed += 1
                }
            }
            while !old.isEmpty {
                let part = Array(old.suffix(500))
                old.removeLast(part.count)
                let needed = try await named(part)
                for digest in part where !needed.contains(digest) {
                    // Written anew meanwhile: its row has come, or is on the way.
                    guard let status = try files.statusAt(path(digest)), age(status) >= Self.youth else { continue }
                    if try files.remove(path(digest)) { removed += 1 }
                }
            }
        }
        return removed
    }

    private func age(_ status: FileStatus) -> Duration {
        // The file system's clock, not the node's.
        .nanoseconds(WallClock.system.now().microseconds * 1000 - status.modifiedNanoseconds)
    }

    private func folder(_ digest: Digest) -> String { directory + "/" + String(digest.hex.prefix(2)) }
    private func path(_ digest: Digest) -> String { folder(digest) + "/" + digest.hex }

    private static func hex(_ byte: UInt8) -> String {
        let text = String(byte, radix: 16)
        return text.count < 2 ? "0" + text : text
    }
}
