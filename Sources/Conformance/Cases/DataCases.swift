// SPDX-License-Identifier: EUPL-1.2

import OCI

/// Every step of the life of every shape of object.
enum DataCases {
    static let all = DataSet.all.flatMap { set in
        steps.compactMap { step -> ConformanceCase? in
            // Some shapes have no part in some steps.
            guard step.applies(set.make()) else { return nil }
            return ConformanceCase(
                "data.\(set.id).\(step.id)",
                "\(set.title): \(step.title)",
                .data,
                step.source,
                since: set.since
            ) { probe in
                let sample = set.make()
                try await step.run(probe, sample)
            }
        }
    }

    private struct Step: Sendable {
        let id: String
        let title: String
        let source: SpecificationSource
        var applies: @Sendable (Sample) -> Bool = { _ in true }
        let run: @Sendable (Probe, Sample) async throws -> Void
    }

    private static let steps = [
        Step(id: "push", title: "it is taken, and found where the answer says", source: pushing, run: push),
        Step(
            id: "subject",
            title: "the answer to what refers to a subject names it",
            source: .distribution("Pushing Manifests with Subject", "end-7"),
            applies: { $0.manifests.contains { $0.subject != nil } },
            run: subject
        ),
        Step(
            id: "tags",
            title: "its tags are listed",
            source: .distribution("Listing Tags", "end-8a"),
            applies: { !$0.tags.isEmpty },
            run: tags
        ),
        Step(
            id: "tags-last",
            title: "its tags are listed after a tag",
            source: .distribution("Listing Tags", "end-8b"),
            applies: { !$0.tags.isEmpty },
            run: tagsAfter
        ),
        Step(
            id: "head",
            title: "HEAD tells type and size of everything",
            source: .distribution("Checking if content exists in the registry", "end-2, end-3"),
            run: head
        ),
        Step(
            id: "pull",
            title: "everything comes back byte for byte",
            source: .distribution("Pull", "end-2, end-3"),
            run: pull
        ),
        Step(
            id: "referrers",
            title: "the referrers of everything are listed",
            source: .distribution("Listing Referrers", "end-12a"),
            run: referrers
        ),
        Step(
            id: "delete",
            title: "everything can be deleted, and is gone",
            source: .distribution("Content Management", "end-9, end-10"),
            run: delete
        ),
    ]

    private static let pushing = SpecificationSource.distribution("Pushing Manifests", "end-7")

    @Sendable private static func push(_ probe: Probe, _ sample: Sample) async throws {
        let created = try await probe.push(sample)
        guard let root = sample.root else { return }
        if sample.tagging == .parameters { try ManifestCases.expectTags(sample.tags, created) }
        try await ManifestCases.expectPullable(root, created, probe)
    }

    @Sendable private static func subject(_ probe: Probe, _ sample: Sample) async throws {
        for blob in sample.blobs { try await probe.push(blob) }
        for manifest in sample.manifests {
            let answer = try await probe.push(manifest)
            guard let subject = manifest.subject else { continue }
            try answer.expectHeader(
                "OCI-Subject",
                is: subject.description,
                asks: "the answer to a manifest with a subject MUST have OCI-Subject: <subject digest>"
            )
        }
    }

    @Sendable private static func tags(_ probe: Probe, _ sample: Sample) async throws {
        try await probe.push(sample)
        try await probe.expectTags(sample.tags)
    }

    @Sendable private static func tagsAfter(_ probe: Probe, _ sample: Sample) async throws {
        try await probe.push(sample)
        for (index, tag) in sample.tags.enumerated() {
            try await probe.expectTags(Array(sample.tags[(index + 1)...]), "?last=\(tag)")
        }
    }

    @Sendable private static func head(_ probe: Probe, _ sample: Sample) async throws {
        try await probe.push(sample)
        for manifest in sample.manifests { try await probe.expectHead(manifest, at: manifest.digest.description) }
        for tag in sample.tags { if let root = sample.root { try await probe.expectHead(root, at: tag) } }
        for blob in sample.blobs {
            try await probe.head("/v2/\(probe.repository)/blobs/\(blob.digest)").expect(
                200,
                asks: "HEAD of an existing blob MUST be answered with 200 OK"
            )
        }
    }

    @Sendable private static func pull(_ probe: Probe, _ sample: Sample) async throws {
        try await probe.push(sample)
        for manifest in sample.manifests { try await probe.expectManifest(manifest, at: manifest.digest.description) }
        for tag in sample.tags { if let root = sample.root { try await probe.expectManifest(root, at: tag) } }
        for blob in sample.blobs { try await probe.expectBlob(blob) }
    }

    @Sendable private static func referrers(_ probe: Probe, _ sample: Sample) async throws {
        try await probe.push(sample)
        let all = Set(sample.manifests.map(\.digest)).union(sample.manifests.compactMap(\.subject))
        for digest in all.sorted() {
            try await probe.expectReferrers(of: digest, sample.manifests.filter { $0.subject == digest })
        }
    }

    @Sendable private static func delete(_ probe: Probe, _ sample: Sample) async throws {
        try await probe.push(sample)
        var disabled: Set<String> = []
        for manifest in sample.manifests.reversed() {
            let answer = try await probe.delete("/v2/\(probe.repository)/manifests/\(manifest.digest)")
            guard !answer.isDisabled else {
                disabled.insert("manifests (\(answer.status))")
                continue
            }
            try answer.expect(202, asks: "a successful deletion of a manifest MUST be answered with 202 Accepted")
            try await probe.expectNoManifest(at: "\(manifest.digest)", asks: "a deleted manifest is answered with 404")
        }
        if disabled.isEmpty {
            for tag in sample.tags {
                try await probe.expectNoManifest(
                    at: tag,
                    asks: "any tag pointing to a deleted manifest is answered with 404"
                )
            }
            let subjects = Set(sample.manifests.compactMap(\.subject))
            for subject in subjects.sorted() where try await hasReferrers(probe) {
                try await probe.expectReferrers(of: subject, [])
            }
        }
        for blob in sample.blobs {
            let answer = try await probe.delete("/v2/\(probe.repository)/blobs/\(blob.digest)")
            guard !answer.isDisabled else {
                disabled.insert("blobs (\(answer.status))")
                continue
            }
            try answer.expect(202, asks: "a successful deletion of a blob MUST be answered with 202 Accepted")
            try await probe.expectNoBlob(blob.digest, asks: "a deleted blob is answered with 404")
        }
        if !disabled.isEmpty {
            throw Skipped("the registry does not delete \(disabled.sorted().joined(separator: " and "))")
        }
    }

    /// That a registry has no referrers at all is told by other cases.
    private static func hasReferrers(_ probe: Probe) async throws -> Bool {
        try await probe.get("/v2/\(probe.repository)/referrers/\(SampleBlob.random(32).digest)").status == 200
    }
}
