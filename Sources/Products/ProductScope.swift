// SPDX-License-Identifier: EUPL-1.2

public import Accounts

/// Whose products somebody may know of: TLP:AMBER, never public.
public enum ProductScope: Sendable, Hashable {
    /// Everybody's.
    case all
    /// Those of one organisation, by its row.
    case organisation(Int64)
    /// Nobody's.
    case none

    /// Operators and auditors know all, everybody else what the organisation operates for which they act.
    ///
    /// A product lies in no repository, so that a token which is limited to some says nothing about it: it must be good for all.
    public init(_ account: Account?) {
        guard let account else {
            self = .none
            return
        }
        let isWhole = account.limit?.contains { $0.repositories == "*" && $0.rights.contains(.pull) } ?? true
        guard isWhole else {
            self = .none
            return
        }
        self = account.nodeRole != nil ? .all : account.organisationID.map { .organisation($0) } ?? .none
    }

    /// Whether a product of an organisation is among them.
    public func includes(organisation: Int64) -> Bool {
        switch self {
        case .all: true
        case .organisation(let own): own == organisation
        case .none: false
        }
    }
}
