// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Assessment
import Database
import Directory
import Hummingbird
import HummingbirdCore
import HummingbirdHTTP2
import HummingbirdTLS
import Logging
import NIOCore
import Notices
import PullRecords
import Registry
import RegistryHTTP
import ServiceLifecycle
import Synchronization
import UnixSignals

/// Running what was made: listeners, keepers, an orderly end.
extension NodeParts {
    func run(
        handlesSignals: Bool,
        announce: @escaping @Sendable (String) -> Void,
        onReady: @escaping @Sendable (RunningNode) async -> Void
    ) async throws {
        let files = FileLimit.raise()
        let connections = FileLimit.connections(wanted: configuration.maximumConnections, files: files)
        if connections < configuration.maximumConnections {
            logger.warning(
                "fewer connections than configured: raise the limit of open files (LimitNOFILE= in the unit, or ulimit -Hn)",
                metadata: ["connections": "\(connections)", "files": "\(files)"]
            )
        }
        let stopper = Stopper()
        let listeners = Listeners([.registry] + (configuration.portalListen == nil ? [] : [.portal]))
        let running: @Sendable (Listeners.Door, Int) async -> Void = { door, port in
            if door == .registry { address.listens(at: port) }
            guard let ports = listeners.opened(door, at: port), let port = ports[.registry] else { return }
            await ready(port, ports[.portal], stopper, announce, onReady)
        }
        // The portal's listener takes its connections from the same descriptors.
        let shared = configuration.portalListen == nil ? 0 : max(1, connections / 4)
        let listening = application(
            responder,
            try certificates.map { try .tls(.http1(configuration: http1), tlsConfiguration: $0.configuration()) }
                ?? .http1(configuration: http1),
            (configuration.host, configuration.port),
            connections: max(1, connections - shared),
            running: { await running(.registry, $0) }
        )
        var services: [any Service] = []
        if let portal = configuration.portalListen {
            services.append(
                application(
                    responder.withoutRegistry(at: configuration.registryAuthority),
                    try certificates.map {
                        try .http2Upgrade(tlsConfiguration: $0.configuration(), configuration: http2)
                    } ?? .http1(configuration: http1),
                    portal,
                    connections: shared,
                    running: { await running(.portal, $0) }
                )
            )
        }
        if let certificates {
            services.append(NodeService(name: "certificates") { try await certificates.watch() })
        }
        if let forwarder { services.append(forwarder) }
        services.append(NodeService(name: "log") { [keeper] in await keeper.run() })
        services +=
            [
                NodeService(name: "pulls") { [pulls, logger, configuration] in
                    try await PullKeeper(
                        pulls: pulls,
                        clock: configuration.clock,
                        retention: configuration.pullRetention,
                        logger: logger
                    ).run()
                },
                NodeService(name: "retention") { [accounts, registry, knowledge, configuration, logger] in
                    try await RetentionKeeper(
                        accounts: accounts,
                        registry: registry,
                        knowledge: knowledge,
                        interval: configuration.retentionInterval,
                        logger: logger
                    ).run()
                },
                NodeService(name: "jobs") { [runner] in try await runner.run() },
                NodeService(name: "advisories") { [assessment] in try await assessment.followFeeds() },
                NodeService(name: "projects") { [projectRunner] in try await projectRunner.run() },
                NodeService(name: "project schedule") { [projectRegister, logger] in
                    try await ProjectKeeper(register: projectRegister, logger: logger).run()
                },
                NodeService(name: "attester") { [attester] in try await attester.run() },
                NodeService(name: "attestations") { [attesting, log, logger, configuration] in
                    guard configuration.attests else { return }
                    await AttestationKeeper(attesting: attesting, log: log, logger: logger).run()
                },
                NodeService(name: "directory") { [directory] in try await directory.run() },
                NodeService(name: "notices") { [sender] in await sender.run() },
                NodeService(name: "documents") { [assessment, products, logger] in
                    try await DocumentKeeper(assessment: assessment, products: products, logger: logger).run()
                },
                NodeService(name: "upkeep") { [registry, logger] in
                    try await Upkeep(registry: registry, logger: logger, interval: .seconds(300)).run()
                },
                listening,
            ] as [any Service]
        var group = ServiceGroupConfiguration(
            services: services,
            gracefulShutdownSignals: handlesSignals ? [.sigterm, .sigint] : [],
            logger: quiet
        )
        group.maximumGracefulShutdownDuration = configuration.shutdownGrace
        group.maximumCancellationDuration = .seconds(10)
        let serviceGroup = ServiceGroup(configuration: group)
        stopper.connect { await serviceGroup.triggerGracefulShutdown() }
        do {
            try await serviceGroup.run()
        } catch let error where !(error is CancellationError) {
            // An address in use, and also one that no name server knows.
            switch listeners.closed {
            case .registry:
                throw NodeError.cannotListen(host: configuration.host, port: configuration.port, reason: "\(error)")
            case .portal:
                let (host, port) = configuration.portalListen ?? (configuration.host, configuration.port)
                throw NodeError.cannotListen(host: host, port: port, reason: "\(error)")
            case nil: throw error
            }
        }
        // What was pulled in the last second is written too.
        do { try await pulls.flush() } catch { logger.error("pulls of the last second are lost: \(error)") }
        logger.notice("node stopped")
    }

