// SPDX-License-Identifier: EUPL-1.2

import Notices
import OCI
import SBOM
import Situation
import WebRequests

/// The notices that were sent.
struct NoticesPage: Sendable {
    static let length = 50

    struct Row: Sendable {
        let href: String
        let sent: DateView
        let what: String
        let standing: String?
        let recipients: String
        let answers: String
    }

    let rows: [Row]
    let hasRows: Bool
    let next: String?

    init(_ notices: [NoticeSummary], _ texts: Texts, _ language: Language) {
        rows = notices.prefix(Self.length).map { notice in
            Row(
                href: Self.address(notice.id),
                sent: DateView(notice.sentAt, language),
                what: language.text(notice.content.what),
                standing: notice.standing.text(texts, language),
                recipients: language.number(notice.recipients),
                answers: notice.answersText(texts, language)
            )
        }
        hasRows = !rows.isEmpty
        next =
            notices.count > Self.length
            ? Pages.address("/notices", [("before", String(notices[Self.length - 1].position))]) : nil
    }

    static func address(_ id: String) -> String { "/notices/" + id }
}

/// One notice, with who answered.
struct NoticePage: Sendable {
    static let length = 500

    struct Line: Sendable { let text: String }

    struct Row: Sendable {
        let organisation: String
        let reasons: String
        let unreachable: String?
        let deliveries: [Line]
        let state: String
        let at: DateView?
    }

    let title: String
    let standing: String?
    let error: FormErrorView?
    let facts: [Fact]
    let answers: String
    let rows: [Row]
    let next: String?
    let canWithdraw: Bool
    let action: String
    let reasonDe: String
    let reasonEn: String

    init(
        _ overview: NoticeOverview,
        isOperator: Bool,
        error: FormErrorView?,
        form: FormFields?,
        _ texts: Texts,
        _ language: Language
    ) {
        let notice = overview.summary
        title = texts.text(.noticeOf, language, ["date": language.date(notice.sentAt)])
        standing = notice.standing.text(texts, language)
        self.error = error
        var facts = [Fact(term: texts.text(.affectedTitle, language), text: notice.question)]
        facts.append(Fact(term: "TLP", text: notice.content.tlp.rawValue))
        facts.append(Fact(term: texts.text(.noticeAbout, language), text: language.text(notice.content.what)))
        if let measure = notice.content.measure {
            facts.append(Fact(term: texts.text(.noticeMeasure, language), text: language.text(measure)))
        }
        if let reason = notice.reason {
            facts.append(Fact(term: texts.text(.noticeReasons, language), text: language.text(reason)))
        }
        facts.append(Fact(term: texts.text(.noticeSent, language), text: nil, date: DateView(notice.sentAt, language)))
        self.facts = facts
        answers = notice.answersText(texts, language)
        rows = overview.recipients.map { recipient in
            Row(
                organisation: recipient.title,
                reasons: recipient.reasons.text(texts, language),
                unreachable: recipient.unreachable.map {
                    texts.text(.noticeUnreachable, language, ["reason": language.text($0.reason)])
                },
                deliveries: recipient.deliveries.map { delivery in
                    Line(
                        text: [delivery.channel.word, delivery.state.text(texts, language), delivery.problem ?? ""]
                            .filter { !$0.isEmpty }.joined(separator: ": ")
                    )
                },
                state: recipient.state.text(texts, language),
                at: (recipient.doneAt ?? recipient.actingAt ?? recipient.readAt).map { DateView($0, language) }
            )
        }
        next = overview.next.map { Pages.address(NoticesPage.address(notice.id), [("after", $0)]) }
        let stands = if case .current = notice.standing { true } else { false }
        canWithdraw = isOperator && stands
        action = NoticesPage.address(notice.id)
        reasonDe = form?["reason-de"] ?? ""
        reasonEn = form?["reason-en"] ?? ""
    }
}

/// Whom a question concerns, and the letter that they would get.
struct NoticeDraftPage: Sendable {
    struct Row: Sendable {
        let name: String
        let reasons: String
        let channels: String
        let unreachable: String?
    }

    struct Preview: Sendable {
        let title: String
        let subject: String
        let text: String
    }

    let question: String
    let fingerprint: String
    /// Stands for this form: sent twice it sends once.
    let request: String
    let error: FormErrorView?
    let rows: [Row]
    let nobody: String?
    let preview: Preview?
    let canSend: Bool
    let whatDe: String
    let whatEn: String
    let measureDe: String
    let measureEn: String
    let replacement: String
    let command: String
    let except: String

