// SPDX-License-Identifier: EUPL-1.2

import DurableFiles
import Foundation
import TestKit
import Testing

@Suite struct DurableFilesTests {
    @Test("replacing a small file: write beside it, synchronise, rename, synchronise the directory")
    func replaceOrder() throws {
        let directory = try TemporaryDirectory()
        let files = FaultyFiles()
        let path = directory.file("pointer")
        try files.operations.replace(path, bytes: Array("one".utf8), mode: 0o600)
        #expect(
            files.events.map(\.operation) == [
                "create", "write", "synchronise", "close", "rename", "synchroniseDirectory",
            ]
        )
        try files.operations.replace(path, bytes: Array("two".utf8))
        #expect(try files.operations.contents(of: path) == Array("two".utf8))
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["pointer"])
    }

    @Test("a replacement that fails at any step leaves the old content and nothing beside it", arguments: 1...5)
    func replaceFails(step: Int) throws {
        let directory = try TemporaryDirectory()
        let files = FaultyFiles()
        let path = directory.file("pointer")
        try files.operations.replace(path, bytes: Array("old".utf8))
        let operation = ["create", "write", "synchronise", "rename", "synchroniseDirectory"][step - 1]
        files.fail(operation, code: EIO)
        let error = #expect(throws: FileError.self) { try files.operations.replace(path, bytes: Array("new".utf8)) }
        #expect(error?.operation == operation)
        let expected = operation == "synchroniseDirectory" ? "new" : "old"
        #expect(try files.operations.contents(of: path) == Array(expected.utf8))
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["pointer"])
    }

    @Test("several replacements: each content before its name, each directory once and last")
    func replaceAll() throws {
        let directory = try TemporaryDirectory()
        let files = FaultyFiles()
        try files.operations.makeDirectories(directory.file("b"))
        files.clear()
        let contents = [("a", [1]), ("b/c", [2]), ("d", [3])].map {
            (path: directory.file($0.0), bytes: $0.1 as [UInt8])
        }
        try files.operations.replaceAll(contents)
        let one = ["create", "write", "synchronise", "close", "rename"]
        #expect(files.events.map(\.operation) == one + one + one + ["synchroniseDirectory", "synchroniseDirectory"])
        for (path, bytes) in contents { #expect(try files.operations.contents(of: path) == bytes) }
        files.fail("rename", nth: 2, code: EIO)
        #expect(throws: FileError.self) {
            try files.operations.replaceAll(contents.map { (path: $0.path, bytes: [9]) })
        }
        #expect(try contents.map { try files.operations.contents(of: $0.path) } == [[9], [2], [3]])
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() == ["a", "b", "d"])
    }

    @Test("a new file is made whole or not at all, and never over another")
    func createDurably() throws {
        let directory = try TemporaryDirectory()
        let files = FaultyFiles()
        let path = directory.file("new")
        files.fail("synchronise", code: ENOSPC)
        let full = #expect(throws: FileError.self) { try files.operations.createDurably(path, bytes: [1]) }
        #expect(full?.isFull == true)
        #expect(try files.operations.statusAt(path) == nil)
        files.clear()
        try files.operations.createDurably(path, bytes: [1, 2], mode: 0o600)
        #expect(files.events.map(\.operation) == ["create", "write", "synchronise", "close", "synchroniseDirectory"])
        #expect(try files.operations.statusAt(path)?.mode == 0o600)
        #expect(
            #expect(throws: FileError.self) { try files.operations.createDurably(path, bytes: [3]) }?.isExisting == true
        )
        #expect(try files.operations.contents(of: path) == [1, 2])
    }

    @Test("directories are made from the top, each durable in its parent before the next")
    func directories() throws {
        let directory = try TemporaryDirectory()
        let files = FaultyFiles()
        try files.operations.makeDirectories(directory.file("a/b/c/"))
        let made = files.events.filter { $0.operation == "synchroniseDirectory" }.map {
            $0.path.dropFirst(directory.path.count)
        }
        #expect(made == ["", "/a", "/a/b"])
        files.clear()
        try files.operations.makeDirectories(directory.file("a/b/c"))
        #expect(files.events.map(\.operation) == ["makeDirectory"])
        try directory.write([1], to: "file")
        #expect(throws: FileError.self) { try files.operations.makeDirectories(directory.file("file/x")) }
    }

    @Test("reading a small file is bounded, and a missing one is nil")
    func contents() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(Array(repeating: 7, count: 100), to: "f")
        #expect(try FileOperations.live.contents(of: path)?.count == 100)
        #expect(try FileOperations.live.contents(of: directory.file("none")) == nil)
        let error = #expect(throws: FileError.self) { try FileOperations.live.contents(of: path, limit: 99) }
        #expect(error?.description == "cannot read \(path): it has 100 bytes, at most 99 were expected")
    }

    @Test("an error says what, where, why and what next")
    func errors() throws {
        let error = #expect(throws: FileError.self) { try FileOperations.live.create("/nonexistent/x", 0o600) }
        #expect(
            error?.description
                == "cannot create /nonexistent/x: No such file or directory; check that the path is right and that the file system is mounted"
        )
        #expect(
            FileError("write", path: "/x", code: ENOSPC).description.contains("No space left on device; free space")
        )
    }

    @Test("links, status, truncation and listing work on the live file system")
    func live() throws {
        let directory = try TemporaryDirectory()
        let files = FileOperations.live
        let file = try files.create(directory.file("a"), 0o640)
        try [UInt8](repeating: 5, count: 10).withUnsafeBytes { try files.write(file, $0, 2) }
        #expect(try files.status(file).size == 12)
        try files.truncate(file, 4)
        var bytes = [UInt8](repeating: 9, count: 10)
        #expect(try bytes.withUnsafeMutableBytes { try files.read(file, $0, 1) } == 3)
        #expect(bytes == [0, 5, 5, 9, 9, 9, 9, 9, 9, 9])
        files.close(file)
        try files.link(directory.file("a"), directory.file("b"))
        #expect(try files.statusAt(directory.file("a"))?.inode == files.statusAt(directory.file("b"))?.inode)
        #expect(throws: FileError.self) { try files.link(directory.file("a"), directory.file("b")) }
        #expect(try files.names(directory.path) == ["a", "b"])
        #expect(try files.remove(directory.file("a")))
        #expect(try files.remove(directory.file("a")) == false)
        #expect(try files.removeDirectory(directory.file("none")) == false)
        #expect(throws: FileError.self) { try files.removeDirectory(directory.path) }
        #expect(throws: FileError.self) { try files.openForReading(directory.path) }
    }
}
