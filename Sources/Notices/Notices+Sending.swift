// SPDX-License-Identifier: EUPL-1.2

public import Accounts
import Audit
import Database
import JSON
import Mail
public import SBOM
import Situation
import Time

/// A recipient on the way into the database, with its secrets, which are made before the transaction: that may run more than once.
private struct Addressee: Sendable {
    let organisationID: Int64
    let name: String
    let title: String
    let reasons: NoticeReasons
    let evidence: String
    let token = NoticeToken.random()
    /// Addresses of the former notice, for when there is no other any more.
    var former: [NoticeChannel] = []
}

extension Notices {
    /// Most recipients of a notice.
    public static let maximumRecipients = 10_000

    /// Sends a notice: notice, recipients, deliveries and audit event are there together or not at all.
    ///
    /// Who cannot be reached and was chosen is a recipient all the same, and stands on the page as such.
    ///
    /// - Parameters:
    ///   - draft: what the choice was made from.
    ///   - content: what is said to all.
    ///   - organisations: names of those chosen.
    ///   - request: a name of this request, such as a form's; sent again it gives the notice that is there.
    ///   - actor: an operator.
    /// - Returns: the notice's public id.
    @discardableResult
    public func send(
        _ draft: NoticeDraft,
        _ content: NoticeContent,
        to organisations: Set<String>,
        request: String? = nil,
        by actor: Account
    ) async throws -> String {
        let content = try content.checked()
        guard !organisations.isEmpty else { throw NoticesError.invalid("choose at least one recipient") }
        guard organisations.count <= Self.maximumRecipients else {
            throw NoticesError.invalid("a notice has at most \(Self.maximumRecipients) recipients; send two")
        }
        let chosen = draft.recipients.filter { organisations.contains($0.name) }
        if chosen.count < organisations.count {
            let known = Set(chosen.map(\.name))
            throw Self.unknownRecipient(organisations.filter { !known.contains($0) }.min() ?? "")
        }
        let addressees = chosen.map { recipient in
            Addressee(
                organisationID: recipient.organisationID,
                name: recipient.name,
                title: recipient.title,
                reasons: recipient.reasons,
                evidence: recipient.evidence.json.text(.compact)
            )
        }
        let record = record(
            .notice,
            question: draft.question.text,
            content: content,
            snapshot: draft.snapshot,
            images: draft.images,
            pullsOfNobody: draft.pullsOfNobody
        )
        return try await database.write { t in
            let actor = try self.operating(t, actor, at: record.sentAt)
            if let id = try self.requested(t, request) { return id }
            try self.write(t, record, follows: nil, request, addressees, by: actor)
            return record.id
        }
    }

    /// Sends a new version to exactly those who got the former one, with their evidence of then.
    ///
    /// What was not sent yet of the former version is not sent any more.
    ///
    /// - Parameters:
    ///   - id: the notice, or its latest correction.
    ///   - content: the new version.
    ///   - reason: what has changed.
    ///   - request: as for ``send(_:_:to:request:by:)``.
    ///   - actor: an operator.
    /// - Returns: the correction's public id.
    @discardableResult
    public func correct(
        _ id: String,
        with content: NoticeContent,
        reason: LocalizedText,
        request: String? = nil,
        by actor: Account
    ) async throws -> String {
        try await follow(id, .correction, content.checked(), reason, request, by: actor)
    }

    /// Says to exactly those who got a notice that it no longer holds.
    ///
    /// - Parameters:
    ///   - id: the notice, or its latest correction.
    ///   - reason: why.
    ///   - request: as for ``send(_:_:to:request:by:)``.
    ///   - actor: an operator.
    /// - Returns: the withdrawal's public id.
    @discardableResult
    public func withdraw(
        _ id: String,
        reason: LocalizedText,
        request: String? = nil,
        by actor: Account
    ) async throws -> String {
        try await follow(id, .withdrawal, nil, reason, request, by: actor)
    }

    private func follow(
        _ id: String,
        _ kind: NoticeKind,
        _ content: NoticeContent?,
        _ reason: LocalizedText,
        _ request: String?,
        by actor: Account
    ) async throws -> String {
        let reason = try NoticeContent.checked(reason, "the reason")
        guard let former = try await record(id) else { throw Self.unknownNotice(id) }
        // Recipients of a notice are never changed, so they can be read before; tokens are made before the transaction.
        let addressees = try await self.addressees(of: former)
        let record = record(
            kind,
            question: former.question,
            content: content ?? former.content,
            reason: reason,
            snapshot: former.snapshot,
            images: former.images,
            pullsOfNobody: former.pullsOfNobody
        )
        return try await database.write { t in
            let actor = try self.operating(t, actor, at: record.sentAt)
            if let id = try self.requested(t, request) { return id }
            guard former.kind != .withdrawal else {
                throw NoticesError.conflict("\(former.id) is a withdrawal; what holds now is a new notice")
            }
            if let row = try t.first(NoticesSchema.latest, [.integer(former.row)]) {
                throw NoticesError.conflict(
                    "notice \(former.id) was followed by \(try row.text(1)) meanwhile; look at that one"
                )
            }
            try self.write(t, record, follows: former, request, addressees, by: actor)
            try t.execute(NoticesSchema.supersede, [.time(record.sentAt), .integer(former.row)])
            return record.id
        }
    }

