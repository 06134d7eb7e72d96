// SPDX-License-Identifier: EUPL-1.2

import NIOHTTP1

/// Names that the grammar allows, and some that it does not.
enum NameCases {
    static let all =
        [
            ("reserved.tags-list", "tags/list", "a repository may be called …/tags/list"),
            ("reserved.blobs-uploads", "blobs/uploads", "a repository may be called …/blobs/uploads"),
            (
                "reserved.manifests", "manifests/referrers/blobs",
                "a repository may be called …/manifests/referrers/blobs"
            ),
            ("separators", "a.b/c_d/e__f/g---h/0", "all separators of the grammar are allowed in a name"),
        ].map { id, suffix, title in
            ConformanceCase("names.\(id)", title, .names, source) {
                try await pushAndPull($0, "\($0.repository)/\(suffix)")
            }
        } + [
            ConformanceCase("names.tag.longest", "a tag may have 128 characters", .names, source) { probe in
                try await pushAndPull(probe, probe.repository, tag: "_" + String(repeating: "aZ9._-x", count: 18) + "x")
            },
            ConformanceCase("names.tag.too-long", "a tag of 129 characters is refused", .names, source) { probe in
                var sample = Sample()
                let manifest = sample.artifact("application/vnd.example.test.v1")
                for blob in sample.blobs { try await probe.push(blob) }
                let answer = try await probe.put(manifest, at: String(repeating: "a", count: 129))
                try expectRefusal(answer, "a tag MUST be at most 128 characters in length")
            },
            ConformanceCase("names.upper-case", "a name with upper-case letters is refused", .names, source) { probe in
                let answer = try await probe.send(.POST, "/v2/\(probe.repository)/Upper/blobs/uploads/")
                try expectRefusal(answer, "a name MUST match the grammar, which has no upper-case letters")
            },
        ]

    private static let source = SpecificationSource.distribution("Pulling manifests", "end-3")

    private static func expectRefusal(_ answer: Exchange, _ asks: String) throws {
        guard (400...499).contains(answer.status) else { throw answer.failure(asks) }
        try answer.expectErrorBody()
    }

    private static func pushAndPull(_ probe: Probe, _ repository: String, tag: String = "v1") async throws {
        var sample = Sample()
        let manifest = sample.artifact("application/vnd.example.test.v1")
        sample.tags = [tag]
        try await probe.push(sample, in: repository)
        try await probe.expectManifest(manifest, at: tag, in: repository)
        for blob in sample.blobs { try await probe.expectBlob(blob, in: repository) }
        let tags = try await probe.tags(in: repository)
        guard tags.tags == [tag] else { throw tags.answer.failure("the repository has the tag \(tag)") }
    }
}
