// SPDX-License-Identifier: EUPL-1.2

/// How a case ended.
public struct CaseResult: Sendable {
    /// What was found out.
    public enum Outcome: Sendable, Equatable {
        /// As the specification asks.
        case passed
        /// Otherwise.
        case failed(Failed)
        /// Not to be found out, because of a freedom of the registry.
        case skipped(Skipped)
    }

    /// The case.
    public let subject: ConformanceCase
    /// What was found out.
    public let outcome: Outcome
    /// How long it took.
    public let duration: Duration

    /// A result.
    public init(_ subject: ConformanceCase, _ outcome: Outcome, duration: Duration) {
        self.subject = subject
        self.outcome = outcome
        self.duration = duration
    }

    /// The failure, if it is one.
    public var failure: Failed? { if case .failed(let failure) = outcome { failure } else { nil } }

    /// The reason, if it was skipped.
    public var skip: Skipped? { if case .skipped(let skip) = outcome { skip } else { nil } }

    /// Whether it ended well.
    public var isPassed: Bool { outcome == .passed }
}
