// SPDX-License-Identifier: EUPL-1.2

import OCI

/// A repository that nobody ever pushed to.
enum EmptyRepositoryCases {
    static let all =
        [
            ConformanceCase(
                "empty.tags",
                "tags of a repository that nobody pushed to: 404, or an empty list",
                .empty,
                .distribution("Listing Tags", "end-8a")
            ) { probe in
                let answer = try await probe.get("/v2/\(probe.repository)/tags/list")
                try answer.expect(
                    200,
                    404,
                    asks: "the tags of a repository that is not found are 404, or an empty list"
                )
                if answer.status == 200, try probe.tags(of: answer, in: probe.repository) != [] {
                    throw answer.failure("a repository that nobody pushed to has no tags")
                }
                try answer.expectErrorBody()
            },
            ConformanceCase(
                "empty.manifest",
                "pulling from a repository that does not exist is answered with 404",
                .empty,
                .distribution("Pushing Manifests", "end-3")
            ) { probe in
                try await probe.expectNoManifest(
                    at: "latest",
                    asks: "an attempt to pull a nonexistent repository MUST return 404 Not Found"
                )
            },
        ]
        + ConformanceCase.each(
            "empty.referrers",
            "referrers in a repository that nobody pushed to are an empty index, not 404",
            .empty,
            .distribution("Listing Referrers", "end-12a")
        ) { probe, algorithm in
            try await probe.expectReferrers(of: SampleBlob.random(32, algorithm).digest, [])
        }
        + ConformanceCase.each(
            "empty.blob",
            "a blob of a repository that nobody pushed to is not found",
            .empty,
            .distribution("Pulling blobs", "end-2")
        ) { probe, algorithm in
            let path = "/v2/\(probe.repository)/blobs/\(SampleBlob.random(32, algorithm).digest)"
            try await probe.get(path).expect(404, asks: "a blob that is not found MUST be answered with 404")
        }
}