    private func requested(_ t: Transaction, _ request: String?) throws -> String? {
        guard let request else { return nil }
        guard (8...200).contains(request.utf8.count), !request.utf8.contains(0) else {
            throw NoticesError.invalid("the name of a request has 8 to 200 bytes")
        }
        return try t.first(NoticesSchema.requested, [.text(request)])?.text(0)
    }

    private func record(
        _ kind: NoticeKind,
        question: String,
        content: NoticeContent,
        reason: LocalizedText? = nil,
        snapshot: String?,
        images: Int,
        pullsOfNobody: Int64
    ) -> NoticeRecord {
        NoticeRecord(
            row: 0,
            id: NoticeToken.identifier(),
            kind: kind,
            question: question,
            content: content,
            reason: reason,
            snapshot: snapshot,
            images: images,
            pullsOfNobody: pullsOfNobody,
            letterhead: NoticeRecord.Letterhead(settings),
            sentAt: clock.now(),
            sentBy: "",
            follows: nil
        )
    }

    private func write(
        _ t: Transaction,
        _ record: NoticeRecord,
        follows: NoticeRecord?,
        _ request: String?,
        _ addressees: [Addressee],
        by actor: Account
    ) throws {
        let values: [SQLValue] = [
            .text(record.id), .optional(request), .integer(record.kind.rawValue),
            .optional(follows?.row), .text(record.question), .text(record.contentJSON.text(.compact)),
            .optional(record.snapshot), .integer(record.images), .integer(record.pullsOfNobody),
            .text(record.letterhead.json.text(.compact)), .time(record.sentAt), .text(actor.name),
        ]
        guard let notice = try t.first(NoticesSchema.insertNotice, values)?.int64(0) else {
            // On a database with several writers, another one was between the read and the write.
            throw NoticesError.conflict("the same was sent at this moment by somebody else; look at the list")
        }
        var unreachable: [String] = []
        for addressee in addressees {
            let (channels, reason) = try channels(t, addressee)
            if reason != nil { unreachable.append(addressee.name) }
            let recipient: [SQLValue] = [
                .integer(notice), .integer(addressee.organisationID), .text(addressee.name), .text(addressee.title),
                .integer(addressee.reasons.rawValue), .text(addressee.evidence),
                .blob(NoticeToken.hash(addressee.token)), .optional(reason?.rawValue),
            ]
            guard let row = try t.first(NoticesSchema.insertRecipient, recipient)?.int64(0) else {
                throw DamagedNotice(what: "recipient")
            }
            try queue(t, row, channels, addressee.token, at: record.sentAt)
        }
        try AuditLog.append(
            t,
            actor: actor.name,
            action: record.kind.auditAction,
            subject: "notice:" + record.id,
            detail: [
                "question": .string(record.question), "tlp": .string(record.content.tlp.rawValue),
                "follows": .optional(follows?.id), "organisations": .strings(addressees.map(\.name)),
                "unreachable": .strings(unreachable),
            ],
            at: record.sentAt
        )
    }

    func queue(
        _ t: Transaction,
        _ recipient: Int64,
        _ channels: [NoticeChannel],
        _ token: String,
        at now: Timestamp
    ) throws {
        for channel in channels {
            try t.execute(
                NoticesSchema.insertDelivery,
                [
                    .integer(recipient), .integer(channel.number), .text(channel.address), .text(messageID(channel)),
                    .text(token), .time(now), .time(now), .time(now),
                ]
            )
        }
    }

    /// As things are in the moment of sending; a former recipient that has lost its contact is told where it was told before.
    private func channels(
        _ t: Transaction,
        _ addressee: Addressee
    ) throws -> (channels: [NoticeChannel], unreachable: NoticeUnreachable?) {
        var found: (channels: [NoticeChannel], unreachable: NoticeUnreachable?) = ([], .noContact)
        if let row = try t.first(NoticesSchema.organisation, [.integer(addressee.organisationID)]) {
            found = try NoticeOrganisation(row).channels(t, settings)
        }
        guard found.channels.isEmpty, settings.from != nil else { return found }
        let former = addressee.former.filter { if case .mail = $0 { true } else { false } }
        return former.isEmpty ? found : (former, nil)
    }

    /// Fixed here, so that every attempt is the same message.
    private func messageID(_ channel: NoticeChannel) -> String {
        switch channel {
        case .mail: "\(NoticeToken.identifier()).notice@\(settings.from?.domain ?? "invalid")"
        case .webhook: "ntc_" + NoticeToken.identifier()
        }
    }

    private func addressees(of former: NoticeRecord) async throws -> [Addressee] {
        var addressees: [Addressee] = []
        var position = ""
        while true {
            let after = position
            let page = try await database.read { t in
                try t.query(NoticesSchema.formerRecipients, [.integer(former.row), .text(after)]).map { row in
                    Addressee(
                        organisationID: try row.int64(1),
                        name: try row.text(2),
                        title: try row.text(3),
                        reasons: NoticeReasons(rawValue: try row.int64(4)),
                        evidence: try row.text(5),
                        former: try t.query(NoticesSchema.formerAddresses, [.integer(row.int64(0))]).map {
                            try NoticeChannel(number: $0.int64(0), address: $0.text(1))
                        }
                    )
                }
            }
            addressees += page
            guard let last = page.last, page.count == 100 else { return addressees }
            position = last.name
        }
    }
}

extension NoticeKind {
    var auditAction: String {
        switch self {
        case .notice: "notices.send"
        case .correction: "notices.correct"
        case .withdrawal: "notices.withdraw"
        }
    }
}
