// SPDX-License-Identifier: EUPL-1.2

public import JSON
public import Time

/// The properties that a verifier found to hold, and none that it did not.
///
/// Source: in-toto attestation framework, predicate "Simple Verification Result" v0.2.
public struct SimpleVerificationResult: Sendable, Hashable {
    /// Who judged.
    public var verifierID: String
    /// By which policies.
    public var policies: [ResourceDescriptor]
    /// When.
    public var timeCreated: Timestamp
    /// What holds, such as the criteria that passed.
    public var properties: [String]

    /// Makes a result.
    public init(verifierID: String, policies: [ResourceDescriptor] = [], timeCreated: Timestamp, properties: [String]) {
        self.verifierID = verifierID
        self.policies = policies
        self.timeCreated = timeCreated
        self.properties = properties
    }

    /// The predicate.
    public var predicate: [String: JSONValue] {
        var verifier: [String: JSONValue] = ["id": .string(verifierID)]
        if !policies.isEmpty { verifier["policies"] = .array(policies.map(\.json)) }
        return [
            "verifier": .object(verifier), "timeCreated": .string(timeCreated.rfc3339),
            "properties": .strings(properties),
        ]
    }
}

/// How every criterion of a catalogue came out.
///
/// Source: in-toto attestation framework, predicate "Test Result" v0.1.
public struct TestResult: Sendable, Hashable {
    /// What was tested with: the catalogue by its digest.
    public var configuration: [ResourceDescriptor]
    /// Criteria that passed.
    public var passed: [String]
    /// Criteria that could not be judged, or whose failure does not count yet.
    public var warned: [String]
    /// Criteria that failed.
    public var failed: [String]
    /// Where the verdict can be read.
    public var url: String?
    /// Every criterion with the word of its result, also of those that do not apply, as an extension field.
    public var results: [String: String]

    /// Makes a result.
    public init(
        configuration: [ResourceDescriptor],
        passed: [String] = [],
        warned: [String] = [],
        failed: [String] = [],
        url: String? = nil,
        results: [String: String] = [:]
    ) {
        self.configuration = configuration
        self.passed = passed
        self.warned = warned
        self.failed = failed
        self.url = url
        self.results = results
    }

    // Names of extension fields carry the maker's prefix: in-toto attestation framework, "Parsing rules".
    private static let resultsKey = "kontor_results"

    /// The predicate: failed when one criterion failed, warned when one could not be judged, else passed.
    public var predicate: [String: JSONValue] {
        var members: [String: JSONValue] = [
            "result": failed.isEmpty ? (warned.isEmpty ? "PASSED" : "WARNED") : "FAILED",
            "configuration": .array(configuration.map(\.json)), "passedTests": .strings(passed),
            "warnedTests": .strings(warned),
            "failedTests": .strings(failed),
        ]
        if let url { members["url"] = .string(url) }
        if !results.isEmpty { members[Self.resultsKey] = .stringMap(results) }
        return members
    }
}

/// What a scan for vulnerabilities found, with which data and when.
///
/// Source: in-toto attestation framework, predicate "Vulnerabilities" v0.2.
public struct VulnerabilityScan: Sendable, Hashable {
    /// One vulnerability.
    public struct Finding: Sendable, Hashable {
        /// `CVE-2026-1234`.
        public var id: String
        /// Ratings by method, such as `cvss_score`.
        public var severities: [(method: String, score: String)] { scores.map { ($0.method, $0.score) } }
        /// What more is known, for readers of cosign's form, whose result is free.
        public var details: [String: JSONValue]
        private var scores: [Score]

        private struct Score: Sendable, Hashable {
            var method: String
            var score: String
        }

        /// Makes a finding.
        public init(id: String, severities: [(method: String, score: String)], details: [String: JSONValue] = [:]) {
            self.id = id
            self.details = details
            scores = severities.map { Score(method: $0.method, score: $0.score) }
        }

        fileprivate var json: JSONValue { .object(members) }

        fileprivate var members: [String: JSONValue] {
            [
                "id": .string(id),
                "severity": .array(scores.map { ["method": .string($0.method), "score": .string($0.score)] }),
            ]
        }
    }

