// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Audit
import Database
import JSON
import Node
import NodeTestKit
import OCI
import Registry
import RegistryHTTP
import TestKit
import Testing

@Suite("7.2: size, processor and memory")
struct BoundsTests {
    @Test("7.2/6: a manifest over 4 MiB is refused while it is still on its way: nothing waits for its end")
    func manifestIsNotBuffered() async throws {
        try await TestRegistry.run { test in
            let head =
                "PUT /v2/a/manifests/x HTTP/1.1\r\nHost: x\r\n\(test.authorization)Content-Type: \(MediaType.imageManifest)\r\n"
            try await RawConnection.open(test.port) { connection in
                try await connection.send(head + "Transfer-Encoding: chunked\r\n\r\n")
                let piece = [UInt8](repeating: 0x20, count: 512 << 10)
                for _ in 0..<8 { try await connection.send(Array("80000\r\n".utf8) + piece + [13, 10]) }
                // The last byte of 4 MiB is there, and no end: one more is the first one too many.
                try await connection.send("1\r\n \r\n")
                let answer = try await connection.answer()
                #expect(answer.status == 413)
                #expect(answer.code == "SIZE_INVALID")
                #expect(answer["connection"] == "close")
            }
            for length in ["4194305", "9223372036854775807"] {
                try await RawConnection.open(test.port) { connection in
                    // Announced and never sent.
                    try await connection.send(head + "Content-Length: \(length)\r\n\r\n")
                    #expect(try await connection.answer().status == 413)
                }
            }
            #expect(try await test.client.request("GET", "/v2/a/manifests/x").status == 404)
        }
    }

