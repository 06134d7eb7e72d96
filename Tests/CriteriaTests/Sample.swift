// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Criteria
import JSON
import OCI
import SBOM
import Time

/// An image that passes every decided criterion, and the circumstances in which it does; tests spoil one thing each.
struct Sample {
    static let now = Timestamp(rfc3339: "2026-11-22T09:14:00Z") ?? Timestamp(seconds: 0)

    static let calendar: ReleaseCalendar = {
        let debian = """
            version,codename,series,created,release,eol,eol-lts,eol-elts
            11,Bullseye,bullseye,2019-07-06,2021-08-14,2024-08-14,2026-08-31,2031-06-30
            12,Bookworm,bookworm,2021-08-14,2023-06-10,2026-07-11,2028-06-30,2033-06-30
            13,Trixie,trixie,2023-06-10,2025-08-09,2028-08-09,2030-06-30,2035-06-30
            14,Forky,forky,2025-08-09
            ,Sid,sid,1993-08-16
            """
        let ubuntu = """
            version,codename,series,created,release,eol,eol-server,eol-esm,eol-legacy
            22.04 LTS,Jammy Jellyfish,jammy,2021-10-14,2022-04-21,2027-06-01,2027-06-01,2032-04-21,2034-04-25
            25.10,Questing Quokka,questing,2025-04-17,2025-10-09,2026-07-09
            """
        return (try? ReleaseCalendar(tables: ["debian": debian, "ubuntu": ubuntu])) ?? .empty
    }()

    static let trixie = Distribution(
        id: "debian",
        versionID: "13",
        codename: "trixie",
        prettyName: "Debian GNU/Linux 13 (trixie)"
    )
    static let bookworm = Distribution(
        id: "debian",
        versionID: "12",
        codename: "bookworm",
        prettyName: "Debian GNU/Linux 12 (bookworm)"
    )

    var evidence = Sample.image
    var assessed = Assessed()
    var context = Sample.circumstances

    static let digestText = "sha256:" + String(repeating: "a", count: 64)

    static var labels: [String: String] {
        let prefix = "org.opencontainers.image."
        return [
            prefix + "version": "1.4.2", prefix + "revision": String(repeating: "0123456789", count: 4),
            prefix + "source": "https://gitlab.opencode.de/kontor/demo", prefix + "title": "demo",
            prefix + "licenses": "EUPL-1.2", prefix + "description": "Serves a page that says hello to the visitor",
            prefix + "documentation": "https://gitlab.opencode.de/kontor/demo/-/blob/main/README.md",
            "eu.kontor.image.support-end": "2031-12",
        ]
    }

    static var component: Component {
        Component(
            ecosystem: "deb",
            distribution: trixie,
            name: "libssl3t64",
            version: "3.5.1-1",
            sourceName: "openssl",
            sourceVersion: "3.5.1-1",
            architecture: "amd64",
            purl: try? PackageURL(parsing: "pkg:deb/debian/libssl3t64@3.5.1-1?arch=amd64&distro=debian-13"),
            licenses: ["Apache-2.0"],
            layer: 0,
            paths: ["var/lib/dpkg/status"]
        )
    }

