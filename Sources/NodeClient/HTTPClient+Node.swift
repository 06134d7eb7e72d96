// SPDX-License-Identifier: EUPL-1.2

import AsyncHTTPClient
import NIOCore
import NIOSSL

extension HTTPClient {
    /// A client of one node: it follows no redirects, which could carry a secret elsewhere.
    ///
    /// - Parameters:
    ///   - authorityFile: PEM file of certificates that are trusted instead of the system's.
    ///   - readTimeout: longest silence of the node.
    /// - Throws: ``NodeClientError/authority(_:)``.
    static func toNode(authorityFile: String?, readTimeout: TimeAmount) throws(NodeClientError) -> HTTPClient {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout = .init(connect: .seconds(10), read: readTimeout)
        if let authorityFile {
            do {
                var tls = TLSConfiguration.makeClientConfiguration()
                let trusted = try NIOSSLCertificate.fromPEMFile(authorityFile)
                guard !trusted.isEmpty else { throw NodeClientError.authority("no certificate is in it") }
                tls.trustRoots = .certificates(trusted)
                configuration.tlsConfiguration = tls
            } catch { throw .authority("\(authorityFile): \(error)") }
        }
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }
}
