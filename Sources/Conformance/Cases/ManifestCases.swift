// SPDX-License-Identifier: EUPL-1.2

import JSON
import NIOHTTP1
import OCI

/// Pushing and pulling manifests, one by one.
enum ManifestCases {
    static let all = missing + refused + accepted

    private static let pulling = SpecificationSource.distribution("Pulling manifests", "end-3")
    private static let pushing = SpecificationSource.distribution("Pushing Manifests", "end-7")
    private static let notFound = "a manifest that is not found in the repository MUST be answered with 404 Not Found"

    private static let missing =
        [
            ConformanceCase("manifest.missing.tag", "a tag that does not exist is not found", .manifest, pulling) {
                probe in
                try await image(probe)
                try await probe.expectNoManifest(at: "nothing", asks: notFound)
            }
        ]
        + ConformanceCase.each(
            "manifest.missing.digest",
            "a digest that does not exist is not found",
            .manifest,
            pulling
        ) {
            probe,
            algorithm in
            try await image(probe)
            try await probe.expectNoManifest(at: "\(SampleBlob.random(32, algorithm).digest)", asks: notFound)
        }
        + [
            ConformanceCase(
                "manifest.missing.bad-digest-string",
                "pulling what is neither tag nor digest is answered with 404 or 400",
                .manifest,
                pulling
            ) { probe in
                try await image(probe)
                let answer = try await probe.get(
                    "/v2/\(probe.repository)/manifests/sha256:baddigeststring",
                    Probe.acceptable
                )
                try answer.expect(404, 400, asks: "a reference that is no digest is not found, or refused with 400")
                try answer.expectErrorBody()
            }
        ]

    // MARK: Refused

    private static let refused =
        [
            ConformanceCase(
                "manifest.bad-digest-string",
                "pushing to what is neither tag nor digest is refused with 400",
                .manifest,
                pushing
            ) { probe in
                let manifest = try await unpushed(probe)
                let answer = try await probe.put(manifest, at: "sha256:baddigeststring")
                try answer.expect(
                    400,
                    asks: "the reference MUST be a digest or a tag; anything else is refused with 400"
                )
                try answer.expectErrorBody()
            }
        ]
        + ConformanceCase.each(
            "manifest.bad-digest",
            "a manifest is refused with 400 when it has another digest than the path",
            .manifest,
            pushing
        ) { probe, algorithm in
            let manifest = try await unpushed(probe, algorithm)
            let claim = SampleBlob.random(32, algorithm).digest
            let answer = try await probe.put(manifest, at: claim.description)
            try answer.expect(400, asks: "a manifest that does not have the digest is refused with 400 Bad Request")
            try answer.expectErrorBody()
            let asks = "a manifest that was refused does not exist"
            try await probe.expectNoManifest(at: claim.description, asks: asks)
            try await probe.expectNoManifest(at: manifest.digest.description, asks: asks)
        }
        + [
            ConformanceCase("manifest.not-json", "a manifest that is no JSON is refused", .manifest, pushing) { probe in
                let manifest = SampleManifest(
                    bytes: Array("{\"schemaVersion\": 2, ".utf8),
                    mediaType: MediaType.imageManifest,
                    algorithm: .sha256
                )
                let answer = try await probe.put(manifest, at: "v1")
                guard (400...499).contains(answer.status) else {
                    throw answer.failure("a manifest is a JSON document; anything else is invalid (MANIFEST_INVALID)")
                }
                try answer.expectErrorBody()
            },
            ConformanceCase(
                "manifest.missing-content",
                "a manifest whose blobs are missing is taken, or refused with MANIFEST_BLOB_UNKNOWN",
                .manifest,
                .distribution("Push", "end-7")
            ) { probe in
                var sample = Sample()
                let manifest = sample.image()
                let answer = try await probe.put(manifest, at: "v1")
                if answer.status == 201 { return try await expect(manifest, at: "v1", probe) }
                do { try probe.skipIfContentMissing(answer) } catch is Skipped { return try answer.expectErrorBody() }
                throw answer.failure("a manifest is taken, or refused with MANIFEST_BLOB_UNKNOWN")
            },
            ConformanceCase(
                "manifest.too-large",
                "a manifest of 9 MB is taken, or refused with 413",
                .manifest,
                pushing
            ) { probe in
                var sample = Sample()
                let text = String(repeating: "x", count: 9_000_000)
                // At leisure: a registry that refuses the size may answer and hang up before all of it has come.
                let manifest = sample.image(annotations: ["org.example.large": text])
                for blob in sample.blobs { try await probe.push(blob) }
                let answer = try await probe.put(manifest, at: "v1", atLeisure: true)
                let asks =
                    "a registry that enforces a limit SHOULD refuse a manifest over it with 413 Payload Too Large"
                if (400...499).contains(answer.status), answer.status != 413 {
                    throw Skipped("refused with \(answer.status) instead of 413 (SHOULD)")
                }
                try answer.expect(201, 413, asks: asks)
                if answer.status == 413 { try answer.expectErrorBody() }
            },
        ]

