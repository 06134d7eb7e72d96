// SPDX-License-Identifier: EUPL-1.2

import Accounts
import HTTPTypes
import Hummingbird
import JSON
import Notices
import OCI
import SBOM
import Situation
import Time
import Webhooks

extension APIRoutes {
    /// Who is told about what, and who answered.
    func notices(
        _ operation: ManagementOperation,
        _ parameters: [String: String],
        _ request: Request,
        _ actor: Account
    ) async throws -> APIAnswer {
        // A token is for programs that push and pull; who tells authorities something is a person, or a program with their secret.
        guard actor.tokenID == nil else {
            throw AccountsError.denied("tokens send and read no notices; sign in with the account")
        }
        let id = parameters["notice"] ?? ""
        let organisation = parameters["organisation"] ?? ""
        switch operation {
        case .draftNotice:
            let body = try await APIBody(request, allowed: ["question"])
            return APIAnswer(try await draft(body, actor).json)
        case .sendNotice: return try await sendNotice(request, actor)
        case .correctNotice:
            let body = try await APIBody(
                request,
                allowed: ["what", "measure", "replacement", "tlp", "reason", "request"]
            )
            let former = try await notices.notice(id, limit: 1, by: actor).summary
            let made = try await notices.correct(
                id,
                with: try Self.content(body, from: former.content),
                reason: try body.read { try LocalizedText(json: $0.object("reason")) },
                request: try body.read { try $0.optionalString("request") },
                by: actor
            )
            return APIAnswer(["id": .string(made)], status: .created)
        case .withdrawNotice:
            let body = try await APIBody(request, allowed: ["reason", "request"])
            let made = try await notices.withdraw(
                id,
                reason: try body.read { try LocalizedText(json: $0.object("reason")) },
                request: try body.read { try $0.optionalString("request") },
                by: actor
            )
            return APIAnswer(["id": .string(made)], status: .created)
        case .notice: return try await noticePage(id, request, actor)
        case .webhooks:
            _ = try APIQuery(request, allowed: [])
            let found = try await notices.webhooks(of: organisation, by: actor)
            return APIAnswer(["items": .array(found.map(\.json)), "next": .null])
        case .setWebhook:
            let body = try await APIBody(request, allowed: ["url"])
            let url = try body.read { try $0.string("url") }
            do {
                let secret = try await notices.setWebhook(of: organisation, to: url, by: actor)
                return APIAnswer(["secret": .string(secret.text)])
            } catch let error as WebhookError {
                throw Problem.invalid("\(error)")
            }
        case .removeWebhook:
            let query = try APIQuery(request, allowed: ["url"])
            try await notices.removeWebhook(of: organisation, query["url"] ?? "", by: actor)
            return APIAnswer(bytes: [], contentType: "application/json", status: .noContent)
        default: return try await noticeList(request, actor)
        }
    }

    private func draft(_ body: APIBody, _ actor: Account) async throws -> NoticeDraft {
        let text = try body.read { try $0.string("question") }
        let question: AffectedQuestion
        do { question = try AffectedQuestion(parsing: text) } catch { throw Problem.invalid(error.description) }
        return try await notices.draft(question, by: actor)
    }

    private func sendNotice(_ request: Request, _ actor: Account) async throws -> APIAnswer {
        let body = try await APIBody(
            request,
            allowed: ["question", "what", "measure", "replacement", "tlp", "to", "except", "fingerprint", "request"]
        )
        let draft = try await draft(body, actor)
        if let expected = try body.read({ try $0.optionalString("fingerprint") }), expected != draft.fingerprint {
            throw Problem(
                status: .conflict,
                type: "conflict",
                title: "Whom this concerns has changed",
                detail: "draw up the notice again, look at its recipients, and send it with the new fingerprint"
            )
        }
        var recipients = Set(try body.read { try $0.optionalStrings("to") } ?? draft.recipients.map(\.name))
        let except = try body.read { try $0.optionalStrings("except") } ?? []
        // A letter cannot be taken back: a name that is mistyped must not be passed over.
        if let unknown = except.first(where: { draft.recipient($0) == nil }) {
            throw Problem.invalid("except: \"\(unknown.excerpt(80))\" is none of those whom this concerns")
        }
        recipients.subtract(except)
        let made = try await notices.send(
            draft,
            try Self.content(body, from: draft.suggestion),
            to: recipients,
            request: try body.read { try $0.optionalString("request") },
            by: actor
        )
        return APIAnswer(["id": .string(made)], status: .created)
    }

    private static func content(_ body: APIBody, from base: NoticeContent) throws -> NoticeContent {
        try body.read { fields in
            var content = base
            if let what = try fields.optionalObject("what") { content.what = try LocalizedText(json: what) }
            if let measure = try fields.optionalObject("measure") { content.measure = try LocalizedText(json: measure) }
            if let replacement = try fields.optionalObject("replacement") {
                content.replacement = NoticeReplacement(
                    digest: try replacement.optionalString("digest").map { text in
                        guard let digest = try? Digest(parsing: text) else {
                            throw Problem.invalid("replacement.digest is no digest; write sha256:…")
                        }
                        return digest
                    },
                    reference: try replacement.optionalString("reference"),
                    command: try replacement.optionalString("command")
                )
            }
            if let word = try fields.optionalString("tlp") {
                guard let light = TrafficLight(rawValue: word) else {
                    throw Problem.invalid("tlp is \(TrafficLight.allCases.map(\.rawValue).joined(separator: ", "))")
                }
                content.tlp = light
            }
            return content
        }
    }

