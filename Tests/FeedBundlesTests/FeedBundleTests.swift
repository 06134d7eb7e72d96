// SPDX-License-Identifier: EUPL-1.2

import Attestations
import Crypto
import FeedBundles
import Foundation
import JSON
import Keys
import OCI
import TestKit
import Testing
import Time
import Vulnerabilities

/// A bundle that goes from one node to another, and what is refused on the way.
@Suite("Feed bundles")
struct FeedBundleTests {
    @Test("a bundle gives the other node the same snapshot, from a directory and from an archive; the node sees it")
    func way() async throws {
        let fixture = try await BundleFixture()
        let made = try await fixture.export()
        let identity = try #require(try fixture.origin.currentIdentity())
        #expect(made.statement.contents.identity == identity)
        let taken = try await fixture.take()
        #expect(taken.report.switched && taken.report.snapshot == identity)
        #expect(taken.statement == made.statement && taken.key.key == fixture.key)
        #expect(try await SnapshotWatcher(feeds: fixture.target).difference(since: nil)?.after.id == identity)
        // The same again changes nothing, and is no step back.
        #expect(try await fixture.take().report.switched == false)

        let archive = fixture.directory.file("bundle.tar")
        try await fixture.export(to: "oci-archive:\(archive):today")
        let listed = try await tool("tar").check(["-tvf", archive])
        #expect(listed.contains("oci-layout") && listed.contains("index.json"))
        #expect(try await fixture.take("oci-archive:\(archive)").report.snapshot == identity)
        // A second day in the same layout: the tag moves, the first one is still there by its digest.
        try await fixture.importing(day: "2026-11-22")
        let second = try await fixture.export()
        #expect(second.index != made.index)
        #expect(try await fixture.take("oci:\(fixture.layout)@\(made.index)").report.snapshot == identity)
        #expect(try await fixture.take().report.snapshot == second.statement.contents.identity)
        #expect(try leftovers(fixture) == [])
    }

