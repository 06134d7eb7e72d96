// SPDX-License-Identifier: EUPL-1.2

public import Criteria
import Database
public import JSON
import OCI
public import Time

/// What the publisher of an image or those who maintain a source project say to its level: it stands beside the level and changes
/// nothing about it.
public struct LevelReply: Sendable, Hashable {
    /// Row.
    public let id: Int64
    /// The level that was spoken of, as it was then.
    public let answered: AnsweredLevel
    /// The publisher thinks that the level is wrong.
    public let disputes: Bool
    /// What they say.
    public let text: String
    /// For whom they spoke.
    public let author: String
    /// When.
    public let saidAt: Timestamp

    /// The level that was spoken of; nil where there was none.
    public var level: Level? { answered.level }

    /// From the columns of the statements of ``DirectorySchema``.
    init(_ row: Row) throws {
        id = try row.int64(0)
        answered = AnsweredLevel(
            subject: try AnsweredLevel.Subject(row, 1),
            level: try DirectoryEntry.level(row, 4),
            revision: try row.optionalText(9),
            resultsSince: try row.optionalTime(10)
        )
        disputes = try row.bool(5)
        text = try row.text(6)
        author = try row.text(7)
        saidAt = try row.time(8)
    }

    /// How what it was said to differs from what stands there now; nil where it does not, or nobody knows what stands there.
    public func outdated(by now: AnsweredLevel?) -> AnsweredLevel.Difference? {
        now.flatMap { $0.subject == answered.subject ? answered.difference(from: $0) : nil }
    }

    /// As JSON.
    ///
    /// - Parameter now: the level that it stands beside; nil while nobody knows it.
    public func json(beside now: AnsweredLevel?) -> JSONValue {
        let (repository, project): (String?, String?) =
            switch answered.subject {
            case .image(let name, _): (name.text, nil)
            case .project(let name): (nil, name.text)
            }
        return [
            "id": .integer(id), "repository": .optional(repository),
            "digest": .optional(answered.subject.digest?.description), "project": .optional(project),
            "level": .optional(level?.rawValue), "revision": .optional(answered.revision),
            "resultsSince": .optional(answered.resultsSince?.rfc3339),
            "outdated": .optional(outdated(by: now)?.rawValue), "disputes": .bool(disputes), "text": .string(text),
            "author": .string(author), "saidAt": .string(saidAt.rfc3339),
        ]
    }
}
