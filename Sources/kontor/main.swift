// SPDX-License-Identifier: EUPL-1.2

import Commands
import Demo
import Glibc
import Logging
import Mail
import Node
import Syslog
import Webhooks

// First of all: the child that reads images confines itself before anything else has happened in its process.
Commands.becomeAnalyserIfAsked()

LoggingSystem.bootstrap { label in
    var handler = StreamLogHandler.standardError(label: label)
    handler.logLevel = getenv("KONTOR_LOG_LEVEL").flatMap { Logger.Level(rawValue: String(cString: $0)) } ?? .notice
    return handler
}

@Sendable func demo(_ options: DemoOptions) async throws {
    if options.isToday, let data = options.data {
        try await Demo.goToToday(data: data)
        options.result("today: the advisories of today are imported; a running node sees them within seconds")
        return
    }
    try await Demo.run(
        Demo.Options(data: options.data, port: options.port),
        version: Commands.version,
        progress: options.progress,
        result: options.result
    )
}

@Sendable func serve(_ options: ServeOptions) async throws {
    var configuration = NodeConfiguration(
        dataDirectory: options.data,
        host: options.host,
        port: options.port,
        anonymousPull: options.anonymousPull,
        nodeName: options.nodeName,
        publicURL: options.publicURL,
        ageLimits: options.ageLimits,
        exerciseData: options.exerciseData
    )
    configuration.standsInFor = Set(options.standsInFor)
    configuration.isPublic = options.isPublic
    configuration.requestsPerSecond = options.requestsPerSecond
    configuration.sbomCreator = options.sbomCreator
    configuration.signerSocket = options.signer
    if let certificate = options.tlsCertificate, let key = options.tlsKey {
        configuration.tls = (certificate, key)
    }
    configuration.portalListen = options.portalListen.map { ($0.host, $0.port) }
    if let server = options.smtp, let from = options.smtpFrom {
        let security: SMTPSettings.Security =
            switch options.smtpSecurity {
            case .starttls: .startTLS
            case .tls: .implicitTLS
            case .plain: .plain
            }
        configuration.mail = (
            SMTPSettings(
                host: server.host,
                port: server.port,
                security: security,
                clientName: configuration.mailClientName,
                authoritiesFile: options.smtpAuthorities,
                credentials: options.smtpUsername.map { .init(name: $0, password: options.smtpPassword ?? "") }
            ),
            try MailAddress(parsing: from)
        )
    }
    configuration.webhookRules = try WebhookRules(allowing: options.webhookAllow)
    configuration.projectRules = try WebhookRules(allowing: options.projectAllow)
    if let receiver = options.syslog {
        var syslog = try SyslogSettings(address: receiver)
        syslog.authoritiesFile = options.syslogAuthorities
        syslog.clientCertificateFile = options.syslogClientCertificate
        syslog.clientKeyFile = options.syslogClientKey
        configuration.syslog = syslog
    }
    try await Node.run(configuration, version: Commands.version)
}

await Commands.main(serve: serve, demo: demo)