    static var image: ImageEvidence {
        ImageEvidence(
            digest: try? Digest(parsing: digestText),
            configuration: ImageConfiguration(
                architecture: "amd64",
                os: "linux",
                created: "2026-11-21T08:00:00Z",
                user: "65532:65532",
                exposedPorts: ["8080/tcp"],
                environment: ["PATH=/usr/bin"],
                entrypoint: ["/usr/bin/demo"],
                labels: labels
            ),
            integrity: IntegrityEvidence(checks: [
                IntegrityCheck(subject: "manifest", expected: digestText, actual: digestText),
                IntegrityCheck(subject: "layer 0", expected: digestText, actual: digestText),
            ]),
            distribution: trixie,
            components: [component],
            users: [
                UserEntry(name: "root", userID: 0, groupID: 0, home: "/root", shell: "/usr/sbin/nologin"),
                UserEntry(name: "toor", userID: 0, groupID: 0, home: "/root", shell: "/usr/sbin/nologin"),
                UserEntry(name: "demo", userID: 1000, groupID: 1000, home: "/", shell: "/usr/sbin/nologin"),
            ],
            groups: [GroupEntry(name: "root", groupID: 0), GroupEntry(name: "demo", groupID: 1000)],
            files: FileEvidence(
                entries: 100,
                visibleBytes: 10_000_000,
                executables: FileList(total: 1, items: [file("usr/bin/demo")]),
                programs: ProgramEvidence(total: 1)
            ),
            secrets: SecretEvidence(bytesScanned: 10_000_000, complete: true)
        )
    }

    static func file(_ path: String, mode: UInt32 = 0o755, capabilities: Bool = false) -> FileFact {
        FileFact(path: path, mode: mode, userID: 0, groupID: 0, size: 1000, layer: 0, hasCapabilities: capabilities)
    }

    static func list(_ files: FileFact...) -> FileList { FileList(total: files.count, items: files) }

    static func day(_ text: String) -> Timestamp { Timestamp(date: text) ?? Timestamp(seconds: 0) }

    static var feeds: [FeedState] {
        [
            FeedState(
                name: "debian-tracker",
                kind: .distribution,
                asOf: day("2026-11-21"),
                newestRecord: day("2026-11-20"),
                digest: "sha256:1",
                count: 8849,
                releases: ["bookworm", "trixie"]
            ),
            FeedState(name: "cisa-kev", kind: .exploited, asOf: day("2026-11-20"), digest: "sha256:2", count: 1460),
            FeedState(name: "epss", kind: .other, asOf: day("2026-11-01"), digest: "sha256:3", count: 360_142),
        ]
    }

    static var circumstances: EvaluationContext {
        EvaluationContext(feeds: feeds, snapshot: "snapshot-1", releases: calendar, now: now)
    }

    static func finding(
        _ id: String = "CVE-2026-1",
        component: String = "libssl3t64",
        status: FindingStatus = .affected,
        fixedIn: String? = "3.5.1-1+deb13u1",
        severity: Severity = .high,
        kev: KEVEntry? = nil,
        percentile: Double? = nil,
        risk: Double = 10
    ) -> Finding {
        Finding(
            id: id,
            componentName: component,
            componentVersion: "3.5.1-1",
            componentPURL: "pkg:deb/debian/\(component)@3.5.1-1?arch=amd64&distro=debian-13",
            status: status,
            fixedIn: fixedIn,
            severity: severity,
            severitySource: severity == .unknown ? nil : "debian",
            kev: kev,
            epss: percentile.map { EPSSScore(probability: 0.5, percentile: $0) },
            risk: risk,
            riskExplanation: "test",
            evidence: FindingEvidence(
                feed: "debian",
                record: "openssl \(id) trixie",
                rule: "deb source version 3.5.1-1 < \(fixedIn ?? "-")",
                sourceName: "openssl",
                sourceVersion: "3.5.1-1"
            )
        )
    }

    static let kev = KEVEntry(
        id: "CVE-2026-1",
        dateAdded: day("2026-11-01"),
        dueDate: day("2026-11-15"),
        name: "OpenSSL"
    )

    mutating func label(_ name: String, _ value: String?) {
        evidence.configuration?.labels["org.opencontainers.image." + name] = value
    }

    func verdict() throws -> Verdict {
        Evaluation.verdict(
            catalogue: try Catalogue.embedded(),
            evidence: evidence,
            assessed: assessed,
            context: context
        )
    }

    func result(_ id: String) throws -> CriterionResult {
        guard let result = try verdict().criteria.first(where: { $0.id == id }) else {
            throw JSONShapeError(path: id, expected: "a result", found: "nothing")
        }
        return result
    }
}
