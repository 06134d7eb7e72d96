// SPDX-License-Identifier: EUPL-1.2

public import Accounts
import Database
import JSON
public import SBOM
public import Time

/// A notice as lists show it.
public struct NoticeSummary: Sendable {
    /// Its place in the list, for the next page.
    public let position: Int64
    /// Its public id.
    public let id: String
    /// What it is.
    public let kind: NoticeKind
    /// What was asked.
    public let question: String
    /// What was said to all.
    public let content: NoticeContent
    /// Why it was corrected or withdrawn; nil for a first notice.
    public let reason: LocalizedText?
    /// The advisories that it rests on.
    public let snapshot: String?
    /// Affected images when it was sent.
    public let images: Int
    /// Pulls of which nobody could tell whose they were.
    public let pullsOfNobody: Int64
    /// When it was sent.
    public let sentAt: Timestamp
    /// Who sent it.
    public let sentBy: String
    /// The notice that it corrects or withdraws.
    public let follows: String?
    /// Whether it holds.
    public let standing: NoticeStanding
    /// Recipients.
    public let recipients: Int
    /// Recipients that cannot be reached.
    public let unreachable: Int
    /// Recipients by their answer.
    public let answers: [NoticeState: Int]
}

/// Who answered what, and what became of the letters.
public struct NoticeOverview: Sendable {
    /// What was sent.
    public let summary: NoticeSummary
    /// A page of recipients, by name.
    public let recipients: [NoticeRecipient]
    /// Name of the last recipient of this page; nil at the end.
    public let next: String?
}

/// A recipient of a sent notice.
public struct NoticeRecipient: Sendable {
    /// Name of the organisation.
    public let organisation: String
    /// Its name for people.
    public let title: String
    /// Why it was told.
    public let reasons: NoticeReasons
    /// Why it could not be told; nil where it could.
    public let unreachable: NoticeUnreachable?
    /// Its answer.
    public let state: NoticeState
    /// When it was said to be read.
    public let readAt: Timestamp?
    /// When it was said that somebody acts.
    public let actingAt: Timestamp?
    /// When it was said to be done.
    public let doneAt: Timestamp?
    /// Its letters.
    public let deliveries: [NoticeDelivery]
}

/// A letter on its way.
public struct NoticeDelivery: Sendable {
    /// What became of it so far.
    public enum State: Int64, Sendable, Hashable, CaseIterable {
        /// It waits for its time.
        case queued = 0
        /// It is being sent now.
        case sending = 1
        /// The other side has taken it.
        case sent = 2
        /// The other side will never take it.
        case rejected = 3
        /// It was tried for as long as is tried.
        case givenUp = 4
        /// A later notice took its place before it was sent.
        case superseded = 5

        /// The state in English, for JSON.
        public var name: String {
            switch self {
            case .queued: "queued"
            case .sending: "sending"
            case .sent: "sent"
            case .rejected: "rejected"
            case .givenUp: "givenUp"
            case .superseded: "superseded"
            }
        }
    }

    /// How it goes.
    public let channel: NoticeChannel
    /// Message-ID or webhook-id: the same for every attempt.
    public let messageID: String
    /// What became of it.
    public let state: State
    /// Attempts so far, one that is under way included.
    public let attempts: Int
    /// When it was queued.
    public let createdAt: Timestamp
    /// When it is tried next; nil when it is not.
    public let nextAt: Timestamp?
    /// When its state last changed.
    public let changedAt: Timestamp
    /// Why the last attempt failed.
    public let problem: String?
}

extension Notices {
    /// A page of notices, newest first.
    ///
    /// - Parameters:
    ///   - before: ``NoticeSummary/position`` of the last one of the page before; nil from the newest.
    ///   - limit: notices of a page, at most 100.
    ///   - actor: an operator or an auditor.
    public func list(before: Int64? = nil, limit: Int = 20, by actor: Account) async throws -> [NoticeSummary] {
        try await look(actor)
        let values: [SQLValue] = [.integer(before ?? .max), .integer(min(max(limit, 1), 100))]
        return try await database.read { t in
            try t.query(NoticesSchema.page, values).map { try Self.summary(t, NoticeRecord($0, 0)) }
        }
    }

