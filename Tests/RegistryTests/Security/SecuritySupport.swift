// SPDX-License-Identifier: EUPL-1.2

import Accounts
import NodeTestKit
import OCI
import Registry
import Testing

extension TestRegistry {
    /// Makes a second account and returns a client that is signed in as it.
    ///
    /// - Parameter isAdmin: whether it may do everything, as the account of the other tests.
    func addAccount(_ name: String, isAdmin: Bool) async throws -> TestClient {
        let role: Account.NodeRole? = isAdmin ? .operator : nil
        let secret = try await accounts.createPerson(name, organisation: nil, nodeRole: role, by: admin)
        return client.basic("\(name):\(secret)")
    }

    /// Publishes a manifest or an index.
    @discardableResult
    func put(
        _ name: String,
        _ reference: String,
        _ bytes: [UInt8],
        _ type: String = MediaType.imageManifest
    ) async throws -> Answer {
        try await client.request(
            "PUT",
            "/v2/\(name)/manifests/\(reference)",
            headers: [("Content-Type", type)],
            body: bytes
        )
    }

    /// The `Authorization` field of the account `admin`, for requests that a test writes by hand.
    var authorization: String { "Authorization: Basic \(base64(client.login ?? ""))\r\n" }

    /// The name of an upload session, out of its location.
    static func uploadID(_ location: String) throws -> UploadID {
        try #require(UploadID(parsing: location.split(separator: "/").last ?? ""))
    }
}

extension Answer {
    /// Everything that a client can tell two answers apart by, with what the test asked for replaced and without the time of day.
    func shape(without words: [String]) -> [String] {
        let lines = fields.filter { $0.name != "date" }.map { "\($0.name): \($0.value)" }.sorted()
        return (["\(status)"] + lines + [text]).map { line in
            words.enumerated().reduce(line) { $0.replacing($1.element, with: "<\($1.offset)>") }
        }
    }

    /// The target of the `Link` field.
    var next: String? { self["link"].map { String($0.dropFirst().prefix { $0 != ">" }) } }
}
