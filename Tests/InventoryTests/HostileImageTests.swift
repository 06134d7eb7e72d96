// SPDX-License-Identifier: EUPL-1.2

import Archives
import Criteria
import Inventory
import OCI
import SBOM
import TestKit
import Testing

/// One layer, and part of the problem that it must end in.
struct HostileLayer: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var problem: String
    var build: @Sendable (inout TarBuilder) -> Void
}

@Suite("Hostile images")
struct HostileImageTests {
    static let layers: [HostileLayer] = [
        HostileLayer(
            testDescription: "a name with ..",
            problem: "../../etc/passwd: the member is ignored: it leads out of the root"
        ) {
            $0.file("../../etc/passwd", text: "root::0:0::/:/bin/sh\n")
        },
        HostileLayer(testDescription: "a hard link out of the root", problem: "it leads out of the root") {
            $0.hardLink("x", to: "../../etc/shadow")
        },
        HostileLayer(testDescription: "a hard link to nothing", problem: "it is not there") {
            $0.hardLink("x", to: "no/such")
        },
        HostileLayer(testDescription: "a hard link to a directory", problem: "is no directory") {
            $0.directory("d")
            $0.hardLink("x", to: "d")
        },
        HostileLayer(testDescription: "links in a circle", problem: "its symbolic links do not end") {
            $0.symlink("a", to: "b")
            $0.symlink("b", to: "a")
            $0.file("a/file", [1])
        },
        HostileLayer(testDescription: "a file below a file", problem: "is no directory") {
            $0.file("a", [1])
            $0.file("a/b", [1])
        },
        HostileLayer(testDescription: "a device node", problem: "a device node outside dev/") {
            $0.device("etc/sda", .blockDevice)
        },
        HostileLayer(testDescription: "a whiteout of ..", problem: "the whiteout is ignored") {
            $0.file("etc/.wh...", [])
        },
        HostileLayer(testDescription: "a whiteout of nothing", problem: "the whiteout is ignored") {
            $0.file("etc/.wh.", [])
        },
        HostileLayer(testDescription: "a database that is a device", problem: "no regular file") {
            $0.device("var/lib/dpkg/status")
        },
        HostileLayer(testDescription: "a database behind a circle", problem: "cannot be reached") {
            $0.symlink("var/lib/dpkg/status", to: "status")
        },
        HostileLayer(testDescription: "a database under another name", problem: "not kept") {
            $0.file("opt/other", text: stanza("bash", "1"))
            $0.symlink("var/lib/dpkg/status", to: "/opt/other")
        },
        HostileLayer(testDescription: "a database that is gone", problem: "the package database is gone") {
            $0.file("var/lib/dpkg/info/bash.list", text: "/bin/bash\n")
        },
        HostileLayer(testDescription: "no os-release to speak of", problem: "the distribution is not known") {
            $0.file("etc/os-release", text: "ID=\"../../x\"\n")
        },
    ]

    @Test("a hostile member becomes a problem that names it", arguments: layers)
    func member(_ hostile: HostileLayer) throws {
        let evidence = try analysed(layers: { $0.file("etc/hostname", [1]) }, hostile.build)
        #expect(evidence.reasons.contains { $0.contains(hostile.problem) }, "\(evidence.reasons)")
        #expect(evidence.problems.allSatisfy { $0.layer == 1 || $0.layer == nil })
        #expect(evidence.users.isEmpty)
    }

    @Test("links that multiply and directories without end are bounded")
    func deep() throws {
        let evidence = try analysed(limits: AnalysisLimits(depth: 64, problems: 5)) { tar in
            let long = Array(repeating: "d", count: 40).joined(separator: "/")
            tar.directory(long)
            tar.symlink("s", to: long)
            tar.symlink(long + "/s", to: "../s")
            tar.file("s/" + long + "/file", [1])
            for index in 0..<20 {
                tar.file("s/s/s/\(index)/../../" + Array(repeating: "e", count: 60).joined(separator: "/"), [1])
            }
        }
        #expect(evidence.problems.count == 6)
        #expect(evidence.reasons.contains { $0.contains("too deep") })
        #expect(evidence.reasons.last?.contains("more problems are not listed") == true)
    }

