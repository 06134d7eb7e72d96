// SPDX-License-Identifier: EUPL-1.2

/// One thing that a specification asks of a registry, and the way to find out.
///
/// A case makes its own content in repositories of its own, so that cases run in any order and none hides another.
public struct ConformanceCase: Sendable {
    /// Stable name, such as `blob.chunked.out-of-order.sha512`.
    public let id: String
    /// What is asked for, in one sentence.
    public let title: String
    /// What it is about.
    public let group: CaseGroup
    /// Where the specification asks for it.
    public let source: SpecificationSource
    /// The first version that asks for it.
    public let since: SpecificationVersion
    /// Finds out; throws ``Failed`` or ``Skipped``.
    public let run: @Sendable (Probe) async throws -> Void

    /// A case.
    public init(
        _ id: String,
        _ title: String,
        _ group: CaseGroup,
        _ source: SpecificationSource,
        since: SpecificationVersion = .v1_1,
        run: @escaping @Sendable (Probe) async throws -> Void
    ) {
        self.id = id
        self.title = title
        self.group = group
        self.source = source
        self.since = since
        self.run = run
    }
}
