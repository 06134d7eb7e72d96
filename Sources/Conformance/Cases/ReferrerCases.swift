// SPDX-License-Identifier: EUPL-1.2

import JSON
import NIOHTTP1
import OCI

/// Listing referrers.
enum ReferrerCases {
    static let all = shape + order + filters + long

    private static let source = SpecificationSource.distribution("Listing Referrers", "end-12a")
    private static let filter = SpecificationSource.distribution("Listing Referrers", "end-12b")
    private static let sbom = "application/vnd.example.sbom.v1+json"
    private static let signature = "application/vnd.example.signature.v1"

    // MARK: What is told

    private static let shape =
        [
            ConformanceCase("referrers.none", "a manifest without referrers has an empty list", .referrers, source) {
                probe in
                var sample = Sample()
                let image = sample.image()
                try await push(&sample, probe)
                try await probe.expectReferrers(of: image.digest, [])
            },
            ConformanceCase(
                "referrers.malformed-digest",
                "a text that is no digest is refused with 400",
                .referrers,
                source
            ) { probe in
                let answer = try await probe.get("/v2/\(probe.repository)/referrers/sha256:baddigeststring")
                try answer.expect(400, asks: "a digest with an invalid syntax MUST be answered with 400 Bad Request")
                try answer.expectErrorBody()
            },
            ConformanceCase(
                "referrers.other-repository",
                "a list holds the referrers of its own repository only",
                .referrers,
                source
            ) { probe in
                var sample = Sample()
                let image = sample.image()
                let referrer = sample.artifact(sbom, subject: image.descriptor())
                try await push(&sample, probe)
                sample.tagging = .none
                try await probe.expectReferrers(of: image.digest, [referrer])
                try await probe.push(.random(10), to: probe.second)
                try await probe.expectReferrers(of: image.digest, [], in: probe.second)
            },
        ]
        + ConformanceCase.each(
            "referrers.described",
            "each descriptor has type, size, artifactType and annotations of its manifest",
            .referrers,
            source
        ) { probe, algorithm in
            var sample = Sample(algorithm)
            let image = sample.image()
            let note = ["org.example.note": "one \"quoted\" ü"]
            let referrers = [
                sample.artifact(sbom, annotations: note, subject: image.descriptor()),
                sample.image("arm64", annotations: note, subject: image.descriptor()),
                sample.index([], type: sbom, annotations: note, subject: image.descriptor()),
                sample.index([], subject: image.descriptor()),
            ]
            try await push(&sample, probe)
            try await probe.expectReferrers(of: image.digest, referrers)
        }

    // MARK: When

    private static let order = [
        ConformanceCase(
            "referrers.before-subject",
            "a referrer may be pushed before its subject",
            .referrers,
            .distribution("Push", "end-7")
        ) { probe in
            var images = Sample()
            let image = images.image()
            var sample = Sample()
            let referrer = sample.artifact(sbom, subject: image.descriptor())
            try await push(&sample, probe)
            try await probe.expectReferrers(of: image.digest, [referrer])
            try await push(&images, probe)
            try await probe.expectReferrers(of: image.digest, [referrer])
        },
        ConformanceCase("referrers.pushed-twice", "a referrer that is pushed twice is listed once", .referrers, source)
        { probe in
            var sample = Sample()
            let image = sample.image()
            let referrer = sample.artifact(sbom, subject: image.descriptor())
            try await push(&sample, probe)
            try await probe.push(referrer, tag: "again")
            try await probe.expectReferrers(of: image.digest, [referrer])
        },
        ConformanceCase("referrers.deleted", "a deleted referrer is not listed", .referrers, source) { probe in
            var sample = Sample()
            let image = sample.image()
            let kept = sample.artifact(sbom, subject: image.descriptor())
            let deleted = sample.artifact(signature, subject: image.descriptor())
            try await push(&sample, probe)
            try await probe.expectReferrers(of: image.digest, [kept, deleted])
            try await delete(deleted, probe)
            try await probe.expectReferrers(of: image.digest, [kept])
        },
        ConformanceCase(
            "referrers.subject-deleted",
            "referrers outlive their subject",
            .referrers,
            source
        ) { probe in
            var sample = Sample()
            let image = sample.image()
            let referrer = sample.artifact(sbom, subject: image.descriptor())
            try await push(&sample, probe)
            try await probe.expectReferrers(of: image.digest, [referrer])
            try await delete(image, probe)
            try await probe.expectReferrers(of: image.digest, [referrer])
            try await probe.expectManifest(referrer, at: referrer.digest.description)
        },
        ConformanceCase(
            "referrers.fallback-tag",
            "what is listed under the fallback tag is listed, once",
            .referrers,
            .distribution("Enabling the Referrers API", "end-12a")
        ) { probe in
            var sample = Sample()
            let image = sample.image()
            let referrers = [
                sample.artifact(sbom, subject: image.descriptor()),
                sample.artifact(signature, subject: image.descriptor()),
            ]
            try await push(&sample, probe)
            let fallback = SampleManifest(
                ["manifests": .array(referrers.map { $0.descriptor(["artifactType": .optional($0.artifactType)]) })],
                mediaType: MediaType.imageIndex,
                algorithm: .sha256
            )
            let tag = "\(image.digest.algorithm.rawValue)-\(image.digest.hex.prefix(64))"
            try await probe.push(fallback, tag: tag)
            try await probe.expectReferrers(of: image.digest, referrers)
            try await probe.expectManifest(fallback, at: tag)
        },
    ]

