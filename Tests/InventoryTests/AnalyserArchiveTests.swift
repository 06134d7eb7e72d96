// SPDX-License-Identifier: EUPL-1.2

import Criteria
import Foundation
import ImageSources
import Inventory
import OCI
import SBOM
import TestKit
import Testing

/// Every form in which an image can lie on disk, through the real child.
@Suite("Image forms")
struct AnalyserArchiveTests {
    private static func analyse(_ location: String, platform: Platform = Platform(architecture: "amd64", os: "linux"))
        async throws -> ImageEvidence
    {
        let kontor = try analyserProgram()
        let opened = try await ImageOpener(platform: platform).open(try ImageLocation(parsing: location))
        return try await Analyser(executable: kontor, temporaryDirectory: NSTemporaryDirectory()).analyse(
            AnalyserInput(opened)
        )
    }

    private static func image(_ marker: String = "one", architecture: String = "amd64") -> BuiltImage {
        var builder = ImageBuilder()
        builder.architecture = architecture
        builder.labels = ["marker": marker]
        builder.layer(.gzip) { tar in
            tar.directory("etc")
            tar.file("etc/os-release", text: "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n")
            tar.file("etc/marker-\(marker)", text: marker)
            tar.directory("usr")
            tar.directory("usr/bin")
            tar.file("usr/bin/su", text: "\u{7f}ELF", mode: 0o4755)
        }
        builder.layer(.gzip) { tar in tar.file("tmp-file", text: "secret", mode: 0o666) }
        return builder.built()
    }

    /// What must not depend on how the image was packed.
    private static func essence(_ evidence: ImageEvidence) -> ImageEvidence {
        var copy = evidence
        copy.digest = nil
        copy.integrity = IntegrityEvidence()
        copy.annotations = [:]
        return copy
    }

    @Test("layout, archives and compressed archives of one image give identical evidence")
    func identical() async throws {
        let directory = try TemporaryDirectory()
        let image = Self.image()
        try image.writeOCILayout(to: directory.file("layout"), tag: "v1")
        try directory.write(image.ociArchive(tag: "v1"), to: "oci.tar")
        let layout = try await Self.analyse("oci:" + directory.file("layout"))
        let tagged = try await Self.analyse("oci:" + directory.file("layout") + ":v1")
        let digested = try await Self.analyse("oci:" + directory.file("layout") + "@\(image.manifestDigest)")
        let archive = try await Self.analyse("oci-archive:" + directory.file("oci.tar"))
        #expect(layout.digest == image.manifestDigest)
        #expect(tagged == layout)
        #expect(digested == layout)
        #expect(archive == layout)
        for (program, suffix) in [("gzip", ".gz"), ("zstd", ".zst"), ("xz", ".xz")] {
            try await tool(program).check(["-k", "-q", directory.file("oci.tar")])
            #expect(try await Self.analyse("oci-archive:" + directory.file("oci.tar" + suffix)) == layout, "\(program)")
        }
        #expect(layout.files.privileged.items.map(\.path) == ["usr/bin/su"])
    }

    @Test("an archive of docker save gives the same evidence, but for the manifest that it does not have")
    func dockerArchive() async throws {
        let directory = try TemporaryDirectory()
        var builder = ImageBuilder()
        builder.layer(.none) { $0.file("etc/os-release", text: "ID=debian\n") }
        let image = builder.built()
        try image.writeOCILayout(to: directory.file("layout"))
        try directory.write(image.dockerArchive(tags: ["host.test/app:1"]), to: "docker.tar")
        let layout = try await Self.analyse("oci:" + directory.file("layout"))
        let archive = try await Self.analyse("docker-archive:" + directory.file("docker.tar"))
        let named = try await Self.analyse("docker-archive:" + directory.file("docker.tar") + ":host.test/app:1")
        #expect(Self.essence(archive) == Self.essence(layout))
        #expect(named == archive)
        #expect(archive.digest == nil)
    }

