// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import Glibc
import Inventory
import SBOM

/// The command line as a whole.
public enum Commands {
    /// Version of this program.
    public static let version = "0.1.0"

    /// Becomes the analyser child when the arguments say so, and never returns then.
    ///
    /// Must be the first thing that the program does: the child confines itself before it has a second thread or has touched a byte of an
    /// image.
    public static func becomeAnalyserIfAsked() {
        let arguments = CommandLine.arguments
        guard arguments.count >= 2, arguments[1] == "analyse" else { return }
        exit(AnalyserChild.main(arguments: Array(arguments.dropFirst(2))))
    }

    /// Runs the command that the arguments name and ends the process with its exit code.
    ///
    /// - Parameters:
    ///   - serve: starts a node and returns when it has ended.
    ///   - demo: starts a node for practising, or moves one on, and returns when that has ended.
    public static func main(
        serve: @escaping @Sendable (ServeOptions) async throws -> Void,
        demo: @escaping @Sendable (DemoOptions) async throws -> Void
    ) async {
        becomeAnalyserIfAsked()
        // A reader that goes away (a pager, head) is an error of a write, not a reason to die without a word.
        signal(SIGPIPE, SIG_IGN)
        exit(await run(Array(CommandLine.arguments.dropFirst()), serve: serve, demo: demo))
    }

    /// Runs one command and returns its exit code.
    private static func run(
        _ arguments: [String],
        serve: @Sendable (ServeOptions) async throws -> Void,
        demo: @Sendable (DemoOptions) async throws -> Void
    ) async -> Int32 {
        do {
            var command = try KontorCommand.parseAsRoot(arguments)
            if let node = command as? ServeCommand {
                try await start(node.options(), serve)
            } else if let exercise = command as? DemoCommand {
                try await start(exercise.options(), demo)
            } else if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            return 0
        } catch let failure as CommandFailure {
            printError(printable(Language.process(failure.text)))
            return failure.code
        } catch let code as ExitCode {
            return code.rawValue
        } catch {
            return report(error)
        }
    }

    private static func start<Options>(_ options: Options, _ node: (Options) async throws -> Void) async throws {
        do { try await node(options) } catch is CancellationError {} catch { throw CommandFailure("\(error)") }
    }

    /// Help and version go to standard output with 0; bad usage goes to standard error with 2, whatever the parser's own code is.
    private static func report(_ error: any Error) -> Int32 {
        let message = KontorCommand.fullMessage(for: error)
        if KontorCommand.exitCode(for: error) == .success {
            print(message)
            return 0
        }
        if KontorCommand.exitCode(for: error) == .validationFailure {
            _ = Array((message + "\n").utf8).withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
        } else {
            printError(printable("\(error)"))
        }
        return 2
    }
}

/// `kontor`.
struct KontorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kontor",
        abstract: Language.process(Texts.abstract),
        version: Commands.version,
        subcommands: [
            ServeCommand.self, CheckCommand.self, DiffCommand.self, VerdictCommand.self, SBOMCommand.self,
            DemoCommand.self, CriteriaCommand.self, FeedsCommand.self, AccountCommand.self, TokenCommand.self,
            OrganisationCommand.self,
            NamespaceCommand.self, PolicyCommand.self, GateCommand.self, ProductCommand.self, AffectedCommand.self,
            VEXCommand.self, ReleaseCommand.self, ApproveCommand.self, ApprovalCommand.self, TakedownCommand.self,
            NoticeCommand.self, AdvisoryCommand.self, KeysCommand.self, AttestCommand.self, VerifyCommand.self,
            ClientConfigCommand.self, ProjectCommand.self,
            SignerCommand.self,
            LogCommand.self, AuditCommand.self, VersionCommand.self, AnalyseCommand.self,
        ]
    )
}

/// `kontor version`.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: Language.process(Texts.versionAbstract)
    )

    func run() throws { try Terminal(language: .process).result("kontor \(Commands.version)\n") }
}

/// `kontor analyse`: only its name, so that the parser knows it; ``Commands/becomeAnalyserIfAsked()`` has done the work long before.
struct AnalyseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "analyse", shouldDisplay: false)

    @Argument(parsing: .allUnrecognized)
    var rest: [String] = []

    func run() throws { throw ExitCode(AnalyserChild.main(arguments: rest)) }
}
