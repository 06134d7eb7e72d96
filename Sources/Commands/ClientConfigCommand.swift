// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import ClientTrust
import DurableFiles

/// `kontor client-config`: files with which other clients pull only what a node released.
struct ClientConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "client-config",
        abstract: Language.process(Texts.clientConfigAbstract),
        discussion: Language.process(Texts.clientConfigDiscussion)
    )

    @Option(name: .customLong("for"), help: help(Texts.clientConfigFor, value: "podman|skopeo|cosign|containerd"))
    var client: String

    @Option(name: .customLong("trust-root"), help: help(Texts.verifyTrustRoot, value: "FILE"))
    var trustRoot: String

    @Option(help: help(Texts.clientConfigSignatures, value: "sigstore|openpgp"))
    var signatures = "sigstore"

    @Option(help: help(Texts.clientConfigMirror, value: "HOST[/PATH]"))
    var mirror: [String] = []

    @Flag(name: .customLong("mirrors-only"), help: help(Texts.clientConfigMirrorsOnly))
    var mirrorsOnly = false

    @Option(help: help(Texts.clientConfigLookaside, value: "URL"))
    var lookaside: String?

    @Flag(name: .customLong("plain-http"), help: help(Texts.clientConfigPlainHTTP))
    var plainHTTP = false

    @Option(name: [.short, .long], help: help(Texts.clientConfigOutput, value: "DIR"))
    var output: String?

    @Option(help: help(Texts.clientConfigDirectory, value: "DIR"))
    var directory: String?

    @OptionGroup var common: CommonOptions

    func run() throws {
        let settings = try Settings(common)
        let terminal = Terminal(language: settings.language(common))
        let client = try choice(ClientFiles.Client.self, client, name: "--for")
        let form = try choice(ClientFiles.Signatures.self, signatures, name: "--signatures")
        let document = try VerifyCommand.file(trustRoot, limit: TrustRoot.maximumBytes)
        let root: TrustRoot
        do { root = try TrustRoot(parsing: document) } catch { throw CommandFailure("\(trustRoot): \(error)") }
        let place = try directory ?? output.map(Self.absolute) ?? Self.usualPlace(client)
        let made: ClientFiles
        var files: [ClientFiles.File]
        do {
            made = try ClientFiles(
                document,
                root,
                ClientFiles.Settings(
                    signatures: form,
                    mirrors: mirror,
                    mirrorsOnly: mirrorsOnly,
                    directory: place,
                    lookaside: lookaside,
                    plainHTTP: plainHTTP
                )
            )
            files = try made.files(for: client)
        } catch { throw CommandFailure("\(error)") }
        let explanation = terminal.language(
            Texts.clientConfigReadme(client, form, registry: root.registry, directory: place, mirrors: mirror)
        )
        if let output {
            try Self.write(files, explanation, to: output)
            try terminal.result(
                (files.map(\.path) + ["README.txt"]).map { printable("\(output)/\($0)") + "\n" }.joined()
            )
        } else {
            let texts = files.map { "==> \($0.path) <==\n" + String(decoding: $0.bytes, as: UTF8.self) + "\n" }
            try terminal.result(printableLines(texts.joined() + "==> README.txt <==\n" + explanation))
        }
        for (role, fingerprint) in made.fingerprints { terminal.note(Texts.clientConfigCompare(role, fingerprint)) }
    }

    private static func usualPlace(_ client: ClientFiles.Client) -> String {
        switch client {
        case .podman, .skopeo: "/etc/containers"
        case .cosign: "/etc/kontor/cosign"
        case .containerd: "/etc/containerd"
        }
    }

    /// The path from the root, because the files name one another by it.
    private static func absolute(_ path: String) throws(CommandFailure) -> String {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        if path.hasPrefix("/") { return path }
        guard let here = processEnvironment["PWD"], here.hasPrefix("/") else {
            throw CommandFailure(Texts.clientConfigNeedsAbsolute(path))
        }
        return here + "/" + path
    }

    private static func write(_ files: [ClientFiles.File], _ explanation: String, to directory: String)
        throws(CommandFailure)
    {
        let live = FileOperations.live
        do throws(FileError) {
            for file in files {
                let path = directory + "/" + file.path
                try live.makeDirectories(String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
                try live.replace(path, bytes: file.bytes, mode: file.isExecutable ? 0o755 : 0o644)
            }
            try live.replace(directory + "/README.txt", bytes: Array(explanation.utf8))
        } catch { throw CommandFailure(Texts.cannotWrite(directory, "\(error)")) }
    }
}