    @Test("a real tool's archives are read: skopeo writes both forms")
    func skopeo() async throws {
        let directory = try TemporaryDirectory()
        let image = Self.image()
        try image.writeOCILayout(to: directory.file("layout"), tag: "v1")
        let source = "oci:" + directory.file("layout") + ":v1"
        let skopeo = try tool("skopeo")
        try await skopeo.check(["--insecure-policy", "copy", "-q", source, "oci-archive:" + directory.file("a.tar")])
        try await skopeo.check([
            "--insecure-policy", "copy", "-q", source, "docker-archive:" + directory.file("b.tar") + ":host.test/app:1",
        ])
        let layout = try await Self.analyse(source)
        #expect(try await Self.analyse("oci-archive:" + directory.file("a.tar")) == layout)
        let saved = try await Self.analyse("docker-archive:" + directory.file("b.tar"))
        #expect(saved.files == layout.files)
        #expect(saved.distribution == layout.distribution)
        #expect(saved.integrity.checks.allSatisfy { $0.problem == nil })
    }

    @Test("a root file system is read, and nothing outside it")
    func rootFileSystem() async throws {
        let directory = try TemporaryDirectory()
        try directory.write(Array("ID=debian\nVERSION_CODENAME=bookworm\n".utf8), to: "root/etc/os-release")
        try directory.write(Array("outside:x:4711:4711::/:/bin/sh\n".utf8), to: "outside")
        try FileManager.default.createSymbolicLink(
            atPath: directory.file("root/etc/passwd"),
            withDestinationPath: directory.file("outside")
        )
        let evidence = try await Self.analyse("dir:" + directory.file("root"))
        #expect(evidence.digest == nil)
        #expect(evidence.distribution?.codename == "bookworm")
        #expect(evidence.users.isEmpty)
    }

