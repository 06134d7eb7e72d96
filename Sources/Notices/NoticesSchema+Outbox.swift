// SPDX-License-Identifier: EUPL-1.2

import Database

extension NoticesSchema {
    static let outbox = [claim, claimed, secret, finish, recover, nextDue]

    /// The attempt is counted before the first byte goes out: a crash in the middle leaves a trace.
    static let claim = Statement(
        "notices.claim",
        """
        UPDATE notice_deliveries SET state = 1, attempts = attempts + 1, changed_at = ?
        WHERE id = (
            SELECT id FROM notice_deliveries WHERE channel = ? AND state = 0 AND next_at <= ? ORDER BY next_at, id LIMIT 1
        )
        RETURNING id, attempts
        """
    )

    static let claimed = Statement(
        "notices.claimed",
        """
        SELECT d.address, d.message_id, d.token, d.created_at, r.organisation_id, r.organisation, r.title, r.reasons,
            r.evidence, n.id, n.public_id, n.kind, n.question, n.content, n.snapshot, n.images, n.pulls_of_nobody, n.letterhead,
            n.sent_at, n.sent_by, f.public_id, f.sent_at
        FROM notice_deliveries d JOIN notice_recipients r ON r.id = d.recipient_id JOIN notices n ON n.id = r.notice_id
            LEFT JOIN notices f ON f.id = n.follows_id
        WHERE d.id = ?
        """
    )

    static let secret = Statement(
        "notices.secret",
        "SELECT secret FROM notice_webhooks WHERE organisation_id = ? AND url = ? AND gone_at IS NULL"
    )

    /// Only for the attempt that was made: a sender that was thought dead must not overwrite what happened since.
    static let finish = Statement(
        "notices.finish",
        """
        UPDATE notice_deliveries SET state = ?, token = ?, next_at = ?, changed_at = ?, problem = ?
        WHERE id = ? AND state = 1 AND attempts = ?
        """
    )

    /// What a dead process left half-sent is due again; what was so several times waits behind all others, for it may be the cause.
    static let recover = Statement(
        "notices.recover",
        """
        UPDATE notice_deliveries SET state = 0, changed_at = ?, next_at = CASE WHEN attempts <= 3 THEN CAST(? AS BIGINT) ELSE CAST(? AS BIGINT) END,
            problem = 'the node ended while this was being sent'
        WHERE channel = ? AND state = 1
        """
    )

    static let nextDue = Statement(
        "notices.nextDue",
        "SELECT next_at FROM notice_deliveries WHERE channel = ? AND state = 0 ORDER BY next_at LIMIT 1"
    )
}
