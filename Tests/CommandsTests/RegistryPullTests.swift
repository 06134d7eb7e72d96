// SPDX-License-Identifier: EUPL-1.2

import Foundation
import ImageSources
import OCI
import RegistryClient
import Synchronization
import TestKit
import Testing

/// Pulling from a registry that behaves, and from some that do not.
@Suite("Pulling")
struct RegistryPullTests {
    private static let image: BuiltImage = {
        var builder = ImageBuilder()
        builder.layer(.gzip) { $0.file("etc/os-release", text: "ID=debian\n") }
        builder.layer(.gzip) { $0.file("etc/other", text: String(repeating: "x", count: 100_000)) }
        return builder.built()
    }()

    /// Answers as a registry with one image `team/app:1`.
    private static func content(_ path: String) -> FakeAnswer {
        let image = Self.image
        if path == "/v2/" { return FakeAnswer() }
        let manifests = [
            "/v2/team/app/manifests/1", "/v2/team/app/manifests/\(image.manifestDigest)",
            "/v2/team/app/manifests/latest",
        ]
        if manifests.contains(path) {
            return FakeAnswer(headers: [("Content-Type", image.mediaType)], body: image.manifest)
        }
        for blob in image.blobs where path == "/v2/team/app/blobs/\(blob.digest)" {
            return FakeAnswer(body: blob.bytes)
        }
        return FakeAnswer(status: 404, body: Array(#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"no"}]}"#.utf8))
    }

    private static func opener(_ credentials: RegistryCredentials? = nil, environment: [String: String] = [:])
        -> ImageOpener
    {
        ImageOpener(
            platform: Platform(architecture: "amd64", os: "linux"),
            credentials: credentials,
            temporaryDirectory: NSTemporaryDirectory(),
            environment: environment
        )
    }

    private static func open(_ registry: FakeRegistry, _ rest: String = "/team/app:1", opener: ImageOpener = opener())
        async throws -> OpenedManifest
    {
        let opened = try await opener.open(try ImageLocation(parsing: registry.name + rest))
        guard case .manifest(let manifest) = opened.content else { throw CancellationError() }
        return manifest
    }

    @Test(
        "an image is pulled whole and byte for byte",
        arguments: ["/team/app:1", "/team/app", "/team/app@\(image.manifestDigest)"]
    )
    func pull(rest: String) async throws {
        let registry = try await FakeRegistry { Self.content($0.path) }
        let manifest = try await Self.open(registry, rest)
        #expect(manifest.bytes == Self.image.manifest)
        #expect(manifest.digest == Self.image.manifestDigest)
        #expect(manifest.configuration == Self.image.configuration)
        for (layer, built) in zip(manifest.layers, Self.image.layers) {
            #expect(try layer.descriptor.contents(limit: 1 << 20, name: "layer") == built.bytes)
        }
        #expect(registry.requests.allSatisfy { $0.authorization == nil })
        await registry.stop()
    }

    @Test("Basic credentials are sent when the registry asks for them, and only then")
    func basic() async throws {
        let expected = "Basic " + Data("me:secret".utf8).base64EncodedString()
        let registry = try await FakeRegistry { request in
            guard request.authorization == expected else {
                return FakeAnswer(status: 401, headers: [("WWW-Authenticate", "Basic realm=\"here\"")])
            }
            return Self.content(request.path)
        }
        let manifest = try await Self.open(
            registry,
            opener: Self.opener(RegistryCredentials(username: "me", password: "secret"))
        )
        #expect(manifest.digest == Self.image.manifestDigest)
        await #expect { try await Self.open(registry) } throws: { "\($0)".contains("wants credentials") }
        let wrong = Self.opener(RegistryCredentials(username: "me", password: "wrong"))
        await #expect { try await Self.open(registry, opener: wrong) } throws: {
            "\($0)".contains("does not accept the credentials")
        }
        await registry.stop()
    }

    @Test("the token flow: the challenge names the service, the token goes to the registry, the password does not")
    func bearer() async throws {
        let tokens = try await FakeRegistry { request in
            let known = request.path.contains("service=reg") && request.path.contains("scope=repository:team/app:pull")
            guard known, request.authorization?.hasPrefix("Basic ") == true else { return FakeAnswer(status: 401) }
            return FakeAnswer(body: Array(#"{"token":"abc.def","expires_in":60}"#.utf8))
        }
        let registry = try await FakeRegistry { request in
            guard request.authorization == "Bearer abc.def" else {
                let challenge =
                    "Bearer realm=\"http://\(tokens.name)/token\",service=\"reg\",scope=\"repository:team/app:pull\""
                return FakeAnswer(status: 401, headers: [("WWW-Authenticate", challenge)])
            }
            return Self.content(request.path)
        }
        let manifest = try await Self.open(
            registry,
            opener: Self.opener(RegistryCredentials(username: "me", password: "secret"))
        )
        #expect(manifest.digest == Self.image.manifestDigest)
        #expect(tokens.requests.count == 1)
        #expect(registry.requests.allSatisfy { $0.authorization?.hasPrefix("Basic") != true })
        await registry.stop()
        await tokens.stop()
    }

    @Test("a token service without encryption on another machine gets no password")
    func insecureToken() async throws {
        let registry = try await FakeRegistry { _ in
            FakeAnswer(status: 401, headers: [("WWW-Authenticate", "Bearer realm=\"http://tokens.invalid/token\"")])
        }
        await #expect {
            try await Self.open(registry, opener: Self.opener(RegistryCredentials(username: "me", password: "secret")))
        } throws: { "\($0)".contains("not encrypted") }
        await registry.stop()
    }

    @Test("a redirect to another host is followed without the credentials")
    func redirect() async throws {
        let storage = try await FakeRegistry { Self.content($0.path) }
        let registry = try await FakeRegistry { request in
            guard request.authorization != nil else {
                return FakeAnswer(status: 401, headers: [("WWW-Authenticate", "Basic realm=\"here\"")])
            }
            if request.path.contains("/blobs/") {
                return FakeAnswer(status: 307, headers: [("Location", "http://\(storage.name)\(request.path)")])
            }
            return Self.content(request.path)
        }
        let manifest = try await Self.open(
            registry,
            opener: Self.opener(RegistryCredentials(username: "me", password: "secret"))
        )
        #expect(manifest.layers.count == 2)
        #expect(storage.requests.count == 3)
        #expect(storage.requests.allSatisfy { $0.authorization == nil })
        await registry.stop()
        await storage.stop()
    }

    @Test("a redirect in a circle ends")
    func circle() async throws {
        let registry = try await FakeRegistry { request in
            request.path == "/v2/" ? FakeAnswer() : FakeAnswer(status: 302, headers: [("Location", request.path)])
        }
        await #expect { try await Self.open(registry) } throws: { "\($0)".contains("more than five times") }
        await registry.stop()
    }

    struct Fault: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var says: String
        var answer: @Sendable (String) -> FakeAnswer?
    }

    static let faults: [Fault] = [
        Fault(testDescription: "a changed layer", says: "instead of \(image.layers[0].digest)") { path in
            path.hasSuffix("\(image.layers[0].digest)") ? FakeAnswer(body: image.layers[0].bytes.map { $0 ^ 1 }) : nil
        },
        Fault(testDescription: "a layer that is too long", says: "is longer than") { path in
            path.hasSuffix("\(image.layers[0].digest)") ? FakeAnswer(body: image.layers[0].bytes + [0]) : nil
        },
        Fault(testDescription: "a layer that is too short", says: "bytes") { path in
            path.hasSuffix("\(image.layers[0].digest)")
                ? FakeAnswer(body: Array(image.layers[0].bytes.dropLast())) : nil
        },
        Fault(testDescription: "a manifest without end", says: "is longer than") { path in
            path.contains("/manifests/") ? FakeAnswer(body: [UInt8](repeating: 0x20, count: 5 << 20)) : nil
        },
        Fault(testDescription: "no such tag", says: "has no manifest") { path in
            path.contains("/manifests/") ? FakeAnswer(status: 404) : nil
        },
        Fault(testDescription: "a refusal", says: "denies access") { path in
            path.contains("/manifests/") ? FakeAnswer(status: 403) : nil
        },
        Fault(testDescription: "something that is no registry", says: "not a container registry") { _ in
            FakeAnswer(status: 404)
        },
        Fault(testDescription: "a manifest that is none", says: "cannot be used") { path in
            path.contains("/manifests/")
                ? FakeAnswer(headers: [("Content-Type", image.mediaType)], body: Array("[]".utf8)) : nil
        },
        Fault(testDescription: "an error text with escape sequences", says: "answered 418") { path in
            path.contains("/manifests/")
                ? FakeAnswer(
                    status: 418,
                    body: Array("{\"errors\":[{\"code\":\"X\",\"message\":\"\\u001b[2Jgone\"}]}".utf8)
                ) : nil
        },
    ]

    @Test("a registry that misbehaves is a clear error", arguments: faults)
    func fault(_ fault: Fault) async throws {
        let registry = try await FakeRegistry { fault.answer($0.path) ?? Self.content($0.path) }
        await #expect { try await Self.open(registry) } throws: { error in
            "\(error)".contains(fault.says) && !"\(error)".unicodeScalars.contains("\u{1b}")
        }
        await registry.stop()
    }