    // MARK: Accepted

    private static let accepted = [
        ConformanceCase("manifest.twice", "the same manifest can be pushed twice", .manifest, pushing) { probe in
            let manifest = try await unpushed(probe)
            for _ in 0..<2 { try await probe.push(manifest, tag: "v1") }
            try await expect(manifest, at: "v1", probe)
        },
        ConformanceCase("manifest.moved-tag", "a tag moves to the manifest that was pushed last", .manifest, pushing) {
            probe in
            let first = try await unpushed(probe)
            let second = try await unpushed(probe)
            try await probe.push(first, tag: "v1")
            try await probe.push(second, tag: "v1")
            try await expect(second, at: "v1", probe)
            try await expect(first, at: first.digest.description, probe)
        },
        ConformanceCase(
            "manifest.type-with-parameters",
            "parameters of the Content-Type are ignored when a manifest is pushed",
            .manifest,
            pushing
        ) { probe in
            let manifest = try await unpushed(probe)
            let answer = try await probe.send(
                .PUT,
                "/v2/\(probe.repository)/manifests/v1",
                ["Content-Type": manifest.mediaType + "; charset=utf-8"],
                body: .bytes(manifest.bytes)
            )
            if (400...499).contains(answer.status) {
                throw Skipped(
                    "refused with \(answer.status); the registry SHOULD ignore parameters on the Content-Type"
                )
            }
            try probe.expectCreated(answer, manifest)
            probe.remember(.manifest(repository: probe.repository, reference: manifest.digest.description))
            try await expect(manifest, at: "v1", probe)
        },
        ConformanceCase(
            "manifest.location",
            "the Location of a pushed manifest is a pullable URL of it",
            .manifest,
            pushing
        ) { probe in
            let manifest = try await unpushed(probe)
            for tag in ["v1", nil] {
                let created = try await probe.push(manifest, tag: tag)
                try await expectPullable(manifest, created, probe)
            }
        },
        ConformanceCase(
            "manifest.tag-parameters.ten",
            "ten tags are taken with one push by digest",
            .manifest,
            .distribution("Pushing Manifests", "end-7b"),
            since: .dev
        ) { probe in
            let manifest = try await unpushed(probe)
            let tags = (0..<10).map { "v\($0)" }
            let answer = try await probe.put(manifest, at: manifest.digest.description, query: Probe.tagQuery(tags))
            if answer.status == 414 || answer.status == 431 {
                throw Skipped("ten tags are too many for the registry; it SHOULD take them")
            }
            try probe.expectCreated(answer, manifest)
            try expectTags(tags, answer)
            for tag in tags { try await expect(manifest, at: tag, probe) }
        },
    ]

    /// Tags in `OCI-Tag`, in one field or several.
    static func accepted(_ answer: Exchange) -> [String] {
        answer.headers["OCI-Tag"].flatMap { $0.split { $0 == "," || $0 == " " }.map(String.init) }
    }

    static func expectTags(_ tags: [String], _ answer: Exchange) throws {
        let accepted = accepted(answer)
        guard Set(accepted) == Set(tags) else {
            throw answer.failure(
                "the answer to a push with tag parameters MUST list each accepted tag in OCI-Tag: \(tags)",
                got: "\(answer.status) with OCI-Tag: \(accepted)".printable(400),
                source: .distribution("Pushing Manifests", "end-7b")
            )
        }
    }

    static func expectPullable(_ manifest: SampleManifest, _ created: Exchange, _ probe: Probe) async throws {
        let url = try probe.location(of: created, asks: "the answer to a pushed manifest MUST have a Location")
        let answer = try await probe.send(.GET, url: url, Probe.acceptable, scope: probe.repository)
        let asks = "the Location of a pushed manifest is a pullable manifest URL"
        try answer.expect(200, asks: asks, source: pushing)
        try answer.expectBody(manifest.bytes, asks: asks, source: pushing)
    }

    private static func expect(_ manifest: SampleManifest, at reference: String, _ probe: Probe) async throws {
        try await probe.expectManifest(manifest, at: reference)
    }

    @discardableResult
    private static func image(_ probe: Probe) async throws -> SampleManifest {
        let manifest = try await unpushed(probe)
        try await probe.push(manifest, tag: "v1")
        return manifest
    }

    /// A manifest whose blobs are there.
    private static func unpushed(_ probe: Probe, _ algorithm: Digest.Algorithm = .sha256) async throws -> SampleManifest
    {
        var sample = Sample(algorithm)
        let manifest = sample.image()
        for blob in sample.blobs { try await probe.push(blob) }
        return manifest
    }
}
