// SPDX-License-Identifier: EUPL-1.2

/// A registry did not do what was asked for.
public struct Failed: Error, Sendable, Equatable {
    /// What was sent: method, path, and what matters of headers and body.
    public let request: String
    /// What the specification asks.
    public let expected: String
    /// What came.
    public let got: String
    /// Where it asks, if that is not the source of the whole case.
    public let source: SpecificationSource?

    /// A failure.
    public init(expected: String, got: String, request: String, source: SpecificationSource? = nil) {
        self.request = request
        self.expected = expected
        self.got = got
        self.source = source
    }
}
