// SPDX-License-Identifier: EUPL-1.2

import OCI

/// Every case there is.
public enum CaseCatalogue {
    /// In the order in which they are told.
    public static let all: [ConformanceCase] =
        BaseCases.all + NameCases.all + EmptyRepositoryCases.all + UploadCases.all + SessionCases.all + MountCases.all
        + BadDigestCases.all + RangeCases.all + HeaderCases.all + ManifestCases.all + DataCases.all + TagCases.all
        + ReferrerCases.all + DeletionCases.all + CatalogCases.all + ErrorCases.all + ConcurrencyCases.all
}

extension ConformanceCase {
    /// One case for each algorithm; the identifier and the title get its name.
    static func each(
        _ id: String,
        _ title: String,
        _ group: CaseGroup,
        _ source: SpecificationSource,
        since: SpecificationVersion = .v1_1,
        run: @escaping @Sendable (Probe, Digest.Algorithm) async throws -> Void
    ) -> [ConformanceCase] {
        Digest.Algorithm.allCases.map { algorithm in
            ConformanceCase(
                "\(id).\(algorithm.rawValue)",
                "\(title) (\(algorithm.rawValue))",
                group,
                source,
                since: since
            ) {
                try await run($0, algorithm)
            }
        }
    }
}
