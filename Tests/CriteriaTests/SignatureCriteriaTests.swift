// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Criteria
import JSON
import OCI
import SBOM
import Testing
import Time

/// Who signed what, in every combination that decides a criterion.
@Suite("Criteria on signatures and releases")
struct SignatureCriteriaTests {
    static let decided = ["IMG-SEC-02", "IMG-SEC-03", "IMG-SEC-04", "IMG-SEC-09", "IMG-MNT-01"]

    private static let time = Sample.now - .seconds(3600)
    private static let summary = "https://slsa.dev/verification_summary/v1"

    private static func signer(_ name: String, publisher: String? = "Amt", contact: String? = "mail@example.org")
        -> EvidenceSigner
    {
        EvidenceSigner(
            name: name,
            fingerprint: "sha256:" + name,
            publisher: publisher.map { EvidencePublisher(name: $0, contact: contact) }
        )
    }

    private static func accepted(
        _ signer: EvidenceSigner = signer("one"),
        provenAt: Timestamp? = nil
    ) -> FoundSignature {
        FoundSignature(
            form: .cosign,
            source: "sha256:1",
            proof: SignatureProof(
                signer: signer,
                isAccepted: true,
                provenAt: provenAt,
                provenBy: provenAt.map { _ in "log" }
            )
        )
    }

    private static let refused = FoundSignature(
        form: .bundle,
        source: "sha256:2",
        proof: SignatureProof(
            signer: nil,
            isAccepted: false,
            problems: [LocalizedText(de: "kein Schlüssel", en: "no trusted key made the signature")]
        )
    )

    private static func tag(_ name: String, isRelease: Bool = false, hasMoved: Bool = false) -> TagEvidence {
        TagEvidence(
            name: name,
            setAt: time,
            setBy: isRelease ? "kontor" : "ci",
            isRelease: isRelease,
            hasMoved: hasMoved
        )
    }

    private static func verdict(at instant: Timestamp?, statedAt: Timestamp? = nil, isAccepted: Bool = true)
        -> FoundStatement
    {
        FoundStatement(
            predicateType: summary,
            payload: "sha256:3",
            form: .bundle,
            proof: SignatureProof(signer: signer("node"), isAccepted: isAccepted, provenAt: instant),
            statedAt: statedAt
        )
    }

    private static func evidence(threshold: Int = 1, _ change: (inout SignedEvidence) -> Void = { _ in })
        -> SignedEvidence
    {
        var signed = SignedEvidence(trust: .inForce(revision: 3, threshold: threshold))
        signed.signatures = [accepted(provenAt: time)]
        signed.tags = [tag("1.4.2", isRelease: true)]
        signed.statements = [verdict(at: time - .seconds(60))]
        change(&signed)
        return signed
    }

    struct Case: CustomTestStringConvertible, Sendable {
        let id: String
        let name: String
        let outcome: Outcome
        let says: String
        let signed: SignedEvidence?
        var vendor: String? = "Amt"

        var testDescription: String { "\(id): \(name)" }
    }

    private static let gap = LocalizedText(de: "mehr als 64 Manifeste", en: "more than 64 manifests")

