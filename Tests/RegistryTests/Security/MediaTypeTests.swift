// SPDX-License-Identifier: EUPL-1.2

import JSON
import Node
import NodeTestKit
import OCI
import Registry
import Testing

@Suite("7.2: one thing, one type")
struct MediaTypeTests {
    static let types = [
        MediaType.imageManifest, MediaType.imageIndex, MediaType.dockerManifest, MediaType.dockerManifestList,
    ]

    @Test("7.2/16: a document with the members of two kinds is refused, whatever it is sent as", arguments: types)
    func twoKinds(type: String) async throws {
        try await TestRegistry.run { test in
            let config = try await test.push(Array("{}".utf8), to: "a")
            let descriptor = #"{"mediaType":"application/x","digest":"\#(config)","size":2}"#
            for declared in ["", #""mediaType":"\#(type)","#] {
                for members in [
                    #""config":\#(descriptor),"layers":[],"manifests":[]"#,
                    #""config":\#(descriptor),"layers":[\#(descriptor)],"manifests":[\#(descriptor)]"#,
                    #""config":\#(descriptor),"manifests":[]"#, #""layers":[],"manifests":[]"#,
                    #""config":\#(descriptor),"layers":[],"Manifests":[]"#,
                    #""manifests":[],"LAYERS":[]"#, #""config":\#(descriptor),"layers":[],"fsLayers":[]"#,
                    #""config":\#(descriptor)"#, "",
                ] {
                    let body = #"{\#(declared)"schemaVersion":2\#(members.isEmpty ? "" : ",")\#(members)}"#
                    let answer = try await test.put("a", "x", Array(body.utf8), type)
                    #expect(answer.status == 400, "\(type): \(members)")
                    #expect(answer.code == "MANIFEST_INVALID")
                }
            }
            #expect(try await test.client.request("GET", "/v2/a/manifests/x").status == 404)
        }
    }

    @Test("7.2/16: what a document says of itself is what it is sent as, in every pair of types", arguments: types)
    func everyPair(sent: String) async throws {
        try await TestRegistry.run { test in
            let config = try await test.push(Array("{}".utf8), to: "a")
            let descriptor = #"{"mediaType":"application/x","digest":"\#(config)","size":2}"#
            for declared in Self.types + ["text/html", "application/json", "application/octet-stream"] {
                let members =
                    MediaType.isIndex(declared) ? #""manifests":[]"# : #""config":\#(descriptor),"layers":[]"#
                let body = Array(#"{"schemaVersion":2,"mediaType":"\#(declared)",\#(members)}"#.utf8)
                let answer = try await test.put("a", "x", body, sent)
                #expect(answer.status == (declared == sent ? 201 : 400), "\(declared) sent as \(sent)")
            }
            for type in ["", "text/html", "application/json", "*/*", sent + "x", "x" + sent] {
                let body = Array(#"{"schemaVersion":2,"manifests":[]}"#.utf8)
                #expect(try await test.put("a", "y", body, type).status == 400, "\(type)")
            }
        }
    }

    @Test("7.2/16: bytes that were published as one thing are never published as another")
    func sameBytes() async throws {
        try await TestRegistry.run { test in
            let config = try await test.push(Array("{}".utf8), to: "a")
            let descriptor = #"{"mediaType":"application/x","digest":"\#(config)","size":2}"#
            let bytes = Array(#"{"schemaVersion":2,"config":\#(descriptor),"layers":[]}"#.utf8)
            #expect(try await test.put("a", "x", bytes, MediaType.imageManifest).status == 201)
            for reference in ["x", "y", Digest.sha256(bytes).description] {
                let answer = try await test.put("a", reference, bytes, MediaType.dockerManifest)
                #expect(answer.status == 400)
                #expect(answer.code == "MANIFEST_INVALID")
            }
            let served = try await test.client.request("GET", "/v2/a/manifests/\(Digest.sha256(bytes))")
            #expect(served["content-type"] == MediaType.imageManifest)
            #expect(try await test.client.request("GET", "/v2/a/manifests/y").status == 404)
        }
    }

    @Test("7.2/17: no manifest is written anew: white space, order, escapes and unknown members come back")
    func exactBytes() async throws {
        try await TestRegistry.run { test in
            let manifest = String(decoding: try await test.image("a"), as: UTF8.self)
            for text in [
                "\n\t " + manifest + " \r\n", manifest.dropLast() + #","unknown":{"z":1,"a":[ ]}}"#,
                manifest.dropLast() + #","annotations":{"\u0061":"\/\u00e9é\ud83d\ude00"}}"#,
                manifest.dropLast() + #","annotations":{"b":"<script>","a":"&"}}"#,
                manifest.replacing(",", with: " , "),
            ] {
                let bytes = Array(text.utf8)
                #expect(try await test.put("a", "x", bytes).status == 201)
                for digest in [Digest.sha256(bytes), .sha512(bytes)] {
                    #expect(try await test.put("a", digest.description, bytes).status == 201)
                    let got = try await test.client.request("GET", "/v2/a/manifests/\(digest)")
                    #expect(got.body == bytes)
                    #expect(got["docker-content-digest"] == digest.description)
                }
                #expect(try await test.client.request("GET", "/v2/a/manifests/x").body == bytes)
            }
        }
    }

    @Test("7.2/18: a page that was pushed as a blob, or as a part of a manifest, is never a page on this origin")
    func neverAPage() async throws {
        try await TestNode.run(configure: { $0.anonymousPull = true }) { node in
            let page = Array("<!doctype html><script>alert(document.domain)</script>".utf8)
            let digest = Digest.sha256(page)
            let pushed = try await node.client.request(
                "POST",
                "/v2/a/blobs/uploads/?digest=\(digest)",
                headers: [("Content-Type", "text/html")],
                body: page
            )
            #expect(pushed.status == 201)
            let descriptor = Descriptor(mediaType: "text/html", digest: digest, size: Int64(page.count))
            let manifest = ImageManifest(
                artifactType: "text/html",
                config: descriptor,
                layers: [descriptor],
                annotations: ["page": String(decoding: page, as: UTF8.self)]
            ).json.bytes()
            let put = try await node.client.request(
                "PUT",
                "/v2/a/manifests/1",
                headers: [("Content-Type", MediaType.imageManifest)],
                body: manifest
            )
            #expect(put.status == 201)
            for path in [
                "/v2/a/blobs/\(digest)", "/v2/a/manifests/1", "/v2/a/manifests/\(Digest.sha256(manifest))",
                "/v2/a/referrers/\(digest)", "/v2/a/tags/list", "/v2/_catalog", "/v2/<script>", "/v2/a/blobs/<script>",
            ] {
                for accept in ["*/*", "text/html", "image/svg+xml", "text/html,application/xhtml+xml"] {
                    let answer = try await node.client.anonymous().request(
                        "GET",
                        path,
                        headers: [("Accept", accept), ("Sec-Fetch-Dest", "document")]
                    )
                    let type = try #require(answer["content-type"])
                    switch path {
                    case "/v2/a/blobs/\(digest)": #expect(type == "application/octet-stream")
                    case _ where path.hasPrefix("/v2/a/manifests/"): #expect(type == MediaType.imageManifest)
                    default: #expect(["application/json", MediaType.imageIndex].contains(type), "\(path): \(type)")
                    }
                    #expect(answer["x-content-type-options"] == "nosniff")
                    #expect(answer["content-security-policy"]?.contains("sandbox") == true)
                    #expect(answer["content-security-policy"]?.contains("default-src 'none'") == true)
                }
            }
        }
    }
}
