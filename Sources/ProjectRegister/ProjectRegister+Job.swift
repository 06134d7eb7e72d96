// SPDX-License-Identifier: EUPL-1.2

import Criteria
public import Database
import JSON
import ProjectCriteria
import SBOM
import Time
import Webhooks

extension ProjectRegister {
    /// The handlers that a node's job runner needs for this room.
    public var jobs: [String: JobRunner.Handler] { [Self.job: { job in try await check(job) }] }

    /// Checks the project that a job names; everything that comes of it is stored with the end of the job, in one transaction.
    ///
    /// - Throws: what another attempt may cure. What none can cure is stored as a verdict that says so.
    public func check(_ job: Job) async throws {
        guard let id = Int64(job.subject) else {
            throw JobFailure("\"\(job.subject.prefix(100))\" is no number of a project", isRetryable: false)
        }
        let found = try await database.read { t in
            try t.first(ProjectRegisterSchema.one, [.integer(id)]).map { row in
                let secrets = try t.first(ProjectRegisterSchema.secrets, [.integer(id)])
                return (
                    project: try RegisteredProject(row), token: try secrets?.optionalText(0),
                    failures: try secrets?.int(2) ?? 0
                )
            }
        }
        guard let found else {
            // Removed meanwhile.
            try await queue.complete(job)
            return await checker.forget(id)
        }
        let project = found.project
        guard job.abandoned < settings.attempts else {
            let reason = "\(job.abandoned) attempts to read it ended with their process"
            return try await finish(job, project, Self.notAssessed(project, reason, at: clock.now()))
        }
        do throws(ProjectCheckError) {
            let (url, address) = try await place(of: project)
            let request = ProjectCheckRequest(
                id: id,
                name: project.name,
                url: url,
                address: address,
                forgeToken: found.token,
                now: clock.now()
            )
            let assessment = try await checker.check(request)
            try await stored { try await finish(job, project, assessment) }
        } catch {
            switch error {
            case .unreachable(let reason): try await fail(job, project, found.failures + 1, reason)
            case .unreadable(let reason):
                guard job.countedAttempt >= settings.attempts else { throw error }
                try await finish(job, project, Self.notAssessed(project, reason, at: clock.now()))
            case .cancelled: throw CancellationError()
            case .machine: throw error
            }
        }
    }

    /// Queues the checks that are due.
    ///
    /// When that is stands in the row of the project, and not in its job: one that was given up for this machine's fault is queued
    /// again the next day.
    ///
    /// - Returns: how many.
    @discardableResult
    public func wake() async throws -> Int {
        let now = clock.now()
        let next = now + settings.interval
        let count = try await database.write { t in
            let due = try t.query(ProjectRegisterSchema.toCheck, [.time(now), 500])
            for row in due {
                let id = try row.int64(0)
                try JobQueue.enqueue(t, kind: Self.job, subject: "\(id)", priority: .clock, now: now)
                try t.execute(ProjectRegisterSchema.due, [.time(next), .integer(id)])
            }
            return due.count
        }
        if count > 0 { whenQueued() }
        return count
    }

    /// Where the repository may be read, as its name leads there now.
    private func place(of project: RegisteredProject) async throws(ProjectCheckError) -> (url: String, address: String)
    {
        let url: WebhookURL
        do throws(WebhookError) { url = try WebhookURL(parsing: project.url, under: settings.rules) } catch {
            throw .unreachable("\(Self.words(error))")
        }
        let addresses: [IPAddress]
        switch url.host {
        case .address(let address): addresses = [address]
        case .name(let name):
            do { addresses = try await settings.resolver.addresses(name) } catch is CancellationError {
                throw .cancelled
            } catch {
                throw .unreachable("the name \(name) leads nowhere: \(error)")
            }
        }
        do throws(WebhookError) { try settings.rules.check(url, at: addresses) } catch {
            throw .unreachable("\(Self.words(error))")
        }
        guard let first = addresses.first else { throw .unreachable("the name of the host has no address") }
        return (project.url, first.description)
    }

    /// What goes wrong with the database is the machine's fault.
    private func stored(_ body: () async throws -> Void) async throws(ProjectCheckError) {
        do { try await body() } catch is CancellationError { throw .cancelled } catch { throw .machine("\(error)") }
    }

    /// Stores an assessment with the end of its job.
    private func finish(_ job: Job, _ project: RegisteredProject, _ assessment: ProjectAssessment) async throws {
        let documents = Self.documents(of: assessment)
        let now = clock.now()
        let next = now + settings.interval
        _ = try await queue.complete(job) { t in
            // Removed while it was read: nothing of it is kept.
            guard try t.first(ProjectRegisterSchema.one, [.integer(project.id)]) != nil else { return }
            try Self.store(documents, assessment, for: project.id, at: now, next: next, in: t)
        }
        let isGone = try await database.read { t in
            try t.first(ProjectRegisterSchema.one, [.integer(project.id)]) == nil
        }
        if isGone { await checker.forget(project.id) }
    }

    /// Writes down that nothing could be read: the last verdict stays, and the first one says that nothing is known.
    private func fail(_ job: Job, _ project: RegisteredProject, _ failures: Int, _ reason: String) async throws {
        let now = clock.now()
        let next = now + settings.delay(after: failures)
        let text = String(reason.prefix(1_000))
        let unknown = Self.notAssessed(project, text, at: now)
        let documents = project.checks.checkedAt == nil ? Self.documents(of: unknown) : []
        _ = try await queue.complete(job) { t in
            guard try t.first(ProjectRegisterSchema.one, [.integer(project.id)]) != nil else { return }
            if !documents.isEmpty {
                try Self.store(documents, unknown, for: project.id, at: now, next: next, in: t)
            }
            try t.execute(
                ProjectRegisterSchema.failed,
                [.text(text), .time(now), .time(next), .integer(project.id)]
            )
        }
    }

    /// A verdict under each catalogue in which nothing is known.
    static func notAssessed(_ project: RegisteredProject, _ reason: String, at now: Timestamp) -> ProjectAssessment {
        let words = LocalizedText(
            de: "das Projekt konnte nicht geprüft werden: \(reason)",
            en: "the project could not be assessed: \(reason)"
        )
        let evidence = ProjectEvidence(
            name: project.name,
            url: project.url,
            history: .unknown(words),
            tags: .unknown(words),
            filesCut: words,
            documentsCut: words,
            pastSecrets: .unknown(words),
            forge: .unknown(words)
        )
        let catalogues = ProjectCatalogue.names.compactMap { (try? ProjectCatalogue.embedded($0)) ?? nil }
        return ProjectAssessment(
            verdicts: catalogues.map {
                ProjectEvaluation.verdict(catalogue: $0, evidence: evidence, context: ProjectContext(now: now))
            },
            failure: reason
        )
    }
}
