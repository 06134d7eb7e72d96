// SPDX-License-Identifier: EUPL-1.2

import JSON
import NodeTestKit
import OCI
import Registry
import RegistryHTTP
import Testing

@Suite("Paths, sign-in and listings")
struct RouteTests {
    @Test(
        "7.2/4: names may hold the words of the routes; the path is read from the right",
        arguments: [
            "a/blobs/b", "a/blobs/uploads/b", "x/tags", "x/manifests/y", "blobs", "manifests/manifests", "tags/list",
            "uploads", "a/referrers/b",
            "v2", "v2/v2", "blobs/uploads", "a/tags/list",
        ]
    )
    func reservedWords(name: String) async throws {
        try await TestRegistry.run { test in
            let digest = try await test.pushImage(name, "latest")
            let location = try await test.begin(name)
            #expect(location.hasPrefix("/v2/\(name)/blobs/uploads/"))
            #expect(try await test.client.request("PATCH", location, body: [1]).status == 202)
            #expect(
                try await test.client.request("GET", "/v2/\(name)/manifests/latest")["docker-content-digest"]
                    == digest.description
            )
            #expect(try await test.client.request("GET", "/v2/\(name)/tags/list").json?["name"]?.stringValue == name)
            #expect(try await test.client.request("GET", "/v2/\(name)/referrers/\(digest)").status == 200)
        }
    }

    static let hostile = [
        "/v2/../etc/passwd", "/v2/a/../b/manifests/x", "/v2/a/%2e%2e/manifests/x", "/v2/a/%2E%2e/b/manifests/x",
        "/v2/a%2fb/manifests/x",
        "/v2/a%2Fmanifests%2Fx", "/v2/a%5cb/manifests/x", "/v2/a\\b/manifests/x", "/v2/a%00/manifests/x",
        "/v2//_catalog", "/v2/a//b/manifests/x",
        "/v2/a/manifests//x", "/v2/_catalog/", "/v2/a/tags/list/", "/v2/a/manifests/", "/v2/a/blobs/",
        "/v2/A/manifests/x", "/v2/a_/manifests/x",
        "/v2/a/manifests/%c0%ae%c0%ae", "/v2/a/manifests/%", "/v2/a/manifests/%zz", "/v2/a/manifests/%2",
        "/v2/a/manifests/%252e%252e",
        "/v2/a/manifests/..", "/v2/a/manifests/.", "/v2/a/blobs/../../../etc/passwd", "/v2/a/blobs/sha256:../x",
        "/v2/a/blobs/uploads/../../x", "/v2/a/blobs/uploads/00000000-0000-0000-0000-00000000000G",
        "/v2/a/blobs/uploads/%2e%2e",
        "/v2/" + String(repeating: "a", count: 300) + "/manifests/x",
        "/v2/" + String(repeating: "a/", count: 3000) + "manifests/x",
        "/v2/a/manifests/" + String(repeating: "t", count: 129), "/v2/nothing", "/v2/a/b", "/v2/a/manifests",
        "/v2/manifests/x", "/v2/blobs/uploads/",
        "/v2/a/blobs/md5:abc", "/v2/a/manifests/sha256:abc",
        "/v2/a/manifests/" + "sha256:" + String(repeating: "A", count: 64),
    ]

    @Test(
        "7.2/1, 7.2/2, 7.2/3: hostile paths are refused with a reason, and for strangers with 401",
        arguments: hostile
    )
    func hostilePath(path: String) async throws {
        try await TestRegistry.run { test in
            let answer = try await test.client.request("GET", path)
            #expect(answer.status == 400 || answer.status == 404)
            #expect(answer.code != nil)
            #expect(answer.message?.isEmpty == false)
            #expect(try await test.client.anonymous().request("GET", path).status == 401)
        }
    }

    @Test(
        "a method that a path does not know is 405 and says which it does",
        arguments: [
            ("POST", "/v2/"), ("PUT", "/v2/a/tags/list"), ("POST", "/v2/a/manifests/x"), ("PATCH", "/v2/a/manifests/x"),
            ("GET", "/v2/a/blobs/uploads/"),
            ("PUT", "/v2/_catalog"), ("OPTIONS", "/v2/"), ("TRACE", "/v2/a/tags/list"),
        ]
    )
    func methods(method: String, path: String) async throws {
        try await TestRegistry.run { test in
            let answer = try await test.client.request(method, path)
            #expect(answer.status == 405)
            #expect(answer.code == "UNSUPPORTED")
            #expect(answer["allow"] != nil)
        }
    }

    struct Access: Sendable, CustomTestStringConvertible {
        let login: String?
        let anonymousPull: Bool
        let base: Int
        let read: Int
        let write: Int
        var testDescription: String { "\(login ?? "nobody"), anonymous pull \(anonymousPull)" }
    }

    @Test(
        "7.2/36: who may do what",
        arguments: [
            Access(login: nil, anonymousPull: false, base: 401, read: 401, write: 401),
            Access(login: nil, anonymousPull: true, base: 401, read: 200, write: 401),
            // What skopeo sends when it has no login.
            Access(login: ":", anonymousPull: true, base: 401, read: 200, write: 401),
            Access(login: ":", anonymousPull: false, base: 401, read: 401, write: 401),
            Access(login: "admin:wrong", anonymousPull: true, base: 401, read: 401, write: 401),
            Access(login: "nobody:nothing", anonymousPull: false, base: 401, read: 401, write: 401),
            Access(login: "admin", anonymousPull: true, base: 401, read: 401, write: 401),
        ]
    )
    func access(_ item: Access) async throws {
        try await TestRegistry.run(settings: RegistryHTTPSettings(realm: "k\"x"), anonymousPull: item.anonymousPull) {
            test in
            try await test.pushImage("a", "1")
            let client = TestClient(port: test.port, login: item.login)
            let base = try await client.request("GET", "/v2/")
            #expect(base.status == item.base)
            #expect(base["www-authenticate"] == "Basic realm=\"kx\", charset=\"UTF-8\"")
            for path in ["/v2/a/manifests/1", "/v2/a/tags/list", "/v2/_catalog"] {
                #expect(try await client.request("GET", path).status == item.read)
            }
            #expect(try await client.request("POST", "/v2/a/blobs/uploads/", body: []).status == item.write)
            #expect(try await client.request("PUT", "/v2/a/manifests/1", body: [1]).status == item.write)
            #expect(try await test.client.request("GET", "/v2/").status == 200)
        }
    }

    @Test(
        "an authorization header that cannot be read is refused",
        arguments: [
            "Bearer x", "Basic", "Basic !!!", "Basic " + base64("nocolon"), "",
            "Basic " + base64("ad\u{0}min:x"),
        ]
    )
    func unreadable(header: String) async throws {
        try await TestRegistry.run(anonymousPull: true) { test in
            let answer = try await test.client.anonymous().request(
                "GET",
                "/v2/_catalog",
                headers: [("Authorization", header)]
            )
            #expect(answer.status == 401)
        }
    }

    @Test("tags come in pages without regard to case that leave none out")
    func tagPages() async throws {
        try await TestRegistry.run { test in
            let bytes = try await test.image("a")
            let tags = ["1", "1.0", "1.0.0", "10", "B", "a", "A", "latest", "z_z"]
            for tag in tags {
                let answer = try await test.client.request(
                    "PUT",
                    "/v2/a/manifests/\(tag)",
                    headers: [("Content-Type", MediaType.imageManifest)],
                    body: bytes
                )
                #expect(answer.status == 201)
            }
            let sorted = tags.sorted { ($0.lowercased(), $0) < ($1.lowercased(), $1) }
            for size in [1, 2, 4, 9, 100] {
                var seen: [String] = []
                var next: String? = "/v2/a/tags/list?n=\(size)"
                while let page = next {
                    let answer = try await test.client.request("GET", page)
                    let list = answer.json?["tags"]?.arrayValue?.compactMap(\.stringValue) ?? []
                    #expect(list.count <= size)
                    seen += list
                    next = answer["link"].map { String($0.dropFirst().prefix { $0 != ">" }) }
                }
                #expect(seen == sorted)
            }
            let empty = try await test.client.request("GET", "/v2/a/tags/list?n=0")
            #expect(empty.json?["tags"]?.arrayValue == [])
            #expect(empty["link"] == nil)
            let after = try await test.client.request("GET", "/v2/a/tags/list?last=1.0.00")
            #expect(after.json?["tags"]?.arrayValue?.first?.stringValue == "10")
            #expect(try await test.client.request("GET", "/v2/b/tags/list").code == "NAME_UNKNOWN")
        }
    }

    @Test(
        "7.2/7: page sizes that are no numbers are refused, large ones are cut",
        arguments: [
            ("-1", 400), ("abc", 400), ("1e3", 400), ("%20", 400), ("", 400), ("2147483648", 200),
            ("99999999999999999999999", 200), ("0", 200),
        ]
    )
    func pageSize(text: String, status: Int) async throws {
        try await TestRegistry.run { test in
            try await test.pushImage("a", "1")
            for path in ["/v2/a/tags/list", "/v2/_catalog", "/v2/a/referrers/\(Digest.sha256([]))"] {
                #expect(try await test.client.request("GET", "\(path)?n=\(text)").status == status)
            }
        }
    }

    @Test(
        "7.2/1: control characters in a query are refused, not looked for",
        arguments: ["last=%00", "last=a%0a", "artifactType=%00", "n=1&last=%7f"]
    )
    func controlCharacters(query: String) async throws {
        try await TestRegistry.run { test in
            try await test.pushImage("a", "1")
            for path in ["/v2/a/tags/list", "/v2/_catalog", "/v2/a/referrers/\(Digest.sha256([]))"] {
                #expect(try await test.client.request("GET", "\(path)?\(query)").status == 400)
            }
        }
    }

    @Test("the catalogue lists repositories in which something was published")
    func catalogue() async throws {
        try await TestRegistry.run { test in
            for name in ["b", "a/x", "a"] { try await test.pushImage(name, "1") }
            try await test.push([1], to: "only-a-blob")
            _ = try await test.begin("only-an-upload")
            let answer = try await test.client.request("GET", "/v2/_catalog")
            #expect(answer.json?["repositories"] == ["a", "a/x", "b"])
            let page = try await test.client.request("GET", "/v2/_catalog?n=2")
            #expect(page["link"] == "</v2/_catalog?n=2&last=a/x>; rel=\"next\"")
            #expect(try await test.client.request("GET", "/v2/_catalog?last=a/x").json?["repositories"] == ["b"])
        }
    }

    @Test("7.2/56: no answer holds an absolute address, whatever the Host header says")
    func relative() async throws {
        try await TestRegistry.run { test in
            let answer = try await test.client.request(
                "POST",
                "/v2/a/blobs/uploads/",
                headers: [("Host", "evil.example")],
                body: []
            )
            #expect(answer.fields.allSatisfy { !$0.value.contains("evil") && !$0.value.contains("http") })
        }
    }
}
