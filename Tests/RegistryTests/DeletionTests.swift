// SPDX-License-Identifier: EUPL-1.2

import Audit
import Database
import JSON
import NodeTestKit
import OCI
import Registry
import RegistryHTTP
import Testing
import Time

@Suite("Deleting")
struct DeletionTests {
    func status(_ test: TestRegistry, _ method: String, _ path: String) async throws -> Int {
        try await test.client.request(method, path).status
    }

    @Test("deleting by tag removes the tag alone, with its history and an audit event")
    func tag() async throws {
        try await TestRegistry.run { test in
            let digest = try await test.pushImage("team/app", "1.0")
            try await test.pushImage("team/app", "latest")
            let answer = try await test.client.request("DELETE", "/v2/team/app/manifests/1.0")
            #expect(answer.status == 202)
            for method in ["GET", "HEAD", "DELETE"] {
                #expect(try await status(test, method, "/v2/team/app/manifests/1.0") == 404)
            }
            #expect(try await status(test, "GET", "/v2/team/app/manifests/latest") == 200)
            #expect(try await status(test, "GET", "/v2/team/app/manifests/\(digest)") == 200)
            #expect(try await test.client.request("GET", "/v2/team/app/tags/list").json?["tags"] == ["latest"])
            let history = try await test.registry.tagHistory(
                RepositoryName(parsing: "team/app"),
                Tag(parsing: "1.0")
            )
            #expect(history.map(\.isRemoval) == [true, false])
            #expect(history.map(\.digest) == [digest, digest])
            #expect(history.map(\.changedBy) == ["admin", "admin"])
            let events = try await AuditLog.list(test.database).filter { $0.action == "tag.delete" }
            #expect(events.map(\.subject) == ["team/app:1.0"])
            #expect(events.first?.actor == "admin")
            #expect(events.first?.detail?["digest"]?.stringValue == digest.description)
            // The tag can come back, and the history goes on.
            try await test.pushImage("team/app", "1.0")
            #expect(try await status(test, "GET", "/v2/team/app/manifests/1.0") == 200)
        }
    }

