// SPDX-License-Identifier: EUPL-1.2

public import Database

/// Tables and statements of the notices.
///
/// Organisations are named by row and by name, without a foreign key: what was said to whom outlives what the accounts know.
public enum NoticesSchema {
    /// Tables.
    ///
    /// `notices.kind`: 1 notice, 2 correction, 3 withdrawal. `notice_recipients.state`: 0 none, 1 read, 2 acting, 3 done.
    /// `notice_deliveries.channel`: 1 mail, 2 webhook; `.state`: 0 queued, 1 sending, 2 sent, 3 rejected, 4 given up, 5 superseded;
    /// `.token` is there as long as something may still be sent.
    public static let migrations = [
        Migration(
            id: "notices-0001-first",
            sql: [
                """
                CREATE TABLE notices (
                    id INTEGER PRIMARY KEY,
                    public_id TEXT NOT NULL UNIQUE,
                    request TEXT UNIQUE,
                    kind INTEGER NOT NULL,
                    follows_id INTEGER UNIQUE REFERENCES notices (id),
                    question TEXT NOT NULL,
                    content TEXT NOT NULL,
                    snapshot TEXT,
                    images INTEGER NOT NULL,
                    pulls_of_nobody INTEGER NOT NULL,
                    letterhead TEXT NOT NULL,
                    sent_at INTEGER NOT NULL,
                    sent_by TEXT NOT NULL
                ) STRICT
                """,
                """
                CREATE TABLE notice_recipients (
                    id INTEGER PRIMARY KEY,
                    notice_id INTEGER NOT NULL REFERENCES notices (id),
                    organisation_id INTEGER NOT NULL,
                    organisation TEXT NOT NULL,
                    title TEXT NOT NULL,
                    reasons INTEGER NOT NULL,
                    evidence TEXT NOT NULL,
                    token_hash BLOB NOT NULL UNIQUE,
                    unreachable TEXT,
                    state INTEGER NOT NULL,
                    read_at INTEGER,
                    acting_at INTEGER,
                    done_at INTEGER,
                    UNIQUE (notice_id, organisation_id)
                ) STRICT
                """,
                "CREATE INDEX notice_recipients_by_name ON notice_recipients (notice_id, organisation)",
                """
                CREATE TABLE notice_deliveries (
                    id INTEGER PRIMARY KEY,
                    recipient_id INTEGER NOT NULL REFERENCES notice_recipients (id),
                    channel INTEGER NOT NULL,
                    address TEXT NOT NULL,
                    message_id TEXT NOT NULL UNIQUE,
                    token TEXT,
                    state INTEGER NOT NULL,
                    attempts INTEGER NOT NULL,
                    created_at INTEGER NOT NULL,
                    next_at INTEGER NOT NULL,
                    changed_at INTEGER NOT NULL,
                    problem TEXT
                ) STRICT
                """,
                "CREATE INDEX notice_deliveries_due ON notice_deliveries (channel, state, next_at, id)",
                "CREATE INDEX notice_deliveries_by_recipient ON notice_deliveries (recipient_id, id)",
                """
                CREATE TABLE notice_webhooks (
                    id INTEGER PRIMARY KEY,
                    organisation_id INTEGER NOT NULL,
                    url TEXT NOT NULL,
                    secret TEXT NOT NULL,
                    created_at INTEGER NOT NULL,
                    created_by TEXT NOT NULL,
                    gone_at INTEGER,
                    UNIQUE (organisation_id, url)
                ) STRICT
                """,
            ]
        )
    ]

    /// Every statement, for the test that explains them.
    public static let statements =
        [
            organisation, organisationNamed, providers, customers, pulls, serviceAccount,
            insertNotice, insertRecipient, insertDelivery, requested, latest, notice, page, counts,
            recipients, deliveries, formerRecipients, formerAddresses, evidence,
            supersede, recipient, renewToken, answer, setAnswer,
            webhooks, putWebhook, removeWebhook, webhookGone,
        ] + outbox

    // MARK: - Who is affected

    private static let organisationColumns = "id, name, title, security_contact, deputy_contact"

    static let organisation = Statement(
        "notices.organisation",
        "SELECT \(organisationColumns) FROM organisations WHERE id = ?"
    )

    static let organisationNamed = Statement(
        "notices.organisationNamed",
        "SELECT \(organisationColumns) FROM organisations WHERE name = ?"
    )

    static let providers = Statement(
        "notices.providers",
        """
        SELECT o.id, o.name, o.title FROM organisation_relations r JOIN organisations o ON o.id = r.provider_id
        WHERE r.customer_id = ? ORDER BY r.provider_id
        """
    )

    static let customers = Statement(
        "notices.customers",
        """
        SELECT o.id, o.name, o.title FROM organisation_relations r JOIN organisations o ON o.id = r.customer_id
        WHERE r.provider_id = ? ORDER BY r.customer_id
        """
    )

    /// All pullers of an image, a page at a time: an image that everybody has is the very one that must leave out nobody.
    static let pulls = Statement(
        "notices.pulls",
        """
        SELECT puller_kind, puller_id, first_at, last_at, count FROM pulls
        WHERE repository = ? AND digest = ? AND algorithm = ? AND (puller_kind, puller_id) > (?, ?)
        ORDER BY puller_kind, puller_id LIMIT 1000
        """
    )

    static let serviceAccount = Statement(
        "notices.serviceAccount",
        """
        SELECT a.organisation_id, n.organisation_id FROM accounts a LEFT JOIN namespaces n ON n.id = a.namespace_id
        WHERE a.id = ?
        """
    )

    // MARK: - Sending