    @Test("an index gives the image of the platform, and says what there is when it has none")
    func platforms() async throws {
        let directory = try TemporaryDirectory()
        let amd = Self.image("amd"), arm = Self.image("arm", architecture: "arm64")
        let index = BuiltImage.index(of: [(amd, nil), (arm, nil)])
        let digest = Digest.sha256(index)
        try BuiltImage.writeOCILayout(of: [(amd, nil), (arm, nil)], to: directory.file("layout"))
        try directory.write(index, to: "layout/blobs/sha256/" + digest.hex)
        let top = """
            {"schemaVersion":2,"mediaType":"\(MediaType.imageIndex)","manifests":[{"mediaType":"\(MediaType.imageIndex)",\
            "digest":"\(digest)","size":\(index.count),"annotations":{"org.opencontainers.image.ref.name":"multi"}}]}
            """
        try directory.write(Array(top.utf8), to: "layout/index.json")
        let location = "oci:" + directory.file("layout") + ":multi"
        #expect(try await Self.analyse(location).digest == amd.manifestDigest)
        #expect(
            try await Self.analyse(location, platform: Platform(architecture: "arm64", os: "linux")).digest
                == arm.manifestDigest
        )
        await #expect {
            try await Self.analyse(location, platform: Platform(architecture: "s390x", os: "linux"))
        } throws: { "\($0)".contains("there is: linux/amd64, linux/arm64") && "\($0)".contains("--platform") }
    }

    @Test("several images without a choice are named, and one that is not there is said")
    func ambiguous() async throws {
        let directory = try TemporaryDirectory()
        let images: [(BuiltImage, String?)] = [(Self.image("one"), "one"), (Self.image("two"), "two")]
        try BuiltImage.writeOCILayout(of: images, to: directory.file("layout"))
        var tar = TarBuilder()
        for file in BuiltImage.layoutFiles(of: images) { tar.file(file.path, file.bytes) }
        try directory.write(tar.finished(), to: "both.tar")
        for form in ["oci:" + directory.file("layout"), "oci-archive:" + directory.file("both.tar")] {
            await #expect { try await Self.analyse(form) } throws: {
                "\($0)".contains("holds 2 images") && "\($0)".contains(":one, :two")
            }
            await #expect { try await Self.analyse(form + ":three") } throws: {
                "\($0)".contains("has no image three; there is: :one, :two")
            }
            #expect(try await Self.analyse(form + ":two").configuration?.labels["marker"] == "two")
        }
    }

    struct Broken: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var form: String
        var bytes: [UInt8]
        var says: String
    }

    static let broken: [Broken] = {
        let image = Self.image()
        var twice = TarBuilder()
        for _ in 0..<2 { twice.file("oci-layout", text: #"{"imageLayoutVersion":"1.0.0"}"#) }
        var circle = TarBuilder()
        circle.file("manifest.json", text: #"[{"Config":"c","RepoTags":[],"Layers":["a"]}]"#)
        circle.file("c", text: "{}")
        circle.symlink("a", to: "b")
        circle.symlink("b", to: "a")
        var outside = TarBuilder()
        outside.file("manifest.json", text: #"[{"Config":"../../../etc/passwd","RepoTags":[],"Layers":[]}]"#)
        let whole = image.ociArchive()
        return [
            Broken(
                testDescription: "not a tar",
                form: "oci-archive",
                bytes: Array("hello, this is no archive at all".utf8),
                says: "not a tar"
            ),
            Broken(testDescription: "empty", form: "oci-archive", bytes: [], says: "has no member oci-layout"),
            Broken(
                testDescription: "a member twice",
                form: "oci-archive",
                bytes: twice.finished(),
                says: "is there twice"
            ),
            Broken(
                testDescription: "cut off",
                form: "oci-archive",
                bytes: Array(whole.prefix(whole.count / 2)),
                says: "malformed"
            ),
            Broken(testDescription: "the other form", form: "docker-archive", bytes: whole, says: "write oci-archive:"),
            Broken(
                testDescription: "the other form too",
                form: "oci-archive",
                bytes: image.dockerArchive(),
                says: "write docker-archive:"
            ),
            Broken(
                testDescription: "links in a circle",
                form: "docker-archive",
                bytes: circle.finished(),
                says: "circle"
            ),
            Broken(
                testDescription: "a name that leads out",
                form: "docker-archive",
                bytes: outside.finished(),
                says: "is missing"
            ),
        ]
    }()

    @Test("a broken archive is a clear error", arguments: broken)
    func brokenArchive(_ item: Broken) async throws {
        let directory = try TemporaryDirectory()
        try directory.write(item.bytes, to: "a.tar")
        await #expect {
            try await Self.analyse("\(item.form):" + directory.file("a.tar"))
        } throws: { error in
            guard let error = error as? AnalyserError, case .image = error, !error.isRetryable else { return false }
            return error.description.contains(item.says)
        }
    }

    @Test("a broken layout is a clear error that names the file")
    func brokenLayout() async throws {
        let directory = try TemporaryDirectory()
        let image = Self.image()
        try image.writeOCILayout(to: directory.file("l"), tag: "v1")
        await #expect { try await Self.analyse("oci:" + directory.file("nowhere")) } throws: {
            "\($0)".contains("no such file or directory")
        }
        try FileManager.default.removeItem(atPath: directory.file("l/blobs/sha256/" + image.layers[1].digest.hex))
        await #expect { try await Self.analyse("oci:" + directory.file("l")) } throws: {
            "\($0)".contains(image.layers[1].digest.hex)
        }
        try directory.write(Array("{}".utf8), to: "l/blobs/sha256/" + image.manifestDigest.hex)
        await #expect { try await Self.analyse("oci:" + directory.file("l")) } throws: {
            "\($0)".contains("should have digest \(image.manifestDigest)")
        }
        try FileManager.default.removeItem(atPath: directory.file("l/oci-layout"))
        await #expect { try await Self.analyse("oci:" + directory.file("l")) } throws: {
            "\($0)".contains("oci-layout")
        }
    }
}
