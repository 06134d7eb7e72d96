// SPDX-License-Identifier: EUPL-1.2

/// Which mail server takes messages, who is trusted, and the bounds of a connection.
public struct SMTPSettings: Sendable, Hashable {
    /// How the connection is kept secret.
    public enum Security: Sendable, Hashable {
        /// The plain connection is made a secret one before anything is said; a server that does not offer that gets
        /// nothing.
        case startTLS
        /// Secret from its first byte (RFC 8314).
        case implicitTLS
        /// Everybody on the way can read and change what is sent.
        case plain
    }

    /// Name and password at the server; shown nowhere.
    public struct Credentials: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
        let name: String
        let password: String

        /// Takes both; checked by ``SMTPSender/init(_:)``.
        public init(name: String, password: String) { (self.name, self.password) = (name, password) }

        /// The word "credentials".
        public var description: String { "credentials" }
        /// Nothing: a dump of settings must not hold a password.
        public var customMirror: Mirror { Mirror(self, children: []) }
    }

    /// Name or address; it must stand in the server's certificate.
    public var host: String
    /// Port; 587 with STARTTLS, 465 with TLS from the first byte, 25 without.
    public var port: Int
    /// How the connection is kept secret.
    public var security: Security
    /// How this node names itself in EHLO: its name, or `[192.0.2.7]`.
    public var clientName: String
    /// Certificates in PEM form that are trusted instead of the system's; nil for the system's.
    public var authoritiesFile: String?
    /// Name and password; nil for none.
    ///
    /// Never sent over a plain connection.
    public var credentials: Credentials?
    /// Longest time for the connection; again for the greeting, which waits for the TLS handshake.
    public var connectTimeout: Duration = .seconds(30)
    /// Longest time for the answer to a command.
    public var commandTimeout: Duration = .seconds(60)
    /// Longest time that 64 KiB of a message may take.
    public var writeTimeout: Duration = .seconds(60)
    /// Longest time for the answer to a whole message; who gives up early is the one that sends it twice (RFC 5321,
    /// 4.5.3.2.6).
    public var messageTimeout: Duration = .seconds(600)

    /// A server; everything else has its usual value.
    public init(
        host: String,
        port: Int? = nil,
        security: Security = .startTLS,
        clientName: String,
        authoritiesFile: String? = nil,
        credentials: Credentials? = nil
    ) {
        self.host = host
        self.port =
            port
            ?? {
                switch security {
                case .startTLS: 587
                case .implicitTLS: 465
                case .plain: 25
                }
            }()
        self.security = security
        self.clientName = clientName
        self.authoritiesFile = authoritiesFile
        self.credentials = credentials
    }

    /// Refuses what would fail with every message, or stand in a command as another one.
    ///
    /// - Throws: ``MailError/setting(_:)``.
    func check() throws(MailError) {
        guard (1...255).contains(host.utf8.count), host.utf8.allSatisfy({ (0x21..<0x7F).contains($0) }) else {
            throw .setting("\(MailText.shown(host, 100)): the host is not 1 to 255 characters of ASCII without spaces")
        }
        guard (1...65_535).contains(port) else { throw .setting("port \(port) is not 1 to 65535") }
        // It stands in a command: a line end in it would be another command.
        guard (1...255).contains(clientName.utf8.count),
            clientName.utf8.allSatisfy({ MailAddress.isAlphanumeric($0) || ".-_[]:".utf8.contains($0) })
        else {
            throw .setting(
                "\(MailText.shown(clientName, 100)): this node's name for EHLO is a domain name, or an address in brackets"
            )
        }
        guard let credentials else { return }
        guard security != .plain else {
            throw .setting("name and password would be sent in the clear; use STARTTLS or TLS, or leave them out")
        }
        for (part, text) in [("name", credentials.name), ("password", credentials.password)] {
            // RFC 4616, 2: NUL ends a part.
            guard (1...512).contains(text.utf8.count), !text.utf8.contains(0) else {
                throw .setting("the \(part) for the mail server is not 1 to 512 bytes without NUL")
            }
        }
    }
}
