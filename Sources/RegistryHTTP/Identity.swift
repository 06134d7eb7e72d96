// SPDX-License-Identifier: EUPL-1.2

import Accounts
import OCI

/// Who asks, by what the request shows.
enum Identity: Sendable {
    /// Nothing was shown.
    case nobody
    /// Name and secret of an account.
    case account(Account)
    /// A token of this registry, which is good for what it names and no more; lists show what its account may read.
    case bearer(TokenClaims)

    /// The account behind it, as it was when it was proved; nil for nobody in particular.
    var account: Account? {
        switch self {
        case .nobody: nil
        case .account(let account): account
        case .bearer(let claims): claims.account
        }
    }

    /// Whether what was shown is good for a right in a repository, whatever its account may do.
    ///
    /// - Parameter isPublic: whether everybody may pull there; a token takes nothing from anybody.
    func allows(_ right: Rights, in repository: RepositoryName, isPublic: Bool) -> Bool {
        guard case .bearer(let claims) = self else { return true }
        if isPublic, right == .pull { return true }
        return claims.grant(for: repository.text)?.rights.isSuperset(of: right) ?? false
    }
}
