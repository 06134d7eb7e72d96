// SPDX-License-Identifier: EUPL-1.2

/// A certificate authority of one test, with a certificate for a server on this machine and one for a client.
public struct TestCertificates: Sendable {
    /// Certificate of the authority, PEM.
    public let authority: String
    /// Certificate for `localhost` and `127.0.0.1`, PEM.
    public let server: String
    /// Its key, PEM.
    public let serverKey: String
    /// Certificate for `node.example`, PEM.
    public let client: String
    /// Its key, PEM.
    public let clientKey: String

    /// Files that are there already; the client has those of the server.
    public init(authority: String, server: String, serverKey: String) {
        self.authority = authority
        (self.server, self.serverKey, client, clientKey) = (server, serverKey, server, serverKey)
    }

    /// Makes all of them as files in a directory; valid for two days.
    public init(in directory: TemporaryDirectory) async throws {
        authority = directory.file("authority.pem")
        (server, serverKey) = (directory.file("server.pem"), directory.file("server.key"))
        (client, clientKey) = (directory.file("client.pem"), directory.file("client.key"))
        let authorityKey = directory.file("authority.key")
        let new = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        ]
        let openssl = try tool("openssl")
        try await openssl.check(new + ["-subj", "/CN=kontor test", "-keyout", authorityKey, "-out", authority])
        let signed = new + ["-CA", authority, "-CAkey", authorityKey]
        try await openssl.check(
            signed + [
                "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", serverKey,
                "-out", server,
            ]
        )
        try await openssl.check(
            signed + [
                "-subj", "/CN=node.example", "-addext", "subjectAltName=DNS:node.example", "-keyout", clientKey, "-out",
                client,
            ]
        )
    }
}
