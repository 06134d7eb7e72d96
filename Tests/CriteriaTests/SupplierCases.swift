// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Criteria
import OCI
import SBOM
import Testing
import Time

/// An image whose suppliers attest all that criteria ask for; tests spoil one thing each.
struct SuppliedSample {
    var sample = Sample()
    var suppliers = SuppliedSample.suppliers
    var signed = SignedEvidence(trust: .inForce(revision: 1, threshold: 1))

    static let base = Digest.sha256(Array("a base".utf8))
    static let revision = String(repeating: "0123456789", count: 4)

    init() {
        sample.context.stage = .published
        sample.evidence.annotations["org.opencontainers.image.base.digest"] = Self.base.description
    }

    static func provenance(
        _ signer: String = "platform",
        level: Int = 3,
        operatedBy: String? = "Plattform Beispiel"
    ) -> AttestedProvenance {
        AttestedProvenance(
            signer: signer,
            predicateType: "https://slsa.dev/provenance/v1",
            builder: "https://\(signer).example/builder/v1",
            buildType: "https://\(signer).example/type/v1",
            level: level,
            operatedBy: operatedBy,
            unexpected: [],
            source: "git+https://gitlab.opencode.de/kontor/demo.git@refs/tags/1.4.2",
            revision: revision,
            images: [ImageDependency(uri: "pkg:oci/base", digest: base)]
        )
    }

    static var suppliers: SupplierEvidence {
        SupplierEvidence(
            provenance: [provenance(), provenance("other", level: 1, operatedBy: "Zweite Stelle")],
            bills: [
                AttestedBill(
                    signer: "platform",
                    format: "CycloneDX 1.6",
                    conclusion: .conforms,
                    components: 7,
                    timestamp: Sample.day("2026-11-20")
                )
            ],
            vex: [vex],
            contacts: [
                VulnerabilityContact(
                    place: "https://example.org/.well-known/security.txt",
                    namedBy: "platform",
                    readAt: Sample.day("2026-11-10"),
                    expires: Sample.day("2027-01-01"),
                    hasContact: true,
                    hasPolicy: true
                )
            ],
            images: [base: KnownImage(repository: "bund/debian", level: .silver)],
            projects: [source: project]
        )
    }

    static let source = SourceRevision(source: "https://gitlab.opencode.de/kontor/demo", revision: revision)

    static var project: SourceProject {
        SourceProject(security: .silver, judgedAt: Sample.day("2026-11-21"), isProtected: true)
    }

    /// What a project's check read, with nothing from bills.
    mutating func contact(_ change: (inout VulnerabilityContact) -> Void = { _ in }) {
        var contact = VulnerabilityContact(
            place: "SECURITY.md in https://gitlab.opencode.de/kontor/demo",
            namedBy: "project kontor/demo",
            readAt: Sample.day("2026-11-21"),
            hasContact: true,
            hasPolicy: true
        )
        change(&contact)
        suppliers.contacts = []
        suppliers.projects[Self.source]?.contact = contact
    }

    static var vex: AttestedVEX {
        AttestedVEX(
            signer: "platform",
            format: "OpenVEX",
            document: "https://example.org/vex/1",
            statements: 2,
            timestamp: Sample.day("2026-11-20")
        )
    }

    mutating func reject(_ type: String) {
        signed.statements.append(
            FoundStatement(
                predicateType: type,
                payload: "sha256:1",
                form: .cosign,
                proof: SignatureProof(
                    signer: nil,
                    isAccepted: false,
                    problems: [LocalizedText(de: "kein eingetragener Schlüssel", en: "no trusted key")]
                )
            )
        )
    }

    func result(_ id: String) throws -> CriterionResult {
        try #require(try verdict().criteria.first { $0.id == id })
    }

    func verdict() throws -> Verdict {
        Evaluation.verdict(
            catalogue: try Catalogue.embedded(),
            evidence: sample.evidence,
            assessed: sample.assessed,
            signed: signed,
            suppliers: suppliers,
            context: sample.context
        )
    }
}

/// One spoilt thing, what the criterion comes to and what its English explanation must hold.
struct SuppliedCase: CustomTestStringConvertible, Sendable {
    let id: String
    let name: String
    let outcome: Outcome
    let says: String
    let change: @Sendable (inout SuppliedSample) -> Void

    init(
        _ id: String,
        _ name: String,
        _ outcome: Outcome,
        says: String,
        _ change: @escaping @Sendable (inout SuppliedSample) -> Void = { _ in }
    ) {
        (self.id, self.name, self.outcome, self.says, self.change) = (id, name, outcome, says, change)
    }

