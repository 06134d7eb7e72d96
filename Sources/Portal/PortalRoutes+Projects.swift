// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Criteria
import Directory
import HTTPTypes
import Hummingbird
import OCI
import ProjectCriteria
import ProjectRegister
import Time
import WebRequests

/// Source projects: what they are like, and how one is registered.
extension PortalRoutes {
    func projectPages(_ request: Request, _ language: Language) async throws -> PortalAnswer {
        let path = request.uri.path
        if path == "/projects" {
            func parameter(_ name: String) -> String? {
                let value = request.uri.queryParameters[Substring(name)].map { String($0.prefix(1_000)) }
                return value.flatMap { $0.isEmpty || $0.utf8.contains(0) ? nil : $0 }
            }
            return try await projectsPage(in: parameter("namespace"), after: parameter("after") ?? "", language)
        }
        guard let register = projects, let name = Self.project(in: path),
            let project = try await found({ try await register.project(named: name, for: visitor.account) })
        else { return notFound(pages.texts.text(.pageMissing, language), language) }
        return try await projectPage(project, register, language)
    }

    /// The name in `/projects/NAME`; its slashes may stand as they are.
    private static func project(in path: String) -> String? {
        guard path.hasPrefix("/projects/"), let bytes = PercentEncoding.decode(path.utf8.dropFirst(10)),
            let name = String(validating: bytes, as: UTF8.self), (try? RepositoryName(parsing: name)) != nil
        else { return nil }
        return name
    }

    /// What is not there, or not for whoever asks, is nil.
    func found<T>(_ read: () async throws -> T) async throws -> T? {
        do { return try await read() } catch ProjectRegisterError.unknown { return nil }
    }

    private func projectPage(
        _ project: RegisteredProject,
        _ register: ProjectRegister,
        _ language: Language
    ) async throws -> PortalAnswer {
        var verdicts: [ProjectVerdict] = []
        for catalogue in ProjectCatalogue.names {
            if let stored = try await register.verdict(of: project, under: catalogue) {
                verdicts.append(try stored.verdict())
            }
        }
        let now = WallClock.system.now()
        let subject = ProjectSubject(project, verdicts: verdicts, now: now)
        var mayCheck = false
        var facts = ImageRegister.Facts()
        facts.today = now
        // What could not be assessed has no level; the line goes on from the one before.
        facts.levels = try await register.history(of: project, limit: 100).filter { $0.failure == nil }
            .map { ($0.since, $0.level) }
        facts.uses = try await directory.uses(of: project.key, limit: ImageRegister.mostUses + 1)
        let name = try RepositoryName(parsing: project.name)
        facts.reply = try await directory.reply(to: .project(name))
        if facts.reply != nil { facts.answered = try await register.answeredLevel(of: project) }
        if let account = visitor.account, visitor.formToken != nil {
            facts.hasSession = true
            facts.isOperator = account.isAdmin
            facts.isPublisher = try await directory.publishes(name, account)
            facts.organisation = try? await accounts.account(account.name, by: account).organisation
            let role = try? await accounts.namespace(named: project.namespace, by: account).role
            mayCheck = account.isAdmin || role == .publisher || role == .maintainer
        }
        let images = try await register.images(of: project, for: visitor.account, limit: ProjectPage.longestTable)
        let model = ProjectPage(
            subject,
            register: facts,
            images: images.entries.map { ($0.label, EntryRow.address($0), $0.level) },
            mayCheck: mayCheck,
            pages: pages,
            language: language
        )
        let frame = Pages.Frame(title: project.title, path: subject.address, section: .directory)
        return PortalAnswer(html: pages.render("project", model, frame, language))
    }

    func projectsPage(
        in namespace: String?,
        after: String = "",
        _ language: Language,
        status: HTTPResponse.Status = .ok,
        form: FormFields? = nil,
        wrong: RegistrationForm.Field? = nil,
        error: FormErrorView? = nil,
        issued: ProjectsPage.Issued? = nil
    ) async throws -> PortalAnswer {
        guard let projects else { return notFound(pages.texts.text(.pageMissing, language), language) }
        var registration: RegistrationForm?
        if let namespace {
            // A namespace that whoever asks may not know of is as one that there is not.
            let entry: NamespaceEntry
            do { entry = try await accounts.namespace(named: namespace, by: visitor.account) } catch is AccountsError {
                return notFound(pages.texts.text(.pageMissing, language), language)
            }
            if visitor.formToken != nil, entry.role == .maintainer || visitor.account?.isAdmin == true {
                registration = RegistrationForm(namespace, form, wrong: wrong)
            }
        }
        let found = try await projects.projects(
            for: visitor.account,
            in: namespace,
            after: after,
            limit: ProjectsPage.length
        )
        let model = ProjectsPage(
            found.projects,
            next: found.next,
            in: namespace,
            form: registration,
            error: error,
            issued: issued,
            pages.texts,
            language
        )
        let frame = Pages.Frame(
            title: pages.texts.text(.projects, language),
            path: "/projects",
            section: .directory,
            query: (namespace.map { [("namespace", $0)] } ?? []) + (after.isEmpty ? [] : [("after", after)])
        )
        let html = pages.render("projects", model, frame, language)
        return registration == nil
            ? PortalAnswer(html: html, status: status) : PortalAnswer(privateHTML: html, status: status)
    }

