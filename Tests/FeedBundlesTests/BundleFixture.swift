// SPDX-License-Identifier: EUPL-1.2

import Attestations
import FeedBundles
import Foundation
import ImageSources
import JSON
import Keys
import OCI
import TestKit
import Time
import Vulnerabilities

/// A node that has advisories and a key for feed bundles, and another one that has neither.
struct BundleFixture {
    static let now = Timestamp(rfc3339: "2026-11-22T09:00:00Z") ?? Timestamp(seconds: 0)

    let directory: TemporaryDirectory
    let origin: FeedStore
    let target: FeedStore
    let signer: LocalSigner
    /// The public key in force.
    let key: PublicKey

    init() async throws {
        directory = try TemporaryDirectory("bundle")
        origin = FeedStore(directory: directory.file("origin/feeds"), clock: .fixed(Self.now))
        target = FeedStore(directory: directory.file("target/feeds"), clock: .fixed(Self.now))
        let store = try KeyStore(directory: directory.file("origin/keys"))
        let record = try store.complete().first { $0.role == .feeds }
        signer = LocalSigner(store: store)
        key = try PublicKey(spki: record?.publicKey ?? [])
        try await importing(day: "2026-11-21")
    }

    /// Puts feeds of one day into the node that has them.
    func importing(day: String, fixed: String = "3.0.13-1") async throws {
        let tracker = """
            {"openssl":{"CVE-2024-0001":{"description":"x","releases":{"bookworm":{"fixed_version":"\(fixed)",\
            "repositories":{"bookworm":"\(fixed)"},"status":"resolved","urgency":"high"}},"scope":"local"}}}
            """
        let scores = """
            #model_version:v2025.03.14,score_date:\(day)T00:00:00+0000
            cve,epss,percentile
            CVE-2024-0001,0.25,0.5

            """
        let folder = "in-\(day)-\(fixed)"
        try directory.write(Array(tracker.utf8), to: folder + "/tracker.json")
        try directory.write(Array(scores.utf8), to: folder + "/epss.csv")
        let report = try await origin.importFeeds(paths: [directory.file(folder)], asOf: Timestamp(date: day))
        guard report.failed.isEmpty, report.imported.count == 2 else {
            throw ToolError(description: "the feeds did not go in: \(report)")
        }
    }

    var layout: String { directory.file("layout") }

    @discardableResult
    func export(to place: String? = nil, access: FeedBundleAccess = FeedBundleAccess(), clock: WallClock = .fixed(now))
        async throws -> FeedBundleExporter.Outcome
    {
        guard let snapshot = try origin.current() else { throw ToolError(description: "no snapshot") }
        return try await FeedBundleExporter(
            snapshot,
            signer: signer,
            address: "https://node.example/",
            access: access,
            clock: clock
        ).export(to: try ImageLocation(parsing: place ?? "oci:\(layout):today"))
    }

    @discardableResult
    func take(
        _ place: String? = nil,
        keys: [FeedBundleKey]? = nil,
        access: FeedBundleAccess = FeedBundleAccess(),
        limits: FeedBundle.Limits = FeedBundle.Limits(),
        allowsOlder: Bool = false
    ) async throws -> FeedBundleImporter.Outcome {
        try await FeedBundleImporter(keys: keys ?? [FeedBundleKey(key)], access: access, limits: limits)
            .importBundle(
                at: try ImageLocation(parsing: place ?? "oci:\(layout):today"),
                into: target,
                allowsOlder: allowsOlder
            )
    }

    /// Path of a blob in the layout.
    func blob(_ digest: Digest, in layout: String? = nil) -> String {
        "\(layout ?? self.layout)/blobs/sha256/\(digest.hex)"
    }

    func bytes(_ digest: Digest) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: blob(digest))))
    }

    /// Digest of the artefact that has the name `today` in the layout.
    func artefactDigest() throws -> Digest {
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: layout + "/index.json")))
        guard case .index(let all) = try ManifestDocument(parsing: bytes, contentType: MediaType.imageIndex),
            let named = all.manifests.first,
            case .index(let index) = try ManifestDocument(parsing: try self.bytes(named.digest), contentType: nil),
            let artefact = index.manifests.first
        else { throw ToolError(description: "no bundle in the layout") }
        return artefact.digest
    }

    /// The artefact's manifest.
    func artefact(_ outcome: FeedBundleExporter.Outcome) throws -> ImageManifest {
        let document = try ManifestDocument(parsing: try bytes(outcome.artefact), contentType: nil)
        guard case .image(let manifest) = document else { throw ToolError(description: "no manifest") }
        return manifest
    }

    /// The index around artefact and signature.
    func index(_ outcome: FeedBundleExporter.Outcome) throws -> ImageIndex {
        let document = try ManifestDocument(parsing: try bytes(outcome.index), contentType: nil)
        guard case .index(let index) = document else { throw ToolError(description: "no index") }
        return index
    }

    /// Writes a blob into the layout.
    func put(_ bytes: [UInt8], mediaType: String, artifactType: String? = nil) throws -> Descriptor {
        let digest = Digest.sha256(bytes)
        try Data(bytes).write(to: URL(fileURLWithPath: blob(digest)))
        return Descriptor(
            mediaType: mediaType,
            digest: digest,
            size: Int64(bytes.count),
            artifactType: artifactType
        )
    }

    /// Gives the name `today` to an index of these manifests.
    func name(_ manifests: [Descriptor]) throws {
        var index = try put(ImageIndex(manifests: manifests).json.bytes(), mediaType: MediaType.imageIndex)
        index.annotations = ["org.opencontainers.image.ref.name": "today"]
        try directory.write(ImageIndex(manifests: [index]).json.bytes(), to: "layout/index.json")
    }
}
