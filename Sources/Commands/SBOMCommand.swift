// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import Assessment
import Criteria
import DurableFiles
import ImageSources
import JSON
import Time

/// `kontor sbom`.
struct SBOMCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "sbom", abstract: Language.process(Texts.sbomAbstract))

    @OptionGroup var source: ImageOptions

    @Option(name: [.short, .long], help: help(Texts.output, value: "FILE"))
    var output: String?

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let settings = try Settings(common)
        let terminal = Terminal(language: settings.language(common))
        let (opened, evidence) = try await source.analysed(settings, terminal)
        terminal.clearStep()
        for problem in evidence.problems where problem.affectsComponents {
            terminal.note([problem.path, problem.reason].compactMap(\.self).joined(separator: ": "))
        }
        let document = LocalAssessment.sbom(
            name: opened.name,
            tag: opened.tag,
            evidence: evidence,
            version: Commands.version,
            timestamp: WallClock.system.now()
        )
        let bytes = document.bytes(.pretty) + [0x0a]
        guard let output else {
            try terminal.result(bytes)
            return
        }
        do { try FileOperations.live.replace(output, bytes: bytes) } catch {
            throw CommandFailure(Texts.cannotWrite(output, "\(error)"))
        }
    }
}
