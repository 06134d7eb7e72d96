// SPDX-License-Identifier: EUPL-1.2

import FoundationEssentials
public import JSON
import Node
public import OCI
public import TestKit
import Time
import Vulnerabilities

extension TestNode {
    /// Imports a Debian tracker, as an operator does beside the running node.
    public func importTracker(_ tracker: String) async throws {
        // A folder of its own: the import before may still be read.
        let folder = "feed-\(UInt64.random(in: .min ... .max))"
        try directory.write(Array(tracker.utf8), to: folder + "/tracker.json")
        let report = try await node.feeds.importFeeds(paths: [directory.file(folder)], asOf: WallClock.system.now())
        guard report.failed.isEmpty else { throw WireError("the tracker was refused: \(report.failed)") }
    }
}

extension TestClient {
    /// Uploads a blob in one request.
    public func upload(_ bytes: [UInt8], to repository: String) async throws {
        let path = "/v2/\(repository)/blobs/uploads/?digest=\(Digest.sha256(bytes))"
        try await expect(201, "POST", path, body: bytes)
    }

    /// Pushes an image with its blobs under a tag.
    ///
    /// - Returns: the manifest's digest.
    @discardableResult
    public func push(_ image: BuiltImage, to repository: String, tag: String) async throws -> Digest {
        for blob in image.blobs { try await upload(blob.bytes, to: repository) }
        let headers = [("Content-Type", image.mediaType)]
        try await expect(201, "PUT", "/v2/\(repository)/manifests/\(tag)", headers: headers, body: image.manifest)
        return image.manifestDigest
    }

    /// Waits until an image is assessed.
    ///
    /// - Parameter image: `REPOSITORY@DIGEST` or `REPOSITORY:TAG`.
    /// - Returns: its verdict; nil if the node answered with something that is none.
    @discardableResult
    public func verdict(of image: String, attempts: Int = 1_200) async throws -> JSONValue? {
        for _ in 0..<attempts {
            let answer = try await request("GET", "/api/v1/images/\(image)/verdict")
            if answer.status != 202 { return answer.status == 200 ? answer.json : nil }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw WireError("\(image) has no verdict after \(attempts) questions")
    }

    private func expect(
        _ status: Int,
        _ method: String,
        _ path: String,
        headers: [(String, String)] = [],
        body: [UInt8]
    ) async throws {
        let answer = try await request(method, path, headers: headers, body: body)
        guard answer.status == status else { throw WireError("\(method) \(path): \(answer.status) \(answer.text)") }
    }
}