    @Test("deleting by digest removes the manifest and every tag on it; other manifests, tags and repositories stay")
    func manifest() async throws {
        let clock = ManualClock(Timestamp(seconds: 1_800_000_000))
        try await TestRegistry.run(clock: clock.clock) { test in
            let digest = try await test.pushImage("a", "1")
            try await test.pushImage("a", "2")
            let other = try await test.pushImage("a", "3", layer: Array("another".utf8))
            try await test.pushImage("b", "1")
            let queue = JobQueue(database: test.database, clock: clock.clock)
            while let job = try await queue.claim(kinds: [Registry.assessmentJob], lease: .seconds(60)) {
                _ = try await queue.complete(job)
            }
            clock.advance(by: .seconds(60))
            #expect(try await status(test, "DELETE", "/v2/a/manifests/\(digest)") == 202)
            for reference in ["1", "2", digest.description] {
                #expect(try await status(test, "GET", "/v2/a/manifests/\(reference)") == 404)
                #expect(try await status(test, "DELETE", "/v2/a/manifests/\(reference)") == 404)
            }
            #expect(try await test.client.request("GET", "/v2/a/tags/list").json?["tags"] == ["3"])
            #expect(try await status(test, "GET", "/v2/a/manifests/\(other)") == 200)
            #expect(try await status(test, "GET", "/v2/b/manifests/1") == 200)
            let name = try RepositoryName(parsing: "a")
            for tag in ["1", "2"] {
                let last = try await test.registry.tagHistory(name, Tag(parsing: tag)).first
                #expect(last?.isRemoval == true)
                #expect(last?.digest == digest)
                #expect(last?.changedAt == Timestamp(seconds: 1_800_000_060))
            }
            let event = try #require(
                try await AuditLog.list(test.database).first { $0.action == "manifest.delete" }
            )
            #expect(event.subject == "a@\(digest)")
            #expect(event.detail?["tags"] == ["1", "2"])
            #expect(event.detail?["tagCount"]?.intValue == 2)
            // Whoever assesses it next sees that it is gone and forgets what it knew.
            #expect(try await queue.state(kind: Registry.assessmentJob, subject: "a@\(digest)") == .queued)
            #expect(try await queue.state(kind: Registry.assessmentJob, subject: "a@\(other)") == nil)
            #expect(try await queue.state(kind: Registry.assessmentJob, subject: "b@\(digest)") == nil)
            // The same bytes can be pushed again.
            #expect(try await test.pushImage("a", "1") == digest)
            #expect(try await status(test, "GET", "/v2/a/manifests/1") == 200)
        }
    }

    @Test("an index whose part was deleted is assessed again")
    func partOfIndex() async throws {
        try await TestRegistry.run { test in
            let child = try await test.pushImage("a", "child")
            let index = ImageIndex(
                manifests: [Descriptor(mediaType: MediaType.imageManifest, digest: child, size: 1)]
            ).json.bytes()
            let put = try await test.client.request(
                "PUT",
                "/v2/a/manifests/multi",
                headers: [("Content-Type", MediaType.imageIndex)],
                body: index
            )
            #expect(put.status == 201)
            let queue = JobQueue(database: test.database, clock: .system)
            while let job = try await queue.claim(kinds: [Registry.assessmentJob], lease: .seconds(60)) {
                _ = try await queue.complete(job)
            }
            #expect(try await status(test, "DELETE", "/v2/a/manifests/\(child)") == 202)
            let subject = "a@\(Digest.sha256(index))"
            #expect(try await queue.state(kind: Registry.assessmentJob, subject: subject) == .queued)
        }
    }

    @Test("a deleted referrer leaves the list of its subject; a deleted subject keeps its referrers")
    func referrers() async throws {
        try await TestRegistry.run { test in
            let image = try await test.pushImage("a", "1")
            let config = try await test.push(Array("{}".utf8), to: "a")
            var pushed: [Digest] = []
            for index in 0..<2 {
                let bytes = ImageManifest(
                    artifactType: "application/vnd.example+json",
                    config: Descriptor(mediaType: MediaType.emptyConfig, digest: config, size: 2),
                    layers: [Descriptor(mediaType: "text/plain", digest: config, size: 2)],
                    subject: Descriptor(mediaType: MediaType.imageManifest, digest: image, size: 1),
                    annotations: ["index": "\(index)"]
                ).json.bytes()
                let answer = try await test.client.request(
                    "PUT",
                    "/v2/a/manifests/\(Digest.sha256(bytes))",
                    headers: [("Content-Type", MediaType.imageManifest)],
                    body: bytes
                )
                #expect(answer.status == 201)
                pushed.append(.sha256(bytes))
            }
            #expect(try await status(test, "DELETE", "/v2/a/manifests/\(pushed[0])") == 202)
            #expect(try await status(test, "DELETE", "/v2/a/manifests/\(image)") == 202)
            let list = try await test.client.request("GET", "/v2/a/referrers/\(image)")
            #expect(list.status == 200)
            let digests = list.json?["manifests"]?.arrayValue?.compactMap { $0["digest"]?.stringValue }
            #expect(digests == [pushed[1].description])
        }
    }

    @Test("7.2/46: a blob is refused while a manifest names it by any digest, then leaves this repository alone")
    func blob() async throws {
        try await TestRegistry.run { test in
            let layer = Array("layer".utf8)
            let digest = Digest.sha256(layer)
            let image = try await test.pushImage("a", "1", layer: layer)
            let mount = try await test.client.request(
                "POST",
                "/v2/b/blobs/uploads/?mount=\(digest)&from=a",
                body: []
            )
            #expect(mount.status == 201)
            // The same bytes under their second name.
            let second = Digest.sha512(layer)
            let push = try await test.client.request("POST", "/v2/a/blobs/uploads/?digest=\(second)", body: layer)
            #expect(push.status == 201)
            for name in [digest, second] {
                let refused = try await test.client.request("DELETE", "/v2/a/blobs/\(name)")
                #expect(refused.status == 405)
                #expect(refused.code == "UNSUPPORTED")
                #expect(refused.message?.contains(image.description) == true)
                #expect(try await status(test, "GET", "/v2/a/blobs/\(name)") == 200)
            }
            #expect(try await status(test, "DELETE", "/v2/a/manifests/\(image)") == 202)
            #expect(try await status(test, "GET", "/v2/a/blobs/\(digest)") == 200)
            #expect(try await status(test, "DELETE", "/v2/a/blobs/\(digest)") == 202)
            for method in ["GET", "HEAD", "DELETE"] {
                #expect(try await status(test, method, "/v2/a/blobs/\(digest)") == 404)
            }
            #expect(try await status(test, "GET", "/v2/b/blobs/\(digest)") == 200)
            let events = try await AuditLog.list(test.database).filter { $0.action == "blob.delete" }
            #expect(events.map(\.subject) == ["a@\(digest)"])
            // A manifest that needs it is refused until it is pushed again.
            #expect(try await test.pushImage("a", "1", layer: layer) == image)
        }
    }

    @Test(
        "deleting what is not there is 404, without an account 401, with a bad digest 400; nothing is changed",
        arguments: [
            ("manifests/none", 404, "MANIFEST_UNKNOWN"),
            ("manifests/sha256:\(String(repeating: "0", count: 64))", 404, "MANIFEST_UNKNOWN"),
            ("manifests/sha256:abc", 400, "DIGEST_INVALID"),
            ("blobs/sha256:\(String(repeating: "0", count: 64))", 404, "BLOB_UNKNOWN"),
            ("blobs/sha256:abc", 400, "DIGEST_INVALID"),
        ]
    )
    func refused(path: String, status: Int, code: String) async throws {
        try await TestRegistry.run(anonymousPull: true) { test in
            try await test.pushImage("a", "1")
            for name in ["a", "never"] {
                let answer = try await test.client.request("DELETE", "/v2/\(name)/\(path)")
                #expect(answer.status == status)
                #expect(answer.code == code)
            }
            let stranger = test.client.anonymous()
            if status == 404 { #expect(try await stranger.request("DELETE", "/v2/a/\(path)").status == 401) }
            #expect(try await stranger.request("DELETE", "/v2/a/manifests/1").status == 401)
            #expect(try await self.status(test, "GET", "/v2/a/manifests/1") == 200)
            #expect(try await AuditLog.list(test.database).allSatisfy { !$0.action.hasSuffix(".delete") })
        }
    }
}
