// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import Assessment
import Criteria
import DurableFiles
import Glibc
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
        do { try Self.write(bytes, to: output, FileOperations.live) } catch {
            throw CommandFailure(Texts.cannotWrite(output, "\(error)"))
        }
    }

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
