// SPDX-License-Identifier: EUPL-1.2

import Advisories
import JSON

/// What the file `current` says: which snapshot is current, in which file, with which feeds.
///
/// It carries the feeds' states so that a reader knows their dates without opening the database.
struct SnapshotPointer: Sendable, Equatable {
    /// Digest over the normalised records and dates of all feeds.
    let id: String
    /// Name of the snapshot's file beside the pointer.
    let file: String
    /// The feeds in it.
    let feeds: [FeedState]

    /// The file name of a snapshot: derived from its identity, so that one is never overwritten by another.
    static func fileName(of id: String) -> String {
        "snapshot-" + id.drop(while: { $0 != ":" }).dropFirst() + ".sqlite"
    }

    init(id: String, feeds: [FeedState]) {
        self.id = id
        self.feeds = feeds
        file = Self.fileName(of: id)
    }

    init(parsing bytes: [UInt8]) throws {
        let fields = try JSONFields(try JSONValue(parsing: bytes))
        id = try fields.string("snapshot")
        file = try fields.string("file")
        feeds = try fields.objects("feeds").map { fields in try FeedState(json: fields) }
        // The pointer names a file beside itself; a path would let whoever can write it open any file as a snapshot.
        guard file == Self.fileName(of: id), !file.utf8.contains(UInt8(ascii: "/")) else {
            throw JSONShapeError(path: "$.file", expected: "the file name of \(id)", found: "\"\(file.prefix(100))\"")
        }
    }

    var bytes: [UInt8] {
        let value: JSONValue = [
            "snapshot": .string(id), "file": .string(file), "feeds": .array(feeds.map(\.json)),
        ]
        return value.bytes(.pretty) + [UInt8(ascii: "\n")]
    }
}
