// SPDX-License-Identifier: EUPL-1.2

import Database
import Mail
import Webhooks

/// What the accounts know about an organisation, read from their tables.
struct NoticeOrganisation: Sendable {
    let id: Int64
    let name: String
    let title: String
    let contacts: [String]

    /// From the columns of ``NoticesSchema/organisation``.
    init(_ row: Row) throws {
        id = try row.int64(0)
        name = try row.text(1)
        title = try row.text(2)
        contacts = try [row.optionalText(3), row.optionalText(4)].compactMap { $0 }
    }

    /// How it can be told now; empty with a reason where it cannot.
    func channels(
        _ t: Transaction,
        _ settings: NoticeSettings
    ) throws -> (channels: [NoticeChannel], unreachable: NoticeUnreachable?) {
        var channels: [NoticeChannel] = []
        // The deputy where the first address is missing or is none; when nobody answers there, a person decides.
        let address = contacts.lazy.compactMap { try? MailAddress(parsing: $0) }.first
        if let address, settings.from != nil { channels.append(.mail(address.description)) }
        if settings.webhookRules != nil {
            for row in try t.query(NoticesSchema.webhooks, [.integer(id)]) where try row.optionalTime(4) == nil {
                channels.append(.webhook(try row.text(1)))
            }
        }
        guard channels.isEmpty else { return (channels, nil) }
        if address != nil { return ([], .noMail) }
        return ([], contacts.isEmpty ? .noContact : .invalidContact)
    }
}
