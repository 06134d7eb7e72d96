// SPDX-License-Identifier: EUPL-1.2

/// A package of a distribution, as the database of its package manager tells it.
struct SystemPackage: Sendable {
    let name: String
    let version: String
    /// The version before the fix that the advisories of the exercise speak of; nil where they speak of none.
    var outdated: String?
    /// Name of the source package where it is another.
    var source: String?
    var license = "GPL-2.0-or-later"
    /// Path and mode of what it brings.
    var files: [(path: String, mode: UInt32)] = []

    var sourceName: String { source ?? name }

    func version(isOutdated: Bool) -> String { isOutdated ? outdated ?? version : version }
}

/// What the three base images are made of: the metadata is of the real form, the programs are only names.
enum SystemPackages {
    /// Debian 12 with a shell.
    static let debian: [SystemPackage] =
        minimal + [
            SystemPackage(name: "dash", version: "0.5.12-2", license: "BSD-3-Clause", files: [("bin/dash", 0o755)]),
            SystemPackage(name: "coreutils", version: "9.1-1", license: "GPL-3.0-or-later", files: [("bin/ls", 0o755)]),
            SystemPackage(
                name: "libcurl4",
                version: "7.88.1-10+deb12u8",
                outdated: "7.88.1-10+deb12u7",
                source: "curl",
                license: "curl",
                files: [("usr/lib/exercise/libcurl.so.4", 0o644)]
            ),
            SystemPackage(
                name: "zlib1g",
                version: "1:1.2.13.dfsg-1",
                source: "zlib",
                license: "Zlib",
                files: [("usr/lib/exercise/libz.so.1", 0o644)]
            ),
            SystemPackage(
                name: "libexpat1",
                version: "2.5.0-1+deb12u1",
                source: "expat",
                license: "MIT",
                files: [("usr/lib/exercise/libexpat.so.1", 0o644)]
            ),
        ]

    /// Debian 12 without one: what a program needs and nothing else.
    static let minimal: [SystemPackage] = [
        SystemPackage(name: "base-files", version: "12.4+deb12u8", files: [("etc/issue", 0o644)]),
        SystemPackage(
            name: "libc6",
            version: "2.36-9+deb12u9",
            source: "glibc",
            license: "LGPL-2.1-only",
            files: [("usr/lib/exercise/libc.so.6", 0o644)]
        ),
        SystemPackage(
            name: "libssl3",
            version: "3.0.15-1~deb12u1",
            outdated: "3.0.14-1~deb12u2",
            source: "openssl",
            license: "Apache-2.0",
            files: [("usr/lib/exercise/libssl.so.3", 0o644)]
        ),
        SystemPackage(
            name: "ca-certificates",
            version: "20230311",
            license: "MPL-2.0",
            files: [("etc/ssl/certs/exercise.pem", 0o644)]
        ),
        SystemPackage(
            name: "tzdata",
            version: "2024b-0+deb12u1",
            license: "ICU",
            files: [("usr/share/zoneinfo/UTC", 0o644)]
        ),
    ]

    /// Alpine 3.20.
    static let alpine: [SystemPackage] = [
        SystemPackage(
            name: "alpine-baselayout",
            version: "3.6.5-r0",
            license: "GPL-2.0-only",
            files: [("etc/motd", 0o644)]
        ),
        SystemPackage(
            name: "musl",
            version: "1.2.5-r0",
            license: "MIT",
            files: [("lib/libc.musl-exercise.so.1", 0o755)]
        ),
        SystemPackage(
            name: "busybox",
            version: "1.36.1-r29",
            license: "GPL-2.0-only",
            files: [("bin/busybox", 0o755)]
        ),
        SystemPackage(
            name: "libcrypto3",
            version: "3.3.2-r0",
            outdated: "3.3.1-r0",
            source: "openssl",
            license: "Apache-2.0",
            files: [("lib/libcrypto.so.3", 0o755)]
        ),
        SystemPackage(name: "zlib", version: "1.3.1-r1", license: "Zlib", files: [("lib/libz.so.1", 0o755)]),
    ]
}

/// One of the three base images.
enum ExerciseBase: String, Sendable, CaseIterable {
    case debian, minimal, alpine

    var repository: String { "basis/" + rawValue }
    var version: String { self == .alpine ? "3.20.3" : "12.8.0" }
    var isMultiArchitecture: Bool { self != .alpine }

