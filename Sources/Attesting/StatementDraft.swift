// SPDX-License-Identifier: EUPL-1.2

internal import Advisories
package import Attestations
package import Criteria
package import JSON
package import OCI
internal import Reports
internal import Time

/// A statement before it is signed.
package struct StatementDraft: Sendable, Hashable {
    /// What is said.
    package let kind: ImageAttestation.Kind
    /// Tells several of one kind apart; empty where there is one.
    var slot: [UInt8] = []
    /// Digest over what it rests on: the same is not signed again.
    package let basis: Digest
    /// URI of the predicate's type.
    package let predicateType: String
    /// The statement, byte by byte.
    package let payload: [UInt8]
    /// Until when it holds; nil where only news ends it.
    var validUntil: Timestamp?
}

/// An image under the name that its statements give it.
package struct StatedImage: Sendable {
    /// Where it lies.
    let repository: RepositoryName
    /// The image.
    let digest: Digest
    /// Host and port of the registry.
    let authority: String
    /// Scheme, host and port of the node: who judges, in every statement.
    let address: String
    /// Version of the program.
    let version: String

    /// Names an image.
    package init(
        repository: RepositoryName,
        digest: Digest,
        authority: String,
        address: String,
        version: String
    ) {
        self.repository = repository
        self.digest = digest
        self.authority = authority
        self.address = address
        self.version = version
    }

    /// Name without digest.
    var name: String { "\(authority)/\(repository)" }

    /// Bytes of the largest statement that is signed: its envelope has it in base64, and every reader bounds what it takes.
    package static let maximumStatement = 7 << 20

    func statement(_ predicateType: String, _ predicate: [String: JSONValue]) -> [UInt8] {
        Attestations.Statement(
            subjects: [ResourceDescriptor(name: name, digest)],
            predicateType: predicateType,
            predicate: predicate
        ).bytes
    }
}

