// SPDX-License-Identifier: EUPL-1.2

public import Advisories
public import Criteria
import JSON
public import OCI
public import Time

/// A verdict as it was stored: bytes to serve, and what lists and badges need without reading them.
public struct StoredVerdict: Sendable, Hashable {
    /// The verdict's JSON (architecture §6), compact, exactly as it was computed.
    public let json: [UInt8]
    /// The overall level.
    public let level: Level
    /// The clock value that it was computed for.
    public let evaluatedAt: Timestamp
    /// The earliest instant at which a result can change without new input; nil when none can.
    public let validUntil: Timestamp?
    /// Version of the catalogue.
    public let catalogueVersion: String
    /// The advisories that it rests on; nil when there were none.
    public let snapshot: String?
    /// Why the image could not be assessed; nil when it was.
    ///
    /// All criteria are unknown then.
    public let failure: String?

    /// A stored verdict; for tests of the rooms above.
    package init(
        json: [UInt8],
        level: Level,
        evaluatedAt: Timestamp,
        validUntil: Timestamp?,
        catalogueVersion: String,
        snapshot: String?,
        failure: String?
    ) {
        self.json = json
        self.level = level
        self.evaluatedAt = evaluatedAt
        self.validUntil = validUntil
        self.catalogueVersion = catalogueVersion
        self.snapshot = snapshot
        self.failure = failure
    }

    /// The verdict as a value.
    public func verdict() throws(VerdictUnreadable) -> Verdict {
        do {
            return try Verdict(json: try JSONValue(parsing: json, limits: JSONLimits(bytes: 1 << 30, values: .max)))
        } catch {
            throw VerdictUnreadable(reason: "\(error)")
        }
    }
}

/// A stored verdict that this version cannot read.
public struct VerdictUnreadable: Error, Sendable, CustomStringConvertible {
    /// Why not.
    public let reason: String

    /// What, why, what next.
    public var description: String {
        "the stored verdict cannot be read (\(reason)); it was written by another version and is computed anew at its next job"
    }
}

/// The verdict of one manifest in one repository, or how far it is.
public enum VerdictState: Sendable, Hashable {
    /// The repository does not hold this manifest.
    case unknownImage
    /// The manifest is no container image (a signature, an SBOM, a chart): it is served and never judged.
    case notAnImage
    /// The assessment waits.
    case queued
    /// The assessment is being made.
    case running
    /// No verdict could be made; the reason in English words, and whether it is tried again by itself.
    case failed(reason: String, isRetried: Bool)
    /// The verdict.
    case ready(StoredVerdict)
}

/// One finding of an image, with its place in the list.
public struct ListedFinding: Sendable, Hashable {
    /// The finding.
    public let finding: Finding
    /// The cursor of the page that follows it.
    public let cursor: FindingCursor

    /// A finding at its place.
    public init(finding: Finding, cursor: FindingCursor) {
        self.finding = finding
        self.cursor = cursor
    }
}

/// A place in a list of findings: ordered by vulnerability, then component.
public struct FindingCursor: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The vulnerability's identifier.
    public let identifier: String
    /// Row of the component.
    public let component: Int64

    /// Creates a cursor.
    public init(identifier: String, component: Int64) {
        self.identifier = identifier
        self.component = component
    }

    /// Reads what ``description`` writes; nil for anything else.
    public init?(parsing text: String) {
        guard text.utf8.count <= 300, let slash = text.lastIndex(of: "/") else { return nil }
        guard let component = Int64(text[text.index(after: slash)...]), component >= 0 else { return nil }
        self.init(identifier: String(text[..<slash]), component: component)
    }

    /// By identifier in byte order, then component.
    public static func < (left: FindingCursor, right: FindingCursor) -> Bool {
        left.identifier == right.identifier
            ? left.component < right.component : left.identifier.utf8.lexicographicallyPrecedes(right.identifier.utf8)
    }

    /// The cursor as text, `CVE-2024-1234/17`.
    public var description: String { "\(identifier)/\(component)" }
}

/// One repository in the list of repositories.
public struct RepositoryListing: Sendable, Hashable {
    /// Its name.
    public let name: RepositoryName
    /// When its first manifest came.
    public let firstSeen: Timestamp
    /// The tag that stands for it: `latest` where it names an image, else the image tag that moved last; nil when no tag
    /// names an image.
    public let newestTag: Tag?
    /// When that tag moved.
    public let changedAt: Timestamp?
    /// The image that it names.
    public let digest: Digest?
    /// That image's level; nil while there is no verdict.
    public let level: Level?
    /// The stage of that verdict.
    public let stage: Stage?
    /// When it was computed.
    public let evaluatedAt: Timestamp?
}
