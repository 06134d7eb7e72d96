// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Database
import JSON
import Node
import NodeTestKit
import OCI
import PullRecords
import Registry
import Testing

extension PeopledNode {
    /// Pushes an image with several layers of text; by digest when there is no tag.
    func push(
        _ name: String,
        _ tag: String?,
        layers: [String],
        annotations: [String: String] = [:],
        as client: TestClient
    ) async throws -> (digest: Digest, answer: Answer) {
        let texts =
            [
                (
                    MediaType.imageConfig,
                    #"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}"#
                )
            ]
            + layers.map { (MediaType.layerTar, $0) }
        var descriptors: [Descriptor] = []
        for (type, text) in texts {
            let bytes = Array(text.utf8)
            let digest = Digest.sha256(bytes)
            let answer = try await client.request("POST", "/v2/\(name)/blobs/uploads/?digest=\(digest)", body: bytes)
            #expect(answer.status == 201, "\(answer.text)")
            descriptors.append(Descriptor(mediaType: type, digest: digest, size: Int64(bytes.count)))
        }
        let manifest = ImageManifest(
            config: descriptors[0],
            layers: Array(descriptors.dropFirst()),
            annotations: annotations
        )
        return try await put(manifest.json.bytes(), MediaType.imageManifest, name, tag, as: client)
    }

    /// Pushes an index of images; each need not be there.
    func push(_ name: String, _ tag: String?, index: [Digest], as client: TestClient) async throws -> (
        digest: Digest, answer: Answer
    ) {
        let children = index.map { Descriptor(mediaType: MediaType.imageManifest, digest: $0, size: 100) }
        return try await put(ImageIndex(manifests: children).json.bytes(), MediaType.imageIndex, name, tag, as: client)
    }

    private func put(_ bytes: [UInt8], _ type: String, _ name: String, _ tag: String?, as client: TestClient)
        async throws -> (digest: Digest, answer: Answer)
    {
        let digest = Digest.sha256(bytes)
        let answer = try await client.request(
            "PUT",
            "/v2/\(name)/manifests/\(tag ?? digest.description)",
            headers: [("Content-Type", type)],
            body: bytes
        )
        return (digest, answer)
    }

    /// Sends JSON to the API.
    func send(_ method: String, _ path: String, _ body: JSONValue? = nil, as client: TestClient) async throws -> Answer
    {
        try await client.request(
            method,
            "/api/v1" + path,
            headers: body == nil ? [] : [("Content-Type", "application/json")],
            body: body?.bytes() ?? []
        )
    }

    /// Sets the policy of `bund`.
    func setPolicy(_ policy: String, revision: Int = 0) async throws {
        let body: JSONValue = [
            "policy": try JSONValue(parsing: policy), "expectedRevision": .integer(Int64(revision)), "reason": "test",
        ]
        let answer = try await send("PUT", "/namespaces/bund/policy", body, as: admins)
        #expect(answer.status == 200, "\(answer.text)")
    }

    /// Another operator.
    func secondOperator(_ name: String = "zweite") async throws -> TestClient {
        let secret = try await accounts.createPerson(name, organisation: nil, nodeRole: .operator, by: admin)
        return node.client.basic("\(name):\(secret)")
    }

    /// Releases an image, and waits for the end.
    func release(_ image: String, _ tag: String) async throws -> JSONValue {
        let answer = try await send("POST", "/releases", ["image": .string(image), "tag": .string(tag)], as: admins)
        guard answer.status == 202, case .integer(let id)? = answer.json?["id"] else {
            Issue.record("\(answer.status) \(answer.text)")
            return .null
        }
        for _ in 0..<600 {
            let json = try await admins.request("GET", "/api/v1/releases/\(id)").json
            if let json, json["state"]?.stringValue != "pending" { return json }
            try await Task.sleep(for: .milliseconds(100))
        }
        Issue.record("release \(id) is pending for a minute")
        return .null
    }

    /// Makes the policy in force unreadable, as damage would.
    func spoilPolicy() async throws {
        let spoil = Statement("test.spoil", "UPDATE policies SET body = '{', revision = revision + 1")
        _ = try await node.node.database.write { t in try t.execute(spoil) }
    }

    /// Waits until pulls of an image are on record: they are written within a second.
    func pullsAreKnown(of digest: Digest, in name: String) async throws {
        let (pulls, repository) = (PullRecords(database: node.node.database), try RepositoryName(parsing: name))
        for _ in 0..<200 {
            guard try await pulls.records(of: digest, in: repository).isEmpty else { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("no pull of \(name)@\(digest) is on record")
    }
}
