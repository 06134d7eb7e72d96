// SPDX-License-Identifier: EUPL-1.2

import Criteria
import ProjectCriteria
import SBOM
import Time

/// A level as it is shown: word, shape, and a key for its colour.
public struct LevelView: Sendable, Hashable {
    /// `none`, `bronze`, `silver`, `gold`.
    public let key: String
    /// The word.
    public let word: String
    /// `●●○`.
    public let dots: String

    /// A level, or that nobody can tell.
    init(_ standing: ProjectStanding, _ texts: Texts, _ language: Language) {
        if case .level(let level) = standing {
            self.init(level, language)
        } else {
            self.init(key: "unknown", word: texts.text(.levelUnknown, language), dots: "?")
        }
    }

    private init(key: String, word: String, dots: String) {
        self.key = key
        self.word = word
        self.dots = dots
    }

    /// A level; of no level with another word where one is given.
    init(_ level: Level, _ language: Language, none: String? = nil) {
        self.init(
            key: level.rawValue,
            word: level == Level.none ? none ?? language.text(level.title) : language.text(level.title),
            dots: String(repeating: "●", count: level.rank) + String(repeating: "○", count: 3 - level.rank)
        )
    }
}

/// An instant as people write it and as machines read it.
public struct DateView: Sendable, Hashable {
    /// RFC 3339.
    public let iso: String
    /// In the reader's language.
    public let text: String

    init(_ instant: Timestamp, _ language: Language, dayOnly: Bool = false) {
        iso = dayOnly ? instant.dateText : instant.rfc3339
        text = dayOnly ? language.date(instant) : language.dateTime(instant)
    }
}

/// A sentence whose commands and lines, between backticks, are set apart.
public struct Prose: Sendable, Hashable {
    /// A stretch of words or of code.
    public struct Piece: Sendable, Hashable {
        /// The text.
        public let text: String
        /// It is a command or a line to change.
        public let isCode: Bool
    }

    /// The stretches in order.
    public let pieces: [Piece]

    init(_ text: String) {
        let parts = text.split(separator: "`", omittingEmptySubsequences: false)
        // An odd number of backticks means that the last one is only a backtick.
        guard parts.count % 2 == 1 else {
            pieces = [Piece(text: text, isCode: false)]
            return
        }
        pieces = parts.enumerated().filter { !$0.element.isEmpty }
            .map { Piece(text: String($0.element), isCode: $0.offset % 2 == 1) }
    }
}

/// A term and what it is in this case.
struct Fact: Sendable {
    let term: String
    var text: String?
    var date: DateView?
}

/// What stands above everything that is said about an image.
struct HeadingView: Sendable {
    let namespace: String?
    let name: String
    let digest: String
    let facts: [Fact]
}
