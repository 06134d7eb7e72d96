// SPDX-License-Identifier: EUPL-1.2

internal import Attestations
internal import Criteria
internal import OCI
internal import Registry
internal import SBOM

/// Something signed that lies beside an image.
struct FoundEvidence: Sendable {
    let evidence: Attestations.Evidence
    let form: EvidenceForm
    /// Digest of the bytes that hold it.
    let source: Digest
}

/// Collects what is attached to one image, from every place where clients put it.
///
/// Anybody who may push can attach as much as they like: entries, bytes and manifests are bounded, and what lies beyond a bound is a gap.
struct Gathering {
    let registry: Registry
    let repository: RepositoryName
    let digest: Digest
    private(set) var found: [FoundEvidence] = []
    private(set) var gaps: [LocalizedText] = []
    private var seen = Set<Digest>()
    private var bytes = 0

    /// Manifests that are looked at.
    static let maximumManifests = 64
    /// Layers of one referrer that are looked at.
    static let maximumLayers = 16
    /// Bytes of everything together.
    static let maximumBytes = 32 << 20

    init(registry: Registry, repository: RepositoryName, digest: Digest) {
        self.registry = registry
        self.repository = repository
        self.digest = digest
    }

    /// Artefact types of manifests that carry something signed.
    private static let types = [
        SigstoreBundle.mediaType, "application/vnd.dev.sigstore.bundle+json;version=0.3",
        "application/vnd.dev.cosign.artifact.sig.v1+json", "application/vnd.dev.cosign.artifact.att.v1+json",
        DSSEEnvelope.mediaType, "application/vnd.in-toto+json",
    ]

    /// Collects everything.
    mutating func all(openPGP messages: [[UInt8]]) async throws {
        try await attached(.signatures)
        try await attached(.attestations)
        try await referrers()
        try await fallback()
        for message in messages {
            guard admits(message.count, "OpenPGP") else { break }
            add(.openPGP(message), .openPGP, .sha256(message))
        }
    }

    // MARK: - Places

    /// Layers of the manifest under `sha256-….sig` or `sha256-….att`.
    private mutating func attached(_ kind: AttachedManifest.Kind) async throws {
        guard let tag = try? AttachedManifest.tag(kind, of: digest),
            let stored = try await registry.manifest(repository, at: .tag(tag))
        else { return }
        try await layers(of: stored, as: kind, named: tag.text)
    }

    private mutating func referrers() async throws {
        for type in Self.types {
            var after: [UInt8] = []
            while true {
                let (page, isMore) = try await registry.referrers(
                    of: digest,
                    in: repository,
                    artifactType: type,
                    after: after,
                    limit: Self.maximumManifests
                )
                for referrer in page {
                    guard try await take(referrer.descriptor.digest) else { return }
                }
                guard isMore, let last = page.last else { break }
                after = last.descriptor.digest.bytes
            }
        }
    }

    /// The index that clients keep by themselves where a registry knows no referrers.
    private mutating func fallback() async throws {
        guard let tag = try? Tag(parsing: "\(digest.algorithm.rawValue)-\(digest.hex)"),
            let stored = try await registry.manifest(repository, at: .tag(tag)),
            case .index(let index)? = try? ManifestDocument(parsing: stored.bytes, contentType: stored.mediaType)
        else { return }
        for descriptor in index.manifests where descriptor.artifactType.map(Self.types.contains) ?? true {
            guard try await take(descriptor.digest) else { return }
        }
    }

    /// One manifest that names the image as its subject.
    ///
    /// - Returns: false when no further manifest is looked at.
    private mutating func take(_ manifest: Digest) async throws -> Bool {
        guard !seen.contains(manifest) else { return true }
        guard seen.count < Self.maximumManifests else {
            gap(
                "mehr als \(Self.maximumManifests) Manifeste mit Signaturen oder Nachweisen",
                "more than \(Self.maximumManifests) manifests with signatures or attestations"
            )
            return false
        }
        seen.insert(manifest)
        guard let stored = try await registry.manifest(repository, manifest) else {
            gap("\(manifest) fehlt in der Registry", "\(manifest) is missing in the registry")
            return true
        }
        switch stored.artifactType {
        case "application/vnd.dev.cosign.artifact.sig.v1+json":
            try await layers(of: stored, as: .signatures, named: "\(manifest)")
        case "application/vnd.dev.cosign.artifact.att.v1+json":
            try await layers(of: stored, as: .attestations, named: "\(manifest)")
        case let type? where Self.types.contains(type): try await bundles(in: stored)
        // An entry of the fallback index that is of another type, or of none.
        default: break
        }
        return true
    }

