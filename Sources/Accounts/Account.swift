// SPDX-License-Identifier: EUPL-1.2

/// Somebody who proved who they are.
public struct Account: Sendable, Hashable {
    /// Row of the account.
    public let id: Int64
    /// Name of the account, as it appears in the audit log.
    public let name: String
    /// Whether the account may do everything.
    public let isAdmin: Bool

    /// An account; for tests of the rooms above.
    public init(id: Int64, name: String, isAdmin: Bool) {
        self.id = id
        self.name = name
        self.isAdmin = isAdmin
    }
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
