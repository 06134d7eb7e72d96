// SPDX-License-Identifier: EUPL-1.2

public import Criteria
import Database
import OCI
import Registry
import Time
public import Vulnerabilities

/// What is attached to one image, as far as the trust policy of its namespace believes it.
public struct AttachedEvidence: Sendable {
    /// Signatures, statements and tags, with what verifying them came to.
    public var signed: SignedEvidence
    /// What the statements that count say; nil where nobody read them.
    public var suppliers: SupplierEvidence?
    /// VEX documents that count.
    public var vex: [AttestedStatements]

    /// Makes a value of its parts.
    public init(signed: SignedEvidence, suppliers: SupplierEvidence? = nil, vex: [AttestedStatements] = []) {
        self.signed = signed
        self.suppliers = suppliers
        self.vex = vex
    }
}

extension AssessmentService {
    /// Images whose levels are looked up for one that is built on them.
    private static let maximumBases = 64

    /// What is attached to an image; nil where nobody looks.
    ///
    /// The documents that are signed count from now on, and those that were and are no more end: whatever is laid over findings after this
    /// has them.
    func attached(to digest: Digest, in repository: RepositoryName, within index: Digest?) async throws
        -> AttachedEvidence?
    {
        guard let signedReading else { return nil }
        // What was read before a key was revoked must not be written after it was noticed.
        return try await locks.withLock(digest) {
            let attached = try await signedReading(digest, repository, index)
            let now = clock.now()
            let documents = attached.vex
            // Nearly always there is nothing to do, and a read waits for nobody.
            let isKnown = try await database.read {
                try Statements.isAttested(documents, of: digest, in: repository, in: $0)
            }
            guard !isKnown else { return attached }
            try await database.write { t in
                try Statements.attest(documents, of: digest, in: repository, at: now, in: t) {
                    try Self.announce($0, document: $1, at: $2)
                }
            }
            return attached
        }
    }

    /// The levels of the images that another one says it is built on, as far as those who read it may know of them.
    func knownImages(
        of suppliers: SupplierEvidence,
        _ evidence: ImageEvidence,
        in repository: RepositoryName
    ) async throws -> [Digest: KnownImage] {
        var named = Set(suppliers.provenance.flatMap(\.images).compactMap(\.digest).prefix(Self.maximumBases))
        let key = "org.opencontainers.image.base.digest"
        for text in [evidence.annotations[key], evidence.configuration?.labels[key]].compactMap({ $0 }) {
            if let digest = try? Digest(parsing: text) { named.insert(digest) }
        }
        guard !named.isEmpty else { return [:] }
        let (digests, mayKnow) = (named, mayKnow)
        let nameKey = "org.opencontainers.image.base.name"
        let name = evidence.annotations[nameKey] ?? evidence.configuration?.labels[nameKey]
        let reference = name.flatMap { try? Reference(parsing: $0) }
        var (known, atHome) = try await database.read { t in
            var known: [Digest: KnownImage] = [:]
            var atHome: Set<Digest> = []
            for digest in digests {
                for row in try t.query(AssessmentSchema.levelsOfDigest, digest.columns) {
                    let name = try RepositoryName(parsing: try row.text(0))
                    guard try mayKnow(t, name, repository) else { continue }
                    if name == reference?.repository { atHome.insert(digest) }
                    let image = KnownImage(repository: name.text, level: Level(rank: try row.int(1)))
                    // The same content is judged alike, but for who may see it and what is attached to it.
                    if known[digest].map({ $0.level < image.level }) ?? true { known[digest] = image }
                }
            }
            return (known, atHome)
        }
        for (digest, image) in known {
            known[digest]?.isCurrent =
                if let reference, let tag = reference.tag {
                    // Taken from elsewhere: what stands for it there this node cannot know.
                    try await atHome.contains(digest) && isOwn(reference.registry)
                        ? isCurrent(digest, as: tag, in: reference.repository) : nil
                } else {
                    try await standsIn(digest, in: RepositoryName(parsing: image.repository)) ? true : nil
                }
        }
        return known
    }

    /// Whether a host is this node, or one that it stands in for; a name without a host means it too.
    private func isOwn(_ host: String?) throws -> Bool {
        guard let host, let authorities = settings.authorities else { return true }
        return try authorities().contains(host)
    }

    /// Whether an image is still what the tag stands for by which another one was built on it; nil where there is no such tag any more.
    private func isCurrent(_ digest: Digest, as tag: Tag, in repository: RepositoryName) async throws -> Bool? {
        guard let target = try await registry.resolve(repository, tag) else { return nil }
        return try await holds(target, digest, in: repository)
    }

    /// Whether an image is what stands for its repository.
    private func standsIn(_ digest: Digest, in repository: RepositoryName) async throws -> Bool {
        guard let target = try await registry.standIn(repository)?.digest else { return false }
        return try await holds(target, digest, in: repository)
    }

    /// Whether what a tag stands for is an image, or an index of it.
    private func holds(_ target: Digest, _ digest: Digest, in repository: RepositoryName) async throws -> Bool {
        guard target != digest else { return true }
        guard let manifest = try await registry.manifest(repository, target), manifest.kind == .index,
            case .index(let index)? = try? ManifestDocument(parsing: manifest.bytes, contentType: manifest.mediaType)
        else { return false }
        return index.images.contains { $0.digest == digest }
    }
}
