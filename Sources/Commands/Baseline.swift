// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Criteria
import JSON
import Reports
import SBOM

/// From which severity on a new finding ends the call with exit code 1.
enum NewFindingLimit: String, CaseIterable {
    case critical, high, medium, low, any, none

    /// The lowest severity that counts; nil when nothing new is to fail.
    var severity: Severity? {
        switch self {
        case .critical: .critical
        case .high: .high
        case .medium: .medium
        case .low: .low
        case .any: .negligible
        case .none: nil
        }
    }

    /// Says whether there is something new that is not to pass.
    ///
    /// A criterion that got worse counts whatever the severity; only `none` reports without failing.
    func isExceeded(by comparison: VerdictComparison) -> Bool {
        guard let severity else { return false }
        return !comparison.worse.isEmpty || !comparison.newFindings(from: severity).isEmpty
    }
}

/// An earlier verdict, as `--format json` wrote it.
enum Baseline {
    /// Reads a verdict from a file.
    ///
    /// - Throws: ``CommandFailure`` that names the file and the byte or the member that is wrong.
    static func read(_ path: String) throws(CommandFailure) -> Verdict {
        let bytes: [UInt8]
        do { bytes = try contents(path, limit: JSONLimits.standard.bytes) } catch {
            throw CommandFailure(Texts.cannotRead(path, error.text))
        }
        let value: JSONValue
        do { value = try JSONValue(parsing: bytes) } catch {
            throw CommandFailure(Texts.badBaseline(path, "\(error)"))
        }
        do { return try Verdict(json: value) } catch {
            throw CommandFailure(Texts.badBaseline(path, "\(error)"))
        }
    }
}
