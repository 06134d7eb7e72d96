// SPDX-License-Identifier: EUPL-1.2

import Foundation
import JSON
import OCI
import RegistryClient
import TestKit
import Testing

/// What a registry lists as attached, from registries that behave and from some that do not.
@Suite("Listing what is attached")
struct AttachedTests {
    private static let digest = Digest.sha256(Array("image".utf8))
    private static let place = "/v2/team/app/referrers/\(digest)"

    private static func page(_ names: Range<Int>, next: String? = nil) -> FakeAnswer {
        let manifests = names.map {
            Descriptor(mediaType: MediaType.imageManifest, digest: .sha256(Array("\($0)".utf8)), size: 2)
        }
        return FakeAnswer(
            headers: [("Content-Type", MediaType.imageIndex)]
                + (next.map { [("Link", "<\($0)>; rel=\"next\"")] } ?? []),
            body: ImageIndex(manifests: manifests).json.bytes()
        )
    }

    private static func list(limit: Int = 256, _ answer: @escaping @Sendable (SeenRequest) -> FakeAnswer) async throws
        -> (list: ReferrerList?, paths: [String])
    {
        let registry = try await FakeRegistry { request in
            request.path == "/v2/" ? FakeAnswer() : answer(request)
        }
        let client = try RegistryClient(registry: registry.name)
        let name = try RepositoryName(parsing: "team/app")
        let result = await Result { try await client.referrers(name, of: digest, limit: limit) }
        await client.close()
        await registry.stop()
        return (try result.get(), registry.requests.map(\.path).filter { $0 != "/v2/" })
    }

    @Test("pages are followed to the end, by a path or a whole address")
    func pages() async throws {
        for prefix in ["", "http://registry.example"] {
            let (list, paths) = try await Self.list { request in
                request.path.contains("last=b")
                    ? Self.page(2..<3) : Self.page(0..<2, next: prefix + Self.place + "?n=2&last=b")
            }
            #expect(list?.manifests.count == 3)
            #expect(list?.isComplete == true)
            #expect(paths == [Self.place, Self.place + "?n=2&last=b"])
        }
    }

    @Test("a next page elsewhere is not asked for, endless pages end, and the list says that it is not whole")
    func bounded() async throws {
        for elsewhere in ["/v2/secret/app/referrers/\(Self.digest)?n=1", "/v2/", "?n=1", Self.place] {
            let (list, paths) = try await Self.list { _ in Self.page(0..<1, next: elsewhere) }
            #expect(list?.isComplete == false && paths.count == 1, "\(elsewhere)")
        }
        let (endless, paths) = try await Self.list { _ in Self.page(0..<1, next: Self.place + "?last=a") }
        #expect(endless?.isComplete == false && paths.count == 16)
        let (long, _) = try await Self.list(limit: 10) { _ in Self.page(0..<100) }
        #expect(long?.isComplete == false && long?.manifests.count == 10)
    }

    @Test("a registry without the API says so by 404; anything else is an error")
    func missing() async throws {
        #expect(try await Self.list { _ in FakeAnswer(status: 404) }.list == nil)
        for answer in [FakeAnswer(status: 403), FakeAnswer(body: Array("[]".utf8)), FakeAnswer(body: [0xFF])] {
            await #expect(throws: RegistryClientError.self) { try await Self.list { _ in answer } }
        }
        // Not there, after a first page that was: no list that ended.
        await #expect(throws: RegistryClientError.self) {
            try await Self.list { request in
                request.path == Self.place
                    ? Self.page(0..<1, next: Self.place + "?last=a") : FakeAnswer(status: 404)
            }
        }
    }

    @Test("OpenPGP signatures are asked only of a registry that says that it has them, and read strictly")
    func openPGP() async throws {
        func messages(_ supports: Bool, _ body: String) async throws -> (list: [[UInt8]]?, paths: [String]) {
            let registry = try await FakeRegistry { request in
                request.path == "/v2/"
                    ? FakeAnswer(headers: supports ? [("X-Registry-Supports-Signatures", "1")] : [])
                    : FakeAnswer(body: Array(body.utf8))
            }
            let client = try RegistryClient(registry: registry.name)
            let name = try RepositoryName(parsing: "team/app")
            let result = await Result { try await client.openPGPMessages(name, of: Self.digest) }
            await client.close()
            await registry.stop()
            return (try result.get(), registry.requests.map(\.path).filter { $0 != "/v2/" })
        }
        let none = try await messages(false, "{}")
        #expect(none.list == nil && none.paths.isEmpty)
        let given = try await messages(
            true,
            #"{"signatures":[{"type":"atomic","content":"AQI="},{"type":"other","content":"?"}]}"#
        )
        #expect(given.list == [[1, 2]])
        #expect(given.paths == ["/extensions/v2/team/app/signatures/\(Self.digest)"])
        #expect(try await messages(true, #"{"signatures":[]}"#).list == [])
        for body in ["", "{}", #"{"signatures":[{"type":"atomic","content":"!"}]}"#, #"{"signatures":[1]}"#] {
            await #expect(throws: RegistryClientError.self) { try await messages(true, body) }
        }
    }
}

extension Result where Failure == any Error {
    /// What an asynchronous body gives or throws.
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