/// What is stated about an image by its verdict: a pure function, so that it can be told beforehand what is signed, and when anew.
package struct VerdictStatements: Sendable {
    let image: StatedImage
    let verdict: Verdict
    /// Digest over level, results and affected findings.
    let news: Digest
    /// The bill of materials; nil while there is none.
    let bill: JSONValue?
    let catalogue: Catalogue

    /// Statements of a verdict under a catalogue.
    package init(image: StatedImage, verdict: Verdict, news: Digest, bill: JSONValue?, catalogue: Catalogue) {
        self.image = image
        self.verdict = verdict
        self.news = news
        self.bill = bill
        self.catalogue = catalogue
    }

    /// What is to be signed, in the order of the kinds, and what cannot be.
    package func drafts() throws -> (drafts: [StatementDraft], problem: String?) {
        var drafts: [StatementDraft] = []
        if let bill = bill?.objectValue {
            let basis = Digest.sha256(JSONValue.object(bill).bytes(.rfc8785))
            drafts.append(draft(.bill, basis, PredicateType.cycloneDX, bill))
        }
        drafts.append(draft(.scan, affected, PredicateType.cosignVulnerabilities, scan.cosignPredicate))
        if let words = try exploitability() { drafts.append(words) }
        drafts.append(draft(.verdict, news, PredicateType.verificationSummary, try summary().predicate))
        drafts.append(draft(.criteria, news, PredicateType.testResult, results.predicate))
        let large = drafts.filter { $0.payload.count > StatedImage.maximumStatement }
        guard let first = large.first else { return (drafts, nil) }
        return (
            drafts.filter { $0.payload.count <= StatedImage.maximumStatement },
            "the statement of type \(first.predicateType) has \(first.payload.count) bytes, and verifiers take at most "
                + "\(StatedImage.maximumStatement): what it says is served, and not attested"
        )
    }

    private func draft(
        _ kind: ImageAttestation.Kind,
        _ basis: Digest,
        _ type: String,
        _ predicate: [String: JSONValue]
    ) -> StatementDraft {
        StatementDraft(kind: kind, basis: basis, predicateType: type, payload: image.statement(type, predicate))
    }

    // MARK: - Verdict

    /// The catalogue, by what it says.
    private var policy: ResourceDescriptor {
        // Of another version than this program brings nobody here knows the bytes.
        let digests =
            verdict.catalogueVersion == catalogue.version
            ? ["sha256": Digest.sha256(Catalogue.embeddedYAML).hex] : [:]
        return ResourceDescriptor(
            name: "images-\(verdict.catalogueVersion)",
            uri: "\(image.address)/criteria",
            digests: digests
        )
    }

    /// The verdict as other tools know one.
    ///
    /// It says no end: it is signed anew when it is news, and a verifier that wants to be sure how things are today asks for a recent
    /// `timeVerified`, or the node.
    package func summary() throws -> VerificationSummary {
        var versions = ["kontor": image.version, "catalogue": verdict.catalogueVersion]
        if let snapshot = verdict.snapshot { versions["advisories"] = snapshot }
        return try VerificationSummary(
            verifierID: image.address,
            verifierVersions: versions,
            timeVerified: verdict.evaluatedAt,
            resourceURI: "\(image.name)@\(image.digest)",
            policy: policy,
            verifiedLevels: levels
        )
    }

    /// Levels that were reached, the highest of each track: the whole, its areas, and the build's where evidence proves it; nil for none.
    package var levels: [String]? {
        guard verdict.level > .none else { return nil }
        let name = "kontor \(verdict.catalogueVersion)"
        var levels = [VerificationSummary.level(catalogue: name, level: verdict.level.rawValue)]
        for area in Area.allCases where verdict.level(of: area) > .none {
            levels.append(
                VerificationSummary.level(
                    catalogue: "\(name) \(area.rawValue)",
                    level: verdict.level(of: area).rawValue
                )
            )
        }
        if let level = buildLevel { levels.append("SLSA_BUILD_LEVEL_\(level)") }
        return levels
    }

    /// The build level of SLSA that proven evidence shows; nil where nothing does.
    ///
    /// Which criteria ask for one is the catalogue's word, in their sources.
    package var buildLevel: Int? {
        var reached: Int?
        for level in 1...3 {
            let source = "SLSA v1.2 Build L\(level)"
            let asking = catalogue.criteria.filter { $0.sources.contains(source) }.map(\.id)
            let results = verdict.criteria.filter { asking.contains($0.id) }
            // Nothing asks for it: a higher one may.
            guard !results.isEmpty else { continue }
            guard results.count == asking.count, results.allSatisfy(Self.isProven) else { break }
            reached = level
        }
        return reached
    }

    private static func isProven(_ result: CriterionResult) -> Bool {
        result.result == .pass && result.evidence.contains { $0.strength == .proven }
    }

    /// Every criterion: those that passed, those that failed, and those that cannot be told or do not count yet.
    package var results: TestResult {
        var result = TestResult(
            configuration: [policy],
            url: "\(image.address)/images/\(image.repository)@\(image.digest)"
        )
        for criterion in verdict.criteria {
            result.results[criterion.id] = criterion.result.rawValue
            switch criterion.result {
            case .notApplicable: break
            case _ where !verdict.counts(criterion): result.warned.append(criterion.id)
            case .pass: result.passed.append(criterion.id)
            case .fail: result.failed.append(criterion.id)
            case .unknown: result.warned.append(criterion.id)
            }
        }
        return result
    }

    // MARK: - Findings

    /// Digest over the findings that are open.
    private var affected: Digest {
        let open = verdict.findings.filter(\.isOpen).map { finding in
            [
                finding.id, finding.componentName, finding.componentVersion, finding.componentPURL ?? "",
                finding.status.rawValue,
            ]
        }
        let sorted = open.sorted { $0.lexicographicallyPrecedes($1) }
        return .sha256(JSONValue.array(sorted.map { .strings($0) }).bytes(.rfc8785))
    }

    /// What was found, under which advisories.
    var scan: VulnerabilityScan {
        VulnerabilityScan(
            scannerURI: image.address,
            scannerVersion: image.version,
            databaseURI: "\(image.address)/api/v1/feeds",
            databaseVersion: verdict.snapshot ?? "none",
            // As old as the oldest: nobody shall think that all of it is as new as one part.
            databaseUpdated: verdict.feeds.map(\.date).min() ?? Timestamp(seconds: 0),
            started: verdict.evaluatedAt,
            finished: verdict.evaluatedAt,
            findings: verdict.findings.map { finding in
                VulnerabilityScan.Finding(
                    id: finding.id,
                    severities: finding.ratings.map { rating in
                        (method: rating.source, score: rating.vector ?? rating.severity.rawValue)
                    },
                    details: [
                        "package": .string(finding.componentName), "version": .string(finding.componentVersion),
                        "purl": .optional(finding.componentPURL), "status": .string(finding.status.rawValue),
                        "fixedIn": .optional(finding.fixedIn), "rating": .string(finding.severity.rawValue),
                        "exploited": .bool(finding.kev != nil),
                    ]
                )
            }
        )
    }

    /// What those responsible said about findings, as far as it counts; nil where nobody said anything.
    private func exploitability() throws -> StatementDraft? {
        var stated = verdict
        stated.findings = verdict.findings.filter { $0.statement != nil }
        guard !stated.findings.isEmpty else { return nil }
        let words = stated.findings.map { finding in
            JSONValue.strings([
                finding.id, finding.componentPURL ?? finding.componentName, finding.componentVersion,
                finding.status.rawValue, finding.statement?.json.text(.rfc8785) ?? "",
            ]).text(.rfc8785)
        }
        let report = VEXReport(
            verdict: stated,
            repository: image.repository.text,
            registry: image.authority,
            publisher: VEXPublisher(name: image.authority, namespace: image.address, category: .other),
            language: .en,
            toolVersion: image.version
        )
        guard let predicate = try report.document(.openVEX).objectValue else { return nil }
        let basis = Digest.sha256(JSONValue.strings(words.sorted()).bytes(.rfc8785))
        return draft(.exploitability, basis, PredicateType.openVEX, predicate)
    }
}
