// SPDX-License-Identifier: EUPL-1.2

internal import SBOM

/// All checks that a catalogue can name.
enum Checks {
    /// Checks by name.
    static let byName: [String: Check] = Dictionary(
        uniqueKeysWithValues: (configuration + files + programs + contents + components + vulnerabilities + metadata
            + signatures + provenance + suppliers + freshness + reuse
            + [undecided]).map { ($0.name, $0) }
    )

    /// Cases that any check can meet; the catalogue has their texts once.
    static let commonCases: [Case] = [
        .unknown("open-published"),
        .unknown("open-operated"),
        .exempt("internal-image"),
        .exempt("kind-exempt", ["kind"]),
        .unknown("no-configuration"),
        .fail("conflict", ["key", "annotation", "label"]),
        .unknown("list-cut", ["seen", "total"]),
        .unknown("unreadable", ["problems"]),
        .unknown("no-distribution"),
        .unknown("no-components"),
        .unknown("not-assessed", ["components"]),
        .unknown("no-advisories", ["release"]),
        .unknown("no-exploited-feed"),
        .fail("fix-available", ["findings", "command", "release"]),
        .unknown("stale-advisories", ["feeds", "findings"]),
        .unknown("missing-platforms", ["platforms"]),
        .unknown("attestations-not-read"),
        .unknown("no-trust-policy"),
        .unknown("attestations-incomplete", ["problems"]),
    ]

    static func commonCase(_ name: String) -> Case? { commonCases.first { $0.name == name } }

    /// Stands for every check that this version has not: always unknown, with the reason that the catalogue gives.
    private static let undecided = Check("undecided", cases: [.unknown("undecided")]) { _, _ in
        CheckReport(.own("undecided"))
    }
}
