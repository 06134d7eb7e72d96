// SPDX-License-Identifier: EUPL-1.2

import Advisories
import JSON
import OCI

/// One feed, read and normalised, ready to go into a snapshot.
struct ParsedFeed: Sendable {
    /// The records, in the order of their keys.
    enum Records: Sendable {
        case advisories(StagedAdvisories, base: String)
        case exploited([KEVEntry])
        case scores(StagedScores)
    }

    let state: FeedState
    let records: Records
    /// What the feed speaks about even where it has no advisory: no record then means not affected by anything known.
    let coverage: [ReleaseKey]

    /// Digest over normalised records: the same facts in another order or with other white space give the same digest.
    static func digest(of records: Records) throws -> String {
        var hasher = DigestHasher()
        switch records {
        case .advisories(let stage, let base): return try stage.summary(of: base).digest
        case .exploited(let entries):
            for entry in entries { hasher.update(entry.json.bytes(.rfc8785) + [0x0A]) }
        case .scores(let stage): return try stage.digest()
        }
        return hasher.finalized().description
    }
}

extension FeedState {
    /// True for a feed of advisories, which is matched; false for those that only weigh what was found.
    var holdsAdvisories: Bool { name != KEVCatalogue.name && name != EPSSScores.name }
}

extension [FeedState] {
    /// The identity of a snapshot that holds exactly these feeds.
    ///
    /// Dates are part of it: the same records with a newer date decide criteria that rest on their age differently.
    var snapshotIdentity: String {
        let sorted = sorted { $0.name < $1.name }
        return Digest.sha256(JSONValue.array(sorted.map(\.json)).bytes(.rfc8785)).description
    }
}
