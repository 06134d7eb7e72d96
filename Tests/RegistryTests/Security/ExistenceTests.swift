// SPDX-License-Identifier: EUPL-1.2

import Audit
import Database
import JSON
import NodeTestKit
import OCI
import Registry
import Testing

/// What an answer tells of what it does not show.
///
/// Work is compared, not time: both look-ups run the same statements, and on a shared machine a clock tells more of the neighbours.
@Suite("7.2: what exists elsewhere")
struct ExistenceTests {
    /// Everything that asks for a blob or manifest by its digest.
    static let questions: [(method: String, path: String, headers: [(String, String)])] = [
        ("GET", "/v2/mine/blobs/DIGEST", []), ("HEAD", "/v2/mine/blobs/DIGEST", []),
        ("GET", "/v2/mine/blobs/DIGEST", [("Range", "bytes=0-0")]),
        ("GET", "/v2/mine/blobs/DIGEST", [("Range", "bytes=999999999-")]),
        ("GET", "/v2/mine/blobs/DIGEST", [("If-None-Match", "\"DIGEST\"")]),
        ("HEAD", "/v2/mine/blobs/DIGEST", [("If-None-Match", "\"DIGEST\"")]),
        ("DELETE", "/v2/mine/blobs/DIGEST", []), ("GET", "/v2/mine/manifests/DIGEST", []),
        ("HEAD", "/v2/mine/manifests/DIGEST", []),
        ("GET", "/v2/mine/manifests/DIGEST", [("If-None-Match", "\"DIGEST\"")]),
        ("DELETE", "/v2/mine/manifests/DIGEST", []), ("GET", "/v2/mine/referrers/DIGEST", []),
        ("GET", "/v2/never/blobs/DIGEST", []), ("GET", "/v2/never/manifests/DIGEST", []),
        ("GET", "/v2/never/referrers/DIGEST", []),
    ]

    /// Asks everything for two digests, and returns where the answers differ in more than the digest.
    private func differences(_ client: TestClient, _ first: Digest, _ second: Digest) async throws -> [String] {
        var found: [String] = []
        for question in Self.questions {
            var shapes: [[String]] = []
            for digest in [first, second] {
                let answer = try await client.request(
                    question.method,
                    question.path.replacing("DIGEST", with: digest.description),
                    headers: question.headers.map { ($0.0, $0.1.replacing("DIGEST", with: digest.description)) }
                )
                shapes.append(answer.shape(without: [digest.description]))
            }
            if shapes[0] != shapes[1] { found.append("\(question.method) \(question.path): \(shapes)") }
        }
        return found
    }

    @Test("7.2/21: a digest of another repository and one that nobody has get the same answer, whoever asks what")
    func digests() async throws {
        try await TestRegistry.run(anonymousPull: true) { test in
            try await test.pushImage("mine", "1", layer: Array("my own".utf8))
            let manifest = try await test.pushImage("yours", "1", layer: pattern(100_000))
            let small = try await test.push(pattern(10), to: "yours")
            let large = Digest.sha256(pattern(100_000))
            let attached = try await test.image(
                "yours",
                subject: Descriptor(mediaType: MediaType.imageManifest, digest: manifest, size: 1)
            )
            #expect(try await test.put("yours", "sbom", attached).status == 201)
            let unknown = Digest.sha256(Array("nobody has this".utf8))
            let plain = try await test.addAccount("plain", isAdmin: false)
            for client in [test.client, plain, test.client.anonymous()] {
                for digest in [small, large, manifest] {
                    #expect(try await differences(client, digest, unknown) == [])
                }
            }
            for digest in [small, large] {
                #expect(try await test.client.request("GET", "/v2/yours/blobs/\(digest)").status == 200)
            }
            #expect(try await test.client.request("GET", "/v2/yours/manifests/\(manifest)").status == 200)
        }
    }

    @Test("7.2/21, 7.2/46: a blob that was taken out of every repository is as unknown as one that never was")
    func unlinked() async throws {
        try await TestRegistry.run { test in
            try await test.pushImage("mine", "1")
            let bytes = pattern(100_000)
            let digest = try await test.push(bytes, to: "mine")
            #expect(try await test.client.request("DELETE", "/v2/mine/blobs/\(digest)").status == 202)
            #expect(try await differences(test.client, digest, .sha256([1, 2, 3])) == [])
        }
    }

