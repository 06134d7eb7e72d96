// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser

/// What an exercise is started with, and where it tells what it does.
public struct DemoOptions: Sendable {
    /// Data directory; nil: a temporary one.
    public var data: String?
    /// Port on 127.0.0.1; nil: that of the last run, or a free one.
    public var port: Int?
    /// Only imports the advisories of today.
    public var isToday: Bool
    /// Takes what is being done; shown on terminals.
    public let progress: @Sendable (String) -> Void
    /// Takes lines of the result.
    public let result: @Sendable (String) -> Void
}

/// `kontor demo`.
struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: Language.process(Texts.demoAbstract),
        discussion: Language.process(Texts.demoDiscussion)
    )

    @Option(help: help(Texts.demoData, value: "DIR"))
    var data: String?

    @Option(help: help(Texts.demoPort, value: "PORT"))
    var port: Int?

    @Flag(help: help(Texts.demoToday))
    var today = false

    @OptionGroup var common: CommonOptions

    /// Started by ``Commands/main(serve:demo:)``, which holds the node.
    func run() throws { throw CommandFailure(Texts.cannotServe) }

    /// Everything checked before anything is started.
    ///
    /// `KONTOR_DATA` is not asked: it names the data of a real node.
    func options() throws -> DemoOptions {
        if today, data == nil { throw CommandFailure(Texts.demoNeedsData) }
        if let port, !(0...65_535).contains(port) { throw CommandFailure(Texts.demoBadPort(port)) }
        let terminal = Terminal(language: try Settings(common).language(common))
        return DemoOptions(
            data: data.map(absolutePath),
            port: port,
            isToday: today,
            progress: { terminal.step(Texts.demoStep($0)) },
            result: { line in
                terminal.clearStep()
                // A reader that went away does not end the node.
                try? terminal.result(printable(line) + "\n")
            }
        )
    }
}
