// SPDX-License-Identifier: EUPL-1.2

/// Which text of the distribution specification is asked for; a later one asks for all that an earlier one does.
public enum SpecificationVersion: String, Sendable, CaseIterable, Comparable {
    /// The release 1.1.1.
    case v1_1 = "1.1"
    /// The main branch, summer 2026.
    case dev

    /// Orders by time.
    public static func < (lhs: SpecificationVersion, rhs: SpecificationVersion) -> Bool { lhs == .v1_1 && rhs == .dev }
}
