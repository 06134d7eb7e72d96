// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Criteria
import JSON
import OCI
import SBOM
import Time

/// Everything that one assessment found, before any of it is stored.
struct Outcome: Sendable {
    let verdict: Verdict
    /// The components of all platforms, each once.
    let components: [Component]
    /// What advisories alone say, before anybody's statements are laid over it.
    let findings: [Finding]
    /// Stacks of layers of all platforms.
    let chains: [LayerChain]
    /// Lists of files of all platforms.
    let files: ImageFiles
    /// Addresses of sources of all platforms that projects were asked for.
    let sources: Set<String>
    /// Digest of the evidence, of an index over that of its platforms; nil where there is none.
    let evidenceDigest: Digest?
    /// Why the image could not be assessed; nil when it was.
    let failure: String?

    /// Digest over what a reader would call news: level, results, affected findings.
    ///
    /// Dates and texts are none.
    var newsDigest: Digest {
        let results = verdict.criteria.map { JSONValue.string("\($0.id) \($0.result.rawValue)") }
        let affected = verdict.findings.filter(\.isOpen).map { finding in
            JSONValue.string(
                "\(finding.id) \(finding.componentName) \(finding.componentVersion) \(finding.status.rawValue)"
            )
        }
        let value: JSONValue = [
            "level": .string(verdict.level.rawValue), "results": .array(results), "affected": .array(affected),
        ]
        return .sha256(value.bytes(.rfc8785))
    }
}

extension Verdict {
    /// The verdict on an image that nobody could look into: nothing of it is known, and no level can rest on that.
    ///
    /// - Parameters:
    ///   - digest: the image.
    ///   - platform: its platform, where an index names one.
    ///   - reason: why, in English words.
    ///   - catalogue: the rules.
    ///   - context: as for any verdict.
    static func unassessable(
        digest: Digest?,
        platform: String?,
        reason: String,
        catalogue: Catalogue,
        context: EvaluationContext
    ) -> Verdict {
        // What is decided later, or not asked of such an image, is said as for any other one.
        let base = Evaluation.verdict(
            catalogue: catalogue,
            evidence: ImageEvidence(digest: digest),
            assessed: Assessed(),
            context: context
        )
        let explanation = LocalizedText(de: "Nicht bewertet: \(reason)", en: "Not assessed: \(reason)")
        let advice = LocalizedText(
            de:
                "Das Image neu bauen und hochladen; bleibt es dabei, die Kennung des Images und diesen Satz an den Betrieb des Knotens melden.",
            en:
                "Build and push the image again; if this stays, report the image's digest and this sentence to the node's operator."
        )
        var verdict = base
        verdict.image = Image(digest: digest?.description, platform: platform)
        verdict.level = .none
        verdict.areas = Dictionary(uniqueKeysWithValues: Area.allCases.map { ($0, Level.none) })
        verdict.criteria = base.criteria.map { result in
            guard result.stage <= context.stage else { return result }
            var unknown = result
            unknown.result = .unknown
            unknown.evidence = []
            unknown.explanation = explanation
            unknown.advice = advice
            return unknown
        }
        // Time alone settles nothing here.
        verdict.validUntil = nil
        return verdict
    }
}

extension SBOMSubject {
    /// The subject of an image's SBOM.
    static func image(
        name: String,
        digest: Digest?,
        evidence: ImageEvidence,
        tag: String? = nil
    ) -> SBOMSubject {
        let labels = evidence.configuration?.labels ?? [:]
        let version = "org.opencontainers.image.version"
        return SBOMSubject(
            name: name,
            version: tag ?? evidence.annotations[version] ?? labels[version],
            digest: digest?.description,
            architecture: evidence.configuration?.architecture,
            operatingSystem: evidence.configuration?.os,
            distribution: evidence.distribution,
            labels: labels,
            // Packages that a distribution's package manager installed are all listed; what was copied in beside them is not.
            completeness: evidence.problems.contains(where: \.affectsComponents) ? .incomplete : .unknown
        )
    }
}
