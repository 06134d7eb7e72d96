// SPDX-License-Identifier: EUPL-1.2

import FoundationEssentials
import JSON
import NodeTestKit
import OCI
import TestKit
import Testing

/// Copies of releases: what others carry away still proves what it proved, without the node.
@Suite("Copies of releases", .enabled(if: (try? builtProduct("kontor")) != nil, "kontor is not built"))
struct ReleaseCopyTests {
    /// Digests of the referrers that oras finds, those of their own included.
    private func discovered(_ place: [String], _ node: ReleasedNode) async throws -> Set<String> {
        let text = try await trixieTool("oras").check(
            ["discover", "--format", "json"] + place,
            environment: ["HOME": node.folder.path]
        )
        let manifests = try JSONValue(parsing: text)["manifests"]?.arrayValue ?? []
        return Set(manifests.compactMap { $0["digest"]?.stringValue })
    }

    @Test(
        "oras discovers the bundles, and cp -r carries them into a layout and into docker-registry, whole and verifiable"
    )
    func oras() async throws {
        try await ReleasedNode.run { node in
            let subjects = [node.index] + node.children
            var bundles: [Digest: Set<String>] = [:]
            for subject in subjects {
                let place = ["--plain-http", "\(node.host)/bund/multi@\(subject)"]
                let found = try await discovered(place, node)
                #expect(found.count == 1)
                bundles[subject] = found
            }
            let wanted = bundles
            let layout = node.folder.file("layout")
            try await node.copy("bund/multi", subjects, to: ["--to-oci-layout"], layout)
            for subject in subjects {
                let found = try await discovered(["--oci-layout", "\(layout)@\(subject)"], node)
                #expect(found == wanted[subject], "layout, \(subject)")
            }
            let name = ["--name", node.multi]
            let copied = try await node.report("oci:\(layout):1.0", name)
            #expect(copied.code == 0, "\(copied.json.text())")
            #expect(copied.json.outcomes("content") == ["passed", "passed"])
            #expect(copied.json.outcomes("release") == ["passed", "passed", "passed"])
            #expect(copied.json.outcomes("log") == ["passed", "passed", "passed"])
            #expect(copied.json.found("cosign").count == 3 && copied.json.found("bundle").count == 3)
            // A copy does not say what it is a copy of: its signatures' names are shown, not believed.
            let unnamed = try await node.verify("oci:\(layout):1.0")
            #expect(unnamed.exitCode == 2)
            #expect(unnamed.errorOutput.contains("its signatures say \(node.multi)"))
            #expect(try await node.verify("oci:\(layout):1.0", ["--name", "\(node.host)/bund/app:1.0"]).exitCode == 1)
            // Without a name of its own it is the one image that has a name.
            #expect(try await node.verify("oci:\(layout)", name).exitCode == 0)
            #expect(try await node.verify("oci:\(layout)@\(node.children[0])", name).exitCode == 0)

            try await DockerRegistry.run { mirror in
                let place = "\(mirror)/copy/multi"
                try await node.copy("bund/multi", subjects, to: ["--to-plain-http"], place)
                for subject in subjects {
                    let found = try await discovered(["--plain-http", "\(place)@\(subject)"], node)
                    #expect(found == wanted[subject], "docker-registry, \(subject)")
                }
                let mirrored = try await node.report("\(place):1.0", name)
                #expect(mirrored.code == 0, "\(mirrored.json.text())")
                #expect(mirrored.json.found("bundle").count == 3)
                // It is signed under another name than the mirror's.
                #expect(try await node.verify("\(place):1.0").exitCode == 1)
                try await cosign("\(place):1.0", node)
            }
            try await damaged(layout, node, name, bundles: wanted.values.reduce([]) { $0.union($1) })
        }
    }

    /// cosign verifies either form in the mirror, with our log and without any other network.
    private func cosign(_ reference: String, _ node: ReleasedNode) async throws {
        let root = try await node.trustRoot()
        for key in root["keys"]?.arrayValue ?? [] {
            let name = key["role"]?.stringValue ?? ""
            try node.folder.write(Array((key["pem"]?.stringValue ?? "").utf8), to: name + ".pub")
        }
        try node.folder.write((root["trustedRoot"] ?? .null).bytes(), to: "trusted_root.json")
        let cosign = try await trixieTool("cosign")
        for (key, log, isFine) in [
            ("release", "log-timestamps", true), ("verdict", "log-timestamps", false), ("release", "verdict", false),
        ] {
            let signed = try await cosign.run(
                [
                    "verify", "--key", node.folder.file(key + ".pub"), "--offline=true", "--allow-http-registry",
                    reference,
                ],
                environment: [
                    "HOME": node.folder.path, "TUF_ROOT": node.folder.path,
                    "SIGSTORE_REKOR_PUBLIC_KEY": node.folder.file(log + ".pub"),
                ]
            )
            #expect((signed.exitCode == 0) == isFine, "\(key), \(log): \(signed.errorOutput)")
        }
        for (key, isFine) in [("release", true), ("verdict", false)] {
            let bundle = try await cosign.run(
                [
                    "verify-attestation", "--new-bundle-format", "--trusted-root",
                    node.folder.file("trusted_root.json"), "--key", node.folder.file(key + ".pub"),
                    "--type", "https://sigstore.dev/cosign/sign/v1", "--allow-http-registry", reference,
                ],
                environment: ["HOME": node.folder.path, "TUF_ROOT": node.folder.path]
            )
            #expect((bundle.exitCode == 0) == isFine, "bundle, \(key): \(bundle.errorOutput)")
        }
    }

