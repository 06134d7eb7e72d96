// SPDX-License-Identifier: EUPL-1.2

import JSON
import NIOCore
import Node
import NodeTestKit
import OCI
import TestKit
import Testing

@Suite("Standing in for other registries, and bounds on requests") struct MirrorTests {
    @Test("a pull that names a registry (ns) is served for that registry and the node itself, and for no other")
    func namespaces() async throws {
        try await TestNode.run(configure: { $0.standsInFor = ["docker.io"] }) { node in
            let bytes = Array("{}".utf8)
            let digest = Digest.sha256(bytes)
            let upload = "/v2/library/app/blobs/uploads/?digest=\(digest)"
            // Pushing knows no ns.
            #expect(try await node.client.request("POST", upload + "&ns=quay.io", body: bytes).status == 201)
            let config = Descriptor(mediaType: MediaType.imageConfig, digest: digest, size: 2)
            let pushed = try await node.client.request(
                "PUT",
                "/v2/library/app/manifests/1",
                headers: [("Content-Type", MediaType.imageManifest)],
                body: ImageManifest(config: config, layers: []).json.bytes()
            )
            #expect(pushed.status == 201 && pushed["oci-namespace"] == nil)
            for path in ["manifests/1", "blobs/\(digest)", "tags/list", "referrers/\(digest)"] {
                let target = "/v2/library/app/\(path)"
                #expect(try await node.client.request("GET", target)["oci-namespace"] == nil)
                for source in ["docker.io", node.authority] {
                    let answer = try await node.client.request("GET", "\(target)?ns=\(source)")
                    #expect(answer.status == 200 && answer["oci-namespace"] == source, "\(path) \(source)")
                }
                for source in ["quay.io", "DOCKER.IO", "docker.io.evil.example", "..%2F..", "", "%0d%0aX:%20y"] {
                    let answer = try await node.client.request("GET", "\(target)?ns=\(source)")
                    #expect(answer.status == 404 || answer.status == 400, "\(path) \(source)")
                    #expect(answer["oci-namespace"] == nil)
                }
                #expect(try await node.client.anonymous().request("GET", "\(target)?ns=quay.io").status == 401)
            }
        }
    }

    @Test("7.2/11: who asks too much is told when to come back, in the form of what was asked, and may then")
    func rate() async throws {
        try await TestNode.run(configure: {
            $0.requestsPerSecond = 1
            $0.countsLoopback = true
        }) { node in
            for (path, type) in [
                ("/v2/", "application/json"), ("/api/v1/feeds", "application/problem+json"), ("/", "text/plain"),
            ] {
                var answer = try await node.client.request("GET", path)
                for _ in 0..<500 where answer.status != 429 { answer = try await node.client.request("GET", path) }
                #expect(answer.status == 429 && answer["content-type"]?.hasPrefix(type) == true)
                #expect(answer["retry-after"].flatMap { Int($0) }.map { (1...10).contains($0) } == true)
                if path == "/v2/" { #expect(answer.code == "TOOMANYREQUESTS") }
            }
            func push() async throws -> Answer {
                try await node.client.request("POST", "/v2/a/blobs/uploads/", body: pattern(1000))
            }
            var cut = try await push()
            for _ in 0..<500 where cut.status != 429 { cut = try await push() }
            #expect(cut.status == 429 && cut["connection"] == "close")
            var status = 429
            for _ in 0..<60 where status == 429 {
                try await Task.sleep(for: .milliseconds(500))
                status = try await node.client.request("GET", "/v2/").status
            }
            #expect(status == 200)
        }
        // By default this machine itself is not counted.
        try await TestNode.run(configure: { $0.requestsPerSecond = 1 }) { node in
            for _ in 0..<50 {
                let answer = try await node.client.request("GET", "/v2/")
                #expect(answer.status == 200)
            }
        }
    }

    @Test("7.2/11: addresses are counted as what one subscriber has, and forgotten when they rest")
    func addresses() throws {
        let rate = RequestRate(perSecond: 10, burst: 2)
        func refuse(_ address: String, at seconds: UInt64) throws -> Int? {
            rate.refuse(try SocketAddress(ipAddress: address, port: 1), at: seconds * 1_000_000_000)
        }
        for address in ["192.0.2.1", "2001:db8::1"] {
            for _ in 0..<2 { #expect(try refuse(address, at: 1) == nil) }
            #expect(try refuse(address, at: 1) == 1, "\(address)")
            #expect(try refuse(address, at: 2) == nil)
        }
        // One /64, and one address in its two spellings.
        for (first, second) in [("2001:db8:1::1", "2001:db8:1::ffff"), ("192.0.2.2", "::ffff:192.0.2.2")] {
            #expect(try refuse(first, at: 3) == nil)
            #expect(try refuse(second, at: 3) == nil)
            #expect(try refuse(first, at: 3) == 1)
        }
        #expect(try refuse("2001:db8:2::1", at: 3) == nil)
        for address in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            for _ in 0..<10 { #expect(try refuse(address, at: 4) == nil) }
        }
        for number in 0..<100_100 {
            let address = "10.\(number >> 16).\(number >> 8 & 255).\(number & 255)"
            _ = try refuse(address, at: 5)
        }
        #expect(rate.addresses <= 100_000)
    }
}
