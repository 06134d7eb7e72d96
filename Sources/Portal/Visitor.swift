// SPDX-License-Identifier: EUPL-1.2

public import Accounts
public import Assessment

/// What a browser shows of who sits before it.
public struct PresentedCredentials: Sendable {
    /// The `Authorization` header.
    public let authorization: String?
    /// The secret of a session.
    public let session: String?
    /// The address that the request came from.
    public let source: String

    /// What a request shows.
    public init(authorization: String?, session: String? = nil, source: String) {
        self.authorization = authorization
        self.session = session
        self.source = source
    }
}

/// Who looks at a page, and what they may see.
public struct Visitor: Sendable {
    /// Nil for nobody in particular.
    public let account: Account?
    /// What they may see of the images.
    public let queries: ImageQueries
    /// What the forms of their session carry; nil when nobody signed in on a page.
    public let formToken: String?

    /// Makes one.
    public init(account: Account?, queries: ImageQueries, formToken: String? = nil) {
        self.account = account
        self.queries = queries
        self.formToken = formToken
    }

    /// Finds out who looks; nil is asked to sign in.
    public typealias Access = @Sendable (PresentedCredentials) async throws -> Visitor?
}