    var testDescription: String { "\(id): \(name)" }
}

private let provenanceCases: [SuppliedCase] = [
    SuppliedCase("IMG-SEC-05", "all is well", .pass, says: "SLSA Build L3"),
    SuppliedCase("IMG-SEC-05", "level 2", .pass, says: "SLSA Build L2") { $0.suppliers.provenance[0].level = 2 },
    SuppliedCase("IMG-SEC-05", "level 1", .fail, says: "L1 only, L2 is demanded") {
        $0.suppliers.provenance[0].level = 1
    },
    SuppliedCase("IMG-SEC-05", "a builder in no table", .fail, says: "does not have the two together") {
        $0.suppliers.provenance = [SuppliedSample.provenance(level: 0, operatedBy: nil)]
    },
    SuppliedCase("IMG-SEC-05", "an older form", .fail, says: "provenance/v0.2") {
        $0.suppliers.provenance = [SuppliedSample.provenance()]
        $0.suppliers.provenance[0].predicateType = "https://slsa.dev/provenance/v0.2"
    },
    SuppliedCase("IMG-SEC-05", "none", .fail, says: "No provenance is attached") { $0.suppliers.provenance = [] },
    SuppliedCase("IMG-SEC-05", "one that nobody trusted signed", .fail, says: "no trusted key") {
        $0.suppliers.provenance = []
        $0.reject("https://slsa.dev/provenance/v1")
    },
    SuppliedCase("IMG-SEC-05", "not all was read", .unknown, says: "too many") {
        $0.suppliers.provenance = []
        $0.signed.gaps = [LocalizedText(de: "zu viele", en: "too many")]
    },
    SuppliedCase("IMG-SEC-05", "no trust policy", .unknown, says: "Nothing says whom") {
        $0.signed.trust = .absent
    },
    SuppliedCase("IMG-SEC-06", "all is well", .pass, says: "bund/debian@sha256:"),
    SuppliedCase("IMG-SEC-06", "another base than attested", .fail, says: "is declared; the provenance names") {
        $0.sample.evidence.annotations["org.opencontainers.image.base.digest"] = Sample.digestText
    },
    SuppliedCase("IMG-SEC-06", "no digest", .fail, says: "no digest: \"1.2\"") {
        $0.sample.evidence.annotations["org.opencontainers.image.base.digest"] = "1.2"
    },
    SuppliedCase("IMG-SEC-06", "an image that is not pinned", .fail, says: "without a digest: pkg:oci/base") {
        $0.suppliers.provenance[0].images[0].digest = nil
    },
    SuppliedCase("IMG-SEC-06", "by its annotation alone", .pass, says: "Built on bund/debian") {
        $0.suppliers.provenance = []
    },
    SuppliedCase("IMG-SEC-06", "by provenance alone", .pass, says: "Built on bund/debian") {
        $0.sample.evidence.annotations = [:]
    },
    SuppliedCase("IMG-SEC-06", "a base that is not here", .unknown, says: "not on this node") {
        $0.suppliers.images = [:]
    },
    SuppliedCase("IMG-SEC-06", "a base without a level", .fail, says: "below Bronze") {
        $0.suppliers.images[SuppliedSample.base]?.level = .none
    },
    SuppliedCase("IMG-SEC-06", "nothing", .fail, says: "Neither provenance nor an annotation") {
        $0.suppliers.provenance = []
        $0.sample.evidence.annotations = [:]
    },
    SuppliedCase("IMG-SEC-06", "scratch", .pass, says: "built on nothing") {
        $0.suppliers.provenance = []
        $0.sample.evidence.annotations = ["org.opencontainers.image.base.name": "scratch"]
    },
    SuppliedCase("IMG-SEC-07", "all is well", .pass, says: "as expected, from git+https://gitlab.opencode.de"),
    SuppliedCase("IMG-SEC-07", "level 2", .fail, says: "L3 is demanded") { $0.suppliers.provenance[0].level = 2 },
    SuppliedCase("IMG-SEC-07", "nothing is expected", .fail, says: "Nothing is registered") {
        $0.suppliers.provenance[0].unexpected = nil
    },
    SuppliedCase("IMG-SEC-07", "something else is built", .fail, says: "debug is not expected") {
        $0.suppliers.provenance[0].unexpected = ["debug is not expected"]
    },
    SuppliedCase("IMG-SEC-07", "no source", .fail, says: "does not name source and revision") {
        $0.suppliers.provenance[0].source = nil
    },
    SuppliedCase("IMG-SEC-07", "another source", .fail, says: "is declared as the source") {
        $0.sample.label("source", "https://gitlab.opencode.de/kontor/other")
    },
    SuppliedCase("IMG-SEC-07", "another revision", .fail, says: "is declared as the revision") {
        $0.sample.label("revision", String(repeating: "a", count: 40))
    },
    SuppliedCase("IMG-SEC-07", "a base of bronze", .fail, says: "below Silver") {
        $0.suppliers.images[SuppliedSample.base]?.level = .bronze
    },
    SuppliedCase("IMG-SEC-07", "a base that is not here", .unknown, says: "base image is not known") {
        $0.suppliers.images = [:]
    },
    SuppliedCase("IMG-SEC-07", "a project that nobody judged", .unknown, says: "has not judged the project") {
        $0.suppliers.projects = [:]
    },
    SuppliedCase("IMG-SEC-07", "a project of another source", .unknown, says: "has not judged the project") {
        $0.suppliers.projects = [
            SourceRevision(source: "https://gitlab.opencode.de/kontor/other", revision: SuppliedSample.revision):
                SuppliedSample.project
        ]
    },
    SuppliedCase("IMG-SEC-07", "another revision of the project", .unknown, says: "has not judged the project") {
        $0.suppliers.projects = [
            SourceRevision(source: SuppliedSample.source.source, revision: "1"): SuppliedSample.project
        ]
    },
    SuppliedCase("IMG-SEC-07", "a project that was read long ago", .unknown, says: "last read on 2026-10-01") {
        $0.suppliers.projects[SuppliedSample.source]?.judgedAt = Sample.day("2026-10-01")
    },
    SuppliedCase("IMG-SEC-07", "a poor project", .fail, says: "has Bronze in security") {
        $0.suppliers.projects[SuppliedSample.source]?.security = .bronze
        $0.suppliers.projects[SuppliedSample.source]?.atMost = .bronze
    },
    SuppliedCase("IMG-SEC-07", "a project that could not be judged", .unknown, says: "Bronze is proven") {
        $0.suppliers.projects[SuppliedSample.source]?.security = .bronze
        $0.suppliers.projects[SuppliedSample.source]?.atMost = .gold
    },
    SuppliedCase("IMG-SEC-07", "a branch that is not protected", .fail, says: "no protected branch") {
        $0.suppliers.projects[SuppliedSample.source]?.isProtected = false
    },
    SuppliedCase("IMG-SEC-07", "a branch of which nothing is known", .unknown, says: "not known: no token.") {
        $0.suppliers.projects[SuppliedSample.source]?.isProtected = nil
        $0.suppliers.projects[SuppliedSample.source]?.gap = LocalizedText(de: "kein Token", en: "no token")
    },
    SuppliedCase("IMG-SEC-08", "all is well", .pass, says: "Plattform Beispiel, Zweite Stelle"),
    SuppliedCase("IMG-SEC-08", "one operator", .fail, says: "Only Plattform Beispiel") {
        $0.suppliers.provenance[1].operatedBy = "Plattform Beispiel"
    },
    SuppliedCase("IMG-SEC-08", "two names for one key", .fail, says: "Only Plattform Beispiel") {
        $0.suppliers.provenance[1].signer = "platform"
    },
    SuppliedCase("IMG-SEC-08", "operators that nobody knows", .fail, says: "No table says") {
        $0.suppliers.provenance[0].operatedBy = nil
        $0.suppliers.provenance[1].level = 0
    },
    SuppliedCase("IMG-SEC-08", "none", .fail, says: "No provenance") { $0.suppliers.provenance = [] },
]

