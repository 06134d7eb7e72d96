// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Assessment
import Criteria
import Directory
import Hummingbird
import OCI
import ProjectRegister
import Reports
import Time
import WebRequests

/// What stands beside a verdict: the reuse register, replies of publishers, levels over time, what changed.
extension PortalRoutes {
    /// What is said about an image beside its verdict.
    func registerFacts(_ repository: RepositoryName, _ digest: Digest) async throws -> ImageRegister.Facts {
        var facts = ImageRegister.Facts()
        facts.levels = try await directory.levels(of: repository, digest)
        facts.reply = try await directory.reply(to: .image(repository, digest))
        if facts.reply != nil { facts.answered = try await answeredLevel(repository, digest) }
        let key = DirectoryEntry.key(.image, repository.text)
        facts.uses = try await directory.uses(of: key, limit: ImageRegister.mostUses + 1)
        facts.today = WallClock.system.now()
        facts.projects = try await origins(of: key)
        guard let account = visitor.account, visitor.formToken != nil else { return facts }
        facts.hasSession = true
        facts.isOperator = account.isAdmin
        facts.isPublisher = try await directory.publishes(repository, account)
        facts.organisation = try? await accounts.account(account.name, by: account).organisation
        return facts
    }

    /// Registered projects that an entry says it comes from.
    private func origins(of key: String) async throws -> [(name: String, href: String)] {
        guard let projects, let reader = try await directory.reader(visitor.account),
            let source = try await directory.entry(key, for: reader)?.facts.source
        else { return [] }
        return try await projects.projects(at: source, for: visitor.account).prefix(5).map {
            ($0.name, ProjectSubject.address($0.name))
        }
    }

    func changesPage(_ request: Request, _ language: Language) async throws -> PortalAnswer {
        let (image, since) = (request.uri.queryParameters["image"], request.uri.queryParameters["since"])
        guard let reference = try? LocalReference(parsing: image.map { String($0) } ?? ""),
            let before = since.flatMap({ try? Digest(parsing: String($0)) }),
            let after = try await digest(of: reference),
            case .ready(let new) = try await visitor.queries.state(reference.repository, after),
            case .ready(let old) = try await visitor.queries.state(reference.repository, before)
        else { return notFound(pages.texts.text(.pageMissing, language), language) }
        let model = ChangesPage(
            VersionChanges(before: try old.verdict(), after: try new.verdict()),
            reference.repository,
            before: before,
            after: after,
            pages.texts,
            language
        )
        let frame = Pages.Frame(
            title: pages.texts.text(.changes, language),
            path: "/changes",
            section: .directory,
            query: [("image", reference.description), ("since", before.description)]
        )
        return PortalAnswer(html: pages.render("changes", model, frame, language))
    }

    /// Takes a form of the reuse register.
    func changeUses(_ form: FormFields, _ account: Account, _ language: Language) async throws -> PortalAnswer {
        let key: String
        let place: String
        if let project = form["project"], let name = try? RepositoryName(parsing: project) {
            key = DirectoryEntry.key(.project, name.text)
            place = ProjectSubject.address(name.text)
        } else if let reference = form["image"].flatMap({ try? LocalReference(parsing: $0) }) {
            key = DirectoryEntry.key(.image, reference.repository.text)
            place = "/images/\(reference)"
        } else {
            return unread(.malformed, language)
        }
        do {
            switch form["action"] {
            case "add":
                guard let organisation = form["organisation"]?.trimmed,
                    let day = form["since"].flatMap({ Timestamp(date: $0) }), let purpose = form["purpose"]
                else { return unread(.malformed, language) }
                let contact = form["contact"]?.trimmed ?? ""
                _ = try await directory.use(
                    key,
                    by: organisation,
                    since: day,
                    purpose: purpose.trimmed,
                    contact: contact.isEmpty ? nil : contact,
                    actor: account
                )
            case "end":
                guard let id = form["use"].flatMap({ Int64($0) }) else { return unread(.malformed, language) }
                try await directory.endUse(id, by: account)
            default: return unread(.malformed, language)
            }
        } catch let error as AccountsError {
            return refused(error, language)
        }
        return PortalAnswer(seeOther: place + "#uses")
    }

    /// Takes a publisher's reply.
    func changeReplies(_ form: FormFields, _ account: Account, _ language: Language) async throws -> PortalAnswer {
        let answered: AnsweredLevel
        let place: String
        if let name = form["project"] {
            guard let projects, let project = try await found({ try await projects.project(named: name, for: account) })
            else { return notFound(pages.texts.text(.pageMissing, language), language) }
            answered = try await projects.answeredLevel(of: project)
            place = ProjectSubject.address(project.name)
        } else if let reference = form["image"].flatMap({ try? LocalReference(parsing: $0) }),
            let digest = try await digest(of: reference)
        {
            answered =
                try await answeredLevel(reference.repository, digest) ?? .image(reference.repository, digest, nil)
            place = "/images/\(reference)"
        } else {
            return unread(.malformed, language)
        }
        do {
            switch form["action"] {
            case "say":
                guard let text = form["text"]?.trimmed else { return unread(.malformed, language) }
                _ = try await directory.reply(text, disputes: form["disputes"] == "yes", to: answered, by: account)
            case "end":
                guard let id = form["reply"].flatMap({ Int64($0) }) else { return unread(.malformed, language) }
                try await directory.endReply(id, by: account)
            default: return unread(.malformed, language)
            }
        } catch let error as AccountsError {
            return refused(error, language)
        }
        return PortalAnswer(seeOther: place + "#answer")
    }

    /// The level of an image as it stands now; nil while there is no verdict.
    private func answeredLevel(_ repository: RepositoryName, _ digest: Digest) async throws -> AnsweredLevel? {
        guard case .ready(let assessed) = try await visitor.queries.state(repository, digest) else { return nil }
        return .image(repository, digest, try assessed.verdict().level)
    }
}
