// SPDX-License-Identifier: EUPL-1.2

import Glibc
import OCI
import RegistryClient
import Synchronization

extension ImageOpener {
    /// Pulls an image: manifest and configuration into memory, layers into files without a name.
    func pull(_ reference: Reference) async throws -> OpenedImage {
        let registry = reference.registry ?? ""
        let repository = reference.repository
        let settings = RegistryClientSettings(
            credentials: credentials
                ?? RegistryCredentials.stored(registry: registry, repository: repository.text, environment: environment),
            plainHTTP: plainHTTP,
            manifestLimit: ImageChoice.manifestLimit
        )
        do {
            let client = try RegistryClient(registry: registry, settings: settings)
            do {
                let opened = try await pull(reference, repository: repository, client: client)
                await client.close()
                return opened
            } catch {
                await client.close()
                throw error
            }
        } catch let error as RegistryClientError {
            throw ImageSourceError.registry(error)
        }
    }

    private func pull(_ reference: Reference, repository: RepositoryName, client: RegistryClient) async throws
        -> OpenedImage
    {
        let name = "\(reference)"
        try await client.ping()
        var pulled = try await client.manifest(
            repository,
            reference.digest?.description ?? reference.tag?.text ?? "latest"
        )
        var manifest: ImageManifest?
        for _ in 0..<ImageChoice.depthLimit {
            switch try ImageChoice.document(pulled.bytes, contentType: pulled.contentType, name: name) {
            case .image(let found): manifest = found
            case .index(let index):
                let child = try ImageChoice.child(of: index, platform: platform, name: name)
                pulled = try await client.manifest(repository, child.digest.description)
                continue
            }
            break
        }
        guard let manifest else {
            throw ImageSourceError.badManifest(name: name, reason: "indexes are nested too deep")
        }
        let configuration = try await client.smallBlob(
            repository,
            digest: manifest.config.digest,
            size: manifest.config.size,
            limit: Int64(ImageChoice.configurationLimit)
        )
        let layers = try await pullLayers(manifest.layers, repository: repository, client: client)
        return OpenedImage(
            name: "\(reference.registry ?? "")/\(repository)",
            tag: reference.tag?.text ?? (reference.digest == nil ? "latest" : nil),
            content: .manifest(
                OpenedManifest(bytes: pulled.bytes, digest: pulled.digest, configuration: configuration, layers: layers)
            )
        )
    }

    /// Three layers at a time; the same digest twice is pulled once.
    private func pullLayers(_ layers: [Descriptor], repository: RepositoryName, client: RegistryClient) async throws
        -> [OpenedLayer]
    {
        var wanted: [Descriptor] = []
        var seen: Set<Digest> = []
        for layer in layers where seen.insert(layer.digest).inserted { wanted.append(layer) }
        let total = wanted.count
        let spooled = try await withThrowingTaskGroup(of: (Digest, OpenDescriptor).self) { group in
            var descriptors: [Digest: OpenDescriptor] = [:]
            for (number, layer) in wanted.enumerated() {
                if number >= 3, let (digest, descriptor) = try await group.next() { descriptors[digest] = descriptor }
                progress(.pullingLayer(number + 1, of: total, bytes: layer.size))
                group.addTask {
                    let spool = try SpoolFile(directory: temporaryDirectory)
                    try await client.blob(
                        repository,
                        digest: layer.digest,
                        size: layer.size,
                        begin: { try spool.restart() }
                    ) { bytes in
                        try spool.append(bytes)
                    }
                    return (layer.digest, spool.descriptor)
                }
            }
            for try await (digest, descriptor) in group { descriptors[digest] = descriptor }
            return descriptors
        }
        return layers.compactMap { layer in
            spooled[layer.digest].map { OpenedLayer(descriptor: $0, mediaType: layer.mediaType, digest: layer.digest) }
        }
    }
}

/// A file without a name that one pull writes.
package final class SpoolFile: Sendable {
    /// Reads and writes it.
    package let descriptor: OpenDescriptor
    private let directory: String
    /// Bytes written so far; owner: the pull.
    private let length = Mutex<Int64>(0)

    /// Makes an empty one in a directory.
    package init(directory: String) throws(ImageSourceError) {
        let path = "\(directory)/.kontor-\(UInt64.random(in: .min ... .max))"
        let number = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard number >= 0 else { throw .noSpace(directory: directory, reason: systemErrorText(errno)) }
        // Without a name nobody else can open it, and nothing is left behind however this process ends.
        unlink(path)
        descriptor = OpenDescriptor(taking: number)
        self.directory = directory
    }

    /// Forgets what was written.
    package func restart() throws(ImageSourceError) {
        guard ftruncate(descriptor.number, 0) == 0 else {
            throw .noSpace(directory: directory, reason: systemErrorText(errno))
        }
        length.withLock { $0 = 0 }
    }

    /// Writes behind what is there.
    package func append(_ bytes: UnsafeRawBufferPointer) throws(ImageSourceError) {
        var written = 0
        let start = length.withLock { $0 }
        while written < bytes.count {
            guard let base = bytes.baseAddress else { return }
            let count = pwrite(descriptor.number, base + written, bytes.count - written, off_t(start) + off_t(written))
            if count < 0 {
                if errno == EINTR { continue }
                throw .noSpace(directory: directory, reason: systemErrorText(errno))
            }
            written += count
        }
        length.withLock { $0 = start + Int64(bytes.count) }
    }
}