    /// Takes the form that registers a project.
    func changeProjects(_ form: FormFields, _ account: Account, _ language: Language) async throws -> PortalAnswer {
        if form["action"] == "check" { return try await checkProject(form, account, language) }
        guard let projects, form["action"] == "register", let namespace = form["namespace"],
            let name = form["name"]?.trimmed,
            let url = form["url"]?.trimmed
        else { return unread(.malformed, language) }
        func refuse(_ status: HTTPResponse.Status, _ wrong: RegistrationForm.Field?, _ error: FormErrorView)
            async throws
            -> PortalAnswer
        {
            try await projectsPage(
                in: namespace,
                language,
                status: status,
                form: form,
                wrong: wrong,
                error: error
            )
        }
        func text(_ key: TextKey, _ detail: String?) -> FormErrorView {
            FormErrorView(text: pages.texts.text(key, language), detail: detail)
        }
        // The name stands below the namespace of the page; a path of its own would lead elsewhere.
        guard !name.isEmpty, (try? RepositoryName(parsing: namespace + "/" + name)) != nil else {
            return try await refuse(.unprocessableContent, .name, text(.projectNameWrong, nil))
        }
        let title = form["title"]?.trimmed ?? ""
        let token = form["token"]?.trimmed ?? ""
        do {
            let made = try await projects.register(
                ProjectRegistration(
                    name: namespace + "/" + name,
                    title: title.isEmpty ? nil : title,
                    url: url,
                    visibility: form["visibility"] == "public" ? .everybody : .members,
                    forgeToken: token.isEmpty ? nil : token
                ),
                by: account
            )
            let origin = pages.settings.publicOrigin ?? "https://" + pages.settings.registryAuthority
            let issued = ProjectsPage.Issued(
                name: made.project.name,
                href: ProjectSubject.address(made.project.name),
                hook: "\(origin)/api/v1/projects/\(made.project.id)/webhook",
                secret: made.hookSecret
            )
            return try await projectsPage(in: namespace, language, status: .created, issued: issued)
        } catch let error as AccountsError {
            return try await refuse(Self.status(of: error), nil, try formError(error, language))
        } catch ProjectRegisterError.invalid(let reason) {
            return try await refuse(.unprocessableContent, Self.field(reason), text(.refusedInvalid, reason))
        } catch ProjectRegisterError.conflict(let reason) {
            let isPlace = reason.contains(" is the project at ")
            return try await refuse(.conflict, isPlace ? .url : .name, text(.refusedConflict, reason))
        } catch ProjectRegisterError.unknown(let reason) {
            return try await refuse(.notFound, nil, text(.refusedUnknown, reason))
        }
    }

    /// The field that a reason speaks of; nil where it speaks of none.
    private static func field(_ reason: String) -> RegistrationForm.Field? {
        let beginnings: [(String, RegistrationForm.Field)] = [
            ("the address of the repository", .url), ("the title", .title), ("the token of the forge", .token),
        ]
        return beginnings.first { reason.hasPrefix($0.0) }?.1 ?? (reason.contains("no name of a project") ? .name : nil)
    }

    private func checkProject(_ form: FormFields, _ account: Account, _ language: Language) async throws -> PortalAnswer
    {
        guard let projects, let name = form["project"] else { return unread(.malformed, language) }
        do {
            let project = try await projects.project(named: name, for: account)
            try await projects.recheck(project.id, by: account)
            return PortalAnswer(seeOther: ProjectSubject.address(project.name))
        } catch let error as AccountsError {
            return refused(error, language)
        } catch is ProjectRegisterError {
            return notFound(pages.texts.text(.pageMissing, language), language)
        }
    }
}