private let documentCases: [SuppliedCase] = [
    SuppliedCase("IMG-SEC-24", "all is well", .pass, says: "CycloneDX 1.6 with 7 components"),
    SuppliedCase("IMG-SEC-24", "none", .fail, says: "No signed bill") { $0.suppliers.bills = [] },
    SuppliedCase("IMG-SEC-24", "one that nobody trusted signed", .fail, says: "no trusted key") {
        $0.suppliers.bills = []
        $0.reject("https://cyclonedx.org/bom/v1.6")
    },
    SuppliedCase("IMG-SEC-24", "a field that is missing", .fail, says: "lacks: Completeness") {
        $0.suppliers.bills[0].conclusion = .doesNotConform
        $0.suppliers.bills[0].missing = [LocalizedText(de: "Vollständigkeit", en: "Completeness")]
    },
    SuppliedCase("IMG-SEC-24", "a field that cannot be judged", .unknown, says: "cannot be judged: Completeness") {
        $0.suppliers.bills[0].conclusion = .undecided
        $0.suppliers.bills[0].undecided = [LocalizedText(de: "Vollständigkeit", en: "Completeness")]
    },
    SuppliedCase("IMG-SEC-24", "one that cannot be read", .fail, says: "cannot be read: no JSON") {
        $0.suppliers.bills[0].conclusion = nil
        $0.suppliers.bills[0].problem = "no JSON"
    },
    SuppliedCase("IMG-SEC-24", "a poor one beside a good one", .pass, says: "all mandatory fields") {
        var poor = $0.suppliers.bills[0]
        poor.conclusion = .doesNotConform
        $0.suppliers.bills.insert(poor, at: 0)
    },
    SuppliedCase("IMG-SEC-29", "all is well", .pass, says: "OpenVEX https://example.org/vex/1: 2 statements"),
    SuppliedCase("IMG-SEC-29", "none, and nothing found", .notApplicable, says: "no finding to speak about") {
        $0.suppliers.vex = []
    },
    SuppliedCase("IMG-SEC-29", "none, and something found", .fail, says: "No signed VEX") {
        $0.suppliers.vex = []
        $0.sample.assessed.findings = [Sample.finding()]
    },
    SuppliedCase("IMG-SEC-29", "none, and old advisories", .fail, says: "No signed VEX") {
        $0.suppliers.vex = []
        $0.sample.context.now = Sample.day("2027-02-01")
    },
    SuppliedCase("IMG-SEC-29", "one that nobody trusted signed", .fail, says: "no trusted key") {
        $0.suppliers.vex = []
        $0.sample.assessed.findings = [Sample.finding()]
        $0.reject("https://openvex.dev/ns")
    },
    SuppliedCase("IMG-SEC-29", "no ground", .fail, says: "without a justification of the list for CVE-2026-1") {
        $0.suppliers.vex[0].unjustified = ["CVE-2026-1"]
    },
    SuppliedCase("IMG-SEC-29", "no action", .fail, says: "without an action for CVE-2026-2") {
        $0.suppliers.vex[0].actionless = ["CVE-2026-2"]
    },
    SuppliedCase("IMG-SEC-29", "a part that is not usable", .fail, says: "not usable are $.statements[0]") {
        $0.suppliers.vex[0].refused = ["$.statements[0]: no product"]
    },
    SuppliedCase("IMG-SEC-29", "other images", .fail, says: "about other images for CVE-2026-3") {
        $0.suppliers.vex[0].foreign = ["CVE-2026-3"]
    },
    SuppliedCase("IMG-SEC-29", "older than the bill", .fail, says: "what is new in it is not judged") {
        $0.suppliers.vex[0].timestamp = Sample.day("2026-11-19")
    },
    SuppliedCase("IMG-MNT-06", "all is well", .pass, says: "read on 2026-11-10"),
    SuppliedCase("IMG-MNT-06", "without a trust policy", .pass, says: "read on 2026-11-10") {
        $0.signed.trust = .absent
    },
    SuppliedCase("IMG-MNT-06", "over", .fail, says: "was valid until 2026-11-20") {
        $0.suppliers.contacts[0].expires = Sample.day("2026-11-20")
    },
    SuppliedCase("IMG-MNT-06", "no contact", .fail, says: "names no contact") {
        $0.suppliers.contacts[0].hasContact = false
    },
    SuppliedCase("IMG-MNT-06", "no policy", .fail, says: "does not say how reports") {
        $0.suppliers.contacts[0].hasPolicy = false
    },
    SuppliedCase("IMG-MNT-06", "read long ago", .unknown, says: "more than 30 days ago") {
        $0.suppliers.contacts[0].readAt = Sample.day("2026-10-01")
    },
    SuppliedCase("IMG-MNT-06", "named, and read by nobody", .unknown, says: "read by nobody: https://***@example.org") {
        $0.suppliers.contacts[0].readAt = nil
        $0.suppliers.contacts[0].place = "https://user:secret@example.org/security.txt"
    },
    SuppliedCase("IMG-MNT-06", "the file of a project", .pass, says: "SECURITY.md in https://gitlab.opencode.de") {
        $0.contact()
    },
    SuppliedCase("IMG-MNT-06", "a project without the file", .fail, says: "There is no SECURITY.md in https") {
        $0.contact { ($0.isFound, $0.hasContact, $0.hasPolicy) = (false, false, false) }
    },
    SuppliedCase("IMG-MNT-06", "the file of a project without a policy", .fail, says: "does not say how reports") {
        $0.contact { $0.hasPolicy = false }
    },
    SuppliedCase("IMG-MNT-06", "a project that was read long ago", .unknown, says: "more than 30 days ago") {
        $0.contact { $0.readAt = Sample.day("2026-10-01") }
    },
    SuppliedCase("IMG-MNT-06", "named by nobody", .unknown, says: "No signed bill") { $0.suppliers.contacts = [] },
]

