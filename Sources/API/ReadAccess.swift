// SPDX-License-Identifier: EUPL-1.2

import FoundationEssentials

/// Who may read: everybody, or accounts that prove who they are.
public struct ReadAccess: Sendable {
    /// Whether requests without credentials may read.
    public let isAnonymousAllowed: Bool
    private let authenticate: @Sendable (_ username: String, _ password: String) async throws -> Bool

    /// Makes a rule.
    ///
    /// - Parameters:
    ///   - isAnonymousAllowed: whether requests without credentials may read.
    ///   - authenticate: whether name and secret are those of an account; throws when that cannot be found out.
    public init(
        isAnonymousAllowed: Bool,
        authenticate: @escaping @Sendable (_ username: String, _ password: String) async throws -> Bool
    ) {
        self.isAnonymousAllowed = isAnonymousAllowed
        self.authenticate = authenticate
    }

    /// Whether a request with this `Authorization` header may read; if not, it gets a challenge.
    ///
    /// Empty Basic credentials are anonymous. Wrong credentials are refused also where anonymous reading is allowed: somebody who meant
    /// to be known should learn that they are not.
    public func allows(authorization header: String?) async throws -> Bool {
        guard let header else { return isAnonymousAllowed }
        guard let (username, password) = Self.basicCredentials(header) else { return false }
        if username.isEmpty, password.isEmpty { return isAnonymousAllowed }
        return try await authenticate(username, password)
    }

    /// The challenge of a 401.
    public static let challenge = "Basic realm=\"Kontor\", charset=\"UTF-8\""

    private static func basicCredentials(_ header: String) -> (username: String, password: String)? {
        guard header.utf8.count <= 8192, header.prefix(6).lowercased() == "basic " else { return nil }
        let encoded = String(header.dropFirst(6).drop { $0 == " " })
        guard let data = Data(base64Encoded: encoded), let text = String(validating: data, as: UTF8.self),
            let colon = text.firstIndex(of: ":")
        else { return nil }
        return (String(text[..<colon]), String(text[text.index(after: colon)...]))
    }
}
