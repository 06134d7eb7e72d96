// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Criteria
import Crypto
import Database
import Directory
import JSON
import ProjectCriteria
public import Time

extension ProjectRegister {
    /// Writes down what a check of a project came to, with its entry in the directory, and when the next one is due.
    ///
    /// - Parameters:
    ///   - assessment: what it came to.
    ///   - id: the project.
    ///   - instant: when.
    /// - Throws: ``ProjectRegisterError/unknown(_:)`` where the project was removed.
    public func record(_ assessment: ProjectAssessment, for id: Int64, at instant: Timestamp) async throws {
        let documents = Self.documents(of: assessment)
        let interval = settings.interval
        try await database.write { t in
            try Self.store(documents, assessment, for: id, at: instant, next: instant + interval, in: t)
        }
    }

    /// A verdict on its way into the tables.
    struct Document: Sendable {
        let catalogue: String
        let level: Level
        let badges: String
        let findings: Int
        let failure: String?
        let basis: [UInt8]
        let json: String
        let verdict: ProjectVerdict
    }

    /// Everything that needs time, before the transaction.
    static func documents(of assessment: ProjectAssessment) -> [Document] {
        assessment.verdicts.map { verdict in
            var kept = verdict
            if kept.findings.count > keptFindings {
                kept.findings = Array(kept.findings.sorted { $0.risk > $1.risk }.prefix(keptFindings))
            }
            let badges = verdict.badges.map { "\($0.id):\($0.level.rawValue)" }.joined(separator: " ")
            let results = verdict.results.map {
                "\($0.criterion.id):\($0.criterion.result.rawValue):\($0.cap.rawValue)"
            }
            let basis = [verdict.level.rawValue, badges, assessment.failure == nil ? "" : "!"] + results
            return Document(
                catalogue: verdict.catalogue,
                level: verdict.level,
                badges: badges,
                findings: verdict.findings.count,
                failure: assessment.failure.map { String($0.prefix(1_000)) },
                basis: Array(SHA256.hash(data: Array(basis.joined(separator: "\n").utf8))),
                json: kept.json.text(.compact),
                verdict: verdict
            )
        }
    }

    /// Stores verdicts in the transaction of the caller.
    static func store(
        _ documents: [Document],
        _ assessment: ProjectAssessment,
        for id: Int64,
        at instant: Timestamp,
        next: Timestamp,
        in t: Transaction
    ) throws {
        var project = try one(id, t)
        // Where nothing could be read, what the project said before still stands.
        let isRead = assessment.failure == nil
        let facts = try isRead ? assessment.facts : self.facts(id, t)
        let source = isRead ? assessment.source : nil
        let before = try t.first(ProjectRegisterSchema.source, [.integer(id)])?.optionalText(0)
        let known = ReadSource.parse(before)
        if known.flatMap({ known in source.map { $0.isNews(after: known) } }) ?? (source != known) {
            try Directory.judgeAgain(imagesOf: project.address, isUrgent: false, at: instant, in: t)
        }
        var levels = project.levels
        for document in documents {
            levels[document.catalogue] = document.level
            try store(document, for: id, at: instant, in: t)
        }
        try t.execute(
            ProjectRegisterSchema.checked,
            [
                .optional(isRead ? instant : nil), .time(next), .text(RegisteredProject.text(of: levels)),
                .text(facts.json.text(.compact)), .optional(source?.json.text(.compact)),
                .integer(id),
            ]
        )
        project = try one(id, t)
        let own = documents.first { $0.catalogue == ProjectCatalogue.names[0] }?.verdict
        try Directory.put(project.entry(facts, own), at: instant, in: t)
    }

    private static func store(_ document: Document, for id: Int64, at instant: Timestamp, in t: Transaction) throws {
        let key: [SQLValue] = [.integer(id), .text(document.catalogue)]
        if let last = try t.first(ProjectRegisterSchema.basis, key) {
            let (row, since) = (try last.int64(0), try last.time(1))
            if try last.bytes(2) == document.basis, since < instant {
                try t.execute(
                    ProjectRegisterSchema.confirmVerdict,
                    [
                        .time(instant), .integer(document.findings), .optional(document.failure),
                        .text(document.json), .integer(row),
                    ]
                )
                return
            }
            // What is newer than this one stays: a clock that went back, or a history that somebody writes.
            if since < instant { try t.execute(ProjectRegisterSchema.supersede, [.integer(row)]) }
        }
        try t.execute(
            ProjectRegisterSchema.insertVerdict,
            key + [
                .time(instant), .time(instant), .text(document.level.rawValue), .text(document.badges),
                .optional(document.failure), .integer(document.findings), .blob(document.basis), .text(document.json),
            ]
        )
        if let oldest = try t.first(ProjectRegisterSchema.oldestKept, key + [.integer(keptChanges - 1)])?.time(0) {
            try t.execute(ProjectRegisterSchema.prune, key + [.time(oldest)])
        }
    }

    /// The verdict under Kontor's own catalogue that counts now; nil before the first check.
    static func ownVerdict(_ id: Int64, _ t: Transaction) throws -> ProjectVerdict? {
        let row = try t.first(ProjectRegisterSchema.verdict, [.integer(id), .text(ProjectCatalogue.names[0])])
        return try row.map { try StoredProjectVerdict($0).verdict() }
    }

    /// What a project said of itself at its last check.
    static func facts(_ id: Int64, _ t: Transaction) throws -> ProjectAssessment.Facts {
        guard let record = try t.first(ProjectRegisterSchema.secrets, [.integer(id)])?.text(3) else { return .init() }
        return try ProjectAssessment.Facts(json: JSONFields(JSONValue(parsing: record)))
    }
}

extension RegisteredProject {
    /// The project's entry in the directory.
    ///
    /// - Parameter verdict: the one under Kontor's own catalogue; nil leaves the steps out.
    func entry(_ facts: ProjectAssessment.Facts, _ verdict: ProjectVerdict? = nil) -> DirectoryEntry {
        var words = DirectoryFacts()
        words.title = facts.title.map { $0 == title ? title : "\(title) – \($0)" } ?? title
        words.description = facts.description
        words.source = address
        words.evaluatedAt = verdict?.evaluatedAt ?? checks.checkedAt
        if let verdict, let next = verdict.level.next {
            let steps = verdict.steps(to: next)
            if let first = steps.first {
                words.steps = DirectoryFacts.Steps(
                    to: next.rawValue,
                    count: steps.count,
                    criterion: first.criterion.id,
                    title: first.criterion.title,
                    advice: first.criterion.advice ?? first.criterion.explanation
                )
            }
        }
        var areas: [Area: Level] = [:]
        let catalogue = (try? ProjectCatalogue.embedded(ProjectCatalogue.names[0])) ?? nil
        for badge in verdict?.badges ?? [] {
            // What is unknown is no level, not even none.
            guard let area = catalogue?.badges.first(where: { $0.id == badge.id })?.area,
                let level = verdict?.standing(of: badge).level
            else { continue }
            areas[area] = min(areas[area] ?? .gold, level)
        }
        // Without the verdict nobody can tell whether bronze is missed or unknown.
        let known = level == Level.none ? nil : level
        return DirectoryEntry(
            kind: .project,
            name: name,
            audience: visibility == .everybody ? .everybody : .members,
            label: name,
            namespace: namespace,
            owner: organisation,
            level: verdict.map { $0.standing.level } ?? known,
            areas: areas,
            categories: facts.categories,
            licences: facts.licences,
            facts: words
        )
    }
}