@Suite("Criteria that rest on what suppliers attest")
struct SupplierCriteriaTests {
    static let all = provenanceCases + documentCases + freshnessCases
    static let decided = Set(all.map(\.id)).sorted()

    @Test("one thing decides", arguments: all)
    func cases(_ spoilt: SuppliedCase) throws {
        var sample = SuppliedSample()
        spoilt.change(&sample)
        let result = try sample.result(spoilt.id)
        #expect(result.result == spoilt.outcome, "\(result.explanation.en)")
        #expect(result.explanation.en.contains(spoilt.says), "\(result.explanation.en)")
        #expect((result.advice == nil) == result.result.isPassed)
        #expect(!result.explanation.de.contains("{") && !result.explanation.de.isEmpty)
    }

    @Test("where nobody read attestations nothing is decided")
    func unread() throws {
        let sample = SuppliedSample()
        let verdict = Evaluation.verdict(
            catalogue: try Catalogue.embedded(),
            evidence: sample.sample.evidence,
            assessed: sample.sample.assessed,
            context: sample.sample.context
        )
        #expect(Self.decided.count == 8)
        for result in verdict.criteria where Self.decided.contains(result.id) { #expect(result.result == .unknown) }
    }

    @Test("what a project's check says ends by itself, and the verdict says when")
    func ends() throws {
        var sample = SuppliedSample()
        sample.contact()
        sample.sample.context.feeds = []
        sample.signed.tags = [SuppliedSample.tag("1.4.2", "2026-11-21")]
        for (judged, end) in [("2026-11-10", "2026-12-10"), ("2026-11-21", "2026-12-21")] {
            sample.suppliers.projects[SuppliedSample.source]?.judgedAt = Sample.day(judged)
            sample.suppliers.projects[SuppliedSample.source]?.contact?.readAt = Sample.day("2026-11-22")
            let verdict = try sample.verdict()
            #expect(verdict.validUntil == Sample.day(end))
        }
    }

    @Test("a young image says when it is young no more, an old one that its base may move on")
    func ages() throws {
        var sample = SuppliedSample()
        sample.suppliers.contacts = []
        sample.suppliers.projects = [:]
        sample.sample.context.feeds = []
        sample.signed.tags = [SuppliedSample.tag("1.4.2", "2026-11-01")]
        #expect(try sample.verdict().validUntil == Sample.day("2026-12-01"))
        sample.signed.tags = [SuppliedSample.tag("1.4.2", "2026-09-01")]
        #expect(try sample.verdict().validUntil == Sample.now + .seconds(7 * 86_400))
    }

    @Test("the source is what provenance attests, else what the image declares")
    func sources() throws {
        let sample = SuppliedSample()
        #expect(sample.suppliers.sources(of: sample.sample.evidence) == [SuppliedSample.source])
        let declared = SupplierEvidence().sources(of: sample.sample.evidence)
        #expect(declared == [SuppliedSample.source])
        #expect(SupplierEvidence().sources(of: ImageEvidence()).isEmpty)
        var many = SupplierEvidence()
        for number in 0..<40 {
            many.provenance.append(SuppliedSample.provenance())
            many.provenance[number].revision = "\(number)"
        }
        #expect(many.sources(of: sample.sample.evidence).count == SupplierEvidence.maximumSources)
    }

    @Test("what is proven says so, and names who signed")
    func strength() throws {
        let result = try SuppliedSample().result("IMG-SEC-05")
        #expect(result.evidence.allSatisfy { $0.kind == .attestation && $0.strength == .proven })
        #expect(result.evidence.first?.text.contains("signed by platform") == true)
    }

    @Test(
        "one address of source is written in many ways",
        arguments: [
            ("git+https://git.example/a/b@refs/tags/1", "https://git.example/a/b"),
            ("https://Git.Example/a/b.git", "https://git.example/a/b"),
            ("https://git.example/a/b/", "https://git.example/a/b"),
            ("git+https://git.example/a/b.git#main", "https://git.example/a/b"), ("not an address", "not an address"),
            ("ssh://git@git.example/a", "ssh://git@git.example/a"), ("https://git.example", "https://git.example"),
        ]
    )
    func sources(_ written: String, _ bare: String) { #expect(SourceAddress.bare(written) == bare) }
}
