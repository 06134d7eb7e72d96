// SPDX-License-Identifier: EUPL-1.2

import Criteria
import Foundation
import Inventory
import OCI
import TestKit
import Testing

@Suite("File manifests") struct FileManifestTests {
    /// What Python's own library says of every file of a tree, a line each.
    private static let listing = """
        import hashlib, os, stat, sys
        root = sys.argv[1]
        for folder, folders, files in os.walk(root):
            for name in files + [f for f in folders if os.path.islink(os.path.join(folder, f))]:
                path = os.path.join(folder, name)
                status = os.lstat(path)
                digest, target = '-', '-'
                if stat.S_ISREG(status.st_mode):
                    digest = 'sha256:' + hashlib.sha256(open(path, 'rb').read()).hexdigest()
                if stat.S_ISLNK(status.st_mode):
                    target = os.readlink(path)
                size = status.st_size if stat.S_ISREG(status.st_mode) else 0
                fields = [os.path.relpath(path, root), oct(status.st_mode & 0o7777), status.st_uid, status.st_gid, size]
                print(*fields, digest, target, sep='\\t')
        """

    private static func line(_ entry: FileEntry) -> String {
        let fields: [String] = [
            entry.path, "0o" + String(entry.mode, radix: 8), "\(entry.userID)", "\(entry.groupID)", "\(entry.size)",
            entry.sha256?.text ?? "-", entry.target ?? "-",
        ]
        return fields.joined(separator: "\t")
    }

    private static func lines(_ text: String) -> [String] {
        text.split(separator: "\n").map(String.init).sorted()
    }

    @Test("every file of a real root file system has the owner, mode, size and hash that others see in it")
    func realTree() async throws {
        // Links, hard links, modules and data of the machine's own packages; the whole of a root is the same, and takes minutes.
        let folders = ["/usr/lib/x86_64-linux-gnu/perl-base", "/usr/lib/python3", "/etc/ssl", "/usr/share/perl5"]
        let tree = try #require(folders.first { FileManager.default.fileExists(atPath: $0) })
        let handle = try #require(opendir(tree))
        defer { closedir(handle) }
        let evidence = try ImageAnalysis.analyse(
            manifest: nil,
            manifestDigest: nil,
            configuration: nil,
            layers: [],
            rootDirectory: dirfd(handle)
        )
        let manifest = try #require(evidence.manifest)
        #expect(manifest.layers.count == 1)
        let entries = try manifest.layers[0].entries()
        let expected = Self.lines(try await tool("python3").check(["-c", Self.listing, tree]))
        #expect(expected.count > 50)
        #expect(entries.map { Self.line($0.entry) }.sorted() == expected)
        #expect(!entries.contains { !$0.isVisible })
        #expect(manifest.isComplete)
    }

