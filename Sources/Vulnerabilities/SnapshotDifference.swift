// SPDX-License-Identifier: EUPL-1.2

public import Advisories

/// What changed between two snapshots: which images a switch touches, and which it merely confirms.
public struct SnapshotDifference: Sendable {
    /// How one feed moved.
    public struct FeedChange: Sendable, Equatable {
        /// The feed's name.
        public let name: String
        /// Its state before; nil when it is new.
        public let before: FeedState?
        /// Its state now; nil when it is gone.
        public let after: FeedState?
        /// True when its records differ, not only its dates.
        public var recordsChanged: Bool { before?.digest != after?.digest }
        /// True for a feed of advisories.
        var holdsAdvisories: Bool { before?.holdsAdvisories ?? after?.holdsAdvisories ?? false }
    }

    /// The snapshot that was current; nil when there was none, or when it is no longer there to compare with.
    public let before: AdvisorySnapshot?
    /// The snapshot that is current now.
    public let after: AdvisorySnapshot
    /// True when nothing is known about what was there before: every image is touched.
    public var isComplete: Bool { before == nil }
    /// The feeds whose records or dates moved, in order of name.
    public let feeds: [FeedChange]
    /// Releases that feeds cover now and did not before, or the other way round.
    public let releases: Set<ReleaseKey>
    /// Packages whose advisories changed.
    public let packages: Set<PackageKey>

    /// Compares two snapshots.
    public init(from before: AdvisorySnapshot?, to after: AdvisorySnapshot) async throws {
        self.before = before
        self.after = after
        let old = Dictionary((before?.feeds ?? []).map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        let new = Dictionary(after.feeds.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        feeds = Set(old.keys).union(new.keys).sorted()
            .map { FeedChange(name: $0, before: old[$0], after: new[$0]) }
            .filter { $0.before != $0.after }
        guard let before else {
            (releases, packages) = ([], [])
            return
        }
        guard feeds.contains(where: { $0.recordsChanged && $0.holdsAdvisories }) else {
            (releases, packages) = ([], [])
            return
        }
        releases = try await before.coveredReleases().symmetricDifference(after.coveredReleases())
        let (left, right) = (try await before.packageDigests(), try await after.packageDigests())
        packages = Set(right.filter { left[$0.key] != $0.value }.keys).union(left.keys.filter { right[$0] == nil })
    }

    /// Of some vulnerabilities, those about whose exploitation the two snapshots say different things.
    ///
    /// - Parameter identifiers: the identifiers of findings that are stored; predictions change daily for all of the
    ///   360,000 known vulnerabilities, so only those that matter somewhere are compared.
    public func changedIdentifiers(among identifiers: [String]) async throws -> Set<String> {
        guard let before else { return Set(identifiers) }
        let moved = feeds.contains { $0.recordsChanged && !$0.holdsAdvisories }
        guard moved else { return [] }
        let (left, right) = (
            try await before.exploitability(of: identifiers), try await after.exploitability(of: identifiers)
        )
        return Set(identifiers.filter { left[$0] != right[$0] })
    }
}
