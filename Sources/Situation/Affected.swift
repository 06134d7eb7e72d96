// SPDX-License-Identifier: EUPL-1.2

public import Advisories
public import Assessment
public import Criteria
public import OCI
public import PullRecords
public import Time

/// An image that a question is about.
public struct AffectedImage: Sendable, Hashable {
    /// Why it is in the answer: one of its components, with what is known about it.
    public struct Reason: Sendable, Hashable {
        /// Name of the component.
        public let name: String
        /// Version of the component, as written.
        public let version: String
        /// Text of its purl.
        public let purl: String?
        /// The component.
        let part: ReverseIndex.Part
        /// What was found in it; nil where a package was asked for, whatever is known of it.
        public internal(set) var finding: Finding?
        /// Since when the node knows that this image has it: the later of the image and the finding; nil where the version cannot be
        /// compared with the range.
        public let since: Timestamp?
        /// False where the version cannot be compared with the range that was asked for.
        public let isCertain: Bool
        /// Where the file that was asked for lies in the image; nil where a package or a vulnerability was asked for.
        public internal(set) var position: FileIndex.Position?
    }

    /// Row of the image, for the cursor.
    let row: Int64
    /// Where it is.
    public let repository: RepositoryName
    /// What it is.
    public let digest: Digest
    /// Tags that point to it now, at most ten.
    public let tags: [Tag]
    /// The namespace that it lies in; nil when it lies in none.
    public let namespace: String?
    /// The organisation that answers for the namespace.
    public let organisation: String?
    /// Its level.
    public let level: Level
    /// When the node first assessed it there.
    public let since: Timestamp
    /// Why it is here; empty where the image itself was asked for.
    public let reasons: [Reason]
    /// Whether anything of it is left after all words about it: an image whose findings are all not affected or fixed is told, and not counted.
    public var isAffected: Bool { Self.isAffected(reasons) }
    /// Who pulled it, as far as the asking may know; nil where they may not.
    public let pulls: [PullRecord]?

    static func isAffected(_ reasons: [Reason]) -> Bool {
        reasons.isEmpty || reasons.contains { ![.notAffected, .fixed].contains($0.finding?.status ?? .undetermined) }
    }
}

/// A page of an answer.
public struct AffectedPage: Sendable {
    /// What was asked.
    public let question: AffectedQuestion
    /// The images of this page.
    public let images: [AffectedImage]
    /// The products of this page; they come after the last image.
    public let products: [AffectedProduct]
    /// Where the next page begins; nil at the end.
    public let next: Int64?
    /// Components of this page: versions of packages, each once for all images.
    public let components: Int
    /// When the question was answered.
    public let answeredAt: Timestamp
    /// The advisories that the answer rests on; nil when there are none.
    public let snapshot: String?
}

/// How much an answer is, as far as it was counted.
public struct AffectedSummary: Sendable, Hashable {
    /// Images are counted up to this many.
    public static let countedImages = 10_000

    /// Images that are affected.
    public let images: Int
    /// Images that are not, by somebody's word.
    public let cleared: Int
    /// Products that are affected.
    public let products: Int
    /// Products that are not, by somebody's word.
    public let clearedProducts: Int
    /// Repositories of those images.
    public let repositories: Int
    /// Namespaces of those images, by name.
    public let namespaces: [String]
    /// Organisations that answer for those namespaces or operate those products, by name.
    public let organisations: [String]
    /// Where a file was asked for: images whose files are not all listed, so that they may have it or not; 0 otherwise.
    public let unlisted: Int
    /// Whether there may be more than was counted.
    public let isAtLeast: Bool
}
