// SPDX-License-Identifier: EUPL-1.2

import Criteria
import Foundation
import Inventory
import SBOM
import TestKit
import Testing

/// Layers, and the executables that the final view must have.
///
/// Every file is executable here: so the list of executables is the view.
struct ViewCase: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var layers: [@Sendable (inout TarBuilder) -> Void]
    var view: [String]

    init(_ name: String, _ view: [String], _ layers: (@Sendable (inout TarBuilder) -> Void)...) {
        testDescription = name
        self.view = view
        self.layers = layers
    }
}

extension TarBuilder {
    fileprivate mutating func executable(_ path: String, bytes: Int = 1) {
        file(path, [UInt8](repeating: 1, count: bytes), mode: 0o755)
    }
}

@Suite("Final view")
struct FileViewTests {
    static let cases: [ViewCase] = [
        ViewCase("a later layer adds", ["a", "b"], { $0.executable("a") }, { $0.executable("b") }),
        ViewCase(
            "a whiteout removes a file",
            ["d/b"],
            {
                $0.executable("d/a"); $0.executable("d/b")
            },
            { $0.whiteout("d/a") }
        ),
        ViewCase(
            "a whiteout removes a directory",
            ["a"],
            {
                $0.executable("a"); $0.executable("d/e/f")
            },
            { $0.whiteout("d") }
        ),
        ViewCase(
            "a whiteout spares what its own layer brings, before or after",
            ["d/new"],
            { $0.executable("d/old") },
            {
                $0.executable("d/new")
                $0.whiteout("d")
            }
        ),
        ViewCase("a whiteout of nothing is nothing", ["a"], { $0.executable("a") }, { $0.whiteout("no/such") }),
        ViewCase(
            "a whiteout in the same layer spares a file",
            ["a"],
            {
                $0.executable("a"); $0.whiteout("a")
            }
        ),
        ViewCase(
            "an opaque directory hides what lies below",
            ["d/c"],
            {
                $0.executable("d/a"); $0.executable("d/s/b")
            },
            {
                $0.directory("d")
                $0.opaque("d")
                $0.executable("d/c")
            }
        ),
        ViewCase(
            "an opaque mark counts wherever it stands",
            ["d/c"],
            { $0.executable("d/a") },
            {
                $0.executable("d/c")
                $0.opaque("d")
            }
        ),
        ViewCase(
            "the root can be opaque",
            ["b"],
            { $0.executable("a") },
            {
                $0.file(".wh..wh..opq", []); $0.executable("b")
            }
        ),
        ViewCase(
            "AUFS book-keeping is not there",
            ["a"],
            {
                $0.executable("a"); $0.executable(".wh..wh.plnk/1"); $0.file(".wh..wh.aufs", [])
            }
        ),
        ViewCase(
            "the last of duplicates wins",
            [],
            {
                $0.executable("a"); $0.file("a", [1], mode: 0o644)
            }
        ),
        ViewCase("a file replaces a directory", ["d"], { $0.executable("d/a") }, { $0.executable("d") }),
        ViewCase(
            "a directory replaces a file",
            ["d/a"],
            { $0.executable("d") },
            {
                $0.directory("d"); $0.executable("d/a")
            }
        ),
        ViewCase(
            "a directory over a directory keeps what is inside",
            ["d/a"],
            { $0.executable("d/a") },
            { $0.directory("d", mode: 0o700) }
        ),
        ViewCase(
            "a hard link is a name of its own",
            ["b"],
            {
                $0.executable("a"); $0.hardLink("b", to: "a")
            },
            { $0.whiteout("a") }
        ),
        ViewCase(
            "a hard link to a file of a lower layer",
            ["a", "b"],
            { $0.executable("a") },
            { $0.hardLink("b", to: "a") }
        ),
        ViewCase(
            "a linked directory is followed",
            ["usr/bin/a", "usr/bin/b"],
            {
                $0.executable("usr/bin/a")
                $0.symlink("bin", to: "usr/bin")
            },
            { $0.executable("bin/b") }
        ),
        ViewCase(
            "an absolute link stays in the root",
            ["usr/bin/b"],
            {
                $0.directory("usr/bin"); $0.symlink("bin", to: "/usr/bin")
            },
            { $0.executable("bin/b") }
        ),
        ViewCase(
            "a link with .. stays in the root",
            ["usr/bin/b"],
            {
                $0.directory("usr/bin"); $0.symlink("x/bin", to: "../../../../usr/bin")
            },
            { $0.executable("x/bin/b") }
        ),
        ViewCase(
            "a link to a missing directory makes it",
            ["usr/lib/b"],
            { $0.symlink("lib", to: "usr/lib") },
            { $0.executable("lib/b") }
        ),
        ViewCase(
            "a whiteout goes through a linked directory",
            ["usr/bin/b"],
            {
                $0.executable("usr/bin/a")
                $0.executable("usr/bin/b")
                $0.symlink("bin", to: "usr/bin")
            },
            { $0.whiteout("bin/a") }
        ),
        ViewCase(
            "a member over a link replaces the link",
            ["a", "b"],
            {
                $0.executable("a"); $0.symlink("b", to: "a")
            },
            { $0.executable("b") }
        ),
        ViewCase(
            "leading ./ and / and doubled slashes are one name",
            ["d/a"],
            { $0.executable("./d/a") },
            { $0.executable("/d//a") }
        ),
        ViewCase("names that differ in how an accent is encoded are two files", ["e\u{301}", "\u{e9}"]) {
            $0.executable("\u{e9}")
            $0.executable("e\u{301}")
        },
        ViewCase("parts with .. are applied by name", ["a"], { $0.executable("d/../a") }),
    ]

