// SPDX-License-Identifier: EUPL-1.2

internal import NIOCore
internal import NIOSSL

/// Sends syslog messages over TLS, with their length in front (RFC 5425).
///
/// **What this cannot promise.** Syslog has no acknowledgement. When ``send(_:)`` returns, the bytes are with this
/// system's TCP and the connection was not seen to have ended; a receiver that dies, a firewall that goes silent or a
/// certificate that is refused late (TLS 1.3) may still take all of it along.
///
/// ``confirm()`` narrows that: it ends the connection and waits until the receiver has ended it too. A receiver must
/// answer close_notify with its own (RFC 5425, 4.4), and it finds ours only after it has read every byte before it.
/// What remains: that receiver may be a proxy; it may lose what it read; or it may have ended the connection by itself
/// within the very same round trip. So a caller keeps what is not confirmed and sends it again after any error: each
/// message arrives at least once, and a number inside it tells a second one from the first.
///
/// Memory is one batch and one piece of 64 KiB; a caller waits until each piece is taken. One caller at a time.
///
/// ## Topics
/// - ``send(_:)``
/// - ``confirm()``
/// - ``close()``
public actor SyslogSender {
    private let settings: SyslogSettings
    private let context: NIOSSLContext
    private var connection: SyslogConnection?
    /// Whether something was sent on the connection since the last confirmation.
    private var isUnconfirmed = false
    private var isWorking = false

    /// Reads the certificates; connects with the first message.
    ///
    /// - Throws: ``SyslogError/setting(_:)``.
    public init(_ settings: SyslogSettings) throws(SyslogError) {
        self.settings = settings
        context = try Self.context(settings)
    }

    /// Sends a batch in order, connecting when there is no connection.
    ///
    /// - Parameter messages: whole messages (RFC 5424), without their length.
    /// - Throws: ``SyslogError`` or `CancellationError`. After any but ``SyslogError/tooLarge(bytes:limit:)``,
    ///   ``SyslogError/busy`` and ``SyslogError/setting(_:)`` the connection is gone: send again everything since the
    ///   last confirmation. ``SyslogError/connectionLost(_:)`` also comes when an older batch may be lost; nothing of
    ///   this one was sent then.
    ///
    /// Source: RFC 5425, 4.3.
    public func send(_ messages: [[UInt8]]) async throws {
        guard !isWorking else { throw SyslogError.busy }
        isWorking = true
        defer { isWorking = false }
        try check(messages)
        guard !messages.isEmpty else { return }
        try forgetLost()
        var limit = settings.writeTimeout
        if connection == nil {
            connection = try await SyslogConnection.open(settings, context)
            limit = settings.connectTimeout
        }
        guard let connection else { throw SyslogError.connectionLost("closed") }
        let isNew = !isUnconfirmed
        do {
            try Task.checkCancellation()
            var isFirst = true
            for piece in SyslogFrames(messages) {
                // The first piece waits for the handshake.
                try await connection.write(piece, within: isFirst ? limit : settings.writeTimeout)
                isFirst = false
                isUnconfirmed = true
            }
            try await connection.checkAlive()
        } catch {
            let isRefused = isNew && !isUnconfirmed
            drop()
            if error is CancellationError { throw error }
            if case .stalled? = error as? SyslogError, !isRefused { throw error }
            let words = SyslogConnection.words(error)
            throw isRefused ? SyslogError.unreachable(words) : SyslogError.connectionLost(words)
        }
    }

    /// Ends the connection and returns when the receiver has read everything that was sent; the next batch connects anew.
    ///
    /// Returns at once when nothing was sent since the last confirmation.
    ///
    /// - Throws: ``SyslogError/connectionLost(_:)``, ``SyslogError/notConfirmed(_:)`` or `CancellationError`: send again
    ///   everything since the last confirmation.
    ///
    /// Source: RFC 5425, 4.4.
    public func confirm() async throws {
        guard !isWorking else { throw SyslogError.busy }
        isWorking = true
        defer { isWorking = false }
        try forgetLost()
        guard let connection, isUnconfirmed else { return }
        defer { drop() }
        do { try await connection.end(settings) } catch {
            if error is CancellationError { throw error }
            throw SyslogError.notConfirmed(SyslogConnection.words(error))
        }
    }

    /// Cuts the connection; what was not confirmed stays so.
    ///
    /// The next ``send(_:)`` connects anew.
    public func close() { drop() }

    /// A connection that ended by itself: replaced in silence when nothing is at stake, an error otherwise.
    private func forgetLost() throws(SyslogError) {
        guard let connection, !connection.isOpen else { return }
        let (wasUnconfirmed, reason) = (isUnconfirmed, connection.reason)
        drop()
        if wasUnconfirmed { throw .connectionLost(reason) }
    }

    private func drop() {
        connection?.abort()
        connection = nil
        isUnconfirmed = false
    }

    private func check(_ messages: [[UInt8]]) throws(SyslogError) {
        var sum = 0
        for message in messages {
            // A frame of length 0 has no meaning, and receivers end the connection for it.
            guard !message.isEmpty else { throw .setting("a message without a byte cannot be sent") }
            guard message.count <= settings.maximumMessageBytes else {
                throw .tooLarge(bytes: message.count, limit: settings.maximumMessageBytes)
            }
            sum += message.count
        }
        if sum > settings.maximumBatchBytes { throw .tooLarge(bytes: sum, limit: settings.maximumBatchBytes) }
    }

    private static func context(_ settings: SyslogSettings) throws(SyslogError) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        // The library reports the end of its own limit as a success, so ours must come first.
        configuration.shutdownTimeout = TimeAmount(settings.confirmTimeout + .seconds(60))
        if let path = settings.authoritiesFile {
            // In place of the system's roots: whoever names an authority of their own means that one.
            configuration.trustRoots = .certificates(try certificates(path))
        }
        switch (settings.clientCertificateFile, settings.clientKeyFile) {
        case (nil, nil): break
        case (let chain?, let key?):
            configuration.certificateChain = try certificates(chain).map { .certificate($0) }
            do { configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)) } catch {
                throw .setting("\(key): cannot be read as a private key in PEM form without a passphrase")
            }
        default: throw .setting("a client certificate needs both its certificate file and its key file")
        }
        do { return try NIOSSLContext(configuration: configuration) } catch {
            throw .setting("TLS cannot be set up: \(SyslogConnection.words(error))")
        }
    }

    private static func certificates(_ path: String) throws(SyslogError) -> [NIOSSLCertificate] {
        let found: [NIOSSLCertificate]
        do { found = try NIOSSLCertificate.fromPEMFile(path) } catch {
            throw .setting("\(path): cannot be read as certificates in PEM form")
        }
        guard !found.isEmpty else { throw .setting("\(path): there is no certificate in it") }
        return found
    }
}