    private func noticeList(_ request: Request, _ actor: Account) async throws -> APIAnswer {
        let query = try APIQuery(request, allowed: ["limit", "cursor"])
        let limit = min(try query.limit(), 100)
        let kind = ManagementOperation.notices.rawValue
        let found = try await notices.list(
            before: try query.position(kind).flatMap { Int64($0) },
            limit: limit,
            by: actor
        )
        let next = found.count == limit ? found.last.map { Cursor.encode(kind, String($0.position)) } : nil
        return APIAnswer(["items": .array(found.map(\.json)), "next": .optional(next)])
    }

    private func noticePage(_ id: String, _ request: Request, _ actor: Account) async throws -> APIAnswer {
        let query = try APIQuery(request, allowed: ["limit", "cursor"])
        let kind = ManagementOperation.notice.rawValue
        let page = try await notices.notice(
            id,
            after: try query.position(kind) ?? "",
            limit: try query.limit(),
            by: actor
        )
        return APIAnswer([
            "notice": page.summary.json, "items": .array(page.recipients.map(\.json)),
            "next": .optional(page.next.map { Cursor.encode(kind, $0) }),
        ])
    }
}

extension Problem {
    /// What the notices refuse.
    init(_ error: NoticesError) {
        switch error {
        case .denied(let text):
            self.init(status: .forbidden, type: "not-allowed", title: "This account may not do that", detail: text)
        case .unknown(let text): self = .notFound(text)
        case .invalid(let text): self = .invalid(text)
        case .conflict(let text): self = .conflict(text)
        }
    }
}

extension NoticeDraft {
    fileprivate var json: JSONValue {
        [
            "question": .string(question.text), "snapshot": .optional(snapshot),
            "answeredAt": .string(answeredAt.rfc3339), "images": .integer(Int64(images)),
            "products": .integer(Int64(products)), "imagesOfNobody": .integer(Int64(imagesOfNobody)),
            "pullsOfNobody": .integer(pullsOfNobody),
            "fingerprint": .string(fingerprint), "suggestion": suggestion.json,
            "recipients": .array(
                recipients.map { recipient in
                    [
                        "organisation": .string(recipient.name), "title": .string(recipient.title),
                        "reasons": .strings(recipient.reasons.names),
                        "channels": .strings(recipient.channels.map(\.name)),
                        "unreachable": .optional(recipient.unreachable?.reason.json),
                    ]
                }
            ),
        ]
    }
}

extension NoticeChannel {
    /// The address of a webhook often holds a secret: the kind is enough.
    fileprivate var name: String {
        switch self {
        case .mail(let address): "mail:" + address
        case .webhook: "webhook"
        }
    }
}

extension NoticeStanding {
    fileprivate var json: JSONValue {
        switch self {
        case .current: ["state": "current", "by": .null]
        case .corrected(let link): ["state": "corrected", "by": .string(link.id)]
        case .withdrawn(let link): ["state": "withdrawn", "by": .string(link.id)]
        case .withdrawal: ["state": "withdrawal", "by": .null]
        }
    }
}

extension NoticeSummary {
    fileprivate var json: JSONValue {
        [
            "id": .string(id), "kind": .string(kind.name), "question": .string(question), "content": content.json,
            "reason": .optional(reason?.json), "snapshot": .optional(snapshot), "images": .integer(Int64(images)),
            "pullsOfNobody": .integer(pullsOfNobody), "sentAt": .string(sentAt.rfc3339), "sentBy": .string(sentBy),
            "follows": .optional(follows), "standing": standing.json, "recipients": .integer(Int64(recipients)),
            "unreachable": .integer(Int64(unreachable)),
            "answers": .object(
                Dictionary(
                    NoticeState.allCases.map { ($0.name, .integer(Int64(answers[$0] ?? 0))) },
                    uniquingKeysWith: { first, _ in first }
                )
            ),
        ]
    }
}

extension NoticeRecipient {
    fileprivate var json: JSONValue {
        [
            "organisation": .string(organisation), "title": .string(title), "reasons": .strings(reasons.names),
            "unreachable": .optional(unreachable?.reason.json), "state": .string(state.name),
            "readAt": .optional(readAt?.rfc3339), "actingAt": .optional(actingAt?.rfc3339),
            "doneAt": .optional(doneAt?.rfc3339),
            "deliveries": .array(
                deliveries.map { delivery in
                    [
                        "channel": .string(delivery.channel.name), "messageID": .string(delivery.messageID),
                        "state": .string(delivery.state.name), "attempts": .integer(Int64(delivery.attempts)),
                        "changedAt": .string(delivery.changedAt.rfc3339),
                        "nextAt": .optional(delivery.nextAt?.rfc3339), "problem": .optional(delivery.problem),
                    ]
                }
            ),
        ]
    }
}

extension NoticeWebhook {
    fileprivate var json: JSONValue {
        [
            "place": .string(place), "createdAt": .string(createdAt.rfc3339), "createdBy": .string(createdBy),
            "goneAt": .optional(goneAt?.rfc3339),
        ]
    }
}