    @Test("a bomb ends in a problem, not in a full memory")
    func bomb() throws {
        var header = TarBuilder()
        header.file("zeros", [], claimedSize: 1 << 33)
        var image = ImageBuilder()
        image.layers.append(
            .init(tar: [], compression: .zstd, stored: TestCompression.zstdBomb(prefix: header.bytes, blocks: 40_000))
        )
        image.layer { $0.file("etc/os-release", text: debianRelease) }
        var limits = AnalysisLimits()
        limits.archive.ratioFloor = 32 << 20
        let evidence = try analysed(image.built(), limits: limits)
        #expect(evidence.reasons.contains { $0.contains("compression ratio") }, "\(evidence.reasons)")
        #expect(evidence.problems.filter(\.affectsComponents).allSatisfy { $0.layer == 0 })
        #expect(evidence.problems.filter { !$0.affectsComponents }.map(\.layer) == [nil], "a file without a hash")
        #expect(!evidence.secrets.complete)
        #expect(evidence.distribution?.codename == "bookworm", "the other layer is analysed")
    }

    @Test("bounds count over all layers together")
    func total() throws {
        var limits = AnalysisLimits()
        limits.archive.entries = 5
        let many: (inout TarBuilder) -> Void = { for index in 0..<3 { $0.file("f\(index)", [1]) } }
        let evidence = try analysed(limits: limits, layers: many, many, many)
        #expect(evidence.problems.map(\.layer) == [1, 2])
        #expect(evidence.reasons.allSatisfy { $0.contains("number of members") }, "\(evidence.reasons)")
        limits.archive.entries = 1000
        limits.archive.uncompressedBytes = 6000
        let bytes = try analysed(limits: limits, layers: many, many)
        #expect(bytes.reasons.contains { $0.contains("uncompressed bytes") }, "\(bytes.reasons)")
    }

