// SPDX-License-Identifier: EUPL-1.2

public import Time

/// Names of one vulnerability.
public struct VEXVulnerability: Sendable, Hashable {
    /// Its name: `CVE-2024-1234`.
    public var name: String
    /// Further names of the same vulnerability: `GHSA-…`.
    public var aliases: [String]

    /// Makes a vulnerability.
    public init(_ name: String, aliases: [String] = []) {
        self.name = name
        self.aliases = aliases
    }
}

/// What somebody says about one vulnerability in some products, whatever the format in which it was said.
public struct VEXStatement: Sendable, Hashable {
    /// The statement's own identifier, where it has one.
    public var id: String?
    /// The vulnerability.
    public var vulnerability: VEXVulnerability
    /// The products.
    public var products: [VEXProduct]
    /// What is said.
    public var status: VEXStatus
    /// Why the products are not affected, as a label.
    public var justification: VEXJustification?
    /// Why the products are not affected, in words; or what the vulnerability does to them.
    public var impactStatement: String?
    /// What is to be done.
    public var actionStatement: String?
    /// What is being done, as labels.
    public var responses: [VEXResponse]
    /// How the status was found.
    public var notes: String?
    /// When this was known to be true: the statement's own time, else the document's; nil where neither has one.
    public var timestamp: Timestamp?
    /// From when on the statement no longer counts; no format has a field for it, and Kontor writes its own.
    public var expires: Timestamp?

    /// Makes a statement.
    public init(
        id: String? = nil,
        vulnerability: VEXVulnerability,
        products: [VEXProduct],
        status: VEXStatus,
        justification: VEXJustification? = nil,
        impactStatement: String? = nil,
        actionStatement: String? = nil,
        responses: [VEXResponse] = [],
        notes: String? = nil,
        timestamp: Timestamp? = nil,
        expires: Timestamp? = nil
    ) {
        self.id = id
        self.vulnerability = vulnerability
        self.products = products
        self.status = status
        self.justification = justification
        self.impactStatement = impactStatement
        self.actionStatement = actionStatement
        self.responses = responses
        self.notes = notes
        self.timestamp = timestamp
        self.expires = expires
    }
}
