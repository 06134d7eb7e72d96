// SPDX-License-Identifier: EUPL-1.2

public import Time
public import Webhooks

/// Where repositories may lie, and when they are looked at.
public struct ProjectRegisterSettings: Sendable {
    /// Where repositories and forges may lie: by default at addresses of the public internet alone.
    public var rules: WebhookRules = .standard
    /// Looks names up; every address that a name leads to must be allowed.
    public var resolver: HostResolver = .system()
    /// How long after a check the next one is due.
    public var interval: Duration = .seconds(86_400)
    /// How long after checks in a row that came to nothing the next one is due; the last counts for all further ones.
    public var retries: [Duration] = [.seconds(900), .seconds(3_600), .seconds(14_400), .seconds(86_400)]
    /// Attempts that may end badly on a repository before it counts as not assessed.
    public var attempts = 3

    /// The usual settings.
    public init(rules: WebhookRules = .standard) { self.rules = rules }

    /// How long after a number of checks in a row that came to nothing the next one is due.
    func delay(after failures: Int) -> Duration {
        guard !retries.isEmpty else { return interval }
        return retries[min(max(failures, 1), retries.count) - 1]
    }
}

/// What a check is to read.
public struct ProjectCheckRequest: Sendable, Hashable {
    /// Row of the project: what was fetched of it before lies under this number.
    public var id: Int64
    /// What the project is called.
    public var name: String
    /// Where its repository lies.
    public var url: String
    /// The address of the host, which was looked up and judged.
    public var address: String
    /// What its forge is asked with; nil asks none.
    public var forgeToken: String?
    /// The clock value of the evaluation.
    public var now: Timestamp

    /// A request.
    public init(id: Int64, name: String, url: String, address: String, forgeToken: String?, now: Timestamp) {
        self.id = id
        self.name = name
        self.url = url
        self.address = address
        self.forgeToken = forgeToken
        self.now = now
    }
}

/// Reads repositories: in a child process in a node, in this process in tests.
public struct ProjectChecker: Sendable {
    /// Reads one and judges it under every catalogue.
    public var check: @Sendable (ProjectCheckRequest) async throws(ProjectCheckError) -> ProjectAssessment
    /// Removes what was fetched of a project before.
    public var forget: @Sendable (_ id: Int64) async -> Void

    /// Makes a checker of two functions.
    public init(
        check: @escaping @Sendable (ProjectCheckRequest) async throws(ProjectCheckError) -> ProjectAssessment,
        forget: @escaping @Sendable (_ id: Int64) async -> Void = { _ in }
    ) {
        self.check = check
        self.forget = forget
    }
}

/// Why a check came to nothing.
public enum ProjectCheckError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The repository cannot be reached or is none: the last verdict stays, and the next check is due later.
    case unreachable(String)
    /// The repository made its reader end badly, as it may at each attempt.
    case unreadable(String)
    /// This machine cannot read anything now; the repository is not to blame.
    case machine(String)
    /// The node ends.
    case cancelled

    /// The reason in words.
    public var description: String {
        switch self {
        case .unreachable(let reason), .unreadable(let reason), .machine(let reason): reason
        case .cancelled: "the check was cancelled"
        }
    }
}