    static let insertNotice = Statement(
        "notices.insert",
        """
        INSERT INTO notices (public_id, request, kind, follows_id, question, content, snapshot, images, pulls_of_nobody,
            letterhead, sent_at, sent_by)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id
        """
    )

    static let insertRecipient = Statement(
        "notices.insertRecipient",
        """
        INSERT INTO notice_recipients (notice_id, organisation_id, organisation, title, reasons, evidence, token_hash, unreachable,
            state)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0) RETURNING id
        """
    )

    static let insertDelivery = Statement(
        "notices.insertDelivery",
        """
        INSERT INTO notice_deliveries (recipient_id, channel, address, message_id, token, state, attempts, created_at, next_at,
            changed_at)
        VALUES (?, ?, ?, ?, ?, 0, 0, ?, ?, ?)
        """
    )

    static let requested = Statement("notices.requested", "SELECT public_id FROM notices WHERE request = ?")

    static let latest = Statement(
        "notices.latest",
        "SELECT id, public_id, kind, sent_at FROM notices WHERE follows_id = ?"
    )

    static let formerRecipients = Statement(
        "notices.formerRecipients",
        """
        SELECT id, organisation_id, organisation, title, reasons, evidence FROM notice_recipients
        WHERE notice_id = ? AND organisation > ? ORDER BY organisation LIMIT 100
        """
    )

    static let formerAddresses = Statement(
        "notices.formerAddresses",
        "SELECT channel, address FROM notice_deliveries WHERE recipient_id = ? ORDER BY id"
    )

    static let supersede = Statement(
        "notices.supersede",
        """
        UPDATE notice_deliveries SET state = 5, token = NULL, changed_at = ?
        WHERE state = 0 AND recipient_id IN (SELECT id FROM notice_recipients WHERE notice_id = ?)
        """
    )

    static let recipient = Statement(
        "notices.recipient",
        """
        SELECT r.id, r.organisation_id FROM notices n JOIN notice_recipients r ON r.notice_id = n.id
        WHERE n.public_id = ? AND r.organisation = ?
        """
    )

    static let renewToken = Statement(
        "notices.renewToken",
        "UPDATE notice_recipients SET token_hash = ?, unreachable = NULL WHERE id = ?"
    )

    // MARK: - Reading

    private static let noticeColumns = """
        n.id, n.public_id, n.kind, n.question, n.content, n.snapshot, n.images, n.pulls_of_nobody, n.letterhead, n.sent_at, n.sent_by,
            f.public_id, f.sent_at
        """

    static let notice = Statement(
        "notices.notice",
        "SELECT \(noticeColumns) FROM notices n LEFT JOIN notices f ON f.id = n.follows_id WHERE n.public_id = ?"
    )

    static let page = Statement(
        "notices.page",
        """
        SELECT \(noticeColumns) FROM notices n LEFT JOIN notices f ON f.id = n.follows_id WHERE n.id < ? ORDER BY n.id DESC LIMIT ?
        """
    )

    static let counts = Statement(
        "notices.counts",
        """
        SELECT COUNT(id), COUNT(unreachable), COUNT(CASE WHEN state = 1 THEN 1 END), COUNT(CASE WHEN state = 2 THEN 1 END),
            COUNT(CASE WHEN state = 3 THEN 1 END)
        FROM notice_recipients WHERE notice_id = ?
        """
    )

    static let recipients = Statement(
        "notices.recipients",
        """
        SELECT id, organisation, title, reasons, unreachable, state, read_at, acting_at, done_at FROM notice_recipients
        WHERE notice_id = ? AND organisation > ? ORDER BY organisation LIMIT ?
        """
    )

    static let deliveries = Statement(
        "notices.deliveries",
        """
        SELECT channel, address, message_id, state, attempts, created_at, next_at, changed_at, problem FROM notice_deliveries
        WHERE recipient_id = ? ORDER BY id
        """
    )

    static let evidence = Statement(
        "notices.evidence",
        """
        SELECT r.evidence, r.title, r.reasons FROM notices n JOIN notice_recipients r ON r.notice_id = n.id
        WHERE n.public_id = ? AND r.organisation = ?
        """
    )

    // MARK: - Answers

    static let answer = Statement(
        "notices.answer",
        """
        SELECT r.id, r.organisation, r.title, r.reasons, r.evidence, r.state, r.read_at, r.acting_at, r.done_at, \(noticeColumns)
        FROM notice_recipients r JOIN notices n ON n.id = r.notice_id LEFT JOIN notices f ON f.id = n.follows_id
        WHERE r.token_hash = ?
        """
    )

    /// Only forward: who sent an older form later must not take back what was said since.
    static let setAnswer = Statement(
        "notices.setAnswer",
        """
        UPDATE notice_recipients SET state = ?, read_at = ?, acting_at = ?, done_at = ? WHERE id = ? AND state < ?
        """
    )

    // MARK: - Webhooks

    static let webhooks = Statement(
        "notices.webhooks",
        "SELECT id, url, created_at, created_by, gone_at FROM notice_webhooks WHERE organisation_id = ? ORDER BY url LIMIT 100"
    )

    static let putWebhook = Statement(
        "notices.putWebhook",
        """
        INSERT INTO notice_webhooks (organisation_id, url, secret, created_at, created_by) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (organisation_id, url) DO UPDATE SET secret = excluded.secret, created_at = excluded.created_at,
            created_by = excluded.created_by, gone_at = NULL
        """
    )

    static let removeWebhook = Statement(
        "notices.removeWebhook",
        "DELETE FROM notice_webhooks WHERE organisation_id = ? AND url = ?"
    )

    static let webhookGone = Statement(
        "notices.webhookGone",
        "UPDATE notice_webhooks SET gone_at = ? WHERE organisation_id = ? AND url = ? AND gone_at IS NULL"
    )
}
