// SPDX-License-Identifier: EUPL-1.2

import NIOHTTP1
import OCI
import Synchronization

/// What a case works with: a client, repositories of its own, and a memory of what it made.
public final class Probe: Sendable {
    let client: WireClient
    /// A repository that no other case and no other run uses.
    let repository: String
    /// Another one, from which blobs are mounted.
    let second: String
    /// The specification that is asked for.
    let version: SpecificationVersion
    /// Owner: this probe.
    private let made = Mutex<[Made]>([])

    /// What has to be deleted in the end.
    enum Made: Sendable, Equatable {
        case manifest(repository: String, reference: String)
        case blob(repository: String, digest: String)
        /// Known by its first address; asked at its last one, as a registry may keep its state in there.
        case upload(repository: String, first: String, url: String)
    }

    init(client: WireClient, case id: String, run: String) {
        self.client = client
        let name = String(id.map { $0.isASCII && ($0.isLowercase || $0.isNumber) ? $0 : "-" })
        repository = "\(client.settings.repository)/\(run)/\(name)"
        second = "\(client.settings.secondRepository)/\(run)/\(name)"
        version = client.settings.version
    }

    // MARK: Requests

    /// Sends a request to a path of the registry, which begins with `/v2/`.
    func send(
        _ method: HTTPMethod,
        _ path: String,
        _ headers: HTTPHeaders = [:],
        body: Outgoing.Body = .none,
        scope: String? = nil,
        isAnonymous: Bool = false
    ) async throws -> Exchange {
        try await send(
            method,
            url: client.settings.registry.text + path,
            headers,
            body: body,
            scope: scope ?? repository,
            isAnonymous: isAnonymous
        )
    }

    /// Sends a request to any address that the registry named.
    func send(
        _ method: HTTPMethod,
        url: String,
        _ headers: HTTPHeaders = [:],
        body: Outgoing.Body = .none,
        scope: String,
        isAnonymous: Bool = false
    ) async throws -> Exchange {
        do {
            return try await client.send(
                Outgoing(
                    method: method,
                    url: url,
                    headers: headers,
                    body: body,
                    scope: scope,
                    isAnonymous: isAnonymous
                )
            )
        } catch let error as NoAnswer {
            throw error.failure
        }
    }

    func get(_ path: String, _ headers: HTTPHeaders = [:], scope: String? = nil) async throws -> Exchange {
        try await send(.GET, path, headers, scope: scope)
    }

    func head(_ path: String, _ headers: HTTPHeaders = [:], scope: String? = nil) async throws -> Exchange {
        try await send(.HEAD, path, headers, scope: scope)
    }

    func delete(_ path: String, scope: String? = nil) async throws -> Exchange {
        try await send(.DELETE, path, scope: scope)
    }

    /// The absolute URL in a `Location` of an answer.
    func location(of answer: Exchange, asks: String) throws -> String {
        let text = try answer.expectHeader("Location", asks: asks)
        guard let url = RegistryAddress.resolve(text, against: answer.url) else {
            throw answer.failure(
                "Location is an absolute URL or a path",
                got: "\(answer.status) with Location: \(text.printable(200))"
            )
        }
        return url
    }

    // MARK: What is left behind

    func remember(_ thing: Made) { made.withLock { $0.append(thing) } }

    func forget(_ thing: Made) { made.withLock { things in things.removeAll { $0 == thing } } }

    /// An upload that has another address from now on; nil: that is none any more.
    func move(_ session: Session, to url: String?) {
        made.withLock { things in
            things.removeAll { if case .upload(_, session.first, _) = $0 { true } else { false } }
            if let url { things.append(.upload(repository: session.repository, first: session.first, url: url)) }
        }
    }

    /// Deletes what was made, as far as the registry allows it; says nothing of it.
    func cleanUp() async {
        let things = made.withLock { things in
            defer { things = [] }
            return things
        }
        // Manifests before the blobs that they name, the last one first: it may name the others.
        for case .manifest(let repository, let reference) in things.reversed() {
            guard !Task.isCancelled else { return }
            _ = try? await delete("/v2/\(repository)/manifests/\(reference)", scope: repository)
        }
        for thing in things {
            guard !Task.isCancelled else { return }
            switch thing {
            case .blob(let repository, let digest):
                _ = try? await delete("/v2/\(repository)/blobs/\(digest)", scope: repository)
            case .upload(let repository, _, let url):
                _ = try? await send(.DELETE, url: url, scope: repository)
            case .manifest: break
            }
        }
    }
}
