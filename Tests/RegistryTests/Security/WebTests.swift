// SPDX-License-Identifier: EUPL-1.2

import JSON
import Node
import NodeTestKit
import OCI
import TestKit
import Testing

@Suite("7.2: the web side of a node")
struct WebTests {
    static let targets = [
        "/", "/criteria", "/images/a", "/images/a:1", "/nothing", "/assets/nothing", "/v2", "/v2/", "/v2/_catalog",
        "/v2/a/tags/list", "/v2/a/manifests/1", "/api/v1", "/api/v1/openapi.json", "/api/v1/repositories",
        "/api/v1/feeds",
        "/api/v1/images/a/badge.svg", "/api/v1/images/a/verdict", "/healthz", "/readyz", "/metrics",
    ]

    /// Texts of strangers that a browser could take for markup, an address or a command.
    static let hostile = [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)",
        "</title><script>alert(1)</script>",
        "javascript:alert(1)", "](javascript:alert(1))", "<!--", "]]>", "{{{content}}}", "&lt;script&gt;",
        "\u{202E}gnp.exe",
        "<svg/onload=alert(1)>", "<\u{338}script>", "x\"\u{301} onload=\"\u{301}alert(1)",
    ]

    /// An image that says one text wherever an image can say something.
    private func push(_ text: String, to name: String, _ node: TestNode) async throws -> Digest {
        func blob(_ bytes: [UInt8], _ type: String) async throws -> Descriptor {
            let digest = Digest.sha256(bytes)
            let path = "/v2/\(name)/blobs/uploads/?digest=\(digest)"
            #expect(try await node.client.request("POST", path, body: bytes).status == 201)
            return Descriptor(mediaType: type, digest: digest, size: Int64(bytes.count))
        }
        var tar = TarBuilder()
        tar.file("etc/os-release", text: "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME='\(text)'\n")
        tar.file("opt/\(text.replacing("/", with: "_"))/id_rsa", text: text)
        let layer = try await blob(tar.finished(), MediaType.layerTar)
        let keys = [
            "org.opencontainers.image.title", "org.opencontainers.image.description", "org.opencontainers.image.source",
            "org.opencontainers.image.url", text,
        ]
        let labels = JSONValue.object(Dictionary(uniqueKeysWithValues: keys.map { ($0, JSONValue.string(text)) }))
        let strings = JSONValue.array([.string(text)])
        let configuration: JSONValue = [
            "architecture": "amd64", "os": "linux", "author": .string(text),
            "config": [
                "Labels": labels, "Env": .array([.string("A=\(text)")]), "Cmd": strings, "Entrypoint": strings,
                "User": .string(text), "WorkingDir": .string(text),
            ],
            "history": [["created_by": .string(text), "comment": .string(text)]],
            "rootfs": ["type": "layers", "diff_ids": .array([.string(layer.digest.description)])],
        ]
        let manifest = ImageManifest(
            config: try await blob(configuration.bytes(), MediaType.imageConfig),
            layers: [layer],
            annotations: Dictionary(uniqueKeysWithValues: keys.map { ($0, text) })
        ).json.bytes()
        let put = try await node.client.request(
            "PUT",
            "/v2/\(name)/manifests/1",
            headers: [("Content-Type", MediaType.imageManifest)],
            body: manifest
        )
        #expect(put.status == 201)
        return .sha256(manifest)
    }

    /// Whether bytes stand somewhere in a text; characters that Swift holds for equal are not enough.
    private func has(_ text: String, _ part: String) -> Bool {
        Array(text.utf8).firstRange(of: Array(part.utf8)) != nil
    }

    @Test("7.2/55: labels, annotations, history and paths of an image are text on every page of a node")
    func storedMarkup() async throws {
        try await TestNode.run(configure: { $0.anonymousPull = true }) { node in
            let stranger = node.client.anonymous()
            var images: [(name: String, text: String, digest: Digest)] = []
            for (number, text) in Self.hostile.enumerated() {
                images.append(("r\(number)", text, try await push(text, to: "r\(number)", node)))
            }
            for (name, text, digest) in images {
                var verdict = try await stranger.request("GET", "/api/v1/images/\(name):1/verdict")
                for _ in 0..<1200 where verdict.status == 202 {
                    try await Task.sleep(for: .milliseconds(50))
                    verdict = try await stranger.request("GET", "/api/v1/images/\(name):1/verdict")
                }
                #expect(verdict.status == 200)
                for path in ["/", "/images/\(name):1", "/images/\(name)@\(digest)", "/?q=\(name)"] {
                    for language in ["de", "en"] {
                        let target = path + (path.contains("?") ? "&" : "?") + "lang=\(language)"
                        let page = try await stranger.request("GET", target)
                        #expect(page.status == 200)
                        #expect(page["content-type"] == "text/html; charset=utf-8")
                        // A list names the other images too: what is the text of one may be the markup of another.
                        let own =
                            path.hasPrefix("/images/")
                            ? page.text
                            : page.text.split(separator: "<tr>").filter { $0.contains("/images/\(name):1\"") }.joined()
                        if text.unicodeScalars.contains(where: { "<>\"'&\u{202E}".unicodeScalars.contains($0) }) {
                            #expect(!has(own, text), "\(text) on \(target)")
                        }
                        for mark in [
                            "<script", "<img", "<svg/", "<!--", "\u{202E}", "href=\"javascript:", "src=\"javascript:",
                        ] {
                            #expect(!has(page.text, mark), "\(mark) of \(text) on \(target)")
                        }
                        let policy = try #require(page["content-security-policy"])
                        #expect(policy.contains("default-src 'none'") && !policy.contains("unsafe"))
                    }
                }
                let badge = try await stranger.request("GET", "/api/v1/images/\(name):1/badge.svg")
                #expect(badge["content-type"] == "image/svg+xml; charset=utf-8")
                #expect(!has(badge.text, text) && !has(badge.text, "<script"))
                for path in ["verdict", "findings", "sbom"] {
                    let answer = try await stranger.request(
                        "GET",
                        "/api/v1/images/\(name):1/\(path)",
                        headers: [("Accept", "text/html")]
                    )
                    #expect(answer["content-type"]?.contains("json") == true, "\(path)")
                    #expect(answer["x-content-type-options"] == "nosniff")
                }
            }
        }
    }

    static let elsewhere = [
        "//evil.example", "//evil.example/", "///evil.example", "/\\evil.example", "/\\/evil.example",
        "/%5cevil.example",
        "/%5C%5Cevil.example", "/%2f%2fevil.example", "/%2Fevil.example", "/https://evil.example", "/.//evil.example",
        "/..//evil.example", "/%09/evil.example", "/%0d%0aLocation:%20https://evil.example", "http://evil.example/",
        "http://evil.example/v2/", "/v2//evil.example", "/v2/%5cevil.example", "/images//evil.example",
        "/images/%2f%2fevil.example",
        "/criteria//evil.example", "/assets//evil.example", "/images", "/images/", "/criteria/", "/v2?x=//evil.example",
        "/api/v1",
        "/?next=//evil.example", "/?return=https://evil.example", "/?callback_ui=https://evil.example",
        "/?lang=//evil.example",
        "/?lang=en&lang=//evil.example", "/images/a?redirect=https://evil.example", "/?after=//evil.example",
        "/?q=//evil.example",
    ]

    @Test("7.2/56: nothing that stands in a request sends a browser to another host")
    func redirects() async throws {
        try await TestNode.run(configure: { $0.anonymousPull = true }) { node in
            for target in Self.elsewhere {
                for fields in [
                    [],
                    [
                        ("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "https"),
                        ("Forwarded", "host=evil.example"),
                    ],
                    [("Referer", "https://evil.example/"), ("X-Original-URL", "https://evil.example/")],
                ] as [[(String, String)]] {
                    for client in [node.client, node.client.anonymous()] {
                        let answer = try await client.request("GET", target, headers: fields)
                        #expect(answer["refresh"] == nil)
                        for name in ["location", "content-location", "link"] {
                            #expect(
                                answer.all(name).allSatisfy {
                                    !$0.contains("evil") && !$0.contains("://") && !$0.hasPrefix("//")
                                }
                            )
                        }
                        #expect(!(300..<400).contains(answer.status) || answer["location"]?.hasPrefix("/") == true)
                        for attribute in ["href=\"", "src=\"", "action=\"", "content=\"", "url="] {
                            for piece in answer.text.split(separator: attribute).dropFirst() {
                                let address = piece.prefix { $0 != "\"" }
                                #expect(
                                    !address.hasPrefix("//") && !address.hasPrefix("/\\") && !address.hasPrefix("\\"),
                                    "\(address)"
                                )
                                #expect(
                                    !address.hasPrefix("http://evil") && !address.hasPrefix("https://evil"),
                                    "\(address)"
                                )
                            }
                        }
                    }
                }
            }
        }
    }

    @Test("7.2/56: where a push goes on is an address of this node, whatever the request says its host is")
    func locations() async throws {
        try await TestNode.run { node in
            for host in ["evil.example", "evil.example:443", "127.0.0.1@evil.example", "", "evil.example\\x"] {
                let answer = try await node.client.request(
                    "POST",
                    "/v2/a/blobs/uploads/",
                    headers: [("Host", host), ("X-Forwarded-Host", host), ("X-Forwarded-Prefix", "//evil.example")],
                    body: []
                )
                guard answer.status == 202 else {
                    #expect(answer.status == 400)
                    continue
                }
                #expect(answer["location"]?.hasPrefix("/v2/a/blobs/uploads/") == true)
            }
        }
    }

    @Test("7.2/57: no answer shares itself with another origin, with or without credentials")
    func crossOrigin() async throws {
        try await TestNode.run { node in
            for (origin, target) in ["https://evil.example", "null", "*"].flatMap({ o in Self.targets.map { (o, $0) } })
            {
                for client in [node.client, node.client.anonymous()] {
                    for method in ["GET", "HEAD", "POST", "OPTIONS"] {
                        let answer = try await client.request(
                            method,
                            target,
                            headers: [
                                ("Origin", origin), ("Access-Control-Request-Method", "PUT"),
                                ("Access-Control-Request-Headers", "authorization"), ("Cookie", "a=b"),
                            ],
                            body: method == "POST" ? [] : nil
                        )
                        #expect(!answer.fields.contains { $0.name.hasPrefix("access-control-") }, "\(method) \(target)")
                        if method == "OPTIONS" { #expect(answer.status >= 400, "\(target)") }
                    }
                }
            }
        }
    }

    /// Texts that mean something to a database.
    static let injections = [
        "'", "''", "\"", "' OR '1'='1", "' OR 1=1 --", "') OR 1=1 --", "x' UNION SELECT secret_hash FROM accounts --",
        "'; DROP TABLE accounts; --", "%", "_", "%25", "a%", "[a-z]*", "*", "!", "!%", "!_", "\\", "\\%", "?", "?1",
        ":name", "@p", "$1",
        "secret_hash", "-1", "0x61", "NULL", "a\" --",
    ]

    private static func words(_ text: String) -> [String] {
        text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
    }

    @Test("7.2/59: what is searched, filtered or begun after is a text to the database, never a part of a statement")
    func injection() async throws {
        try await TestNode.run { node in
            let digest = Digest.sha256(Array("{}".utf8))
            let config = Descriptor(mediaType: MediaType.imageConfig, digest: digest, size: 2)
            let manifest = ImageManifest(config: config, layers: []).json.bytes()
            for name in ["alpha", "beta/x_y", "gamma"] {
                let blob = try await node.client.request(
                    "POST",
                    "/v2/\(name)/blobs/uploads/?digest=\(digest)",
                    body: Array("{}".utf8)
                )
                #expect(blob.status == 201)
                let put = try await node.client.request(
                    "PUT",
                    "/v2/\(name)/manifests/1",
                    headers: [("Content-Type", MediaType.imageManifest)],
                    body: manifest
                )
                #expect(put.status == 201)
            }
            let names = ["alpha", "beta/x_y", "gamma"]
            for text in Self.injections {
                let word = Self.encoded(text)
                let after = names.filter { text.utf8.lexicographicallyPrecedes($0.utf8) }
                let catalogue = try await node.client.request("GET", "/v2/_catalog?last=\(word)")
                #expect(catalogue.json?["repositories"]?.arrayValue?.compactMap(\.stringValue) == after)
                let tags = try await node.client.request("GET", "/v2/alpha/tags/list?last=\(word)")
                let isBefore = text.utf8.lexicographicallyPrecedes("1".utf8)
                #expect(tags.json?["tags"]?.arrayValue?.compactMap(\.stringValue) == (isBefore ? ["1"] : []))
                let subject = Digest.sha256(manifest)
                let referrers = try await node.client.request(
                    "GET",
                    "/v2/alpha/referrers/\(subject)?artifactType=\(word)"
                )
                #expect(referrers.json?["manifests"]?.arrayValue?.isEmpty == true)
                let page = try await node.client.request("GET", "/?q=\(word)&lang=en")
                #expect(page.status == 200)
                // Searched are words by their beginning, of name and tag; a text without a word finds nothing.
                let words = Self.words(text)
                for name in names {
                    let isFound =
                        !words.isEmpty
                        && words.allSatisfy { word in (Self.words(name) + ["1"]).contains { $0.hasPrefix(word) } }
                    #expect(page.text.contains("/images/\(name):1\"") == isFound, "\(name) for \(text)")
                }
                for path in [
                    "/api/v1/repositories?q=\(word)", "/api/v1/repositories?sort=\(word)",
                    "/api/v1/repositories?filter=\(word)",
                    "/api/v1/repositories?cursor=\(word)", "/api/v1/repositories?limit=\(word)",
                    "/api/v1/feeds?fields=\(word)",
                    "/api/v1/images/alpha/findings?cursor=\(word)", "/v2/alpha/tags/list?n=\(word)",
                    "/v2/_catalog?n=\(word)",
                    "/v2/alpha/referrers/\(subject)?last=\(word)", "/v2/alpha/manifests/\(word)",
                    "/v2/alpha/blobs/\(word)",
                    "/v2/\(word)/tags/list", "/api/v1/images/\(word)/verdict", "/images/\(word)",
                ] {
                    let answer = try await node.client.request("GET", path)
                    #expect(answer.status == 400 || answer.status == 404, "\(path): \(answer.status)")
                    #expect(
                        !answer.text.contains("SQL") && !answer.text.contains("syntax error")
                            && !answer.text.contains("sqlite")
                    )
                }
            }
            #expect(try await node.client.request("GET", "/v2/").status == 200)
            let all = try await node.client.request("GET", "/v2/_catalog")
            #expect(all.json?["repositories"]?.arrayValue?.compactMap(\.stringValue) == names)
        }
    }

    private static func encoded(_ text: String) -> String {
        text.utf8.reduce(into: "") { result, byte in
            let digits = String(byte, radix: 16, uppercase: true)
            result += "%" + (digits.utf8.count == 1 ? "0" : "") + digits
        }
    }
}
