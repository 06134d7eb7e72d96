// SPDX-License-Identifier: EUPL-1.2

internal import NIOCore
internal import NIOSSL

/// Hands messages to a mail server, one after the other on one connection.
///
/// What became of a message is a value: settings, the server and the way to it fail in ways that the next attempt may
/// not see. Nothing is tried twice here but a connection that the server had ended while it was idle; when to try
/// again is the caller's word. One caller at a time. A message is in memory twice while it is sent.
///
/// ## Topics
/// - ``send(_:)``
/// - ``close()``
///
/// Source: RFC 5321; RFC 3207 (STARTTLS); RFC 4954 (AUTH); RFC 1870 (SIZE). Messages are ASCII in short lines, so
/// neither 8BITMIME nor SMTPUTF8 is needed.
public actor SMTPSender {
    private let settings: SMTPSettings
    private let context: NIOSSLContext
    private var session: SMTPSession?
    private var isWorking = false

    /// Reads the certificates; connects with the first message.
    ///
    /// - Throws: ``MailError/setting(_:)``.
    public init(_ settings: SMTPSettings) throws(MailError) {
        try settings.check()
        self.settings = settings
        context = try Self.context(settings)
    }

    /// Sends a message, connecting when there is no connection.
    ///
    /// - Throws: ``MailError/busy``, or `CancellationError` where the message was not handed over.
    public func send(_ message: MailMessage) async throws -> MailOutcome {
        guard !isWorking else { throw MailError.busy }
        isWorking = true
        defer { isWorking = false }
        do {
            let session = try await ready()
            let outcome = try await session.send(message)
            if !session.connection.isOpen { drop() }
            return outcome
        } catch let problem as SMTPProblem {
            drop()
            return .deferred(problem)
        } catch {
            drop()
            throw error
        }
    }

    /// Says QUIT and ends the connection; the next message connects anew.
    public func close() async {
        // Somebody waits for an answer: that is not the moment for another command.
        if !isWorking, let session {
            self.session = nil
            isWorking = true
            await session.quit()
            isWorking = false
        } else {
            drop()
        }
    }

    private func drop() {
        session?.connection.abort()
        session = nil
    }

    /// The connection of the last message if it still answers, else a new one.
    private func ready() async throws -> SMTPSession {
        if let session, session.connection.isOpen {
            do {
                if try await session.reset() { return session }
            } catch is SMTPProblem {
                // Ended by the server while it was idle; nothing of this message was sent on it.
            }
        }
        drop()
        let fresh = try await SMTPSession.open(settings, context)
        session = fresh
        return fresh
    }

    private static func context(_ settings: SMTPSettings) throws(MailError) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if let path = settings.authoritiesFile {
            // In place of the system's roots: whoever names an authority of their own means that one.
            let found: [NIOSSLCertificate]
            do { found = try NIOSSLCertificate.fromPEMFile(path) } catch {
                throw .setting("\(path): cannot be read as certificates in PEM form")
            }
            guard !found.isEmpty else { throw .setting("\(path): there is no certificate in it") }
            configuration.trustRoots = .certificates(found)
        }
        do { return try NIOSSLContext(configuration: configuration) } catch {
            throw .setting("TLS cannot be set up: \(SMTPConnection.words(error))")
        }
    }
}
