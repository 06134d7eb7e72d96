// SPDX-License-Identifier: EUPL-1.2

import Criteria
import FoundationEssentials

/// The release dates of distributions as the package `distro-info-data` installs them.
enum ReleaseTables {
    /// Reads the tables that are there; none is no error, a broken one is.
    static func installed(directory: String = "/usr/share/distro-info") throws -> ReleaseCalendar {
        var tables: [String: String] = [:]
        for name in ["debian", "ubuntu"] {
            guard let text = try? String(contentsOfFile: "\(directory)/\(name).csv", encoding: .utf8) else { continue }
            tables[name] = text
        }
        return try ReleaseCalendar(tables: tables)
    }
}
