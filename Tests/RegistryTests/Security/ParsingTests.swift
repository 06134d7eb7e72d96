// SPDX-License-Identifier: EUPL-1.2

import Blobs
import Database
import JSON
import Node
import NodeTestKit
import OCI
import Registry
import TestKit
import Testing

@Suite("7.2: parsing and paths")
struct ParsingTests {
    /// Texts that mean something to a file system, a proxy or a database, and nothing to the grammar of names.
    static let hostile = [
        "..", "%2e%2e", ".%2e", "%2E%2e", "%2e%2e%2f%2e%2e%2fetc", "..%2f..%2fetc%2fpasswd", "a%2fb%2f..", "a%2F",
        "a%5cb", "a\\b", "%5c%5ca", "%00", "a%00", "a%00.json", "%c0%ae%c0%ae", "%c0%af", "%e0%80%af", "%f0%80%80%af",
        "%ff", "%c3%a4", "a%0d%0ab", "a%20b", "%252e%252e", "%u002e", "a%7e", "a%3bb", "a'--", "a%27%3b", "%", "%2",
        "%zz",
        ".", "-", "a%", "a%2",
    ]

    @Test(
        "7.2/1: hostile texts as name, tag, digest, upload and source of a mount are refused; no file but the store's is touched",
        arguments: hostile
    )
    func everyPlace(text: String) async throws {
        let files = FaultyFiles()
        try await TestRegistry.run(files: files.operations) { test in
            let digest = try await test.pushImage("a", "1")
            var requests: [(String, String)] = []
            for path in [
                "/v2/\(text)/tags/list", "/v2/a/\(text)/manifests/1", "/v2/\(text)/a/blobs/\(digest)",
                "/v2/a/manifests/\(text)", "/v2/a/manifests/sha256:\(text)", "/v2/a/blobs/\(text)",
                "/v2/a/blobs/sha256:\(text)", "/v2/a/blobs/\(text):\(digest.hex)", "/v2/a/referrers/\(text)",
            ] {
                requests.append(("GET", path))
            }
            for method in ["GET", "PATCH", "PUT", "DELETE"] {
                let query = method == "PUT" ? "?digest=\(digest)" : ""
                requests.append((method, "/v2/a/blobs/uploads/\(text)\(query)"))
            }
            requests.append(("PUT", "/v2/a/manifests/\(text)"))
            requests.append(("DELETE", "/v2/a/manifests/\(text)"))
            requests.append(("DELETE", "/v2/a/blobs/\(text)"))
            requests.append(("POST", "/v2/\(text)/blobs/uploads/"))
            requests.append(("POST", "/v2/a/blobs/uploads/?mount=\(digest)&from=\(text)"))
            requests.append(("POST", "/v2/a/blobs/uploads/?mount=\(text)&from=a"))
            requests.append(("POST", "/v2/a/blobs/uploads/?digest=\(text)"))
            for (method, path) in requests {
                let body: [UInt8]? = ["POST", "PUT", "PATCH"].contains(method) ? [1] : nil
                let headers = method == "PUT" ? [("Content-Type", MediaType.imageManifest)] : []
                let answer = try await test.client.request(method, path, headers: headers, body: body)
                #expect([400, 404, 405].contains(answer.status), "\(method) \(path): \(answer.status)")
            }
            // A registry that a client means and this one does not stand in for; nothing is looked up by it.
            let asked = try await test.client.request("GET", "/v2/a/manifests/1?ns=\(text)")
            #expect(asked.status == 400 || asked.status == 404 && asked.code == "NAME_UNKNOWN")
            #expect(try await test.client.request("GET", "/v2/a/tags/list").json?["tags"] == ["1"])
            #expect(try await test.client.request("GET", "/v2/_catalog").json?["repositories"] == ["a"])
            let root = test.directory.file("blobs")
            #expect(files.events.allSatisfy { $0.path.hasPrefix(root) && !$0.path.contains("..") }, "\(files.events)")
        }
    }

