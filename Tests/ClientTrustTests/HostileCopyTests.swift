// SPDX-License-Identifier: EUPL-1.2

import Attestations
import ClientTrust
import FoundationEssentials
import JSON
import Keys
import OCI
import TestKit
import Testing

/// Copies that somebody made to be believed, or to be read for ever.
@Suite("Copies from strangers")
struct HostileCopyTests {
    @Test("what is released under the name is verified; another digest, name, tag, key, or no log is not")
    func judged() async throws {
        var good = try Copy()
        #expect(try await good.verify().outcome == .failed)
        try good.attach(good.bundle())
        #expect(try await good.verify().outcome == .passed)
        #expect(try await good.verify(name: "registry.example/gov/app:2.0").outcome == .failed)
        #expect(try await good.verify(name: "registry.example/gov/other:1.0").outcome == .failed)
        #expect(try await good.verify(name: "other.example/gov/app:1.0").outcome == .failed)
        let digest = good.image.manifestDigest
        #expect(try await good.verify(name: "registry.example/gov/app@\(digest)").outcome == .passed)
        #expect(try await good.verify(name: "registry.example/gov/app@\(Digest.sha256([]))").outcome == .failed)
        for make in [
            { try $0.bundle(.sha256([1])) }, { try $0.bundle(name: "registry.example/gov/app:2.0") },
            { try $0.bundle(name: "registry.example/gov/app") }, { try $0.bundle(by: TestKey()) },
            { try $0.bundle(isLogged: false) }, { try $0.bundle(by: $0.log) }, { _ in Array("{}".utf8) }, { _ in [] },
        ] as [(Copy) throws -> [UInt8]] {
            var copy = try Copy()
            try copy.attach(make(copy))
            let refused = try await copy.verify()
            #expect(refused.outcome == .failed)
            // Beside a good one, a bad one changes nothing.
            try copy.attach(copy.bundle())
            #expect(try await copy.verify().outcome == .passed)
        }
    }

    @Test("no flipped bit of a bundle passes")
    func flipped() async throws {
        let copy = try Copy()
        let bundle = try copy.bundle()
        for position in stride(from: 0, to: bundle.count, by: 41) {
            var changed = bundle
            changed[position] ^= 1
            var other = copy
            try other.attach(changed)
            let verification = try await other.verify()
            guard verification.outcome == .passed else { continue }
            // Members that nothing is decided by: the hint, and the names of the entry's kind, which is read from the entry itself.
            var parsed = try SigstoreBundle(parsing: changed)
            let original = try SigstoreBundle(parsing: bundle)
            parsed.hint = original.hint
            for index in parsed.logEntries.indices {
                parsed.logEntries[index].kind = original.logEntries[index].kind
                parsed.logEntries[index].version = original.logEntries[index].version
            }
            #expect(parsed == original, "\(position)")
        }
    }

    @Test("endless lists, huge layers and broken lists end within bounds, and are no pass")
    func bounds() async throws {
        // More signatures than are read.
        var many = try Copy()
        let tag = "sha256-\(many.image.manifestDigest.hex).sig"
        let payload = Array("{}".utf8)
        try many.blob(payload)
        func list(_ layers: [Descriptor]) -> [UInt8] {
            ImageManifest(config: Copy.descriptor(payload, MediaType.imageConfig), layers: layers).json.bytes()
        }
        let layer = Copy.descriptor(payload, SimpleSigning.mediaType)
        try many.add(list(Array(repeating: layer, count: AttestationLimits.layers + 1)), tag: tag)
        let refused = try await many.verify()
        #expect(refused.outcome == .failed)
        #expect(refused.images.first?.pieces.first?.problem?.contains("more than 256") == true)
        // Layers that say they are huge: none is read, and together they end the reading.
        var huge = try Copy()
        var claimed = layer
        claimed.size = 200 << 20
        try huge.add(list([claimed, claimed]), tag: tag)
        let cut = try await huge.verify()
        #expect(cut.outcome == .undecided)
        #expect(cut.images.first?.pieces.last?.problem?.contains("MiB are attached") == true)
        // More referrers than are looked at.
        var crowded = try Copy()
        for number in 0...256 {
            var manifest = SigstoreBundle.referrer(
                bundle: [],
                predicateType: nil,
                subject: crowded.entries[0],
                created: Copy.now
            )
            manifest.annotations["number"] = "\(number)"
            manifest.layers = []
            try crowded.add(manifest.json.bytes())
        }
        let open = try await crowded.verify()
        #expect(open.outcome == .undecided)
        #expect(open.images.first?.others.count == 256)
        // A list that is an index, one that is no manifest, one that is not there.
        for bytes in [ImageIndex(manifests: []).json.bytes(), Array("[]".utf8)] {
            var broken = try Copy()
            try broken.add(bytes, bytes.first == 0x5B ? MediaType.imageManifest : MediaType.imageIndex, tag: tag)
            #expect(try await broken.verify().outcome == .failed)
            try FileManager.default.removeItem(
                atPath: broken.directory.file("layout/blobs/sha256/\(Digest.sha256(bytes).hex)")
            )
            #expect(try await broken.verify().outcome == .failed)
        }
    }

