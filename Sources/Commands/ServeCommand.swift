// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
public import Criteria
public import SBOM

/// What a node is started with.
public struct ServeOptions: Sendable, Equatable {
    /// Where to listen.
    public struct Address: Sendable, Equatable {
        /// Host or address.
        public let host: String
        /// Port; 0: any free one.
        public let port: Int
    }

    /// How the connection to a mail server is protected.
    public enum MailSecurity: String, Sendable, CaseIterable {
        /// It begins in the clear and must change to TLS before anything is said.
        case starttls
        /// TLS from the first byte.
        case tls
        /// Not at all.
        case plain
    }

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
    /// PEM file of the listener's certificate chain; nil listens without TLS.
    public var tlsCertificate: String?
    /// PEM file of its private key.
    public var tlsKey: String?
    /// Host and port of a second listener for the portal alone; nil opens none.
    public var portalListen: Address?
    /// Mail server; nil sends no mail.
    public var smtp: Address?
    /// How its connection is protected.
    public var smtpSecurity: MailSecurity
    /// Who mail is from; a function address.
    public var smtpFrom: String?
    /// Name for the mail server.
    public var smtpUsername: String?
    /// The secret for it.
    public var smtpPassword: String?
    /// PEM file of certificates that are trusted at the mail server.
    public var smtpAuthorities: String?
    /// Hosts and networks inside that webhooks may go to.
    public var webhookAllow: [String]
    /// Hosts and networks inside in which repositories of registered projects may lie.
    public var projectAllow: [String] = []
    /// Receiver of the audit log, `HOST:PORT`.
    public var syslog: String?
    /// PEM file of certificates that are trusted at the receiver.
    public var syslogAuthorities: String?
    /// PEM files of certificate and key that the node shows to the receiver.
    public var syslogClientCertificate: String?
    /// PEM file of the certificate's private key.
    public var syslogClientKey: String?
    /// Hosts of registries that the node stands in for.
    public var standsInFor: [String]
    /// Requests per second and address; nil sets no bound.
    public var requestsPerSecond: Int?
    /// The node is for the public.
    public var isPublic = false
    /// The feeds are for exercise.
    public var exerciseData: Bool
    /// How old feeds may be.
    public var ageLimits: AgeLimits
    /// Whom the node's SBOMs name as their creator.
    public var sbomCreator: SBOMCreator?

    /// Socket of a signer under an account of its own; nil: the node starts one.
    public var signer: String?

