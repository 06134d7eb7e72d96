// SPDX-License-Identifier: EUPL-1.2

import Archives
import DurableFiles

/// Puts the files of a layout into one tar file: `oci-archive:`.
struct LayoutArchive {
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
            try archive.append(TarHeader.end)
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
        guard let header = TarHeader.bytes(name, size: size) else {
            throw FeedBundleError(layout + "/" + name, "it is too large for an archive; export to oci:DIR instead")
        }
        try append(header)
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
        try append(TarHeader.padding(after: size))
    }

    private mutating func append(_ bytes: [UInt8]) throws {
        let start = offset
        try bytes.withUnsafeBytes { try files.write(file, $0, start) }
        offset += Int64(bytes.count)
    }
}
