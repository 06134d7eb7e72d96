// SPDX-License-Identifier: EUPL-1.2

public import Time

/// Who says that they use an image, by a register in which each organisation speaks for itself.
public struct ReuseEvidence: Sendable, Hashable {
    /// One organisation's word.
    public struct Use: Sendable, Hashable {
        /// Name of the organisation.
        public var organisation: String
        /// Its name for people.
        public var title: String
        /// What it is, in the word of the register: `municipal`.
        public var kind: String
        /// Since which day it uses the image.
        public var since: Timestamp

        /// Creates a use.
        public init(organisation: String, title: String, kind: String, since: Timestamp) {
            self.organisation = organisation
            self.title = title
            self.kind = kind
            self.since = since
        }
    }

    /// Name of the organisation that publishes the image; nil where nobody knows which one does.
    public var publisher: String?
    /// Uses that are in force, in the order in which they were said.
    public var uses: [Use]

    /// Creates a value of its parts.
    public init(publisher: String?, uses: [Use]) {
        self.publisher = publisher
        self.uses = uses
    }
}
