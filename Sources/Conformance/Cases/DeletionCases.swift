// SPDX-License-Identifier: EUPL-1.2

import OCI

/// Deleting.
enum DeletionCases {
    static let all = ofTags + ofManifests + ofBlobs

    private static let tags = SpecificationSource.distribution("Deleting tags", "end-9")
    private static let manifests = SpecificationSource.distribution("Deleting Manifests", "end-9")
    private static let blobs = SpecificationSource.distribution("Deleting Blobs", "end-10")

    private static let ofTags = [
        ConformanceCase("delete.tag", "a tag is deleted, the manifest and its other tags stay", .deletion, tags) {
            probe in
            let manifest = try await image(probe, tags: ["v1", "v2"])
            try await remove(probe, "manifests/v1", "tags")
            try await probe.expectNoManifest(at: "v1", asks: "once deleted, a GET of the tag will return a 404")
            try await probe.expectManifest(manifest, at: "v2")
            try await probe.expectManifest(manifest, at: manifest.digest.description)
            try await probe.expectTags(["v2"])
        },
        ConformanceCase("delete.tag.again", "a tag that is gone cannot be deleted again", .deletion, tags) { probe in
            try await image(probe, tags: ["v1"])
            try await remove(probe, "manifests/v1", "tags")
            let answer = try await probe.delete("/v2/\(probe.repository)/manifests/v1")
            try answer.expect(404, 202, asks: "a deletion of what is not there is answered with 404, or with 202")
            try answer.expectErrorBody()
        },
    ]

    private static let ofManifests = [
        ConformanceCase("delete.manifest", "a manifest is deleted with every tag on it", .deletion, manifests) {
            probe in
            let manifest = try await image(probe, tags: ["v1", "v2"])
            try await remove(probe, "manifests/\(manifest.digest)", "manifests")
            for reference in ["v1", "v2", manifest.digest.description] {
                try await probe.expectNoManifest(
                    at: reference,
                    asks: "once deleted, a GET of the digest and of any tag pointing to it will return a 404"
                )
            }
        },
        ConformanceCase(
            "delete.manifest.again",
            "a manifest that is gone cannot be deleted again",
            .deletion,
            manifests
        ) {
            probe in
            let manifest = try await image(probe, tags: ["v1"])
            try await remove(probe, "manifests/\(manifest.digest)", "manifests")
            let answer = try await probe.delete("/v2/\(probe.repository)/manifests/\(manifest.digest)")
            try answer.expect(404, 202, asks: "a deletion of what is not there is answered with 404, or with 202")
            try answer.expectErrorBody()
        },
        ConformanceCase(
            "delete.manifest.no-repository",
            "deleting from a repository that does not exist is answered with 404",
            .deletion,
            manifests
        ) { probe in
            let answer = try await probe.delete("/v2/\(probe.repository)/manifests/\(SampleBlob.random(9).digest)")
            if answer.status == 405 { throw Skipped("the registry does not delete manifests (405), which it MAY") }
            try answer.expect(404, asks: "if the repository does not exist, the response MUST return 404 Not Found")
            try answer.expectErrorBody()
        },
        ConformanceCase("delete.manifest.pushed-again", "a deleted manifest can be pushed again", .deletion, manifests)
        { probe in
            let manifest = try await image(probe, tags: ["v1"])
            try await remove(probe, "manifests/\(manifest.digest)", "manifests")
            try await probe.push(manifest, tag: "v1")
            try await probe.expectManifest(manifest, at: "v1")
        },
    ]

    private static let ofBlobs =
        ConformanceCase.each("delete.blob", "a blob is deleted", .deletion, blobs) { probe, algorithm in
            let blob = SampleBlob.random(700, algorithm)
            try await probe.push(blob)
            try await remove(probe, "blobs/\(blob.digest)", "blobs")
            try await probe.expectNoBlob(blob.digest, asks: "a deleted blob is answered with 404")
            let answer = try await probe.get("/v2/\(probe.repository)/blobs/\(blob.digest)")
            try answer.expect(404, asks: "a deleted blob is answered with 404")
        }
        + ConformanceCase.each(
            "delete.blob.missing",
            "deleting a blob that is not there is answered with 404",
            .deletion,
            blobs
        ) { probe, algorithm in
            try await probe.push(.random(100))
            let answer = try await probe.delete(
                "/v2/\(probe.repository)/blobs/\(SampleBlob.random(9, algorithm).digest)"
            )
            if answer.isDisabled {
                throw Skipped("the registry does not delete blobs (\(answer.status)), which it MAY")
            }
            try answer.expect(404, asks: "if the blob is not found, a 404 Not Found code MUST be returned")
            try answer.expectErrorBody()
        }
        + [
            ConformanceCase("delete.blob.again", "a blob that is gone cannot be deleted again", .deletion, blobs) {
                probe in
                let blob = SampleBlob.random(700)
                try await probe.push(blob)
                try await remove(probe, "blobs/\(blob.digest)", "blobs")
                let answer = try await probe.delete("/v2/\(probe.repository)/blobs/\(blob.digest)")
                try answer.expect(404, 202, asks: "a deletion of what is not there is answered with 404, or with 202")
            },
            ConformanceCase(
                "delete.blob.other-repository",
                "a blob that is deleted from one repository stays in another",
                .deletion,
                blobs
            ) { probe in
                let blob = SampleBlob.random(700)
                try await probe.push(blob)
                try await probe.push(blob, to: probe.second)
                try await remove(probe, "blobs/\(blob.digest)", "blobs")
                try await probe.expectNoBlob(blob.digest, asks: "a deleted blob is answered with 404")
                try await probe.expectBlob(blob, in: probe.second)
            },
            ConformanceCase("delete.blob.pushed-again", "a deleted blob can be pushed again", .deletion, blobs) {
                probe in
                let blob = SampleBlob.random(700)
                try await probe.push(blob)
                try await remove(probe, "blobs/\(blob.digest)", "blobs")
                try await probe.push(blob)
                try await probe.expectBlob(blob)
            },
        ]

    private static func remove(_ probe: Probe, _ path: String, _ what: String) async throws {
        let answer = try await probe.delete("/v2/\(probe.repository)/\(path)")
        if answer.isDisabled {
            try answer.expectErrorBody()
            throw Skipped("the registry does not delete \(what) (\(answer.status)), which it MAY")
        }
        try answer.expect(202, asks: "upon success, the registry MUST respond with a 202 Accepted code")
    }

    @discardableResult
    private static func image(_ probe: Probe, tags: [String]) async throws -> SampleManifest {
        var sample = Sample()
        let manifest = sample.image()
        for blob in sample.blobs { try await probe.push(blob) }
        for tag in tags { try await probe.push(manifest, tag: tag) }
        return manifest
    }
}
