// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Criteria
import OCI
import SBOM
import Time

/// What is spoilt in findings and feeds.
let findingCases: [Spoilt] = [
    Spoilt("IMG-SEC-25", "no feed", .fail, says: "Not matched", advises: "kontor feeds import") {
        $0.context.feeds = []
    },
    Spoilt("IMG-SEC-25", "a match of the day before yesterday", .fail, says: "2026-11-20") {
        $0.context.matchedAt = Sample.day("2026-11-20")
    },
    Spoilt("IMG-SEC-25", "packages that no feed covers", .unknown, says: "12 × npm (no feed loaded)") {
        $0.assessed.notAssessed = [
            NotAssessed(
                ecosystem: "npm",
                components: 12,
                reason: LocalizedText(de: "kein Feed geladen", en: "no feed loaded")
            )
        ]
    },
    Spoilt("IMG-SEC-25", "no os-release", .unknown, says: "/etc/os-release") { $0.evidence.distribution = nil },
    Spoilt(
        "IMG-SEC-26",
        "a high finding with a fix",
        .fail,
        says: "openssl 3.5.1-1 is affected by CVE-2026-1, fixed in 3.5.1-1+deb13u1",
        advises: "apt-get install --only-upgrade libssl3t64 openssl"
    ) { $0.assessed.findings = [Sample.finding(), Sample.finding(component: "openssl")] },
    Spoilt("IMG-SEC-26", "the suite is named", .fail, advises: "trixie-security") {
        $0.assessed.findings = [Sample.finding()]
    },
    Spoilt("IMG-SEC-26", "a high finding without a fix", .fail, says: "no fix available") {
        $0.assessed.findings = [Sample.finding(status: .affectedNoFix, fixedIn: nil)]
    },
    Spoilt("IMG-SEC-26", "a medium finding", .pass, says: "(findings: 1)") {
        $0.assessed.findings = [Sample.finding(severity: .medium)]
    },
    Spoilt("IMG-SEC-26", "an unrated finding", .unknown, says: "Findings without a rating (1): CVE-2026-1 (openssl)") {
        $0.assessed.findings = [Sample.finding(severity: .unknown)]
    },
    Spoilt("IMG-SEC-26", "an unrated finding that is likely to be exploited", .fail) {
        $0.assessed.findings = [Sample.finding(severity: .unknown, percentile: 0.95)]
    },
    Spoilt("IMG-SEC-26", "an unrated finding that is exploited", .fail, says: "(exploited)") {
        $0.assessed.findings = [Sample.finding(severity: .unknown, kev: Sample.kev)]
    },
    Spoilt("IMG-SEC-26", "an unrated finding that the distributor has put off", .pass) {
        $0.assessed.findings = [Sample.finding(status: .affectedDeferred, fixedIn: nil, severity: .unknown)]
    },
    Spoilt("IMG-SEC-26", "a high finding that cannot be told", .unknown, says: "Cannot be decided: CVE-2026-1") {
        $0.assessed.findings = [Sample.finding(status: .undetermined)]
    },
    Spoilt("IMG-SEC-26", "a finding that is fixed", .pass) { $0.assessed.findings = [Sample.finding(status: .fixed)] },
    Spoilt("IMG-SEC-26", "a release that no feed covers", .unknown, says: "No loaded feed covers Debian GNU/Linux 11") {
        $0.evidence.distribution = Distribution(
            id: "debian",
            versionID: "11",
            codename: "bullseye",
            prettyName: "Debian GNU/Linux 11"
        )
    },
    Spoilt("IMG-SEC-26", "an incomplete inventory", .unknown) {
        $0.evidence.problems = [
            InventoryProblem(path: "var/lib/dpkg/status", layer: 0, reason: "line 3", affectsComponents: true)
        ]
    },
    Spoilt("IMG-SEC-26", "an incomplete inventory with a finding", .fail, says: "line 3") {
        $0.evidence.problems = [
            InventoryProblem(path: "var/lib/dpkg/status", layer: 0, reason: "line 3", affectsComponents: true)
        ]
        $0.assessed.findings = [Sample.finding()]
    },
    Spoilt("IMG-SEC-26", "no components", .unknown, says: "No package was found") { $0.evidence.components = [] },
    Spoilt("IMG-SEC-27", "an exploited vulnerability", .fail, says: "CVE-2026-1 (exploited), fixed in") {
        $0.assessed.findings = [Sample.finding(severity: .low, kev: Sample.kev)]
    },
    Spoilt("IMG-SEC-27", "an exploited vulnerability without a fix", .fail, says: "Exploited and without a fix") {
        $0.assessed.findings = [Sample.finding(status: .affectedWontFix, fixedIn: nil, kev: Sample.kev)]
    },
    Spoilt("IMG-SEC-27", "no list of exploited vulnerabilities", .unknown, says: "CISA KEV") {
        $0.context.feeds.removeAll { $0.kind == .exploited }
    },
    Spoilt("IMG-SEC-28", "an exploited one past its due date", .fail) {
        $0.assessed.findings = [Sample.finding(kev: Sample.kev)]
    },
    Spoilt("IMG-SEC-28", "a fix that is young as far as is known", .unknown, says: "at the latest 2026-11-20") {
        $0.assessed.findings = [Sample.finding()]
    },
    Spoilt("IMG-SEC-28", "a critical fix older than a week", .fail, says: "fixed in 3.5.1-1+deb13u1") {
        $0.assessed.findings = [Sample.finding(severity: .critical)]
        $0.context.now = Sample.day("2026-11-28")
        $0.context.ageLimits = AgeLimits(distribution: .seconds(86_400 * 60))
    },
    Spoilt("IMG-SEC-28", "one without a fix", .pass) {
        $0.assessed.findings = [Sample.finding(status: .affectedNoFix, fixedIn: nil)]
    },
    Spoilt("IMG-SEC-30", "a medium finding", .fail) { $0.assessed.findings = [Sample.finding(severity: .medium)] },
    Spoilt("IMG-SEC-30", "a low finding", .pass) { $0.assessed.findings = [Sample.finding(severity: .low)] },
]