    /// Spellings of what needs an account, each with what a reader of another grammar might take it for.
    static let variants = [
        "/v2", "/v2/", "/v2//", "/v2/.", "/v2/_catalog", "/v2//_catalog", "//v2/_catalog", "/V2/_catalog",
        "/v2/_catalog/", "/v2/_CATALOG", "/%76%32/_catalog", "/v2%2f_catalog", "/v2/%5fcatalog", "/v2/./_catalog",
        "/v2/x/../_catalog", "/x/../v2/_catalog", "/v2/_catalog;x=y", "/v2/_catalog?x", "/v2/_catalog%3fx",
        "/v2/_catalog%00", "/v2/_catalog%20", "/v2\\_catalog", "http://127.0.0.1/v2/_catalog",
        "http://evil.example/v2/_catalog", "v2/_catalog", "/v2/_catalog#x", "/v2/_catalog%23",
        "/v2/hidden/app/tags/list", "/v2/hidden/app/tags/list/", "/v2/hidden%2fapp/tags/list",
        "/v2/hidden//app/tags/list", "/v2/hidden/app/manifests/1", "/v2/hidden/app/manifests/%31",
        "/v2/hidden/app/referrers/\(Digest.sha256([]))", "/api/v1/repositories", "/api/v1/repositories/",
        "/api//v1/repositories", "//api/v1/repositories", "/API/v1/repositories", "/api/v1/%72epositories",
        "/api/v1/./repositories", "/api/v1/x/../repositories", "/api%2fv1/repositories", "/api/v1/repositories;x",
        "/api/v1/repositories?limit=1", "/api/v1/feeds", "/api/v1/images/hidden/app/verdict",
        "/api/v1/images/hidden%2fapp:1/verdict", "/api/v1/images/hidden/app/findings", "/api/v1/images/hidden/app/sbom",
        "/api/v1/images/hidden/app/badge.svg", "/", "//", "/.", "/index.html", "/?q=hidden", "/images/hidden/app",
        "/images//hidden/app", "//images/hidden/app", "/images/hidden%2Fapp", "/IMAGES/hidden/app",
        "/images/./hidden/app", "http://evil.example/", "http://evil.example/images/hidden/app", "/metrics", "/readyz",
        "/healthz",
    ]

    /// A page without the field of its form that leads back to what was asked for: it repeats the question.
    private static func withoutWay(_ page: String) -> String {
        guard let start = page.firstRange(of: "name=\"next\" value=\"") else { return page }
        return String(page[..<start.lowerBound] + page[start.upperBound...].drop { $0 != "\"" })
    }

    @Test("7.2/2: no spelling, method or field reaches without an account what needs one")
    func everySpelling() async throws {
        try await TestNode.run { node in
            let blob = Array("{}".utf8)
            let path = "/v2/hidden/app/blobs/uploads/?digest=\(Digest.sha256(blob))"
            #expect(try await node.client.request("POST", path, body: blob).status == 201)
            let config = Descriptor(mediaType: MediaType.imageConfig, digest: .sha256(blob), size: 2)
            let pushed = try await node.client.request(
                "PUT",
                "/v2/hidden/app/manifests/1",
                headers: [("Content-Type", MediaType.imageManifest)],
                body: ImageManifest(config: config, layers: []).json.bytes()
            )
            #expect(pushed.status == 201)
            // What is open to everybody, and does not tell of images.
            let open: Set<String> = ["/metrics", "/readyz", "/healthz"]
            let fields: [[(String, String)]] = [
                [], [("X-Original-URL", "/healthz")],
                [("X-Rewrite-URL", "/healthz"), ("X-Forwarded-Prefix", "/healthz")],
                [("X-HTTP-Method-Override", "GET"), ("X-Forwarded-For", "127.0.0.1"), ("X-Forwarded-User", "admin")],
                [("Authorization", "Basic Og==")], [("Authorization", "Bearer admin")],
                [("Cookie", "session=admin; token=admin")],
            ]
            let stranger = node.client.anonymous()
            for target in Self.variants {
                for (number, headers) in fields.enumerated() {
                    let answer = try await stranger.request("GET", target, headers: headers)
                    if !open.contains(target) { #expect(answer.status >= 400, "GET \(target) with \(headers)") }
                    #expect(
                        !Self.withoutWay(answer.text.replacing(target, with: "")).contains("hidden/app"),
                        "GET \(target)"
                    )
                    guard number == 0, !open.contains(target) else { continue }
                    for method in ["HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"] {
                        let body: [UInt8]? = ["POST", "PUT", "PATCH"].contains(method) ? [] : nil
                        let answer = try await stranger.request(method, target, body: body)
                        #expect(answer.status >= 400, "\(method) \(target)")
                    }
                }
            }
            // Nothing of it was done, and with an account the plain spelling works.
            let catalogue = try await node.client.request("GET", "/v2/_catalog")
            #expect(catalogue.json?["repositories"] == ["hidden/app"])
            #expect(try await node.client.request("GET", "/v2/hidden/app/manifests/1").status == 200)
        }
    }

    static let digests = [
        "sha256:", "sha256:abc", "sha256:" + String(repeating: "a", count: 63),
        "sha256:" + String(repeating: "a", count: 65), "sha256:" + String(repeating: "A", count: 64),
        "sha256:" + String(repeating: "g", count: 64), "SHA256:" + String(repeating: "a", count: 64),
        "sha512:" + String(repeating: "a", count: 64), "sha256:" + String(repeating: "a", count: 128),
        "md5:" + String(repeating: "a", count: 32), "sha1:" + String(repeating: "a", count: 40),
        "sha384:" + String(repeating: "a", count: 96), "sha256+b64:" + String(repeating: "a", count: 64),
        ":" + String(repeating: "a", count: 64), "sha256::" + String(repeating: "a", count: 63),
        "sha256:" + String(repeating: "a", count: 64) + ":", "sha256:%27%20OR%201=1--", "sha256:..%3a",
    ]

