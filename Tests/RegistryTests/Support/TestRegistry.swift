// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Audit
import Blobs
import Database
import DurableFiles
import Hummingbird
import JSON
import Logging
import NIOCore
import NIOPosix
import NodeTestKit
import OCI
import Policies
import Registry
import RegistryHTTP
import Synchronization
import TestKit
import Time

let migrations =
    AuditSchema.migrations + AccountsSchema.migrations + PoliciesSchema.migrations + JobSchema.migrations
    + RegistrySchema.migrations

/// The registry without a node around it: rooms below, HTTP in front, state in a temporary directory.
struct TestRegistry: Sendable {
    let directory: TemporaryDirectory
    let database: Database
    let blobs: BlobStore
    let registry: Registry
    let accounts: Accounts
    let admin: Account
    let client: TestClient
    var port: Int { client.port }

    /// Opens what a directory holds, as after a restart.
    static func open(
        _ directory: TemporaryDirectory,
        limits: RegistryLimits = .standard,
        clock: WallClock = .system,
        files: FileOperations = .live
    ) async throws -> (Database, BlobStore, Registry) {
        let database = try Database.open(path: directory.file("kontor.db"), migrations: migrations)
        let threads = NIOThreadPool.singleton
        let blobs = BlobStore(directory: directory.file("blobs"), files: files, threads: threads)
        return (database, blobs, Registry(database: database, blobs: blobs, clock: clock, limits: limits))
    }

    static func run(
        limits: RegistryLimits = .standard,
        settings: RegistryHTTPSettings = RegistryHTTPSettings(),
        anonymousPull: Bool = false,
        connection: ConnectionHandler.Limits = ConnectionHandler.Limits(),
        clock: WallClock = .system,
        files: FileOperations = .live,
        _ body: @Sendable (TestRegistry) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory("registry")
        defer { directory.remove() }
        let (database, blobs, registry) = try await open(directory, limits: limits, clock: clock, files: files)
        defer { database.close() }
        _ = try await registry.recover()
        var rights = Accounts.Settings()
        rights.anonymousPull = anonymousPull
        rights.passwordLogRounds = 8
        let accounts = Accounts(database: database, clock: clock, settings: rights)
        let secret = try await accounts.bootstrap(dataDirectory: directory.path)
        let login = "admin:" + (secret?.secret ?? "")
        guard let admin = try await accounts.authenticate(username: "admin", password: secret?.secret ?? "") else {
            throw WireError("no admin")
        }
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let (ports, port) = AsyncStream<Int>.makeStream()
        let application = Application(
            responder: RegistryResponder(
                registry: registry,
                accounts: accounts,
                tokens: RegistryTokens(issuer: "test", audience: "test", clock: clock),
                settings: settings,
                logger: logger
            ),
            server: .http1(
                configuration: .init(
                    additionalChannelHandlers: [ConnectionHandler(limits: connection)],
                    idleTimeout: .seconds(300)
                )
            ),
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { port.yield($0.localAddress?.port ?? 0) },
            logger: logger
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            var iterator = ports.makeAsyncIterator()
            let number = await iterator.next() ?? 0
            let test = TestRegistry(
                directory: directory,
                database: database,
                blobs: blobs,
                registry: registry,
                accounts: accounts,
                admin: admin,
                client: TestClient(port: number, login: login)
            )
            do { try await body(test) } catch {
                group.cancelAll()
                throw error
            }
            group.cancelAll()
        }
    }

    // MARK: Short forms

    /// Pushes a blob in one request.
    @discardableResult
    func push(_ bytes: [UInt8], to name: String) async throws -> Digest {
        let digest = Digest.sha256(bytes)
        let answer = try await client.request("POST", "/v2/\(name)/blobs/uploads/?digest=\(digest)", body: bytes)
        guard answer.status == 201 else { throw WireError("\(answer.status) \(answer.text)") }
        return digest
    }

    /// Begins an upload and returns its location.
    func begin(_ name: String) async throws -> String {
        let answer = try await client.request("POST", "/v2/\(name)/blobs/uploads/", body: [])
        guard answer.status == 202, let location = answer["location"] else {
            throw WireError("\(answer.status) \(answer.text)")
        }
        return location
    }

    /// Pushes a small image: configuration, one layer, manifest.
    @discardableResult
    func pushImage(_ name: String, _ tag: String, layer: [UInt8] = Array("layer".utf8)) async throws -> Digest {
        let bytes = try await image(name, layer: layer)
        let answer = try await client.request(
            "PUT",
            "/v2/\(name)/manifests/\(tag)",
            headers: [("Content-Type", MediaType.imageManifest)],
            body: bytes
        )
        guard answer.status == 201 else { throw WireError("\(answer.status) \(answer.text)") }
        return .sha256(bytes)
    }

    /// Pushes the blobs of a small image and returns its manifest.
    func image(_ name: String, layer: [UInt8] = Array("layer".utf8), subject: Descriptor? = nil) async throws -> [UInt8]
    {
        let configuration = Array(
            #"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]},"config":{}}"#.utf8
        )
        let config = try await push(configuration, to: name)
        let blob = try await push(layer, to: name)
        return ImageManifest(
            config: Descriptor(mediaType: MediaType.imageConfig, digest: config, size: Int64(configuration.count)),
            layers: [Descriptor(mediaType: MediaType.layerTar, digest: blob, size: Int64(layer.count))],
            subject: subject
        ).json.bytes()
    }
}

/// Bytes that no test shares by accident.
func pattern(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 33)
    }
}

extension TestRegistry {
    /// Names of all files below the blob store.
    func filesOfBlobs() throws -> [String] {
        let root = directory.file("blobs")
        var found: [String] = []
        for shard in try FileOperations.live.statusAt(root) == nil ? [] : FileOperations.live.names(root) {
            found += try FileOperations.live.names(root + "/" + shard)
        }
        return found
    }
}
