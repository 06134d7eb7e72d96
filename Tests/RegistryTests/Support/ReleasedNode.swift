// SPDX-License-Identifier: EUPL-1.2

import FoundationEssentials
import JSON
import Node
import NodeTestKit
import OCI
import TestKit
import Testing

/// A node that has released an image and an index of two, as `bund/app:1.0` and `bund/multi:1.0`.
struct ReleasedNode: Sendable {
    let test: PeopledNode
    /// Holds `root.json`, the node's trust root, and what a test adds.
    let folder: TemporaryDirectory
    let image: Digest
    let index: Digest
    let children: [Digest]

    var host: String { "127.0.0.1:\(test.node.port)" }
    var name: String { "\(host)/bund/app:1.0" }
    var multi: String { "\(host)/bund/multi:1.0" }

    static func run(_ body: @Sendable @escaping (ReleasedNode) async throws -> Void) async throws {
        // Releases alone: attestations come when they come, and each has a bundle of its own.
        try await PeopledNode.run(configure: { $0.attests = false }) { test in
            let folder = try TemporaryDirectory("released")
            defer { folder.remove() }
            let images = ["amd64", "arm64"].map { built($0) }
            let first = images[0]
            try await push(first, "bund/app", first.manifestDigest.description, test)
            for image in images { try await push(image, "bund/multi", image.manifestDigest.description, test) }
            let index = BuiltImage.index(of: images.map { ($0, nil) })
            let digest = Digest.sha256(index)
            try await put(index, MediaType.imageIndex, "bund/multi", digest.description, test)
            let released = ReleasedNode(
                test: test,
                folder: folder,
                image: first.manifestDigest,
                index: digest,
                children: images.map(\.manifestDigest)
            )
            try await released.release("bund/app", first.manifestDigest, "1.0")
            try await released.release("bund/multi", digest, "1.0")
            try folder.write(try await released.trustRoot().bytes(), to: "root.json")
            try await body(released)
        }
    }

    static func built(_ architecture: String, _ text: String = "1") -> BuiltImage {
        var builder = ImageBuilder()
        builder.architecture = architecture
        builder.layer { $0.file("etc/version", text: text + architecture) }
        return builder.built()
    }

    static func push(_ image: BuiltImage, _ repository: String, _ reference: String, _ test: PeopledNode) async throws {
        for blob in image.blobs where blob.digest != image.manifestDigest {
            let path = "/v2/\(repository)/blobs/uploads/?digest=\(blob.digest)"
            let answer = try await test.admins.request("POST", path, body: blob.bytes)
            #expect(answer.status == 201, "\(answer.text)")
        }
        try await put(image.manifest, image.mediaType, repository, reference, test)
    }

    static func put(_ bytes: [UInt8], _ type: String, _ repository: String, _ reference: String, _ test: PeopledNode)
        async throws
    {
        let answer = try await test.admins.request(
            "PUT",
            "/v2/\(repository)/manifests/\(reference)",
            headers: [("Content-Type", type)],
            body: bytes
        )
        #expect(answer.status == 201, "\(answer.text)")
    }

    /// Releases, and waits until everything is signed and the tag has moved.
    func release(_ repository: String, _ digest: Digest, _ tag: String) async throws {
        let body: JSONValue = ["image": .string("\(repository)@\(digest)"), "tag": .string(tag)]
        let answer = try await test.admins.request(
            "POST",
            "/api/v1/releases",
            headers: [("Content-Type", "application/json")],
            body: body.bytes()
        )
        let id = try #require(answer.json?["id"]?.intValue, "\(answer.text)")
        var state: String?
        for _ in 0..<600 where state == nil || state == "pending" {
            try await Task.sleep(for: .milliseconds(100))
            state = try await test.admins.request("GET", "/api/v1/releases/\(id)").json?["state"]?.stringValue
        }
        #expect(state == "signed")
    }

    func trustRoot() async throws -> JSONValue {
        try #require(try await test.nobody.request("GET", "/api/v1/trust-root").json)
    }

    /// The trust root with every key of a role changed; written to a file.
    func changedRoot(_ role: String, to name: String, _ change: (inout [String: JSONValue]) throws -> Void) async throws
        -> String
    {
        guard var root = try await trustRoot().objectValue else { return "" }
        root["keys"] = .array(
            try (root["keys"]?.arrayValue ?? []).map { key in
                guard var members = key.objectValue, members["role"]?.stringValue == role else { return key }
                try change(&members)
                return .object(members)
            }
        )
        return try folder.write(JSONValue.object(root).bytes(), to: name)
    }

    /// Runs the program as somebody without any settings.
    func kontor(_ arguments: [String], language: String = "en") async throws -> ToolResult {
        try await builtProduct("kontor").run(
            arguments + ["--lang", language],
            environment: [
                "LC_ALL": "C", "LANG": "C", "KONTOR_CONFIG": "/dev/null", "HOME": folder.path, "PWD": folder.path,
                "XDG_DATA_HOME": "/nonexistent", "XDG_RUNTIME_DIR": "", "REGISTRY_AUTH_FILE": "/nonexistent",
            ],
            directory: folder.path
        )
    }

    func verify(_ image: String, _ more: [String] = [], root: String = "root.json") async throws -> ToolResult {
        try await kontor(["verify", image, "--trust-root", folder.file(root)] + more)
    }

    /// The same as JSON.
    func report(_ image: String, _ more: [String] = [], root: String = "root.json") async throws -> (
        code: Int32, json: JSONValue
    ) {
        let result = try await verify(image, more + ["--format", "json"], root: root)
        return (result.exitCode, try JSONValue(parsing: result.output.isEmpty ? "null" : result.output))
    }

    /// Copies an image with everything attached to it: referrers by `oras cp -r`, and the tags of signatures one by one.
    func copy(_ repository: String, _ digests: [Digest], to target: [String], _ place: String) async throws {
        let oras = try await trixieTool("oras")
        let environment = ["HOME": folder.path]
        try await oras.check(
            ["cp", "-r", "--from-plain-http"] + target + ["\(host)/\(repository):1.0", "\(place):1.0"],
            environment: environment
        )
        for digest in digests {
            let tag = "sha256-\(digest.hex).sig"
            try await oras.check(
                ["cp", "--from-plain-http"] + target + ["\(host)/\(repository):\(tag)", "\(place):\(tag)"],
                environment: environment
            )
        }
    }
}

extension JSONValue {
    /// Outcomes of `kontor verify` by item.
    func outcomes(_ item: String) -> [String] {
        (self["items"]?.arrayValue ?? []).filter { $0["item"]?.stringValue == item }.compactMap {
            $0["outcome"]?.stringValue
        }
    }

    /// Everything that was found beside all images, by form.
    func found(_ form: String) -> [JSONValue] {
        (self["images"]?.arrayValue ?? []).flatMap { $0["found"]?.arrayValue ?? [] }.filter {
            $0["form"]?.stringValue == form
        }
    }
}
