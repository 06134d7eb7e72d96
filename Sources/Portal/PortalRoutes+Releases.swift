// SPDX-License-Identifier: EUPL-1.2

import Accounts
import HTTPTypes
import Hummingbird
import OCI
import Registry
import SBOM
import WebRequests

/// Releases: maintainers say on the page of an image what it is released as.
extension PortalRoutes {
    /// The form for whoever may release the image; nil for everybody else.
    func releaseForm(
        _ repository: RepositoryName,
        _ digest: Digest,
        _ language: Language,
        sent: ReleaseForm.Sent = .init()
    ) async throws -> ReleaseForm? {
        guard let desk = releases, visitor.formToken != nil, let account = visitor.account,
            let access = try await accounts.access(of: account, to: repository), access.rights.contains(.manage)
        else { return nil }
        var hindrance: TextKey?
        if !access.rights.contains(.overwrite) {
            hindrance = .releaseFrozen
        } else if try await registry.manifestSummary(repository, digest)?.takedown != nil {
            hindrance = .releaseTakenDown
        }
        return ReleaseForm(
            LocalReference(repository: repository, .digest(digest)),
            digest,
            namespace: access.namespace?.name,
            hindrance: hindrance,
            releases: try await desk.newest(repository, ReleaseForm.longestTable),
            sent: sent,
            pages.texts,
            language
        )
    }

    /// Takes the form that releases an image.
    func changeReleases(_ form: FormFields, _ account: Account, _ language: Language) async throws -> PortalAnswer {
        guard let desk = releases else { return notFound(pages.texts.text(.pageMissing, language), language) }
        // By digest: a tag could be moved before it is signed.
        guard let image = form["image"], let reference = try? LocalReference(parsing: image),
            case .digest(let digest) = reference.selector, let name = form["tag"]?.trimmed
        else { return unread(.malformed, language) }
        guard let access = try await accounts.access(of: account, to: reference.repository),
            access.rights.contains(.pull)
        else { return notFound(reference.description, language) }
        func refuse(_ status: HTTPResponse.Status, _ sent: ReleaseForm.Sent) async throws -> PortalAnswer {
            var sent = sent
            sent.tag = name
            return try await releasePage(reference, digest, language, status, sent)
        }
        func error(_ key: TextKey, _ values: [String: String] = [:], detail: String? = nil) -> FormErrorView {
            FormErrorView(text: pages.texts.text(key, language, values), detail: detail)
        }
        let tag: Tag
        do { tag = try Tag(parsing: name) } catch {
            return try await refuse(
                .unprocessableContent,
                .init(isTagWrong: true, error: .init(text: pages.texts.text(.releaseTagWrong, language), detail: nil))
            )
        }
        // Who may not move tags is told so below, and nothing else.
        if access.rights.contains(.overwrite), tag.attachedTo == nil,
            let other = try await standing(tag, in: reference.repository, desk), other != digest,
            form["replaces"] != ReleaseForm.value(tag, other)
        {
            let values = ["tag": tag.text, "digest": other.shortDescription]
            return try await refuse(
                .conflict,
                .init(replaced: (tag, other), error: error(.releaseTagTaken, values))
            )
        }
        do { try await desk.release(reference.repository, digest, tag, account) } catch let refusal
            as ReleaseDesk.Refusal
        {
            switch refusal {
            case .unknown: return notFound(reference.description, language)
            case .denied(let reason):
                return message(.forbidden, .refusedTitle, .refusedText, language, ["reason": reason])
            case .closed(let reason):
                let values = ["reason": language.text(reason)]
                return try await refuse(.conflict, .init(error: error(.releaseGate, values)))
            case .refused(let reason):
                guard tag.attachedTo == nil else {
                    return try await refuse(.conflict, .init(isTagWrong: true, error: error(.releaseTagReserved)))
                }
                return try await refuse(.conflict, .init(error: error(.refusedConflict, detail: reason)))
            case .invalid(let reason):
                return try await refuse(.unprocessableContent, .init(error: error(.refusedInvalid, detail: reason)))
            case .unavailable(let reason):
                return try await refuse(.serviceUnavailable, .init(error: error(.releaseNotNow, detail: reason)))
            }
        }
        return PortalAnswer(seeOther: "/images/\(reference)#release")
    }

    /// The image that a tag stands for, or will once a release that waits is signed.
    private func standing(
        _ tag: Tag,
        in repository: RepositoryName,
        _ desk: ReleaseDesk
    ) async throws -> Digest? {
        let waiting = try await desk.newest(repository, ReleaseForm.longestTable)
            .first { $0.tag == tag && $0.state == .pending }
        if let waiting { return waiting.digest }
        return try await registry.resolve(repository, tag)
    }

    /// The form by itself, with what was wrong.
    private func releasePage(
        _ reference: LocalReference,
        _ digest: Digest,
        _ language: Language,
        _ status: HTTPResponse.Status,
        _ sent: ReleaseForm.Sent
    ) async throws -> PortalAnswer {
        guard let form = try await releaseForm(reference.repository, digest, language, sent: sent) else {
            return message(
                .forbidden,
                .refusedTitle,
                .refusedText,
                language,
                ["reason": "only maintainers of the namespace and operators may release"]
            )
        }
        let model = ReleasePage(image: reference.description, imageHref: "/images/\(reference)", release: form)
        let frame = Pages.Frame(
            title: pages.texts.text(.releaseTitle, language),
            path: "/images/\(reference)",
            section: .directory
        )
        return PortalAnswer(privateHTML: pages.render("release", model, frame, language), status: status)
    }
}
