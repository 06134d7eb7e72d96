// SPDX-License-Identifier: EUPL-1.2

import Assessment
import AssessmentTestKit
import Criteria
import Inventory
import OCI
import Registry
import SBOM
import Testing
import Time
import Vulnerabilities

@Suite("Whether an image is kept fresh") struct FreshnessTests {
    private static let repository = "team/app"

    /// An image that names its base, with tags as the registry's history has them, in a node with advisories.
    private static func scene(
        tagged day: String,
        baseName: String? = "registry.example.org/team/app:base-12",
        authorities: [String]? = nil
    ) async throws -> (node: NodeFixture, service: AssessmentService, base: Digest, image: Digest) {
        let node = try NodeFixture()
        try await node.importing(["t": NodeFixture.tracker([("openssl", "CVE-2024-0001", "3.0.13-1")])])
        let base = try await node.push(NodeFixture.image("base"), to: repository, tag: "base-12")
        var evidence = NodeFixture.evidence([("zlib", "1:1.2")])
        evidence.annotations["org.opencontainers.image.base.digest"] = base.description
        evidence.annotations["org.opencontainers.image.base.name"] = baseName
        node.analyser.becomes(evidence)
        let tag = TagEvidence(
            name: "1.4.2",
            setAt: try #require(Timestamp(date: day)),
            setBy: "kontor",
            isRelease: true,
            hasMoved: false
        )
        let attached = AttachedEvidence(
            signed: SignedEvidence(trust: .inForce(revision: 1, threshold: 1), tags: [tag]),
            suppliers: SupplierEvidence()
        )
        var settings = AssessmentSettings()
        if let authorities { settings.authorities = { authorities } }
        let service = try node.service(settings, signed: { _, _, _ in attached })
        _ = try await node.follow(service)
        let image = try await node.push(NodeFixture.image("app"), to: repository, tag: "1.4.2")
        try await node.work(service)
        return (node, service, base, image)
    }

    private static func fresh(
        _ node: NodeFixture,
        _ service: AssessmentService,
        _ image: Digest
    ) async throws -> CriterionResult {
        let verdict = try #require(try await node.ready(service, repository, image)).verdict()
        return try #require(verdict.criteria.first { $0.id == "IMG-MNT-04" })
    }

    @Test("a young image is fresh until its day has come, by itself")
    func ages() async throws {
        let (node, service, _, image) = try await Self.scene(tagged: "2026-10-24", baseName: nil)
        #expect(try await Self.fresh(node, service, image).result == .pass)
        // Thirty days after the day of the tag.
        node.time.advance(by: .seconds(15 * 3600))
        #expect(try await node.work(service).contains("\(Self.repository)@\(image)"))
        let old = try await Self.fresh(node, service, image)
        // The tag that moved last is the image's own: whether the base is current nobody can tell.
        #expect(old.result == .unknown && old.explanation.en.contains("base image is current is not known"))
    }

    @Test(
        "what the tag of a base stands for elsewhere nobody here can know",
        arguments: [
            "docker.io/team/app:base-12", "registry.example.org/other/app:base-12",
            "registry.example.org/team/app:never",
        ]
    )
    func elsewhere(name: String) async throws {
        let (node, service, _, image) = try await Self.scene(
            tagged: "2026-09-01",
            baseName: name,
            authorities: ["registry.example.org"]
        )
        let result = try await Self.fresh(node, service, image)
        #expect(result.result == .unknown && result.explanation.en.contains("base image is current is not known"))
    }

    @Test("an old image is as good as a new one while the tag of its base stands for the base, and no longer")
    func base() async throws {
        let (node, service, base, image) = try await Self.scene(tagged: "2026-09-01")
        let current = try await Self.fresh(node, service, image)
        #expect(current.result == .pass && current.explanation.en.contains("team/app@\(base)"), "\(current)")
        // An index of it is the same base.
        let index = """
            {"schemaVersion":2,"mediaType":"\(MediaType.imageIndex)","manifests":[{"mediaType":"\(MediaType.imageManifest)",\
            "digest":"\(base)","size":1}]}
            """
        func judged() async throws -> CriterionResult {
            // Nothing was said of the image: it is looked at again within the week, with the next day's match.
            node.time.advance(by: .seconds(86_400))
            #expect(try await node.work(service).contains("\(Self.repository)@\(image)"))
            return try await Self.fresh(node, service, image)
        }
        try await node.put(Array(index.utf8), MediaType.imageIndex, to: Self.repository, tag: "base-12")
        #expect(try await judged().result == .pass)
        try await node.push(NodeFixture.image("newer base"), to: Self.repository, tag: "base-12")
        let old = try await judged()
        #expect(old.result == .fail && old.explanation.en.contains("no longer stands for it"))
    }
}
