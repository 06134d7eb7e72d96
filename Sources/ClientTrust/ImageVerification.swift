// SPDX-License-Identifier: EUPL-1.2

public import Attestations
public import OCI
public import Time

/// How something came out.
public enum TrustOutcome: String, Sendable, Hashable {
    /// As it must be.
    case passed
    /// Not as it must be.
    case failed
    /// Could not be found out; counts as little as a failure.
    case undecided
}

/// What was asked of an image.
public enum TrustDemand: Sendable, Hashable {
    /// The bytes have the digest by which they are named.
    case digest
    /// The tag stands for the digest here.
    case tag
    /// Every image of the index is there.
    case index
    /// Configuration and layers lie there with their digests.
    case content
    /// A key for releases of the node signed the image under this name.
    case release
    /// The node's log holds such a signature.
    case log
    /// A signature in this form was accepted.
    case form(AttachedForm)
    /// An accepted attestation of this kind speaks about it.
    case attestation(AttestationKind)
    /// A publisher's key signed it; named by its file.
    case publisher(String)

    /// A word for programs.
    public var name: String {
        switch self {
        case .digest: "digest"
        case .tag: "tag"
        case .index: "index"
        case .content: "content"
        case .release: "release"
        case .log: "log"
        case .form(let form): "form:\(form.rawValue)"
        case .attestation(let kind): "attestation:\(kind.name)"
        case .publisher(let name): "publisher:\(name)"
        }
    }
}

/// What an answer to a demand rests on.
public enum TrustFinding: Sendable, Hashable {
    /// The digest.
    case digest(Digest)
    /// Bytes with another digest.
    case otherDigest(expected: Digest, actual: Digest)
    /// What the tag stands for.
    case tag(Tag, Digest)
    /// There is no such tag, or no such image.
    case absent(String)
    /// Images that an index names.
    case images(Int)
    /// An image of an index that is not there.
    case missing(Digest)
    /// An image of an index that is an index itself.
    case nested(Digest)
    /// Blobs and bytes that were hashed.
    case hashed(blobs: Int, bytes: Int64)
    /// Who signed it.
    case signed([String])
    /// Nothing was found at all.
    case nothing
    /// Things were found, and none counts.
    case noneAccepted(Int)
    /// Indices in the log, where proven; when a log promised it, otherwise.
    case logged([Int64])
    /// A promise of the log without a proof.
    case promised
    /// What was accepted.
    case accepted(Int)
    /// What could not be read.
    case unread(String)
}

/// One answer.
public struct TrustItem: Sendable, Hashable {
    /// What was asked.
    public let demand: TrustDemand
    /// The image that it was asked of.
    public let image: Digest
    /// How it came out.
    public let outcome: TrustOutcome
    /// What that rests on.
    public let finding: TrustFinding

    init(_ demand: TrustDemand, _ image: Digest, _ outcome: TrustOutcome, _ finding: TrustFinding) {
        self.demand = demand
        self.image = image
        self.outcome = outcome
        self.finding = finding
    }
}

/// What is to be thought of one thing beside an image.
public struct JudgedPiece: Sendable, Hashable {
    /// In what form it speaks.
    public let form: AttachedForm
    /// Where it was found.
    public let place: String
    /// Whether it counts.
    public let outcome: TrustOutcome
    /// What was looked at; empty when it could not be read.
    public let checks: [VerificationCheck]
    /// Why it could not be read.
    public let problem: String?
    /// What it says; nil unless a key that is trusted signed it.
    public let claim: Claim?
    /// Who signed it: role and key of the node, or the file of a publisher's key.
    public let signer: String?
    /// Whether the signer is a publisher, not the node.
    public let isPublisher: Bool
    /// When a log saw it.
    public let loggedAt: Timestamp?
    /// Its place in the log; nil where that is not proven.
    public let provenIndex: Int64?
    /// Whether it names the tag; a publisher's signature may leave it open.
    public let namesTag: Bool
    /// Whether what it says is a summary that did not pass.
    public let isFailedSummary: Bool
}

/// What was found beside one image.
public struct JudgedImage: Sendable, Hashable {
    /// The image, or the index.
    public let digest: Digest
    /// Its platform, where an index names it.
    public let platform: Platform?
    /// Whether it is an index.
    public let isIndex: Bool
    /// Everything that speaks about it.
    public let pieces: [JudgedPiece]
    /// Types of attached artefacts that are no signatures.
    public let others: [String]
}

/// What verifying an image came to, item by item.
public struct ImageVerification: Sendable, Hashable {
    /// The image as it was named.
    public let name: String
    /// The name that signatures must say.
    public let expected: String
    /// The image that was found; nil when there is none.
    public let digest: Digest?
    /// When it was looked at.
    public let time: Timestamp
    /// What was asked, and how it came out.
    public let items: [TrustItem]
    /// The images: the one that is meant first, then those of its index.
    public let images: [JudgedImage]

    /// Verified only when every answer is: one that could not be found out is no pass, and one that failed decides.
    public var outcome: TrustOutcome {
        if items.isEmpty || items.contains(where: { $0.outcome == .failed }) { return .failed }
        return items.allSatisfy { $0.outcome == .passed } ? .passed : .undecided
    }
}