    static let cases: [Case] = [
        Case(id: "IMG-SEC-02", name: "one that counts", outcome: .pass, says: "one (sha256:one)", signed: evidence()),
        Case(id: "IMG-SEC-02", name: "nobody looked", outcome: .unknown, says: "Nobody looked", signed: nil),
        Case(
            id: "IMG-SEC-02",
            name: "no policy, though it is signed",
            outcome: .unknown,
            says: "kontor policy set",
            signed: evidence { $0.trust = .absent }
        ),
        Case(
            id: "IMG-SEC-02",
            name: "an unreadable policy",
            outcome: .unknown,
            says: "cannot be read",
            signed: evidence { $0.trust = .unreadable }
        ),
        Case(
            id: "IMG-SEC-02",
            name: "none at all",
            outcome: .fail,
            says: "No signature names this digest",
            signed: evidence { $0.signatures = [] }
        ),
        Case(
            id: "IMG-SEC-02",
            name: "refused ones alone, with their reasons",
            outcome: .fail,
            says: "Sigstore bundle: no trusted key made the signature",
            signed: evidence { $0.signatures = [refused] }
        ),
        Case(
            id: "IMG-SEC-02",
            name: "a refused one beside one that counts",
            outcome: .pass,
            says: "one",
            signed: evidence { $0.signatures.append(refused) }
        ),
        Case(
            id: "IMG-SEC-02",
            name: "one of two that are demanded, twice",
            outcome: .fail,
            says: "1 of 2",
            signed: evidence(threshold: 2) { $0.signatures += [accepted(), refused] }
        ),
        Case(
            id: "IMG-SEC-02",
            name: "two of two",
            outcome: .pass,
            says: "two",
            signed: evidence(threshold: 2) { $0.signatures.append(accepted(signer("two"))) }
        ),
        Case(
            id: "IMG-SEC-02",
            name: "two keys of the node are one word",
            outcome: .fail,
            says: "1 of 2",
            signed: evidence(threshold: 2) {
                $0.signatures = ["a", "b"].map {
                    var signer = signer($0)
                    signer.isNode = true
                    return accepted(signer)
                }
            }
        ),
        Case(
            id: "IMG-SEC-02",
            name: "an endless list without one that counts",
            outcome: .unknown,
            says: "more than 64 manifests",
            signed: evidence {
                $0.signatures = [refused]
                $0.gaps = [gap]
            }
        ),
        Case(
            id: "IMG-SEC-02",
            name: "an endless list with one that counts",
            outcome: .pass,
            says: "one",
            signed: evidence { $0.gaps = [gap] }
        ),
        Case(id: "IMG-SEC-03", name: "one publisher", outcome: .pass, says: "mail@example.org", signed: evidence()),
        Case(
            id: "IMG-SEC-03",
            name: "no signature that counts",
            outcome: .fail,
            says: "cosign sign",
            signed: evidence { $0.signatures = [refused] }
        ),
        Case(
            id: "IMG-SEC-03",
            name: "nobody's key",
            outcome: .fail,
            says: "no publisher",
            signed: evidence { $0.signatures = [accepted(signer("one", publisher: nil))] }
        ),
        Case(
            id: "IMG-SEC-03",
            name: "two publishers",
            outcome: .fail,
            says: "Amt, Firma",
            signed: evidence { $0.signatures.append(accepted(signer("two", publisher: "Firma"))) }
        ),
        Case(
            id: "IMG-SEC-03",
            name: "no vendor",
            outcome: .fail,
            says: "LABEL org.opencontainers.image.vendor=\"Amt\"",
            signed: evidence(),
            vendor: nil
        ),
        Case(
            id: "IMG-SEC-03",
            name: "another vendor",
            outcome: .fail,
            says: "names \"Firma\", Amt signed it",
            signed: evidence(),
            vendor: "Firma"
        ),
        Case(
            id: "IMG-SEC-03",
            name: "no contact",
            outcome: .fail,
            says: "contact:",
            signed: evidence { $0.signatures = [accepted(signer("one", contact: nil))] }
        ),
        Case(id: "IMG-SEC-04", name: "logged", outcome: .pass, says: time.rfc3339 + " (log)", signed: evidence()),
        Case(
            id: "IMG-SEC-04",
            name: "not logged",
            outcome: .fail,
            says: "No log",
            signed: evidence { $0.signatures = [accepted()] }
        ),
        Case(
            id: "IMG-SEC-04",
            name: "logged, and refused",
            outcome: .fail,
            says: "No signature counts",
            signed: evidence { $0.signatures = [refused] }
        ),
        Case(id: "IMG-SEC-09", name: "verdict, then tag", outcome: .pass, says: "as 1.4.2", signed: evidence()),
        Case(
            id: "IMG-SEC-09",
            name: "the signer's own word on the time",
            outcome: .pass,
            says: "as 1.4.2",
            signed: evidence { $0.statements = [verdict(at: nil, statedAt: time)] }
        ),
        Case(
            id: "IMG-SEC-09",
            name: "a log's word goes before the signer's",
            outcome: .fail,
            says: "signed only at",
            signed: evidence {
                $0.statements = [verdict(at: time + .seconds(1), statedAt: time - .seconds(60))]
            }
        ),
        Case(
            id: "IMG-SEC-09",
            name: "a verdict that nobody trusted signed",
            outcome: .fail,
            says: "no signed verdict",
            signed: evidence { $0.statements = [verdict(at: time, isAccepted: false)] }
        ),
        Case(
            id: "IMG-SEC-09",
            name: "a tag that the build set",
            outcome: .fail,
            says: "1.4.2 (ci)",
            signed: evidence { $0.tags = [tag("1.4.2")] }
        ),
        Case(
            id: "IMG-SEC-09",
            name: "no tag",
            outcome: .fail,
            says: "No tag",
            signed: evidence { $0.tags = [] }
        ),
        Case(id: "IMG-MNT-01", name: "a version", outcome: .pass, says: "1.4.2", signed: evidence()),
        Case(
            id: "IMG-MNT-01",
            name: "a moving tag alone",
            outcome: .fail,
            says: "latest",
            signed: evidence { $0.tags = [tag("latest", isRelease: true)] }
        ),
        Case(
            id: "IMG-MNT-01",
            name: "a version that stood for another image",
            outcome: .fail,
            says: "stood for another image",
            signed: evidence { $0.tags = [tag("1.4.2", isRelease: true, hasMoved: true)] }
        ),
    ]

