// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Archives
import Glibc
import JSON

/// The Debian tracker that the estate's packages are drawn from, and the same with vulnerabilities added.
struct Tracker: Sendable {
    struct Fix: Sendable {
        let identifier: String
        let version: String
    }

    static let release = "bookworm"

    private let document: [String: JSONValue]
    /// Of each source package what was fixed in which version.
    let fixes: [String: [Fix]]

    init(reading path: String) throws {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { throw Complaint("cannot open \(path)") }
        defer { close(descriptor) }
        let bytes = try Decompression.bytes(of: .file(descriptor: descriptor), limit: 1 << 30)
        let limits = JSONLimits(bytes: 1 << 30, values: .max)
        guard let document = try JSONValue(parsing: bytes, limits: limits).objectValue else {
            throw Complaint("\(path) is no Debian tracker")
        }
        self.init(document)
    }

    private init(_ document: [String: JSONValue]) {
        self.document = document
        fixes = document.mapValues { issues in
            (issues.objectValue ?? [:]).compactMap { identifier, issue in
                issue["releases"]?[Self.release]?["fixed_version"]?.stringValue
                    .map { Fix(identifier: identifier, version: $0) }
            }.sorted { $0.identifier < $1.identifier }
        }
    }

    /// The same with one more vulnerability.
    func adding(_ fix: Fix, to source: String) -> Tracker {
        var document = document
        var issues = document[source]?.objectValue ?? [:]
        let state: JSONValue = [
            "fixed_version": .string(fix.version), "status": "resolved", "urgency": "not yet assigned",
        ]
        issues[fix.identifier] = ["releases": [Self.release: state], "scope": "remote"]
        document[source] = .object(issues)
        return Tracker(document)
    }

    var bytes: [UInt8] { JSONValue.object(document).bytes() }

    /// Versions in which something of a source was fixed, oldest first, each once.
    func versions(of source: String) throws -> [String] {
        let versions = Set((fixes[source] ?? []).map(\.version))
        // The order of what cannot be compared is that of its text; the tracker holds none.
        return versions.sorted { left, right in
            let order = try? VersionScheme.dpkg.order(left, right)
            return order.map { $0 < 0 } ?? (left < right)
        }
    }
}
