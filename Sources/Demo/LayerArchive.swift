// SPDX-License-Identifier: EUPL-1.2

import Archives

/// Writes a layer: a tar archive with the directories that its files lie in.
///
/// Times and owners are the same for every file, so that the same files give the same digest.
struct LayerArchive {
    private var bytes: [UInt8] = []
    private var directories: Set<Substring> = []

    /// Adds a file, and before it the directories that are not there yet.
    ///
    /// - Throws: ``DemoError`` when the path is longer than a header has room for.
    mutating func add(_ path: String, _ contents: [UInt8], mode: UInt32 = 0o644) throws(DemoError) {
        var end = path.startIndex
        while let slash = path[end...].firstIndex(of: "/") {
            let directory = path[..<slash]
            if directories.insert(directory).inserted { try header(directory + "/", size: 0, mode: 0o755, .directory) }
            end = path.index(after: slash)
        }
        try header(path[...], size: contents.count, mode: mode, .file)
        bytes += contents
        bytes += TarHeader.padding(after: Int64(contents.count))
    }

    /// Adds a file of text.
    mutating func add(_ path: String, text: String, mode: UInt32 = 0o644) throws(DemoError) {
        try add(path, Array(text.utf8), mode: mode)
    }

    /// The archive with the two blocks at its end.
    var finished: [UInt8] { bytes + TarHeader.end }

    private mutating func header(
        _ name: Substring,
        size: Int,
        mode: UInt32,
        _ kind: TarHeader.Kind
    ) throws(DemoError) {
        guard let header = TarHeader.bytes(name, size: Int64(size), mode: mode, kind: kind) else {
            throw .failed(what: "layer", why: "the path \(name) has more than \(TarHeader.longestName) bytes")
        }
        bytes += header
    }
}

/// Bytes packed as gzip.
func packed(_ bytes: [UInt8]) throws -> [UInt8] {
    let writer = try GzipWriter()
    var result: [UInt8] = []
    try bytes.withUnsafeBytes { try writer.write($0) { result.append(contentsOf: $0) } }
    try writer.finish { result.append(contentsOf: $0) }
    return result
}
