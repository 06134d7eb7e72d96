// SPDX-License-Identifier: EUPL-1.2

import Audit
import Database
import JSON
import NodeTestKit
import OCI
import Registry
import Testing
import Time

@Suite("Manifests and tags")
struct ManifestTests {
    func put(
        _ test: TestRegistry,
        _ name: String,
        _ reference: String,
        _ bytes: [UInt8],
        _ type: String = MediaType.imageManifest
    ) async throws -> Answer {
        try await test.client.request(
            "PUT",
            "/v2/\(name)/manifests/\(reference)",
            headers: [("Content-Type", type)],
            body: bytes
        )
    }

    @Test("7.2/17, 7.2/18: a manifest comes back byte for byte, by tag and by digest, with its own type")
    func exactBytes() async throws {
        try await TestRegistry.run { test in
            // Spaces and order as no writer of ours would put them.
            let text =
                String(decoding: try await test.image("team/app"), as: UTF8.self).replacing(",", with: " ,\n ") + "\n\n"
            let bytes = Array(text.utf8)
            let digest = Digest.sha256(bytes)
            let answer = try await put(test, "team/app", "1.0", bytes)
            #expect(answer.status == 201)
            #expect(answer["location"] == "/v2/team/app/manifests/\(digest)")
            #expect(answer["docker-content-digest"] == digest.description)
            for reference in ["1.0", digest.description, digest.description.replacing(":", with: "%3A")] {
                let got = try await test.client.request("GET", "/v2/team/app/manifests/\(reference)")
                #expect(got.body == bytes)
                #expect(got["content-type"] == MediaType.imageManifest)
                #expect(got["docker-content-digest"] == digest.description)
                #expect(got["x-content-type-options"] == "nosniff")
                let head = try await test.client.request("HEAD", "/v2/team/app/manifests/\(reference)")
                #expect(head.status == 200)
                #expect(head["content-length"] == String(bytes.count))
                let again = try await test.client.request(
                    "GET",
                    "/v2/team/app/manifests/\(reference)",
                    headers: [("If-None-Match", "\"\(digest)\"")]
                )
                #expect(again.status == 304)
            }
        }
    }

    @Test("7.2/6: 4 MiB are accepted, one byte more is refused with the limit, announced or streamed")
    func size() async throws {
        try await TestRegistry.run { test in
            let manifest = try await test.image("a")
            let limit = 4 << 20
            let padding = { (count: Int) in manifest + [UInt8](repeating: 0x20, count: count - manifest.count) }
            #expect(try await put(test, "a", "full", padding(limit)).status == 201)
            let over = try await put(test, "a", "over", padding(limit + 1))
            #expect(over.status == 413)
            #expect(over.message?.contains("4194304") == true)
            let streamed = try await test.client.request(
                "PUT",
                "/v2/a/manifests/over",
                headers: [("Content-Type", MediaType.imageManifest)],
                chunks: (0..<9).map { _ in [UInt8](repeating: 0x20, count: 512 << 10) }
            )
            #expect(streamed.status == 413)
            #expect(try await test.client.request("GET", "/v2/a/manifests/over").status == 404)
        }
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        let what: String
        let text: String
        var type = MediaType.imageManifest
        var testDescription: String { what }
    }

    static let empty =
        #"{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:\#(String(repeating: "a", count: 64))","size":2}"#