    @Test("is what a runtime would show", arguments: cases)
    func view(_ view: ViewCase) throws {
        var image = ImageBuilder()
        for layer in view.layers { image.layer(.none, layer) }
        let evidence = try analysed(image.built())
        #expect(evidence.files.executables.items.map(\.path) == view.view)
        #expect(evidence.problems.isEmpty, "\(evidence.reasons)")
        #expect(evidence.integrity.checks.allSatisfy { $0.problem == nil })
    }

    @Test("bytes that are shipped and hidden are counted, hard links once")
    func bytes() throws {
        let evidence = try analysed(
            layers: {
                $0.executable("a", bytes: 100)
                $0.executable("b", bytes: 10)
                $0.hardLink("c", to: "b")
            },
            {
                $0.whiteout("a")
                $0.executable("d", bytes: 3)
            }
        )
        #expect(evidence.files.hiddenBytes == 100)
        #expect(evidence.files.visibleBytes == 13)
    }

    @Test("facts carry mode, owner, layer and capabilities")
    func facts() throws {
        let evidence = try analysed(
            layers: {
                $0.file("usr/bin/su", [1], mode: 0o4755, uid: 0, gid: 7)
                $0.file("usr/bin/ping", [1], mode: 0o755, xattrs: ["security.capability": TarBuilder.netRawCapability])
                $0.directory("tmp", mode: 0o1777)
                $0.directory("var/open", mode: 0o777)
            },
            {
                $0.file("srv/world", [1, 2], mode: 0o666, uid: 5)
                $0.directory("app/.git")
                $0.file("var/lib/apt/lists/mirror.example.org_x", [1])
                $0.file("var/lib/apt/lists/lock", [])
                $0.file("etc/ssh/sshd_config", [1])
            }
        )
        let files = evidence.files
        #expect(files.privileged.items.map(\.path) == ["usr/bin/ping", "usr/bin/su"])
        #expect(files.privileged.items.map(\.hasCapabilities) == [true, false])
        #expect(files.privileged.items[1].mode == 0o4755 && files.privileged.items[1].groupID == 7)
        #expect(files.worldWritableFiles.items.map(\.path) == ["srv/world"])
        #expect(files.worldWritableFiles.items[0].layer == 1)
        #expect(files.worldWritableDirectories.items.map(\.path) == ["var/open"])
        #expect(files.versionControlDirectories.items.map(\.path) == ["app/.git"])
        #expect(files.packageCaches.items.map(\.path) == ["var/lib/apt/lists/mirror.example.org_x"])
        #expect(files.notable.items.map(\.path) == ["etc/ssh/sshd_config"])
    }

    @Test("lists are cut at their bound and say how many there were")
    func bounds() throws {
        let evidence = try analysed(limits: AnalysisLimits(executables: 2, listedFiles: 1)) {
            for name in ["a", "b", "c"] { $0.file(name, [1], mode: 0o6777) }
        }
        #expect(evidence.files.executables.items.map(\.path) == ["a", "b"])
        #expect(evidence.files.executables.total == 3 && evidence.files.unownedExecutables == 3)
        #expect(evidence.files.privileged.items.count == 1 && evidence.files.privileged.total == 3)
    }

    @Test("a root directory gives the same view as its archive")
    func rootDirectory() async throws {
        var image = ImageBuilder()
        image.layer(.none) {
            $0.file("etc/os-release", text: debianRelease)
            $0.file("var/lib/dpkg/status", text: stanza("bash", "5.2-1"))
            $0.file("var/lib/dpkg/info/bash.list", text: "/.\n/bin\n/bin/bash\n")
            $0.file("usr/bin/bash", [1, 2, 3], mode: 0o755)
            $0.symlink("bin", to: "usr/bin")
            $0.hardLink("usr/bin/rbash", to: "usr/bin/bash")
            $0.symlink("etc/outside", to: "../../../../../../etc")
            $0.file("deploy/key", text: SecretSamples.privateKey)
        }
        let directory = try TemporaryDirectory()
        let archive = try directory.write(image.layers[0].tar, to: "root.tar")
        try FileManager.default.createDirectory(atPath: directory.file("root"), withIntermediateDirectories: true)
        try await tool("tar").check(["-C", directory.file("root"), "-xf", archive])
        let root = open(directory.file("root"), O_RDONLY | O_DIRECTORY)
        defer { close(root) }
        let walked = try ImageAnalysis.analyse(
            manifest: nil,
            manifestDigest: nil,
            configuration: nil,
            layers: [],
            rootDirectory: root
        )
        let unpacked = try analysed(image.built())
        #expect(walked.digest == nil && walked.configuration == nil)
        #expect(walked.components == unpacked.components)
        #expect(walked.files.executables.items.map(\.path) == ["usr/bin/bash", "usr/bin/rbash"])
        #expect(walked.files.executables.items.map(\.owner) == unpacked.files.executables.items.map(\.owner))
        #expect(walked.files.visibleBytes == unpacked.files.visibleBytes)
        #expect(walked.secrets.hits.map(\.subject) == ["deploy/key"])
        #expect(walked.secrets.complete)
    }
}
