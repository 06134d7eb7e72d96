// SPDX-License-Identifier: EUPL-1.2

import Archives
import Attestations
import DurableFiles
public import ImageSources
import JSON
public import Keys
public import OCI
import RegistryClient
public import Time
public import Vulnerabilities

/// Makes a feed bundle of a snapshot and has it signed.
public struct FeedBundleExporter: Sendable {
    /// What was made.
    public struct Outcome: Sendable {
        /// Digest of the index, which is what has the tag.
        public var index: Digest
        /// Digest of the artefact, which is what was signed.
        public var artefact: Digest
        /// What was said about it.
        public var statement: FeedBundleStatement
        /// The key that signed it.
        public var key: KeyRecord
        /// Bytes of the layer.
        public var packedSize: Int64
    }

    private struct Written {
        var outcome: Outcome
        var index: Descriptor
        /// In the order in which a registry takes them.
        var blobs: [Descriptor]
        var manifests: [Descriptor]
        /// Refers to the index.
        var signature: Descriptor
    }

    private let snapshot: AdvisorySnapshot
    private let signer: any Signer
    private let address: String
    private let access: FeedBundleAccess
    private let clock: WallClock
    private let log: FeedBundleLog?

    /// An exporter of one snapshot.
    ///
    /// - Parameters:
    ///   - signer: holds the key of the role ``KeyRole/feeds``.
    ///   - address: of the node that says it: `https://registry.example`.
    ///   - log: puts each signature in a log; nil: they are in none.
    public init(
        _ snapshot: AdvisorySnapshot,
        signer: any Signer,
        address: String,
        access: FeedBundleAccess = FeedBundleAccess(),
        clock: WallClock = .system,
        log: FeedBundleLog? = nil
    ) {
        self.snapshot = snapshot
        self.signer = signer
        self.address = address
        self.access = access
        self.clock = clock
        self.log = log
    }

    /// Writes the bundle to a place.
    public func export(to location: ImageLocation) async throws -> Outcome {
        switch location {
        case .ociLayout(let path, let selector):
            return try await write(layout: path, tag: try Self.tag(selector, location)).outcome
        case .ociArchive(let path, let selector):
            let tag = try Self.tag(selector, location)
            return try await withTemporaryLayout { layout in
                let written = try await write(layout: layout, tag: tag)
                try LayoutArchive.write(layout: layout, to: path)
                return written.outcome
            }
        case .registry(let reference):
            guard reference.digest == nil else {
                throw FeedBundleError("\(location)", "a digest is what comes of it; name a tag")
            }
            return try await withTemporaryLayout { layout in
                let written = try await write(layout: layout, tag: nil)
                try await push(written, from: layout, to: reference)
                return written.outcome
            }
        case .dockerArchive, .rootFileSystem:
            throw FeedBundleError("\(location)", "a feed bundle goes to oci:DIR, oci-archive:FILE or a registry")
        }
    }

    private static func tag(_ selector: ImageSelector?, _ location: ImageLocation) throws(FeedBundleError) -> String? {
        switch selector {
        case nil: return nil
        case .name(let tag): return tag
        case .digest: throw FeedBundleError("\(location)", "a digest is what comes of it; name a tag")
        }
    }

    private func withTemporaryLayout<T>(_ body: (String) async throws -> T) async throws -> T {
        let path = "\(access.temporaryDirectory)/kontor-feeds-\(String(UInt64.random(in: .min ... .max), radix: 16))"
        defer { Self.remove(path) }
        return try await body(path)
    }

    private static func remove(_ layout: String) {
        let files = FileOperations.live
        for directory in [layout + "/blobs/sha256", layout + "/blobs", layout] {
            for name in (try? files.names(directory)) ?? [] { _ = try? files.remove(directory + "/" + name) }
            _ = try? files.removeDirectory(directory)
        }
    }

