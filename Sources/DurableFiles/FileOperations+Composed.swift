// SPDX-License-Identifier: EUPL-1.2

extension FileOperations {
    /// Makes a directory and every missing parent, each made durable in its own parent before the next is made.
    ///
    /// - Parameters:
    ///   - path: absolute, or relative to the process's directory.
    ///   - mode: permission bits of the directories that are made here.
    public func makeDirectories(_ path: String, mode: UInt32 = 0o755) throws(FileError) {
        let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        do {
            if try makeDirectory(path, mode) { try synchroniseDirectory(Self.parent(of: path)) }
        } catch {
            let parent = Self.parent(of: path)
            guard error.isMissing, parent != path, parent != "." else { throw error }
            try makeDirectories(parent, mode: mode)
            if try makeDirectory(path, mode) { try synchroniseDirectory(parent) }
        }
    }

    /// Writes a new small file so that it is whole and durable when this returns; refuses when the name is taken.
    public func createDurably(_ path: String, bytes: [UInt8], mode: UInt32 = 0o644) throws(FileError) {
        let file = try create(path, mode)
        do throws(FileError) {
            try fill(file, bytes)
        } catch {
            // Half a file under a final name would be read as a whole one; the first error is the one to report.
            do throws(FileError) { _ = try remove(path) } catch {}
            throw error
        }
        try synchroniseDirectory(Self.parent(of: path))
    }

    /// Replaces a small file atomically: a reader, also one after a power cut, sees the old content or the new,
    /// never a mixture.
    ///
    /// Order: write beside it, fsync the file, rename over the name, fsync the directory.
    public func replace(_ path: String, bytes: [UInt8], mode: UInt32 = 0o644) throws(FileError) {
        try exchange(path, bytes, mode)
        try synchroniseDirectory(Self.parent(of: path))
    }

    /// Replaces several small files, each atomically, in order; all of them are durable when this returns.
    ///
    /// Each directory is synchronised once, at the end: until then a power cut may leave any of the new names out.
    public func replaceAll(_ contents: [(path: String, bytes: [UInt8])], mode: UInt32 = 0o644) throws(FileError) {
        var directories: [String] = []
        for (path, bytes) in contents {
            try exchange(path, bytes, mode)
            let directory = Self.parent(of: path)
            if !directories.contains(directory) { directories.append(directory) }
        }
        for directory in directories { try synchroniseDirectory(directory) }
    }

    /// Gives a name new content, whose name is not durable yet.
    private func exchange(_ path: String, _ bytes: [UInt8], _ mode: UInt32) throws(FileError) {
        let temporary = "\(path).new-\(String(UInt64.random(in: .min ... .max), radix: 16))"
        let file = try create(temporary, mode)
        do throws(FileError) {
            try fill(file, bytes)
            try rename(temporary, path)
        } catch {
            do throws(FileError) { _ = try remove(temporary) } catch {}
            throw error
        }
    }

    /// Content of a small file; nil when nothing has that name.
    ///
    /// - Parameter limit: a larger file is refused, so that a damaged directory cannot fill the memory.
    public func contents(of path: String, limit: Int = 1 << 20) throws(FileError) -> [UInt8]? {
        let file: OpenFile
        do {
            file = try openForReading(path)
        } catch {
            if error.isMissing { return nil }
            throw error
        }
        defer { close(file) }
        let size = try status(file).size
        guard size <= Int64(limit) else {
            throw FileError("read", path: path, reason: "it has \(size) bytes, at most \(limit) were expected")
        }
        var bytes = [UInt8](repeating: 0, count: Int(size))
        let count = bytes.withUnsafeMutableBytes { buffer in
            Result { () throws(FileError) in try read(file, buffer, 0) }
        }
        bytes.removeSubrange(try count.get()...)
        return bytes
    }

    /// The directory that holds a path's last component.
    public static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Writes all, makes it durable and closes, also after an error.
    private func fill(_ file: OpenFile, _ bytes: [UInt8]) throws(FileError) {
        defer { close(file) }
        try bytes.withUnsafeBytes { buffer in Result { () throws(FileError) in try write(file, buffer, 0) } }.get()
        try synchronise(file)
    }
}
