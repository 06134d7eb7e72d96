// SPDX-License-Identifier: EUPL-1.2

import Database
import OCI
import Policies

/// Looks for what a pushed image is built on, among the images of the node.
///
/// An image is built on another when it begins with all of its layers, in their order. What it says of its base
/// (`org.opencontainers.image.base.digest`) says only where to look first: anybody can write that.
struct BaseSearch {
    /// Images that are looked at before the search gives up.
    private static let candidates = 1_000
    /// Images of an index, and repositories that hold one digest.
    private static let copies = 128
    private static let layers = 1_024

    private let allowed: [AllowedBase]
    private let repositoryID: Int64
    private let t: Transaction

    init(allowed: [AllowedBase], repositoryID: Int64, _ t: Transaction) {
        self.allowed = allowed
        self.repositoryID = repositoryID
        self.t = t
    }

    /// What is known of the bases of an image, or of each image of an index.
    func facts(of document: ManifestDocument, _ digest: Digest) throws -> [BaseFacts] {
        switch document {
        case .image(let manifest):
            return [try facts(digest, manifest.layers.map(\.digest), declared: Self.declared(manifest.annotations))]
        case .index(let index):
            guard index.images.count <= Self.copies else {
                return [BaseFacts(image: digest, found: [], gap: .largeIndex(limit: Self.copies))]
            }
            return try index.images.map { child in
                let key: [SQLValue] = [.integer(repositoryID)] + child.digest.columns
                guard let row = try t.first(SQL.manifestID, key) else {
                    return BaseFacts(image: child.digest, found: [], gap: .absent)
                }
                let layers = try self.layers(of: try row.int64(0))
                let said = Self.declared(child.annotations) ?? Self.declared(index.annotations)
                return try facts(child.digest, layers, declared: said)
            }
        }
    }

    private func facts(_ image: Digest, _ layers: [Digest], declared: Digest?) throws -> BaseFacts {
        guard let first = layers.first else {
            return BaseFacts(image: image, found: [], gap: .noLayers)
        }
        var found: [PushedBase] = []
        for case .digest(let digest) in allowed where try isBuilt(layers, on: digest).isBase {
            found.append(PushedBase(repository: "", digest: digest))
        }
        if let declared {
            found += try isBuilt(layers, on: declared).repositories.map { PushedBase(repository: $0, digest: declared) }
        }
        let wantsRepository = allowed.contains { if case .repository = $0 { true } else { false } }
        guard wantsRepository, !found.contains(where: { base in allowed.contains { $0.allows(base) } }) else {
            return BaseFacts(image: image, found: found)
        }
        let rows = try t.query(SQL.imagesOnLayer, first.columns + [.integer(Self.candidates)])
        for row in rows {
            let base = PushedBase(repository: try row.text(3), digest: try row.digest(1))
            guard allowed.contains(where: { $0.allows(base) }), layers.begins(with: try self.layers(of: row.int64(0)))
            else { continue }
            return BaseFacts(image: image, found: found + [base])
        }
        guard rows.count == Self.candidates else { return BaseFacts(image: image, found: found) }
        return BaseFacts(image: image, found: found, gap: .manyImages(limit: Self.candidates))
    }

    /// Whether layers begin with those of an image, or of one of an index, and in which repositories that lies.
    private func isBuilt(_ layers: [Digest], on base: Digest) throws -> (isBase: Bool, repositories: [String]) {
        var repositories: [String] = []
        for row in try t.query(SQL.manifestsOfDigest, base.columns + [.integer(Self.copies)]) {
            var images = [try row.int64(0)]
            if try row.manifestKind(1) == .index {
                let children: [SQLValue] = [
                    .integer(try row.int64(2)), .integer(try row.int64(0)), .integer(Self.copies),
                ]
                images = try t.query(SQL.childrenOfManifest, children).map { try $0.int64(0) }
            }
            if try images.contains(where: { layers.begins(with: try self.layers(of: $0)) }) {
                repositories.append(try row.text(3))
            }
        }
        return (!repositories.isEmpty, repositories)
    }

    private func layers(of manifest: Int64) throws -> [Digest] {
        try t.query(SQL.layersOfManifest, [.integer(manifest), .integer(Self.layers)]).map { try $0.digest(0) }
    }

    private static func declared(_ annotations: [String: String]) -> Digest? {
        annotations["org.opencontainers.image.base.digest"].flatMap { try? Digest(parsing: $0) }
    }
}

extension [Digest] {
    /// Whether these begin with all of some others, of which there is at least one.
    fileprivate func begins(with others: [Digest]) -> Bool { !others.isEmpty && starts(with: others) }
}
