// SPDX-License-Identifier: EUPL-1.2

import JSON
import NIOHTTP1
import OCI

extension Probe {
    /// What a client of manifests sends.
    static let acceptable: HTTPHeaders = ["Accept": "\(MediaType.imageManifest), \(MediaType.imageIndex)"]

    // MARK: Pushing

    /// Pushes a manifest; the answer is whatever it is.
    func put(
        _ manifest: SampleManifest,
        at reference: String,
        query: String = "",
        in repository: String? = nil,
        atLeisure: Bool = false
    ) async throws -> Exchange {
        let repository = repository ?? self.repository
        let answer = try await send(
            .PUT,
            "/v2/\(repository)/manifests/\(reference)\(query)",
            ["Content-Type": manifest.mediaType],
            body: atLeisure ? .atLeisure(manifest.bytes) : .bytes(manifest.bytes),
            scope: repository
        )
        // A failure of the registry may have stored it all the same.
        if answer.status == 201 || answer.status >= 500 {
            let thing = Made.manifest(repository: repository, reference: manifest.digest.description)
            forget(thing)
            remember(thing)
        }
        return answer
    }

    /// Pushes a manifest that has to be taken; by its digest when no tag is given.
    @discardableResult
    func push(_ manifest: SampleManifest, tag: String? = nil, in repository: String? = nil) async throws -> Exchange {
        let answer = try await put(manifest, at: tag ?? manifest.digest.description, in: repository)
        try expectCreated(answer, manifest)
        return answer
    }

    /// Demands that a manifest was taken.
    ///
    /// No freedom is left for sha512 here: what the manifest names was pushed before, so the registry knows the algorithm.
    func expectCreated(_ answer: Exchange, _ manifest: SampleManifest) throws {
        let source = SpecificationSource.distribution("Pushing Manifests", "end-7")
        try answer.expect(
            201,
            asks: "a successful push of a manifest MUST be answered with 201 Created",
            source: source
        )
        try answer.expectHeader(
            "Location",
            asks: "the answer to a pushed manifest MUST have a Location",
            source: source
        )
        try answer.expectTrueDigest(of: manifest.bytes)
    }

    /// Pushes all of an object; returns the answer to its root.
    @discardableResult
    func push(_ sample: Sample, in repository: String? = nil) async throws -> Exchange {
        let repository = repository ?? self.repository
        for blob in sample.blobs { try await push(blob, to: repository) }
        var last: Exchange?
        for (index, manifest) in sample.manifests.enumerated() {
            let isRoot = index == sample.manifests.count - 1
            let tag = isRoot && sample.tagging == .path ? sample.tags.first : nil
            let query = isRoot && sample.tagging == .parameters ? Self.tagQuery(sample.tags) : ""
            let answer = try await put(manifest, at: tag ?? manifest.digest.description, query: query, in: repository)
            if sample.namesMissingContent { try skipIfContentMissing(answer) }
            try expectCreated(answer, manifest)
            last = answer
        }
        guard let last else { preconditionFailure("a sample without manifests") }
        return last
    }

    static func tagQuery(_ tags: [String]) -> String { "?" + tags.map { "tag=" + $0 }.joined(separator: "&") }

    /// A registry may refuse what names missing content, but only in the right words.
    func skipIfContentMissing(_ answer: Exchange) throws {
        guard (400...499).contains(answer.status) else { return }
        guard answer.errorCodes.contains("MANIFEST_BLOB_UNKNOWN") else {
            throw answer.failure(
                "a manifest that is refused because of missing content MUST result in one or more MANIFEST_BLOB_UNKNOWN errors",
                source: .distribution("Push", "end-7")
            )
        }
        throw Skipped("the registry refuses manifests that name missing content (MANIFEST_BLOB_UNKNOWN), which it MAY")
    }

    // MARK: Pulling

    /// Demands a manifest, byte for byte.
    @discardableResult
    func expectManifest(_ manifest: SampleManifest, at reference: String, in repository: String? = nil) async throws
        -> Exchange
    {
        let repository = repository ?? self.repository
        let answer = try await get("/v2/\(repository)/manifests/\(reference)", Self.acceptable, scope: repository)
        try expect(answer, toBe: manifest)
        try answer.expectBody(
            manifest.bytes,
            asks: "the registry MUST store the manifest in the exact byte representation provided by the client",
            source: .distribution("Pushing Manifests", "end-7")
        )
        return answer
    }

    /// Demands that HEAD tells the truth of a manifest.
    @discardableResult
    func expectHead(_ manifest: SampleManifest, at reference: String, in repository: String? = nil) async throws
        -> Exchange
    {
        let repository = repository ?? self.repository
        let answer = try await head("/v2/\(repository)/manifests/\(reference)", Self.acceptable, scope: repository)
        try expect(answer, toBe: manifest)
        return answer
    }

    private func expect(_ answer: Exchange, toBe manifest: SampleManifest) throws {
        try answer.expect(
            200,
            asks: "GET and HEAD of an existing manifest MUST be answered with 200 OK",
            source: .distribution("Pulling manifests", "end-3")
        )
        try answer.expectHeader(
            "Content-Type",
            is: manifest.mediaType,
            asks: "Content-Type matches what the client pushed, without parameters: \(manifest.mediaType)",
            source: .distribution("Pulling manifests", "end-3")
        )
        if answer["Content-Length"] != nil {
            try answer.expectHeader(
                "Content-Length",
                is: String(manifest.bytes.count),
                asks: "Content-Length is the size of the manifest in bytes: \(manifest.bytes.count)",
                source: .distribution("Checking if content exists in the registry", "end-3")
            )
        }
        try answer.expectTrueDigest(of: manifest.bytes)
    }

    /// Demands that there is no manifest.
    func expectNoManifest(at reference: String, asks: String, source: SpecificationSource? = nil) async throws {
        for method in [HTTPMethod.GET, .HEAD] {
            let answer = try await send(method, "/v2/\(repository)/manifests/\(reference)", Self.acceptable)
            try answer.expect(404, asks: asks, source: source)
        }
    }
}
