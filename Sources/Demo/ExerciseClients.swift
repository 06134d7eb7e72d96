// SPDX-License-Identifier: EUPL-1.2

import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1
import NodeClient
import OCI
import RegistryClient

/// Everybody who signs in at the node while the exercise is made: each by API and by registry, as outside programs do.
final class ExerciseClients: Sendable {
    let url: String
    let registry: String

    init(port: Int) {
        url = "http://127.0.0.1:\(port)"
        registry = "127.0.0.1:\(port)"
    }

    /// Lets somebody use the API.
    func api<T: Sendable>(_ name: String, _ secret: String, _ body: (NodeClient) async throws -> T) async throws -> T {
        let client = try NodeClient(url: url, username: name, password: secret)
        do {
            let result = try await body(client)
            await client.close()
            return result
        } catch {
            await client.close()
            throw error
        }
    }

    /// Lets somebody use the registry.
    func images<T: Sendable>(_ name: String, _ secret: String, _ body: (RegistryClient) async throws -> T) async throws
        -> T
    {
        let credentials = RegistryCredentials(username: name, password: secret)
        let client = try RegistryClient(registry: registry, settings: RegistryClientSettings(credentials: credentials))
        do {
            let result = try await body(client)
            await client.close()
            return result
        } catch {
            await client.close()
            throw error
        }
    }
}

extension ExerciseClients {
    /// Pulls a manifest by name.
    ///
    /// A client that is asked for nothing sends no credentials, and where everybody may pull nobody is asked: the pull would be on record
    /// as a stranger's.
    func pull(_ name: String, _ secret: String, _ image: String, tag: String) async throws {
        var request = HTTPClientRequest(url: "\(url)/v2/\(image)/manifests/\(tag)")
        let login = Data("\(name):\(secret)".utf8).base64EncodedString()
        request.headers.add(name: "Authorization", value: "Basic \(login)")
        for type in [BuiltExerciseImage.indexType, BuiltExerciseImage.manifestType] {
            request.headers.add(name: "Accept", value: type)
        }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        _ = try await response.body.collect(upTo: 1 << 20)
        guard response.status == .ok else {
            throw DemoError.failed(
                what: "pull of \(image):\(tag)",
                why: "the registry answered \(response.status.code)"
            )
        }
    }
}

extension RegistryClient {
    /// Pushes an image: what it is made of, then each platform, then what the tag stands for.
    ///
    /// - Returns: digest of what the tag stands for.
    func push(_ image: BuiltExerciseImage, to repository: RepositoryName, tag: String) async throws -> Digest {
        for blob in image.blobs {
            try await pushBlob(repository, digest: blob.digest, size: Int64(blob.bytes.count)) { offset, buffer in
                let rest = blob.bytes.dropFirst(Int(offset)).prefix(buffer.count)
                buffer.copyBytes(from: rest)
                return rest.count
            }
        }
        let top = image.top
        if image.manifests.count > 1 {
            for manifest in image.manifests {
                try await pushManifest(
                    repository,
                    "\(manifest.digest)",
                    bytes: manifest.bytes,
                    mediaType: manifest.mediaType
                )
            }
        }
        try await pushManifest(repository, tag, bytes: top.bytes, mediaType: top.mediaType)
        return .sha256(top.bytes)
    }
}
