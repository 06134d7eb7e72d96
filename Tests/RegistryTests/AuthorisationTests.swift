// SPDX-License-Identifier: EUPL-1.2

import Accounts
import FoundationEssentials
import JSON
import Node
import NodeTestKit
import OCI
import Registry
import TestKit
import Testing
import Time

@Suite("Who may do what") struct AuthorisationTests {
    @Test("each role over HTTP: what it may, what it may not, and that a stranger's repository is as good as absent")
    func roles() async throws {
        try await PeopledNode.run { test in
            #expect(try await test.push("bund/app", "1", layer: "a", as: test.admins) == 201)
            #expect(try await test.push("land/app", "1", layer: "b", as: test.admins) == 201)
            let reader = try await test.person("rita", .reader)
            let publisher = try await test.person("paul", .publisher)
            let maintainer = try await test.person("mia", .maintainer)
            let stranger = try await test.person("sven", nil)
            for client in [reader, publisher, maintainer, stranger, test.nobody] {
                #expect(try await client.request("GET", "/v2/bund/app/manifests/1").status == 200)
            }
            #expect(try await test.push("bund/app", "2", layer: "c", as: publisher) == 201)
            #expect(try await test.push("bund/app", "3", layer: "c", as: maintainer) == 201)
            for client in [reader, stranger] {
                let answer = try await client.request("POST", "/v2/bund/app/blobs/uploads/", body: [])
                #expect(answer.status == 403 && answer.code == "DENIED")
            }
            #expect(try await test.nobody.request("POST", "/v2/bund/app/blobs/uploads/", body: []).status == 401)
            #expect(try await publisher.request("DELETE", "/v2/bund/app/manifests/2").status == 403)
            #expect(try await maintainer.request("DELETE", "/v2/bund/app/manifests/2").status == 202)
            // What may not be read answers like what is not there, word for word.
            for method in ["GET", "PUT", "DELETE"] {
                let hidden = try await reader.request(
                    method,
                    "/v2/land/app/manifests/1",
                    body: method == "PUT" ? [] : nil
                )
                let absent = try await reader.request(
                    method,
                    "/v2/land/nix/manifests/1",
                    body: method == "PUT" ? [] : nil
                )
                #expect(hidden.status == 404 && hidden.text == absent.text)
            }
            #expect(try await test.nobody.request("GET", "/v2/land/app/manifests/1").status == 401)
        }
    }

    @Test("7.2/24: who may create and not overwrite moves no tag, by PUT nor by ?tag=, and the same digest is fine")
    func noOverwrite() async throws {
        try await PeopledNode.run { test in
            let publisher = try await test.person("paul", .publisher)
            #expect(try await test.push("bund/app", "latest", layer: "old", as: publisher) == 201)
            #expect(try await test.push("bund/app", "latest", layer: "old", as: publisher) == 201)
            #expect(try await test.push("bund/app", "latest", layer: "new", as: publisher) == 403)
            let before = try await publisher.request("HEAD", "/v2/bund/app/manifests/latest")["docker-content-digest"]
            // The blobs of the refused push are there: only its manifest is missing.
            let layer = Descriptor(mediaType: MediaType.layerTar, digest: .sha256(Array("new".utf8)), size: 3)
            let index = ImageIndex(manifests: []).json.bytes()
            let digest = Digest.sha256(index)
            let answer = try await publisher.request(
                "PUT",
                "/v2/bund/app/manifests/\(digest)?tag=new&tag=latest",
                headers: [("Content-Type", MediaType.imageIndex)],
                body: index
            )
            #expect(answer.status == 403 && answer.code == "DENIED" && answer.text.contains("latest"))
            // All or nothing: neither the manifest nor the other tag.
            #expect(try await publisher.request("GET", "/v2/bund/app/manifests/new").status == 404)
            #expect(try await publisher.request("GET", "/v2/bund/app/manifests/\(digest)").status == 404)
            #expect(try await publisher.request("HEAD", "/v2/bund/app/blobs/\(layer.digest)").status == 200)
            let after = try await publisher.request("HEAD", "/v2/bund/app/manifests/latest")["docker-content-digest"]
            #expect(before == after)
        }
    }