    @Test("7.2/7: a page is as large as the registry allows, whatever is asked for, and leaves nothing out")
    func pages() async throws {
        try await TestRegistry.run(limits: RegistryLimits(pageSize: 3)) { test in
            let image = try await test.pushImage("a", "t0")
            for number in 1..<5 { try await test.pushImage("a", "t\(number)") }
            for number in 0..<5 { try await test.pushImage("r\(number)", "1") }
            let subject = Descriptor(mediaType: MediaType.imageManifest, digest: image, size: 1)
            for number in 0..<5 {
                let bytes = try await test.image("a", layer: pattern(number + 1), subject: subject)
                #expect(try await test.put("a", "s\(number)", bytes).status == 201)
            }
            for (path, member, count) in [
                ("/v2/a/tags/list", "tags", 10), ("/v2/_catalog", "repositories", 6),
                ("/v2/a/referrers/\(image)", "manifests", 5),
            ] {
                for query in [
                    "", "?n=3", "?n=4", "?n=2147483647", "?n=2147483648", "?n=4294967297", "?n=9223372036854775807",
                    "?n=18446744073709551616", "?n=000000000000000000000000000009",
                ] {
                    var seen = 0
                    var next: String? = path + query
                    while let page = next {
                        let answer = try await test.client.request("GET", page)
                        let entries = try #require(answer.json?[member]?.arrayValue)
                        #expect(entries.count <= 3)
                        seen += entries.count
                        next = answer.next
                    }
                    #expect(seen == count, "\(path)\(query)")
                }
                for text in ["-1", "-0", "+1", "abc", "1e9", "0x10", "1.5", "", "%20", "١", "%D9%A1", "NaN"] {
                    #expect(
                        try await test.client.request("GET", "\(path)?n=\(text)").status == 400,
                        "\(path)?n=\(text)"
                    )
                }
            }
        }
    }

    struct Bomb: Sendable, CustomTestStringConvertible {
        let what: String
        /// Stands in an otherwise right manifest, after its last member.
        let members: String
        var status = 400
        var testDescription: String { what }
    }

    static let bombs: [Bomb] = [
        Bomb(what: "deep arrays", members: #","x":"# + String(repeating: "[", count: 2_000_000)),
        Bomb(what: "deep objects", members: #","x":"# + String(repeating: #"{"a":"#, count: 500_000)),
        Bomb(
            what: "closed, one level too deep",
            members: #","x":"# + String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
        ),
        Bomb(what: "wide array", members: #","x":[0"# + String(repeating: ",0", count: 1_500_000) + "]"),
        Bomb(
            what: "wide object",
            members: #","x":{"k":0"# + (0..<250_000).map { #","\#($0)":0"# }.joined() + "}",
            // Half the values that are let pass, each with its name: large, but bounded, and without a meaning to us.
            status: 201
        ),
        Bomb(what: "a member twice", members: #","annotations":{"a":"1"},"annotations":{"a":"2"}"#),
        Bomb(what: "a member twice, deep inside", members: #","annotations":{"a":"1","\u0061":"2"}"#),
        Bomb(what: "a member that differs in case", members: #","Layers":[]"#),
        Bomb(what: "a number of a million digits", members: #","x":"# + String(repeating: "9", count: 1_000_000)),
        Bomb(what: "a number with a vast exponent", members: #","x":1e999999999"#),
        Bomb(what: "a string without an end", members: #","x":""# + String(repeating: "x", count: 1_000_000)),
        Bomb(what: "half a surrogate pair", members: #","x":"\ud800""#),
        Bomb(
            what: "annotations of 3 MiB",
            members: #","annotations":{"a":""# + String(repeating: "x", count: 3 << 20) + #""}"#,
            status: 201
        ),
    ]

    @Test(
        "7.2/8: bombs of JSON are refused or stored within the bounds; what is stored comes back as it was",
        arguments: bombs
    )
    func json(_ bomb: Bomb) async throws {
        try await TestRegistry.run { test in
            let manifest = String(decoding: try await test.image("a"), as: UTF8.self)
            let isClosed = bomb.what != "deep arrays" && bomb.what != "deep objects"
            let bytes = Array((manifest.dropLast() + bomb.members + (isClosed ? "}" : "")).utf8)
            #expect(bytes.count < 4 << 20)
            let answer = try await test.put("a", "x", bytes)
            #expect(answer.status == bomb.status)
            if bomb.status == 400 {
                #expect(answer.code == "MANIFEST_INVALID")
                #expect(answer.body.count < 4096)
                #expect(try await test.client.request("GET", "/v2/a/manifests/x").status == 404)
            } else {
                #expect(try await test.client.request("GET", "/v2/a/manifests/x").body == bytes)
            }
        }
    }

    @Test("7.2/8: a manifest names a bounded number of objects")
    func descriptors() async throws {
        try await TestRegistry.run(limits: RegistryLimits(manifestReferences: 100)) { test in
            let config = try await test.push(Array("{}".utf8), to: "a")
            for count in [100, 101] {
                let layer = Descriptor(mediaType: MediaType.layerTar, digest: config, size: 2)
                let bytes = ImageManifest(
                    config: Descriptor(mediaType: MediaType.imageConfig, digest: config, size: 2),
                    layers: [Descriptor](repeating: layer, count: count)
                ).json.bytes()
                #expect(try await test.put("a", "x\(count)", bytes).status == (count == 100 ? 201 : 400))
            }
        }
    }

    @Test("7.2/9: indexes nested deeply and as diamonds cost one row and one job each, and their verdict ends")
    func nestedIndexes() async throws {
        try await TestNode.run { node in
            // Twenty layers of two, each of which names both below: a walk of all paths would take a million steps.
            func index(_ children: [[UInt8]], _ mark: String) -> [UInt8] {
                ImageIndex(
                    manifests: children.map {
                        Descriptor(mediaType: MediaType.imageIndex, digest: .sha256($0), size: Int64($0.count))
                    },
                    annotations: ["mark": mark]
                ).json.bytes()
            }
            var layer = [index([], "left"), index([], "right")]
            var all = layer
            for _ in 0..<19 {
                layer = [index(layer, "left"), index(layer, "right")]
                all += layer
            }
            // And a chain of two hundred.
            for _ in 0..<200 { all.append(index([all[all.count - 1]], "chain")) }
            // From the top: every index waits for what comes after it.
            for bytes in all.reversed() {
                let answer = try await node.client.request(
                    "PUT",
                    "/v2/a/manifests/\(Digest.sha256(bytes))",
                    headers: [("Content-Type", MediaType.imageIndex)],
                    body: bytes
                )
                #expect(answer.status == 201)
            }
            for bytes in [all[all.count - 1], layer[0]] {
                let path = "/api/v1/images/a@\(Digest.sha256(bytes))/verdict"
                var answer = try await node.client.request("GET", path)
                for _ in 0..<600 where answer.status == 202 {
                    try await Task.sleep(for: .milliseconds(50))
                    answer = try await node.client.request("GET", path)
                }
                #expect(answer.status == 200)
                #expect(answer.body.count < 1 << 20)
            }
        }
    }

    @Test("7.2/10: a request's body is never unpacked: what is encoded is stored, or refused, as it is")
    func contentEncoding() async throws {
        try await TestRegistry.run { test in
            let manifest = try await test.image("a")
            let packed = TestCompression.gzip.compressed(manifest)
            for encoding in ["gzip", "deflate", "br", "zstd", "gzip, gzip"] {
                let headers = [("Content-Type", MediaType.imageManifest), ("Content-Encoding", encoding)]
                let answer = try await test.client.request("PUT", "/v2/a/manifests/x", headers: headers, body: packed)
                #expect(answer.status == 400)
                let blob = try await test.client.request(
                    "POST",
                    "/v2/a/blobs/uploads/?digest=\(Digest.sha256(packed))",
                    headers: [("Content-Encoding", encoding)],
                    body: packed
                )
                #expect(blob.status == 201)
            }
            let answer = try await test.client.request(
                "GET",
                "/v2/a/blobs/\(Digest.sha256(packed))",
                headers: [("Accept-Encoding", "gzip, br, zstd")]
            )
            #expect(answer.body == packed)
            #expect(answer["content-encoding"] == nil)
        }
    }

    @Test("7.2/10: a layer that unpacks to 5 GiB ends in a verdict that promises nothing, and the node goes on")
    func layerBomb() async throws {
        try await TestNode.run { node in
            var header = TarBuilder()
            header.file("zeros", [], claimedSize: 1 << 33)
            var image = ImageBuilder()
            image.layers.append(
                .init(
                    tar: [],
                    compression: .zstd,
                    stored: TestCompression.zstdBomb(prefix: header.bytes, blocks: 40_000)
                )
            )
            let built = image.built()
            try await node.client.push(built, to: "a", tag: "1")
            try await node.client.verdict(of: "a:1")
            let answer = try await node.client.request("GET", "/api/v1/images/a:1/verdict")
            #expect(answer.status == 200)
            #expect(answer.json?["level"]?.stringValue == "none")
            #expect(answer.text.contains("compression ratio"))
            #expect(try await node.client.request("GET", "/readyz").status == 200)
        }
    }

    @Test("7.2/13: a flood of referrers comes in pages, each of them once, in all sizes that are asked for")
    func referrerFlood() async throws {
        try await TestRegistry.run { test in
            let name = try RepositoryName(parsing: "a")
            let image = try await test.pushImage("a", "1")
            let config = try await test.push(Array("{}".utf8), to: "a")
            let count = 450
            // Signatures come from pipelines, many at once.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<count {
                    group.addTask {
                        let bytes = ImageManifest(
                            artifactType: "application/vnd.example.signature",
                            config: Descriptor(mediaType: MediaType.emptyConfig, digest: config, size: 2),
                            layers: [],
                            subject: Descriptor(mediaType: MediaType.imageManifest, digest: image, size: 1),
                            annotations: ["number": "\(number)"]
                        ).json.bytes()
                        _ = try await test.registry.putManifest(
                            bytes,
                            contentType: MediaType.imageManifest,
                            to: name,
                            at: .digest(.sha256(bytes)),
                            by: test.admin
                        )
                    }
                }
                try await group.waitForAll()
            }
            for size in ["?n=100000", "?n=150&artifactType=application/vnd.example.signature", ""] {
                var seen: [String] = []
                var next: String? = "/v2/a/referrers/\(image)\(size)"
                while let page = next {
                    let answer = try await test.client.request("GET", page)
                    let found = answer.json?["manifests"]?.arrayValue ?? []
                    #expect(found.count <= 200 && !found.isEmpty)
                    seen += found.compactMap { $0["digest"]?.stringValue }
                    next = answer.next
                }
                #expect(seen.count == count && Set(seen).count == count)
            }
        }
    }

    @Test("7.2/13: a page of referrers is never larger than the largest manifest, however much each of them says")
    func referrerBytes() async throws {
        try await TestRegistry.run { test in
            let image = try await test.pushImage("a", "1")
            let config = try await test.push(Array("{}".utf8), to: "a")
            var pushed: Set<String> = []
            for number in 0..<6 {
                let bytes = ImageManifest(
                    artifactType: "application/vnd.example.signature",
                    config: Descriptor(mediaType: MediaType.emptyConfig, digest: config, size: 2),
                    layers: [],
                    subject: Descriptor(mediaType: MediaType.imageManifest, digest: image, size: 1),
                    annotations: ["number": "\(number)", "noise": String(repeating: "x", count: 1 << 20)]
                ).json.bytes()
                let digest = Digest.sha256(bytes).description
                #expect(try await test.put("a", digest, bytes).status == 201)
                pushed.insert(digest)
            }
            var seen: [String] = []
            var next: String? = "/v2/a/referrers/\(image)"
            while let page = next {
                let answer = try await test.client.request("GET", page)
                // Clients read an index of at most this size, and a page is one.
                #expect(answer.body.count <= test.registry.limits.manifestBytes)
                seen += answer.json?["manifests"]?.arrayValue?.compactMap { $0["digest"]?.stringValue } ?? []
                next = answer.next
            }
            #expect(seen.count == 6 && Set(seen) == pushed)
        }
    }

    /// One character to Swift, a million bytes on the wire.
    static let cluster = "k" + String(repeating: "\u{301}", count: 400_000)

    @Test("7.2/15: an error tells a bounded part of what it was sent, and the audit log too")
    func errorBodies() async throws {
        try await TestRegistry.run { test in
            let manifest = String(decoding: try await test.image("a"), as: UTF8.self)
            let long = String(repeating: "k", count: 1_000_000)
            var bodies: [String] = []
            for text in [long, Self.cluster] {
                bodies += [
                    #","annotations":{"\#(text)":5}"#, #","annotations":{"\#(text)":"1","\#(text)":"2"}"#,
                    #","artifactType":"\#(text)""#, #","mediaType":"\#(text)""#, #","subject":{"\#(text)":1}"#,
                    #","subject":{"mediaType":"\#(text)","digest":"sha256:ab","size":1}"#,
                    #","subject":{"mediaType":"a/b","digest":"\#(text):ab","size":1}"#,
                    #","subject":{"mediaType":"a/b","digest":"sha256:\#(text)","size":1}"#,
                ]
            }
            let open = manifest.replacing(#""mediaType":"\#(MediaType.imageManifest)","#, with: "")
                .replacing(#","mediaType":"\#(MediaType.imageManifest)""#, with: "").dropLast()
            for body in bodies {
                let answer = try await test.put("a", "x", Array((open + body + "}").utf8))
                #expect(answer.status == 400, "\(body.prefix(60))")
                #expect(answer.body.count <= 16 << 10, "\(body.prefix(60)): \(answer.body.count)")
            }
            // A body is one thing, a head another.
            let word = String(repeating: "x", count: 12_000)
            let accents = "k" + String(repeating: "%CC%81", count: 2000)
            for (method, path, headers) in [
                ("GET", "/v2/a/tags/list?n=\(word)", []), ("GET", "/v2/a/tags/list?last=\(word)", []),
                ("GET", "/v2/a/tags/list?n=\(accents)", []), ("GET", "/v2/_catalog?last=\(word)", []),
                ("GET", "/v2/a/referrers/\(Digest.sha256([]))?artifactType=\(word)", []),
                ("GET", "/v2/a/referrers/\(Digest.sha256([]))?last=\(accents)", []),
                ("GET", "/v2/\(word)/tags/list", []), ("GET", "/v2/a/manifests/\(word)", []),
                ("POST", "/v2/a/blobs/uploads/?digest=\(word):ab", []),
                ("POST", "/v2/a/blobs/uploads/?digest=\(accents):a", []),
                ("POST", "/v2/a/blobs/uploads/?digest=sha256:\(accents)", []),
                ("POST", "/v2/a/blobs/uploads/?digest-algorithm=\(accents)", []),
                ("POST", "/v2/a/blobs/uploads/?mount=\(Digest.sha256([]))&from=\(word)", []),
                ("PUT", "/v2/a/manifests/x", [("Content-Type", "a/\(word)")]),
                ("PATCH", try await test.begin("a"), [("Content-Range", word)]),
                ("GET", "/v2/", [("Authorization", "Basic \(word)")]),
            ] as [(String, String, [(String, String)])] {
                let body: [UInt8]? = ["GET"].contains(method) ? nil : [1]
                let answer = try await test.client.request(method, path, headers: headers, body: body)
                #expect(answer.body.count <= 16 << 10, "\(method) \(path.prefix(60)): \(answer.body.count)")
                #expect(answer.fields.allSatisfy { $0.value.utf8.count <= 16 << 10 })
            }
            let events = try await AuditLog.list(test.database, limit: 1000)
            #expect(
                events.allSatisfy { ($0.detail?.bytes().count ?? 0) <= 64 << 10 && ($0.actor?.utf8.count ?? 0) <= 1024 }
            )
        }
    }

    @Test("7.2/15: of thousands of missing blobs and hundreds of tags a bounded number is named")
    func errorLists() async throws {
        try await TestRegistry.run { test in
            let config = try await test.push(Array("{}".utf8), to: "a")
            let manifest = ImageManifest(
                config: Descriptor(mediaType: MediaType.imageConfig, digest: config, size: 2),
                layers: (0..<5000).map {
                    Descriptor(mediaType: MediaType.layerTar, digest: .sha256(Array("\($0)".utf8)), size: 1)
                }
            )
            let answer = try await test.put("a", "x", manifest.json.bytes())
            #expect(answer.status == 400)
            #expect(answer.json?["errors"]?.arrayValue?.count == 100)
            #expect(answer.body.count <= 64 << 10)
            let image = try await test.image("a")
            let digest = Digest.sha256(image)
            for start in stride(from: 0, to: 320, by: 32) {
                let tags = (start..<(start + 32)).map { "tag=t\($0)" }.joined(separator: "&")
                #expect(try await test.put("a", "\(digest)?\(tags)", image).status == 201)
            }
            #expect(
                try await test.put("a", "\(digest)?" + (0..<33).map { "tag=u\($0)" }.joined(separator: "&"), image)
                    .status == 400
            )
            #expect(try await test.client.request("DELETE", "/v2/a/manifests/\(digest)").status == 202)
            let event = try #require(try await AuditLog.list(test.database).last { $0.action == "manifest.delete" })
            #expect(event.detail?["tags"]?.arrayValue?.count == 100)
            #expect(event.detail?["tagCount"]?.intValue == 320)
        }
    }
}
