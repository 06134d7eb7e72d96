// SPDX-License-Identifier: EUPL-1.2

import Assessment
import Criteria
import OCI

/// How to verify an image; of one that this node did not sign, that there is nothing to verify by its key, and who can change that.
struct VerificationView: Sendable {
    /// The node signed it: the command succeeds.
    let isSigned: Bool
    /// To verify it where it is signed, else to release it.
    let command: String
    /// What verifying would say; empty where it succeeds.
    let text: String
    /// Others signed it: by their keys it can be verified.
    let hasOthers: Bool

    init(
        _ subject: ImageSubject,
        _ signed: SignedEvidence?,
        _ release: ImageWords.Release?,
        _ pages: Pages,
        _ language: Language
    ) {
        let (texts, settings) = (pages.texts, pages.settings)
        isSigned = release != nil
        hasOthers = release == nil && signed?.signatures.isEmpty == false
        if let release {
            let address = settings.registryAuthority + "/" + subject.reference.description
            // What is about an internal namespace stands in no log.
            command =
                release.isLogged
                ? "SIGSTORE_REKOR_PUBLIC_KEY=log.pub cosign verify --key release.pub --offline=true \(address)"
                : "cosign verify --key release.pub --insecure-ignore-tlog=true \(address)"
            text = ""
            return
        }
        let tag = subject.parts?.tags.first?.text ?? "1.0"
        command = "kontor release \(subject.reference) \(tag) --node \(settings.origin)"
        let isKnown = signed.map { $0.gaps.isEmpty } ?? false
        text = texts.text(hasOthers ? .verifyOthers : isKnown ? .verifyNone : .verifyUnknown, language)
    }
}
