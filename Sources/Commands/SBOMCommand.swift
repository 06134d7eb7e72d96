// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import Assessment
import Criteria
import DurableFiles
import Glibc
import ImageSources
import JSON
import SBOM
import Time

/// `kontor sbom`: writes a bill unless it is told to look at one.
struct SBOMCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sbom",
        abstract: Language.process(Texts.sbomAbstract),
        discussion: Language.process(Texts.sbomDiscussion),
        subcommands: [SBOMImageCommand.self, SBOMCheckCommand.self],
        // A place of an image always has a colon or a slash in it: no image can be taken for the name of a subcommand.
        defaultSubcommand: SBOMImageCommand.self
    )

    /// Replaces a regular file whole; whatever else has that name is written into.
    ///
    /// A rename over `/dev/null`, `/dev/stdout` or a pipe would put a file in its place, for every program on the machine.
    static func write(_ bytes: [UInt8], to path: String, _ files: FileOperations) throws(FileError) {
        let status = try files.statusAt(path)
        guard let status, status.kind != .file else { return try files.replace(path, bytes: bytes) }
        let descriptor = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("open", path: path, code: errno) }
        defer { _ = close(descriptor) }
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress.map { $0 + done }, $0.count - done)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw FileError("write", path: path, code: errno) }
            done += count
        }
    }
}

/// `kontor sbom IMAGE`.
struct SBOMImageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "image",
        abstract: Language.process(Texts.sbomAbstract)
    )

    @OptionGroup var source: ImageOptions

    @Option(name: .customLong("sbom-creator"), help: help(Texts.sbomCreator, value: "CREATOR"))
    var creator: String?

    @Option(name: [.short, .long], help: help(Texts.output, value: "FILE"))
    var output: String?

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let settings = try Settings(common)
        let terminal = Terminal(language: settings.language(common))
        let creator = try settings.text(.sbomCreator, option: creator).map { try SBOMCreator(written: $0) }
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
            timestamp: WallClock.system.now(),
            creator: creator
        )
        let bytes = document.bytes(.pretty) + [0x0a]
        try terminal.result(bytes, to: output)
    }
}

extension SBOMCreator {
    /// Reads `Name <address>`; the address is an e-mail address or a URL, as TR-03183-2 demands.
    init(written text: String) throws(CommandFailure) {
        guard let open = text.lastIndex(of: "<"), text.hasSuffix(">") else {
            throw CommandFailure(Texts.badCreator(text))
        }
        let address = String(text[text.index(after: open)...].dropLast())
        var name = text[..<open]
        while name.last == " " { name.removeLast() }
        let isURL = address.hasPrefix("https://") || address.hasPrefix("http://")
        guard !name.isEmpty, isURL || address.contains("@") else { throw CommandFailure(Texts.badCreator(text)) }
        self.init(name: String(name), email: isURL ? nil : address, url: isURL ? address : nil)
        // An address that the writer would leave out must not vanish without a word.
        guard isSound else { throw CommandFailure(Texts.badCreator(text)) }
    }
}