    /// One listener.
    ///
    /// - Parameter running: told the port that it listens at.
    private func application(
        _ responder: NodeResponder,
        _ server: HTTPServerBuilder,
        _ address: (host: String, port: Int),
        connections: Int,
        running: @escaping @Sendable (Int) async -> Void
    ) -> some Service {
        Application(
            responder: responder,
            server: server,
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port),
                backlog: 1024,
                availableConnectionsDelegate: MaximumAvailableConnections(connections)
            ),
            onServerRunning: { channel in await running(channel.localAddress?.port ?? address.port) },
            logger: quiet
        )
    }

    private var http1: HTTP1Channel.Configuration {
        let idle = max(1, configuration.idleTimeout.components.seconds)
        return HTTP1Channel.Configuration(
            additionalChannelHandlers: [ConnectionHandler(limits: .init(drainTime: .seconds(min(10, idle))))],
            idleTimeout: .seconds(idle),
            // Enough for a token and a few cookies: what is larger has no place here.
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: 16 << 10,
                maxHeaderListSize: 32 << 10,
                maxHeaderFieldCount: 100
            )
        )
    }

    private var http2: HTTP2ChannelConfiguration {
        HTTP2ChannelConfiguration(
            idleTimeout: .seconds(max(1, configuration.idleTimeout.components.seconds)),
            gracefulCloseTimeout: .seconds(10),
            streamConfiguration: http1
        )
    }

    private func ready(
        _ port: Int,
        _ portalPort: Int?,
        _ stopper: Stopper,
        _ announce: @Sendable (String) -> Void,
        _ onReady: @Sendable (RunningNode) async -> Void
    ) async {
        if let adminSecret {
            announce("kontor: account \(adminSecret.account), secret \(adminSecret.secret)")
            announce("kontor: shown this once; also in \(adminSecret.file) until you remove it")
        } else if (try? accounts.adminSecretFileExists(dataDirectory: configuration.dataDirectory)) == true {
            announce(
                "kontor: \(configuration.file(Accounts.adminSecretFile)) still holds the first secret; store it elsewhere and remove the file"
            )
        }
        if configuration.publicURL == nil || configuration.nodeName == nil {
            announce(
                "kontor: --node-name or --public-url is not set; the listen address stands in for it, which is not for production"
            )
        }
        let scheme = certificates == nil ? "http" : "https"
        announce("kontor: listening at \(scheme)://\(configuration.host):\(port)/")
        if let portalPort, let host = configuration.portalListen?.host {
            announce("kontor: the portal alone is at \(scheme)://\(host):\(portalPort)/")
        }
        await onReady(
            RunningNode(
                configuration: configuration,
                port: port,
                portalPort: portalPort,
                adminSecret: adminSecret,
                database: database,
                registry: registry,
                accounts: accounts,
                feeds: feeds,
                assessment: assessment,
                queue: queue,
                releases: releases,
                directory: directory,
                projects: projectRegister,
                attesting: attesting,
                currentLog: { [log] in log.value },
                reloadCertificates: { [certificates] in certificates?.reload() },
                stop: { await stopper.stop() }
            )
        )
    }

    /// The framework's own lines ("server started") are said by the node in its own words.
    private var quiet: Logger {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        return quiet
    }
}

/// Which listeners are open; the node is ready when all are.
private final class Listeners: Sendable {
    enum Door: Hashable { case registry, portal }

    private let wanted: [Door]
    // Owner: this mutex.
    private let ports = Mutex<[Door: Int]>([:])

    init(_ wanted: [Door]) { self.wanted = wanted }

    /// - Returns: the ports of all when this was the last to open.
    func opened(_ door: Door, at port: Int) -> [Door: Int]? {
        ports.withLock { ports in
            ports[door] = port
            return ports.count == wanted.count ? ports : nil
        }
    }

    /// The first that is not open.
    var closed: Door? { ports.withLock { ports in wanted.first { ports[$0] == nil } } }
}

/// Lets the callback at the start stop what is made after it.
private final class Stopper: Sendable {
    // Owner: this mutex; set once before the group runs.
    private let action = Mutex<(@Sendable () async -> Void)?>(nil)

    func connect(_ action: @escaping @Sendable () async -> Void) { self.action.withLock { $0 = action } }

    func stop() async { await action.withLock { $0 }?() }
}
