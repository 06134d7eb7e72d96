// SPDX-License-Identifier: EUPL-1.2

package import JSON
package import Mail
import OCI
import SBOM
import Time
package import Webhooks

/// What one organisation is told: made from stored rows alone, so that a second attempt has the same bytes.
package struct NoticeLetter: Sendable {
    /// Images that the text names of each list; the attachment has more.
    private static let shown = 20

    let notice: NoticeRecord
    let organisation: String
    let title: String
    let reasons: NoticeReasons
    let evidence: NoticeEvidence
    /// What the answer needs; a preview has none yet.
    let token: String

    package init(
        notice: NoticeRecord,
        organisation: String,
        title: String,
        reasons: NoticeReasons,
        evidence: NoticeEvidence,
        token: String
    ) {
        self.notice = notice
        self.organisation = organisation
        self.title = title
        self.reasons = reasons
        self.evidence = evidence
        self.token = token
    }

    private var link: String { notice.letterhead.answerLink + token }

    package var subject: String {
        let name = NoticeText.name(of: notice.kind)
        return "[\(notice.content.tlp.rawValue)] \(name.de) / \(name.en): \(NoticeText.word(notice.question, 80))"
    }

    /// German, then English.
    package var text: String {
        var layout = TextLayout()
        layout.line("\(notice.content.tlp.rawValue) · \(NoticeText.englishBelow)")
        layout.blank()
        write(\.de, to: &layout)
        layout.blank()
        layout.line(String(repeating: "=", count: TextLayout.width))
        layout.blank()
        write(\.en, to: &layout)
        return layout.text
    }

    /// The same for machines.
    package var json: JSONValue {
        [
            "schemaVersion": 1,
            "kind": .string(notice.kind.name),
            "id": .string(notice.id),
            "follows": .optional(notice.follows?.id),
            "tlp": .string(notice.content.tlp.rawValue),
            "node": .string(notice.letterhead.node),
            "sentAt": .string(notice.sentAt.rfc3339),
            "question": .string(notice.question),
            "snapshot": .optional(notice.snapshot),
            "what": notice.content.what.json,
            "reason": .optional(notice.reason?.json),
            "measure": .optional(notice.content.measure?.json),
            "replacement": .optional(notice.content.replacement?.json),
            "organisation": .string(organisation),
            "reasons": .strings(reasons.names),
            "evidence": notice.kind == .withdrawal ? .null : evidence.json,
            "answer": .string(link),
        ]
    }

    package func mail(to address: String, messageID: String) throws -> MailMessage {
        guard let from = notice.letterhead.from else { throw DamagedNotice(what: "sender") }
        return try MailMessage(
            from: MailAddress(parsing: from),
            fromName: notice.letterhead.fromName,
            to: MailAddress(parsing: address),
            subject: subject,
            date: notice.sentAt,
            messageID: messageID,
            text: text,
            attachment: MailAttachment(name: "notice.json", mediaType: "application/json", bytes: json.bytes())
        )
    }

    package func webhook(id: String) throws -> WebhookMessage {
        try WebhookMessage(
            CloudEvent(
                id: id,
                source: notice.letterhead.source,
                type: notice.kind.eventType,
                subject: notice.id,
                time: notice.sentAt,
                data: json
            )
        )
    }

    private func write(_ language: KeyPath<LocalizedText, String>, to layout: inout TextLayout) {
        layout.line(NoticeText.name(of: notice.kind)[keyPath: language])
        layout.blank()
        layout.paragraph(NoticeText.word(notice.letterhead.node), bullet: NoticeText.from[keyPath: language] + " ")
        layout.paragraph(NoticeText.word(title, 200), bullet: NoticeText.to[keyPath: language] + " ")
        layout.paragraph(notice.id, bullet: NoticeText.identifier[keyPath: language] + " ")
        layout.paragraph(NoticeText.word(notice.question, 200), bullet: NoticeText.concerns[keyPath: language] + " ")
        if let follows = notice.follows {
            layout.blank()
            layout.paragraph(NoticeText.follows(notice.kind, follows.id, follows.at)[keyPath: language])
        }
        if let reason = notice.reason {
            let heading = notice.kind == .withdrawal ? NoticeText.withdrawn : NoticeText.changed
            layout.heading(heading[keyPath: language])
            layout.paragraph(reason[keyPath: language])
        }
        if notice.kind != .withdrawal { writeMatter(language, to: &layout) }
        layout.heading(NoticeText.answer[keyPath: language])
        layout.paragraph(NoticeText.answers[keyPath: language])
        layout.blank()
        layout.line(link)
        layout.heading(NoticeText.sharing[keyPath: language])
        layout.paragraph(NoticeText.sharing(notice.content.tlp)[keyPath: language])
        layout.blank()
        layout.paragraph(NoticeText.footer[keyPath: language])
    }

    private func writeMatter(_ language: KeyPath<LocalizedText, String>, to layout: inout TextLayout) {
        layout.heading(NoticeText.what[keyPath: language])
        layout.paragraph(notice.content.what[keyPath: language])
        layout.heading(NoticeText.why[keyPath: language])
        if reasons.contains(.publishes) {
            layout.paragraph(NoticeText.publishes(evidence.published.count)[keyPath: language], bullet: "- ")
        }
        if reasons.contains(.pulled) {
            layout.paragraph(NoticeText.pulls(evidence.pulled.count)[keyPath: language], bullet: "- ")
        }
        if reasons.contains(.runs) {
            layout.paragraph(NoticeText.runs(evidence.products.count)[keyPath: language], bullet: "- ")
        }
        for (reason, text, names) in [
            (NoticeReasons.operates, NoticeText.operatesFor, evidence.operatesFor),
            (.operated, NoticeText.operatedBy, evidence.operatedBy),
        ] where reasons.contains(reason) {
            layout.paragraph(text[keyPath: language], bullet: "- ")
            for name in names.kept { layout.paragraph(name, indent: 2, bullet: "* ") }
            if names.beyond > 0 {
                layout.paragraph(NoticeText.more(names.beyond)[keyPath: language], indent: 2, bullet: "* ")
            }
        }
        writeProducts(language, to: &layout)
        write(evidence.pulled, NoticeText.pulled, language, to: &layout)
        write(evidence.published, NoticeText.published, language, to: &layout)
        if let replacement = notice.content.replacement {
            layout.heading(NoticeText.replacement[keyPath: language])
            for line in [replacement.reference, replacement.digest?.description, replacement.command] {
                // Not broken: it is copied.
                if let line { layout.line(line, indent: 2) }
            }
        }
        if let measure = notice.content.measure {
            layout.heading(NoticeText.measure[keyPath: language])
            layout.paragraph(measure[keyPath: language])
        }
    }

    private func writeProducts(_ language: KeyPath<LocalizedText, String>, to layout: inout TextLayout) {
        let products = evidence.products
        guard products.count > 0 else { return }
        layout.heading(NoticeText.products[keyPath: language])
        for product in products.kept.prefix(Self.shown) {
            layout.paragraph(NoticeText.runs(product)[keyPath: language], bullet: "* ")
            for component in product.components {
                layout.paragraph(NoticeText.contains(component)[keyPath: language], indent: 2)
            }
        }
        let shown = Int64(min(products.kept.count, Self.shown))
        if products.count > shown {
            layout.paragraph(NoticeText.attached(shown, Int64(products.kept.count), products.count)[keyPath: language])
        }
    }

    private func write(
        _ images: BoundedList<NoticeEvidence.Image>,
        _ heading: LocalizedText,
        _ language: KeyPath<LocalizedText, String>,
        to layout: inout TextLayout
    ) {
        guard images.count > 0 else { return }
        layout.heading(heading[keyPath: language])
        for image in images.kept.prefix(Self.shown) {
            layout.paragraph(([image.repository] + image.tags.map { ":" + $0 }).joined(separator: " "), bullet: "* ")
            layout.line(image.digest, indent: 2)
            if let pulls = image.pulls {
                layout.paragraph(NoticeText.pulled(pulls)[keyPath: language], indent: 2)
            }
            for component in image.components {
                layout.paragraph(NoticeText.contains(component)[keyPath: language], indent: 2)
            }
        }
        let shown = Int64(min(images.kept.count, Self.shown))
        if images.count > shown {
            layout.paragraph(NoticeText.attached(shown, Int64(images.kept.count), images.count)[keyPath: language])
        }
    }
}
