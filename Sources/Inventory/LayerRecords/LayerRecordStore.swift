// SPDX-License-Identifier: EUPL-1.2

public import DurableFiles
import ImageSources
import OCI

/// A folder of layer records, one file for each digest and version: a shared base is read once.
///
/// A cache: any file may go at any time, and one that cannot be read is as good as none.
public struct LayerRecordStore: Sendable {
    /// The folder; made when the first record comes.
    public let directory: String
    /// Bytes of all records together; the oldest go first.
    public let limit: Int64
    private let files: FileOperations

    /// A store in a folder of its own.
    public init(directory: String, limit: Int64 = 4 << 30, files: FileOperations = .live) {
        self.directory = directory
        self.limit = limit
        self.files = files
    }

    /// The record of a layer, open for reading; nil when there is none of this version.
    func open(_ digest: Digest) -> OpenDescriptor? { try? .file(path(digest)) }

    /// Keeps a record, and makes room for it.
    func put(_ digest: Digest, _ bytes: [UInt8]) throws(FileError) {
        try files.makeDirectories(directory, mode: 0o700)
        try files.replace(path(digest), bytes: bytes, mode: 0o600)
        try prune()
    }

    private func path(_ digest: Digest) -> String {
        let version = Digest.sha256(Array(LayerRecord.version.utf8)).hex.prefix(16)
        return "\(directory)/\(digest.hex)-\(version).layer"
    }

    private func prune() throws(FileError) {
        var records: [(path: String, size: Int64, modified: Int64)] = []
        var total: Int64 = 0
        for name in try files.names(directory) where name.hasSuffix(".layer") {
            let path = directory + "/" + name
            guard let status = try files.statusAt(path) else { continue }
            records.append((path, status.size, status.modifiedNanoseconds))
            total += status.size
        }
        guard total > limit else { return }
        for record in records.sorted(by: { $0.modified < $1.modified }) where total > limit {
            _ = try files.remove(record.path)
            total -= record.size
        }
    }
}
