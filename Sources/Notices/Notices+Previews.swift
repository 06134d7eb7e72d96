// SPDX-License-Identifier: EUPL-1.2

public import Accounts
import Database
import JSON
public import SBOM
import Situation
import Time

/// What one organisation would read.
public struct NoticePreview: Sendable {
    /// Subject of the mail.
    public let subject: String
    /// Text of the mail.
    public let text: String
    /// The file beside the text, and the data of the webhook: JSON.
    public let attachment: String
    /// How it would be told.
    public let channels: [NoticeChannel]
    /// Why it cannot be told.
    public let unreachable: NoticeUnreachable?
}

extension Notices {
    /// Stands for what is made when a notice is sent.
    private static let unnamed = "…"

    /// What one organisation would read; identifier and link are completed when it is sent.
    public func preview(
        _ draft: NoticeDraft,
        _ content: NoticeContent,
        for organisation: String,
        by actor: Account
    ) async throws -> NoticePreview {
        try await look(actor)
        guard let recipient = draft.recipient(organisation) else { throw Self.unknownRecipient(organisation) }
        let record = NoticeRecord(
            row: 0,
            id: Self.unnamed,
            kind: .notice,
            question: draft.question.text,
            content: try content.checked(),
            reason: nil,
            snapshot: draft.snapshot,
            images: draft.images,
            pullsOfNobody: draft.pullsOfNobody,
            letterhead: NoticeRecord.Letterhead(settings),
            sentAt: clock.now(),
            sentBy: actor.name,
            follows: nil
        )
        let letter = NoticeLetter(
            notice: record,
            organisation: recipient.name,
            title: recipient.title,
            reasons: recipient.reasons,
            evidence: recipient.evidence,
            token: Self.unnamed
        )
        return NoticePreview(letter, recipient.channels, recipient.unreachable)
    }

    /// What a former recipient would read of a correction or a withdrawal.
    ///
    /// - Parameters:
    ///   - id: the notice that is followed.
    ///   - content: the new version; nil for a withdrawal.
    ///   - reason: what has changed, or why it no longer holds.
    ///   - organisation: name of a recipient.
    ///   - actor: an operator or an auditor.
    public func preview(
        following id: String,
        with content: NoticeContent?,
        reason: LocalizedText,
        for organisation: String,
        by actor: Account
    ) async throws -> NoticePreview {
        try await look(actor)
        guard let former = try await record(id) else { throw Self.unknownNotice(id) }
        let record = NoticeRecord(
            row: 0,
            id: Self.unnamed,
            kind: content == nil ? .withdrawal : .correction,
            question: former.question,
            content: try content?.checked() ?? former.content,
            reason: try NoticeContent.checked(reason, "the reason"),
            snapshot: former.snapshot,
            images: former.images,
            pullsOfNobody: former.pullsOfNobody,
            letterhead: NoticeRecord.Letterhead(settings),
            sentAt: clock.now(),
            sentBy: actor.name,
            follows: (former.id, former.sentAt)
        )
        return try await database.read { [settings] t in
            let names: [SQLValue] = [.text(id), .text(organisation)]
            guard let row = try t.first(NoticesSchema.evidence, names),
                let known = try t.first(NoticesSchema.organisationNamed, [.text(organisation)])
            else { throw Self.unknownRecipient(organisation) }
            let (channels, unreachable) = try NoticeOrganisation(known).channels(t, settings)
            let letter = NoticeLetter(
                notice: record,
                organisation: organisation,
                title: try row.text(1),
                reasons: NoticeReasons(rawValue: try row.int64(2)),
                evidence: try NoticeEvidence(json: JSONFields(JSONValue(parsing: row.text(0)))),
                token: Self.unnamed
            )
            return NoticePreview(letter, channels, unreachable)
        }
    }
}

extension NoticePreview {
    init(_ letter: NoticeLetter, _ channels: [NoticeChannel], _ unreachable: NoticeUnreachable?) {
        self.init(
            subject: letter.subject,
            text: letter.text,
            attachment: letter.json.text(.compact),
            channels: channels,
            unreachable: unreachable
        )
    }
}
