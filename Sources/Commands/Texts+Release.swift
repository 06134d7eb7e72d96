// SPDX-License-Identifier: EUPL-1.2

import SBOM

/// Texts of `kontor release`.
extension Texts {
    static let releaseAbstract = LocalizedText(
        de: "Gibt ein Image unter einem Tag frei: Der Knoten signiert es, danach steht der Tag dafür.",
        en: "Releases an image as a tag: the node signs it, then the tag stands for it."
    )
    static let releaseDiscussion = LocalizedText(
        de:
            "Für Maintainer. Signiert werden das Image und alle Images seines Index, in drei Formen: für cosign und skopeo, als Sigstore-Bundle, und mit OpenPGP. Das Log bekommt nur, was öffentlich ist. Der Tag bewegt sich erst, wenn alles da ist. Ausgabe je Signatur: Form, Image, Nummer im Log. Endet mit 1, wenn nicht freigegeben wurde.",
        en:
            "For maintainers. The image and all images of its index are signed, in three forms: for cosign and skopeo, as a Sigstore bundle, and with OpenPGP. Only what is public gets into the log. The tag moves when everything is there. Prints for each signature form, image and index in the log. Ends with 1 when it was not released."
    )
    static let releaseImage = LocalizedText(
        de: "Repository und Digest; ein Tag könnte sich vorher bewegen.",
        en: "Repository and digest; a tag could move before."
    )
    static let releaseTag = LocalizedText(
        de: "Tag, unter dem es freigegeben wird.",
        en: "Tag that it is released as."
    )
    static let releaseUnclear = LocalizedText(
        de: "die Antwort des Knotens ist keine Freigabe; ist er von dieser Version?",
        en: "the node's answer is no release; is it of this version?"
    )
    static func releaseWaiting(_ problem: String?) -> LocalizedText {
        LocalizedText(
            de: "wird signiert" + (problem.map { ": \($0)" } ?? ""),
            en: "being signed" + (problem.map { ": \($0)" } ?? "")
        )
    }
    static func releaseFailed(_ problem: String) -> LocalizedText {
        LocalizedText(de: "nicht freigegeben: \(problem)", en: "not released: \(problem)")
    }
    static func releasePending(_ id: Int64) -> LocalizedText {
        LocalizedText(
            de:
                "Freigabe \(id) ist noch nicht signiert; der Knoten macht weiter, GET /api/v1/releases/\(id) sagt, wie weit er ist",
            en: "release \(id) is not signed yet; the node goes on, and GET /api/v1/releases/\(id) tells how far it is"
        )
    }
}
