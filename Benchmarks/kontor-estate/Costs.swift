// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Archives
import Assessment
import Criteria
import JSON
import OCI
import SBOM
import Vulnerabilities

/// Where the processor's time of one assessment goes, step by step: what the service does, called one after the other.
func costs(of estate: Estate, in node: EstateNode, images: Int = 40) async throws -> Timers {
    let timers = Timers(countsProcessor: true)
    guard let snapshot = try node.feeds.current() else { throw Complaint("there are no advisories") }
    let catalogue = try Catalogue.embedded()
    var random = SeededRandom(estate.seed, 6)
    for _ in 0..<images {
        let evidence = estate.image(random.below(estate.count)).evidence(estate.packages)
        let bytes = timers.measure("evidence written") { evidence.json.bytes(.rfc8785) }
        _ = try timers.measure("evidence packed") { try Zlib.compress(bytes) }
        _ = timers.measure("evidence hashed") { Digest.sha256(bytes) }
        let assessed = try await timers.measure("components matched") {
            try await snapshot.assess(evidence.components)
        }
        let context = EvaluationContext(
            stage: .build,
            visibility: .public,
            feeds: snapshot.feeds,
            snapshot: snapshot.id,
            now: EstateNode.now
        )
        let verdict = timers.measure("verdict decided") {
            Evaluation.verdict(catalogue: catalogue, evidence: evidence, assessed: assessed, context: context)
        }
        let text = timers.measure("verdict written") { verdict.json.bytes() }
        _ = try timers.measure("verdict packed") { try Zlib.compress(text) }
        timers.count("evidence", bytes.count)
        timers.count("verdict", text.count)
        timers.count("findings", assessed.findings.count)
        timers.measure("component records written") {
            for component in evidence.components { _ = component.json.text() }
        }
        timers.measure("finding records written") { for finding in assessed.findings { _ = finding.json.text() } }
    }
    return timers
}
