// SPDX-License-Identifier: EUPL-1.2

import Database

extension DirectorySchema {
    private static let useColumns = """
        u.id, u.subject, o.name, o.title, u.since, u.purpose, u.contact, u.created_at
        """

    static let useInForce = Statement(
        "directory.useInForce",
        """
        SELECT id FROM directory_uses WHERE subject = ? AND organisation = ? AND ended_at IS NULL LIMIT 1
        """
    )
    static let use = Statement(
        "directory.use",
        """
        SELECT \(useColumns) FROM directory_uses u JOIN organisations o ON o.id = u.organisation
        WHERE u.id = ? AND u.ended_at IS NULL
        """
    )
    static let addUse = Statement(
        "directory.addUse",
        """
        INSERT INTO directory_uses (subject, organisation, since, purpose, contact, created_at, created_by)
        VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id
        """
    )
    static let endUse = Statement(
        "directory.endUse",
        "UPDATE directory_uses SET ended_at = ?, ended_by = ? WHERE id = ? AND ended_at IS NULL"
    )
    static let usesOf = Statement(
        "directory.usesOf",
        """
        SELECT \(useColumns) FROM directory_uses u JOIN organisations o ON o.id = u.organisation
        WHERE u.subject = ? AND u.id > ? AND u.ended_at IS NULL ORDER BY u.id LIMIT ?
        """
    )
    static let reuse = Statement(
        "directory.reuse",
        """
        SELECT o.name, o.title, o.kind, u.since FROM directory_uses u JOIN organisations o ON o.id = u.organisation
        WHERE u.subject = ? AND u.ended_at IS NULL ORDER BY u.subject, u.id LIMIT ?
        """
    )
    static let usesBy = Statement(
        "directory.usesBy",
        """
        SELECT \(useColumns) FROM directory_uses u JOIN organisations o ON o.id = u.organisation
        WHERE u.organisation = ? AND u.id > ? AND u.ended_at IS NULL ORDER BY u.id LIMIT ?
        """
    )

    private static let replyColumns = """
        id, subject, digest, algorithm, level, disputes, text, author, created_at, revision, results_since
        """

    static let addReply = Statement(
        "directory.addReply",
        """
        INSERT INTO level_replies (subject, digest, algorithm, level, disputes, text, author, created_at, created_by,
            revision, results_since)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id
        """
    )
    static let reply = Statement(
        "directory.reply",
        "SELECT \(replyColumns) FROM level_replies WHERE id = ? AND ended_at IS NULL"
    )
    static let endReply = Statement(
        "directory.endReply",
        "UPDATE level_replies SET ended_at = ?, ended_by = ? WHERE id = ? AND ended_at IS NULL"
    )
    static let endReplies = Statement(
        "directory.endReplies",
        """
        UPDATE level_replies SET ended_at = ?, ended_by = ?
        WHERE subject = ? AND digest = ? AND algorithm = ? AND ended_at IS NULL
        """
    )
    static let replies = Statement(
        "directory.replies",
        """
        SELECT \(replyColumns) FROM level_replies
        WHERE subject = ? AND digest = ? AND algorithm = ? AND ended_at IS NULL ORDER BY id DESC LIMIT ?
        """
    )
}