    @Test("7.2/20: a mount without a source links only what some repository still shows, and else tells nothing")
    func mountWithoutSource() async throws {
        try await TestRegistry.run { test in
            let held = try await test.push(pattern(100), to: "source")
            let gone = try await test.push(pattern(101), to: "source")
            #expect(try await test.client.request("DELETE", "/v2/source/blobs/\(gone)").status == 202)
            let unknown = Digest.sha256(pattern(102))
            func mount(_ client: TestClient, _ digest: Digest, _ from: String = "") async throws -> [String] {
                let answer = try await client.request("POST", "/v2/t/blobs/uploads/?mount=\(digest)\(from)", body: [])
                let id = answer["docker-upload-uuid"] ?? "none"
                return answer.shape(without: [digest.description, id])
            }
            let writes = { test.database.statistics.writes }
            var before = writes()
            let ofUnknown = try await mount(test.client, unknown)
            let workOfUnknown = writes() - before
            #expect(ofUnknown.first == "202")
            before = writes()
            #expect(try await mount(test.client, gone) == ofUnknown)
            #expect(writes() - before == workOfUnknown)
            for from in ["&from=source", "&from=never", "&from=t"] {
                #expect(try await mount(test.client, gone, from) == ofUnknown)
                #expect(try await mount(test.client, unknown, from) == ofUnknown)
            }
            // Who may do less is told no more: not even whether anybody has it.
            let plain = try await test.addAccount("plain", isAdmin: false)
            for client in [plain, test.client.anonymous()] {
                for from in ["", "&from=source"] {
                    #expect(try await mount(client, held, from) == mount(client, unknown, from))
                }
            }
            for digest in [held, gone, unknown] {
                #expect(try await test.client.request("HEAD", "/v2/t/blobs/\(digest)").status == 404)
            }
            #expect(try await mount(test.client, held).first == "201")
            #expect(try await test.client.request("HEAD", "/v2/t/blobs/\(held)").status == 200)
        }
    }

    @Test(
        "7.2/22, 7.2/23: another account, or another repository, gets of a session what it gets of one that never was"
    )
    func sessions() async throws {
        try await TestRegistry.run { test in
            let bytes = pattern(100_000)
            let location = try await test.begin("mine")
            #expect(try await test.client.request("PATCH", location, body: Array(bytes[..<50_000])).status == 202)
            try await test.pushImage("yours", "1")
            let id = try TestRegistry.uploadID(location).text
            let none = "01234567-89ab-cdef-0123-456789abcdef"
            let other = try await test.addAccount("second", isAdmin: true)
            let elsewhere = location.replacing("/mine/", with: "/yours/")
            let digest = Digest.sha256(bytes)
            for (client, real) in [(other, location), (test.client, elsewhere), (other, elsewhere)] {
                let unreal = real.replacing(id, with: none)
                for (method, query, body, headers) in [
                    ("GET", "", nil, []), ("PATCH", "", [1], []),
                    ("PATCH", "", [1], [("Content-Range", "50000-50000")]),
                    ("PUT", "?digest=\(digest)", Array(bytes[50_000...]), []),
                    ("PUT", "?digest=\(Digest.sha256([]))", [], []), ("DELETE", "", nil, []),
                ] as [(String, String, [UInt8]?, [(String, String)])] {
                    let answer = try await client.request(method, real + query, headers: headers, body: body)
                    let never = try await client.request(method, unreal + query, headers: headers, body: body)
                    #expect(answer.status == 404, "\(method) \(real)")
                    #expect(answer.shape(without: [id]) == never.shape(without: [none]), "\(method) \(real)")
                }
            }
            // A stranger cannot begin it anew, mount from it or see it in a list; its owner goes on where it was.
            #expect(try await test.client.request("GET", location)["range"] == "0-49999")
            let rest = try await test.client.request(
                "PUT",
                "\(location)?digest=\(digest)",
                body: Array(bytes[50_000...])
            )
            #expect(rest.status == 201)
            #expect(try await test.client.request("HEAD", "/v2/yours/blobs/\(digest)").status == 404)
        }
    }

