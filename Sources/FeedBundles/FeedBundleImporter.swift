// SPDX-License-Identifier: EUPL-1.2

import Archives
import DurableFiles
public import ImageSources
import OCI
public import RegistryClient
public import Time
public import Vulnerabilities

/// How registries are spoken to.
public struct FeedBundleAccess: Sendable {
    /// Credentials that were given; nil: look where podman and docker keep them.
    public var credentials: RegistryCredentials?
    /// Allows plain HTTP to registries on other machines.
    public var plainHTTP: Bool
    /// Where what is pulled or made lies meanwhile.
    public var temporaryDirectory: String
    /// Where credentials are looked for.
    public var environment: [String: String]

    /// The ways of one call.
    public init(
        credentials: RegistryCredentials? = nil,
        plainHTTP: Bool = false,
        temporaryDirectory: String = "/tmp",
        environment: [String: String] = [:]
    ) {
        self.credentials = credentials
        self.plainHTTP = plainHTTP
        self.temporaryDirectory = temporaryDirectory
        self.environment = environment
    }

    func client(_ reference: Reference) throws -> RegistryClient {
        let registry = reference.registry ?? ""
        return try RegistryClient(
            registry: registry,
            settings: RegistryClientSettings(
                credentials: credentials
                    ?? RegistryCredentials.stored(
                        registry: registry,
                        repository: reference.repository.text,
                        environment: environment
                    ),
                plainHTTP: plainHTTP
            )
        )
    }
}

/// Takes over the snapshot of a feed bundle after everything that was signed was verified.
public struct FeedBundleImporter: Sendable {
    /// What an import did.
    public struct Outcome: Sendable {
        /// What its signer said.
        public var statement: FeedBundleStatement
        /// The key that signed it.
        public var key: FeedBundleKey
        /// Which feeds are in force now.
        public var report: ImportReport
        /// When a log saw the signature; nil when none is known to have.
        public var loggedAt: Timestamp?
    }

    private let keys: [FeedBundleKey]
    private let access: FeedBundleAccess
    private let limits: FeedBundle.Limits
    private let log: FeedBundleLogCheck?
    private let requiresLog: Bool

    /// An importer that believes some keys, and no others.
    ///
    /// - Parameters:
    ///   - log: reads what a log says of a signature; a false entry counts against it.
    ///   - requiresLog: whether only what the log saw is taken.
    public init(
        keys: [FeedBundleKey],
        access: FeedBundleAccess = FeedBundleAccess(),
        limits: FeedBundle.Limits = FeedBundle.Limits(),
        log: FeedBundleLogCheck? = nil,
        requiresLog: Bool = false
    ) {
        self.keys = keys
        self.access = access
        self.limits = limits
        self.log = log
        self.requiresLog = requiresLog
    }

    /// Imports the bundle at a place into a store.
    ///
    /// - Parameters:
    ///   - allowsOlder: also takes a feed back to an earlier day.
    ///   - waiting: told once when another import has to be waited for.
    /// - Throws: ``FeedBundleError``, `FeedStoreError`, or what keeps the place from being read; what was in force stays so.
    public func importBundle(
        at location: ImageLocation,
        into store: FeedStore,
        allowsOlder: Bool = false,
        waiting: (@Sendable (String) -> Void)? = nil
    ) async throws -> Outcome {
        switch location {
        case .ociLayout(let path, let selector):
            let found = LayoutStore(layout: try LayoutReader(directory: path), selector: selector)
            return try await take(from: found, into: store, allowsOlder, waiting)
        case .ociArchive(let path, let selector):
            let found = LayoutStore(layout: try LayoutReader(archive: path), selector: selector)
            return try await take(from: found, into: store, allowsOlder, waiting)
        case .registry(let reference):
            let client = try access.client(reference)
            let result: Result<Outcome, any Error>
            do {
                let found = RegistryStore(
                    client: client,
                    reference: reference,
                    temporaryDirectory: access.temporaryDirectory
                )
                result = .success(try await take(from: found, into: store, allowsOlder, waiting))
            } catch { result = .failure(error) }
            await client.close()
            return try result.get()
        case .dockerArchive, .rootFileSystem:
            throw FeedBundleError("\(location)", "a feed bundle lies in oci:DIR, oci-archive:FILE or a registry")
        }
    }

    private func take(
        from source: some BundleStore,
        into store: FeedStore,
        _ allowsOlder: Bool,
        _ waiting: (@Sendable (String) -> Void)?
    ) async throws -> Outcome {
        let found = try await FoundBundle(in: source, limits: limits)
        // Before the large part is fetched: what a stranger made costs no more than its manifest.
        let (statement, key, loggedAt) = try found.evidence.verified(by: keys, log: log, requiresLog: requiresLog)
        guard (1...limits.unpacked).contains(statement.unpackedSize) else {
            throw FeedBundleError(
                source.name,
                "its snapshot has \(statement.unpackedSize) bytes; at most \(limits.unpacked) are read"
            )
        }
        let payload = try await source.payload(found.layer)
        try check(payload, found.layer, source.name)
        let report = try await store.importOffered(
            statement.contents,
            from: source.name,
            allowsOlder: allowsOlder,
            waiting: waiting
        ) { path in try unpack(payload, statement.unpackedSize, to: path, source.name) }
        return Outcome(statement: statement, key: key, report: report, loggedAt: loggedAt)
    }

    private func check(_ payload: LayoutPiece, _ layer: Descriptor, _ name: String) throws {
        let place = "layer \(layer.digest) of \(name)"
        guard payload.length == layer.size else {
            throw FeedBundleError(place, "it has \(payload.length) bytes, its manifest says \(layer.size)")
        }
        let digest = try payload.digest(layer.digest.algorithm, name: place)
        guard digest == layer.digest else {
            throw FeedBundleError(place, "its bytes have the digest \(digest); it was changed or damaged")
        }
    }

    private func unpack(_ payload: LayoutPiece, _ size: Int64, to path: String, _ name: String) throws {
        let files = FileOperations.live
        let file = try files.create(path, 0o600)
        defer { files.close(file) }
        var offset: Int64 = 0
        do throws(ArchiveError) {
            let limits = ArchiveLimits(uncompressedBytes: size, ratio: .max)
            try Decompression.stream(payload.source, limits: limits) { block throws(ArchiveError) in
                do throws(FileError) { try files.write(file, block, offset) } catch {
                    throw ArchiveError.refused("\(error)")
                }
                offset += Int64(block.count)
            }
        } catch { throw FeedBundleError("the layer of \(name)", "it cannot be unpacked: \(error)") }
        guard offset == size else {
            throw FeedBundleError("the layer of \(name)", "it unpacks to \(offset) bytes, its signer says \(size)")
        }
    }
}
