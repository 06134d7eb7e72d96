// SPDX-License-Identifier: EUPL-1.2

import Audit
package import Database
import JSON
package import Time
import Webhooks

/// The deliveries as a queue: what is due, who has it, what became of it.
package struct NoticeOutbox: Sendable {
    /// A delivery that one sender has.
    package struct Claim: Sendable {
        let delivery: Int64
        let channel: NoticeChannel
        let messageID: String
        package let attempts: Int64
        let createdAt: Timestamp
        let organisationID: Int64
        let token: String
        let letter: NoticeLetter
        /// Nil where the receiver was removed, or said that it is gone.
        let secret: String?
    }

    /// What became of an attempt.
    enum Outcome: Sendable {
        case sent
        case rejected(String, isGone: Bool)
        /// Not taken, or not known to be.
        case later(String, after: Duration?)
        /// This process is ending.
        case stopped
    }

    let database: Database
    let settings: NoticeSettings
    let clock: WallClock
    /// From 0 to 1; moves waits apart that began together.
    let jitter: @Sendable () -> Double

    package init(
        database: Database,
        settings: NoticeSettings,
        clock: WallClock,
        jitter: @escaping @Sendable () -> Double
    ) {
        self.database = database
        self.settings = settings
        self.clock = clock
        self.jitter = jitter
    }

    /// Makes what a dead sender left due again.
    ///
    /// - Precondition: no other sender works on this database.
    /// - Returns: how many there were.
    package func recover(_ channel: Int64) async throws -> Int {
        let now = clock.now()
        let later = now + settings.longestRetry
        return try await database.write { t in
            try t.execute(NoticesSchema.recover, [.time(now), .time(now), .time(later), .integer(channel)])
        }
    }

    /// The next delivery that is due, with its attempt counted; nil when none is.
    package func claim(_ channel: Int64) async throws -> Claim? {
        let now = clock.now()
        // An idle look costs no commit.
        let due = try await database.lookUp { try $0.first(NoticesSchema.nextDue, [.integer(channel)])?.time(0) }
        guard let due, due <= now else { return nil }
        return try await database.write { t in
            while let row = try t.first(NoticesSchema.claim, [.time(now), .integer(channel), .time(now)]) {
                let (id, attempts) = (try row.int64(0), try row.int64(1))
                let found: Claim
                do { found = try Self.read(t, id, channel, attempts) } catch let error where Self.isDamage(error) {
                    // One row that cannot be read must not hold up all that follow.
                    try Self.finish(t, id, attempts, .rejected, nil, next: now, at: now, "\(error)")
                    continue
                }
                // Recovered after a crash, while a later notice took its place: it must not arrive behind that one.
                if try t.first(NoticesSchema.latest, [.integer(found.letter.notice.row)]) != nil {
                    try Self.finish(t, id, attempts, .superseded, nil, next: now, at: now, nil)
                    continue
                }
                return found
            }
            return nil
        }
    }

    private static func read(_ t: Transaction, _ id: Int64, _ channel: Int64, _ attempts: Int64) throws -> Claim {
        guard let row = try t.first(NoticesSchema.claimed, [.integer(id)]) else {
            throw DamagedNotice(what: "delivery")
        }
        let channel = try NoticeChannel(number: channel, address: row.text(0))
        let organisation = try row.int64(4)
        let token = try row.text(2)
        var secret: String?
        if case .webhook(let url) = channel {
            secret = try t.first(NoticesSchema.secret, [.integer(organisation), .text(url)])?.text(0)
        }
        return Claim(
            delivery: id,
            channel: channel,
            messageID: try row.text(1),
            attempts: attempts,
            createdAt: try row.time(3),
            organisationID: organisation,
            token: token,
            letter: NoticeLetter(
                notice: try NoticeRecord(row, 9),
                organisation: try row.text(5),
                title: try row.text(6),
                reasons: NoticeReasons(rawValue: try row.int64(7)),
                evidence: try NoticeEvidence(json: JSONFields(JSONValue(parsing: row.text(8)))),
                token: token
            ),
            secret: secret
        )
    }

    /// Whether it is the row, and not the database.
    private static func isDamage(_ error: any Error) -> Bool {
        guard let error = error as? DatabaseError else { return true }
        return error.kind == .shape
    }

    /// Notes what became of an attempt.
    func finish(_ claim: Claim, _ outcome: Outcome) async throws {
        let now = clock.now()
        let wait = delay(after: claim.attempts)
        let deadline = claim.createdAt + settings.giveUpAfter
        let giveUpAfter = settings.giveUpAfter
        try await database.write { t in
            func end(_ state: NoticeDelivery.State, _ problem: String?) throws -> Bool {
                try Self.finish(t, claim.delivery, claim.attempts, state, nil, next: now, at: now, problem)
            }
            switch outcome {
            case .sent: _ = try end(.sent, nil)
            case .stopped:
                try Self.finish(
                    t,
                    claim.delivery,
                    claim.attempts,
                    .queued,
                    claim.token,
                    next: now,
                    at: now,
                    "the node was stopped while this was being sent"
                )
            case .rejected(let problem, let isGone):
                guard try end(.rejected, problem) else { return }
                if isGone {
                    try t.execute(
                        NoticesSchema.webhookGone,
                        [.time(now), .integer(claim.organisationID), .text(claim.channel.address)]
                    )
                }
                try Self.audit(t, claim, "notices.rejected", problem, at: now)
            case .later(let problem, let after):
                let next = now + max(wait, after ?? .zero)
                if next >= deadline {
                    let text = "given up after \(giveUpAfter.components.seconds / 3_600) hours: \(problem)"
                    guard try end(.givenUp, text) else { return }
                    try Self.audit(t, claim, "notices.givenUp", text, at: now)
                } else {
                    try Self.finish(
                        t,
                        claim.delivery,
                        claim.attempts,
                        .queued,
                        claim.token,
                        next: next,
                        at: now,
                        problem
                    )
                }
            }
        }
    }

    /// Doubles with each attempt up to a bound, and is up to a quarter shorter: many that failed together do not come back together.
    package func delay(after attempts: Int64) -> Duration {
        let doubled = settings.firstRetry * (1 << Int(min(max(attempts - 1, 0), 20)))
        return min(doubled, settings.longestRetry) * (1 - min(max(jitter(), 0), 1) / 4)
    }

    @discardableResult
    private static func finish(
        _ t: Transaction,
        _ delivery: Int64,
        _ attempts: Int64,
        _ state: NoticeDelivery.State,
        _ token: String?,
        next: Timestamp,
        at now: Timestamp,
        _ problem: String?
    ) throws -> Bool {
        // Words of the other side: bounded, and without what the database or a page would stumble over.
        let problem = problem.map { NoticeText.harmless($0.excerpt(500), lines: false) }
        return try t.execute(
            NoticesSchema.finish,
            [
                .integer(state.rawValue), .optional(token), .time(next), .time(now), .optional(problem),
                .integer(delivery), .integer(attempts),
            ]
        ) == 1
    }

    private static func audit(
        _ t: Transaction,
        _ claim: Claim,
        _ action: String,
        _ problem: String,
        at now: Timestamp
    ) throws {
        try AuditLog.append(
            t,
            actor: "node",
            action: action,
            subject: "notice:" + claim.letter.notice.id,
            detail: [
                "organisation": .string(claim.letter.organisation), "to": .string(claim.channel.place),
                "problem": .string(NoticeText.harmless(problem.excerpt(500), lines: false)),
            ],
            at: now
        )
    }
}
