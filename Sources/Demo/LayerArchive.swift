// SPDX-License-Identifier: EUPL-1.2

import Archives

/// Writes a layer: a tar archive with the directories that its files lie in.
///
/// Times and owners are the same for every file, so that the same files give the same digest.
///
/// Source: POSIX.1-2017, "ustar Interchange Format".
struct LayerArchive {
    private static let block = 512
    private static let longestName = 100

    private var bytes: [UInt8] = []
    private var directories: Set<Substring> = []

    /// Adds a file, and before it the directories that are not there yet.
    ///
    /// - Throws: ``DemoError`` when the path is longer than a header has room for.
    mutating func add(_ path: String, _ contents: [UInt8], mode: UInt32 = 0o644) throws(DemoError) {
        var end = path.startIndex
        while let slash = path[end...].firstIndex(of: "/") {
            let directory = path[..<slash]
            if directories.insert(directory).inserted { try header(directory + "/", size: 0, mode: 0o755, type: 0x35) }
            end = path.index(after: slash)
        }
        try header(path[...], size: contents.count, mode: mode, type: 0x30)
        bytes += contents
        let rest = contents.count % Self.block
        if rest > 0 { bytes += [UInt8](repeating: 0, count: Self.block - rest) }
    }

    /// Adds a file of text.
    mutating func add(_ path: String, text: String, mode: UInt32 = 0o644) throws(DemoError) {
        try add(path, Array(text.utf8), mode: mode)
    }

    /// The archive with the two blocks at its end.
    var finished: [UInt8] { bytes + [UInt8](repeating: 0, count: 2 * Self.block) }

    private mutating func header(_ name: Substring, size: Int, mode: UInt32, type: UInt8) throws(DemoError) {
        guard name.utf8.count <= Self.longestName else {
            throw .failed(what: "layer", why: "the path \(name) has more than \(Self.longestName) bytes")
        }
        var block = [UInt8](repeating: 0, count: Self.block)
        func put(_ text: some Sequence<UInt8>, at start: Int) {
            for (index, byte) in text.enumerated() { block[start + index] = byte }
        }
        func octal(_ value: Int, _ digits: Int) -> String {
            let text = String(value, radix: 8)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        put(name.utf8, at: 0)
        put(octal(Int(mode), 7).utf8, at: 100)
        put(octal(0, 7).utf8, at: 108)
        put(octal(0, 7).utf8, at: 116)
        put(octal(size, 11).utf8, at: 124)
        put(octal(0, 11).utf8, at: 136)
        block[156] = type
        put("ustar".utf8, at: 257)
        put("00".utf8, at: 263)
        for index in 148..<156 { block[index] = 0x20 }
        let sum = block.reduce(0) { $0 + Int($1) }
        put(octal(sum, 6).utf8, at: 148)
        block[154] = 0
        bytes += block
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
