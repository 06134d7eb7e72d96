// SPDX-License-Identifier: EUPL-1.2

internal import Attestations
public import ImageSources
public import OCI
public import RegistryClient

/// Why an image could not be looked at, as far as its name and its place go.
public enum ImageVerifierError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The place does not say which image it holds; the names that its signatures say, whoever made them.
    case nameMissing(claimed: [String])
    /// There are no signatures in such a place.
    case noSignatures(String)

    /// What is wrong, and what next.
    public var description: String {
        switch self {
        case .nameMissing(let claimed):
            "a copy does not say which image it is meant to be; name it: --name registry.example/repository:tag"
                + (claimed.isEmpty
                    ? ""
                    : " (its signatures say \(claimed.joined(separator: ", ")); compare that with what you wanted)")
        case .noSignatures(let place):
            "\(place) cannot hold signatures; copy the image with them into an OCI layout (oras cp -r --to-oci-layout) or name it in its registry"
        }
    }
}

/// Verifies an image and everything that is attached to it, wherever it lies, against keys that are at hand.
public struct ImageVerifier: Sendable {
    /// Most images of one index, as releases have them.
    static let maximumImages = 128

    /// What is demanded.
    public let demands: TrustDemands
    /// The name that signatures must say, for copies and mirrors; nil: the name by which a registry is asked.
    public let expected: Reference?
    /// How registries are spoken to.
    public let registrySettings: RegistryClientSettings

    /// Makes a verifier.
    public init(demands: TrustDemands, expected: Reference?, registrySettings: RegistryClientSettings) {
        self.demands = demands
        self.expected = expected
        self.registrySettings = registrySettings
    }

    /// Verifies an image.
    ///
    /// - Throws: ``ImageVerifierError``, `ImageSourceError`, `RegistryClientError`, `CancellationError`: nothing was looked at.
    public func verify(_ location: ImageLocation) async throws -> ImageVerification {
        switch location {
        case .registry(let reference): return try await verify(reference)
        case .ociLayout(let path, let selector):
            _ = try OpenDescriptor.directory(path)
            return try await verify(try LayoutSource(.directory(path), name: "oci:" + path), selector, "\(location)")
        case .ociArchive(let path, let selector):
            let index: TarIndex
            do { index = try TarIndex(path) } catch let error as AttachmentError {
                throw ImageSourceError.badLayout(path: path, reason: "\(error)")
            }
            return try await verify(
                try LayoutSource(.archive(index), name: "oci-archive:" + path),
                selector,
                "\(location)"
            )
        case .dockerArchive, .rootFileSystem: throw ImageVerifierError.noSignatures("\(location)")
        }
    }

    // MARK: - Places

    private func verify(_ reference: Reference) async throws -> ImageVerification {
        let client = try RegistryClient(registry: reference.registry ?? "", settings: registrySettings)
        do {
            let verification = try await verify(
                reference,
                RegistrySource(client: client, repository: reference.repository)
            )
            await client.close()
            return verification
        } catch {
            await client.close()
            throw error
        }
    }

    private func verify(_ reference: Reference, _ source: RegistrySource) async throws -> ImageVerification {
        let name = expected ?? reference
        // A name that only replaces host and repository leaves the tag to what was asked for.
        let tag = name.tag ?? (name.digest == nil ? reference.tag : nil)
        var run = Run(self, source, name: "\(reference)", expected: name, tag: tag)
        var digest = reference.digest
        if digest == nil {
            let asked = try reference.tag ?? Tag(parsing: "latest")
            if run.tag == nil, expected?.digest == nil { run.tag = asked }
            guard let found = try await source.manifest(asked) else {
                throw RegistryClientError.notFound(
                    registry: reference.registry ?? "",
                    what: "\(reference.repository):\(asked)"
                )
            }
            digest = found.digest
            run.item(.tag, found.digest, .passed, .tag(asked, found.digest))
        }
        guard let digest else { throw ImageVerifierError.nameMissing(claimed: []) }
        return try await run.finished(digest)
    }

    private func verify(_ source: LayoutSource, _ selector: ImageSelector?, _ name: String) async throws
        -> ImageVerification
    {
        let digest = try source.start(selector)
        guard let expected else {
            throw ImageVerifierError.nameMissing(claimed: try await claimed(source, digest))
        }
        var tag = expected.tag
        if tag == nil, expected.digest == nil, case .name(let text)? = selector { tag = try? Tag(parsing: text) }
        var run = Run(self, source, name: name, expected: expected, tag: tag)
        if case .name(let text)? = selector, let written = try? Tag(parsing: text) {
            run.item(.tag, digest, .passed, .tag(written, digest))
        }
        return try await run.finished(digest)
    }

    /// Names that signatures beside an image say, to help whoever named none; nothing is believed of them.
    private func claimed(_ source: LayoutSource, _ digest: Digest) async throws -> [String] {
        let found = try await AttachmentReader(source: source, budget: ReadingBudget()).pieces(about: digest)
        var names: [String] = []
        for piece in found.pieces {
            guard case .success(let evidence) = piece.content else { continue }
            let name: String?
            switch evidence {
            case .simpleSigning(let payload, _, _, _):
                name = (try? SimpleSigning(parsing: payload, as: .cosign))?.dockerReference
            case .bundle(let bytes):
                if case .envelope(let envelope)? = (try? SigstoreBundle(parsing: bytes))?.content,
                    let statement = try? Statement(parsing: envelope.payload),
                    statement.predicateType == PredicateType.cosignSignature
                {
                    name = statement.subjects.first?.name
                } else {
                    name = nil
                }
            default: name = nil
            }
            if let name, let reference = try? Reference(parsing: name), !names.contains("\(reference)"), names.count < 8
            {
                names.append("\(reference)")
            }
        }
        return names
    }
}