    @Test(
        "7.2/19, 7.2/20: mount needs pull on the source; what may not be read is mounted from nowhere, like what is not there"
    )
    func mount() async throws {
        try await PeopledNode.run { test in
            #expect(try await test.push("land/app", "1", layer: "secret", as: test.admins) == 201)
            #expect(try await test.push("bund/base", "1", layer: "open", as: test.admins) == 201)
            let publisher = try await test.person("paul", .publisher)
            let both = try await test.person("bea", .publisher)
            try await test.accounts.setRole(.reader, of: "bea", in: "land", by: test.admin)
            let (hidden, open) = (Digest.sha256(Array("secret".utf8)), Digest.sha256(Array("open".utf8)))
            func mount(_ digest: Digest, _ from: String?, _ client: TestClient) async throws -> Int {
                let query = from.map { "&from=" + $0 } ?? ""
                return try await client.request("POST", "/v2/bund/new/blobs/uploads/?mount=\(digest)\(query)", body: [])
                    .status
            }
            #expect(try await mount(hidden, "land/app", publisher) == 202)
            #expect(try await mount(hidden, nil, publisher) == 202)
            #expect(try await mount(.sha256(Array("none".utf8)), nil, publisher) == 202)
            #expect(try await publisher.request("HEAD", "/v2/bund/new/blobs/\(hidden)").status == 404)
            #expect(try await mount(open, nil, publisher) == 201)
            #expect(try await mount(hidden, "land/app", both) == 201)
            // A bearer token for the target alone is not one for the source.
            let token = try await test.token(["repository:bund/other:pull,push"], as: both).token
            let answer = try await test.bearer(
                "POST",
                "/v2/bund/other/blobs/uploads/?mount=\(hidden)&from=land/app",
                token
            )
            #expect(answer.status == 202)
            let two = try await test.token(["repository:bund/other:pull,push", "repository:land/app:pull"], as: both)
                .token
            let mounted = try await test.bearer(
                "POST",
                "/v2/bund/other/blobs/uploads/?mount=\(hidden)&from=land/app",
                two
            )
            #expect(mounted.status == 201)
        }
    }

