// SPDX-License-Identifier: EUPL-1.2

public import Accounts
public import Database
import JSON
import Products
public import PullRecords
public import Situation
public import Time

/// Notices to exactly those whom something concerns, with their own evidence and a way to answer.
///
/// ``draft(_:by:)`` finds them, ``preview(_:_:for:by:)`` shows what one of them would read, ``send(_:_:to:request:by:)`` writes notice,
/// recipients and deliveries in one transaction; ``NoticeSender`` takes them from there. Operators send, auditors look, and whoever has
/// the link of a letter answers.
///
/// ## Topics
/// - ``draft(_:by:)``
/// - ``preview(_:_:for:by:)``
/// - ``preview(following:with:reason:for:by:)``
/// - ``send(_:_:to:request:by:)``
/// - ``correct(_:with:reason:request:by:)``
/// - ``withdraw(_:reason:request:by:)``
/// - ``sendAgain(_:to:by:)``
/// - ``list(before:limit:by:)``
/// - ``notice(_:by:)``
/// - ``answer(_:)``
/// - ``acknowledge(_:_:)``
/// - ``setWebhook(of:to:secret:by:)``
public struct Notices: Sendable {
    let database: Database
    let accounts: Accounts
    let situation: Situation
    let pulls: PullRecords
    let settings: NoticeSettings
    let clock: WallClock

    /// Composes the room over a database that has ``NoticesSchema/migrations``.
    public init(
        database: Database,
        accounts: Accounts,
        situation: Situation,
        pulls: PullRecords,
        settings: NoticeSettings,
        clock: WallClock = .system
    ) {
        self.database = database
        self.accounts = accounts
        self.situation = situation
        self.pulls = pulls
        self.settings = settings
        self.clock = clock
    }

    /// Everybody whom the answer to a question concerns: who publishes or pulled an image, who runs a product, who operates for them, and
    /// for whom they operate; each once.
    ///
    /// The whole list, whatever its length. Pulls that are still in memory count.
    ///
    /// - Parameter actor: an operator or an auditor, with a proof that is limited to nothing.
    public func draft(_ question: AffectedQuestion, by actor: Account) async throws -> NoticeDraft {
        guard let (account, scope) = try await accounts.reader(actor), let account, account.nodeRole != nil else {
            throw Self.refusal
        }
        // A proof that covers some repositories would leave out the others without a word.
        guard account.limit == nil else {
            throw NoticesError.denied("this token is limited to some repositories; a notice needs to see all")
        }
        try await pulls.flush()
        let reader = Situation.Reader(scope: scope, seesPulls: false, products: .all)
        var attempts = 3
        while true {
            attempts -= 1
            if let draft = try await draft(question, for: reader, isLast: attempts == 0) { return draft }
        }
    }

    /// Nil when the advisories changed between the first page and the last: a recipient of neither answer must not be missed.
    private func draft(
        _ question: AffectedQuestion,
        for reader: Situation.Reader,
        isLast: Bool
    ) async throws -> NoticeDraft? {
        var search = RecipientSearch(database)
        var page = try await situation.affected(by: question, for: reader, limit: 1_000)
        let first = page
        while true {
            // What somebody whose word counts has cleared concerns nobody.
            for image in page.images where image.isAffected { try await search.add(image) }
            for product in page.products where product.isAffected { search.add(product) }
            guard let next = page.next else { break }
            page = try await situation.affected(by: question, for: reader, after: next, limit: 1_000)
        }
        guard page.snapshot == first.snapshot || isLast else { return nil }
        return NoticeDraft(
            question: question,
            snapshot: first.snapshot,
            answeredAt: first.answeredAt,
            images: search.images,
            products: search.products,
            imagesOfNobody: search.imagesOfNobody,
            pullsOfNobody: search.pullsOfNobody,
            recipients: try await search.recipients(settings),
            suggestion: NoticeText.suggestion(question.text, search.suggestion)
        )
    }

    static let refusal = NoticesError.denied("only operators of the node send notices; auditors may look")

    static func unknownRecipient(_ name: String) -> NoticesError {
        .unknown("\"\(name.excerpt(80))\" is none of those whom this concerns; draw up the notice again")
    }

    static func unknownNotice(_ id: String) -> NoticesError { .unknown("there is no notice \"\(id.excerpt(80))\"") }

    /// Refuses everybody but operators and auditors.
    func look(_ actor: Account) async throws {
        guard try await accounts.access(of: actor, to: nil)?.account?.nodeRole != nil else { throw Self.refusal }
    }

    /// Refuses everybody but operators, in the transaction of what they do.
    func operating(_ t: Transaction, _ actor: Account, at now: Timestamp) throws -> Account {
        guard let current = try accounts.access(t, of: actor, to: nil, at: now)?.account, current.isAdmin,
            current.limit == nil
        else { throw Self.refusal }
        return current
    }
}
