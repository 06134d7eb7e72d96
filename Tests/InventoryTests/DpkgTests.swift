// SPDX-License-Identifier: EUPL-1.2

import Criteria
import Inventory
import SBOM
import TestKit
import Testing

/// Contents of a `status` file, and the packages or problems that it must yield.
struct StatusCase: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var status: String
    var packages: [String]
    var problems: [String]

    init(_ name: String, _ status: String, _ packages: [String], problems: [String] = []) {
        testDescription = name
        self.status = status
        self.packages = packages
        self.problems = problems
    }
}

@Suite("dpkg")
struct DpkgTests {
    static let cases: [StatusCase] = [
        StatusCase("two packages", stanza("bash", "5.2-1") + stanza("dash", "0.5"), ["bash 5.2-1", "dash 0.5"]),
        StatusCase("no empty line at the end", "Package: a\nVersion: 1\nStatus: install ok installed", ["a 1"]),
        StatusCase("CR LF", "Package: a\r\nVersion: 1\r\n\r\nPackage: b\r\nVersion: 2\r\n", ["a 1", "b 2"]),
        StatusCase(
            "only configuration files are left",
            "Package: a\nStatus: deinstall ok config-files\nVersion: 1\n",
            []
        ),
        StatusCase("never installed", "Package: a\nStatus: purge ok not-installed\n", []),
        StatusCase(
            "half-configured is on the disk",
            "Package: a\nStatus: install ok half-configured\nVersion: 1\n",
            ["a 1"]
        ),
        StatusCase("held", "Package: a\nStatus: hold ok installed\nVersion: 1\n", ["a 1"]),
        StatusCase("no status means installed", "Package: a\nVersion: 1\n", ["a 1"]),
        StatusCase("field names in any case", "PACKAGE: a\nversion: 1\n", ["a 1"]),
        StatusCase("epoch, tilde and plus", stanza("a", "2:1.0~rc1+dfsg-3+b1"), ["a 2:1.0~rc1+dfsg-3+b1"]),
        StatusCase(
            "two architectures",
            stanza("libc6", "2.36") + stanza("libc6", "2.36", architecture: "i386"),
            ["libc6 2.36", "libc6 2.36"]
        ),
        StatusCase("the same stanza twice", stanza("a", "1") + stanza("a", "1"), ["a 1"]),
        StatusCase(
            "a continuation line with a stanza inside",
            stanza("a", "1", "Description: x", " Package: b", " ."),
            ["a 1"]
        ),
        StatusCase(
            "no version",
            "Package: a\n\n" + stanza("b", "1"),
            ["b 1"],
            problems: ["package \"a\" has no Version"]
        ),
        // Text with a NUL once kept an image from ever getting its verdict.
        StatusCase(
            "NUL and escape sequences in a name",
            stanza("a\0b", "1") + stanza("c", "1\u{1b}[2J") + stanza("d", "1"),
            ["d 1"],
            problems: [
                "package \"a?b\" has a control character in a name, version or architecture",
                "package \"c\" has a control character in a name, version or architecture",
            ]
        ),
        StatusCase(
            "no name",
            "Version: 1\n\n" + stanza("b", "1"),
            ["b 1"],
            problems: ["line 1: a stanza without Package"]
        ),
        StatusCase(
            "a line without a colon",
            "Package: a\nnonsense\nVersion: 1\n",
            ["a 1"],
            problems: ["line 2: a line that is no field"]
        ),
        StatusCase(
            "a strange status",
            "Package: a\nStatus: ok\nVersion: 1\n",
            [],
            problems: ["instead of three words"]
        ),
        StatusCase(
            "bytes that are no text",
            "\u{1}\u{2}\n\n\n\u{7f}",
            [],
            problems: ["line 1: a line that is no field"]
        ),
        StatusCase("an empty file", "", []),
    ]

    @Test("status is read as dpkg means it", arguments: cases)
    func status(_ status: StatusCase) throws {
        let evidence = try analysed { $0.file("var/lib/dpkg/status", text: status.status) }
        #expect(evidence.packages == status.packages)
        for problem in status.problems {
            #expect(evidence.reasons.contains { $0.contains(problem) }, "\(evidence.reasons)")
        }
        #expect(evidence.problems.isEmpty == status.problems.isEmpty, "\(evidence.reasons)")
        #expect(evidence.problems.allSatisfy { $0.affectsComponents })
    }