    /// Options with the defaults of the command line.
    public init(
        data: String,
        host: String = "127.0.0.1",
        port: Int = 8080,
        anonymousPull: Bool = false,
        nodeName: String? = nil,
        publicURL: String? = nil,
        tlsCertificate: String? = nil,
        tlsKey: String? = nil,
        portalListen: Address? = nil,
        smtp: Address? = nil,
        smtpSecurity: MailSecurity = .starttls,
        smtpFrom: String? = nil,
        smtpUsername: String? = nil,
        smtpPassword: String? = nil,
        smtpAuthorities: String? = nil,
        webhookAllow: [String] = [],
        syslog: String? = nil,
        syslogAuthorities: String? = nil,
        syslogClientCertificate: String? = nil,
        syslogClientKey: String? = nil,
        standsInFor: [String] = [],
        requestsPerSecond: Int? = 300,
        exerciseData: Bool = false,
        ageLimits: AgeLimits = .standard,
        sbomCreator: SBOMCreator? = nil,
        signer: String? = nil
    ) {
        self.data = data
        self.host = host
        self.port = port
        self.anonymousPull = anonymousPull
        self.nodeName = nodeName
        self.publicURL = publicURL
        self.tlsCertificate = tlsCertificate
        self.tlsKey = tlsKey
        self.portalListen = portalListen
        self.smtp = smtp
        self.smtpSecurity = smtpSecurity
        self.smtpFrom = smtpFrom
        self.smtpUsername = smtpUsername
        self.smtpPassword = smtpPassword
        self.smtpAuthorities = smtpAuthorities
        self.webhookAllow = webhookAllow
        self.syslog = syslog
        self.syslogAuthorities = syslogAuthorities
        self.syslogClientCertificate = syslogClientCertificate
        self.syslogClientKey = syslogClientKey
        self.standsInFor = standsInFor
        self.requestsPerSecond = requestsPerSecond
        self.exerciseData = exerciseData
        self.ageLimits = ageLimits
        self.sbomCreator = sbomCreator
        self.signer = signer
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

    @Option(name: .customLong("tls-cert"), help: help(Texts.tlsCert, value: "FILE"))
    var tlsCert: String?

    @Option(name: .customLong("tls-key"), help: help(Texts.tlsKey, value: "FILE"))
    var tlsKey: String?

    @Option(name: .customLong("portal-listen"), help: help(Texts.portalListen, value: "HOST:PORT"))
    var portalListen: String?

    @Option(help: help(Texts.smtp, value: "HOST:PORT"))
    var smtp: String?

    @Option(name: .customLong("smtp-security"), help: help(Texts.smtpSecurity, value: "starttls|tls|plain"))
    var smtpSecurity: String?

    @Option(name: .customLong("smtp-from"), help: help(Texts.smtpFrom, value: "ADDRESS"))
    var smtpFrom: String?

    @Option(name: .customLong("smtp-username"), help: help(Texts.smtpUsername, value: "NAME"))
    var smtpUsername: String?

    @Option(name: .customLong("smtp-password-file"), help: help(Texts.passwordFile, value: "FILE"))
    var smtpPasswordFile: String?

    @Option(name: .customLong("smtp-ca"), help: help(Texts.smtpCA, value: "FILE"))
    var smtpCA: String?

    @Option(name: .customLong("webhook-allow"), help: help(Texts.webhookAllow, value: "HOST|NETWORK"))
    var webhookAllow: [String] = []

    @Option(name: .customLong("project-allow"), help: help(Texts.projectAllow, value: "HOST|NETWORK"))
    var projectAllow: [String] = []

    @Option(help: help(Texts.syslog, value: "HOST:PORT"))
    var syslog: String?

    @Option(name: .customLong("syslog-ca"), help: help(Texts.syslogCA, value: "FILE"))
    var syslogCA: String?

    @Option(name: .customLong("syslog-client-cert"), help: help(Texts.syslogClientCert, value: "FILE"))
    var syslogClientCert: String?

    @Option(name: .customLong("syslog-client-key"), help: help(Texts.syslogClientKey, value: "FILE"))
    var syslogClientKey: String?

    @Option(name: .customLong("stands-in-for"), help: help(Texts.standsInFor, value: "HOST"))
    var standsInFor: [String] = []

    @Option(name: .customLong("rate-limit"), help: help(Texts.rateLimit, value: "N"))
    var rateLimit: String?

    @Flag(name: .customLong("public"), help: help(Texts.isPublic))
    var isPublic = false

    @Flag(help: help(Texts.exerciseData))
    var exerciseData = false

    @Option(help: help(Texts.ageLimit, value: "KIND=DAYSd"))
    var ageLimit: [String] = []

    @Option(name: .customLong("sbom-creator"), help: help(Texts.sbomCreator, value: "CREATOR"))
    var sbomCreator: String?

    @Option(help: help(Texts.signerOption, value: "PATH"))
    var signer: String?

    @OptionGroup var common: CommonOptions

    /// Started by ``Commands/main(serve:)``, which holds the node.
    func run() throws { throw CommandFailure(Texts.cannotServe) }

    /// Everything checked before anything is started.
    func options(environment: [String: String] = processEnvironment) throws -> ServeOptions {
        let settings = try Settings(common, environment: environment)
        let listening = try Self.address(settings.text(.listen, option: listen) ?? "127.0.0.1:8080")
        let address = settings.text(.publicURL, option: publicURL)
        let certificate = settings.text(.tlsCert, option: tlsCert)
        let key = settings.text(.tlsKey, option: tlsKey)
        guard (certificate == nil) == (key == nil) else { throw CommandFailure(Texts.tlsNeedsBoth) }
        guard
            (settings.text(.smtp, option: smtp) == nil) == (settings.text(.smtpFrom, option: smtpFrom) == nil)
        else { throw CommandFailure(Texts.smtpNeedsFrom) }
        var options = ServeOptions(
            data: try settings.dataDirectory(option: data),
            host: listening.host,
            port: listening.port,
            anonymousPull: try settings.flag(.anonymousPull, option: anonymousPull),
            nodeName: settings.text(.nodeName, option: nodeName),
            publicURL: try address.map(Self.publicAddress),
            tlsCertificate: certificate,
            tlsKey: key,
            portalListen: try settings.text(.portalListen, option: portalListen).map(Self.address),
            smtp: try settings.text(.smtp, option: smtp).map(Self.address),
            smtpSecurity: try choice(
                ServeOptions.MailSecurity.self,
                settings.text(.smtpSecurity, option: smtpSecurity) ?? "starttls",
                name: "--smtp-security"
            ),
            smtpFrom: settings.text(.smtpFrom, option: smtpFrom),
            smtpUsername: settings.text(.smtpUsername, option: smtpUsername),
            smtpPassword: try settings.text(.smtpPasswordFile, option: smtpPasswordFile).map(NodeOptions.secret),
            smtpAuthorities: settings.text(.smtpCA, option: smtpCA),
            webhookAllow: settings.texts(.webhookAllow, options: webhookAllow),
            syslog: settings.text(.syslog, option: syslog),
            syslogAuthorities: settings.text(.syslogCA, option: syslogCA),
            syslogClientCertificate: settings.text(.syslogClientCert, option: syslogClientCert),
            syslogClientKey: settings.text(.syslogClientKey, option: syslogClientKey),
            standsInFor: settings.texts(.standsInFor, options: standsInFor),
            requestsPerSecond: try Self.rate(settings.text(.rateLimit, option: rateLimit)),
            exerciseData: try settings.flag(.exerciseData, option: exerciseData),
            ageLimits: try ageLimits(settings.texts(.ageLimit, options: ageLimit)),
            sbomCreator: try settings.text(.sbomCreator, option: sbomCreator).map { try SBOMCreator(written: $0) },
            signer: settings.text(.signer, option: signer)
        )
        options.projectAllow = settings.texts(.projectAllow, options: projectAllow)
        options.isPublic = try settings.flag(.isPublic, option: isPublic)
        return options
    }

    /// Requests per second; 0 sets no bound.
    static func rate(_ text: String?) throws(CommandFailure) -> Int? {
        guard let text else { return 300 }
        guard let number = Int(text), (0...1_000_000).contains(number) else {
            throw CommandFailure(Texts.badRate(text))
        }
        return number == 0 ? nil : number
    }

    /// `HOST:PORT`, `[ADDRESS]:PORT`.
    static func address(_ text: String) throws(CommandFailure) -> ServeOptions.Address {
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
        return ServeOptions.Address(host: host, port: Int(port))
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
