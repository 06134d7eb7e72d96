// SPDX-License-Identifier: EUPL-1.2

import Criteria
import Foundation
import ImageSources
import Inventory
import OCI
import SBOM
import TestKit
import Testing

@Suite("Records of layers")
struct LayerRecordTests {
    private static func status(_ packages: [(String, String)]) -> String {
        packages.map { name, version in
            """
            Package: \(name)
            Status: install ok installed
            Architecture: amd64
            Maintainer: Somebody
            Version: \(version)
            """
        }
        .joined(separator: "\n\n") + "\n"
    }

    private static func base(_ tar: inout TarBuilder) {
        tar.directory("etc")
        tar.file("etc/os-release", text: "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n")
        tar.file("var/lib/dpkg/status", text: status([("libc6", "2.36-9"), ("gone", "1.0-1")]))
        tar.file("var/lib/dpkg/info/libc6.list", text: "/.\n/lib\n/lib/libc.so.6\n")
        tar.file("lib/libc.so.6", text: "bytes")
        tar.file("usr/share/doc/libc6/copyright", text: "License: LGPL-2.1+\n")
        tar.file(
            "usr/lib/python3/dist-packages/left-1.0.dist-info/METADATA",
            text: "Metadata-Version: 2.1\nName: left\nVersion: 1.0\n\n"
        )
        tar.file(
            "usr/lib/python3/dist-packages/over-1.0.dist-info/METADATA",
            text: "Metadata-Version: 2.1\nName: over\nVersion: 1.0\n\n"
        )
        tar.file("root/.ssh/id_rsa", text: SecretSamples.privateKey, mode: 0o600)
        tar.file("usr/bin/su", text: "#!/bin/sh\n", mode: 0o4755)
        tar.directory("opt/old")
        tar.file("opt/old/a", text: "a")
    }