    @Test(
        "7.2/46: a blob that was deleted from a repository stays gone there, whatever others do with it",
        arguments: [100, 100_000]
    )
    func deletedForEver(size: Int) async throws {
        try await TestRegistry.run { test in
            let bytes = pattern(size)
            let digest = try await test.push(bytes, to: "a")
            try await test.push(bytes, to: "b")
            let gone: @Sendable () async throws -> Void = {
                for (method, headers) in [
                    ("GET", []), ("HEAD", []), ("GET", [("Range", "bytes=0-9")]),
                    ("GET", [("If-None-Match", "\"\(digest)\"")]), ("DELETE", []),
                ] as [(String, [(String, String)])] {
                    let answer = try await test.client.request(method, "/v2/a/blobs/\(digest)", headers: headers)
                    #expect(answer.status == 404, "\(method) \(headers)")
                }
                let second = Digest.sha512(bytes)
                #expect(try await test.client.request("GET", "/v2/a/blobs/\(second)").status == 404)
            }
            // Whatever remembers answers has seen it in both.
            for name in ["a", "b", "a", "b"] {
                #expect(try await test.client.request("GET", "/v2/\(name)/blobs/\(digest)").body == bytes)
            }
            #expect(try await test.client.request("DELETE", "/v2/a/blobs/\(digest)").status == 202)
            try await gone()
            #expect(try await test.client.request("GET", "/v2/b/blobs/\(digest)").body == bytes)
            try await gone()
            try await test.push(bytes, to: "b")
            try await test.push(bytes, to: "c")
            let mount = "/v2/d/blobs/uploads/?mount=\(digest)&from=b"
            #expect(try await test.client.request("POST", mount, body: []).status == 201)
            let long = "/v2/b/blobs/uploads/?digest=\(Digest.sha512(bytes))"
            #expect(try await test.client.request("POST", long, body: bytes).status == 201)
            try await gone()
            _ = try await test.registry.upkeep()
            _ = try await test.registry.recover()
            try await gone()
            // A manifest cannot bring it back, a push can.
            let manifest = ImageManifest(
                config: Descriptor(mediaType: MediaType.imageConfig, digest: digest, size: Int64(size)),
                layers: []
            ).json.bytes()
            #expect(try await test.put("a", "1", manifest).code == "MANIFEST_BLOB_UNKNOWN")
            try await gone()
            try await test.push(bytes, to: "a")
            #expect(try await test.client.request("GET", "/v2/a/blobs/\(digest)").body == bytes)
            #expect(try await test.put("a", "1", manifest).status == 201)
        }
    }

    @Test(
        "7.2/49: a wrong digest leaves nothing to read under either name; a mere range error leaves the session alive"
    )
    func failedDigest() async throws {
        try await TestRegistry.run { test in
            let bytes = pattern(100_000)
            let (right, wrong) = (Digest.sha256(bytes), Digest.sha256([9]))
            try await test.push(pattern(5), to: "a")
            let location = try await test.begin("a")
            #expect(try await test.client.request("PATCH", location, body: bytes).status == 202)
            // What cannot be read as a digest or position costs nothing.
            for query in ["", "?digest=", "?digest=sha256:abc", "?digest=md5:\(String(repeating: "a", count: 32))"] {
                #expect(try await test.client.request("PUT", location + query, body: []).status == 400)
            }
            for range in ["0-4", "99999-100003", "100001-100005", "x"] {
                let answer = try await test.client.request(
                    "PUT",
                    "\(location)?digest=\(right)",
                    headers: [("Content-Range", range)],
                    body: pattern(5)
                )
                #expect(answer.status == (range == "x" ? 400 : 416))
                #expect(try await test.client.request("GET", location)["range"] == "0-99999")
            }
            let refused = try await test.client.request("PUT", "\(location)?digest=\(wrong)", body: [])
            #expect(refused.status == 400)
            #expect(refused.code == "DIGEST_INVALID")
            for digest in [right, wrong, .sha512(bytes)] {
                for method in ["GET", "HEAD"] {
                    #expect(try await test.client.request(method, "/v2/a/blobs/\(digest)").status == 404)
                }
                let mount = try await test.client.request("POST", "/v2/b/blobs/uploads/?mount=\(digest)", body: [])
                #expect(mount.status == 202)
            }
            #expect(try test.filesOfBlobs().isEmpty)
            try await test.push(bytes, to: "a")
        }
    }
}