    // MARK: - Contents

    private mutating func layers(
        of stored: StoredManifest,
        as kind: AttachedManifest.Kind,
        named name: String
    ) async throws {
        let attached: AttachedManifest
        do {
            guard case .image(let manifest) = try ManifestDocument(parsing: stored.bytes, contentType: stored.mediaType)
            else { return gap("\(name) ist kein Manifest mit Schichten", "\(name) is no manifest with layers") }
            attached = try AttachedManifest(kind, extending: manifest)
        } catch {
            return gap("\(name) ist nicht lesbar: \(error)", "\(name) cannot be read: \(error)")
        }
        let limit = kind == .signatures ? AttestationLimits.simpleSigningBytes : AttestationLimits.documentBytes
        for layer in attached.layers {
            guard found.count < SignedEvidence.maximumEntries else { return tooMany() }
            guard let blob = try await blob(layer, limit: limit, of: name) else { continue }
            guard let evidence = attached.evidence(layer, blob: blob) else {
                gap("\(layer.digest) hat anderen Inhalt", "\(layer.digest) has other content")
                continue
            }
            add(evidence, .cosign, layer.digest)
        }
    }

    private mutating func bundles(in stored: StoredManifest) async throws {
        let name = stored.digest.description
        guard case .image(let manifest)? = try? ManifestDocument(parsing: stored.bytes, contentType: stored.mediaType)
        else { return gap("\(name) ist nicht lesbar", "\(name) cannot be read") }
        // Whoever wrote the fallback index may have named anything.
        guard manifest.subject?.digest == digest else {
            return gap("\(name) nennt ein anderes Image", "\(name) names another image")
        }
        if manifest.layers.count > Self.maximumLayers {
            gap(
                "\(name) hat mehr als \(Self.maximumLayers) Schichten",
                "\(name) has more than \(Self.maximumLayers) layers"
            )
        }
        for layer in manifest.layers.prefix(Self.maximumLayers) {
            guard found.count < SignedEvidence.maximumEntries else { return tooMany() }
            guard let blob = try await blob(layer, limit: AttestationLimits.documentBytes, of: name) else { continue }
            let isEnvelope = layer.mediaType == DSSEEnvelope.mediaType || layer.mediaType == DSSEEnvelope.statementType
            add(isEnvelope ? .envelope(blob, log: nil) : .bundle(blob), isEnvelope ? .cosign : .bundle, layer.digest)
        }
    }

    /// The bytes of a layer; nil, and a gap, where they are too many or not there.
    private mutating func blob(_ layer: Descriptor, limit: Int, of name: String) async throws -> [UInt8]? {
        guard layer.size <= Int64(limit) else {
            gap(
                "\(layer.digest) in \(name) ist größer als \(limit) Bytes",
                "\(layer.digest) in \(name) is larger than \(limit) bytes"
            )
            return nil
        }
        guard admits(Int(layer.size), name) else { return nil }
        guard let bytes = try await registry.blobBytes(repository, layer.digest, limit: limit) else {
            gap("\(layer.digest) in \(name) fehlt", "\(layer.digest) in \(name) is missing")
            return nil
        }
        return bytes
    }

    /// Whether so many more bytes are read.
    private mutating func admits(_ count: Int, _ name: String) -> Bool {
        guard count >= 0, count <= Self.maximumBytes - bytes else {
            gap(
                "mehr als \(Self.maximumBytes >> 20) MiB hängen am Image (\(name))",
                "more than \(Self.maximumBytes >> 20) MiB are attached to the image (\(name))"
            )
            return false
        }
        bytes += count
        return true
    }

    private mutating func add(_ evidence: Attestations.Evidence, _ form: EvidenceForm, _ source: Digest) {
        found.append(FoundEvidence(evidence: evidence, form: form, source: source))
    }

    private mutating func tooMany() {
        gap(
            "mehr als \(SignedEvidence.maximumEntries) Signaturen und Nachweise",
            "more than \(SignedEvidence.maximumEntries) signatures and attestations"
        )
    }

    /// Says what was not read; a list of gaps is bounded too.
    mutating func gap(_ de: String, _ en: String) {
        let text = LocalizedText(de: String(de.prefix(300)), en: String(en.prefix(300)))
        guard gaps.count < 16, !gaps.contains(text) else { return }
        gaps.append(text)
    }
}