    @Test("fields and stanzas may be huge")
    func huge() throws {
        let long = "Description: x\n" + String(repeating: " " + String(repeating: "y", count: 1000) + "\n", count: 3000)
        let one = "Conffiles:" + String(repeating: "z", count: 2_000_000)
        let evidence = try analysed {
            $0.file(
                "var/lib/dpkg/status",
                text: "Package: a\n\(long)Version: 1\n\(one)\nArchitecture: all\n\n" + stanza("b", "2")
            )
        }
        #expect(evidence.packages == ["a 1", "b 2"])
        #expect(evidence.components[0].architecture == "all")
    }

    /// As syft 1.18.1 writes them for the same stanzas.
    @Test(
        "purls are syft's",
        arguments: [
            (
                stanza("bash", "5.2.15-2+b7", "Source: bash (5.2.15-2)"),
                "pkg:deb/debian/bash@5.2.15-2%2Bb7?arch=amd64&distro=debian-12&upstream=bash%405.2.15-2"
            ),
            (
                stanza("libc6", "2.36-9+deb12u10", "Source: glibc"),
                "pkg:deb/debian/libc6@2.36-9%2Bdeb12u10?arch=amd64&distro=debian-12&upstream=glibc"
            ),
            (stanza("adduser", "3.134", architecture: "all"), "pkg:deb/debian/adduser@3.134?arch=all&distro=debian-12"),
            (
                stanza("login", "1:4.13+dfsg1-1", "Source: shadow"),
                "pkg:deb/debian/login@1:4.13%2Bdfsg1-1?arch=amd64&distro=debian-12&upstream=shadow"
            ),
            (
                stanza("libstdc++6", "12.2.0-14", "Source: gcc-12"),
                "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14?arch=amd64&distro=debian-12&upstream=gcc-12"
            ),
        ]
    )
    func purls(_ text: String, _ purl: String) throws {
        let evidence = try analysed {
            $0.file("usr/lib/os-release", text: debianRelease)
            $0.symlink("etc/os-release", to: "../usr/lib/os-release")
            $0.file("var/lib/dpkg/status", text: text)
        }
        #expect(evidence.components.map { $0.purl?.description } == [nil, purl])
        let system = evidence.components[0]
        #expect(system.kind == .operatingSystem && system.name == "debian" && system.version == "12")
        #expect(system.paths == ["usr/lib/os-release"])
    }

    @Test("source name and version are always known")
    func source() throws {
        let evidence = try analysed {
            $0.file(
                "var/lib/dpkg/status",
                text: stanza("a", "1-1+b1", "Source: src (1-1)") + stanza("b", "2", "Source: src")
                    + stanza("c", "3", "Maintainer: C <c@example.org>")
            )
        }
        #expect(evidence.components.map(\.sourceName) == ["src", "src", "c"])
        #expect(evidence.components.map(\.sourceVersion) == ["1-1", "2", "3"])
        #expect(evidence.components[2].supplier == "C <c@example.org>")
    }

    @Test("images without dpkg have one file for each package, whatever its name")
    func statusDirectory() throws {
        let evidence = try analysed {
            $0.file("etc/os-release", text: debianRelease)
            $0.file("var/lib/dpkg/status.d/libssl1", text: "Package: libssl1.1\nVersion: 1.1.1w\nArchitecture: amd64\n")
            $0.file(
                "var/lib/dpkg/status.d/libssl1.md5sums",
                text: "0123456789abcdef0123456789abcdef  usr/lib/libssl.so.1.1\n"
            )
            $0.file("usr/lib/libssl.so.1.1", [1], mode: 0o755)
            $0.file("usr/lib/other.so", [1], mode: 0o755)
        }
        #expect(evidence.packages == ["libssl1.1 1.1.1w"])
        #expect(evidence.components.last?.paths == ["var/lib/dpkg/status.d/libssl1"])
        #expect(evidence.files.executables.items.map { $0.owner != nil } == [true, false])
        #expect(evidence.files.unownedExecutables == 1)
    }

    @Test("each package knows the layer that its version first came with")
    func layers() throws {
        let evidence = try analysed(
            layers: { $0.file("var/lib/dpkg/status", text: stanza("a", "1") + stanza("b", "1") + stanza("gone", "1")) },
            { $0.file("var/lib/dpkg/status", text: stanza("a", "1") + stanza("b", "2") + stanza("c", "1")) },
            { $0.file("srv/app", [1]) }
        )
        #expect(evidence.packages == ["a 1", "b 2", "c 1"])
        #expect(evidence.components.map(\.layer) == [0, 1, 1])
    }