    var packages: [SystemPackage] {
        switch self {
        case .debian: SystemPackages.debian
        case .minimal: SystemPackages.minimal
        case .alpine: SystemPackages.alpine
        }
    }

    /// Its layer.
    ///
    /// - Parameters:
    ///   - architecture: `amd64` or `arm64`.
    ///   - outdated: source packages that are older than the fix of the advisories: an earlier edition of the base.
    func layer(architecture: String, outdated: Set<String>) throws -> [UInt8] {
        var layer = LayerArchive()
        let versions = packages.map { ($0, $0.version(isOutdated: outdated.contains($0.sourceName))) }
        for (package, version) in versions {
            for file in package.files {
                try layer.add(
                    file.path,
                    text: "Exercise: stands for a file of \(package.name) \(version) (\(architecture)).\n",
                    mode: file.mode
                )
            }
        }
        switch self {
        case .debian:
            try writeDebianRelease(&layer)
            try layer.add(
                "var/lib/dpkg/status",
                text: versions.map { stanza($0, $1, architecture, hasStatus: true) }.joined(separator: "\n")
            )
            for (package, _) in versions {
                let paths = package.files.map { "/\($0.path)\n" } + ["/\(copyright(package))\n"]
                try layer.add("var/lib/dpkg/info/\(package.name).list", text: paths.joined())
            }
        case .minimal:
            try writeDebianRelease(&layer)
            for (package, version) in versions {
                let place = "var/lib/dpkg/status.d/\(package.name)"
                try layer.add(place, text: stanza(package, version, architecture, hasStatus: false))
                let sums = (package.files.map(\.path) + [copyright(package)])
                    .map { "d41d8cd98f00b204e9800998ecf8427e  \($0)\n" }
                try layer.add(place + ".md5sums", text: sums.joined())
            }
        case .alpine:
            try layer.add(
                "etc/os-release",
                text: "NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=3.20.3\nPRETTY_NAME=\"Alpine Linux v3.20\"\n"
            )
            try layer.add("etc/alpine-release", text: "3.20.3\n")
            try layer.add(
                "lib/apk/db/installed",
                text: versions.map { paragraph($0, $1, architecture) }.joined(separator: "\n") + "\n"
            )
        }
        if self != .alpine {
            for (package, _) in versions { try layer.add(copyright(package), text: notice(package)) }
        }
        return layer.finished
    }

    private func writeDebianRelease(_ layer: inout LayerArchive) throws {
        try layer.add(
            "etc/os-release",
            text: """
                PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
                NAME="Debian GNU/Linux"
                VERSION_ID="12"
                VERSION="12 (bookworm)"
                VERSION_CODENAME=bookworm
                ID=debian

                """
        )
        try layer.add("etc/debian_version", text: "12.8\n")
        try layer.add(
            "etc/passwd",
            text: "root:x:0:0:root:/root:/usr/sbin/nologin\napp:x:65532:65532:app:/:/usr/sbin/nologin\n"
        )
    }

    private func stanza(_ package: SystemPackage, _ version: String, _ architecture: String, hasStatus: Bool) -> String
    {
        var lines = ["Package: \(package.name)"]
        if hasStatus { lines.append("Status: install ok installed") }
        lines += ["Priority: optional", "Section: libs", "Maintainer: Exercise <maintainer@example.org>"]
        lines.append("Architecture: \(architecture)")
        if let source = package.source { lines.append("Source: \(source)") }
        lines += ["Version: \(version)", "Description: \(package.name), only its metadata, for an exercise"]
        return lines.joined(separator: "\n") + "\n"
    }

    private func paragraph(_ package: SystemPackage, _ version: String, _ architecture: String) -> String {
        var lines = [
            "P:\(package.name)", "V:\(version)", "A:\(architecture == "amd64" ? "x86_64" : "aarch64")",
            "T:\(package.name), only its metadata, for an exercise", "L:\(package.license)", "o:\(package.sourceName)",
            "m:Exercise <maintainer@example.org>",
        ]
        for file in package.files {
            let slash = file.path.lastIndex(of: "/") ?? file.path.startIndex
            lines += ["F:\(file.path[..<slash])", "R:\(file.path[slash...].drop { $0 == "/" })"]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func copyright(_ package: SystemPackage) -> String { "usr/share/doc/\(package.name)/copyright" }

    private func notice(_ package: SystemPackage) -> String {
        """
        Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
        Upstream-Name: \(package.name)

        Files: *
        Copyright: the authors of \(package.sourceName)
        License: \(package.license)

        """
    }
}
