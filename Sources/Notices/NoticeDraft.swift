// SPDX-License-Identifier: EUPL-1.2

public import SBOM
public import Situation
public import Time

/// Who would be told about the answer to a question, and why; nothing is stored yet.
public struct NoticeDraft: Sendable {
    /// An organisation that the answer concerns.
    public struct Recipient: Sendable {
        /// Row of the organisation.
        public let organisationID: Int64
        /// Its name in addresses.
        public let name: String
        /// Its name for people.
        public let title: String
        /// Why it is here: all reasons.
        public let reasons: NoticeReasons
        /// What is known about it alone.
        public let evidence: NoticeEvidence
        /// How it can be told.
        public let channels: [NoticeChannel]
        /// Why it cannot be told; nil where it can.
        public let unreachable: NoticeUnreachable?
    }

    /// What was asked.
    public let question: AffectedQuestion
    /// The advisories that the answer rests on.
    public let snapshot: String?
    /// When the question was answered.
    public let answeredAt: Timestamp
    /// Affected images.
    public let images: Int
    /// Affected products.
    public let products: Int
    /// Affected images that lie in no organisation's namespace.
    public let imagesOfNobody: Int
    /// Pulls of which nobody can tell whose they were: as many organisations as these may be missing.
    public let pullsOfNobody: Int64
    /// Everybody, by name; each once.
    public let recipients: [Recipient]
    /// A text to begin with.
    public let suggestion: NoticeContent

    /// Those that cannot be told.
    public var unreachable: [Recipient] { recipients.filter { $0.unreachable != nil } }

    /// One of the recipients.
    public func recipient(_ name: String) -> Recipient? { recipients.first { $0.name == name } }

    /// The same for the same recipients with the same reasons: whether those who were chosen are those who were shown.
    public var fingerprint: String {
        let lines = recipients.map { "\($0.name) \($0.reasons.rawValue)\n" }
        return NoticeToken.hash(lines.joined()).prefix(16).map {
            String($0 >> 4, radix: 16) + String($0 & 15, radix: 16)
        }
        .joined()
    }
}

/// A way to tell an organisation.
public enum NoticeChannel: Sendable, Hashable {
    /// Mail to a function address.
    case mail(String)
    /// A webhook; its whole URL, which often holds a secret of the receiver.
    case webhook(String)

    var number: Int64 {
        switch self {
        case .mail: 1
        case .webhook: 2
        }
    }

    var address: String {
        switch self {
        case .mail(let address), .webhook(let address): address
        }
    }

    init(number: Int64, address: String) throws(DamagedNotice) {
        switch number {
        case 1: self = .mail(address)
        case 2: self = .webhook(address)
        default: throw DamagedNotice(what: "channel")
        }
    }
}

/// Why an organisation cannot be told.
public enum NoticeUnreachable: String, Sendable, Hashable, CaseIterable {
    /// It has neither a security contact nor a deputy nor a webhook.
    case noContact
    /// Neither contact is an address to which mail may go.
    case invalidContact
    /// It has a contact, and this node sends no mail.
    case noMail

    /// The reason for people, and what next.
    public var reason: LocalizedText { NoticeText.unreachable(self) }
}