    @Test("files are owned under the name that they have on the disk")
    func ownership() throws {
        let evidence = try analysed {
            $0.file(
                "var/lib/dpkg/status",
                text: stanza("bash", "5") + stanza("libc6", "2") + stanza("dash", "1") + stanza("divert", "1")
                    + stanza("sums", "1")
            )
            $0.symlink("bin", to: "usr/bin")
            $0.symlink("lib", to: "/usr/lib")
            $0.file("var/lib/dpkg/info/bash.list", text: "/.\n/bin\n/bin/bash\n/usr/bin/shared\n")
            $0.file("var/lib/dpkg/info/libc6:amd64.list", text: "/lib/x86_64-linux-gnu/libc.so.6\n")
            $0.file("var/lib/dpkg/info/dash.list", text: "/bin/sh\n")
            $0.file("var/lib/dpkg/info/divert.list", text: "/bin/sh\n")
            $0.file("var/lib/dpkg/info/sums.md5sums", text: "0123456789abcdef0123456789abcdef  usr/bin/sums\n")
            $0.file("var/lib/dpkg/info/dash.postinst", text: "#!/bin/sh\n", mode: 0o755)
            $0.file("var/lib/dpkg/diversions", text: "/bin/sh\n/bin/sh.distrib\ndivert\n")
            for name in ["bash", "sh", "sh.distrib", "sums", "own"] { $0.file("usr/bin/" + name, [1], mode: 0o755) }
            $0.file("usr/lib/x86_64-linux-gnu/libc.so.6", [1], mode: 0o755)
        }
        let owners = evidence.files.executables.items.map { fact in
            "\(fact.path) \(fact.owner.flatMap { try? PackageURL(parsing: $0).name } ?? "-")"
        }
        #expect(
            owners == [
                "usr/bin/bash bash", "usr/bin/own -", "usr/bin/sh divert", "usr/bin/sh.distrib dash",
                "usr/bin/sums sums",
                "usr/lib/x86_64-linux-gnu/libc.so.6 libc6", "var/lib/dpkg/info/dash.postinst dash",
            ]
        )
        #expect(evidence.files.unownedExecutables == 1)
    }

    @Test("dependencies lead to installed packages: alternatives, providers, architectures")
    func dependencies() throws {
        let evidence = try analysed {
            $0.file(
                "var/lib/dpkg/status",
                text: stanza(
                    "app",
                    "1",
                    "Depends: libc6 (>= 2.36), mail-agent | postfix, awk, missing | bash:any",
                    "Pre-Depends: init"
                )
                    + stanza("libc6", "2") + stanza("libc6", "2", architecture: "i386")
                    + stanza("mawk", "1", "Provides: awk (= 1), other")
                    + stanza("postfix", "3") + stanza("bash", "5") + stanza("init", "1", "Depends: app")
            )
        }
        let app = try #require(evidence.components.first { $0.name == "app" })
        #expect(
            app.dependsOn == [
                "pkg:deb/debian/bash@5?arch=amd64", "pkg:deb/debian/init@1?arch=amd64",
                "pkg:deb/debian/libc6@2?arch=amd64",
                "pkg:deb/debian/mawk@1?arch=amd64", "pkg:deb/debian/postfix@3?arch=amd64",
            ]
        )
        #expect(evidence.components.first { $0.name == "bash" }?.dependsOn == [])
    }

    @Test("licences come from the copyright file under their SPDX names")
    func licenses() throws {
        let evidence = try analysed {
            $0.file("var/lib/dpkg/status", text: stanza("a", "1"))
            $0.file(
                "usr/share/doc/a/copyright",
                text:
                    "Format: x\n\nFiles: *\nLicense: GPL-2+ or Expat\n text\n\nFiles: b\nLicense: LGPL-2.1\nLicense: own-terms\n"
            )
        }
        #expect(evidence.components[0].licenses == ["GPL-2.0-or-later", "LGPL-2.1-only", "MIT", "own-terms"])
    }

    @Test("users and groups are read, broken lines are named")
    func users() throws {
        let evidence = try analysed {
            $0.file("etc/passwd", text: "root:x:0:0:root:/root:/bin/bash\nbroken\napp:x:1000:1000::/home/app:\n")
            $0.file("etc/group", text: "root:x:0:\napp:x:4294967296:\n")
        }
        #expect(evidence.users.map(\.name) == ["root", "app"] && evidence.users[1].userID == 1000)
        #expect(evidence.groups.map(\.name) == ["root"])
        #expect(
            evidence.reasons == ["etc/passwd: lines that cannot be read: 2", "etc/group: lines that cannot be read: 2"]
        )
    }
}
