// SPDX-License-Identifier: EUPL-1.2

public import Accounts
import Audit
import Database
import JSON
public import Time
public import Webhooks

/// A receiver of an organisation; its secret is shown once, when it is made.
public struct NoticeWebhook: Sendable, Hashable {
    /// The whole URL; it often holds a secret of the receiver.
    public let url: String
    /// Scheme, host and port: what a page may show.
    public let place: String
    /// When it was registered, or got its secret.
    public let createdAt: Timestamp
    /// By whom.
    public let createdBy: String
    /// When the receiver said that it is gone (410); it is not asked again until it is registered anew.
    public let goneAt: Timestamp?
}

extension Notices {
    /// Most receivers of an organisation.
    public static let maximumWebhooks = 10

    /// Registers a receiver for an organisation, or gives it another secret.
    ///
    /// - Parameters:
    ///   - organisation: its name.
    ///   - url: where to; checked against the rules now, and again with each delivery.
    ///   - secret: what both sides know; a new one when nil.
    ///   - actor: an operator.
    /// - Returns: the secret, for the receiver; it is not shown again.
    @discardableResult
    public func setWebhook(
        of organisation: String,
        to url: String,
        secret: WebhookSecret? = nil,
        by actor: Account
    ) async throws -> WebhookSecret {
        guard let rules = settings.webhookRules else {
            throw NoticesError.conflict("this node sends no webhooks; allow them in its settings")
        }
        let target = try WebhookURL(parsing: url, under: rules)
        let secret = secret ?? .random()
        let now = clock.now()
        try await database.write { t in
            let actor = try self.operating(t, actor, at: now)
            let id = try Self.organisation(t, organisation)
            let known = try t.query(NoticesSchema.webhooks, [.integer(id)]).map { try $0.text(1) }
            guard known.count < Self.maximumWebhooks || known.contains(target.text) else {
                throw NoticesError.conflict("\(organisation) has \(known.count) webhooks; remove one first")
            }
            try t.execute(
                NoticesSchema.putWebhook,
                [.integer(id), .text(target.text), .text(secret.text), .time(now), .text(actor.name)]
            )
            // The place alone: a path often holds a secret, and the log is exported.
            try AuditLog.append(
                t,
                actor: actor.name,
                action: "notices.setWebhook",
                subject: "organisation:" + organisation,
                detail: ["place": .string(target.description)],
                at: now
            )
        }
        return secret
    }

    /// Takes a receiver out; what is still queued for it is not sent.
    ///
    /// - Parameter url: as in ``NoticeWebhook/url``.
    public func removeWebhook(of organisation: String, _ url: String, by actor: Account) async throws {
        let now = clock.now()
        try await database.write { t in
            let actor = try self.operating(t, actor, at: now)
            let id = try Self.organisation(t, organisation)
            guard try t.execute(NoticesSchema.removeWebhook, [.integer(id), .text(url)]) == 1 else {
                throw NoticesError.unknown("\(organisation) has no such webhook")
            }
            try AuditLog.append(
                t,
                actor: actor.name,
                action: "notices.removeWebhook",
                subject: "organisation:" + organisation,
                detail: ["place": .string(NoticeChannel.webhook(url).place)],
                at: now
            )
        }
    }

    /// Receivers of an organisation, without their secrets.
    public func webhooks(of organisation: String, by actor: Account) async throws -> [NoticeWebhook] {
        try await look(actor)
        return try await database.read { t in
            let id = try Self.organisation(t, organisation)
            return try t.query(NoticesSchema.webhooks, [.integer(id)]).map { row in
                NoticeWebhook(
                    url: try row.text(1),
                    place: NoticeChannel.webhook(try row.text(1)).place,
                    createdAt: try row.time(2),
                    createdBy: try row.text(3),
                    goneAt: try row.optionalTime(4)
                )
            }
        }
    }

    private static func organisation(_ t: Transaction, _ name: String) throws -> Int64 {
        guard let row = try t.first(NoticesSchema.organisationNamed, [.text(name)]) else {
            throw NoticesError.unknown("there is no organisation \"\(name.excerpt(80))\"; an operator can make it")
        }
        return try row.int64(0)
    }
}

extension NoticeChannel {
    /// What a page or a log may show: the address, or scheme, host and port of a webhook.
    public var place: String {
        switch self {
        case .mail(let address): address
        case .webhook(let url):
            url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).prefix(3).joined(separator: "/")
        }
    }
}
