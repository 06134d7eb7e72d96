// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import Criteria
import ImageSources
import JSON
import OCI
import RegistryClient
import Reports

/// `kontor verdict`: what a node says about an image that was pushed to it.
struct VerdictCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verdict",
        abstract: Language.process(Texts.verdictAbstract),
        discussion: Language.process(Texts.checkDiscussion)
    )

    @Argument(help: help(Texts.imageOnNode, value: "IMAGE"))
    var image: String

    @Option(help: help(Texts.reportFormat, value: "FORM"))
    var format = "text"

    @Option(name: [.short, .long], help: help(Texts.output, value: "FILE"))
    var output: String?

    @Option(help: help(Texts.location, value: "FILE"))
    var location: String?

    @Option(help: help(Texts.require, value: "LEVEL"))
    var require: String?

    @Option(help: help(Texts.wait, value: "SECONDS"))
    var wait = 120

    @Flag(help: help(Texts.all))
    var all = false

    @OptionGroup var access: RegistryAccessOptions

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let settings = try Settings(common)
        let terminal = Terminal(language: settings.language(common))
        let form = try choice(ReportForm.self, format, name: "--format")
        let required = try require.map { try choice(Level.self, $0, name: "--require") }
        guard (0...86_400).contains(wait) else { throw CommandFailure(Texts.badWait("\(wait)")) }
        guard case .registry(let reference)? = try? ImageLocation(parsing: image), let host = reference.registry else {
            throw CommandFailure(Texts.notOnNode(image))
        }
        let verdict = try await ask(host, reference, settings, terminal)
        let report = Report(
            verdict: verdict,
            name: image,
            language: terminal.language.report,
            // The node may judge by other rules; descriptions of the wrong ones would be worse than none.
            catalogue: (try? Catalogue.embedded()).flatMap { $0.version == verdict.catalogueVersion ? $0 : nil },
            required: required,
            location: location,
            toolVersion: Commands.version
        )
        try terminal.result(report.bytes(form, colour: terminal.colour && output == nil, all: all), to: output)
        if let required, verdict.level < required {
            terminal.note(Texts.below(terminal.language(verdict.level.title), terminal.language(required.title)))
            throw ExitCode(1)
        }
    }

    private func ask(
        _ host: String,
        _ reference: Reference,
        _ settings: Settings,
        _ terminal: Terminal
    ) async throws -> Verdict {
        let credentials =
            try access.credentials()
            ?? RegistryCredentials.stored(
                registry: host,
                repository: reference.repository.text,
                environment: processEnvironment
            )
        let name = reference.digest.map { "@\($0)" } ?? ":\(reference.tag?.text ?? "latest")"
        do {
            let client = try RegistryClient(
                registry: host,
                settings: RegistryClientSettings(
                    credentials: credentials,
                    plainHTTP: try settings.flag(.plainHTTP, option: access.plainHTTP)
                )
            )
            let bytes: [UInt8]?
            do {
                bytes = try await client.verdict(of: reference.repository, name, within: .seconds(wait)) {
                    terminal.step(Texts.waiting)
                }
            } catch {
                await client.close()
                throw error
            }
            await client.close()
            terminal.clearStep()
            guard let bytes else { throw CommandFailure(Texts.notReady(image, wait)) }
            return try Verdict(json: JSONFields(JSONValue(parsing: bytes)))
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure("\(image): \(error)")
        }
    }
}