    @Test("a tar that a real program wrote, with holes, hard links and names of every kind, gives the same hashes")
    func realTar() async throws {
        let directory = try TemporaryDirectory("manifest")
        try directory.write([UInt8](repeating: 7, count: 70_000), to: "root/data/plain")
        try directory.write([], to: "root/data/empty")
        try directory.write(Array("größe".utf8), to: "root/data/größe")
        let sparse = directory.file("root/data/sparse")
        try directory.write([1, 2, 3], to: "root/data/sparse")
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: sparse))
        try file.seek(toOffset: 1 << 20)
        try file.write(contentsOf: Data([9]))
        try file.truncate(atOffset: 3 << 20)
        try file.close()
        let manager = FileManager.default
        try manager.linkItem(atPath: directory.file("root/data/plain"), toPath: directory.file("root/data/twin"))
        try manager.createSymbolicLink(atPath: directory.file("root/lib"), withDestinationPath: "data/plain")
        let root = directory.file("root")
        let archive = directory.file("layer.tar")
        try await tool("tar").check(["--sparse", "--numeric-owner", "-C", root, "-cf", archive, "."])
        var builder = ImageBuilder()
        builder.layer(tar: Array(try Data(contentsOf: URL(fileURLWithPath: archive))))
        let manifest = try #require(try analysed(builder.built()).manifest)
        let expected = Self.lines(try await tool("python3").check(["-c", Self.listing, root]))
        #expect(try manifest.layers.first?.entries().map { Self.line($0.entry) }.sorted() == expected)
        #expect(manifest.isComplete)
    }

    private static func shown(_ layer: LayerFiles) throws -> [String] {
        try layer.entries().map { ($0.isVisible ? "" : "-") + $0.entry.path }
    }

    @Test("what a later layer removes or replaces is still listed in its own layer, and told as hidden")
    func hidden() throws {
        let evidence = try analysed(
            layers: { tar in
                tar.file("etc/a", text: "one")
                tar.file("etc/b", text: "two")
                tar.file("opt/old/c", text: "three")
                tar.file("opt/old/d/e", text: "four")
                tar.file("srv/keep", text: "five")
                tar.symlink("lib", to: "usr/lib")
                tar.file("usr/lib/x.so", text: "six")
                tar.file("usr/bin/twice", text: "first")
                tar.file("usr/bin/twice", text: "second")
            },
            { tar in
                tar.file("etc/a", text: "ONE")
                tar.whiteout("etc/b")
                tar.opaque("opt/old")
                tar.file("opt/old/f", text: "seven")
                tar.file("lib/x.so", text: "SIX")
                tar.hardLink("srv/also", to: "srv/keep")
            }
        )
        let manifest = try #require(evidence.manifest)
        try #require(manifest.layers.count == 2)
        #expect(
            try Self.shown(manifest.layers[0]) == [
                "-etc/a", "-etc/b", "lib", "-opt/old/c", "-opt/old/d/e", "srv/keep", "-usr/bin/twice",
                "usr/bin/twice", "-usr/lib/x.so",
            ]
        )
        #expect(try Self.shown(manifest.layers[1]) == ["etc/a", "opt/old/f", "srv/also", "usr/lib/x.so"])
        func hashes(_ layer: Int, _ path: String) throws -> [String?] {
            try manifest.layers[layer].entries().filter { $0.entry.path == path }.map { $0.entry.sha256?.text }
        }
        func hash(_ text: String) -> String { Digest.sha256(Array(text.utf8)).description }
        #expect(try hashes(0, "usr/bin/twice") == [hash("first"), hash("second")])
        #expect(try hashes(1, "srv/also") == [hash("five")])
        #expect(try hashes(0, "etc/a") == [hash("one")] && hashes(1, "etc/a") == [hash("ONE")])
    }

    @Test("owner, mode and capabilities are those of the member")
    func attributes() throws {
        let evidence = try analysed { tar in
            let capabilities = ["security.capability": TarBuilder.netRawCapability]
            tar.file("usr/bin/ping", [1], mode: 0o4755, uid: 7, gid: 8, xattrs: capabilities)
            tar.device("dev/null")
        }
        let entries = try #require(try evidence.manifest?.layers.first?.entries().map(\.entry))
        #expect(entries.map(\.kind) == [.device, .file])
        let ping = entries[1]
        #expect(ping.mode == 0o4755 && ping.userID == 7 && ping.groupID == 8 && ping.size == 1)
        #expect(ping.capabilities == TarBuilder.netRawCapability && entries[0].capabilities.isEmpty)
    }

    @Test("what lies beyond a bound is counted and told, never cut in silence")
    func bounded() throws {
        var limits = AnalysisLimits.standard
        limits.manifestFiles = 3
        let evidence = try analysed(limits: limits) { tar in
            for index in 0..<5 { tar.file("etc/\(index)", text: "\(index)") }
        }
        let manifest = try #require(evidence.manifest)
        #expect(try manifest.layers[0].entries().count == 3)
        #expect(manifest.omitted == 2 && !manifest.isComplete)
        #expect(evidence.problems.contains { $0.reason.contains("there are too many: 2;") })
        limits = .standard
        limits.manifestBytes = 200
        let short = try analysed(limits: limits) { tar in
            for index in 0..<5 { tar.file("etc/\(index)", text: "\(index)") }
        }
        #expect(short.manifest?.omitted == 3)
    }

    @Test("a layer that breaks off in a file gives that file no hash")
    func torn() throws {
        var tar = TarBuilder()
        tar.file("etc/whole", [1])
        tar.file("etc/torn", [UInt8](repeating: 1, count: 5000))
        var builder = ImageBuilder()
        builder.layer(tar: Array(tar.finished().dropLast(4000)), compression: .none)
        let evidence = try analysed(builder.built())
        let manifest = try #require(evidence.manifest)
        #expect(try manifest.layers.first?.entries().map { $0.entry.sha256 != nil } == [false, true])
        #expect(manifest.unhashed == 1)
        #expect(evidence.problems.contains { $0.reason.hasSuffix("could not all be seen: 1") })
    }

    @Test("a manifest crosses as bytes and comes back; bytes that are no manifest are refused and never trap")
    func codec() throws {
        var generator = SeededGenerator(seed: 5)
        let entries = (0..<2_000).map { index -> FileEntry in
            let kind = FileEntry.Kind.allCases[Int.random(in: 0..<8, using: &generator) % 4]
            let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            return FileEntry(
                path: "d\(index / 50)/größe\(String(format: "%05d", index))",
                kind: kind,
                mode: UInt32.random(in: 0...0o7777, using: &generator),
                userID: UInt32.random(in: .min ... .max, using: &generator),
                groupID: 5,
                size: kind == .file ? Int64.random(in: 0...Int64.max, using: &generator) : 0,
                sha256: kind == .file ? FileHash(bytes) : nil,
                capabilities: kind == .file && index % 7 == 0 ? [1, 2] : [],
                target: kind == .symbolicLink ? "../x" : nil
            )
        }.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        let marked = entries.enumerated().map { (entry: $1, isVisible: $0 % 11 > 2) }
        let manifest = FileManifest(layers: [LayerFiles(marked), LayerFiles([])], unhashed: 3, omitted: 4)
        let read = try FileManifest(parsing: manifest.bytes)
        #expect(read == manifest)
        let back = try read.layers[0].entries()
        #expect(back.map(\.entry) == entries && back.map(\.isVisible) == marked.map(\.isVisible))
        #expect(manifest.layers[0].chunks.count > 10)
        // A file that changes, comes or goes moves no other run.
        var other = marked
        other[700].entry.size = 1
        other[700].entry.kind = .file
        other.remove(at: 1200)
        let kept = Set(LayerFiles(other).chunks).intersection(manifest.layers[0].chunks)
        #expect(kept.count >= manifest.layers[0].chunks.count - 3)
        for _ in 0..<300 {
            var bytes = manifest.bytes
            if Bool.random(using: &generator) { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &generator)) }
            for _ in 0..<3 where !bytes.isEmpty {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            _ = try? FileManifest(parsing: bytes).layers.map { try $0.entries() }
        }
    }

    @Test("places of files that are hidden on every platform")
    func ranges() throws {
        let left = [0..<3, 5..<9, 20..<21]
        let right = [2..<6, 8..<30]
        #expect(HiddenRanges.intersection(left, right) == [2..<3, 5..<6, 8..<9, 20..<21])
        #expect(try HiddenRanges.decode(HiddenRanges.encode(left)) == left)
        #expect(throws: PackedError.self) { try HiddenRanges.decode([1]) }
        #expect(throws: PackedError.self) { try HiddenRanges.decode([1, 0]) }
    }
}
