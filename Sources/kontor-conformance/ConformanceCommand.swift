// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import Conformance
import FoundationEssentials
import Glibc
import OCI

/// `kontor-conformance`: asks a registry whether it does what the distribution specification demands.
@main
struct ConformanceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kontor-conformance",
        abstract: "Asks a container registry, case after case, for what the OCI Distribution Specification demands.",
        discussion: """
            Ends with 0 when nothing failed, 1 when a case failed, 2 when the call is wrong or the registry cannot be reached.
            The password is read from --password-file or from the variable KONTOR_CONFORMANCE_PASSWORD, never from an argument.
            Content is pushed into new repositories below --repository and --second-repository, and deleted afterwards.
            """
    )

    @Argument(help: ArgumentHelp("Address of the registry: http://HOST:PORT or https://HOST.", valueName: "URL"))
    var url: String?

    @Option(help: "Name of the account; anonymous without it.")
    var username: String?

    @Option(help: ArgumentHelp("File with the password or token, on its first line.", valueName: "FILE"))
    var passwordFile: String?

    @Option(help: ArgumentHelp("Repositories are made below this name.", valueName: "NAME"))
    var repository = "conformance"

    @Option(
        help: ArgumentHelp("Blobs are mounted from below this name; REPOSITORY-other without it.", valueName: "NAME")
    )
    var secondRepository: String?

    @Option(
        help: ArgumentHelp(
            "Which specification: 1.1 (the release 1.1.1) or dev (the main branch).",
            valueName: "1.1|dev"
        )
    )
    var version = "1.1"

    @Option(
        help: ArgumentHelp(
            "Only cases whose name fits; * stands for anything, several patterns are separated by commas.",
            valueName: "PATTERN"
        )
    )
    var only: String?

    @Option(help: ArgumentHelp("Writes the results as JUnit XML.", valueName: "FILE"))
    var junit: String?

    @Option(help: ArgumentHelp("PEM file with the certificates to trust instead of the system's.", valueName: "FILE"))
    var ca: String?

    @Option(
        help: ArgumentHelp(
            "Host of a token service, other than the registry's own, that may see the credentials; may be repeated.",
            valueName: "HOST"
        )
    )
    var realmHost: [String] = []

    @Option(help: ArgumentHelp("The longest that one request may take.", valueName: "SECONDS"))
    var requestTimeout = 30

    @Option(help: ArgumentHelp("The longest that the whole run may take.", valueName: "SECONDS"))
    var totalTimeout = 1800

    @Flag(help: "Lists the cases instead of running them.")
    var list = false

    /// Parses, runs, and ends with the exit codes that are promised; the parser's own code for a wrong call is another one.
    static func main() async {
        // A consumer that stops reading, such as `head`, is no reason to die by a signal.
        signal(SIGPIPE, SIG_IGN)
        do {
            try await parse().run()
        } catch let code as ExitCode {
            Glibc.exit(code.rawValue)
        } catch {
            let code = exitCode(for: error)
            guard code != .success else { exit(withError: error) }
            FileHandles.error(fullMessage(for: error))
            Glibc.exit(2)
        }
    }

    func run() async throws {
        guard let version = SpecificationVersion(rawValue: version) else {
            throw ValidationError("--version is 1.1 or dev")
        }
        let selection = CaseSelection(version: version, patterns: only)
        let cases = selection.cases()
        guard !cases.isEmpty else { throw ValidationError("no case fits --only \(only ?? "")") }
        if list {
            for subject in cases {
                FileHandles.output("\(subject.id)\t\(subject.since.rawValue)\t\(subject.source)\t\(subject.title)\n")
            }
            return
        }
        let settings = try settings(version)
        let report: ConformanceReport
        do {
            report = try await ConformanceRun(settings).run(cases) {
                FileHandles.output(TerminalReport.line($0) + "\n")
            }
        } catch let error as ConformanceError {
            FileHandles.error("kontor-conformance: \(error)")
            throw ExitCode(2)
        }
        FileHandles.output(TerminalReport(report).text)
        if let junit {
            do {
                try Data(JUnitReport(report).text.utf8).write(to: URL(fileURLWithPath: junit))
            } catch {
                FileHandles.error("kontor-conformance: cannot write \(junit): \(error)")
                throw ExitCode(2)
            }
        }
        if !report.failures.isEmpty { throw ExitCode(1) }
    }

    private func settings(_ version: SpecificationVersion) throws -> ConformanceSettings {
        guard let url else { throw ValidationError("name the address of a registry, such as http://127.0.0.1:5000") }
        guard (1...3600).contains(requestTimeout), (1...86_400).contains(totalTimeout) else {
            throw ValidationError("--request-timeout is from 1 to 3600 seconds, --total-timeout from 1 to 86400")
        }
        do {
            var settings = ConformanceSettings(
                registry: try RegistryAddress(parsing: url),
                repository: try RepositoryName(parsing: repository),
                secondRepository: try RepositoryName(parsing: secondRepository ?? repository + "-other")
            )
            guard settings.repository != settings.secondRepository else {
                throw ValidationError(
                    "a blob is mounted from another repository: --second-repository is not --repository"
                )
            }
            settings.version = version
            settings.certificateFile = ca
            settings.realmHosts = Set(realmHost.map { $0.lowercased() })
            settings.requestTimeout = .seconds(requestTimeout)
            settings.totalTimeout = .seconds(totalTimeout)
            settings.credentials = try credentials()
            return settings
        } catch let error as RegistryAddressError {
            throw ValidationError("\(error)")
        } catch let error as NameError {
            throw ValidationError("\(error)")
        }
    }

    private func credentials() throws -> ConformanceSettings.Credentials? {
        guard let username else {
            guard passwordFile == nil else { throw ValidationError("--password-file needs --username") }
            return nil
        }
        guard !username.contains(":") else { throw ValidationError("a user name has no colon") }
        if let passwordFile {
            guard let data = try? Data(contentsOf: URL(fileURLWithPath: passwordFile)), data.count <= 65_536,
                let line = String(validating: data, as: UTF8.self)?.split(whereSeparator: \.isNewline).first
            else { throw ValidationError("--password-file \(passwordFile) cannot be read, or has no line of text") }
            return ConformanceSettings.Credentials(username: username, password: String(line))
        }
        guard let password = ProcessInfo.processInfo.environment["KONTOR_CONFORMANCE_PASSWORD"], !password.isEmpty
        else {
            throw ValidationError("--username needs --password-file or the variable KONTOR_CONFORMANCE_PASSWORD")
        }
        return ConformanceSettings.Credentials(username: username, password: password)
    }
}

/// Standard output and standard error, without a buffer between: a line is seen when its case has ended.
private enum FileHandles {
    static func output(_ text: String) { write(text, to: STDOUT_FILENO) }
    static func error(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

    private static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}