    @Test(
        "what was signed names the artefact, the feeds, their dates and counts, and is signed by the role's key alone"
    )
    func statement() async throws {
        let fixture = try await BundleFixture()
        let made = try await fixture.export()
        let index = try fixture.index(made)
        #expect(index.manifests.map(\.digest).first == made.artefact && index.manifests.count == 2)
        guard
            case .image(let referrer) = try ManifestDocument(
                parsing: try fixture.bytes(try #require(index.manifests.last).digest),
                contentType: nil
            )
        else { return #expect(Bool(false), "the signature is no manifest") }
        #expect(referrer.subject?.digest == made.artefact)
        let bundle = try SigstoreBundle(parsing: try fixture.bytes(try #require(referrer.layers.first).digest))
        guard case .envelope(let envelope) = bundle.content else { return #expect(Bool(false), "no envelope") }
        let statement = try JSONValue(parsing: envelope.payload)
        #expect(statement["predicateType"] == "https://node.example/attestations/feed-bundle/v1")
        #expect(statement["subject"]?[0]?["digest"]?["sha256"]?.stringValue == made.artefact.hex)
        let feeds = statement["predicate"]?["feeds"]
        #expect(feeds?[0]?["name"] == "debian-tracker" && feeds?[0]?["count"] == 1)
        #expect(feeds?[0]?["date"] == "2026-11-21T00:00:00Z")
        #expect(feeds?[0]?["covers"]?[0]?["release"] == "bookworm")
        #expect(feeds?[1]?["name"] == "epss" && feeds?[1]?["digest"]?.stringValue?.hasPrefix("sha256:") == true)
        let signature = try #require(envelope.signatures.first).bytes
        #expect(fixture.key.isValidSignature(signature, for: envelope.bytesToSign))
    }

    @Test("no key but the given one counts, and that one only while it signed")
    func keys() async throws {
        let fixture = try await BundleFixture()
        try await fixture.export()
        let stranger = try PublicKey(
            .ecdsaP256SHA256,
            point: Array(P256.Signing.PrivateKey().publicKey.x963Representation)
        )
        try await refused(fixture, "none of the 1 given keys made it") {
            try await $0.take(keys: [FeedBundleKey(stranger)])
        }
        try await refused(fixture, "none of the 0 given keys made it") { try await $0.take(keys: []) }
        // A key of another role of the same node signs no feeds.
        let other = try #require(try await fixture.signer.keys().first { $0.role == .verdict })
        let wrong = FeedBundleKey(try PublicKey(spki: other.publicKey))
        try await refused(fixture, "none of the 1 given keys made it") { try await $0.take(keys: [wrong]) }
        let now = BundleFixture.now
        for key in [
            FeedBundleKey(fixture.key, validFrom: now + .seconds(1)), FeedBundleKey(fixture.key, validUntil: now),
        ] { try await refused(fixture, "did not sign") { try await $0.take(keys: [key]) } }
        let good = FeedBundleKey(fixture.key, validFrom: now, validUntil: now + .seconds(1))
        #expect(try await fixture.take(keys: [FeedBundleKey(stranger), good]).report.switched)
    }

    @Test("a node's trust root gives the keys for feeds that are not revoked")
    func trustRoot() async throws {
        let fixture = try await BundleFixture()
        func root(_ role: String, _ revoked: JSONValue = .null) -> [UInt8] {
            let entry: JSONValue = [
                "role": .string(role), "pem": .string(fixture.key.pem), "signsFrom": "2026-01-01T00:00:00Z",
                "signsUntil": .null, "revokedFrom": revoked,
            ]
            return JSONValue.object(["schemaVersion": 1, "keys": .array([entry])]).bytes()
        }
        let keys = try FeedBundleKey.keys(trustRoot: root("feeds"), path: "root.json")
        #expect(keys.map(\.key) == [fixture.key] && keys.first?.validFrom == Timestamp(date: "2026-01-01"))
        for bytes in [root("release"), root("feeds", "2026-02-01T00:00:00Z"), Array("{}".utf8), []] {
            #expect(throws: FeedBundleError.self) { try FeedBundleKey.keys(trustRoot: bytes, path: "root.json") }
        }
    }

    @Test("what was changed on the way is refused with its place: layer, manifest, signature, index")
    func tampered() async throws {
        let fixture = try await BundleFixture()
        let made = try await fixture.export()
        let layer = try #require(try fixture.artefact(made).layers.first)
        try await withChange(of: layer.digest, fixture) { bytes in
            bytes[bytes.count / 2] ^= 1
        } body: {
            try await refused(fixture, "layer \(layer.digest)") { try await $0.take() }
        }
        try await withChange(of: layer.digest, fixture) { bytes in
            bytes.removeLast()
        } body: {
            try await refused(fixture, "its manifest says \(layer.size)") { try await $0.take() }
        }
        for descriptor in try fixture.index(made).manifests {
            try await withChange(of: descriptor.digest, fixture) { bytes in
                bytes[bytes.count - 2] = 0x20
            } body: {
                try await refused(fixture, "have another digest") { try await $0.take() }
            }
        }
        try FileManager.default.removeItem(atPath: fixture.blob(layer.digest))
        await #expect(throws: (any Error).self) { try await fixture.take() }
        #expect(try fixture.target.currentIdentity() == nil)
    }

    @Test("an artefact without a signature, with another's, or with too many is no bundle that counts")
    func signatures() async throws {
        let fixture = try await BundleFixture()
        let first = try await fixture.export()
        let signature = try #require(try fixture.index(first).manifests.last)
        try await fixture.importing(day: "2026-11-21", fixed: "3.0.12-1")
        let second = try await fixture.export()
        let manifests = try fixture.index(second).manifests
        let artefact = try #require(manifests.first)
        try fixture.name([artefact])
        try await refused(fixture, "it has no signature") { try await $0.take() }
        // The first one's signature, moved to the second artefact: its subject, then also the manifest around it.
        try fixture.name([artefact, signature])
        try await refused(fixture, "it has no signature") { try await $0.take() }
        guard
            case .image(let old) = try ManifestDocument(parsing: try fixture.bytes(signature.digest), contentType: nil)
        else { return #expect(Bool(false), "no manifest") }
        var moved = old
        moved.subject = artefact
        let forged = try fixture.put(moved.json.bytes(), mediaType: MediaType.imageManifest)
        try fixture.name([artefact, forged])
        try await refused(fixture, "it is about another artefact") { try await $0.take() }
        // The good one among bad ones counts; the others do no harm.
        try fixture.name([artefact, forged, try #require(manifests.last)])
        #expect(try await fixture.take().report.snapshot == second.statement.contents.identity)
        try fixture.name([artefact] + Array(repeating: forged, count: 40))
        try await refused(fixture, "it has 41 manifests") { try await $0.take() }
        try fixture.name([artefact, try #require(try fixture.index(first).manifests.first)] + manifests.suffix(1))
        try await refused(fixture, "2 manifests of that type") { try await $0.take() }
    }

    @Test("an older bundle is refused, and taken when that is asked for; one that is too large is not read")
    func bounds() async throws {
        let fixture = try await BundleFixture()
        let first = try await fixture.export()
        try await fixture.importing(day: "2026-11-22")
        try await fixture.export()
        try await fixture.take()
        let place = "oci:\(fixture.layout)@\(first.index)"
        try await refused(fixture, "only with --allow-older") { try await $0.take(place) }
        #expect(try await fixture.take(place, allowsOlder: true).report.snapshot == first.statement.contents.identity)
        try await refused(fixture, "at most 10 are read") { try await $0.take(limits: .init(packed: 10)) }
        try await refused(fixture, "at most 10 are read") { try await $0.take(limits: .init(unpacked: 10)) }
        for (place, reason) in [
            ("oci:\(fixture.layout):yesterday", "it has no yesterday"),
            ("oci:\(fixture.layout)@sha256:\(String(repeating: "0", count: 64))", "it has no sha256:0000"),
            ("dir:\(fixture.layout)", "a feed bundle lies in"),
        ] { try await refused(fixture, reason) { try await $0.take(place) } }
    }

    // MARK: - Helpers

    private func refused(
        _ fixture: BundleFixture,
        _ reason: String,
        _ body: (BundleFixture) async throws -> FeedBundleImporter.Outcome
    ) async throws {
        let before = try fixture.target.currentIdentity()
        let error = await #expect(throws: (any Error).self, "\(reason)") { _ = try await body(fixture) }
        #expect(error.map { "\($0)" }?.contains(reason) == true, "\(error.map { "\($0)" } ?? "none")")
        #expect(try fixture.target.currentIdentity() == before)
        #expect(try leftovers(fixture) == [])
    }

    private func leftovers(_ fixture: BundleFixture) throws -> [String] {
        guard FileManager.default.fileExists(atPath: fixture.target.directory) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: fixture.target.directory)
            .filter { !$0.hasPrefix("snapshot-") && !["current", "import.lock"].contains($0) }
    }

    private func withChange(
        of digest: OCI.Digest,
        _ fixture: BundleFixture,
        _ change: (inout [UInt8]) -> Void,
        body: () async throws -> Void
    ) async throws {
        let before = try fixture.bytes(digest)
        var after = before
        change(&after)
        #expect(after != before)
        try Data(after).write(to: URL(fileURLWithPath: fixture.blob(digest)))
        try await body()
        try Data(before).write(to: URL(fileURLWithPath: fixture.blob(digest)))
    }
}
