// SPDX-License-Identifier: EUPL-1.2

internal import Criteria
internal import SBOM

/// All checks that a catalogue of projects can name.
enum ProjectChecks {
    /// Name of the check that decides nothing: the catalogue says why.
    static let undecidedName = "undecided"
    /// Name under which `checks.yaml` holds the cases that any check can meet.
    static let commonName = "common"

    static let byName: [String: ProjectCheck] = Dictionary(
        uniqueKeysWithValues: (history + forge + documents + contents + dependencies + pipelines + licences + [
            undecided
        ])
        .map { ($0.name, $0) }
    )

    static var names: String { byName.keys.sorted().joined(separator: ", ") }

    /// Cases that any check can meet.
    static let common: [ProjectCase] = [
        .unknown("no-forge", ["reason"]),
        .unknown("no-history", ["reason"]),
        .unknown("files-cut", ["reason"]),
    ]

    private static let undecided = ProjectCheck(undecidedName, cases: []) { _, _ in ProjectReport(hits: []) }
}