    /// A notice, with who answered what.
    ///
    /// - Parameters:
    ///   - id: its public id.
    ///   - after: ``NoticeOverview/next`` of the page before; empty from the start.
    ///   - limit: recipients of a page, at most 1 000.
    ///   - actor: an operator or an auditor.
    public func notice(
        _ id: String,
        after: String = "",
        limit: Int = 1_000,
        by actor: Account
    ) async throws -> NoticeOverview {
        try await look(actor)
        let limit = min(max(limit, 1), 1_000)
        return try await database.read { t in
            guard let row = try t.first(NoticesSchema.notice, [.text(id)]) else { throw Self.unknownNotice(id) }
            let record = try NoticeRecord(row, 0)
            let rows = try t.query(NoticesSchema.recipients, [.integer(record.row), .text(after), .integer(limit)])
            let recipients = try rows.map { try Self.recipient(t, $0) }
            return NoticeOverview(
                summary: try Self.summary(t, record),
                recipients: recipients,
                next: rows.count == limit ? recipients.last?.organisation : nil
            )
        }
    }

    /// What one recipient was told about itself.
    public func evidence(
        of organisation: String,
        in id: String,
        by actor: Account
    ) async throws -> NoticeEvidence {
        try await look(actor)
        let text = try await database.lookUp { t in
            try t.first(NoticesSchema.evidence, [.text(id), .text(organisation)])?.text(0)
        }
        guard let text else { throw Self.unknownNotice(id) }
        return try NoticeEvidence(json: JSONFields(JSONValue(parsing: text)))
    }

    func record(_ id: String) async throws -> NoticeRecord? {
        try await database.lookUp { t in
            try t.first(NoticesSchema.notice, [.text(id)]).map { try NoticeRecord($0, 0) }
        }
    }

    private static func summary(_ t: Transaction, _ record: NoticeRecord) throws -> NoticeSummary {
        guard let counts = try t.first(NoticesSchema.counts, [.integer(record.row)]) else {
            throw DamagedNotice(what: "number of recipients")
        }
        let (all, read, acting, done) = try (counts.int(0), counts.int(2), counts.int(3), counts.int(4))
        return NoticeSummary(
            position: record.row,
            id: record.id,
            kind: record.kind,
            question: record.question,
            content: record.content,
            reason: record.reason,
            snapshot: record.snapshot,
            images: record.images,
            pullsOfNobody: record.pullsOfNobody,
            sentAt: record.sentAt,
            sentBy: record.sentBy,
            follows: record.follows?.id,
            standing: try standing(t, record),
            recipients: all,
            unreachable: try counts.int(1),
            answers: [.none: all - read - acting - done, .read: read, .acting: acting, .done: done]
        )
    }

    private static func recipient(_ t: Transaction, _ row: Row) throws -> NoticeRecipient {
        guard let state = NoticeState(rawValue: try row.int64(5)) else { throw DamagedNotice(what: "answer") }
        return NoticeRecipient(
            organisation: try row.text(1),
            title: try row.text(2),
            reasons: NoticeReasons(rawValue: try row.int64(3)),
            unreachable: try row.optionalText(4).flatMap { NoticeUnreachable(rawValue: $0) },
            state: state,
            readAt: try row.optionalTime(6),
            actingAt: try row.optionalTime(7),
            doneAt: try row.optionalTime(8),
            deliveries: try t.query(NoticesSchema.deliveries, [.integer(row.int64(0))]).map(delivery)
        )
    }

    private static func delivery(_ row: Row) throws -> NoticeDelivery {
        guard let state = NoticeDelivery.State(rawValue: try row.int64(3)) else {
            throw DamagedNotice(what: "state of a delivery")
        }
        return NoticeDelivery(
            channel: try NoticeChannel(number: row.int64(0), address: row.text(1)),
            messageID: try row.text(2),
            state: state,
            attempts: try row.int(4),
            createdAt: try row.time(5),
            nextAt: state == .queued ? try row.time(6) : nil,
            changedAt: try row.time(7),
            problem: try row.optionalText(8)
        )
    }
}
