// SPDX-License-Identifier: EUPL-1.2

import FoundationEssentials
internal import NIOSSL

/// A connection on which the server knows who speaks, and what it offers.
struct SMTPSession: Sendable {
    let connection: SMTPConnection
    private let settings: SMTPSettings
    private let offers: SMTPOffers

    /// Connects, makes the connection secret, and shows name and password, as the settings say.
    ///
    /// - Throws: ``SMTPProblem`` or `CancellationError`.
    static func open(_ settings: SMTPSettings, _ context: NIOSSLContext) async throws -> SMTPSession {
        let (connection, greeting) = try await SMTPConnection.open(settings, context)
        do {
            guard greeting.code == 220 else { throw SMTPProblem.reply(greeting, to: .greeting) }
            var offers = try await hello(connection, settings)
            if settings.security == .startTLS {
                guard offers.startTLS else { throw SMTPProblem.startTLSNotOffered }
                let answer = try await connection.ask("STARTTLS", .startTLS, within: settings.commandTimeout) {
                    try SMTPConnection.tls(settings, context)
                }
                guard answer.code == 220 else { throw SMTPProblem.reply(answer, to: .startTLS) }
                // What was offered in the clear may have been anybody's word (RFC 3207, 4.2).
                offers = try await hello(connection, settings)
            }
            if let credentials = settings.credentials {
                try await authenticate(connection, settings, credentials, offers)
            }
            return SMTPSession(connection: connection, settings: settings, offers: offers)
        } catch {
            connection.abort()
            throw error
        }
    }

    private static func hello(_ connection: SMTPConnection, _ settings: SMTPSettings) async throws -> SMTPOffers {
        let reply = try await connection.ask("EHLO " + settings.clientName, .hello, within: settings.commandTimeout)
        guard reply.code == 250 else { throw SMTPProblem.reply(reply, to: .hello) }
        return SMTPOffers(reply)
    }

    private static func authenticate(
        _ connection: SMTPConnection,
        _ settings: SMTPSettings,
        _ credentials: SMTPSettings.Credentials,
        _ offers: SMTPOffers
    ) async throws {
        func encoded(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
        var lines: [String]
        if offers.authentication.contains("PLAIN") {
            let proof = encoded("\0\(credentials.name)\0\(credentials.password)")
            // A command line has at most 512 bytes (RFC 4954, 4); a longer proof waits for the server's word.
            lines = proof.utf8.count <= 490 ? ["AUTH PLAIN " + proof] : ["AUTH PLAIN", proof]
        } else if offers.authentication.contains("LOGIN") {
            lines = ["AUTH LOGIN", encoded(credentials.name), encoded(credentials.password)]
        } else {
            throw SMTPProblem.authenticationNotOffered(
                offers.authentication.sorted().prefix(8).map { String($0.prefix(40)) }
            )
        }
        while !lines.isEmpty {
            let line = lines.removeFirst()
            let reply = try await connection.ask(line, .authentication, within: settings.commandTimeout)
            guard reply.code == (lines.isEmpty ? 235 : 334) else {
                throw SMTPProblem.reply(reply, to: .authentication)
            }
        }
    }

    /// Forgets what was begun; false when the server does not like that.
    func reset() async throws -> Bool {
        try await connection.ask("RSET", .reset, within: settings.commandTimeout).code == 250
    }

    /// Leaves in order, as far as the server lets us.
    func quit() async {
        _ = try? await connection.ask("QUIT", .quit, within: min(settings.commandTimeout, .seconds(5)))
        connection.end()
    }

    /// Hands over a message.
    ///
    /// - Throws: ``SMTPProblem`` where the connection failed before the end of the message; `CancellationError`.
    func send(_ message: MailMessage) async throws -> MailOutcome {
        let bytes = message.bytes()
        if let limit = offers.size, bytes.count > limit {
            return .rejected(.tooLarge(bytes: bytes.count, limit: limit))
        }
        let size = offers.hasSize ? " SIZE=\(bytes.count)" : ""
        let limit = settings.commandTimeout
        for (step, command) in [
            (SMTPStep.sender, "MAIL FROM:<\(message.from)>\(size)"), (.recipient, "RCPT TO:<\(message.to)>"),
        ] {
            let reply = try await connection.ask(command, step, within: limit)
            guard reply.isPositive else { return refused(reply, step) }
        }
        let invitation = try await connection.ask("DATA", .data, within: limit)
        guard invitation.code == 354 else { return refused(invitation, .data) }
        switch try await connection.transmit(bytes, settings) {
        case .answered(let reply) where reply.isPositive: return .delivered(reply)
        case .answered(let reply) where reply.isPermanent || reply.isTemporary: return refused(reply, .content)
        case .answered(let reply):
            connection.abort()
            return .unknown(.invalidReply("the answer \(reply) to a whole message"))
        case .interrupted(let reply):
            connection.abort()
            return refused(reply, .content)
        case .failed(let problem): throw problem
        case .unknown(let problem): return .unknown(problem)
        }
    }

    private func refused(_ reply: SMTPReply, _ step: SMTPStep) -> MailOutcome {
        // 421 is the server's last word; after a code that makes no sense here, none of the next would.
        if reply.code == 421 || !(reply.isTemporary || reply.isPermanent) { connection.abort() }
        guard reply.isPermanent else { return .deferred(.reply(reply, to: step)) }
        switch (step, reply.code) {
        // Who we are is at fault, not the message: TLS or a password is wanted (RFC 4954, 6), or no mail is taken at
        // all.
        case (_, 530), (_, 534), (_, 535), (_, 538), (_, 521), (.sender, 503): return .deferred(.reply(reply, to: step))
        // Too many receivers for now (RFC 5321, 4.5.3.1.10).
        case (.recipient, 552): return .deferred(.reply(reply, to: step))
        default: return .rejected(.reply(reply, to: step))
        }
    }
}

/// What a server offers, from its answer to EHLO.
struct SMTPOffers: Sendable {
    private(set) var startTLS = false
    private(set) var hasSize = false
    /// Most bytes of a message; nil for no bound that is known.
    private(set) var size: Int?
    private(set) var authentication: Set<String> = []

    init(_ reply: SMTPReply) {
        // The first line is a greeting.
        for line in reply.lines.dropFirst() {
            let words = line.uppercased().split(separator: " ").map(String.init)
            switch words.first {
            case "STARTTLS": startTLS = true
            case "SIZE":
                hasSize = true
                // 0 is "no bound" (RFC 1870, 4).
                size = words.dropFirst().first.flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
            case "AUTH": authentication.formUnion(words.dropFirst())
            default: break
            }
        }
    }
}
