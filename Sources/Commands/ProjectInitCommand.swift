// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import DurableFiles
import GitReading
import OCI
import ProjectCriteria
import Projects
import RegistryClient
import Time

/// Options of the verbs that change a project.
struct ProjectDraftOptions: ParsableArguments {
    @Argument(help: help(Texts.projectDirectory, value: "DIR"))
    var project = "."

    @Option(help: help(Texts.projectName, value: "NAME"))
    var name: String?

    @Option(help: help(Texts.projectURL, value: "URL"))
    var url: String?

    @Option(help: help(Texts.projectContact, value: "ADDRESS"))
    var contact: String?

    @Option(help: help(Texts.projectOwner, value: "NAME"))
    var owner: String?

    @Flag(help: help(Texts.projectWrite))
    var write = false

    @Option(help: help(Texts.asOfCheck, value: "DATE"))
    var asOf: String?

    @OptionGroup var common: CommonOptions
}

/// `kontor project init`: creates what is missing.
struct ProjectInitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: Language.process(Texts.projectInitAbstract),
        discussion: Language.process(Texts.projectInitDiscussion)
    )

    @OptionGroup var options: ProjectDraftOptions

    func run() async throws { try await ProjectChange(options).run(pinning: nil) }
}

/// `kontor project fix`: creates what is missing, and gives base images the digests that their tags stand for.
struct ProjectFixCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fix",
        abstract: Language.process(Texts.projectFixAbstract),
        discussion: Language.process(Texts.projectInitDiscussion)
    )

    @OptionGroup var options: ProjectDraftOptions

    @OptionGroup var access: RegistryAccessOptions

    func run() async throws { try await ProjectChange(options).run(pinning: access) }
}

/// One change of a project: a patch, printed or written into the working tree.
struct ProjectChange {
    private let options: ProjectDraftOptions
    private let settings: Settings
    private let terminal: Terminal
    private let root: String
    private let now: Timestamp

    init(_ options: ProjectDraftOptions) throws {
        self.options = options
        settings = try Settings(options.common)
        terminal = Terminal(language: settings.language(options.common))
        root = absolutePath(options.project)
        now =
            try options.asOf.map { (text) throws(CommandFailure) in
                guard let day = Timestamp(date: text) else { throw CommandFailure(Texts.badDate("--as-of", text)) }
                return day
            } ?? WallClock.system.now()
    }

    func run(pinning access: RegistryAccessOptions?) async throws {
        guard !options.project.contains("://") else {
            throw CommandFailure(Texts.projectNeedsDirectory(options.project))
        }
        // What is committed is what counts; files that lie beside it are never overwritten.
        let evidence = try await ProjectCheckCommand.evidence(of: root, now: now, readsHistory: false)
        let folder = root.split(separator: "/").last.map(String.init) ?? "project"
        let name = options.name ?? folder
        let answers = ProjectAnswers(
            name: name,
            url: options.url ?? evidence.url,
            contact: options.contact,
            owner: options.owner ?? "\(name) contributors"
        )
        if let problem = answers.problem { throw CommandFailure(Texts.projectAnswer(problem)) }
        let draft = ProjectDraft(evidence, answers: answers, now: now)
        for line in draft.left { terminal.note(Texts.projectLeft(line)) }
        var created: [ProjectDraft.File] = []
        for file in draft.files {
            if try exists(file.path) {
                terminal.note(Texts.projectLeft("\(file.path): \(terminal.language(Texts.projectUncommitted))"))
            } else {
                created.append(file)
            }
        }
        var changed: [(path: String, old: String, new: String)] = []
        if let access { changed = try await pins(evidence, access) }

        if options.write {
            for file in created { try write(file) }
            for file in changed { try replace(file.path, old: file.old, new: file.new) }
            let names = created.map(\.path) + changed.map(\.path)
            try terminal.result(names.map { printable($0) + "\n" }.joined())
        } else {
            let patches =
                created.map { Patch.creation(of: $0.path, $0.text) }
                + changed.compactMap { Patch.change(of: $0.path, from: $0.old, to: $0.new) }
            try terminal.result(patches.joined())
        }
    }

    // MARK: - Digests

    private func pins(_ evidence: ProjectEvidence, _ access: RegistryAccessOptions) async throws -> [(
        path: String, old: String, new: String
    )] {
        var digests: [String: String] = [:]
        let pinning = BasePinning(evidence)
        for reference in Set(pinning.files.flatMap(\.references)).sorted() {
            do { digests[reference] = try await digest(of: reference, access) } catch let failure as CommandFailure {
                terminal.note(Texts.projectLeft("\(reference): \(terminal.language(failure.text))"))
            } catch {
                terminal.note(Texts.projectLeft("\(reference): \(error)"))
            }
        }
        return pinning.files.compactMap { file in
            let text = BasePinning.pinned(file, digests: digests)
            return text == file.text ? nil : (file.path, file.text, text)
        }
    }

    /// The digest that a tag stands for, of the index where there is one.
    private func digest(of text: String, _ access: RegistryAccessOptions) async throws -> String {
        let reference = try Reference(parsing: text)
        guard let host = reference.registry else { throw CommandFailure(Texts.projectNoRegistry) }
        let client = try RegistryClient(
            registry: host,
            settings: RegistryClientSettings(
                credentials: try access.credentials(),
                plainHTTP: try settings.flag(.plainHTTP, option: access.plainHTTP)
            )
        )
        do {
            try await client.ping()
            let manifest = try await client.manifest(reference.repository, reference.tag?.text ?? "latest")
            await client.close()
            return Digest.sha256(manifest.bytes).description
        } catch {
            await client.close()
            throw error
        }
    }

    // MARK: - Writing

    private func exists(_ path: String) throws -> Bool {
        do { return try FileOperations.live.statusAt("\(root)/\(path)") != nil } catch {
            throw CommandFailure(Texts.cannotWrite(path, "\(error)"))
        }
    }

    /// Creates a file; its folders are made where they are missing, and never followed where they are links.
    private func write(_ file: ProjectDraft.File) throws {
        do {
            var folder = root
            for part in file.path.split(separator: "/").dropLast() {
                folder += "/\(part)"
                let status = try FileOperations.live.statusAt(folder)
                guard let status else {
                    _ = try FileOperations.live.makeDirectory(folder, 0o755)
                    continue
                }
                guard status.kind == .directory else { throw CommandFailure(Texts.projectLink(folder)) }
            }
            let opened = try FileOperations.live.create("\(root)/\(file.path)", 0o644)
            defer { FileOperations.live.close(opened) }
            let bytes = Array(file.text.utf8)
            try bytes.withUnsafeBytes { try FileOperations.live.write(opened, $0, 0) }
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure(Texts.cannotWrite(file.path, "\(error)"))
        }
    }

    /// Replaces a file that is as it was committed.
    private func replace(_ path: String, old: String, new: String) throws {
        do {
            var folder = root
            for part in path.split(separator: "/").dropLast() {
                folder += "/\(part)"
                guard try FileOperations.live.statusAt(folder)?.kind == .directory else {
                    throw CommandFailure(Texts.projectLink(folder))
                }
            }
            let status = try FileOperations.live.statusAt("\(root)/\(path)")
            guard status?.kind == .file, try contents("\(root)/\(path)", limit: 1 << 20) == Array(old.utf8) else {
                terminal.note(Texts.projectLeft("\(path): \(terminal.language(Texts.projectChanged))"))
                return
            }
            try FileOperations.live.replace("\(root)/\(path)", bytes: Array(new.utf8))
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure(Texts.cannotWrite(path, "\(error)"))
        }
    }
}