    @Test(
        "7.2/3: a digest that is none is refused wherever it stands, before anything is looked up",
        arguments: digests
    )
    func everyDigest(text: String) async throws {
        let files = FaultyFiles()
        try await TestRegistry.run(files: files.operations) { test in
            let location = try await test.begin("a")
            let before = test.database.statistics.writes
            files.clear()
            for (method, path) in [
                ("GET", "/v2/a/blobs/\(text)"), ("HEAD", "/v2/a/blobs/\(text)"), ("DELETE", "/v2/a/blobs/\(text)"),
                ("GET", "/v2/a/manifests/\(text)"), ("DELETE", "/v2/a/manifests/\(text)"),
                ("PUT", "/v2/a/manifests/\(text)"), ("GET", "/v2/a/referrers/\(text)"),
                ("GET", "/v2/a/referrers/\(Digest.sha256([]))?last=\(text)"),
                ("POST", "/v2/a/blobs/uploads/?digest=\(text)"), ("POST", "/v2/a/blobs/uploads/?mount=\(text)&from=a"),
                ("PUT", "\(location)?digest=\(text)"),
            ] {
                let body: [UInt8]? = ["POST", "PUT"].contains(method) ? [1] : nil
                let headers = [("Content-Type", MediaType.imageManifest)]
                let answer = try await test.client.request(method, path, headers: headers, body: body)
                #expect(answer.status == 400, "\(method) \(path): \(answer.status)")
                if method != "HEAD", !text.contains("%") {
                    #expect(answer.code == "DIGEST_INVALID", "\(method) \(path)")
                }
            }
            #expect(test.database.statistics.writes == before)
            #expect(files.events.isEmpty)
        }
    }

    @Test("7.2/3: a digest that is none inside a manifest is refused with its place", arguments: digests)
    func descriptor(text: String) async throws {
        try await TestRegistry.run { test in
            let good = String(decoding: try await test.image("a"), as: UTF8.self)
            let digest = Digest.sha256(Array("layer".utf8)).description
            let answer = try await test.put("a", "1", Array(good.replacing(digest, with: text).utf8))
            #expect(answer.status == 400)
            #expect(answer.code == "MANIFEST_INVALID")
            #expect(answer.message?.contains("layers[0]") == true)
        }
    }

    @Test("7.2/4: repositories named after the routes are told apart from the routes, in every operation")
    func reservedWords() async throws {
        try await TestRegistry.run { test in
            let names = [
                "a", "a/blobs", "a/blobs/uploads", "a/blobs/uploads/b", "a/manifests", "a/tags", "a/referrers",
            ]
            for (number, name) in names.enumerated() {
                try await test.pushImage(name, "list", layer: pattern(number + 1))
            }
            let listed = try await test.client.request("GET", "/v2/_catalog")
            #expect(listed.json?["repositories"]?.arrayValue?.compactMap(\.stringValue) == names.sorted())
            for (number, name) in names.enumerated() {
                let layer = Digest.sha256(pattern(number + 1))
                for other in names {
                    let answer = try await test.client.request("GET", "/v2/\(other)/blobs/\(layer)")
                    #expect(answer.status == (other == name ? 200 : 404), "\(other) for \(name)")
                }
            }
            #expect(try await test.client.request("DELETE", "/v2/a/blobs/uploads/b/manifests/list").status == 202)
            #expect(try await test.client.request("GET", "/v2/a/blobs/uploads/manifests/list").status == 200)
        }
    }

    @Test("7.2/5: files have names that the server made; no text of a client becomes a path")
    func storageKeys() async throws {
        try await TestRegistry.run { test in
            let bytes = pattern(200_000)
            try await test.push(bytes, to: "a/b")
            let long = pattern(200_000, seed: 2)
            let answer = try await test.client.request(
                "PUT",
                try await test.begin("c") + "?digest=\(Digest.sha512(long))",
                body: long
            )
            #expect(answer.status == 201)
            let open = try await test.begin("d")
            #expect(try await test.client.request("PATCH", open, body: pattern(200_000, seed: 3)).status == 202)
            let names = try test.filesOfBlobs()
            #expect(names.count == 3)
            #expect(names.allSatisfy { BlobStore.isKey($0) })
            let known = [Digest.sha256(bytes).hex, Digest.sha512(long).hex, try TestRegistry.uploadID(open).text]
            for name in names {
                #expect(known.allSatisfy { !$0.contains(name) && !name.contains($0) })
                #expect(try test.blobs.path(name) == test.directory.file("blobs") + "/\(name.prefix(2))/\(name)")
            }
            let traversals = [
                "..", "../../../../../../../../etc/passwd", "/etc/passwd", "", String(repeating: "a", count: 31),
                String(repeating: "a", count: 33), String(repeating: "A", count: 32), String(repeating: "/", count: 32),
                "..aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", String(repeating: "a", count: 31) + "\u{0}",
            ]
            for text in traversals {
                #expect(throws: BlobError.self) { try test.blobs.path(text) }
                await #expect(throws: BlobError.self) { _ = try await test.blobs.create(text) }
                await #expect(throws: BlobError.self) { _ = try await test.blobs.reader(text) }
                await #expect(throws: BlobError.self) { try await test.blobs.delete(text) }
            }
        }
    }
}