    private func write(layout path: String, tag: String?) async throws -> Written {
        // Before anything is packed, and so that a key which is made now is not younger than what it signs.
        guard try await signer.keys().contains(where: { $0.role == .feeds }) else { throw KeysError.noKey(.feeds) }
        let writer = try LayoutWriter(path: path)
        let contents = try await snapshot.contents()
        var unpackedSize: Int64 = 0
        var layer = try writer.put(mediaType: FeedBundle.layerType) { take in
            unpackedSize = try Self.pack(snapshot.path, take)
        }
        layer.annotations = ["org.opencontainers.image.title": "feeds.sqlite.gz"]
        let config = try writer.put(SigstoreBundle.emptyConfiguration, mediaType: MediaType.emptyConfig)
        let statement = FeedBundleStatement(created: clock.now(), contents: contents, unpackedSize: unpackedSize)
        let manifest = ImageManifest(
            artifactType: FeedBundle.artifactType,
            config: config,
            layers: [layer],
            annotations: [
                "org.opencontainers.image.created": statement.created.rfc3339,
                "org.opencontainers.image.version": contents.identity,
            ]
        )
        var artefact = try writer.put(manifest.json.bytes(.rfc8785), mediaType: MediaType.imageManifest)
        artefact.artifactType = FeedBundle.artifactType
        let inner = try await sign(statement, about: artefact, writer)
        let index = try writer.put(
            ImageIndex(artifactType: FeedBundle.artifactType, manifests: [artefact, inner.manifest]).json.bytes(
                .rfc8785
            ),
            mediaType: MediaType.imageIndex
        )
        let outer = try await sign(statement, about: index, writer)
        try writer.name(index, tag)
        // Tools find what refers to something in a layout by looking at what is listed.
        try writer.name(outer.manifest, nil)
        let outcome = Outcome(
            index: index.digest,
            artefact: artefact.digest,
            statement: statement,
            key: inner.key,
            packedSize: layer.size
        )
        return Written(
            outcome: outcome,
            index: index,
            blobs: [layer, config, inner.bundle, outer.bundle],
            manifests: [artefact, inner.manifest],
            signature: outer.manifest
        )
    }

    /// Writes a signature as a referrer of what it is about.
    private func sign(
        _ statement: FeedBundleStatement,
        about subject: Descriptor,
        _ writer: LayoutWriter
    ) async throws -> (bundle: Descriptor, manifest: Descriptor, key: KeyRecord) {
        let signed = try await sign(statement, about: subject.digest)
        let bundle = try writer.put(signed.bundle, mediaType: SigstoreBundle.mediaType)
        let referrer = SigstoreBundle.referrer(
            bundle: signed.bundle,
            predicateType: FeedBundle.predicateType(below: address),
            subject: subject,
            created: statement.created
        )
        var manifest = try writer.put(referrer.json.bytes(.rfc8785), mediaType: MediaType.imageManifest)
        manifest.artifactType = SigstoreBundle.mediaType
        return (bundle, manifest, signed.key)
    }

    private func sign(_ statement: FeedBundleStatement, about subject: Digest) async throws -> (
        bundle: [UInt8], key: KeyRecord
    ) {
        let payload = statement.bytes(about: subject, predicateType: FeedBundle.predicateType(below: address))
        let made = try await signer.sign(DSSEEnvelope.bytesToSign(payload: payload), as: .feeds)
        let envelope = DSSEEnvelope(payload: payload, signatures: [.init(bytes: made.bytes)])
        let key = try PublicKey(spki: made.key.publicKey)
        let bundle = SigstoreBundle(.envelope(envelope), hint: key.hint).bytes
        guard let log else { return (bundle, made.key) }
        let logged = try await log(bundle)
        let answer = try SigstoreBundle(parsing: logged)
        guard try SigstoreBundle(parsing: bundle).content == answer.content, !answer.logEntries.isEmpty
        else {
            throw FeedBundleError(
                "the node's log",
                "it gave another signature back than the one it was sent, or no place"
            )
        }
        return (logged, made.key)
    }

    /// Packs a file and returns how long it was.
    private static func pack(_ path: String, _ take: (UnsafeRawBufferPointer) throws -> Void) throws -> Int64 {
        let files = FileOperations.live
        let file = try files.openForReading(path)
        defer { files.close(file) }
        let gzip = try GzipWriter()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        var size: Int64 = 0
        while true {
            let count = try files.read(file, buffer, size)
            guard count > 0 else { break }
            try gzip.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]), take)
            size += Int64(count)
        }
        try gzip.finish(take)
        return size
    }

    private func push(_ written: Written, from layout: String, to reference: Reference) async throws {
        let client = try access.client(reference)
        let reader = try LayoutReader(directory: layout)
        do {
            for blob in written.blobs {
                let piece = try reader.blob(blob.digest)
                try await client.pushBlob(reference.repository, digest: blob.digest, size: blob.size) {
                    offset,
                    buffer in
                    try piece.source.read(at: offset, into: buffer)
                }
            }
            for manifest in written.manifests + [written.index, written.signature] {
                try await client.pushManifest(
                    reference.repository,
                    manifest.digest == written.index.digest
                        ? reference.tag?.text ?? "latest" : manifest.digest.description,
                    bytes: try reader.bytes(manifest, limit: ImageChoice.manifestLimit),
                    mediaType: manifest.mediaType
                )
            }
        } catch {
            await client.close()
            throw error
        }
        await client.close()
    }
}
