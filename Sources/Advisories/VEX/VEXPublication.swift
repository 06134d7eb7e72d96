// SPDX-License-Identifier: EUPL-1.2

internal import JSON
public import SBOM
public import Time

/// Who publishes VEX documents.
public struct VEXPublisher: Sendable, Hashable {
    /// What kind of publisher it is, in CSAF's words.
    public enum Category: String, Sendable, Hashable, CaseIterable {
        /// Coordinates between finders and vendors, as a CERT does.
        case coordinator
        /// Found the vulnerability.
        case discoverer
        /// None of the others.
        case other
        /// Translates documents of others.
        case translator
        /// Uses the products.
        case user
        /// Makes the products.
        case vendor
    }

    /// The organisation's name.
    public var name: String
    /// A URL under its control, within which its documents' identifiers are unique: `https://www.example.de`.
    public var namespace: String
    /// What kind of publisher it is.
    public var category: Category
    /// How to reach it.
    public var contactDetails: String?

    /// Makes a publisher.
    public init(name: String, namespace: String, category: Category, contactDetails: String? = nil) {
        self.name = name
        self.namespace = namespace
        self.category = category
        self.contactDetails = contactDetails
    }

    /// The namespace without a slash at its end.
    var base: String { namespace.hasSuffix("/") ? String(namespace.dropLast()) : namespace }
}

/// Assessments to be published as one document, in whatever format.
public struct VEXPublication: Sendable {
    /// One version of the document.
    public struct Revision: Sendable, Hashable {
        /// When it was released.
        public var date: Timestamp
        /// What it brought.
        public var summary: String

        /// Makes a revision.
        public init(date: Timestamp, summary: String) {
            self.date = date
            self.summary = summary
        }
    }

    /// The language of the texts that the writers add.
    public enum Language: String, Sendable, Hashable, CaseIterable {
        /// German.
        case de
        /// English.
        case en
    }

    /// Who may read the document, in the labels of CSAF 2.0.
    public enum TLP: String, Sendable, Hashable, CaseIterable {
        /// Everybody.
        case white = "WHITE"
        /// The community.
        case green = "GREEN"
        /// Those who need to know.
        case amber = "AMBER"
        /// The recipients alone.
        case red = "RED"
    }

    /// The publisher's own identifier of the document: `VEX-2026-0001`.
    public var id: String
    /// Its title.
    public var title: String
    /// Who says it.
    public var publisher: VEXPublisher
    /// Its versions, the first one first; their number is the document's version, and the last date that of its current release.
    public var revisions: [Revision]
    /// What is said.
    public var statements: [VEXStatement]
    /// The language of the texts.
    public var language: Language
    /// Who may read it.
    public var tlp: TLP
    /// Where the document will be; for CSAF it must end in ``CSAFVEX/fileName(id:)``.
    public var canonicalURL: String?
    /// CVSS vectors of version 2.0, 3.0 or 3.1 by ``VEXVulnerability/name``; CSAF's recommended tests want one wherever a product is affected.
    public var scores: [String: CVSSVector]
    /// What a reader has to know of the document as a whole; only CSAF has a place for it.
    public var notes: [String]
    /// Kontor's own version, which is named as the tool's.
    public var tool: String

    /// Makes a publication.
    public init(
        id: String,
        title: String,
        publisher: VEXPublisher,
        revisions: [Revision],
        statements: [VEXStatement],
        language: Language = .de,
        tlp: TLP = .white,
        canonicalURL: String? = nil,
        scores: [String: CVSSVector] = [:],
        notes: [String] = [],
        tool: String
    ) {
        self.id = id
        self.title = title
        self.publisher = publisher
        self.revisions = revisions
        self.statements = statements
        self.language = language
        self.tlp = tlp
        self.canonicalURL = canonicalURL
        self.scores = scores
        self.notes = notes
        self.tool = tool
    }

    /// The text in the document's language.
    func text(de: String, en: String) -> String { language == .de ? de : en }
}

/// Why assessments cannot be written as a document.
public struct VEXWriteError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Which part: `statements[3]`, `publisher.name`.
    public let place: String
    /// What is wrong, and what to do.
    public let reason: LocalizedText

    /// Makes an error.
    public init(place: String, reason: LocalizedText) {
        self.place = place
        self.reason = reason
    }

    /// Where and why, in English; see ``reason`` for both languages.
    public var description: String { "\(place): \(reason.en)" }
}

extension VEXPublication {
    /// Checks what all formats demand, so that no document is written that its readers would refuse.
    ///
    /// - Returns: first and current release.
    func checked() throws(VEXWriteError) -> (initial: Timestamp, current: Timestamp) {
        for (place, text) in [
            ("id", id), ("title", title), ("publisher.name", publisher.name), ("tool", tool),
        ] where text.unicodeScalars.allSatisfy(\.properties.isWhitespace) {
            throw fault(place, de: "ist leer.", en: "is empty.")
        }
        guard publisher.namespace.hasPrefix("https://") || publisher.namespace.hasPrefix("http://"),
            publisher.namespace.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else {
            throw fault(
                "publisher.namespace",
                de: "muss eine Adresse sein, die mit https:// beginnt.",
                en: "must be an address that begins with https://."
            )
        }
        guard let first = revisions.first, let last = revisions.last,
            zip(revisions, revisions.dropFirst()).allSatisfy({ $0.date <= $1.date })
        else {
            throw fault(
                "revisions",
                de: "Mindestens eine Fassung ist nötig, die älteste zuerst.",
                en: "At least one revision is needed, the oldest first."
            )
        }
        guard !statements.isEmpty else {
            throw fault("statements", de: "Es gibt keine Aussage.", en: "There is no statement.")
        }
        for (index, statement) in statements.enumerated() { try check(statement, "statements[\(index)]") }
        return (first.date, last.date)
    }

    private func check(_ statement: VEXStatement, _ place: String) throws(VEXWriteError) {
        if let reason = VEXGround.refusal(of: statement) { throw VEXWriteError(place: place, reason: reason) }
        guard !statement.vulnerability.name.isEmpty, !statement.products.isEmpty else {
            throw fault(
                place,
                de: "Eine Aussage braucht eine Schwachstelle und ein Produkt.",
                en: "A statement needs a vulnerability and a product."
            )
        }
        if statement.status == .affected, statement.actionStatement == nil {
            throw fault(
                place,
                de: "„affected“ braucht eine Angabe, was zu tun ist (action statement).",
                en: "affected needs to say what is to be done (action statement)."
            )
        }
        for product in statement.products {
            for component in [product.identity] + product.subcomponents
            where component.purl == nil && component.digests.isEmpty {
                throw fault(
                    place,
                    de: "„\(component.label.excerpt(80))“ hat weder purl noch Digest; andere könnten es nicht finden.",
                    en: "\"\(component.label.excerpt(80))\" has neither a purl nor a digest; others could not find it."
                )
            }
        }
    }

    func fault(_ place: String, de: String, en: String) -> VEXWriteError {
        VEXWriteError(place: place, reason: LocalizedText(de: de, en: en))
    }
}
