// SPDX-License-Identifier: EUPL-1.2

import Attestations
import JSON
public import OCI
public import Time
public import Vulnerabilities

/// A snapshot of advisories as a signed artefact: how it is written down.
///
/// ```
/// index  TAG                            artefact type …feed-bundle…: keeps both together for every tool that copies an index
///  ├─ manifest   the artefact           one layer: the snapshot's SQLite file, gzip
///  ├─ manifest   its signature          a Sigstore bundle as a referrer: an in-toto statement about the artefact's digest
///  └┄ referrer   the index's signature  the same statement about the index's digest, which is what has the tag
/// ```
///
/// The last is for those who verify what the tag names, and for `oras cp -r`: of an index, oras 1.2 copies what refers to its parts with all
/// that this is about, and comes by the index itself only when something refers to that.
public enum FeedBundle {
    /// Artefact type of the artefact and of the index around it.
    public static let artifactType = "application/vnd.kontor.feed-bundle.v1+json"
    /// Media type of the one layer.
    public static let layerType = "application/vnd.kontor.feed-snapshot.v1.sqlite3+gzip"
    /// How long what may be read is.
    public struct Limits: Sendable {
        /// Bytes of the layer.
        public var packed: Int64
        /// Bytes of the file in it.
        public var unpacked: Int64

        /// 4 GiB packed, 16 GiB unpacked: today's feeds have a hundredth of it.
        public init(packed: Int64 = 4 << 30, unpacked: Int64 = 16 << 30) {
            self.packed = packed
            self.unpacked = unpacked
        }
    }

    /// Most signatures that are looked at.
    static let maximumSignatures = 16

    private static let predicatePath = "/attestations/feed-bundle/v1"

    /// Type of the statement.
    ///
    /// No public predicate describes a set of advisories; as with audits, the type lies below the address of the node that makes it.
    ///
    /// - Parameter address: `https://registry.example`, without a path; a slash at its end is ignored.
    public static func predicateType(below address: String) -> String {
        var address = address[...]
        while address.last == "/" { address.removeLast() }
        return address + predicatePath
    }

    /// Whether a statement is of this type, whoever made it.
    static func isPredicateType(_ type: String) -> Bool { type.hasSuffix(predicatePath) }
}

/// What the signer of a feed bundle says.
public struct FeedBundleStatement: Sendable, Hashable {
    /// When it was made, by the signer's clock.
    public var created: Timestamp
    /// The feeds, their dates and counts, and the digests over their records.
    public var contents: SnapshotContents
    /// Bytes of the file that the layer unpacks to.
    public var unpackedSize: Int64

    /// Makes a statement.
    public init(created: Timestamp, contents: SnapshotContents, unpackedSize: Int64) {
        self.created = created
        self.contents = contents
        self.unpackedSize = unpackedSize
    }

    /// The statement about an artefact; always the same bytes.
    public func bytes(about artefact: Digest, predicateType: String) -> [UInt8] {
        var predicate = contents.json
        predicate["schemaVersion"] = 1
        predicate["created"] = .string(created.rfc3339)
        predicate["unpackedSize"] = .integer(unpackedSize)
        return Statement(
            subjects: [ResourceDescriptor(name: "feeds", artefact)],
            predicateType: predicateType,
            predicate: predicate
        ).bytes
    }

    /// Reads a statement that was verified.
    ///
    /// - Throws: ``FeedBundleError`` when it is not about this artefact, or not what ``bytes(about:predicateType:)`` writes.
    init(payload: [UInt8], artefact: Digest, place: String) throws(FeedBundleError) {
        let statement: Statement
        do throws(AttestationError) { statement = try Statement(parsing: payload) } catch {
            throw FeedBundleError(place, "\(error)")
        }
        guard FeedBundle.isPredicateType(statement.predicateType) else {
            throw FeedBundleError(
                place,
                "it says \(statement.predicateType.excerpt(200)), which is nothing about feeds"
            )
        }
        guard statement.version == .v1, statement.subjects.contains(where: { $0.isContent(artefact) }) else {
            throw FeedBundleError(place, "it is about another artefact than \(artefact)")
        }
        do {
            let fields = try JSONFields(.object(statement.predicate), path: "$.predicate")
            guard try fields.integer("schemaVersion") == 1 else {
                throw FeedBundleError(place, "it was made by a later version of the program")
            }
            guard let created = Timestamp(rfc3339: try fields.string("created")) else {
                throw JSONShapeError(path: fields.path(of: "created"), expected: "an instant", found: "another text")
            }
            self.init(
                created: created,
                contents: try SnapshotContents(json: fields),
                unpackedSize: try fields.integer("unpackedSize")
            )
        } catch let error as FeedBundleError { throw error } catch {
            throw FeedBundleError(place, "what it says cannot be read: \(error)")
        }
    }
}

/// Why a feed bundle was not made or not taken: where, and what is wrong there.
public struct FeedBundleError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Which part of which bundle.
    public let place: String
    /// What is wrong with it, and what to do.
    public let reason: String

    /// Names a place and what is wrong there.
    public init(_ place: String, _ reason: String) {
        self.place = place
        self.reason = reason
    }

    /// One sentence in English.
    public var description: String { "\(place): \(reason)" }
}