    @Test("more layers than the bound, none, or another number than the manifest has, are refused")
    func layerCount() throws {
        var image = ImageBuilder()
        for _ in 0..<3 { image.layer { $0.file("a", [1]) } }
        let built = image.built()
        #expect(throws: AnalysisError.tooManyLayers(count: 3, limit: 2)) {
            try analysed(built, limits: AnalysisLimits(layers: 2))
        }
        var fewer = built
        fewer.layers.removeLast()
        #expect(throws: AnalysisError.layerCount(manifest: 3, given: 2)) { try analysed(fewer) }
        #expect(throws: AnalysisError.nothingToAnalyse) {
            try ImageAnalysis.analyse(
                manifest: nil,
                manifestDigest: nil,
                configuration: nil,
                layers: [],
                rootDirectory: nil
            )
        }
    }

    @Test("broken documents are refused with their reason")
    func documents() throws {
        var image = ImageBuilder()
        image.layer { $0.file("a", [1]) }
        var noManifest = image.built()
        noManifest.manifest = Array("{".utf8)
        #expect(throws: AnalysisError.self) { try analysed(noManifest) }
        var noConfiguration = image.built()
        noConfiguration.configuration = Array("[]".utf8)
        #expect(throws: AnalysisError.self) { try analysed(noConfiguration) }
        var index = image.built()
        index.manifest = BuiltImage.index(of: [(index, nil)])
        #expect { try analysed(index) } throws: { "\($0)".contains("it is an index") }
    }

    // MARK: - Integrity

    @Test("every digest of a sound image is recomputed and holds")
    func sound() throws {
        var image = ImageBuilder()
        image.layer(.gzip) { $0.file("a", [1]) }
        image.layer(.zstd) { $0.file("b", [1]) }
        let evidence = try analysed(image.built())
        #expect(
            evidence.integrity.checks.map(\.subject)
                == ["manifest", "config", "layer 0", "layer 0 diffID", "layer 1", "layer 1 diffID"]
        )
        #expect(evidence.integrity.checks.allSatisfy { $0.problem == nil && $0.actual == $0.expected })
        #expect(evidence.integrity.unknownMediaTypes.isEmpty)
        #expect(evidence.secrets.complete && evidence.secrets.bytesScanned > 2)
    }

    @Test("a wrong manifest, configuration or layer is named")
    func wrong() throws {
        var image = ImageBuilder()
        image.layer(.gzip) { $0.file("etc/os-release", text: debianRelease) }
        let built = image.built()
        func problems(_ image: BuiltImage, _ digest: Digest? = nil) throws -> [String] {
            try analysed(image, manifestDigest: digest).integrity.checks.filter { $0.problem != nil }.map(\.subject)
        }
        #expect(try problems(built, .sha256([1])) == ["manifest"])
        var configuration = built
        configuration.configuration.append(10)
        #expect(try problems(configuration) == ["config"])
        var other = built
        other.layers[0].bytes = TestCompression.none.compressed(image.layers[0].tar)
        #expect(try problems(other) == ["layer 0"])
        var tar = TarBuilder()
        tar.file("etc/os-release", text: debianRelease + "X=1\n")
        var swapped = built
        swapped.layers[0].bytes = TestCompression.gzip.compressed(tar.finished())
        #expect(try problems(swapped) == ["layer 0", "layer 0 diffID"])
        #expect(try analysed(swapped).distribution?.id == "debian")
    }

    @Test("a truncated layer fails its checks and is a problem; the layers around it are analysed")
    func truncated() throws {
        var image = ImageBuilder()
        image.layer(.gzip) { $0.file("etc/os-release", text: debianRelease) }
        image.layer(.gzip) { $0.file("big", [UInt8](repeating: 1, count: 100_000), mode: 0o755) }
        image.layer(.gzip) { $0.file("var/lib/dpkg/status", text: stanza("bash", "5.2")) }
        var built = image.built()
        built.layers[1].bytes.removeLast(50_000)
        let evidence = try analysed(built)
        let failed = evidence.integrity.checks.filter { $0.problem != nil }
        #expect(failed.map(\.subject) == ["layer 1", "layer 1 diffID"])
        #expect(failed[0].problem?.contains("it is truncated") == true, "\(failed[0])")
        #expect(evidence.problems.map(\.layer) == [1])
        #expect(evidence.packages == ["bash 5.2"])
        #expect(!evidence.secrets.complete)
    }

    @Test("changed images never trap and never pass their checks", arguments: 0..<4)
    func changed(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var image = ImageBuilder()
        image.layer([.none, .gzip, .zstd, .none][Int(seed)]) {
            $0.file("etc/os-release", text: debianRelease)
            $0.file("etc/passwd", text: "root:x:0:0:root:/root:/bin/bash\n")
            $0.file("etc/shadow", text: SecretSamples.shadow)
            $0.file(
                "var/lib/dpkg/status",
                text: stanza("bash", "5.2", "Depends: libc6 (>= 2) | musl", "Source: bash-src (5.1)")
                    + stanza("libc6", "2.36")
            )
            $0.file("var/lib/dpkg/info/bash.list", text: "/bin/bash\n")
            $0.file("var/lib/dpkg/diversions", text: "/a\n/b\nbash\n")
            $0.symlink("bin", to: "usr/bin")
            $0.file("usr/bin/bash", [1, 2], mode: 0o755)
            $0.hardLink("usr/bin/rbash", to: "bin/bash")
            $0.file("key", text: SecretSamples.privateKey)
        }
        image.layer(.none) {
            $0.whiteout("usr/bin/bash")
            $0.opaque("etc")
        }
        let built = image.built()
        for _ in 0..<150 {
            var changed = built
            let layer = Int.random(in: 0...1, using: &generator)
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let position = Int.random(in: 0..<changed.layers[layer].bytes.count, using: &generator)
                changed.layers[layer].bytes[position] ^= UInt8.random(in: 1...255, using: &generator)
            }
            if Bool.random(using: &generator) {
                let count = Int.random(in: 1..<changed.layers[layer].bytes.count, using: &generator)
                changed.layers[layer].bytes.removeLast(count)
            }
            let evidence = try analysed(changed)
            let failed = evidence.integrity.checks.contains { $0.problem != nil }
            #expect(failed || changed.layers[layer].bytes == built.layers[layer].bytes)
        }
    }
}
