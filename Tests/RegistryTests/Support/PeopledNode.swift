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

/// A node with two namespaces, `bund` (public) and `land` (internal), and people in them.
struct PeopledNode {
    let node: TestNode
    let admin: Account

    static func run(
        configure: (inout NodeConfiguration) -> Void = { _ in },
        _ body: @Sendable @escaping (PeopledNode) async throws -> Void
    ) async throws {
        try await TestNode.run(configure: configure) { node in
            let accounts = node.node.accounts
            guard let admin = try await accounts.authenticate(username: "admin", password: node.secret) else {
                throw WireError("no admin")
            }
            for name in ["bund", "land"] {
                let organisation = Organisation(name: name, title: name, kind: .federal)
                try await accounts.putOrganisation(organisation, by: admin)
                try await accounts.createNamespace(name, organisation: name, isPublic: name == "bund", by: admin)
            }
            try await body(PeopledNode(node: node, admin: admin))
        }
    }

    var accounts: Accounts { node.node.accounts }
    var admins: TestClient { node.client }
    var nobody: TestClient { node.client.anonymous() }

    /// Somebody with a role in a namespace, signed in with the first secret.
    func person(_ name: String, _ role: Role?, in namespace: String = "bund") async throws -> TestClient {
        let secret = try await accounts.createPerson(name, organisation: namespace, by: admin)
        if let role { try await accounts.setRole(role, of: name, in: namespace, by: admin) }
        return node.client.basic("\(name):\(secret)")
    }

    /// A program with a token.
    func program(_ name: String, _ scope: String, _ rights: Rights, role: Role, in namespace: String) async throws
        -> String
    {
        try await accounts.createService(name, organisation: nil, namespace: namespace, by: admin)
        try await accounts.setRole(role, of: name, in: namespace, by: admin)
        return try await accounts.issueToken(
            for: name,
            label: "test",
            scopes: [TokenScope(repositories: scope, rights: rights)],
            life: .seconds(3600),
            by: admin
        ).secret
    }

    /// Pushes a small image with one layer, and returns the status of the last request.
    @discardableResult
    func push(_ name: String, _ tag: String, layer: String, as client: TestClient) async throws -> Int {
        let configuration = Array(
            #"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}"#.utf8
        )
        var descriptors: [Descriptor] = []
        for (type, bytes) in [(MediaType.imageConfig, configuration), (MediaType.layerTar, Array(layer.utf8))] {
            let digest = Digest.sha256(bytes)
            let answer = try await client.request("POST", "/v2/\(name)/blobs/uploads/?digest=\(digest)", body: bytes)
            guard answer.status == 201 else { return answer.status }
            descriptors.append(Descriptor(mediaType: type, digest: digest, size: Int64(bytes.count)))
        }
        let manifest = ImageManifest(config: descriptors[0], layers: [descriptors[1]]).json.bytes()
        return try await client.request(
            "PUT",
            "/v2/\(name)/manifests/\(tag)",
            headers: [("Content-Type", MediaType.imageManifest)],
            body: manifest
        ).status
    }

    /// Fetches a bearer token for scopes.
    func token(_ scopes: [String], as client: TestClient) async throws -> (answer: Answer, token: String?) {
        let query = scopes.map { "&scope=" + $0 }.joined()
        let answer = try await client.request("GET", "/token?service=kontor\(query)")
        return (answer, answer.json?["token"]?.stringValue)
    }

    func bearer(_ method: String, _ path: String, _ token: String?) async throws -> Answer {
        try await nobody.request(
            method,
            path,
            headers: [("Authorization", "Bearer \(token ?? "")")],
            body: method == "GET" ? nil : []
        )
    }
}