    /// Two layers: the upper one hides, replaces, links and adds.
    private static func image(_ extra: String = "x") -> BuiltImage {
        var builder = ImageBuilder()
        builder.layer(.gzip) { base(&$0) }
        builder.layer(.zstd) { tar in
            tar.file("opt/old/.wh..wh..opq", text: "")
            tar.file("opt/old/b", text: extra)
            tar.file(
                "usr/lib/python3/dist-packages/over-1.0.dist-info/METADATA",
                text: "Metadata-Version: 2.1\nName: over\nVersion: 2.0\n\n"
            )
            tar.file("usr/lib/python3/dist-packages/.wh.left-1.0.dist-info", text: "")
            tar.file("var/lib/dpkg/status", text: status([("libc6", "2.36-9"), ("new", "3.0-1")]))
            tar.file("app/node_modules/one/package.json", text: #"{"name": "one", "version": "1.2.3"}"#)
            tar.directory("app/broken")
            tar.file("app/broken/.wh.", text: "")
        }
        return builder.built()
    }

    /// The image with its layers in files, as a registry and a layout have them.
    private static func input(_ image: BuiltImage, _ directory: TemporaryDirectory, spoilt: Bool = false) throws
        -> AnalyserInput
    {
        var layers: [AnalyserInput.Layer] = []
        for layer in image.layers {
            let path = directory.file(UUID().uuidString)
            var bytes = layer.bytes
            if spoilt { bytes.append(0) }
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            layers.append(
                .init(
                    bytes: .descriptor(try .file(path), offset: 0, length: nil),
                    mediaType: layer.mediaType,
                    digest: layer.digest
                )
            )
        }
        return AnalyserInput(
            manifest: image.manifest,
            digest: image.manifestDigest,
            configuration: image.configuration,
            layers: layers
        )
    }

    private static func analyser(_ records: LayerRecordStore?) throws -> Analyser {
        Analyser(executable: try analyserProgram(), temporaryDirectory: NSTemporaryDirectory(), records: records)
    }

    private static func files(_ directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted().map { directory + "/" + $0 }
    }

    @Test("an image tells the same whether its layers are read or remembered")
    func same() async throws {
        let directory = try TemporaryDirectory("layers")
        let store = LayerRecordStore(directory: directory.file("records"))
        let input = try Self.input(Self.image(), directory)
        let read = try await Self.analyser(nil).analyse(input)
        let first = try await Self.analyser(store).analyse(input)
        let second = try await Self.analyser(store).analyse(input)
        #expect(first.json == read.json)
        #expect(second.json == read.json)
        let manifest = try #require(read.manifest)
        #expect(manifest.layers.count == 2 && manifest.isComplete)
        #expect(first.manifest == manifest && second.manifest == manifest)
        #expect(try Self.files(store.directory).count == 2)
        // The image holds what the comparison is worth something for.
        let names = Set(read.components.map { "\($0.name) \($0.version)" })
        #expect(names.isSuperset(of: ["libc6 2.36-9", "new 3.0-1", "over 2.0", "one 1.2.3"]))
        #expect(!names.contains("left 1.0") && !names.contains("gone 1.0-1"))
        #expect(read.secrets.hits.contains { $0.subject == "root/.ssh/id_rsa" && $0.layer == 0 })
        #expect(read.problems.contains { $0.reason.contains("whiteout") })
        #expect(read.components.first { $0.name == "libc6" }?.licenses == ["LGPL-2.1-or-later"])
    }

    @Test("a base that another image brought is not read again")
    func shared() async throws {
        let directory = try TemporaryDirectory("layers")
        let store = LayerRecordStore(directory: directory.file("records"))
        _ = try await Self.analyser(store).analyse(Self.input(Self.image(), directory))
        let other = try Self.input(Self.image("another"), directory)
        let read = try await Self.analyser(nil).analyse(other)
        #expect(try await Self.analyser(store).analyse(other).json == read.json)
        #expect(try Self.files(store.directory).count == 3)
    }

    @Test("a record that is damaged is as good as none")
    func damaged() async throws {
        let directory = try TemporaryDirectory("layers")
        let store = LayerRecordStore(directory: directory.file("records"))
        let input = try Self.input(Self.image(), directory)
        let read = try await Self.analyser(store).analyse(input)
        for path in try Self.files(store.directory) {
            let whole = try Data(contentsOf: URL(fileURLWithPath: path))
            for place in [0, 25, 60, whole.count / 2, whole.count - 1] {
                var bytes = whole
                bytes[place] ^= 0x20
                try bytes.write(to: URL(fileURLWithPath: path))
                #expect(try await Self.analyser(store).analyse(input).json == read.json, "byte \(place)")
            }
            for count in [0, 10, 40, whole.count - 1] {
                try whole.prefix(count).write(to: URL(fileURLWithPath: path))
                #expect(try await Self.analyser(store).analyse(input).json == read.json, "\(count) bytes")
            }
            try whole.write(to: URL(fileURLWithPath: path))
        }
    }

    @Test("a layer that is not what its digest says is never remembered, and is found out each time")
    func spoilt() async throws {
        let directory = try TemporaryDirectory("layers")
        let store = LayerRecordStore(directory: directory.file("records"))
        let input = try Self.input(Self.image(), directory, spoilt: true)
        for _ in 0..<2 {
            let evidence = try await Self.analyser(store).analyse(input)
            #expect(evidence.integrity.checks.contains { $0.problem != nil })
        }
        #expect(!FileManager.default.fileExists(atPath: store.directory))
    }

    @Test("bytes that do not have the digest of a remembered layer are read as they are")
    func contradicted() async throws {
        let directory = try TemporaryDirectory("layers")
        let store = LayerRecordStore(directory: directory.file("records"))
        _ = try await Self.analyser(store).analyse(Self.input(Self.image(), directory))
        #expect(try Self.files(store.directory).count == 2)
        let spoilt = try Self.input(Self.image(), directory, spoilt: true)
        let read = try await Self.analyser(nil).analyse(spoilt)
        #expect(read.integrity.checks.contains { $0.problem != nil })
        #expect(try await Self.analyser(store).analyse(spoilt).json == read.json)
    }

    @Test("the oldest records make room")
    func bounded() async throws {
        let directory = try TemporaryDirectory("layers")
        let store = LayerRecordStore(directory: directory.file("records"), limit: 1)
        let input = try Self.input(Self.image(), directory)
        let read = try await Self.analyser(nil).analyse(input)
        #expect(try await Self.analyser(store).analyse(input).json == read.json)
        #expect(try Self.files(store.directory).isEmpty)
    }
}