    static let bad: [Bad] = [
        Bad(what: "no JSON", text: "hello"),
        Bad(what: "empty", text: ""),
        Bad(what: "an array", text: "[]"),
        Bad(what: "layers and manifests", text: #"{"schemaVersion":2,"config":\#(empty),"layers":[],"manifests":[]}"#),
        Bad(
            what: "media type is not the content type",
            text: #"{"schemaVersion":2,"mediaType":"\#(MediaType.imageIndex)","config":\#(empty),"layers":[]}"#
        ),
        Bad(what: "an index sent as a manifest", text: #"{"schemaVersion":2,"manifests":[]}"#),
        Bad(
            what: "a manifest sent as an index",
            text: #"{"schemaVersion":2,"config":\#(empty),"layers":[]}"#,
            type: MediaType.imageIndex
        ),
        Bad(what: "schema 1", text: #"{"schemaVersion":1,"fsLayers":[]}"#, type: MediaType.dockerSchema1[0]),
        Bad(what: "unknown type", text: "{}", type: "text/html"),
        Bad(what: "duplicate members", text: #"{"schemaVersion":2,"layers":[],"layers":[],"config":\#(empty)}"#),
        Bad(what: "trailing bytes", text: #"{"schemaVersion":2,"config":\#(empty),"layers":[]} x"#),
        Bad(what: "a deep bomb", text: String(repeating: "[", count: 100_000)),
        Bad(
            what: "a negative size",
            text: #"{"schemaVersion":2,"config":\#(empty.replacing(#""size":2"#, with: #""size":-2"#)),"layers":[]}"#
        ),
    ]

    @Test("7.2/8, 7.2/16: what is no manifest, or two things at once, is refused with a reason", arguments: bad)
    func refused(_ item: Bad) async throws {
        try await TestRegistry.run { test in
            try await test.push([1], to: "a")
            let answer = try await put(test, "a", "x", Array(item.text.utf8), item.type)
            #expect(answer.status == 400)
            #expect(answer.code == "MANIFEST_INVALID")
            #expect(answer.message?.isEmpty == false)
            #expect(try await test.client.request("GET", "/v2/a/manifests/x").status == 404)
        }
    }

    @Test("missing blobs are named, all of them, with what to push; nothing is published")
    func missingBlobs() async throws {
        try await TestRegistry.run { test in
            let (config, layer) = (Digest.sha256([1]), Digest.sha256([2]))
            let manifest = ImageManifest(
                config: Descriptor(mediaType: MediaType.imageConfig, digest: config, size: 1),
                layers: [Descriptor(mediaType: MediaType.layerTar, digest: layer, size: 1)]
            )
            let answer = try await put(test, "team/app", "x", manifest.json.bytes())
            #expect(answer.status == 400)
            #expect(answer.code == "MANIFEST_BLOB_UNKNOWN")
            #expect(answer.json?["errors"]?.arrayValue?.count == 2)
            for text in [config.description, layer.description, "team/app", "POST /v2/team/app/blobs/uploads/"] {
                #expect(answer.text.replacing("\\/", with: "/").contains(text))
            }
            // Held by another repository only: the same.
            try await test.push([1], to: "other")
            try await test.push([2], to: "other")
            #expect(try await put(test, "team/app", "x", manifest.json.bytes()).status == 400)
            #expect(
                try await test.client.request("GET", "/v2/team/app/tags/list").json?["tags"]?.arrayValue?.isEmpty
                    ?? true
            )
        }
    }

    @Test("a descriptor with another size than its blob is refused")
    func wrongSize() async throws {
        try await TestRegistry.run { test in
            let text = String(decoding: try await test.image("a"), as: UTF8.self).replacing(
                #""size":5"#,
                with: #""size":6"#
            )
            let answer = try await put(test, "a", "x", Array(text.utf8))
            #expect(answer.status == 400)
            #expect(answer.message?.contains("says 6 bytes") == true)
        }
    }

    @Test("a digest in the path must be that of the bytes")
    func wrongDigest() async throws {
        try await TestRegistry.run { test in
            let bytes = try await test.image("a")
            let answer = try await put(test, "a", Digest.sha256([1]).description, bytes)
            #expect(answer.status == 400)
            #expect(answer.code == "DIGEST_INVALID")
            #expect(try await put(test, "a", Digest.sha512(bytes).description, bytes).status == 201)
            #expect(try await test.client.request("GET", "/v2/a/manifests/\(Digest.sha512(bytes))").body == bytes)
        }
    }

    @Test("publishing writes tag, history, audit event and job in one transaction")
    func consequences() async throws {
        let clock = ManualClock(Timestamp(seconds: 1_800_000_000))
        try await TestRegistry.run(clock: clock.clock) { test in
            let name = try RepositoryName(parsing: "team/app")
            let tag = try Tag(parsing: "1.0")
            let first = try await test.pushImage("team/app", "1.0")
            clock.advance(by: .seconds(60))
            try await test.pushImage("team/app", "1.0")
            let second = try await test.pushImage("team/app", "1.0", layer: Array("another".utf8))
            let history = try await test.registry.tagHistory(name, tag)
            #expect(history.map(\.digest) == [second, first])
            #expect(history.map(\.changedBy) == ["admin", "admin"])
            #expect(history.last?.changedAt == Timestamp(seconds: 1_800_000_000))
            #expect(try await test.registry.resolve(name, tag) == second)
            #expect(try await test.registry.manifest(name, first)?.firstSeen == Timestamp(seconds: 1_800_000_000))
            let queue = JobQueue(database: test.database, clock: clock.clock)
            for digest in [first, second] {
                let state = try await queue.state(kind: "assess", subject: "team/app@\(digest)")
                #expect(state != nil)
            }
            let log = try await test.database.read { t in try t.query(auditActions).map { try $0.text(0) } }
            #expect(log.filter { $0 == "manifest.push" }.count == 2)
        }
    }

    @Test("an index is kept without its children; a child that comes later has the index assessed again")
    func sparseIndex() async throws {
        try await TestRegistry.run { test in
            let child = try await test.image("a")
            let index = ImageIndex(
                manifests: [
                    Descriptor(
                        mediaType: MediaType.imageManifest,
                        digest: .sha256(child),
                        size: Int64(child.count),
                        platform: try Platform(parsing: "linux/amd64")
                    )
                ]
            )
            let bytes = index.json.bytes()
            #expect(try await put(test, "a", "multi", bytes, MediaType.imageIndex).status == 201)
            let queue = JobQueue(database: test.database, clock: .system)
            let job = try #require(try await queue.claim(kinds: ["assess"], lease: .seconds(60)))
            #expect(job.subject == "a@\(Digest.sha256(bytes))")
            _ = try await queue.complete(job)
            #expect(try await put(test, "a", Digest.sha256(child).description, child).status == 201)
            #expect(try await queue.state(kind: "assess", subject: job.subject) != nil)
        }
    }

    @Test("artefacts are stored and listed as referrers, and never assessed")
    func referrers() async throws {
        try await TestRegistry.run { test in
            let image = try await test.pushImage("a", "1")
            let config = try await test.push(Array("{}".utf8), to: "a")
            var pushed: [Digest] = []
            for index in 0..<3 {
                let manifest = ImageManifest(
                    artifactType: "application/vnd.example.\(index == 2 ? "other" : "sbom")+json",
                    config: Descriptor(mediaType: MediaType.emptyConfig, digest: config, size: 2),
                    layers: [Descriptor(mediaType: "text/plain", digest: config, size: 2)],
                    subject: Descriptor(mediaType: MediaType.imageManifest, digest: image, size: 1),
                    annotations: ["index": "\(index)"]
                )
                let bytes = manifest.json.bytes()
                let answer = try await put(test, "a", Digest.sha256(bytes).description, bytes)
                #expect(answer.status == 201)
                #expect(answer["oci-subject"] == image.description)
                pushed.append(.sha256(bytes))
            }
            let all = try await test.client.request("GET", "/v2/a/referrers/\(image)")
            #expect(all.status == 200)
            #expect(all["content-type"] == MediaType.imageIndex)
            #expect(all["oci-filters-applied"] == nil)
            let list = try #require(all.json?["manifests"]?.arrayValue)
            #expect(Set(list.compactMap { $0["digest"]?.stringValue }) == Set(pushed.map(\.description)))
            #expect(list.allSatisfy { $0["annotations"]?["index"]?.stringValue != nil && $0["artifactType"] != nil })
            let one = try await test.client.request(
                "GET",
                "/v2/a/referrers/\(image)?artifactType=application/vnd.example.other+json"
            )
            #expect(one.json?["manifests"]?.arrayValue?.count == 1)
            #expect(one["oci-filters-applied"] == "artifactType")
            var seen: [String] = []
            var next: String? = "/v2/a/referrers/\(image)?n=1"
            while let page = next {
                let answer = try await test.client.request("GET", page)
                seen += answer.json?["manifests"]?.arrayValue?.compactMap { $0["digest"]?.stringValue } ?? []
                next = answer["link"].map { String($0.dropFirst().prefix { $0 != ">" }) }
            }
            #expect(Set(seen).count == 3 && seen.count == 3)
            // Repositories and subjects that nobody ever pushed: an empty list, never 404.
            for path in ["/v2/never/referrers/\(image)", "/v2/a/referrers/\(Digest.sha256([7]))"] {
                let answer = try await test.client.request("GET", path)
                #expect(answer.status == 200)
                #expect(answer.json?["manifests"]?.arrayValue?.isEmpty == true)
            }
            #expect(try await test.client.request("GET", "/v2/a/referrers/sha256:abc").status == 400)
            let queue = JobQueue(database: test.database, clock: .system)
            for digest in pushed { #expect(try await queue.state(kind: "assess", subject: "a@\(digest)") == nil) }
        }
    }

    @Test("a signature under a tag of cosign's scheme is no image")
    func signatureTag() async throws {
        try await TestRegistry.run { test in
            let image = try await test.pushImage("a", "1")
            let signature = try await test.pushImage("a", "sha256-\(image.hex).sig", layer: Array("signature".utf8))
            let manifest = try await test.registry.manifest(RepositoryName(parsing: "a"), signature)
            #expect(manifest?.kind == .artefact)
        }
    }

    @Test("an image that came first under a signature's tag is assessed once it is published as one")
    func disguised() async throws {
        try await TestRegistry.run { test in
            let name = try RepositoryName(parsing: "a")
            let tag = "sha256-\(Digest.sha256([]).hex).sig"
            let digest = try await test.pushImage("a", tag)
            #expect(try await test.registry.manifest(name, digest)?.kind == .artefact)
            try await test.pushImage("a", "latest")
            #expect(try await test.registry.manifest(name, digest)?.kind == .image)
            let subject = Registry.assessmentSubject(name, digest)
            let queue = JobQueue(database: test.database, clock: .system)
            #expect(try await queue.state(kind: Registry.assessmentJob, subject: subject) == .queued)
            try await test.pushImage("a", tag)
            #expect(try await test.registry.manifest(name, digest)?.kind == .image)
        }
    }

    @Test("one push by digest sets several tags")
    func severalTags() async throws {
        try await TestRegistry.run { test in
            let bytes = try await test.image("a")
            let answer = try await put(test, "a", "\(Digest.sha256(bytes))?tag=x&tag=y", bytes)
            #expect(answer.status == 201)
            #expect(answer.all("oci-tag") == ["x", "y"])
            #expect(try await test.client.request("GET", "/v2/a/tags/list").json?["tags"] == ["x", "y"])
            #expect(try await put(test, "a", "\(Digest.sha256(bytes))?tag=-", bytes).status == 400)
        }
    }
}

private let auditActions = Statement("test.audit", "SELECT action FROM audit_events ORDER BY id")
