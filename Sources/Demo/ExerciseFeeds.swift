// SPDX-License-Identifier: EUPL-1.2

import JSON
import Portal
import Time

/// The advisories of the exercise, in the forms in which real ones are published; the node reads them with the readers of those.
///
/// Every identifier is made up. Where a form demands the form of a CVE, it is one of the year 2099.
enum ExerciseFeeds {
    /// What today brings.
    static let exploited = "CVE-2099-40042"
    static let openssl = "CVE-2099-10001"
    static let curl = "CVE-2099-10002"
    static let zlib = "CVE-2099-10003"
    static let npmForms = "CVE-2099-10011"
    static let files = "CVE-2099-10012"
    private static let elsewhere = "CVE-2099-00001"

    /// Files of one day by name.
    static func files(of day: ExerciseDesk.Day, at now: Timestamp) -> [(name: String, bytes: [UInt8])] {
        let at = day == .today ? now : now - .seconds(86_400)
        let isToday = day == .today
        var records = [
            record(
                "KONTOR-EX-2026-0011",
                alias: npmForms,
                "npm",
                "uebung-formular",
                fixed: "1.3.2",
                "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N",
                "A form may hold commands",
                at
            ),
            record(
                "KONTOR-EX-2026-0012",
                alias: files,
                "PyPI",
                "uebung-akten",
                fixed: "2.1.0",
                "CVSS:3.1/AV:N/AC:H/PR:L/UI:N/S:U/C:L/I:L/A:N",
                "Names of files are shown to others",
                at
            ),
            record(
                "KONTOR-EX-2026-0013",
                alias: "CVE-2099-10013",
                "Maven",
                "org.example.uebung:aktenkern",
                fixed: "1.1.0",
                "CVSS:3.1/AV:L/AC:H/PR:L/UI:N/S:U/C:L/I:N/A:N",
                "A temporary file may be read by others",
                at
            ),
        ]
        if isToday {
            let library = ApplicationPackage.formLibrary
            records.append(
                record(
                    "KONTOR-EX-2026-0042",
                    alias: exploited,
                    "Maven",
                    "\(library.group):\(library.artifact)",
                    fixed: "4.2.1",
                    "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
                    "A crafted form runs code on the server; exploited in this exercise",
                    at
                )
            )
        }
        return [
            ("tracker.json", tracker.bytes()), ("alpine-main.json", alpine.bytes()),
            ("known-exploited.json", knownExploited(isToday: isToday, at).bytes()),
            ("epss.csv", scores(isToday: isToday, at)),
        ] + records.map { ("osv-\($0["id"]?.stringValue ?? "").json", $0.bytes()) }
    }

    private static func made(up text: String) -> String { "EXERCISE, made up: \(text)." }

    // MARK: Debian's tracker

    private static var tracker: JSONValue {
        [
            "openssl": [openssl: issue("A handshake reads past its end", fixed: "3.0.15-1~deb12u1", "high")],
            "curl": [curl: issue("A header is sent to another host", fixed: "7.88.1-10+deb12u8", "high")],
            "zlib": [
                zlib: [
                    "description": .string(made(up: "A file of 2 GiB is unpacked slowly")),
                    "releases": [
                        "bookworm": ["status": "open", "urgency": "low", "nodsa": "Minor issue", "nodsa_reason": ""]
                    ],
                ]
            ],
        ]
    }

    private static func issue(_ text: String, fixed: String, _ urgency: String) -> JSONValue {
        [
            "description": .string(made(up: text)),
            "releases": [
                "bookworm": [
                    "status": "resolved", "fixed_version": .string(fixed), "urgency": .string(urgency),
                    "repositories": ["bookworm": .string(fixed)],
                ]
            ],
        ]
    }

    // MARK: Alpine's secdb

    private static var alpine: JSONValue {
        [
            "apkurl": "{{urlprefix}}/{{distroversion}}/{{reponame}}/{{arch}}/{{pkg.name}}-{{pkg.ver}}.apk",
            "archs": ["x86_64", "aarch64"], "reponame": "main", "urlprefix": "https://alpine.example.org",
            "distroversion": "v3.20",
            "packages": [["pkg": ["name": "openssl", "secfixes": ["3.3.2-r0": [.string(openssl)]]]]],
        ]
    }

    // MARK: KEV and EPSS

    private static func knownExploited(isToday: Bool, _ at: Timestamp) -> JSONValue {
        var entries = [entry(elsewhere, "A product that nobody here has", at)]
        if isToday { entries.append(entry(exploited, "formularkern", at)) }
        return [
            "title": "Exercise: known exploited vulnerabilities, made up",
            "catalogVersion": .string(at.dateText.replacing("-", with: ".")), "dateReleased": .string(at.rfc3339),
            "count": .integer(Int64(entries.count)), "vulnerabilities": .array(entries),
        ]
    }

    private static func entry(_ id: String, _ product: String, _ at: Timestamp) -> JSONValue {
        [
            "cveID": .string(id), "vendorProject": "Exercise", "product": .string(product),
            "vulnerabilityName": .string(made(up: product)), "dateAdded": .string(at.dateText),
            "shortDescription": .string(made(up: "exploited")), "requiredAction": "Update, in this exercise.",
            "dueDate": .string((at + .seconds(14 * 86_400)).dateText), "knownRansomwareCampaignUse": "Unknown",
            "notes": "", "cwes": [],
        ]
    }

    private static func scores(isToday: Bool, _ at: Timestamp) -> [UInt8] {
        var lines = ["#model_version:exercise,score_date:\(at.dateText)T00:00:00+0000", "cve,epss,percentile"]
        let known = [
            (openssl, "0.02140", "0.84210"), (curl, "0.00310", "0.52100"), (zlib, "0.00040", "0.10020"),
            (npmForms, "0.01020", "0.77400"), (files, "0.00090", "0.30100"),
        ]
        lines += known.map { "\($0.0),\($0.1),\($0.2)" }
        if isToday { lines.append("\(exploited),0.94000,0.99900") }
        return Array((lines.joined(separator: "\n") + "\n").utf8)
    }

    // MARK: OSV

    private static func record(
        _ id: String,
        alias: String,
        _ ecosystem: String,
        _ package: String,
        fixed: String,
        _ vector: String,
        _ text: String,
        _ at: Timestamp
    ) -> JSONValue {
        [
            "schema_version": "1.6.0", "id": .string(id), "modified": .string(at.rfc3339),
            "published": .string(at.rfc3339),
            "aliases": [.string(alias)], "summary": .string(made(up: text)),
            "severity": [["type": "CVSS_V3", "score": .string(vector)]],
            "affected": [
                [
                    "package": ["ecosystem": .string(ecosystem), "name": .string(package)],
                    "ranges": [
                        [
                            "type": .string(ecosystem == "npm" ? "SEMVER" : "ECOSYSTEM"),
                            "events": [["introduced": "0"], ["fixed": .string(fixed)]],
                        ]
                    ],
                ]
            ],
        ]
    }
}
