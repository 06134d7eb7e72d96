// SPDX-License-Identifier: EUPL-1.2

/// Somebody who proved who they are, a person or a program, with what the proof is good for.
public struct Account: Sendable, Hashable {
    /// What an account stands for.
    public enum Kind: Int64, Sendable, Hashable, CaseIterable {
        /// Somebody with a password.
        case person = 1
        /// A program with tokens; its name begins with ``AccountName/servicePrefix``.
        case service = 2
    }

    /// What an account may do on the whole node, beside its roles in namespaces.
    public enum NodeRole: Int64, Sendable, Hashable, CaseIterable {
        /// Sees everything, changes nothing, reads no secret.
        case auditor = 1
        /// Does everything.
        case `operator` = 2
    }

    /// Row of the account.
    public let id: Int64
    /// Name of the account, as it appears in the audit log.
    public let name: String
    /// Person or program.
    public let kind: Kind
    /// What it may do on the whole node; nil for almost everybody.
    public let nodeRole: NodeRole?
    /// The organisation it acts for.
    public let organisationID: Int64?
    /// The token that was shown; nil for a password.
    public let tokenID: Int64?
    /// What the proof is limited to; nil when it is good for all that the account may do.
    public let limit: [TokenScope]?
    /// Grows with every change of the account's secrets: what was proved with an older one counts no more.
    let version: Int64

    /// An account; for tests of the rooms above.
    public init(
        id: Int64,
        name: String,
        isAdmin: Bool,
        kind: Kind = .person,
        organisationID: Int64? = nil
    ) {
        self.init(
            id: id,
            name: name,
            kind: kind,
            nodeRole: isAdmin ? .operator : nil,
            organisationID: organisationID,
            tokenID: nil,
            limit: nil,
            version: 0
        )
    }

    init(
        id: Int64,
        name: String,
        kind: Kind,
        nodeRole: NodeRole?,
        organisationID: Int64?,
        tokenID: Int64?,
        limit: [TokenScope]?,
        version: Int64
    ) {
        self.id = id
        self.name = name
        self.kind = kind
        self.nodeRole = nodeRole
        self.organisationID = organisationID
        self.tokenID = tokenID
        self.limit = limit
        self.version = version
    }

    /// Whether the account may do everything, as far as its proof goes.
    public var isAdmin: Bool { nodeRole == .operator }
}

/// The secret of the account `admin`, on its way to the operator; it exists here once and is never read again.
public struct AdminSecret: Sendable {
    /// Name of the account.
    public let account: String
    /// The secret: 52 characters, base32 of 32 random bytes.
    public let secret: String
    /// File that holds it until the operator removes it.
    public let file: String
}
