// SPDX-License-Identifier: EUPL-1.2

import Conformance
import Testing

/// What another registry does otherwise than the specification says is known: a runner that never fails anything fails here.
@Suite("docker-registry 2.8.2 and the distribution specification")
struct DockerRegistryTests {
    /// Chunks out of order: taken, or refused otherwise; in a closing PUT the session is lost.
    private static let chunks = both(
        "blob.chunked.out-of-order",
        "blob.chunked.out-of-order-put",
        "blob.chunked.session-kept",
        "blob.chunked.session-kept-put",
        "blob.chunked.repeated",
        "blob.chunked.first-not-zero"
    )
    /// Its refusal of a range announces more bytes than it sends.
    private static let ranges = both("blob.range.500-0", "blob.range.5000-10000")
    /// Digests of sha512: blobs are told under sha256, manifests are not taken.
    private static let sha512: Set = [
        "blob.mount.from.sha512", "header.blob.get.digest.sha512", "header.blob.head.digest.sha512",
        "header.manifest.get.digest.sha512", "header.manifest.head.digest.sha512", "header.manifest.head.length.sha512",
        "data.sha512.push", "data.sha512.head", "data.sha512.pull", "data.sha512.delete", "data.sha512.referrers",
    ]
    private static let badDigestString: Set = ["manifest.bad-digest-string", "manifest.missing.bad-digest-string"]
    private static let subjects: Set = [
        "data.artifacts-with-subject.subject", "data.image-with-subject.subject", "data.index-with-subject.subject",
        "data.missing-subject.subject",
    ]
    private static let nondistributable = Set(
        ["push", "tags", "head", "pull", "delete"].map { "data.nondistributable-layers.\($0)" }
    )
    private static let tagParameters = Set(
        ["push", "tags", "head", "pull"].flatMap {
            ["data.tag-parameters-sha256.\($0)", "data.tag-parameters-sha512.\($0)"]
        }
    ).union(["manifest.tag-parameters.ten", "data.tag-parameters-sha512.delete"])
    /// In no order, without pages.
    private static let tags: Set = [
        "tags.list", "tags.order.mixed-case", "tags.n.some", "tags.n.zero", "tags.n.more-than-there-are", "tags.n.huge",
        "tags.last.existing", "tags.last.with-n", "tags.last.not-there", "tags.last.end", "tags.paging.last",
    ]

    private static let skipped = both("blob.post", "blob.empty.post", "blob.empty-json.post", "blob.mount.anonymous")
        .union(CaseCatalogue.all.map(\.id).filter { $0.hasPrefix("data.sparse.") })
        .union(["manifest.too-large", "tags.paging.link", "delete.tag", "delete.tag.again", "errors.unauthorized"])

    @Test("exactly the known cases fail")
    func dev() async throws {
        let report = try await DockerRegistry.run { url in
            // What it makes of requests at once differs from run to run.
            let cases = CaseSelection(version: .dev).cases().filter { $0.group != .concurrency }
            return try await ConformanceRun(settings(for: url, .dev)).run(cases)
        }
        let ids = Set(report.results.map(\.subject.id))
        // There are no referrers and there is no `last` at all.
        let referrers = ids.filter { $0.hasPrefix("referrers.") || $0.hasPrefix("empty.referrers.") }
            .union(ids.filter { $0.hasPrefix("data.") && ($0.hasSuffix(".referrers") || $0.hasSuffix(".tags-last")) })
        let expected = Self.chunks.union(Self.ranges).union(Self.sha512).union(Self.badDigestString).union(
            Self.subjects
        )
        .union(Self.nondistributable).union(Self.tagParameters).union(Self.tags).union(referrers)
        .subtracting(Self.skipped)
        let failed = Set(report.failures.map(\.subject.id))
        #expect(failed.subtracting(expected).sorted() == [], "these fail and were not expected to")
        #expect(expected.subtracting(failed).sorted() == [], "these were expected to fail")
        #expect(Set(report.skips.map(\.subject.id)) == Self.skipped)
        #expect(report.passed > 180)

        let failures = Dictionary(uniqueKeysWithValues: report.failures.map { ($0.subject.id, $0.failure) })
        func came(_ id: String) -> String { (failures[id] ?? nil)?.got ?? "nothing" }
        #expect(came("header.blob.get.digest.sha512").hasPrefix("200 with Docker-Content-Digest: sha256:"))
        #expect(came("data.sha512.push").hasPrefix("400"))
        #expect(came("data.missing-subject.subject") == "201 without OCI-Subject")
        #expect(came("empty.referrers.sha256").hasPrefix("404"))
        #expect(came("blob.chunked.out-of-order.sha256").hasPrefix("202"))
        #expect(came("blob.chunked.out-of-order-put.sha256").hasPrefix("400"))
        #expect(came("blob.chunked.session-kept-put.sha256").hasPrefix("404"))
        #expect(came("manifest.bad-digest-string").hasPrefix("500"))
        #expect(came("data.nondistributable-layers.push").hasPrefix("500"))
        #expect(came("blob.range.5000-10000.sha256").hasPrefix("416, which breaks off after"))
        let failure = try #require(failures["data.missing-subject.subject"] ?? nil)
        #expect(failure.request.hasPrefix("PUT /v2/conformance/"))
        #expect(failure.expected.contains("OCI-Subject"))
    }

    private static func both(_ ids: String...) -> Set<String> { Set(ids.flatMap { [$0 + ".sha256", $0 + ".sha512"] }) }
}
