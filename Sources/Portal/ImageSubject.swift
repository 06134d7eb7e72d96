// SPDX-License-Identifier: EUPL-1.2

import Assessment
import Criteria
import OCI
import SBOM

/// The image that a page is about.
struct ImageSubject: Sendable {
    let repository: RepositoryName
    let digest: Digest
    let parts: ImageQueries.Parts?

    /// The image by digest: what commands and links name, because a tag can move.
    var reference: LocalReference { LocalReference(repository: repository, .digest(digest)) }

    func heading(verdict: Verdict?, _ texts: Texts, _ language: Language) -> HeadingView {
        var facts: [Fact] = []
        if let parts {
            if !parts.tags.isEmpty {
                facts.append(
                    Fact(term: texts.text(.tags, language), text: parts.tags.map(\.text).joined(separator: ", "))
                )
            }
            facts.append(Fact(term: texts.text(.firstSeen, language), date: DateView(parts.firstSeen, language)))
        }
        if let verdict {
            if let platform = verdict.image.platform {
                facts.append(Fact(term: texts.text(.platform, language), text: platform))
            }
            let hidden = verdict.visibility == .internal ? ", " + texts.text(.internalImage, language) : ""
            facts.append(Fact(term: texts.text(.kind, language), text: language.text(verdict.kind.title) + hidden))
            facts.append(Fact(term: texts.text(.stage, language), text: language.text(verdict.stage.title)))
        }
        return HeadingView(
            namespace: repository.namespace?.split(separator: "/").joined(separator: " / "),
            name: repository.components.last ?? repository.text,
            digest: digest.description,
            facts: facts
        )
    }
}