    @Test("an index is verified with all its images, and fails with one that is missing, unsigned or an index itself")
    func index() async throws {
        func copy(_ children: [[UInt8]], types: [String]? = nil, signed: Int) throws -> Copy {
            var copy = try Copy()
            for (number, child) in children.enumerated() {
                try copy.blob(child)
                let descriptor = Copy.descriptor(child, types?[number] ?? MediaType.imageManifest)
                if number < signed { try copy.attach(try copy.bundle(.sha256(child)), to: descriptor) }
            }
            let index = ImageIndex(
                manifests: children.enumerated().map { Copy.descriptor($1, types?[$0] ?? MediaType.imageManifest) }
            ).json.bytes()
            try copy.add(index, MediaType.imageIndex, tag: "multi")
            try copy.attach(
                try copy.bundle(.sha256(index), name: "registry.example/gov/app:1.0"),
                to: Copy.descriptor(index, MediaType.imageIndex)
            )
            return copy
        }
        func verify(_ copy: Copy) async throws -> ImageVerification {
            try await copy.verify("oci:\(copy.directory.file("layout")):multi")
        }
        let base = try Copy()
        let second = ReencodedManifest.of(base.image.manifest)
        let whole = try copy([base.image.manifest, second], signed: 2)
        #expect(try await verify(whole).outcome == .passed)
        let unsigned = try await verify(try copy([base.image.manifest, second], signed: 1))
        #expect(unsigned.outcome == .failed && unsigned.items.filter { $0.outcome == .failed }.count == 2)
        try FileManager.default.removeItem(
            atPath: whole.directory.file("layout/blobs/sha256/\(Digest.sha256(second).hex)")
        )
        let missing = try await verify(whole)
        #expect(missing.items.contains { $0.finding == .missing(.sha256(second)) && $0.outcome == .failed })
        let inner = ImageIndex(manifests: []).json.bytes()
        let nested = try await verify(
            try copy([base.image.manifest, inner], types: [MediaType.imageManifest, MediaType.imageIndex], signed: 2)
        )
        #expect(nested.items.contains { $0.finding == .nested(.sha256(inner)) && $0.outcome == .failed })
    }

    @Test("trust roots: what is wrong is named, and a role of later times is believed nothing")
    func trustRoots() throws {
        let copy = try Copy()
        let root = try TrustRoot(parsing: copy.root())
        #expect(root.keys.map(\.role) == [.release, .logTimestamps, .verdict, .scan] && root.noteKeys.count == 1)
        let later = try TrustRoot(
            parsing: copy.root { members in
                let keys = members["keys"]?.arrayValue ?? []
                guard var first = keys.first?.objectValue else { return }
                first["role"] = "astrology"
                members["keys"] = .array([.object(first)] + keys.dropFirst())
            }
        )
        #expect(later.keys.map(\.role) == [.logTimestamps, .verdict, .scan])
        for (name, value, says) in [
            ("schemaVersion", 2, "schemaVersion"), ("registry", "a b", "registry"), ("registry", .null, "registry"),
            ("log", "other.example/log", "logKeys"), ("logKeys", ["x"], "logKeys"), ("keys", [1], "keys[0]"),
            ("keys", .array(Array(repeating: [:], count: 300)), "keys"), ("openPGP", "x", "openPGP"),
        ] as [(String, JSONValue, String)] {
            do {
                _ = try TrustRoot(parsing: copy.root { $0[name] = value })
                Issue.record("\(name) \(value.text()) was accepted")
            } catch let error as TrustRootError { #expect(error.path.contains(says), "\(error)") }
        }
        var bytes = try copy.root()
        for position in stride(from: 0, to: bytes.count, by: 13) {
            bytes[position] ^= 0x21
            _ = try? TrustRoot(parsing: bytes)
            bytes[position] ^= 0x21
        }
        #expect(throws: TrustRootError.self) {
            try TrustRoot(parsing: [UInt8](repeating: 0x20, count: TrustRoot.maximumBytes + 1))
        }
    }
}

/// The same manifest with a space behind it: another digest, the same blobs.
enum ReencodedManifest {
    static func of(_ bytes: [UInt8]) -> [UInt8] { bytes + [0x20] }
}