    /// Every kind of file of a copy, changed or taken away.
    private func damaged(_ layout: String, _ node: ReleasedNode, _ name: [String], bundles: Set<String>)
        async throws
    {
        let blobs = layout + "/blobs/sha256/"
        func document(_ digest: String) throws -> JSONValue {
            try JSONValue(parsing: [UInt8](Data(contentsOf: URL(fileURLWithPath: blobs + digest))))
        }
        let child = try document(node.children[0].hex)
        let index = try JSONValue(parsing: [UInt8](Data(contentsOf: URL(fileURLWithPath: layout + "/index.json"))))
        func hex(_ descriptor: JSONValue?) -> String { String(descriptor?["digest"]?.stringValue?.dropFirst(7) ?? "") }
        let signatures = (index["manifests"]?.arrayValue ?? []).first {
            $0["annotations"]?["org.opencontainers.image.ref.name"]?.stringValue == "sha256-\(node.children[0].hex).sig"
        }
        let list = try document(hex(signatures))
        for (file, code) in [
            (hex(child["layers"]?[0]), 1), (hex(child["config"]), 1), (node.children[0].hex, 1), (node.index.hex, 1),
            (hex(list["layers"]?[0]), 0),  // The bundle still proves it.
        ] as [(String, Int32)] {
            let path = blobs + file
            let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
            var changed = bytes
            changed[changed.count / 2] ^= 1
            try Data(changed).write(to: URL(fileURLWithPath: path))
            let flipped = try await node.verify("oci:\(layout):1.0", name)
            #expect(flipped.exitCode == code, "\(file)\n\(flipped.output)\n\(flipped.errorOutput)")
            try FileManager.default.removeItem(atPath: path)
            let gone = try await node.verify("oci:\(layout):1.0", name)
            #expect(gone.exitCode == code, "\(file) gone\n\(gone.output)\n\(gone.errorOutput)")
            try Data(bytes).write(to: URL(fileURLWithPath: path))
        }
        let archive = node.folder.file("copy.tar")
        try await tool("tar").check(["-cf", archive, "-C", layout, "."])
        let whole = try await node.report("oci-archive:\(archive):1.0", name)
        #expect(whole.code == 0, "\(whole.json.text())")
        #expect(whole.json.outcomes("content") == ["passed", "passed"])
        try await tool("gzip").check(["-k", archive])
        let packed = try await node.verify("oci-archive:\(archive).gz:1.0", name)
        #expect(packed.exitCode == 2 && packed.errorOutput.contains("no uncompressed tar file"))
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: archive)))
        // Without the bundles the promise remains, and the proof does not.
        for referrer in bundles {
            try FileManager.default.removeItem(atPath: blobs + referrer.dropFirst("sha256:".count))
        }
        let unproven = try await node.report("oci:\(layout):1.0", name)
        #expect(unproven.code == 1 && unproven.json.outcomes("log").contains("failed"), "\(unproven.json.text())")
        let promised = try await node.verify("oci:\(layout):1.0", name + ["--log", "promise"])
        #expect(promised.exitCode == 0, "\(promised.output)")
        // A cut archive, and one whose second half is noise.
        for count in [bytes.count / 2, bytes.count / 2 + 100] {
            try node.folder.write(Array(bytes.prefix(count)), to: "cut.tar")
            #expect(try await node.verify("oci-archive:\(node.folder.file("cut.tar")):1.0", name).exitCode != 0)
        }
        for position in bytes.indices.dropFirst(bytes.count / 2) { bytes[position] ^= 0x55 }
        try node.folder.write(bytes, to: "noise.tar")
        #expect(try await node.verify("oci-archive:\(node.folder.file("noise.tar")):1.0", name).exitCode != 0)
    }

    @Test("what cosign saves is verified as far as it goes: signature and promise, without the bundle's proof")
    func saved() async throws {
        try await ReleasedNode.run { node in
            let place = node.folder.file("saved")
            try await trixieTool("cosign").check(
                ["save", "--dir", place, "--allow-http-registry", node.name],
                environment: ["HOME": node.folder.path, "TUF_ROOT": node.folder.path]
            )
            let name = ["--name", node.name]
            let promised = try await node.report("oci:\(place)", name + ["--log", "promise"])
            #expect(promised.code == 0, "\(promised.json.text())")
            #expect(promised.json["digest"]?.stringValue == "\(node.image)")
            #expect(try await node.verify("oci:\(place)", name).exitCode == 1)
        }
    }
}