    // MARK: Filters

    private static let filters =
        [
            ("own-type", "by the artifactType of the manifest", sbom, [0]),
            ("configuration", "by the media type of the configuration", MediaType.imageConfig, [1]),
            ("index", "by the artifactType of an index", signature, [2, 3]),
            ("nothing", "that fits nothing", "application/vnd.example.nothing", []),
        ].map { id, title, type, fitting in
            ConformanceCase("referrers.filter.\(id)", "a filter \(title)", .referrers, filter) { probe in
                var sample = Sample()
                let image = sample.image()
                let referrers = [
                    sample.artifact(sbom, subject: image.descriptor()),
                    sample.image("arm64", subject: image.descriptor()),
                    sample.index([], type: signature, subject: image.descriptor()),
                    sample.artifact(signature, subject: image.descriptor()),
                    sample.index([], subject: image.descriptor()),
                ]
                try await push(&sample, probe)
                let (answer, found) = try await probe.referrers(image.digest, "?artifactType=\(type.queryEncoded)")
                let applied = answer.headers["OCI-Filters-Applied"].flatMap { $0.split { $0 == "," || $0 == " " } }
                if applied.isEmpty {
                    // All of them, and then it says that it did not filter; or it filtered and did not say so.
                    guard found.filter(SampleManifest.couldBeOwn).count == referrers.count else {
                        throw answer.failure(
                            "if filtering is applied, the answer MUST include OCI-Filters-Applied: artifactType",
                            got: "\(found.count) of \(referrers.count) descriptors without that header"
                        )
                    }
                    throw Skipped("the registry does not filter; it SHOULD")
                }
                guard applied == ["artifactType"] else {
                    throw answer.failure("OCI-Filters-Applied: artifactType", got: "\(applied)".printable())
                }
                try probe.expect(found, toDescribe: fitting.map { referrers[$0] }, isFiltered: true, answer)
            }
        } + [
            ConformanceCase(
                "referrers.filter.not-asked-for",
                "an answer that was not filtered does not say that it was",
                .referrers,
                filter
            ) { probe in
                var sample = Sample()
                let image = sample.image()
                let referrer = sample.artifact(sbom, subject: image.descriptor())
                try await push(&sample, probe)
                let (answer, found) = try await probe.referrers(image.digest)
                guard answer["OCI-Filters-Applied"] == nil else {
                    throw answer.failure("OCI-Filters-Applied tells filters that were applied; none was asked for")
                }
                try probe.expect(found, toDescribe: [referrer], answer)
            }
        ]

    // MARK: Long lists

    private static let long = [
        ConformanceCase(
            "referrers.paging",
            "a list that does not fit one manifest comes in pages with Link",
            .referrers,
            source
        ) { probe in
            var sample = Sample()
            let image = sample.image()
            sample.tagging = .none
            try await probe.push(sample)
            // Descriptors of five million bytes: more than the four million that every manifest may have.
            let text = String(repeating: "0123456789", count: 2500)
            var referrers: [SampleManifest] = []
            var parts = Sample()
            for number in 0..<200 {
                referrers.append(
                    parts.artifact(
                        sbom,
                        data: nil,
                        annotations: ["org.example.n\(number)": text],
                        subject: image.descriptor()
                    )
                )
            }
            for blob in parts.blobs { try await probe.push(blob) }
            for (number, referrer) in referrers.enumerated() {
                try await probe.push(referrer)
                // A registry without referrers is not asked to take the rest.
                if number == 0 { try await probe.expectReferrers(of: image.digest, [referrer]) }
            }
            try await probe.expectReferrers(of: image.digest, referrers)
        }
    ]

    /// Pushes all parts by their digests.
    private static func push(_ sample: inout Sample, _ probe: Probe) async throws {
        sample.tagging = .none
        try await probe.push(sample)
    }

    private static func delete(_ manifest: SampleManifest, _ probe: Probe) async throws {
        let answer = try await probe.delete("/v2/\(probe.repository)/manifests/\(manifest.digest)")
        if answer.isDisabled {
            throw Skipped("the registry does not delete manifests (\(answer.status)), which it MAY")
        }
        try answer.expect(202, asks: "a successful deletion of a manifest MUST be answered with 202 Accepted")
    }
}
