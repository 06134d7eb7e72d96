// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Assessment
import AssessmentTestKit
import Criteria
import Foundation
import ImageSources
import Inventory
import JSON
import OCI
import SBOM
import TestKit
import Testing
import Time
import Vulnerabilities

@Suite("With the real analyser child", .enabled(if: (try? builtProduct("kontor")) != nil, "kontor is not built"))
struct RealChildTests {
    private static func image() -> BuiltImage {
        var builder = ImageBuilder()
        builder.user = "10001"
        builder.layer { tar in
            tar.file(
                "etc/os-release",
                text:
                    "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n"
            )
            tar.file("etc/passwd", text: "root:x:0:0:root:/root:/bin/sh\napp:x:10001:10001::/:/bin/false\n")
            tar.file(
                "var/lib/dpkg/status",
                text: """
                    Package: libssl3
                    Status: install ok installed
                    Architecture: amd64
                    Source: openssl
                    Version: 3.0.11-1~deb12u1
                    Maintainer: Debian OpenSSL Team
                    Description: library


                    """
            )
        }
        return builder.built()
    }

    @Test("a pushed image goes through the confined child to a verdict with its findings")
    func pushed() async throws {
        let node = try NodeFixture()
        try await node.importing([
            "t": NodeFixture.tracker([("openssl", "CVE-2024-0001", "3.0.13-1")]),
            "k": NodeFixture.kev(["CVE-2024-0001"]),
        ])
        let analyser = Analyser(executable: try builtProduct("kontor").path, temporaryDirectory: node.directory.path)
        let service = try node.service(analyse: { try await analyser.analyse($0) })
        let digest = try await node.push(Self.image(), to: "team/app")
        #expect(try await node.work(service) == ["team/app@\(digest)"])
        let stored = try #require(try await node.ready(service, "team/app", digest))
        #expect(stored.failure == nil)
        let verdict = try stored.verdict()
        #expect(verdict.components.map(\.name).contains("libssl3"))
        let finding = try #require(verdict.findings.first)
        #expect(finding.id == "CVE-2024-0001")
        #expect(finding.componentName == "libssl3")
        #expect(finding.fixedIn == "3.0.13-1")
        #expect(verdict.criteria.first { $0.id == "IMG-SEC-10" }?.result == .pass)
        #expect(verdict.criteria.first { $0.id == "IMG-SEC-01" }?.result == .pass)
    }

    @Test("the command line's way gives the same results as the node's")
    func local() async throws {
        let node = try NodeFixture()
        try await node.importing(["t": NodeFixture.tracker([("openssl", "CVE-2024-0001", "3.0.13-1")])])
        let analyser = Analyser(executable: try builtProduct("kontor").path, temporaryDirectory: node.directory.path)
        let service = try node.service(analyse: { try await analyser.analyse($0) })
        let image = Self.image()
        let digest = try await node.push(image, to: "team/app")
        try await node.work(service)
        let layout = node.directory.file("layout")
        try image.writeOCILayout(to: layout)
        let local = LocalAssessment(
            analyser: analyser,
            snapshot: try node.feeds.current(),
            catalogue: try .embedded(),
            clock: node.time.clock
        )
        let result = try await local.assess(.ociLayout(path: layout, selector: nil))
        #expect(result.verdict.json.bytes() == (try await node.ready(service, "team/app", digest))?.json)
    }
}
