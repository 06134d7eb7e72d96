// SPDX-License-Identifier: EUPL-1.2

/// What is to be practised, and which day it is.
struct ExercisePage: Sendable {
    static let path = "/exercise"

    let isToday: Bool
    let vulnerability: String
    let affectedHref: String
    let inboxHref: String

    init(_ desk: ExerciseDesk) throws {
        isToday = try desk.day() == .today
        vulnerability = desk.vulnerability
        affectedHref = Pages.address("/affected", [("q", desk.vulnerability)])
        inboxHref = InboxPage.path
    }
}

/// The letters of an exercise, newest first.
struct InboxPage: Sendable {
    static let path = "/exercise/inbox"
    static let length = 50

    struct Row: Sendable {
        let href: String
        let subject: String
        let from: String
        let to: String
        let received: DateView
    }

    let rows: [Row]
    let hasRows: Bool
    let next: String?
    let exerciseHref: String

    /// - Parameter letters: those of this page, and one more where there are more.
    init(_ letters: [ExerciseDesk.Letter], _ texts: Texts, _ language: Language) {
        rows = letters.prefix(Self.length).map { letter in
            Row(
                href: Self.address(letter.number),
                subject: letter.subject.isEmpty ? texts.text(.inboxNoSubject, language) : letter.subject,
                from: letter.from,
                to: letter.to,
                received: DateView(letter.received, language)
            )
        }
        hasRows = !rows.isEmpty
        next =
            letters.count > Self.length
            ? Pages.address(Self.path, [("before", String(letters[Self.length - 1].number))]) : nil
        exerciseHref = ExercisePage.path
    }

    static func address(_ number: Int) -> String { "\(path)/\(number)" }
}

/// One letter, as text; only links to this node's own answer pages are links.
struct InboxLetterPage: Sendable {
    struct Piece: Sendable, Equatable {
        let text: String
        var href: String?
    }

    let subject: String
    let from: String
    let to: String
    let received: DateView
    let pieces: [Piece]
    let inboxHref: String

    init(_ letter: ExerciseDesk.Letter, origins: [String], _ texts: Texts, _ language: Language) {
        subject = letter.subject.isEmpty ? texts.text(.inboxNoSubject, language) : letter.subject
        from = letter.from
        to = letter.to
        received = DateView(letter.received, language)
        pieces = Self.pieces(letter.text, origins: origins)
        inboxHref = InboxPage.path
    }

    /// The text, cut where an address of an answer begins and ends.
    ///
    /// A letter is anybody's text: what looks like a link elsewhere stays text, and what is linked holds nothing but a token.
    static func pieces(_ text: String, origins: [String]) -> [Piece] {
        let prefixes = origins.map { $0 + PortalRoutes.answerPrefix }
        var pieces: [Piece] = []
        var rest = text[...]
        while let found = prefixes.compactMap({ rest.firstRange(of: $0) }).min(by: { $0.lowerBound < $1.lowerBound }) {
            let token = rest[found.upperBound...].prefix { isTokenCharacter($0) }
            let link = String(rest[found.lowerBound..<token.endIndex])
            if found.lowerBound > rest.startIndex { pieces.append(Piece(text: String(rest[..<found.lowerBound]))) }
            pieces.append(Piece(text: link, href: token.isEmpty ? nil : PortalRoutes.answerPrefix + token))
            rest = rest[token.endIndex...]
        }
        if !rest.isEmpty { pieces.append(Piece(text: String(rest))) }
        return pieces
    }

    private static func isTokenCharacter(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || character == "-" || character == "_")
    }
}
