// SPDX-License-Identifier: EUPL-1.2

public import Accounts
import Audit
import Database
import JSON
import SBOM
import Time

extension Notices {
    /// Sends a recipient its letter anew after all ways to it had failed, or when there was none: somebody has entered another contact.
    ///
    /// The letter gets another link; the one that nobody is known to have received leads nowhere from then on.
    ///
    /// - Parameters:
    ///   - id: the notice; one that holds.
    ///   - organisation: name of the recipient.
    ///   - actor: an operator.
    /// - Throws: ``NoticesError/conflict(_:)`` where a letter was taken or is on its way, or where there is still no way.
    public func sendAgain(_ id: String, to organisation: String, by actor: Account) async throws {
        let now = clock.now()
        let token = NoticeToken.random()
        try await database.write { t in
            let actor = try self.operating(t, actor, at: now)
            guard let found = try t.first(NoticesSchema.notice, [.text(id)]),
                let row = try t.first(NoticesSchema.recipient, [.text(id), .text(organisation)])
            else { throw Self.unknownNotice(id) }
            let record = try NoticeRecord(found, 0)
            if let row = try t.first(NoticesSchema.latest, [.integer(record.row)]) {
                throw NoticesError.conflict("notice \(id) was followed by \(try row.text(1)); look at that one")
            }
            let recipient = try row.int64(0)
            for delivery in try t.query(NoticesSchema.deliveries, [.integer(recipient)]) {
                switch NoticeDelivery.State(rawValue: try delivery.int64(3)) {
                case .rejected, .givenUp: break
                default: throw NoticesError.conflict("\(organisation) was told, or a letter to it is on its way")
                }
            }
            var settings = self.settings
            // Letters are written with the letterhead of their notice; where that has no sender, there is no mail.
            if record.letterhead.from == nil { settings.from = nil }
            guard let known = try t.first(NoticesSchema.organisation, [.integer(row.int64(1))]) else {
                throw Self.unknownRecipient(organisation)
            }
            let (channels, unreachable) = try NoticeOrganisation(known).channels(t, settings)
            if let unreachable {
                throw NoticesError.conflict("\(organisation) cannot be reached: \(unreachable.reason.en)")
            }
            try t.execute(NoticesSchema.renewToken, [.blob(NoticeToken.hash(token)), .integer(recipient)])
            try self.queue(t, recipient, channels, token, at: now)
            try AuditLog.append(
                t,
                actor: actor.name,
                action: "notices.sendAgain",
                subject: "notice:" + id,
                detail: ["organisation": .string(organisation)],
                at: now
            )
        }
    }
}
