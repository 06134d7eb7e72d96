// SPDX-License-Identifier: EUPL-1.2

import Audit
import Database
import JSON
public import Time

/// How far a recipient is.
public enum NoticeState: Int64, Sendable, Hashable, CaseIterable, Comparable {
    /// No answer.
    case none = 0
    /// Somebody has read it.
    case read = 1
    /// Somebody is acting on it.
    case acting = 2
    /// Nothing is left to do.
    case done = 3

    /// The state in English, for JSON and forms.
    public var name: String {
        switch self {
        case .none: "none"
        case .read: "read"
        case .acting: "acting"
        case .done: "done"
        }
    }

    /// Reads an answer: `read`, `acting` or `done`.
    public init?(answer: String) {
        guard let state = Self.allCases.first(where: { $0 != .none && $0.name == answer }) else { return nil }
        self = state
    }

    /// Earlier before later.
    public static func < (left: NoticeState, right: NoticeState) -> Bool { left.rawValue < right.rawValue }
}

/// Whether a notice is what holds now.
public enum NoticeStanding: Sendable, Hashable {
    /// It is.
    case current
    /// A later version does, which all recipients got.
    case corrected(NoticeLink)
    /// It does no longer.
    case withdrawn(NoticeLink)
    /// It says itself that another one no longer holds.
    case withdrawal
}

/// What whoever has the link of a letter sees and says.
public struct NoticeAnswer: Sendable {
    /// Public id of the notice.
    public let id: String
    /// Who may be told.
    public let tlp: TrafficLight
    /// The organisation that the link stands for.
    public let organisation: String
    /// Its name for people.
    public let title: String
    /// The letter as it was sent, with another ending of the link.
    public let text: String
    /// Whether it still holds.
    public let standing: NoticeStanding
    /// How far the organisation is.
    public let state: NoticeState
    /// When it was said to be read; nil where that was passed over.
    public let readAt: Timestamp?
    /// When it was said that somebody acts.
    public let actingAt: Timestamp?
    /// When it was said to be done.
    public let doneAt: Timestamp?
}

extension Notices {
    /// What the link of a letter leads to; changes nothing, because mail servers open links before people do.
    ///
    /// - Throws: ``NoticesError/unknown(_:)``, for every wrong token the same.
    public func answer(_ token: String) async throws -> NoticeAnswer {
        try await database.read { t in try Self.answer(t, token).answer }
    }

    /// Notes what an organisation answers; goes only forward, and not on a notice that was withdrawn.
    ///
    /// - Returns: how things stand now, whether or not this changed them.
    public func acknowledge(_ token: String, _ state: NoticeState) async throws -> NoticeAnswer {
        guard state != .none else { throw NoticesError.invalid("answer with read, acting or done") }
        // Strangers may call this: what leads nowhere costs a look-up, not a place in the queue of writers.
        _ = try await answer(token)
        let now = clock.now()
        return try await database.write { t in
            let (row, before) = try Self.answer(t, token)
            if case .withdrawn = before.standing { return before }
            guard state > before.state else { return before }
            let values: [SQLValue] = [
                .integer(state.rawValue), .optional(before.readAt ?? (state == .read ? now : nil)),
                .optional(before.actingAt ?? (state == .acting ? now : nil)),
                .optional(before.doneAt ?? (state == .done ? now : nil)), .integer(row), .integer(state.rawValue),
            ]
            guard try t.execute(NoticesSchema.setAnswer, values) == 1 else { return before }
            try AuditLog.append(
                t,
                actor: "link:" + before.organisation,
                action: "notices.acknowledge",
                subject: "notice:" + before.id,
                detail: ["organisation": .string(before.organisation), "state": .string(state.name)],
                at: now
            )
            return try Self.answer(t, token).answer
        }
    }

    private static func answer(_ t: Transaction, _ token: String) throws -> (row: Int64, answer: NoticeAnswer) {
        guard NoticeToken.isToken(token),
            let row = try t.first(NoticesSchema.answer, [.blob(NoticeToken.hash(token))])
        else { throw NoticesError.unknown("this link leads to no notice; copy it whole from the letter") }
        guard let state = NoticeState(rawValue: try row.int64(5)) else { throw DamagedNotice(what: "answer") }
        let record = try NoticeRecord(row, 9)
        let letter = NoticeLetter(
            notice: record,
            organisation: try row.text(1),
            title: try row.text(2),
            reasons: NoticeReasons(rawValue: try row.int64(3)),
            evidence: try NoticeEvidence(json: JSONFields(JSONValue(parsing: row.text(4)))),
            token: "…"
        )
        return (
            try row.int64(0),
            NoticeAnswer(
                id: record.id,
                tlp: record.content.tlp,
                organisation: letter.organisation,
                title: letter.title,
                text: letter.text,
                standing: try standing(t, record),
                state: state,
                readAt: try row.optionalTime(6),
                actingAt: try row.optionalTime(7),
                doneAt: try row.optionalTime(8)
            )
        )
    }

    /// The end of the chain decides, not the next in it.
    static func standing(_ t: Transaction, _ record: NoticeRecord) throws -> NoticeStanding {
        if record.kind == .withdrawal { return .withdrawal }
        var last: NoticeLink?
        var row = record.row
        while let next = try t.first(NoticesSchema.latest, [.integer(row)]) {
            guard let kind = NoticeKind(rawValue: try next.int64(2)) else { throw DamagedNotice(what: "kind") }
            row = try next.int64(0)
            last = NoticeLink(id: try next.text(1), kind: kind, at: try next.time(3))
        }
        guard let last else { return .current }
        return last.kind == .withdrawal ? .withdrawn(last) : .corrected(last)
    }
}
