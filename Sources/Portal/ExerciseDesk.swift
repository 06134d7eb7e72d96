// SPDX-License-Identifier: EUPL-1.2

public import Time

/// What a node that was made for an exercise shows beside its pages: which day it is there, and the letters that go nowhere else.
///
/// Who can reach such a node may see all of it: it listens on this machine only, and nothing in it is real.
public struct ExerciseDesk: Sendable {
    /// The two states of the advisories.
    public enum Day: String, Sendable {
        /// As the exercise begins.
        case yesterday
        /// With the vulnerability that the exercise is about.
        case today
    }

    /// A letter in the inbox; whatever stands in it was written by somebody else.
    public struct Letter: Sendable, Hashable {
        /// Its number in the inbox, from 1.
        public let number: Int
        /// When it came.
        public let received: Timestamp
        /// Who sent it, as the letter says.
        public let from: String
        /// Who it was for, as the sender told the mail server.
        public let to: String
        /// Its subject.
        public let subject: String
        /// Its text; empty in lists.
        public let text: String

        /// Makes a letter.
        public init(number: Int, received: Timestamp, from: String, to: String, subject: String, text: String) {
            self.number = number
            self.received = received
            self.from = from
            self.to = to
            self.subject = subject
            self.text = text
        }
    }

    /// Which day it is.
    public let day: @Sendable () throws -> Day
    /// Imports the advisories of today; the node sees them within seconds.
    public let goToToday: @Sendable () async throws -> Void
    /// Letters before a number, newest first.
    public let letters: @Sendable (_ before: Int, _ limit: Int) throws -> [Letter]
    /// One letter; nil when there is none of that number.
    public let letter: @Sendable (_ number: Int) throws -> Letter?
    /// The vulnerability of today, as people ask for it.
    public let vulnerability: String
    /// Scheme, host and port of this node, now and in earlier runs: only links that begin so are links on the pages of the inbox.
    public let origins: [String]

    /// Makes a desk of what it does.
    public init(
        vulnerability: String,
        origins: [String],
        day: @escaping @Sendable () throws -> Day,
        goToToday: @escaping @Sendable () async throws -> Void,
        letters: @escaping @Sendable (_ before: Int, _ limit: Int) throws -> [Letter],
        letter: @escaping @Sendable (_ number: Int) throws -> Letter?
    ) {
        self.vulnerability = vulnerability
        self.origins = origins
        self.day = day
        self.goToToday = goToToday
        self.letters = letters
        self.letter = letter
    }
}
