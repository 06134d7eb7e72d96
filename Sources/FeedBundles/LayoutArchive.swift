// SPDX-License-Identifier: EUPL-1.2

import DurableFiles

/// Puts the files of a layout into one tar file: `oci-archive:`.
///
/// Source: POSIX.1-2017, "ustar Interchange Format".
struct LayoutArchive {
    private static let block = 512
    /// Largest file that the format's eleven octal digits can tell.
    private static let maximumSize: Int64 = 0o77777777777

    private let files: FileOperations
    private let file: OpenFile
    private var offset: Int64 = 0

    /// Writes all files of a layout; the file is whole and durable under its name, or not there.
    static func write(layout: String, to path: String, files: FileOperations = .live) throws {
        let temporary = "\(path).new-\(String(UInt64.random(in: .min ... .max), radix: 16))"
        let file = try files.create(temporary, 0o644)
        do {
            defer { files.close(file) }
            var archive = LayoutArchive(files: files, file: file)
            try archive.add("oci-layout", of: layout)
            try archive.add("index.json", of: layout)
            for name in try files.names(layout + "/blobs/sha256") {
                try archive.add("blobs/sha256/" + name, of: layout)
            }
            try archive.append([UInt8](repeating: 0, count: 2 * block))
            try files.synchronise(file)
            try files.rename(temporary, path)
            try files.synchroniseDirectory(FileOperations.parent(of: path))
        } catch {
            _ = try? files.remove(temporary)
            throw error
        }
    }

    private init(files: FileOperations, file: OpenFile) {
        self.files = files
        self.file = file
    }

    private mutating func add(_ name: String, of layout: String) throws {
        let source = try files.openForReading(layout + "/" + name)
        defer { files.close(source) }
        let size = try files.status(source).size
        guard size <= Self.maximumSize, name.utf8.count <= 100 else {
            throw FeedBundleError(layout + "/" + name, "it is too large for an archive; export to oci:DIR instead")
        }
        try append(Self.header(name, size))
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        var done: Int64 = 0
        while done < size {
            let count = try files.read(source, buffer, done)
            guard count > 0, Int64(count) <= size - done else {
                throw FeedBundleError(layout + "/" + name, "it changed while it was read")
            }
            try files.write(file, UnsafeRawBufferPointer(rebasing: buffer[..<count]), offset)
            offset += Int64(count)
            done += Int64(count)
        }
        let rest = Int(size % Int64(Self.block))
        if rest > 0 { try append([UInt8](repeating: 0, count: Self.block - rest)) }
    }

    private mutating func append(_ bytes: [UInt8]) throws {
        let start = offset
        try bytes.withUnsafeBytes { try files.write(file, $0, start) }
        offset += Int64(bytes.count)
    }

    private static func header(_ name: String, _ size: Int64) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: block)
        func put(_ text: String, at start: Int) {
            for (index, byte) in text.utf8.enumerated() { header[start + index] = byte }
        }
        func octal(_ value: Int64, _ digits: Int) -> String {
            let text = String(value, radix: 8)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        put(name, at: 0)
        put(octal(0o644, 7), at: 100)
        put(octal(0, 7), at: 108)
        put(octal(0, 7), at: 116)
        put(octal(size, 11), at: 124)
        put(octal(0, 11), at: 136)
        put("        ", at: 148)
        put("0", at: 156)
        put("ustar\u{0}00", at: 257)
        let sum = header.reduce(Int64(0)) { $0 + Int64($1) }
        put(octal(sum, 6) + "\u{0} ", at: 148)
        return header
    }
}