    /// The program that scanned: a URI.
    public var scannerURI: String
    /// Its version.
    public var scannerVersion: String
    /// Where the data on vulnerabilities comes from.
    public var databaseURI: String
    /// Which data it was.
    public var databaseVersion: String
    /// How new the data was.
    public var databaseUpdated: Timestamp
    /// When the scan began.
    public var started: Timestamp
    /// When it ended.
    public var finished: Timestamp
    /// What was found; empty when nothing was.
    public var findings: [Finding]

    /// Makes a scan.
    public init(
        scannerURI: String,
        scannerVersion: String,
        databaseURI: String,
        databaseVersion: String,
        databaseUpdated: Timestamp,
        started: Timestamp,
        finished: Timestamp,
        findings: [Finding]
    ) {
        self.scannerURI = scannerURI
        self.scannerVersion = scannerVersion
        self.databaseURI = databaseURI
        self.databaseVersion = databaseVersion
        self.databaseUpdated = databaseUpdated
        self.started = started
        self.finished = finished
        self.findings = findings
    }

    /// The predicate.
    public var predicate: [String: JSONValue] {
        [
            "scanner": [
                "uri": .string(scannerURI), "version": .string(scannerVersion),
                "db": [
                    "uri": .string(databaseURI), "version": .string(databaseVersion),
                    "lastUpdate": .string(databaseUpdated.rfc3339),
                ],
                "result": .array(findings.map(\.json)),
            ],
            "metadata": metadata,
        ]
    }

    /// The predicate in cosign's form, of type ``PredicateType/cosignVulnerabilities``.
    ///
    /// Source: sigstore/cosign, "specs/COSIGN_VULN_ATTESTATION_SPEC.md".
    public var cosignPredicate: [String: JSONValue] {
        [
            "invocation": [
                "uri": .string(scannerURI), "event_id": "", "builder.id": .string(scannerURI), "parameters": [],
            ],
            "scanner": [
                "uri": .string(scannerURI), "version": .string(scannerVersion),
                "db": ["uri": .string(databaseURI), "version": .string(databaseVersion)],
                "result": [
                    "databaseUpdatedOn": .string(databaseUpdated.rfc3339),
                    "vulnerabilities": .array(
                        findings.map { finding in .object(finding.members.merging(finding.details) { own, _ in own }) }
                    ),
                ],
            ],
            "metadata": metadata,
        ]
    }

    private var metadata: JSONValue {
        ["scanStartedOn": .string(started.rfc3339), "scanFinishedOn": .string(finished.rfc3339)]
    }
}

/// What people found who looked at an image.
///
/// The predicate is this project's own; see ``PredicateType/humanAudit(below:)``.
public struct HumanAudit: Sendable, Hashable {
    /// Who answers for it: a role or a name that the auditors chose to publish.
    public var auditor: String
    /// What was looked at and how, in words.
    public var scope: String
    /// By what it was judged.
    public var catalogue: ResourceDescriptor?
    /// Whether the auditors let it pass.
    public var isPassed: Bool
    /// When it was finished.
    public var finished: Timestamp
    /// Until when it holds.
    public var validUntil: Timestamp?
    /// Criteria that were judged, each with `passed`, `failed` or `notApplicable`.
    public var criteria: [String: String]
    /// The report, by its digest.
    public var report: ResourceDescriptor?

    /// Makes an audit.
    public init(
        auditor: String,
        scope: String,
        catalogue: ResourceDescriptor? = nil,
        isPassed: Bool,
        finished: Timestamp,
        validUntil: Timestamp? = nil,
        criteria: [String: String] = [:],
        report: ResourceDescriptor? = nil
    ) {
        self.auditor = auditor
        self.scope = scope
        self.catalogue = catalogue
        self.isPassed = isPassed
        self.finished = finished
        self.validUntil = validUntil
        self.criteria = criteria
        self.report = report
    }

    /// The predicate.
    public var predicate: [String: JSONValue] {
        var members: [String: JSONValue] = [
            "auditor": ["name": .string(auditor)], "scope": .string(scope), "result": isPassed ? "PASSED" : "FAILED",
            "finishedOn": .string(finished.rfc3339), "criteria": .stringMap(criteria),
        ]
        if let catalogue { members["catalogue"] = catalogue.json }
        if let validUntil { members["validUntil"] = .string(validUntil.rfc3339) }
        if let report { members["report"] = report.json }
        return members
    }
}
