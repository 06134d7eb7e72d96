// SPDX-License-Identifier: EUPL-1.2

import Attestations
import FeedBundles
import Foundation
import ImageSources
import JSON
import Keys
import Node
import NodeTestKit
import OCI
import RegistryClient
import TestKit
import Testing
import Time
import Vulnerabilities

/// Programs that others copy and verify artefacts with, and a node that runs meanwhile.
@Suite("Feed bundles with real tools")
struct RealToolTests {
    @Test("oras and skopeo copy a bundle with its signature into a registry and out of it")
    func copies() async throws {
        let fixture = try await BundleFixture()
        let identity = try await fixture.export().statement.contents.identity
        try await TestNode.run { node in
            let host = node.authority
            let access = FeedBundleAccess(credentials: RegistryCredentials(username: "admin", password: node.secret))
            @Sendable func holds(_ place: String) async throws {
                let taken = try await fixture.take(place, access: access, allowsOlder: true)
                #expect(taken.report.snapshot == identity, "\(place)")
            }
            let oras = try await trixieTool("oras")
            let credentials = ["--to-username", "admin", "--to-password", node.secret]
            try await oras.check(
                ["cp", "--from-oci-layout", "\(fixture.layout):today", "--to-plain-http"] + credentials
                    + ["\(host)/team/feeds:oras"]
            )
            try await holds("\(host)/team/feeds:oras")
            try await oras.check([
                "cp", "--from-plain-http", "--from-username", "admin", "--from-password", node.secret,
                "\(host)/team/feeds:oras", "--to-oci-layout", fixture.directory.file("oras") + ":today",
            ])
            try await holds("oci:\(fixture.directory.file("oras")):today")
            let found = try await oras.check([
                "discover", "--plain-http", "--username", "admin", "--password", node.secret, "--format", "json",
                "\(host)/team/feeds@\(try fixture.artefactDigest())",
            ])
            #expect(found.contains(SigstoreBundle.mediaType))
            // The artefact alone: its signature is found as its referrer, there and in a copy with referrers.
            let artefact = "\(host)/team/feeds@\(try fixture.artefactDigest())"
            try await holds(artefact)
            try await oras.check([
                "cp", "-r", "--from-plain-http", "--from-username", "admin", "--from-password", node.secret, artefact,
                "--to-oci-layout", fixture.directory.file("alone") + ":today",
            ])
            try await holds("oci:\(fixture.directory.file("alone")):today")

            // What has the tag, with all that refers to it and to its parts: from layout to registry, to registry, to layout.
            let from = ["--from-plain-http", "--from-username", "admin", "--from-password", node.secret]
            try await oras.check(
                ["cp", "-r", "--from-oci-layout", "\(fixture.layout):today", "--to-plain-http"] + credentials
                    + ["\(host)/team/whole:oras"]
            )
            try await oras.check(
                ["cp", "-r"] + from + ["\(host)/team/whole:oras", "--to-plain-http"] + credentials
                    + ["\(host)/team/again:oras"]
            )
            try await oras.check(
                ["cp", "-r"] + from + [
                    "\(host)/team/again:oras", "--to-oci-layout", fixture.directory.file("whole") + ":today",
                ]
            )
            for place in [
                "\(host)/team/whole:oras", "\(host)/team/again:oras", "oci:\(fixture.directory.file("whole")):today",
            ] { try await holds(place) }
            let outer = try await oras.check([
                "discover", "--plain-http", "--username", "admin", "--password", node.secret, "--format", "json",
                "\(host)/team/again:oras",
            ])
            #expect(outer.contains(SigstoreBundle.mediaType))
            try await DockerRegistry.run { mirror in
                let copy = ["cp", "-r", "--from-oci-layout", "\(fixture.layout):today", "--to-plain-http"]
                try await oras.check(copy + ["\(mirror)/copy/feeds:today"])
                try await holds("\(mirror)/copy/feeds:today")
            }

            for (name, skopeo) in [("old", try tool("skopeo")), ("new", try await trixieTool("skopeo"))] {
                try await skopeo.check([
                    "copy", "--all", "--dest-tls-verify=false", "--dest-creds", "admin:\(node.secret)",
                    "oci:\(fixture.layout):today", "docker://\(host)/team/feeds:skopeo-\(name)",
                ])
                try await holds("\(host)/team/feeds:skopeo-\(name)")
                let archive = fixture.directory.file("skopeo-\(name).tar")
                try await skopeo.check([
                    "copy", "--all", "--src-tls-verify=false", "--src-creds", "admin:\(node.secret)",
                    "docker://\(host)/team/feeds:skopeo-\(name)", "oci-archive:\(archive):today",
                ])
                try await holds("oci-archive:\(archive):today")
            }
        }
    }

