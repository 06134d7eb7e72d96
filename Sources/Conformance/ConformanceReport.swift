// SPDX-License-Identifier: EUPL-1.2

/// What a run found.
public struct ConformanceReport: Sendable {
    /// Address of the registry.
    public let registry: String
    /// The specification that was asked for.
    public let version: SpecificationVersion
    /// In the order in which the cases ran.
    public let results: [CaseResult]
    /// How long it all took.
    public let duration: Duration

    /// A report.
    public init(registry: String, version: SpecificationVersion, results: [CaseResult], duration: Duration) {
        self.registry = registry
        self.version = version
        self.results = results
        self.duration = duration
    }

    /// Cases that ended well.
    public var passed: Int { results.count { $0.isPassed } }

    /// Cases that failed.
    public var failures: [CaseResult] { results.filter { $0.failure != nil } }

    /// Cases that were skipped.
    public var skips: [CaseResult] { results.filter { $0.skip != nil } }

    /// Groups that have results, in their own order, with their results.
    public var groups: [(group: CaseGroup, results: [CaseResult])] {
        CaseGroup.allCases.compactMap { group in
            let own = results.filter { $0.subject.group == group }
            return own.isEmpty ? nil : (group, own)
        }
    }
}
