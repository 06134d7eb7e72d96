// SPDX-License-Identifier: EUPL-1.2

import Database
import JSON
import Mail
package import SBOM
public import Time

/// What a notice is to those who get it.
public enum NoticeKind: Int64, Sendable, Hashable, CaseIterable {
    /// The first word on something.
    case notice = 1
    /// A new version of it.
    case correction = 2
    /// That it no longer holds.
    case withdrawal = 3

    /// The kind in English, for JSON.
    public var name: String {
        switch self {
        case .notice: "notice"
        case .correction: "correction"
        case .withdrawal: "withdrawal"
        }
    }

    /// Type of the CloudEvent.
    var eventType: String {
        switch self {
        case .notice: "org.kontor.notice.published.v1"
        case .correction: "org.kontor.notice.corrected.v1"
        case .withdrawal: "org.kontor.notice.withdrawn.v1"
        }
    }
}

/// Another notice of the same chain.
public struct NoticeLink: Sendable, Hashable {
    /// Its public id.
    public let id: String
    /// What it is.
    public let kind: NoticeKind
    /// When it was sent.
    public let at: Timestamp
}

/// A stored notice, with all that its letters are made from: the same letter has the same bytes, whatever settings have become.
package struct NoticeRecord: Sendable {
    /// Who writes, as it was when the notice was sent.
    package struct Letterhead: Sendable, Hashable {
        let node: String
        let answerLink: String
        let from: String?
        let fromName: String

        package init(_ settings: NoticeSettings) {
            node = settings.node
            answerLink = settings.answerLink
            from = settings.from?.description
            fromName = settings.fromName
        }

        init(json: JSONFields) throws {
            node = try json.string("node")
            answerLink = try json.string("answerLink")
            from = try json.optionalString("from")
            fromName = try json.string("fromName")
        }

        var json: JSONValue {
            [
                "node": .string(node), "answerLink": .string(answerLink), "from": .optional(from),
                "fromName": .string(fromName),
            ]
        }

        /// Scheme and host of the node: the source of its events.
        var source: String {
            let parts = answerLink.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
            return parts.prefix(3).joined(separator: "/")
        }
    }

    let row: Int64
    let id: String
    let kind: NoticeKind
    let question: String
    let content: NoticeContent
    /// Why it was corrected or withdrawn.
    let reason: LocalizedText?
    let snapshot: String?
    let images: Int
    let pullsOfNobody: Int64
    let letterhead: Letterhead
    let sentAt: Timestamp
    let sentBy: String
    let follows: (id: String, at: Timestamp)?

    package init(
        row: Int64,
        id: String,
        kind: NoticeKind,
        question: String,
        content: NoticeContent,
        reason: LocalizedText?,
        snapshot: String?,
        images: Int,
        pullsOfNobody: Int64,
        letterhead: Letterhead,
        sentAt: Timestamp,
        sentBy: String,
        follows: (id: String, at: Timestamp)?
    ) {
        self.row = row
        self.id = id
        self.kind = kind
        self.question = question
        self.content = content
        self.reason = reason
        self.snapshot = snapshot
        self.images = images
        self.pullsOfNobody = pullsOfNobody
        self.letterhead = letterhead
        self.sentAt = sentAt
        self.sentBy = sentBy
        self.follows = follows
    }

    var contentJSON: JSONValue { ["content": content.json, "reason": .optional(reason?.json)] }
}

extension NoticeRecord {
    /// From the columns of a notice, beginning at one of them.
    init(_ row: Row, _ column: Int) throws {
        guard let kind = NoticeKind(rawValue: try row.int64(column + 2)) else { throw DamagedNotice(what: "kind") }
        let stored = try JSONFields(JSONValue(parsing: row.text(column + 4)))
        var follows: (id: String, at: Timestamp)?
        if let id = try row.optionalText(column + 11) { follows = (id, try row.time(column + 12)) }
        self.init(
            row: try row.int64(column),
            id: try row.text(column + 1),
            kind: kind,
            question: try row.text(column + 3),
            content: try NoticeContent(json: stored.object("content")),
            reason: try stored.optionalObject("reason").map { try LocalizedText(json: $0) },
            snapshot: try row.optionalText(column + 5),
            images: try row.int(column + 6),
            pullsOfNobody: try row.int64(column + 7),
            letterhead: try Letterhead(json: JSONFields(JSONValue(parsing: row.text(column + 8)))),
            sentAt: try row.time(column + 9),
            sentBy: try row.text(column + 10),
            follows: follows
        )
    }
}