    @Test("a bundle is pushed to a registry and taken from there by name, by digest, and not without credentials")
    func registry() async throws {
        let fixture = try await BundleFixture()
        try await TestNode.run { node in
            let access = FeedBundleAccess(credentials: RegistryCredentials(username: "admin", password: node.secret))
            let place = "\(node.authority)/team/feeds:1"
            let made = try await fixture.export(to: place, access: access)
            // The tag moves; what it was is there by its digest.
            #expect(try await fixture.export(to: place, access: access).index != made.index)
            for place in [place, "\(node.authority)/team/feeds@\(made.index)"] {
                let taken = try await fixture.take(place, access: access)
                #expect(taken.report.snapshot == made.statement.contents.identity)
            }
            await #expect(throws: RegistryClientError.self) { try await fixture.take(place) }
            await #expect(throws: RegistryClientError.self) { try await fixture.export(to: place) }
            let other = "\(node.authority)/team/feeds:2"
            await #expect(throws: RegistryClientError.self) { try await fixture.take(other, access: access) }
        }
    }

    @Test("a running node sees what was imported beside it")
    func running() async throws {
        let fixture = try await BundleFixture()
        let made = try await fixture.export()
        try await TestNode.run { node in
            #expect(try await node.client.request("GET", "/api/v1/feeds").json?["snapshot"]?.stringValue == nil)
            let importer = FeedBundleImporter(keys: [FeedBundleKey(fixture.key)])
            let beside = FeedStore(directory: node.directory.file("data/feeds"), clock: .fixed(BundleFixture.now))
            _ = try await importer.importBundle(at: .ociLayout(path: fixture.layout, selector: nil), into: beside)
            var seen: String?
            for _ in 0..<100 where seen == nil {
                seen = try await node.client.request("GET", "/api/v1/feeds").json?["snapshot"]?.stringValue
                if seen == nil { try await Task.sleep(for: .milliseconds(50)) }
            }
            #expect(seen == made.statement.contents.identity)
        }
    }

    @Test("cosign verifies the statement about the artefact's manifest with the role's key, and not with another")
    func cosign() async throws {
        let fixture = try await BundleFixture()
        let made = try await fixture.export()
        let signature = try #require(try fixture.index(made).manifests.last)
        guard
            case .image(let referrer) = try ManifestDocument(
                parsing: try fixture.bytes(signature.digest),
                contentType: nil
            )
        else { return #expect(Bool(false), "no manifest") }
        let bundle = fixture.blob(try #require(referrer.layers.first).digest)
        let key = try fixture.directory.write(Array(fixture.key.pem.utf8), to: "key.pub")
        let verdict = try #require(try await fixture.signer.keys().first { $0.role == .verdict })
        let other = try fixture.directory.write(Array(verdict.pem.utf8), to: "other.pub")
        // Without a root it would ask a server on the Internet for one.
        let root = try fixture.directory.write(TrustedRoot(logs: []).bytes, to: "root.json")
        let cosign = try await trixieTool("cosign")
        func verify(_ key: String, _ file: String) async throws -> ToolResult {
            try await cosign.run([
                "verify-blob-attestation", "--key", key, "--new-bundle-format", "--bundle", bundle,
                "--insecure-ignore-tlog=true", "--trusted-root", root, "--type",
                "https://node.example/attestations/feed-bundle/v1", file,
            ])
        }
        let good = try await verify(key, fixture.blob(made.artefact))
        #expect(good.exitCode == 0, "\(good.errorOutput)")
        #expect(try await verify(other, fixture.blob(made.artefact)).exitCode != 0)
        #expect(try await verify(key, fixture.blob(made.index)).exitCode != 0)
    }
}