    @Test("a connection that breaks in a layer is tried again from its start")
    func retry() async throws {
        let broken = Counter()
        let registry = try await FakeRegistry { request in
            let layer = Self.image.layers[1]
            if request.path.hasSuffix("\(layer.digest)"), broken.next() == 1 {
                return FakeAnswer(body: Array(layer.bytes.prefix(20)), announcedLength: layer.bytes.count)
            }
            return Self.content(request.path)
        }
        let manifest = try await Self.open(registry)
        #expect(try manifest.layers[1].descriptor.contents(limit: 1 << 20, name: "layer") == Self.image.layers[1].bytes)
        await registry.stop()
    }

    @Test("a registry that is not there is a clear error")
    func unreachable() async throws {
        let registry = try await FakeRegistry { Self.content($0.path) }
        await registry.stop()
        await #expect { try await Self.open(registry) } throws: { "\($0)".contains("cannot be reached") }
    }

    @Test("credentials are found where podman and docker keep them, the most specific first")
    func storedCredentials() throws {
        func entry(_ text: String) -> String { "{\"auth\":\"\(Data(text.utf8).base64EncodedString())\"}" }
        let directory = try TemporaryDirectory()
        let file = try directory.write(
            Array(
                """
                {"auths":{"reg.test":\(entry("host:1")),"reg.test/team":\(entry("team:2:3")),"https://old.test/v1/":\(entry("old:4")),
                "broken.test":{"auth":"!!!"}}}
                """.utf8
            ),
            to: "auth.json"
        )
        func find(_ registry: String, _ repository: String) -> RegistryCredentials? {
            RegistryCredentials.stored(
                registry: registry,
                repository: repository,
                environment: ["REGISTRY_AUTH_FILE": file]
            )
        }
        #expect(find("reg.test", "team/app") == RegistryCredentials(username: "team", password: "2:3"))
        #expect(find("reg.test", "other/app") == RegistryCredentials(username: "host", password: "1"))
        #expect(find("old.test", "a") == RegistryCredentials(username: "old", password: "4"))
        #expect(find("broken.test", "a") == nil)
        #expect(find("reg.test.evil", "team/app") == nil)
        try directory.write(Array("{\"auths\":{\"d.test\":\(entry("docker:5"))}}".utf8), to: "home/.docker/config.json")
        let home = ["HOME": directory.file("home")]
        #expect(
            RegistryCredentials.stored(registry: "d.test", repository: "a", environment: home)?.username == "docker"
        )
    }

    private final class Counter: Sendable {
        private let value = Mutex(0)
        func next() -> Int {
            value.withLock {
                $0 += 1
                return $0
            }
        }
    }
}