    private func verdict(_ signed: SignedEvidence?, vendor: String? = "Amt", stage: Stage = .published) throws
        -> Verdict
    {
        var sample = Sample()
        sample.label("vendor", vendor)
        sample.context.stage = stage
        return Evaluation.verdict(
            catalogue: try Catalogue.embedded(),
            evidence: sample.evidence,
            assessed: sample.assessed,
            signed: signed,
            context: sample.context
        )
    }

    @Test("decided", arguments: cases)
    func decided(_ example: Case) throws {
        let verdict = try verdict(example.signed, vendor: example.vendor)
        let result = try #require(verdict.criteria.first { $0.id == example.id })
        #expect(result.result == example.outcome, "\(result.explanation.en)")
        let text = result.explanation.en + " " + (result.advice?.en ?? "")
        #expect(text.contains(example.says), "\(text)")
        #expect(!result.explanation.de.contains("{") && !result.explanation.de.isEmpty)
        // Read back as written, the verdict carries all of it.
        #expect(try Verdict(json: JSONValue(parsing: verdict.json.bytes())) == verdict)
        #expect(verdict.signed == example.signed)
    }

    @Test("versions are told from lines that move on")
    func versions() throws {
        let names = [
            ("1.4.2", true), ("v1.4.2", true), ("1.4.2-alpine", true), ("2026.11", true), ("20261127", true),
            ("2026-11-27", true), ("1.4.2.1", true), ("1", false), ("1.4", false), ("latest", false), ("v1", false),
            ("stable-1.4.2", false), ("1.4.x", false), ("1..2", false), ("", false),
        ]
        for (name, isVersion) in names {
            let verdict = try verdict(Self.evidence { $0.tags = [Self.tag(name)] })
            let result = try #require(verdict.criteria.first { $0.id == "IMG-MNT-01" })
            #expect((result.result == .pass) == isVersion, "\(name)")
        }
    }

    @Test("an image is published once it is signed or released where a policy says whom to believe")
    func stages() {
        #expect(Self.evidence().stage(atLeast: .build) == .published)
        #expect(Self.evidence().stage(atLeast: .operated) == .operated)
        #expect(Self.evidence { $0.trust = .absent }.stage(atLeast: .build) == .build)
        #expect(Self.evidence { $0.trust = .unreadable }.stage(atLeast: .build) == .published)
        let unsigned = Self.evidence {
            $0.signatures = []
            $0.tags = [Self.tag("1.4.2")]
        }
        #expect(unsigned.stage(atLeast: .build) == .build)
        #expect(Self.evidence { $0.signatures = [] }.stage(atLeast: .build) == .published)
        #expect(Self.evidence { $0.signatures = [Self.refused] }.stage(atLeast: .build) == .published)
    }

    @Test("at the build stage they are open, whatever there is")
    func open() throws {
        let verdict = try verdict(Self.evidence(), stage: .build)
        for id in ["IMG-SEC-02", "IMG-SEC-03", "IMG-SEC-04", "IMG-SEC-09"] {
            let result = try #require(verdict.criteria.first { $0.id == id })
            #expect(result.result == .unknown && result.explanation.en.hasPrefix("Open"), "\(id)")
        }
    }

    @Test("a verdict changes when a key ends")
    func ends() throws {
        let end = Sample.now + .seconds(600)
        let verdict = try verdict(Self.evidence { $0.signatures[0].proof.changesAt = end })
        #expect(verdict.validUntil == end)
    }

    @Test("an index must be signed itself, as each of its images")
    func index() throws {
        let signed = try verdict(Self.evidence())
        let unsigned = try verdict(Self.evidence { $0.signatures = [] })
        let digest = Digest.sha256([1])
        func result(_ platforms: [Verdict], _ own: SignedEvidence?) throws -> CriterionResult {
            var context = Sample.circumstances
            context.stage = .published
            let index = Evaluation.indexVerdict(
                catalogue: try Catalogue.embedded(),
                digest: digest,
                platforms: platforms,
                signed: own,
                context: context
            )
            #expect(index.signed == own)
            return try #require(index.criteria.first { $0.id == "IMG-SEC-02" })
        }
        #expect(try result([signed, signed], Self.evidence()).result == .pass)
        let own = try result([signed, signed], Self.evidence { $0.signatures = [] })
        #expect(own.result == .fail && own.explanation.en.hasPrefix("index: "), "\(own.explanation.en)")
        #expect(try result([signed, unsigned], Self.evidence()).result == .fail)
        #expect(try result([signed, signed], nil).result == .unknown)
        let both = try result([unsigned], Self.evidence { $0.signatures = [Self.refused] })
        #expect(both.explanation.en.contains("index: ") && both.explanation.en.contains("No signature names"))
    }
}
