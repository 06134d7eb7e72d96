// SPDX-License-Identifier: EUPL-1.2

public import Accounts
public import Assessment

/// Who asks the API, and what they may see.
public struct APICaller: Sendable {
    /// Nil for nobody in particular.
    public let account: Account?
    /// What they may see of the images.
    public let queries: ImageQueries

    /// Makes one.
    public init(account: Account?, queries: ImageQueries) {
        self.account = account
        self.queries = queries
    }

    /// The challenge of a 401.
    public static let challenge = "Basic realm=\"Kontor\", charset=\"UTF-8\""

    /// Finds out who asks by an `Authorization` header and an address; nil gets a challenge.
    public typealias Access = @Sendable (_ authorization: String?, _ source: String) async throws -> APICaller?
}
