// SPDX-License-Identifier: EUPL-1.2

import Criteria
import OCI
import SBOM

/// Signatures and signed statements of an image as they stand on its page, accepted or not.
struct SignedView: Sendable {
    struct Row: Sendable {
        /// The form, or the kind of statement.
        let form: String
        let outcome: String
        let outcomeWord: String
        let signer: String?
        let fingerprint: String?
        let publisher: String?
        let isNode: Bool
        let proven: DateView?
        let provenBy: String?
        let problems: [String]

        fileprivate init(_ form: String, _ proof: SignatureProof, _ texts: Texts, _ language: Language) {
            self.form = form
            outcome = (proof.isAccepted ? Outcome.pass : .fail).rawValue
            outcomeWord = texts.text(proof.isAccepted ? .signedAccepted : .signedRefused, language)
            signer = proof.signer?.name
            fingerprint = proof.signer?.fingerprint
            publisher = proof.signer?.publisher.map { publisher in
                publisher.contact.map { "\(publisher.name) (\($0))" } ?? publisher.name
            }
            isNode = proof.signer?.isNode ?? false
            proven = proof.provenAt.map { DateView($0, language) }
            provenBy = proof.provenBy
            problems = proof.problems.map(language.text)
        }
    }

    let title: String
    let trust: String
    let hasSignatures: Bool
    let signatures: [Row]
    let hasStatements: Bool
    let statements: [Row]
    let hasGaps: Bool
    let gaps: [String]

    init(_ signed: SignedEvidence, _ texts: Texts, _ language: Language) {
        title = texts.text(.signatures, language, ["count": String(signed.signatures.count)])
        trust =
            switch signed.trust {
            case .absent: texts.text(.trustAbsent, language)
            case .unreadable: texts.text(.trustUnreadable, language)
            case .inForce(let revision, let threshold):
                texts.text(
                    .trustInForce,
                    language,
                    ["revision": String(revision), "threshold": String(threshold)]
                )
            }
        signatures = signed.signatures.map { Row($0.form.title, $0.proof, texts, language) }
        hasSignatures = !signatures.isEmpty
        statements = signed.statements.map { Row($0.predicateType, $0.proof, texts, language) }
        hasStatements = !statements.isEmpty
        gaps = signed.gaps.map(language.text)
        hasGaps = !gaps.isEmpty
    }
}
