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
        var known = try await database.read { t in
            var known: [Digest: KnownImage] = [:]
            for digest in digests {
                for row in try t.query(AssessmentSchema.levelsOfDigest, digest.columns) {
                    let name = try RepositoryName(parsing: try row.text(0))
                    guard try mayKnow(t, name, repository) else { continue }
                    let image = KnownImage(repository: name.text, level: Level(rank: try row.int(1)))
                    // The same content is judged alike, but for who may see it and what is attached to it.
                    if known[digest].map({ $0.level < image.level }) ?? true { known[digest] = image }
                }
            }
            return known
        }
        let nameKey = "org.opencontainers.image.base.name"
        let name = evidence.annotations[nameKey] ?? evidence.configuration?.labels[nameKey]
        for (digest, image) in known {
            known[digest]?.isCurrent = try await isCurrent(
                digest,
                in: RepositoryName(parsing: image.repository),
                takenAs: name.flatMap { try? Reference(parsing: $0) }
            )
        }
        return known
    }

    /// Whether an image is still what the tag stands for by which another one was built on it.
    ///
    /// - Returns: nil where nobody says which tag that was, and it is not what stands for its repository.
    private func isCurrent(
        _ digest: Digest,
        in repository: RepositoryName,
        takenAs reference: Reference?
    ) async throws -> Bool? {
        if let reference, reference.repository == repository, let tag = reference.tag {
            guard let target = try await registry.resolve(repository, tag) else { return nil }
            return try await holds(target, digest, in: repository)
        }
        guard let target = try await registry.standIn(repository)?.digest else { return nil }
        return try await holds(target, digest, in: repository) ? true : nil
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
