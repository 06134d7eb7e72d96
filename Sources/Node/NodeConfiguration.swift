// SPDX-License-Identifier: EUPL-1.2

public import Criteria
import FoundationEssentials
public import Mail
public import Portal
public import Registry
public import SBOM
public import Syslog
public import Time
public import Webhooks

/// Everything that one node is told at its start.
public struct NodeConfiguration: Sendable {
    /// Directory of all state (database, blobs, feeds), made when it does not exist and held by one node at a time.
    public var dataDirectory: String
    /// Address to listen at.
    public var host: String
    /// Port to listen at; 0 takes a free one.
    public var port: Int
    /// Whether reading images needs no account.
    public var anonymousPull: Bool
    /// Name of the node in challenges and statements; nil means its listen address, which is not for production.
    public var nodeName: String?
    /// Address under which others reach the node, without a trailing slash; nil means its listen address.
    public var publicURL: String?
    /// How old advisories may be before what rests on them is unknown.
    public var ageLimits: AgeLimits
    /// Whether every verdict says that it rests on exercise data.
    public var exerciseData: Bool
    /// Pages of an exercise; nil on every node but those that `kontor demo` makes.
    public var exercise: ExerciseDesk?
    /// Directory with `debian.csv`: support dates of releases.
    public var releaseCalendarDirectory: String
    /// The program that reads images when it is started with `analyse`, and signs when it is started with `signer`.
    public var analyserExecutable: String
    /// Assessments that run at the same time.
    public var concurrentAssessments: Int
    /// What the registry accepts.
    public var registryLimits: RegistryLimits
    /// What time it is.
    public var clock: WallClock
    /// Time after which an idle connection is closed.
    public var idleTimeout: Duration
    /// Connections at the same time; more wait in the system's queue.
    public var maximumConnections: Int
    /// Whether blobs go out by `sendfile`; never over TLS.
    public var usesSendFile: Bool
    /// Whom SBOMs name as their creator; nil where nobody said.
    public var sbomCreator: SBOMCreator?
    /// Hosts of registries for whose repositories those of the same names here stand in.
    public var standsInFor: Set<String> = []
    /// Requests that one address may send in a second, ten times as many at once; nil sets no bound.
    public var requestsPerSecond: Int? = 300
    /// Whether what the node says about images is attested; off where a test looks at what others attach.
    public var attests = true
    /// Whether requests of this machine itself are counted.
    public var countsLoopback = false
    /// PEM files of the listener's certificate chain and private key; nil listens without TLS.
    public var tls: (certificateFile: String, keyFile: String)?
    /// Address of a second listener for the portal and the API alone, by HTTP/2 where there is TLS; nil opens none.
    public var portalListen: (host: String, port: Int)?
    /// Whether the node is for the public: it does not start without the operator's pages then.
    public var isPublic = false
    /// Mail server of the node, and who its mail is from; nil sends no mail.
    public var mail: (settings: SMTPSettings, from: MailAddress)?
    /// Socket of a signer under an account of its own; nil: the node starts one with ``analyserExecutable``.
    public var signerSocket: String?
    /// Where webhooks may go.
    public var webhookRules: WebhookRules = .standard
    /// Where repositories of registered projects may lie.
    public var projectRules: WebhookRules = .standard
    /// Where audit events are sent as they happen; nil sends none.
    public var syslog: SyslogSettings?
    /// log2 of the rounds of scrypt for passwords; 15 is a quarter of a second on one core.
    public var passwordLogRounds = 15
    /// How often retention is applied.
    public var retentionInterval = Duration.seconds(3600)
    /// How long pull records are kept after the last pull.
    public var pullRetention: Duration
    /// How long running requests may go on when the node ends; what still runs then is cut, and its client tries again.
    public var shutdownGrace: Duration

    /// A node on a data directory; every other setting has the value of a node in use.
    public init(
        dataDirectory: String,
        host: String = "127.0.0.1",
        port: Int = 8080,
        anonymousPull: Bool = false,
        nodeName: String? = nil,
        publicURL: String? = nil,
        ageLimits: AgeLimits = .standard,
        exerciseData: Bool = false,
        releaseCalendarDirectory: String = "/usr/share/distro-info",
        analyserExecutable: String = "/proc/self/exe",
        concurrentAssessments: Int = 2,
        registryLimits: RegistryLimits = .standard,
        clock: WallClock = .system,
        idleTimeout: Duration = .seconds(60),
        maximumConnections: Int = 2000,
        usesSendFile: Bool = true,
        tls: (certificateFile: String, keyFile: String)? = nil,
        syslog: SyslogSettings? = nil,
        pullRetention: Duration = .seconds(400 * 86_400),
        shutdownGrace: Duration = .seconds(25)
    ) {
        self.dataDirectory = dataDirectory
        self.host = host
        self.port = port
        self.anonymousPull = anonymousPull
        self.nodeName = nodeName
        self.publicURL = publicURL
        self.ageLimits = ageLimits
        self.exerciseData = exerciseData
        self.releaseCalendarDirectory = releaseCalendarDirectory
        self.analyserExecutable = analyserExecutable
        self.concurrentAssessments = concurrentAssessments
        self.registryLimits = registryLimits
        self.clock = clock
        self.idleTimeout = idleTimeout
        self.maximumConnections = maximumConnections
        self.usesSendFile = usesSendFile
        self.tls = tls
        self.syslog = syslog
        self.pullRetention = pullRetention
        self.shutdownGrace = shutdownGrace
    }

    /// A path inside the data directory.
    func file(_ name: String) -> String { dataDirectory + "/" + name }

    /// Keys of the node's own signer, and beside them what was signed last.
    var keysDirectory: String { file("keys") }
}

extension NodeConfiguration {
    /// What the node calls itself.
    var name: String { nodeName ?? "\(host):\(port)" }

    /// Host and port under which clients reach the registry; never taken from a request.
    var registryAuthority: String {
        publicURL.flatMap(OwnAddress.authority(of:)) ?? "\(host):\(port)"
    }

    /// How the node names itself to a mail server: the host of its public address.
    public var mailClientName: String {
        let host = registryAuthority.prefix { $0 != ":" && $0 != "[" }
        return publicURL == nil || host.isEmpty ? "localhost" : String(host)
    }

    /// What stands before the token of a link in a letter; never taken from a request.
    var answerLink: String {
        (publicURL ?? "\(tls == nil ? "http" : "https")://\(host):\(port)") + "/notices/answer/"
    }

    /// Scheme, host and port under which browsers reach the node; nil when nobody said.
    var publicOrigin: String? {
        guard let publicURL, let start = publicURL.firstRange(of: "://") else { return nil }
        // As browsers write an origin: in small letters, without the port that the scheme has anyway.
        let (scheme, authority) = (publicURL[..<start.upperBound].lowercased(), registryAuthority.lowercased())
        let port = scheme == "https://" ? ":443" : ":80"
        return scheme + (authority.hasSuffix(port) ? String(authority.dropLast(port.count)) : authority)
    }

    /// Whether browsers reach the node by TLS, its own or that of a proxy before it.
    var isReachedByTLS: Bool { publicURL.map { $0.hasPrefix("https://") } ?? (tls != nil) }

    /// Support dates of releases; what is not installed is unknown, what is broken stops the start.
    func releaseCalendar() throws -> ReleaseCalendar {
        var tables: [String: String] = [:]
        for name in ["debian", "ubuntu"] {
            guard let text = try? String(contentsOfFile: "\(releaseCalendarDirectory)/\(name).csv", encoding: .utf8)
            else { continue }
            tables[name] = text
        }
        return try ReleaseCalendar(tables: tables)
    }
}
