// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Criteria
import OCI
import SBOM
import Testing
import Time

extension SuppliedSample {
    /// A tag of a day.
    static func tag(_ name: String, _ day: String, hasMoved: Bool = false) -> TagEvidence {
        TagEvidence(name: name, setAt: Sample.day(day), setBy: "kontor", isRelease: true, hasMoved: hasMoved)
    }

    /// An old image on a base that is current, with nothing open; what a young one is told of is left out.
    mutating func grow() {
        signed.tags = [Self.tag("1.4.2", "2026-09-01")]
        suppliers.images[Self.base]?.isCurrent = true
    }
}

let freshnessCases: [SuppliedCase] = [
    SuppliedCase("IMG-MNT-04", "a young tag", .pass, says: "The tag 1.4.2 stands for the image") {
        $0.signed.tags = [SuppliedSample.tag("1.4.2", "2026-11-01")]
    },
    SuppliedCase("IMG-MNT-04", "the last day", .pass, says: "since 2026-10-24: at most 30 days") {
        $0.signed.tags = [SuppliedSample.tag("1.4.2", "2026-10-24")]
    },
    SuppliedCase("IMG-MNT-04", "the first day after", .unknown, says: "since 2026-10-23, longer than 30 days") {
        $0.signed.tags = [SuppliedSample.tag("1.4.2", "2026-10-23")]
    },
    SuppliedCase("IMG-MNT-04", "a young tag on an old image", .unknown, says: "since 2026-09-01, longer") {
        $0.signed.tags = [SuppliedSample.tag("1.4.2", "2026-09-01"), SuppliedSample.tag("1.4.3", "2026-11-20")]
    },
    SuppliedCase("IMG-MNT-04", "a young tag on an image that was signed long ago", .unknown, says: "since 2026-08-01") {
        $0.signed.tags = [SuppliedSample.tag("1.4.2", "2026-11-20")]
        $0.signed.signatures = [
            FoundSignature(
                form: .cosign,
                source: "sha256:1",
                proof: SignatureProof(
                    signer: EvidenceSigner(name: "one", fingerprint: "sha256:one"),
                    isAccepted: true,
                    provenAt: Sample.day("2026-08-01")
                )
            )
        ]
    },
    SuppliedCase("IMG-MNT-04", "a young tag on an image that was built long ago", .unknown, says: "since 2026-08-02") {
        $0.signed.tags = [SuppliedSample.tag("1.4.2", "2026-11-20")]
        $0.suppliers.provenance[0].loggedAt = Sample.day("2026-08-02")
    },
    SuppliedCase("IMG-MNT-04", "a tag taken away and set again", .unknown, says: "since 2026-09-02, longer") {
        $0.signed.tags = [SuppliedSample.tag("1.4.2", "2026-11-20")]
        $0.signed.firstSeen = Sample.day("2026-09-02")
    },
    SuppliedCase("IMG-MNT-04", "a young tag that stood for others", .unknown, says: "stood for others (latest)") {
        $0.signed.tags = [SuppliedSample.tag("latest", "2026-11-20", hasMoved: true)]
    },
    SuppliedCase("IMG-MNT-04", "no tag", .unknown, says: "No tag stands for the image") { $0.signed.tags = [] },
    SuppliedCase("IMG-MNT-04", "no tag, and all as in a new build", .pass, says: "the base image is current") {
        $0.grow()
        $0.signed.tags = []
    },
    SuppliedCase("IMG-MNT-04", "an old image as a new build would be", .pass, says: "bund/debian@sha256:") {
        $0.grow()
    },
    SuppliedCase("IMG-MNT-04", "an old image on nothing", .pass, says: "stands on no other") {
        $0.grow()
        $0.suppliers.provenance = []
        $0.sample.evidence.annotations = ["org.opencontainers.image.base.name": "scratch"]
    },
    SuppliedCase("IMG-MNT-04", "a base that moved on", .fail, says: "no longer stands for it: bund/debian@sha256:") {
        $0.grow()
        $0.suppliers.images[SuppliedSample.base]?.isCurrent = false
    },
    SuppliedCase("IMG-MNT-04", "a base that nobody knows", .unknown, says: "base image is current is not known") {
        $0.grow()
        $0.suppliers.images = [:]
    },
    SuppliedCase("IMG-MNT-04", "no base is named", .unknown, says: "base image is current is not known") {
        $0.grow()
        $0.suppliers.provenance = []
        $0.sample.evidence.annotations = [:]
    },
    SuppliedCase("IMG-MNT-04", "something that can be mended", .fail, says: "fixable finding is open. openssl") {
        $0.grow()
        $0.sample.assessed.findings = [Sample.finding(status: .affected, fixedIn: "3.5.2-1")]
    },
    SuppliedCase("IMG-MNT-04", "something that cannot be mended", .pass, says: "No fixable finding is open") {
        $0.grow()
        $0.sample.assessed.findings = [Sample.finding(status: .affectedNoFix, fixedIn: nil)]
    },
    SuppliedCase("IMG-MNT-04", "something that nobody decided", .unknown, says: "Not decided yet: CVE-") {
        $0.grow()
        $0.sample.assessed.findings = [Sample.finding(status: .underInvestigation, fixedIn: nil)]
    },
    SuppliedCase("IMG-MNT-04", "what can be mended in a young image", .pass, says: "at most 30 days") {
        $0.signed.tags = [SuppliedSample.tag("1.4.2", "2026-11-01")]
        $0.sample.assessed.findings = [Sample.finding(status: .affected, fixedIn: "3.5.2-1")]
    },
    SuppliedCase("IMG-MNT-04", "old advisories", .unknown, says: "does not count as new. The advisories") {
        $0.grow()
        $0.sample.context.now = Sample.day("2027-02-01")
    },
    SuppliedCase("IMG-MNT-04", "components that nobody could list", .unknown, says: "longer than 30 days") {
        $0.grow()
        $0.sample.evidence.components = []
    },
]
