// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import Criteria
import DurableFiles
import GitReading
import JSON
import ProjectCriteria
import Projects
import SBOM
import Time
import Vulnerabilities

/// `kontor project`.
struct ProjectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "project",
        abstract: Language.process(Texts.projectAbstract),
        subcommands: [
            ProjectCheckCommand.self, ProjectInitCommand.self, ProjectFixCommand.self, ProjectRegisterCommand.self,
            ProjectListCommand.self, ProjectShowCommand.self, ProjectRecheckCommand.self, ProjectRemoveCommand.self,
            ProjectAssessCommand.self,
        ]
    )
}

/// How a project's verdict is written.
enum ProjectForm: String, CaseIterable {
    case text, json, markdown
}

/// `kontor project check DIR|GIT-URL`.
struct ProjectCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: Language.process(Texts.projectCheckAbstract),
        discussion: Language.process(Texts.projectCheckDiscussion)
    )

    @Argument(help: help(Texts.project, value: "DIR|URL"))
    var project = "."

    @Option(help: help(Texts.projectCatalogue, value: "NAME"))
    var catalogue = ProjectCatalogue.names[0]

    @Option(help: help(Texts.require, value: "LEVEL"))
    var require: String?

    @Option(help: help(Texts.projectFormat, value: "FORM"))
    var format = "text"

    @Option(name: [.short, .long], help: help(Texts.output, value: "FILE"))
    var output: String?

    @Option(help: help(Texts.data, value: "DIR"))
    var data: String?

    @Option(help: help(Texts.asOfCheck, value: "DATE"))
    var asOf: String?

    @Option(help: help(Texts.ageLimit, value: "KIND=DAYSd"))
    var ageLimit: [String] = []

    @OptionGroup var forge: ForgeOptions

    @Flag(help: help(Texts.projectSkipHistory))
    var skipHistory = false

    @Flag(help: help(Texts.all))
    var all = false

    @OptionGroup var common: CommonOptions

    func run() async throws {
        // Every option is looked at before the repository is: a typing error should not cost a minute.
        let settings = try Settings(common)
        let terminal = Terminal(language: settings.language(common))
        let form = try choice(ProjectForm.self, format, name: "--format")
        let required = try require.map { try choice(Level.self, $0, name: "--require") }
        let rules = try Self.catalogue(catalogue)
        let limits = try ageLimits(settings.texts(.ageLimit, options: ageLimit))
        let now = try asOf.map { (text) throws(CommandFailure) in try Self.day(text) } ?? WallClock.system.now()
        let directory = try settings.dataDirectory(option: data)
        let token = try forge.token()

        terminal.step(Texts.projectReading)
        var evidence = try await Self.evidence(of: project, now: now, readsHistory: !skipHistory)
        if let token {
            terminal.step(Texts.projectAsking)
            evidence.forge = try await forge.ask(evidence, token: token, settings, now: now)
        }
        let context = try await Self.context(evidence, directory, limits, now, terminal)
        terminal.clearStep()
        let verdict = ProjectEvaluation.verdict(catalogue: rules, evidence: evidence, context: context)
        let page = ProjectPage(
            verdict: verdict,
            language: terminal.language,
            colour: terminal.colour && output == nil,
            all: all
        )
        let bytes: [UInt8] =
            switch form {
            case .text: Array(page.text.utf8)
            case .markdown: Array(page.markdown.utf8)
            case .json: verdict.json.bytes(.pretty) + [0x0A]
            }
        try terminal.result(bytes, to: output)
        if let required, verdict.level < required {
            terminal.note(Texts.below(terminal.language(verdict.level.title), terminal.language(required.title)))
            throw ExitCode(1)
        }
    }

    private static func catalogue(_ name: String) throws(CommandFailure) -> ProjectCatalogue {
        do throws(ProjectCatalogueError) {
            if let found = try ProjectCatalogue.embedded(name) { return found }
        } catch {
            throw CommandFailure("\(error)")
        }
        throw CommandFailure(Texts.unknownValue("--catalogue", name, ProjectCatalogue.names.joined(separator: ", ")))
    }

    private static func day(_ text: String) throws(CommandFailure) -> Timestamp {
        guard let day = Timestamp(date: text) else { throw CommandFailure(Texts.badDate("--as-of", text)) }
        return day
    }

    /// Opens or copies the repository and reads it, on a thread of its own: git blocks.
    static func evidence(of project: String, now: Timestamp, readsHistory: Bool) async throws(CommandFailure)
        -> ProjectEvidence
    {
        let temporary = processEnvironment["TMPDIR"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "/var/tmp"
        var reader = ProjectReader()
        reader.readsHistory = readsHistory
        let ready = reader
        let result = await Task.detached { () -> Result<ProjectEvidence, GitError> in
            do throws(GitError) {
                let isAddress = project.contains("://")
                let repository =
                    isAddress
                    ? try GitRepository.copy(of: project, temporaryDirectory: temporary)
                    : try GitRepository.open(absolutePath(project), temporaryDirectory: temporary)
                return .success(ready.evidence(of: repository, name: project, url: repository.origin, now: now))
            } catch {
                return .failure(error)
            }
        }.value
        do throws(GitError) { return try result.get() } catch { throw CommandFailure("\(error)") }
    }

    /// Matches what lock files pin against the advisories that are there.
    private static func context(
        _ evidence: ProjectEvidence,
        _ directory: String,
        _ limits: AgeLimits,
        _ now: Timestamp,
        _ terminal: Terminal
    ) async throws(CommandFailure) -> ProjectContext {
        do {
            guard let snapshot = try FeedStore(directory: directory + "/feeds").current() else {
                if !evidence.dependencies.isEmpty { terminal.note(Texts.noFeeds(directory + "/feeds")) }
                return ProjectContext(now: now, ageLimits: limits)
            }
            let assessed = try await snapshot.assess(evidence.dependencies)
            return ProjectContext(
                now: now,
                assessed: assessed,
                feeds: snapshot.feeds,
                snapshot: snapshot.id,
                ageLimits: limits
            )
        } catch {
            throw CommandFailure("\(error)")
        }
    }
}
