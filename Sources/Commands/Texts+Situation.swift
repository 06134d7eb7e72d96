// SPDX-License-Identifier: EUPL-1.2

import SBOM

extension Texts {
    static let affectedAbstract = LocalizedText(
        de: "Nennt die Images, die von etwas betroffen sind, mit Organisation und wer sie zog.",
        en: "Names the images that are affected by something, with organisation and who pulled them."
    )
    static let affectedDiscussion = LocalizedText(
        de: """
            Fragen: CVE-2021-44228 · GHSA-jfh8-c2jp-5v3q · pkg:maven/org.apache.logging.log4j/log4j-core@<2.15 ·
            pkg:deb/debian/openssl@>=3.0.0,<3.0.11-1 · sha256:… · base:sha256:…
            Die Antwort ist TLP:AMBER und enthält nur, was das Konto sehen darf.
            """,
        en: """
            Questions: CVE-2021-44228 · GHSA-jfh8-c2jp-5v3q · pkg:maven/org.apache.logging.log4j/log4j-core@<2.15 ·
            pkg:deb/debian/openssl@>=3.0.0,<3.0.11-1 · sha256:… · base:sha256:…
            The answer is TLP:AMBER and holds only what the account may see.
            """
    )
    static let affectedQuestion = LocalizedText(
        de: "Schwachstelle, Paket mit Versionsbereich, Digest oder base:DIGEST.",
        en: "Vulnerability, package with a range of versions, digest or base:DIGEST."
    )
    static let affectedNone = LocalizedText(
        de: "TLP:AMBER. Kein Image, das Sie sehen dürfen, ist betroffen.",
        en: "TLP:AMBER. No image that you may see is affected."
    )
    static func affectedSummary(_ images: Int, _ organisations: String) -> LocalizedText {
        LocalizedText(
            de: "TLP:AMBER. \(images) Images; Organisationen: \(organisations)",
            en: "TLP:AMBER. \(images) images; organisations: \(organisations)"
        )
    }
}