    @Test("7.2/28: the catalogue, and the lists of the API, name what may be read and nothing else, page by page")
    func lists() async throws {
        try await PeopledNode.run { test in
            for name in ["bund/a", "bund/b", "land", "land/a", "land/b", "land/c", "landing/x", "outside/a"] {
                #expect(try await test.push(name, "1", layer: name, as: test.admins) == 201)
            }
            let reader = try await test.person("rita", .reader, in: "land")
            func catalogue(_ client: TestClient, _ size: Int) async throws -> [String] {
                var names: [String] = []
                var next: String? = "/v2/_catalog?n=\(size)"
                while let path = next {
                    let answer = try await client.request("GET", path)
                    guard answer.status == 200 else { throw WireError("\(answer.status)") }
                    names += (answer.json?["repositories"]?.arrayValue ?? []).compactMap(\.stringValue)
                    next = answer["link"].map { String($0.dropFirst().prefix { $0 != ">" }) }
                }
                return names
            }
            for size in [1, 2, 100] {
                #expect(try await catalogue(test.nobody, size) == ["bund/a", "bund/b"])
                #expect(
                    try await catalogue(reader, size) == ["bund/a", "bund/b", "land", "land/a", "land/b", "land/c"]
                )
                #expect(try await catalogue(test.admins, size).count == 8)
            }
            let listed = try await test.nobody.request("GET", "/api/v1/repositories?limit=1")
            #expect(listed.status == 200 && listed.text.contains("bund/a"))
            let all = try await test.nobody.request("GET", "/api/v1/repositories")
            #expect(!all.text.contains("land") && !all.text.contains("outside"))
            for path in ["/v2/land/a/tags/list", "/v2/land/a/referrers/\(Digest.sha256([]))"] {
                #expect(try await test.nobody.request("GET", path).status == 401)
                #expect(try await reader.request("GET", path).status == 200)
            }
            let stranger = try await test.person("sven", nil)
            for path in ["/api/v1/images/land/a/verdict", "/images/land/a", "/api/v1/images/land/a/sbom"] {
                #expect(try await stranger.request("GET", path).status == 404)
            }
            #expect(try await stranger.request("GET", "/?q=land").text.contains("land/a") == false)
        }
    }

    @Test("bearer tokens: challenged for, fetched, good for what they name; anonymously for what is public")
    func bearer() async throws {
        try await PeopledNode.run { test in
            #expect(try await test.push("bund/app", "1", layer: "a", as: test.admins) == 201)
            #expect(try await test.push("land/app", "1", layer: "b", as: test.admins) == 201)
            let challenge = try await test.nobody.request("GET", "/v2/land/app/manifests/1")
            let header = try #require(challenge["www-authenticate"])
            #expect(header.hasPrefix("Bearer realm=\"\(test.node.url)/token\",service=\""))
            #expect(header.contains("scope=\"repository:land/app:pull\""))
            let publisher = try await test.person("paul", .publisher)
            let (answer, token) = try await test.token(["repository:bund/app:pull,push,delete"], as: publisher)
            #expect(answer.status == 200 && answer["cache-control"] == "no-store")
            #expect(answer.json?["expires_in"]?.intValue == 300 && answer.json?["access_token"]?.stringValue == token)
            #expect(try await test.bearer("GET", "/v2/", token).status == 200)
            #expect(try await test.bearer("GET", "/v2/bund/app/manifests/1", token).status == 200)
            #expect(try await test.bearer("POST", "/v2/bund/app/blobs/uploads/", token).status == 202)
            #expect(try await test.bearer("DELETE", "/v2/bund/app/manifests/1", token).status == 403)
            let other = try await test.bearer("POST", "/v2/bund/other/blobs/uploads/", token)
            #expect(other.status == 401 && other["www-authenticate"]?.contains("insufficient_scope") == true)
            #expect(try await test.bearer("GET", "/v2/land/app/manifests/1", token).status == 404)
            let open = try await test.token(["repository:bund/app:pull", "repository:land/app:pull"], as: test.nobody)
            #expect(try await test.bearer("GET", "/v2/bund/app/manifests/1", open.token).status == 200)
            #expect(try await test.bearer("GET", "/v2/land/app/manifests/1", open.token).status == 401)
            // A token is not good for another one, and wrong credentials get none.
            #expect(try await test.bearer("GET", "/token?scope=repository:bund/app:pull", token).status == 401)
            #expect(try await test.token([], as: test.node.client.basic("admin:wrong")).answer.status == 401)
        }
    }

    @Test("7.2/34: disabling an account ends its password, its tokens and the bearer tokens made with them, at once")
    func disable() async throws {
        try await PeopledNode.run { test in
            let publisher = try await test.person("paul", .publisher)
            #expect(try await test.push("bund/app", "1", layer: "a", as: publisher) == 201)
            let secret = try await test.program("svc-ci", "bund/*", [.pull, .push], role: .publisher, in: "bund")
            let program = test.node.client.basic("svc-ci:\(secret)")
            let scope = ["repository:bund/app:pull,push"]
            let (person, machine) = (
                try await test.token(scope, as: publisher).token, try await test.token(scope, as: program).token
            )
            for token in [person, machine] {
                #expect(try await test.bearer("POST", "/v2/bund/app/blobs/uploads/", token).status == 202)
            }
            try await test.accounts.setEnabled(false, "paul", by: test.admin)
            try await test.accounts.setEnabled(false, "svc-ci", by: test.admin)
            for token in [person, machine] {
                #expect(try await test.bearer("POST", "/v2/bund/app/blobs/uploads/", token).status == 401)
                #expect(try await test.bearer("GET", "/v2/", token).status == 401)
            }
            for client in [publisher, program] {
                #expect(try await client.request("GET", "/v2/").status == 401)
                #expect(try await client.request("GET", "/api/v1/account").status == 401)
            }
        }
    }

    @Test("7.2/31: a token for a repository that was made anew under its name is refused")
    func recreated() async throws {
        try await PeopledNode.run { test in
            let publisher = try await test.person("paul", .publisher)
            #expect(try await test.push("bund/app", "1", layer: "a", as: publisher) == 201)
            let token = try await test.token(["repository:bund/app:pull,push"], as: publisher).token
            #expect(try await test.bearer("POST", "/v2/bund/app/blobs/uploads/", token).status == 202)
            // There is no way to remove a repository yet; what it would leave is a row with another key.
            let path = test.node.node.configuration.dataDirectory + "/kontor.db"
            try await tool("sqlite3").check([
                path, "PRAGMA foreign_keys=OFF; UPDATE repositories SET id = id + 1000 WHERE name = 'bund/app'",
            ])
            let answer = try await test.bearer("POST", "/v2/bund/app/blobs/uploads/", token)
            #expect(answer.status == 401 && answer["www-authenticate"]?.contains("insufficient_scope") == true)
        }
    }

    @Test(
        "7.2/33: scopes that ask for more than there is get what there is",
        arguments: [
            ("repository:bund/app:*", "pull,push"), ("repository:bund/app:pull,pull,push", "pull,push"),
            ("repository:bund/app:", ""), ("repository:*:pull", nil), ("repository(plugin):bund/app:pull", nil),
            ("registry:catalog:*", nil), ("repository:bund/app", nil), (":::", nil), ("", nil),
            ("repository:..%2Fland/app:pull", nil), ("repository:land/app:pull,push", ""),
            ("repository:bund/app:root,admin", ""),
        ]
    )
    func scopes(asked: String, granted: String?) async throws {
        try await PeopledNode.run { test in
            let publisher = try await test.person("paul", .publisher)
            let answer = try await test.token([asked], as: publisher).answer
            #expect(answer.status == 200)
            let scope = answer.json?["scope"]?.stringValue ?? ""
            #expect(scope == (granted.map { "repository:\(asked.split(separator: ":")[1]):\($0)" } ?? ""))
        }
    }

    @Test(
        "a frozen namespace: what came since is not served, by tag, digest or blob; what was before is; nobody pushes"
    )
    func freeze() async throws {
        try await PeopledNode.run { test in
            let maintainer = try await test.person("mia", .maintainer)
            #expect(try await test.push("bund/app", "1", layer: "good", as: maintainer) == 201)
            let good = try await maintainer.request("HEAD", "/v2/bund/app/manifests/1")["docker-content-digest"]
            let since = Timestamp(microseconds: WallClock.system.now().microseconds)
            #expect(try await test.push("bund/app", "2", layer: "evil", as: maintainer) == 201)
            #expect(try await test.push("bund/app", "1", layer: "evil", as: maintainer) == 201)
            try await test.accounts.freeze("bund", since: since, by: test.admin)
            let evil = Digest.sha256(Array("evil".utf8))
            for path in ["manifests/1", "manifests/2", "blobs/\(evil)"] {
                for client in [test.nobody, maintainer, test.admins] {
                    let answer = try await client.request("GET", "/v2/bund/app/\(path)")
                    #expect(answer.status == 403 && answer.code == "DENIED" && answer.text.contains("quarantine"))
                }
            }
            let fine = Digest.sha256(Array("good".utf8))
            for path in ["manifests/\(good ?? "")", "blobs/\(fine)"] {
                #expect(try await test.nobody.request("GET", "/v2/bund/app/\(path)").status == 200)
            }
            for client in [maintainer, test.admins] {
                #expect(try await test.push("bund/app", "3", layer: "more", as: client) == 403)
            }
        }
    }

    @Test(
        "7.2/2: every variant of a protected path is protected like the path",
        arguments: [
            "/v2//_catalog", "/v2/_catalog/", "/v2/%5fcatalog", "/V2/_catalog", "/v2/land//app/tags/list",
            "/v2/land/app/tags/list/", "/v2/land%2Fapp/tags/list", "/v2/./land/app/tags/list",
            "/v2/bund/../land/app/tags/list",
            "/api/v1//accounts", "/api/v1/accounts/", "/API/v1/accounts", "/api/v1/%61ccounts",
        ]
    )
    func variants(path: String) async throws {
        try await PeopledNode.run { test in
            #expect(try await test.push("land/app", "1", layer: "b", as: test.admins) == 201)
            let answer = try await test.nobody.request("GET", path)
            if answer.status == 200 {
                let plain = try await test.nobody.request("GET", "/v2/_catalog")
                #expect(path == "/v2/%5fcatalog" && answer.text == plain.text)
            } else {
                #expect([400, 401, 404].contains(answer.status), "\(answer.status) \(answer.text)")
            }
            #expect(
                !answer.text.contains("land/app\"") && !answer.text.contains("\"1\"")
                    && !answer.text.contains("admin\"")
            )
        }
    }
}
