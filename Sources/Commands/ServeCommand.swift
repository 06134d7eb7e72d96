// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
public import Criteria

/// What a node is started with.
public struct ServeOptions: Sendable, Equatable {
    /// Data directory.
    public var data: String
    /// Host or address to listen on.
    public var host: String
    /// Port to listen on; 0: any free one.
    public var port: Int
    /// Pulling without credentials is allowed.
    public var anonymousPull: Bool
    /// Name of the node; nil: the listen address, not for production.
    public var nodeName: String?
    /// Address under which others reach the node, without a trailing slash; nil: the listen address, not for production.
    public var publicURL: String?
    /// The feeds are for exercise.
    public var exerciseData: Bool
    /// How old feeds may be.
    public var ageLimits: AgeLimits

    /// Options with the defaults of the command line.
    public init(
        data: String,
        host: String = "127.0.0.1",
        port: Int = 8080,
        anonymousPull: Bool = false,
        nodeName: String? = nil,
        publicURL: String? = nil,
        exerciseData: Bool = false,
        ageLimits: AgeLimits = .standard
    ) {
        self.data = data
        self.host = host
        self.port = port
        self.anonymousPull = anonymousPull
        self.nodeName = nodeName
        self.publicURL = publicURL
        self.exerciseData = exerciseData
        self.ageLimits = ageLimits
    }
}

/// `kontor serve`.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: Language.process(Texts.serveAbstract)
    )

    @Option(help: help(Texts.data, value: "DIR"))
    var data: String?

    @Option(help: help(Texts.listen, value: "HOST:PORT"))
    var listen: String?

    @Flag(help: help(Texts.anonymousPull))
    var anonymousPull = false

    @Option(help: help(Texts.nodeName, value: "NAME"))
    var nodeName: String?

    @Option(name: .customLong("public-url"), help: help(Texts.publicURL, value: "URL"))
    var publicURL: String?

    @Flag(help: help(Texts.exerciseData))
    var exerciseData = false

    @Option(help: help(Texts.ageLimit, value: "KIND=DAYSd"))
    var ageLimit: [String] = []

    @OptionGroup var common: CommonOptions

    /// Started by ``Commands/main(serve:)``, which holds the node.
    func run() throws { throw CommandFailure(Texts.cannotServe) }

    /// Everything checked before anything is started.
    func options(environment: [String: String] = processEnvironment) throws -> ServeOptions {
        let settings = try Settings(common, environment: environment)
        let (host, port) = try Self.address(settings.text(.listen, option: listen) ?? "127.0.0.1:8080")
        let address = settings.text(.publicURL, option: publicURL)
        return ServeOptions(
            data: try settings.dataDirectory(option: data),
            host: host,
            port: port,
            anonymousPull: try settings.flag(.anonymousPull, option: anonymousPull),
            nodeName: settings.text(.nodeName, option: nodeName),
            publicURL: try address.map(Self.publicAddress),
            exerciseData: try settings.flag(.exerciseData, option: exerciseData),
            ageLimits: try ageLimits(settings.texts(.ageLimit, options: ageLimit))
        )
    }

    /// `HOST:PORT`, `[ADDRESS]:PORT`.
    static func address(_ text: String) throws(CommandFailure) -> (host: String, port: Int) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            throw CommandFailure(Texts.badListen(text))
        }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
        } else if host.contains(":") {
            throw CommandFailure(Texts.badListen(text))
        }
        guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != 0x2f }) else {
            throw CommandFailure(Texts.badListen(text))
        }
        return (host, Int(port))
    }

    /// `https://HOST[:PORT]`.
    static func publicAddress(_ text: String) throws(CommandFailure) -> String {
        let trimmed = text.hasSuffix("/") ? String(text.dropLast()) : text
        let rest =
            trimmed.hasPrefix("https://")
            ? trimmed.dropFirst(8) : trimmed.hasPrefix("http://") ? trimmed.dropFirst(7) : ""
        guard !rest.isEmpty, rest.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && !Array("/?#@\"<>\\".utf8).contains($0) })
        else {
            throw CommandFailure(Texts.badPublicURL(text))
        }
        return trimmed
    }
}

/// Age limits as they are written in options and settings.
func ageLimits(_ texts: [String]) throws(CommandFailure) -> AgeLimits {
    do { return try AgeLimits(parsing: texts.joined(separator: ",")) } catch { throw CommandFailure(error.description) }
}

extension Commands {
    /// What `kontor serve` with these arguments and this environment would start.
    package static func serveOptions(_ arguments: [String], environment: [String: String]) throws -> ServeOptions {
        try ServeCommand.parse(arguments).options(environment: environment)
    }
}