    init(
        _ draft: NoticeDraft,
        isOperator: Bool,
        preview: Preview?,
        error: FormErrorView?,
        form: FormFields?,
        _ texts: Texts,
        _ language: Language
    ) {
        question = draft.question.text
        fingerprint = draft.fingerprint
        request = form?["request"] ?? String(UInt64.random(in: .min ... .max), radix: 36)
        self.error = error
        rows = draft.recipients.map { recipient in
            Row(
                name: recipient.title + " (" + recipient.name + ")",
                reasons: recipient.reasons.text(texts, language),
                channels: recipient.channels.map(\.word).joined(separator: ", "),
                unreachable: recipient.unreachable.map {
                    texts.text(.noticeUnreachable, language, ["reason": language.text($0.reason)])
                }
            )
        }
        nobody =
            draft.pullsOfNobody == 0
            ? nil : texts.text(.noticeNobody, language, ["pulls": language.number(Int(draft.pullsOfNobody))])
        self.preview = preview
        canSend = isOperator && !draft.recipients.isEmpty
        whatDe = form?["what-de"] ?? draft.suggestion.what.de
        whatEn = form?["what-en"] ?? draft.suggestion.what.en
        measureDe = form?["measure-de"] ?? draft.suggestion.measure?.de ?? ""
        measureEn = form?["measure-en"] ?? draft.suggestion.measure?.en ?? ""
        replacement = form?["replacement"] ?? draft.suggestion.replacement?.digest?.description ?? ""
        command = form?["command"] ?? draft.suggestion.replacement?.command ?? ""
        except = form?["except"] ?? ""
    }
}

/// What the link of a letter leads to.
struct AnswerPage: Sendable {
    let text: String
    let standing: String?
    let organisation: String
    let state: String
    let at: DateView?
    let canAnswer: Bool
    let canRead: Bool
    let canAct: Bool
    let action: String

    init(_ answer: NoticeAnswer, action: String, _ texts: Texts, _ language: Language) {
        text = answer.text
        standing = answer.standing.text(texts, language)
        organisation = answer.title
        state = answer.state.text(texts, language)
        at = (answer.doneAt ?? answer.actingAt ?? answer.readAt).map { DateView($0, language) }
        let isWithdrawn = if case .withdrawn = answer.standing { true } else { false }
        canAnswer = answer.state < .done && !isWithdrawn
        canRead = answer.state < .read
        canAct = answer.state < .acting
        self.action = action
    }
}

extension NoticeStanding {
    /// Nil for what simply holds.
    func text(_ texts: Texts, _ language: Language) -> String? {
        switch self {
        case .current: nil
        case .corrected: texts.text(.noticeCorrected, language)
        case .withdrawn: texts.text(.noticeWithdrawn, language)
        case .withdrawal: texts.text(.noticeWithdrawal, language)
        }
    }
}

extension NoticeSummary {
    func answersText(_ texts: Texts, _ language: Language) -> String {
        func count(_ state: NoticeState) -> String { language.number(answers[state] ?? 0) }
        return texts.text(
            .noticeAnswersText,
            language,
            ["done": count(.done), "acting": count(.acting), "read": count(.read), "none": count(.none)]
        )
    }
}

extension NoticeReasons {
    func text(_ texts: Texts, _ language: Language) -> String {
        let words: [(NoticeReasons, TextKey)] = [
            (.publishes, .noticeReasonPublishes), (.pulled, .noticeReasonPulled), (.operates, .noticeReasonOperates),
            (.operated, .noticeReasonOperated), (.runs, .noticeReasonRuns),
        ]
        return words.filter { contains($0.0) }.map { texts.text($0.1, language) }.joined(separator: ", ")
    }
}

extension NoticeState {
    func text(_ texts: Texts, _ language: Language) -> String {
        switch self {
        case .none: texts.text(.noticeStateNone, language)
        case .read: texts.text(.noticeStateRead, language)
        case .acting: texts.text(.noticeStateActing, language)
        case .done: texts.text(.noticeStateDone, language)
        }
    }
}

extension NoticeChannel {
    /// The address of a webhook often holds a secret: the kind is enough.
    fileprivate var word: String {
        switch self {
        case .mail(let address): address
        case .webhook: "Webhook"
        }
    }
}

extension NoticeDelivery.State {
    fileprivate func text(_ texts: Texts, _ language: Language) -> String {
        switch self {
        case .queued: texts.text(.deliveryQueued, language)
        case .sending: texts.text(.deliverySending, language)
        case .sent: texts.text(.deliverySent, language)
        case .rejected: texts.text(.deliveryRejected, language)
        case .givenUp: texts.text(.deliveryGivenUp, language)
        case .superseded: texts.text(.deliverySuperseded, language)
        }
    }
}
