// SPDX-License-Identifier: EUPL-1.2

/// Where messages go, who is trusted, and the bounds of a connection.
public struct SyslogSettings: Sendable, Hashable {
    /// What proves that the receiver read everything.
    public enum Confirmation: Sendable, Hashable {
        /// Its own close_notify in answer to ours, which RFC 5425 (4.4) demands of it.
        case closeNotify
        /// Also a plain end of its stream.
        ///
        /// For receivers that break that rule. A receiver that is killed at that moment looks the same.
        case endOfStream
    }

    /// Name or address; it must stand in the receiver's certificate.
    public var host: String
    /// Port; 6514 is the one of syslog over TLS (RFC 5425, 4.1).
    public var port: Int
    /// Certificates in PEM form that are trusted instead of the system's; nil for the system's.
    public var authoritiesFile: String?
    /// Certificate chain in PEM form with which this node shows who it is; nil for none.
    public var clientCertificateFile: String?
    /// Its private key in PEM form.
    public var clientKeyFile: String?
    /// Longest time for the connection, and again for the TLS handshake with the first bytes.
    public var connectTimeout: Duration = .seconds(10)
    /// Longest time that 64 KiB may take.
    public var writeTimeout: Duration = .seconds(30)
    /// Longest time for the answer to the end of a connection.
    public var confirmTimeout: Duration = .seconds(15)
    /// What proves that the receiver read everything.
    public var confirmation = Confirmation.closeNotify
    /// Most bytes of one message.
    public var maximumMessageBytes = 64 << 10
    /// Most bytes of one batch; a call holds them once more while it frames them.
    public var maximumBatchBytes = 4 << 20

    /// A receiver; everything else has its usual value.
    public init(
        host: String,
        port: Int = 6514,
        authoritiesFile: String? = nil,
        clientCertificateFile: String? = nil,
        clientKeyFile: String? = nil
    ) {
        self.host = host
        self.port = port
        self.authoritiesFile = authoritiesFile
        self.clientCertificateFile = clientCertificateFile
        self.clientKeyFile = clientKeyFile
    }

    /// Reads `HOST`, `HOST:PORT`, `[ADDRESS]` or `[ADDRESS]:PORT`.
    ///
    /// - Throws: ``SyslogError/setting(_:)``.
    public init(address: String) throws(SyslogError) {
        let wrong = SyslogError.setting("\(address.prefix(300)): not HOST, HOST:PORT or [ADDRESS]:PORT")
        var host = address[...]
        var port: Substring?
        if address.hasPrefix("[") {
            guard let end = address.firstIndex(of: "]") else { throw wrong }
            host = address[address.index(after: address.startIndex)..<end]
            let rest = address[address.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { throw wrong }
            port = rest.isEmpty ? nil : rest.dropFirst()
        } else if let colon = address.firstIndex(of: ":") {
            host = address[..<colon]
            port = address[address.index(after: colon)...]
        }
        guard !host.isEmpty, host.utf8.count <= 255, host.utf8.allSatisfy({ (0x21..<0x7f).contains($0) }) else {
            throw wrong
        }
        guard let text = port else {
            self.init(host: String(host))
            return
        }
        guard text.utf8.count <= 5, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text),
            (1...65_535).contains(number)
        else { throw wrong }
        self.init(host: String(host), port: number)
    }
}
