// SPDX-License-Identifier: EUPL-1.2

import Advisories
import ArgumentParser
import FeedBundles
import ImageSources
import JSON
import Keys
import NodeClient
import OCI
import SBOM
import Time
import Vulnerabilities

/// `kontor feeds export`: the snapshot in force as a signed artefact.
struct FeedsExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: Language.process(Texts.feedsExportAbstract),
        discussion: Language.process(Texts.feedsExportDiscussion)
    )

    @Argument(help: help(Texts.bundlePlace, value: "PLACE"))
    var place: String

    @Option(help: help(Texts.data, value: "DIR"))
    var data: String?

    @Option(help: help(Texts.keysDirectory, value: "DIR"))
    var keys: String?

    @Option(help: help(Texts.signerOption, value: "PATH"))
    var signer: String?

    @Option(name: .customLong("public-url"), help: help(Texts.bundleAddress, value: "URL"))
    var publicURL: String?

    @Option(help: help(Texts.format, value: "text|json"))
    var format = "text"

    @Option(help: help(Texts.bundleNode, value: "URL"))
    var node: String?

    @Option(name: .customLong("node-username"), help: help(Texts.managementUser, value: "NAME"))
    var nodeUsername: String?

    @Option(name: .customLong("node-password-file"), help: help(Texts.passwordFile, value: "FILE"))
    var nodePasswordFile: String?

    @Option(name: .customLong("node-ca-file"), help: help(Texts.caFile, value: "FILE"))
    var nodeAuthorityFile: String?

    @OptionGroup var access: RegistryAccessOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let settings = try Settings(common)
        let terminal = Terminal(language: settings.language(common))
        let form = try choice(OutputForm.self, format, name: "--format")
        let directory = try settings.dataDirectory(option: data)
        do {
            let location = try ImageLocation(parsing: place)
            guard let snapshot = try FeedStore(directory: directory + "/feeds").current() else {
                throw CommandFailure(Texts.noFeeds(directory + "/feeds"))
            }
            let address = settings.text(.publicURL, option: publicURL)
            if address == nil { terminal.note(Texts.bundleWithoutAddress) }
            let access = try access.bundleAccess(settings)
            let client = try logClient(settings)
            let outcome: FeedBundleExporter.Outcome
            do {
                outcome = try await withSigner(settings, directory) { signer in
                    try await FeedBundleExporter(
                        snapshot,
                        signer: signer,
                        address: address ?? "https://localhost",
                        access: access,
                        log: client.map(Self.log)
                    ).export(to: location)
                }
            } catch {
                await client?.close()
                throw error
            }
            await client?.close()
            try show(outcome, form, terminal)
        } catch let failure as CommandFailure {
            throw failure
        } catch { throw CommandFailure("\(error)") }
    }

    /// The node whose log shall have the signatures; nil when none was named.
    private func logClient(_ settings: Settings) throws(CommandFailure) -> NodeClient? {
        guard let node else { return nil }
        guard let file = settings.text(.passwordFile, option: nodePasswordFile) else {
            throw CommandFailure(Texts.noPasswordFile)
        }
        do {
            return try NodeClient(
                url: node,
                username: settings.text(.username, option: nodeUsername) ?? "admin",
                password: try NodeOptions.secret(file),
                authorityFile: settings.text(.caFile, option: nodeAuthorityFile)
            )
        } catch let failure as CommandFailure { throw failure } catch { throw CommandFailure("\(error)") }
    }

    private static func log(_ client: NodeClient) -> FeedBundleLog {
        { bundle in
            let body: JSONValue = ["bundle": try JSONValue(parsing: bundle)]
            guard let answer = try await client.call("POST", "/log/feed-bundles", body)?["bundle"] else {
                throw CommandFailure(Texts.bundleNotLogged)
            }
            return answer.bytes()
        }
    }

    /// The operator's signer behind its socket, or one that lives as long as this.
    private func withSigner<T>(
        _ settings: Settings,
        _ directory: String,
        _ body: (any Signer) async throws -> T
    ) async throws -> T {
        if let socket = settings.text(.signer, option: signer) { return try await body(SignerClient(path: socket)) }
        let process = SignerProcess(
            executable: "/proc/self/exe",
            directory: settings.text(.keys, option: keys) ?? directory + "/keys"
        )
        defer { process.stop() }
        return try await body(process.client)
    }

    private func show(_ outcome: FeedBundleExporter.Outcome, _ form: OutputForm, _ terminal: Terminal) throws {
        let statement = outcome.statement
        switch form {
        case .json:
            var members = statement.contents.json
            members["schemaVersion"] = 1
            members["index"] = .string(outcome.index.description)
            members["artefact"] = .string(outcome.artefact.description)
            members["created"] = .string(statement.created.rfc3339)
            members["packedSize"] = .integer(outcome.packedSize)
            members["unpackedSize"] = .integer(statement.unpackedSize)
            members["key"] = .string(outcome.key.fingerprint)
            try terminal.result(JSONValue.object(members).bytes(.pretty) + [0x0a])
        case .text:
            let lines = statement.contents.feeds.map {
                printable("\($0.name): \(terminal.language(FeedsStatusCommand.line($0)))") + "\n"
            }
            let end = Texts.bundleMade(index: outcome.index.description, snapshot: statement.contents.identity)
            try terminal.result(lines.joined() + terminal.language(end) + "\n")
            terminal.note(Texts.bundleSigned(outcome.key.id, outcome.key.printableFingerprint))
        }
    }
}

extension RegistryAccessOptions {
    /// How feed bundles reach registries.
    func bundleAccess(_ settings: Settings) throws(CommandFailure) -> FeedBundleAccess {
        FeedBundleAccess(
            credentials: try credentials(),
            plainHTTP: try settings.flag(.plainHTTP, option: plainHTTP),
            temporaryDirectory: ImageReadingOptions.temporaryDirectory,
            environment: processEnvironment
        )
    }
}
