// SPDX-License-Identifier: EUPL-1.2

internal import Attestations
internal import OCI
internal import RegistryClient
internal import Synchronization

/// A manifest as it was found, its bytes hashed.
struct FoundManifest: Sendable {
    let digest: Digest
    let bytes: [UInt8]
    let document: ManifestDocument
}

/// Why something beside an image could not be read.
enum AttachmentError: Error, Sendable, Hashable, CustomStringConvertible {
    /// It is not what it should be: no answer of another time can be better.
    case damaged(String)
    /// It cannot be found out now, or not within the bounds.
    case unread(String)

    var description: String {
        switch self {
        case .damaged(let text), .unread(let text): text
        }
    }
}

/// A place with an image and what is attached to it.
protocol AttachmentSource: Sendable {
    /// The manifest with a digest; nil when it is not there.
    func manifest(_ digest: Digest) async throws -> FoundManifest?
    /// The manifest behind the tag for what is attached to a digest; nil when there is none.
    func attached(_ kind: AttachedManifest.Kind, to digest: Digest) async throws -> FoundManifest?
    /// What names a digest as its subject.
    func referrers(of digest: Digest, limit: Int) async throws -> ReferrerList
    /// OpenPGP messages about a digest; nil where the place cannot hold any.
    func openPGPMessages(about digest: Digest) async throws -> [[UInt8]]?
    /// A small blob, whole and hashed.
    func blob(_ descriptor: Descriptor, limit: Int) async throws -> [UInt8]
    /// Digest and size of a blob as it lies there, for places that keep all bytes at hand; nil when it is missing.
    func hashed(_ descriptor: Descriptor) async throws -> (digest: Digest, size: Int64)?
    /// Whether ``hashed(_:)`` reads what a client would get: in a registry clients check that themselves.
    var holdsContent: Bool { get }
}

extension AttachmentSource {
    /// Hashes a manifest and reads it.
    static func found(_ bytes: [UInt8], mediaType: String?, expected: Digest?, what: String) throws -> FoundManifest {
        let digest = Digest.hash(bytes, by: expected?.algorithm ?? .sha256)
        if let expected, expected != digest {
            throw AttachmentError.damaged("\(what) should have the digest \(expected) and has \(digest)")
        }
        do {
            return FoundManifest(
                digest: digest,
                bytes: bytes,
                document: try ManifestDocument(parsing: bytes, contentType: mediaType)
            )
        } catch { throw AttachmentError.damaged("\(what) cannot be read: \(error)") }
    }
}

/// How much is read about one image: whoever attaches endless lists is cut off, and it is said.
final class ReadingBudget: Sendable {
    /// Bytes of everything that is attached to an image and those of its index.
    static let bytes = 256 << 20
    /// Manifests of one image's referrers.
    static let referrers = 256

    /// Owner: one verification.
    private let rest = Mutex(ReadingBudget.bytes)

    /// Takes bytes before they are read.
    func take(_ count: Int64) throws(AttachmentError) {
        let fits = rest.withLock { rest in
            guard count >= 0, count <= Int64(rest) else { return false }
            rest -= Int(count)
            return true
        }
        guard fits else {
            throw .unread("more than \(Self.bytes >> 20) MiB are attached to it; the rest was not looked at")
        }
    }
}
