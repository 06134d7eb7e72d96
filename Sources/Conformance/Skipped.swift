// SPDX-License-Identifier: EUPL-1.2

/// A registry made use of a freedom that the specification leaves; what the case is about cannot be seen.
public struct Skipped: Error, Sendable, Equatable {
    /// Which freedom.
    public let reason: String

    /// With its reason.
    public init(_ reason: String) { self.reason = reason }
}
